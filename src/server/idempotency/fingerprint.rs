//! What makes two requests the same one: method, address and body, hashed while the body streams.
//!
//! A form with a file is compared part by part: browsers and HTTP libraries choose another boundary each time that
//! they send it.

use axum::{
    body::{Body, Bytes},
    extract::Request,
};
use futures::{StreamExt, TryStreamExt, stream};
use http::{HeaderMap, header};
use sha2::{Digest, Sha256};
use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    task::Poll,
};

/// A digest of the request that is complete once its body has been read to the end.
#[derive(Clone, Debug)]
pub struct Fingerprint {
    hasher: Arc<Mutex<Hasher>>,
    complete: Arc<AtomicBool>,
}

impl Fingerprint {
    /// `None` while the body has not been read to its end.
    pub fn finish(&self) -> Option<Vec<u8>> {
        let hasher = self.hasher.lock().unwrap_or_else(PoisonError::into_inner).clone();
        self.complete.load(Ordering::Acquire).then(|| hasher.finish())
    }
}

/// The request, with its body hashed as it is read.
pub fn take(request: Request) -> (Fingerprint, Request) {
    let (parts, body) = request.into_parts();
    let mut hasher =
        Hasher { whole: Sha256::new(), delimiter: delimiter(&parts.headers), part: Sha256::new(), held: Vec::new() };
    hasher.whole.update(parts.method.as_str());
    hasher.whole.update([0]);
    hasher.whole.update(parts.uri.path_and_query().map_or("", |address| address.as_str()));
    hasher.whole.update([0]);
    let fingerprint = Fingerprint { hasher: Arc::new(Mutex::new(hasher)), complete: Arc::default() };
    let (reading, ended) = (fingerprint.clone(), fingerprint.clone());
    let end = stream::poll_fn(move |_| {
        ended.complete.store(true, Ordering::Release);
        Poll::Ready(None)
    });
    let body = body
        .into_data_stream()
        .inspect_ok(move |chunk: &Bytes| {
            reading.hasher.lock().unwrap_or_else(PoisonError::into_inner).update(chunk);
        })
        .chain(end);
    (fingerprint, Request::from_parts(parts, Body::from_stream(body)))
}

/// What stands between the parts of a form; empty for any other body.
fn delimiter(headers: &HeaderMap) -> Vec<u8> {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let Some((_, parameters)) = kind.split_once(';').filter(|(kind, _)| kind.trim().starts_with("multipart/")) else {
        return Vec::new();
    };
    let boundary = parameters.split(';').find_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        name.trim().eq_ignore_ascii_case("boundary").then(|| value.trim().trim_matches('"'))
    });
    boundary.filter(|boundary| !boundary.is_empty()).map(|boundary| format!("--{boundary}").into()).unwrap_or_default()
}

#[derive(Clone, Debug)]
struct Hasher {
    whole: Sha256,
    delimiter: Vec<u8>,
    part: Sha256,
    /// The end of what came so far, which may be the beginning of a delimiter.
    held: Vec<u8>,
}

impl Hasher {
    fn update(&mut self, chunk: &[u8]) {
        if self.delimiter.is_empty() {
            self.part.update(chunk);
            return;
        }
        self.held.extend_from_slice(chunk);
        let mut from = 0;
        while let Some(at) = find(&self.held[from..], &self.delimiter) {
            self.part.update(&self.held[from..from + at]);
            self.end_part();
            from += at + self.delimiter.len();
        }
        let keep = (self.held.len() - from).min(self.delimiter.len() - 1);
        let sure = self.held.len() - keep;
        self.part.update(&self.held[from..sure]);
        self.held.drain(..sure);
    }

    /// A digest for each part: no text inside of one can stand for the border between two.
    fn end_part(&mut self) {
        self.whole.update(self.part.finalize_reset());
    }

    fn finish(mut self) -> Vec<u8> {
        let held = std::mem::take(&mut self.held);
        self.part.update(held);
        self.end_part();
        self.whole.finalize().to_vec()
    }
}

/// Where `needle` begins. Its first byte is a dash, which is rare enough in what is looked through.
fn find(text: &[u8], needle: &[u8]) -> Option<usize> {
    let first = *needle.first()?;
    let mut from = 0;
    loop {
        let at = from + text.get(from..)?.iter().position(|byte| *byte == first)?;
        if text[at..].starts_with(needle) {
            return Some(at);
        }
        from = at + 1;
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]
    use super::*;
    use axum::body::to_bytes;
    use http::Method;

    async fn hash(method: Method, uri: &str, kind: &str, body: &str, size: usize) -> Option<Vec<u8>> {
        let chunks: Vec<_> =
            body.as_bytes().chunks(size).map(|chunk| Ok::<_, std::io::Error>(Bytes::copy_from_slice(chunk))).collect();
        let request = http::Request::builder().method(method).uri(uri).header(header::CONTENT_TYPE, kind);
        let (hash, request) = take(request.body(Body::from_stream(stream::iter(chunks))).unwrap());
        assert_eq!(hash.finish(), None, "not read yet");
        assert_eq!(to_bytes(request.into_body(), 10_000).await.unwrap(), body, "what is read is what was sent");
        hash.finish()
    }

    #[tokio::test]
    async fn a_request_hashes_the_same_however_its_body_is_cut() {
        let json = async |uri, body, size| hash(Method::POST, uri, "application/json", body, size).await;
        let whole = json("/api/v1/payments", "{\"amount\":1}", 100).await;
        assert!(whole.is_some());
        assert_eq!(whole, json("/api/v1/payments", "{\"amount\":1}", 4).await);
        assert_ne!(whole, json("/api/v1/payments", "{\"amount\":2}", 100).await);
        assert_ne!(whole, json("/api/v1/budgets", "{\"amount\":1}", 100).await);
    }

    #[tokio::test]
    async fn a_form_is_the_same_whatever_stands_between_its_parts() {
        let form = |boundary: &str, target: &str, file: &str| {
            format!(
                "--{boundary}\r\nContent-Disposition: form-data; name=\"target\"\r\n\r\n{target}\r\n--{boundary}\r\n\
                 Content-Disposition: form-data; name=\"file\"; filename=\"a.csv\"\r\n\r\n{file}\r\n--{boundary}--\r\n"
            )
        };
        let sent = async |boundary: &str, target: &str, file: &str, size| {
            let kind = format!("multipart/form-data; charset=utf-8; boundary=\"{boundary}\"");
            hash(Method::POST, "/api/v1/imports", &kind, &form(boundary, target, file), size).await
        };
        let first = sent("----Boundary7MA4", "payments", "a,b\n--1,-2\n", 1000).await;
        assert!(first.is_some());
        for size in [1, 2, 7, 19] {
            assert_eq!(first, sent("xx", "payments", "a,b\n--1,-2\n", size).await, "{size}");
        }
        assert_ne!(first, sent("xx", "payments", "a,b\n--1,-3\n", 1000).await);
        assert_ne!(first, sent("xx", "budgets", "a,b\n--1,-2\n", 1000).await);
        // A border is where the boundary stands, not where a file says so.
        assert_ne!(sent("xx", "a", "b--yyc", 9).await, sent("yy", "a", "b--yyc", 9).await);
    }
}
