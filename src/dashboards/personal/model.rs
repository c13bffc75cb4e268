//! Order, arrangement: pure rules.

use crate::{
    dashboards::{
        editing::settle_items,
        grid::{Grid, Handle, Item},
        model::{DashboardRow, Place, widget_item},
    },
    ids::{DashboardId, WidgetId},
    widgets::Widget,
};
use serde::{Deserialize, Serialize};
use std::{collections::HashMap, str::FromStr};

/// What somebody has decided about one dashboard.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Preference {
    pub favourite: bool,
    pub position: Option<i32>,
    pub is_first: bool,
    pub arrangement: Option<Arrangement>,
}

pub type Preferences = HashMap<DashboardId, Preference>;

/// Where somebody has put the widgets of a dashboard.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct Arrangement {
    /// The version of the dashboard that was arranged.
    pub version: i64,
    pub places: Vec<Place>,
}

/// How a dashboard stands to the person who looks at it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Standing {
    /// Their own, seen by nobody else.
    pub personal: bool,
    pub may_edit: bool,
    pub favourite: bool,
    /// What they see first.
    pub is_first: bool,
    /// They have put its widgets elsewhere.
    pub arranged: bool,
    /// And the original has changed since.
    pub original_changed: bool,
    /// A link shows it to anybody who has it.
    pub public: bool,
}

/// The order of tabs: favourites, then the rest; in each, what the person has put in order, then what is new.
/// `rows` come in the organisation's order, or in this one already.
pub fn order(rows: &[&DashboardRow], preferences: &Preferences) -> Vec<usize> {
    let mut order: Vec<usize> = (0..rows.len()).collect();
    order.sort_by_key(|&i| {
        let own = preferences.get(&rows[i].id);
        (!own.is_some_and(|p| p.favourite), own.and_then(|p| p.position).unwrap_or(i32::MAX))
    });
    order
}

/// What is shown when no dashboard is named: the person's choice, the organisation's default, or the first tab.
pub fn first(rows: &[&DashboardRow], preferences: &Preferences) -> Option<DashboardId> {
    let chosen = rows.iter().find(|row| preferences.get(&row.id).is_some_and(|p| p.is_first));
    let first_tab = || rows.get(*order(rows, preferences).first()?);
    chosen.or_else(|| rows.iter().find(|row| row.is_default)).or_else(first_tab).map(|row| row.id)
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    Left,
    Right,
}

/// The order after one tab has changed places with its neighbour; `None` at the end. Favourites stay among favourites.
pub fn moved(
    order: &[DashboardId],
    favourite: impl Fn(DashboardId) -> bool,
    id: DashboardId,
    direction: Direction,
) -> Option<Vec<DashboardId>> {
    let from = order.iter().position(|other| *other == id)?;
    let to = match direction {
        Direction::Left => from.checked_sub(1)?,
        Direction::Right => from + 1,
    };
    let neighbour = *order.get(to)?;
    if favourite(neighbour) != favourite(id) {
        return None;
    }
    let mut order = order.to_vec();
    order.swap(from, to);
    Some(order)
}

/// The widgets where somebody has put them. What the dashboard has gained since comes where there is room.
pub fn arranged(widgets: &[Widget], places: &[Place]) -> Vec<Widget> {
    let of: HashMap<WidgetId, &Place> = places.iter().map(|place| (place.id, place)).collect();
    let mut items: Vec<Item> = Vec::with_capacity(widgets.len());
    for widget in widgets.iter().filter(|widget| of.contains_key(&widget.id)) {
        let Some(Place { x, y, w, h, .. }) = of.get(&widget.id) else { continue };
        let place = (i32::from(*x), i32::from(*y), i32::from(*w), i32::from(*h));
        items.push(Item { x: place.0, y: place.1, w: place.2, h: place.3, ..widget_item(widget) });
    }
    settle_items(&mut items);
    for widget in widgets.iter().filter(|widget| !of.contains_key(&widget.id)) {
        let item = widget_item(widget);
        let (x, y) = Grid::new(items.clone()).first_fit(item.w, item.h);
        items.push(Item { x, y, ..item });
    }
    put(widgets, &items)
}

/// The widgets at these places, in reading order.
fn put(widgets: &[Widget], items: &[Item]) -> Vec<Widget> {
    let cell = |n: i32| u16::try_from(n).unwrap_or_default();
    let mut out: Vec<Widget> = widgets
        .iter()
        .map(|widget| match items.iter().find(|item| item.id == widget.id) {
            Some(i) => Widget { x: cell(i.x), y: cell(i.y), w: cell(i.w), h: cell(i.h), ..widget.clone() },
            None => widget.clone(),
        })
        .collect();
    out.sort_by_key(|widget| (widget.y, widget.x));
    out
}

/// One step of arranging by keyboard, or without JavaScript.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    Left,
    Right,
    Up,
    Down,
    Wider,
    Narrower,
    Taller,
    Shorter,
}

impl Step {
    pub const ALL: [Step; 8] =
        [Step::Left, Step::Right, Step::Up, Step::Down, Step::Narrower, Step::Wider, Step::Shorter, Step::Taller];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Left => "left",
            Self::Right => "right",
            Self::Up => "up",
            Self::Down => "down",
            Self::Wider => "wider",
            Self::Narrower => "narrower",
            Self::Taller => "taller",
            Self::Shorter => "shorter",
        }
    }

    /// "Move left", "Make wider".
    pub const fn label(self) -> &'static str {
        match self {
            Self::Left => "Move left",
            Self::Right => "Move right",
            Self::Up => "Move up",
            Self::Down => "Move down",
            Self::Wider => "Make wider",
            Self::Narrower => "Make narrower",
            Self::Taller => "Make taller",
            Self::Shorter => "Make shorter",
        }
    }

    pub const fn sign(self) -> &'static str {
        match self {
            Self::Left => "←",
            Self::Right => "→",
            Self::Up => "↑",
            Self::Down => "↓",
            Self::Wider => "⇥",
            Self::Narrower => "⇤",
            Self::Taller => "⤓",
            Self::Shorter => "⤒",
        }
    }

    /// Takes the step with one widget; neighbours make way. Goes as far as it takes until something is different.
    pub fn take(self, widgets: &[Widget], id: WidgetId) -> Vec<Widget> {
        let before = Grid::new(widgets.iter().map(widget_item).collect());
        let Some(item) = before.find(id).copied() else { return widgets.to_vec() };
        for distance in 1..=12 {
            let mut grid = before.clone();
            match self {
                Self::Left => grid.move_to(id, item.x - distance, item.y),
                Self::Right => grid.move_to(id, item.x + distance, item.y),
                Self::Up => grid.move_to(id, item.x, item.y - distance),
                Self::Down => grid.move_to(id, item.x, item.y + distance),
                Self::Wider => grid.resize(id, Handle::East, distance, 0),
                Self::Narrower => grid.resize(id, Handle::East, -distance, 0),
                Self::Taller => grid.resize(id, Handle::South, 0, distance),
                Self::Shorter => grid.resize(id, Handle::South, 0, -distance),
            }
            if grid.find(id) != Some(&item) {
                return put(widgets, grid.items());
            }
        }
        widgets.to_vec()
    }
}

impl FromStr for Step {
    type Err = String;
    fn from_str(s: &str) -> Result<Self, String> {
        Self::ALL.into_iter().find(|step| step.as_str() == s).ok_or_else(|| format!("“{s}” is not a step."))
    }
}

#[cfg(all(test, feature = "ssr"))]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]
    use super::*;
    use crate::{dashboards::model::check_layout, widgets::WidgetKind};
    use proptest::prelude::*;
    use serde_json::json;
    use uuid::Uuid;

    fn row(n: u128, is_default: bool) -> DashboardRow {
        DashboardRow {
            id: DashboardId(Uuid::from_u128(n)),
            name: n.to_string(),
            description: String::new(),
            owner_id: None,
            is_default,
            refresh_interval: 60,
            version: 1,
            created_by: None,
            created_at: Default::default(),
            updated_at: Default::default(),
        }
    }

    fn note(n: u128, x: u16, y: u16, w: u16, h: u16) -> Widget {
        Widget::new(WidgetId(Uuid::from_u128(n)), WidgetKind::Notes, (x, y, w, h), &json!({"text": "x"})).unwrap()
    }

    #[test]
    fn favourites_come_first_and_what_is_new_comes_last() {
        let rows = [row(1, true), row(2, false), row(3, false), row(4, false)];
        let rows: Vec<&DashboardRow> = rows.iter().collect();
        assert_eq!(order(&rows, &Preferences::new()), [0, 1, 2, 3]);
        let at = |favourite, position| Preference { favourite, position, ..Preference::default() };
        let own = Preferences::from([
            (rows[0].id, at(false, Some(1))),
            (rows[2].id, at(false, Some(0))),
            (rows[3].id, at(true, None)),
        ]);
        assert_eq!(order(&rows, &own), [3, 2, 0, 1]);
        assert_eq!(first(&rows[1..], &own), Some(rows[3].id), "the first tab, where there is no default");
        assert_eq!(first(&rows, &own), Some(rows[0].id), "the organisation's default");
        let own = Preferences::from([(rows[1].id, Preference { is_first: true, ..Preference::default() })]);
        assert_eq!(first(&rows, &own), Some(rows[1].id));
        assert_eq!(first(&[], &own), None);
    }

    #[test]
    fn a_tab_moves_past_its_neighbour_but_not_out_of_its_group() {
        let ids: Vec<DashboardId> = (1..=4).map(|n| DashboardId(Uuid::from_u128(n))).collect();
        let favourite = |id| id == ids[0];
        let step = |id, direction| moved(&ids, favourite, id, direction);
        assert_eq!(step(ids[1], Direction::Right), Some(vec![ids[0], ids[2], ids[1], ids[3]]));
        assert_eq!(step(ids[3], Direction::Left), Some(vec![ids[0], ids[1], ids[3], ids[2]]));
        assert_eq!(step(ids[1], Direction::Left), None);
        assert_eq!(step(ids[0], Direction::Right), None);
        assert_eq!(step(ids[3], Direction::Right), None);
    }

    #[test]
    fn an_arrangement_fits_whatever_has_become_of_the_dashboard() {
        let place = |n: u128, x, y, w, h| Place { id: WidgetId(Uuid::from_u128(n)), x, y, w, h };
        let places = [place(1, 6, 0, 3, 3), place(2, 0, 0, 6, 3), place(3, 0, 3, 3, 3)];
        // The third is gone, a fourth has come.
        let now = [note(1, 0, 0, 3, 3), note(2, 3, 0, 6, 3), note(4, 0, 3, 3, 3)];
        let seen = arranged(&now, &places);
        let places: Vec<_> = seen.iter().map(|w| (w.id.0.as_u128(), w.x, w.y, w.w)).collect();
        assert_eq!(places, [(2, 0, 0, 6), (1, 6, 0, 3), (4, 9, 0, 3)]);
    }

    #[test]
    fn steps_move_and_resize_until_something_is_different() {
        let widgets = [note(1, 0, 0, 6, 4), note(2, 0, 4, 6, 3)];
        let id = widgets[1].id;
        let up = Step::Up.take(&widgets, id);
        assert_eq!(up[0].id, id, "past its neighbour: {up:?}");
        let right = Step::Right.take(&widgets, id);
        assert_eq!(right.iter().find(|w| w.id == id).map(|w| w.x), Some(1));
        let wider = Step::Wider.take(&widgets, id);
        assert_eq!(wider, widgets, "as wide as it may be");
        let shorter = Step::Shorter.take(&widgets, id);
        assert_eq!(shorter.iter().find(|w| w.id == id).map(|w| w.h), Some(2));
    }

    proptest! {
        #[test]
        fn whatever_was_arranged_and_whatever_there_is_it_can_be_drawn(
            now in prop::collection::vec((0..16u128, 2..7u16, 2..7u16), 0..12),
            places in prop::collection::vec((0..16u128, 0..30u16, 0..40u16, 0..30u16, 0..30u16), 0..12),
        ) {
            let mut widgets: Vec<Widget> = Vec::new();
            for (n, w, h) in now {
                if !widgets.iter().any(|widget| widget.id.0.as_u128() == n) {
                    let (x, y) = Grid::new(widgets.iter().map(widget_item).collect()).first_fit(w.into(), h.into());
                    widgets.push(note(n, x as u16, y as u16, w, h));
                }
            }
            let places: Vec<Place> =
                places.into_iter().map(|(n, x, y, w, h)| Place { id: WidgetId(Uuid::from_u128(n)), x, y, w, h }).collect();
            let seen = arranged(&widgets, &places);
            prop_assert!(check_layout(&seen).is_ok(), "{seen:?}");
            prop_assert_eq!(seen.len(), widgets.len());
            for step in Step::ALL {
                if let Some(widget) = seen.first() {
                    prop_assert!(check_layout(&step.take(&seen, widget.id)).is_ok());
                }
            }
        }
    }
}
