//! What workers do with the queue: take, keep, finish and give back jobs. Server only.
//!
//! Invariant: every write names the claim. No row changed means that the lease was lost.

use crate::{
    activity::store::{NewActivity, record},
    error::AppError,
    ids::{JobId, OrganizationId, UserId},
    jobs::{Claimed, backoff},
    server::{Database, TenantTx, Topic},
};
use serde_json::{Value, json};
use std::time::Duration;
use uuid::Uuid;

/// A job taken by this worker, and what it is to do.
#[derive(Debug)]
pub struct Taken {
    pub claimed: Claimed,
    pub kind: String,
    pub payload: Value,
    pub attempts: i16,
    /// Somebody wanted it stopped, and its worker fell silent before it was: there is only its end to write.
    pub cancel_requested: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CancelRequested(pub bool);

#[derive(sqlx::FromRow)]
struct TakenRow {
    organization_id: OrganizationId,
    id: JobId,
    #[sqlx(rename = "type")]
    kind: String,
    payload: Value,
    attempts: i16,
    cancel_requested: bool,
    requested_by: Option<UserId>,
}

/// How many jobs of each organisation are looked at: more than workers ask for at the same moment, so that one finds
/// something that another has not just taken.
const LOOK_AHEAD: i64 = 32;

/// Takes the next job of one of `kinds`, if there is one, for the length of `lease`: of the highest priority; among
/// equals, of the organisation that was served longest ago; of its jobs, the one that has waited longest.
pub async fn claim(
    db: &Database,
    worker: &str,
    kinds: &[&'static str],
    lease: Duration,
) -> Result<Option<Taken>, AppError> {
    let claim_id = Uuid::now_v7();
    let mut tx = db.system("taking a job: whose is next is not known before").await?;
    let row: Option<TakenRow> = sqlx::query_as(
        // The first part hops over the index from one organisation to the next, however many jobs each has.
        "with recursive waiting as (
           (select organization_id from jobs where status = 'pending' order by organization_id limit 1)
           union all
           select (select organization_id from jobs
                   where status = 'pending' and organization_id > waiting.organization_id
                   order by organization_id limit 1)
           from waiting where waiting.organization_id is not null),
         heads as (
           select head.* from waiting cross join lateral (
             select organization_id, id from jobs
             where status = 'pending' and organization_id = waiting.organization_id and run_at <= now()
               and type = any($4)
             order by priority desc, run_at limit $5) head),
         taken as (
           select j.organization_id, j.id
           from heads join jobs j using (organization_id, id)
           left join job_turns turn using (organization_id)
           where j.status = 'pending'
           order by j.priority desc, turn.served_at nulls first, j.run_at
           limit 1
           for update of j skip locked),
         served as (
           insert into job_turns (organization_id, served_at) select organization_id, clock_timestamp() from taken
           on conflict (organization_id) do update set served_at = excluded.served_at)
         update jobs
         set status = 'processing', attempts = attempts + 1, claim_id = $1, locked_by = $2,
             lease_until = clock_timestamp() + make_interval(secs => $3), started_at = coalesce(started_at, now())
         from taken
         where jobs.organization_id = taken.organization_id and jobs.id = taken.id
         returning jobs.organization_id, jobs.id, type, payload, attempts, cancel_requested, requested_by",
    )
    .bind(claim_id)
    .bind(worker)
    .bind(lease.as_secs_f64())
    .bind(kinds)
    .bind(LOOK_AHEAD)
    .fetch_optional(tx.conn())
    .await?;
    let Some(row) = row else { return Ok(None) };
    tx.announce(row.organization_id, &[Topic::Jobs]).await?;
    tx.commit().await?;
    let claimed = Claimed { id: row.id, organization_id: row.organization_id, user_id: row.requested_by, claim_id };
    let TakenRow { kind, payload, attempts, cancel_requested, .. } = row;
    Ok(Some(Taken { claimed, kind, payload, attempts, cancel_requested }))
}

/// Takes the jobs of workers that fell silent away from them: back into the queue, also when somebody wanted them
/// stopped, or to their end when they have had all their attempts. Gives how many there were.
pub async fn reap(db: &Database) -> Result<usize, AppError> {
    let mut tx = db.system("dead workers leave jobs of any organisation behind").await?;
    // A row that is locked belongs to a worker that is writing just now, which is a sign of life.
    let mut organizations: Vec<OrganizationId> = sqlx::query_scalar(
        "with silent as (
           select organization_id, id,
                  case when attempts >= max_attempts and not cancel_requested then 'failed' else 'pending' end as next
           from jobs where status = 'processing' and lease_until < now()
           order by lease_until limit 100
           for update skip locked)
         update jobs
         set status = next, claim_id = null, lease_until = null, locked_by = null, run_at = now(),
             error = 'The worker stopped in the middle of attempt ' || attempts || '.',
             finished_at = case when next = 'pending' then null else now() end
         from silent
         where jobs.organization_id = silent.organization_id and jobs.id = silent.id
         returning jobs.organization_id",
    )
    .fetch_all(tx.conn())
    .await?;
    let count = organizations.len();
    if count > 0 {
        // In one order everywhere, so that two reapers cannot wait for each other.
        organizations.sort_unstable();
        organizations.dedup();
        for organization in organizations {
            tx.announce(organization, &[Topic::Jobs]).await?;
        }
        sqlx::query("select pg_notify('jobs', '')").execute(tx.conn()).await?;
        tx.commit().await?;
    }
    Ok(count)
}

/// Renews the lease. `None`: it is no longer ours.
pub async fn renew(db: &Database, claimed: &Claimed, lease: Duration) -> Result<Option<CancelRequested>, AppError> {
    let mut tx = db.tenant(claimed).await?;
    let cancel = sqlx::query_scalar(
        "update jobs set lease_until = clock_timestamp() + make_interval(secs => $4)
         where organization_id = $1 and id = $2 and claim_id = $3
         returning cancel_requested",
    )
    .bind(claimed.organization_id)
    .bind(claimed.id)
    .bind(claimed.claim_id)
    .bind(lease.as_secs_f64())
    .fetch_optional(tx.conn())
    .await?;
    tx.commit().await?;
    Ok(cancel.map(CancelRequested))
}

/// Stores progress and renews the lease. `None`: it is no longer ours.
pub async fn progress(
    tx: &mut TenantTx,
    claimed: &Claimed,
    lease: Duration,
    done: i64,
    total: Option<i64>,
    note: &str,
) -> Result<Option<CancelRequested>, AppError> {
    let cancel = sqlx::query_scalar(
        "update jobs set progress_done = $5, progress_total = $6, progress_note = $7,
                         lease_until = clock_timestamp() + make_interval(secs => $4)
         where organization_id = $1 and id = $2 and claim_id = $3
         returning cancel_requested",
    )
    .bind(claimed.organization_id)
    .bind(claimed.id)
    .bind(claimed.claim_id)
    .bind(lease.as_secs_f64())
    .bind(done)
    .bind(total)
    .bind(note)
    .fetch_optional(tx.conn())
    .await?;
    tx.changed(Topic::Jobs);
    Ok(cancel.map(CancelRequested))
}

/// How a run ended.
#[derive(Clone, Debug)]
pub enum End {
    Completed(Value),
    /// To be tried again, if attempts are left.
    Failed(String),
    /// Not to be tried again.
    Dead(String),
    Cancelled,
    /// The worker shuts down: somebody else goes on at once, and the attempt does not count.
    Released,
}

/// Writes how the run of `claimed` ended. False: the lease was lost, and nothing was written.
pub async fn finish(db: &Database, claimed: &Claimed, kind: &str, end: End, luck: f64) -> Result<bool, AppError> {
    let mut tx = db.tenant(claimed).await?;
    let held: Option<(i16, i16, bool)> = sqlx::query_as(
        "select attempts, max_attempts, cancel_requested from jobs
         where organization_id = $1 and id = $2 and claim_id = $3 for update",
    )
    .bind(claimed.organization_id)
    .bind(claimed.id)
    .bind(claimed.claim_id)
    .fetch_optional(tx.conn())
    .await?;
    let Some((attempts, max_attempts, cancel_requested)) = held else { return Ok(false) };
    let (status, result, error, pause, uncount) = match end {
        End::Completed(result) => ("completed", Some(result), None, Duration::ZERO, 0),
        End::Cancelled => ("cancelled", None, None, Duration::ZERO, 0),
        End::Released | End::Failed(_) if cancel_requested => ("cancelled", None, None, Duration::ZERO, 0),
        End::Released => ("pending", None, None, Duration::ZERO, 1_i16),
        End::Failed(error) if attempts < max_attempts => ("pending", None, Some(error), backoff(attempts, luck), 0),
        End::Failed(error) | End::Dead(error) => ("failed", None, Some(error), Duration::ZERO, 0),
    };
    sqlx::query(
        "update jobs
         set status = $4, result = $5, error = $6, run_at = now() + make_interval(secs => $7),
             attempts = attempts - $8, claim_id = null, lease_until = null, locked_by = null,
             finished_at = case when $4 = 'pending' then null else now() end
         where organization_id = $1 and id = $2 and claim_id = $3",
    )
    .bind(claimed.organization_id)
    .bind(claimed.id)
    .bind(claimed.claim_id)
    .bind(status)
    .bind(result)
    .bind(&error)
    .bind(pause.as_secs_f64())
    .bind(uncount)
    .execute(tx.conn())
    .await?;
    tx.changed(Topic::Jobs);
    match status {
        "failed" => {
            let activity = NewActivity {
                action: "failed",
                entity_type: "job",
                entity_id: Some(claimed.id.0),
                title: format!("The job “{kind}” failed"),
                metadata: json!({ "type": kind, "error": error }),
            };
            record(&mut tx, Topic::Jobs, activity).await?;
        }
        "pending" if pause.is_zero() => {
            sqlx::query("select pg_notify('jobs', '')").execute(tx.conn()).await?;
        }
        _ => {}
    }
    tx.commit().await?;
    Ok(true)
}

/// Shows that this worker is alive.
pub async fn report(db: &Database, worker: Uuid, name: &str) -> Result<(), AppError> {
    let mut tx = db.system("workers belong to no organisation").await?;
    sqlx::query("insert into workers (id, name) values ($1, $2) on conflict (id) do update set seen_at = now()")
        .bind(worker)
        .bind(name)
        .execute(tx.conn())
        .await?;
    tx.commit().await
}

/// The worker has ended in good order.
pub async fn retire(db: &Database, worker: Uuid) -> Result<(), AppError> {
    let mut tx = db.system("workers belong to no organisation").await?;
    sqlx::query("delete from workers where id = $1").bind(worker).execute(tx.conn()).await?;
    tx.commit().await
}
