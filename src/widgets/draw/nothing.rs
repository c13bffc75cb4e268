//! Why there is nothing to show, and what to do about it.

use super::html::empty;
use crate::metrics::{
    MetricAnswer, Period,
    catalogue::{self, Source},
};

/// What was asked for in vain.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Nothing {
    /// The kind of record, where there is one kind.
    pub source: Option<&'static Source>,
    /// Whether a time range leaves records out.
    pub ranged: bool,
    /// Whether filters do.
    pub filtered: bool,
}

impl Nothing {
    pub(super) fn of(answer: &MetricAnswer) -> Self {
        let source = match answer.sources.as_slice() {
            [only] => catalogue::source(only),
            _ => None,
        };
        let ranged = !answer.standing && answer.period != Period::default();
        Self { source, ranged, filtered: answer.filtered }
    }

    pub(super) fn words(self) -> (&'static str, String) {
        // A metric may count only some of a kind: "for it" holds for all of them.
        let many = self.source.map_or("records", |source| source.noun.1);
        let text = match (self.ranged, self.filtered) {
            (false, false) => format!("There are no {many} for it yet."),
            (false, true) => format!("No {many} match the filters."),
            (true, false) => format!("No {many} for it fall into this time range. Choose a longer one."),
            (true, true) => format!("No {many} of this time range match the filters."),
        };
        ("Nothing to show", text)
    }

    pub(super) fn html(self) -> String {
        let (title, text) = self.words();
        let target = self.source.map_or_else(String::new, |source| format!("?target={}", source.name));
        let import = format!("/imports/new{target}");
        let offered = !self.ranged && !self.filtered;
        empty(title, &text, offered.then_some((import.as_str(), "Import some")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::catalogue::{MATERIALS, TRANSACTIONS};

    #[test]
    fn what_has_no_time_range_blames_none_and_what_is_missing_can_be_imported() {
        let stock = Nothing { source: Some(&MATERIALS), ..Nothing::default() };
        assert!(stock.html().contains("There are no materials for it yet. <a href=\"/imports/new?target=materials\">"));
        let filtered = Nothing { filtered: true, ..stock };
        assert!(filtered.html().contains("No materials match the filters.</p>"));
        let books = Nothing { source: Some(&TRANSACTIONS), ranged: true, filtered: false };
        assert!(books.html().contains("No transactions for it fall into this time range."));
        assert!(Nothing::default().html().contains("no records for it yet. <a href=\"/imports/new\">"));
    }
}
