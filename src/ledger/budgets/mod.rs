//! What a category may cost, or should earn, in a month; and how much of it is used.
//!
//! Invariant: one budget per month, type and category.

#[cfg(feature = "ssr")]
pub mod api;
mod model;
pub mod rpc;
#[cfg(feature = "ssr")]
pub mod store;

pub mod view;

pub use model::*;
