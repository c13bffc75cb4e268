//! What people have decided for themselves, in SQL. Server only.

use super::model::{Arrangement, Direction, Preference, Preferences, Step, arranged, moved, order};
use crate::{
    accounts::{Colleague, Editor},
    dashboards::{
        editing::model::{Content, DraftWidget},
        model::{DashboardRow, Place},
        store,
    },
    error::AppError,
    ids::{DashboardId, WidgetId},
    server::{TenantTx, Topic},
    widgets::Widget,
};
use sqlx::types::Json;
use std::collections::HashMap;

/// What the person has decided about each dashboard.
pub async fn preferences(tx: &mut TenantTx) -> Result<Preferences, AppError> {
    let (organization_id, user_id) = (tx.organization_id(), tx.user_id());
    type Row = (DashboardId, bool, Option<i32>, bool, Option<Json<Vec<Place>>>, Option<i64>);
    let rows: Vec<Row> = sqlx::query_as(
        "select dashboard_id, favourite, position, is_first, places, places_version
         from dashboard_preferences where organization_id = $1 and user_id = $2",
    )
    .bind(organization_id)
    .bind(user_id)
    .fetch_all(tx.conn())
    .await?;
    let preference = |(id, favourite, position, is_first, places, version): Row| {
        let arrangement = places.zip(version).map(|(Json(places), version)| Arrangement { version, places });
        (id, Preference { favourite, position, is_first, arrangement })
    };
    Ok(rows.into_iter().map(preference).collect())
}

/// The dashboards that the person sees, in the order of their tabs, and what they have decided about each.
pub async fn list(tx: &mut TenantTx, _: &Colleague) -> Result<(Vec<DashboardRow>, Preferences), AppError> {
    let rows = store::list(tx).await?;
    let preferences = preferences(tx).await?;
    let order = order(&rows.iter().collect::<Vec<_>>(), &preferences);
    let mut rows: Vec<Option<DashboardRow>> = rows.into_iter().map(Some).collect();
    Ok((order.into_iter().filter_map(|i| rows.get_mut(i)?.take()).collect(), preferences))
}

pub async fn set_favourite(tx: &mut TenantTx, _: &Colleague, id: DashboardId, favourite: bool) -> Result<(), AppError> {
    store::find_row(tx, id).await?;
    let (organization_id, user_id) = (tx.organization_id(), tx.user_id());
    sqlx::query(
        "insert into dashboard_preferences (organization_id, user_id, dashboard_id, favourite) values ($1, $2, $3, $4)
         on conflict (organization_id, user_id, dashboard_id) do update set favourite = excluded.favourite",
    )
    .bind(organization_id)
    .bind(user_id)
    .bind(id)
    .bind(favourite)
    .execute(tx.conn())
    .await?;
    tx.changed(Topic::Dashboards);
    Ok(())
}

/// What the person sees first; `None` for the organisation's default.
pub async fn set_first(tx: &mut TenantTx, _: &Colleague, id: Option<DashboardId>) -> Result<(), AppError> {
    let (organization_id, user_id) = (tx.organization_id(), tx.user_id());
    if let Some(id) = id {
        store::find_row(tx, id).await?;
    }
    // Two requests of one person follow each other here.
    sqlx::query("select from memberships where organization_id = $1 and user_id = $2 for update")
        .bind(organization_id)
        .bind(user_id)
        .execute(tx.conn())
        .await?;
    sqlx::query(
        "update dashboard_preferences set is_first = false where organization_id = $1 and user_id = $2 and is_first",
    )
    .bind(organization_id)
    .bind(user_id)
    .execute(tx.conn())
    .await?;
    if let Some(id) = id {
        sqlx::query(
            "insert into dashboard_preferences (organization_id, user_id, dashboard_id, is_first) values ($1, $2, $3, true)
             on conflict (organization_id, user_id, dashboard_id) do update set is_first = true",
        )
        .bind(organization_id)
        .bind(user_id)
        .bind(id)
        .execute(tx.conn())
        .await?;
    }
    tx.changed(Topic::Dashboards);
    Ok(())
}

/// Puts the tab past its neighbour; does nothing at the end.
pub async fn move_tab(
    tx: &mut TenantTx,
    colleague: &Colleague,
    id: DashboardId,
    direction: Direction,
) -> Result<(), AppError> {
    store::find_row(tx, id).await?;
    let (rows, preferences) = list(tx, colleague).await?;
    let ids: Vec<DashboardId> = rows.iter().map(|row| row.id).collect();
    let favourite = |id| preferences.get(&id).is_some_and(|p| p.favourite);
    match moved(&ids, favourite, id, direction) {
        Some(ids) => write_order(tx, &ids).await,
        None => Ok(()),
    }
}

/// Puts the tabs into this order. Those that are not named come after them, as they were.
pub async fn set_order(tx: &mut TenantTx, colleague: &Colleague, ids: &[DashboardId]) -> Result<(), AppError> {
    let (rows, _) = list(tx, colleague).await?;
    if let Some(unknown) = ids.iter().find(|id| !rows.iter().any(|row| row.id == **id)) {
        return Err(AppError::not_found(format!("The dashboard {unknown}")));
    }
    let rest = rows.iter().map(|row| row.id).filter(|id| !ids.contains(id));
    let mut seen = std::collections::HashSet::new();
    let all: Vec<DashboardId> = ids.iter().copied().chain(rest).filter(|id| seen.insert(*id)).collect();
    write_order(tx, &all).await
}

async fn write_order(tx: &mut TenantTx, ids: &[DashboardId]) -> Result<(), AppError> {
    let (organization_id, user_id) = (tx.organization_id(), tx.user_id());
    sqlx::query(
        "insert into dashboard_preferences (organization_id, user_id, dashboard_id, position)
         select $1, $2, id, n from unnest($3::uuid[]) with ordinality as t (id, n)
         on conflict (organization_id, user_id, dashboard_id) do update set position = excluded.position",
    )
    .bind(organization_id)
    .bind(user_id)
    .bind(ids.iter().map(|id| id.0).collect::<Vec<_>>())
    .execute(tx.conn())
    .await?;
    tx.changed(Topic::Dashboards);
    Ok(())
}

/// The widgets of a dashboard that are for the person, where they see them, and the version they are of.
pub async fn seen(
    tx: &mut TenantTx,
    colleague: &Colleague,
    id: DashboardId,
) -> Result<(DashboardRow, Vec<Widget>), AppError> {
    let dashboard = store::find(tx, id).await?.seen_by(colleague.role());
    let arrangement = preferences(tx).await?.remove(&id).and_then(|p| p.arrangement);
    let widgets = match arrangement.filter(|_| dashboard.row.owner_id.is_none()) {
        Some(arrangement) => arranged(&dashboard.widgets, &arrangement.places),
        None => dashboard.widgets,
    };
    Ok((dashboard.row, widgets))
}

/// Keeps where the person wants the widgets of one of the organisation's dashboards: each exactly once.
pub async fn arrange(tx: &mut TenantTx, editor: &Editor, id: DashboardId, places: &[Place]) -> Result<(), AppError> {
    let (row, widgets) = seen(tx, &editor.colleague()?, id).await?;
    shared(&row)?;
    let mut of: HashMap<WidgetId, &Place> = places.iter().map(|place| (place.id, place)).collect();
    let complete = of.len() == places.len() && of.len() == widgets.len();
    let mut moved = Vec::with_capacity(widgets.len());
    for widget in &widgets {
        let Some(place) = of.remove(&widget.id).filter(|_| complete) else {
            return Err(AppError::field("places", "Name every widget of the dashboard exactly once."));
        };
        let Place { x, y, w, h, .. } = *place;
        moved.push(DraftWidget { x, y, w, h, ..DraftWidget::from(widget) });
    }
    // The same rules as for the dashboard itself.
    let DashboardRow { name, description, refresh_interval, version, .. } = row;
    Content { name, description, refresh_interval, widgets: moved }.checked(&Content::default(), editor.role())?;
    write_places(tx, id, version, places).await
}

/// Takes one step with one widget, on from where the person sees it.
pub async fn step(
    tx: &mut TenantTx,
    editor: &Editor,
    id: DashboardId,
    widget: WidgetId,
    step: Step,
) -> Result<(), AppError> {
    let (row, widgets) = seen(tx, &editor.colleague()?, id).await?;
    shared(&row)?;
    if !widgets.iter().any(|w| w.id == widget) {
        return Err(AppError::not_found("The widget"));
    }
    let stepped = step.take(&widgets, widget);
    // At an edge there is nothing to keep: an arrangement would only hide what becomes of the original.
    if stepped == widgets {
        return Ok(());
    }
    let place = |w: &Widget| Place { id: w.id, x: w.x, y: w.y, w: w.w, h: w.h };
    let places: Vec<Place> = stepped.iter().map(place).collect();
    write_places(tx, id, row.version, &places).await
}

/// Keeps the person's arrangement of a dashboard that has changed since: what is new stands where it is shown now.
pub async fn keep_arrangement(tx: &mut TenantTx, editor: &Editor, id: DashboardId) -> Result<(), AppError> {
    let (row, widgets) = seen(tx, &editor.colleague()?, id).await?;
    shared(&row)?;
    let place = |w: &Widget| Place { id: w.id, x: w.x, y: w.y, w: w.w, h: w.h };
    write_places(tx, id, row.version, &widgets.iter().map(place).collect::<Vec<_>>()).await
}

/// Back to the default: the person sees the dashboard as everybody does.
pub async fn reset_arrangement(tx: &mut TenantTx, _: &Editor, id: DashboardId) -> Result<(), AppError> {
    store::find_row(tx, id).await?;
    let (organization_id, user_id) = (tx.organization_id(), tx.user_id());
    sqlx::query(
        "update dashboard_preferences set places = null, places_version = null
         where organization_id = $1 and user_id = $2 and dashboard_id = $3",
    )
    .bind(organization_id)
    .bind(user_id)
    .bind(id)
    .execute(tx.conn())
    .await?;
    tx.changed(Topic::Dashboards);
    Ok(())
}

fn shared(row: &DashboardRow) -> Result<(), AppError> {
    match row.owner_id {
        None => Ok(()),
        Some(_) => Err(AppError::invalid("This dashboard is your own: edit it instead.")),
    }
}

async fn write_places(tx: &mut TenantTx, id: DashboardId, version: i64, places: &[Place]) -> Result<(), AppError> {
    let (organization_id, user_id) = (tx.organization_id(), tx.user_id());
    sqlx::query(
        "insert into dashboard_preferences (organization_id, user_id, dashboard_id, places, places_version)
         values ($1, $2, $3, $4, $5)
         on conflict (organization_id, user_id, dashboard_id)
         do update set places = excluded.places, places_version = excluded.places_version",
    )
    .bind(organization_id)
    .bind(user_id)
    .bind(id)
    .bind(Json(places))
    .bind(version)
    .execute(tx.conn())
    .await?;
    tx.changed(Topic::Dashboards);
    Ok(())
}
