//! Editing a dashboard: drafts that save themselves, saving all or nothing, and merging with what somebody else saved.
//!
//! Invariants: a draft belongs to one window of one person and may hold anything, also what is wrong; what is saved has
//! passed every rule, was based on the present version, and leaves a version behind (`store::versions`).
//! Drafts are nobody else's business, so keeping one is no activity and announces nothing.

mod changes;
#[cfg(feature = "ssr")]
mod draw;
mod merge;
pub mod model;
pub mod rpc;
#[cfg(feature = "ssr")]
pub mod store;

pub use changes::changes;
pub use merge::{Clash, Merge, Part, Side, merge, merge_with, settle, settle_items};
