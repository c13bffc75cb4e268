//! Whole pages as they were rendered, for as long as everything that they are made of is the same. Server only.
//!
//! Rendering costs more than all the rest of an answer, and most answers are what the same person saw a moment ago. A
//! dashboard's page is made of its address, the chosen theme, who looks, and its data; nothing else that a request says has
//! a part in it. The data is found for every request, so what is remembered cannot be outdated. Two renderings of
//! the same differ in the nonce alone, so a page is kept in the pieces between its nonces.

use super::{
    load,
    page::{PageData, PageQuery},
};
use crate::{
    accounts::Member,
    error::AppError,
    ids::DashboardId,
    server::{
        AppState, fault,
        gzip::{self, Deflated},
        request::Authenticated,
        security,
    },
    ui::theme::{self, Theme},
};
use axum::{
    body::{Body, Bytes},
    extract::{Request, State},
    middleware::Next,
    response::{IntoResponse, Response},
};
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use leptos::nonce::Nonce;
use moka::sync::Cache;
use sha2::{Digest, Sha256};
use std::{
    sync::{
        Arc, OnceLock,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

/// Bytes of HTML that are kept.
const CAPACITY: u64 = 24 * 1024 * 1024;
const IDLE: Duration = Duration::from_secs(10 * 60);
/// A page of more bytes is not kept.
const LARGEST: usize = 2 * 1024 * 1024;

/// Pages by a hash of what they are made of.
#[derive(Debug)]
pub struct RenderedPages(Cache<[u8; 32], Arc<Rendered>>);

impl Default for RenderedPages {
    fn default() -> Self {
        let weigh = |_: &[u8; 32], page: &Arc<Rendered>| u32::try_from(page.len()).unwrap_or(u32::MAX);
        Self(Cache::builder().max_capacity(CAPACITY).weigher(weigh).time_to_idle(IDLE).build())
    }
}

impl RenderedPages {
    /// How many there are.
    pub fn kept(&self) -> u64 {
        self.0.run_pending_tasks();
        self.0.entry_count()
    }
}

/// The data of the page that is about to be rendered, in the request's extensions: found once for the hash and the page.
#[derive(Clone, Debug)]
pub struct Visited(Arc<Visit>);

#[derive(Debug)]
struct Visit {
    query: PageQuery,
    found: Result<PageData, AppError>,
    taken: AtomicBool,
}

impl Visited {
    /// What was found for the request that is being answered, if it asked just this.
    pub fn take(query: &PageQuery) -> Option<Result<PageData, AppError>> {
        let visited =
            leptos::prelude::with_context::<http::request::Parts, _>(|parts| parts.extensions.get::<Self>().cloned())??;
        (visited.0.query == *query).then(|| {
            visited.0.taken.store(true, Ordering::Relaxed);
            visited.0.found.clone()
        })
    }
}

/// What decides about a page, apart from its data.
struct Asked {
    member: Member,
    query: PageQuery,
    theme: Theme,
}

impl Asked {
    /// `None` when the request is for no dashboard's page, or by nobody.
    fn of(request: &Request) -> Option<Self> {
        if request.method() != Method::GET {
            return None;
        }
        let dashboard = match request.uri().path() {
            "/" | "/dashboards" => None,
            path => Some(path.strip_prefix("/dashboards/")?.parse::<DashboardId>().ok()?),
        };
        let Some(Ok(Authenticated(Some(member)))) = request.extensions().get::<Result<Authenticated, AppError>>()
        else {
            return None;
        };
        let pairs = url::form_urlencoded::parse(request.uri().query().unwrap_or_default().as_bytes());
        let query = PageQuery::read(dashboard, pairs);
        Some(Self { member: member.clone(), query, theme: theme::of(request.headers()) })
    }

    fn key(&self, request: &Request, data: &PageData) -> Option<[u8; 32]> {
        // Bodies are told apart by the hashes that the head names.
        let made_of = (request.uri().to_string(), self.theme, self.member.viewer(), &data.head);
        Some(Sha256::digest(serde_json::to_vec(&made_of).ok()?).into())
    }
}

/// Answers with the page as it was rendered before, or has it rendered and keeps it.
pub async fn serve(State(state): State<AppState>, mut request: Request, next: Next) -> Response {
    let Some(asked) = Asked::of(&request) else { return next.run(request).await };
    let found = load::visit(&state, &asked.member, &asked.query).await;
    let key = found.as_ref().ok().and_then(|data| asked.key(&request, data));
    let pages = &state.dashboards.pages.0;
    if let Some(page) = key.and_then(|key| pages.get(&key)) {
        return page.answer(gzip::is_accepted(request.headers()));
    }
    let visit = Arc::new(Visit { query: asked.query, found, taken: AtomicBool::new(false) });
    request.extensions_mut().insert(Visited(visit.clone()));
    let response = next.run(request).await;
    match key.filter(|_| visit.taken.load(Ordering::Relaxed) && Rendered::is_one(&response)) {
        Some(key) => Rendered::keep(response, |page| pages.insert(key, Arc::new(page))).await,
        None => response,
    }
}

/// A page without its nonce.
#[derive(Debug)]
struct Rendered {
    headers: HeaderMap,
    /// The nonce stands between each two.
    pieces: Vec<Bytes>,
    /// The same compressed, once somebody has asked for the page again.
    deflated: OnceLock<Deflated>,
}

impl Rendered {
    fn len(&self) -> usize {
        let pieces: usize = self.pieces.iter().map(|piece| piece.len() + size_of::<Bytes>()).sum();
        // What is yet to be compressed will be about a fifth.
        pieces + pieces / 5
    }

    /// Whether `response` is nothing but a page: no error, no way to elsewhere, nothing for one browser alone.
    fn is_one(response: &Response) -> bool {
        let headers = response.headers();
        let is_html = headers.get(header::CONTENT_TYPE).is_some_and(|value| value.as_bytes().starts_with(b"text/html"));
        response.status() == StatusCode::OK && is_html && !headers.contains_key(header::SET_COOKIE)
    }

    /// Hands the page to `keep`, and the response back.
    async fn keep(response: Response, keep: impl FnOnce(Self)) -> Response {
        let (parts, body) = response.into_parts();
        let body = match axum::body::to_bytes(body, usize::MAX).await {
            Ok(body) => body,
            Err(error) => return fault::internal(error).into_response(),
        };
        if let Some(nonce) = security::nonce_of(&parts.headers).filter(|_| body.len() <= LARGEST) {
            let mut headers = parts.headers.clone();
            headers.remove(header::CONTENT_SECURITY_POLICY);
            keep(Self { headers, pieces: split(&body, &nonce), deflated: OnceLock::new() });
        }
        Response::from_parts(parts, Body::from(body))
    }

    fn answer(&self, gzipped: bool) -> Response {
        let nonce = Nonce::new().to_string();
        let body = if gzipped {
            let deflated = self.deflated.get_or_init(|| Deflated::new(&self.pieces));
            deflated.gzip(&self.pieces, nonce.as_bytes())
        } else {
            self.pieces.join(nonce.as_bytes())
        };
        let mut response = Response::new(Body::from(body));
        let headers = response.headers_mut();
        *headers = self.headers.clone();
        security::allow(&nonce, headers);
        if gzipped {
            headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
            headers.append(header::VARY, HeaderValue::from_static("accept-encoding"));
        }
        response
    }
}

/// The pieces of `body` between the occurrences of `nonce`.
fn split(body: &Bytes, nonce: &str) -> Vec<Bytes> {
    let mut pieces = Vec::new();
    let mut from = 0;
    while let Some(at) = body[from..].windows(nonce.len()).position(|window| window == nonce.as_bytes()) {
        pieces.push(body.slice(from..from + at));
        from += at + nonce.len();
    }
    pieces.push(body.slice(from..));
    pieces
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]
    use super::*;
    use std::io::Read;

    async fn text(response: Response) -> String {
        String::from_utf8(axum::body::to_bytes(response.into_body(), usize::MAX).await.unwrap().to_vec()).unwrap()
    }

    #[tokio::test]
    async fn a_page_is_given_again_under_another_nonce() {
        let html = "<script nonce=\"AbC\">1</script><style nonce=\"AbC\"></style>";
        let mut response = axum::response::Html(html).into_response();
        security::allow("AbC", response.headers_mut());
        let mut kept = None;
        let first = Rendered::keep(response, |page| kept = Some(page)).await;
        assert_eq!(text(first).await, html);
        let kept = kept.unwrap();
        let again = kept.answer(false);
        let nonce = security::nonce_of(again.headers()).unwrap();
        assert_ne!(nonce, "AbC");
        assert_eq!(again.headers()[header::CONTENT_TYPE], "text/html; charset=utf-8");
        assert_eq!(text(again).await, html.replace("AbC", &nonce));

        let gzipped = kept.answer(true);
        let nonce = security::nonce_of(gzipped.headers()).unwrap();
        assert_eq!(gzipped.headers()[header::CONTENT_ENCODING], "gzip");
        let bytes = axum::body::to_bytes(gzipped.into_body(), usize::MAX).await.unwrap();
        let mut plain = String::new();
        flate2::read::GzDecoder::new(&*bytes).read_to_string(&mut plain).unwrap();
        assert_eq!(plain, html.replace("AbC", &nonce));
    }

    #[test]
    fn only_whole_pages_are_kept() {
        let page = || axum::response::Html("").into_response();
        assert!(Rendered::is_one(&page()));
        let mut moved = page();
        *moved.status_mut() = StatusCode::FOUND;
        let mut personal = page();
        personal.headers_mut().insert(header::SET_COOKIE, http::HeaderValue::from_static("a=b"));
        for other in [moved, personal, "text".into_response()] {
            assert!(!Rendered::is_one(&other));
        }
    }
}
