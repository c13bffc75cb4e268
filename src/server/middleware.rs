//! What every request passes on its way in, and every answer on its way out.

use super::{
    request::{REQUEST, RequestContext},
    state::AppState,
};
use crate::{accounts::auth, error::AppError, imports};
use axum::{
    body::Body,
    extract::{MatchedPath, Request, State},
    middleware::Next,
    response::{IntoResponse, Response},
};
use futures::StreamExt;
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use http_body_util::{BodyExt, Limited};
use std::{
    any::Any,
    pin::pin,
    sync::Arc,
    time::{Duration, Instant},
};
use tower_http::timeout::TimeoutBody;
use tracing::Instrument;

const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// How long a body, in either direction, may make no progress at all.
const BODY_IDLE: Duration = Duration::from_secs(30);

/// Where files are uploaded, by POST: the large size limit holds, and no time limit but [`BODY_IDLE`].
const UPLOAD: &str = "/api/v1/imports";

/// Gives the request its id, logs it, counts it, and tells the rest who is asking.
pub async fn observe(mut request: Request, next: Next) -> Response {
    let id = given_id(request.headers()).unwrap_or_else(|| uuid::Uuid::now_v7().simple().to_string());
    let context = Arc::new(RequestContext::new(id.clone()));
    request.extensions_mut().insert(Arc::clone(&context));
    let method = request.method().clone();
    let route = request.extensions().get::<MatchedPath>().map_or("other", MatchedPath::as_str).to_owned();
    // A public link's address is a secret.
    let path = request.uri().path();
    let path =
        if path.starts_with("/shared/") || path.starts_with("/api/v1/dashboards/shared/") { &route } else { path };
    let span = tracing::info_span!("request", id = %id, %method, path);
    let started = Instant::now();
    let mut response = REQUEST.scope(context, next.run(request).instrument(span.clone())).await;
    let took = started.elapsed();
    let status = response.status().as_u16();
    span.in_scope(|| tracing::debug!(status, ms = took.as_secs_f64() * 1000.0, "answered"));
    super::health::count_request(&method, &route, status, took);
    if let Ok(value) = HeaderValue::from_str(&id) {
        response.headers_mut().insert(X_REQUEST_ID, value);
    }
    response
}

/// An id that a proxy in front of us gave, if it can stand in a log.
fn given_id(headers: &HeaderMap) -> Option<String> {
    let id = headers.get(X_REQUEST_ID)?.to_str().ok()?;
    let fits = (8..=64).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
    fits.then(|| id.to_owned())
}

/// Bounds what one request may take: the size of its body, and the time until the answer begins.
pub async fn limits(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let server = &state.settings.server;
    let is_upload = request.method() == Method::POST && request.uri().path() == UPLOAD;
    let max_bytes = if is_upload {
        // The file's own limit is kept by who reads it; around it a form has some text of its own.
        (u64::from(server.max_upload_mib.get()) + 1) << 20
    } else {
        u64::from(server.max_body_kib.get()) << 10
    };
    let announced = request.headers().get(header::CONTENT_LENGTH).and_then(|v| v.to_str().ok()?.parse::<u64>().ok());
    if announced.is_some_and(|bytes| bytes > max_bytes) {
        if is_upload {
            return refuse_upload(request, server.max_upload_mib.get()).await;
        }
        return problem(
            StatusCode::PAYLOAD_TOO_LARGE,
            "Too large",
            format!("The largest request taken here has {} KiB.", max_bytes >> 10),
        );
    }
    let max_bytes = usize::try_from(max_bytes).unwrap_or(usize::MAX);
    let request = request.map(|body| Body::new(TimeoutBody::new(BODY_IDLE, Limited::new(body, max_bytes))));
    let answer = next.run(request);
    let response = if is_upload {
        answer.await
    } else {
        let limit = Duration::from_secs(server.request_timeout.get().into());
        match tokio::time::timeout(limit, answer).await {
            Ok(response) => response,
            Err(_) => {
                tracing::error!(request_id = %super::request_id(), seconds = limit.as_secs(), "no answer in time");
                AppError::Unavailable.into_response()
            }
        }
    };
    let is_stream = response
        .headers()
        .get(header::CONTENT_TYPE)
        .is_some_and(|kind| kind.as_bytes().starts_with(b"text/event-stream"));
    if is_stream { response } else { response.map(|body| Body::new(TimeoutBody::new(BODY_IDLE, body))) }
}

/// Answers to a file that is larger than the limit: a person with the page of the form, a program with a problem.
async fn refuse_upload(request: Request, max_mib: u32) -> Response {
    let message = format!(
        "The file is too large: at most {max_mib} MiB can be imported. Split it, or ask whoever runs this server."
    );
    let is_form = accepts_html(request.headers());
    // A browser looks at the answer when it has sent everything, and calls it a broken connection otherwise. So what is
    // not beyond all measure is read to its end.
    let mut body = pin!(TimeoutBody::new(BODY_IDLE, request.into_body()).into_data_stream());
    let mut most = u64::from(max_mib) << 24;
    while let Some(Ok(piece)) = body.next().await {
        most = most.saturating_sub(piece.len() as u64);
        if most == 0 {
            break;
        }
    }
    if is_form {
        imports::api::back_to_form(AppError::field("file", message), None).into_response()
    } else {
        problem(StatusCode::PAYLOAD_TOO_LARGE, "Too large", message)
    }
}

/// Whether a browser asks for a page, or sends a form and wants one next.
pub(super) fn accepts_html(headers: &HeaderMap) -> bool {
    headers
        .get(header::ACCEPT)
        .and_then(|accept| accept.to_str().ok())
        .is_some_and(|accept| accept.contains("text/html"))
}

/// Leptos answers 500 for every error of a server function; the error itself knows better.
pub async fn server_function_status(request: Request, next: Next) -> Response {
    let response = next.run(request).await;
    let is_error = response.headers().contains_key(leptos::server_fn::error::SERVER_FN_ERROR_HEADER);
    if !is_error || response.status() != StatusCode::INTERNAL_SERVER_ERROR {
        return response;
    }
    let (mut parts, body) = response.into_parts();
    let Ok(bytes) = axum::body::to_bytes(body, 64 << 10).await else {
        return super::fault::internal("the error of a server function could not be read").into_response();
    };
    if let Ok(error) = serde_json::from_slice::<AppError>(&bytes) {
        parts.status = StatusCode::from_u16(error.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        parts.headers.extend(error.retry_after().map(|seconds| (header::RETRY_AFTER, seconds.into())));
    }
    parts.headers.remove(header::CONTENT_LENGTH);
    Response::from_parts(parts, Body::from(bytes))
}

/// A form that was sent without JavaScript leads back to its page with what is wrong in the address: without what an earlier
/// form had said there.
pub async fn forget_former_outcome(mut request: Request, next: Next) -> Response {
    let referer = request.headers().get(header::REFERER).and_then(|value| value.to_str().ok());
    if let Some(page) = referer.and_then(without_outcome)
        && let Ok(value) = HeaderValue::try_from(page)
    {
        request.headers_mut().insert(header::REFERER, value);
    }
    next.run(request).await
}

/// The address without what the last form said in it; `None` if it said nothing.
fn without_outcome(page: &str) -> Option<String> {
    let mut page = url::Url::parse(page).ok()?;
    let pairs: Vec<(String, String)> = page.query_pairs().into_owned().collect();
    let is_outcome = |name: &str| matches!(name, "done" | "__path" | "__err");
    if !pairs.iter().any(|(name, _)| is_outcome(name)) {
        return None;
    }
    page.set_query(None);
    let kept: Vec<_> = pairs.iter().filter(|(name, _)| !is_outcome(name)).collect();
    if !kept.is_empty() {
        page.query_pairs_mut().extend_pairs(kept);
    }
    Some(page.into())
}

/// Answers to a person are theirs alone: no cache between us and them may keep one.
pub async fn no_store(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    response
        .headers_mut()
        .entry(header::CACHE_CONTROL)
        .or_insert(HeaderValue::from_static("private, no-cache, max-age=0"));
    response
}

/// Tells a program that was not let in how to sign in: a 401 has to (RFC 9110), in the words of RFC 6750.
pub async fn challenge(request: Request, next: Next) -> Response {
    let for_program = request.uri().path().starts_with("/api/");
    let sent_token = auth::bearer(request.headers()).is_some();
    let mut response = next.run(request).await;
    if for_program && response.status() == StatusCode::UNAUTHORIZED {
        let how = match sent_token {
            true => HeaderValue::from_static("Bearer realm=\"Belvedere\", error=\"invalid_token\""),
            false => HeaderValue::from_static("Bearer realm=\"Belvedere\""),
        };
        // A public link wants its own password.
        response.headers_mut().entry(header::WWW_AUTHENTICATE).or_insert(how);
    }
    response
}

/// The answer after a panic, which has been logged by the hook that `telemetry` installs.
pub fn panicked(cause: Box<dyn Any + Send + 'static>) -> Response {
    let text =
        cause.downcast_ref::<&str>().map(|s| (*s).to_owned()).or_else(|| cause.downcast_ref::<String>().cloned());
    super::fault::internal(text.unwrap_or_else(|| "panic".into())).into_response()
}

/// `problem+json` for a status that [`AppError`] has no kind for.
pub(super) fn problem(status: StatusCode, title: &str, detail: String) -> Response {
    let body = serde_json::json!({
        "type": "about:blank", "title": title, "status": status.as_u16(), "detail": detail,
        "request_id": super::request_id(),
    });
    (status, [(header::CONTENT_TYPE, "application/problem+json")], body.to_string()).into_response()
}
