//! Server functions.

use super::model::{Overview, Settings};
use crate::wire::Wire;
use crate::{dashboards::model::Deleted, error::AppError, ids::DashboardId};
use leptos::prelude::*;

#[cfg(feature = "ssr")]
use crate::{
    dashboards::{load, model::DashboardPatch, store},
    ids::UserId,
    server,
};

#[server(name = GetOverview, prefix = "/rpc", endpoint = "dashboards/manage/overview", input = Wire, output = Wire)]
pub async fn overview() -> Result<Overview, AppError> {
    let (state, member) = (server::state()?, server::member()?);
    let dashboards = load::standings(&state, &member).await?;
    let (mut left_behind, mut recipients) = (Vec::new(), Vec::new());
    if let Ok(admin) = member.admin() {
        let mut tx = state.db.tenant(&admin).await?;
        left_behind = store::list_left_behind(&mut tx, &admin).await?;
        if !left_behind.is_empty() {
            recipients = store::recipients(&mut tx, &admin.editor()?).await?;
        }
    }
    Ok(Overview { dashboards, left_behind, recipients })
}

#[server(name = GetSettings, prefix = "/rpc", endpoint = "dashboards/manage/settings", input = Wire, output = Wire)]
pub async fn settings(id: DashboardId) -> Result<Settings, AppError> {
    let (state, member) = (server::state()?, server::member()?);
    let standings = load::standings(&state, &member).await?;
    let found = standings.into_iter().find(|(row, _)| row.id == id);
    let (row, standing) = found.ok_or_else(|| AppError::not_found("The dashboard"))?;
    let editor = member.editor()?;
    let mut tx = state.db.tenant(&editor).await?;
    store::may_edit(&mut tx, &editor, id).await?;
    let recipients = store::recipients(&mut tx, &editor).await?;
    Ok(Settings { row, standing, recipients })
}

#[server(name = UpdateDashboard, prefix = "/rpc", endpoint = "dashboards/manage/update", output = Wire)]
pub async fn update_dashboard(
    id: DashboardId,
    name: String,
    #[server(default)] description: String,
    refresh_interval: i32,
) -> Result<(), AppError> {
    let editor = server::member()?.editor()?;
    let mut tx = server::state()?.db.tenant(&editor).await?;
    let patch =
        DashboardPatch { name: Some(name), description: Some(description), refresh_interval: Some(refresh_interval) };
    store::update(&mut tx, &editor, id, patch).await?;
    tx.commit().await?;
    leptos_axum::redirect(&format!("/dashboards/{id}/settings?done=saved"));
    Ok(())
}

/// Gives a dashboard to a person, or to the organisation: then `owner` is "organization".
#[server(name = GiveDashboard, prefix = "/rpc", endpoint = "dashboards/manage/give", output = Wire)]
pub async fn give_dashboard(id: DashboardId, owner: String) -> Result<(), AppError> {
    let editor = server::member()?.editor()?;
    let to: Option<UserId> = match owner.as_str() {
        "organization" => None,
        id => Some(id.parse().map_err(|_| AppError::field("owner", "Choose somebody from the list."))?),
    };
    let mut tx = server::state()?.db.tenant(&editor).await?;
    store::give(&mut tx, &editor, id, to).await?;
    tx.commit().await?;
    leptos_axum::redirect("/dashboards/all?done=given");
    Ok(())
}

/// What the person may take out of the bin.
#[server(name = ListTrash, prefix = "/rpc", endpoint = "dashboards/manage/trash", input = Wire, output = Wire)]
pub async fn list_trash() -> Result<Vec<Deleted>, AppError> {
    let colleague = server::member()?.colleague()?;
    let Ok(editor) = colleague.editor() else { return Ok(Vec::new()) };
    let mut tx = server::state()?.db.tenant(&editor).await?;
    store::list_trash(&mut tx, &editor).await
}

/// Deletes a dashboard that is in the bin, for good.
#[server(name = PurgeDashboard, prefix = "/rpc", endpoint = "dashboards/manage/purge", output = Wire)]
pub async fn purge_dashboard(id: DashboardId) -> Result<(), AppError> {
    let editor = server::member()?.editor()?;
    let mut tx = server::state()?.db.tenant(&editor).await?;
    store::purge(&mut tx, &editor, id).await?;
    tx.commit().await?;
    leptos_axum::redirect("/dashboards/trash?done=purged");
    Ok(())
}
