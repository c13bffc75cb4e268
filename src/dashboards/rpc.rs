//! Server functions.

use super::page::{Hydrated, Known, PageData, PageQuery, Refreshed, Tab};
use crate::wire::Wire;
use crate::{error::AppError, ids::DashboardId};
use leptos::prelude::*;

#[cfg(feature = "ssr")]
use super::{
    load,
    model::{DashboardPatch, NewDashboard},
    rendered, store,
    templates::Template,
};
#[cfg(feature = "ssr")]
use crate::server;

#[server(name = GetPage, prefix = "/rpc", endpoint = "dashboards/page", input = Wire, output = Wire)]
pub async fn page(query: PageQuery) -> Result<PageData, AppError> {
    load::page(&server::state()?, &server::member()?, &query).await
}

/// [`page`] for somebody who comes to look: shows what they looked at last when `query` does not say, and keeps what it says.
#[server(name = Visit, prefix = "/rpc", endpoint = "dashboards/visit", input = Wire, output = Wire)]
pub async fn visit(query: PageQuery) -> Result<PageData, AppError> {
    match rendered::Visited::take(&query) {
        Some(found) => found,
        None => load::visit(&server::state()?, &server::member()?, &query).await,
    }
}

/// [`page`] for a resource.
pub async fn hydrated_page(query: PageQuery) -> Result<Hydrated, AppError> {
    page(query).await.map(Hydrated)
}

/// What has changed since `known`, on the dashboard in `version`. Widgets that are not named are left alone.
#[server(name = Refresh, prefix = "/rpc", endpoint = "dashboards/refresh", input = Wire, output = Wire)]
pub async fn refresh(query: PageQuery, version: i64, known: Vec<Known>) -> Result<Refreshed, AppError> {
    load::refresh(&server::state()?, &server::member()?, &query, version, known).await
}

/// The names of all dashboards, for the command palette.
#[server(prefix = "/rpc", endpoint = "dashboards/list_tabs", input = Wire, output = Wire)]
pub async fn list_tabs() -> Result<Vec<Tab>, AppError> {
    load::tabs(&server::state()?, &server::member()?).await
}

/// `whose` is "personal" or "organization"; what suits the role when left out.
#[server(prefix = "/rpc", endpoint = "dashboards/create", output = Wire)]
pub async fn create_dashboard(
    name: String,
    #[server(default)] template: String,
    #[server(default)] whose: String,
) -> Result<(), AppError> {
    let personal = match whose.as_str() {
        "" => None,
        whose => Some(whose == "personal"),
    };
    let editor = server::member()?.editor()?;
    let name = match name.trim() {
        "" => template.parse::<Template>().map_or("New dashboard", Template::name).to_owned(),
        _ => name,
    };
    let mut tx = server::state()?.db.tenant(&editor).await?;
    let new = NewDashboard { name, template: Some(template), personal, ..NewDashboard::default() };
    let made = store::create(&mut tx, &editor, new).await?;
    tx.commit().await?;
    leptos_axum::redirect(&format!("/dashboards/{}", made.row.id));
    Ok(())
}

#[server(prefix = "/rpc", endpoint = "dashboards/rename", output = Wire)]
pub async fn rename_dashboard(id: DashboardId, name: String) -> Result<(), AppError> {
    let editor = server::member()?.editor()?;
    let mut tx = server::state()?.db.tenant(&editor).await?;
    let patch = DashboardPatch { name: Some(name), ..DashboardPatch::default() };
    store::update(&mut tx, &editor, id, patch).await?;
    tx.commit().await
}

#[server(prefix = "/rpc", endpoint = "dashboards/set_default", output = Wire)]
pub async fn set_default_dashboard(id: DashboardId) -> Result<(), AppError> {
    let editor = server::member()?.editor()?;
    let mut tx = server::state()?.db.tenant(&editor).await?;
    store::set_default(&mut tx, &editor, id).await?;
    tx.commit().await
}

/// Puts it into the bin, and goes to the page that offers to take it out again.
#[server(prefix = "/rpc", endpoint = "dashboards/delete", output = Wire)]
pub async fn delete_dashboard(id: DashboardId) -> Result<(), AppError> {
    let editor = server::member()?.editor()?;
    let mut tx = server::state()?.db.tenant(&editor).await?;
    store::delete(&mut tx, &editor, id).await?;
    tx.commit().await?;
    leptos_axum::redirect(&format!("/dashboards?deleted={id}"));
    Ok(())
}

#[server(prefix = "/rpc", endpoint = "dashboards/restore", output = Wire)]
pub async fn restore_dashboard(id: DashboardId) -> Result<(), AppError> {
    let editor = server::member()?.editor()?;
    let mut tx = server::state()?.db.tenant(&editor).await?;
    store::restore(&mut tx, &editor, id).await?;
    tx.commit().await?;
    leptos_axum::redirect(&format!("/dashboards/{id}"));
    Ok(())
}
