//! REST routes for those who make links. Server only.

use super::{
    model::{self, NewShare, Share},
    public_api, store,
};
use crate::{
    accounts::Member,
    error::AppError,
    ids::{DashboardId, ShareId},
    page::Page,
    server::{
        AppState,
        extract::{Json, Path},
    },
};
use axum::extract::State;
use http::StatusCode;
use serde::Serialize;
use utoipa_axum::{router::OpenApiRouter, routes};

pub fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list_shares))
        .routes(routes!(list_dashboard_shares, create_share, revoke_shares))
        .routes(routes!(rotate_share))
        .routes(routes!(revoke_share))
        .merge(public_api::router())
}

/// A link that was just made, or replaced: its address is shown this once.
#[derive(Serialize, utoipa::ToSchema)]
struct NewLink {
    #[serde(flatten)]
    share: Share,
    share_token: String,
    /// Under the server's own address.
    share_url: String,
}

impl NewLink {
    fn new(share: Share, token: String) -> Self {
        Self { share, share_url: model::path(&token), share_token: token }
    }
}

/// Every public link of the organisation. For admins.
#[utoipa::path(get, path = "/dashboard-shares", tag = "dashboards", responses((status = 200, body = Page<Share>)))]
async fn list_shares(State(state): State<AppState>, member: Member) -> Result<Json<Page<Share>>, AppError> {
    let admin = member.admin()?;
    let mut tx = state.db.tenant(&admin).await?;
    Ok(Json(Page { items: store::list(&mut tx, &admin, None).await?, next_cursor: None }))
}

/// The public links of one dashboard. For admins.
#[utoipa::path(
    get, path = "/dashboards/{id}/share", tag = "dashboards", params(("id" = DashboardId, Path)),
    responses((status = 200, body = Page<Share>))
)]
async fn list_dashboard_shares(
    State(state): State<AppState>,
    member: Member,
    Path(id): Path<DashboardId>,
) -> Result<Json<Page<Share>>, AppError> {
    let admin = member.admin()?;
    let mut tx = state.db.tenant(&admin).await?;
    store::dashboard_name(&mut tx, &admin, id).await?;
    Ok(Json(Page { items: store::list(&mut tx, &admin, Some(id)).await?, next_cursor: None }))
}

/// Open a dashboard to whoever has the link. For admins.
#[utoipa::path(
    post, path = "/dashboards/{id}/share", tag = "dashboards", params(("id" = DashboardId, Path)),
    request_body = NewShare, responses((status = 201, body = NewLink))
)]
async fn create_share(
    State(state): State<AppState>,
    member: Member,
    Path(id): Path<DashboardId>,
    Json(new): Json<NewShare>,
) -> Result<(StatusCode, Json<NewLink>), AppError> {
    let admin = member.admin()?;
    let mut tx = state.db.tenant(&admin).await?;
    let (share, token) = store::create(&mut tx, &admin, id, new).await?;
    tx.commit().await?;
    Ok((StatusCode::CREATED, Json(NewLink::new(share, token))))
}

/// End every public link of a dashboard. For admins.
#[utoipa::path(
    delete, path = "/dashboards/{id}/share", tag = "dashboards", params(("id" = DashboardId, Path)),
    responses((status = 204))
)]
async fn revoke_shares(
    State(state): State<AppState>,
    member: Member,
    Path(id): Path<DashboardId>,
) -> Result<StatusCode, AppError> {
    let admin = member.admin()?;
    let mut tx = state.db.tenant(&admin).await?;
    store::revoke_all(&mut tx, &admin, id).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Give a link another address; the old one ends. For admins.
#[utoipa::path(
    post, path = "/dashboard-shares/{id}/rotate", tag = "dashboards", params(("id" = ShareId, Path)),
    responses((status = 200, body = NewLink))
)]
async fn rotate_share(
    State(state): State<AppState>,
    member: Member,
    Path(id): Path<ShareId>,
) -> Result<Json<NewLink>, AppError> {
    let admin = member.admin()?;
    let mut tx = state.db.tenant(&admin).await?;
    let (share, token) = store::rotate(&mut tx, &admin, id).await?;
    tx.commit().await?;
    Ok(Json(NewLink::new(share, token)))
}

/// End a link. For admins.
#[utoipa::path(
    delete, path = "/dashboard-shares/{id}", tag = "dashboards", params(("id" = ShareId, Path)),
    responses((status = 204))
)]
async fn revoke_share(
    State(state): State<AppState>,
    member: Member,
    Path(id): Path<ShareId>,
) -> Result<StatusCode, AppError> {
    let admin = member.admin()?;
    let mut tx = state.db.tenant(&admin).await?;
    store::revoke(&mut tx, &admin, id).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}
