//! What is different between two states of a dashboard, in words.

use super::model::{Content, DraftWidget};

/// So many widgets are named one by one; of more, the number says enough.
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
    // A title is a setting too, but was told already.
    let configured = titles(&|was, is| was.kind == is.kind && untitled(was) != untitled(is));
    group(&mut words, configured, "configured");
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

fn untitled(widget: &DraftWidget) -> serde_json::Value {
    let mut settings = widget.settings.clone();
    if let Some(settings) = settings.as_object_mut() {
        settings.remove("title");
    }
    settings
}

fn group(words: &mut Vec<String>, titles: Vec<String>, what: &str) {
    if titles.len() > NAMED {
        words.push(format!("{} widgets were {what}", titles.len()));
    } else {
        words.extend(titles.into_iter().map(|title| format!("{title} was {what}")));
    }
}

/// "60 seconds", "5 minutes", "2 hours".
fn interval(seconds: i32) -> String {
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
    use crate::{ids::WidgetId, widgets::WidgetKind};
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
                "“Drei” was configured",
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
        assert_eq!(renamed, ["A widget was renamed", "A widget was configured"]);
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
}
