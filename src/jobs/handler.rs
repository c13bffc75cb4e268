//! What a kind of job is made of. Server only.

use super::store::lease;
use crate::{
    error::AppError,
    ids::{JobId, OrganizationId, UserId},
    server::{AppState, TenantScope, TenantTx},
};
use async_trait::async_trait;
use serde_json::Value;
use std::time::Duration;
use uuid::Uuid;

/// Does the jobs of one kind. A handler may be run again after a crash of its worker, so it has to make its
/// effect happen once: by keeping its position in the same transaction as the rows that it wrote
/// ([`JobContext::progress_in`]). On shutdown, and when the lease is lost, its future is dropped.
#[async_trait]
pub trait JobHandler: Send + Sync + 'static {
    /// The `type` of the jobs it takes.
    fn kind(&self) -> &'static str;
    /// Does the work and gives what the job's page shows as its result.
    async fn run(&self, job: &JobContext) -> Result<Value, JobError>;
    /// Leaves things tidy after a job that was cancelled, however it stopped: by itself, because it was too slow to, or
    /// because its worker died. It is not running any more. May be called again when this breaks off.
    async fn cancelled(&self, _job: &JobContext) -> Result<(), AppError> {
        Ok(())
    }
}

/// Why a run of a job ended without a result.
#[derive(Debug, thiserror::Error)]
pub enum JobError {
    /// Worth another attempt after a pause: the database was away, a mail server did not answer.
    #[error(transparent)]
    Retry(#[from] AppError),
    /// Trying again would end the same way.
    #[error("{0}")]
    Fatal(String),
    /// Somebody asked for it to stop, and it has.
    #[error("cancelled")]
    Cancelled,
    /// The lease ended and another worker may have the job: stop, and change nothing any more.
    #[error("another worker has taken this job over")]
    Lost,
}

/// A job that this worker holds the lease of: the authority to act in its organisation.
#[derive(Clone, Debug)]
pub struct Claimed {
    pub(in crate::jobs) id: JobId,
    pub(in crate::jobs) organization_id: OrganizationId,
    pub(in crate::jobs) user_id: Option<UserId>,
    /// This claim's own: proves in every write that the lease is still ours.
    pub(in crate::jobs) claim_id: Uuid,
}

impl Claimed {
    pub fn id(&self) -> JobId {
        self.id
    }
}

impl TenantScope for Claimed {
    fn organization_id(&self) -> OrganizationId {
        self.organization_id
    }
    fn user_id(&self) -> Option<UserId> {
        self.user_id
    }
}

/// What a handler works with.
#[derive(Debug)]
pub struct JobContext {
    pub state: AppState,
    pub claimed: Claimed,
    pub payload: Value,
    /// 1 for the first run; more when earlier ones failed or were cut off.
    pub attempt: i16,
    /// How long the worker may be silent before another one takes the job.
    pub(in crate::jobs) lease: Duration,
}

impl JobContext {
    /// Begins a transaction in the job's organisation.
    pub async fn tenant(&self) -> Result<TenantTx, AppError> {
        self.state.db.tenant(&self.claimed).await
    }

    /// Stores how far the job is and renews its lease, in a transaction of its own. Cheap enough for a few
    /// calls a second; `note` is one line for people.
    ///
    /// # Errors
    /// `Cancelled` when somebody asked the job to stop, `Lost` when it is no longer ours.
    pub async fn progress(&self, done: u64, total: Option<u64>, note: &str) -> Result<(), JobError> {
        let mut tx = self.tenant().await?;
        self.progress_in(&mut tx, done, total, note).await?;
        tx.commit().await?;
        Ok(())
    }

    /// Like [`JobContext::progress`], as part of the transaction that writes the job's effect: both are kept
    /// or neither, and neither unless the job is still ours at that moment. Holds the job's row until the
    /// transaction ends, so call it last and commit soon.
    pub async fn progress_in(
        &self,
        tx: &mut TenantTx,
        done: u64,
        total: Option<u64>,
        note: &str,
    ) -> Result<(), JobError> {
        let number = |n: u64| i64::try_from(n).unwrap_or(i64::MAX);
        match lease::progress(tx, &self.claimed, self.lease, number(done), total.map(number), note).await? {
            None => Err(JobError::Lost),
            Some(lease::CancelRequested(true)) => Err(JobError::Cancelled),
            Some(lease::CancelRequested(false)) => Ok(()),
        }
    }
}
