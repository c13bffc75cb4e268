//! The values of a filter, for somebody to choose among.

use serde::{Deserialize, Serialize};

/// A filter whose values are being chosen.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Choosing {
    pub name: String,
    /// "Category".
    pub label: String,
    /// By name; first those that are chosen already.
    pub values: Vec<Choice>,
    /// There are others than these.
    pub more: bool,
    /// Whether any text may be a value, or only what is listed.
    pub free: bool,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Choice {
    /// As filters name it.
    pub value: String,
    pub label: String,
    /// How many records have it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub count: Option<i64>,
}
