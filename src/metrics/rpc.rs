//! Server functions.

use super::model::{Comparison, Definition, Explanation, MetricAnswer, TimeRange};
use crate::error::AppError;
use leptos::{prelude::*, server_fn::codec::Json};
use serde::{Deserialize, Serialize};

#[cfg(feature = "ssr")]
use super::{definitions, engine, explain, model::MetricQuery};
#[cfg(feature = "ssr")]
use crate::server;

/// A metric and its value over the range that a page shows; the value is absent where it could not be computed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MetricRow {
    pub definition: Definition,
    pub answer: Result<MetricAnswer, AppError>,
}

/// Every metric in effect with its value.
#[server(name = ListMetrics, prefix = "/rpc", endpoint = "metrics/list", input = Json)]
pub async fn list_metrics(range: TimeRange) -> Result<Vec<MetricRow>, AppError> {
    let member = server::member()?;
    let mut tx = server::state()?.db.tenant(&member).await?;
    let now = chrono::Utc::now();
    let mut rows = Vec::new();
    for definition in definitions::list(&mut tx).await? {
        let query = MetricQuery { metric: definition.code.clone(), range: range.clone(), ..Default::default() };
        let answer = match engine::answer(&mut tx, member.organization(), &query, now).await {
            // The list shows the single value; the points stay on the server.
            Ok(answer) => Ok(MetricAnswer { series: Vec::new(), ..answer }),
            Err(AppError::Unavailable) => return Err(AppError::Unavailable),
            Err(error) => Err(error),
        };
        rows.push(MetricRow { definition, answer });
    }
    Ok(rows)
}

/// All that the page of one metric shows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MetricDetails {
    pub explanation: Explanation,
    pub answer: MetricAnswer,
    /// Its course by month, where it has one: the answer itself may be by category.
    pub course: Option<MetricAnswer>,
}

/// One metric, explained and computed for `range`.
#[server(name = FindMetricDetails, prefix = "/rpc", endpoint = "metrics/details", input = Json)]
pub async fn metric_details(
    code: String,
    range: TimeRange,
    comparison: Option<Comparison>,
) -> Result<MetricDetails, AppError> {
    let member = server::member()?;
    let mut tx = server::state()?.db.tenant(&member).await?;
    let (organization, now) = (member.organization(), chrono::Utc::now());
    let query = MetricQuery { metric: code, range, comparison, ..Default::default() };
    let explanation = explain::explain(&mut tx, organization, &query, now).await?;
    let answer = engine::answer(&mut tx, organization, &query, now).await?;
    let course = if answer.grain.is_none() && explanation.sources.iter().all(|source| source.date.is_some()) {
        let query = MetricQuery { grain: Some(answer.period.grain()), comparison: None, ..query };
        Some(engine::answer(&mut tx, organization, &query, now).await?)
    } else {
        None
    };
    Ok(MetricDetails { explanation, answer, course })
}
