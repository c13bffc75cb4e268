//! Saved views, and what each person looked at last, in SQL. Server only.

use super::model::{MAX_VIEWS, NewView, View, ViewPatch};
use crate::{
    accounts::Colleague,
    activity::store::{NewActivity, record},
    dashboards::{
        model::{DashboardRow, MAX_NAME},
        selection::{Kept, Selection},
        store as dashboards,
    },
    error::{AppError, FieldErrors},
    ids::{DashboardId, ViewId},
    server::{TenantTx, Topic, fault::OnConstraint},
};
use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use sqlx::types::Json;

fn not_found() -> AppError {
    AppError::not_found("The view")
}

#[derive(sqlx::FromRow)]
struct Row {
    id: ViewId,
    dashboard_id: DashboardId,
    name: String,
    shared: bool,
    query: Value,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

impl From<Row> for View {
    fn from(row: Row) -> Self {
        let Row { id, dashboard_id, name, shared, query, created_at, updated_at } = row;
        Self { id, dashboard_id, name, shared, query: Kept::stored(query), created_at, updated_at }
    }
}

/// The organisation's and the person's own, of one dashboard or of all: the organisation's first, by name.
pub async fn list(tx: &mut TenantTx, _: &Colleague, of: Option<DashboardId>) -> Result<Vec<View>, AppError> {
    let (organization_id, user_id) = (tx.organization_id(), tx.user_id());
    let rows: Vec<Row> = sqlx::query_as(
        "select id, dashboard_id, name, owner_id is null as shared, query, created_at, updated_at from dashboard_views
         where organization_id = $1 and (owner_id is null or owner_id = $2) and ($3::uuid is null or dashboard_id = $3)
         order by owner_id is not null, lower(name), id",
    )
    .bind(organization_id)
    .bind(user_id)
    .bind(of)
    .fetch_all(tx.conn())
    .await?;
    Ok(rows.into_iter().map(Into::into).collect())
}

/// One view of a dashboard that the person sees.
pub async fn find(tx: &mut TenantTx, colleague: &Colleague, of: DashboardId, id: ViewId) -> Result<View, AppError> {
    dashboards::find_row(tx, of).await?;
    list(tx, colleague, Some(of)).await?.into_iter().find(|view| view.id == id).ok_or_else(not_found)
}

/// The dashboard of a view, for who knows the view alone.
pub async fn dashboard_of(tx: &mut TenantTx, _: &Colleague, id: ViewId) -> Result<DashboardId, AppError> {
    let found = sqlx::query_scalar("select dashboard_id from dashboard_views where organization_id = $1 and id = $2")
        .bind(tx.organization_id())
        .bind(id);
    found.fetch_optional(tx.conn()).await?.ok_or_else(not_found)
}

pub async fn create(
    tx: &mut TenantTx,
    colleague: &Colleague,
    of: DashboardId,
    new: NewView,
    now: DateTime<Utc>,
) -> Result<View, AppError> {
    let row = dashboards::find_row(tx, of).await?;
    let mut errors = FieldErrors::default();
    let name = errors.take("name", view_name(&new.name));
    let query = errors.merge(new.query.checked(now));
    let (Some(name), Some(query)) = (name, query) else { return Err(errors.into_error()) };
    if new.shared {
        may_share(colleague, &row)?;
    }
    // One after the other, so that the limit holds.
    dashboards::lock(tx).await?;
    let (organization_id, owner_id) = (tx.organization_id(), tx.user_id().filter(|_| !new.shared));
    let kept: i64 = sqlx::query_scalar(
        "select count(*) from dashboard_views
         where organization_id = $1 and dashboard_id = $2 and owner_id is not distinct from $3",
    )
    .bind(organization_id)
    .bind(of)
    .bind(owner_id)
    .fetch_one(tx.conn())
    .await?;
    if kept >= MAX_VIEWS {
        return Err(AppError::conflict(format!("A dashboard has at most {MAX_VIEWS} views. Delete one first.")));
    }
    let id = ViewId::new();
    sqlx::query(
        "insert into dashboard_views (organization_id, id, dashboard_id, owner_id, name, query)
         values ($1, $2, $3, $4, $5, $6)",
    )
    .bind(organization_id)
    .bind(id)
    .bind(of)
    .bind(owner_id)
    .bind(&name)
    .bind(Json(Kept::from(&query)))
    .execute(tx.conn())
    .await
    .on_constraint("dashboard_views_name", taken)?;
    note(tx, &row, new.shared, format!("The view “{name}” of dashboard “{}” was saved", row.name)).await?;
    find(tx, colleague, of, id).await
}

pub async fn update(
    tx: &mut TenantTx,
    colleague: &Colleague,
    of: DashboardId,
    id: ViewId,
    patch: ViewPatch,
    now: DateTime<Utc>,
) -> Result<View, AppError> {
    let (row, view) = changeable(tx, colleague, of, id).await?;
    let mut errors = FieldErrors::default();
    let name = patch.name.and_then(|name| errors.take("name", view_name(&name)));
    let query = patch.query.and_then(|query| errors.merge(query.checked(now)));
    if !errors.is_empty() {
        return Err(errors.into_error());
    }
    let name = name.unwrap_or_else(|| view.name.clone());
    let query = query.map_or(view.query, |query| Kept::from(&query));
    sqlx::query(
        "update dashboard_views set name = $3, query = $4, updated_at = now() where organization_id = $1 and id = $2",
    )
    .bind(tx.organization_id())
    .bind(id)
    .bind(&name)
    .bind(Json(query))
    .execute(tx.conn())
    .await
    .on_constraint("dashboard_views_name", taken)?;
    note(tx, &row, view.shared, format!("The view “{name}” of dashboard “{}” was changed", row.name)).await?;
    find(tx, colleague, of, id).await
}

pub async fn delete(tx: &mut TenantTx, colleague: &Colleague, of: DashboardId, id: ViewId) -> Result<(), AppError> {
    let (row, view) = changeable(tx, colleague, of, id).await?;
    sqlx::query("delete from dashboard_views where organization_id = $1 and id = $2")
        .bind(tx.organization_id())
        .bind(id)
        .execute(tx.conn())
        .await?;
    note(tx, &row, view.shared, format!("The view “{}” of dashboard “{}” was deleted", view.name, row.name)).await
}

fn view_name(name: &str) -> Result<String, String> {
    let name = name.trim();
    match name.chars().count() {
        0 => Err("Give the view a name.".into()),
        1..=MAX_NAME => Ok(name.to_owned()),
        n => Err(format!("A name has at most {MAX_NAME} characters; this one has {n}.")),
    }
}

async fn changeable(
    tx: &mut TenantTx,
    colleague: &Colleague,
    of: DashboardId,
    id: ViewId,
) -> Result<(DashboardRow, View), AppError> {
    let row = dashboards::find_row(tx, of).await?;
    let view = find(tx, colleague, of, id).await?;
    if view.shared {
        may_share(colleague, &row)?;
    }
    Ok((row, view))
}

fn may_share(colleague: &Colleague, row: &DashboardRow) -> Result<(), AppError> {
    if row.owner_id.is_some() {
        return Err(AppError::field("shared", "Only you see this dashboard, so its views are yours alone."));
    }
    if colleague.role().can_administer() {
        Ok(())
    } else {
        Err(AppError::forbidden("Only owners and admins keep views for everybody. Save one for yourself."))
    }
}

fn taken() -> AppError {
    AppError::field("name", "There is a view of this name already.")
}

/// Everybody reads the feed: what somebody keeps for themselves does not stand in it.
async fn note(tx: &mut TenantTx, row: &DashboardRow, shared: bool, title: String) -> Result<(), AppError> {
    if !shared {
        tx.changed(Topic::Dashboards);
        return Ok(());
    }
    let (entity_id, metadata) = (Some(row.id.0), json!({}));
    let entry = NewActivity { action: "updated", entity_type: "dashboard", entity_id, title, metadata };
    record(tx, Topic::Dashboards, entry).await
}

/// Keeps what the person looks at, for the next time; the standard is what nothing is kept for. Says nothing to anybody:
/// no cache and no other page depends on it.
pub async fn remember(
    tx: &mut TenantTx,
    _: &Colleague,
    of: DashboardId,
    selection: &Selection,
) -> Result<(), AppError> {
    let (organization_id, user_id) = (tx.organization_id(), tx.user_id());
    if *selection == Selection::default() {
        sqlx::query(
            "delete from dashboard_last_looks where organization_id = $1 and user_id = $2 and dashboard_id = $3",
        )
        .bind(organization_id)
        .bind(user_id)
        .bind(of)
        .execute(tx.conn())
        .await?;
        return Ok(());
    }
    sqlx::query(
        "insert into dashboard_last_looks (organization_id, user_id, dashboard_id, query) values ($1, $2, $3, $4)
         on conflict (organization_id, user_id, dashboard_id) do update set query = excluded.query",
    )
    .bind(organization_id)
    .bind(user_id)
    .bind(of)
    .bind(Json(Kept::from(selection)))
    .execute(tx.conn())
    .await?;
    Ok(())
}
