//! What a widget shows, as cells: for CSV, spreadsheets and programs.

use super::{
    data::{Data, Found},
    plot::Chart,
};
use crate::{
    metrics::{self, Comparison, MetricAnswer, Period, Point, Status, ValueFormat},
    widgets::settings::{Figure, TableSettings, WidgetSettings},
};
use chrono::NaiveDate;
use rust_decimal::Decimal;
use serde::Serialize;

/// A table of cells. Every number is the engine's own, never rounded.
#[derive(Clone, Debug, PartialEq)]
pub struct Sheet {
    pub columns: Vec<String>,
    pub rows: Vec<Vec<Value>>,
    /// "4 of 225 rows": what else one should know.
    pub note: Option<String>,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    Nothing,
    Text(String),
    Number(Decimal),
    /// With its currency's code.
    Money(Decimal, String),
    /// 41.8 is 41.8 %.
    Percent(Decimal),
    Date(NaiveDate),
    /// A month, quarter or year, by its first day.
    Month(NaiveDate),
}

impl Value {
    pub fn is_number(&self) -> bool {
        matches!(self, Self::Number(_) | Self::Money(..) | Self::Percent(_))
    }

    /// About how many letters wide it is written.
    pub fn letters(&self) -> usize {
        match self {
            Self::Nothing => 0,
            Self::Text(text) => text.chars().count(),
            Self::Number(n) => n.to_string().len() * 4 / 3,
            Self::Money(n, _) => n.to_string().len() * 4 / 3 + 7,
            Self::Percent(_) => 8,
            Self::Date(_) | Self::Month(_) => 11,
        }
    }
}

/// The same as JSON, by the kind of data.
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Json<'a> {
    Metric { answer: &'a MetricAnswer },
    Rows { rows: &'a metrics::Rows },
    Alerts { alerts: &'a [metrics::Alert], more: bool },
    Calendar { month: NaiveDate, entries: Vec<JsonEntry<'a>>, left_out: i64 },
    Notes { markdown: &'a str },
    Message { title: &'a str, text: &'a str },
}

#[derive(Clone, Debug, Serialize)]
pub struct JsonEntry<'a> {
    day: NaiveDate,
    title: &'a str,
    amount: String,
    state: &'static str,
}

impl Found {
    /// The range that this widget's numbers are of, where it has one.
    pub fn period(&self) -> Option<Period> {
        match &self.data {
            Data::Metric(answer) => Some(answer.period),
            _ => None,
        }
    }

    pub fn json(&self) -> Json<'_> {
        match &self.data {
            Data::Metric(answer) => Json::Metric { answer },
            Data::Rows(rows, _) => Json::Rows { rows },
            Data::Alerts { alerts, more } => Json::Alerts { alerts, more: *more },
            Data::Calendar(month) => Json::Calendar {
                month: month.first,
                left_out: month.left_out,
                entries: month
                    .entries
                    .iter()
                    .map(|e| JsonEntry { day: e.day, title: &e.title, amount: e.amount(), state: e.class })
                    .collect(),
            },
            Data::Notes => Json::Notes { markdown: self.note() },
            Data::Message(title, text) => Json::Message { title, text },
        }
    }

    fn note(&self) -> &str {
        if let WidgetSettings::Notes(s) = &self.settings { &s.text } else { "" }
    }

    fn figure(&self) -> Option<&Figure> {
        Some(match &self.settings {
            WidgetSettings::Kpi(s) => &s.figure,
            WidgetSettings::LineChart(s) | WidgetSettings::AreaChart(s) => &s.figure,
            WidgetSettings::BarChart(s) => &s.figure,
            WidgetSettings::DonutChart(s) => &s.figure,
            WidgetSettings::Gauge(s) => &s.figure,
            WidgetSettings::ProgressRing(s) => &s.figure,
            WidgetSettings::Sparkline(s) => &s.figure,
            WidgetSettings::DataTable(TableSettings::Metric(s)) => &s.figure,
            _ => return None,
        })
    }

    /// One table, or two where a single number has a course too.
    pub fn sheets(&self) -> Vec<Sheet> {
        match &self.data {
            Data::Metric(answer) => {
                let figure = self.figure().cloned().unwrap_or_default();
                let chart = Chart::of(answer, &figure, self.comparison);
                let single = matches!(
                    self.settings,
                    WidgetSettings::Kpi(_)
                        | WidgetSettings::Sparkline(_)
                        | WidgetSettings::Gauge(_)
                        | WidgetSettings::ProgressRing(_)
                );
                let mut sheets = Vec::new();
                if single {
                    sheets.push(number(answer, self.target(answer), self.comparison));
                }
                if answer.series.iter().any(|s| !s.points.is_empty()) {
                    sheets.push(points(&chart, answer));
                }
                if sheets.is_empty() {
                    sheets.push(number(answer, None, self.comparison));
                }
                sheets
            }
            Data::Rows(rows, _) => vec![records(rows)],
            Data::Alerts { alerts, more } => vec![Sheet {
                columns: ["Severity", "Alert", "Details"].map(Into::into).to_vec(),
                rows: alerts
                    .iter()
                    .map(|alert| {
                        let severity = if alert.severity == Status::Critical { "Critical" } else { "Warning" };
                        vec![
                            Value::Text(severity.into()),
                            Value::Text(alert.title.clone()),
                            Value::Text(alert.detail.clone()),
                        ]
                    })
                    .collect(),
                note: more.then(|| "There are more alerts than these.".into()),
            }],
            Data::Calendar(month) => vec![Sheet {
                columns: ["Day", "Entry", "Amount", "State"].map(Into::into).to_vec(),
                rows: month
                    .entries
                    .iter()
                    .map(|e| {
                        let state = match e.class {
                            "critical" => "Overdue",
                            "good" => "Paid",
                            "warning" => "Open",
                            _ => "",
                        };
                        let text = |t: &str| if t.is_empty() { Value::Nothing } else { Value::Text(t.into()) };
                        vec![Value::Date(e.day), text(&e.title), e.amount.clone(), text(state)]
                    })
                    .collect(),
                note: Some(month.note()),
            }],
            Data::Notes => vec![Sheet {
                columns: vec!["Note".into()],
                rows: self.note().lines().map(|line| vec![Value::Text(line.to_owned())]).collect(),
                note: None,
            }],
            Data::Message(title, text) => vec![Sheet {
                columns: vec![(*title).into()],
                rows: vec![vec![Value::Text((*text).into())]],
                note: None,
            }],
        }
    }

    fn target(&self, answer: &MetricAnswer) -> Option<Decimal> {
        let own = match &self.settings {
            WidgetSettings::Kpi(s) => s.target,
            WidgetSettings::Gauge(s) => s.target,
            WidgetSettings::ProgressRing(s) => s.target,
            _ => None,
        };
        own.or(answer.target)
    }
}

fn value(answer: &MetricAnswer, number: Option<Decimal>) -> Value {
    match (number, answer.format, &answer.unit) {
        (None, ..) => Value::Nothing,
        (Some(n), ValueFormat::Currency, Some(code)) => Value::Money(n, code.clone()),
        (Some(n), ValueFormat::Percentage, _) => Value::Percent(n),
        (Some(n), ..) => Value::Number(n),
    }
}

fn number(answer: &MetricAnswer, target: Option<Decimal>, comparison: Option<Comparison>) -> Sheet {
    let mut columns = vec!["Metric".to_owned(), "Value".into()];
    let mut row = vec![Value::Text(answer.name.clone()), value(answer, answer.value)];
    let mut add = |name: &str, value: Value| {
        columns.push(name.to_owned());
        row.push(value);
    };
    if comparison.is_some() {
        let name = if comparison == Some(Comparison::YearBefore) { "Year before" } else { "Period before" };
        add(name, value(answer, answer.comparison_value));
        let in_points = answer.format == ValueFormat::Percentage;
        let amount = if in_points { Value::Number } else { Value::Percent };
        let change = answer.change().map_or(Value::Nothing, |change| amount(change.amount));
        add(if in_points { "Change (pp)" } else { "Change" }, change);
    }
    if target.is_some() {
        add("Target", value(answer, target));
    }
    let status = match answer.status {
        Status::Normal => "Normal",
        Status::Warning => "Warning",
        Status::Critical => "Critical",
    };
    add("Status", answer.value.map_or(Value::Nothing, |_| Value::Text(status.into())));
    if let Some(unit) = answer.unit.as_ref().filter(|u| !u.is_empty()) {
        add("Unit", Value::Text(unit.clone()));
    }
    Sheet { columns, rows: vec![row], note: None }
}

fn points(chart: &Chart<'_>, answer: &MetricAnswer) -> Sheet {
    let mut columns = vec![chart.dimension()];
    for series in chart.series() {
        columns.push(series.label.clone());
        if !series.comparison.is_empty() {
            let several = chart.series().len() > 1;
            let name = if several {
                format!("{}, {}", series.label, chart.before().to_lowercase())
            } else {
                chart.before().into()
            };
            columns.push(name);
        }
    }
    let rows = chart.points().iter().enumerate().map(|(i, point)| {
        let mut row = vec![label(point, answer)];
        for series in chart.series() {
            row.push(value(answer, series.points.get(i).and_then(|p| p.value)));
            if !series.comparison.is_empty() {
                row.push(value(answer, series.comparison.get(i).and_then(|p| p.value)));
            }
        }
        row
    });
    // No total: whoever sums the column up would count everything twice.
    Sheet { columns, rows: rows.collect(), note: None }
}

/// Days as days, months and longer by their first day, groups by their names.
fn label(point: &Point, answer: &MetricAnswer) -> Value {
    use metrics::Grain;
    let day = point.key.get(..10).and_then(|key| key.parse::<NaiveDate>().ok());
    match (answer.grain, day) {
        (Some(Grain::Day | Grain::Week), Some(day)) => Value::Date(day),
        (Some(Grain::Month), Some(day)) => Value::Month(day),
        _ => Value::Text(point.label.clone()),
    }
}

fn records(rows: &metrics::Rows) -> Sheet {
    let cell = |cell: &metrics::Cell| match cell {
        metrics::Cell::Nothing => Value::Nothing,
        metrics::Cell::Text(text) => Value::Text(text.clone()),
        metrics::Cell::Number(n) => Value::Number(*n),
        metrics::Cell::Money { amount, currency } => Value::Money(*amount, currency.clone()),
        metrics::Cell::Date(day) => Value::Date(*day),
        metrics::Cell::YesNo(yes) => Value::Text(if *yes { "Yes" } else { "No" }.into()),
    };
    let shown = rows.rows.len() as i64;
    Sheet {
        columns: rows.columns.iter().map(|c| c.label.clone()).collect(),
        rows: rows.rows.iter().map(|row| row.cells.iter().map(cell).collect()).collect(),
        note: (rows.total > shown).then(|| format!("{shown} of {} rows", rows.total)),
    }
}
