//! Server functions of the jobs page.

use super::{Job, JobQuery};
use crate::wire::Wire;
use crate::{error::AppError, ids::JobId, page::Page};
use leptos::prelude::*;

#[cfg(feature = "ssr")]
use {super::store, crate::server};

/// A page of the organisation's jobs. For admins.
#[server(prefix = "/rpc", endpoint = "jobs/list", input = Wire, output = Wire)]
pub async fn list_jobs(query: JobQuery) -> Result<Page<Job>, AppError> {
    let admin = server::member()?.admin()?;
    let mut tx = server::state()?.db.tenant(&admin).await?;
    store::list(&mut tx, &admin, &query).await
}

/// Tries a job again that failed or was cancelled. For admins.
#[server(prefix = "/rpc", endpoint = "jobs/retry", output = Wire)]
pub async fn retry_job(id: JobId) -> Result<(), AppError> {
    let admin = server::member()?.admin()?;
    let mut tx = server::state()?.db.tenant(&admin).await?;
    store::retry(&mut tx, &admin, id).await?;
    tx.commit().await
}

/// Stops a job.
#[server(prefix = "/rpc", endpoint = "jobs/cancel", output = Wire)]
pub async fn cancel_job(id: JobId) -> Result<(), AppError> {
    let editor = server::member()?.editor()?;
    let mut tx = server::state()?.db.tenant(&editor).await?;
    store::cancel(&mut tx, &editor, id).await?;
    tx.commit().await
}
