//! The plain pages that stand in when the app cannot make one: outages, time limits, faults.

use super::{middleware::problem, request::REQUEST};
use crate::error::AppError;
use axum::{
    extract::Request,
    middleware::Next,
    response::{Html, IntoResponse, Response},
};
use base64::{Engine, prelude::BASE64_STANDARD};
use http::{HeaderValue, Method, StatusCode, header};
use sha2::{Digest, Sha256};
use std::sync::LazyLock;

const STYLE: &str = "body{margin:0;min-height:100vh;display:grid;place-content:center;padding:1.5rem;\
font:.9rem/1.5 system-ui,sans-serif;color-scheme:light dark;background:light-dark(#f6f5f2,#101217);\
color:light-dark(#1b1d22,#eceef2)}main{max-width:32rem}h1{font-size:1.25rem;letter-spacing:-.01em;margin:0 0 .5rem}\
p{margin:.5rem 0}small{color:light-dark(#686c75,#959aa5)}a{display:inline-block;margin:.4rem 0;padding:.4rem .8rem;\
border:1px solid light-dark(#8d897f,#6a707d);border-radius:6px;color:inherit;font-weight:500;text-decoration:none}";

/// Lets exactly [`STYLE`] through and nothing else.
static POLICY: LazyLock<HeaderValue> = LazyLock::new(|| {
    let hash = BASE64_STANDARD.encode(Sha256::digest(STYLE));
    let policy = format!(
        "default-src 'none'; style-src 'sha256-{hash}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    );
    HeaderValue::from_str(&policy).unwrap_or(HeaderValue::from_static("default-src 'none'"))
});

/// A page whose making met a lost database says so as a whole: half of the truth would look like all of it.
pub async fn replace_after_outage(request: Request, next: Next) -> Response {
    let response = next.run(request).await;
    if had_outage() { AppError::Unavailable.into_response() } else { response }
}

/// Turns failures into pages where a person is reading: a browser asked for a page and got a problem, or nothing.
pub async fn dress(request: Request, next: Next) -> Response {
    let for_page = wants_page(&request);
    let for_program = is_program(&request) || request.uri().path().starts_with("/rpc/");
    let method = request.method().clone();
    let mut response = next.run(request).await;
    if response.status() == StatusCode::METHOD_NOT_ALLOWED {
        return explained(response, for_program, &method);
    }
    if response.status() == StatusCode::INTERNAL_SERVER_ERROR && had_outage() {
        response = AppError::Unavailable.into_response();
    }
    let is_failure = response.status().is_server_error() || response.status() == StatusCode::PAYLOAD_TOO_LARGE;
    let is_page =
        response.headers().get(header::CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(b"text/html"));
    if for_page && is_failure && !is_page { page(response.status()) } else { response }
}

fn had_outage() -> bool {
    REQUEST.try_with(|request| request.had_outage()).unwrap_or(false)
}

/// A router says no more than the status and, under `Allow`, which methods there are.
fn explained(mut bare: Response, for_program: bool, method: &Method) -> Response {
    let status = bare.status();
    let told = if for_program {
        problem(
            status,
            "Method not allowed",
            format!("This address does not take {method}; `Allow` says what it takes."),
        )
    } else {
        page(status)
    };
    let (parts, body) = told.into_parts();
    bare.headers_mut().remove(header::CONTENT_LENGTH);
    bare.headers_mut().extend(parts.headers);
    *bare.body_mut() = body;
    bare
}

fn is_program(request: &Request) -> bool {
    let path = request.uri().path();
    ["/api/", "/build/", "/pkg/", "/healthz", "/readyz", "/metrics"].iter().any(|p| path.starts_with(p))
}

fn wants_page(request: &Request) -> bool {
    let path = request.uri().path();
    let accepts_html = super::middleware::accepts_html(request.headers());
    // A program that asks for a page without saying what it takes gets a page too.
    let says_nothing = !request.headers().contains_key(header::ACCEPT) && request.method() == Method::GET;
    !is_program(request) && (accepts_html || (says_nothing && !path.starts_with("/rpc/")))
}

fn page(status: StatusCode) -> Response {
    let id = super::request_id();
    let (title, text, refresh) = match status {
        StatusCode::SERVICE_UNAVAILABLE => (
            "Back in a moment",
            "Belvedere cannot reach its database right now. Nothing is lost. This page tries again by itself \
             every few seconds.",
            "<meta http-equiv=\"refresh\" content=\"3\">",
        ),
        StatusCode::METHOD_NOT_ALLOWED => {
            ("This cannot be done here", "Nothing was changed. Go back, and try again from the page.", "")
        }
        StatusCode::PAYLOAD_TOO_LARGE => ("Too large", "What you sent is larger than this server takes.", ""),
        _ => (
            "Something went wrong on our side",
            "We have noted it. Go back and try again; if it stays, tell your administrator the number below.",
            "",
        ),
    };
    let html = format!(
        "<!DOCTYPE html><html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">{refresh}\
         <title>{title} · Belvedere</title><style>{STYLE}</style></head>\
         <body><main><h1>{title}</h1><p>{text}</p><p><a href=\"/\">Back to the dashboards</a></p>\
         <p><small>Request {id}</small></p></main></body></html>"
    );
    let mut response = (status, Html(html)).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_SECURITY_POLICY, POLICY.clone());
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if status == StatusCode::SERVICE_UNAVAILABLE {
        headers.insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
    }
    response
}
