//! What filters of a whole dashboard mean for one source, one metric and one value. Server only.
//!
//! A filter narrows what has a field for it: a metric down to its last measure, or nothing of it. Half a quotient that is
//! narrowed would be a number of nothing.

use super::{
    catalogue::{self, Field, Kind, Source},
    compile::measures_money,
    filters::{ActiveFilter, Filters, MOST_VALUES, NO_VALUE, unescape},
    formula::{Check, Filter, Literal, Test},
    program::Program,
};
use crate::error::AppError;

/// A filter's name and what people call it.
pub type Named = (&'static str, &'static str);

/// The conditions that `filters` put on a row of `source`, as far as it has fields for them.
pub fn conditions(source: &'static Source, filters: &Filters) -> Vec<Filter> {
    filters.iter().filter_map(|(name, values)| Some(one_of(source.filter(name)?, values))).collect()
}

/// That a record has one of these values.
fn one_of(field: &'static Field, values: &[String]) -> Filter {
    let test = |check| Filter::Test(Test { field, check });
    let literal = |value: &str| match field.kind {
        Kind::YesNo => Literal::YesNo(value == "true"),
        _ => Literal::Text(value.to_owned()),
    };
    let texts: Vec<Literal> = values.iter().filter_map(|value| unescape(value)).map(literal).collect();
    let empty = values.iter().any(|value| value == NO_VALUE);
    match (texts.is_empty(), empty) {
        (false, false) => test(Check::OneOf { values: texts, negated: false }),
        (true, _) => test(Check::Empty { negated: false }),
        (false, true) => Filter::Any(vec![
            test(Check::OneOf { values: texts, negated: false }),
            test(Check::Empty { negated: false }),
        ]),
    }
}

impl Program {
    /// Puts those of `filters` on every measure that every measure's source has a field for. Says whether there are any.
    pub fn narrow(&mut self, filters: &Filters) -> bool {
        let applied = filters.only(|name| self.measures.iter().all(|measure| measure.source.filter(name).is_some()));
        for measure in &mut self.measures {
            let added = conditions(measure.source, &applied);
            if !added.is_empty() {
                measure.filter = Some(Filter::All(measure.filter.take().into_iter().chain(added).collect()));
            }
        }
        !applied.is_empty()
    }

    /// Refuses filters by other currencies where amounts are measured: only `own` is ever added up, and 0 would say that
    /// there is nothing.
    pub fn check_currency(&self, filters: &Filters, own: &str) -> Result<(), AppError> {
        let asked = filters.get("currency");
        if asked.is_empty() || asked.iter().any(|currency| currency == own) || !self.measures.iter().any(measures_money)
        {
            return Ok(());
        }
        Err(AppError::field(
            "filters",
            format!("Amounts are added up in {own} only: filter by {own}, or by no currency."),
        ))
    }
}

/// The filters that everything made of all of these sources can be narrowed by.
pub fn honoured(sources: &[&'static Source]) -> Vec<Named> {
    let Some((first, others)) = sources.split_first() else { return Vec::new() };
    let shared = |(name, _): &Named| others.iter().all(|source| source.filter(name).is_some());
    first.fields.iter().filter_map(Field::as_filter).filter(shared).collect()
}

/// Filters as somebody gave them, less what cannot be: with a word about each thing that was left out.
pub fn check(filters: &Filters) -> (Filters, Vec<String>) {
    let mut notices = Vec::new();
    let mut known = Filters::default();
    for (name, values) in filters.iter() {
        let Some(field) = catalogue::filter(name) else {
            let shown: String = name.chars().take(40).collect();
            let nearest = catalogue::nearest(name, catalogue::filters().iter().map(|(name, _)| *name));
            let hint = nearest.map(|nearest| format!(" Did you mean “{nearest}”?")).unwrap_or_default();
            notices.push(format!("There is no filter “{shown}”.{hint}"));
            continue;
        };
        let label = label(field);
        let words: &[&str] = match field.kind {
            Kind::Choice(words) => words,
            Kind::YesNo => &["true", "false"],
            _ => &[],
        };
        let (mut good, wrong): (Vec<_>, Vec<_>) =
            values.iter().cloned().partition(|v| words.is_empty() || v == NO_VALUE || words.contains(&v.as_str()));
        for value in wrong {
            let nearest = catalogue::nearest(&value, words.iter().copied());
            let hint = nearest.map(|nearest| format!(" Did you mean “{nearest}”?")).unwrap_or_default();
            notices.push(format!("{label} is never “{value}”.{hint}"));
        }
        if good.len() > MOST_VALUES {
            good.truncate(MOST_VALUES);
            notices.push(format!("Only the first {MOST_VALUES} values of {label} are used."));
        }
        known.set(name, good);
    }
    (known, notices)
}

fn label(field: &Field) -> &'static str {
    field.as_filter().map_or(field.label, |(_, label)| label)
}

/// What people call a filter's value.
pub fn value_label(field: &Field, value: &str) -> String {
    match (field.kind, unescape(value)) {
        (Kind::YesNo, Some("true")) => "Yes".to_owned(),
        (Kind::YesNo, Some(_)) => "No".to_owned(),
        (_, text) => field.group_label(text),
    }
}

/// Filters as people read them; those that the catalogue does not know are left out.
pub fn in_words(filters: &Filters) -> Vec<ActiveFilter> {
    let active = |(name, values): (&str, &[String])| {
        let field = catalogue::filter(name)?;
        Some(ActiveFilter {
            name: name.to_owned(),
            label: label(field).to_owned(),
            values: values.iter().map(|value| value_label(field, value)).collect(),
        })
    };
    filters.iter().filter_map(active).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]
    use super::*;
    use catalogue::{BUDGETS, MATERIALS, PAYMENTS, TRANSACTIONS};

    fn filters(pairs: &[(&str, &str)]) -> Filters {
        Filters::read(pairs.iter().copied())
    }

    #[test]
    fn only_what_all_sources_have_is_honoured() {
        let names = |sources: &[&'static Source]| honoured(sources).into_iter().map(|(n, _)| n).collect::<Vec<_>>();
        assert_eq!(names(&[&TRANSACTIONS]), ["type", "category", "department", "currency", "budgeted"]);
        assert_eq!(names(&[&TRANSACTIONS, &BUDGETS]), ["type", "category", "currency"]);
        assert_eq!(names(&[&TRANSACTIONS, &PAYMENTS]), ["currency"]);
        assert_eq!(names(&[&MATERIALS]), ["stock_category", "low_stock", "currency"]);
        assert!(names(&[]).is_empty());
    }

    #[test]
    fn what_is_wrong_is_named_and_the_rest_stays() {
        let given =
            filters(&[("f.status", "payed"), ("f.status", "paid"), ("f.departement", "Sales"), ("f.overdue", "x")]);
        let (kept, notices) = check(&given);
        assert_eq!(kept, filters(&[("f.status", "paid")]));
        let text = notices.join(" ");
        for word in
            ["“departement”. Did you mean “department”?", "Status is never “payed”. Did you mean “paid”?", "Overdue"]
        {
            assert!(text.contains(word), "{word}: {text}");
        }
        let many: Vec<(String, String)> = (0..60).map(|n| ("f.party".to_owned(), format!("{n:02}"))).collect();
        let (kept, notices) = check(&Filters::read(many.iter().map(|(n, v)| (n.as_str(), v.as_str()))));
        assert_eq!((kept.get("party").len(), notices.len()), (MOST_VALUES, 1));
    }

    #[test]
    fn values_read_as_groups_do() {
        let given =
            filters(&[("f.category", "~"), ("f.category", "~~x"), ("f.overdue", "false"), ("f.status", "paid")]);
        let words: Vec<String> = in_words(&given).iter().map(ActiveFilter::in_words).collect();
        assert_eq!(words, ["Category: No category, ~x", "Overdue: No", "Status: Paid"]);
    }
}
