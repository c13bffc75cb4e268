//! Saved views.

use crate::{
    dashboards::selection::{Kept, Selection},
    ids::{DashboardId, ViewId},
};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// Views that somebody may keep of one dashboard.
pub const MAX_VIEWS: i64 = 50;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct View {
    pub id: ViewId,
    pub dashboard_id: DashboardId,
    pub name: String,
    /// The organisation's: everybody who sees the dashboard sees it. Otherwise your own.
    pub shared: bool,
    pub query: Kept,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

/// A view in a dashboard's menu.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ViewLink {
    pub id: ViewId,
    pub name: String,
    pub shared: bool,
    /// The query string that shows it.
    pub link: String,
    /// It is what is shown.
    pub current: bool,
}

impl ViewLink {
    pub fn new(view: &View, shown: &Selection) -> Self {
        let selection = Selection::from(view.query.clone());
        Self {
            id: view.id,
            name: view.name.clone(),
            shared: view.shared,
            link: selection.link(),
            current: selection == *shown,
        }
    }
}

#[cfg(feature = "ssr")]
pub use checked::{NewView, ViewPatch};

#[cfg(feature = "ssr")]
mod checked {
    use super::Kept;
    use serde::Deserialize;

    /// A view to be saved.
    #[derive(Clone, Debug, Default, PartialEq, Deserialize, utoipa::ToSchema)]
    #[serde(deny_unknown_fields)]
    pub struct NewView {
        /// 1 to 100 characters, unlike those of the other views beside it.
        pub name: String,
        /// For everybody who sees the dashboard. For admins, on the organisation's dashboards.
        #[serde(default)]
        pub shared: bool,
        #[serde(default)]
        pub query: Kept,
    }

    /// What is left out stays as it is.
    #[derive(Clone, Debug, Default, PartialEq, Deserialize, utoipa::ToSchema)]
    #[serde(deny_unknown_fields, default)]
    pub struct ViewPatch {
        pub name: Option<String>,
        pub query: Option<Kept>,
    }
}
