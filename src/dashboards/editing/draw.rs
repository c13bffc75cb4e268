//! Draws widgets that are not saved, and finds those that could not be. Server only.

use super::model::{Content, DraftWidget, Drawn, note_errors};
use crate::{
    accounts::Editor,
    dashboards::{load, model::MAX_WIDGETS, page::PageQuery, store},
    error::{AppError, FieldErrors},
    ids::DashboardId,
    metrics::DEFAULT_RANGE,
    server::{AppState, TenantTx},
    widgets::{self, draw::DrawContext},
};
use chrono::Utc;

/// The bodies, in the order of `widgets`. What is wrong with one is said in its place.
pub async fn draw(
    state: &AppState,
    editor: &Editor,
    id: DashboardId,
    query: &PageQuery,
    widgets: Vec<DraftWidget>,
) -> Result<Vec<Drawn>, AppError> {
    if widgets.len() > MAX_WIDGETS {
        return Err(AppError::invalid(format!("A dashboard holds at most {MAX_WIDGETS} widgets.")));
    }
    let mut tx = state.db.tenant(editor).await?;
    store::may_edit(&mut tx, editor, id).await?;
    let checked: Vec<_> = widgets.iter().map(DraftWidget::check).collect();
    let bodies = load::bodies(state, editor, tx, query, checked.iter().flatten().cloned().collect()).await?;
    let mut bodies = bodies.into_iter();
    let drawn = widgets.iter().zip(checked).map(|(draft, checked)| match checked {
        Ok(widget) => match bodies.next() {
            Some(Ok(body)) => Drawn { title: widget.title(), body, error: None },
            Some(Err(error)) => Drawn { title: widget.title(), body: Default::default(), error: Some(error) },
            None => Drawn { title: widget.title(), body: Default::default(), error: None },
        },
        Err(error) => Drawn { title: draft.title(), body: Default::default(), error: Some(error) },
    });
    Ok(drawn.collect())
}

/// Whether the settings that are new in `content` mean something here: a metric, a field or a value that the catalogue
/// does not know is seen only when it is asked for.
///
/// # Errors
/// `Invalid`, naming every field that is wrong as `widgets[2].filters` …
pub async fn check(mut tx: TenantTx, editor: &Editor, id: DashboardId, content: &Content) -> Result<(), AppError> {
    let row = store::may_edit(&mut tx, editor, id).await?;
    let before = store::content_of(&mut tx, &row).await?;
    let context = DrawContext { range: DEFAULT_RANGE.range(), now: Utc::now(), ..DrawContext::default() };
    let mut errors = FieldErrors::default();
    for (n, draft) in content.widgets.iter().enumerate() {
        if before.find(draft.id).is_some_and(|old| (old.kind, &old.settings) == (draft.kind, &draft.settings)) {
            continue;
        }
        let Some(widget) = note_errors(&mut errors, n, draft.check())? else { continue };
        match widgets::draw::find(&mut tx, editor.organization(), &widget, &context).await {
            Err(error @ AppError::NotFound { .. }) => errors.add(format!("widgets[{n}].metric"), error.to_string()),
            Err(error @ AppError::Invalid { .. }) => drop(note_errors::<()>(&mut errors, n, Err(error))?),
            Ok(_) => {}
            // What cannot be read just now is no fault of the settings.
            Err(_) => break,
        }
    }
    errors.into_result()
}
