//! What a widget shows: one struct of settings per kind, parsed from JSON and never half right.
//!
//! JSON is read strictly (an unknown field is an error, and all errors are told at once) and kindly (a
//! number may be a text, an empty text means "not given"), so that a form's fields can be sent as they are.
//! What can be set, and within which bounds, stands in [`schema`](self::schema()).

mod carry;
mod kinds;
mod parts;
mod reader;
mod schema;

pub use carry::carry_over;
pub use kinds::*;
pub use parts::*;
pub use schema::{COLORS, Choice, Control, Field, MAX_NOTE, REFRESH, Section, When, schema};

use super::WidgetKind;
use crate::{accounts::Role, error::AppError, metrics::Grain};
use reader::Reader;
use rust_decimal::Decimal;
use serde::Serialize;
use serde_json::{Map, Value};

const CHOOSE_METRIC: &str = "Choose a metric by its code, such as total_revenue.";

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

    /// What a kind that shows a metric shows; nothing for the others.
    pub fn figure(&self) -> Option<&Figure> {
        match self {
            Self::Kpi(s) => Some(&s.figure),
            Self::LineChart(s) | Self::AreaChart(s) => Some(&s.figure),
            Self::BarChart(s) => Some(&s.figure),
            Self::DonutChart(s) => Some(&s.figure),
            Self::Gauge(s) => Some(&s.figure),
            Self::ProgressRing(s) => Some(&s.figure),
            Self::Sparkline(s) => Some(&s.figure),
            Self::DataTable(TableSettings::Metric(s)) => Some(&s.figure),
            Self::DataTable(TableSettings::Records(_)) | Self::AlertsFeed(_) | Self::Calendar(_) | Self::Notes(_) => {
                None
            }
        }
    }

    pub fn common(&self) -> &Common {
        match self {
            Self::DataTable(TableSettings::Records(s)) => &s.common,
            Self::AlertsFeed(s) => &s.common,
            Self::Calendar(s) => &s.common,
            Self::Notes(s) => &s.common,
            Self::Kpi(KpiSettings { figure, .. })
            | Self::LineChart(TrendSettings { figure, .. })
            | Self::AreaChart(TrendSettings { figure, .. })
            | Self::BarChart(BarSettings { figure, .. })
            | Self::DonutChart(DonutSettings { figure, .. })
            | Self::Gauge(GaugeSettings { figure, .. })
            | Self::ProgressRing(RingSettings { figure, .. })
            | Self::Sparkline(SparklineSettings { figure, .. })
            | Self::DataTable(TableSettings::Metric(MetricTable { figure, .. })) => &figure.common,
        }
    }

    /// The given title, or one made of what is shown.
    pub fn title(&self) -> String {
        if let Some(title) = &self.common().title {
            return title.clone();
        }
        match self {
            Self::AlertsFeed(_) => WidgetKind::AlertsFeed.label().into(),
            Self::Calendar(_) => WidgetKind::Calendar.label().into(),
            Self::Notes(_) => WidgetKind::Notes.label().into(),
            Self::DataTable(TableSettings::Records(s)) => from_code(&s.source),
            _ => self.figure().map(Figure::title).unwrap_or_default(),
        }
    }

    /// The metric that is shown, for links to its page.
    pub fn metric(&self) -> Option<&str> {
        self.figure().map(|figure| figure.metric.as_str())
    }

    /// Whether somebody in this role may know of the widget at all.
    pub fn visible_to(&self, role: Role) -> bool {
        self.common().visible_to(role)
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
    let mut r = Reader::new(kind, object);
    let settings = read(kind, &mut r);
    r.finish(settings)
}

fn read(kind: WidgetKind, r: &mut Reader<'_>) -> WidgetSettings {
    match kind {
        WidgetKind::Kpi => WidgetSettings::Kpi(KpiSettings {
            figure: figure(r),
            comparison: comparison(r),
            target: r.decimal("target"),
            limits: limits(r),
            sparkline: r.flag("sparkline"),
        }),
        WidgetKind::LineChart => WidgetSettings::LineChart(trend(r)),
        WidgetKind::AreaChart => WidgetSettings::AreaChart(trend(r)),
        WidgetKind::BarChart => {
            let settings = BarSettings {
                figure: figure(r),
                group_by: r.code("group_by"),
                grain: r.choice("grain"),
                order: r.choice("sort").unwrap_or_default(),
                limit: r.whole("limit"),
                comparison: comparison(r),
                bars: r.choice("bars").unwrap_or_default(),
                target: r.decimal("target"),
                limits: limits(r),
            };
            either_group_or_grain(r, &settings.group_by, settings.grain);
            WidgetSettings::BarChart(settings)
        }
        WidgetKind::DonutChart => WidgetSettings::DonutChart(DonutSettings {
            figure: figure(r),
            group_by: r.code("group_by"),
            order: r.choice("sort").unwrap_or_default(),
            limit: r.whole("limit"),
        }),
        WidgetKind::Gauge => {
            let settings = GaugeSettings {
                figure: figure(r),
                min: r.decimal("min"),
                max: r.decimal("max"),
                target: r.decimal("target"),
                limits: limits(r),
                comparison: comparison(r),
            };
            if matches!((settings.min, settings.max), (Some(min), Some(max)) if max <= min) {
                r.errors.add("max", "The upper end must be above the lower end.");
            }
            WidgetSettings::Gauge(settings)
        }
        WidgetKind::ProgressRing => {
            let settings = RingSettings { figure: figure(r), target: r.decimal("target"), limits: limits(r) };
            if settings.target.is_some_and(|t| t <= Decimal::ZERO) {
                r.errors.add("target", "The target must be above 0.");
            }
            WidgetSettings::ProgressRing(settings)
        }
        WidgetKind::Sparkline => WidgetSettings::Sparkline(SparklineSettings {
            figure: figure(r),
            grain: r.choice("grain"),
            comparison: comparison(r),
            limits: limits(r),
        }),
        WidgetKind::DataTable => WidgetSettings::DataTable(table(r)),
        WidgetKind::AlertsFeed => WidgetSettings::AlertsFeed(AlertsSettings {
            common: common(r),
            filter: r.choice("filter"),
            limit: r.whole("limit"),
        }),
        WidgetKind::Calendar => {
            WidgetSettings::Calendar(CalendarSettings { common: dated(r), show: r.choices("show"), month: None })
        }
        WidgetKind::Notes => WidgetSettings::Notes(NotesSettings {
            common: Common { title: r.text("title"), roles: r.roles("roles"), ..Common::default() },
            text: r.text("text").unwrap_or_default(),
        }),
    }
}

fn table(r: &mut Reader<'_>) -> TableSettings {
    if r.has_value("metric") || !r.has_value("source") {
        r.form(When::WithMetric);
        let settings = MetricTable {
            figure: Figure {
                metric: r.required_code("metric", CHOOSE_METRIC),
                common: dated(r),
                filters: r.filters("filters"),
                format: r.choice("format"),
                notation: Notation::default(),
                decimals: r.whole("decimals"),
                color: color(r),
            },
            group_by: r.code("group_by"),
            grain: r.choice("grain"),
            order: r.choice("sort").unwrap_or_default(),
            limit: r.whole("limit"),
            comparison: comparison(r),
            limits: limits(r),
        };
        either_group_or_grain(r, &settings.group_by, settings.grain);
        return TableSettings::Metric(settings);
    }
    r.form(When::WithSource);
    TableSettings::Records(RecordsTable {
        source: r.code("source").unwrap_or_default(),
        common: dated(r),
        columns: r.codes("columns"),
        filters: r.filters("filters"),
        sort: r.code("sort"),
        limit: r.whole("limit"),
        page: 0,
    })
}

fn figure(r: &mut Reader<'_>) -> Figure {
    Figure {
        metric: r.required_code("metric", CHOOSE_METRIC),
        common: dated(r),
        filters: r.filters("filters"),
        format: r.choice("format"),
        notation: r.choice("notation").unwrap_or_default(),
        decimals: r.whole("decimals"),
        color: color(r),
    }
}

/// What every kind has that looks at data.
fn common(r: &mut Reader<'_>) -> Common {
    Common { title: r.text("title"), range: None, refresh: r.whole("refresh"), roles: r.roles("roles") }
}

/// What every kind has that looks at data of a time.
fn dated(r: &mut Reader<'_>) -> Common {
    Common { range: r.range("range"), ..common(r) }
}

fn trend(r: &mut Reader<'_>) -> TrendSettings {
    TrendSettings {
        figure: figure(r),
        grain: r.choice("grain"),
        group_by: r.code("group_by"),
        limit: r.whole("limit"),
        comparison: comparison(r),
        target: r.decimal("target"),
        limits: limits(r),
    }
}

fn color(r: &mut Reader<'_>) -> Option<Color> {
    r.color("color").map(|n| Color::nth(n as usize - 1))
}

fn comparison(r: &mut Reader<'_>) -> CompareWith {
    r.choice("comparison").unwrap_or_default()
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
pub fn from_code(code: &str) -> String {
    let words = code.replace(['_', '-', '.'], " ");
    let mut letters = words.chars();
    match letters.next() {
        Some(first) => first.to_uppercase().chain(letters).collect(),
        None => words,
    }
}

#[cfg(test)]
mod tests;
