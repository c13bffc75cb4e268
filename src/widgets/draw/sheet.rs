//! What a widget shows, as cells: for CSV, spreadsheets and programs.

use super::{
    data::{Data, Found, left_out},
    feed,
    plot::{Chart, dimension},
    table,
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

impl Sheet {
    /// A file's amounts are plain numbers, so a column of its own says in what currency each row's are, unless the rows do.
    fn with_currency(mut self) -> Self {
        let unsaid = |row: &Vec<Value>| {
            currency(row)
                .is_some_and(|code| !row.iter().any(|value| matches!(value, Value::Text(text) if text == code)))
        };
        if self.rows.iter().any(unsaid) {
            self.columns.push("Currency".into());
            for row in &mut self.rows {
                let code = currency(row).map_or(Value::Nothing, |code| Value::Text(code.to_owned()));
                row.push(code);
            }
        }
        self
    }
}

fn currency(row: &[Value]) -> Option<&str> {
    row.iter().find_map(|value| if let Value::Money(_, code) = value { Some(code.as_str()) } else { None })
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
        self.plain_sheets().into_iter().map(Sheet::with_currency).collect()
    }

    fn plain_sheets(&self) -> Vec<Sheet> {
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
                    let is_table = matches!(self.settings, WidgetSettings::DataTable(_));
                    sheets.push(points(&chart, answer, table::shared(answer).filter(|_| is_table)));
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
                note: more.then(|| feed::note(alerts.len())),
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

/// `whole`: what the groups are told their shares of.
fn points(chart: &Chart<'_>, answer: &MetricAnswer, whole: Option<Decimal>) -> Sheet {
    let mut columns = vec![dimension(answer).to_owned()];
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
    columns.extend(whole.map(|_| "Share".to_owned()));
    let rows = chart.points().iter().enumerate().map(|(i, point)| {
        let mut row = vec![label(point, answer)];
        for series in chart.series() {
            row.push(value(answer, series.points.get(i).and_then(|p| p.value)));
            if !series.comparison.is_empty() {
                row.push(value(answer, series.comparison.get(i).and_then(|p| p.value)));
            }
        }
        if let Some(whole) = whole {
            let share = table::share(point, whole).map(|share| share.round_dp(4).normalize());
            row.push(share.map_or(Value::Nothing, Value::Percent));
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
    Sheet {
        columns: rows.columns.iter().map(|c| c.label.clone()).collect(),
        rows: rows.rows.iter().map(|row| row.cells.iter().map(cell).collect()).collect(),
        note: left_out(rows),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]
    use super::{
        super::{
            gallery::{d, groups, settings},
            nothing::Nothing,
        },
        *,
    };
    use crate::widgets::WidgetKind;
    use serde_json::json;

    fn text(text: &str) -> Value {
        Value::Text(text.into())
    }

    #[test]
    fn rows_of_amounts_name_their_currencies_once() {
        let amounts = |rows: &[(&str, &str)]| {
            let rows = rows.iter().map(|(name, code)| vec![text(name), Value::Money(d("1250"), (*code).into())]);
            Sheet { columns: vec!["Vendor".into(), "Amount".into()], rows: rows.collect(), note: None }.with_currency()
        };
        let mixed = amounts(&[("Litware", "EUR"), ("Contoso", "USD")]);
        assert_eq!(mixed.columns, ["Vendor", "Amount", "Currency"]);
        assert_eq!((&mixed.rows[0][2], &mixed.rows[1][2]), (&text("EUR"), &text("USD")));
        assert_eq!(amounts(&[("EUR", "EUR")]).columns.len(), 2, "the row says it");
    }

    #[test]
    fn a_table_s_file_has_the_columns_and_the_notes_of_its_page() {
        let answer = MetricAnswer {
            sources: vec!["payments".into()],
            group_by: Some("party".into()),
            ..groups(&[("Litware", "2"), ("Contoso", "1")])
        };
        let json = json!({"metric": "pending_payments", "group_by": "party"});
        let settings = settings(WidgetKind::DataTable, json);
        let found = Found { settings: settings.clone(), comparison: None, data: Data::Metric(answer) };
        let sheet = found.sheets().remove(0);
        assert_eq!(sheet.columns, ["Vendor or customer", "Expenses", "Share", "Currency"]);
        assert_eq!(sheet.rows[0][2], Value::Percent(d("66.6667")));

        let rows = metrics::Rows {
            offset: 0,
            source: "payments".into(),
            columns: vec![],
            rows: vec![metrics::Row { id: uuid::Uuid::nil(), cells: vec![] }],
            total: 7974,
        };
        let found = Found { settings, comparison: None, data: Data::Rows(rows, Nothing::default()) };
        assert_eq!(found.sheets()[0].note.as_deref(), Some("1 of 7,974 rows"));
    }
}
