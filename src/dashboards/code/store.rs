//! Which dashboards come from files. Server only.

use crate::{
    error::AppError,
    ids::{DashboardId, OrganizationId},
    server::{Database, TenantTx},
};
use std::collections::HashMap;

/// A dashboard and the file that it comes from.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Provisioned {
    pub dashboard_id: DashboardId,
    pub file: String,
    /// Of the text that was last read.
    pub digest: String,
}

pub async fn list(tx: &mut TenantTx) -> Result<Vec<Provisioned>, AppError> {
    let rows = sqlx::query_as(
        "select dashboard_id, file, digest from dashboard_files where organization_id = $1 order by file",
    )
    .bind(tx.organization_id())
    .fetch_all(tx.conn())
    .await?;
    Ok(rows)
}

/// The file of each dashboard that comes from one.
pub async fn files(tx: &mut TenantTx) -> Result<HashMap<DashboardId, String>, AppError> {
    Ok(list(tx).await?.into_iter().map(|p| (p.dashboard_id, p.file)).collect())
}

/// Lets this transaction change what comes from files, until it ends.
pub(super) async fn unlock(tx: &mut TenantTx) -> Result<(), AppError> {
    sqlx::query("select set_config('app.provisioning', 'on', true)").execute(tx.conn()).await?;
    Ok(())
}

pub(super) async fn keep(tx: &mut TenantTx, id: DashboardId, file: &str, digest: &str) -> Result<(), AppError> {
    sqlx::query(
        "insert into dashboard_files (organization_id, dashboard_id, file, digest) values ($1, $2, $3, $4)
         on conflict (organization_id, dashboard_id) do update
         set file = excluded.file, digest = excluded.digest, provisioned_at = now()",
    )
    .bind(tx.organization_id())
    .bind(id)
    .bind(file)
    .bind(digest)
    .execute(tx.conn())
    .await?;
    Ok(())
}

pub(super) async fn forget(tx: &mut TenantTx, id: DashboardId) -> Result<(), AppError> {
    sqlx::query("delete from dashboard_files where organization_id = $1 and dashboard_id = $2")
        .bind(tx.organization_id())
        .bind(id)
        .execute(tx.conn())
        .await?;
    Ok(())
}

/// The organisations of this name or id; two stand for several.
pub(super) async fn organizations(db: &Database, named: &str) -> Result<Vec<OrganizationId>, AppError> {
    let mut tx = db.system("provisioning: the operator names the organisation, nobody is signed in").await?;
    let found = sqlx::query_scalar("select id from organizations where name = $1 or id::text = $1 limit 2")
        .bind(named)
        .fetch_all(tx.conn())
        .await?;
    Ok(found)
}
