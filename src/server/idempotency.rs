//! `Idempotency-Key`: a POST that is sent again, because its answer was lost, has its effect once.
//!
//! A key belongs to a member and is kept for 24 hours after the effect:
//!
//! | the same key again, with | answer |
//! | --- | --- |
//! | the same method, address and body (of a form, the same parts) | the first answer, with `Idempotency-Replayed: true` |
//! | anything else | 422 |
//! | the first request still at work | 409 with `Retry-After` |
//!
//! How effect and key are kept from disagreeing: the key is reserved first. The transaction that has the
//! effect ([`TenantTx::commit`](super::TenantTx::commit) asks [`mark_applied`]) also marks the key, and
//! fails when another request has taken the key over meanwhile. So after a crash at any point either both are
//! there or neither, and a key without effect is free again when its reservation ends. The answer is stored
//! right after the effect; if the server stops in between, the effect is safe but its answer is lost, and
//! sending again gives a 409 that says so once the reservation has ended. A request that changed nothing (it was
//! refused, or it only reads) leaves no key behind: put right, it may be sent with the same one.
//!
//! A client that goes away does not stop the request: the answer is stored for its next try. Bodies are
//! hashed while they stream, so that a large upload is never held in memory.

mod fingerprint;
mod store;

use super::{AppState, TenantScope, request};
use crate::{
    accounts::Member,
    error::AppError,
    server::{request::Authenticated, request::request_id},
};
use axum::{
    body::{Body, HttpBody, to_bytes},
    extract::{Request, State},
    middleware::Next,
    response::{IntoResponse, Response},
};
use fingerprint::Fingerprint;
use futures::StreamExt;
use http::{HeaderMap, HeaderValue, Method, header};
use std::sync::Arc;
use store::{Answer, Kept, Reservation};
pub use store::{mark_applied, mark_applied_elsewhere};
use tracing::Instrument;

/// Answers to creations are small. A larger one is sent, but cannot be sent again.
const LARGEST_ANSWER: u64 = 256 * 1024;

tokio::task_local! {
    /// The reservation under which the current request runs.
    static CURRENT: Arc<Reservation>;
}

/// `work` as a part of this request, for a task of its own.
pub fn carried<F: Future>(work: F) -> impl Future<Output = F::Output> {
    let reservation = CURRENT.try_with(Arc::clone).ok();
    let work = request::carried(work);
    async move {
        match reservation {
            Some(reservation) => CURRENT.scope(reservation, work).await,
            None => work.await,
        }
    }
}

/// The reservation under which this task runs, if its request came with a key.
fn current() -> Option<Arc<Reservation>> {
    CURRENT.try_with(Clone::clone).ok()
}

/// Middleware for the REST API, inside authentication.
pub async fn keep(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let Some((key, member)) = key_and_member(&request) else { return next.run(request).await };
    // In a task of its own, so that a client that hangs up does not cut it off: neither between effect and answer, nor
    // between reserving the key and beginning.
    let work = run(state, key, member, request, next);
    let task = tokio::spawn(request::scope(request_id(), work).in_current_span());
    task.await.map_err(super::fault::internal).flatten().unwrap_or_else(IntoResponse::into_response)
}

/// `None` for requests that this is not about: other methods, no key, strangers (who are refused further in), whoever
/// sees no rows of the organisation (not even one with a key), and tokens, whose answers must not be kept.
fn key_and_member(request: &Request) -> Option<(HeaderValue, Member)> {
    if request.method() != Method::POST || request.uri().path().contains("/auth/") {
        return None;
    }
    let key = request.headers().get("idempotency-key")?.clone();
    match request.extensions().get::<Result<Authenticated, AppError>>() {
        Some(Ok(Authenticated(Some(member)))) if member.sees_rows() => Some((key, member.clone())),
        _ => None,
    }
}

async fn run(
    state: AppState,
    key: HeaderValue,
    member: Member,
    request: Request,
    next: Next,
) -> Result<Response, AppError> {
    let key = parse(&key)?;
    let reservation = match store::reserve(&state.db, &member, &key).await? {
        Kept::Reserved(reservation) => Arc::new(reservation),
        Kept::Busy => {
            let mut response =
                AppError::conflict("A request with this key is still being carried out. Try again in a moment.")
                    .into_response();
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
            return Ok(response);
        }
        Kept::Applied { request_hash, answer } => return replay(request, request_hash, answer).await,
    };
    let (hash, request) = fingerprint::take(request);
    let guard = Release(Some((state, member, reservation.clone())));
    let response = CURRENT.scope(reservation, next.run(request)).await;
    Ok(guard.settle(hash, response).await)
}

/// 1 to 255 visible ASCII characters; the quotes of a structured header are not part of it.
fn parse(key: &HeaderValue) -> Result<String, AppError> {
    let key = key.to_str().unwrap_or_default().trim().trim_matches('"');
    if key.is_empty() || key.len() > 255 || !key.bytes().all(|b| b.is_ascii_graphic()) {
        return Err(AppError::field("Idempotency-Key", "A key has 1 to 255 visible ASCII characters, such as a UUID."));
    }
    Ok(key.to_owned())
}

/// Gives the first answer again if `request` is the one that it was given to.
async fn replay(request: Request, request_hash: Option<Vec<u8>>, answer: Option<Answer>) -> Result<Response, AppError> {
    let (hash, request) = fingerprint::take(request);
    let mut body = request.into_body().into_data_stream();
    while let Some(chunk) = body.next().await {
        chunk.map_err(|_| AppError::invalid("The request’s body could not be read to its end."))?;
    }
    if request_hash.is_some_and(|first| hash.finish().is_none_or(|this| this != first)) {
        return Err(AppError::field(
            "Idempotency-Key",
            "This key was used for another request. Each request needs its own.",
        ));
    }
    let Some(answer) = answer else {
        return Err(AppError::conflict(
            "The request with this key was carried out, but its answer is not kept. Look at the result instead of sending it again.",
        ));
    };
    Ok(answer.into_response())
}

/// Sees to the key when the request has ended: in good order by [`Release::settle`], or by a panic.
struct Release(Option<(AppState, Member, Arc<Reservation>)>);

impl Release {
    /// Keeps the answer if something was changed, and frees the key if not.
    async fn settle(mut self, hash: Fingerprint, response: Response) -> Response {
        let Some((state, member, reservation)) = self.0.take() else { return response };
        if !reservation.is_applied() {
            free(&state, &member, &reservation).await;
            return response;
        }
        let small = response.body().size_hint().upper().is_some_and(|size| size <= LARGEST_ANSWER);
        if !small {
            tracing::warn!("the answer is too large to be kept for its Idempotency-Key");
            free(&state, &member, &reservation).await;
            return response;
        }
        let (parts, body) = response.into_parts();
        let body = match to_bytes(body, usize::MAX).await {
            Ok(body) => body,
            Err(error) => {
                free(&state, &member, &reservation).await;
                return super::fault::internal(error).into_response();
            }
        };
        let answer = Answer {
            status: parts.status,
            content_type: text(&parts.headers, header::CONTENT_TYPE),
            location: text(&parts.headers, header::LOCATION),
            etag: text(&parts.headers, header::ETAG),
            body: body.to_vec(),
        };
        // Another failure was logged where it was met; the effect stands, and so does its answer to this client.
        if let Ok(false) = store::answer(&state.db, &member, &reservation, hash.finish(), answer).await {
            // The mark was rolled back with the transaction that made it.
            free(&state, &member, &reservation).await;
        }
        Response::from_parts(parts, Body::from(body))
    }
}

impl Drop for Release {
    fn drop(&mut self) {
        if let Some((state, member, reservation)) = self.0.take() {
            tokio::spawn(async move { free(&state, &member, &reservation).await });
        }
    }
}

/// A key that has an effect stays, without an answer. If this fails, the reservation ends by itself.
async fn free(state: &AppState, member: &Member, reservation: &Reservation) {
    let _ = store::release(&state.db, member, reservation).await;
}

fn text(headers: &HeaderMap, name: header::HeaderName) -> Option<String> {
    headers.get(name)?.to_str().ok().map(str::to_owned)
}

impl IntoResponse for Answer {
    fn into_response(self) -> Response {
        let mut response = (self.status, self.body).into_response();
        let headers = response.headers_mut();
        headers.remove(header::CONTENT_TYPE);
        let kept =
            [(header::CONTENT_TYPE, self.content_type), (header::LOCATION, self.location), (header::ETAG, self.etag)];
        for (name, value) in kept {
            if let Some(value) = value.and_then(|value| HeaderValue::from_str(&value).ok()) {
                headers.insert(name, value);
            }
        }
        headers.insert("idempotency-replayed", HeaderValue::from_static("true"));
        response
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]
    use super::*;

    #[test]
    fn a_key_is_short_visible_ascii() {
        let read = |key: &str| parse(&HeaderValue::from_str(key).unwrap());
        assert_eq!(read("8e03978e-40d5-43dd-bc93-6894a57f9324").unwrap(), "8e03978e-40d5-43dd-bc93-6894a57f9324");
        assert_eq!(read("\"quoted\"").unwrap(), "quoted");
        for wrong in ["", "  ", "two words", &"x".repeat(256)] {
            assert!(read(wrong).is_err(), "{wrong:?}");
        }
        assert!(parse(&HeaderValue::from_bytes(b"\xff\xfe").unwrap()).is_err());
    }
}
