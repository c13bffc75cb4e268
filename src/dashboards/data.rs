//! A widget's data as JSON, for programs that draw it themselves. Server only.

use crate::{
    accounts::OrganizationSummary,
    error::AppError,
    metrics::{Alert, Comparison, Grain, MetricAnswer, MetricQuery, Rows, RowsQuery, TimeRange, alerts, engine},
    server::TenantTx,
    widgets::settings::{
        CalendarLayer, CalendarSettings, CompareWith, Figure, RecordsTable, TableSettings, WidgetSettings,
    },
};
use chrono::{DateTime, Utc};
use serde::Serialize;

const ALERTS: u32 = 10;

/// What a widget shows: the form depends on its kind.
#[derive(Clone, Debug, PartialEq, Serialize, utoipa::ToSchema)]
#[serde(untagged)]
pub enum WidgetData {
    Metric(MetricAnswer),
    Alerts {
        alerts: Vec<Alert>,
    },
    /// One table: records of a source.
    Rows(Rows),
    /// Several: a calendar's layers.
    Layers {
        layers: Vec<Rows>,
    },
    Notes {
        text: String,
    },
}

/// What the page would say beside the widget's settings.
pub struct Asked {
    pub range: TimeRange,
    pub comparison: Option<Comparison>,
    pub now: DateTime<Utc>,
}

/// The data of a widget with these settings.
pub async fn find(
    tx: &mut TenantTx,
    organization: &OrganizationSummary,
    settings: &WidgetSettings,
    asked: Asked,
) -> Result<WidgetData, AppError> {
    let metric = |figure: &Figure, compare: CompareWith| MetricQuery {
        metric: figure.metric.clone(),
        range: asked.range.clone(),
        filters: figure.filters.clone(),
        comparison: compare.or(asked.comparison),
        ..MetricQuery::default()
    };
    let grouped = |query: MetricQuery, grain: Option<Grain>, group_by: &Option<String>, limit: Option<u32>| {
        MetricQuery { grain, group_by: group_by.clone(), limit, ..query }
    };
    let query = match settings {
        WidgetSettings::Kpi(s) => metric(&s.figure, s.comparison),
        WidgetSettings::Gauge(s) => metric(&s.figure, s.comparison),
        WidgetSettings::ProgressRing(s) => metric(&s.figure, CompareWith::Nothing),
        WidgetSettings::LineChart(s) | WidgetSettings::AreaChart(s) => {
            grouped(metric(&s.figure, s.comparison), s.grain, &None, None)
        }
        WidgetSettings::Sparkline(s) => grouped(metric(&s.figure, s.comparison), s.grain, &None, None),
        WidgetSettings::BarChart(s) => grouped(metric(&s.figure, s.comparison), s.grain, &s.group_by, s.limit),
        WidgetSettings::DonutChart(s) => grouped(metric(&s.figure, CompareWith::Nothing), None, &s.group_by, s.limit),
        WidgetSettings::DataTable(TableSettings::Metric(s)) => {
            grouped(metric(&s.figure, s.comparison), s.grain, &s.group_by, s.limit)
        }
        WidgetSettings::DataTable(TableSettings::Records(s)) => {
            return engine::rows(tx, organization, &records(s, asked.range), asked.now).await.map(WidgetData::Rows);
        }
        WidgetSettings::AlertsFeed(s) => {
            let alerts = alerts::list(tx, organization, s.filter, s.limit.unwrap_or(ALERTS), asked.now).await?;
            return Ok(WidgetData::Alerts { alerts });
        }
        WidgetSettings::Calendar(s) => {
            let mut layers = Vec::new();
            for query in calendar(s, asked.range) {
                layers.push(engine::rows(tx, organization, &query, asked.now).await?);
            }
            return Ok(WidgetData::Layers { layers });
        }
        WidgetSettings::Notes(s) => return Ok(WidgetData::Notes { text: s.text.clone() }),
    };
    engine::answer(tx, organization, &query, asked.now).await.map(WidgetData::Metric)
}

fn records(settings: &RecordsTable, range: TimeRange) -> RowsQuery {
    let sort = settings.sort.as_deref();
    RowsQuery {
        source: settings.source.clone(),
        columns: settings.columns.clone(),
        range,
        filters: settings.filters.clone(),
        sort: sort.map(|field| field.trim_start_matches('-').to_owned()),
        descending: sort.is_some_and(|field| field.starts_with('-')),
        limit: settings.limit,
        ..RowsQuery::default()
    }
}

fn calendar(settings: &CalendarSettings, range: TimeRange) -> Vec<RowsQuery> {
    let shows = |layer| settings.show.is_empty() || settings.show.contains(&layer);
    let query = |source: &str, date: Option<&str>| RowsQuery {
        source: source.to_owned(),
        range: range.clone(),
        date: date.map(str::to_owned),
        ..RowsQuery::default()
    };
    let payments = shows(CalendarLayer::Payments).then(|| query("payments", Some("due_date")));
    let budgets = shows(CalendarLayer::Budgets).then(|| query("budgets", None));
    payments.into_iter().chain(budgets).collect()
}
