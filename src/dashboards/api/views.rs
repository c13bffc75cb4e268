//! Saved views.

use crate::{
    accounts::Member,
    dashboards::views::{
        model::{NewView, View, ViewPatch},
        store,
    },
    error::AppError,
    ids::{DashboardId, ViewId},
    page::Page,
    server::{
        AppState,
        extract::{Json, Path},
    },
};
use axum::extract::State;
use chrono::Utc;
use http::StatusCode;
use utoipa_axum::{router::OpenApiRouter, routes};

pub fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(list_views, create_view)).routes(routes!(find_view, update_view, delete_view))
}

/// The saved views of a dashboard: those for everybody, then your own.
#[utoipa::path(
    get, path = "/dashboards/{id}/views", tag = "dashboards", params(("id" = DashboardId, Path)),
    responses((status = 200, body = Page<View>))
)]
async fn list_views(
    State(state): State<AppState>,
    member: Member,
    Path(id): Path<DashboardId>,
) -> Result<Json<Page<View>>, AppError> {
    let colleague = member.colleague()?;
    let mut tx = state.db.tenant(&colleague).await?;
    crate::dashboards::store::find_row(&mut tx, id).await?;
    Ok(Json(Page { items: store::list(&mut tx, &colleague, Some(id)).await?, next_cursor: None }))
}

/// Save a range, a comparison and filters under a name: for yourself, or as an admin for everybody.
#[utoipa::path(
    post, path = "/dashboards/{id}/views", tag = "dashboards", params(("id" = DashboardId, Path)),
    request_body = NewView, responses((status = 201, body = View))
)]
async fn create_view(
    State(state): State<AppState>,
    member: Member,
    Path(id): Path<DashboardId>,
    Json(new): Json<NewView>,
) -> Result<(StatusCode, Json<View>), AppError> {
    let colleague = member.colleague()?;
    let mut tx = state.db.tenant(&colleague).await?;
    let view = store::create(&mut tx, &colleague, id, new, Utc::now()).await?;
    tx.commit().await?;
    Ok((StatusCode::CREATED, Json(view)))
}

/// One saved view.
#[utoipa::path(
    get, path = "/dashboards/{id}/views/{view_id}", tag = "dashboards",
    params(("id" = DashboardId, Path), ("view_id" = ViewId, Path)), responses((status = 200, body = View))
)]
async fn find_view(
    State(state): State<AppState>,
    member: Member,
    Path((id, view)): Path<(DashboardId, ViewId)>,
) -> Result<Json<View>, AppError> {
    let colleague = member.colleague()?;
    let mut tx = state.db.tenant(&colleague).await?;
    store::find(&mut tx, &colleague, id, view).await.map(Json)
}

/// Rename a saved view, or make it show something else. Your own, or as an admin one for everybody.
#[utoipa::path(
    patch, path = "/dashboards/{id}/views/{view_id}", tag = "dashboards",
    params(("id" = DashboardId, Path), ("view_id" = ViewId, Path)),
    request_body = ViewPatch, responses((status = 200, body = View))
)]
async fn update_view(
    State(state): State<AppState>,
    member: Member,
    Path((id, view)): Path<(DashboardId, ViewId)>,
    Json(patch): Json<ViewPatch>,
) -> Result<Json<View>, AppError> {
    let colleague = member.colleague()?;
    let mut tx = state.db.tenant(&colleague).await?;
    let view = store::update(&mut tx, &colleague, id, view, patch, Utc::now()).await?;
    tx.commit().await?;
    Ok(Json(view))
}

/// Delete a saved view. Your own, or as an admin one for everybody.
#[utoipa::path(
    delete, path = "/dashboards/{id}/views/{view_id}", tag = "dashboards",
    params(("id" = DashboardId, Path), ("view_id" = ViewId, Path)), responses((status = 204))
)]
async fn delete_view(
    State(state): State<AppState>,
    member: Member,
    Path((id, view)): Path<(DashboardId, ViewId)>,
) -> Result<StatusCode, AppError> {
    let colleague = member.colleague()?;
    let mut tx = state.db.tenant(&colleague).await?;
    store::delete(&mut tx, &colleague, id, view).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}
