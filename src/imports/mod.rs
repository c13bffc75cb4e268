//! CSV in: detection, preview, checking, loading as a job, and undoing.
//!
//! The way of a file: `upload` streams it into `import_chunks`; `detect` and `fields` propose how to read it;
//! the person changes what is wrong and sees in a preview, made by the same `convert` as the load itself, what
//! will be stored; `reader` then streams the chunks through `decode`, `parser` and `convert` into batches, which a
//! `pass` of the `load` checks or stores.
//!
//! Invariants:
//! - A batch's rows, its errors and the position in the file are committed together, and only if the position is
//!   still where the batch began. So a load that is killed goes on where it stopped, and two that run at once by
//!   mistake cannot both write: every row is stored once.
//! - "Nothing unless all is right" is a first pass that only checks. The second pass converts with the same code,
//!   so it cannot meet a row that the first one would have refused.
//! - Memory does not grow with the file: a chunk that is stored, the next that is read, their rows, and nothing else.

#[cfg(feature = "ssr")]
pub mod api;
#[cfg(feature = "ssr")]
pub mod cli;
#[cfg(feature = "ssr")]
pub mod configure;
#[cfg(feature = "ssr")]
pub mod convert;
#[cfg(feature = "ssr")]
pub mod decode;
#[cfg(feature = "ssr")]
pub mod detect;
#[cfg(feature = "ssr")]
pub mod fields;
#[cfg(feature = "ssr")]
pub mod job;
#[cfg(feature = "ssr")]
pub mod load;
pub mod model;
#[cfg(feature = "ssr")]
pub mod parser;
#[cfg(feature = "ssr")]
mod pass;
#[cfg(feature = "ssr")]
pub mod preview;
#[cfg(feature = "ssr")]
mod reader;
pub mod rpc;
#[cfg(feature = "ssr")]
pub mod sample;
#[cfg(feature = "ssr")]
pub mod store;
#[cfg(feature = "ssr")]
pub mod upload;
#[cfg(feature = "ssr")]
pub mod values;
pub mod view;

pub use model::*;

/// The page with the form that uploads a file. Its refusals are known by it too.
pub const FORM: &str = "/imports/new";
