//! Server functions. For admins: a public link shows the organisation's figures to anybody who has it.

use super::model::Shares;
use crate::wire::Wire;
use crate::{
    error::AppError,
    ids::{DashboardId, ShareId},
};
use leptos::prelude::*;

#[cfg(feature = "ssr")]
use super::{api, model::NewShare, store};
#[cfg(feature = "ssr")]
use crate::server;

/// The links of one dashboard, or of all.
#[server(prefix = "/rpc", endpoint = "dashboards/shares", input = Wire, output = Wire)]
pub async fn list_shares(dashboard: Option<DashboardId>) -> Result<Shares, AppError> {
    let admin = server::member()?.admin()?;
    let state = server::state()?;
    let mut tx = state.db.tenant(&admin).await?;
    let name = match dashboard {
        Some(id) => Some(store::dashboard_name(&mut tx, &admin, id).await?),
        None => None,
    };
    let shares = store::list(&mut tx, &admin, dashboard).await?;
    Ok(Shares {
        dashboard: name,
        shares,
        base_url: state.settings.accounts.public_url.trim_end_matches('/').to_owned(),
    })
}

/// Makes a link, and goes to the page that shows it, once. `query` is a dashboard's own query string.
#[server(prefix = "/rpc", endpoint = "dashboards/create_share", output = Wire)]
pub async fn create_share(
    dashboard: DashboardId,
    #[server(default)] name: String,
    #[server(default)] password: String,
    #[server(default)] expires_on: String,
    #[server(default)] unlocked: bool,
    #[server(default)] origins: String,
    #[server(default)] query: String,
) -> Result<(), AppError> {
    let admin = server::member()?.admin()?;
    let expires_at = api::end_of_day(&expires_on, admin.organization().time_zone)?;
    let new = NewShare {
        name,
        password: Some(password),
        expires_at,
        unlocked,
        query: api::parse_query(&query)?,
        origins: origins.split_whitespace().map(|text| text.trim_end_matches(',').to_owned()).collect(),
    };
    let mut tx = server::state()?.db.tenant(&admin).await?;
    let (share, token) = store::create(&mut tx, &admin, dashboard, new).await?;
    tx.commit().await?;
    leptos_axum::redirect(&format!("/dashboards/{dashboard}/share?made={token}&link={}", share.id));
    Ok(())
}

/// Gives a link another address; the old one ends.
#[server(prefix = "/rpc", endpoint = "dashboards/rotate_share", output = Wire)]
pub async fn rotate_share(id: ShareId) -> Result<(), AppError> {
    let admin = server::member()?.admin()?;
    let mut tx = server::state()?.db.tenant(&admin).await?;
    let (share, token) = store::rotate(&mut tx, &admin, id).await?;
    tx.commit().await?;
    leptos_axum::redirect(&format!("/dashboards/{}/share?made={token}&link={id}", share.dashboard_id));
    Ok(())
}

/// Ends a link.
#[server(prefix = "/rpc", endpoint = "dashboards/revoke_share", output = Wire)]
pub async fn revoke_share(id: ShareId) -> Result<(), AppError> {
    let admin = server::member()?.admin()?;
    let mut tx = server::state()?.db.tenant(&admin).await?;
    store::revoke(&mut tx, &admin, id).await?;
    tx.commit().await
}
