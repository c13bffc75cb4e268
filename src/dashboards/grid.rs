//! The grid: where widgets stand, and how they make way for each other.
//!
//! Pure arithmetic, the same on the server and in the browser. Everything is counted in cells: twelve
//! columns, rows as many as are needed. [`Grid::move_to`] and [`Grid::compact`] end in the same layout
//! as react-grid-layout 2.3's `moveElement` and `verticalCompactor` for the same input, which people
//! know from other dashboards; a differential test holds them to it.

use crate::ids::WidgetId;
use serde::{Deserialize, Serialize};

/// How many columns a dashboard has.
pub const COLUMNS: i32 = 12;

/// The smallest and largest size that an item may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limits {
    pub min_w: i32,
    pub min_h: i32,
    pub max_w: i32,
    pub max_h: i32,
}

impl Default for Limits {
    fn default() -> Self {
        Self { min_w: 1, min_h: 1, max_w: COLUMNS, max_h: i32::MAX }
    }
}

/// One widget's place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Item {
    pub id: WidgetId,
    pub x: i32,
    pub y: i32,
    pub w: i32,
    pub h: i32,
    pub limits: Limits,
    /// Neither makes way nor is compacted; others flow around it.
    pub pinned: bool,
}

impl Item {
    fn bottom(&self) -> i32 {
        self.y + self.h
    }

    fn shares_columns(&self, other: &Item) -> bool {
        self.x < other.x + other.w && other.x < self.x + self.w
    }

    fn covers(&self, other: &Item) -> bool {
        self.shares_columns(other) && self.y < other.bottom() && other.y < self.bottom()
    }

    /// Whether two different items want the same cell.
    pub fn collides(&self, other: &Item) -> bool {
        self.id != other.id && self.covers(other)
    }
}

/// The edge or corner by which an item is resized.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Handle {
    North,
    NorthEast,
    East,
    SouthEast,
    South,
    SouthWest,
    West,
    NorthWest,
}

impl Handle {
    pub const ALL: [Handle; 8] = [
        Handle::North,
        Handle::NorthEast,
        Handle::East,
        Handle::SouthEast,
        Handle::South,
        Handle::SouthWest,
        Handle::West,
        Handle::NorthWest,
    ];

    /// -1 to the west or north, 1 to the east or south, 0 where the edge does not move.
    pub fn direction(self) -> (i32, i32) {
        let sign = |back, forth| i32::from(forth) - i32::from(back);
        (sign(self.pulls_west(), self.pulls_east()), sign(self.pulls_north(), self.pulls_south()))
    }

    fn pulls_west(self) -> bool {
        matches!(self, Self::SouthWest | Self::West | Self::NorthWest)
    }

    fn pulls_east(self) -> bool {
        matches!(self, Self::NorthEast | Self::East | Self::SouthEast)
    }

    fn pulls_north(self) -> bool {
        matches!(self, Self::North | Self::NorthEast | Self::NorthWest)
    }

    fn pulls_south(self) -> bool {
        matches!(self, Self::SouthEast | Self::South | Self::SouthWest)
    }
}

/// What is wrong with a layout.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Flaw {
    #[error("The same widget stands in the layout twice.")]
    Twice(WidgetId),
    #[error("A widget stands outside the {COLUMNS} columns.")]
    Outside(WidgetId),
    #[error("A widget is smaller or larger than its kind allows.")]
    Size(WidgetId),
    #[error("Two widgets overlap.")]
    Overlap(WidgetId, WidgetId),
}

/// A layout. Items keep the order in which they were added, which decides nothing but ties.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Grid {
    items: Vec<Item>,
}

impl Grid {
    /// Takes items as they are; [`Grid::validate`] tells whether they fit together.
    pub fn new(items: Vec<Item>) -> Self {
        Self { items }
    }

    pub fn items(&self) -> &[Item] {
        &self.items
    }

    pub fn find(&self, id: WidgetId) -> Option<&Item> {
        self.items.iter().find(|item| item.id == id)
    }

    /// The first free row below everything.
    pub fn bottom(&self) -> i32 {
        self.items.iter().map(Item::bottom).max().unwrap_or(0)
    }

    /// The first flaw found, if there is one.
    pub fn validate(&self) -> Result<(), Flaw> {
        for (i, item) in self.items.iter().enumerate() {
            let Item { id, x, y, w, h, limits, .. } = *item;
            if x < 0 || y < 0 || w < 1 || h < 1 || w > COLUMNS || x > COLUMNS - w || y > i32::MAX - h {
                return Err(Flaw::Outside(id));
            }
            if !(limits.min_w..=limits.max_w).contains(&w) || !(limits.min_h..=limits.max_h).contains(&h) {
                return Err(Flaw::Size(id));
            }
            for other in &self.items[..i] {
                if other.id == id {
                    return Err(Flaw::Twice(id));
                }
                if other.covers(item) {
                    return Err(Flaw::Overlap(other.id, id));
                }
            }
        }
        Ok(())
    }

    /// The topmost, then leftmost free place for something of this size.
    pub fn first_fit(&self, w: i32, h: i32) -> (i32, i32) {
        let w = w.clamp(1, COLUMNS);
        let free = |x, y| {
            let wanted = Item { id: WidgetId(uuid::Uuid::nil()), x, y, w, h, limits: Limits::default(), pinned: false };
            !self.items.iter().any(|item| item.covers(&wanted))
        };
        (0..self.bottom())
            .flat_map(|y| (0..=COLUMNS - w).map(move |x| (x, y)))
            .find(|&(x, y)| free(x, y))
            .unwrap_or((0, self.bottom()))
    }

    /// Adds an item at its own place; what stands there makes way.
    pub fn place(&mut self, mut item: Item) {
        item.w = item.w.clamp(item.limits.min_w, item.limits.max_w.min(COLUMNS));
        item.h = item.h.clamp(item.limits.min_h, item.limits.max_h);
        let (x, y) = (item.x.clamp(0, COLUMNS - item.w), item.y.max(0));
        // It comes from below everything, as if it had been dragged there.
        (item.x, item.y) = (x, self.bottom().max(y));
        let id = item.id;
        self.items.push(item);
        self.move_to(id, x, y);
    }

    /// Drags an item to a cell: neighbours make way, then everything moves up.
    pub fn move_to(&mut self, id: WidgetId, x: i32, y: i32) {
        let Some(i) = self.items.iter().position(|item| item.id == id) else { return };
        let x = x.clamp(0, COLUMNS - self.items[i].w);
        let mut moving = Moving { moved: vec![false; self.items.len()], items: &mut self.items };
        moving.shift(i, Some(x), Some(y.max(0)), true, false);
        self.compact();
    }

    /// Pulls one edge or corner of an item by so many cells, as far as its limits and the columns let it.
    pub fn resize(&mut self, id: WidgetId, handle: Handle, dx: i32, dy: i32) {
        let Some(i) = self.items.iter().position(|item| item.id == id) else { return };
        let Item { x, y, w, h, limits, .. } = self.items[i];
        let (mut to_x, mut to_y, mut to_w, mut to_h) = (x, y, w, h);
        if handle.pulls_east() {
            to_w = w.saturating_add(dx).clamp(limits.min_w, limits.max_w.min(COLUMNS - x));
        } else if handle.pulls_west() {
            to_w = w.saturating_sub(dx).clamp(limits.min_w, limits.max_w.min(x + w));
            to_x = x + w - to_w;
        }
        if handle.pulls_south() {
            to_h = h.saturating_add(dy).clamp(limits.min_h, limits.max_h);
        } else if handle.pulls_north() {
            to_h = h.saturating_sub(dy).clamp(limits.min_h, limits.max_h.min(y + h));
            to_y = y + h - to_h;
        }
        (self.items[i].w, self.items[i].h) = (to_w, to_h);
        let mut moving = Moving { moved: vec![false; self.items.len()], items: &mut self.items };
        if (to_x, to_y) != (x, y) {
            moving.shift(i, Some(to_x), Some(to_y), true, false);
        }
        self.compact();
    }

    /// Takes an item out; those below move up.
    pub fn remove(&mut self, id: WidgetId) -> Option<Item> {
        let i = self.items.iter().position(|item| item.id == id)?;
        let item = self.items.remove(i);
        self.compact();
        Some(item)
    }

    /// Moves everything that is not pinned up as far as it goes, in reading order.
    pub fn compact(&mut self) {
        let order = reading_order(&self.items);
        let pinned = self.items.iter().filter(|item| item.pinned);
        let mut settled: Vec<Item> = pinned.copied().collect();
        let mut floor = settled.iter().map(Item::bottom).max().unwrap_or(0);
        let has_pinned = !settled.is_empty();
        for at in 0..order.len() {
            let i = order[at];
            if self.items[i].pinned {
                continue;
            }
            let mut item = self.items[i];
            item.x = item.x.max(0);
            item.y = item.y.clamp(0, floor);
            // Up until something is hit. Steps of one would end at the same row, only later.
            if !settled.iter().any(|other| other.collides(&item)) {
                let above = settled.iter().filter(|other| other.shares_columns(&item) && other.bottom() <= item.y);
                item.y = (above.map(Item::bottom).max().unwrap_or(0) - 1).max(0);
            }
            while let Some(bottom) = settled.iter().find(|other| other.collides(&item)).map(Item::bottom) {
                push_down(&mut self.items, &order, at, item, bottom, has_pinned);
                item.y = bottom;
            }
            floor = floor.max(item.bottom());
            settled.push(item);
            self.items[i] = item;
        }
    }
}

/// Top to bottom, then left to right; equal items keep their order.
fn reading_order(items: &[Item]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..items.len()).collect();
    order.sort_by_key(|&i| (items[i].y, items[i].x));
    order
}

/// Before the item at `order[at]` goes down to row `to`, those after it that it would run into go down first.
/// `item` is where it stands now, which for the item being compacted is not yet written back.
fn push_down(items: &mut [Item], order: &[usize], at: usize, mut item: Item, to: i32, has_pinned: bool) {
    item.y += 1;
    for next in at + 1..order.len() {
        let other = items[order[next]];
        if other.pinned {
            continue;
        }
        // In reading order nothing further down can be in the way, unless pinned items disturb the order.
        if !has_pinned && other.y > item.bottom() {
            break;
        }
        if item.collides(&other) {
            push_down(items, order, next, other, to + item.h, has_pinned);
            items[order[next]].y = to + item.h;
        }
    }
}

/// A drag in progress: each item makes way once.
struct Moving<'a> {
    items: &'a mut [Item],
    moved: Vec<bool>,
}

impl Moving<'_> {
    /// Moves item `i`, and whatever it runs into out of its way. `by_hand` is true for the item that a person
    /// drags, whose neighbours may jump above it; `stay` means that it may not push, only go where it is free.
    fn shift(&mut self, i: usize, x: Option<i32>, y: Option<i32>, by_hand: bool, stay: bool) {
        let before = self.items[i];
        if before.pinned || (x == Some(before.x) && y == Some(before.y)) {
            return;
        }
        self.items[i].x = x.unwrap_or(before.x);
        self.items[i].y = y.unwrap_or(before.y);
        self.moved[i] = true;
        // Nearest first, seen from where it comes.
        let mut order = reading_order(self.items);
        if y.is_some_and(|y| before.y >= y) {
            order.reverse();
        }
        let hit: Vec<usize> = order.into_iter().filter(|&other| self.items[other].collides(&self.items[i])).collect();
        if stay && !hit.is_empty() {
            (self.items[i].x, self.items[i].y) = (before.x, before.y);
            self.moved[i] = false;
            return;
        }
        for other in hit {
            if self.moved[other] {
                continue;
            }
            if self.items[other].pinned {
                self.make_way(other, i, by_hand);
            } else {
                self.make_way(i, other, by_hand);
            }
        }
    }

    /// Moves `mover` off `keeper`: above it where a person's drag leaves room there, else one row down.
    fn make_way(&mut self, keeper: usize, mover: usize, by_hand: bool) {
        let stay = self.items[keeper].pinned;
        let (keeper, item) = (self.items[keeper], self.items[mover]);
        if by_hand {
            let above = Item { y: (keeper.y - item.h).max(0), ..item };
            if !self.items.iter().any(|other| other.covers(&above)) {
                return self.shift(mover, None, Some(above.y), false, stay);
            }
        }
        self.shift(mover, None, Some(item.y + 1), false, stay);
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]
    use super::*;
    use proptest::prelude::*;
    use uuid::Uuid;

    fn id(n: usize) -> WidgetId {
        WidgetId(Uuid::from_u128(n as u128))
    }

    fn item(n: usize, x: i32, y: i32, w: i32, h: i32) -> Item {
        Item { id: id(n), x, y, w, h, limits: Limits::default(), pinned: false }
    }

    fn places(grid: &Grid) -> Vec<(i32, i32, i32, i32)> {
        grid.items().iter().map(|i| (i.x, i.y, i.w, i.h)).collect()
    }

    #[derive(Clone, Debug)]
    enum Operation {
        Place(i32, i32, i32, i32),
        Move(usize, i32, i32),
        Resize(usize, usize, i32, i32),
        Remove(usize),
    }

    fn operation() -> impl Strategy<Value = Operation> {
        prop_oneof![
            3 => (0..12, 0..20, 1..=12, 1..6).prop_map(|(x, y, w, h)| Operation::Place(x, y, w, h)),
            4 => (0..30usize, -3..15, -3..25).prop_map(|(i, x, y)| Operation::Move(i, x, y)),
            3 => (0..30usize, 0..8usize, -6..7, -6..7).prop_map(|(i, d, x, y)| Operation::Resize(i, d, x, y)),
            1 => (0..30usize).prop_map(Operation::Remove),
        ]
    }

    proptest! {
        #[test]
        fn whatever_is_done_nothing_overlaps_leaves_or_breaks_its_limits(operations in prop::collection::vec(operation(), 1..60)) {
            let mut grid = Grid::default();
            for (n, operation) in operations.into_iter().enumerate() {
                let nth = |i: usize| grid.items().get(i % grid.items().len().max(1)).map_or(id(usize::MAX), |item| item.id);
                match operation {
                    Operation::Place(x, y, w, h) => {
                        let limits = Limits { min_w: 2, min_h: 1, max_w: 8, max_h: 5 };
                        grid.place(Item { limits, ..item(n, x, y, w, h) });
                    }
                    Operation::Move(i, x, y) => { let id = nth(i); grid.move_to(id, x, y) }
                    Operation::Resize(i, d, x, y) => { let id = nth(i); grid.resize(id, Handle::ALL[d], x, y) }
                    Operation::Remove(i) => { let id = nth(i); grid.remove(id); }
                }
                prop_assert_eq!(grid.validate(), Ok(()));
                let mut again = grid.clone();
                again.compact();
                prop_assert_eq!(&again, &grid, "compacting a compact layout changes nothing");
            }
        }
    }

    #[test]
    fn a_dragged_widget_changes_places_with_its_neighbour() {
        let mut grid = Grid::new(vec![item(1, 0, 0, 6, 2), item(2, 0, 2, 6, 2)]);
        grid.move_to(id(1), 0, 2);
        assert_eq!(places(&grid), [(0, 2, 6, 2), (0, 0, 6, 2)]);
    }

    #[test]
    fn pinned_widgets_stay_and_others_flow_around_them() {
        let mut grid =
            Grid::new(vec![Item { pinned: true, ..item(1, 0, 3, 12, 1) }, item(2, 0, 8, 4, 2), item(3, 4, 9, 4, 4)]);
        grid.compact();
        assert_eq!(places(&grid), [(0, 3, 12, 1), (0, 4, 4, 2), (4, 4, 4, 4)]);
        grid.move_to(id(1), 0, 0);
        assert_eq!(grid.find(id(1)).unwrap().y, 3);
    }

    #[test]
    fn a_new_widget_takes_the_first_gap_that_it_fits() {
        let grid = Grid::new(vec![item(1, 0, 0, 5, 2), item(2, 8, 0, 4, 2), item(3, 0, 2, 12, 1)]);
        assert_eq!(grid.first_fit(3, 2), (5, 0));
        assert_eq!(grid.first_fit(4, 2), (0, 3));
    }

    #[test]
    fn resizing_from_the_left_keeps_the_right_edge() {
        let mut grid = Grid::new(vec![item(1, 0, 0, 3, 2), item(2, 3, 0, 6, 2)]);
        grid.resize(id(2), Handle::West, 2, 0);
        assert_eq!(places(&grid), [(0, 0, 3, 2), (5, 0, 4, 2)]);
        grid.resize(id(2), Handle::East, 99, 0);
        assert_eq!(grid.find(id(2)).unwrap().w, 7);
    }

    #[test]
    fn flaws_are_named() {
        assert_eq!(Grid::new(vec![item(1, 10, 0, 3, 1)]).validate(), Err(Flaw::Outside(id(1))));
        assert_eq!(Grid::new(vec![item(1, 0, i32::MAX, 3, 1)]).validate(), Err(Flaw::Outside(id(1))));
        assert_eq!(Grid::new(vec![item(1, 0, 0, 3, 1), item(1, 5, 0, 3, 1)]).validate(), Err(Flaw::Twice(id(1))));
        assert_eq!(
            Grid::new(vec![item(1, 0, 0, 3, 1), item(2, 2, 0, 3, 1)]).validate(),
            Err(Flaw::Overlap(id(1), id(2)))
        );
        let tight = Item { limits: Limits { min_w: 4, ..Limits::default() }, ..item(1, 0, 0, 3, 1) };
        assert_eq!(Grid::new(vec![tight]).validate(), Err(Flaw::Size(id(1))));
    }
}
