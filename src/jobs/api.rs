//! REST routes. Server only.

use super::{Job, JobProgress, JobQuery, store};
use crate::{
    accounts::Member,
    error::AppError,
    ids::JobId,
    page::Page,
    server::{
        AppState,
        extract::{Json, Path, Query},
    },
};
use axum::extract::State;
use utoipa_axum::{router::OpenApiRouter, routes};

/// The feature's routes, with addresses relative to `/api/v1`.
pub fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list_jobs))
        .routes(routes!(find_job))
        .routes(routes!(find_job_progress))
        .routes(routes!(retry_job))
        .routes(routes!(cancel_job))
}

/// The organisation's jobs, newest first. For owners and admins.
#[utoipa::path(get, path = "/jobs", tag = "Jobs", params(JobQuery), responses(
    (status = 200, description = "A page", body = Page<Job>),
    (status = 403, description = "Only owners and admins may see jobs")))]
async fn list_jobs(
    State(state): State<AppState>,
    member: Member,
    Query(query): Query<JobQuery>,
) -> Result<Json<Page<Job>>, AppError> {
    let admin = member.admin()?;
    let mut tx = state.db.tenant(&admin).await?;
    store::list(&mut tx, &admin, &query).await.map(Json)
}

/// One job, with its payload. For owners and admins.
#[utoipa::path(get, path = "/jobs/{id}", tag = "Jobs", params(("id" = Uuid, Path,)), responses(
    (status = 200, description = "The job", body = Job),
    (status = 404, description = "There is no such job, or it is not yours")))]
async fn find_job(State(state): State<AppState>, member: Member, Path(id): Path<JobId>) -> Result<Json<Job>, AppError> {
    let admin = member.admin()?;
    let mut tx = state.db.tenant(&admin).await?;
    store::find(&mut tx, &admin, id).await.map(Json)
}

/// How far a job is. For everybody who may change records, as they may have asked for it.
#[utoipa::path(get, path = "/jobs/{id}/progress", tag = "Jobs", params(("id" = Uuid, Path,)), responses(
    (status = 200, description = "The progress", body = JobProgress),
    (status = 404, description = "There is no such job, or it is not yours")))]
async fn find_job_progress(
    State(state): State<AppState>,
    member: Member,
    Path(id): Path<JobId>,
) -> Result<Json<JobProgress>, AppError> {
    let editor = member.editor()?;
    let mut tx = state.db.tenant(&editor).await?;
    store::progress(&mut tx, id).await.map(Json)
}

/// Puts a job that failed or was cancelled back into the queue, with all its attempts. For owners and admins.
#[utoipa::path(post, path = "/jobs/{id}/retry", tag = "Jobs", params(("id" = Uuid, Path,)), responses(
    (status = 200, description = "The job, waiting again", body = Job),
    (status = 404, description = "There is no such job, or it is not yours"),
    (status = 409, description = "It has neither failed nor been cancelled")))]
async fn retry_job(
    State(state): State<AppState>,
    member: Member,
    Path(id): Path<JobId>,
) -> Result<Json<Job>, AppError> {
    let admin = member.admin()?;
    let mut tx = state.db.tenant(&admin).await?;
    store::retry(&mut tx, &admin, id).await?;
    let job = store::find(&mut tx, &admin, id).await?;
    tx.commit().await?;
    Ok(Json(job))
}

/// Stops a job: one that waits at once, one that runs as soon as it looks up. Who asked for it may do so, and
/// owners and admins.
#[utoipa::path(post, path = "/jobs/{id}/cancel", tag = "Jobs", params(("id" = Uuid, Path,)), responses(
    (status = 200, description = "Cancelled, or about to be", body = JobProgress),
    (status = 404, description = "There is no such job, or it is not yours"),
    (status = 409, description = "It has ended already")))]
async fn cancel_job(
    State(state): State<AppState>,
    member: Member,
    Path(id): Path<JobId>,
) -> Result<Json<JobProgress>, AppError> {
    let editor = member.editor()?;
    let mut tx = state.db.tenant(&editor).await?;
    store::cancel(&mut tx, &editor, id).await?;
    let progress = store::progress(&mut tx, id).await?;
    tx.commit().await?;
    Ok(Json(progress))
}
