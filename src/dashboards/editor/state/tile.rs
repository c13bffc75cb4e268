//! A dashboard's content in the form that editing needs: cheap to copy, always in reading order.

use crate::{
    dashboards::{
        editing::model::{Content, DraftWidget},
        grid::{Grid, Item},
        model::item,
    },
    ids::WidgetId,
    widgets::{MAX_ROWS, WidgetKind, settings::from_code},
};
use serde_json::Value;
use std::sync::Arc;

/// Where a widget stands, in cells of the grid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Area {
    pub x: u16,
    pub y: u16,
    pub w: u16,
    pub h: u16,
}

/// One widget.
#[derive(Clone, Debug, PartialEq)]
pub struct Tile {
    pub id: WidgetId,
    pub kind: WidgetKind,
    pub area: Area,
    pub pinned: bool,
    /// Shared between the steps of the history.
    pub settings: Arc<Value>,
}

/// All that editing changes. Two sheets are equal when a dashboard would look the same.
#[derive(Clone, Debug, PartialEq)]
pub struct Sheet {
    pub name: String,
    pub description: String,
    pub refresh_interval: i32,
    /// In reading order: top to bottom, then left to right.
    pub tiles: Vec<Tile>,
}

impl Tile {
    pub fn new(widget: &DraftWidget) -> Self {
        let DraftWidget { id, kind, x, y, w, h, pinned, .. } = *widget;
        Self { id, kind, area: Area { x, y, w, h }, pinned, settings: Arc::new(widget.settings.clone()) }
    }

    pub fn widget(&self) -> DraftWidget {
        let Area { x, y, w, h } = self.area;
        let settings = Value::clone(&self.settings);
        DraftWidget { id: self.id, kind: self.kind, x, y, w, h, pinned: self.pinned, settings }
    }

    /// The title that somebody gave it, or what it shows.
    pub fn title(&self) -> String {
        let text = |key: &str| self.settings.get(key).and_then(Value::as_str).map(str::trim).filter(|t| !t.is_empty());
        match (text("title"), text("metric").or_else(|| text("source"))) {
            (Some(title), _) => title.to_owned(),
            (None, Some(code)) => from_code(code),
            (None, None) => self.kind.label().to_owned(),
        }
    }

    pub(super) fn quoted(&self) -> String {
        format!("“{}”", self.title())
    }

    /// "Revenue: column 4, row 1, 3 by 2".
    pub fn described(&self) -> String {
        let Area { x, y, w, h } = self.area;
        let pinned = if self.pinned { ", pinned" } else { "" };
        format!("{}: column {}, row {}, {w} by {h}{pinned}", self.title(), x + 1, y + 1)
    }

    pub(super) fn item(&self) -> Item {
        let Area { x, y, w, h } = self.area;
        item(self.id, self.kind, (x, y, w, h), self.pinned)
    }
}

/// Which settings differ; one run of typing changes one of them.
pub(super) fn changed_keys(old: &Value, new: &Value) -> Vec<String> {
    let keys = |value: &Value| value.as_object().map(|o| o.keys().cloned().collect::<Vec<_>>()).unwrap_or_default();
    let mut all = keys(old);
    all.extend(keys(new).into_iter().filter(|key| old.get(key).is_none()));
    all.retain(|key| old.get(key) != new.get(key));
    all
}

impl Sheet {
    pub fn new(content: &Content) -> Self {
        let Content { name, description, refresh_interval, widgets } = content;
        let tiles = widgets.iter().map(Tile::new).collect();
        let (name, description) = (name.clone(), description.clone());
        let mut sheet = Self { name, description, refresh_interval: *refresh_interval, tiles };
        sheet.sort();
        sheet
    }

    pub fn content(&self) -> Content {
        let Self { name, description, refresh_interval, tiles } = self;
        let widgets = tiles.iter().map(Tile::widget).collect();
        let (name, description) = (name.clone(), description.clone());
        Content { name, description, refresh_interval: *refresh_interval, widgets }
    }

    pub fn tile(&self, id: WidgetId) -> Option<&Tile> {
        self.tiles.iter().find(|tile| tile.id == id)
    }

    pub fn grid(&self) -> Grid {
        Grid::new(self.tiles.iter().map(Tile::item).collect())
    }

    pub(super) fn sort(&mut self) {
        self.tiles.sort_by_key(|tile| (tile.area.y, tile.area.x));
    }

    /// The same widgets where `grid` has them; refused when they would reach too far down.
    pub(super) fn arranged(mut self, grid: &Grid) -> Result<Self, String> {
        if grid.bottom() > i32::from(MAX_ROWS) {
            return Err(format!("A dashboard has at most {MAX_ROWS} rows."));
        }
        for tile in &mut self.tiles {
            if let Some(item) = grid.find(tile.id) {
                tile.area = area(item);
            }
        }
        self.sort();
        Ok(self)
    }
}

/// The engine counts in wider numbers; inside a layout that is whole nothing is lost.
pub fn area(item: &Item) -> Area {
    let small = |n: i32| u16::try_from(n.max(0)).unwrap_or(u16::MAX);
    Area { x: small(item.x), y: small(item.y), w: small(item.w), h: small(item.h) }
}
