//! Runs an import: checks the file where everything has to be right, and loads it. Server only.
//!
//! Everything that a batch does is one transaction with the position after it, so this may be killed at any point
//! and run again.

use super::{
    convert::{Converted, Plan},
    decode::Decoder,
    model::{Counts, ImportStatus, OnCancel, OnError, RowError, Target},
    parser::{Parser, Position, Record},
    store::{self, Loading, Step, merge},
};
use crate::{
    accounts::Editor,
    activity::store::{NewActivity, record},
    error::AppError,
    ids::ImportId,
    jobs::{JobContext, JobError},
    server::{Database, TenantTx, Topic, fault},
};
use async_trait::async_trait;
use serde_json::{Value, json};

/// More rows than this are stored in several statements, whatever the chunk holds.
const BATCH_ROWS: usize = 5_000;

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
        pass(runner, &mut loading, &plan, Pass::Check).await?;
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
    pass(runner, &mut loading, &plan, Pass::Load).await?;
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

/// What becomes of a chunk on a blocking thread: text, records, rows.
struct Reader {
    decoder: Decoder,
    parser: Parser,
    plan: Plan,
    /// How much decoded text is still before the position at which the pass goes on.
    skip: u64,
    header_seen: bool,
}

/// A run of rows, and the position after it.
#[derive(Default)]
struct Batch {
    rows: Vec<Converted>,
    errors: Vec<RowError>,
    read: i64,
    bad: i64,
    after: Option<Position>,
}

impl Reader {
    /// `None` as chunk ends the file.
    fn read(&mut self, chunk: Option<&[u8]>) -> Result<Vec<Batch>, String> {
        let mut text =
            self.decoder.decode(chunk.unwrap_or_default(), chunk.is_none()).map_err(|error| error.to_string())?;
        if self.skip > 0 {
            let cut = usize::try_from(self.skip).unwrap_or(usize::MAX).min(text.len());
            self.skip -= cut as u64;
            text.drain(..cut);
        }
        let mut batches = vec![Batch::default()];
        let (plan, header_seen) = (&self.plan, &mut self.header_seen);
        let mut sink = |record: Record, after: Position| {
            if batches.last().is_some_and(|b| b.rows.len() >= BATCH_ROWS) {
                batches.push(Batch::default());
            }
            let Some(batch) = batches.last_mut() else { return };
            batch.after = Some(after);
            let is_blank = record.cells.iter().all(|c| c.trim().is_empty());
            if !*header_seen {
                *header_seen = !is_blank;
                return;
            }
            match plan.convert(&record) {
                None => {}
                Some(Ok(row)) => {
                    batch.read += 1;
                    batch.rows.push(row);
                }
                Some(Err(errors)) => {
                    batch.read += 1;
                    batch.bad += 1;
                    batch.errors.extend(errors);
                }
            }
        };
        self.parser.push(&text, &mut sink);
        if chunk.is_none() {
            self.parser.finish(&mut sink);
        }
        Ok(batches)
    }
}

/// Reads the file from the import's position to its end.
async fn pass(runner: &dyn Runner, loading: &mut Loading, plan: &Plan, pass: Pass) -> Result<(), JobError> {
    let id = loading.import.id;
    let Some(options) = loading.import.options.clone() else { return Ok(()) };
    let mut position = loading.position;
    let mut errors_stored = loading.errors_stored;
    let mut rows_done = loading.import.counts.read.unsigned_abs();
    let total = loading.import.total_rows.map(i64::unsigned_abs);
    let mut reader = Reader {
        decoder: Decoder::new(options.encoding),
        parser: Parser::new(options.separator.byte(), position),
        plan: plan.clone(),
        skip: position.offset,
        header_seen: position.offset > 0,
    };
    let mut bytes_done = 0i64;
    for seq in 0.. {
        let mut tx = runner.tenant().await?;
        let chunk = store::chunk(&mut tx, id, seq).await?;
        drop(tx);
        let is_last = chunk.is_none();
        bytes_done += chunk.as_ref().map_or(0, |c| i64::try_from(c.len()).unwrap_or(0));
        if is_last && bytes_done != loading.import.file_size {
            return Err(JobError::Fatal("The file of this import is no longer here. Upload it again.".into()));
        }
        let (moved, batches) = tokio::task::spawn_blocking(move || {
            let batches = reader.read(chunk.as_deref());
            (reader, batches)
        })
        .await
        .map_err(fault::internal)?;
        reader = moved;
        let batches = batches.map_err(JobError::Fatal)?;
        for mut batch in batches {
            let Some(after) = batch.after else { continue };
            let mut tx = runner.tenant().await?;
            let mut refused = merge::refuse_doubles(&mut tx, id, plan, &mut batch.rows).await?;
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
            let step = Step { counts, errors, bytes_done };
            if !store::advance(&mut tx, id, position, after, errors_stored, &step).await? {
                return Err(JobError::Lost);
            }
            if counts.inserted + counts.updated > 0 {
                tx.changed(topic(plan.target()));
            }
            rows_done += counts.read.unsigned_abs();
            let note = match pass {
                Pass::Check => "rows checked",
                Pass::Load => "rows loaded",
            };
            runner.progress(&mut tx, rows_done, total, note).await?;
            tx.commit().await?;
            position = after;
            errors_stored = i32::try_from(
                (i64::from(errors_stored) + i64::try_from(step.errors.len()).unwrap_or(0))
                    .min(super::model::MAX_STORED_ERRORS),
            )
            .unwrap_or(i32::MAX);
        }
        if is_last {
            break;
        }
    }
    Ok(())
}
