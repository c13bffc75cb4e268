//! Reading dashboards. Server only.

use super::not_found;
use crate::{
    dashboards::{
        editing::model::{Content, DraftWidget},
        model::{Dashboard, DashboardRow},
        selection::Kept,
        sharing::Guest,
    },
    error::AppError,
    ids::{DashboardId, UserId, WidgetId},
    server::TenantTx,
    widgets::Widget,
};
use serde_json::Value;
use std::collections::HashMap;

/// The columns of a [`DashboardRow`] of the organisation ($1) that is not in the bin, without regard to who looks.
macro_rules! anybodys {
    () => {
        "select id, name, description, owner_id, is_default, refresh_interval, version, created_by, created_at, updated_at
         from dashboards where organization_id = $1 and deleted_at is null "
    };
}

/// What is to be read of those that the person ($2) may see. Every reading of dashboards for a person begins with it.
macro_rules! rows {
    ($($rest:literal),*) => {
        concat!(anybodys!(), "and (owner_id is null or owner_id = $2) ", $($rest),*)
    };
}

const IN_ORDER: &str = rows!("order by owner_id is not null, is_default desc, position, created_at, id");

/// The dashboards that the person sees: the organisation's, the default first, then their own.
pub async fn list(tx: &mut TenantTx) -> Result<Vec<DashboardRow>, AppError> {
    let (organization_id, user_id) = (tx.organization_id(), tx.user_id());
    Ok(sqlx::query_as(IN_ORDER).bind(organization_id).bind(user_id).fetch_all(tx.conn()).await?)
}

/// A dashboard that the person sees.
pub async fn find(tx: &mut TenantTx, id: DashboardId) -> Result<Dashboard, AppError> {
    let row = find_row(tx, id).await?;
    let mut widgets = widgets(tx, &[id]).await?;
    Ok(Dashboard { widgets: widgets.remove(&id).unwrap_or_default(), row })
}

/// The dashboard that a public link opens, whoever owns it: the link is what allows to see it.
pub async fn find_linked(tx: &mut TenantTx, _: &Guest, id: DashboardId) -> Result<Dashboard, AppError> {
    let sql = concat!(anybodys!(), "and id = $2");
    let found = sqlx::query_as(sql).bind(tx.organization_id()).bind(id);
    let row: DashboardRow = found.fetch_optional(tx.conn()).await?.ok_or_else(not_found)?;
    let mut widgets = widgets(tx, &[id]).await?;
    Ok(Dashboard { widgets: widgets.remove(&id).unwrap_or_default(), row })
}

/// The organisation's dashboards with their widgets, the default first.
pub async fn list_shared(tx: &mut TenantTx) -> Result<Vec<Dashboard>, AppError> {
    // Nobody in particular sees what is nobody's in particular.
    let rows = sqlx::query_as(IN_ORDER).bind(tx.organization_id()).bind(None::<UserId>).fetch_all(tx.conn()).await?;
    whole(tx, rows).await
}

/// The person's own dashboards with their widgets.
pub async fn list_personal(tx: &mut TenantTx) -> Result<Vec<Dashboard>, AppError> {
    let (organization_id, user_id) = (tx.organization_id(), tx.user_id());
    let sql = rows!("and owner_id = $2 order by position, created_at, id");
    let rows = sqlx::query_as(sql).bind(organization_id).bind(user_id).fetch_all(tx.conn()).await?;
    whole(tx, rows).await
}

async fn whole(tx: &mut TenantTx, rows: Vec<DashboardRow>) -> Result<Vec<Dashboard>, AppError> {
    let ids: Vec<DashboardId> = rows.iter().map(|row| row.id).collect();
    let mut widgets = widgets(tx, &ids).await?;
    Ok(rows.into_iter().map(|row| Dashboard { widgets: widgets.remove(&row.id).unwrap_or_default(), row }).collect())
}

/// How far each kind of data has moved, and what the person looked at last on the dashboard, or on each: one question,
/// because every page asks it.
pub async fn look(
    tx: &mut TenantTx,
    of: Option<DashboardId>,
) -> Result<(HashMap<String, i64>, HashMap<DashboardId, Kept>), AppError> {
    type Row = (String, i64, Option<DashboardId>, Option<Value>);
    let (organization_id, user_id) = (tx.organization_id(), tx.user_id());
    let rows: Vec<Row> = sqlx::query_as(
        "select topic, version, null::uuid, null::jsonb from change_counters where organization_id = $1
         union all
         select '', 0, dashboard_id, query from dashboard_last_looks
         where organization_id = $1 and user_id = $2 and ($3::uuid is null or dashboard_id = $3)",
    )
    .bind(organization_id)
    .bind(user_id)
    .bind(of)
    .fetch_all(tx.conn())
    .await?;
    let (mut counters, mut looks) = (HashMap::new(), HashMap::new());
    for row in rows {
        match row {
            (_, _, Some(dashboard), Some(query)) => drop(looks.insert(dashboard, Kept::stored(query))),
            (topic, version, ..) => drop(counters.insert(topic, version)),
        }
    }
    Ok((counters, looks))
}

pub async fn find_row(tx: &mut TenantTx, id: DashboardId) -> Result<DashboardRow, AppError> {
    let (organization_id, user_id) = (tx.organization_id(), tx.user_id());
    let found = sqlx::query_as(rows!("and id = $3")).bind(organization_id).bind(user_id).bind(id);
    found.fetch_optional(tx.conn()).await?.ok_or_else(not_found)
}

#[derive(sqlx::FromRow)]
struct StoredWidget {
    dashboard_id: DashboardId,
    id: WidgetId,
    kind: String,
    x: i16,
    y: i16,
    w: i16,
    h: i16,
    pinned: bool,
    settings: Value,
}

impl StoredWidget {
    fn draft(self) -> Result<DraftWidget, AppError> {
        let Self { id, kind, x, y, w, h, pinned, settings, .. } = self;
        let kind = kind.parse().map_err(AppError::invalid)?;
        let [x, y, w, h] = [x, y, w, h].map(|n| u16::try_from(n).unwrap_or_default());
        Ok(DraftWidget { id, kind, x, y, w, h, pinned, settings })
    }
}

/// As stored, in reading order.
async fn stored(tx: &mut TenantTx, of: &[DashboardId]) -> Result<Vec<StoredWidget>, AppError> {
    if of.is_empty() {
        return Ok(Vec::new());
    }
    let rows = sqlx::query_as(
        "select dashboard_id, id, kind, x, y, w, h, pinned, settings from dashboard_widgets w
         where organization_id = $1 and dashboard_id = any($2)
         order by y, x",
    )
    .bind(tx.organization_id())
    .bind(of.iter().map(|id| id.0).collect::<Vec<_>>())
    .fetch_all(tx.conn())
    .await?;
    Ok(rows)
}

/// The widgets of these dashboards. What an older release stored and this one cannot draw is left out and
/// logged: the rest of the page still shows.
async fn widgets(tx: &mut TenantTx, of: &[DashboardId]) -> Result<HashMap<DashboardId, Vec<Widget>>, AppError> {
    let mut out: HashMap<DashboardId, Vec<Widget>> = HashMap::new();
    for row in stored(tx, of).await? {
        let (dashboard_id, id) = (row.dashboard_id, row.id);
        match row.draft().and_then(|draft| draft.check()) {
            Ok(widget) => out.entry(dashboard_id).or_default().push(widget),
            Err(cause) => tracing::warn!(%dashboard_id, %id, %cause, "a stored widget cannot be read"),
        }
    }
    Ok(out)
}

/// What a dashboard holds. Settings are as they are stored, also where this release would refuse them: the editor
/// says so at the field.
pub async fn content(tx: &mut TenantTx, row: &DashboardRow) -> Result<Content, AppError> {
    let mut widgets = Vec::new();
    for stored in stored(tx, &[row.id]).await? {
        let id = stored.id;
        match stored.draft() {
            Ok(widget) => widgets.push(widget),
            Err(cause) => tracing::warn!(dashboard_id = %row.id, %id, %cause, "a stored widget is of no known kind"),
        }
    }
    let DashboardRow { name, description, refresh_interval, .. } = row.clone();
    Ok(Content { name, description, refresh_interval, widgets })
}
