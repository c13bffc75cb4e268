//! Changing widgets one by one. Server only.

use super::{access::editable, content, find};
use crate::{
    accounts::Editor,
    dashboards::{editing::model::DraftWidget, model::*},
    error::AppError,
    ids::{DashboardId, WidgetId},
    metrics::definitions,
    server::TenantTx,
    widgets::Widget,
};
use std::collections::HashMap;

fn not_found() -> AppError {
    AppError::not_found("The widget")
}

/// Rearranges a dashboard: every widget of it, exactly once.
///
/// # Errors
/// `Conflict` when the dashboard has changed since `layout.version`; nothing is written then.
pub async fn update_layout(
    tx: &mut TenantTx,
    editor: &Editor,
    id: DashboardId,
    layout: &Layout,
) -> Result<Dashboard, AppError> {
    let board = editable(tx, editor, id).await?;
    let mut after = content::read(tx, &board).await?;
    if layout.version.is_some_and(|version| version != board.row().version) {
        return Err(AppError::conflict(
            "Somebody else changed this dashboard after you opened it. Reload to see their version, then arrange it again.",
        ));
    }
    let mut places: HashMap<WidgetId, &Place> = layout.layout.iter().map(|place| (place.id, place)).collect();
    let mut complete = places.len() == layout.layout.len();
    for widget in &mut after.widgets {
        match places.remove(&widget.id) {
            Some(&Place { x, y, w, h, .. }) => (widget.x, widget.y, widget.w, widget.h) = (x, y, w, h),
            // One that this release cannot read, or that is not for this person, is not shown.
            None => complete &= widget.check().is_err() || !board.shows(widget),
        }
    }
    if !(complete && places.is_empty()) {
        return Err(AppError::field("layout", "Name every widget of the dashboard exactly once."));
    }
    content::write(tx, &board, &after, Vec::new()).await?;
    find(tx, id).await
}

/// Refuses a metric that there is not.
async fn check_metric(tx: &mut TenantTx, widget: &Widget) -> Result<(), AppError> {
    let Some(code) = widget.settings.metric() else { return Ok(()) };
    match definitions::lack_of(code, &definitions::list(tx).await?) {
        Some(message) => Err(AppError::field("metric", message)),
        None => Ok(()),
    }
}

/// Puts one more widget on a dashboard.
pub async fn create_widget(
    tx: &mut TenantTx,
    editor: &Editor,
    id: DashboardId,
    new: &NewWidget,
) -> Result<Widget, AppError> {
    let board = editable(tx, editor, id).await?;
    let mut after = content::read(tx, &board).await?;
    let others: Vec<Widget> = after.widgets.iter().filter_map(|widget| widget.check().ok()).collect();
    let widget = new.place(WidgetId::new(), &others)?;
    check_metric(tx, &widget).await?;
    after.widgets.push(DraftWidget::from(&widget));
    content::write(tx, &board, &after, Vec::new()).await?;
    Ok(widget)
}

pub async fn update_widget(
    tx: &mut TenantTx,
    editor: &Editor,
    id: DashboardId,
    widget_id: WidgetId,
    patch: &WidgetPatch,
) -> Result<Widget, AppError> {
    let board = editable(tx, editor, id).await?;
    let mut after = content::read(tx, &board).await?;
    let slot = after.widgets.iter_mut().find(|w| w.id == widget_id && board.shows(w)).ok_or_else(not_found)?;
    let before = slot.check().ok();
    patch.apply(slot);
    let widget = slot.check()?;
    // One that has gone since stays until another is chosen.
    if before.as_ref().and_then(|before| before.settings.metric()) != widget.settings.metric() {
        check_metric(tx, &widget).await?;
    }
    *slot = DraftWidget::from(&widget);
    content::write(tx, &board, &after, Vec::new()).await?;
    Ok(widget)
}

pub async fn delete_widget(
    tx: &mut TenantTx,
    editor: &Editor,
    id: DashboardId,
    widget_id: WidgetId,
) -> Result<(), AppError> {
    let board = editable(tx, editor, id).await?;
    let mut after = content::read(tx, &board).await?;
    let at = after.widgets.iter().position(|w| w.id == widget_id && board.shows(w)).ok_or_else(not_found)?;
    after.widgets.remove(at);
    content::write(tx, &board, &after, Vec::new()).await?;
    Ok(())
}
