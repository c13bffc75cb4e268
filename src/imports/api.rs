//! REST routes. Server only.

use super::{
    FORM, configure,
    model::{Import, OnCancel, OptionsPatch, Preview, RowError, Target},
    store,
    upload::{Expected, Upload},
};
use crate::{
    accounts::{Editor, Member},
    error::AppError,
    ids::ImportId,
    page::{self, Page},
    server::{
        AppState,
        extract::{Json, Path, Query},
        fault,
        idempotency::carried,
    },
};
use axum::{
    body::{Body, Bytes},
    extract::{FromRequest, Multipart, Request, State, multipart::Field},
    response::{IntoResponse, Redirect, Response},
};
use futures::{Stream, StreamExt};
use http::{HeaderMap, StatusCode, header};
use leptos::server_fn::error::ServerFnUrlError;
use serde::{Deserialize, Serialize};
use utoipa_axum::{router::OpenApiRouter, routes};

/// The feature's routes, with addresses relative to `/api/v1`.
pub fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(find, delete))
        .routes(routes!(show_preview, try_preview))
        .routes(routes!(start))
        .routes(routes!(cancel))
        .routes(routes!(undo))
        .routes(routes!(reopen))
        .routes(routes!(errors))
        .routes(routes!(errors_csv))
}

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct ListQuery {
    /// 1 to 200; 50 if absent.
    limit: Option<u16>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
}

/// Imports, newest first.
#[utoipa::path(get, path = "/imports", tag = "imports", params(ListQuery), responses((status = 200, body = Page<Import>)))]
async fn list(
    State(state): State<AppState>,
    member: Member,
    Query(query): Query<ListQuery>,
) -> Result<Json<Page<Import>>, AppError> {
    let mut tx = state.db.tenant(&member).await?;
    Ok(Json(store::list(&mut tx, query.limit, query.cursor.as_deref()).await?))
}

#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct CreateQuery {
    /// What the rows become. In a multipart body it may be a field before the file instead.
    target: Option<Target>,
    /// For people. A multipart body brings its own.
    file_name: Option<String>,
    /// The file's SHA-256 in hexadecimal digits; a file that arrives otherwise is refused.
    sha256: Option<String>,
    /// The file's length in bytes; a file that arrives otherwise is refused.
    bytes: Option<u64>,
    /// Start at once with the detected options, if nothing is left to settle.
    #[serde(default)]
    start: bool,
}

/// A file that has arrived, and how it is going to be read.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct Created {
    import: Import,
    preview: Preview,
}

/// Upload a CSV file.
///
/// The body is the file itself (`text/csv`), or `multipart/form-data` with the fields `target` and `file`, in this
/// order, and `options` (JSON, like the body of a start) before the file. The answer proposes how to read it. Send
/// the file again if the answer does not come: a file that did not arrive whole leaves nothing behind.
#[utoipa::path(post, path = "/imports", tag = "imports", params(CreateQuery),
    request_body(content = String, content_type = "text/csv"),
    responses((status = 201, body = Created), (status = 422, description = "Not a CSV file, or not whole")))]
async fn create(
    State(state): State<AppState>,
    member: Member,
    Query(query): Query<CreateQuery>,
    request: Request,
) -> Response {
    // A browser without JavaScript sends its form here, and wants a page next.
    let is_form = request
        .headers()
        .get(header::ACCEPT)
        .and_then(|v| v.to_str().ok())
        .is_some_and(|accept| accept.contains("text/html"));
    // A connection that ends takes its handler with it; what has arrived is then still to be cleared away.
    let received = tokio::spawn(carried(async move {
        let mut target = query.target;
        let outcome = receive(state, member, query, &mut target, request).await;
        (outcome, target)
    }));
    let (outcome, target) = received.await.unwrap_or_else(|cause| (Err(fault::internal(cause)), None));
    match outcome {
        Ok(created) if is_form => Redirect::to(&format!("/imports/{}", created.import.id)).into_response(),
        Ok(created) => {
            let address = format!("/api/v1/imports/{}", created.import.id);
            (StatusCode::CREATED, [(header::LOCATION, address)], Json(created)).into_response()
        }
        Err(error) if is_form => back_to_form(error, target).into_response(),
        Err(error) => error.into_response(),
    }
}

/// Leads a browser without JavaScript back to its form, with why the file was refused and what was chosen.
pub fn back_to_form(error: AppError, target: Option<Target>) -> Redirect {
    let page = target.map_or_else(|| FORM.to_owned(), |target| format!("{FORM}?target={target}"));
    let refused = ServerFnUrlError::new(FORM, error).to_url(&format!("http://localhost{page}"));
    Redirect::to(refused.as_ref().map_or(FORM, |url| &url[url::Position::BeforePath..]))
}

/// Takes the file in. `kind` is what its rows become, as far as it is known when this ends.
async fn receive(
    state: AppState,
    member: Member,
    query: CreateQuery,
    kind: &mut Option<Target>,
    request: Request,
) -> Result<Created, AppError> {
    let editor = member.editor()?;
    let mut expected = Expected { bytes: query.bytes, sha256: query.sha256.clone() };
    let is_multipart = request
        .headers()
        .get(header::CONTENT_TYPE)
        .and_then(|v| v.to_str().ok())
        .is_some_and(|kind| kind.starts_with("multipart/form-data"));
    let (import, patch) = if is_multipart {
        receive_form(&state, &editor, kind, &expected, request).await?
    } else {
        let name = query.file_name.as_deref().unwrap_or("import.csv");
        let announced = request.headers().get(header::CONTENT_LENGTH).and_then(|v| v.to_str().ok()?.parse().ok());
        expected.bytes = expected.bytes.or(announced);
        let stream = request.into_body().into_data_stream();
        let import = receive_file(&state, &editor, target(query.target)?, name, &expected, stream).await?;
        (import, OptionsPatch::default())
    };
    let mut tx = state.db.tenant(&editor).await?;
    let preview = configure::save(&mut tx, &editor, import.id, patch).await?;
    if query.start && preview.problems.is_empty() {
        store::start(&mut tx, &editor, import.id).await?;
    }
    let import = store::find(&mut tx, import.id).await?;
    tx.commit().await?;
    Ok(Created { import, preview })
}

fn target(given: Option<Target>) -> Result<Target, AppError> {
    given.ok_or_else(|| {
        AppError::field("target", "Say what the rows are: transactions, payments, budgets, materials or categories.")
    })
}

async fn receive_form(
    state: &AppState,
    editor: &Editor,
    kind: &mut Option<Target>,
    expected: &Expected,
    request: Request,
) -> Result<(Import, OptionsPatch), AppError> {
    let mut form = Multipart::from_request(request, state).await.map_err(|e| AppError::invalid(e.body_text()))?;
    let mut patch = OptionsPatch::default();
    while let Some(field) = form.next_field().await.map_err(|_| broken_off())? {
        match field.name().unwrap_or_default() {
            "target" => {
                *kind = Some(text(field).await?.parse().map_err(|e| AppError::field("target", format!("{e}")))?)
            }
            "options" => {
                patch = serde_json::from_str(&text(field).await?)
                    .map_err(|e| AppError::field("options", format!("The options are not right: {e}.")))?;
            }
            "file" => {
                let name = field.file_name().unwrap_or_default().to_owned();
                if name.is_empty() {
                    return Err(AppError::field("file", "Choose a file."));
                }
                let target = kind.ok_or_else(|| {
                    AppError::field("target", "The field `target` says what the rows are, and comes before the file.")
                })?;
                let import = receive_file(state, editor, target, &name, expected, field).await?;
                return Ok((import, patch));
            }
            _ => {}
        }
    }
    Err(AppError::field("file", "Choose a file."))
}

/// A small field of a form.
async fn text(field: Field<'_>) -> Result<String, AppError> {
    const MAX: usize = 64 * 1024;
    let bytes = field.bytes().await.map_err(|_| broken_off())?;
    if bytes.len() > MAX {
        return Err(AppError::invalid("A field of this form is too long."));
    }
    String::from_utf8(bytes.to_vec()).map_err(|_| AppError::invalid("A field of this form is not text."))
}

async fn receive_file<E>(
    state: &AppState,
    editor: &Editor,
    target: Target,
    name: &str,
    expected: &Expected,
    stream: impl Stream<Item = Result<Bytes, E>>,
) -> Result<Import, AppError> {
    let max_bytes = u64::from(state.settings.server.max_upload_mib.get()) << 20;
    let mut upload = Upload::begin(&state.db, editor, target, name, max_bytes).await?;
    let mut stream = std::pin::pin!(stream);
    while let Some(piece) = stream.next().await {
        let outcome = match piece {
            Ok(bytes) => upload.write(&bytes).await,
            Err(_) => Err(broken_off()),
        };
        if let Err(error) = outcome {
            upload.abort().await;
            return Err(error);
        }
    }
    upload.finish(expected).await
}

/// The connection ended, or stood still, before the file did; or the file is larger than announced.
fn broken_off() -> AppError {
    AppError::field("file", "The upload broke off before the end of the file, and nothing was kept. Send it again.")
}

/// One import, with its progress.
#[utoipa::path(get, path = "/imports/{id}", tag = "imports", params(("id" = ImportId, Path)),
    responses((status = 200, body = Import), (status = 404)))]
async fn find(
    State(state): State<AppState>,
    member: Member,
    Path(id): Path<ImportId>,
) -> Result<Json<Import>, AppError> {
    let mut tx = state.db.tenant(&member).await?;
    Ok(Json(store::find(&mut tx, id).await?))
}

/// Remove an import that has stored nothing, with its file.
#[utoipa::path(delete, path = "/imports/{id}", tag = "imports", params(("id" = ImportId, Path)),
    responses((status = 204), (status = 404), (status = 409, description = "It has stored rows: undo it")))]
async fn delete(
    State(state): State<AppState>,
    member: Member,
    Path(id): Path<ImportId>,
) -> Result<StatusCode, AppError> {
    let editor = member.editor()?;
    let mut tx = state.db.tenant(&editor).await?;
    store::delete(&mut tx, &editor, id).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The first rows as they will be stored.
#[utoipa::path(get, path = "/imports/{id}/preview", tag = "imports", params(("id" = ImportId, Path)),
    responses((status = 200, body = Preview), (status = 404)))]
async fn show_preview(
    State(state): State<AppState>,
    member: Member,
    Path(id): Path<ImportId>,
) -> Result<Json<Preview>, AppError> {
    let mut tx = state.db.tenant(&member).await?;
    Ok(Json(configure::preview(&mut tx, id, OptionsPatch::default()).await?))
}

/// The first rows as they would be stored with other options, which are not kept.
#[utoipa::path(post, path = "/imports/{id}/preview", tag = "imports", params(("id" = ImportId, Path)),
    request_body = OptionsPatch, responses((status = 200, body = Preview), (status = 404), (status = 422)))]
async fn try_preview(
    State(state): State<AppState>,
    member: Member,
    Path(id): Path<ImportId>,
    body: Bytes,
) -> Result<Json<Preview>, AppError> {
    let mut tx = state.db.tenant(&member).await?;
    Ok(Json(configure::preview(&mut tx, id, optional_json(&body)?).await?))
}

/// Go back to the choices, after a load that stored nothing: the file need not be sent again.
#[utoipa::path(post, path = "/imports/{id}/reopen", tag = "imports", params(("id" = ImportId, Path)),
    responses((status = 200, body = Import), (status = 404), (status = 409)))]
async fn reopen(
    State(state): State<AppState>,
    member: Member,
    Path(id): Path<ImportId>,
) -> Result<Json<Import>, AppError> {
    let editor = member.editor()?;
    let mut tx = state.db.tenant(&editor).await?;
    let import = store::reopen(&mut tx, &editor, id).await?;
    tx.commit().await?;
    Ok(Json(import))
}

/// Start the load, with changes to the proposed options if the body has any.
#[utoipa::path(post, path = "/imports/{id}/start", tag = "imports", params(("id" = ImportId, Path)),
    request_body = Option<OptionsPatch>,
    responses((status = 202, body = Import), (status = 404), (status = 409), (status = 422)))]
async fn start(
    State(state): State<AppState>,
    member: Member,
    Path(id): Path<ImportId>,
    body: Bytes,
) -> Result<(StatusCode, Json<Import>), AppError> {
    let editor = member.editor()?;
    let mut tx = state.db.tenant(&editor).await?;
    let import = configure::start(&mut tx, &editor, id, optional_json(&body)?).await?;
    tx.commit().await?;
    Ok((StatusCode::ACCEPTED, Json(import)))
}

/// What becomes of the rows that are stored already.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct CancelBody {
    on_cancel: OnCancel,
}

/// Stop a running load.
#[utoipa::path(post, path = "/imports/{id}/cancel", tag = "imports", params(("id" = ImportId, Path)),
    request_body = CancelBody, responses((status = 202, body = Import), (status = 404), (status = 409)))]
async fn cancel(
    State(state): State<AppState>,
    member: Member,
    Path(id): Path<ImportId>,
    body: Bytes,
) -> Result<(StatusCode, Json<Import>), AppError> {
    let editor = member.editor()?;
    let body: CancelBody = json(&body)?;
    let mut tx = state.db.tenant(&editor).await?;
    let import = store::cancel(&mut tx, &editor, id, body.on_cancel).await?;
    tx.commit().await?;
    Ok((StatusCode::ACCEPTED, Json(import)))
}

/// Take the rows of an import back; rows that were changed since stay, and are named.
#[utoipa::path(post, path = "/imports/{id}/undo", tag = "imports", params(("id" = ImportId, Path)),
    responses((status = 202, body = Import), (status = 404), (status = 409)))]
async fn undo(
    State(state): State<AppState>,
    member: Member,
    Path(id): Path<ImportId>,
) -> Result<(StatusCode, Json<Import>), AppError> {
    let editor = member.editor()?;
    let mut tx = state.db.tenant(&editor).await?;
    let import = store::undo(&mut tx, &editor, id).await?;
    tx.commit().await?;
    Ok((StatusCode::ACCEPTED, Json(import)))
}

/// What is wrong with the rows that were refused, in the order of the file.
#[utoipa::path(get, path = "/imports/{id}/errors", tag = "imports", params(("id" = ImportId, Path), ListQuery),
    responses((status = 200, body = Page<RowError>), (status = 404)))]
async fn errors(
    State(state): State<AppState>,
    member: Member,
    Path(id): Path<ImportId>,
    Query(query): Query<ListQuery>,
) -> Result<Json<Page<RowError>>, AppError> {
    let limit = i32::from(page::limit(query.limit)?);
    let after: i32 = match &query.cursor {
        Some(text) => text.parse().map_err(|_| AppError::field("cursor", "This is not a cursor of this list."))?,
        None => 0,
    };
    let mut tx = state.db.tenant(&member).await?;
    store::find(&mut tx, id).await?;
    let mut items = store::errors(&mut tx, id, after, i64::from(limit) + 1).await?;
    let limit_rows = usize::try_from(limit).unwrap_or(usize::MAX);
    let next_cursor = (items.len() > limit_rows).then(|| after.saturating_add(limit).to_string());
    items.truncate(limit_rows);
    Ok(Json(Page { items, next_cursor }))
}

/// All kept row errors, as a CSV file.
#[utoipa::path(get, path = "/imports/{id}/errors.csv", tag = "imports", params(("id" = ImportId, Path)),
    responses((status = 200, content_type = "text/csv", body = String), (status = 404)))]
async fn errors_csv(
    State(state): State<AppState>,
    member: Member,
    Path(id): Path<ImportId>,
) -> Result<(HeaderMap, Body), AppError> {
    let mut tx = state.db.tenant(&member).await?;
    let csv = configure::errors_csv(&mut tx, id).await?;
    let mut headers = HeaderMap::new();
    headers.insert(header::CONTENT_TYPE, http::HeaderValue::from_static("text/csv; charset=utf-8"));
    let disposition = format!("attachment; filename=\"import-errors-{id}.csv\"");
    headers.insert(header::CONTENT_DISPOSITION, disposition.parse().map_err(fault::internal)?);
    Ok((headers, Body::from(csv)))
}

fn json<T: for<'de> Deserialize<'de>>(body: &[u8]) -> Result<T, AppError> {
    serde_json::from_slice(body).map_err(|e| AppError::invalid(format!("The body is not right: {e}.")))
}

fn optional_json(body: &[u8]) -> Result<OptionsPatch, AppError> {
    if body.is_empty() { Ok(OptionsPatch::default()) } else { json(body) }
}
