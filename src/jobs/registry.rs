//! What the worker knows how to do. Server only.

use super::{JobHandler, Schedule, store::chores};
use std::{sync::Arc, time::Duration};

const HOUR: Duration = Duration::from_secs(60 * 60);

/// One handler for each kind of job. A worker leaves jobs of other kinds to newer or older instances.
pub fn handlers() -> Vec<Arc<dyn JobHandler>> {
    vec![Arc::new(crate::imports::job::ImportJob)]
}

/// Repeating chores that serve every organisation, run by one instance at a time.
pub fn schedules() -> Vec<Schedule> {
    vec![
        Schedule { name: "forget deleted records", every: 6 * HOUR, run: |db| Box::pin(chores::deleted_records(db)) },
        Schedule {
            name: "empty the bin of dashboards",
            every: 6 * HOUR,
            run: |db| Box::pin(chores::deleted_dashboards(db)),
        },
        Schedule { name: "forget finished jobs", every: 6 * HOUR, run: |db| Box::pin(chores::finished_jobs(db)) },
        Schedule {
            name: "forget expired sign-ins",
            every: HOUR,
            run: |db| Box::pin(crate::accounts::upkeep::sweep(db)),
        },
        Schedule {
            name: "check monthly sums",
            every: 24 * HOUR,
            run: |db| Box::pin(crate::metrics::rollup::check(db)),
        },
        Schedule { name: "forget idempotency keys", every: HOUR, run: |db| Box::pin(chores::idempotency_keys(db)) },
        Schedule { name: "forget dead workers", every: HOUR, run: |db| Box::pin(chores::dead_workers(db)) },
        Schedule {
            name: "remove imported files",
            every: HOUR,
            run: |db| Box::pin(crate::imports::store::remove_old_files(db)),
        },
    ]
}
