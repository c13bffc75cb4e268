//! The queue: work that outlives a request, done once, by whichever instance is free.
//!
//! Invariants:
//! - A job runs under a lease that its worker keeps renewing. When the worker dies, the lease ends and
//!   another one takes the job; every write of a worker names its claim, so a late one changes nothing.
//! - The organisations take turns: however many jobs one has, another one's next job comes next.
//! - An attempt is counted when it begins. A job that has used them all up stays as failed, with its error.
//! - A job acts in the scope of its organisation ([`Claimed`] is a `TenantScope`). Only taking jobs and
//!   the chores of [`registry::schedules`] look across organisations.

#[cfg(feature = "ssr")]
pub mod api;
#[cfg(feature = "ssr")]
mod handler;
mod model;
#[cfg(feature = "ssr")]
pub mod registry;
pub mod rpc;
#[cfg(feature = "ssr")]
mod schedule;
#[cfg(feature = "ssr")]
pub mod store;
pub mod view;
#[cfg(feature = "ssr")]
mod worker;

#[cfg(feature = "ssr")]
pub use handler::{Claimed, JobContext, JobError, JobHandler};
pub use model::*;
#[cfg(feature = "ssr")]
pub use schedule::Schedule;
#[cfg(feature = "ssr")]
pub use store::NewJob;
#[cfg(feature = "ssr")]
pub use worker::{Worker, WorkerOptions};
