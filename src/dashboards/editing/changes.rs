//! What is different between two states of a dashboard, in words.

use super::model::{Content, DraftWidget};
use crate::{
    accounts::Role,
    metrics::TimeRange,
    widgets::{
        WidgetKind,
        settings::{COLORS, Choice, Control, carry_over, from_code, schema},
    },
};
use serde_json::{Map, Value};
use std::collections::HashSet;

/// So many widgets or settings are named one by one; of more, the number says enough.
const NAMED: usize = 4;

/// “Revenue” was moved, “Cash in” was added … Empty when nothing is different.
pub fn changes(old: &Content, new: &Content) -> Vec<String> {
    let mut words = Vec::new();
    if old.name != new.name {
        words.push(format!("The dashboard was renamed from “{}” to “{}”", old.name, new.name));
    }
    if old.description != new.description {
        words.push("The description was changed".to_owned());
    }
    if old.refresh_interval != new.refresh_interval {
        words.push(format!("It refreshes every {} now", interval(new.refresh_interval)));
    }
    let kept: Vec<(&DraftWidget, &DraftWidget)> =
        new.widgets.iter().filter_map(|widget| Some((old.find(widget.id)?, widget))).collect();
    let titles = |condition: &dyn Fn(&DraftWidget, &DraftWidget) -> bool| -> Vec<String> {
        kept.iter().filter(|(was, is)| condition(was, is)).map(|(_, is)| name(is)).collect()
    };
    let added: Vec<String> = new.widgets.iter().filter(|w| old.find(w.id).is_none()).map(name).collect();
    let removed: Vec<String> = old.widgets.iter().filter(|w| new.find(w.id).is_none()).map(name).collect();
    group(&mut words, added, "added");
    group(&mut words, removed, "removed");
    for (was, is) in &kept {
        if was.title() != is.title() && was.kind == is.kind {
            words.push(match (name(was), name(is)) {
                (was, is) if was != UNNAMED && is != UNNAMED => format!("{was} is called {is} now"),
                _ => format!("{UNNAMED} was renamed"),
            });
        }
        if was.kind != is.kind {
            let label = |widget: &DraftWidget| widget.kind.label().to_lowercase();
            words.push(format!("{} was changed from {} to {}", name(is), label(was), label(is)));
        }
    }
    let configured = kept.iter().map(|(was, is)| (name(is), configured(was, is)));
    let configured: Vec<_> = configured.filter(|(_, labels)| !labels.is_empty()).collect();
    if configured.len() > NAMED {
        let mut seen = HashSet::new();
        let labels =
            configured.iter().flat_map(|(_, labels)| labels.clone()).filter(|label| seen.insert(label.clone()));
        words.push(format!("{} widgets were configured: {}", configured.len(), listed(labels.collect())));
    } else {
        words.extend(
            configured.into_iter().map(|(title, labels)| format!("{title} was configured: {}", listed(labels))),
        );
    }
    group(&mut words, titles(&|was, is| (was.w, was.h) != (is.w, is.h)), "resized");
    // What grew towards the upper left has another corner, and was told already.
    group(&mut words, titles(&|was, is| (was.w, was.h) == (is.w, is.h) && (was.x, was.y) != (is.x, is.y)), "moved");
    group(&mut words, titles(&|was, is| !was.pinned && is.pinned), "pinned");
    group(&mut words, titles(&|was, is| was.pinned && !is.pinned), "unpinned");
    words
}

/// “Revenue”. Everybody reads these words, so a widget that is not for everybody has no name in them.
fn name(widget: &DraftWidget) -> String {
    if widget.settings.get("roles").is_some() { UNNAMED.to_owned() } else { format!("“{}”", widget.title()) }
}

const UNNAMED: &str = "A widget";

/// What is set differently, as the panel calls it; without a title that is told already.
fn configured(was: &DraftWidget, is: &DraftWidget) -> Vec<String> {
    let renamed = was.kind == is.kind && was.title() != is.title();
    let old = if was.kind == is.kind { was.settings.clone() } else { carry_over(is.kind, &was.settings) };
    let different = |name: &&str| Setting(old.get(*name)) != Setting(is.settings.get(*name));
    let names = names(is.kind, [&old, &is.settings]).into_iter().filter(different);
    names.filter(|name| !renamed || *name != "title").map(|name| label(is.kind, name)).collect()
}

/// The names of all that is set in one of these, in the order of the panel.
pub(super) fn names<'a, const N: usize>(kind: WidgetKind, settings: [&'a Value; N]) -> Vec<&'a str> {
    let given = settings.into_iter().filter_map(Value::as_object).flat_map(Map::keys).map(String::as_str);
    let known = schema(kind).iter().map(|field| -> &'a str { field.name });
    let mut seen = HashSet::new();
    let is_set = move |name: &&str| settings.iter().any(|settings| settings.get(*name).is_some());
    // What this release has no field for stands at the end.
    known.filter(is_set).chain(given).filter(|name| seen.insert(*name)).collect()
}

/// "time range": a setting as the panel calls it.
pub(super) fn label(kind: WidgetKind, name: &str) -> String {
    schema(kind).iter().find(|field| field.name == name).map_or(name, |field| field.label).to_lowercase()
}

/// What a setting is set to, mostly in the words that its control in the panel has.
pub(super) fn value(kind: WidgetKind, name: &str, setting: Setting<'_>) -> String {
    let (Some(value), Some(text)) = (setting.0, setting.text()) else { return "not set".to_owned() };
    let mut fields = schema(kind).iter().filter(|field| field.name == name);
    fields.find_map(|field| in_words(field.control, value, &text)).unwrap_or(text)
}

fn in_words(control: Control, value: &Value, text: &str) -> Option<String> {
    let option = |options: &[Choice], text: &str| {
        options.iter().find(|option| option.value == text).map(|option| option.label.to_owned())
    };
    match control {
        Control::Metric | Control::Source | Control::Dimension => Some(from_code(text)),
        Control::Choice { options, .. } => option(options, text),
        Control::Choices { options } => each(value, |item| option(options, item.as_str()?)),
        Control::Columns { .. } => each(value, |item| item.as_str().map(from_code)),
        Control::Roles => each(value, |item| Some(format!("{}s", item.as_str()?.parse::<Role>().ok()?.label()))),
        Control::Conditions { .. } => each(value, condition),
        Control::SortField => Some(match text.strip_prefix('-') {
            Some(field) => format!("{}, largest first", from_code(field)),
            None => format!("{}, smallest first", from_code(text)),
        }),
        Control::Flag { .. } => value.as_bool().map(|on| if on { "yes" } else { "no" }.to_owned()),
        Control::Color => {
            let n: usize = text.parse().ok()?;
            COLORS.get(n.checked_sub(1)?).map(|color| (*color).to_owned())
        }
        Control::Range => serde_json::from_value(value.clone()).ok().map(|range: TimeRange| range.label()),
        Control::Text { .. } | Control::Markdown { .. } | Control::Number | Control::Whole { .. } => None,
    }
}

/// `None` when there is one that has no words.
fn each(value: &Value, words: impl Fn(&Value) -> Option<String>) -> Option<String> {
    let all = value.as_array()?.iter().map(words).collect::<Option<Vec<_>>>()?;
    Some(if all.is_empty() { "none".to_owned() } else { all.join(", ") })
}

/// "Category = Freight".
fn condition(condition: &Value) -> Option<String> {
    let (field, operator) = (condition.get("field")?.as_str()?, condition.get("operator")?.as_str()?);
    let value = Setting(condition.get("value")).text().unwrap_or_default();
    Some(format!("{} {operator} {value}", from_code(field)).trim_end().to_owned())
}

/// Two texts short enough to be compared at a glance, from a little before where they part.
pub(super) fn abridged(texts: [String; 2]) -> [String; 2] {
    const LENGTH: usize = 80;
    const BEFORE: usize = 20;
    let long = texts.iter().any(|text| text.chars().count() > LENGTH);
    let same = texts[0].chars().zip(texts[1].chars()).take_while(|(a, b)| a == b).count();
    let skipped = if long { same.saturating_sub(BEFORE) } else { 0 };
    texts.map(|text| {
        let mut rest = text.chars().skip(skipped);
        let shown: String = rest.by_ref().take(LENGTH).collect();
        let dots = |cut: bool| if cut { "…" } else { "" };
        format!("{}{shown}{}", dots(skipped > 0), dots(rest.next().is_some()))
    })
}

/// A setting's value, equal to one that says the same: what is typed is text and may be stored as a number, and nothing
/// typed is nothing set.
#[derive(Clone, Copy)]
pub(super) struct Setting<'a>(pub Option<&'a Value>);

impl Setting<'_> {
    fn text(self) -> Option<String> {
        match self.0? {
            Value::Null => None,
            Value::String(text) => Some(text.trim().to_owned()).filter(|text| !text.is_empty()),
            other => Some(other.to_string()),
        }
    }
}

impl PartialEq for Setting<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0 || self.text() == other.text()
    }
}

/// "title, time range and colour".
fn listed(mut labels: Vec<String>) -> String {
    if labels.len() > NAMED + 1 {
        let more = labels.split_off(NAMED).len();
        labels.push(format!("{more} more"));
    }
    match labels.pop() {
        Some(last) if !labels.is_empty() => format!("{} and {last}", labels.join(", ")),
        last => last.unwrap_or_default(),
    }
}

fn group(words: &mut Vec<String>, titles: Vec<String>, what: &str) {
    if titles.len() > NAMED {
        words.push(format!("{} widgets were {what}", titles.len()));
    } else {
        words.extend(titles.into_iter().map(|title| format!("{title} was {what}")));
    }
}

/// "60 seconds", "5 minutes", "2 hours".
pub(super) fn interval(seconds: i32) -> String {
    let (n, unit) = match seconds {
        s if s >= 3600 && s % 3600 == 0 => (s / 3600, "hour"),
        s if s > 60 && s % 60 == 0 => (s / 60, "minute"),
        s => (s, "second"),
    };
    if n == 1 { unit.to_owned() } else { format!("{n} {unit}s") }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]
    use super::*;
    use crate::ids::WidgetId;
    use serde_json::json;
    use uuid::Uuid;

    fn note(n: u128, title: &str) -> DraftWidget {
        let id = WidgetId(Uuid::from_u128(n));
        let settings = json!({"title": title, "text": "x"});
        DraftWidget { id, kind: WidgetKind::Notes, x: 0, y: (n * 3) as u16, w: 3, h: 3, pinned: false, settings }
    }

    fn content(widgets: Vec<DraftWidget>) -> Content {
        Content { name: "Cash".into(), description: String::new(), refresh_interval: 60, widgets }
    }

    #[test]
    fn each_kind_of_change_has_its_words() {
        let old = content(vec![note(1, "One"), note(2, "Two"), note(3, "Three"), note(4, "Four"), note(5, "Five")]);
        assert!(changes(&old, &old).is_empty());
        let mut new = old.clone();
        new.name = "Money".into();
        new.refresh_interval = 300;
        new.widgets.remove(4);
        new.widgets[0].x = 4;
        new.widgets[1].w = 5;
        new.widgets[1].x = 1;
        new.widgets[2].settings = json!({"title": "Drei", "text": "y"});
        new.widgets[3].pinned = true;
        new.widgets.push(note(6, "Six"));
        assert_eq!(
            changes(&old, &new),
            [
                "The dashboard was renamed from “Cash” to “Money”",
                "It refreshes every 5 minutes now",
                "“Six” was added",
                "“Five” was removed",
                "“Three” is called “Drei” now",
                "“Drei” was configured: text",
                "“Two” was resized",
                "“One” was moved",
                "“Four” was pinned",
            ]
        );
        new.widgets[3].kind = WidgetKind::AlertsFeed;
        assert!(changes(&old, &new).contains(&"“Four” was changed from notes to alerts".to_owned()));
    }

    #[test]
    fn what_is_not_for_everybody_has_no_name() {
        let limited = |title: &str| {
            let mut widget = note(1, title);
            widget.settings["roles"] = json!(["VIEWER"]);
            widget
        };
        let steps = [
            (vec![], vec![limited("Pay")]),
            (vec![limited("Pay")], vec![limited("Wages")]),
            (vec![limited("Pay")], vec![note(1, "Wages")]),
            (vec![limited("Pay")], vec![]),
        ];
        for (old, new) in steps {
            let words = changes(&content(old), &content(new));
            assert!(!words.is_empty() && words.iter().all(|words| !words.contains("Pay")), "{words:?}");
        }
        let renamed = changes(&content(vec![note(1, "Open")]), &content(vec![limited("Pay")]));
        assert_eq!(renamed, ["A widget was renamed", "A widget was configured: who may see it"]);
    }

    #[test]
    fn many_are_counted() {
        let old = content((1..9).map(|n| note(n, "Note")).collect());
        let mut new = old.clone();
        for widget in &mut new.widgets {
            widget.y += 3;
        }
        assert_eq!(changes(&old, &new), ["8 widgets were moved"]);
    }

    #[test]
    fn settings_are_named_as_the_panel_names_them() {
        let figure = |settings: Value| content(vec![DraftWidget { kind: WidgetKind::Kpi, settings, ..note(1, "") }]);
        let told = |old: Value, new: Value| changes(&figure(old), &figure(new));
        let old = json!({"title": "Revenue", "metric": "total_revenue", "decimals": 2, "color": 1});
        let mut new = old.clone();
        new["metric"] = json!("net_profit");
        new["range"] = json!({"from": "now-30d", "to": "now"});
        new["warning"] = json!("5");
        assert_eq!(told(old.clone(), new.clone()), ["“Revenue” was configured: metric, time range and warning from"]);
        for (name, value) in [("color", json!(2)), ("critical", json!("1")), ("roles", json!([]))] {
            new[name] = value;
        }
        assert_eq!(
            told(old.clone(), new),
            ["A widget was configured: metric, time range, colour, warning from and 2 more"]
        );
        // As it was typed it says the same.
        let typed = json!({"title": "Revenue", "metric": "total_revenue", "decimals": "2", "color": 1, "target": ""});
        assert!(told(old, typed).is_empty());
    }

    #[test]
    fn values_are_told_as_the_panel_has_them() {
        let told = |name: &str, set: Value| value(WidgetKind::DataTable, name, Setting(Some(&set)));
        for (name, set, words) in [
            ("metric", json!("cash_in"), "Cash in"),
            ("title", json!(" Inflow "), "Inflow"),
            ("title", json!(" "), "not set"),
            ("decimals", json!(2), "2"),
            ("color", json!("3"), "Teal"),
            ("range", json!({"from": "now-30d", "to": "now"}), "Last 30 days"),
            ("sort", json!("-value"), "Largest first"),
            ("sort", json!("-due_date"), "Due date, largest first"),
            ("columns", json!(["due_date", "amount"]), "Due date, Amount"),
            ("roles", json!(["VIEWER"]), "Viewers"),
            ("roles", json!([]), "none"),
            ("filters", json!([{"field": "category", "operator": "=", "value": "Freight"}]), "Category = Freight"),
            ("later", json!("from another release"), "from another release"),
        ] {
            assert_eq!(told(name, set), words, "{name}");
        }
        assert_eq!(value(WidgetKind::Kpi, "color", Setting(None)), "not set");
    }

    #[test]
    fn long_texts_are_told_from_where_they_part() {
        let short = ["one", "two"].map(str::to_owned);
        assert_eq!(abridged(short.clone()), short);
        let [mine, theirs] = abridged(["a", "b"].map(|end| format!("{}{}", "x".repeat(500), end.repeat(500))));
        assert_eq!(mine, format!("…{}{}…", "x".repeat(20), "a".repeat(60)));
        assert_eq!(theirs, format!("…{}{}…", "x".repeat(20), "b".repeat(60)));
    }

    #[test]
    fn what_another_kind_has_no_place_for_is_not_told() {
        let old = content(vec![note(1, "One")]);
        let mut new = old.clone();
        new.widgets[0].kind = WidgetKind::AlertsFeed;
        new.widgets[0].settings = json!({"title": "One", "limit": 5});
        assert_eq!(changes(&old, &new), ["“One” was changed from notes to alerts", "“One” was configured: at most"]);
    }
}
