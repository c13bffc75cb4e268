//! A dashboard or one of its widgets as a file: what is shown, with title, range, comparison, organisation and the
//! time of it printed on.
//!
//! [`file`] is the whole of it: from a scope, a dashboard and a question to bytes. It knows nothing of
//! requests, so that whoever may see a dashboard by another way can hand out the same files.

pub mod model;

#[cfg(feature = "ssr")]
mod cells;
#[cfg(feature = "ssr")]
mod document;
#[cfg(feature = "ssr")]
mod find;
#[cfg(feature = "ssr")]
pub mod head;
#[cfg(feature = "ssr")]
mod json;
#[cfg(feature = "ssr")]
mod picture;
#[cfg(feature = "ssr")]
pub mod route;
#[cfg(feature = "ssr")]
mod spreadsheet;

#[cfg(feature = "ssr")]
pub use find::{Asked, file};
#[cfg(feature = "ssr")]
pub use head::File;
