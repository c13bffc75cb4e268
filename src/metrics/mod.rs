//! Every number of the product: the catalogue of sources, the formula language, the compiler to SQL and
//! the definitions. Whoever shows a number asks this engine for it.
//!
//! ```text
//! definition's JSON ─parse→ Formula ─program→ Program ─compile (plan)→ one statement ─engine→ MetricAnswer
//! ```
//!
//! Invariants: nothing from a formula or a question becomes SQL text (`store/sql.rs` takes only constants); an answer from
//! the monthly rollup equals the answer from the rows; amounts of different currencies are never added up.

#[cfg(feature = "ssr")]
pub mod answers;
#[cfg(feature = "ssr")]
pub mod api;
#[cfg(all(test, feature = "ssr"))]
mod arbitrary;
#[cfg(feature = "ssr")]
pub mod catalogue;
mod change;
#[cfg(feature = "ssr")]
mod compile;
#[cfg(feature = "ssr")]
pub mod currencies;
#[cfg(feature = "ssr")]
pub mod engine;
#[cfg(feature = "ssr")]
pub mod explain;
#[cfg(feature = "ssr")]
mod export;
mod filters;
mod form;
#[cfg(feature = "ssr")]
pub mod formula;
mod lack;
#[cfg(feature = "ssr")]
mod measures;
mod model;
#[cfg(feature = "ssr")]
pub mod narrow;
#[cfg(feature = "ssr")]
mod parse;
#[cfg(feature = "ssr")]
mod plan;
#[cfg(feature = "ssr")]
mod program;
mod range;
#[cfg(feature = "ssr")]
mod rows;
pub mod rpc;
#[cfg(feature = "ssr")]
pub mod sources;
#[cfg(feature = "ssr")]
mod store;
pub mod view;
#[cfg(feature = "ssr")]
mod words;

#[cfg(feature = "ssr")]
pub use catalogue::nearest;
pub use change::Change;
pub use filters::{
    ActiveFilter, Filters, MOST_VALUES, NO_VALUE, escape as escape_filter_value, unescape as unescape_filter_value,
};
pub use form::MetricForm;
pub use lack::Lack;
pub use model::*;
pub use range::{DEFAULT_RANGE, MOST_POINTS, QUICK_RANGES, QuickRange};
#[cfg(feature = "ssr")]
use store::sql;
#[cfg(feature = "ssr")]
pub use store::{alerts, definitions, rollup};
