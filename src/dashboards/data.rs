//! A widget's data as JSON, for programs that draw it themselves. Server only.

use crate::{
    accounts::OrganizationSummary,
    error::AppError,
    metrics::{Alert, Grain, MetricAnswer, Rows, RowsQuery, alerts, engine},
    server::TenantTx,
    widgets::{
        ask::{self, Shape},
        draw::DrawContext,
        settings::{CalendarLayer, CalendarSettings, CompareWith, Order, TableSettings, WidgetSettings},
    },
};
use serde::Serialize;

const ALERTS: u32 = 10;

/// What a widget shows: the form depends on its kind.
#[derive(Clone, Debug, PartialEq, Serialize, utoipa::ToSchema)]
#[serde(untagged)]
pub enum WidgetData {
    Metric(Box<MetricAnswer>),
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

/// The data of a widget with these settings, as a page with this context shows it.
pub async fn find(
    tx: &mut TenantTx,
    organization: &OrganizationSummary,
    settings: &WidgetSettings,
    context: &DrawContext,
) -> Result<WidgetData, AppError> {
    let shaped = |grain: Option<Grain>, group_by: &Option<String>, limit: Option<u32>, order: Order| Shape {
        grain,
        group_by: group_by.clone(),
        limit,
        order,
    };
    let (figure, shape, comparison) = match settings {
        WidgetSettings::Kpi(s) => (&s.figure, Shape::default(), s.comparison),
        WidgetSettings::Gauge(s) => (&s.figure, Shape::default(), s.comparison),
        WidgetSettings::ProgressRing(s) => (&s.figure, Shape::default(), CompareWith::Nothing),
        WidgetSettings::LineChart(s) | WidgetSettings::AreaChart(s) => {
            (&s.figure, shaped(s.grain, &s.group_by, s.limit, Order::Largest), s.comparison)
        }
        WidgetSettings::Sparkline(s) => (&s.figure, shaped(s.grain, &None, None, Order::Largest), s.comparison),
        WidgetSettings::BarChart(s) => (&s.figure, shaped(s.grain, &s.group_by, s.limit, s.order), s.comparison),
        WidgetSettings::DonutChart(s) => (&s.figure, shaped(None, &s.group_by, s.limit, s.order), CompareWith::Nothing),
        WidgetSettings::DataTable(TableSettings::Metric(s)) => {
            (&s.figure, shaped(s.grain, &s.group_by, s.limit, s.order), s.comparison)
        }
        WidgetSettings::DataTable(TableSettings::Records(s)) => {
            let rows = ask::records(tx, organization, context, s, s.columns.clone(), None).await?;
            return Ok(WidgetData::Rows(rows));
        }
        WidgetSettings::AlertsFeed(s) => {
            let alerts = {
                let limit = s.limit.unwrap_or(ALERTS);
                alerts::list(tx, organization, s.filter, &context.filters, limit, context.now).await?
            };
            return Ok(WidgetData::Alerts { alerts });
        }
        WidgetSettings::Calendar(s) => {
            let mut layers = Vec::new();
            for query in calendar(s, context) {
                layers.push(engine::rows(tx, organization, &query, context.now).await?);
            }
            return Ok(WidgetData::Layers { layers });
        }
        WidgetSettings::Notes(s) => return Ok(WidgetData::Notes { text: s.text.clone() }),
    };
    let comparison = comparison.or(context.comparison);
    ask::metric(tx, organization, context, figure, shape, comparison)
        .await
        .map(|answer| WidgetData::Metric(Box::new(answer)))
}

fn calendar(settings: &CalendarSettings, context: &DrawContext) -> Vec<RowsQuery> {
    let query = |source: &str, date: Option<&str>| RowsQuery {
        source: source.to_owned(),
        range: context.range_of(&settings.common).clone(),
        narrowed: context.filters.clone(),
        date: date.map(str::to_owned),
        ..RowsQuery::default()
    };
    let payments = settings.shows(CalendarLayer::Payments).then(|| query("payments", Some("due_date")));
    let budgets = settings.shows(CalendarLayer::Budgets).then(|| query("budgets", None));
    payments.into_iter().chain(budgets).collect()
}
