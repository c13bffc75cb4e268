//! What a widget asks the engine; its drawing and its data for programs ask the same. Server only.

use super::{
    draw::DrawContext,
    settings::{Common, Figure, Order, RecordsTable, WidgetSettings},
};
use crate::{
    accounts::OrganizationSummary,
    error::AppError,
    metrics::{
        Comparison, Grain, MetricAnswer, MetricQuery, Point, Rows, RowsQuery, Series, TimeRange, ValueFormat, engine,
        sources,
    },
    server::TenantTx,
};
use std::cmp::Ordering;

/// More groups than anybody has; to begin with the smallest, all must be known.
const ALL_GROUPS: u32 = 1_000;

/// How an answer is cut up.
#[derive(Clone, Debug, Default)]
pub struct Shape {
    pub grain: Option<Grain>,
    pub group_by: Option<String>,
    pub limit: Option<u32>,
    pub order: Order,
}

impl DrawContext {
    /// The widget's own range, or else the dashboard's.
    pub fn range_of<'a>(&'a self, common: &'a Common) -> &'a TimeRange {
        common.range.as_ref().unwrap_or(&self.range)
    }
}

/// The metric that a widget shows, in the widget's shape, order and format.
pub async fn metric(
    tx: &mut TenantTx,
    organization: &OrganizationSummary,
    context: &DrawContext,
    figure: &Figure,
    shape: Shape,
    comparison: Option<Comparison>,
) -> Result<MetricAnswer, AppError> {
    let Shape { grain, group_by, limit, order } = shape;
    let query = MetricQuery {
        metric: figure.metric.clone(),
        range: context.range_of(&figure.common).clone(),
        grain,
        group_by,
        filters: figure.filters.clone(),
        comparison,
        limit: if order == Order::Smallest { Some(ALL_GROUPS) } else { limit },
        narrowed: context.filters.clone(),
    };
    let mut answer = engine::answer(tx, organization, &query, context.now).await?;
    sources::note_lack(tx, &mut answer, context.may_add).await?;
    if answer.grain.is_none() {
        arrange(&mut answer.series, order, limit);
    }
    if let Some(format) = figure.format {
        reformat(&mut answer, format, &organization.base_currency);
    }
    Ok(answer)
}

/// The questions behind the figures of these widgets, as far as they decide which records are in them.
pub fn sums<'a>(settings: impl IntoIterator<Item = &'a WidgetSettings>, context: &DrawContext) -> Vec<MetricQuery> {
    let query = |figure: &Figure| MetricQuery {
        metric: figure.metric.clone(),
        range: context.range_of(&figure.common).clone(),
        filters: figure.filters.clone(),
        narrowed: context.filters.clone(),
        ..MetricQuery::default()
    };
    settings.into_iter().filter_map(WidgetSettings::figure).map(query).collect()
}

/// The records that a table shows.
pub async fn records(
    tx: &mut TenantTx,
    organization: &OrganizationSummary,
    context: &DrawContext,
    table: &RecordsTable,
    columns: Vec<String>,
    limit: Option<u32>,
) -> Result<Rows, AppError> {
    let sort = table.sort.as_deref();
    let limit = table.limit.or(limit);
    let mut query = RowsQuery {
        source: table.source.clone(),
        columns,
        range: context.range_of(&table.common).clone(),
        filters: table.filters.clone(),
        sort: sort.map(|field| field.trim_start_matches('-').to_owned()),
        descending: sort.is_some_and(|field| field.starts_with('-')),
        narrowed: context.filters.clone(),
        offset: limit.map_or(0, |limit| table.page.saturating_mul(limit)),
        limit,
        ..RowsQuery::default()
    };
    let rows = engine::rows(tx, organization, &query, context.now).await?;
    // There are fewer pages now than there were when somebody turned to this one.
    match (u32::try_from(rows.total), limit) {
        (Ok(total @ 1..), Some(limit @ 1..)) if rows.rows.is_empty() => {
            query.offset = (total - 1) / limit * limit;
            engine::rows(tx, organization, &query, context.now).await
        }
        _ => Ok(rows),
    }
}

/// Puts groups into the order that was asked for; the engine's is the largest first. "Other" stays last.
fn arrange(series: &mut [Series], order: Order, limit: Option<u32>) {
    let Some(lead) = series.first() else { return };
    let by_value = |a: &Point, b: &Point| match (a.value, b.value) {
        (Some(a), Some(b)) => a.cmp(&b),
        // What has no value stands behind what has one.
        (a, b) => b.is_some().cmp(&a.is_some()),
    };
    let name = |p: &Point| p.label.to_lowercase();
    let mut places: Vec<usize> = (0..lead.points.len()).collect();
    places.sort_by(|&a, &b| {
        let (a, b) = (&lead.points[a], &lead.points[b]);
        let rest = (a.key == engine::OTHER).cmp(&(b.key == engine::OTHER));
        rest.then_with(|| match order {
            Order::Largest => Ordering::Equal,
            Order::Smallest => by_value(a, b),
            Order::Name => name(a).cmp(&name(b)),
            Order::NameDown => name(b).cmp(&name(a)),
        })
    });
    if let (Order::Smallest, Some(limit)) = (order, limit) {
        places.truncate(limit as usize);
    }
    for one in series {
        for points in [&mut one.points, &mut one.comparison] {
            *points = places.iter().filter_map(|&i| points.get(i).cloned()).collect();
        }
    }
}

/// The same values, written as something else.
fn reformat(answer: &mut MetricAnswer, format: ValueFormat, currency: &str) {
    if answer.format == format {
        return;
    }
    answer.unit = match format {
        ValueFormat::Currency => Some(currency.to_owned()),
        _ if answer.format == ValueFormat::Currency => None,
        _ => answer.unit.take(),
    };
    answer.format = format;
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]
    use super::*;

    fn series(points: &[(&str, Option<i64>)]) -> Vec<Series> {
        let point = |(key, value): &(&str, Option<i64>)| Point {
            key: (*key).into(),
            label: key.replace('\u{1}', ""),
            value: value.map(Into::into),
        };
        let points: Vec<Point> = points.iter().map(point).collect();
        vec![Series { label: "A".into(), comparison: points.clone(), points }]
    }

    fn arranged(order: Order, limit: Option<u32>) -> Vec<String> {
        let mut all = series(&[("b", Some(3)), ("C", Some(2)), ("a", Some(-1)), ("d", None), (engine::OTHER, Some(9))]);
        arrange(&mut all, order, limit);
        assert_eq!(all[0].points, all[0].comparison, "both stay in step");
        all[0].points.iter().map(|p| p.label.clone()).collect()
    }

    #[test]
    fn groups_stand_in_the_order_asked_for_and_the_rest_last() {
        assert_eq!(arranged(Order::Largest, Some(4)), ["b", "C", "a", "d", "other"]);
        assert_eq!(arranged(Order::Smallest, None), ["a", "C", "b", "d", "other"]);
        assert_eq!(arranged(Order::Smallest, Some(2)), ["a", "C"]);
        assert_eq!(arranged(Order::Name, None), ["a", "b", "C", "d", "other"]);
        assert_eq!(arranged(Order::NameDown, None), ["d", "C", "b", "a", "other"]);
        arrange(&mut [], Order::Name, None);
    }
}
