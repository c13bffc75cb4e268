//! Entity tags: a client says on which state of a thing its change was made, and one made on an older state is refused.

use super::extract::Json;
use crate::error::AppError;
use axum::{
    extract::FromRequestParts,
    response::{IntoResponse, Response},
};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header, request::Parts};
use serde::Serialize;
use sha2::{Digest, Sha256};

/// A strong tag, made of what the client gets: equal tags mean equal answers, on every instance. In front stands the
/// thing's version, which alone decides about changes: what else the answer says (whose favourite it is) moves by itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ETag(String);

impl ETag {
    pub fn of(version: i64, answer: &impl Serialize) -> Result<Self, AppError> {
        let json = serde_json::to_vec(answer).map_err(super::fault::internal)?;
        let digest = Sha256::digest(&json);
        let hex: String = digest.iter().take(16).map(|byte| format!("{byte:02x}")).collect();
        Ok(Self(format!("\"{version}-{hex}\"")))
    }

    fn header(&self) -> Option<HeaderValue> {
        HeaderValue::from_str(&self.0).ok()
    }
}

/// The condition of a change: `If-Match`. Without the header every state is fine.
#[derive(Clone, Debug, Default)]
pub struct IfMatch(Option<String>);

impl IfMatch {
    pub fn is_given(&self) -> bool {
        self.0.is_some()
    }

    /// # Errors
    /// `Stale` (412) when the client has seen another version than the present one.
    pub fn check(&self, version: i64) -> Result<(), AppError> {
        let Some(tags) = &self.0 else { return Ok(()) };
        if lists(tags).any(|tag| tag == "*" || version_of(tag) == Some(version)) {
            return Ok(());
        }
        Err(AppError::Stale {
            message: "Somebody else changed this after you read it. Read it again, then make your change on that."
                .into(),
        })
    }
}

impl<S: Sync> FromRequestParts<S> for IfMatch {
    type Rejection = AppError;
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, AppError> {
        Ok(Self(text(&parts.headers, header::IF_MATCH)))
    }
}

/// Whether the client has the present state already: `If-None-Match`.
#[derive(Clone, Debug, Default)]
pub struct IfNoneMatch(Option<String>);

impl IfNoneMatch {
    /// The answer with its tag; without a body for a client that has it.
    pub fn answer<T: Serialize>(&self, version: i64, answer: T) -> Result<Response, AppError> {
        let tag = ETag::of(version, &answer)?;
        // Weak tags compare equal here: a proxy that compresses makes them weak.
        let known = self
            .0
            .as_deref()
            .is_some_and(|tags| lists(tags).any(|known| known == "*" || known.trim_start_matches("W/") == tag.0));
        if known {
            return Ok(tagged(&tag, StatusCode::NOT_MODIFIED));
        }
        Ok(tagged(&tag, Json(answer)))
    }
}

impl<S: Sync> FromRequestParts<S> for IfNoneMatch {
    type Rejection = AppError;
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, AppError> {
        Ok(Self(text(&parts.headers, header::IF_NONE_MATCH)))
    }
}

/// An answer about a thing whose state is `tag` now.
pub fn tagged(tag: &ETag, answer: impl IntoResponse) -> Response {
    let mut response = answer.into_response();
    if let Some(value) = tag.header() {
        response.headers_mut().insert(header::ETAG, value);
    }
    response
}

/// Several headers of one name are one list.
fn text(headers: &HeaderMap, name: HeaderName) -> Option<String> {
    let mut values = headers.get_all(name).iter().map(|value| value.to_str().unwrap_or_default()).peekable();
    values.peek().is_some().then(|| values.collect::<Vec<_>>().join(","))
}

fn lists(tags: &str) -> impl Iterator<Item = &str> {
    tags.split(',').map(str::trim)
}

/// The version in a strong tag.
fn version_of(tag: &str) -> Option<i64> {
    tag.strip_prefix('"')?.split_once('-')?.0.parse().ok()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]
    use super::*;

    #[test]
    fn a_change_goes_through_on_the_state_that_was_seen_and_on_no_other() {
        let tag = |version: i64, answer: &str| ETag::of(version, &answer).unwrap().0;
        let given = |text: &str| IfMatch(Some(text.into()));
        assert!(IfMatch(None).check(2).is_ok());
        assert!(given("*").check(2).is_ok());
        assert!(given(&tag(2, "seen")).check(2).is_ok());
        assert!(given(&format!("{}, {}", tag(1, "seen"), tag(2, "seen"))).check(2).is_ok());
        assert_eq!(given(&tag(1, "seen")).check(2).unwrap_err().status(), 412);
        assert_ne!(tag(2, "seen"), tag(2, "a favourite since"), "another answer, and the same version");
        assert!(given(&tag(2, "a favourite since")).check(2).is_ok());
        // A weak tag does not promise enough for a change.
        assert!(given(&format!("W/{}", tag(2, "seen"))).check(2).is_err());
        assert!(given("").check(2).is_err());
    }

    #[test]
    fn who_has_it_gets_no_body() {
        let tag = ETag::of(1, &"x").unwrap();
        let status = |known: Option<String>| IfNoneMatch(known).answer(1, "x").unwrap().status();
        assert_eq!(status(None), 200);
        assert_eq!(status(Some(tag.0.clone())), 304);
        assert_eq!(status(Some(format!("W/{}", tag.0))), 304);
        assert_eq!(status(Some("\"other\"".into())), 200);
    }
}
