//! The addresses: a dashboard's or a widget's own, with an ending. Server only.
//!
//! They are answered before the pages and the API's operations, because an ending is part of what those take for an id.

use super::{
    Asked, file,
    head::File,
    model::{Address, Format},
};
use crate::{
    accounts::Member,
    dashboards::{api::question, model::Dashboard, personal, store},
    error::AppError,
    server::AppState,
    widgets::draw::picture::Look,
};
use axum::{
    Router,
    body::Body,
    extract::{FromRequestParts, Query, Request, State},
    middleware::Next,
    response::{IntoResponse, Redirect, Response},
    routing::get,
};
use chrono::Utc;
use http::{HeaderValue, Method, header, request::Parts};
use serde::Deserialize;

/// What may stand behind the question mark: what a dashboard's page understands, and how to draw.
#[derive(Clone, Debug, Default, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Form {
    /// `light` or `dark`, for SVG and PNG.
    theme: Option<String>,
    /// `none`: tables hold columns and rows alone, without what the numbers are of above them. For CSV and XLSX.
    head: Option<String>,
}

/// A widget has no page of its own, so its files' addresses are not among the pages'.
pub fn router() -> Router<AppState> {
    let nothing = || async { AppError::not_found("This address").into_response() };
    Router::new().route("/dashboards/{id}/widgets/{file}", get(nothing))
}

/// Answers for files, and leaves everything else to `next`.
pub async fn serve(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let reads = request.method() == Method::GET || request.method() == Method::HEAD;
    let Some(address) = Address::parse(request.uri().path()).filter(|_| reads) else { return next.run(request).await };
    let (mut parts, _) = request.into_parts();
    match answer(&state, &mut parts, address).await {
        Ok(response) => response,
        Err(AppError::Unauthenticated) if !address.api => to_sign_in(&parts),
        Err(error) => error.into_response(),
    }
}

async fn answer(state: &AppState, parts: &mut Parts, address: Address) -> Result<Response, AppError> {
    let member = Member::from_request_parts(parts, state).await?;
    let refused = |_| AppError::invalid("The query cannot be read.");
    let search = parts.uri.query().unwrap_or_default();
    let query = if address.api { question::read(search)? } else { question::read_of_page(search)? };
    let Query(form) = Query::<Form>::try_from_uri(&parts.uri).map_err(refused)?;
    let colleague = member.colleague()?;
    let mut tx = state.db.tenant(&colleague).await?;
    let dashboard = if address.api {
        store::find(&mut tx, address.dashboard).await?
    } else {
        // As the page shows it: where the person has put the widgets.
        let (row, widgets) = personal::store::seen(&mut tx, &colleague, address.dashboard).await?;
        Dashboard { row, widgets }
    };
    drop(tx);
    let asked = Asked {
        query,
        widget: address.widget,
        format: address.format,
        look: if form.theme.as_deref() == Some("dark") { Look::Dark } else { Look::Light },
        with_head: form.head.as_deref() != Some("none"),
    };
    let made = file(&state.db, &member, &dashboard, asked, Utc::now()).await?;
    Ok(response(made))
}

/// A file as an answer. Pictures and documents are shown, data is saved.
pub fn response(file: File) -> Response {
    let shown = matches!(file.format, Format::Svg | Format::Png | Format::Pdf);
    let how = if shown { "inline" } else { "attachment" };
    let ascii: String = file.name.chars().map(|c| if c.is_ascii() { c } else { '_' }).collect();
    let encoded: String = url::form_urlencoded::byte_serialize(file.name.as_bytes()).collect();
    let disposition = format!("{how}; filename=\"{ascii}\"; filename*=UTF-8''{}", encoded.replace('+', "%20"));
    let mut response = Response::new(Body::from(file.bytes));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(file.format.content_type()));
    if let Ok(value) = HeaderValue::from_str(&disposition) {
        headers.insert(header::CONTENT_DISPOSITION, value);
    }
    response
}

/// To the sign-in page, and back here from there, as every page does.
fn to_sign_in(parts: &Parts) -> Response {
    let here = parts.uri.path_and_query().map_or("/", |path| path.as_str());
    let next: String = url::form_urlencoded::byte_serialize(here.as_bytes()).collect();
    Redirect::to(&format!("/sign-in?next={next}")).into_response()
}

/// A dashboard as a file: `csv`, `xlsx`, `json`, `svg`, `png` or `pdf`.
///
/// What the page shows at the same query, with title, range, comparison, filters, organisation and time printed on it.
/// What a filter has no field for is shown as it is, and says so; what means nothing is refused.
#[utoipa::path(
    get, path = "/dashboards/{id}.{format}", tag = "dashboards",
    params(
        ("id" = crate::ids::DashboardId, Path), ("format" = String, Path, description = "csv, xlsx, json, svg, png or pdf"),
        ("from" = Option<String>, Query, description = "`now-12M/M`, `2026-01-31`; included"),
        ("to" = Option<String>, Query, description = "The same; not included"),
        ("compare" = Option<String>, Query, description = "`none`, `previous_period` or `year_before`"),
        ("f.{filter}" = Option<Vec<String>>, Query, description = "A filter and its value, again for another value: `f.category=Freight`; `~` is “no value”"),
        Form
    ),
    responses((status = 200, description = "The file", content_type = "application/octet-stream"))
)]
pub async fn dashboard_file() {}

/// A widget as a file: `csv`, `xlsx`, `json`, `svg`, `png` or `pdf`.
#[utoipa::path(
    get, path = "/dashboards/{id}/widgets/{widget_id}.{format}", tag = "dashboards",
    params(
        ("id" = crate::ids::DashboardId, Path), ("widget_id" = crate::ids::WidgetId, Path),
        ("format" = String, Path, description = "csv, xlsx, json, svg, png or pdf"),
        ("from" = Option<String>, Query, description = "`now-12M/M`, `2026-01-31`; included"),
        ("to" = Option<String>, Query, description = "The same; not included"),
        ("compare" = Option<String>, Query, description = "`none`, `previous_period` or `year_before`"),
        ("f.{filter}" = Option<Vec<String>>, Query, description = "A filter and its value, again for another value: `f.category=Freight`; `~` is “no value”"),
        Form
    ),
    responses((status = 200, description = "The file", content_type = "application/octet-stream"))
)]
pub async fn widget_file() {}

/// The description of these addresses for the API's documentation.
#[derive(utoipa::OpenApi)]
#[openapi(paths(dashboard_file, widget_file))]
pub struct Description;
