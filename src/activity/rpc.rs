//! Server functions of the activity page.

use super::{ActivityQuery, Feed};
use crate::error::AppError;
use crate::wire::Wire;
use leptos::prelude::*;

#[cfg(feature = "ssr")]
use {super::store, crate::server};

/// A page of what happened in the organisation, newest first.
#[server(prefix = "/rpc", endpoint = "activity/list", input = Wire, output = Wire)]
pub async fn list_activities(query: ActivityQuery) -> Result<Feed, AppError> {
    let member = server::member()?;
    let mut tx = server::state()?.db.tenant(&member).await?;
    let page = store::list(&mut tx, &member, &query).await?;
    let today = member.organization().time_zone.day(chrono::Utc::now());
    Ok(Feed { items: page.items, next_cursor: page.next_cursor, today })
}
