//! Versions as lists show them.

use crate::dashboards::model::DashboardRow;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// Versions on a page of the list.
pub const PAGE: i64 = 50;

/// One state that a dashboard has been in.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema, sqlx::FromRow))]
pub struct VersionRow {
    pub version: i64,
    /// What was different from the version before, in words.
    pub changes: Vec<String>,
    /// The name of who made it, if they are still here.
    #[cfg_attr(feature = "ssr", sqlx(rename = "who"))]
    pub by: Option<String>,
    #[cfg_attr(feature = "ssr", sqlx(rename = "created_at"))]
    pub at: DateTime<Utc>,
}

/// The page of a dashboard's history.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct History {
    pub row: DashboardRow,
    pub may_edit: bool,
    /// The latest first.
    pub versions: Vec<VersionRow>,
    /// Where the next page begins.
    pub before: Option<i64>,
}
