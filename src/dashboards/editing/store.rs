//! Drafts and saving, in SQL. Server only.

use super::model::{Content, Draft, DraftKey, Editing, Saved, Theirs};
use crate::{
    accounts::Editor,
    dashboards::{
        model::MAX_WIDGETS,
        store::{self, Editable, content, versions},
    },
    error::AppError,
    ids::{DashboardId, DraftId},
    server::TenantTx,
};
use chrono::{DateTime, Utc};
use sqlx::types::Json;

/// How many drafts of one dashboard are kept for a person: far more than anybody has windows.
const DRAFTS: i64 = 20;

/// The dashboard with what the person has begun, in `draft` or else most lately, and what was saved since.
pub async fn open(
    tx: &mut TenantTx,
    editor: &Editor,
    id: DashboardId,
    draft: Option<DraftId>,
) -> Result<Editing, AppError> {
    let board = store::editable(tx, editor, id).await?;
    let content = content::read(tx, &board).await?;
    let mut draft = find_draft(tx, id, draft).await?;
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

/// This draft of the person's; their latest, where it is none or has gone.
async fn find_draft(tx: &mut TenantTx, id: DashboardId, draft: Option<DraftId>) -> Result<Option<Draft>, AppError> {
    let (organization_id, user_id) = (tx.organization_id(), tx.user_id());
    let found: Option<(DraftId, i64, Json<Content>, DateTime<Utc>)> = sqlx::query_as(
        "select id, base_version, content, saved_at from dashboard_drafts
         where organization_id = $1 and dashboard_id = $2 and user_id = $3
         order by id is not distinct from $4 desc, saved_at desc limit 1",
    )
    .bind(organization_id)
    .bind(id)
    .bind(user_id)
    .bind(draft)
    .fetch_optional(tx.conn())
    .await?;
    Ok(found.map(|(id, base_version, Json(content), saved_at)| Draft { id, base_version, content, saved_at }))
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
    let own = latest.as_ref().is_some_and(|v| v.user_id.is_some() && v.user_id == tx.user_id());
    let (by, at) = latest.map_or((None, row.updated_at), |v| (v.by, v.at));
    let (content, base) = (board.visible(present.clone()), versions::seen_by(tx, row.id, board.role(), base).await?);
    Ok(Some(Theirs { version: row.version, content, by, own, at, base }))
}

/// Keeps what the person has typed in one window, right or wrong, in the place of what that window began with.
pub async fn keep_draft(
    tx: &mut TenantTx,
    editor: &Editor,
    id: DashboardId,
    draft: DraftKey,
    base_version: i64,
    content: &Content,
) -> Result<DateTime<Utc>, AppError> {
    store::may_edit(tx, editor, id).await?;
    if content.widgets.len() > 2 * MAX_WIDGETS {
        return Err(AppError::invalid(format!("A dashboard holds at most {MAX_WIDGETS} widgets.")));
    }
    forget_draft(tx, id, draft).await?;
    let (organization_id, user_id) = (tx.organization_id(), tx.user_id());
    let saved_at = sqlx::query_scalar(
        "insert into dashboard_drafts (organization_id, dashboard_id, user_id, id, base_version, content, saved_at)
         values ($1, $2, $3, $4, $5, $6, clock_timestamp())
         on conflict (organization_id, dashboard_id, user_id, id) do update
         set base_version = excluded.base_version, content = excluded.content, saved_at = excluded.saved_at
         returning saved_at",
    )
    .bind(organization_id)
    .bind(id)
    .bind(user_id)
    .bind(draft.id)
    .bind(base_version)
    .bind(Json(content))
    .fetch_one(tx.conn())
    .await?;
    sqlx::query(
        "delete from dashboard_drafts where organization_id = $1 and dashboard_id = $2 and user_id = $3
         and id in (select id from dashboard_drafts where organization_id = $1 and dashboard_id = $2 and user_id = $3
                    order by saved_at desc offset $4)",
    )
    .bind(organization_id)
    .bind(id)
    .bind(user_id)
    .bind(DRAFTS)
    .execute(tx.conn())
    .await?;
    Ok(saved_at)
}

pub async fn discard_draft(
    tx: &mut TenantTx,
    editor: &Editor,
    id: DashboardId,
    draft: DraftKey,
) -> Result<(), AppError> {
    store::may_edit(tx, editor, id).await?;
    forget_draft(tx, id, draft).await
}

/// Other windows' drafts stay.
async fn forget_draft(tx: &mut TenantTx, id: DashboardId, draft: DraftKey) -> Result<(), AppError> {
    let (organization_id, user_id) = (tx.organization_id(), tx.user_id());
    let (continued, written) = draft.continued.unzip();
    sqlx::query(
        "delete from dashboard_drafts where organization_id = $1 and dashboard_id = $2 and user_id = $3
         and (id = $4 or (id = $5 and saved_at = $6))",
    )
    .bind(organization_id)
    .bind(id)
    .bind(user_id)
    .bind(draft.id)
    .bind(continued)
    .bind(written)
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Makes `content` what the dashboard holds, and forgets the window's draft; or does nothing and gives what was saved
/// since `base_version`.
///
/// # Errors
/// `Invalid`, naming every field that is wrong.
pub async fn save(
    tx: &mut TenantTx,
    editor: &Editor,
    id: DashboardId,
    draft: DraftKey,
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
    forget_draft(tx, id, draft).await?;
    Ok(Saved::Done { version })
}
