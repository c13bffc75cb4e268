//! Widgets of a dashboard, their places and data.

use super::{PlacedWidget, WholeDashboard, change, etag, question::Question};
use crate::{
    accounts::{Member, Role},
    dashboards::{
        data::{self, WidgetData},
        model::*,
        store,
    },
    error::AppError,
    ids::{DashboardId, WidgetId},
    page::Page,
    server::{
        AppState,
        etag::{IfMatch, tagged},
        extract::{Json, Path},
    },
    widgets::{
        Sizes, WidgetKind,
        draw::DrawContext,
        settings::{self, schema},
    },
};
use axum::{extract::State, response::Response};
use chrono::Utc;
use http::StatusCode;
use serde::Serialize;
use utoipa_axum::{router::OpenApiRouter, routes};

pub fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list_widget_types))
        .routes(routes!(update_layout))
        .routes(routes!(create_widget))
        .routes(routes!(update_widget, delete_widget))
        .routes(routes!(widget_data))
}

/// A kind of widget and how large it may be.
#[derive(Serialize, utoipa::ToSchema)]
struct WidgetType {
    kind: WidgetKind,
    label: &'static str,
    description: &'static str,
    sizes: Sizes,
    /// Everything that can be set, in the order in which people set it.
    settings: &'static [settings::Field],
}

/// The kinds of widget.
#[utoipa::path(get, path = "/dashboards/widget-types", tag = "dashboards", responses((status = 200, body = Page<WidgetType>)))]
async fn list_widget_types(member: Member) -> Result<Json<Page<WidgetType>>, AppError> {
    member.colleague()?;
    let items = WidgetKind::ALL.map(|kind| WidgetType {
        kind,
        label: kind.label(),
        description: kind.description(),
        sizes: kind.sizes(),
        settings: schema(kind),
    });
    Ok(Json(Page { items: items.into(), next_cursor: None }))
}

/// Rearrange a dashboard. A conflict when somebody else has changed it since the given version.
#[utoipa::path(
    put, path = "/dashboards/{id}/layout", tag = "dashboards",
    params(("id" = DashboardId, Path), ("If-Match" = Option<String>, Header, description = "The ETag that you have seen")),
    request_body = Layout, responses((status = 200, body = WholeDashboard), (status = 409), (status = 412))
)]
async fn update_layout(
    State(state): State<AppState>,
    member: Member,
    Path(id): Path<DashboardId>,
    if_match: IfMatch,
    Json(layout): Json<Layout>,
) -> Result<Response, AppError> {
    let (mut tx, editor) = change(&state, &member, id, &if_match).await?;
    let changed = store::update_layout(&mut tx, &editor, id, &layout).await?;
    let whole = WholeDashboard::new(&mut tx, &member, changed).await?;
    tx.commit().await?;
    Ok(tagged(&whole.etag()?, Json(whole)))
}

/// Put a widget on a dashboard; without a place, on the first free one. The `ETag` is the dashboard's.
#[utoipa::path(
    post, path = "/dashboards/{id}/widgets", tag = "dashboards",
    params(("id" = DashboardId, Path), ("If-Match" = Option<String>, Header, description = "The ETag that you have seen")),
    request_body = NewWidget, responses((status = 201, body = PlacedWidget), (status = 412))
)]
async fn create_widget(
    State(state): State<AppState>,
    member: Member,
    Path(id): Path<DashboardId>,
    if_match: IfMatch,
    Json(new): Json<NewWidget>,
) -> Result<Response, AppError> {
    let (mut tx, editor) = change(&state, &member, id, &if_match).await?;
    let widget = PlacedWidget::from(store::create_widget(&mut tx, &editor, id, &new).await?);
    let tag = etag(&mut tx, &member, id).await?;
    tx.commit().await?;
    Ok(tagged(&tag, (StatusCode::CREATED, Json(widget))))
}

/// Change a widget's place or settings. The `ETag` is the dashboard's.
#[utoipa::path(
    put, path = "/dashboards/{id}/widgets/{widget_id}", tag = "dashboards",
    params(
        ("id" = DashboardId, Path), ("widget_id" = WidgetId, Path),
        ("If-Match" = Option<String>, Header, description = "The ETag that you have seen")
    ),
    request_body = WidgetPatch, responses((status = 200, body = PlacedWidget), (status = 412))
)]
async fn update_widget(
    State(state): State<AppState>,
    member: Member,
    Path((id, widget_id)): Path<(DashboardId, WidgetId)>,
    if_match: IfMatch,
    Json(patch): Json<WidgetPatch>,
) -> Result<Response, AppError> {
    let (mut tx, editor) = change(&state, &member, id, &if_match).await?;
    let widget = PlacedWidget::from(store::update_widget(&mut tx, &editor, id, widget_id, &patch).await?);
    let tag = etag(&mut tx, &member, id).await?;
    tx.commit().await?;
    Ok(tagged(&tag, Json(widget)))
}

/// Take a widget off a dashboard. The `ETag` is the dashboard's.
#[utoipa::path(
    delete, path = "/dashboards/{id}/widgets/{widget_id}", tag = "dashboards",
    params(
        ("id" = DashboardId, Path), ("widget_id" = WidgetId, Path),
        ("If-Match" = Option<String>, Header, description = "The ETag that you have seen")
    ),
    responses((status = 204), (status = 412))
)]
async fn delete_widget(
    State(state): State<AppState>,
    member: Member,
    Path((id, widget_id)): Path<(DashboardId, WidgetId)>,
    if_match: IfMatch,
) -> Result<Response, AppError> {
    let (mut tx, editor) = change(&state, &member, id, &if_match).await?;
    store::delete_widget(&mut tx, &editor, id, widget_id).await?;
    let tag = etag(&mut tx, &member, id).await?;
    tx.commit().await?;
    Ok(tagged(&tag, StatusCode::NO_CONTENT))
}

/// What a widget shows, as data.
#[utoipa::path(
    get, path = "/dashboards/{id}/widgets/{widget_id}/data", tag = "dashboards",
    params(
        ("id" = DashboardId, Path), ("widget_id" = WidgetId, Path),
        ("from" = Option<String>, Query, description = "`now-12M/M`, `2026-01-31`; included"),
        ("to" = Option<String>, Query, description = "The same; not included"),
        ("compare" = Option<String>, Query, description = "`none`, `previous_period` or `year_before`"),
        ("f.{filter}" = Option<Vec<String>>, Query, description = "A filter and its value, again for another value: `f.category=Freight`; `~` is “no value”. A widget that has no field for it leaves it out")
    ),
    responses((status = 200, body = WidgetData))
)]
async fn widget_data(
    State(state): State<AppState>,
    member: Member,
    Path((id, widget_id)): Path<(DashboardId, WidgetId)>,
    Question(query): Question,
) -> Result<Json<WidgetData>, AppError> {
    let context = DrawContext {
        range: query.range(),
        comparison: query.comparison(),
        filters: query.filters,
        now: Utc::now(),
        partner: member.role() == Role::Partner,
        may_add: false,
    };
    let mut tx = state.db.tenant(&member.colleague()?).await?;
    let dashboard = store::find(&mut tx, id).await?.seen_by(member.role());
    let widget = dashboard.widgets.into_iter().find(|w| w.id == widget_id);
    let widget = widget.ok_or_else(|| AppError::not_found("The widget"))?;
    data::find(&mut tx, member.organization(), &widget.settings, &context).await.map(Json)
}
