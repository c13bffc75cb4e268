//! What a person decides for themselves about dashboards that others see too: the order of tabs, favourites, which one comes
//! first, and where the widgets of one of the organisation's stand.
//!
//! Invariants: nothing here changes a dashboard, so it is no activity; an arrangement holds places only, fits the
//! dashboard whatever has become of it, and is one of an organisation's dashboard (a person's own is simply edited).

pub mod model;
pub mod rpc;
#[cfg(feature = "ssr")]
pub mod store;
pub mod view;
