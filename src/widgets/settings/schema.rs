//! What can be set, kind by kind, as plain data: the reader takes its bounds and choices from here, the panel its
//! controls, and the API its documentation.

use crate::widgets::WidgetKind;
use Control::*;

/// One setting of a kind.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "ssr", derive(serde::Serialize, utoipa::ToSchema))]
pub struct Field {
    /// Its name in JSON.
    pub name: &'static str,
    /// For people.
    pub label: &'static str,
    /// One sentence; empty where the label says it all.
    pub help: &'static str,
    pub section: Section,
    /// Which form of a table has it.
    pub when: When,
    #[cfg_attr(feature = "ssr", serde(flatten))]
    pub control: Control,
}

/// Under which heading a setting stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "ssr", derive(serde::Serialize, utoipa::ToSchema), serde(rename_all = "snake_case"))]
pub enum Section {
    Shows,
    Data,
    Looks,
    Limits,
    Access,
}

impl Section {
    pub const ALL: [Section; 5] = [Self::Shows, Self::Data, Self::Looks, Self::Limits, Self::Access];

    pub const fn label(self) -> &'static str {
        match self {
            Self::Shows => "Shows",
            Self::Data => "Which data",
            Self::Looks => "How it looks",
            Self::Limits => "Target and thresholds",
            Self::Access => "Refresh and access",
        }
    }
}

/// A table shows a metric by group or the records of a source; all other kinds have one form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "ssr", derive(serde::Serialize, utoipa::ToSchema), serde(rename_all = "snake_case"))]
pub enum When {
    Always,
    WithMetric,
    WithSource,
}

/// What a setting holds, and so how it is edited.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(
    feature = "ssr",
    derive(serde::Serialize, utoipa::ToSchema),
    serde(tag = "control", rename_all = "snake_case")
)]
pub enum Control {
    /// One line.
    Text {
        max: usize,
    },
    Markdown {
        max: usize,
    },
    /// The code of a metric.
    Metric,
    /// A source of the catalogue: its records instead of a metric.
    Source,
    /// A field of the metric's sources to group by.
    Dimension,
    /// Fields of the source, in order.
    Columns {
        max: usize,
    },
    /// A field of the source, `-` before it for the largest first.
    SortField,
    /// One of the options. When nothing is chosen, `none` says what that means; without it, the first one counts.
    Choice {
        options: &'static [Choice],
        none: Option<&'static str>,
    },
    /// Several of the options; none means all of them.
    Choices {
        options: &'static [Choice],
    },
    /// An exact number.
    Number,
    Whole {
        min: u32,
        max: u32,
    },
    Flag {
        default: bool,
    },
    /// One of the six series colours, 1 to 6.
    Color,
    /// `{"from": …, "to": …}` in the range language.
    Range,
    /// A list of conditions in the formula language, all of which must hold.
    Conditions {
        max: usize,
    },
    /// A list of roles; owners and admins see everything, in it or not.
    Roles,
}

/// One of a few words, and what people read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "ssr", derive(serde::Serialize, utoipa::ToSchema))]
pub struct Choice {
    pub value: &'static str,
    pub label: &'static str,
}

const fn choice(value: &'static str, label: &'static str) -> Choice {
    Choice { value, label }
}

impl Field {
    const fn new(
        section: Section,
        name: &'static str,
        label: &'static str,
        help: &'static str,
        control: Control,
    ) -> Self {
        Self { name, label, help, section, when: When::Always, control }
    }

    const fn when(mut self, when: When) -> Self {
        self.when = when;
        self
    }

    const fn help(mut self, help: &'static str) -> Self {
        self.help = help;
        self
    }

    const fn bounds(mut self, min: u32, max: u32) -> Self {
        self.control = Whole { min, max };
        self
    }
}

/// The six series colours, for people.
pub const COLORS: [&str; 6] = ["Blue", "Orange", "Teal", "Violet", "Ochre", "Pink"];
/// Characters that a note may have.
pub const MAX_NOTE: usize = 10_000;
/// Seconds.
pub const REFRESH: (u32, u32) = (60, 86_400);

pub static GRAINS: &[Choice] = &[
    choice("hour", "Hour"),
    choice("day", "Day"),
    choice("week", "Week"),
    choice("month", "Month"),
    choice("quarter", "Quarter"),
    choice("year", "Year"),
];
static COMPARISONS: &[Choice] = &[
    choice("dashboard", "As the dashboard"),
    choice("nothing", "Nothing"),
    choice("previous_period", "The period before"),
    choice("year_before", "A year before"),
];
static FORMATS: &[Choice] = &[
    choice("number", "Number"),
    choice("currency", "Money"),
    choice("percentage", "Percentage"),
    choice("duration", "Duration, from seconds"),
];
static NOTATIONS: &[Choice] = &[choice("short", "Short: $1.23 M"), choice("full", "Every digit: $1,234,567.80")];
static ORDERS: &[Choice] = &[
    choice("-value", "Largest first"),
    choice("value", "Smallest first"),
    choice("name", "By name, A to Z"),
    choice("-name", "By name, Z to A"),
];
static BARS: &[Choice] =
    &[choice("auto", "As fits"), choice("upright", "Upright"), choice("lying", "Lying, with room for names")];
static ALERTS: &[Choice] =
    &[choice("inventory", "Low stock"), choice("payments", "Overdue payments"), choice("budgets", "Used-up budgets")];
static LAYERS: &[Choice] =
    &[choice("payments", "Payments due"), choice("budgets", "Budgets"), choice("events", "What happened")];

use Section::{Access, Data, Limits, Looks, Shows};
use When::{WithMetric, WithSource};

const METRIC: Field = Field::new(Shows, "metric", "Metric", "", Metric);
const TITLE: Field =
    Field::new(Shows, "title", "Title", "Named after what it shows unless you give one.", Text { max: 100 });
const RANGE: Field = Field::new(Data, "range", "Time range", "In place of the dashboard’s.", Range);
const COMPARISON: Field =
    Field::new(Data, "comparison", "Compare with", "", Control::Choice { options: COMPARISONS, none: None });
const GROUP_BY: Field = Field::new(Data, "group_by", "Group by", "", Dimension);
const GRAIN: Field = Field::new(
    Data,
    "grain",
    "Step in time",
    "What suits the range unless you choose.",
    Control::Choice { options: GRAINS, none: Some("As suits the range") },
);
const FILTERS: Field =
    Field::new(Data, "filters", "Conditions", "All must hold, beside the metric’s own.", Conditions { max: 20 });
const ORDER: Field = Field::new(Data, "sort", "Order", "", Control::Choice { options: ORDERS, none: None });
const LIMIT: Field = Field::new(
    Data,
    "limit",
    "At most",
    "The rest is added up as “Other” where that makes sense.",
    Whole { min: 1, max: 100 },
);
const FORMAT: Field = Field::new(
    Looks,
    "format",
    "Number format",
    "The metric’s own unless you choose.",
    Control::Choice { options: FORMATS, none: Some("The metric’s own") },
);
const NOTATION: Field =
    Field::new(Looks, "notation", "Large numbers", "", Control::Choice { options: NOTATIONS, none: None });
const DECIMALS: Field = Field::new(Looks, "decimals", "Decimals", "", Whole { min: 0, max: 6 });
const COLOR: Field = Field::new(Looks, "color", "Colour", "", Control::Color);
const TARGET: Field = Field::new(Limits, "target", "Target", "In place of the metric’s own.", Number);
const WARNING: Field =
    Field::new(Limits, "warning", "Warning from", "Up or down as is worse for the metric. 0 counts.", Number);
const CRITICAL: Field = Field::new(Limits, "critical", "Critical from", "", Number);
const REFRESH_RATE: Field = Field::new(
    Access,
    "refresh",
    "Refresh every … seconds",
    "60 or more; as often as the dashboard unless you choose.",
    Whole { min: REFRESH.0, max: REFRESH.1 },
);
const ROLES: Field = Field::new(Access, "roles", "Who may see it", "Owners and admins always do.", Control::Roles);

static KPI: &[Field] = &[
    METRIC,
    TITLE,
    RANGE,
    COMPARISON,
    FILTERS,
    FORMAT,
    NOTATION,
    DECIMALS,
    COLOR,
    Field::new(Looks, "sparkline", "Draw its course below", "", Flag { default: true }),
    TARGET,
    WARNING,
    CRITICAL,
    REFRESH_RATE,
    ROLES,
];
static TREND: &[Field] = &[
    METRIC,
    TITLE,
    RANGE,
    GRAIN,
    GROUP_BY.help("A line for each value of a field."),
    LIMIT.bounds(1, 12),
    COMPARISON,
    FILTERS,
    FORMAT,
    NOTATION,
    DECIMALS,
    COLOR,
    TARGET,
    WARNING,
    CRITICAL,
    REFRESH_RATE,
    ROLES,
];
static BAR: &[Field] = &[
    METRIC,
    TITLE,
    RANGE,
    GROUP_BY.help("A bar for each value of a field."),
    GRAIN.help("Or a bar for each period."),
    ORDER,
    LIMIT,
    COMPARISON,
    FILTERS,
    FORMAT,
    NOTATION,
    DECIMALS,
    COLOR,
    Field::new(Looks, "bars", "Bars", "", Control::Choice { options: BARS, none: None }),
    TARGET,
    WARNING,
    CRITICAL,
    REFRESH_RATE,
    ROLES,
];
static DONUT: &[Field] = &[
    METRIC,
    TITLE,
    RANGE,
    GROUP_BY,
    ORDER,
    LIMIT.bounds(1, 12),
    FILTERS,
    FORMAT,
    NOTATION,
    DECIMALS,
    COLOR,
    REFRESH_RATE,
    ROLES,
];
static GAUGE: &[Field] = &[
    METRIC,
    TITLE,
    RANGE,
    COMPARISON,
    FILTERS,
    FORMAT,
    NOTATION,
    DECIMALS,
    COLOR,
    Field::new(Looks, "min", "Lower end", "", Number),
    Field::new(Looks, "max", "Upper end", "", Number),
    TARGET,
    WARNING,
    CRITICAL,
    REFRESH_RATE,
    ROLES,
];
static RING: &[Field] = &[
    METRIC,
    TITLE,
    RANGE,
    FILTERS,
    FORMAT,
    NOTATION,
    DECIMALS,
    COLOR,
    TARGET.help("What counts as the whole ring."),
    WARNING,
    CRITICAL,
    REFRESH_RATE,
    ROLES,
];
static SPARKLINE: &[Field] = &[
    METRIC,
    TITLE,
    RANGE,
    GRAIN,
    COMPARISON,
    FILTERS,
    FORMAT,
    NOTATION,
    DECIMALS,
    COLOR,
    WARNING,
    CRITICAL,
    REFRESH_RATE,
    ROLES,
];
static TABLE: &[Field] = &[
    Field::new(Shows, "source", "Rows", "", Source),
    METRIC.when(WithMetric),
    TITLE,
    RANGE,
    Field::new(Data, "columns", "Columns", "Those that say most unless you choose.", Columns { max: 20 })
        .when(WithSource),
    GROUP_BY.help("A row for each value of a field.").when(WithMetric),
    GRAIN.help("Or a row for each period.").when(WithMetric),
    ORDER.when(WithMetric),
    Field::new(Data, "sort", "Order", "", SortField).when(WithSource),
    LIMIT.bounds(1, 200).when(WithMetric),
    LIMIT.bounds(1, 200).help("Rows on a page.").when(WithSource),
    COMPARISON.when(WithMetric),
    FILTERS.when(WithMetric),
    FILTERS.help("All must hold.").when(WithSource),
    FORMAT.when(WithMetric),
    DECIMALS.when(WithMetric),
    COLOR.when(WithMetric),
    WARNING.when(WithMetric),
    CRITICAL.when(WithMetric),
    REFRESH_RATE,
    ROLES,
];
static ALERTS_FEED: &[Field] = &[
    TITLE,
    Field::new(Data, "filter", "Only", "", Control::Choice { options: ALERTS, none: Some("All alerts") }),
    LIMIT.bounds(1, 50).help(""),
    REFRESH_RATE,
    ROLES,
];
static CALENDAR: &[Field] = &[
    TITLE,
    RANGE.help("The month with its last day is shown, or today’s."),
    Field::new(Data, "show", "Shows", "", Choices { options: LAYERS }),
    REFRESH_RATE,
    ROLES,
];
static NOTES: &[Field] = &[
    TITLE,
    Field::new(
        Shows,
        "text",
        "Text",
        "Markdown: # heading, **bold**, - list, [words](address).",
        Markdown { max: MAX_NOTE },
    ),
    ROLES,
];

/// Everything that can be set for a widget of this kind, in the order in which people set it.
pub const fn schema(kind: WidgetKind) -> &'static [Field] {
    match kind {
        WidgetKind::Kpi => KPI,
        WidgetKind::LineChart | WidgetKind::AreaChart => TREND,
        WidgetKind::BarChart => BAR,
        WidgetKind::DonutChart => DONUT,
        WidgetKind::Gauge => GAUGE,
        WidgetKind::DataTable => TABLE,
        WidgetKind::ProgressRing => RING,
        WidgetKind::Sparkline => SPARKLINE,
        WidgetKind::AlertsFeed => ALERTS_FEED,
        WidgetKind::Calendar => CALENDAR,
        WidgetKind::Notes => NOTES,
    }
}
