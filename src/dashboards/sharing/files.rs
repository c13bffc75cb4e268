//! Files of a shared dashboard: its address with an ending, behind the same checks as the page. Server only.

use super::{
    door::{Door, admit},
    page::{Asked, address, guard, refuse},
    store::Opened,
};
use crate::{
    accounts::auth::Client,
    dashboards::{
        api::question,
        export::{self, File, model::Format, route::response},
        page::PageQuery,
        store as dashboards,
    },
    error::AppError,
    ids::WidgetId,
    server::{
        AppState,
        extract::{Path, Query},
    },
    ui::theme::Theme,
    widgets::draw::picture::Look,
};
use axum::{
    extract::{RawQuery, State},
    response::{IntoResponse, Redirect, Response},
};
use chrono::Utc;
use http::HeaderMap;

/// What of a dashboard, and in which form.
#[derive(Clone, Debug)]
pub struct Wanted {
    pub widget: Option<WidgetId>,
    pub format: Format,
    pub look: Look,
    /// Whether tables begin with what the numbers are of.
    pub with_head: bool,
}

impl Wanted {
    pub fn new(widget: Option<WidgetId>, format: Format, theme: Option<&str>, head: Option<&str>) -> Self {
        let look = if theme == Some("dark") { Look::Dark } else { Look::Light };
        Self { widget, format, look, with_head: head != Some("none") }
    }
}

/// "TOKEN.pdf" as the token and the form. Tokens have no dots.
pub fn with_ending(segment: &str) -> Option<(&str, Format)> {
    let (name, ending) = segment.rsplit_once('.')?;
    Format::parse(ending).map(|format| (name, format))
}

/// A file of what the link shows at this query, and nothing beyond it.
///
/// # Errors
/// `NotFound` for a widget that is not on the link's dashboard, or not for everybody.
pub async fn make(state: &AppState, opened: &Opened, query: PageQuery, wanted: Wanted) -> Result<File, AppError> {
    let mut tx = state.db.tenant(&opened.guest).await?;
    let dashboard = dashboards::find_linked(&mut tx, &opened.guest, opened.dashboard).await?;
    drop(tx);
    let Wanted { widget, format, look, with_head } = wanted;
    let asked = export::Asked { query, widget, format, look, with_head };
    export::file(&state.db, &opened.guest, &dashboard, asked, Utc::now()).await
}

/// One widget's file.
pub(super) async fn widget(
    State(state): State<AppState>,
    Path((token, file)): Path<(String, String)>,
    Query(asked): Query<Asked>,
    RawQuery(search): RawQuery,
    client: Client,
    headers: HeaderMap,
) -> Response {
    let named = with_ending(&file).and_then(|(id, format)| Some((id.parse().ok()?, format)));
    match named {
        Some((id, format)) => answer(&state, &token, Some(id), format, (search, asked), &client, &headers).await,
        None => refuse(&state, Theme::System, AppError::not_found("This address")),
    }
}

/// To the gate, where the link has a password that this browser has not given yet.
pub(super) async fn answer(
    state: &AppState,
    token: &str,
    widget: Option<WidgetId>,
    format: Format,
    (search, asked): (Option<String>, Asked),
    client: &Client,
    headers: &HeaderMap,
) -> Response {
    let made = async {
        let opened = match admit(state, token, client, headers).await? {
            Door::Locked => return Ok(Redirect::to(&address(token, search.as_deref())).into_response()),
            Door::Open(opened) => opened,
        };
        let wanted = Wanted::new(widget, format, asked.theme.as_deref(), asked.head.as_deref());
        let asked = question::read_of_page(search.as_deref().unwrap_or_default())?;
        let file = make(state, &opened, opened.narrowed(asked), wanted).await?;
        Ok(guard(response(file), &opened.origins))
    };
    made.await.unwrap_or_else(|error| refuse(state, Theme::System, error))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_ending_is_one_of_ours_or_part_of_the_token() {
        assert_eq!(with_ending("a_b-c.pdf"), Some(("a_b-c", Format::Pdf)));
        assert_eq!(with_ending("abc.exe"), None);
        assert_eq!(with_ending("abc"), None);
        assert_eq!(with_ending("pdf"), None);
    }
}
