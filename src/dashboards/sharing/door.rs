//! Who is let in behind a link: whoever has its token, and knows its password where it has one. Server only.

use super::store::{self, Opened};
use crate::{
    accounts::{
        auth::Client,
        password,
        throttle::{self, Limit},
        tokens,
    },
    error::AppError,
    server::AppState,
    ui::theme,
};
use http::{HeaderMap, HeaderValue, header};
use sha2::{Digest, Sha256};

/// How long a browser may forget to ask for the password again.
const UNLOCKED_HOURS: i64 = 12;

/// Where a token leads.
pub(super) enum Door {
    /// The link has a password, which this browser has not given yet.
    Locked,
    Open(Box<Opened>),
}

/// Every visit begins here, whatever it is for.
pub(super) async fn admit(
    state: &AppState,
    token: &str,
    client: &Client,
    headers: &HeaderMap,
) -> Result<Door, AppError> {
    throttle::take(&state.db, &Limit::public_pages(client)).await?;
    let opened = store::open(&state.db, token).await?;
    if let Some(what) = secret(&opened) {
        let cookies = headers.get(header::COOKIE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let unlocked = match theme::cookie(cookies, &cookie_name(token)) {
            Some(seal) => tokens::is_sealed(state, seal, &what).await?,
            None => false,
        };
        if !unlocked {
            return Ok(Door::Locked);
        }
    }
    Ok(Door::Open(Box::new(opened)))
}

/// Of a cookie for one link. Its files do not lie below its page, so that no path could tell whose it is.
fn cookie_name(token: &str) -> String {
    let short: String = tokens::hash(token).iter().take(8).map(|byte| format!("{byte:02x}")).collect();
    format!("belvedere_link_{short}")
}

/// What a browser that knows the password holds a seal of: another password makes another.
fn secret(opened: &Opened) -> Option<String> {
    let hash = opened.password_hash.as_ref()?;
    Some(format!("{} {:x}", opened.share, Sha256::digest(hash)))
}

/// Whether `given` is the link's password. What proves right is not counted as a guess: hundreds may have been sent the link.
pub(super) async fn knows_password(
    state: &AppState,
    opened: &Opened,
    client: &Client,
    given: String,
) -> Result<bool, AppError> {
    let limits = Limit::link_password(&opened.share.to_string(), client);
    throttle::take(&state.db, &limits).await?;
    let knows = password::verify(given, opened.password_hash.clone()).await?;
    if knows {
        let mut tx = state.db.system("a link’s visitor belongs to no organisation").await?;
        throttle::give_back(&mut tx, &limits).await?;
        tx.commit().await?;
    }
    Ok(knows)
}

/// The cookie that opens the page; `None` for a wrong password.
pub(super) async fn unlock(
    state: &AppState,
    token: &str,
    client: &Client,
    given: String,
) -> Result<Option<HeaderValue>, AppError> {
    throttle::take(&state.db, &Limit::public_pages(client)).await?;
    let opened = store::open(&state.db, token).await?;
    // A link without a password has nothing to unlock; its page is open.
    let what = secret(&opened).ok_or_else(|| AppError::not_found("The link"))?;
    if !knows_password(state, &opened, client, given).await? {
        return Ok(None);
    }
    let seal = tokens::seal(state, &what, UNLOCKED_HOURS).await?;
    let secure = if state.settings.is_https() { "; Secure" } else { "" };
    let name = cookie_name(token);
    let age = UNLOCKED_HOURS * 3600;
    let cookie = format!("{name}={seal}; Path=/shared; Max-Age={age}; HttpOnly; SameSite=Lax{secure}");
    HeaderValue::from_str(&cookie).map(Some).map_err(crate::server::fault::internal)
}
