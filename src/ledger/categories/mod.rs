//! Names under which transactions and budgets are grouped. One per name, however it is capitalised.

#[cfg(feature = "ssr")]
pub mod api;
mod model;
pub mod rpc;
#[cfg(feature = "ssr")]
pub mod store;

pub mod view;

pub use model::*;
