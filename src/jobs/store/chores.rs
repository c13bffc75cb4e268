//! What is thrown away when its time is over. Server only.
//!
//! Each chore deletes in batches, so that no lock is held for long, and may be cut off at any point.

use crate::{error::AppError, server::Database};

/// Rows deleted in one transaction.
const BATCH: i64 = 5_000;

/// Deletions can be undone for 30 days.
pub async fn deleted_records(db: &Database) -> Result<u64, AppError> {
    in_batches(
        db,
        "delete from deleted_records where (organization_id, entity_type, id) in (
           select organization_id, entity_type, id from deleted_records
           where deleted_at < now() - interval '30 days' limit $1)",
    )
    .await
}

/// So can the deletion of dashboards. What hangs on one goes with it.
pub async fn deleted_dashboards(db: &Database) -> Result<u64, AppError> {
    in_batches(
        db,
        "delete from dashboards where (organization_id, id) in (
           select organization_id, id from dashboards
           where deleted_at < now() - interval '30 days' limit $1)",
    )
    .await
}

/// Jobs that ended well are kept for 30 days, the others for 90.
pub async fn finished_jobs(db: &Database) -> Result<u64, AppError> {
    in_batches(
        db,
        "delete from jobs where (organization_id, id) in (
           select organization_id, id from jobs
           where finished_at < now() - interval '30 days'
             and (status = 'completed' or finished_at < now() - interval '90 days') limit $1)",
    )
    .await
}

/// A day after its effect an `Idempotency-Key` is free again.
pub async fn idempotency_keys(db: &Database) -> Result<u64, AppError> {
    in_batches(
        db,
        "delete from idempotency_keys where (organization_id, user_id, key) in (
           select organization_id, user_id, key from idempotency_keys
           where created_at < now() - interval '25 hours' limit $1)",
    )
    .await
}

/// Workers that did not say goodbye.
pub async fn dead_workers(db: &Database) -> Result<u64, AppError> {
    in_batches(
        db,
        "delete from workers where id in (select id from workers where seen_at < now() - interval '1 hour' limit $1)",
    )
    .await
}

/// Runs `statement`, which deletes at most `$1` rows, until nothing is left; gives the number of rows.
async fn in_batches(db: &Database, statement: &'static str) -> Result<u64, AppError> {
    let mut deleted = 0;
    loop {
        let mut tx = db.system("a chore that serves every organisation").await?;
        let rows = sqlx::query(statement).bind(BATCH).execute(tx.conn()).await?.rows_affected();
        tx.commit().await?;
        deleted += rows;
        if rows < BATCH.unsigned_abs() {
            return Ok(deleted);
        }
    }
}
