//! Looking after dashboards: the list of all, the settings of one, whose it is, and the bin.

pub mod model;
pub mod rpc;
pub mod view;
