//! What a dashboard was before: who changed what and when, how it looked, and the way back.
//!
//! Invariant: nothing of the history changes. Restoring a version makes a new one that holds the same.

pub mod model;
pub mod rpc;
pub mod view;
