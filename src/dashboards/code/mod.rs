//! Dashboards as code: a documented, versioned form in JSON (`docs/dashboards-as-code.md`), out and in.
//!
//! Invariants: what is exported, imported and exported again is the same to the letter; a file that has a
//! problem changes nothing; a dashboard that comes from a provisioned file is changed by that file alone, which the
//! database itself enforces (migration 0650).

pub mod model;
pub mod rpc;
pub mod view;

#[cfg(feature = "ssr")]
pub mod api;
#[cfg(feature = "ssr")]
mod check;
#[cfg(feature = "ssr")]
pub mod form;
#[cfg(feature = "ssr")]
pub mod plan;
#[cfg(feature = "ssr")]
pub mod provision;
#[cfg(feature = "ssr")]
pub mod route;
#[cfg(feature = "ssr")]
pub mod store;
