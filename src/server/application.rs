//! The application, put together from its settings and its database.

use super::{db::Database, router, settings::Settings, state::AppState, statics};
use crate::accounts::SigningKey;
use leptos::config::{Env, LeptosOptions};
use std::sync::Arc;

/// Everything that answers requests. Tests drive `router` with `oneshot`; `serve` puts it behind a socket.
#[derive(Clone, Debug)]
pub struct Application {
    pub router: axum::Router,
    pub state: AppState,
}

/// Why the server does not start, in one line for the operator.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct StartError(pub String);

impl Application {
    /// Puts the parts together. Nothing is started, and the database is not asked yet.
    pub fn build(settings: Settings, db: Database) -> Self {
        let state = AppState {
            leptos: leptos_options(&settings),
            db,
            settings: Arc::new(settings),
            signing_key: SigningKey::default(),
            dashboards: Default::default(),
            answers: Default::default(),
        };
        Self { router: router::router(state.clone()), state }
    }
}

fn leptos_options(settings: &Settings) -> LeptosOptions {
    let options = LeptosOptions::builder()
        .output_name("belvedere")
        .site_root(settings.server.site_root.as_str())
        .site_addr(settings.server.address)
        // Names of built files carry their hash when cargo-leptos left a list of them beside the executable.
        .hash_files(statics::build_root().is_some())
        .env(if cfg!(debug_assertions) { Env::DEV } else { Env::PROD });
    match std::env::var("LEPTOS_RELOAD_PORT").ok().and_then(|port| port.parse().ok()) {
        Some(port) => options.reload_port(port).build(),
        None => options.build(),
    }
}
