//! What dashboards were, and the bin.

use super::{change, etag};
use crate::{
    accounts::Member,
    dashboards::{
        editing::model::Content,
        history::model::VersionRow,
        model::{DashboardRow, Deleted},
        store,
    },
    error::AppError,
    ids::DashboardId,
    page::Page,
    server::{
        AppState,
        etag::{IfMatch, tagged},
        extract::{Json, Path, Query},
    },
};
use axum::{extract::State, response::Response};
use chrono::{DateTime, Utc};
use http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa_axum::{router::OpenApiRouter, routes};

pub fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list_versions))
        .routes(routes!(find_version))
        .routes(routes!(restore_version))
        .routes(routes!(list_trash))
        .routes(routes!(purge_dashboard))
        .routes(routes!(restore_dashboard))
}

#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct VersionsForm {
    /// Where the page before ended.
    cursor: Option<String>,
}

/// A dashboard's versions, the latest first. The last 200 are kept.
#[utoipa::path(
    get, path = "/dashboards/{id}/versions", tag = "dashboards", params(("id" = DashboardId, Path), VersionsForm),
    responses((status = 200, body = Page<VersionRow>))
)]
async fn list_versions(
    State(state): State<AppState>,
    member: Member,
    Path(id): Path<DashboardId>,
    Query(form): Query<VersionsForm>,
) -> Result<Json<Page<VersionRow>>, AppError> {
    let before = form.cursor.map(|cursor| cursor.parse()).transpose();
    let before = before.map_err(|_| AppError::field("cursor", "This is not a cursor of the list of versions."))?;
    let colleague = member.colleague()?;
    let mut tx = state.db.tenant(&colleague).await?;
    let history = store::versions::history(&mut tx, &colleague, id, before).await?;
    Ok(Json(Page { items: history.versions, next_cursor: history.before.map(|version| version.to_string()) }))
}

/// One state that a dashboard has been in.
#[derive(Serialize, utoipa::ToSchema)]
struct WholeVersion {
    version: i64,
    content: Content,
    by: Option<String>,
    at: DateTime<Utc>,
}

/// What a dashboard held in one of its versions.
#[utoipa::path(
    get, path = "/dashboards/{id}/versions/{version}", tag = "dashboards",
    params(("id" = DashboardId, Path), ("version" = i64, Path)), responses((status = 200, body = WholeVersion))
)]
async fn find_version(
    State(state): State<AppState>,
    member: Member,
    Path((id, version)): Path<(DashboardId, i64)>,
) -> Result<Json<WholeVersion>, AppError> {
    let mut tx = state.db.tenant(&member.colleague()?).await?;
    store::find_row(&mut tx, id).await?;
    let store::versions::Version { version, content, by, at, .. } =
        store::versions::find(&mut tx, id, version, member.role()).await?;
    Ok(Json(WholeVersion { version, content, by, at }))
}

/// Make a new version that holds what this one did.
#[utoipa::path(
    post, path = "/dashboards/{id}/versions/{version}/restore", tag = "dashboards",
    params(
        ("id" = DashboardId, Path), ("version" = i64, Path),
        ("If-Match" = Option<String>, Header, description = "The ETag that you have seen")
    ),
    responses((status = 200, body = DashboardRow), (status = 412))
)]
async fn restore_version(
    State(state): State<AppState>,
    member: Member,
    Path((id, version)): Path<(DashboardId, i64)>,
    if_match: IfMatch,
) -> Result<Response, AppError> {
    let (mut tx, editor) = change(&state, &member, id, &if_match).await?;
    store::versions::restore(&mut tx, &editor, id, version).await?;
    let row = store::find_row(&mut tx, id).await?;
    let tag = etag(&mut tx, &member, id).await?;
    tx.commit().await?;
    Ok(tagged(&tag, Json(row)))
}

/// The bin: what you may take out of it again, the latest first.
#[utoipa::path(get, path = "/dashboards/trash", tag = "dashboards", responses((status = 200, body = Page<Deleted>)))]
async fn list_trash(State(state): State<AppState>, member: Member) -> Result<Json<Page<Deleted>>, AppError> {
    let editor = member.editor()?;
    let mut tx = state.db.tenant(&editor).await?;
    Ok(Json(Page { items: store::list_trash(&mut tx, &editor).await?, next_cursor: None }))
}

/// Delete a dashboard that is in the bin, for good.
#[utoipa::path(
    delete, path = "/dashboards/trash/{id}", tag = "dashboards", params(("id" = DashboardId, Path)),
    responses((status = 204))
)]
async fn purge_dashboard(
    State(state): State<AppState>,
    member: Member,
    Path(id): Path<DashboardId>,
) -> Result<StatusCode, AppError> {
    let editor = member.editor()?;
    let mut tx = state.db.tenant(&editor).await?;
    store::purge(&mut tx, &editor, id).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Take a dashboard out of the bin.
#[utoipa::path(
    post, path = "/dashboards/{id}/restore", tag = "dashboards", params(("id" = DashboardId, Path)),
    responses((status = 200, body = DashboardRow))
)]
async fn restore_dashboard(
    State(state): State<AppState>,
    member: Member,
    Path(id): Path<DashboardId>,
) -> Result<Response, AppError> {
    let editor = member.editor()?;
    let mut tx = state.db.tenant(&editor).await?;
    let row = store::restore(&mut tx, &editor, id).await?;
    let tag = etag(&mut tx, &member, id).await?;
    tx.commit().await?;
    Ok(tagged(&tag, Json(row)))
}
