//! A widget in its place on a dashboard.

use super::{
    kind::WidgetKind,
    settings::{self, WidgetSettings},
};
use crate::{accounts::Role, error::AppError, ids::WidgetId};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// One card of a dashboard. Its place is inside the grid and its settings are right for its kind:
/// both are checked wherever a widget comes from, JSON included.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "RawWidget", into = "RawWidget")]
pub struct Widget {
    pub id: WidgetId,
    pub kind: WidgetKind,
    pub x: u16,
    pub y: u16,
    pub w: u16,
    pub h: u16,
    /// Stays where it is while others move around it.
    pub pinned: bool,
    pub settings: WidgetSettings,
}

impl Widget {
    /// Checks the place and the settings; the error names the fields. Not pinned.
    pub fn new(
        id: WidgetId,
        kind: WidgetKind,
        (x, y, w, h): (u16, u16, u16, u16),
        settings: &Value,
    ) -> Result<Self, AppError> {
        kind.check_place(x, y, w, h)?;
        Ok(Self { id, kind, x, y, w, h, pinned: false, settings: settings::parse(kind, settings)? })
    }

    /// Refuses settings by which whoever makes them would no longer see the widget.
    pub fn check_author(&self, role: Role) -> Result<(), AppError> {
        if self.visible_to(role) {
            return Ok(());
        }
        let message =
            format!("You would not see it yourself: leave {}s among those who may.", role.label().to_lowercase());
        Err(AppError::field("roles", message))
    }

    /// Whether somebody in this role may know of the widget at all.
    pub fn visible_to(&self, role: Role) -> bool {
        self.settings.visible_to(role)
    }

    /// What the card's heading says: the title that somebody gave it, or what it shows.
    pub fn title(&self) -> String {
        self.settings.title()
    }
}

/// The wire's form. Spec 4 calls the kind "type" and the settings "config"; both names are read.
#[derive(Clone, Serialize, Deserialize)]
struct RawWidget {
    id: WidgetId,
    #[serde(alias = "type")]
    kind: WidgetKind,
    x: u16,
    y: u16,
    w: u16,
    h: u16,
    #[serde(default)]
    pinned: bool,
    #[serde(default, alias = "config")]
    settings: Value,
}

impl TryFrom<RawWidget> for Widget {
    type Error = AppError;
    fn try_from(raw: RawWidget) -> Result<Self, AppError> {
        let place = (raw.x, raw.y, raw.w, raw.h);
        Ok(Self { pinned: raw.pinned, ..Self::new(raw.id, raw.kind, place, &raw.settings)? })
    }
}

impl From<Widget> for RawWidget {
    fn from(widget: Widget) -> Self {
        let settings = widget.settings.to_json();
        let Widget { id, kind, x, y, w, h, pinned, .. } = widget;
        Self { id, kind, x, y, w, h, pinned, settings }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]
    use super::*;
    use serde_json::json;

    const ID: &str = "018f0000-0000-7000-8000-000000000001";

    #[test]
    fn a_template_entry_of_spec_4_is_a_widget() {
        let widget: Widget = serde_json::from_value(json!({
            "id": ID, "type": "kpi", "x": 0, "y": 0, "w": 3, "h": 2,
            "config": {"metric": "total_revenue", "title": "Revenue"}
        }))
        .unwrap();
        assert_eq!(widget.title(), "Revenue");
        let again: Widget = serde_json::from_value(serde_json::to_value(&widget).unwrap()).unwrap();
        assert_eq!(again, widget);
    }

    #[test]
    fn a_widget_too_large_or_with_foreign_settings_cannot_be_read() {
        let read = |w: u16, settings: Value| {
            serde_json::from_value::<Widget>(json!({
                "id": ID, "kind": "kpi", "x": 0, "y": 0, "w": w, "h": 2, "settings": settings
            }))
        };
        assert!(read(3, json!({"metric": "net_profit"})).is_ok());
        assert!(read(5, json!({"metric": "net_profit"})).is_err());
        assert!(read(3, json!({"metric": "net_profit", "colour": 1})).is_err());
    }
}
