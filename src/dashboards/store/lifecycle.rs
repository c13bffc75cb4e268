//! Making dashboards, and what is said about them. Server only.

use super::{Subject, access::editable, content, find, find_row, lock, note, versions};
use crate::{
    accounts::{Editor, Role},
    dashboards::{
        editing::model::{Content, DraftWidget, note_errors},
        model::*,
    },
    error::{AppError, FieldErrors},
    ids::{DashboardId, UserId, WidgetId},
    server::TenantTx,
    widgets::Widget,
};

/// Makes a dashboard: the organisation's, if the person may and does not say otherwise.
pub async fn create(tx: &mut TenantTx, editor: &Editor, new: NewDashboard) -> Result<Dashboard, AppError> {
    let wants_default = new.is_default;
    let owner_id = owner_of(editor, new.personal)?;
    if owner_id.is_some() && wants_default {
        return Err(AppError::field("is_default", "Only a dashboard of the organisation can be its default."));
    }
    let checked = new.check()?;
    let widgets = place_all(&checked.widgets, editor.role())?;
    let CheckedDashboard { name, description, refresh_interval, .. } = checked;
    let content = Content { name, description, refresh_interval, widgets };
    let id = create_content(tx, owner_id, content, wants_default).await?;
    find(tx, id).await
}

/// Makes a dashboard of content that has been checked. The first one of an organisation becomes its default.
pub async fn create_content(
    tx: &mut TenantTx,
    owner_id: Option<UserId>,
    content: Content,
    wants_default: bool,
) -> Result<DashboardId, AppError> {
    // Two people who make the first dashboard at once: the second one waits here, and sees the first.
    lock(tx).await?;
    let id = insert(tx, owner_id, wants_default, &content, "The dashboard was created".to_owned()).await?;
    note(tx, "created", Subject { id, owner_id }, format!("Dashboard “{}” was created", content.name)).await?;
    Ok(id)
}

/// Whose a new dashboard is: what the person says, or what suits their role.
pub fn owner_of(editor: &Editor, personal: Option<bool>) -> Result<Option<UserId>, AppError> {
    let own = Some(editor.viewer().user_id);
    match personal {
        Some(true) => Ok(own),
        Some(false) => editor.admin().map(|_| None).map_err(|_| {
            AppError::forbidden("Only owners and admins make dashboards for the organisation. Make a personal one.")
        }),
        None => Ok(if editor.admin().is_ok() { None } else { own }),
    }
}

/// Adds a dashboard with its first version. The caller holds the lock.
pub(super) async fn insert(
    tx: &mut TenantTx,
    owner_id: Option<UserId>,
    wants_default: bool,
    content: &Content,
    words: String,
) -> Result<DashboardId, AppError> {
    let organization_id = tx.organization_id();
    check_room(tx, owner_id).await?;
    let has_default: bool =
        sqlx::query_scalar("select exists (select from dashboards where organization_id = $1 and is_default)")
            .bind(organization_id)
            .fetch_one(tx.conn())
            .await?;
    let is_default = owner_id.is_none() && (wants_default || !has_default);
    if is_default {
        clear_default(tx).await?;
    }
    let id = DashboardId::new();
    let user_id = tx.user_id();
    sqlx::query(
        "insert into dashboards (organization_id, id, name, description, is_default, refresh_interval, position, created_by,
                                 owner_id)
         select $1, $2, $3, $4, $5, $6, coalesce(max(position), 0) + 1, $7, $8 from dashboards where organization_id = $1",
    )
    .bind(organization_id)
    .bind(id)
    .bind(&content.name)
    .bind(&content.description)
    .bind(is_default)
    .bind(content.refresh_interval)
    .bind(user_id)
    .bind(owner_id)
    .execute(tx.conn())
    .await?;
    content::write_widgets(tx, id, &content.widgets.iter().collect::<Vec<_>>()).await?;
    versions::add(tx, id, 1, content, &[words]).await?;
    Ok(id)
}

/// Refuses one dashboard more than the organisation, or the person, may have.
pub(super) async fn check_room(tx: &mut TenantTx, owner_id: Option<UserId>) -> Result<(), AppError> {
    let count: i64 = sqlx::query_scalar(
        "select count(*) from dashboards
         where organization_id = $1 and deleted_at is null and owner_id is not distinct from $2",
    )
    .bind(tx.organization_id())
    .bind(owner_id)
    .fetch_one(tx.conn())
    .await?;
    match owner_id {
        None if count >= MAX_DASHBOARDS as i64 => {
            Err(AppError::conflict(format!("An organisation has at most {MAX_DASHBOARDS} dashboards.")))
        }
        Some(_) if count >= MAX_PERSONAL as i64 => {
            Err(AppError::conflict(format!("A person has at most {MAX_PERSONAL} dashboards of their own.")))
        }
        _ => Ok(()),
    }
}

/// Gives each new widget its place, or tells all that is wrong at once.
fn place_all(new: &[NewWidget], role: Role) -> Result<Vec<DraftWidget>, AppError> {
    let mut widgets: Vec<Widget> = Vec::with_capacity(new.len());
    let mut errors = FieldErrors::default();
    for (n, new) in new.iter().enumerate() {
        let placed = new.place(WidgetId::new(), &widgets);
        let placed = placed.and_then(|widget| widget.check_author(role).map(|()| widget));
        widgets.extend(note_errors(&mut errors, n, placed)?);
    }
    errors.into_result()?;
    check_layout(&widgets)?;
    Ok(widgets.iter().map(DraftWidget::from).collect())
}

pub async fn update(
    tx: &mut TenantTx,
    editor: &Editor,
    id: DashboardId,
    patch: DashboardPatch,
) -> Result<DashboardRow, AppError> {
    let board = editable(tx, editor, id).await?;
    let mut after = content::read(tx, &board).await?;
    after.name = patch.name.unwrap_or(after.name);
    after.description = patch.description.unwrap_or(after.description);
    after.refresh_interval = patch.refresh_interval.unwrap_or(after.refresh_interval);
    content::write(tx, &board, &after, Vec::new()).await?;
    find_row(tx, id).await
}

/// Makes this the one that is shown first, to everybody.
pub async fn set_default(tx: &mut TenantTx, editor: &Editor, id: DashboardId) -> Result<(), AppError> {
    let board = editable(tx, editor, id).await?;
    if board.row().owner_id.is_some() {
        return Err(AppError::invalid(
            "Only a dashboard of the organisation can be its default. You may see this one first yourself.",
        ));
    }
    clear_default(tx).await?;
    sqlx::query("update dashboards set is_default = true, updated_at = now() where organization_id = $1 and id = $2")
        .bind(tx.organization_id())
        .bind(id)
        .execute(tx.conn())
        .await?;
    note(tx, "updated", board.row().into(), format!("Dashboard “{}” is the default now", board.row().name)).await
}

/// When the default is gone, the next of the organisation's dashboards takes its place.
pub(super) async fn next_default(tx: &mut TenantTx) -> Result<(), AppError> {
    sqlx::query(
        "update dashboards set is_default = true where organization_id = $1 and id =
           (select id from dashboards where organization_id = $1 and deleted_at is null and owner_id is null
            order by position, created_at, id limit 1)
         and not exists (select from dashboards where organization_id = $1 and is_default)",
    )
    .bind(tx.organization_id())
    .execute(tx.conn())
    .await?;
    Ok(())
}

async fn clear_default(tx: &mut TenantTx) -> Result<(), AppError> {
    sqlx::query("update dashboards set is_default = false where organization_id = $1 and is_default")
        .bind(tx.organization_id())
        .execute(tx.conn())
        .await?;
    Ok(())
}
