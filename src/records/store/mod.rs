//! The SQL that the kinds of records share. Server only.

pub mod cursor;
pub mod deleted;
pub mod unique;
