//! What only the database knows to be wrong with a form. Server only.

use super::deleted::Entity;
use crate::{
    error::{AppError, FieldErrors},
    server::TenantTx,
};
use sqlx::AssertSqlSafe;
use uuid::Uuid;

/// A field whose value no two rows may share; its column has the same name.
#[derive(Clone, Copy, Debug)]
pub struct Unique {
    pub entity: Entity,
    pub field: &'static str,
    pub taken: fn() -> AppError,
}

impl Unique {
    /// Adds to what else is wrong with a form that another row than `id` has its value, so that all is told at once. A form
    /// that is right is left to the index, which two requests at once cannot both pass.
    pub async fn check<T>(
        self,
        tx: &mut TenantTx,
        parsed: Result<T, AppError>,
        value: &str,
        id: Option<Uuid>,
    ) -> Result<T, AppError> {
        let refused = match parsed {
            Err(refused) if refused.for_field(self.field).is_none() => refused,
            other => return other,
        };
        let (table, column) = (self.entity.table(), self.field);
        let taken: bool = sqlx::query_scalar(AssertSqlSafe(format!(
            "select exists (select from {table}
                            where organization_id = $1 and {column} = $2 and id is distinct from $3)"
        )))
        .bind(tx.organization_id())
        .bind(value.trim())
        .bind(id)
        .fetch_one(tx.conn())
        .await?;
        let mut errors = FieldErrors::default();
        errors.merge::<T>(Err(refused));
        if taken {
            errors.merge::<T>(Err((self.taken)()));
        }
        Err(errors.into_error())
    }
}
