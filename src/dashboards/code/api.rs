//! REST routes. Server only.

use super::{
    form,
    model::Preview,
    plan::{self, Goal},
};
use crate::{
    accounts::Member,
    dashboards::{export::head, store},
    error::AppError,
    ids::DashboardId,
    server::{
        AppState,
        extract::{Json, Path, Query},
    },
};
use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use http::{StatusCode, header};
use serde::{Deserialize, Serialize};
use utoipa_axum::{router::OpenApiRouter, routes};

pub fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(dashboard_schema))
        .routes(routes!(dashboard_code))
        .routes(routes!(import_dashboard))
        .routes(routes!(preview_import))
}

/// The JSON schema of the form, for editors and checks.
#[utoipa::path(get, path = "/dashboards/schema", tag = "dashboards", security(()), responses((status = 200)))]
async fn dashboard_schema() -> Response {
    ([(header::CONTENT_TYPE, "application/schema+json")], form::SCHEMA).into_response()
}

/// A dashboard as code: what it is made of, without ids.
#[utoipa::path(
    get, path = "/dashboards/{id}/code", tag = "dashboards", params(("id" = DashboardId, Path)),
    responses((status = 200, content_type = "application/json"))
)]
async fn dashboard_code(
    State(state): State<AppState>,
    member: Member,
    Path(id): Path<DashboardId>,
) -> Result<Response, AppError> {
    download(&state, &member, id).await
}

/// The form as a file to save.
pub(super) async fn download(state: &AppState, member: &Member, id: DashboardId) -> Result<Response, AppError> {
    let mut tx = state.db.tenant(&member.colleague()?).await?;
    let row = store::find(&mut tx, id).await?.row;
    let content = plan::visible(&mut tx, member, &row).await?;
    let name: String = head::file_name(&row.name, "json").chars().filter(char::is_ascii).collect();
    let headers = [
        (header::CONTENT_TYPE, "application/json".to_owned()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")),
    ];
    Ok((headers, form::write(&content)).into_response())
}

#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct ImportForm {
    /// `new`, or the id of the dashboard to replace. Left out: the dashboard of the file's name, or a new one.
    #[serde(default)]
    into: String,
}

/// Where an import went.
#[derive(Serialize, utoipa::ToSchema)]
struct Imported {
    id: DashboardId,
    name: String,
}

/// Import a dashboard. All or nothing; whatever is wrong is named with its place.
#[utoipa::path(
    post, path = "/dashboards/import", tag = "dashboards", params(ImportForm),
    request_body(content = serde_json::Value, description = "The form, as `GET /dashboards/{id}/code` gives it"),
    responses((status = 201, body = Imported), (status = 200, body = Imported), (status = 409))
)]
async fn import_dashboard(
    State(state): State<AppState>,
    member: Member,
    Query(asked): Query<ImportForm>,
    text: String,
) -> Result<(StatusCode, Json<Imported>), AppError> {
    let editor = member.editor()?;
    let goal: Goal = asked.into.parse()?;
    let mut tx = state.db.tenant(&editor).await?;
    let (id, new) = plan::import(&mut tx, &editor, &text, goal).await?;
    let name = store::find(&mut tx, id).await?.row.name;
    tx.commit().await?;
    Ok((if new { StatusCode::CREATED } else { StatusCode::OK }, Json(Imported { id, name })))
}

/// What an import would do: changes in words, problems that would stop it, and metrics that there are not.
#[utoipa::path(
    post, path = "/dashboards/import/preview", tag = "dashboards", params(ImportForm),
    request_body(content = serde_json::Value, description = "The form, as `GET /dashboards/{id}/code` gives it"),
    responses((status = 200, body = Preview))
)]
async fn preview_import(
    State(state): State<AppState>,
    member: Member,
    Query(asked): Query<ImportForm>,
    text: String,
) -> Result<Json<Preview>, AppError> {
    let goal: Goal = asked.into.parse()?;
    let mut tx = state.db.tenant(&member.colleague()?).await?;
    plan::preview(&mut tx, &member, &text, goal).await.map(Json)
}
