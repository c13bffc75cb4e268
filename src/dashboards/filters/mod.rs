//! Filters of a whole dashboard: which there are, the values to choose among, and the bar that shows them.
//!
//! Invariants: what can be filtered by stands in the metrics' catalogue alone; a filter that nothing on the dashboard has a
//! field for changes no number; a widget that leaves a filter out says so. What filters mean for SQL is `metrics::narrow`,
//! how far they reach into a widget is `widgets::reach`.

pub mod model;
pub mod rpc;
#[cfg(feature = "ssr")]
pub mod values;
pub mod view;
