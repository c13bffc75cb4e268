//! Adding, moving, resizing, removing: everything that changes where widgets stand.

use super::{
    GONE, Run, State, Told,
    tile::{Area, Sheet, Tile, area},
};
use crate::{
    dashboards::{
        grid::{Grid, Handle, Item},
        model::{MAX_WIDGETS, item},
    },
    ids::WidgetId,
    widgets::WidgetKind,
};
use serde_json::Value;
use std::sync::Arc;

/// A new widget of this kind at a cell, for [`Grid::place`].
pub fn new_item(id: WidgetId, kind: WidgetKind, (x, y): (i32, i32)) -> Item {
    let sizes = kind.sizes();
    Item { x, y, ..item(id, kind, (0, 0, sizes.default_w, sizes.default_h), false) }
}

impl State {
    /// Puts a widget of this kind at a cell, or where it first fits, and selects it.
    pub fn add(&mut self, kind: WidgetKind, id: WidgetId, at: Option<(i32, i32)>, settings: Value) -> Told {
        let mut grid = self.grid();
        let sizes = kind.sizes();
        let at = at.unwrap_or_else(|| grid.first_fit(sizes.default_w.into(), sizes.default_h.into()));
        grid.place(new_item(id, kind, at));
        let tile = Tile {
            id,
            kind,
            area: Area { x: 0, y: 0, w: sizes.default_w, h: sizes.default_h },
            pinned: false,
            settings: Arc::new(settings),
        };
        self.insert(tile, &grid, |tile| format!("add {}", tile.quoted()))
    }

    /// Takes a widget into the sheet, at its place in `grid`.
    pub(super) fn insert(&mut self, tile: Tile, grid: &Grid, deed: impl Fn(&Tile) -> String) -> Told {
        if self.tiles().len() >= MAX_WIDGETS {
            return Err(format!("A dashboard holds at most {MAX_WIDGETS} widgets."));
        }
        let (id, deed) = (tile.id, deed(&tile));
        let mut next = Sheet::clone(&self.sheet);
        next.tiles.push(tile);
        let next = self.arranged(next, grid)?;
        self.step(deed, next, None);
        self.selected = Some(id);
        self.told(id)
    }

    /// Drags a widget to a cell.
    pub fn move_to(&mut self, id: WidgetId, x: i32, y: i32) -> Told {
        self.movable(id)?;
        let mut grid = self.grid();
        grid.move_to(id, x, y);
        self.rearrange(id, "move", &grid, None)
    }

    /// Moves a widget by the keyboard: as little as changes its place in that direction. `held` goes on with the step
    /// before.
    pub fn nudge(&mut self, id: WidgetId, dx: i32, dy: i32, held: bool) -> Told {
        let tile = self.movable(id)?;
        let (x, y) = (i32::from(tile.area.x), i32::from(tile.area.y));
        let title = tile.title();
        let start = self.grid();
        // Compaction pulls a widget back that did not get past its neighbour, so further cells are tried.
        for n in 1..=start.bottom() + 1 {
            let mut grid = start.clone();
            grid.move_to(id, x + dx * n, y + dy * n);
            let went = grid.find(id).is_some_and(|now| match (dx, dy) {
                (0, _) => (now.y - y) * dy > 0,
                _ => (now.x - x) * dx > 0,
            });
            if went {
                return self.rearrange(id, "move", &grid, held.then_some(Run::Nudge(id)));
            }
            if dy == 0 {
                break;
            }
        }
        let edge = match (dx, dy) {
            (-1, _) => "in the first column",
            (1, _) => "in the last column",
            (_, -1) => "as far up as it goes",
            _ => "as far down as it goes",
        };
        Err(format!("{title} is {edge}."))
    }

    /// Pulls an edge or a corner of a widget by so many cells.
    pub fn resize(&mut self, id: WidgetId, handle: Handle, dx: i32, dy: i32, held: bool) -> Told {
        let tile = self.movable(id)?;
        let (before, title) = ((tile.area.w, tile.area.h), tile.title());
        let mut grid = self.grid();
        grid.resize(id, handle, dx, dy);
        let size = grid.find(id).map(area).map(|area| (area.w, area.h));
        if size == Some(before) {
            let sizes = self.tile(id).map(|tile| tile.kind.sizes()).ok_or(GONE)?;
            let (min, max) = ((sizes.min_w, sizes.min_h), (sizes.max_w, sizes.max_h));
            return Err(format!(
                "{title} is {} by {}. It may be {} by {} to {} by {}.",
                before.0, before.1, min.0, min.1, max.0, max.1
            ));
        }
        self.rearrange(id, "resize", &grid, held.then_some(Run::Nudge(id)))
    }

    pub fn remove(&mut self, id: WidgetId) -> Told {
        let title = self.tile(id).ok_or(GONE)?.title();
        let mut grid = self.grid();
        grid.remove(id);
        let mut next = Sheet::clone(&self.sheet);
        next.tiles.retain(|tile| tile.id != id);
        // Around pinned widgets not every gap can close; taking away is never refused.
        let next = self.arranged(next.clone(), &grid).unwrap_or(next);
        self.step(format!("remove “{title}”"), next, None);
        Ok(format!("{title} was removed."))
    }

    /// The same once more, beside it where there is room, otherwise below.
    pub fn duplicate(&mut self, id: WidgetId, new: WidgetId) -> Told {
        let original = self.tile(id).ok_or(GONE)?.clone();
        let copy = Tile { id: new, pinned: false, ..original };
        self.insert_near(copy, Some(id), |tile| format!("duplicate {}", tile.quoted()))
    }

    /// Puts a widget beside another one where there is room, otherwise below it; without another, where it first fits.
    pub(super) fn insert_near(&mut self, tile: Tile, near: Option<WidgetId>, deed: impl Fn(&Tile) -> String) -> Told {
        let mut grid = self.grid();
        let (w, h) = (i32::from(tile.area.w), i32::from(tile.area.h));
        let mut item = tile.item();
        (item.x, item.y) = match near.and_then(|id| grid.find(id)).copied() {
            None => grid.first_fit(w, h),
            Some(at) => {
                let beside = Item { x: at.x + at.w, y: at.y, ..item };
                let free = beside.x + w <= crate::dashboards::grid::COLUMNS
                    && !grid.items().iter().any(|other| other.collides(&beside));
                if free { (beside.x, beside.y) } else { (at.x, at.y + at.h) }
            }
        };
        grid.place(item);
        self.insert(tile, &grid, deed)
    }

    /// A pinned widget keeps its place, whatever happens around it.
    pub fn toggle_pin(&mut self, id: WidgetId) -> Told {
        let tile = self.tile(id).ok_or(GONE)?;
        let (title, pin) = (tile.title(), !tile.pinned);
        let mut next = Sheet::clone(&self.sheet);
        for tile in next.tiles.iter_mut().filter(|tile| tile.id == id) {
            tile.pinned = pin;
        }
        if !pin {
            let mut grid = next.grid();
            grid.compact();
            next = self.arranged(next.clone(), &grid).unwrap_or(next);
        }
        let verb = if pin { "pin" } else { "unpin" };
        self.step(format!("{verb} “{title}”"), next, None);
        Ok(format!("{title} was {verb}ned."))
    }

    fn movable(&self, id: WidgetId) -> Result<&Tile, String> {
        let tile = self.tile(id).ok_or(GONE)?;
        if tile.pinned { Err(format!("{} is pinned. Unpin it to move it.", tile.title())) } else { Ok(tile) }
    }

    /// Takes the places over from `grid`; tells where `id` stands now.
    pub(super) fn rearrange(&mut self, id: WidgetId, verb: &str, grid: &Grid, run: Option<Run>) -> Told {
        let deed = format!("{verb} {}", self.tile(id).ok_or(GONE)?.quoted());
        let next = self.arranged(Sheet::clone(&self.sheet), grid)?;
        self.step(deed, next, run);
        self.told(id)
    }

    pub(super) fn told(&self, id: WidgetId) -> Told {
        self.tile(id).map(Tile::described).ok_or_else(|| GONE.into())
    }
}
