//! Server functions of the activity page.

use super::{ActivityQuery, Feed};
use crate::error::AppError;
use leptos::{prelude::*, server_fn::codec::Json};

#[cfg(feature = "ssr")]
use {super::store, crate::server};

/// A page of what happened in the organisation, newest first.
#[server(prefix = "/rpc", endpoint = "activity/list", input = Json)]
pub async fn list_activities(query: ActivityQuery) -> Result<Feed, AppError> {
    let member = server::member()?;
    let mut tx = server::state()?.db.tenant(&member).await?;
    let page = store::list(&mut tx, &member, &query).await?;
    let today = chrono::Utc::now().with_timezone(&member.organization().time_zone).date_naive();
    Ok(Feed { items: page.items, next_cursor: page.next_cursor, today })
}
