//! What settings of several kinds have in common.

use crate::{
    accounts::Role,
    metrics::{Comparison, TimeRange, ValueFormat},
};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// What every kind can be told.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Common {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// In place of the dashboard's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub range: Option<TimeRange>,
    /// Seconds from one look to the next, in place of the dashboard's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refresh: Option<u32>,
    /// Who may see it; `None` is everybody, an empty list is owners and admins, who always do.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub roles: Option<Vec<Role>>,
}

impl Common {
    /// Whether somebody in this role may know of the widget at all.
    pub fn visible_to(&self, role: Role) -> bool {
        role.can_administer() || self.roles.as_ref().is_none_or(|roles| roles.contains(&role))
    }
}

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

    pub(super) fn is_dashboard(&self) -> bool {
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

/// How large numbers are written where there is little room.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Notation {
    #[default]
    Short,
    Full,
}

/// In which order groups stand.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Order {
    #[default]
    #[serde(rename = "-value")]
    Largest,
    #[serde(rename = "value")]
    Smallest,
    #[serde(rename = "name")]
    Name,
    #[serde(rename = "-name")]
    NameDown,
}

/// Which metric, and how its numbers are written: what all kinds that show a metric have in common.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Figure {
    /// The code of a metric's definition.
    pub metric: String,
    #[serde(flatten)]
    pub common: Common,
    /// Conditions in the formula language, all of which must hold.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub filters: Vec<Value>,
    /// In place of the metric's own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub format: Option<ValueFormat>,
    #[serde(skip_serializing_if = "super::is_default")]
    pub notation: Notation,
    /// Places after the point; `None` means what suits the number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decimals: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub color: Option<Color>,
}

impl Figure {
    pub(super) fn title(&self) -> String {
        self.common.title.clone().unwrap_or_else(|| super::from_code(&self.metric))
    }
}
