//! What the books and the stock have in common: parsing what people type, lists that are searched, sorted
//! and read a page at a time, undoing deletions, and export.
//!
//! Invariant: a list's order is total (the id breaks ties), so that pages neither repeat nor hide rows.

#[cfg(feature = "ssr")]
pub mod api;
#[cfg(feature = "ssr")]
pub mod export;
pub mod fields;
#[cfg(feature = "ssr")]
pub mod forms;
#[cfg(feature = "ssr")]
pub mod formula;
#[cfg(feature = "ssr")]
pub mod kind;
pub mod listing;
pub mod rpc;
#[cfg(feature = "ssr")]
mod store;
pub mod view;

#[cfg(feature = "ssr")]
pub use store::{cursor, deleted, unique};
