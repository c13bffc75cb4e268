//! Imports in SQL. Server only.

pub(in crate::imports) mod merge;
pub(in crate::imports) mod undo;

use super::model::{Counts, Import, ImportOptions, ImportStatus, MAX_STORED_ERRORS, OnCancel, RowError, Target};
use crate::{
    accounts::Editor,
    activity::store::{NewActivity, record},
    error::AppError,
    ids::{ImportId, JobId},
    imports::{detect::Sample, parser::Position},
    jobs::{self, JobStatus, NewJob},
    page::{self, Page},
    server::{Database, TenantTx, Topic, fault},
};
use chrono::{DateTime, Utc};
use sqlx::types::Json;

/// The kind under which imports stand in the job queue.
pub const JOB_KIND: &str = "import";

/// An import as its loader needs it.
#[derive(Clone, Debug)]
pub struct Loading {
    pub import: Import,
    pub header: Vec<String>,
    pub position: Position,
    pub checked: bool,
    pub errors_stored: i32,
    pub on_cancel: OnCancel,
}

#[derive(sqlx::FromRow)]
struct ImportRow {
    id: ImportId,
    target: String,
    status: String,
    job_status: Option<String>,
    job_error: Option<String>,
    job_done: Option<i64>,
    file_name: String,
    file_size: i64,
    file_sha256: String,
    has_file: bool,
    header: Vec<String>,
    options: Option<Json<ImportOptions>>,
    job_id: Option<JobId>,
    position_offset: i64,
    position_line: i64,
    bytes_done: i64,
    checked: bool,
    total_rows: Option<i64>,
    rows_read: i64,
    rows_inserted: i64,
    rows_updated: i64,
    rows_skipped: i64,
    rows_bad: i64,
    errors_stored: i32,
    on_cancel: String,
    error: Option<String>,
    kept_rows: i64,
    kept_names: Vec<String>,
    created_by: Option<String>,
    created_at: DateTime<Utc>,
    started_at: Option<DateTime<Utc>>,
    pass_started_at: Option<DateTime<Utc>>,
    finished_at: Option<DateTime<Utc>>,
    as_of: DateTime<Utc>,
}

impl ImportRow {
    fn into_loading(self) -> Result<Loading, AppError> {
        let mut status: ImportStatus = self.status.parse().map_err(fault::internal)?;
        let mut error = self.error;
        // A job that ended without its handler's last word: out of attempts, or cancelled while it waited.
        if status.is_running() {
            match self.job_status.as_deref() {
                Some("failed") => {
                    status = ImportStatus::Failed;
                    error = self.job_error.or(error);
                }
                Some("cancelled") => status = ImportStatus::Cancelled,
                _ => {}
            }
        }
        Ok(Loading {
            import: Import {
                id: self.id,
                target: self.target.parse().map_err(fault::internal)?,
                status,
                file_name: self.file_name,
                file_size: self.file_size,
                file_sha256: self.file_sha256,
                options: self.options.map(|o| o.0),
                job_id: self.job_id,
                counts: Counts {
                    read: self.rows_read,
                    inserted: self.rows_inserted,
                    updated: self.rows_updated,
                    skipped: self.rows_skipped,
                    bad: self.rows_bad,
                },
                bytes_done: self.bytes_done,
                total_rows: self.total_rows,
                taken_back: self.job_done.filter(|_| status == ImportStatus::Undoing).unwrap_or(0),
                error,
                kept_rows: self.kept_rows,
                kept_names: self.kept_names,
                created_by: self.created_by,
                created_at: self.created_at,
                started_at: self.started_at,
                pass_started_at: self.pass_started_at,
                finished_at: self.finished_at,
                as_of: self.as_of,
                has_file: self.has_file,
            },
            header: self.header,
            position: Position { offset: self.position_offset.unsigned_abs(), line: self.position_line.unsigned_abs() },
            checked: self.checked,
            errors_stored: self.errors_stored,
            on_cancel: self.on_cancel.parse().map_err(fault::internal)?,
        })
    }
}

/// What is read of an import; a macro, so that both statements stay static texts.
macro_rules! select_imports {
    ($rest:literal) => {
        concat!(
            "select i.id, i.target, i.status, j.status as job_status, j.error as job_error, j.progress_done as job_done,
                    i.file_name, i.file_size, i.file_sha256, i.has_file, i.header, i.options, i.job_id, i.position_offset, i.position_line,
                    i.bytes_done, i.checked, i.total_rows, i.rows_read, i.rows_inserted, i.rows_updated, i.rows_skipped,
                    i.rows_bad, i.errors_stored, i.on_cancel, i.error, i.kept_rows, i.kept_names, u.name as created_by,
                    i.created_at, i.started_at, i.pass_started_at, i.finished_at, clock_timestamp() as as_of
             from imports i
             left join users u on u.id = i.created_by
             left join jobs j on j.organization_id = i.organization_id and j.id = i.job_id ",
            $rest
        )
    };
}

/// The organisation's imports, newest first, without uploads that are still under way.
pub async fn list(tx: &mut TenantTx, limit: Option<u16>, cursor: Option<&str>) -> Result<Page<Import>, AppError> {
    let limit = i64::from(page::limit(limit)?);
    let before: Option<ImportId> = match cursor {
        Some(text) => {
            Some(text.parse().map_err(|_| AppError::field("cursor", "This is not a cursor of the list of imports."))?)
        }
        None => None,
    };
    // Identifiers sort by creation. One more than asked for tells whether there is another page.
    let rows: Vec<ImportRow> = sqlx::query_as(select_imports!(
        "where i.organization_id = $1 and i.status <> 'uploading' and ($2::uuid is null or i.id < $2)
         order by i.id desc limit $3"
    ))
    .bind(tx.organization_id())
    .bind(before)
    .bind(limit + 1)
    .fetch_all(tx.conn())
    .await?;
    let mut items = rows.into_iter().map(|r| Ok(r.into_loading()?.import)).collect::<Result<Vec<_>, AppError>>()?;
    let more = i64::try_from(items.len()).is_ok_and(|count| count > limit);
    if more {
        items.pop();
    }
    let next_cursor = if more { items.last().map(|i| i.id.to_string()) } else { None };
    Ok(Page { items, next_cursor })
}

/// One import.
pub async fn find(tx: &mut TenantTx, id: ImportId) -> Result<Import, AppError> {
    Ok(find_loading(tx, id).await?.import)
}

/// One import with what its loader needs.
pub async fn find_loading(tx: &mut TenantTx, id: ImportId) -> Result<Loading, AppError> {
    let row: Option<ImportRow> = sqlx::query_as(select_imports!("where i.organization_id = $1 and i.id = $2"))
        .bind(tx.organization_id())
        .bind(id)
        .fetch_optional(tx.conn())
        .await?;
    row.ok_or_else(|| AppError::not_found("The import"))?.into_loading()
}

/// Locks an import until the end of the transaction, so that its state cannot change in between.
async fn find_locked(tx: &mut TenantTx, id: ImportId) -> Result<Loading, AppError> {
    sqlx::query("select from imports where organization_id = $1 and id = $2 for update")
        .bind(tx.organization_id())
        .bind(id)
        .execute(tx.conn())
        .await?;
    find_loading(tx, id).await
}

/// Begins an upload.
pub async fn create(tx: &mut TenantTx, _: &Editor, target: Target, file_name: &str) -> Result<ImportId, AppError> {
    let id = ImportId::new();
    let (organization_id, user_id) = (tx.organization_id(), tx.user_id());
    sqlx::query(
        "insert into imports (organization_id, id, target, status, file_name, created_by)
         values ($1, $2, $3, 'uploading', left($4, 255), $5)",
    )
    .bind(organization_id)
    .bind(id)
    .bind(target.as_str())
    .bind(if file_name.is_empty() { "import.csv" } else { file_name })
    .bind(user_id)
    .execute(tx.conn())
    .await?;
    Ok(id)
}

/// Adds the next piece of the file.
pub async fn add_chunk(tx: &mut TenantTx, id: ImportId, seq: i32, bytes: &[u8]) -> Result<(), AppError> {
    let organization_id = tx.organization_id();
    sqlx::query("insert into import_chunks (organization_id, import_id, seq, bytes) values ($1, $2, $3, $4)")
        .bind(organization_id)
        .bind(id)
        .bind(seq)
        .bind(bytes)
        .execute(tx.conn())
        .await?;
    Ok(())
}

/// A piece of the file; `None` after the last.
pub async fn chunk(tx: &mut TenantTx, id: ImportId, seq: i32) -> Result<Option<Vec<u8>>, AppError> {
    Ok(sqlx::query_scalar("select bytes from import_chunks where organization_id = $1 and import_id = $2 and seq = $3")
        .bind(tx.organization_id())
        .bind(id)
        .bind(seq)
        .fetch_optional(tx.conn())
        .await?)
}

/// The beginning of the file.
pub async fn sample(tx: &mut TenantTx, import: &Import) -> Result<Sample, AppError> {
    if !import.has_file {
        return Err(AppError::conflict("The file of this import was removed after some days. Upload it again."));
    }
    let mut bytes = Vec::new();
    let mut seq = 0;
    while bytes.len() < super::detect::SAMPLE_BYTES {
        let Some(chunk) = chunk(tx, import.id, seq).await? else { break };
        bytes.extend_from_slice(&chunk);
        seq += 1;
    }
    bytes.truncate(super::detect::SAMPLE_BYTES);
    let is_whole = i64::try_from(bytes.len()).is_ok_and(|len| len >= import.file_size);
    Ok(Sample { bytes, is_whole })
}

/// Ends an upload: the file is here whole.
pub async fn complete_upload(
    tx: &mut TenantTx,
    id: ImportId,
    size: i64,
    sha256: &str,
    options: &ImportOptions,
    header: &[String],
) -> Result<(), AppError> {
    let organization_id = tx.organization_id();
    sqlx::query(
        "update imports set status = 'ready', file_size = $3, file_sha256 = $4, options = $5, header = $6
         where organization_id = $1 and id = $2",
    )
    .bind(organization_id)
    .bind(id)
    .bind(size)
    .bind(sha256)
    .bind(Json(options))
    .bind(header)
    .execute(tx.conn())
    .await?;
    tx.changed(Topic::Imports);
    Ok(())
}

/// Goes back to the choices for a file that was loaded without storing anything, so that it need not be sent again.
pub async fn reopen(tx: &mut TenantTx, _: &Editor, id: ImportId) -> Result<Import, AppError> {
    if !find_locked(tx, id).await?.import.can_reopen() {
        return Err(AppError::conflict(
            "Only a file that is still here, and of which nothing is stored, can be tried again.",
        ));
    }
    let organization_id = tx.organization_id();
    for sql in [
        "delete from import_errors where organization_id = $1 and import_id = $2",
        "delete from import_changes where organization_id = $1 and import_id = $2",
        "delete from import_keys where organization_id = $1 and import_id = $2",
        "update imports
         set status = 'ready', job_id = null, position_offset = 0, position_line = 1, bytes_done = 0, checked = false,
             total_rows = null, rows_read = 0, rows_inserted = 0, rows_updated = 0, rows_skipped = 0, rows_bad = 0,
             errors_stored = 0, on_cancel = 'keep', error = null, kept_rows = 0, kept_names = '{}', started_at = null,
             pass_started_at = null, finished_at = null
         where organization_id = $1 and id = $2",
    ] {
        sqlx::query(sql).bind(organization_id).bind(id).execute(tx.conn()).await?;
    }
    tx.changed(Topic::Imports);
    find(tx, id).await
}

/// Removes an import that has stored nothing: an upload that broke off, or a file that somebody thought better of.
pub async fn delete(tx: &mut TenantTx, _: &Editor, id: ImportId) -> Result<(), AppError> {
    let import = find_locked(tx, id).await?.import;
    let stored = import.counts.inserted + import.counts.updated > 0;
    if import.status.is_running() || (stored && import.status != ImportStatus::Undone) {
        return Err(AppError::conflict("This import has stored rows. Undo it instead."));
    }
    let organization_id = tx.organization_id();
    sqlx::query("delete from imports where organization_id = $1 and id = $2")
        .bind(organization_id)
        .bind(id)
        .execute(tx.conn())
        .await?;
    let activity = NewActivity {
        action: "deleted",
        entity_type: "import",
        entity_id: Some(id.0),
        title: format!("The import of {} was removed", import.file_name),
        metadata: serde_json::json!({ "target": import.target }),
    };
    // A file that never arrived whole was never announced either.
    if import.status == ImportStatus::Uploading { Ok(()) } else { record(tx, Topic::Imports, activity).await }
}

/// Keeps the person's choices for a file that has not been started.
pub async fn set_options(
    tx: &mut TenantTx,
    _: &Editor,
    id: ImportId,
    options: &ImportOptions,
    header: &[String],
) -> Result<(), AppError> {
    let organization_id = tx.organization_id();
    let changed = sqlx::query(
        "update imports set options = $3, header = $4 where organization_id = $1 and id = $2 and status = 'ready'",
    )
    .bind(organization_id)
    .bind(id)
    .bind(Json(options))
    .bind(header)
    .execute(tx.conn())
    .await?
    .rows_affected();
    if changed == 0 {
        return Err(AppError::conflict("This import has been started already."));
    }
    tx.changed(Topic::Imports);
    Ok(())
}

/// Puts the load into the queue. The options must have been checked.
pub async fn start(tx: &mut TenantTx, editor: &Editor, id: ImportId) -> Result<Import, AppError> {
    mark_started(tx, editor, id).await?;
    let job_id = jobs::store::enqueue(tx, NewJob::new(JOB_KIND, serde_json::json!({ "import_id": id }))).await?;
    set_job(tx, id, job_id).await?;
    find(tx, id).await
}

/// Marks an import as started without a job, for the command line and the demo, which load it themselves.
pub async fn mark_started(tx: &mut TenantTx, _: &Editor, id: ImportId) -> Result<(), AppError> {
    let import = find_locked(tx, id).await?.import;
    if import.status != ImportStatus::Ready {
        return Err(AppError::conflict(format!(
            "This import cannot be started: it is {}.",
            import.status.label().to_lowercase()
        )));
    }
    set_status(tx, id, ImportStatus::Queued).await
}

async fn set_job(tx: &mut TenantTx, id: ImportId, job_id: JobId) -> Result<(), AppError> {
    let organization_id = tx.organization_id();
    sqlx::query("update imports set job_id = $3 where organization_id = $1 and id = $2")
        .bind(organization_id)
        .bind(id)
        .bind(job_id)
        .execute(tx.conn())
        .await?;
    Ok(())
}

/// Moves an import on. The first running state sets the start, a last one the end.
pub async fn set_status(tx: &mut TenantTx, id: ImportId, status: ImportStatus) -> Result<(), AppError> {
    let organization_id = tx.organization_id();
    sqlx::query(
        "update imports
         set status = $3,
             started_at = case when $3 in ('checking', 'loading') then coalesce(started_at, clock_timestamp())
                               else started_at end,
             pass_started_at = case when $3 in ('checking', 'loading') then clock_timestamp() else pass_started_at end,
             finished_at = case when $3 in ('finished', 'failed', 'cancelled') then clock_timestamp()
                                else finished_at end
         where organization_id = $1 and id = $2",
    )
    .bind(organization_id)
    .bind(id)
    .bind(status.as_str())
    .execute(tx.conn())
    .await?;
    tx.changed(Topic::Imports);
    Ok(())
}

/// Ends a load that has to say why it stored nothing, or not all.
pub async fn fail(tx: &mut TenantTx, id: ImportId, error: &str) -> Result<(), AppError> {
    set_status(tx, id, ImportStatus::Failed).await?;
    let organization_id = tx.organization_id();
    sqlx::query("update imports set error = $3 where organization_id = $1 and id = $2")
        .bind(organization_id)
        .bind(id)
        .bind(error)
        .execute(tx.conn())
        .await?;
    Ok(())
}

/// Ends the checking pass: the load begins at the top of the file again.
pub async fn end_check(tx: &mut TenantTx, id: ImportId) -> Result<(), AppError> {
    let organization_id = tx.organization_id();
    sqlx::query(
        "update imports set checked = true, total_rows = rows_read, rows_read = 0, position_offset = 0, position_line = 1,
                            bytes_done = 0
         where organization_id = $1 and id = $2",
    )
    .bind(organization_id)
    .bind(id)
    .execute(tx.conn())
    .await?;
    set_status(tx, id, ImportStatus::Loading).await
}

/// What a batch did, besides storing its rows.
#[derive(Clone, Debug, Default)]
pub struct Step {
    pub counts: Counts,
    pub errors: Vec<RowError>,
    pub bytes_done: i64,
}

/// Moves the import from `from` to `to`. `false`: it no longer stands at `from`, so somebody else loads it.
pub async fn advance(
    tx: &mut TenantTx,
    id: ImportId,
    from: Position,
    to: Position,
    errors_stored: i32,
    step: &Step,
) -> Result<bool, AppError> {
    let organization_id = tx.organization_id();
    let number = |n: u64| i64::try_from(n).unwrap_or(i64::MAX);
    let room = usize::try_from(MAX_STORED_ERRORS - i64::from(errors_stored)).unwrap_or(0);
    let kept = &step.errors[..step.errors.len().min(room)];
    let moved = sqlx::query(
        "update imports
         set position_offset = $4, position_line = $5, bytes_done = $6, rows_read = rows_read + $7,
             rows_inserted = rows_inserted + $8, rows_updated = rows_updated + $9, rows_skipped = rows_skipped + $10,
             rows_bad = rows_bad + $11, errors_stored = errors_stored + $12
         where organization_id = $1 and id = $2 and position_offset = $3 and status in ('checking', 'loading')",
    )
    .bind(organization_id)
    .bind(id)
    .bind(number(from.offset))
    .bind(number(to.offset))
    .bind(number(to.line))
    .bind(step.bytes_done)
    .bind(step.counts.read)
    .bind(step.counts.inserted)
    .bind(step.counts.updated)
    .bind(step.counts.skipped)
    .bind(step.counts.bad)
    .bind(i32::try_from(kept.len()).unwrap_or(i32::MAX))
    .execute(tx.conn())
    .await?
    .rows_affected();
    if moved == 0 {
        return Ok(false);
    }
    if !kept.is_empty() {
        sqlx::query(
            "insert into import_errors (organization_id, import_id, n, line, column_name, value, reason)
             select $1, $2, $3 + e.n, e.line, e.column_name, e.value, e.reason
             from unnest($4::bigint[], $5::text[], $6::text[], $7::text[])
                  with ordinality as e(line, column_name, value, reason, n)",
        )
        .bind(organization_id)
        .bind(id)
        .bind(errors_stored)
        .bind(kept.iter().map(|e| e.line).collect::<Vec<_>>())
        .bind(kept.iter().map(|e| e.column.as_str()).collect::<Vec<_>>())
        .bind(kept.iter().map(|e| e.value.as_str()).collect::<Vec<_>>())
        .bind(kept.iter().map(|e| e.reason.as_str()).collect::<Vec<_>>())
        .execute(tx.conn())
        .await?;
    }
    tx.changed(Topic::Imports);
    Ok(true)
}

/// Row errors in the order of the file, from the `after`-th on.
pub async fn errors(tx: &mut TenantTx, id: ImportId, after: i32, limit: i64) -> Result<Vec<RowError>, AppError> {
    let rows: Vec<(i64, String, String, String)> = sqlx::query_as(
        "select line, column_name, value, reason from import_errors
         where organization_id = $1 and import_id = $2 and n > $3 order by n limit $4",
    )
    .bind(tx.organization_id())
    .bind(id)
    .bind(after)
    .bind(limit)
    .fetch_all(tx.conn())
    .await?;
    Ok(rows.into_iter().map(|(line, column, value, reason)| RowError { line, column, value, reason }).collect())
}

/// Asks a running import to stop; what is stored is kept or removed.
pub async fn cancel(tx: &mut TenantTx, editor: &Editor, id: ImportId, on_cancel: OnCancel) -> Result<Import, AppError> {
    let import = find_locked(tx, id).await?.import;
    let (ImportStatus::Queued | ImportStatus::Checking | ImportStatus::Loading, Some(job_id)) =
        (import.status, import.job_id)
    else {
        return Err(AppError::conflict("This import is not running, so it cannot be cancelled."));
    };
    let organization_id = tx.organization_id();
    sqlx::query("update imports set on_cancel = $3 where organization_id = $1 and id = $2")
        .bind(organization_id)
        .bind(id)
        .bind(on_cancel.as_str())
        .execute(tx.conn())
        .await?;
    tx.changed(Topic::Imports);
    // A job that waits is stopped at once; one that runs stops at its next batch and has the last word itself.
    if jobs::store::cancel(tx, editor, job_id).await? == JobStatus::Cancelled {
        set_status(tx, id, ImportStatus::Cancelled).await?;
        forget_keys(tx, id).await?;
        let stored = import.counts.inserted + import.counts.updated > 0;
        if stored && on_cancel == OnCancel::Remove {
            return undo(tx, editor, id).await;
        }
    }
    find(tx, id).await
}

/// Puts the undoing of a whole import into the queue.
pub async fn undo(tx: &mut TenantTx, _: &Editor, id: ImportId) -> Result<Import, AppError> {
    let import = find_locked(tx, id).await?.import;
    if !import.can_undo() {
        return Err(AppError::conflict("This import has stored nothing that could be undone."));
    }
    enqueue_undo(tx, id).await?;
    find(tx, id).await
}

/// Queues an undo that has been decided on.
pub async fn enqueue_undo(tx: &mut TenantTx, id: ImportId) -> Result<(), AppError> {
    set_status(tx, id, ImportStatus::Undoing).await?;
    let job_id =
        jobs::store::enqueue(tx, NewJob::new(JOB_KIND, serde_json::json!({ "import_id": id, "undo": true }))).await?;
    set_job(tx, id, job_id).await
}

/// Forgets which references the file has: they are needed only while it is read.
pub async fn forget_keys(tx: &mut TenantTx, id: ImportId) -> Result<(), AppError> {
    let organization_id = tx.organization_id();
    sqlx::query("delete from import_keys where organization_id = $1 and import_id = $2")
        .bind(organization_id)
        .bind(id)
        .execute(tx.conn())
        .await?;
    Ok(())
}

/// The finished import that stored this same file before, if there is one: a person may have forgotten.
pub async fn find_same_file(tx: &mut TenantTx, import: &Import) -> Result<Option<DateTime<Utc>>, AppError> {
    Ok(sqlx::query_scalar(
        "select finished_at from imports
         where organization_id = $1 and id <> $2 and target = $3 and file_sha256 = $4 and status = 'finished'
         order by finished_at desc limit 1",
    )
    .bind(tx.organization_id())
    .bind(import.id)
    .bind(import.target.as_str())
    .bind(&import.file_sha256)
    .fetch_optional(tx.conn())
    .await?
    .flatten())
}

/// The currency of rows that name none.
pub async fn base_currency(tx: &mut TenantTx) -> Result<String, AppError> {
    Ok(sqlx::query_scalar("select base_currency from organizations where id = $1")
        .bind(tx.organization_id())
        .fetch_one(tx.conn())
        .await?)
}

/// A chore: removes the files of imports that ended a week ago, uploads that broke off or were never started, and
/// what dead loads left behind. Gives how many imports it touched.
pub async fn remove_old_files(db: &Database) -> Result<u64, AppError> {
    let mut touched = 0;
    for statement in [
        "delete from imports where (organization_id, id) in (
           select organization_id, id from imports
           where (status = 'uploading' and created_at < now() - interval '1 day')
              or (status = 'ready' and created_at < now() - interval '30 days')
           limit 10)",
        "with old as (
           select organization_id, id from imports
           where has_file
             and ((status in ('finished', 'failed', 'cancelled', 'undone') and finished_at < now() - interval '7 days')
                  -- Its job has died or was cancelled while it waited.
                  or (status in ('queued', 'checking', 'loading') and created_at < now() - interval '30 days'))
           limit 10),
         gone as (delete from import_chunks c using old where c.organization_id = old.organization_id and c.import_id = old.id),
         keys as (delete from import_keys k using old where k.organization_id = old.organization_id and k.import_id = old.id)
         update imports i set has_file = false from old where i.organization_id = old.organization_id and i.id = old.id",
    ] {
        loop {
            let mut tx = db.system("old files of every organisation are removed").await?;
            let rows = sqlx::query(statement).execute(tx.conn()).await?.rows_affected();
            tx.commit().await?;
            touched += rows;
            if rows == 0 {
                break;
            }
        }
    }
    Ok(touched)
}
