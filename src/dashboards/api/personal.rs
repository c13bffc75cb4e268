//! What a person decides for themselves.

use crate::{
    accounts::Member,
    dashboards::{
        model::Place,
        personal::{model::Arrangement, store},
        store::find_row,
    },
    error::AppError,
    ids::DashboardId,
    server::{
        AppState,
        extract::{Json, Path},
    },
};
use axum::extract::State;
use http::StatusCode;
use serde::Deserialize;
use utoipa_axum::{router::OpenApiRouter, routes};

pub fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(set_order))
        .routes(routes!(set_favourite, unset_favourite))
        .routes(routes!(set_first, unset_first))
        .routes(routes!(find_arrangement, arrange, reset_arrangement))
}

/// Dashboards in the order in which their tabs shall stand.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct Order {
    ids: Vec<DashboardId>,
}

/// Put your tabs into order. Those that are not named come after the others; favourites come before all.
#[utoipa::path(
    put, path = "/dashboards/order", tag = "dashboards", request_body = Order, responses((status = 204))
)]
async fn set_order(
    State(state): State<AppState>,
    member: Member,
    Json(order): Json<Order>,
) -> Result<StatusCode, AppError> {
    let colleague = member.colleague()?;
    let mut tx = state.db.tenant(&colleague).await?;
    store::set_order(&mut tx, &colleague, &order.ids).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Make a dashboard one of your favourites.
#[utoipa::path(
    put, path = "/dashboards/{id}/favourite", tag = "dashboards", params(("id" = DashboardId, Path)),
    responses((status = 204))
)]
async fn set_favourite(
    State(state): State<AppState>,
    member: Member,
    Path(id): Path<DashboardId>,
) -> Result<StatusCode, AppError> {
    favour(&state, &member, id, true).await
}

/// Make a dashboard one of your favourites no longer.
#[utoipa::path(
    delete, path = "/dashboards/{id}/favourite", tag = "dashboards", params(("id" = DashboardId, Path)),
    responses((status = 204))
)]
async fn unset_favourite(
    State(state): State<AppState>,
    member: Member,
    Path(id): Path<DashboardId>,
) -> Result<StatusCode, AppError> {
    favour(&state, &member, id, false).await
}

async fn favour(state: &AppState, member: &Member, id: DashboardId, favourite: bool) -> Result<StatusCode, AppError> {
    let colleague = member.colleague()?;
    let mut tx = state.db.tenant(&colleague).await?;
    store::set_favourite(&mut tx, &colleague, id, favourite).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// See this dashboard first, in place of the organisation's default.
#[utoipa::path(
    put, path = "/dashboards/{id}/first", tag = "dashboards", params(("id" = DashboardId, Path)),
    responses((status = 204))
)]
async fn set_first(
    State(state): State<AppState>,
    member: Member,
    Path(id): Path<DashboardId>,
) -> Result<StatusCode, AppError> {
    let colleague = member.colleague()?;
    let mut tx = state.db.tenant(&colleague).await?;
    store::set_first(&mut tx, &colleague, Some(id)).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// See the organisation's default first again.
#[utoipa::path(
    delete, path = "/dashboards/{id}/first", tag = "dashboards", params(("id" = DashboardId, Path)),
    responses((status = 204))
)]
async fn unset_first(
    State(state): State<AppState>,
    member: Member,
    Path(id): Path<DashboardId>,
) -> Result<StatusCode, AppError> {
    let colleague = member.colleague()?;
    let mut tx = state.db.tenant(&colleague).await?;
    find_row(&mut tx, id).await?;
    store::set_first(&mut tx, &colleague, None).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Where you have put the widgets of one of the organisation's dashboards; null where they stand as for everybody.
#[utoipa::path(
    get, path = "/dashboards/{id}/arrangement", tag = "dashboards", params(("id" = DashboardId, Path)),
    responses((status = 200, body = Option<Arrangement>))
)]
async fn find_arrangement(
    State(state): State<AppState>,
    member: Member,
    Path(id): Path<DashboardId>,
) -> Result<Json<Option<Arrangement>>, AppError> {
    let mut tx = state.db.tenant(&member.colleague()?).await?;
    find_row(&mut tx, id).await?;
    let own = store::preferences(&mut tx).await?.remove(&id);
    Ok(Json(own.and_then(|preference| preference.arrangement)))
}

#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct Places {
    places: Vec<Place>,
}

/// Put the widgets of one of the organisation's dashboards elsewhere, for yourself alone: each exactly once.
#[utoipa::path(
    put, path = "/dashboards/{id}/arrangement", tag = "dashboards", params(("id" = DashboardId, Path)),
    request_body = Places, responses((status = 204))
)]
async fn arrange(
    State(state): State<AppState>,
    member: Member,
    Path(id): Path<DashboardId>,
    Json(Places { places }): Json<Places>,
) -> Result<StatusCode, AppError> {
    let editor = member.editor()?;
    let mut tx = state.db.tenant(&editor).await?;
    store::arrange(&mut tx, &editor, id, &places).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Back to the default.
#[utoipa::path(
    delete, path = "/dashboards/{id}/arrangement", tag = "dashboards", params(("id" = DashboardId, Path)),
    responses((status = 204))
)]
async fn reset_arrangement(
    State(state): State<AppState>,
    member: Member,
    Path(id): Path<DashboardId>,
) -> Result<StatusCode, AppError> {
    let editor = member.editor()?;
    let mut tx = state.db.tenant(&editor).await?;
    store::reset_arrangement(&mut tx, &editor, id).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}
