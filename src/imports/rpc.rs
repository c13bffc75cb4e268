//! What the pages ask of the server.
#![allow(clippy::too_many_arguments, reason = "a form without JavaScript has one argument for each field")]

use super::model::{
    self, DateOrder, DecimalMark, Encoding, Import, OnCancel, OnError, OnExisting, RowError, Separator,
};
use crate::wire::Wire;
use crate::{error::AppError, ids::ImportId, page::Page};
use leptos::prelude::*;
use std::collections::BTreeMap;

#[cfg(feature = "ssr")]
use {
    super::{configure, model::OptionsPatch, store},
    crate::server::{member, state},
};

/// Imports, newest first.
#[server(prefix = "/rpc", endpoint = "imports/list", input = Wire, output = Wire)]
pub async fn list(cursor: Option<String>) -> Result<Page<Import>, AppError> {
    let mut tx = state()?.db.tenant(&member()?).await?;
    store::list(&mut tx, None, cursor.as_deref()).await
}

/// One import, with its progress.
#[server(prefix = "/rpc", endpoint = "imports/find", input = Wire, output = Wire)]
pub async fn find(id: ImportId) -> Result<Import, AppError> {
    let mut tx = state()?.db.tenant(&member()?).await?;
    store::find(&mut tx, id).await
}

/// The first rows as they will be stored.
#[server(prefix = "/rpc", endpoint = "imports/preview", input = Wire, output = Wire)]
pub async fn preview(id: ImportId) -> Result<model::Preview, AppError> {
    let mut tx = state()?.db.tenant(&member()?).await?;
    configure::preview(&mut tx, id, OptionsPatch::default()).await
}

/// The first row errors, for the page; the file has them all.
#[server(prefix = "/rpc", endpoint = "imports/errors", input = Wire, output = Wire)]
pub async fn errors(id: ImportId) -> Result<Vec<RowError>, AppError> {
    let mut tx = state()?.db.tenant(&member()?).await?;
    store::errors(&mut tx, id, 0, 100).await
}

/// Keeps the choices of the form, and with `intent` "start" begins the load.
#[server(prefix = "/rpc", endpoint = "imports/configure", output = Wire)]
pub async fn configure_import(
    id: ImportId,
    encoding: Encoding,
    separator: Separator,
    decimal_mark: DecimalMark,
    date_order: DateOrder,
    on_error: OnError,
    on_existing: OnExisting,
    #[server(default)] columns: BTreeMap<String, String>,
    #[server(default)] values: BTreeMap<String, String>,
    #[server(default)] intent: String,
) -> Result<(), AppError> {
    let editor = member()?.editor()?;
    let mut tx = state()?.db.tenant(&editor).await?;
    let before = store::find(&mut tx, id).await?.options;
    // Another encoding or separator makes other columns: those of the form are of the former file.
    let is_same_table = before.is_some_and(|o| o.encoding == encoding && o.separator == separator);
    let patch = OptionsPatch {
        encoding: Some(encoding),
        separator: Some(separator),
        decimal_mark: is_same_table.then_some(decimal_mark),
        date_order: is_same_table.then_some(date_order),
        columns: if is_same_table { columns } else { BTreeMap::new() },
        defaults: if is_same_table { values } else { BTreeMap::new() },
        on_error: Some(on_error),
        on_existing: Some(on_existing),
    };
    configure::save(&mut tx, &editor, id, patch).await?;
    // Kept even if the start is refused, so that the page shows the person's choices with what is wrong.
    tx.commit().await?;
    if intent == "start" && is_same_table {
        let mut tx = state()?.db.tenant(&editor).await?;
        configure::start(&mut tx, &editor, id, OptionsPatch::default()).await?;
        tx.commit().await?;
    }
    Ok(())
}

/// Goes back to the choices, after a load that stored nothing.
#[server(prefix = "/rpc", endpoint = "imports/reopen", output = Wire)]
pub async fn reopen_import(id: ImportId) -> Result<(), AppError> {
    let editor = member()?.editor()?;
    let mut tx = state()?.db.tenant(&editor).await?;
    store::reopen(&mut tx, &editor, id).await?;
    tx.commit().await
}

/// Stops a running load.
#[server(prefix = "/rpc", endpoint = "imports/cancel", output = Wire)]
pub async fn cancel_import(id: ImportId, on_cancel: OnCancel) -> Result<(), AppError> {
    let editor = member()?.editor()?;
    let mut tx = state()?.db.tenant(&editor).await?;
    store::cancel(&mut tx, &editor, id, on_cancel).await?;
    tx.commit().await
}

/// Takes the rows of an import back.
#[server(prefix = "/rpc", endpoint = "imports/undo", output = Wire)]
pub async fn undo_import(id: ImportId) -> Result<(), AppError> {
    let editor = member()?.editor()?;
    let mut tx = state()?.db.tenant(&editor).await?;
    store::undo(&mut tx, &editor, id).await?;
    tx.commit().await
}

/// Removes an import that has stored nothing.
#[server(prefix = "/rpc", endpoint = "imports/delete", output = Wire)]
pub async fn delete_import(id: ImportId) -> Result<(), AppError> {
    let editor = member()?.editor()?;
    let mut tx = state()?.db.tenant(&editor).await?;
    store::delete(&mut tx, &editor, id).await?;
    tx.commit().await?;
    leptos_axum::redirect("/imports");
    Ok(())
}
