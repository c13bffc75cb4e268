//! REST routes for whoever has a link. Server only.

use super::{
    door,
    files::{self, Wanted},
    store::{self, Opened},
};
use crate::{
    accounts::{
        auth::Client,
        throttle::{self, Limit},
    },
    dashboards::{
        api::question::Question,
        data::{self, WidgetData},
        export::{model::Format, route::response},
        load::Reader,
        page::PageQuery,
        store as dashboards,
    },
    error::AppError,
    ids::WidgetId,
    server::{
        AppState,
        extract::{Json, Path, Query},
        request_id,
    },
    widgets::{WidgetKind, draw::DrawContext},
};
use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use chrono::Utc;
use http::{HeaderMap, StatusCode, header};
use serde::{Deserialize, Serialize};
use utoipa::OpenApi as _;
use utoipa_axum::{router::OpenApiRouter, routes};

pub fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::with_openapi(Described::openapi()).routes(routes!(find_shared)).routes(routes!(shared_widget_file))
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
        may_add: false,
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
        let headers = [
            (header::CONTENT_TYPE, "application/problem+json"),
            (header::WWW_AUTHENTICATE, "X-Share-Password realm=\"link\""),
        ];
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
    if door::knows_password(state, opened, client, given).await? {
        Ok(())
    } else {
        Err(Refused::Password { given: true })
    }
}
