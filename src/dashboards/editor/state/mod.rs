//! What is being edited and everything that can be done to it: pure, so that all of it can be tested.
//!
//! Invariants: every change of places goes through the grid engine, and a layout that was whole stays whole;
//! undo and redo restore exactly; what a person did in one go (a drag, a run of typing) is one step.

mod arrange;
mod clipboard;
mod history;
mod reading;
#[cfg(test)]
mod tests;
mod tile;

pub use arrange::new_item;
pub use clipboard::offered;
pub use tile::{Area, Sheet, Tile, area};

use crate::{
    dashboards::{
        editing::model::{Content, DraftWidget},
        grid::Grid,
    },
    ids::WidgetId,
};
use history::{History, Run};
use std::sync::Arc;

/// What was done or why it was not, in words for the person: it is shown or read out.
pub type Told = Result<String, String>;

/// A dashboard on the work bench.
#[derive(Clone, Debug)]
pub struct State {
    /// What is stored under `base_version`.
    base: Arc<Sheet>,
    base_version: i64,
    sheet: Arc<Sheet>,
    selected: Option<WidgetId>,
    history: History,
}

impl State {
    /// The dashboard as it is stored.
    pub fn open(stored: &Content, version: i64) -> Self {
        let sheet = Arc::new(Sheet::new(stored));
        Self { base: sheet.clone(), base_version: version, sheet, selected: None, history: History::default() }
    }

    /// Goes on with unsaved work; undo leads back to what is stored.
    pub fn resume(&mut self, draft: &Content) {
        let sheet = Sheet::new(draft);
        self.step("continue your unsaved changes", sheet, None);
    }

    pub fn sheet(&self) -> &Arc<Sheet> {
        &self.sheet
    }

    pub fn tiles(&self) -> &[Tile] {
        &self.sheet.tiles
    }

    pub fn tile(&self, id: WidgetId) -> Option<&Tile> {
        self.sheet.tile(id)
    }

    pub fn grid(&self) -> Grid {
        self.sheet.grid()
    }

    /// What is sent to the server.
    pub fn content(&self) -> Content {
        self.sheet.content()
    }

    pub fn base(&self) -> Content {
        self.base.content()
    }

    pub fn base_version(&self) -> i64 {
        self.base_version
    }

    /// Whether anything differs from what is stored.
    pub fn is_dirty(&self) -> bool {
        self.sheet != self.base
    }

    pub fn selected(&self) -> Option<WidgetId> {
        self.selected
    }

    pub fn select(&mut self, id: Option<WidgetId>) {
        if self.selected != id {
            self.selected = id.filter(|id| self.tile(*id).is_some());
            self.end_run();
        }
    }

    /// The widget that the way here from `before` is about: one that came or was set, a neighbour of one that went, or one
    /// that moved.
    pub fn about(&self, before: &Sheet) -> Option<WidgetId> {
        let what = |tile: &Tile| (tile.kind, tile.settings.clone(), tile.pinned, tile.area.w, tile.area.h);
        let set = |tile: &&Tile| before.tile(tile.id).is_none_or(|was| what(was) != what(tile));
        let moved = |tile: &&Tile| before.tile(tile.id).is_some_and(|was| was.area != tile.area);
        let is_here = |tile: &&Tile| self.tile(tile.id).is_some();
        let neighbour = || {
            let gone = before.tiles.iter().position(|tile| !is_here(&tile))?;
            let (previous, next) = before.tiles.split_at(gone);
            next.iter().chain(previous.iter().rev()).find(is_here)
        };
        // Many make way for one: mostly the one that is selected.
        let mover =
            || self.selected.and_then(|id| self.tile(id)).filter(moved).or_else(|| self.tiles().iter().find(moved));
        self.tiles().iter().find(set).or_else(neighbour).or_else(mover).map(|tile| tile.id)
    }

    /// What undo would take back, in words.
    pub fn undoable(&self) -> Option<&str> {
        self.history.undoable()
    }

    pub fn redoable(&self) -> Option<&str> {
        self.history.redoable()
    }

    /// How many steps lead here.
    pub fn steps(&self) -> usize {
        self.history.steps()
    }

    pub fn undo(&mut self) -> Told {
        self.history.undo(&mut self.sheet, &mut self.selected).ok_or_else(|| "There is nothing to undo.".into())
    }

    pub fn redo(&mut self) -> Told {
        self.history.redo(&mut self.sheet, &mut self.selected).ok_or_else(|| "There is nothing to redo.".into())
    }

    /// What is typed from here on is a step of its own.
    pub fn end_run(&mut self) {
        self.history.end_run();
    }

    /// Settings, kind or size of a widget as its panel has them. Its place stays, as far as the size allows it.
    pub fn change(&mut self, changed: &DraftWidget) -> Told {
        let Some(old) = self.tile(changed.id) else { return Err(GONE.into()) };
        let (w, h) = changed.kind.sizes().clamp(changed.w, changed.h);
        let run = if old.kind == changed.kind {
            Run::Settings(changed.id, tile::changed_keys(&old.settings, &changed.settings))
        } else {
            Run::Kind(changed.id)
        };
        let deed = format!("change {}", old.quoted());
        let resized = (w, h) != (old.area.w, old.area.h);
        let mut next = Sheet::clone(&self.sheet);
        for tile in next.tiles.iter_mut().filter(|tile| tile.id == changed.id) {
            tile.kind = changed.kind;
            tile.settings = Arc::new(changed.settings.clone());
            (tile.area.w, tile.area.h) = (w, h);
            tile.area.x = tile.area.x.min(crate::widgets::COLUMNS - w);
        }
        if resized {
            let mut grid = next.grid();
            grid.compact();
            next = self.arranged(next, &grid)?;
        }
        self.step(deed, next, Some(run));
        Ok(String::new())
    }

    pub fn rename(&mut self, name: &str) {
        let mut next = Sheet::clone(&self.sheet);
        next.name = name.to_owned();
        self.step("rename the dashboard", next, Some(Run::Name));
    }

    pub fn describe(&mut self, description: &str) {
        let mut next = Sheet::clone(&self.sheet);
        next.description = description.to_owned();
        self.step("change the description", next, Some(Run::Description));
    }

    /// Back to what is stored; undo brings the changes back.
    pub fn discard(&mut self) -> Told {
        let next = Sheet::clone(&self.base);
        if self.step("discard all changes", next, None) {
            Ok("All changes were discarded.".into())
        } else {
            Err("There is nothing to discard.".into())
        }
    }

    /// Another content in place of this one, as one step: theirs, or what a merge has made.
    pub fn replace(&mut self, deed: &str, content: &Content) {
        self.step(deed, Sheet::new(content), None);
    }

    /// What the server holds now, under `version`. What is being edited stays as it is.
    pub fn rebase(&mut self, stored: &Content, version: i64) {
        self.base = Arc::new(Sheet::new(stored));
        self.base_version = version;
        self.end_run();
    }

    /// `next` with its widgets where `grid` has them; refused when that would spoil a layout that is whole.
    fn arranged(&self, next: Sheet, grid: &Grid) -> Result<Sheet, String> {
        if grid.validate().is_err() && self.grid().validate().is_ok() {
            return Err(NO_ROOM.into());
        }
        next.arranged(grid)
    }

    /// Makes `next` the present; false when nothing differs.
    fn step(&mut self, deed: impl Into<String>, next: Sheet, run: Option<Run>) -> bool {
        if next == *self.sheet {
            return false;
        }
        self.history.push(&self.sheet, self.selected, deed.into(), run);
        self.sheet = Arc::new(next);
        self.history.settle(&self.sheet);
        self.selected = self.selected.filter(|id| self.sheet.tile(*id).is_some());
        true
    }
}

const NO_ROOM: &str = "There is no room for that beside what is pinned.";
const GONE: &str = "That widget is not there any more.";
