//! From causes to [`AppError`]: each cause is logged here, once, and goes no further.

use super::request::request_id;
use crate::error::AppError;
use std::{fmt::Display, panic::Location};

/// Logs `cause` and gives the error that the client may see.
#[track_caller]
pub fn internal(cause: impl Display) -> AppError {
    let request_id = request_id();
    let at = Location::caller();
    tracing::error!(%request_id, at = %at, %cause, "request failed");
    AppError::Internal { request_id }
}

impl From<sqlx::Error> for AppError {
    #[track_caller]
    fn from(error: sqlx::Error) -> Self {
        if is_outage(&error) {
            tracing::warn!(request_id = %request_id(), cause = %error, "database not available");
            super::request::note_outage();
            return Self::Unavailable;
        }
        // query_canceled: the statement's time limit, as nobody cancels by hand.
        if error.as_database_error().and_then(|e| e.code()).is_some_and(|code| code == "57014") {
            tracing::warn!(request_id = %request_id(), at = %Location::caller(), "gave up after database.statement_timeout");
            return Self::Unavailable;
        }
        match error {
            // Migration 0650 words this for people.
            sqlx::Error::Database(refusal) if refusal.constraint() == Some("dashboard_provisioned") => {
                Self::conflict(refusal.message())
            }
            sqlx::Error::RowNotFound => Self::not_found("This"),
            other => internal(other),
        }
    }
}

/// Whether this failure means that the database is away or going away, so that a retry may succeed.
pub fn is_outage(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(_)
        | sqlx::Error::PoolTimedOut
        | sqlx::Error::PoolClosed
        | sqlx::Error::WorkerCrashed
        | sqlx::Error::BeginFailed => true,
        // 57P: shutting down, crashed, starting up; 08: connection lost; 53300: too many connections.
        sqlx::Error::Database(e) => {
            e.code().is_some_and(|code| code.starts_with("57P") || code.starts_with("08") || code == "53300")
        }
        _ => false,
    }
}

/// Adds names for broken constraints to a query's result.
pub trait OnConstraint<T> {
    /// Turns a violation of `constraint` into the error that `make` builds; other errors stay as they are.
    fn on_constraint(self, constraint: &str, make: impl FnOnce() -> AppError) -> Result<T, AppError>;
}

impl<T> OnConstraint<T> for Result<T, sqlx::Error> {
    #[track_caller]
    fn on_constraint(self, constraint: &str, make: impl FnOnce() -> AppError) -> Result<T, AppError> {
        match self {
            Ok(value) => Ok(value),
            Err(sqlx::Error::Database(e)) if e.constraint() == Some(constraint) => Err(make()),
            Err(other) => Err(other.into()),
        }
    }
}

impl axum::response::IntoResponse for AppError {
    /// `application/problem+json` (RFC 9457); field errors stand under `fields`.
    fn into_response(self) -> axum::response::Response {
        let status = http::StatusCode::from_u16(self.status()).unwrap_or(http::StatusCode::INTERNAL_SERVER_ERROR);
        let mut body = serde_json::json!({
            "type": "about:blank",
            "title": self.title(),
            "status": status.as_u16(),
            "detail": self.to_string(),
            "request_id": request_id(),
        });
        if let Self::Invalid { fields, .. } = &self
            && !fields.is_empty()
        {
            body["fields"] = serde_json::json!(fields);
        }
        let mut response = (status, axum::Json(body)).into_response();
        let headers = response.headers_mut();
        headers.insert(http::header::CONTENT_TYPE, http::HeaderValue::from_static("application/problem+json"));
        if let Some(seconds) = self.retry_after() {
            headers.insert(http::header::RETRY_AFTER, seconds.into());
        }
        response
    }
}
