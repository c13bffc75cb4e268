//! What a widget shows: one struct of settings per kind, parsed from JSON and never half right.
//!
//! JSON is read strictly (an unknown field is an error, and all errors are told at once) and kindly (a
//! number may be a text, an empty text means "not given"), so that a form's fields can be sent as they are.

mod reader;

use super::WidgetKind;
use crate::{
    error::AppError,
    metrics::{AlertKind, Comparison, Grain},
};
use reader::Reader;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// Characters that a note may have.
pub const MAX_NOTE: usize = 10_000;
const MAX_TITLE: usize = 100;
const CHOOSE_METRIC: &str = "Choose a metric, such as total_revenue.";
const GRAINS: &str = "hour, day, week, month, quarter, year";

/// What a widget is set beside: what its dashboard says, or its own choice.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CompareWith {
    #[default]
    Dashboard,
    Nothing,
    PreviousPeriod,
    YearBefore,
}

impl CompareWith {
    /// What to ask the engine for, on a dashboard that compares with `dashboard`.
    pub fn or(self, dashboard: Option<Comparison>) -> Option<Comparison> {
        match self {
            Self::Dashboard => dashboard,
            Self::Nothing => None,
            Self::PreviousPeriod => Some(Comparison::PreviousPeriod),
            Self::YearBefore => Some(Comparison::YearBefore),
        }
    }

    fn is_dashboard(&self) -> bool {
        *self == Self::Dashboard
    }
}

/// One of the six series colours, 1 to 6.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Color(u8);

impl Color {
    /// Colour of the `index`-th thing of a drawing; after six they begin again.
    pub const fn nth(index: usize) -> Self {
        Self((index % 6) as u8 + 1)
    }

    /// The CSS class that sets `--c`: "s1" to "s6".
    pub const fn class(self) -> &'static str {
        match self.0 {
            1 => "s1",
            2 => "s2",
            3 => "s3",
            4 => "s4",
            5 => "s5",
            _ => "s6",
        }
    }

    /// The colour `steps` further on.
    pub const fn step(self, steps: usize) -> Self {
        Self::nth(self.0 as usize - 1 + steps)
    }
}

impl Default for Color {
    fn default() -> Self {
        Self::nth(0)
    }
}

/// From where on a value is a warning or critical. `None` leaves the metric's own limit in force; 0 is a limit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Limits {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub warning: Option<Decimal>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub critical: Option<Decimal>,
}

/// Which metric, and how its numbers are written: what all kinds that show a metric have in common.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Figure {
    /// The code of a metric's definition.
    pub metric: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// Conditions in the formula language, all of which must hold.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub filters: Vec<Value>,
    /// Places after the point; `None` means what suits the number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decimals: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub color: Option<Color>,
}

impl Figure {
    fn read(reader: &mut Reader<'_>) -> Self {
        Self {
            metric: reader.required_code("metric", CHOOSE_METRIC),
            title: reader.text("title", MAX_TITLE),
            filters: reader.filters(),
            decimals: reader.whole("decimals", 0, 6),
            color: reader.whole("color", 1, 6).map(|n| Color::nth(n as usize - 1)),
        }
    }

    fn title(&self) -> String {
        self.title.clone().unwrap_or_else(|| from_code(&self.metric))
    }
}

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
    #[serde(skip_serializing_if = "CompareWith::is_dashboard")]
    pub comparison: CompareWith,
    /// Drawn as a line of its own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target: Option<Decimal>,
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
    /// At most so many bars; what is left is added up as "Other".
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
    #[serde(skip_serializing_if = "CompareWith::is_dashboard")]
    pub comparison: CompareWith,
    #[serde(skip_serializing_if = "is_default")]
    pub bars: Bars,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target: Option<Decimal>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct DonutSettings {
    #[serde(flatten)]
    pub figure: Figure,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub group_by: Option<String>,
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
}

#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct SparklineSettings {
    #[serde(flatten)]
    pub figure: Figure,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub grain: Option<Grain>,
    #[serde(skip_serializing_if = "CompareWith::is_dashboard")]
    pub comparison: CompareWith,
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
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// Fields of the source; none means the source's own choice.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub columns: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub filters: Vec<Value>,
    /// A field, with a minus before it for the largest first: `-amount`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sort: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct MetricTable {
    #[serde(flatten)]
    pub figure: Figure,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub group_by: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub grain: Option<Grain>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
    #[serde(skip_serializing_if = "CompareWith::is_dashboard")]
    pub comparison: CompareWith,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct AlertsSettings {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
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
}

#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct CalendarSettings {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// Which kinds of record; none means all.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub show: Vec<CalendarLayer>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct NotesSettings {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// Markdown.
    pub text: String,
}

/// The settings of one widget, of the struct that goes with its kind.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub enum WidgetSettings {
    Kpi(KpiSettings),
    LineChart(TrendSettings),
    BarChart(BarSettings),
    DonutChart(DonutSettings),
    AreaChart(TrendSettings),
    Gauge(GaugeSettings),
    DataTable(TableSettings),
    ProgressRing(RingSettings),
    Sparkline(SparklineSettings),
    AlertsFeed(AlertsSettings),
    Calendar(CalendarSettings),
    Notes(NotesSettings),
}

impl WidgetSettings {
    /// The form that is stored and sent; [`parse`] reads it back.
    pub fn to_json(&self) -> Value {
        // Strings for keys and nothing that can fail: only a map with other keys could.
        serde_json::to_value(self).unwrap_or(Value::Null)
    }

    /// The given title, or one made of what is shown.
    pub fn title(&self) -> String {
        let given = |title: &Option<String>, kind: WidgetKind| title.clone().unwrap_or_else(|| kind.label().into());
        match self {
            Self::Kpi(s) => s.figure.title(),
            Self::LineChart(s) | Self::AreaChart(s) => s.figure.title(),
            Self::BarChart(s) => s.figure.title(),
            Self::DonutChart(s) => s.figure.title(),
            Self::Gauge(s) => s.figure.title(),
            Self::ProgressRing(s) => s.figure.title(),
            Self::Sparkline(s) => s.figure.title(),
            Self::DataTable(TableSettings::Metric(s)) => s.figure.title(),
            Self::DataTable(TableSettings::Records(s)) => s.title.clone().unwrap_or_else(|| from_code(&s.source)),
            Self::AlertsFeed(s) => given(&s.title, WidgetKind::AlertsFeed),
            Self::Calendar(s) => given(&s.title, WidgetKind::Calendar),
            Self::Notes(s) => given(&s.title, WidgetKind::Notes),
        }
    }

    /// The metric that is shown, for links to its page.
    pub fn metric(&self) -> Option<&str> {
        let figure = match self {
            Self::Kpi(s) => &s.figure,
            Self::LineChart(s) | Self::AreaChart(s) => &s.figure,
            Self::BarChart(s) => &s.figure,
            Self::DonutChart(s) => &s.figure,
            Self::Gauge(s) => &s.figure,
            Self::ProgressRing(s) => &s.figure,
            Self::Sparkline(s) => &s.figure,
            Self::DataTable(TableSettings::Metric(s)) => &s.figure,
            Self::DataTable(TableSettings::Records(_)) | Self::AlertsFeed(_) | Self::Calendar(_) | Self::Notes(_) => {
                return None;
            }
        };
        Some(&figure.metric)
    }
}

/// Reads the settings of a widget of this kind. Null is read as "no settings".
pub fn parse(kind: WidgetKind, value: &Value) -> Result<WidgetSettings, AppError> {
    let empty = Map::new();
    let object = match value {
        Value::Null => &empty,
        Value::Object(object) => object,
        _ => return Err(AppError::invalid("The settings of a widget are a JSON object.")),
    };
    let mut r = Reader::new(object);
    match kind {
        WidgetKind::Kpi => {
            let settings = KpiSettings {
                figure: Figure::read(&mut r),
                comparison: comparison(&mut r),
                target: r.decimal("target"),
                limits: limits(&mut r),
                sparkline: r.flag("sparkline", true),
            };
            r.finish(WidgetSettings::Kpi(settings))
        }
        WidgetKind::LineChart => {
            let settings = trend(&mut r);
            r.finish(WidgetSettings::LineChart(settings))
        }
        WidgetKind::AreaChart => {
            let settings = trend(&mut r);
            r.finish(WidgetSettings::AreaChart(settings))
        }
        WidgetKind::BarChart => {
            let settings = BarSettings {
                figure: Figure::read(&mut r),
                group_by: r.code("group_by"),
                grain: r.choice("grain", GRAINS),
                limit: r.whole("limit", 1, 100),
                comparison: comparison(&mut r),
                bars: r.choice("bars", "auto, upright, lying").unwrap_or_default(),
                target: r.decimal("target"),
            };
            either_group_or_grain(&mut r, &settings.group_by, settings.grain);
            r.finish(WidgetSettings::BarChart(settings))
        }
        WidgetKind::DonutChart => {
            let settings = DonutSettings {
                figure: Figure::read(&mut r),
                group_by: r.code("group_by"),
                limit: r.whole("limit", 1, 12),
            };
            r.finish(WidgetSettings::DonutChart(settings))
        }
        WidgetKind::Gauge => {
            let settings = GaugeSettings {
                figure: Figure::read(&mut r),
                min: r.decimal("min"),
                max: r.decimal("max"),
                target: r.decimal("target"),
                limits: limits(&mut r),
                comparison: comparison(&mut r),
            };
            if matches!((settings.min, settings.max), (Some(min), Some(max)) if max <= min) {
                r.errors.add("max", "The upper end must be above the lower end.");
            }
            r.finish(WidgetSettings::Gauge(settings))
        }
        WidgetKind::ProgressRing => {
            let settings = RingSettings { figure: Figure::read(&mut r), target: r.decimal("target") };
            if settings.target.is_some_and(|t| t <= Decimal::ZERO) {
                r.errors.add("target", "The target must be above 0.");
            }
            r.finish(WidgetSettings::ProgressRing(settings))
        }
        WidgetKind::Sparkline => {
            let settings = SparklineSettings {
                figure: Figure::read(&mut r),
                grain: r.choice("grain", GRAINS),
                comparison: comparison(&mut r),
            };
            r.finish(WidgetSettings::Sparkline(settings))
        }
        WidgetKind::DataTable => table(r),
        WidgetKind::AlertsFeed => {
            let settings = AlertsSettings {
                title: r.text("title", MAX_TITLE),
                filter: r.choice("filter", "inventory, payments, budgets"),
                limit: r.whole("limit", 1, 50),
            };
            r.finish(WidgetSettings::AlertsFeed(settings))
        }
        WidgetKind::Calendar => {
            let settings =
                CalendarSettings { title: r.text("title", MAX_TITLE), show: r.choices("show", "payments, budgets") };
            r.finish(WidgetSettings::Calendar(settings))
        }
        WidgetKind::Notes => {
            let settings =
                NotesSettings { title: r.text("title", MAX_TITLE), text: r.text("text", MAX_NOTE).unwrap_or_default() };
            r.finish(WidgetSettings::Notes(settings))
        }
    }
}

fn table(mut r: Reader<'_>) -> Result<WidgetSettings, AppError> {
    if r.has_value("metric") || !r.has_value("source") {
        let settings = MetricTable {
            figure: Figure::read(&mut r),
            group_by: r.code("group_by"),
            grain: r.choice("grain", GRAINS),
            limit: r.whole("limit", 1, 200),
            comparison: comparison(&mut r),
        };
        either_group_or_grain(&mut r, &settings.group_by, settings.grain);
        return r.finish(WidgetSettings::DataTable(TableSettings::Metric(settings)));
    }
    let settings = RecordsTable {
        source: r.code("source").unwrap_or_default(),
        title: r.text("title", MAX_TITLE),
        columns: r.codes("columns", 20),
        filters: r.filters(),
        sort: r.code("sort"),
        limit: r.whole("limit", 1, 200),
    };
    r.finish(WidgetSettings::DataTable(TableSettings::Records(settings)))
}

fn trend(r: &mut Reader<'_>) -> TrendSettings {
    TrendSettings {
        figure: Figure::read(r),
        grain: r.choice("grain", GRAINS),
        comparison: comparison(r),
        target: r.decimal("target"),
    }
}

fn comparison(r: &mut Reader<'_>) -> CompareWith {
    r.choice("comparison", "dashboard, nothing, previous_period, year_before").unwrap_or_default()
}

fn limits(r: &mut Reader<'_>) -> Limits {
    Limits { warning: r.decimal("warning"), critical: r.decimal("critical") }
}

fn either_group_or_grain(r: &mut Reader<'_>, group_by: &Option<String>, grain: Option<Grain>) {
    if group_by.is_some() && grain.is_some() {
        r.errors.add("grain", "Choose groups or periods, not both.");
    }
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

/// "total_revenue" as people write it: "Total revenue".
fn from_code(code: &str) -> String {
    let words = code.replace(['_', '-', '.'], " ");
    let mut letters = words.chars();
    match letters.next() {
        Some(first) => first.to_uppercase().chain(letters).collect(),
        None => words,
    }
}

#[cfg(test)]
mod tests;
