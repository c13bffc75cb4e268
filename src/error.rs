//! The one error that crosses the wire, to a page, a server function's caller or a REST client.

use crate::wire::WireEncoding;
use leptos::prelude::{FromServerFnError, ServerFnErrorErr};
use serde::{Deserialize, Serialize};

/// A refusal or failure, in words for the person who asked. Causes stay on the server.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum AppError {
    #[error("Sign in to continue.")]
    Unauthenticated,
    #[error("{message}")]
    Forbidden { message: String },
    /// Also the answer for a row of another organisation: its existence is nobody's business.
    #[error("{what} was not found.")]
    NotFound { what: String },
    #[error("{message}")]
    Invalid { message: String, fields: Vec<FieldError> },
    #[error("{message}")]
    Conflict { message: String },
    /// The request said which state of the thing it was made on, and that is no longer the present one.
    #[error("{message}")]
    Stale { message: String },
    #[error("Too many attempts. Try again in {}.", seconds(.retry_after))]
    RateLimited { retry_after: u32 },
    /// The database cannot be reached at the moment; the same request may succeed later.
    #[error("The service is not available at the moment. Try again in a few seconds.")]
    Unavailable,
    #[error("Something went wrong on our side. Mention {request_id} if you report it.")]
    Internal { request_id: String },
}

/// What is wrong with one field of the input. `field` is the input's own name for it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct FieldError {
    pub field: String,
    pub message: String,
}

fn seconds(count: &u32) -> String {
    crate::format::count((*count).into(), "second", "seconds")
}

impl AppError {
    pub fn not_found(what: impl Into<String>) -> Self {
        Self::NotFound { what: what.into() }
    }

    pub fn forbidden(message: impl Into<String>) -> Self {
        Self::Forbidden { message: message.into() }
    }

    pub fn conflict(message: impl Into<String>) -> Self {
        Self::Conflict { message: message.into() }
    }

    /// Input refused as a whole, for no single field.
    pub fn invalid(message: impl Into<String>) -> Self {
        Self::Invalid { message: message.into(), fields: Vec::new() }
    }

    /// Input refused because of one field.
    pub fn field(field: impl Into<String>, message: impl Into<String>) -> Self {
        let mut errors = FieldErrors::default();
        errors.add(field, message);
        errors.into_error()
    }

    /// The message for `field`, if this error has one.
    pub fn for_field(&self, field: &str) -> Option<&str> {
        match self {
            Self::Invalid { fields, .. } => fields.iter().find(|f| f.field == field).map(|f| f.message.as_str()),
            _ => None,
        }
    }

    /// The HTTP status that goes with this error.
    pub fn status(&self) -> u16 {
        match self {
            Self::Unauthenticated => 401,
            Self::Forbidden { .. } => 403,
            Self::NotFound { .. } => 404,
            Self::Invalid { .. } => 422,
            Self::Conflict { .. } => 409,
            Self::Stale { .. } => 412,
            Self::RateLimited { .. } => 429,
            Self::Unavailable => 503,
            Self::Internal { .. } => 500,
        }
    }

    /// After how many seconds the same request may succeed, for the `Retry-After` header.
    pub fn retry_after(&self) -> Option<u32> {
        match self {
            Self::RateLimited { retry_after } => Some(*retry_after),
            Self::Unavailable => Some(1),
            _ => None,
        }
    }

    /// A short title of the kind of error, for headings and `problem+json`.
    pub fn title(&self) -> &'static str {
        match self {
            Self::Unauthenticated => "Not signed in",
            Self::Forbidden { .. } => "Not allowed",
            Self::NotFound { .. } => "Not found",
            Self::Invalid { .. } => "Check your input",
            Self::Conflict { .. } => "Conflict",
            Self::Stale { .. } => "Changed meanwhile",
            Self::RateLimited { .. } => "Too many requests",
            Self::Unavailable => "Not available",
            Self::Internal { .. } => "Something went wrong",
        }
    }
}

/// Collects what is wrong with each field, so that a form shows every message at once.
#[derive(Default, Debug)]
pub struct FieldErrors(Vec<FieldError>);

impl FieldErrors {
    pub fn add(&mut self, field: impl Into<String>, message: impl Into<String>) {
        self.0.push(FieldError { field: field.into(), message: message.into() });
    }

    /// Keeps a parsed value, or notes its error under `field` and gives `None`.
    pub fn take<T, E: ToString>(&mut self, field: &str, parsed: Result<T, E>) -> Option<T> {
        parsed.map_err(|e| self.add(field, e.to_string())).ok()
    }

    /// The value, or what was refused of it beside the rest.
    pub fn merge<T>(&mut self, checked: Result<T, AppError>) -> Option<T> {
        match checked {
            Ok(value) => Some(value),
            Err(AppError::Invalid { fields, .. }) => {
                self.0.extend(fields);
                None
            }
            Err(other) => {
                self.add("", other.to_string());
                None
            }
        }
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn into_error(self) -> AppError {
        let message = match self.0.as_slice() {
            [only] => only.message.clone(),
            many => format!("{} fields need your attention.", many.len()),
        };
        AppError::Invalid { message, fields: self.0 }
    }

    pub fn into_result(self) -> Result<(), AppError> {
        if self.is_empty() { Ok(()) } else { Err(self.into_error()) }
    }
}

impl FromServerFnError for AppError {
    type Encoder = WireEncoding;

    fn from_server_fn_error(error: ServerFnErrorErr) -> Self {
        match error {
            ServerFnErrorErr::Args(message)
            | ServerFnErrorErr::MissingArg(message)
            | ServerFnErrorErr::Deserialization(message) => Self::invalid(message),
            // The browser could not reach the server, or the answer was cut short.
            ServerFnErrorErr::Request(_) | ServerFnErrorErr::Response(_) => Self::Unavailable,
            _ => Self::Internal { request_id: "this moment".into() },
        }
    }
}
