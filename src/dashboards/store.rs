//! Dashboards in SQL. Server only.

use super::model::*;
use crate::{
    accounts::Editor,
    activity::store::{NewActivity, record},
    error::{AppError, FieldErrors},
    ids::{DashboardId, WidgetId},
    server::{TenantTx, Topic, fault},
    widgets::Widget,
};
use serde_json::{Value, json};
use std::collections::HashMap;

fn not_found() -> AppError {
    AppError::not_found("The dashboard")
}

fn widget_not_found() -> AppError {
    AppError::not_found("The widget")
}

/// Every dashboard of the organisation, the default first.
pub async fn list(tx: &mut TenantTx) -> Result<Vec<DashboardRow>, AppError> {
    let rows = sqlx::query_as(
        "select id, name, description, is_default, refresh_interval, version, created_by, created_at, updated_at
         from dashboards where organization_id = $1 and deleted_at is null
         order by is_default desc, position, created_at, id",
    )
    .bind(tx.organization_id())
    .fetch_all(tx.conn())
    .await?;
    Ok(rows)
}

pub async fn find(tx: &mut TenantTx, id: DashboardId) -> Result<Dashboard, AppError> {
    let row = find_row(tx, id).await?;
    let mut widgets = widgets(tx, Some(id)).await?;
    Ok(Dashboard { widgets: widgets.remove(&id).unwrap_or_default(), row })
}

/// Every dashboard with its widgets, the default first.
pub async fn list_whole(tx: &mut TenantTx) -> Result<Vec<Dashboard>, AppError> {
    let rows = list(tx).await?;
    let mut widgets = widgets(tx, None).await?;
    Ok(rows.into_iter().map(|row| Dashboard { widgets: widgets.remove(&row.id).unwrap_or_default(), row }).collect())
}

/// How far each kind of data has moved: the versions under which a cached answer is exact.
pub async fn change_counters(tx: &mut TenantTx) -> Result<HashMap<String, i64>, AppError> {
    let counters: Vec<(String, i64)> =
        sqlx::query_as("select topic, version from change_counters where organization_id = $1")
            .bind(tx.organization_id())
            .fetch_all(tx.conn())
            .await?;
    Ok(counters.into_iter().collect())
}

async fn find_row(tx: &mut TenantTx, id: DashboardId) -> Result<DashboardRow, AppError> {
    sqlx::query_as(
        "select id, name, description, is_default, refresh_interval, version, created_by, created_at, updated_at
         from dashboards where organization_id = $1 and id = $2 and deleted_at is null",
    )
    .bind(tx.organization_id())
    .bind(id)
    .fetch_optional(tx.conn())
    .await?
    .ok_or_else(not_found)
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
    settings: Value,
}

impl StoredWidget {
    fn parse(self) -> Result<Widget, AppError> {
        let kind = self.kind.parse().map_err(AppError::invalid)?;
        let number = |n: i16| u16::try_from(n).unwrap_or_default();
        Widget::new(self.id, kind, (number(self.x), number(self.y), number(self.w), number(self.h)), &self.settings)
    }
}

/// The widgets of one dashboard, or of all that are not in the bin. What an older release stored and this one
/// cannot draw is left out and logged: the rest of the page still shows.
async fn widgets(tx: &mut TenantTx, of: Option<DashboardId>) -> Result<HashMap<DashboardId, Vec<Widget>>, AppError> {
    let rows: Vec<StoredWidget> = sqlx::query_as(
        "select dashboard_id, id, kind, x, y, w, h, settings from dashboard_widgets w
         where organization_id = $1 and ($2::uuid is null or dashboard_id = $2)
         order by y, x",
    )
    .bind(tx.organization_id())
    .bind(of)
    .fetch_all(tx.conn())
    .await?;
    let mut out: HashMap<DashboardId, Vec<Widget>> = HashMap::new();
    for row in rows {
        let (dashboard_id, id) = (row.dashboard_id, row.id);
        match row.parse() {
            Ok(widget) => out.entry(dashboard_id).or_default().push(widget),
            Err(cause) => tracing::warn!(%dashboard_id, %id, %cause, "a stored widget cannot be read"),
        }
    }
    Ok(out)
}

/// Makes a dashboard. The first one of an organisation becomes its default.
pub async fn create(tx: &mut TenantTx, _: &Editor, new: NewDashboard) -> Result<Dashboard, AppError> {
    let wants_default = new.is_default;
    let checked = new.check()?;
    let mut widgets: Vec<Widget> = Vec::with_capacity(checked.widgets.len());
    let mut errors = FieldErrors::default();
    for (n, new) in checked.widgets.iter().enumerate() {
        match new.place(WidgetId::new(), &widgets) {
            Ok(widget) => widgets.push(widget),
            Err(AppError::Invalid { message, fields }) if fields.is_empty() => {
                errors.add(format!("widgets[{n}]"), message)
            }
            Err(AppError::Invalid { fields, .. }) => {
                for field in fields {
                    errors.add(format!("widgets[{n}].{}", field.field), field.message);
                }
            }
            Err(other) => return Err(other),
        }
    }
    errors.into_result()?;
    check_layout(&widgets)?;

    let organization_id = tx.organization_id();
    // Two people who make the first dashboard at once: the second one waits here, and sees the first.
    lock(tx).await?;
    let (count, has_default): (i64, bool) = sqlx::query_as(
        "select count(*), coalesce(bool_or(is_default), false) from dashboards
         where organization_id = $1 and deleted_at is null",
    )
    .bind(organization_id)
    .fetch_one(tx.conn())
    .await?;
    if count >= MAX_DASHBOARDS as i64 {
        return Err(AppError::conflict(format!("An organisation has at most {MAX_DASHBOARDS} dashboards.")));
    }
    let is_default = wants_default || !has_default;
    if is_default {
        clear_default(tx).await?;
    }
    let id = DashboardId::new();
    let user_id = tx.user_id();
    sqlx::query(
        "insert into dashboards (organization_id, id, name, description, is_default, refresh_interval, position, created_by)
         select $1, $2, $3, $4, $5, $6, coalesce(max(position), 0) + 1, $7 from dashboards where organization_id = $1",
    )
    .bind(organization_id)
    .bind(id)
    .bind(&checked.name)
    .bind(&checked.description)
    .bind(is_default)
    .bind(checked.refresh_interval)
    .bind(user_id)
    .execute(tx.conn())
    .await?;
    insert_widgets(tx, id, &widgets).await?;
    note(tx, "created", id, format!("Dashboard “{}” was created", checked.name)).await?;
    find(tx, id).await
}

pub async fn update(
    tx: &mut TenantTx,
    _: &Editor,
    id: DashboardId,
    patch: DashboardPatch,
) -> Result<DashboardRow, AppError> {
    let mut errors = FieldErrors::default();
    let name = patch.name.and_then(|name| errors.take("name", parse_name(&name)));
    let description = patch.description.and_then(|text| errors.take("description", parse_description(&text)));
    let refresh = patch.refresh_interval.and_then(|n| errors.take("refresh_interval", parse_refresh(n)));
    errors.into_result()?;
    let before = find_row(tx, id).await?;
    sqlx::query(
        "update dashboards set name = coalesce($3, name), description = coalesce($4, description),
                refresh_interval = coalesce($5, refresh_interval), version = version + 1, updated_at = now()
         where organization_id = $1 and id = $2",
    )
    .bind(tx.organization_id())
    .bind(id)
    .bind(&name)
    .bind(description)
    .bind(refresh)
    .execute(tx.conn())
    .await?;
    let title = match name.filter(|name| *name != before.name) {
        Some(name) => format!("Dashboard “{}” was renamed to “{name}”", before.name),
        None => format!("Dashboard “{}” was changed", before.name),
    };
    note(tx, "updated", id, title).await?;
    find_row(tx, id).await
}

/// Makes this the one that is shown first, to everybody.
pub async fn set_default(tx: &mut TenantTx, _: &Editor, id: DashboardId) -> Result<(), AppError> {
    lock(tx).await?;
    let row = find_row(tx, id).await?;
    clear_default(tx).await?;
    sqlx::query("update dashboards set is_default = true, updated_at = now() where organization_id = $1 and id = $2")
        .bind(tx.organization_id())
        .bind(id)
        .execute(tx.conn())
        .await?;
    note(tx, "updated", id, format!("Dashboard “{}” is the default now", row.name)).await
}

/// Puts a dashboard into the bin. When it was the default, the next one takes its place.
pub async fn delete(tx: &mut TenantTx, _: &Editor, id: DashboardId) -> Result<(), AppError> {
    lock(tx).await?;
    let row = find_row(tx, id).await?;
    let organization_id = tx.organization_id();
    sqlx::query(
        "update dashboards set deleted_at = now(), is_default = false, version = version + 1
         where organization_id = $1 and id = $2",
    )
    .bind(organization_id)
    .bind(id)
    .execute(tx.conn())
    .await?;
    if row.is_default {
        sqlx::query(
            "update dashboards set is_default = true where organization_id = $1 and id =
               (select id from dashboards where organization_id = $1 and deleted_at is null
                order by position, created_at, id limit 1)",
        )
        .bind(organization_id)
        .execute(tx.conn())
        .await?;
    }
    note(tx, "deleted", id, format!("Dashboard “{}” was deleted", row.name)).await
}

/// The name of a dashboard in the bin, for the offer to take it out again.
pub async fn find_deleted(tx: &mut TenantTx, id: DashboardId) -> Result<Option<String>, AppError> {
    let name = sqlx::query_scalar(
        "select name from dashboards where organization_id = $1 and id = $2 and deleted_at is not null",
    )
    .bind(tx.organization_id())
    .bind(id)
    .fetch_optional(tx.conn())
    .await?;
    Ok(name)
}

/// Takes a dashboard out of the bin, as it was; as the default when there is no other.
pub async fn restore(tx: &mut TenantTx, _: &Editor, id: DashboardId) -> Result<DashboardRow, AppError> {
    lock(tx).await?;
    let restored = sqlx::query(
        "update dashboards set deleted_at = null, version = version + 1,
                is_default = not exists (select from dashboards d where d.organization_id = $1 and d.is_default)
         where organization_id = $1 and id = $2 and deleted_at is not null",
    )
    .bind(tx.organization_id())
    .bind(id)
    .execute(tx.conn())
    .await?;
    if restored.rows_affected() == 0 {
        return Err(not_found());
    }
    let row = find_row(tx, id).await?;
    note(tx, "restored", id, format!("Dashboard “{}” was restored", row.name)).await?;
    Ok(row)
}

/// Rearranges a dashboard: every widget of it, exactly once.
///
/// # Errors
/// `Conflict` when the dashboard has changed since `layout.version`; nothing is written then.
pub async fn update_layout(
    tx: &mut TenantTx,
    _: &Editor,
    id: DashboardId,
    layout: &Layout,
) -> Result<Dashboard, AppError> {
    lock(tx).await?;
    let dashboard = find(tx, id).await?;
    if dashboard.row.version != layout.version {
        return Err(AppError::conflict(
            "Somebody else changed this dashboard after you opened it. Reload to see their version, then arrange it again.",
        ));
    }
    let mut places: HashMap<WidgetId, &Place> = layout.layout.iter().map(|place| (place.id, place)).collect();
    let complete = places.len() == layout.layout.len() && places.len() == dashboard.widgets.len();
    let mut moved = Vec::with_capacity(dashboard.widgets.len());
    for widget in &dashboard.widgets {
        let Some(place) = places.remove(&widget.id).filter(|_| complete) else {
            return Err(AppError::field("layout", "Name every widget of the dashboard exactly once."));
        };
        let patch =
            WidgetPatch { x: Some(place.x), y: Some(place.y), w: Some(place.w), h: Some(place.h), settings: None };
        moved.push(patch.apply(widget)?);
    }
    check_layout(&moved)?;
    write_places(tx, id, &moved).await?;
    touch(tx, id).await?;
    note(tx, "updated", id, format!("Dashboard “{}” was rearranged", dashboard.row.name)).await?;
    find(tx, id).await
}

/// Puts one more widget on a dashboard.
pub async fn create_widget(
    tx: &mut TenantTx,
    _: &Editor,
    id: DashboardId,
    new: &NewWidget,
) -> Result<Widget, AppError> {
    lock(tx).await?;
    let mut dashboard = find(tx, id).await?;
    let widget = new.place(WidgetId::new(), &dashboard.widgets)?;
    dashboard.widgets.push(widget.clone());
    check_layout(&dashboard.widgets)?;
    insert_widgets(tx, id, std::slice::from_ref(&widget)).await?;
    touch(tx, id).await?;
    note(tx, "updated", id, format!("“{}” was added to dashboard “{}”", widget.title(), dashboard.row.name)).await?;
    Ok(widget)
}

pub async fn update_widget(
    tx: &mut TenantTx,
    _: &Editor,
    id: DashboardId,
    widget_id: WidgetId,
    patch: &WidgetPatch,
) -> Result<Widget, AppError> {
    lock(tx).await?;
    let mut dashboard = find(tx, id).await?;
    let slot = dashboard.widgets.iter_mut().find(|w| w.id == widget_id).ok_or_else(widget_not_found)?;
    let widget = patch.apply(slot)?;
    *slot = widget.clone();
    check_layout(&dashboard.widgets)?;
    sqlx::query(
        "update dashboard_widgets set settings = $4 where organization_id = $1 and dashboard_id = $2 and id = $3",
    )
    .bind(tx.organization_id())
    .bind(id)
    .bind(widget_id)
    .bind(widget.settings.to_json())
    .execute(tx.conn())
    .await?;
    write_places(tx, id, std::slice::from_ref(&widget)).await?;
    touch(tx, id).await?;
    note(tx, "updated", id, format!("“{}” on dashboard “{}” was changed", widget.title(), dashboard.row.name)).await?;
    Ok(widget)
}

pub async fn delete_widget(
    tx: &mut TenantTx,
    _: &Editor,
    id: DashboardId,
    widget_id: WidgetId,
) -> Result<(), AppError> {
    lock(tx).await?;
    let dashboard = find(tx, id).await?;
    let widget = dashboard.widgets.iter().find(|w| w.id == widget_id).ok_or_else(widget_not_found)?;
    sqlx::query("delete from dashboard_widgets where organization_id = $1 and dashboard_id = $2 and id = $3")
        .bind(tx.organization_id())
        .bind(id)
        .bind(widget_id)
        .execute(tx.conn())
        .await?;
    touch(tx, id).await?;
    note(tx, "updated", id, format!("“{}” was removed from dashboard “{}”", widget.title(), dashboard.row.name)).await
}

/// Changes of an organisation's dashboards happen one after the other, so that rules over several rows hold.
async fn lock(tx: &mut TenantTx) -> Result<(), AppError> {
    sqlx::query("select pg_advisory_xact_lock(hashtextextended('dashboards:' || $1::text, 0))")
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

async fn touch(tx: &mut TenantTx, id: DashboardId) -> Result<(), AppError> {
    sqlx::query(
        "update dashboards set version = version + 1, updated_at = now() where organization_id = $1 and id = $2",
    )
    .bind(tx.organization_id())
    .bind(id)
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Grid units as the table holds them; the model keeps them far below the type's end.
fn small(n: u16) -> Result<i16, AppError> {
    i16::try_from(n).map_err(fault::internal)
}

/// The places of several widgets as columns: x, y, w, h.
fn columns(widgets: &[Widget]) -> Result<[Vec<i16>; 4], AppError> {
    let column = |of: fn(&Widget) -> u16| widgets.iter().map(|w| small(of(w))).collect::<Result<Vec<_>, _>>();
    Ok([column(|w| w.x)?, column(|w| w.y)?, column(|w| w.w)?, column(|w| w.h)?])
}

async fn insert_widgets(tx: &mut TenantTx, id: DashboardId, widgets: &[Widget]) -> Result<(), AppError> {
    let [x, y, w, h] = columns(widgets)?;
    let ids: Vec<uuid::Uuid> = widgets.iter().map(|w| w.id.0).collect();
    let kinds: Vec<&str> = widgets.iter().map(|w| w.kind.as_str()).collect();
    let settings: Vec<Value> = widgets.iter().map(|w| w.settings.to_json()).collect();
    sqlx::query(
        "insert into dashboard_widgets (organization_id, dashboard_id, id, kind, x, y, w, h, settings)
         select $1, $2, * from unnest($3::uuid[], $4::text[], $5::int2[], $6::int2[], $7::int2[], $8::int2[], $9::jsonb[])",
    )
    .bind(tx.organization_id())
    .bind(id)
    .bind(ids)
    .bind(kinds)
    .bind(x)
    .bind(y)
    .bind(w)
    .bind(h)
    .bind(settings)
    .execute(tx.conn())
    .await?;
    Ok(())
}

async fn write_places(tx: &mut TenantTx, id: DashboardId, widgets: &[Widget]) -> Result<(), AppError> {
    let [x, y, w, h] = columns(widgets)?;
    let ids: Vec<uuid::Uuid> = widgets.iter().map(|w| w.id.0).collect();
    sqlx::query(
        "update dashboard_widgets d set x = n.x, y = n.y, w = n.w, h = n.h
         from unnest($3::uuid[], $4::int2[], $5::int2[], $6::int2[], $7::int2[]) as n(id, x, y, w, h)
         where d.organization_id = $1 and d.dashboard_id = $2 and d.id = n.id",
    )
    .bind(tx.organization_id())
    .bind(id)
    .bind(ids)
    .bind(x)
    .bind(y)
    .bind(w)
    .bind(h)
    .execute(tx.conn())
    .await?;
    Ok(())
}

async fn note(tx: &mut TenantTx, action: &str, id: DashboardId, title: String) -> Result<(), AppError> {
    let entry = NewActivity { action, entity_type: "dashboard", entity_id: Some(id.0), title, metadata: json!({}) };
    record(tx, Topic::Dashboards, entry).await
}
