//! Runs an import: checks the file where everything has to be right, and loads it. Server only.
//!
//! Everything that a batch does is one transaction with the position after it, so this may be killed at any point
//! and run again.

use super::{
    convert::Plan,
    model::{Counts, ImportOptions, ImportStatus, OnCancel, OnError, Target},
    parser::Position,
    reader::{Chunk, Reader},
    store::{self, Loading, Step, merge},
};
use crate::{
    accounts::Editor,
    activity::store::{NewActivity, record},
    error::AppError,
    ids::ImportId,
    jobs::{JobContext, JobError},
    server::{Database, TenantTx, Topic},
};
use async_trait::async_trait;
use serde_json::{Value, json};

/// On whose behalf a load runs, and who hears how far it is.
#[async_trait]
pub trait Runner: Send + Sync {
    async fn tenant(&self) -> Result<TenantTx, AppError>;
    /// Told in the transaction of each batch; an error undoes the batch and stops the load. Rows.
    async fn progress(&self, tx: &mut TenantTx, done: u64, total: Option<u64>, note: &str) -> Result<(), JobError>;
}

#[async_trait]
impl Runner for JobContext {
    async fn tenant(&self) -> Result<TenantTx, AppError> {
        JobContext::tenant(self).await
    }

    async fn progress(&self, tx: &mut TenantTx, done: u64, total: Option<u64>, note: &str) -> Result<(), JobError> {
        self.progress_in(tx, done, total, note).await
    }
}

/// Loads without the queue: for the command line and the demo.
pub struct Inline<'a> {
    pub db: &'a Database,
    pub editor: &'a Editor,
    /// Gets the rows done, and of how many if that is known.
    pub on_progress: &'a (dyn Fn(u64, Option<u64>) + Send + Sync),
}

#[async_trait]
impl Runner for Inline<'_> {
    async fn tenant(&self) -> Result<TenantTx, AppError> {
        self.db.tenant(self.editor).await
    }

    async fn progress(&self, _: &mut TenantTx, done: u64, total: Option<u64>, _: &str) -> Result<(), JobError> {
        (self.on_progress)(done, total);
        Ok(())
    }
}

/// What the pages and caches of a target watch.
pub const fn topic(target: Target) -> Topic {
    match target {
        Target::Transactions | Target::Categories => Topic::Transactions,
        Target::Payments => Topic::Payments,
        Target::Budgets => Topic::Budgets,
        Target::Materials => Topic::Materials,
    }
}

/// Runs an import to its end. Gives its counts.
pub async fn run(runner: &dyn Runner, id: ImportId) -> Result<Value, JobError> {
    let mut tx = runner.tenant().await?;
    let status = store::find(&mut tx, id).await?.status;
    drop(tx);
    // Somebody has put the job back into the queue.
    if matches!(status, ImportStatus::Cancelled | ImportStatus::Undoing | ImportStatus::Undone) {
        let status = status.label().to_lowercase();
        return Err(JobError::Fatal(format!("The import is {status}: it can be started again on its own page only.")));
    }
    match run_passes(runner, id).await {
        Err(JobError::Fatal(message)) => {
            let mut tx = runner.tenant().await?;
            store::fail(&mut tx, id, &message).await?;
            store::forget_keys(&mut tx, id).await?;
            tx.commit().await?;
            Err(JobError::Fatal(message))
        }
        other => other,
    }
}

/// Ends an import whose job was cancelled: what it has stored stays, or an undo takes it back, as was chosen.
pub async fn cancelled(runner: &dyn Runner, id: ImportId) -> Result<(), AppError> {
    let mut tx = runner.tenant().await?;
    let Loading { import, on_cancel, .. } = store::find_loading(&mut tx, id).await?;
    // Ended already, the last time that this was tried.
    if !matches!(import.status, ImportStatus::Queued | ImportStatus::Checking | ImportStatus::Loading) {
        return Ok(());
    }
    store::set_status(&mut tx, id, ImportStatus::Cancelled).await?;
    store::forget_keys(&mut tx, id).await?;
    if import.counts.inserted + import.counts.updated > 0 && on_cancel == OnCancel::Remove {
        // A job of its own: this one has been cancelled.
        store::enqueue_undo(&mut tx, id).await?;
    }
    tx.commit().await
}

async fn run_passes(runner: &dyn Runner, id: ImportId) -> Result<Value, JobError> {
    let mut tx = runner.tenant().await?;
    let mut loading = store::find_loading(&mut tx, id).await?;
    let target = loading.import.target;
    let Some(options) = loading.import.options.clone() else {
        return Err(JobError::Fatal("This import was started without options.".into()));
    };
    let base_currency = store::base_currency(&mut tx).await?;
    let plan = Plan::new(target, &options, &loading.header, &base_currency).map_err(|problems| {
        JobError::Fatal(problems.into_iter().map(|(_, message)| message).collect::<Vec<_>>().join(" "))
    })?;
    let must_check = options.on_error == OnError::Nothing;
    match loading.import.status {
        ImportStatus::Queued => {
            let next = if must_check { ImportStatus::Checking } else { ImportStatus::Loading };
            store::set_status(&mut tx, id, next).await?;
            tx.commit().await?;
        }
        ImportStatus::Checking | ImportStatus::Loading => drop(tx),
        // It ended, and only the job's own end was lost.
        status => return Ok(json!({ "status": status.as_str() })),
    }
    if must_check && !loading.checked {
        pass(runner, &loading, &plan, Pass::Check).await?;
        let mut tx = runner.tenant().await?;
        let import = store::find(&mut tx, id).await?;
        if import.counts.bad > 0 {
            let message = format!(
                "{} of {} cannot be stored, so nothing was stored.",
                crate::format::count(import.counts.bad, "row", "rows"),
                crate::format::number(import.counts.read.into(), 0),
            );
            store::fail(&mut tx, id, &message).await?;
            store::forget_keys(&mut tx, id).await?;
            tx.commit().await?;
            return Ok(json!({ "status": "failed", "read": import.counts.read, "bad": import.counts.bad }));
        }
        store::end_check(&mut tx, id).await?;
        tx.commit().await?;
        let mut tx = runner.tenant().await?;
        loading = store::find_loading(&mut tx, id).await?;
    }
    pass(runner, &loading, &plan, Pass::Load).await?;
    finish(runner, id).await
}

async fn finish(runner: &dyn Runner, id: ImportId) -> Result<Value, JobError> {
    let mut tx = runner.tenant().await?;
    store::set_status(&mut tx, id, ImportStatus::Finished).await?;
    store::forget_keys(&mut tx, id).await?;
    let import = store::find(&mut tx, id).await?;
    let counts = import.counts;
    record(
        &mut tx,
        Topic::Imports,
        NewActivity {
            action: "imported",
            entity_type: "import",
            entity_id: Some(id.0),
            title: format!(
                "{} was imported: {}",
                import.file_name,
                crate::format::count(counts.inserted + counts.updated, "row", "rows")
            ),
            metadata: json!({ "target": import.target, "counts": counts }),
        },
    )
    .await?;
    tx.commit().await?;
    Ok(json!({
        "status": "finished", "read": counts.read, "inserted": counts.inserted, "updated": counts.updated,
        "skipped": counts.skipped, "bad": counts.bad,
    }))
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Pass {
    /// Stores nothing but errors.
    Check,
    Load,
}

/// Where a pass stands in the file.
struct Progress {
    import: ImportId,
    total: Option<u64>,
    position: Position,
    errors_stored: i32,
    rows_done: u64,
}

/// Reads the file from the import's position to its end. The next chunk is read while one is stored.
async fn pass(runner: &dyn Runner, loading: &Loading, plan: &Plan, pass: Pass) -> Result<(), JobError> {
    let Some(options) = &loading.import.options else { return Ok(()) };
    let mut progress = Progress {
        import: loading.import.id,
        total: loading.import.total_rows.map(i64::unsigned_abs),
        position: loading.position,
        errors_stored: loading.errors_stored,
        rows_done: loading.import.counts.read.unsigned_abs(),
    };
    // Once every row has been checked, none can be the double of another.
    let doubles_possible = pass == Pass::Check || !loading.checked;
    let reader = Reader::new(&loading.import, options, plan, loading.position);
    let (mut reader, mut chunk) = reader.next(runner).await?;
    loop {
        let is_last = chunk.is_last;
        let store = store(runner, &mut progress, plan, options, pass, doubles_possible, chunk);
        if is_last {
            return store.await;
        }
        let (stored, next) = tokio::join!(store, reader.next(runner));
        stored?;
        (reader, chunk) = next?;
    }
}

/// Stores the batches of a chunk, each in a transaction.
async fn store(
    runner: &dyn Runner,
    progress: &mut Progress,
    plan: &Plan,
    options: &ImportOptions,
    pass: Pass,
    doubles_possible: bool,
    chunk: Chunk,
) -> Result<(), JobError> {
    let id = progress.import;
    for mut batch in chunk.batches {
        let Some(after) = batch.after else { continue };
        let mut tx = runner.tenant().await?;
        let mut refused = Vec::new();
        if doubles_possible {
            refused.extend(merge::refuse_doubles(&mut tx, id, plan, &mut batch.rows).await?);
        }
        refused.extend(merge::refuse_out_of_range(&mut tx, plan, options.on_existing, &mut batch.rows).await?);
        let mut counts = match pass {
            Pass::Check => Counts::default(),
            Pass::Load => merge::merge(&mut tx, id, plan, options.on_existing, &batch.rows).await?,
        };
        counts.read = batch.read;
        counts.bad = batch.bad + i64::try_from(refused.len()).unwrap_or(0);
        let mut errors = batch.errors;
        errors.extend(refused);
        errors.sort_by_key(|e| e.line);
        let step = Step { counts, errors, bytes_done: chunk.bytes_done };
        if !store::advance(&mut tx, id, progress.position, after, progress.errors_stored, &step).await? {
            return Err(JobError::Lost);
        }
        if counts.inserted + counts.updated > 0 {
            tx.changed(topic(plan.target()));
        }
        progress.rows_done += counts.read.unsigned_abs();
        let note = match pass {
            Pass::Check => "rows checked",
            Pass::Load => "rows loaded",
        };
        runner.progress(&mut tx, progress.rows_done, progress.total, note).await?;
        tx.commit().await?;
        progress.position = after;
        let stored = i64::from(progress.errors_stored) + i64::try_from(step.errors.len()).unwrap_or(0);
        progress.errors_stored = i32::try_from(stored.min(super::model::MAX_STORED_ERRORS)).unwrap_or(i32::MAX);
    }
    Ok(())
}
