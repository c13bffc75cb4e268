//! Server functions.

use super::model::Choosing;
use crate::{dashboards::page::PageQuery, error::AppError, wire::Wire};
use leptos::prelude::*;

#[cfg(feature = "ssr")]
use super::values;
#[cfg(feature = "ssr")]
use crate::server;

/// The values that the filter called `field` may have on the dashboard of `query`; with `find`, those whose text holds it.
#[server(name = ChooseFilter, prefix = "/rpc", endpoint = "dashboards/filters/choose", input = Wire, output = Wire)]
pub async fn choose_filter(
    query: PageQuery,
    field: String,
    #[server(default)] find: String,
) -> Result<Choosing, AppError> {
    values::choose(&server::state()?, &server::member()?, &query, &field, &find).await
}
