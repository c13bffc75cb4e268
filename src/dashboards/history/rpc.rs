//! Server functions.

use super::model::History;
use crate::wire::Wire;
use crate::{
    dashboards::page::{Hydrated, PageData},
    error::AppError,
    ids::DashboardId,
};
use leptos::prelude::*;

#[cfg(feature = "ssr")]
use crate::{
    dashboards::{load, store},
    server,
};

/// A page of a dashboard's versions, the latest first.
#[server(name = GetHistory, prefix = "/rpc", endpoint = "dashboards/history/list", input = Wire, output = Wire)]
pub async fn history(id: DashboardId, before: Option<i64>) -> Result<History, AppError> {
    let colleague = server::member()?.colleague()?;
    let mut tx = server::state()?.db.tenant(&colleague).await?;
    store::versions::history(&mut tx, &colleague, id, before).await
}

/// The dashboard as it was, with the data of today.
#[server(name = PreviewVersion, prefix = "/rpc", endpoint = "dashboards/history/preview", input = Wire, output = Wire)]
pub async fn preview(id: DashboardId, version: Option<i64>) -> Result<PageData, AppError> {
    load::preview(&server::state()?, &server::member()?, id, version).await
}

/// [`preview`] for a resource.
pub async fn hydrated_preview(id: DashboardId, version: Option<i64>) -> Result<Hydrated, AppError> {
    preview(id, version).await.map(Hydrated)
}

/// Makes a new version that holds what this one did.
#[server(name = RestoreVersion, prefix = "/rpc", endpoint = "dashboards/history/restore", output = Wire)]
pub async fn restore_version(id: DashboardId, version: i64) -> Result<(), AppError> {
    let editor = server::member()?.editor()?;
    let mut tx = server::state()?.db.tenant(&editor).await?;
    store::versions::restore(&mut tx, &editor, id, version).await?;
    tx.commit().await?;
    leptos_axum::redirect(&format!("/dashboards/{id}/history"));
    Ok(())
}
