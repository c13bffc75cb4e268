//! Materials: what is on the shelves, what it cost and when it runs low.
//!
//! Invariant: a material is low when its quantity is at or below its minimum, here and in the metrics.

#[cfg(feature = "ssr")]
pub mod api;
mod model;
pub mod rpc;
#[cfg(feature = "ssr")]
pub mod store;
pub mod view;

pub use model::*;
