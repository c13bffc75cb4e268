//! What we owe to vendors and what customers owe to us, until it is paid.
//!
//! Invariants: a payment has a payment date exactly while it is paid; overdue is computed from the day in the
//! organisation's time zone.

#[cfg(feature = "ssr")]
pub mod api;
mod model;
pub mod rpc;
#[cfg(feature = "ssr")]
pub mod store;

pub mod view;

pub use model::*;
