//! Reading order, which is all that a phone shows of a layout: changing it with as little change to the layout as possible.

use super::{GONE, NO_ROOM, State, Told, tile::Tile};
use crate::{
    dashboards::grid::{COLUMNS, Grid, Item},
    ids::WidgetId,
};

impl State {
    /// Makes a widget the `to`-th that is read.
    pub fn reorder(&mut self, id: WidgetId, to: usize) -> Told {
        let tiles = self.tiles();
        let from = tiles.iter().position(|tile| tile.id == id).ok_or(GONE)?;
        let tile = &tiles[from];
        let title = tile.title();
        let to = to.min(tiles.len() - 1);
        if tile.pinned {
            return Err(format!("{title} is pinned. Unpin it to move it."));
        }
        if from == to {
            let end = if to == 0 { "first" } else { "last" };
            return Err(format!("{title} is the {end} widget already."));
        }
        let mut wanted: Vec<WidgetId> = tiles.iter().map(|tile| tile.id).filter(|other| *other != id).collect();
        wanted.insert(to, id);
        let grid = arrangement(tiles, from, to, &wanted).ok_or(NO_ROOM)?;
        self.rearrange(id, "move", &grid, None)?;
        Ok(format!("{title}: {} of {}", to + 1, wanted.len()))
    }
}

/// A layout that is read in the order `wanted`, the first of: two widgets changing places, two neighbours in a row, a
/// drag to the other's place, and everything from the first difference on set anew.
fn arrangement(tiles: &[Tile], from: usize, to: usize, wanted: &[WidgetId]) -> Option<Grid> {
    let start = Grid::new(tiles.iter().map(Tile::item).collect());
    let (moved, other) = (start.items()[from], start.items()[to]);
    let adjacent = from.abs_diff(to) == 1;
    let candidates = [
        adjacent.then(|| swapped(&start, &moved, &other)),
        adjacent.then(|| turned_round(&start, &moved, &other)),
        Some(dragged(&start, &moved, &other)),
        Some(set_anew(&start, wanted)),
    ];
    candidates.into_iter().flatten().find(|grid| grid.validate().is_ok() && order(grid) == wanted)
}

fn order(grid: &Grid) -> Vec<WidgetId> {
    let mut items: Vec<&Item> = grid.items().iter().collect();
    items.sort_by_key(|item| (item.y, item.x));
    items.into_iter().map(|item| item.id).collect()
}

fn with(start: &Grid, changed: [Item; 2]) -> Grid {
    let item = |item: &Item| changed.into_iter().find(|c| c.id == item.id).unwrap_or(*item);
    let mut grid = Grid::new(start.items().iter().map(item).collect());
    if grid.validate().is_ok() {
        grid.compact();
    }
    grid
}

/// Each at the place of the other.
fn swapped(start: &Grid, a: &Item, b: &Item) -> Grid {
    with(start, [Item { x: b.x, y: b.y, ..*a }, Item { x: a.x, y: a.y, ..*b }])
}

/// Two that stand side by side, the right one first; together they take the same columns.
fn turned_round(start: &Grid, a: &Item, b: &Item) -> Grid {
    let (left, right) = if a.x < b.x { (a, b) } else { (b, a) };
    let end = right.x + right.w;
    with(start, [Item { x: left.x, ..*right }, Item { x: end - left.w, ..*left }])
}

fn dragged(start: &Grid, moved: &Item, other: &Item) -> Grid {
    let mut grid = start.clone();
    let y = if (moved.y, moved.x) < (other.y, other.x) { other.y + other.h - moved.h } else { other.y };
    grid.move_to(moved.id, other.x, y.max(0));
    grid
}

/// Lets the widgets fall into place one after the other: each as far up, then left, as it can come to rest while it is
/// still read after the one before. Such a layout is compact as it is.
fn set_anew(start: &Grid, wanted: &[WidgetId]) -> Grid {
    let before = order(start);
    let same = wanted.iter().zip(&before).take_while(|(a, b)| a == b).count();
    let mut settled: Vec<Item> = wanted[..same].iter().filter_map(|id| start.find(*id)).copied().collect();
    settled.extend(start.items().iter().filter(|item| item.pinned && !wanted[..same].contains(&item.id)));
    let mut last = settled[..same].last().map_or((-1, -1), |item| (item.y, item.x));
    for id in &wanted[same..] {
        let Some(item) = start.find(*id).copied().filter(|item| !item.pinned) else { continue };
        let rest = |x: i32| {
            let below = settled.iter().filter(|other| other.x < x + item.w && x < other.x + other.w);
            below.map(|other| other.y + other.h).max().unwrap_or(0)
        };
        let places = (0..=COLUMNS - item.w).map(|x| (rest(x), x)).filter(|place| *place > last);
        // Below the one before there is always room.
        let (y, x) = places.min().unwrap_or((rest(0), 0));
        last = (y, x);
        settled.push(Item { x, y, ..item });
    }
    let item = |item: &Item| settled.iter().find(|s| s.id == item.id).copied().unwrap_or(*item);
    let mut grid = Grid::new(start.items().iter().map(item).collect());
    grid.compact();
    grid
}
