//! How far each kind of an organisation's data has moved: the keys under which what was made of it can be kept.
//!
//! A change of the data moves a counter in its own transaction, so what is outdated is never found again under the new
//! versions: nothing has to be thrown away, and several instances need not talk to each other. Versions are read
//! before the data, so what is kept may be newer than its key, never older.

use std::collections::HashMap;

/// The kinds of data that numbers are made of.
const DATA: [&str; 6] = ["transactions", "payments", "budgets", "materials", "metrics", "organization"];
const METRICS: usize = 4;

/// Equal versions mean equal data.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Versions {
    /// Of all that numbers are made of.
    pub data: [i64; 6],
    pub dashboards: i64,
    /// Grows with every change of anything; for what shows the record of changes itself.
    pub all: i64,
}

impl Versions {
    pub fn new(counters: &HashMap<String, i64>) -> Self {
        // A topic that never changed has no counter yet.
        let of = |topic: &str| counters.get(topic).copied().unwrap_or(0);
        Self { data: DATA.map(of), dashboards: of("dashboards"), all: counters.values().sum() }
    }

    /// Of the definitions of metrics.
    pub fn metrics(self) -> i64 {
        self.data[METRICS]
    }
}
