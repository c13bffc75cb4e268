//! Server functions. For admins: a public link shows the organisation's figures to anybody who has it.

use super::model::Shares;
use crate::wire::Wire;
use crate::{
    error::AppError,
    ids::{DashboardId, ShareId},
};
use leptos::prelude::*;

#[cfg(feature = "ssr")]
use super::{form, model::NewShare, store};
#[cfg(feature = "ssr")]
use crate::{
    dashboards::{page::PageQuery, selection},
    server,
};

/// The links of one dashboard, or of all. `search` is the dashboard's own query string, for another link.
#[server(prefix = "/rpc", endpoint = "dashboards/shares", input = Wire, output = Wire)]
pub async fn list_shares(dashboard: Option<DashboardId>, search: String) -> Result<Shares, AppError> {
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
        shows: if dashboard.is_some() { form::in_words(&search) } else { Vec::new() },
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
    let expires_at = form::end_of_day(&expires_on, admin.organization().time_zone)?;
    let query = form::parse_query(&query)?;
    let new = NewShare {
        name,
        password: Some(password),
        expires_at,
        unlocked,
        query: query.clone(),
        origins: origins.split_whitespace().map(|text| text.trim_end_matches(',').to_owned()).collect(),
    };
    let mut tx = server::state()?.db.tenant(&admin).await?;
    let (share, token) = store::create(&mut tx, &admin, dashboard, new).await?;
    tx.commit().await?;
    leptos_axum::redirect(&made(dashboard, &query, token, share.id));
    Ok(())
}

/// Gives a link another address; the old one ends. `query` is what the page goes on offering for another link.
#[server(prefix = "/rpc", endpoint = "dashboards/rotate_share", output = Wire)]
pub async fn rotate_share(id: ShareId, #[server(default)] query: String) -> Result<(), AppError> {
    let admin = server::member()?.admin()?;
    let mut tx = server::state()?.db.tenant(&admin).await?;
    let (share, token) = store::rotate(&mut tx, &admin, id).await?;
    tx.commit().await?;
    let query = form::parse_query(&query).unwrap_or_default();
    leptos_axum::redirect(&made(share.dashboard_id, &query, token, id));
    Ok(())
}

/// The page that shows a new address, once. It keeps `query`: a second link shows no more than the first.
#[cfg(feature = "ssr")]
fn made(dashboard: DashboardId, query: &PageQuery, token: String, id: ShareId) -> String {
    let mut pairs = query.selection().pairs();
    pairs.extend([("made".to_owned(), token), ("link".to_owned(), id.to_string())]);
    format!("/dashboards/{dashboard}/share{}", selection::search(&pairs))
}

/// Ends a link.
#[server(prefix = "/rpc", endpoint = "dashboards/revoke_share", output = Wire)]
pub async fn revoke_share(id: ShareId) -> Result<(), AppError> {
    let admin = server::member()?.admin()?;
    let mut tx = server::state()?.db.tenant(&admin).await?;
    store::revoke(&mut tx, &admin, id).await?;
    tx.commit().await
}
