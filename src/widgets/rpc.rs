//! Server functions.

use super::choices::Choices;
use crate::error::AppError;
use leptos::{prelude::*, server_fn::codec::Json};

#[cfg(feature = "ssr")]
use super::choices;
#[cfg(feature = "ssr")]
use crate::{
    metrics::{catalogue, sources},
    server,
};

/// What settings may name.
#[server(prefix = "/rpc", endpoint = "widgets/choices", input = Json)]
pub async fn list_choices() -> Result<Choices, AppError> {
    let editor = server::member()?.editor()?;
    let mut tx = server::state()?.db.tenant(&editor).await?;
    choices::find(&mut tx, editor.organization()).await
}

/// The values that a field of a source holds, to choose among; none for numbers and dates.
#[server(prefix = "/rpc", endpoint = "widgets/values", input = Json)]
pub async fn list_values(source: String, field: String) -> Result<Vec<String>, AppError> {
    let editor = server::member()?.editor()?;
    let mut tx = server::state()?.db.tenant(&editor).await?;
    let source = catalogue::source(&source).ok_or_else(|| AppError::not_found("The source"))?;
    let field = source.field(&field).ok_or_else(|| AppError::not_found("The field"))?;
    sources::values(&mut tx, source, field).await
}
