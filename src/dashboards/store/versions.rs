//! What dashboards were before. Server only.

use super::{access::editable, content, find_row, may_edit};
use crate::{
    accounts::{Colleague, Editor, Role},
    dashboards::{
        code,
        editing::model::{Content, DraftWidget, UNSEEN},
        history::model::{History, PAGE, VersionRow},
        model::DashboardRow,
    },
    error::AppError,
    ids::{DashboardId, UserId, WidgetId},
    server::TenantTx,
};
use chrono::{DateTime, Utc};
use sqlx::types::Json;
use std::collections::{HashMap, HashSet};

/// So many versions of a dashboard are kept.
const KEPT: i64 = 200;

/// One state of a dashboard, and who made it.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Version {
    pub version: i64,
    #[sqlx(json)]
    pub content: Content,
    pub user_id: Option<UserId>,
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
        "select v.version, v.content, v.user_id, u.name as by, v.created_at as at
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
    let closed = Closed::find(tx, id, colleague.role()).await?;
    for words in versions.iter_mut().flat_map(|version| &mut version.changes) {
        closed.hush(words);
    }
    let more = versions.len() as i64 > PAGE;
    versions.truncate(PAGE as usize);
    let before = versions.last().filter(|_| more).map(|last| last.version);
    let may_edit = match colleague.editor() {
        Ok(editor) => may_edit(tx, &editor, id).await.is_ok() && !code::store::files(tx).await?.contains_key(&id),
        Err(_) => false,
    };
    Ok(History { row, may_edit, versions, before })
}

/// Exactly this version, as far as somebody in this role may know of it.
pub async fn find(tx: &mut TenantTx, id: DashboardId, version: i64, role: Role) -> Result<Version, AppError> {
    let found = at(tx, id, version).await?.filter(|found| found.version == version);
    let mut found = found.ok_or_else(|| AppError::not_found("This version"))?;
    found.content = seen_by(tx, id, role, found.content).await?;
    Ok(found)
}

/// What somebody in this role may know of something that the dashboard held once.
pub async fn seen_by(tx: &mut TenantTx, id: DashboardId, role: Role, past: Content) -> Result<Content, AppError> {
    let closed = Closed::find(tx, id, role).await?;
    let mut past = past.seen_by(role);
    past.widgets.retain(|widget| !closed.titles.contains_key(&widget.id));
    Ok(past)
}

/// Makes a new version that holds what this one did, and gives its number. The present one stays in the history.
pub async fn restore(tx: &mut TenantTx, editor: &Editor, id: DashboardId, version: i64) -> Result<i64, AppError> {
    let board = editable(tx, editor, id).await?;
    // What is not for the person stays as it is now.
    let past = find(tx, id, version, editor.role()).await?;
    content::write(tx, &board, &past.content, vec![format!("Version {version} was restored")]).await
}

/// The widgets that somebody in a role may not know of by the latest that is known of them, with all titles that they
/// have had: what was for everybody once, and is not any more, is not shown as it was then either.
#[derive(Debug, Default)]
struct Closed {
    titles: HashMap<WidgetId, HashSet<String>>,
}

impl Closed {
    async fn find(tx: &mut TenantTx, id: DashboardId, role: Role) -> Result<Self, AppError> {
        // Nothing is kept from them.
        if role.can_administer() {
            return Ok(Self::default());
        }
        let organization_id = tx.organization_id();
        let latest: Vec<Json<DraftWidget>> = sqlx::query_scalar(
            "select distinct on (w ->> 'id') w
             from dashboard_versions v, jsonb_array_elements(v.content -> 'widgets') w
             where v.organization_id = $1 and v.dashboard_id = $2
             order by w ->> 'id', v.version desc",
        )
        .bind(organization_id)
        .bind(id)
        .fetch_all(tx.conn())
        .await?;
        let hidden = latest.iter().filter(|widget| !widget.visible_to(role)).map(|widget| widget.id);
        let mut titles: HashMap<WidgetId, HashSet<String>> = hidden.map(|id| (id, HashSet::new())).collect();
        if titles.is_empty() {
            return Ok(Self::default());
        }
        let ever: Vec<Json<DraftWidget>> = sqlx::query_scalar(
            "select distinct w from dashboard_versions v, jsonb_array_elements(v.content -> 'widgets') w
             where v.organization_id = $1 and v.dashboard_id = $2 and w ->> 'id' = any($3)",
        )
        .bind(organization_id)
        .bind(id)
        .bind(titles.keys().map(ToString::to_string).collect::<Vec<_>>())
        .fetch_all(tx.conn())
        .await?;
        for widget in ever {
            titles.entry(widget.id).or_default().insert(widget.title());
        }
        Ok(Self { titles })
    }

    /// Takes the names out of words that were written when everybody might read them.
    fn hush(&self, words: &mut String) {
        for title in self.titles.values().flatten() {
            let name = format!("“{title}”");
            if let Some(rest) = words.strip_prefix(&name) {
                *words = format!("A{}{rest}", &UNSEEN[1..]);
            }
            if words.contains(&name) {
                *words = words.replace(&name, UNSEEN);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_for_somebody_has_no_name() {
        let closed = Closed { titles: HashMap::from([(WidgetId::new(), HashSet::from(["Pay".to_owned()]))]) };
        let hushed = |words: &str| {
            let mut words = words.to_owned();
            closed.hush(&mut words);
            words
        };
        assert_eq!(hushed("“Pay” was moved"), "A widget that you cannot see was moved");
        assert_eq!(hushed("“Cash” is called “Pay” now"), "“Cash” is called a widget that you cannot see now");
        assert_eq!(hushed("“Payments” was moved"), "“Payments” was moved");
    }
}
