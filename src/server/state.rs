//! What every request handler shares.

use super::{db::Database, settings::Settings};
use leptos::config::LeptosOptions;
use std::sync::Arc;

#[derive(Clone, Debug)]
pub struct AppState {
    pub db: Database,
    pub settings: Arc<Settings>,
    pub leptos: LeptosOptions,
    /// What API access tokens are signed with.
    pub signing_key: crate::accounts::SigningKey,
    /// What dashboards have drawn; shared by all requests.
    pub dashboards: Arc<crate::dashboards::cache::DashboardCache>,
    /// What metrics have answered; shared by all requests.
    pub answers: Arc<crate::metrics::answers::MetricAnswers>,
}

impl axum::extract::FromRef<AppState> for LeptosOptions {
    fn from_ref(state: &AppState) -> Self {
        state.leptos.clone()
    }
}
