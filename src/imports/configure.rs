//! Between the upload and the start: preview, the person's choices, and whether all is settled. Server only.

use super::{
    convert::Plan,
    model::{Import, ImportOptions, ImportStatus, MAX_STORED_ERRORS, OptionsPatch, Preview},
    preview, store,
};
use crate::{
    accounts::Editor,
    error::{AppError, FieldErrors},
    ids::ImportId,
    records::formula,
    server::{TenantTx, fault},
};
use std::borrow::Cow;

/// The preview with some changes to the stored options, which stay as they are.
pub async fn preview(tx: &mut TenantTx, id: ImportId, patch: OptionsPatch) -> Result<Preview, AppError> {
    let (import, options) = with_options(tx, id).await?;
    let sample = store::sample(tx, &import).await?;
    let base_currency = store::base_currency(tx).await?;
    let mut preview = off_the_async_threads(move || {
        let options = preview::patch(import.target, &sample, options, patch)?;
        preview::make(import.target, &sample, &options, &base_currency).map(|p| (p, import))
    })
    .await?;
    if let Some(day) = store::find_same_file(tx, &preview.1).await? {
        preview
            .0
            .notes
            .insert(0, format!("This same file was imported before, on {}.", crate::format::date(day.date_naive())));
    }
    Ok(preview.0)
}

/// Keeps changes to the options, and gives the preview with them.
pub async fn save(tx: &mut TenantTx, editor: &Editor, id: ImportId, patch: OptionsPatch) -> Result<Preview, AppError> {
    let preview = preview(tx, id, patch).await?;
    store::set_options(tx, editor, id, &preview.options, &preview.header).await?;
    Ok(preview)
}

/// Keeps changes to the options and puts the load into the queue, if nothing is left to settle.
pub async fn start(tx: &mut TenantTx, editor: &Editor, id: ImportId, patch: OptionsPatch) -> Result<Import, AppError> {
    save(tx, editor, id, patch).await?;
    check_ready(tx, id).await?;
    store::start(tx, editor, id).await
}

/// Refuses, with every field that is not settled, an import that cannot be started with its stored options.
pub async fn check_ready(tx: &mut TenantTx, id: ImportId) -> Result<(), AppError> {
    let (import, options) = with_options(tx, id).await?;
    let header = store::find_loading(tx, id).await?.header;
    let base_currency = store::base_currency(tx).await?;
    match Plan::new(import.target, &options, &header, &base_currency) {
        Ok(_) => Ok(()),
        Err(problems) => {
            let mut errors = FieldErrors::default();
            for (field, message) in problems {
                errors.add(format!("columns.{field}"), message);
            }
            Err(errors.into_error())
        }
    }
}

async fn with_options(tx: &mut TenantTx, id: ImportId) -> Result<(Import, ImportOptions), AppError> {
    let import = store::find(tx, id).await?;
    match import.options.clone() {
        Some(options) if import.status != ImportStatus::Uploading => Ok((import, options)),
        _ => Err(AppError::conflict("This file has not arrived whole. Upload it again.")),
    }
}

/// A megabyte of text is parsed here, which takes longer than an async thread may be held.
async fn off_the_async_threads<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, AppError> + Send + 'static,
) -> Result<T, AppError> {
    tokio::task::spawn_blocking(work).await.map_err(fault::internal)?
}

/// The stored row errors as a CSV file that a spreadsheet may open: no cell can start a formula.
pub async fn errors_csv(tx: &mut TenantTx, id: ImportId) -> Result<Vec<u8>, AppError> {
    // So that a foreign import is not found, rather than without errors.
    store::find(tx, id).await?;
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(["line", "column", "value", "reason"]).map_err(fault::internal)?;
    for error in store::errors(tx, id, 0, MAX_STORED_ERRORS).await? {
        writer
            .write_record([&*error.line.to_string(), &harmless(&error.column), &harmless(&error.value), &error.reason])
            .map_err(fault::internal)?;
    }
    writer.into_inner().map_err(fault::internal)
}

fn harmless(cell: &str) -> Cow<'_, str> {
    let is_number =
        cell.strip_prefix('-').is_some_and(|rest| rest.bytes().all(|b| b.is_ascii_digit() || b == b'.' || b == b','));
    if is_number { cell.into() } else { formula::guarded(cell) }
}
