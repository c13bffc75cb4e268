//! What a whole dashboard is narrowed down to; the same on both sides of the wire.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Stands for "has no value", in the address and everywhere else.
pub const NO_VALUE: &str = "~";
/// Values of one filter; more are left out, and said to be.
pub const MOST_VALUES: usize = 50;
/// Letters of one value.
const LONGEST_VALUE: usize = 200;
/// Filters that are kept, known or not.
const MOST_FILTERS: usize = 20;
/// What a filter's name begins with in the address, so that none is ever taken for something else there.
const PREFIX: &str = "f.";

/// For each filter the values of which a record must have one. A filter without values is none.
///
/// Kept in order and without repetition, so that equal filters are equal in keys, addresses and the database.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(from = "BTreeMap<String, Vec<String>>", into = "BTreeMap<String, Vec<String>>")]
pub struct Filters(BTreeMap<String, Vec<String>>);

impl From<BTreeMap<String, Vec<String>>> for Filters {
    fn from(map: BTreeMap<String, Vec<String>>) -> Self {
        let mut filters = Self::default();
        for (name, values) in map {
            filters.set(&name, values);
        }
        filters
    }
}

impl From<Filters> for BTreeMap<String, Vec<String>> {
    fn from(filters: Filters) -> Self {
        filters.0
    }
}

impl Filters {
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn iter(&self) -> impl Iterator<Item = (&str, &[String])> {
        self.0.iter().map(|(name, values)| (name.as_str(), values.as_slice()))
    }

    pub fn get(&self, name: &str) -> &[String] {
        self.0.get(name).map(Vec::as_slice).unwrap_or_default()
    }

    /// Replaces the values of one filter; none takes it away. What no record can hold is left out.
    pub fn set(&mut self, name: &str, values: impl IntoIterator<Item = String>) {
        let mut values: Vec<String> = values.into_iter().filter_map(|value| usable(&value)).collect();
        values.sort_unstable();
        values.dedup();
        if values.is_empty() {
            self.0.remove(name);
        } else if name.len() <= 64 && (self.0.len() < MOST_FILTERS || self.0.contains_key(name)) {
            self.0.insert(name.to_owned(), values);
        }
    }

    /// These filters, with one of them having other values.
    pub fn with(&self, name: &str, values: impl IntoIterator<Item = String>) -> Self {
        let mut filters = self.clone();
        filters.set(name, values);
        filters
    }

    /// Those that `keep` says yes to.
    pub fn only(&self, mut keep: impl FnMut(&str) -> bool) -> Self {
        Self(self.0.iter().filter(|(name, _)| keep(name)).map(|(n, v)| (n.clone(), v.clone())).collect())
    }

    /// The name that a filter has in the address: "f.category".
    pub fn parameter(name: &str) -> String {
        format!("{PREFIX}{name}")
    }

    /// Names and values as they stand in the address, a pair for each value.
    pub fn pairs(&self) -> impl Iterator<Item = (String, String)> {
        self.iter().flat_map(|(name, values)| values.iter().map(|value| (Self::parameter(name), value.clone())))
    }

    /// The filters among an address's parameters.
    pub fn read<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let mut map: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for (name, value) in pairs {
            if let Some(name) = name.strip_prefix(PREFIX).filter(|name| !name.is_empty()) {
                map.entry(name.to_owned()).or_default().push(value.to_owned());
            }
        }
        map.into()
    }
}

fn usable(value: &str) -> Option<String> {
    let value = value.trim();
    let fits = !value.is_empty() && value.chars().count() <= LONGEST_VALUE && !value.contains(char::is_control);
    fits.then(|| value.to_owned())
}

/// A value as filters name it: a text that begins with the sign for "no value" has that sign twice.
pub fn escape(text: Option<&str>) -> String {
    match text {
        None | Some("") => NO_VALUE.to_owned(),
        Some(text) if text.starts_with(NO_VALUE) => format!("{NO_VALUE}{text}"),
        Some(text) => text.to_owned(),
    }
}

/// The text that a filter's value stands for; `None` for "no value".
pub fn unescape(value: &str) -> Option<&str> {
    match value.strip_prefix(NO_VALUE) {
        Some("") => None,
        Some(text) => Some(text),
        None => Some(value),
    }
}

/// A filter that is in force, as people read it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ActiveFilter {
    pub name: String,
    /// "Category".
    pub label: String,
    /// What each value is called, in step with the filter's values.
    pub values: Vec<String>,
}

impl ActiveFilter {
    /// "Category: Freight, Payroll".
    pub fn in_words(&self) -> String {
        format!("{}: {}", self.label, self.values.join(", "))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]
    use super::*;

    fn read(pairs: &[(&str, &str)]) -> Filters {
        Filters::read(pairs.iter().copied())
    }

    #[test]
    fn what_is_written_is_read_again_in_one_order() {
        let filters = read(&[("f.status", "paid"), ("f.category", "R&D"), ("from", "x"), ("f.category", "Freight")]);
        let pairs: Vec<(String, String)> = filters.pairs().collect();
        let texts: Vec<String> = pairs.iter().map(|(n, v)| format!("{n}={v}")).collect();
        assert_eq!(texts, ["f.category=Freight", "f.category=R&D", "f.status=paid"]);
        assert_eq!(Filters::read(pairs.iter().map(|(n, v)| (n.as_str(), v.as_str()))), filters);
        let json = serde_json::to_string(&filters).unwrap();
        assert_eq!(json, r#"{"category":["Freight","R&D"],"status":["paid"]}"#);
        assert_eq!(serde_json::from_str::<Filters>(&json).unwrap(), filters);
    }

    #[test]
    fn what_says_nothing_is_no_filter() {
        let long = "x".repeat(LONGEST_VALUE + 1);
        let nothing = read(&[("f.category", ""), ("f.category", "  "), ("f.", "x"), ("f.a", "\u{0}"), ("f.b", &long)]);
        assert!(nothing.is_empty(), "{nothing:?}");
        assert_eq!(read(&[("f.a", "x"), ("f.a", " x ")]).get("a"), ["x"], "each value once");
        assert!(read(&[("f.a", "x")]).with("a", []).is_empty());
    }

    #[test]
    fn every_text_can_be_told_from_no_value() {
        for text in [None, Some("x"), Some("~"), Some("~~x"), Some("~x")] {
            assert_eq!(unescape(&escape(text)), text);
        }
        assert_eq!(escape(Some("")), NO_VALUE);
    }
}
