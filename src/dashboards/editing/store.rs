//! Drafts and saving, in SQL. Server only.

use super::model::{Content, Draft, Editing, Saved, Theirs};
use crate::{
    accounts::Editor,
    dashboards::{
        model::MAX_WIDGETS,
        store::{self, Editable, content, versions},
    },
    error::AppError,
    ids::DashboardId,
    server::TenantTx,
};
use chrono::{DateTime, Utc};
use sqlx::types::Json;

/// The dashboard with what the person has begun, and what somebody else has saved since.
pub async fn open(tx: &mut TenantTx, editor: &Editor, id: DashboardId) -> Result<Editing, AppError> {
    let board = store::editable(tx, editor, id).await?;
    let content = content::read(tx, &board).await?;
    let mut draft = find_draft(tx, id).await?;
    let mut theirs = None;
    if let Some(draft) = &mut draft {
        // The person may have had another role when they began it.
        draft.content = versions::seen_by(tx, id, board.role(), std::mem::take(&mut draft.content)).await?;
        if draft.base_version != board.row().version {
            theirs = newer(tx, &board, &content, draft.base_version).await?;
            if theirs.is_none() {
                draft.base_version = board.row().version;
            }
        }
    }
    Ok(Editing { row: board.row().clone(), content: board.visible(content), draft, theirs })
}

async fn find_draft(tx: &mut TenantTx, id: DashboardId) -> Result<Option<Draft>, AppError> {
    let (organization_id, user_id) = (tx.organization_id(), tx.user_id());
    let found: Option<(i64, Json<Content>, DateTime<Utc>)> = sqlx::query_as(
        "select base_version, content, saved_at from dashboard_drafts
         where organization_id = $1 and dashboard_id = $2 and user_id = $3",
    )
    .bind(organization_id)
    .bind(id)
    .bind(user_id)
    .fetch_optional(tx.conn())
    .await?;
    Ok(found.map(|(base_version, Json(content), saved_at)| Draft { base_version, content, saved_at }))
}

/// What was saved after `base_version`; `None` when nothing that matters is different.
async fn newer(
    tx: &mut TenantTx,
    board: &Editable,
    present: &Content,
    base_version: i64,
) -> Result<Option<Theirs>, AppError> {
    let row = board.row();
    let base = versions::at(tx, row.id, base_version).await?.map_or_else(|| present.clone(), |v| v.content);
    if base.same_as(present) {
        return Ok(None);
    }
    let latest = versions::at(tx, row.id, row.version).await?.filter(|v| v.content.same_as(present));
    let (by, at) = latest.map_or((None, row.updated_at), |v| (v.by, v.at));
    let (content, base) = (board.visible(present.clone()), versions::seen_by(tx, row.id, board.role(), base).await?);
    Ok(Some(Theirs { version: row.version, content, by, at, base }))
}

/// Keeps what the person has typed, right or wrong. Their draft of this dashboard is replaced.
pub async fn keep_draft(
    tx: &mut TenantTx,
    editor: &Editor,
    id: DashboardId,
    base_version: i64,
    content: &Content,
) -> Result<DateTime<Utc>, AppError> {
    store::may_edit(tx, editor, id).await?;
    if content.widgets.len() > 2 * MAX_WIDGETS {
        return Err(AppError::invalid(format!("A dashboard holds at most {MAX_WIDGETS} widgets.")));
    }
    let (organization_id, user_id) = (tx.organization_id(), tx.user_id());
    let saved_at = sqlx::query_scalar(
        "insert into dashboard_drafts (organization_id, dashboard_id, user_id, base_version, content)
         values ($1, $2, $3, $4, $5)
         on conflict (organization_id, dashboard_id, user_id) do update
         set base_version = excluded.base_version, content = excluded.content, saved_at = now()
         returning saved_at",
    )
    .bind(organization_id)
    .bind(id)
    .bind(user_id)
    .bind(base_version)
    .bind(Json(content))
    .fetch_one(tx.conn())
    .await?;
    Ok(saved_at)
}

pub async fn discard_draft(tx: &mut TenantTx, editor: &Editor, id: DashboardId) -> Result<(), AppError> {
    store::may_edit(tx, editor, id).await?;
    forget_draft(tx, id).await
}

async fn forget_draft(tx: &mut TenantTx, id: DashboardId) -> Result<(), AppError> {
    let (organization_id, user_id) = (tx.organization_id(), tx.user_id());
    sqlx::query("delete from dashboard_drafts where organization_id = $1 and dashboard_id = $2 and user_id = $3")
        .bind(organization_id)
        .bind(id)
        .bind(user_id)
        .execute(tx.conn())
        .await?;
    Ok(())
}

/// Makes `content` what the dashboard holds, and forgets the draft; or does nothing and gives what somebody else has
/// saved since `base_version`.
///
/// # Errors
/// `Invalid`, naming every field that is wrong.
pub async fn save(
    tx: &mut TenantTx,
    editor: &Editor,
    id: DashboardId,
    base_version: i64,
    content: &Content,
) -> Result<Saved, AppError> {
    let board = store::editable(tx, editor, id).await?;
    if base_version != board.row().version {
        let present = content::read(tx, &board).await?;
        // Two who came to the same result have nothing to settle.
        if !board.visible(present.clone()).same_as(&content.checked(&present, board.role())?)
            && let Some(theirs) = newer(tx, &board, &present, base_version).await?
        {
            return Ok(Saved::Conflict(Box::new(theirs)));
        }
    }
    let version = content::write(tx, &board, content, Vec::new()).await?;
    forget_draft(tx, id).await?;
    Ok(Saved::Done { version })
}
