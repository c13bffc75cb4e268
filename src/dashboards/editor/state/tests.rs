#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]
use super::*;
use crate::{
    dashboards::{grid::Handle, templates::Template},
    widgets::WidgetKind,
};
use proptest::prelude::*;
use serde_json::json;
use uuid::Uuid;

fn id(n: usize) -> WidgetId {
    WidgetId(Uuid::from_u128(n as u128))
}

fn widget(n: usize, kind: WidgetKind, (x, y, w, h): (u16, u16, u16, u16), title: &str) -> DraftWidget {
    DraftWidget { id: id(n), kind, x, y, w, h, pinned: false, settings: json!({ "title": title }) }
}

fn content(widgets: Vec<DraftWidget>) -> Content {
    Content { name: "Cash".into(), description: String::new(), refresh_interval: 60, widgets }
}

fn cash_flow() -> State {
    let widgets = Template::CashFlow.widgets().into_iter().enumerate().map(|(n, new)| DraftWidget {
        id: id(n),
        kind: new.kind,
        x: new.x.unwrap(),
        y: new.y.unwrap(),
        w: new.w.unwrap(),
        h: new.h.unwrap(),
        pinned: false,
        settings: new.settings,
    });
    State::open(&content(widgets.collect()), 3)
}

fn titles(state: &State) -> Vec<String> {
    state.tiles().iter().map(Tile::title).collect()
}

fn place(state: &State, n: usize) -> (u16, u16, u16, u16) {
    let Area { x, y, w, h } = state.tile(id(n)).unwrap().area;
    (x, y, w, h)
}

#[test]
fn nothing_is_dirty_until_something_differs_and_again_when_it_is_back() {
    let mut state = cash_flow();
    assert!(!state.is_dirty());
    state.rename("Money");
    assert!(state.is_dirty());
    state.rename("Cash");
    assert!(!state.is_dirty());
    assert_eq!(state.undoable(), None, "a run that came back to where it began is no step");
}

#[test]
fn a_run_of_typing_is_one_step_and_another_field_is_the_next() {
    let mut state = cash_flow();
    let mut widget = state.tile(id(0)).unwrap().widget();
    for text in ["R", "Re", "Rev"] {
        widget.settings["title"] = json!(text);
        state.change(&widget).unwrap();
    }
    widget.settings["decimals"] = json!(2);
    state.change(&widget).unwrap();
    state.undo().unwrap();
    assert_eq!(state.tile(id(0)).unwrap().title(), "Rev");
    state.undo().unwrap();
    assert_eq!(state.tile(id(0)).unwrap().title(), "Cash In");
    state.redo().unwrap();
    assert_eq!(state.tile(id(0)).unwrap().title(), "Rev");
    state.end_run();
    widget.settings = json!({"metric": "cash_in", "title": "Revenue"});
    state.change(&widget).unwrap();
    state.undo().unwrap();
    assert_eq!(state.tile(id(0)).unwrap().title(), "Rev");
}

#[test]
fn a_key_that_is_held_is_one_step() {
    let mut state = State::open(&content(vec![widget(1, WidgetKind::Kpi, (0, 0, 3, 2), "A")]), 1);
    state.nudge(id(1), 1, 0, true).unwrap();
    state.nudge(id(1), 1, 0, true).unwrap();
    assert_eq!(state.nudge(id(1), 1, 0, true).unwrap(), "A: column 4, row 1, 3 by 2");
    state.undo().unwrap();
    assert_eq!(place(&state, 1), (0, 0, 3, 2));
    state.nudge(id(1), 1, 0, false).unwrap();
    state.nudge(id(1), 1, 0, false).unwrap();
    state.undo().unwrap();
    assert_eq!(place(&state, 1), (1, 0, 3, 2));
}

#[test]
fn the_keyboard_moves_a_widget_past_its_neighbour() {
    let mut state = cash_flow();
    assert_eq!(state.nudge(id(3), 0, -1, false).unwrap(), "Cash Flow: column 1, row 1, 8 by 4");
    assert_eq!(place(&state, 0), (0, 4, 4, 2));
    assert_eq!(state.nudge(id(3), 0, -1, false).unwrap_err(), "Cash Flow is as far up as it goes.");
    state.nudge(id(3), 0, 1, false).unwrap();
    assert_eq!(place(&state, 3), (0, 2, 8, 4));
}

#[test]
fn sizes_keep_to_the_kind_and_the_refusal_says_so() {
    let mut state = cash_flow();
    let told = state.resize(id(0), Handle::East, 1, 0, false).unwrap_err();
    assert_eq!(told, "Cash In is 4 by 2. It may be 2 by 2 to 4 by 3.");
    state.resize(id(0), Handle::East, -2, 0, false).unwrap();
    assert_eq!(place(&state, 0), (0, 0, 2, 2));
}

#[test]
fn what_is_added_takes_the_first_gap_and_is_selected() {
    let mut state = cash_flow();
    state.remove(id(1)).unwrap();
    state.add(WidgetKind::Kpi, id(9), None, json!({})).unwrap();
    assert_eq!(place(&state, 9), (4, 0, 3, 2));
    assert_eq!(state.selected(), Some(id(9)));
    state.undo().unwrap();
    assert_eq!(state.selected(), None);
    state.undo().unwrap();
    assert!(!state.is_dirty());
}

#[test]
fn what_is_dropped_on_a_cell_stands_there() {
    let mut state = cash_flow();
    state.add(WidgetKind::Notes, id(9), Some((0, 0)), json!({})).unwrap();
    assert_eq!(place(&state, 9), (0, 0, 3, 3));
    assert_eq!(state.grid().validate(), Ok(()));
}

#[test]
fn a_dashboard_takes_only_so_many_widgets() {
    let mut state = State::open(&content(Vec::new()), 1);
    for n in 0..crate::dashboards::model::MAX_WIDGETS {
        state.add(WidgetKind::Kpi, id(n + 1), None, json!({})).unwrap();
    }
    assert!(state.add(WidgetKind::Kpi, id(9999), None, json!({})).unwrap_err().contains("at most"));
}

#[test]
fn a_copy_has_its_own_id_and_the_same_settings_on_any_dashboard() {
    let text = cash_flow().copy(id(2)).unwrap();
    assert_eq!(clipboard::offered(&text).as_deref(), Some("Collection Rate"));
    let mut other = State::open(&content(Vec::new()), 1);
    other.paste(&text, || id(77)).unwrap();
    let pasted = other.tile(id(77)).unwrap();
    assert_eq!(*pasted.settings, *cash_flow().tile(id(2)).unwrap().settings);
    assert_eq!(place(&other, 77), (0, 0, 4, 4));
    for foreign in ["", "hello", "{}", r#"{"belvedere_widgets": 2, "widgets": []}"#] {
        assert!(other.paste(foreign, || id(78)).is_err());
    }
    assert_eq!(other.tiles().len(), 1);
}

#[test]
fn a_duplicate_stands_beside_the_first_where_there_is_room() {
    let mut state = State::open(&content(vec![widget(1, WidgetKind::Kpi, (0, 0, 3, 2), "A")]), 1);
    state.duplicate(id(1), id(2)).unwrap();
    assert_eq!(place(&state, 2), (3, 0, 3, 2));
    state.duplicate(id(1), id(3)).unwrap();
    assert_eq!(place(&state, 3), (0, 2, 3, 2));
    assert_eq!(titles(&state), ["A", "A", "A"]);
}

#[test]
fn a_pinned_widget_stays_and_says_why() {
    let mut state = cash_flow();
    state.toggle_pin(id(3)).unwrap();
    assert_eq!(state.move_to(id(3), 0, 0).unwrap_err(), "Cash Flow is pinned. Unpin it to move it.");
    state.remove(id(0)).unwrap();
    assert_eq!(place(&state, 3), (0, 2, 8, 4));
    state.toggle_pin(id(3)).unwrap();
    assert_eq!(place(&state, 3), (0, 2, 8, 4));
}

#[test]
fn another_kind_keeps_the_settings_and_fits_its_own_sizes() {
    let mut state = cash_flow();
    let mut widget = state.tile(id(3)).unwrap().widget();
    widget.kind = WidgetKind::Kpi;
    state.change(&widget).unwrap();
    assert_eq!(place(&state, 3), (0, 2, 4, 3));
    assert_eq!(state.tile(id(3)).unwrap().title(), "Cash Flow");
    assert_eq!(state.grid().validate(), Ok(()));
}

#[test]
fn a_size_from_the_panel_stays_within_its_kind_s_and_neighbours_make_way() {
    let mut state = cash_flow();
    let mut widget = state.tile(id(0)).unwrap().widget();
    (widget.w, widget.h) = (3, 9);
    state.change(&widget).unwrap();
    assert_eq!((place(&state, 0), place(&state, 3)), ((0, 0, 3, 3), (0, 3, 8, 4)));
    assert_eq!(state.grid().validate(), Ok(()));
    state.undo().unwrap();
    assert_eq!((place(&state, 0), place(&state, 3)), ((0, 0, 4, 2), (0, 2, 8, 4)));
}

#[test]
fn neighbours_change_places_in_reading_order_without_another_moving() {
    let mut state = cash_flow();
    assert_eq!(titles(&state), ["Cash In", "Cash Out", "Collection Rate", "Cash Flow"]);
    assert_eq!(state.reorder(id(1), 0).unwrap(), "Cash Out: 1 of 4");
    assert_eq!(titles(&state), ["Cash Out", "Cash In", "Collection Rate", "Cash Flow"]);
    assert_eq!(place(&state, 3), (0, 2, 8, 4));
    state.reorder(id(3), 0).unwrap();
    assert_eq!(titles(&state), ["Cash Flow", "Cash Out", "Cash In", "Collection Rate"]);
    assert_eq!(state.reorder(id(3), 0).unwrap_err(), "Cash Flow is the first widget already.");
}

#[test]
fn discarding_can_be_undone() {
    let mut state = cash_flow();
    state.remove(id(0)).unwrap();
    let edited = state.content();
    state.discard().unwrap();
    assert!(!state.is_dirty());
    assert_eq!(state.undo().unwrap(), "discard all changes");
    assert_eq!(state.content(), edited);
}

#[test]
fn after_saving_nothing_is_dirty_and_undo_still_leads_back() {
    let mut state = cash_flow();
    let first = state.content();
    state.remove(id(0)).unwrap();
    state.rebase(&state.content(), 4);
    assert!(!state.is_dirty());
    assert_eq!(state.base_version(), 4);
    state.undo().unwrap();
    assert!(state.is_dirty());
    assert_eq!(state.content(), first);
}

#[test]
fn every_step_is_about_a_widget_that_is_there() {
    let mut state = cash_flow();
    let mut about = |deed: &mut dyn FnMut(&mut State)| {
        let before = state.sheet().clone();
        deed(&mut state);
        state.about(&before)
    };
    assert_eq!(about(&mut |state| drop(state.remove(id(1)))), Some(id(2)), "the next one");
    assert_eq!(about(&mut |state| drop(state.undo())), Some(id(1)), "what came back");
    assert_eq!(about(&mut |state| drop(state.remove(id(3)))), Some(id(2)), "the one before the last");
    assert_eq!(about(&mut |state| drop(state.undo())), Some(id(3)));
    assert_eq!(about(&mut |state| drop(state.toggle_pin(id(0)))), Some(id(0)));
    assert_eq!(about(&mut |state| drop(state.undo())), Some(id(0)));
    let moved = about(&mut |state| {
        state.select(Some(id(3)));
        drop(state.nudge(id(3), 0, -1, false));
    });
    assert_eq!(moved, Some(id(3)), "and not one that made way");
    assert_eq!(about(&mut |state| state.rename("Money")), None);
    let empty = about(&mut |state| (0..4).for_each(|n| drop(state.remove(id(n)))));
    assert_eq!(empty, None);
}

#[derive(Clone, Debug)]
enum Deed {
    Add(usize, Option<(i32, i32)>),
    Move(usize, i32, i32),
    Nudge(usize, i32, i32),
    Resize(usize, usize, i32, i32),
    Remove(usize),
    Duplicate(usize),
    Paste(usize),
    Pin(usize),
    Kind(usize, usize),
    Reorder(usize, usize),
    Undo,
    Redo,
}

fn deed() -> impl Strategy<Value = Deed> {
    let cell = || (0..12, 0..16);
    prop_oneof![
        4 => (0..12usize, prop::option::of(cell())).prop_map(|(kind, at)| Deed::Add(kind, at)),
        4 => (0..20usize, -2..14, -2..20).prop_map(|(n, x, y)| Deed::Move(n, x, y)),
        2 => (0..20usize, 0..4usize).prop_map(|(n, d)| {
            let (dx, dy) = [(1, 0), (-1, 0), (0, 1), (0, -1)][d];
            Deed::Nudge(n, dx, dy)
        }),
        3 => (0..20usize, 0..8usize, -5..6, -5..6).prop_map(|(n, h, dx, dy)| Deed::Resize(n, h, dx, dy)),
        1 => (0..20usize).prop_map(Deed::Remove),
        1 => (0..20usize).prop_map(Deed::Duplicate),
        1 => (0..20usize).prop_map(Deed::Paste),
        1 => (0..20usize).prop_map(Deed::Pin),
        1 => (0..20usize, 0..12usize).prop_map(|(n, kind)| Deed::Kind(n, kind)),
        1 => (0..20usize, 0..20usize).prop_map(|(n, to)| Deed::Reorder(n, to)),
        1 => Just(Deed::Undo),
        1 => Just(Deed::Redo),
    ]
}

fn act(state: &mut State, deed: &Deed, fresh: WidgetId) {
    let nth = |state: &State, n: usize| {
        state.tiles().get(n % state.tiles().len().max(1)).map_or(WidgetId(Uuid::nil()), |tile| tile.id)
    };
    // A refusal is as good as a deed: both must leave everything whole.
    let _ = match *deed {
        Deed::Add(kind, at) => state.add(WidgetKind::ALL[kind], fresh, at, json!({})),
        Deed::Move(n, x, y) => state.move_to(nth(state, n), x, y),
        Deed::Nudge(n, dx, dy) => state.nudge(nth(state, n), dx, dy, n % 2 == 0),
        Deed::Resize(n, h, dx, dy) => state.resize(nth(state, n), Handle::ALL[h], dx, dy, n % 2 == 0),
        Deed::Remove(n) => state.remove(nth(state, n)),
        Deed::Duplicate(n) => state.duplicate(nth(state, n), fresh),
        Deed::Paste(n) => state.copy(nth(state, n)).and_then(|text| state.paste(&text, || fresh)),
        Deed::Pin(n) => state.toggle_pin(nth(state, n)),
        Deed::Kind(n, kind) => match state.tile(nth(state, n)).map(Tile::widget) {
            Some(widget) => state.change(&DraftWidget { kind: WidgetKind::ALL[kind], ..widget }),
            None => Err(String::new()),
        },
        Deed::Reorder(n, to) => state.reorder(nth(state, n), to),
        Deed::Undo => state.undo(),
        Deed::Redo => state.redo(),
    };
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn whatever_is_done_the_layout_stays_whole_and_every_step_back_and_forth_is_exact(
        deeds in prop::collection::vec(deed(), 1..50)
    ) {
        let mut state = cash_flow();
        let first = state.content();
        for (n, deed) in deeds.iter().enumerate() {
            act(&mut state, deed, id(1000 + n));
            prop_assert_eq!(state.grid().validate(), Ok(()), "after {:?}", deed);
            let order: Vec<_> = state.tiles().iter().map(|t| (t.area.y, t.area.x)).collect();
            prop_assert!(order.is_sorted());
            for tile in state.tiles() {
                let Area { x, y, w, h } = tile.area;
                prop_assert!(tile.kind.check_place(x, y, w, h).is_ok());
            }
        }
        while state.redo().is_ok() {}
        let last = state.content();
        let mut steps = Vec::new();
        while state.undoable().is_some() {
            steps.push(state.content());
            state.undo().unwrap();
        }
        prop_assert_eq!(state.content(), first);
        prop_assert!(!state.is_dirty());
        for step in steps.into_iter().rev() {
            state.redo().unwrap();
            prop_assert_eq!(state.content(), step);
        }
        prop_assert_eq!(state.content(), last);
    }

    #[test]
    fn any_widget_can_be_read_at_any_place(
        adds in prop::collection::vec((0..12usize, 0..12i32, 0..12i32), 2..14), from in 0..14usize, to in 0..14usize
    ) {
        let mut state = State::open(&content(Vec::new()), 1);
        for (n, (kind, x, y)) in adds.into_iter().enumerate() {
            state.add(WidgetKind::ALL[kind], id(n + 1), Some((x, y)), json!({})).unwrap();
        }
        let mut wanted: Vec<_> = state.tiles().iter().map(|tile| tile.id).collect();
        let (from, to) = (from % wanted.len(), to % wanted.len());
        if from != to {
            let moved = wanted.remove(from);
            wanted.insert(to, moved);
            prop_assert!(state.reorder(moved, to).is_ok());
            let order: Vec<_> = state.tiles().iter().map(|tile| tile.id).collect();
            prop_assert_eq!(order, wanted);
            prop_assert_eq!(state.grid().validate(), Ok(()));
        }
    }
}
