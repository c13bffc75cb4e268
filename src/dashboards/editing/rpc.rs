//! Server functions of the editor.

use super::model::{Content, DraftKey, DraftWidget, Drawn, Editing, Saved};
use crate::{
    dashboards::page::PageQuery,
    error::AppError,
    ids::{DashboardId, DraftId},
};
use chrono::{DateTime, Utc};
use leptos::{prelude::*, server_fn::codec::Json};

#[cfg(feature = "ssr")]
use super::{draw, store};
#[cfg(feature = "ssr")]
use crate::server;

/// With the draft of this id, where the person has it, or else their latest.
#[server(name = OpenEditing, prefix = "/rpc", endpoint = "dashboards/edit/open", input = Json)]
pub async fn open_editing(id: DashboardId, draft_id: Option<DraftId>) -> Result<Editing, AppError> {
    let editor = server::member()?.editor()?;
    let mut tx = server::state()?.db.tenant(&editor).await?;
    store::open(&mut tx, &editor, id, draft_id).await
}

/// Autosave: keeps what was typed, also what is wrong.
#[server(name = KeepDraft, prefix = "/rpc", endpoint = "dashboards/edit/keep", input = Json)]
pub async fn keep_draft(
    id: DashboardId,
    draft: DraftKey,
    base_version: i64,
    content: Content,
) -> Result<DateTime<Utc>, AppError> {
    let editor = server::member()?.editor()?;
    let mut tx = server::state()?.db.tenant(&editor).await?;
    let saved_at = store::keep_draft(&mut tx, &editor, id, draft, base_version, &content).await?;
    tx.commit().await?;
    Ok(saved_at)
}

#[server(name = DiscardDraft, prefix = "/rpc", endpoint = "dashboards/edit/discard", input = Json)]
pub async fn discard_draft(id: DashboardId, draft: DraftKey) -> Result<(), AppError> {
    let editor = server::member()?.editor()?;
    let mut tx = server::state()?.db.tenant(&editor).await?;
    store::discard_draft(&mut tx, &editor, id, draft).await?;
    tx.commit().await
}

/// All or nothing. What is wrong is named as `name`, `widgets[2].metric` … ([`super::model::widget_error`]).
#[server(name = SaveDashboard, prefix = "/rpc", endpoint = "dashboards/edit/save", input = Json)]
pub async fn save(id: DashboardId, draft: DraftKey, base_version: i64, content: Content) -> Result<Saved, AppError> {
    let (state, editor) = (server::state()?, server::member()?.editor()?);
    // Before the dashboard is held for this person: others wait as long.
    draw::check(state.db.tenant(&editor).await?, &editor, id, &content).await?;
    let mut tx = state.db.tenant(&editor).await?;
    let saved = store::save(&mut tx, &editor, id, draft, base_version, &content).await?;
    tx.commit().await?;
    Ok(saved)
}

/// The bodies of widgets that are not saved, in their order.
#[server(name = DrawWidgets, prefix = "/rpc", endpoint = "dashboards/edit/draw", input = Json)]
pub async fn draw(id: DashboardId, query: PageQuery, widgets: Vec<DraftWidget>) -> Result<Vec<Drawn>, AppError> {
    draw::draw(&server::state()?, &server::member()?.editor()?, id, &query, widgets).await
}
