//! Headers that tell browsers what not to do for anybody.

use super::state::AppState;
use axum::{
    extract::{Request, State},
    middleware::Next,
    response::Response,
};
use http::{HeaderMap, HeaderName, HeaderValue, header};
use leptos_axum::ResponseOptions;

/// For answers that are no page: they load nothing.
const NOTHING: &str = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

/// For the API's own documentation: its scripts come from us; it styles by attribute and shows data: images.
const DOCUMENTATION: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; \
    img-src 'self' data:; font-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; \
    frame-ancestors 'none'";

/// In an answer's extensions: other sites may show it in a frame; its own policy says which.
#[derive(Clone, Copy, Debug)]
pub struct Embeddable;

/// The policy of a page without scripts that the sites in `origins` may show in a frame.
pub fn plain_page(origins: &[String]) -> Result<HeaderValue, http::header::InvalidHeaderValue> {
    let ancestors = if origins.is_empty() { "'none'".to_owned() } else { origins.join(" ") };
    HeaderValue::from_str(&format!(
        "default-src 'none'; style-src 'self'; style-src-attr 'unsafe-inline'; img-src 'self' data:; font-src 'self'; \
         form-action 'self'; base-uri 'none'; frame-ancestors {ancestors}"
    ))
}

/// Sets the policy of a page: only scripts that carry this page's nonce run.
///
/// `style-src-attr` lets positions and bar widths through, which cannot be classes.
pub fn allow_nonce(response: &ResponseOptions) {
    if let Some(nonce) = leptos::nonce::use_nonce()
        && let Some(policy) = policy(&nonce)
    {
        response.insert_header(header::CONTENT_SECURITY_POLICY, policy);
    }
}

/// The same, for a page that is not being rendered.
pub fn allow(nonce: &str, headers: &mut HeaderMap) {
    if let Some(policy) = policy(nonce) {
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    }
}

/// The nonce that a page's policy names.
pub fn nonce_of(headers: &HeaderMap) -> Option<String> {
    let policy = headers.get(header::CONTENT_SECURITY_POLICY)?.to_str().ok()?;
    let (nonce, _) = policy.split_once("'nonce-")?.1.split_once('\'')?;
    (!nonce.is_empty()).then(|| nonce.to_owned())
}

fn policy(nonce: &str) -> Option<HeaderValue> {
    // cargo-leptos watch reloads pages over a socket of its own.
    let reload = if cfg!(debug_assertions) && std::env::var_os("LEPTOS_WATCH").is_some() { " ws:" } else { "" };
    let policy = format!(
        "default-src 'none'; script-src 'self' 'nonce-{nonce}' 'wasm-unsafe-eval'; style-src 'self' 'nonce-{nonce}'; \
         style-src-attr 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self'; connect-src 'self'{reload}; \
         manifest-src 'self'; form-action 'self'; base-uri 'none'; object-src 'none'; frame-ancestors 'none'"
    );
    HeaderValue::from_str(&policy).ok()
}

/// Adds the security headers that hold for every answer.
pub async fn headers(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let is_documentation = request.uri().path().starts_with("/api/docs");
    let mut response = next.run(request).await;
    let embeddable = response.extensions().get::<Embeddable>().is_some();
    let headers = response.headers_mut();
    let policy = if is_documentation { DOCUMENTATION } else { NOTHING };
    headers.entry(header::CONTENT_SECURITY_POLICY).or_insert(HeaderValue::from_static(policy));
    set(headers, header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    if !embeddable {
        set(headers, header::X_FRAME_OPTIONS, "DENY");
    }
    set(headers, header::REFERRER_POLICY, "same-origin");
    set(headers, HeaderName::from_static("cross-origin-opener-policy"), "same-origin");
    set(headers, HeaderName::from_static("cross-origin-resource-policy"), "same-origin");
    set(
        headers,
        HeaderName::from_static("permissions-policy"),
        "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()",
    );
    if state.settings.is_https() {
        set(headers, header::STRICT_TRANSPORT_SECURITY, "max-age=31536000; includeSubDomains");
    }
    response
}

fn set(headers: &mut HeaderMap, name: HeaderName, value: &'static str) {
    headers.insert(name, HeaderValue::from_static(value));
}
