//! What kinds of widget there are, and how large each may be.

use crate::error::{AppError, FieldErrors};
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// Columns of the dashboard's grid.
pub const COLUMNS: u16 = 12;

/// Rows that a dashboard may have at most: far more than anybody scrolls, few enough to reject nonsense.
pub const MAX_ROWS: u16 = 500;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum WidgetKind {
    Kpi,
    LineChart,
    BarChart,
    DonutChart,
    AreaChart,
    Gauge,
    DataTable,
    ProgressRing,
    Sparkline,
    AlertsFeed,
    Calendar,
    Notes,
}

/// In grid units: columns of a twelfth of the page, rows of 80 px. Both ends are allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct Sizes {
    pub min_w: u16,
    pub min_h: u16,
    pub max_w: u16,
    pub max_h: u16,
    /// The size a new widget of this kind begins with.
    pub default_w: u16,
    pub default_h: u16,
}

impl Sizes {
    const fn new(min: (u16, u16), max: (u16, u16), default: (u16, u16)) -> Self {
        Self { min_w: min.0, min_h: min.1, max_w: max.0, max_h: max.1, default_w: default.0, default_h: default.1 }
    }

    /// The nearest allowed size.
    pub fn clamp(self, w: u16, h: u16) -> (u16, u16) {
        (w.clamp(self.min_w, self.max_w), h.clamp(self.min_h, self.max_h))
    }
}

impl WidgetKind {
    pub const ALL: [WidgetKind; 12] = [
        Self::Kpi,
        Self::LineChart,
        Self::BarChart,
        Self::DonutChart,
        Self::AreaChart,
        Self::Gauge,
        Self::DataTable,
        Self::ProgressRing,
        Self::Sparkline,
        Self::AlertsFeed,
        Self::Calendar,
        Self::Notes,
    ];

    /// The name in the database, in JSON and in spec 4.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Kpi => "kpi",
            Self::LineChart => "line_chart",
            Self::BarChart => "bar_chart",
            Self::DonutChart => "donut_chart",
            Self::AreaChart => "area_chart",
            Self::Gauge => "gauge",
            Self::DataTable => "data_table",
            Self::ProgressRing => "progress_ring",
            Self::Sparkline => "sparkline",
            Self::AlertsFeed => "alerts_feed",
            Self::Calendar => "calendar",
            Self::Notes => "notes",
        }
    }

    /// For people.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Kpi => "Key figure",
            Self::LineChart => "Line chart",
            Self::BarChart => "Bar chart",
            Self::DonutChart => "Donut chart",
            Self::AreaChart => "Area chart",
            Self::Gauge => "Gauge",
            Self::DataTable => "Table",
            Self::ProgressRing => "Progress ring",
            Self::Sparkline => "Sparkline",
            Self::AlertsFeed => "Alerts",
            Self::Calendar => "Calendar",
            Self::Notes => "Notes",
        }
    }

    /// What the kind is good for, in one sentence.
    pub const fn description(self) -> &'static str {
        match self {
            Self::Kpi => "One number, how it changed, and its course in small.",
            Self::LineChart => "How a number moves over time, beside the period before.",
            Self::BarChart => "Amounts side by side, by category or by period.",
            Self::DonutChart => "What a total is made of.",
            Self::AreaChart => "How amounts over time stand against each other.",
            Self::Gauge => "Where a number stands between two ends, with its limits.",
            Self::DataTable => "Records, or a number by category, as a table.",
            Self::ProgressRing => "How far a number has come towards its target.",
            Self::Sparkline => "A number and its course, on one line.",
            Self::AlertsFeed => "What needs attention: low stock and overdue payments.",
            Self::Calendar => "Payments due and budgets, day by day.",
            Self::Notes => "Your own text, with headings, lists and links.",
        }
    }

    /// From spec 4's table; its maximum is enforced like its minimum.
    pub const fn sizes(self) -> Sizes {
        match self {
            Self::Kpi => Sizes::new((2, 2), (4, 3), (3, 2)),
            Self::LineChart | Self::BarChart | Self::AreaChart => Sizes::new((4, 3), (12, 6), (8, 4)),
            Self::DonutChart => Sizes::new((3, 3), (6, 5), (4, 4)),
            Self::Gauge => Sizes::new((2, 2), (4, 4), (3, 3)),
            Self::DataTable => Sizes::new((4, 3), (12, 8), (8, 4)),
            Self::ProgressRing => Sizes::new((2, 2), (3, 3), (2, 2)),
            Self::Sparkline => Sizes::new((2, 1), (4, 2), (3, 1)),
            Self::AlertsFeed => Sizes::new((3, 3), (6, 8), (4, 4)),
            Self::Calendar => Sizes::new((4, 4), (8, 6), (6, 5)),
            Self::Notes => Sizes::new((2, 2), (6, 6), (3, 3)),
        }
    }

    /// Whether a widget of this kind at this place fits the grid; names every field that does not.
    pub fn check_place(self, x: u16, y: u16, w: u16, h: u16) -> Result<(), AppError> {
        let sizes = self.sizes();
        let mut errors = FieldErrors::default();
        if !(sizes.min_w..=sizes.max_w).contains(&w) {
            errors.add("w", self.size_message("wide", "columns", sizes.min_w, sizes.max_w));
        }
        if !(sizes.min_h..=sizes.max_h).contains(&h) {
            errors.add("h", self.size_message("high", "rows", sizes.min_h, sizes.max_h));
        }
        if x.saturating_add(w) > COLUMNS {
            errors.add("x", format!("It reaches past the grid’s {COLUMNS} columns."));
        }
        if y.saturating_add(h) > MAX_ROWS {
            errors.add("y", format!("A dashboard has at most {MAX_ROWS} rows."));
        }
        errors.into_result()
    }

    fn size_message(self, adjective: &str, unit: &str, min: u16, max: u16) -> String {
        format!("{} is {min} to {max} {unit} {adjective}.", with_article(self.label()))
    }
}

/// "A gauge", "An area chart".
fn with_article(label: &str) -> String {
    let lower = label.to_lowercase();
    let article = if lower.starts_with(['a', 'e', 'i', 'o', 'u']) { "An" } else { "A" };
    format!("{article} {lower}")
}

impl fmt::Display for WidgetKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for WidgetKind {
    type Err = String;
    fn from_str(s: &str) -> Result<Self, String> {
        Self::ALL.into_iter().find(|k| k.as_str() == s).ok_or_else(|| format!("“{s}” is not a kind of widget."))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]
    use super::*;

    #[test]
    fn names_are_the_same_in_json_and_in_text() {
        for kind in WidgetKind::ALL {
            assert_eq!(serde_json::to_value(kind).unwrap(), kind.as_str());
            assert_eq!(kind.as_str().parse::<WidgetKind>().unwrap(), kind);
        }
    }

    #[test]
    fn default_sizes_are_allowed_sizes() {
        for kind in WidgetKind::ALL {
            let s = kind.sizes();
            assert_eq!(s.clamp(s.default_w, s.default_h), (s.default_w, s.default_h), "{kind}");
            kind.check_place(0, 0, s.default_w, s.default_h).unwrap();
        }
    }

    #[test]
    fn both_ends_of_a_size_are_enforced() {
        assert!(WidgetKind::Kpi.check_place(0, 0, 5, 2).is_err());
        assert!(WidgetKind::Kpi.check_place(0, 0, 4, 4).is_err());
        assert!(WidgetKind::Kpi.check_place(0, 0, 1, 2).is_err());
        assert!(WidgetKind::Sparkline.check_place(8, 0, 4, 1).is_ok());
        let error = WidgetKind::AreaChart.check_place(9, u16::MAX, 3, 9).unwrap_err();
        assert_eq!(error.for_field("w"), Some("An area chart is 4 to 12 columns wide."));
        assert_eq!(error.for_field("h"), Some("An area chart is 3 to 6 rows high."));
        assert!(error.for_field("y").is_some());
    }

    #[test]
    fn nothing_reaches_past_the_grid() {
        assert!(WidgetKind::Kpi.check_place(10, 0, 3, 2).unwrap_err().for_field("x").is_some());
        assert!(WidgetKind::Kpi.check_place(u16::MAX, 0, 3, 2).is_err());
    }
}
