//! Metrics in SQL: what every statement is built with, and what is read and written beside them. Server only.

pub mod alerts;
pub mod definitions;
pub mod rollup;
pub mod sql;
