//! REST routes. Server only.

use super::{Activity, ActivityQuery, store};
use crate::{
    accounts::Member,
    error::AppError,
    page::Page,
    server::{
        AppState,
        extract::{Json, Query},
    },
};
use axum::extract::State;
use utoipa_axum::{router::OpenApiRouter, routes};

/// The feature's routes, with addresses relative to `/api/v1`.
pub fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(list_activities))
}

/// What happened in the organisation, newest first.
#[utoipa::path(get, path = "/activities", tag = "Activity", params(ActivityQuery), responses(
    (status = 200, description = "A page", body = Page<Activity>),
    (status = 422, description = "A field of the query is wrong")))]
async fn list_activities(
    State(state): State<AppState>,
    member: Member,
    Query(query): Query<ActivityQuery>,
) -> Result<Json<Page<Activity>>, AppError> {
    let mut tx = state.db.tenant(&member).await?;
    store::list(&mut tx, &member, &query).await.map(Json)
}
