//! Who sends a request. Server only.

use super::{member::Member, session, tokens};
use crate::{
    error::AppError,
    server::{AppState, request::Authenticated},
};
use axum::{
    extract::{ConnectInfo, FromRequestParts, Request, State},
    middleware::Next,
    response::Response,
};
use http::{HeaderMap, header, request::Parts};
use std::net::{IpAddr, SocketAddr};
use tower_sessions::Session;

/// The machine and program at the other end, as far as they can be known.
#[derive(Clone, Debug, Default)]
pub struct Client {
    /// Empty when the connection does not tell.
    pub address: String,
    pub user_agent: String,
}

impl Client {
    fn of(parts_headers: &HeaderMap, peer: Option<IpAddr>, trusted_proxies: u8) -> Self {
        let forwarded = || {
            let mut hops = parts_headers
                .get_all("x-forwarded-for")
                .iter()
                .filter_map(|value| value.to_str().ok())
                .flat_map(|value| value.split(','))
                .map(str::trim)
                .collect::<Vec<_>>();
            // Each of our proxies has appended the address that it saw; what stands before is hearsay.
            let ours = hops.len().checked_sub(trusted_proxies.into())?;
            hops.drain(..ours);
            hops.first()?.parse::<IpAddr>().ok()
        };
        let address = if trusted_proxies == 0 { peer } else { forwarded().or(peer) };
        let user_agent =
            parts_headers.get(header::USER_AGENT).and_then(|value| value.to_str().ok()).unwrap_or_default();
        Self {
            address: address.map(|ip| ip.to_canonical().to_string()).unwrap_or_default(),
            user_agent: user_agent.chars().take(300).collect(),
        }
    }

    /// What attempts are counted by: the address, of IPv6 the /64, which one machine has to itself.
    pub fn network(&self) -> String {
        match self.address.parse::<IpAddr>() {
            Ok(IpAddr::V6(ip)) => {
                let [a, b, c, d, ..] = ip.segments();
                format!("{a:x}:{b:x}:{c:x}:{d:x}::/64")
            }
            _ => self.address.clone(),
        }
    }
}

/// Finds out who asks and puts it into the request's extensions, as `Result<Authenticated, AppError>`: by
/// `Authorization: Bearer` for programs, else by the session cookie. Refuses nobody: that is
/// for the page or handler to do, which also knows how to say it.
pub async fn authenticate(State(state): State<AppState>, mut request: Request, next: Next) -> Response {
    let settings = &state.settings.accounts;
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|ConnectInfo(address)| address.ip());
    let client = Client::of(request.headers(), peer, settings.trusted_proxies);
    let session = request.extensions().get::<Session>().and_then(session::current);
    let outcome = match (bearer(request.headers()), session) {
        (Some(token), _) => tokens::find(&state, token).await.map(Some),
        (None, Some(hash)) => session::find(&state.db, &hash, settings.session_idle_hours).await,
        (None, None) => Ok(None),
    };
    let outcome = outcome.map(|viewer| Authenticated(viewer.map(Member::authenticated)));
    request.extensions_mut().insert(client);
    request.extensions_mut().insert(outcome);
    next.run(request).await
}

/// The token that a program sends.
pub fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

/// A handler that takes a `Member` answers 401 to strangers.
impl FromRequestParts<AppState> for Member {
    type Rejection = AppError;

    async fn from_request_parts(parts: &mut Parts, _: &AppState) -> Result<Self, AppError> {
        match parts.extensions.get::<Result<Authenticated, AppError>>() {
            Some(Ok(Authenticated(Some(member)))) => Ok(member.clone()),
            Some(Err(error)) => Err(error.clone()),
            Some(Ok(Authenticated(None))) | None => Err(AppError::Unauthenticated),
        }
    }
}

impl FromRequestParts<AppState> for Client {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &AppState) -> Result<Self, Self::Rejection> {
        Ok(parts.extensions.get::<Self>().cloned().unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]
    use super::*;

    fn client(forwarded: &[&'static str], trusted: u8) -> String {
        let mut headers = HeaderMap::new();
        for value in forwarded {
            headers.append("x-forwarded-for", http::HeaderValue::from_static(value));
        }
        Client::of(&headers, Some([10, 0, 0, 1].into()), trusted).address
    }

    #[test]
    fn a_forwarded_address_is_believed_only_from_our_own_proxies() {
        assert_eq!(client(&["203.0.113.9"], 0), "10.0.0.1");
        assert_eq!(client(&["198.51.100.7, 203.0.113.9"], 1), "203.0.113.9");
        assert_eq!(client(&["6.6.6.6", "198.51.100.7, 203.0.113.9"], 2), "198.51.100.7");
        assert_eq!(client(&["nonsense"], 1), "10.0.0.1");
        assert_eq!(client(&[], 1), "10.0.0.1");
    }

    #[test]
    fn a_machine_cannot_multiply_itself_by_its_ipv6_addresses() {
        let network = |address: &str| Client { address: address.into(), ..Client::default() }.network();
        assert_eq!(network("2001:db8:1:2::1"), network("2001:db8:1:2:ffff::9"));
        assert_ne!(network("2001:db8:1:2::1"), network("2001:db8:1:3::1"));
    }
}
