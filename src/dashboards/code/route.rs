//! The import page's form, and the file to save: plain requests, so that they work without JavaScript. Server only.

use super::{
    api::download,
    model::Sent,
    plan::{self, Goal},
};
use crate::{
    accounts::Member,
    error::AppError,
    server::{AppState, extract::Path},
};
use axum::{
    Router,
    body::Body,
    extract::{FromRequest, Multipart, Request, State},
    response::{IntoResponse, Redirect, Response},
    routing::{get, post},
};

/// `page` renders the application for a request; it finds what was sent among the request's extensions.
pub fn router<P, F>(page: P) -> Router<AppState>
where
    P: Fn(Request<Body>) -> F + Clone + Send + Sync + 'static,
    F: Future<Output = Response> + Send + 'static,
{
    let sent = move |State(state): State<AppState>, member: Member, request: Request| {
        let page = page.clone();
        async move {
            let (parts, body) = request.into_parts();
            let again = parts.clone();
            let form = Multipart::from_request(Request::from_parts(parts, body), &state).await;
            let outcome = match form {
                Ok(form) => receive(&state, &member, form).await,
                Err(_) => Err(AppError::invalid("The form cannot be read.")),
            };
            match outcome {
                Ok(Received::Imported(address)) => Redirect::to(&address).into_response(),
                Ok(Received::Shown(sent)) => {
                    let mut request = Request::from_parts(again, Body::empty());
                    *request.method_mut() = http::Method::GET;
                    request.extensions_mut().insert(sent);
                    page(request).await
                }
                Err(error) => error.into_response(),
            }
        }
    };
    Router::new().route("/dashboards/import", post(sent)).route("/dashboards/{id}/code.json", get(code))
}

async fn code(State(state): State<AppState>, member: Member, Path(id): Path<crate::ids::DashboardId>) -> Response {
    download(&state, &member, id).await.unwrap_or_else(IntoResponse::into_response)
}

enum Received {
    Imported(String),
    Shown(Sent),
}

async fn receive(state: &AppState, member: &Member, mut form: Multipart) -> Result<Received, AppError> {
    let (mut file, mut text, mut into, mut go) = (String::new(), String::new(), String::new(), false);
    let unreadable = |_| AppError::invalid("The form cannot be read, or is too large.");
    while let Some(field) = form.next_field().await.map_err(unreadable)? {
        let name = field.name().unwrap_or_default().to_owned();
        let bytes = field.bytes().await.map_err(unreadable)?;
        let value = String::from_utf8_lossy(&bytes).into_owned();
        match name.as_str() {
            "file" => file = value,
            "text" => text = value,
            "into" => into = value,
            "go" => go = true,
            _ => {}
        }
    }
    // A file that was chosen is meant, whatever still stands in the box.
    let text = if file.trim().is_empty() { text } else { file };
    let mut sent = Sent { text, into, ..Sent::default() };
    if sent.text.trim().is_empty() {
        sent.error = Some("Choose a file, or paste its text.".into());
        return Ok(Received::Shown(sent));
    }
    match answer(state, member, &sent, go).await {
        Ok((Some(address), _)) => return Ok(Received::Imported(address)),
        Ok((None, preview)) => sent.preview = preview,
        Err(error @ (AppError::Unavailable | AppError::Internal { .. })) => return Err(error),
        Err(error) => sent.error = Some(error.to_string()),
    }
    Ok(Received::Shown(sent))
}

async fn answer(
    state: &AppState,
    member: &Member,
    sent: &Sent,
    go: bool,
) -> Result<(Option<String>, Option<super::model::Preview>), AppError> {
    let editor = member.editor()?;
    let goal: Goal = sent.into.parse()?;
    let mut tx = state.db.tenant(member).await?;
    let preview = plan::preview(&mut tx, member, &sent.text, goal).await?;
    if go && preview.problems.is_empty() {
        let mut tx = state.db.tenant(&editor).await?;
        let (id, _) = plan::import(&mut tx, &editor, &sent.text, goal).await?;
        tx.commit().await?;
        return Ok((Some(format!("/dashboards/{id}")), None));
    }
    Ok((None, Some(preview)))
}

/// For the page: what was sent with the request that it answers.
pub fn sent() -> Sent {
    let parts = leptos::prelude::use_context::<http::request::Parts>();
    parts.and_then(|parts| parts.extensions.get::<Sent>().cloned()).unwrap_or_default()
}
