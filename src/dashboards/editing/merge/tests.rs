#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]

use super::*;
use crate::widgets::WidgetKind;
use proptest::prelude::*;
use serde_json::json;
use uuid::Uuid;

fn id(n: usize) -> WidgetId {
    WidgetId(Uuid::from_u128(n as u128 + 1))
}

fn widget(n: usize, kind: WidgetKind) -> DraftWidget {
    let sizes = kind.sizes();
    let settings = json!({"title": format!("Widget {n}")});
    DraftWidget { id: id(n), kind, x: 0, y: 0, w: sizes.default_w, h: sizes.default_h, pinned: false, settings }
}

fn is_valid(content: &Content) -> bool {
    Grid::new(content.widgets.iter().map(DraftWidget::item).collect()).validate().is_ok()
}

/// A valid dashboard of `count` widgets of mixed kinds.
fn dashboard(count: usize) -> Content {
    let mut content =
        Content { name: "Name".into(), description: String::new(), refresh_interval: 60, widgets: Vec::new() };
    for n in 0..count {
        let mut new = widget(n, WidgetKind::ALL[n * 5 % 12]);
        let grid = Grid::new(content.widgets.iter().map(DraftWidget::item).collect());
        let (x, y) = grid.first_fit(new.w.into(), new.h.into());
        (new.x, new.y) = (x as u16, y as u16);
        content.widgets.push(new);
    }
    content
}

/// The last is one that no kind has a field for.
const SETTINGS: [&str; 4] = ["title", "metric", "color", "later"];

#[derive(Clone, Debug)]
enum Step {
    Rename(u8),
    Interval(u8),
    Configure(usize, usize, u8),
    Move(usize, u16, u16),
    Grow(usize),
    Pin(usize),
    Remove(usize),
    Add(u8),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        (0..3u8).prop_map(Step::Rename),
        (0..3u8).prop_map(Step::Interval),
        (0..8usize, 0..SETTINGS.len(), 0..4u8).prop_map(|(i, name, to)| Step::Configure(i, name, to)),
        (0..8usize, 0..12u16, 0..20u16).prop_map(|(i, x, y)| Step::Move(i, x, y)),
        (0..8usize).prop_map(Step::Grow),
        (0..8usize).prop_map(Step::Pin),
        (0..8usize).prop_map(Step::Remove),
        (0..4u8).prop_map(Step::Add),
    ]
}

/// What somebody makes of it, through the grid as the editor does. `who` keeps added widgets apart.
fn edited(base: &Content, steps: &[Step], who: usize) -> Content {
    let mut content = base.clone();
    for step in steps {
        let count = content.widgets.len();
        match *step {
            Step::Rename(to) => content.name = format!("Name {who}{to}"),
            Step::Interval(to) => content.refresh_interval = 60 * (i32::from(to) + 2),
            Step::Configure(i, name, to) if count > 0 => {
                content.widgets[i % count].settings[SETTINGS[name]] = json!(format!("By {who} as {to}"));
            }
            Step::Move(i, x, y) if count > 0 => {
                let mut grid = Grid::new(content.widgets.iter().map(DraftWidget::item).collect());
                grid.move_to(content.widgets[i % count].id, x.into(), y.into());
                for widget in &mut content.widgets {
                    let item = grid.find(widget.id).unwrap();
                    (widget.x, widget.y) = (item.x as u16, item.y as u16);
                }
            }
            Step::Grow(i) if count > 0 => {
                let widget = &mut content.widgets[i % count];
                widget.h = (widget.h + 1).min(widget.kind.sizes().max_h);
                settle(&mut content.widgets);
            }
            Step::Pin(i) if count > 0 => content.widgets[i % count].pinned ^= true,
            Step::Remove(i) if count > 0 => drop(content.widgets.remove(i % count)),
            Step::Add(n) => {
                let new = widget(1000 * (who + 1) + usize::from(n), WidgetKind::Notes);
                if content.find(new.id).is_none() {
                    content.widgets.push(new);
                    settle(&mut content.widgets);
                }
            }
            _ => {}
        }
    }
    content
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    prop::collection::vec(step(), 0..8)
}

proptest! {
    #[test]
    fn with_theirs_unchanged_it_is_mine_and_with_mine_unchanged_theirs(count in 0..10usize, steps in steps()) {
        let base = dashboard(count);
        let other = edited(&base, &steps, 1);
        for merged in [merge(&base, &other, &base), merge(&base, &base, &other), merge(&base, &other, &other)] {
            prop_assert_eq!(&merged.content, &other);
            prop_assert!(merged.clashes.is_empty());
        }
    }

    #[test]
    fn whatever_both_do_it_fits_and_no_work_is_lost(count in 0..10usize, one in steps(), other in steps()) {
        let base = dashboard(count);
        let (mine, theirs) = (edited(&base, &one, 1), edited(&base, &other, 2));
        let Merge { content, clashes } = merge(&base, &mine, &theirs);
        prop_assert!(is_valid(&content), "{content:?}");
        let clashed = |part: Part| clashes.iter().any(|clash| clash.part == part);
        for side in [&mine, &theirs] {
            for widget in &side.widgets {
                let was = base.find(widget.id);
                // What somebody added or worked on is there, as they made it unless that clashed.
                if was.is_none_or(|was| is_work(was, widget)) {
                    let now = content.find(widget.id);
                    prop_assert!(now.is_some(), "{widget:?} is lost");
                    for name in SETTINGS {
                        let changed = was.is_none_or(|was| was.settings.get(name) != widget.settings.get(name));
                        let part = Part::Setting(widget.id, name.to_owned());
                        if changed && !clashed(part) && !clashed(Part::Widget(widget.id)) {
                            prop_assert_eq!(now.unwrap().settings.get(name), widget.settings.get(name));
                        }
                    }
                }
            }
            if side.name != base.name && !clashed(Part::Name) {
                prop_assert_eq!(&content.name, &side.name);
            }
        }
        // What one removed and the other left alone is gone.
        for widget in &base.widgets {
            let gone = |a: &Content, b: &Content| a.find(widget.id).is_none() && b.find(widget.id).is_none_or(|b| !is_work(widget, b));
            if gone(&mine, &theirs) || gone(&theirs, &mine) {
                prop_assert!(content.find(widget.id).is_none());
            }
        }
        // It does not matter who asks, but in clashes and in where things stand.
        let swapped = merge(&base, &theirs, &mine);
        prop_assert_eq!(swapped.clashes.len(), clashes.len());
        let ids = |content: &Content| content.widgets.iter().map(|w| w.id).collect::<HashSet<_>>();
        prop_assert_eq!(ids(&swapped.content), ids(&content));
    }

    #[test]
    fn settling_keeps_what_fits_and_mends_the_rest(places in prop::collection::vec((0..20u16, 0..30u16, 0..20u16, 0..12u16, any::<bool>()), 0..20)) {
        let mut widgets: Vec<DraftWidget> = places.iter().enumerate().map(|(n, &(x, y, w, h, pinned))| {
            DraftWidget { x, y, w, h, pinned, ..widget(n, WidgetKind::ALL[n % 12]) }
        }).collect();
        settle(&mut widgets);
        let content = Content { widgets: widgets.clone(), ..Content::default() };
        prop_assert!(is_valid(&content), "{content:?}");
        settle(&mut widgets);
        prop_assert_eq!(widgets, content.widgets);
    }
}

#[test]
fn disjoint_changes_are_both_kept() {
    let base = dashboard(4);
    let (mut mine, mut theirs) = (base.clone(), base.clone());
    mine.widgets[0].settings = json!({"title": "Mine"});
    mine.description = "About".into();
    theirs.widgets[1].settings = json!({"title": "Theirs"});
    theirs.widgets.remove(3);
    let merged = merge(&base, &mine, &theirs);
    assert!(merged.clashes.is_empty());
    assert_eq!(merged.content.widgets.len(), 3);
    assert_eq!(merged.content.description, "About");
    assert_eq!(merged.content.find(id(0)).unwrap().title(), "Mine");
    assert_eq!(merged.content.find(id(1)).unwrap().title(), "Theirs");
}

#[test]
fn a_clash_is_told_and_can_be_decided() {
    let base = dashboard(2);
    let (mut mine, mut theirs) = (base.clone(), base.clone());
    mine.widgets[0].settings = json!({"title": "Mine"});
    theirs.widgets[0].settings = json!({"title": "Theirs"});
    mine.widgets.remove(1);
    theirs.widgets[1].settings = json!({"title": "Changed"});
    let merged = merge(&base, &mine, &theirs);
    let title = Part::Setting(id(0), "title".to_owned());
    let parts: Vec<&Part> = merged.clashes.iter().map(|clash| &clash.part).collect();
    assert_eq!(parts, [&title, &Part::Widget(id(1))]);
    assert_eq!(merged.clashes[0].words, "Both versions have changed a setting of “Mine”: title.");
    assert_eq!(merged.clashes[0].values, Some(["Mine", "Theirs"].map(str::to_owned)));
    assert_eq!(merged.content.find(id(0)).unwrap().title(), "Mine");
    assert!(merged.content.find(id(1)).is_some(), "what they changed outlives my removing it");
    let decided =
        merge_with(&base, &mine, &theirs, |part| Some(if *part == title { Side::Theirs } else { Side::Mine }));
    assert_eq!(decided.content.find(id(0)).unwrap().title(), "Theirs");
    assert!(decided.content.find(id(1)).is_none());
}

/// One widget with these settings.
fn figure(kind: WidgetKind, settings: Value) -> Content {
    let mut content = dashboard(1);
    content.widgets[0] = DraftWidget { settings, ..widget(0, kind) };
    content
}

#[test]
fn different_settings_of_one_widget_are_both_kept() {
    let base = figure(WidgetKind::Kpi, json!({"metric": "cash_in", "color": 1, "decimals": 2}));
    let mine = figure(WidgetKind::Kpi, json!({"metric": "cash_in", "color": 1, "decimals": "2", "warning": "0"}));
    let theirs = figure(WidgetKind::Kpi, json!({"metric": "cash_in", "title": "In", "decimals": 0}));
    let Merge { content, clashes } = merge(&base, &mine, &theirs);
    assert!(clashes.is_empty(), "what was typed again as it was is no change: {clashes:?}");
    let merged = json!({"metric": "cash_in", "title": "In", "decimals": 0, "warning": "0"});
    assert_eq!(content.widgets[0].settings, merged);
}

#[test]
fn another_kind_takes_along_what_it_has_of_the_others_settings() {
    let base = figure(WidgetKind::Kpi, json!({"metric": "cash_in", "sparkline": true}));
    let mine = figure(WidgetKind::Gauge, json!({"metric": "cash_in", "max": "10"}));
    let theirs = figure(WidgetKind::Kpi, json!({"metric": "cash_in", "sparkline": false, "title": "In"}));
    let Merge { content, clashes } = merge(&base, &mine, &theirs);
    assert!(clashes.is_empty(), "{clashes:?}");
    assert_eq!(content.widgets[0].kind, WidgetKind::Gauge);
    assert_eq!(content.widgets[0].settings, json!({"metric": "cash_in", "max": "10", "title": "In"}));
}

#[test]
fn a_table_comes_out_in_one_form() {
    let base = figure(WidgetKind::DataTable, json!({"metric": "cash_in"}));
    let mine = figure(WidgetKind::DataTable, json!({"source": "payments"}));
    let theirs = figure(WidgetKind::DataTable, json!({"metric": "cash_in", "group_by": "category"}));
    let Merge { content, clashes } = merge(&base, &mine, &theirs);
    assert!(clashes.is_empty(), "{clashes:?}");
    assert_eq!(content.widgets[0].settings, json!({"source": "payments"}));
}
