//! What the editor holds, and what a version keeps.

use crate::{
    dashboards::{
        grid::Item,
        model::{DashboardRow, item},
        page::Body,
    },
    error::AppError,
    ids::{DraftId, WidgetId},
    widgets::{WidgetKind, settings::from_code},
};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A widget as the editor holds it: settings as they were typed, checked by the server only.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct DraftWidget {
    pub id: WidgetId,
    pub kind: WidgetKind,
    pub x: u16,
    pub y: u16,
    pub w: u16,
    pub h: u16,
    #[serde(default)]
    pub pinned: bool,
    #[serde(default)]
    #[cfg_attr(feature = "ssr", schema(value_type = Object))]
    pub settings: Value,
}

impl DraftWidget {
    /// What the card's heading says: the given title, or what is shown.
    pub fn title(&self) -> String {
        let text = |key| self.settings.get(key).and_then(Value::as_str).map(str::trim).filter(|text| !text.is_empty());
        match text("title") {
            Some(title) => title.to_owned(),
            None => text("metric").or_else(|| text("source")).map_or_else(|| self.kind.label().to_owned(), from_code),
        }
    }

    /// Its place, as the grid engine has it.
    pub fn item(&self) -> Item {
        item(self.id, self.kind, (self.x, self.y, self.w, self.h), self.pinned)
    }
}

/// Everything of a dashboard that editing changes and a version keeps.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct Content {
    pub name: String,
    pub description: String,
    /// Seconds.
    pub refresh_interval: i32,
    pub widgets: Vec<DraftWidget>,
}

impl Content {
    pub fn find(&self, id: WidgetId) -> Option<&DraftWidget> {
        self.widgets.iter().find(|widget| widget.id == id)
    }

    /// Equal but for the order in which widgets are listed, which means nothing.
    pub fn same_as(&self, other: &Self) -> bool {
        let rest = |c: &Self| (c.name.clone(), c.description.clone(), c.refresh_interval, c.widgets.len());
        rest(self) == rest(other) && self.widgets.iter().all(|widget| other.find(widget.id) == Some(widget))
    }
}

/// Which of a person's drafts of a dashboard: each window of the editor writes one of its own.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct DraftKey {
    pub id: DraftId,
    /// The draft that the window went on with, and when that was written. It goes with the window's own, unless another
    /// window has written to it since.
    pub continued: Option<(DraftId, DateTime<Utc>)>,
}

/// What somebody has changed and not saved.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Draft {
    pub id: DraftId,
    /// The version that was opened.
    pub base_version: i64,
    pub content: Content,
    pub saved_at: DateTime<Utc>,
}

/// What was saved meanwhile, by somebody else or by the person themselves in another window.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Theirs {
    pub version: i64,
    pub content: Content,
    pub by: Option<String>,
    /// Whether it was the person themselves.
    pub own: bool,
    pub at: DateTime<Utc>,
    /// What both began with.
    pub base: Content,
}

/// What the editor opens with.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Editing {
    pub row: DashboardRow,
    pub content: Content,
    pub draft: Option<Draft>,
    /// When the draft's base is no longer current.
    pub theirs: Option<Theirs>,
}

/// How saving ended.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Saved {
    Done {
        version: i64,
    },
    /// Nothing was written: something else was saved since `base_version`.
    Conflict(Box<Theirs>),
}

/// A widget that is not saved, drawn. Settings that are wrong: [`AppError::Invalid`] with fields.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Drawn {
    pub title: String,
    pub body: Body,
    pub error: Option<AppError>,
}

/// Of an error of `save`, what is about the `n`th widget, with the fields' names as in its settings.
pub fn widget_error(error: &AppError, n: usize) -> Option<AppError> {
    let AppError::Invalid { fields, .. } = error else { return None };
    let prefix = format!("widgets[{n}]");
    let mut own = crate::error::FieldErrors::default();
    for field in fields {
        if let Some(rest) = field.field.strip_prefix(&prefix) {
            own.add(rest.trim_start_matches('.'), field.message.clone());
        }
    }
    (!own.is_empty()).then(|| own.into_error())
}

/// Whether nothing else is wrong than that no metric is chosen: how a widget begins that was just added.
pub fn lacks_metric(error: &AppError) -> bool {
    matches!(error, AppError::Invalid { fields, .. } if !fields.is_empty() && fields.iter().all(|f| f.field == "metric"))
}

#[cfg(feature = "ssr")]
mod checked {
    use super::{Content, DraftWidget};
    use crate::{
        accounts::Role,
        dashboards::model::{check_places, parse_description, parse_name, parse_refresh},
        error::{AppError, FieldErrors},
        widgets::Widget,
    };

    /// In the place of a name, for whom it is not.
    pub const UNSEEN: &str = "a widget that you cannot see";

    impl Content {
        /// This content as it may be stored in the place of `before`: every rule is passed, and settings are in the
        /// form that they are stored in. Widgets that are as they were are not asked again. What `role` may not know of
        /// is not named.
        ///
        /// # Errors
        /// `Invalid`, naming every field that is wrong: `name`, `widgets[2].metric`, `layout` …
        pub fn checked(&self, before: &Content, role: Role) -> Result<Content, AppError> {
            let mut errors = FieldErrors::default();
            let name = errors.take("name", parse_name(&self.name));
            let description = errors.take("description", parse_description(&self.description));
            let refresh = errors.take("refresh_interval", parse_refresh(self.refresh_interval));
            let mut widgets = Vec::with_capacity(self.widgets.len());
            for (n, widget) in self.widgets.iter().enumerate() {
                if before.find(widget.id) == Some(widget) {
                    widgets.push(widget.clone());
                } else if let Some(checked) = note_errors(&mut errors, n, widget.check())? {
                    widgets.push(DraftWidget::from(&checked));
                }
            }
            let (Some(name), Some(description), Some(refresh_interval)) = (name, description, refresh) else {
                return Err(errors.into_error());
            };
            errors.into_result()?;
            let name_of = |widget: &DraftWidget| {
                if widget.visible_to(role) { format!("“{}”", widget.title()) } else { UNSEEN.to_owned() }
            };
            check_places(widgets.iter().map(|widget| (widget.item(), name_of(widget))).collect())?;
            Ok(Content { name, description, refresh_interval, widgets })
        }
    }

    /// The widget; or `None`, with what is wrong noted as `widgets[n].field`.
    pub fn note_errors<T>(
        errors: &mut FieldErrors,
        n: usize,
        widget: Result<T, AppError>,
    ) -> Result<Option<T>, AppError> {
        match widget {
            Ok(widget) => Ok(Some(widget)),
            Err(AppError::Invalid { message, fields }) => {
                if fields.is_empty() {
                    errors.add(format!("widgets[{n}]"), message);
                }
                for field in fields {
                    errors.add(format!("widgets[{n}].{}", field.field), field.message);
                }
                Ok(None)
            }
            Err(other) => Err(other),
        }
    }

    impl Content {
        /// What somebody in this role may know of it.
        pub fn seen_by(mut self, role: Role) -> Self {
            self.widgets.retain(|widget| widget.visible_to(role));
            self
        }
    }

    impl DraftWidget {
        /// Whether somebody in this role may know of it. What this release cannot read is for nobody in particular.
        pub fn visible_to(&self, role: Role) -> bool {
            match self.check() {
                Ok(widget) => widget.visible_to(role),
                Err(_) => role.can_administer() || self.settings.get("roles").is_none(),
            }
        }

        /// # Errors
        /// `Invalid`, with the settings' own fields.
        pub fn check(&self) -> Result<Widget, AppError> {
            let place = (self.x, self.y, self.w, self.h);
            Ok(Widget { pinned: self.pinned, ..Widget::new(self.id, self.kind, place, &self.settings)? })
        }
    }

    impl From<&Widget> for DraftWidget {
        fn from(widget: &Widget) -> Self {
            let Widget { id, kind, x, y, w, h, pinned, ref settings } = *widget;
            Self { id, kind, x, y, w, h, pinned, settings: settings.to_json() }
        }
    }
}
#[cfg(feature = "ssr")]
pub use checked::{UNSEEN, note_errors};

#[cfg(all(test, feature = "ssr"))]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]
    use super::*;
    use crate::accounts::Role;
    use serde_json::json;
    use uuid::Uuid;

    fn widget(n: u128, x: u16, settings: Value) -> DraftWidget {
        let id = WidgetId(Uuid::from_u128(n));
        DraftWidget { id, kind: WidgetKind::Kpi, x, y: 0, w: 3, h: 2, pinned: false, settings }
    }

    #[test]
    fn every_wrong_field_is_named_with_its_widget() {
        let content = Content {
            name: " ".into(),
            refresh_interval: 60,
            widgets: vec![widget(1, 0, json!({"metric": "net_profit"})), widget(2, 3, json!({"decimals": 99}))],
            ..Content::default()
        };
        let error = content.checked(&Content::default(), Role::Owner).unwrap_err();
        for field in ["name", "widgets[1].metric", "widgets[1].decimals"] {
            assert!(error.for_field(field).is_some(), "{field}: {error:?}");
        }
        assert_eq!(widget_error(&error, 0), None);
        assert!(widget_error(&error, 1).unwrap().for_field("decimals").is_some());
    }

    #[test]
    fn a_widget_that_was_just_added_lacks_its_metric_and_nothing_else() {
        let lacks = |settings: Value| lacks_metric(&widget(1, 0, settings).check().unwrap_err());
        assert!(lacks(json!({})) && lacks(json!({"title": "Left over"})));
        assert!(!lacks(json!({"decimals": 99})));
        assert!(!lacks_metric(&AppError::not_found("The metric")));
    }

    #[test]
    fn what_is_as_it_was_is_not_asked_again() {
        let old = Content {
            name: "Old".into(),
            refresh_interval: 60,
            widgets: vec![widget(1, 0, json!({"was": "fine once"}))],
            ..Content::default()
        };
        let mut new = Content { name: "New".into(), ..old.clone() };
        assert_eq!(new.checked(&old, Role::Owner).unwrap(), new);
        new.widgets[0].x = 3;
        assert!(new.checked(&old, Role::Owner).is_err());
    }

    #[test]
    fn titles_are_those_that_the_card_will_have() {
        for settings in [json!({"metric": "net_profit"}), json!({"metric": "net_profit", "title": "Left over"})] {
            let draft = widget(1, 0, settings);
            assert_eq!(draft.title(), draft.check().unwrap().title());
        }
        assert_eq!(widget(1, 0, Value::Null).title(), "Key figure");
    }
}
