//! Widgets as text, for the way from one dashboard to another.

use super::{GONE, State, Told, tile::Tile};
use crate::{dashboards::editing::model::DraftWidget, ids::WidgetId, widgets::WidgetKind};
use serde::{Deserialize, Serialize};
use serde_json::Value;

const VERSION: u32 = 1;
const NOT_OURS: &str = "There is no widget in the clipboard.";

/// The JSON form. Ids and places stay behind: the copy gets its own.
#[derive(Serialize, Deserialize)]
struct Clipboard {
    /// Marks the text as ours.
    belvedere_widgets: u32,
    widgets: Vec<Copied>,
}

#[derive(Serialize, Deserialize)]
struct Copied {
    kind: WidgetKind,
    w: u16,
    h: u16,
    #[serde(default)]
    settings: Value,
}

impl State {
    /// A widget as text.
    pub fn copy(&self, id: WidgetId) -> Result<String, String> {
        let tile = self.tile(id).ok_or(GONE)?;
        let copied = Copied { kind: tile.kind, w: tile.area.w, h: tile.area.h, settings: Value::clone(&tile.settings) };
        let clipboard = Clipboard { belvedere_widgets: VERSION, widgets: vec![copied] };
        serde_json::to_string(&clipboard).map_err(|error| error.to_string())
    }

    /// Puts copied widgets on this dashboard, near the selected one, as one step each.
    pub fn paste(&mut self, text: &str, mut fresh: impl FnMut() -> WidgetId) -> Told {
        let mut told = Err(NOT_OURS.to_owned());
        for widget in read(text)? {
            let (w, h) = widget.kind.sizes().clamp(widget.w, widget.h);
            let (kind, settings) = (widget.kind, widget.settings);
            let tile = Tile::new(&DraftWidget { id: fresh(), kind, x: 0, y: 0, w, h, pinned: false, settings });
            told = self.insert_near(tile, self.selected, |tile| format!("paste {}", tile.quoted()));
            if told.is_err() {
                break;
            }
        }
        told
    }
}

/// What pasting this text would add, by its title; nothing when it is no text of ours.
pub fn offered(text: &str) -> Option<String> {
    let widgets = read(text).ok()?;
    let first = widgets.first()?;
    let (kind, settings) = (first.kind, first.settings.clone());
    let id = WidgetId(uuid::Uuid::nil());
    Some(Tile::new(&DraftWidget { id, kind, x: 0, y: 0, w: first.w, h: first.h, pinned: false, settings }).title())
}

fn read(text: &str) -> Result<Vec<Copied>, String> {
    match serde_json::from_str::<Clipboard>(text) {
        Ok(clipboard) if clipboard.belvedere_widgets == VERSION => Ok(clipboard.widgets),
        Ok(_) => Err("The widget in the clipboard comes from a newer release.".into()),
        Err(_) => Err(NOT_OURS.into()),
    }
}
