//! Why there is nothing to show, and what to do about it.

use super::html::{Esc, empty, put};
use crate::metrics::{
    Lack, MetricAnswer,
    catalogue::{self, Source},
};

/// What was asked for in vain.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Nothing {
    /// The kind of record, where there is one kind.
    pub source: Option<&'static Source>,
    pub lack: Lack,
    /// Whether a metric was asked for: it may count only some of a kind.
    pub counted: bool,
}

impl Nothing {
    pub(super) fn of(answer: &MetricAnswer) -> Self {
        let source = match answer.sources.as_slice() {
            [only] => catalogue::source(only),
            _ => None,
        };
        Self { source, lack: answer.lack, counted: true }
    }

    pub(super) fn words(self) -> (String, String) {
        let many = self.source.map_or("records", |source| source.noun.1);
        if self.lack.none_yet {
            return (format!("No {many} yet"), "It fills as soon as there are some.".into());
        }
        let some = if self.counted { format!("{many} for it") } else { many.to_owned() };
        ("Nothing to show".into(), self.lack.sentence(&some))
    }

    pub(super) fn html(self) -> String {
        let (title, text) = self.words();
        let mut ways = String::new();
        if self.lack.may_add && self.lack.none_yet {
            match self.source {
                Some(Source { name, noun: (one, _), page, .. }) => put!(
                    ways,
                    " You can <a href=\"/imports/new?target={name}\">import some</a> or <a href=\"{page}/new\">add a {}</a>.",
                    Esc(one)
                ),
                None => ways.push_str(" You can <a href=\"/imports/new\">import some</a>."),
            }
        }
        empty(&title, &text, &ways)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::catalogue::{MATERIALS, TRANSACTIONS};

    #[test]
    fn who_may_is_told_where_the_first_record_comes_from() {
        let none = Lack { none_yet: true, ranged: true, filtered: true, conditions: true, may_add: true };
        let stock = Nothing { source: Some(&MATERIALS), lack: none, counted: true };
        let html = stock.html();
        for expected in [
            ">No materials yet</p>",
            "<a href=\"/imports/new?target=materials\">import some</a>",
            "<a href=\"/stock/new\">add a material</a>.",
        ] {
            assert!(html.contains(expected), "{html}");
        }
        assert!(Nothing { source: None, ..stock }.html().contains("<a href=\"/imports/new\">"));
        assert!(!Nothing { lack: Lack { may_add: false, ..none }, ..stock }.html().contains("<a "));
        assert!(!Nothing { lack: Lack { none_yet: false, ..none }, ..stock }.html().contains("<a "), "there are some");
    }

    #[test]
    fn a_metric_may_count_only_some_of_a_kind() {
        let books =
            Nothing { source: Some(&TRANSACTIONS), lack: Lack { ranged: true, ..Lack::default() }, counted: true };
        assert!(books.html().contains("No transactions for it fall into this time range."));
        let table = Nothing { counted: false, lack: Lack { conditions: true, ..Lack::default() }, ..books };
        assert!(table.html().contains("No transactions meet the card’s own conditions.</p>"));
    }
}
