//! Dashboards in SQL. Server only.
//!
//! Every change of what a dashboard holds goes through [`content::write`], which bumps its version, keeps what was and what
//! is now as versions, and records the activity. Changes of an organisation's dashboards happen one after the other:
//! who may change one ([`Editable`]) holds the lock until the transaction ends.

mod access;
pub mod content;
mod lifecycle;
mod ownership;
mod read;
mod trash;
pub mod versions;
mod widgets;

pub use access::{Editable, editable, may_edit, provisioned};
pub use lifecycle::{create, create_content, owner_of, set_default, update};
pub use ownership::{duplicate, give, list_left_behind, recipients};
pub use read::{content as content_of, find, find_linked, find_row, list, list_personal, list_shared, look};
pub use trash::{delete, find_deleted, list_trash, purge, restore};
pub use widgets::{create_widget, delete_widget, update_layout, update_widget};

use crate::{
    activity::store::{NewActivity, record},
    dashboards::model::DashboardRow,
    error::AppError,
    ids::{DashboardId, UserId},
    server::{TenantTx, Topic},
};
use serde_json::json;

fn not_found() -> AppError {
    AppError::not_found("The dashboard")
}

/// Until the transaction ends, nobody else changes a dashboard of the organisation, so that rules over several rows hold.
pub(in crate::dashboards) async fn lock(tx: &mut TenantTx) -> Result<(), AppError> {
    sqlx::query("select pg_advisory_xact_lock(hashtextextended('dashboards:' || $1::text, 0))")
        .bind(tx.organization_id())
        .execute(tx.conn())
        .await?;
    Ok(())
}

/// Records what was done. Everybody reads the feed, and a person's own dashboards are nobody else's business: of
/// those it says that something happened, not to which and what.
async fn note(tx: &mut TenantTx, action: &str, of: Subject, title: String) -> Result<(), AppError> {
    let (entity_id, title) = match of.owner_id {
        None => (Some(of.id.0), title),
        Some(_) => (None, format!("A personal dashboard was {action}")),
    };
    let entry = NewActivity { action, entity_type: "dashboard", entity_id, title, metadata: json!({}) };
    record(tx, Topic::Dashboards, entry).await
}

/// What an activity is about.
#[derive(Clone, Copy)]
struct Subject {
    id: DashboardId,
    owner_id: Option<UserId>,
}

impl From<&DashboardRow> for Subject {
    fn from(row: &DashboardRow) -> Self {
        Self { id: row.id, owner_id: row.owner_id }
    }
}
