//! Who may change which dashboard. Server only.

use super::{lock, read};
use crate::{
    accounts::{Editor, Role},
    dashboards::{
        code::provision::Provisioning,
        editing::model::{Content, DraftWidget},
        model::DashboardRow,
    },
    error::AppError,
    ids::DashboardId,
    server::TenantTx,
};

/// A dashboard that the person may change, as it is until the transaction ends: nobody else changes it meanwhile.
#[derive(Clone, Debug)]
pub struct Editable {
    row: DashboardRow,
    role: Role,
}

impl Editable {
    pub fn id(&self) -> DashboardId {
        self.row.id
    }

    pub fn row(&self) -> &DashboardRow {
        &self.row
    }

    /// Of the person who changes it.
    pub fn role(&self) -> Role {
        self.role
    }

    /// Whether the person may know of this widget.
    pub fn shows(&self, widget: &DraftWidget) -> bool {
        widget.visible_to(self.role)
    }

    /// What the person may know of `content`.
    pub fn visible(&self, content: Content) -> Content {
        content.seen_by(self.role)
    }

    /// `after` with those widgets of `before` that the person does not know of: they stay where they are.
    pub(super) fn complete(&self, after: &Content, before: &Content) -> Content {
        let hidden = before.widgets.iter().filter(|widget| !self.shows(widget));
        let mut complete = after.clone();
        complete.widgets.retain(|widget| before.find(widget.id).is_none_or(|before| self.shows(before)));
        complete.widgets.extend(hidden.cloned());
        complete
    }

    /// Refuses settings by which the person would no longer see a widget.
    pub(super) fn check_author(&self, widget: &DraftWidget) -> Result<(), AppError> {
        widget.check()?.check_author(self.role)
    }
}

/// # Errors
/// `NotFound` for one that the person may not even see, or that is in the bin.
pub async fn editable(tx: &mut TenantTx, editor: &Editor, id: DashboardId) -> Result<Editable, AppError> {
    lock(tx).await?;
    Ok(Editable { row: may_edit(tx, editor, id).await?, role: editor.role() })
}

/// For the file that the dashboard comes from.
pub async fn provisioned(tx: &mut TenantTx, _: Provisioning, id: DashboardId) -> Result<Editable, AppError> {
    lock(tx).await?;
    // The file is the operator’s, who decides about all of it.
    Ok(Editable { row: read::find_row(tx, id).await?, role: Role::Owner })
}

/// Like [`editable`], without keeping others from changing it.
pub async fn may_edit(tx: &mut TenantTx, editor: &Editor, id: DashboardId) -> Result<DashboardRow, AppError> {
    let row = read::find_row(tx, id).await?;
    match row.owner_id {
        // Only its owner can have found it.
        Some(_) => Ok(row),
        None => match editor.admin() {
            Ok(_) => Ok(row),
            Err(_) => Err(AppError::forbidden(
                "Only owners and admins change the organisation’s dashboards. Duplicate it, or arrange it for yourself.",
            )),
        },
    }
}
