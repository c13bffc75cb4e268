//! How far a dashboard's filters reach into a widget. Server only.

use super::settings::{CalendarLayer, TableSettings, WidgetSettings};
use crate::metrics::{
    AlertKind, Filters,
    catalogue::{self, BUDGETS, MATERIALS, PAYMENTS, Source},
    narrow::{Named, honoured},
    sources::MetricFilters,
};

/// Something in a widget that is narrowed as a whole or not at all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// "Budgets", where a widget has several parts.
    pub name: &'static str,
    pub filters: Vec<Named>,
}

/// The parts of a widget with these settings; none where it shows no data.
pub fn parts(settings: &WidgetSettings, metrics: &MetricFilters) -> Vec<Part> {
    let part = |name, source: &'static Source| Part { name, filters: honoured(&[source]) };
    match settings {
        WidgetSettings::Notes(_) => Vec::new(),
        WidgetSettings::DataTable(TableSettings::Records(s)) => {
            catalogue::source(&s.source).map(|source| part("", source)).into_iter().collect()
        }
        WidgetSettings::AlertsFeed(s) => {
            let shown = |kind| s.filter.is_none_or(|only| only == kind);
            let kinds = [
                (AlertKind::Payments, "Payments", &PAYMENTS),
                (AlertKind::Budgets, "Budgets", &BUDGETS),
                (AlertKind::Inventory, "Stock", &MATERIALS),
            ];
            kinds.into_iter().filter(|(kind, ..)| shown(*kind)).map(|(_, name, source)| part(name, source)).collect()
        }
        WidgetSettings::Calendar(s) => {
            let mut parts = Vec::new();
            if s.shows(CalendarLayer::Payments) {
                parts.push(part("Payments", &PAYMENTS));
            }
            if s.shows(CalendarLayer::Budgets) {
                parts.push(part("Budgets", &BUDGETS));
            }
            if s.shows(CalendarLayer::Events) {
                parts.push(Part { name: "Events", filters: Vec::new() });
            }
            parts
        }
        _ => settings
            .metric()
            .and_then(|code| metrics.get(code))
            .map(|made_of| Part { name: "", filters: made_of.filters.clone() })
            .into_iter()
            .collect(),
    }
}

/// The filters that at least one part of these widgets honours, in the catalogue's order.
pub fn offered<'a>(widgets: impl IntoIterator<Item = &'a WidgetSettings>, metrics: &MetricFilters) -> Vec<Named> {
    let mut found: Vec<Named> = Vec::new();
    let mut add = |filters: &[Named]| {
        for filter in filters {
            if !found.contains(filter) {
                found.push(*filter);
            }
        }
    };
    for settings in widgets {
        match settings.metric() {
            // By far the most, and nothing to put together.
            Some(code) => add(metrics.get(code).map(|made_of| made_of.filters.as_slice()).unwrap_or_default()),
            None => parts(settings, metrics).iter().for_each(|part| add(&part.filters)),
        }
    }
    if found.is_empty() {
        return found;
    }
    catalogue::filters().iter().filter(|filter| found.contains(filter)).copied().collect()
}

/// The kinds of record that these widgets show; not those of alerts and calendars, where nothing is no lack.
pub fn sources<'a>(
    widgets: impl IntoIterator<Item = &'a WidgetSettings>,
    metrics: &MetricFilters,
) -> Vec<&'static Source> {
    let mut found: Vec<&'static Source> = Vec::new();
    let mut add = |source| {
        if !found.contains(&source) {
            found.push(source);
        }
    };
    for settings in widgets {
        if let WidgetSettings::DataTable(TableSettings::Records(s)) = settings {
            catalogue::source(&s.source).into_iter().for_each(&mut add);
        } else if let Some(made_of) = settings.metric().and_then(|code| metrics.get(code)) {
            made_of.sources.iter().copied().for_each(&mut add);
        }
    }
    found
}

/// What of `filters` a widget does not honour, in words: "Not filtered by Department".
pub fn unmet(settings: &WidgetSettings, metrics: &MetricFilters, filters: &Filters) -> Option<String> {
    if filters.is_empty() {
        return None;
    }
    let parts = parts(settings, metrics);
    let mut sentences: Vec<(Vec<&str>, Vec<&str>)> = Vec::new();
    for (name, _) in filters.iter() {
        let lacks = |part: &&Part| !part.filters.iter().any(|(filter, _)| *filter == name);
        let lacking: Vec<&str> = parts.iter().filter(lacks).map(|part| part.name).collect();
        let Some(label) = catalogue::filter(name).and_then(|field| field.as_filter()).map(|(_, label)| label) else {
            continue;
        };
        if lacking.is_empty() {
            continue;
        }
        // Of all parts one speaks as of the widget.
        let of = if lacking.len() == parts.len() { Vec::new() } else { lacking };
        match sentences.iter_mut().find(|(parts, _)| *parts == of) {
            Some((_, labels)) => labels.push(label),
            None => sentences.push((of, vec![label])),
        }
    }
    let sentence = |(of, labels): (Vec<&str>, Vec<&str>)| match of.as_slice() {
        [] => format!("Not filtered by {}", labels.join(", ")),
        of => format!("{} not filtered by {}", of.join(" and "), labels.join(", ")),
    };
    let text = sentences.into_iter().map(sentence).collect::<Vec<_>>().join("; ");
    (!text.is_empty()).then_some(text)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]
    use super::*;
    use crate::{
        metrics::{catalogue::TRANSACTIONS, sources::MadeOf},
        widgets::{WidgetKind, settings::parse},
    };
    use serde_json::json;

    fn metrics() -> MetricFilters {
        [("total_revenue", vec![&TRANSACTIONS]), ("budget_used", vec![&TRANSACTIONS, &BUDGETS])]
            .into_iter()
            .map(|(code, sources)| (code.to_owned(), MadeOf::new(sources)))
            .collect()
    }

    fn unmet_by(kind: WidgetKind, settings: serde_json::Value, filters: &[(&str, &str)]) -> Option<String> {
        unmet(&parse(kind, &settings).unwrap(), &metrics(), &Filters::read(filters.iter().copied()))
    }

    #[test]
    fn a_widget_says_which_filters_it_leaves_out() {
        let both = [("f.category", "Freight"), ("f.department", "Sales"), ("f.status", "paid")];
        let kpi = |metric: &str| unmet_by(WidgetKind::Kpi, json!({ "metric": metric }), &both);
        assert_eq!(kpi("total_revenue").unwrap(), "Not filtered by Status");
        assert_eq!(kpi("budget_used").unwrap(), "Not filtered by Department, Status");
        assert_eq!(unmet_by(WidgetKind::DataTable, json!({"source": "payments"}), &both[2..]), None);
        assert_eq!(unmet_by(WidgetKind::Notes, json!({"text": "x"}), &both), None);
        assert_eq!(
            unmet_by(WidgetKind::AlertsFeed, json!({}), &both[1..]).unwrap(),
            "Not filtered by Department; Budgets and Stock not filtered by Status"
        );
        assert_eq!(
            unmet_by(WidgetKind::Calendar, json!({"show": ["payments"]}), &both[..1]).unwrap(),
            "Not filtered by Category"
        );
    }

    #[test]
    fn what_any_widget_honours_is_offered_once_in_one_order() {
        let widgets = [
            parse(WidgetKind::DataTable, &json!({"source": "payments"})).unwrap(),
            parse(WidgetKind::Kpi, &json!({"metric": "budget_used"})).unwrap(),
        ];
        let names: Vec<&str> = offered(&widgets, &metrics()).into_iter().map(|(name, _)| name).collect();
        assert_eq!(names, ["type", "category", "currency", "party", "direction", "status", "overdue"]);
    }
}
