//! Draws widgets that are not saved. Server only.

use super::model::{DraftWidget, Drawn};
use crate::{
    accounts::Editor,
    dashboards::{load, model::MAX_WIDGETS, page::PageQuery, store},
    error::AppError,
    ids::DashboardId,
    server::AppState,
};

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
