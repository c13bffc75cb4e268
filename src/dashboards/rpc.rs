//! Server functions.

use super::page::{Hydrated, Known, PageData, PageQuery, Refreshed, Tab};
use crate::{error::AppError, ids::DashboardId};
use leptos::{prelude::*, server_fn::codec::Json};

#[cfg(feature = "ssr")]
use super::{
    load,
    model::{DashboardPatch, NewDashboard},
    store,
};
#[cfg(feature = "ssr")]
use crate::server;

#[server(name = GetPage, prefix = "/rpc", endpoint = "dashboards/page", input = Json)]
pub async fn page(query: PageQuery) -> Result<PageData, AppError> {
    load::page(&server::state()?, &server::member()?, &query).await
}

/// [`page`] for a resource.
pub async fn hydrated_page(query: PageQuery) -> Result<Hydrated, AppError> {
    page(query).await.map(Hydrated)
}

/// What has changed since `known`, on the dashboard in `version`.
#[server(name = Refresh, prefix = "/rpc", endpoint = "dashboards/refresh", input = Json)]
pub async fn refresh(query: PageQuery, version: i64, known: Vec<Known>) -> Result<Refreshed, AppError> {
    load::refresh(&server::state()?, &server::member()?, &query, version, known).await
}

/// The names of all dashboards, for the command palette.
#[server(prefix = "/rpc", endpoint = "dashboards/list_tabs", input = Json)]
pub async fn list_tabs() -> Result<Vec<Tab>, AppError> {
    let mut tx = server::state()?.db.tenant(&server::member()?).await?;
    Ok(store::list(&mut tx).await?.into_iter().map(|row| Tab { id: row.id, name: row.name }).collect())
}

#[server(prefix = "/rpc", endpoint = "dashboards/create")]
pub async fn create_dashboard(name: String, #[server(default)] template: String) -> Result<(), AppError> {
    let editor = server::member()?.editor()?;
    let mut tx = server::state()?.db.tenant(&editor).await?;
    let new = NewDashboard { name, template: Some(template), ..NewDashboard::default() };
    let made = store::create(&mut tx, &editor, new).await?;
    tx.commit().await?;
    leptos_axum::redirect(&format!("/dashboards/{}", made.row.id));
    Ok(())
}

#[server(prefix = "/rpc", endpoint = "dashboards/rename")]
pub async fn rename_dashboard(id: DashboardId, name: String) -> Result<(), AppError> {
    let editor = server::member()?.editor()?;
    let mut tx = server::state()?.db.tenant(&editor).await?;
    let patch = DashboardPatch { name: Some(name), ..DashboardPatch::default() };
    store::update(&mut tx, &editor, id, patch).await?;
    tx.commit().await
}

#[server(prefix = "/rpc", endpoint = "dashboards/set_default")]
pub async fn set_default_dashboard(id: DashboardId) -> Result<(), AppError> {
    let editor = server::member()?.editor()?;
    let mut tx = server::state()?.db.tenant(&editor).await?;
    store::set_default(&mut tx, &editor, id).await?;
    tx.commit().await
}

/// Puts it into the bin, and goes to the page that offers to take it out again.
#[server(prefix = "/rpc", endpoint = "dashboards/delete")]
pub async fn delete_dashboard(id: DashboardId) -> Result<(), AppError> {
    let editor = server::member()?.editor()?;
    let mut tx = server::state()?.db.tenant(&editor).await?;
    store::delete(&mut tx, &editor, id).await?;
    tx.commit().await?;
    leptos_axum::redirect(&format!("/dashboards?deleted={id}"));
    Ok(())
}

#[server(prefix = "/rpc", endpoint = "dashboards/restore")]
pub async fn restore_dashboard(id: DashboardId) -> Result<(), AppError> {
    let editor = server::member()?.editor()?;
    let mut tx = server::state()?.db.tenant(&editor).await?;
    store::restore(&mut tx, &editor, id).await?;
    tx.commit().await?;
    leptos_axum::redirect(&format!("/dashboards/{id}"));
    Ok(())
}
