//! REST routes: spec 4's, and what the pages do beside. Server only.
//!
//! A dashboard's `ETag` is of everything that `GET /dashboards/{id}` shows. Each change of it answers with the new one, and
//! takes `If-Match`: one that was made on an older version is refused with 412, and nothing is written.

mod history;
mod personal;
pub(super) mod question;
mod views;
mod widgets;

use super::{code, export, model::*, personal::model::first, sharing, store, templates::Template};
use crate::{
    accounts::{Colleague, Editor, Member},
    error::{AppError, FieldErrors},
    ids::{DashboardId, UserId, WidgetId},
    metrics::definitions,
    page::Page,
    server::{
        AppState, TenantTx,
        etag::{ETag, IfMatch, IfNoneMatch, tagged},
        extract::{Json, Path},
    },
    widgets::{Widget, WidgetKind, settings},
};
use axum::{extract::State, response::Response};
use chrono::Utc;
use http::StatusCode;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use utoipa::OpenApi;
use utoipa_axum::{router::OpenApiRouter, routes};

/// The feature's routes, with addresses relative to `/api/v1`.
pub fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::with_openapi(export::route::Description::openapi())
        .merge(code::api::router())
        .routes(routes!(list_templates))
        .routes(routes!(list_dashboards, create_dashboard))
        .routes(routes!(find_dashboard, update_dashboard, delete_dashboard))
        .routes(routes!(set_default_dashboard))
        .routes(routes!(duplicate_dashboard))
        .routes(routes!(give_dashboard))
        .routes(routes!(list_left_behind))
        .merge(widgets::router())
        .merge(history::router())
        .merge(personal::router())
        .merge(views::router())
        .merge(sharing::api::router())
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
    /// Stays where it is while others move around it.
    pinned: bool,
    #[schema(value_type = Object)]
    settings: serde_json::Value,
}

impl From<Widget> for PlacedWidget {
    fn from(widget: Widget) -> Self {
        let (title, settings) = (widget.title(), widget.settings.to_json());
        let Widget { id, kind, x, y, w, h, pinned, .. } = widget;
        Self { id, kind, title, x, y, w, h, pinned, settings }
    }
}

/// A dashboard and how it stands to you.
#[derive(Serialize, utoipa::ToSchema)]
struct ListedDashboard {
    #[serde(flatten)]
    row: DashboardRow,
    /// One of your favourites.
    #[schema(read_only)]
    favourite: bool,
    /// What you see first.
    #[schema(read_only)]
    is_first: bool,
    /// A public link shows it to anybody who has it.
    #[schema(read_only)]
    public: bool,
}

impl ListedDashboard {
    /// All that the person sees, in the order of their tabs.
    async fn all(tx: &mut TenantTx, colleague: &Colleague) -> Result<Vec<Self>, AppError> {
        let (rows, preferences) = super::personal::store::list(tx, colleague).await?;
        let public: HashMap<_, _> = sharing::store::public_dashboards(tx).await?.into_iter().collect();
        let (first, now) = (first(&rows.iter().collect::<Vec<_>>(), &preferences), Utc::now());
        let listed = |row: DashboardRow| Self {
            favourite: preferences.get(&row.id).is_some_and(|own| own.favourite),
            is_first: first == Some(row.id),
            public: public.get(&row.id).is_some_and(|until| until.is_none_or(|until| until > now)),
            row,
        };
        Ok(rows.into_iter().map(listed).collect())
    }
}

/// A dashboard with its widgets, in reading order.
#[derive(Serialize, utoipa::ToSchema)]
struct WholeDashboard {
    #[serde(flatten)]
    listed: ListedDashboard,
    widgets: Vec<PlacedWidget>,
}

impl WholeDashboard {
    /// As the person may know it.
    async fn new(tx: &mut TenantTx, member: &Member, dashboard: Dashboard) -> Result<Self, AppError> {
        let Dashboard { row, widgets } = dashboard.seen_by(member.role());
        let mut all = ListedDashboard::all(tx, &member.colleague()?).await?.into_iter();
        let listed = all.find(|listed| listed.row.id == row.id).ok_or_else(|| AppError::not_found("The dashboard"))?;
        Ok(Self { listed, widgets: widgets.into_iter().map(Into::into).collect() })
    }

    fn version(&self) -> i64 {
        self.listed.row.version
    }

    fn etag(&self) -> Result<ETag, AppError> {
        ETag::of(self.version(), self)
    }
}

/// A change of one dashboard: nobody else changes it meanwhile, and it is in the version that the client has seen.
async fn change(
    state: &AppState,
    member: &Member,
    id: DashboardId,
    if_match: &IfMatch,
) -> Result<(TenantTx, Editor), AppError> {
    let editor = member.editor()?;
    let mut tx = state.db.tenant(&editor).await?;
    if if_match.is_given() {
        if_match.check(store::editable(&mut tx, &editor, id).await?.row().version)?;
    }
    Ok((tx, editor))
}

/// The tag of a dashboard's present state, as the person sees it.
async fn etag(tx: &mut TenantTx, member: &Member, id: DashboardId) -> Result<ETag, AppError> {
    let dashboard = store::find(tx, id).await?;
    WholeDashboard::new(tx, member, dashboard).await?.etag()
}

/// Refuses metrics that there are not, each in its place.
async fn check_metrics(tx: &mut TenantTx, widgets: &[NewWidget]) -> Result<(), AppError> {
    // What is wrong with the settings themselves is said where they are read.
    let read = |widget: &NewWidget| settings::parse(widget.kind, &widget.settings).ok();
    let known = definitions::list(tx).await?;
    let mut errors = FieldErrors::default();
    for (n, settings) in widgets.iter().map(read).enumerate() {
        let lack = settings.and_then(|settings| definitions::lack_of(settings.metric()?, &known));
        if let Some(message) = lack {
            errors.add(format!("widgets[{n}].metric"), message);
        }
    }
    errors.into_result()
}

/// The templates.
#[utoipa::path(get, path = "/dashboards/templates", tag = "dashboards", responses((status = 200, body = Page<TemplateInfo>)))]
async fn list_templates(member: Member) -> Result<Json<Page<TemplateInfo>>, AppError> {
    member.colleague()?;
    let items = Template::ALL.map(|t| TemplateInfo {
        code: t.code(),
        name: t.name(),
        description: t.description(),
        widgets: t.widgets(),
    });
    Ok(Json(Page { items: items.into(), next_cursor: None }))
}

/// The dashboards of the organisation and your own, in the order of your tabs.
#[utoipa::path(get, path = "/dashboards", tag = "dashboards", responses((status = 200, body = Page<ListedDashboard>)))]
async fn list_dashboards(
    State(state): State<AppState>,
    member: Member,
) -> Result<Json<Page<ListedDashboard>>, AppError> {
    let colleague = member.colleague()?;
    let mut tx = state.db.tenant(&colleague).await?;
    // An organisation has a few hundred at most, so one page holds them all.
    Ok(Json(Page { items: ListedDashboard::all(&mut tx, &colleague).await?, next_cursor: None }))
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
) -> Result<Response, AppError> {
    let editor = member.editor()?;
    let mut tx = state.db.tenant(&editor).await?;
    check_metrics(&mut tx, &new.widgets).await?;
    let made = store::create(&mut tx, &editor, new).await?;
    let made = WholeDashboard::new(&mut tx, &member, made).await?;
    tx.commit().await?;
    Ok(tagged(&made.etag()?, (StatusCode::CREATED, Json(made))))
}

/// One dashboard with its widgets. Send its `ETag` as `If-None-Match` to ask whether it has changed.
#[utoipa::path(
    get, path = "/dashboards/{id}", tag = "dashboards", params(("id" = DashboardId, Path)),
    responses((status = 200, body = WholeDashboard), (status = 304))
)]
async fn find_dashboard(
    State(state): State<AppState>,
    member: Member,
    Path(id): Path<DashboardId>,
    known: IfNoneMatch,
) -> Result<Response, AppError> {
    let mut tx = state.db.tenant(&member.colleague()?).await?;
    let dashboard = store::find(&mut tx, id).await?;
    let whole = WholeDashboard::new(&mut tx, &member, dashboard).await?;
    known.answer(whole.version(), whole)
}

/// Change a dashboard's name, description or refresh interval.
#[utoipa::path(
    patch, path = "/dashboards/{id}", tag = "dashboards",
    params(("id" = DashboardId, Path), ("If-Match" = Option<String>, Header, description = "The ETag that you have seen")),
    request_body = DashboardPatch, responses((status = 200, body = DashboardRow), (status = 412))
)]
async fn update_dashboard(
    State(state): State<AppState>,
    member: Member,
    Path(id): Path<DashboardId>,
    if_match: IfMatch,
    Json(patch): Json<DashboardPatch>,
) -> Result<Response, AppError> {
    let (mut tx, editor) = change(&state, &member, id, &if_match).await?;
    let row = store::update(&mut tx, &editor, id, patch).await?;
    let tag = etag(&mut tx, &member, id).await?;
    tx.commit().await?;
    Ok(tagged(&tag, Json(row)))
}

/// Put a dashboard into the bin, where it rests for 30 days.
#[utoipa::path(
    delete, path = "/dashboards/{id}", tag = "dashboards",
    params(("id" = DashboardId, Path), ("If-Match" = Option<String>, Header, description = "The ETag that you have seen")),
    responses((status = 204), (status = 412))
)]
async fn delete_dashboard(
    State(state): State<AppState>,
    member: Member,
    Path(id): Path<DashboardId>,
    if_match: IfMatch,
) -> Result<StatusCode, AppError> {
    let (mut tx, editor) = change(&state, &member, id, &if_match).await?;
    store::delete(&mut tx, &editor, id).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Make a dashboard of the organisation the one that everybody sees first who has chosen no other.
#[utoipa::path(
    put, path = "/dashboards/{id}/default", tag = "dashboards",
    params(("id" = DashboardId, Path), ("If-Match" = Option<String>, Header, description = "The ETag that you have seen")),
    responses((status = 204), (status = 412))
)]
async fn set_default_dashboard(
    State(state): State<AppState>,
    member: Member,
    Path(id): Path<DashboardId>,
    if_match: IfMatch,
) -> Result<Response, AppError> {
    let (mut tx, editor) = change(&state, &member, id, &if_match).await?;
    store::set_default(&mut tx, &editor, id).await?;
    let tag = etag(&mut tx, &member, id).await?;
    tx.commit().await?;
    Ok(tagged(&tag, StatusCode::NO_CONTENT))
}

/// Make a copy for yourself of a dashboard that you see, as you see it.
#[utoipa::path(
    post, path = "/dashboards/{id}/duplicate", tag = "dashboards", params(("id" = DashboardId, Path)),
    responses((status = 201, body = DashboardRow))
)]
async fn duplicate_dashboard(
    State(state): State<AppState>,
    member: Member,
    Path(id): Path<DashboardId>,
) -> Result<Response, AppError> {
    let editor = member.editor()?;
    let mut tx = state.db.tenant(&editor).await?;
    let made = store::duplicate(&mut tx, &editor, id).await?;
    let tag = etag(&mut tx, &member, made.id).await?;
    tx.commit().await?;
    Ok(tagged(&tag, (StatusCode::CREATED, Json(made))))
}

/// Whose a dashboard shall be.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct NewOwner {
    /// A person of the organisation; null for the organisation itself.
    owner_id: Option<UserId>,
}

/// Give a dashboard to somebody else, or to the organisation. Yours, or as an admin the organisation's and those that were
/// left behind.
#[utoipa::path(
    put, path = "/dashboards/{id}/owner", tag = "dashboards",
    params(("id" = DashboardId, Path), ("If-Match" = Option<String>, Header, description = "The ETag that you have seen")),
    request_body = NewOwner, responses((status = 204), (status = 412))
)]
async fn give_dashboard(
    State(state): State<AppState>,
    member: Member,
    Path(id): Path<DashboardId>,
    if_match: IfMatch,
    Json(NewOwner { owner_id }): Json<NewOwner>,
) -> Result<StatusCode, AppError> {
    let (mut tx, editor) = change(&state, &member, id, &if_match).await?;
    store::give(&mut tx, &editor, id, owner_id).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Personal dashboards of people who have left the organisation. For admins, who may give them to somebody.
#[utoipa::path(
    get, path = "/dashboards/left-behind", tag = "dashboards", responses((status = 200, body = Page<LeftBehind>))
)]
async fn list_left_behind(State(state): State<AppState>, member: Member) -> Result<Json<Page<LeftBehind>>, AppError> {
    let admin = member.admin()?;
    let mut tx = state.db.tenant(&admin).await?;
    Ok(Json(Page { items: store::list_left_behind(&mut tx, &admin).await?, next_cursor: None }))
}
