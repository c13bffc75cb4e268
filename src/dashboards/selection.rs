//! What is shown of a dashboard: the range, what it is compared with, and what everything is narrowed down to. A saved
//! view is a name for one.

use super::page::PageQuery;
use crate::metrics::{Comparison, DEFAULT_RANGE, Filters, TimeRange};
use serde::{Deserialize, Serialize};
use std::fmt::Write;

/// The view that every dashboard has: twelve whole months beside the year before, all of it.
pub const STANDARD: &str = "standard";

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Selection {
    pub range: TimeRange,
    pub comparison: Option<Comparison>,
    pub filters: Filters,
}

impl Default for Selection {
    fn default() -> Self {
        PageQuery::default().selection()
    }
}

impl Selection {
    /// As parameters of an address, in one order; none of the standard ones.
    pub fn pairs(&self) -> Vec<(String, String)> {
        let Kept { from, to, compare, filters } = Kept::from(self);
        let named = [("from", from), ("to", to), ("compare", compare)];
        let named = named.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?)));
        named.chain(filters.pairs()).collect()
    }

    /// As parameters of an address, for a form: those that its fields replace by `other` are left out, and what is left
    /// never says nothing.
    pub fn pairs_without(&self, other: &[&str]) -> Vec<(String, String)> {
        let mut pairs = self.pairs();
        pairs.retain(|(name, _)| !other.contains(&name.as_str()));
        if pairs.is_empty() {
            pairs.push(("view".to_owned(), STANDARD.to_owned()));
        }
        pairs
    }

    /// As parameters of an address where what is left out means something else than the usual: public links.
    pub fn pairs_in_full(&self) -> Vec<(String, String)> {
        let end = |end: &Option<String>| end.clone().unwrap_or_default();
        let compare = match self.comparison {
            Some(Comparison::YearBefore) => "year_before",
            Some(Comparison::PreviousPeriod) => "previous_period",
            None => "none",
        };
        let named = [("from", end(&self.range.from)), ("to", end(&self.range.to)), ("compare", compare.to_owned())];
        named.into_iter().map(|(name, value)| (name.to_owned(), value)).chain(self.filters.pairs()).collect()
    }

    /// The query string, for files and other dashboards: "?from=…&to=…", or nothing.
    pub fn search(&self) -> String {
        search(&self.pairs())
    }

    /// The query string for links to the same dashboard: it says so also where everything is as usual, because an address
    /// that says nothing shows what the person looked at last.
    pub fn link(&self) -> String {
        search(&self.pairs_without(&[]))
    }

    pub fn with_filter(&self, name: &str, values: impl IntoIterator<Item = String>) -> Self {
        Self { filters: self.filters.with(name, values), ..self.clone() }
    }
}

/// A query string with its question mark; nothing for no parameters.
pub fn search(pairs: &[(String, String)]) -> String {
    let mut out = String::new();
    for (name, value) in pairs {
        out.push(if out.is_empty() { '?' } else { '&' });
        encode(&mut out, name);
        out.push('=');
        encode(&mut out, value);
    }
    out
}

/// Dates, the range language and names stay readable.
fn encode(out: &mut String, text: &str) {
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/:,".contains(&byte) {
            out.push(char::from(byte));
        } else {
            // Writing to a String cannot fail.
            let _ = write!(out, "%{byte:02X}");
        }
    }
}

/// A selection as it is stored and sent: what is left out is as usual.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Kept {
    /// `now-12M/M`, `2026-01-31`; included. Empty for no beginning.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// The same; not included. Empty for no end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
    /// `none`, `previous_period` or `year_before`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub compare: Option<String>,
    /// For each filter the values of which a record must have one: `{"category": ["Freight"]}`; `~` is "no value".
    #[serde(default, skip_serializing_if = "Filters::is_empty")]
    #[cfg_attr(feature = "ssr", schema(value_type = std::collections::BTreeMap<String, Vec<String>>))]
    pub filters: Filters,
}

impl From<&Selection> for Kept {
    fn from(selection: &Selection) -> Self {
        let usual = selection.range == DEFAULT_RANGE.range();
        let end = |end: &Option<String>| (!usual).then(|| end.clone().unwrap_or_default());
        let compare = match selection.comparison {
            Some(Comparison::YearBefore) => None,
            Some(Comparison::PreviousPeriod) => Some("previous_period".to_owned()),
            None => Some("none".to_owned()),
        };
        let (from, to) = (end(&selection.range.from), end(&selection.range.to));
        Self { from, to, compare, filters: selection.filters.clone() }
    }
}

impl From<Kept> for Selection {
    fn from(Kept { from, to, compare, filters }: Kept) -> Self {
        PageQuery { from, to, compare, filters, ..PageQuery::default() }.selection()
    }
}

impl From<Selection> for PageQuery {
    fn from(selection: Selection) -> Self {
        let Kept { from, to, compare, filters } = Kept::from(&selection);
        Self { from, to, compare, filters, view: Some(STANDARD.to_owned()), ..Self::default() }
    }
}

#[cfg(feature = "ssr")]
mod checked {
    use super::{Kept, Selection};
    use crate::{
        error::{AppError, FieldErrors},
        metrics::narrow,
        zone::Zone,
    };
    use chrono::{DateTime, Utc};

    impl Kept {
        /// What a later release kept and this one cannot read is as good as nothing: the dashboard still shows.
        pub fn stored(json: serde_json::Value) -> Self {
            serde_json::from_value(json).unwrap_or_default()
        }

        /// # Errors
        /// `Invalid`, naming under `query` what does not mean anything.
        pub fn checked(self, now: DateTime<Utc>) -> Result<Selection, AppError> {
            let mut errors = FieldErrors::default();
            if self.compare.as_deref().is_some_and(|c| !["none", "previous_period", "year_before"].contains(&c)) {
                errors.add("query.compare", "This is “none”, “previous_period” or “year_before”.");
            }
            let selection = Selection::from(self);
            if let Err(error) = selection.range.resolve(now, Zone::UTC) {
                errors.add("query.from", error.to_string());
            }
            for notice in narrow::check(&selection.filters).1 {
                errors.add("query.filters", notice);
            }
            if errors.is_empty() { Ok(selection) } else { Err(errors.into_error()) }
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]
    use super::*;

    fn selection(from: Option<&str>, to: Option<&str>, filters: &[(&str, &str)]) -> Selection {
        let range = TimeRange { from: from.map(Into::into), to: to.map(Into::into) };
        Selection { range, comparison: None, filters: Filters::read(filters.iter().copied()) }
    }

    #[test]
    fn the_standard_says_nothing_to_others_and_is_named_at_home() {
        assert_eq!(Selection::default().search(), "");
        assert_eq!(Selection::default().link(), "?view=standard");
    }

    #[test]
    fn every_selection_comes_back_from_its_address_and_from_what_is_kept() {
        for one in [
            Selection::default(),
            selection(None, None, &[]),
            selection(Some("now-6M/M"), Some("now+1d"), &[("f.category", "R&D + Ω"), ("f.party", "~")]),
            selection(Some("2026-01-01"), None, &[("f.a.b", "x=y?&z")]),
        ] {
            let kept = serde_json::to_string(&Kept::from(&one)).unwrap();
            assert_eq!(Selection::from(serde_json::from_str::<Kept>(&kept).unwrap()), one, "{kept}");
            assert_eq!(PageQuery::read(None, one.pairs()).selection(), one);
            assert_eq!(PageQuery::from(one.clone()).selection(), one);
            #[cfg(feature = "ssr")]
            {
                let search = one.link();
                let pairs = url::form_urlencoded::parse(search.trim_start_matches('?').as_bytes());
                assert_eq!(PageQuery::read(None, pairs).selection(), one, "{search}");
            }
        }
    }

    #[test]
    fn addresses_stay_readable() {
        let one = selection(Some("now-6M/M"), Some("now+1d"), &[("f.category", "Freight"), ("f.category", "R&D")]);
        assert_eq!(one.search(), "?from=now-6M/M&to=now%2B1d&compare=none&f.category=Freight&f.category=R%26D");
        assert_eq!(selection(None, None, &[]).search(), "?from=&to=&compare=none");
    }
}
