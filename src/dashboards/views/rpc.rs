//! Server functions: what the menu's forms do.

use crate::{
    error::AppError,
    ids::{DashboardId, ViewId},
    wire::Wire,
};
use leptos::prelude::*;

#[cfg(feature = "ssr")]
use super::{
    model::{NewView, ViewPatch},
    store,
};
#[cfg(feature = "ssr")]
use crate::{
    dashboards::{selection::Kept, sharing::form::parse_query},
    server,
};

/// `query` is a dashboard's own query string.
#[server(name = SaveView, prefix = "/rpc", endpoint = "dashboards/views/save", output = Wire)]
pub async fn save_view(
    dashboard: DashboardId,
    #[server(default)] name: String,
    #[server(default)] shared: bool,
    #[server(default)] query: String,
) -> Result<(), AppError> {
    let colleague = server::member()?.colleague()?;
    let mut tx = server::state()?.db.tenant(&colleague).await?;
    let new = NewView { name, shared, query: kept(&query)? };
    store::create(&mut tx, &colleague, dashboard, new, chrono::Utc::now()).await?;
    tx.commit().await
}

/// `act` is "rename", "update" or "delete".
#[server(name = ChangeView, prefix = "/rpc", endpoint = "dashboards/views/change", output = Wire)]
pub async fn change_view(
    id: ViewId,
    act: String,
    #[server(default)] name: String,
    #[server(default)] query: String,
) -> Result<(), AppError> {
    let colleague = server::member()?.colleague()?;
    let mut tx = server::state()?.db.tenant(&colleague).await?;
    let of = store::dashboard_of(&mut tx, &colleague, id).await?;
    let patch = match act.as_str() {
        "rename" => Some(ViewPatch { name: Some(name), query: None }),
        "update" => Some(ViewPatch { name: None, query: Some(kept(&query)?) }),
        "delete" => None,
        _ => return Err(AppError::invalid("A view is renamed, updated or deleted.")),
    };
    match patch {
        Some(patch) => drop(store::update(&mut tx, &colleague, of, id, patch, chrono::Utc::now()).await?),
        None => store::delete(&mut tx, &colleague, of, id).await?,
    }
    tx.commit().await
}

#[cfg(feature = "ssr")]
fn kept(search: &str) -> Result<Kept, AppError> {
    Ok(Kept::from(&parse_query(search)?.selection()))
}
