//! Dashboards: stored layouts of widgets, templates, and the page that shows them.
//!
//! Invariants: widgets of a dashboard never overlap and keep to their kind's sizes; an organisation has at most one
//! default dashboard; what a page shows is exact, also when it comes from the cache, because the cache's
//! keys carry the change counters of the data (`change_counters`), read in the same request.

#[cfg(feature = "ssr")]
pub mod api;
#[cfg(feature = "ssr")]
pub mod cache;
pub mod code;
#[cfg(feature = "ssr")]
mod data;
pub mod editing;
pub mod editor;
pub mod export;
pub mod filters;
pub mod grid;
pub mod history;
#[cfg(feature = "ssr")]
mod load;
pub mod manage;
pub mod model;
pub mod page;
pub mod personal;
#[cfg(feature = "ssr")]
pub mod rendered;
pub mod rpc;
pub mod selection;
pub mod sharing;
#[cfg(feature = "ssr")]
pub mod store;
pub mod templates;
pub mod view;
pub mod views;
