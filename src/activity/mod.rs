//! The record of what happened in an organisation.
//!
//! Invariant: an activity is written in the transaction of the change that it tells of, so the feed can
//! never miss a change, and never tells of one that was rolled back.

#[cfg(feature = "ssr")]
pub mod api;
mod model;
pub mod rpc;
#[cfg(feature = "ssr")]
pub mod store;
pub mod view;

pub use model::*;
