//! When chores are due, in SQL. Server only.

use crate::{error::AppError, server::Database};
use std::time::Duration;
use uuid::Uuid;

/// Takes the chore if it is due and nobody is at it, and sets when it is due next.
pub async fn claim(db: &Database, name: &str, every: Duration, lease: Duration) -> Result<Option<Uuid>, AppError> {
    let mut tx = db.system("chores belong to no organisation").await?;
    sqlx::query("insert into schedules (name) values ($1) on conflict (name) do nothing")
        .bind(name)
        .execute(tx.conn())
        .await?;
    let claim = sqlx::query_scalar(
        "update schedules
         set claim_id = $2, lease_until = now() + make_interval(secs => $4),
             next_run_at = now() + make_interval(secs => $3), last_run_at = now()
         where name = $1
           and ((claim_id is null and next_run_at <= now()) or lease_until < now())
         returning claim_id",
    )
    .bind(name)
    .bind(Uuid::now_v7())
    .bind(every.as_secs_f64())
    .bind(lease.as_secs_f64())
    .fetch_optional(tx.conn())
    .await?;
    tx.commit().await?;
    Ok(claim)
}

/// Gives the chore back; after an error it is due again in `again`.
pub async fn finish(
    db: &Database,
    name: &str,
    claim: Uuid,
    error: Option<&str>,
    again: Duration,
) -> Result<(), AppError> {
    let mut tx = db.system("chores belong to no organisation").await?;
    sqlx::query(
        "update schedules
         set claim_id = null, lease_until = null, last_error = $3,
             next_run_at = case when $3 is null then next_run_at else now() + make_interval(secs => $4) end
         where name = $1 and claim_id = $2",
    )
    .bind(name)
    .bind(claim)
    .bind(error)
    .bind(again.as_secs_f64())
    .execute(tx.conn())
    .await?;
    tx.commit().await
}
