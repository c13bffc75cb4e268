//! Answers that were given before, for as long as they are true. Server only.

use super::{
    engine::{self, Definitions},
    model::{MetricAnswer, MetricQuery},
};
use crate::{
    accounts::OrganizationSummary,
    error::AppError,
    ids::OrganizationId,
    server::{TenantTx, Versions, fault},
};
use chrono::{DateTime, NaiveDate, Utc};
use moka::future::Cache;
use std::{sync::Arc, time::Duration};

/// Bytes that are kept, of answers and of definitions.
const CAPACITY: u64 = 16 * 1024 * 1024;
/// About what a definition takes with its formula.
const DEFINITION: usize = 2_000;
/// Definitions come into effect by the clock, too.
const KEPT: Duration = Duration::from_secs(60);

/// Everything that an answer depends on. The organisation's currency and zone are in its versions.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Key {
    organization: OrganizationId,
    data: [i64; 6],
    /// The local day, which relative ranges and what is overdue depend on.
    day: NaiveDate,
    question: String,
}

#[derive(Debug)]
pub struct MetricAnswers {
    answers: Cache<Key, Arc<MetricAnswer>>,
    /// By the version of the organisation's metrics.
    definitions: Cache<(OrganizationId, i64), Arc<Definitions>>,
}

impl Default for MetricAnswers {
    fn default() -> Self {
        let weigh = |key: &Key, answer: &Arc<MetricAnswer>| {
            let points: usize = answer.series.iter().map(|series| series.points.len() + series.comparison.len()).sum();
            u32::try_from(key.question.len() + 600 + points * 100).unwrap_or(u32::MAX)
        };
        let answers = Cache::builder().max_capacity(CAPACITY).weigher(weigh).time_to_live(KEPT).build();
        let weigh =
            |_: &_, definitions: &Arc<Definitions>| u32::try_from(definitions.count() * DEFINITION).unwrap_or(u32::MAX);
        let definitions = Cache::builder().max_capacity(CAPACITY).weigher(weigh).time_to_live(KEPT).build();
        Self { answers, definitions }
    }
}

impl MetricAnswers {
    /// Answers as [`engine::answer`] does, and asks the data only when it has changed since it was asked the same. Of
    /// many who ask at once, one asks the data. For what is stored alone: not within a transaction that changes it.
    ///
    /// # Errors
    /// As `engine::answer`. They are not kept.
    pub async fn answer(
        &self,
        tx: &mut TenantTx,
        organization: &OrganizationSummary,
        versions: Versions,
        query: &MetricQuery,
        now: DateTime<Utc>,
    ) -> Result<MetricAnswer, AppError> {
        let key = Key {
            organization: tx.organization_id(),
            data: versions.data,
            day: organization.time_zone.day(now),
            question: serde_json::to_string(&(query, &query.narrowed)).map_err(fault::internal)?,
        };
        let in_effect = (tx.organization_id(), versions.metrics());
        let ask = async {
            let load = async { Definitions::load(tx).await.map(Arc::new) };
            let definitions = self.definitions.try_get_with(in_effect, load).await.map_err(Arc::unwrap_or_clone)?;
            engine::answer_by(&definitions, tx, organization, query, now).await.map(Arc::new)
        };
        let kept = self.answers.try_get_with(key, ask).await.map_err(Arc::unwrap_or_clone)?;
        // What has not changed since is as of now.
        Ok(MetricAnswer { as_of: now, ..MetricAnswer::clone(&kept) })
    }
}
