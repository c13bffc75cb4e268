//! Belvedere: self-hosted, multi-tenant dashboards in which every number is a metric.
//!
//! One package, a folder for each feature; inside a folder the layers point one way,
//! `view → rpc/api → store → model`. ARCHITECTURE.md has the map and the invariants.

#![recursion_limit = "512"]

pub mod accounts;
pub mod activity;
pub mod app;
pub mod dashboards;
pub mod error;
pub mod format;
pub mod ids;
pub mod imports;
pub mod jobs;
pub mod ledger;
pub mod metrics;
pub mod page;
pub mod parts;
pub mod records;
pub mod stock;
pub mod ui;
pub mod widgets;
pub mod wire;
pub mod zone;

#[cfg(feature = "ssr")]
pub mod cli;
#[cfg(feature = "ssr")]
pub mod server;

/// Wakes the server-rendered page up in the browser.
#[cfg(feature = "hydrate")]
#[wasm_bindgen::prelude::wasm_bindgen]
pub async fn hydrate() {
    console_error_panic_hook::set_once();
    ui::guard_history();
    leptos::mount::hydrate_from_async(leptos::tachys::dom::body(), app::App).await.forget();
    widgets::readout::install();
    // Styles and tests can tell a page that has woken up from one that has not.
    if let Some(root) = leptos::prelude::document().document_element() {
        let _ = root.set_attribute("data-hydrated", "");
    }
}
