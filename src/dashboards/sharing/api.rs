//! REST routes. Server only.

use super::{
    files::{self, Wanted},
    model::{self, NewShare, Share},
    store::{self, Opened},
};
use crate::{
    accounts::{
        Member,
        auth::Client,
        password,
        throttle::{self, Limit},
    },
    dashboards::{
        api::question::Question,
        data::{self, WidgetData},
        export::{model::Format, route::response},
        load::Reader,
        page::PageQuery,
        selection::Kept,
        store as dashboards,
    },
    error::AppError,
    ids::{DashboardId, ShareId, WidgetId},
    metrics::{ActiveFilter, narrow},
    page::Page,
    server::{
        AppState,
        extract::{Json, Path, Query},
        fault, request_id,
    },
    widgets::{WidgetKind, draw::DrawContext},
    zone::Zone,
};
use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use chrono::{DateTime, Days, NaiveDate, Utc};
use http::{HeaderMap, StatusCode, header};
use serde::{Deserialize, Serialize};
use utoipa::OpenApi as _;
use utoipa_axum::{router::OpenApiRouter, routes};

pub fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list_shares))
        .routes(routes!(list_dashboard_shares, create_share, revoke_shares))
        .routes(routes!(rotate_share))
        .routes(routes!(revoke_share))
        .routes(routes!(find_shared))
        .routes(routes!(shared_widget_file))
        .merge(OpenApiRouter::with_openapi(Described::openapi()))
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

/// A dashboard as its link shows it.
#[derive(Serialize, utoipa::ToSchema)]
struct SharedDashboard {
    name: String,
    organization: String,
    widgets: Vec<SharedWidget>,
}

#[derive(Serialize, utoipa::ToSchema)]
struct SharedWidget {
    kind: WidgetKind,
    title: String,
    x: u16,
    y: u16,
    w: u16,
    h: u16,
    /// Absent when it could not be computed.
    data: Option<WidgetData>,
}

/// How a file looks.
#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
struct FileForm {
    /// Of files: `light` or `dark`, for SVG and PNG.
    theme: Option<String>,
    /// Of files: `none` leaves out what the numbers are of.
    head: Option<String>,
}

/// A shared dashboard with its data, for whoever has the link's token. A link with a password wants it in the header
/// `X-Share-Password`.
#[utoipa::path(
    get, path = "/dashboards/shared/{token}", tag = "dashboards", security(()),
    params(
        ("token" = String, Path), ("X-Share-Password" = Option<String>, Header),
        ("from" = Option<String>, Query, description = "In place of the link's own range, where that is unlocked; included"),
        ("to" = Option<String>, Query, description = "The same; not included"),
        ("compare" = Option<String>, Query, description = "`none`, `previous_period` or `year_before`"),
        ("f.{filter}" = Option<Vec<String>>, Query, description = "A filter and its value, where they are unlocked: within the values that the link is filtered by")
    ),
    responses((status = 200, body = SharedDashboard), (status = 401), (status = 404))
)]
async fn find_shared(
    State(state): State<AppState>,
    Path(token): Path<String>,
    Question(asked): Question,
    Query(form): Query<FileForm>,
    client: Client,
    headers: HeaderMap,
) -> Result<Response, Refused> {
    if let Some((token, format)) = files::with_ending(&token) {
        return file(&state, token, None, format, (asked, form), &client, &headers).await;
    }
    let opened = admit(&state, &token, &client, &headers).await?;
    let query = opened.narrowed(asked);
    let mut tx = state.db.tenant(&opened.guest).await?;
    let dashboard = dashboards::find_linked(&mut tx, &opened.guest, opened.dashboard).await?;
    let organization = opened.guest.organization();
    let context = DrawContext {
        range: query.range(),
        comparison: query.comparison(),
        filters: query.filters,
        now: Utc::now(),
        partner: false,
    };
    let mut widgets = Vec::with_capacity(dashboard.widgets.len());
    for widget in dashboard.widgets.iter().filter(|widget| opened.guest.sees(widget)) {
        let data = match data::find(&mut tx, organization, &widget.settings, &context).await {
            Ok(data) => Some(data),
            Err(cause) => {
                tracing::debug!(%cause, widget = %widget.id, "a widget of a shared dashboard has no data");
                // A statement that failed has spoilt its transaction.
                tx = state.db.tenant(&opened.guest).await?;
                None
            }
        };
        let (kind, title) = (widget.kind, widget.title());
        widgets.push(SharedWidget { kind, title, x: widget.x, y: widget.y, w: widget.w, h: widget.h, data });
    }
    store::count_view(&state.db, &opened).await?;
    let shared = SharedDashboard { name: dashboard.row.name, organization: organization.name.clone(), widgets };
    Ok(Json(shared).into_response())
}

/// A widget of a shared dashboard as a file: `csv`, `xlsx`, `json`, `svg`, `png` or `pdf`.
#[utoipa::path(
    get, path = "/dashboards/shared/{token}/widgets/{file}", tag = "dashboards", security(()),
    params(
        ("token" = String, Path), ("file" = String, Path, description = "The widget’s id with an ending"),
        ("X-Share-Password" = Option<String>, Header), FileForm
    ),
    responses(
        (status = 200, description = "The file", content_type = "application/octet-stream"), (status = 401), (status = 404)
    )
)]
async fn shared_widget_file(
    State(state): State<AppState>,
    Path((token, name)): Path<(String, String)>,
    Question(asked): Question,
    Query(form): Query<FileForm>,
    client: Client,
    headers: HeaderMap,
) -> Result<Response, Refused> {
    let named = files::with_ending(&name).and_then(|(id, format)| Some((id.parse().ok()?, format)));
    let (widget, format) = named.ok_or_else(|| AppError::not_found("This address"))?;
    file(&state, &token, Some(widget), format, (asked, form), &client, &headers).await
}

/// A shared dashboard as a file: `csv`, `xlsx`, `json`, `svg`, `png` or `pdf`.
#[utoipa::path(
    get, path = "/dashboards/shared/{token}.{format}", tag = "dashboards", security(()),
    params(
        ("token" = String, Path), ("format" = String, Path, description = "csv, xlsx, json, svg, png or pdf"),
        ("X-Share-Password" = Option<String>, Header), FileForm
    ),
    responses(
        (status = 200, description = "The file", content_type = "application/octet-stream"), (status = 401), (status = 404)
    )
)]
#[expect(dead_code, reason = "the router takes a token and its ending for one: `find_shared` answers")]
async fn shared_file() {}

#[derive(utoipa::OpenApi)]
#[openapi(paths(shared_file))]
struct Described;

async fn file(
    state: &AppState,
    token: &str,
    widget: Option<WidgetId>,
    format: Format,
    (asked, form): (PageQuery, FileForm),
    client: &Client,
    headers: &HeaderMap,
) -> Result<Response, Refused> {
    let opened = admit(state, token, client, headers).await?;
    let wanted = Wanted::new(widget, format, form.theme.as_deref(), form.head.as_deref());
    Ok(files::make(state, &opened, opened.narrowed(asked), wanted).await.map(response)?)
}

/// Why a visitor gets nothing. There is no account to sign in to, so a 401 says what the link wants.
enum Refused {
    Password { given: bool },
    Other(AppError),
}

impl From<AppError> for Refused {
    fn from(error: AppError) -> Self {
        Self::Other(error)
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let detail = match self {
            Self::Other(error) => return error.into_response(),
            Self::Password { given: false } => "This link has a password. Send it in the header X-Share-Password.",
            Self::Password { given: true } => "This is not the link’s password.",
        };
        let body = serde_json::json!({
            "type": "about:blank",
            "title": "Password needed",
            "status": 401,
            "detail": detail,
            "request_id": request_id(),
        });
        let headers = [(header::CONTENT_TYPE, "application/problem+json")];
        (StatusCode::UNAUTHORIZED, headers, body.to_string()).into_response()
    }
}

/// Every question about a shared dashboard begins here.
async fn admit(state: &AppState, token: &str, client: &Client, headers: &HeaderMap) -> Result<Opened, Refused> {
    throttle::take(&state.db, &Limit::public_pages(client)).await?;
    let opened = store::open(&state.db, token).await?;
    check_password(state, &opened, client, headers).await?;
    Ok(opened)
}

async fn check_password(
    state: &AppState,
    opened: &Opened,
    client: &Client,
    headers: &HeaderMap,
) -> Result<(), Refused> {
    if opened.password_hash.is_none() {
        return Ok(());
    }
    let given = headers.get("x-share-password").and_then(|value| value.to_str().ok());
    let given = given.ok_or(Refused::Password { given: false })?.to_owned();
    throttle::take(&state.db, &Limit::link_password(&opened.share.to_string(), client)).await?;
    if password::verify(given, opened.password_hash.clone()).await? {
        Ok(())
    } else {
        Err(Refused::Password { given: true })
    }
}

/// What a dashboard's query string asks for.
///
/// # Errors
/// `Invalid` under `query` for what means nothing.
pub fn parse_query(search: &str) -> Result<PageQuery, AppError> {
    let pairs = url::form_urlencoded::parse(search.trim_start_matches('?').as_bytes());
    let selection = PageQuery::read(None, pairs).selection();
    let wrong = |error: AppError| AppError::field("query", error.to_string());
    Kept::from(&selection).checked(Utc::now()).map(PageQuery::from).map_err(wrong)
}

/// What a link of this query string shows: its range, then its filters. Nothing for what means nothing.
pub fn in_words(search: &str) -> Vec<String> {
    let Ok(query) = parse_query(search) else { return Vec::new() };
    let filters = narrow::in_words(&query.filters);
    std::iter::once(query.range().label()).chain(filters.iter().map(ActiveFilter::in_words)).collect()
}

/// The end of a day that a form names, included; nothing for an empty field.
pub fn end_of_day(text: &str, zone: Zone) -> Result<Option<DateTime<Utc>>, AppError> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    let wrong = || AppError::field("expires_at", "This is not a day. Write it like 2026-12-31.");
    let next = text.parse::<NaiveDate>().ok().and_then(|day| day.checked_add_days(Days::new(1))).ok_or_else(wrong)?;
    zone.midnight(next).map(Some).ok_or_else(|| fault::internal("a day without a beginning"))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]
    use super::*;
    use crate::dashboards::selection::Selection;

    #[test]
    fn a_dashboards_query_string_is_what_its_link_shows() {
        let query =
            parse_query("?from=now-6M%2FM&to=now%2FM&compare=none&f.status=paid&dashboard=x&unknown=1").unwrap();
        assert_eq!(query.from.as_deref(), Some("now-6M/M"));
        assert_eq!(query.compare.as_deref(), Some("none"));
        assert_eq!(query.filters.get("status"), ["paid"]);
        assert_eq!(query.dashboard, None);
        assert_eq!(parse_query("").unwrap().selection(), Selection::default());
        assert_eq!(in_words("?from=now-6M%2FM&to=now%2FM&f.status=paid").get(1).unwrap(), "Status: Paid");
        assert!(parse_query("f.status=payed").unwrap_err().for_field("query").is_some());
    }

    #[test]
    fn a_last_day_ends_where_the_organisation_is() {
        let end = end_of_day("2026-12-31", "Europe/Vienna".parse().unwrap()).unwrap().unwrap();
        assert_eq!(end.to_rfc3339(), "2026-12-31T23:00:00+00:00");
        assert_eq!(end_of_day(" ", Zone::UTC).unwrap(), None);
        assert!(end_of_day("soon", Zone::UTC).unwrap_err().for_field("expires_at").is_some());
    }
}
