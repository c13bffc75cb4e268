//! Income and expenses, row by row: what every financial metric is made of.

#[cfg(feature = "ssr")]
pub mod api;
mod model;
pub mod rpc;
#[cfg(feature = "ssr")]
pub mod store;

pub mod view;

pub use model::*;
