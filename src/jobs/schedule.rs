//! Repeating chores: each is done once per interval, whatever the number of instances. Server only.

use super::store::schedules;
use crate::{error::AppError, server::Database};
use futures::future::BoxFuture;
use std::time::Duration;

/// How long an instance may take for one run of a chore before another one may begin.
const LEASE: Duration = Duration::from_secs(10 * 60);
/// After a failure: soon, but no hammering.
const AFTER_FAILURE: Duration = Duration::from_secs(60);

/// A chore and how often it is due. It may be cut off and run again, so it has to be safe to repeat.
#[derive(Clone, Copy, Debug)]
pub struct Schedule {
    /// Also its key in the table: renaming it makes it due at once.
    pub name: &'static str,
    /// From the beginning of one run to the beginning of the next.
    pub every: Duration,
    /// Does it, and gives how many things it did.
    pub run: for<'a> fn(&'a Database) -> BoxFuture<'a, Result<u64, AppError>>,
}

/// Runs those of `chores` that are due and that no other instance is at.
pub async fn run_due(db: &Database, chores: &[Schedule]) -> Result<(), AppError> {
    for chore in chores {
        let Some(claim) = schedules::claim(db, chore.name, chore.every, LEASE).await? else { continue };
        let outcome = match tokio::time::timeout(LEASE / 2, (chore.run)(db)).await {
            Ok(outcome) => outcome.map_err(|error| error.to_string()),
            Err(_) => Err(format!("did not end within {} seconds", LEASE.as_secs() / 2)),
        };
        match &outcome {
            Ok(count) => tracing::info!(chore = chore.name, count, "chore done"),
            Err(error) => tracing::warn!(chore = chore.name, error, "chore failed"),
        }
        schedules::finish(db, chore.name, claim, outcome.err().as_deref(), AFTER_FAILURE.min(chore.every)).await?;
    }
    Ok(())
}
