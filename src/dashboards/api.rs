//! REST routes, as spec 4 has them. Server only.

use super::{
    data::{self, Asked, WidgetData},
    model::*,
    page::PageQuery,
    store,
    templates::Template,
};
use crate::{
    accounts::Member,
    error::AppError,
    ids::{DashboardId, WidgetId},
    page::Page,
    server::{
        AppState,
        extract::{Json, Path, Query},
    },
    widgets::{Sizes, Widget, WidgetKind},
};
use axum::extract::State;
use chrono::Utc;
use http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa_axum::{router::OpenApiRouter, routes};

/// The feature's routes, with addresses relative to `/api/v1`.
pub fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list_widget_types))
        .routes(routes!(list_templates))
        .routes(routes!(list_dashboards, create_dashboard))
        .routes(routes!(find_dashboard, update_dashboard, delete_dashboard))
        .routes(routes!(restore_dashboard))
        .routes(routes!(set_default_dashboard))
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
}

/// What a dashboard may begin with.
#[derive(Serialize, utoipa::ToSchema)]
struct TemplateInfo {
    code: &'static str,
    name: &'static str,
    description: &'static str,
    widgets: Vec<NewWidget>,
}

/// A widget in its place.
#[derive(Serialize, utoipa::ToSchema)]
struct PlacedWidget {
    id: WidgetId,
    kind: WidgetKind,
    title: String,
    x: u16,
    y: u16,
    w: u16,
    h: u16,
    #[schema(value_type = Object)]
    settings: serde_json::Value,
}

impl From<Widget> for PlacedWidget {
    fn from(widget: Widget) -> Self {
        let (title, settings) = (widget.title(), widget.settings.to_json());
        let Widget { id, kind, x, y, w, h, .. } = widget;
        Self { id, kind, title, x, y, w, h, settings }
    }
}

/// A dashboard with its widgets, in reading order.
#[derive(Serialize, utoipa::ToSchema)]
struct WholeDashboard {
    #[serde(flatten)]
    row: DashboardRow,
    widgets: Vec<PlacedWidget>,
}

impl From<Dashboard> for WholeDashboard {
    fn from(dashboard: Dashboard) -> Self {
        Self { row: dashboard.row, widgets: dashboard.widgets.into_iter().map(Into::into).collect() }
    }
}

/// A time range and a comparison, as in a dashboard's address; twelve whole months beside the year before unless given.
#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct RangeForm {
    /// `now-12M/M`, `2026-01-31`; included.
    from: Option<String>,
    /// The same; not included.
    to: Option<String>,
    /// `none`, `previous_period` or `year_before`.
    compare: Option<String>,
}

/// The kinds of widget.
#[utoipa::path(get, path = "/dashboards/widget-types", tag = "dashboards", responses((status = 200, body = Page<WidgetType>)))]
async fn list_widget_types(_: Member) -> Json<Page<WidgetType>> {
    let items = WidgetKind::ALL.map(|kind| WidgetType {
        kind,
        label: kind.label(),
        description: kind.description(),
        sizes: kind.sizes(),
    });
    Json(Page { items: items.into(), next_cursor: None })
}

/// The templates.
#[utoipa::path(get, path = "/dashboards/templates", tag = "dashboards", responses((status = 200, body = Page<TemplateInfo>)))]
async fn list_templates(_: Member) -> Json<Page<TemplateInfo>> {
    let items = Template::ALL.map(|t| TemplateInfo {
        code: t.code(),
        name: t.name(),
        description: t.description(),
        widgets: t.widgets(),
    });
    Json(Page { items: items.into(), next_cursor: None })
}

/// Every dashboard, the default first.
#[utoipa::path(get, path = "/dashboards", tag = "dashboards", responses((status = 200, body = Page<DashboardRow>)))]
async fn list_dashboards(State(state): State<AppState>, member: Member) -> Result<Json<Page<DashboardRow>>, AppError> {
    let mut tx = state.db.tenant(&member).await?;
    // An organisation has a few hundred at most, so one page holds them all.
    Ok(Json(Page { items: store::list(&mut tx).await?, next_cursor: None }))
}

/// Make a dashboard: blank, from a template, or with the given widgets.
#[utoipa::path(
    post, path = "/dashboards", tag = "dashboards", request_body = NewDashboard,
    responses((status = 201, body = WholeDashboard))
)]
async fn create_dashboard(
    State(state): State<AppState>,
    member: Member,
    Json(new): Json<NewDashboard>,
) -> Result<(StatusCode, Json<WholeDashboard>), AppError> {
    let editor = member.editor()?;
    let mut tx = state.db.tenant(&editor).await?;
    let made = store::create(&mut tx, &editor, new).await?;
    tx.commit().await?;
    Ok((StatusCode::CREATED, Json(made.into())))
}

/// One dashboard with its widgets.
#[utoipa::path(
    get, path = "/dashboards/{id}", tag = "dashboards", params(("id" = DashboardId, Path)),
    responses((status = 200, body = WholeDashboard))
)]
async fn find_dashboard(
    State(state): State<AppState>,
    member: Member,
    Path(id): Path<DashboardId>,
) -> Result<Json<WholeDashboard>, AppError> {
    let mut tx = state.db.tenant(&member).await?;
    Ok(Json(store::find(&mut tx, id).await?.into()))
}

/// Change a dashboard's name, description or refresh interval.
#[utoipa::path(
    patch, path = "/dashboards/{id}", tag = "dashboards", params(("id" = DashboardId, Path)),
    request_body = DashboardPatch, responses((status = 200, body = DashboardRow))
)]
async fn update_dashboard(
    State(state): State<AppState>,
    member: Member,
    Path(id): Path<DashboardId>,
    Json(patch): Json<DashboardPatch>,
) -> Result<Json<DashboardRow>, AppError> {
    let editor = member.editor()?;
    let mut tx = state.db.tenant(&editor).await?;
    let row = store::update(&mut tx, &editor, id, patch).await?;
    tx.commit().await?;
    Ok(Json(row))
}

/// Put a dashboard into the bin.
#[utoipa::path(
    delete, path = "/dashboards/{id}", tag = "dashboards", params(("id" = DashboardId, Path)),
    responses((status = 204))
)]
async fn delete_dashboard(
    State(state): State<AppState>,
    member: Member,
    Path(id): Path<DashboardId>,
) -> Result<StatusCode, AppError> {
    let editor = member.editor()?;
    let mut tx = state.db.tenant(&editor).await?;
    store::delete(&mut tx, &editor, id).await?;
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
) -> Result<Json<DashboardRow>, AppError> {
    let editor = member.editor()?;
    let mut tx = state.db.tenant(&editor).await?;
    let row = store::restore(&mut tx, &editor, id).await?;
    tx.commit().await?;
    Ok(Json(row))
}

/// Make a dashboard the one that everybody sees first.
#[utoipa::path(
    put, path = "/dashboards/{id}/default", tag = "dashboards", params(("id" = DashboardId, Path)),
    responses((status = 204))
)]
async fn set_default_dashboard(
    State(state): State<AppState>,
    member: Member,
    Path(id): Path<DashboardId>,
) -> Result<StatusCode, AppError> {
    let editor = member.editor()?;
    let mut tx = state.db.tenant(&editor).await?;
    store::set_default(&mut tx, &editor, id).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Rearrange a dashboard. A conflict when somebody else has changed it since the given version.
#[utoipa::path(
    put, path = "/dashboards/{id}/layout", tag = "dashboards", params(("id" = DashboardId, Path)),
    request_body = Layout, responses((status = 200, body = WholeDashboard), (status = 409))
)]
async fn update_layout(
    State(state): State<AppState>,
    member: Member,
    Path(id): Path<DashboardId>,
    Json(layout): Json<Layout>,
) -> Result<Json<WholeDashboard>, AppError> {
    let editor = member.editor()?;
    let mut tx = state.db.tenant(&editor).await?;
    let dashboard = store::update_layout(&mut tx, &editor, id, &layout).await?;
    tx.commit().await?;
    Ok(Json(dashboard.into()))
}

/// Put a widget on a dashboard; without a place, on the first free one.
#[utoipa::path(
    post, path = "/dashboards/{id}/widgets", tag = "dashboards", params(("id" = DashboardId, Path)),
    request_body = NewWidget, responses((status = 201, body = PlacedWidget))
)]
async fn create_widget(
    State(state): State<AppState>,
    member: Member,
    Path(id): Path<DashboardId>,
    Json(new): Json<NewWidget>,
) -> Result<(StatusCode, Json<PlacedWidget>), AppError> {
    let editor = member.editor()?;
    let mut tx = state.db.tenant(&editor).await?;
    let widget = store::create_widget(&mut tx, &editor, id, &new).await?;
    tx.commit().await?;
    Ok((StatusCode::CREATED, Json(widget.into())))
}

/// Change a widget's place or settings.
#[utoipa::path(
    put, path = "/dashboards/{id}/widgets/{widget_id}", tag = "dashboards",
    params(("id" = DashboardId, Path), ("widget_id" = WidgetId, Path)),
    request_body = WidgetPatch, responses((status = 200, body = PlacedWidget))
)]
async fn update_widget(
    State(state): State<AppState>,
    member: Member,
    Path((id, widget_id)): Path<(DashboardId, WidgetId)>,
    Json(patch): Json<WidgetPatch>,
) -> Result<Json<PlacedWidget>, AppError> {
    let editor = member.editor()?;
    let mut tx = state.db.tenant(&editor).await?;
    let widget = store::update_widget(&mut tx, &editor, id, widget_id, &patch).await?;
    tx.commit().await?;
    Ok(Json(widget.into()))
}

/// Take a widget off a dashboard.
#[utoipa::path(
    delete, path = "/dashboards/{id}/widgets/{widget_id}", tag = "dashboards",
    params(("id" = DashboardId, Path), ("widget_id" = WidgetId, Path)), responses((status = 204))
)]
async fn delete_widget(
    State(state): State<AppState>,
    member: Member,
    Path((id, widget_id)): Path<(DashboardId, WidgetId)>,
) -> Result<StatusCode, AppError> {
    let editor = member.editor()?;
    let mut tx = state.db.tenant(&editor).await?;
    store::delete_widget(&mut tx, &editor, id, widget_id).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// What a widget shows, as data.
#[utoipa::path(
    get, path = "/dashboards/{id}/widgets/{widget_id}/data", tag = "dashboards",
    params(("id" = DashboardId, Path), ("widget_id" = WidgetId, Path), RangeForm),
    responses((status = 200, body = WidgetData))
)]
async fn widget_data(
    State(state): State<AppState>,
    member: Member,
    Path((id, widget_id)): Path<(DashboardId, WidgetId)>,
    Query(form): Query<RangeForm>,
) -> Result<Json<WidgetData>, AppError> {
    let query = PageQuery { from: form.from, to: form.to, compare: form.compare, ..PageQuery::default() };
    let asked = Asked { range: query.range(), comparison: query.comparison(), now: Utc::now() };
    let mut tx = state.db.tenant(&member).await?;
    let dashboard = store::find(&mut tx, id).await?;
    let widget = dashboard.widgets.into_iter().find(|w| w.id == widget_id);
    let widget = widget.ok_or_else(|| AppError::not_found("The widget"))?;
    data::find(&mut tx, member.organization(), &widget.settings, asked).await.map(Json)
}
