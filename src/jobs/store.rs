//! Jobs in SQL, for those who ask for them. What workers do is in [`lease`]. Server only.

pub(in crate::jobs) mod chores;
pub(in crate::jobs) mod lease;
pub(in crate::jobs) mod schedules;

use super::model::{Job, JobProgress, JobQuery, JobStatus};
use crate::{
    accounts::{Admin, Editor},
    activity::store::{NewActivity, record},
    error::AppError,
    ids::{ImportId, JobId},
    page::Page,
    server::{Database, TenantScope, TenantTx, Topic},
};
use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use sqlx::{Postgres, QueryBuilder};

/// A job to be done.
#[derive(Clone, Debug)]
pub struct NewJob {
    /// Which handler does it: [`crate::jobs::JobHandler::kind`].
    pub kind: &'static str,
    pub payload: Value,
    /// Higher goes first.
    pub priority: i16,
    /// Not before; at once if `None`.
    pub run_at: Option<DateTime<Utc>>,
    /// At least 1.
    pub max_attempts: i16,
}

impl NewJob {
    /// Ordinary priority, at once, five attempts.
    pub fn new(kind: &'static str, payload: Value) -> Self {
        Self { kind, payload, priority: 0, run_at: None, max_attempts: 5 }
    }
}

/// Puts a job into the queue of `tx`'s organisation. It exists, and workers wake, when `tx` commits.
pub async fn enqueue(tx: &mut TenantTx, new: NewJob) -> Result<JobId, AppError> {
    let (organization_id, user_id, id) = (tx.organization_id(), tx.user_id(), JobId::new());
    sqlx::query(
        "insert into jobs (organization_id, id, type, payload, priority, run_at, max_attempts, requested_by)
         values ($1, $2, $3, $4, $5, coalesce($6, now()), $7, $8)",
    )
    .bind(organization_id)
    .bind(id)
    .bind(new.kind)
    .bind(new.payload)
    .bind(new.priority)
    .bind(new.run_at)
    .bind(new.max_attempts.max(1))
    .bind(user_id)
    .execute(tx.conn())
    .await?;
    wake(tx).await?;
    Ok(id)
}

/// Lets workers look at once instead of at their next turn.
async fn wake(tx: &mut TenantTx) -> Result<(), AppError> {
    tx.changed(Topic::Jobs);
    sqlx::query("select pg_notify('jobs', '')").execute(tx.conn()).await?;
    Ok(())
}

#[derive(sqlx::FromRow)]
struct JobRow {
    id: JobId,
    #[sqlx(rename = "type")]
    kind: String,
    #[sqlx(try_from = "String")]
    status: JobStatus,
    payload: Option<Value>,
    import_id: Option<ImportId>,
    file_name: Option<String>,
    undoes_import: bool,
    import_ended: bool,
    result: Option<Value>,
    error: Option<String>,
    attempts: i16,
    max_attempts: i16,
    priority: i16,
    progress_done: i64,
    progress_total: Option<i64>,
    progress_note: String,
    cancel_requested: bool,
    requested_by: Option<String>,
    run_at: DateTime<Utc>,
    created_at: DateTime<Utc>,
    started_at: Option<DateTime<Utc>>,
    finished_at: Option<DateTime<Utc>>,
}

impl From<JobRow> for Job {
    fn from(row: JobRow) -> Self {
        Self {
            id: row.id,
            kind: row.kind,
            status: row.status,
            payload: row.payload,
            import_id: row.import_id,
            file_name: row.file_name,
            undoes_import: row.undoes_import,
            can_retry: row.status.can_retry() && !row.import_ended,
            result: row.result,
            error: row.error,
            attempts: row.attempts,
            max_attempts: row.max_attempts,
            priority: row.priority,
            done: row.progress_done,
            total: row.progress_total,
            note: row.progress_note,
            cancel_requested: row.cancel_requested,
            requested_by: row.requested_by,
            run_at: row.run_at,
            created_at: row.created_at,
            started_at: row.started_at,
            finished_at: row.finished_at,
        }
    }
}

/// A job and what it works on; a macro, so that every statement stays a static text. An import that has ended, or gone on
/// with another job, is not to be worked on by this one again.
macro_rules! select_jobs {
    ($payload:literal, $rest:literal) => {
        concat!(
            "select j.id, j.type, j.status, ",
            $payload,
            " as payload, i.id as import_id, i.file_name, coalesce(j.payload ->> 'undo' = 'true', false) as undoes_import,
                    i.id is not null
                      and (i.job_id is distinct from j.id or i.status not in ('queued', 'checking', 'loading', 'undoing'))
                      as import_ended,
                    j.result, j.error, j.attempts, j.max_attempts, j.priority, j.progress_done, j.progress_total,
                    j.progress_note, j.cancel_requested, u.name as requested_by, j.run_at, j.created_at, j.started_at,
                    j.finished_at
             from jobs j left join users u on u.id = j.requested_by
             left join imports i on i.organization_id = j.organization_id and i.id::text = j.payload ->> 'import_id'
             where j.organization_id = ",
            $rest
        )
    };
}

/// The organisation's jobs, newest first, without their payloads.
pub async fn list(tx: &mut TenantTx, _: &Admin, query: &JobQuery) -> Result<Page<Job>, AppError> {
    let limit = query.limit()?;
    let mut sql = QueryBuilder::<Postgres>::new(select_jobs!("null::jsonb", ""));
    sql.push_bind(tx.organization_id());
    if let Some(status) = query.status {
        sql.push(" and j.status = ").push_bind(status.as_str());
    }
    if let Some(cursor) = &query.cursor {
        let before: JobId =
            cursor.parse().map_err(|_| AppError::field("cursor", "This is not a cursor of the list of jobs."))?;
        sql.push(" and j.id < ").push_bind(before);
    }
    // Identifiers sort by creation. One more than asked for tells whether there is another page.
    sql.push(" order by j.id desc limit ").push_bind(limit + 1);
    let rows: Vec<JobRow> = sql.build_query_as().fetch_all(tx.conn()).await?;
    let mut items: Vec<Job> = rows.into_iter().map(Job::from).collect();
    let more = i64::try_from(items.len()).is_ok_and(|count| count > limit);
    if more {
        items.pop();
    }
    let next_cursor = if more { items.last().map(|job| job.id.to_string()) } else { None };
    Ok(Page { items, next_cursor })
}

/// One job, with its payload.
pub async fn find(tx: &mut TenantTx, _: &Admin, id: JobId) -> Result<Job, AppError> {
    let row: Option<JobRow> = sqlx::query_as(select_jobs!("j.payload", "$1 and j.id = $2"))
        .bind(tx.organization_id())
        .bind(id)
        .fetch_optional(tx.conn())
        .await?;
    row.map(Job::from).ok_or_else(|| AppError::not_found("The job"))
}

#[derive(sqlx::FromRow)]
struct ProgressRow {
    #[sqlx(try_from = "String")]
    status: JobStatus,
    progress_done: i64,
    progress_total: Option<i64>,
    progress_note: String,
    error: Option<String>,
    attempts: i16,
    max_attempts: i16,
    cancel_requested: bool,
    started_at: Option<DateTime<Utc>>,
    finished_at: Option<DateTime<Utc>>,
}

/// How far a job is. For any member who may see what the job works on: the caller decides that.
pub async fn progress(tx: &mut TenantTx, id: JobId) -> Result<JobProgress, AppError> {
    let row: Option<ProgressRow> = sqlx::query_as(
        "select status, progress_done, progress_total, progress_note, error, attempts, max_attempts,
                cancel_requested, started_at, finished_at
         from jobs where organization_id = $1 and id = $2",
    )
    .bind(tx.organization_id())
    .bind(id)
    .fetch_optional(tx.conn())
    .await?;
    let row = row.ok_or_else(|| AppError::not_found("The job"))?;
    Ok(JobProgress {
        id,
        status: row.status,
        done: row.progress_done,
        total: row.progress_total,
        note: row.progress_note,
        error: row.error,
        attempts: row.attempts,
        max_attempts: row.max_attempts,
        cancel_requested: row.cancel_requested,
        started_at: row.started_at,
        finished_at: row.finished_at,
    })
}

/// Stops a job: one that waits at once, one that runs as soon as its handler next tells its progress.
/// Gives the state that the job is in now. Editors may stop what they asked for, admins everything.
pub async fn cancel(tx: &mut TenantTx, editor: &Editor, id: JobId) -> Result<JobStatus, AppError> {
    let found: Option<(String, String, Option<uuid::Uuid>)> =
        sqlx::query_as("select type, status, requested_by from jobs where organization_id = $1 and id = $2 for update")
            .bind(tx.organization_id())
            .bind(id)
            .fetch_optional(tx.conn())
            .await?;
    let (kind, status, requested_by) = found.ok_or_else(|| AppError::not_found("The job"))?;
    if requested_by.is_none() || requested_by != editor.user_id().map(|user| user.0) {
        editor.admin()?;
    }
    let status = match status.parse().map_err(crate::server::fault::internal)? {
        JobStatus::Pending => {
            sqlx::query(
                "update jobs set status = 'cancelled', cancel_requested = true, finished_at = now()
                 where organization_id = $1 and id = $2",
            )
            .bind(tx.organization_id())
            .bind(id)
            .execute(tx.conn())
            .await?;
            JobStatus::Cancelled
        }
        JobStatus::Processing => {
            sqlx::query("update jobs set cancel_requested = true where organization_id = $1 and id = $2")
                .bind(tx.organization_id())
                .bind(id)
                .execute(tx.conn())
                .await?;
            JobStatus::Processing
        }
        ended => return Err(AppError::conflict(format!("This job has ended already: it is {ended}."))),
    };
    let activity = NewActivity {
        action: "cancelled",
        entity_type: "job",
        entity_id: Some(id.0),
        title: format!("The job “{kind}” was cancelled"),
        metadata: json!({ "type": kind }),
    };
    record(tx, Topic::Jobs, activity).await?;
    Ok(status)
}

/// Puts a job that failed or was cancelled back into the queue, with all its attempts.
pub async fn retry(tx: &mut TenantTx, admin: &Admin, id: JobId) -> Result<(), AppError> {
    sqlx::query("select from jobs where organization_id = $1 and id = $2 for update")
        .bind(tx.organization_id())
        .bind(id)
        .execute(tx.conn())
        .await?;
    let Job { kind, status, can_retry, .. } = find(tx, admin, id).await?;
    if !status.can_retry() {
        return Err(AppError::conflict(format!(
            "Only jobs that failed or were cancelled can be tried again; this one is {status}."
        )));
    }
    if !can_retry {
        return Err(AppError::conflict("The import of this job has ended. It goes on, if at all, on its own page."));
    }
    sqlx::query(
        "update jobs set status = 'pending', attempts = 0, run_at = now(), error = null, cancel_requested = false,
                         finished_at = null
         where organization_id = $1 and id = $2",
    )
    .bind(tx.organization_id())
    .bind(id)
    .execute(tx.conn())
    .await?;
    let activity = NewActivity {
        action: "retried",
        entity_type: "job",
        entity_id: Some(id.0),
        title: format!("The job “{kind}” was put back into the queue"),
        metadata: json!({ "type": kind }),
    };
    record(tx, Topic::Jobs, activity).await?;
    wake(tx).await
}

/// How many jobs of all organisations are in each state, for the operator's monitoring.
pub async fn count_by_status(db: &Database) -> Result<Vec<(String, i64)>, AppError> {
    let mut tx = db.system("monitoring: the queue is shared by every organisation").await?;
    Ok(sqlx::query_as("select status, count(*) from jobs group by status").fetch_all(tx.conn()).await?)
}

/// Whether any worker, in this process or another, has shown itself in the last half minute.
pub async fn worker_alive(db: &Database) -> Result<bool, AppError> {
    let mut tx = db.system("readiness: workers belong to no organisation").await?;
    let alive = sqlx::query_scalar("select exists (select from workers where seen_at > now() - interval '30 seconds')")
        .fetch_one(tx.conn())
        .await?;
    Ok(alive)
}
