//! One struct of settings per kind.

use super::{is_default, parts::*};
use crate::metrics::{AlertKind, Grain};
use chrono::NaiveDate;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use serde_json::Value;

#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct KpiSettings {
    #[serde(flatten)]
    pub figure: Figure,
    #[serde(skip_serializing_if = "CompareWith::is_dashboard")]
    pub comparison: CompareWith,
    /// In place of the metric's own target.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target: Option<Decimal>,
    #[serde(flatten)]
    pub limits: Limits,
    /// Whether the course is drawn below the number. On unless turned off.
    pub sparkline: bool,
}

/// For line and area charts.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct TrendSettings {
    #[serde(flatten)]
    pub figure: Figure,
    /// `None`: what suits the length of the time range.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub grain: Option<Grain>,
    /// A line for each value of this field.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub group_by: Option<String>,
    /// At most so many lines; what is left is added up as "Other". 5 unless given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
    #[serde(skip_serializing_if = "CompareWith::is_dashboard")]
    pub comparison: CompareWith,
    /// Drawn as a line of its own, like the limits.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target: Option<Decimal>,
    #[serde(flatten)]
    pub limits: Limits,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Bars {
    /// Upright for time and for a few short names, lying otherwise.
    #[default]
    Auto,
    Upright,
    Lying,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct BarSettings {
    #[serde(flatten)]
    pub figure: Figure,
    /// A bar for each value of this field.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub group_by: Option<String>,
    /// A bar for each period.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub grain: Option<Grain>,
    #[serde(rename = "sort", skip_serializing_if = "is_default")]
    pub order: Order,
    /// At most so many bars; what is left is added up as "Other".
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
    #[serde(skip_serializing_if = "CompareWith::is_dashboard")]
    pub comparison: CompareWith,
    #[serde(skip_serializing_if = "is_default")]
    pub bars: Bars,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target: Option<Decimal>,
    #[serde(flatten)]
    pub limits: Limits,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct DonutSettings {
    #[serde(flatten)]
    pub figure: Figure,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub group_by: Option<String>,
    #[serde(rename = "sort", skip_serializing_if = "is_default")]
    pub order: Order,
    /// Slices; what is left is added up as "Other". 5 unless given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct GaugeSettings {
    #[serde(flatten)]
    pub figure: Figure,
    /// The gauge's ends: 0 and 100 for percentages; otherwise 0 and what has room for all marks.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min: Option<Decimal>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max: Option<Decimal>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target: Option<Decimal>,
    #[serde(flatten)]
    pub limits: Limits,
    #[serde(skip_serializing_if = "CompareWith::is_dashboard")]
    pub comparison: CompareWith,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct RingSettings {
    #[serde(flatten)]
    pub figure: Figure,
    /// What counts as the whole ring. Percentages have 100; other metrics their own target.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target: Option<Decimal>,
    #[serde(flatten)]
    pub limits: Limits,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct SparklineSettings {
    #[serde(flatten)]
    pub figure: Figure,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub grain: Option<Grain>,
    #[serde(skip_serializing_if = "CompareWith::is_dashboard")]
    pub comparison: CompareWith,
    #[serde(flatten)]
    pub limits: Limits,
}

/// A table shows either records of a source or one metric by group.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub enum TableSettings {
    Records(RecordsTable),
    Metric(MetricTable),
}

#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct RecordsTable {
    /// A source of the catalogue, such as payments.
    pub source: String,
    #[serde(flatten)]
    pub common: Common,
    /// Fields of the source; none means the source's own choice.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub columns: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub filters: Vec<Value>,
    /// A field, with a minus before it for the largest first: `-amount`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sort: Option<String>,
    /// Rows on a page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
    /// The page that somebody has turned to, from 0; never stored.
    #[serde(skip)]
    pub page: u32,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct MetricTable {
    #[serde(flatten)]
    pub figure: Figure,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub group_by: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub grain: Option<Grain>,
    #[serde(rename = "sort", skip_serializing_if = "is_default")]
    pub order: Order,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
    #[serde(skip_serializing_if = "CompareWith::is_dashboard")]
    pub comparison: CompareWith,
    #[serde(flatten)]
    pub limits: Limits,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct AlertsSettings {
    #[serde(flatten)]
    pub common: Common,
    /// Only alerts of this kind; spec 4 has inventory and payments.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub filter: Option<AlertKind>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CalendarLayer {
    Payments,
    Budgets,
    /// What was imported, booked and changed.
    Events,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct CalendarSettings {
    #[serde(flatten)]
    pub common: Common,
    /// Which kinds of entry; none means all.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub show: Vec<CalendarLayer>,
    /// The first day of the month that somebody has turned to; never stored.
    #[serde(skip)]
    pub month: Option<NaiveDate>,
}

impl CalendarSettings {
    pub fn shows(&self, layer: CalendarLayer) -> bool {
        self.show.is_empty() || self.show.contains(&layer)
    }
}

#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct NotesSettings {
    #[serde(flatten)]
    pub common: Common,
    /// Markdown.
    pub text: String,
}
