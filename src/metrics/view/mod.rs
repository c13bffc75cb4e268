//! Pages: the list of metrics, "how is this computed?", and the form for metrics of one's own.

mod edit;
mod list;
mod metric;

pub use edit::{EditMetricPage, NewMetricPage};
pub use list::MetricsPage;
pub use metric::MetricPage;

use super::{
    model::{MetricAnswer, Status, TimeRange, ValueFormat},
    range::{DEFAULT_RANGE, QUICK_RANGES},
};
use crate::{
    format,
    ui::{Chip, Tone},
};
use leptos::{either::Either, prelude::*};
use leptos_router::{hooks::use_query_map, params::ParamsMap};
use rust_decimal::Decimal;

/// A value in its metric's own form: "$39.42", "41.8 %".
fn value_text(value: Option<Decimal>, form: ValueFormat, unit: Option<&str>) -> String {
    let Some(value) = value else { return "No value".to_owned() };
    match form {
        ValueFormat::Currency => format::money(value, unit.unwrap_or("USD")),
        ValueFormat::Percentage => format::percent(value, 1),
        ValueFormat::Duration => format::duration(value),
        ValueFormat::Number => {
            let number = format::number(value, value.normalize().scale().min(2));
            unit.map_or(number.clone(), |unit| format!("{number}\u{a0}{}", format::of_these(value, unit)))
        }
    }
}

fn answer_text(answer: &MetricAnswer) -> String {
    value_text(answer.value, answer.format, answer.unit.as_deref())
}

/// How a value stands against its thresholds, in shape, colour and words.
#[component]
fn StatusChip(answer: MetricAnswer, has_thresholds: bool) -> impl IntoView {
    match answer.status {
        // Nothing is neither good nor bad.
        _ if answer.value.is_none() => Either::Left(view! { <span class="muted">"–"</span> }),
        Status::Normal if !has_thresholds => Either::Left(view! { <span class="muted">"No thresholds"</span> }),
        Status::Normal => Either::Right(view! { <Chip tone=Tone::Good text="Normal"/> }),
        Status::Warning => Either::Right(view! { <Chip tone=Tone::Warn text="Warning"/> }),
        Status::Critical => Either::Right(view! { <Chip tone=Tone::Bad text="Critical"/> }),
    }
}

/// The range that the address names; the usual one where it names none.
fn range_of(query: &ParamsMap) -> TimeRange {
    match (query.get("from"), query.get("to")) {
        (None, None) if query.get("range").as_deref() == Some("all") => TimeRange::default(),
        (None, None) => DEFAULT_RANGE.range(),
        (from, to) => TimeRange { from, to },
    }
}

/// The range as a query string; "All time" needs a word of its own, since no range means the usual one.
fn range_query(range: &TimeRange) -> String {
    let mut params = ParamsMap::new();
    if *range == TimeRange::default() {
        params.insert("range", "all".to_owned());
    }
    if let Some(from) = &range.from {
        params.insert("from", from.clone());
    }
    if let Some(to) = &range.to {
        params.insert("to", to.clone());
    }
    params.to_query_string()
}

/// Links to the quick ranges; they keep what else the address says.
#[component]
fn RangeLinks() -> impl IntoView {
    let query = use_query_map();
    let links = QUICK_RANGES
        .into_iter()
        .map(|quick| {
            let range = quick.range();
            let current = {
                let range = range.clone();
                move || query.with(|query| range_of(query) == range).then_some("true")
            };
            let href = move || {
                let search = query.with(|query| query.get("q"));
                let mut address = range_query(&range);
                if let Some(search) = search {
                    let mut params = ParamsMap::new();
                    params.insert("q", search);
                    address.push('&');
                    address.push_str(params.to_query_string().trim_start_matches('?'));
                }
                address
            };
            view! { <a class="tab" href=href aria-current=current>{quick.label}</a> }
        })
        .collect_view();
    view! { <nav class="tabs wrap" aria-label="Time range">{links}</nav> }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_survives_the_address() {
        for quick in QUICK_RANGES {
            let text = range_query(&quick.range());
            let mut params = ParamsMap::new();
            for pair in text.trim_start_matches('?').split('&') {
                let (key, value) = pair.split_once('=').unwrap_or_default();
                params.insert(key.to_owned(), value.replace("%2F", "/"));
            }
            assert_eq!(range_of(&params), quick.range(), "{text}");
        }
        assert_eq!(range_of(&ParamsMap::new()), DEFAULT_RANGE.range());
    }

    #[test]
    fn values_are_written_in_their_own_form() {
        let text = |value: i64, form, unit| value_text(Some(Decimal::new(value, 2)), form, unit);
        assert_eq!(text(123_450, ValueFormat::Currency, Some("EUR")), "€1,234.50");
        assert_eq!(text(4_180, ValueFormat::Percentage, Some("%")), "41.8\u{a0}%");
        assert_eq!(text(50_400, ValueFormat::Number, Some("items")), "504\u{a0}items");
        assert_eq!(value_text(None, ValueFormat::Number, None), "No value");
    }
}
