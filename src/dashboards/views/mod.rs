//! Saved views: names for a range, a comparison and filters of a dashboard.
//!
//! Invariants: a view is its owner's alone, or the organisation's; everybody who sees a dashboard may keep views of it for
//! themselves, and of the organisation's dashboards admins keep them for everybody. The address of a view that is applied
//! says everything that the view says: so a link to it means the same to everybody, also to those who do not have the view,
//! and a view that changes later changes no link. `?view=<id>` stands for a view as it is now, and leads there.

pub mod model;
pub mod rpc;
#[cfg(feature = "ssr")]
pub mod store;
pub mod view;
