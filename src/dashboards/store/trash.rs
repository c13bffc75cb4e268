//! Deleting with a way back. Server only.
//!
//! What is deleted rests here for 30 days (`jobs::chores` empties it), seen by who may take it out again: its owner, or the
//! admins where it was the organisation's.

use super::{Subject, access::editable, find_row, lifecycle, lock, not_found, note};
use crate::{
    accounts::Editor,
    dashboards::model::{DashboardRow, Deleted},
    error::AppError,
    ids::DashboardId,
    server::TenantTx,
};

/// Puts a dashboard into the bin. When it was the default, the next one takes its place.
pub async fn delete(tx: &mut TenantTx, editor: &Editor, id: DashboardId) -> Result<(), AppError> {
    let board = editable(tx, editor, id).await?;
    sqlx::query("update dashboards set deleted_at = now(), is_default = false where organization_id = $1 and id = $2")
        .bind(tx.organization_id())
        .bind(id)
        .execute(tx.conn())
        .await?;
    lifecycle::next_default(tx).await?;
    note(tx, "deleted", board.row().into(), format!("Dashboard “{}” was deleted", board.row().name)).await
}

/// What the person may take out of the bin, the latest first.
pub async fn list_trash(tx: &mut TenantTx, editor: &Editor) -> Result<Vec<Deleted>, AppError> {
    find_trash(tx, editor, None).await
}

async fn find_trash(tx: &mut TenantTx, editor: &Editor, id: Option<DashboardId>) -> Result<Vec<Deleted>, AppError> {
    let (organization_id, user_id) = (tx.organization_id(), tx.user_id());
    let deleted = sqlx::query_as(
        "select d.id, d.name, d.owner_id, d.deleted_at, d.deleted_at + interval '30 days' as gone_at,
                (select count(*) from dashboard_widgets w
                 where w.organization_id = d.organization_id and w.dashboard_id = d.id) as widgets
         from dashboards d
         where d.organization_id = $1 and d.deleted_at is not null and (d.owner_id = $2 or (d.owner_id is null and $3))
           and ($4::uuid is null or d.id = $4)
         order by d.deleted_at desc, d.id",
    )
    .bind(organization_id)
    .bind(user_id)
    .bind(editor.role().can_administer())
    .bind(id)
    .fetch_all(tx.conn())
    .await?;
    Ok(deleted)
}

/// A dashboard in the bin, if the person may take it out again.
pub async fn find_deleted(tx: &mut TenantTx, editor: &Editor, id: DashboardId) -> Result<Option<Deleted>, AppError> {
    Ok(find_trash(tx, editor, Some(id)).await?.pop())
}

/// Takes a dashboard out of the bin, as it was; as the default when there is no other.
pub async fn restore(tx: &mut TenantTx, editor: &Editor, id: DashboardId) -> Result<DashboardRow, AppError> {
    lock(tx).await?;
    let deleted = find_deleted(tx, editor, id).await?.ok_or_else(not_found)?;
    lifecycle::check_room(tx, deleted.owner_id).await?;
    sqlx::query("update dashboards set deleted_at = null where organization_id = $1 and id = $2")
        .bind(tx.organization_id())
        .bind(id)
        .execute(tx.conn())
        .await?;
    lifecycle::next_default(tx).await?;
    note(tx, "restored", (&deleted).into(), format!("Dashboard “{}” was restored", deleted.name)).await?;
    find_row(tx, id).await
}

/// Deletes a dashboard that is in the bin, for good.
pub async fn purge(tx: &mut TenantTx, editor: &Editor, id: DashboardId) -> Result<(), AppError> {
    lock(tx).await?;
    let deleted = find_deleted(tx, editor, id).await?.ok_or_else(not_found)?;
    sqlx::query("delete from dashboards where organization_id = $1 and id = $2")
        .bind(tx.organization_id())
        .bind(id)
        .execute(tx.conn())
        .await?;
    note(tx, "deleted", (&deleted).into(), format!("Dashboard “{}” was deleted for good", deleted.name)).await
}

impl From<&Deleted> for Subject {
    fn from(deleted: &Deleted) -> Self {
        Self { id: deleted.id, owner_id: deleted.owner_id }
    }
}
