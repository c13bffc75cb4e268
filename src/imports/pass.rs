//! Takes a file once from where its import stands to the end: to check its rows, or to store them. Server only.
//!
//! Everything that a batch does is one transaction with the position after it, so this may be killed at any point
//! and run again.

use super::{
    convert::Plan,
    load::{Runner, topic},
    model::{Counts, ImportOptions, MAX_STORED_ERRORS},
    parser::Position,
    reader::{Chunk, Reader},
    store::{self, Loading, Step, merge},
};
use crate::{ids::ImportId, jobs::JobError};

/// What is done with the rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pass {
    /// Stores nothing but errors.
    Check,
    Load,
}

/// Where it stands in the file.
struct Progress {
    import: ImportId,
    total: Option<u64>,
    position: Position,
    errors_stored: i32,
    rows_done: u64,
}

/// Reads the file from the import's position to its end. The next chunk is read while one is stored.
pub async fn run(runner: &dyn Runner, loading: &Loading, plan: &Plan, pass: Pass) -> Result<(), JobError> {
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
        progress.errors_stored = i32::try_from(stored.min(MAX_STORED_ERRORS)).unwrap_or(i32::MAX);
    }
    Ok(())
}
