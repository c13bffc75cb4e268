//! What dashboards were before. Server only.

use super::{access::editable, content, find_row, may_edit};
use crate::{
    accounts::{Colleague, Editor},
    dashboards::{
        code,
        editing::model::Content,
        history::model::{History, PAGE, VersionRow},
        model::DashboardRow,
    },
    error::AppError,
    ids::DashboardId,
    server::TenantTx,
};
use chrono::{DateTime, Utc};
use sqlx::types::Json;

/// So many versions of a dashboard are kept.
const KEPT: i64 = 200;

/// One state of a dashboard, and who made it.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Version {
    pub version: i64,
    #[sqlx(json)]
    pub content: Content,
    pub by: Option<String>,
    pub at: DateTime<Utc>,
}

/// Makes sure that the present state is among the versions, before it becomes the past.
pub(super) async fn keep_present(tx: &mut TenantTx, row: &DashboardRow, content: &Content) -> Result<(), AppError> {
    sqlx::query(
        "insert into dashboard_versions (organization_id, dashboard_id, version, content, created_at)
         values ($1, $2, $3, $4, $5) on conflict do nothing",
    )
    .bind(tx.organization_id())
    .bind(row.id)
    .bind(row.version)
    .bind(Json(content))
    .bind(row.updated_at)
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Adds the version that has just become the present, and forgets the oldest beyond those that are kept. What
/// somebody's draft began with stays, because merging needs it.
pub(super) async fn add(
    tx: &mut TenantTx,
    id: DashboardId,
    version: i64,
    content: &Content,
    changes: &[String],
) -> Result<(), AppError> {
    let (organization_id, user_id) = (tx.organization_id(), tx.user_id());
    sqlx::query(
        "insert into dashboard_versions (organization_id, dashboard_id, version, content, changes, user_id)
         values ($1, $2, $3, $4, $5, $6)",
    )
    .bind(organization_id)
    .bind(id)
    .bind(version)
    .bind(Json(content))
    .bind(changes)
    .bind(user_id)
    .execute(tx.conn())
    .await?;
    sqlx::query(
        "delete from dashboard_versions v
         where organization_id = $1 and dashboard_id = $2
           and version < (select version from dashboard_versions
                          where organization_id = $1 and dashboard_id = $2
                          order by version desc offset $3 limit 1)
           and not exists (select from dashboard_drafts d
                           where d.organization_id = $1 and d.dashboard_id = $2 and d.base_version = v.version)",
    )
    .bind(organization_id)
    .bind(id)
    .bind(KEPT - 1)
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// The state that a dashboard was in at `version`: that version's, or the nearest one before it that changed anything;
/// the oldest there is, when that has been forgotten.
pub async fn at(tx: &mut TenantTx, id: DashboardId, version: i64) -> Result<Option<Version>, AppError> {
    let found = sqlx::query_as(
        "select v.version, v.content, u.name as by, v.created_at as at
         from dashboard_versions v left join users u on u.id = v.user_id
         where v.organization_id = $1 and v.dashboard_id = $2
         order by v.version <= $3 desc, abs(v.version - $3) limit 1",
    )
    .bind(tx.organization_id())
    .bind(id)
    .bind(version)
    .fetch_optional(tx.conn())
    .await?;
    Ok(found)
}

/// A page of the versions, the latest first.
pub async fn history(
    tx: &mut TenantTx,
    colleague: &Colleague,
    id: DashboardId,
    before: Option<i64>,
) -> Result<History, AppError> {
    let row = find_row(tx, id).await?;
    let mut versions: Vec<VersionRow> = sqlx::query_as(
        "select v.version, v.changes, u.name as who, v.created_at
         from dashboard_versions v left join users u on u.id = v.user_id
         where v.organization_id = $1 and v.dashboard_id = $2 and ($3::bigint is null or v.version < $3)
         order by v.version desc limit $4",
    )
    .bind(tx.organization_id())
    .bind(id)
    .bind(before)
    .bind(PAGE + 1)
    .fetch_all(tx.conn())
    .await?;
    let more = versions.len() as i64 > PAGE;
    versions.truncate(PAGE as usize);
    let before = versions.last().filter(|_| more).map(|last| last.version);
    let may_edit = match colleague.editor() {
        Ok(editor) => may_edit(tx, &editor, id).await.is_ok() && !code::store::files(tx).await?.contains_key(&id),
        Err(_) => false,
    };
    Ok(History { row, may_edit, versions, before })
}

/// Exactly this version.
pub async fn find(tx: &mut TenantTx, id: DashboardId, version: i64) -> Result<Version, AppError> {
    let found = at(tx, id, version).await?.filter(|found| found.version == version);
    found.ok_or_else(|| AppError::not_found("This version"))
}

/// Makes a new version that holds what this one did, and gives its number. The present one stays in the history.
pub async fn restore(tx: &mut TenantTx, editor: &Editor, id: DashboardId, version: i64) -> Result<i64, AppError> {
    let board = editable(tx, editor, id).await?;
    let past = find(tx, id, version).await?;
    // What is not for the person stays as it is now.
    content::write(tx, &board, &board.visible(past.content), vec![format!("Version {version} was restored")]).await
}
