//! The one way in which what a dashboard holds changes. Server only.

use super::{access::Editable, note, read, versions};
use crate::{
    dashboards::editing::{
        changes,
        model::{Content, DraftWidget, note_errors},
    },
    error::{AppError, FieldErrors},
    ids::{DashboardId, WidgetId},
    server::{TenantTx, fault},
};

/// All that the dashboard holds now, whoever may know of it.
pub async fn read(tx: &mut TenantTx, board: &Editable) -> Result<Content, AppError> {
    read::content(tx, board.row()).await
}

/// Makes `after` what the dashboard holds, and gives its version: a new one, unless nothing is different. `words` stand
/// in its history before the differences.
///
/// # Errors
/// `Invalid`, naming every field that is wrong; nothing is written then.
pub async fn write(
    tx: &mut TenantTx,
    board: &Editable,
    after: &Content,
    mut words: Vec<String>,
) -> Result<i64, AppError> {
    let row = board.row();
    let before = read(tx, board).await?;
    let after = board.complete(after, &before).checked(&before, board.role())?;
    let mut errors = FieldErrors::default();
    for (n, widget) in after.widgets.iter().enumerate() {
        // What the person does not know of is as it was.
        if before.find(widget.id) != Some(widget) {
            note_errors(&mut errors, n, board.check_author(widget))?;
        }
    }
    errors.into_result()?;
    if before.same_as(&after) {
        return Ok(row.version);
    }
    versions::keep_present(tx, row, &before).await?;
    let version: i64 = sqlx::query_scalar(
        "update dashboards set name = $3, description = $4, refresh_interval = $5, version = version + 1, updated_at = now()
         where organization_id = $1 and id = $2 returning version",
    )
    .bind(tx.organization_id())
    .bind(row.id)
    .bind(&after.name)
    .bind(&after.description)
    .bind(after.refresh_interval)
    .fetch_one(tx.conn())
    .await?;
    let gone: Vec<WidgetId> = before.widgets.iter().map(|w| w.id).filter(|id| after.find(*id).is_none()).collect();
    remove_widgets(tx, row.id, &gone).await?;
    let different: Vec<&DraftWidget> = after.widgets.iter().filter(|w| before.find(w.id) != Some(w)).collect();
    write_widgets(tx, row.id, &different).await?;
    words.extend(changes(&before, &after));
    versions::add(tx, row.id, version, &after, &words).await?;
    note(tx, "updated", row.into(), sentence(&before.name, &after.name, &words)).await?;
    Ok(version)
}

/// The line of the activity feed.
fn sentence(before: &str, now: &str, words: &[String]) -> String {
    match words {
        _ if before != now && words.len() == 1 => format!("Dashboard “{before}” was renamed to “{now}”"),
        [only] => format!("Dashboard “{now}”: {only}"),
        [first, rest @ ..] if rest.len() == 1 => format!("Dashboard “{now}”: {first}, and one more change"),
        [first, rest @ ..] => format!("Dashboard “{now}”: {first}, and {} more changes", rest.len()),
        [] => format!("Dashboard “{now}” was changed"),
    }
}

async fn remove_widgets(tx: &mut TenantTx, id: DashboardId, widgets: &[WidgetId]) -> Result<(), AppError> {
    if widgets.is_empty() {
        return Ok(());
    }
    sqlx::query("delete from dashboard_widgets where organization_id = $1 and dashboard_id = $2 and id = any($3)")
        .bind(tx.organization_id())
        .bind(id)
        .bind(widgets.iter().map(|id| id.0).collect::<Vec<_>>())
        .execute(tx.conn())
        .await?;
    Ok(())
}

/// Adds these widgets, or changes those that are there.
pub(super) async fn write_widgets(
    tx: &mut TenantTx,
    id: DashboardId,
    widgets: &[&DraftWidget],
) -> Result<(), AppError> {
    if widgets.is_empty() {
        return Ok(());
    }
    let column = |of: fn(&DraftWidget) -> u16| {
        // Grid units; the model keeps them far below the type's end.
        widgets.iter().map(|w| i16::try_from(of(w)).map_err(fault::internal)).collect::<Result<Vec<_>, _>>()
    };
    sqlx::query(
        "insert into dashboard_widgets (organization_id, dashboard_id, id, kind, x, y, w, h, pinned, settings)
         select $1, $2, * from unnest($3::uuid[], $4::text[], $5::int2[], $6::int2[], $7::int2[], $8::int2[], $9::bool[],
                                      $10::jsonb[])
         on conflict (organization_id, dashboard_id, id) do update
         set kind = excluded.kind, x = excluded.x, y = excluded.y, w = excluded.w, h = excluded.h,
             pinned = excluded.pinned, settings = excluded.settings",
    )
    .bind(tx.organization_id())
    .bind(id)
    .bind(widgets.iter().map(|w| w.id.0).collect::<Vec<_>>())
    .bind(widgets.iter().map(|w| w.kind.as_str()).collect::<Vec<_>>())
    .bind(column(|w| w.x)?)
    .bind(column(|w| w.y)?)
    .bind(column(|w| w.w)?)
    .bind(column(|w| w.h)?)
    .bind(widgets.iter().map(|w| w.pinned).collect::<Vec<_>>())
    .bind(widgets.iter().map(|w| w.settings.clone()).collect::<Vec<_>>())
    .execute(tx.conn())
    .await?;
    Ok(())
}
