//! Whose a dashboard is. Server only.
//!
//! One of the organisation's is seen by everybody in it and changed by owners and admins. A personal one is seen and changed by
//! its owner alone: not even admins see it, while its owner is here. What somebody has left behind who belongs to the
//! organisation no longer, admins see in a list, to give it to somebody or to the organisation.

use super::{Subject, access::editable, find_row, lifecycle, lock, note};
use crate::{
    accounts::{Admin, Editor},
    dashboards::{
        editing::model::{Content, DraftWidget},
        model::{DashboardRow, LeftBehind, MAX_NAME, Recipient},
        personal, sharing,
    },
    error::AppError,
    ids::{DashboardId, UserId, WidgetId},
    server::TenantTx,
};

/// Gives a dashboard to somebody else, or to the organisation (`None`). One's own may be given to anybody who makes
/// dashboards; to take from the organisation, to give to it, and to place what was left behind takes an admin.
pub async fn give(tx: &mut TenantTx, editor: &Editor, id: DashboardId, to: Option<UserId>) -> Result<(), AppError> {
    lock(tx).await?;
    let left_behind = find_left_behind(tx, editor, id).await?;
    // Nobody but its owner sees it from then on, and what was left behind begins anew.
    let ends_links = to.is_some() || left_behind.is_some();
    let (name, shared) = match left_behind {
        Some(name) => (name, false),
        None => {
            let board = editable(tx, editor, id).await?;
            if board.row().owner_id == to {
                return Ok(());
            }
            (board.row().name.clone(), board.row().owner_id.is_none())
        }
    };
    let title = match to {
        None if editor.admin().is_err() => {
            return Err(AppError::forbidden(
                "Only owners and admins add to the organisation’s dashboards. Ask one of them.",
            ));
        }
        None => format!("Dashboard “{name}” is the organisation’s now"),
        Some(to) => {
            let people = recipients(tx, editor).await?;
            let person = people.into_iter().find(|person| person.user_id == to).ok_or_else(|| {
                AppError::field("owner_id", "Choose somebody of this organisation who may make dashboards.")
            })?;
            format!("Dashboard “{name}” was given to {}", person.name)
        }
    };
    lifecycle::check_room(tx, to).await?;
    sqlx::query(
        "update dashboards set owner_id = $3, is_default = false, updated_at = now()
         where organization_id = $1 and id = $2",
    )
    .bind(tx.organization_id())
    .bind(id)
    .bind(to)
    .execute(tx.conn())
    .await?;
    lifecycle::next_default(tx).await?;
    if ends_links {
        sharing::store::end_all(tx, id).await?;
    }
    // What everybody saw before, or sees now, is everybody's news.
    note(tx, "updated", Subject { id, owner_id: if shared { None } else { to } }, title).await
}

/// Who may be given a dashboard: everybody of the organisation who may make one.
pub async fn recipients(tx: &mut TenantTx, _: &Editor) -> Result<Vec<Recipient>, AppError> {
    let people = sqlx::query_as(
        "select u.id as user_id, u.name from memberships m join users u on u.id = m.user_id
         where m.organization_id = $1 and m.role in ('OWNER', 'ADMIN', 'MEMBER')
         order by lower(u.name), u.id limit 500",
    )
    .bind(tx.organization_id())
    .fetch_all(tx.conn())
    .await?;
    Ok(people)
}

/// Personal dashboards of people who belong to the organisation no longer.
pub async fn list_left_behind(tx: &mut TenantTx, _: &Admin) -> Result<Vec<LeftBehind>, AppError> {
    let left = sqlx::query_as(
        "select d.id, d.name, d.updated_at from dashboards d
         where d.organization_id = $1 and d.deleted_at is null and d.owner_id is not null
           and not exists (select from memberships m
                           where m.organization_id = $1 and m.user_id = d.owner_id and m.role <> 'PARTNER')
         order by d.updated_at desc, d.id limit 500",
    )
    .bind(tx.organization_id())
    .fetch_all(tx.conn())
    .await?;
    Ok(left)
}

async fn find_left_behind(tx: &mut TenantTx, editor: &Editor, id: DashboardId) -> Result<Option<String>, AppError> {
    let Ok(admin) = editor.admin() else { return Ok(None) };
    Ok(list_left_behind(tx, &admin).await?.into_iter().find(|left| left.id == id).map(|left| left.name))
}

/// A copy of a dashboard as the person sees it, for themselves.
pub async fn duplicate(tx: &mut TenantTx, editor: &Editor, id: DashboardId) -> Result<DashboardRow, AppError> {
    lock(tx).await?;
    let (row, widgets) = personal::store::seen(tx, &editor.colleague()?, id).await?;
    let owner_id = Some(editor.viewer().user_id);
    let widgets = widgets.iter().map(|widget| DraftWidget { id: WidgetId::new(), ..widget.into() }).collect();
    let name = format!("Copy of {}", row.name).chars().take(MAX_NAME).collect();
    let copy = Content { name, description: row.description, refresh_interval: row.refresh_interval, widgets };
    let words = format!("The dashboard was made as a copy of “{}”", row.name);
    let made = lifecycle::insert(tx, owner_id, false, &copy, words).await?;
    note(tx, "created", Subject { id: made, owner_id }, String::new()).await?;
    find_row(tx, made).await
}
