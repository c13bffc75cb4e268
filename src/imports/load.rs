//! Runs an import: checks the file where everything has to be right, and loads it. Server only.
//!
//! A pass keeps its position, and the states between passes are stored, so this may be killed at any point and run again.

use super::{
    convert::Plan,
    model::{ImportStatus, OnCancel, OnError, Target},
    pass::{self, Pass},
    store::{self, Loading},
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
    let import = store::find(&mut tx, id).await?;
    drop(tx);
    match import.status {
        // Only the job's own end was lost.
        ImportStatus::Failed => {
            return Err(JobError::Fatal(import.error.unwrap_or_else(|| "The import failed.".into())));
        }
        // Somebody has put the job back into the queue.
        ImportStatus::Cancelled | ImportStatus::Undoing | ImportStatus::Undone => {
            let status = import.status.label().to_lowercase();
            let message = format!("The import is {status}: it can be started again on its own page only.");
            return Err(JobError::Fatal(message));
        }
        _ => {}
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
        pass::run(runner, &loading, &plan, Pass::Check).await?;
        let mut tx = runner.tenant().await?;
        let import = store::find(&mut tx, id).await?;
        if import.counts.bad > 0 {
            return Err(JobError::Fatal(format!(
                "{} of {} cannot be stored, so nothing was stored.",
                crate::format::count(import.counts.bad, "row", "rows"),
                crate::format::number(import.counts.read.into(), 0),
            )));
        }
        store::end_check(&mut tx, id).await?;
        tx.commit().await?;
        let mut tx = runner.tenant().await?;
        loading = store::find_loading(&mut tx, id).await?;
    }
    pass::run(runner, &loading, &plan, Pass::Load).await?;
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
