//! Deleting with a way back. Server only.

use crate::{
    error::AppError,
    server::{TenantTx, fault},
};
use sqlx::AssertSqlSafe;
use uuid::Uuid;

/// A kind of record that can be deleted and restored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Entity {
    Transaction,
    Category,
    Payment,
    Budget,
    Material,
}

impl Entity {
    /// As in activities and in `deleted_records`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Transaction => "transaction",
            Self::Category => "category",
            Self::Payment => "payment",
            Self::Budget => "budget",
            Self::Material => "material",
        }
    }

    pub(super) const fn table(self) -> &'static str {
        match self {
            Self::Transaction => "transactions",
            Self::Category => "categories",
            Self::Payment => "payments",
            Self::Budget => "budgets",
            Self::Material => "materials",
        }
    }

    fn not_found(self) -> AppError {
        AppError::not_found(format!("The {}", self.as_str()))
    }
}

/// Moves a row, whole, to `deleted_records`.
pub async fn delete(tx: &mut TenantTx, entity: Entity, id: Uuid) -> Result<(), AppError> {
    let (organization_id, user_id) = (tx.organization_id(), tx.user_id());
    let table = entity.table();
    let moved = sqlx::query(AssertSqlSafe(format!(
        "with gone as (delete from {table} where organization_id = $1 and id = $2 returning *)
         insert into deleted_records (organization_id, entity_type, id, record, deleted_by)
         select organization_id, $3, id, to_jsonb(gone), $4 from gone
         on conflict (organization_id, entity_type, id)
         do update set record = excluded.record, deleted_by = excluded.deleted_by, deleted_at = now()"
    )))
    .bind(organization_id)
    .bind(id)
    .bind(entity.as_str())
    .bind(user_id)
    .execute(tx.conn())
    .await?;
    if moved.rows_affected() == 0 { Err(entity.not_found()) } else { Ok(()) }
}

/// Puts a deleted row back as it was. A person who has left since is forgotten as its author.
///
/// Conflict when something else has its reference (or name, or month) now, or when what it points to is gone.
pub async fn restore(tx: &mut TenantTx, entity: Entity, id: Uuid) -> Result<(), AppError> {
    let organization_id = tx.organization_id();
    let table = entity.table();
    let restored = sqlx::query(AssertSqlSafe(format!(
        "with gone as (delete from deleted_records where organization_id = $1 and entity_type = $2 and id = $3
                       returning record)
         insert into {table}
         select (jsonb_populate_record(null::{table}, case
                   when exists (select from users u where u.id::text = record ->> 'created_by') then record
                   else record - 'created_by' end)).*
         from gone"
    )))
    .bind(organization_id)
    .bind(entity.as_str())
    .bind(id)
    .execute(tx.conn())
    .await
    .map_err(|error| match &error {
        sqlx::Error::Database(e) if e.is_unique_violation() => AppError::conflict(format!(
            "This {} cannot come back: another one has taken its place meanwhile.",
            entity.as_str()
        )),
        sqlx::Error::Database(e) if e.is_foreign_key_violation() => AppError::conflict(format!(
            "This {} cannot come back before its category does: that has been deleted too.",
            entity.as_str()
        )),
        _ => error.into(),
    })?;
    match restored.rows_affected() {
        0 => Err(entity.not_found()),
        1 => Ok(()),
        n => Err(fault::internal(format!("restored {n} rows of {table} for one id"))),
    }
}

/// For a change that was made on an outdated copy of a row.
pub fn changed_meanwhile(what: &str) -> AppError {
    AppError::conflict(format!(
        "Somebody else changed this {what} after you opened it. Reload to see their version, then make your change again."
    ))
}
