//! The page on which a dashboard is arranged.
//!
//! Invariants: nothing that somebody did is lost (every change reaches a draft on the server, leaving asks, a conflict
//! is shown before anything is written over); every change is a step that can be undone; what a pointer can do, the
//! keyboard can. `state` decides what happens, `bench` holds the page's signals, `view` shows them, and `browser`
//! listens to pointer, keys and clock.

mod bench;
#[cfg(feature = "hydrate")]
mod browser;
mod panel;
pub mod state;
mod view;

pub use view::EditDashboardPage;
