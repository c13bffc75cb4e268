//! Questions to the engine and its answers.

use super::{Filters, Lack};
use crate::ids::MetricId;
use chrono::{DateTime, NaiveDate, Utc};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

/// How wide one point of a series is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Grain {
    Hour,
    Day,
    Week,
    Month,
    Quarter,
    Year,
}

/// What a value is set beside.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Comparison {
    /// The period of the same length that ends where this one begins.
    PreviousPeriod,
    YearBefore,
}

/// From when to when, in the words of the time-range picker: `now-12M/M`, `now/M`, `2026-01-31`.
/// `from` is included, `to` is not. An absent bound is open.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct TimeRange {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
}

/// A [`TimeRange`] at one moment, in the organisation's time zone. `from` included, `to` not.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct Period {
    pub from: Option<NaiveDate>,
    pub to: Option<NaiveDate>,
}

/// A question to the engine.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct MetricQuery {
    /// The code of a definition: `total_revenue`.
    pub metric: String,
    #[serde(default)]
    pub range: TimeRange,
    /// Asks for a series over time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub grain: Option<Grain>,
    /// Asks for a value per value of this dimension of the metric's source.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group_by: Option<String>,
    /// Conditions in the formula language, all of which must hold.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(feature = "ssr", schema(value_type = Vec<Object>))]
    pub filters: Vec<serde_json::Value>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comparison: Option<Comparison>,
    /// At most so many groups (1 to 1,000), largest first; the rest are added up as "Other".
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
    /// What the whole dashboard is narrowed down to: those that the metric has no field for are left out.
    #[serde(skip)]
    pub narrowed: Filters,
}

/// How a value is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum ValueFormat {
    #[default]
    Number,
    Currency,
    /// 0 to 100 and beyond: 41.8 is written "41.8 %".
    Percentage,
    /// Seconds.
    Duration,
}

/// How a value stands against its definition's thresholds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Status {
    #[default]
    Normal,
    Warning,
    Critical,
}

/// Which way a metric is meant to go; decides whether a change is good or bad, and how thresholds read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    #[default]
    HigherIsBetter,
    LowerIsBetter,
    /// Neither: a change is shown without praise or blame.
    Neutral,
}

impl Direction {
    /// Where a value has reached a threshold: "at or below" it, where higher is better.
    pub const fn reached(self) -> &'static str {
        match self {
            Self::HigherIsBetter => "at or below",
            Self::LowerIsBetter | Self::Neutral => "at or above",
        }
    }

    /// How `value` stands against thresholds, of which 0 is as good as any. Where lower is better, a threshold is
    /// reached from below; where higher is better, from above. Without a direction, higher counts as worse.
    pub fn status(self, value: Option<Decimal>, warning: Option<Decimal>, critical: Option<Decimal>) -> Status {
        let Some(value) = value else { return Status::Normal };
        let reached = |threshold: Option<Decimal>| match (self, threshold) {
            (_, None) => false,
            (Self::HigherIsBetter, Some(threshold)) => value <= threshold,
            (Self::LowerIsBetter | Self::Neutral, Some(threshold)) => value >= threshold,
        };
        if reached(critical) {
            Status::Critical
        } else if reached(warning) {
            Status::Warning
        } else {
            Status::Normal
        }
    }
}

/// What a metric is called and how it is computed; one version of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema, sqlx::FromRow))]
pub struct Definition {
    pub id: MetricId,
    pub code: String,
    pub version: i32,
    pub name: String,
    pub description: String,
    /// In the formula language.
    #[cfg_attr(feature = "ssr", schema(value_type = Object))]
    pub formula: serde_json::Value,
    /// What stands behind the number; currency values carry the organisation's currency instead.
    pub unit: Option<String>,
    #[cfg_attr(feature = "ssr", sqlx(try_from = "String"))]
    pub format: ValueFormat,
    #[cfg_attr(feature = "ssr", schema(value_type = Option<String>))]
    pub target: Option<Decimal>,
    #[cfg_attr(feature = "ssr", schema(value_type = Option<String>))]
    pub warning_threshold: Option<Decimal>,
    #[cfg_attr(feature = "ssr", schema(value_type = Option<String>))]
    pub critical_threshold: Option<Decimal>,
    #[cfg_attr(feature = "ssr", sqlx(try_from = "String"))]
    pub direction: Direction,
    /// FINANCIAL, SALES, INVENTORY …
    pub category: String,
    /// Seconds, at least 60.
    pub refresh_rate: i32,
    /// How it is drawn over time when a question asks for neither a grain nor a grouping.
    pub default_grain: Option<String>,
    pub default_group: Option<String>,
    pub effective_at: DateTime<Utc>,
    pub deprecated_at: Option<DateTime<Utc>>,
    /// Belongs to everyone; no tenant can change it.
    pub system: bool,
}

/// Reads a value of an enum by the name that it has in JSON and in the database.
fn by_name<T: for<'a> Deserialize<'a>>(name: String) -> Result<T, String> {
    serde_json::from_value(serde_json::Value::String(name.clone())).map_err(|_| format!("“{name}” is unknown."))
}

impl ValueFormat {
    /// As JSON and the database write it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Number => "number",
            Self::Currency => "currency",
            Self::Percentage => "percentage",
            Self::Duration => "duration",
        }
    }
}

impl Direction {
    /// As JSON and the database write it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::HigherIsBetter => "higher_is_better",
            Self::LowerIsBetter => "lower_is_better",
            Self::Neutral => "neutral",
        }
    }
}

impl TryFrom<String> for ValueFormat {
    type Error = String;
    fn try_from(name: String) -> Result<Self, String> {
        by_name(name)
    }
}

impl TryFrom<String> for Direction {
    type Error = String;
    fn try_from(name: String) -> Result<Self, String> {
        by_name(name)
    }
}

/// Asks for rows of a source, for tables and calendars.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct RowsQuery {
    /// `transactions`, `payments`, `budgets` or `materials`.
    pub source: String,
    /// Fields of the source; none gives them all.
    #[serde(default)]
    pub columns: Vec<String>,
    #[serde(default)]
    pub range: TimeRange,
    /// The date field that the range selects by; the source's own unless named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub date: Option<String>,
    /// Conditions in the formula language, all of which must hold.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(feature = "ssr", schema(value_type = Vec<Object>))]
    pub filters: Vec<serde_json::Value>,
    /// A field of the source; its date, latest first, unless named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sort: Option<String>,
    #[serde(default)]
    pub descending: bool,
    /// So many rows are passed over.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub offset: u32,
    /// 1 to 500; 50 unless given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
    /// What the whole dashboard is narrowed down to: those that the source has no field for are left out.
    #[serde(skip)]
    pub narrowed: Filters,
}

fn is_zero(n: &u32) -> bool {
    *n == 0
}

/// Rows of a source, and how many there are in all.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct Rows {
    pub source: String,
    pub columns: Vec<Column>,
    pub rows: Vec<Row>,
    /// How many of those that meet the conditions come before these.
    #[serde(default)]
    pub offset: u32,
    /// How many rows meet the conditions, shown here or not.
    pub total: i64,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct Column {
    pub name: String,
    /// For people: "Due".
    pub label: String,
    /// Right-aligned.
    pub numeric: bool,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct Row {
    #[cfg_attr(feature = "ssr", schema(value_type = uuid::Uuid))]
    pub id: uuid::Uuid,
    /// In step with the columns.
    pub cells: Vec<Cell>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(tag = "kind", content = "value", rename_all = "snake_case")]
pub enum Cell {
    Nothing,
    Text(String),
    Number(Decimal),
    Money { amount: Decimal, currency: String },
    Date(NaiveDate),
    YesNo(bool),
}

/// What an alert is about. Filters of alert feeds use the same names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum AlertKind {
    /// Materials at or below their minimum.
    Inventory,
    /// Payments past their due date.
    Payments,
    /// Budgets of the current month that are used up.
    Budgets,
}

impl AlertKind {
    pub const ALL: [AlertKind; 3] = [AlertKind::Inventory, AlertKind::Payments, AlertKind::Budgets];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Inventory => "inventory",
            Self::Payments => "payments",
            Self::Budgets => "budgets",
        }
    }
}

/// Something that somebody should look at.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct Alert {
    pub kind: AlertKind,
    pub severity: Status,
    /// "Low stock: HL Road Frame, Black 58".
    pub title: String,
    /// "375 left, minimum 500".
    pub detail: String,
    /// `material`, `payment` or `budget`.
    pub entity_type: String,
    #[cfg_attr(feature = "ssr", schema(value_type = uuid::Uuid))]
    pub entity_id: uuid::Uuid,
    /// The page of the record.
    pub href: String,
}

/// What the engine answers. Every part of it comes from the same snapshot of the data.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct MetricAnswer {
    pub code: String,
    pub name: String,
    /// `None`: no value, such as a rate of nothing. Not 0.
    #[cfg_attr(feature = "ssr", schema(value_type = Option<String>))]
    pub value: Option<Decimal>,
    /// How many rows the value was made of.
    pub count: i64,
    /// The same in words: "225 payments".
    pub counted: String,
    pub format: ValueFormat,
    /// What stands behind the number: "items", "%". For currency values the ISO code.
    pub unit: Option<String>,
    pub direction: Direction,
    pub status: Status,
    #[cfg_attr(feature = "ssr", schema(value_type = Option<String>))]
    pub target: Option<Decimal>,
    #[cfg_attr(feature = "ssr", schema(value_type = Option<String>))]
    pub comparison_value: Option<Decimal>,
    /// Against the comparison value, in percent of it. `None` without a comparison, or when that was 0 or nothing. What is
    /// in percent itself moves by percentage points, for people: by `value` less `comparison_value`.
    #[cfg_attr(feature = "ssr", schema(value_type = Option<String>))]
    pub change_percent: Option<Decimal>,
    pub period: Period,
    pub comparison_period: Option<Period>,
    pub grain: Option<Grain>,
    pub group_by: Option<String>,
    /// One entry for most metrics; several where a definition has several parts (income and expense).
    /// Empty unless a grain or a grouping was asked for.
    pub series: Vec<Series>,
    /// Whether the question had filters of its own: nothing to show then does not mean that there are no records.
    #[serde(default)]
    pub filtered: bool,
    /// The kinds of record that it is made of: `transactions`.
    #[serde(default)]
    pub sources: Vec<String>,
    /// Whether it says how things stand now, whatever the time range.
    #[serde(default)]
    pub standing: bool,
    /// What kept records from it, for those who draw it. Whether there are any at all is said by `sources::note_lack`.
    #[serde(skip)]
    pub lack: Lack,
    pub as_of: DateTime<Utc>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct Series {
    pub label: String,
    pub points: Vec<Point>,
    /// The comparison period's points, in step with `points`; empty without a comparison.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub comparison: Vec<Point>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct Point {
    /// The group's value, or the first day of the bucket as `2026-10-01`.
    pub key: String,
    /// For people: "Salaries", "Oct 2026".
    pub label: String,
    #[cfg_attr(feature = "ssr", schema(value_type = Option<String>))]
    pub value: Option<Decimal>,
}

/// How an answer comes about.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct Explanation {
    pub definition: Definition,
    /// "The sum of amount of the transactions where type is income". Absent for a metric of parts only.
    pub words: Option<String>,
    /// "Income: “Cash in”".
    pub parts: Vec<String>,
    /// The formula in its canonical form.
    #[cfg_attr(feature = "ssr", schema(value_type = Object))]
    pub formula: serde_json::Value,
    /// The codes of the metrics that the formula refers to.
    pub references: Vec<String>,
    /// What they are called, in the same order.
    #[serde(default)]
    pub reference_names: Vec<String>,
    pub sources: Vec<SourceUse>,
    /// What else one should know about the number.
    pub notes: Vec<String>,
    /// The statement; `$1` and so on are `binds`.
    pub sql: String,
    pub binds: Vec<String>,
    pub period: Period,
    pub comparison_period: Option<Period>,
}

/// A source that an answer reads.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct SourceUse {
    pub source: String,
    pub label: String,
    /// The date by which the range selects; absent for what is as of now.
    pub date: Option<String>,
    /// Where it is read from: the rows, or the sums that the database keeps by month.
    pub table: String,
}

/// A metric to create, or a new version of one's own.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct NewDefinition {
    /// Small letters, digits and `_`: `revenue_per_order`.
    pub code: String,
    pub name: String,
    #[serde(default)]
    pub description: String,
    #[cfg_attr(feature = "ssr", schema(value_type = Object))]
    pub formula: serde_json::Value,
    #[serde(default)]
    pub unit: Option<String>,
    #[serde(default)]
    pub format: ValueFormat,
    #[serde(default)]
    #[cfg_attr(feature = "ssr", schema(value_type = Option<String>))]
    pub target: Option<Decimal>,
    #[serde(default)]
    #[cfg_attr(feature = "ssr", schema(value_type = Option<String>))]
    pub warning_threshold: Option<Decimal>,
    #[serde(default)]
    #[cfg_attr(feature = "ssr", schema(value_type = Option<String>))]
    pub critical_threshold: Option<Decimal>,
    #[serde(default = "neutral")]
    pub direction: Direction,
    #[serde(default = "operational")]
    pub category: String,
    /// Seconds, at least 60.
    #[serde(default = "a_minute")]
    pub refresh_rate: i32,
    #[serde(default)]
    pub default_grain: Option<Grain>,
    #[serde(default)]
    pub default_group: Option<String>,
}

fn neutral() -> Direction {
    Direction::Neutral
}

fn operational() -> String {
    "OPERATIONAL".to_owned()
}

fn a_minute() -> i32 {
    60
}

/// What definitions are filed under, with the headings that pages give them.
pub const CATEGORIES: [(&str, &str); 7] = [
    ("FINANCIAL", "Financial"),
    ("SALES", "Sales"),
    ("INVENTORY", "Inventory"),
    ("OPERATIONAL", "Operational"),
    ("PRODUCTIVITY", "Productivity"),
    ("PARTNER", "Partners"),
    ("PLATFORM", "Platform"),
];
