//! Public links: one dashboard, read-only, for people without an account.
//!
//! Invariants: a token is shown once and kept as a hash; a visitor sees the widgets of the link's dashboard and
//! nothing that leads beyond them; a link that is revoked, rotated, expired or whose dashboard lies in
//! the bin is a plain 404, the same as one that never was. A personal dashboard's links are its owner's alone: they open it
//! while that owner is an admin, and end when somebody else is given it.

#[cfg(feature = "ssr")]
pub mod api;
#[cfg(feature = "ssr")]
mod door;
#[cfg(feature = "ssr")]
mod files;
#[cfg(feature = "ssr")]
pub mod form;
#[cfg(feature = "ssr")]
mod guest;
pub mod model;
#[cfg(feature = "ssr")]
pub mod page;
#[cfg(feature = "ssr")]
mod public_api;
pub mod rpc;
#[cfg(feature = "ssr")]
pub mod store;
pub mod view;

#[cfg(feature = "ssr")]
pub use guest::Guest;
