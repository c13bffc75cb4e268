//! What a person decides for themselves.

use crate::{
    accounts::{Colleague, Member},
    dashboards::{
        model::Place,
        personal::{model::Arrangement, store},
        store::find_row,
    },
    error::AppError,
    ids::DashboardId,
    server::{
        AppState, TenantScope, TenantTx,
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

/// Changes something of the person's own, all or nothing. Nothing is left to say about it.
async fn change<S: TenantScope>(
    state: &AppState,
    own: S,
    work: impl AsyncFnOnce(&mut TenantTx, &S) -> Result<(), AppError>,
) -> Result<StatusCode, AppError> {
    let mut tx = state.db.tenant(&own).await?;
    work(&mut tx, &own).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
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
    change(&state, member.colleague()?, async |tx, own| store::set_order(tx, own, &order.ids).await).await
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
    change(&state, member.colleague()?, async |tx, own| store::set_favourite(tx, own, id, true).await).await
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
    change(&state, member.colleague()?, async |tx, own| store::set_favourite(tx, own, id, false).await).await
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
    change(&state, member.colleague()?, async |tx, own| store::set_first(tx, own, Some(id)).await).await
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
    let unset = async |tx: &mut TenantTx, own: &Colleague| {
        find_row(tx, id).await?;
        store::set_first(tx, own, None).await
    };
    change(&state, member.colleague()?, unset).await
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
    change(&state, member.editor()?, async |tx, own| store::arrange(tx, own, id, &places).await).await
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
    change(&state, member.editor()?, async |tx, own| store::reset_arrangement(tx, own, id).await).await
}
