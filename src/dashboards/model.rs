//! Dashboards, what may be put on them, and where.

#[cfg(feature = "ssr")]
use super::templates::Template;
use super::{
    editing::model::DraftWidget,
    grid::{Flaw, Grid, Item, Limits},
};
#[cfg(feature = "ssr")]
use crate::error::FieldErrors;
use crate::{
    accounts::Role,
    error::AppError,
    ids::{DashboardId, UserId, WidgetId},
    widgets::{Widget, WidgetKind},
};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;

pub const MAX_NAME: usize = 100;
pub const MAX_DESCRIPTION: usize = 500;
/// More than fit on anybody's wall; keeps a page's work bounded.
pub const MAX_WIDGETS: usize = 200;
/// Dashboards that everybody in an organisation sees.
pub const MAX_DASHBOARDS: usize = 200;
/// Dashboards that one person may have for themselves.
pub const MAX_PERSONAL: usize = 100;
/// Seconds; spec 4's default, and the least that spec 3 allows.
pub const MIN_REFRESH: i32 = 60;
pub const MAX_REFRESH: i32 = 86_400;

/// A dashboard without its widgets, as lists and tabs show it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema, sqlx::FromRow))]
pub struct DashboardRow {
    pub id: DashboardId,
    pub name: String,
    pub description: String,
    /// Whose it is, and who alone sees it. Absent: the organisation's.
    #[serde(default)]
    pub owner_id: Option<UserId>,
    /// At most one of the organisation's dashboards; shown first to who has chosen no other.
    pub is_default: bool,
    /// Seconds, 60 or more.
    pub refresh_interval: i32,
    /// Send it back with a change of the layout: a dashboard that somebody else has changed meanwhile is a conflict.
    pub version: i64,
    pub created_by: Option<UserId>,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

/// A dashboard with its widgets, in reading order. Widgets never overlap.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Dashboard {
    #[serde(flatten)]
    pub row: DashboardRow,
    pub widgets: Vec<Widget>,
}

impl Dashboard {
    /// As somebody in this role may know it: without the widgets that are not for them.
    pub fn seen_by(mut self, role: Role) -> Self {
        self.widgets.retain(|widget| widget.visible_to(role));
        self
    }
}

/// A dashboard in the bin.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema, sqlx::FromRow))]
pub struct Deleted {
    pub id: DashboardId,
    pub name: String,
    /// Absent: the organisation's.
    pub owner_id: Option<UserId>,
    pub widgets: i64,
    pub deleted_at: DateTime<Utc>,
    /// From then on it cannot be taken out again.
    pub gone_at: DateTime<Utc>,
}

/// Somebody who may be given a dashboard.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(sqlx::FromRow))]
pub struct Recipient {
    pub user_id: UserId,
    pub name: String,
}

/// A personal dashboard whose owner belongs to the organisation no longer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema, sqlx::FromRow))]
pub struct LeftBehind {
    pub id: DashboardId,
    pub name: String,
    pub updated_at: DateTime<Utc>,
}

/// A widget that is about to be put on a dashboard. Spec 4's names `type` and `config` are read as well.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct NewWidget {
    #[serde(alias = "type")]
    pub kind: WidgetKind,
    /// Column, from 0. Without `x` and `y` the first free place is taken.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub x: Option<u16>,
    /// Row, from 0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub y: Option<u16>,
    /// Columns; the kind's own size when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub w: Option<u16>,
    /// Rows of 80 px.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub h: Option<u16>,
    /// Stays where it is while others move around it.
    #[serde(default, skip_serializing_if = "is_false")]
    pub pinned: bool,
    #[serde(default, alias = "config")]
    #[cfg_attr(feature = "ssr", schema(value_type = Object))]
    pub settings: Value,
}

fn is_false(flag: &bool) -> bool {
    !flag
}

/// What changes about a widget; what is left out stays.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct WidgetPatch {
    #[serde(default)]
    pub x: Option<u16>,
    #[serde(default)]
    pub y: Option<u16>,
    #[serde(default)]
    pub w: Option<u16>,
    #[serde(default)]
    pub h: Option<u16>,
    #[serde(default)]
    pub pinned: Option<bool>,
    #[serde(default, alias = "config")]
    #[cfg_attr(feature = "ssr", schema(value_type = Option<Object>))]
    pub settings: Option<Value>,
}

/// Where one widget of a layout goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Place {
    #[serde(alias = "widget_id")]
    pub id: WidgetId,
    pub x: u16,
    pub y: u16,
    pub w: u16,
    pub h: u16,
}

/// Where a whole dashboard's widgets go: each of them exactly once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Layout {
    /// The version of the dashboard that was rearranged; `If-Match` says the same. Without either the last one wins.
    #[serde(default)]
    pub version: Option<i64>,
    pub layout: Vec<Place>,
}

/// A dashboard to be made: blank, from a template, or with the given widgets.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct NewDashboard {
    pub name: String,
    /// The template's when left empty.
    #[serde(default)]
    pub description: String,
    #[serde(default)]
    pub is_default: bool,
    /// True: seen by its maker alone. False: the organisation's, which takes an admin. Left out: the organisation's for
    /// admins, personal for everybody else.
    #[serde(default)]
    pub personal: Option<bool>,
    /// Seconds; 60 when left out.
    #[serde(default)]
    pub refresh_interval: Option<i32>,
    /// A template's code or name.
    #[serde(default, alias = "from_template")]
    pub template: Option<String>,
    /// In place of a template's.
    #[serde(default, alias = "layout")]
    pub widgets: Vec<NewWidget>,
}

/// What changes about a dashboard; what is left out stays.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct DashboardPatch {
    #[serde(default)]
    pub name: Option<String>,
    #[serde(default)]
    pub description: Option<String>,
    #[serde(default)]
    pub refresh_interval: Option<i32>,
}

/// A name as it is stored: trimmed, 1 to 100 characters.
pub fn parse_name(name: &str) -> Result<String, String> {
    let name = name.trim();
    match name.chars().count() {
        0 => Err("Give the dashboard a name.".into()),
        1..=MAX_NAME => Ok(name.to_owned()),
        n => Err(format!("A name has at most {MAX_NAME} characters; this one has {n}.")),
    }
}

pub fn parse_description(text: &str) -> Result<String, String> {
    let text = text.trim();
    match text.chars().count() {
        0..=MAX_DESCRIPTION => Ok(text.to_owned()),
        n => Err(format!("A description has at most {MAX_DESCRIPTION} characters; this one has {n}.")),
    }
}

pub fn parse_refresh(seconds: i32) -> Result<i32, String> {
    if (MIN_REFRESH..=MAX_REFRESH).contains(&seconds) {
        Ok(seconds)
    } else {
        Err(format!("Choose {MIN_REFRESH} to {MAX_REFRESH} seconds."))
    }
}

/// A [`NewDashboard`] that has passed every rule but those of its widgets' places.
#[cfg(feature = "ssr")]
#[derive(Clone, Debug, PartialEq)]
pub struct CheckedDashboard {
    pub name: String,
    pub description: String,
    pub refresh_interval: i32,
    pub widgets: Vec<NewWidget>,
}

#[cfg(feature = "ssr")]
impl NewDashboard {
    /// # Errors
    /// `Invalid`, naming every field that is wrong.
    pub fn check(self) -> Result<CheckedDashboard, AppError> {
        let mut errors = FieldErrors::default();
        let name = errors.take("name", parse_name(&self.name));
        let description = errors.take("description", parse_description(&self.description));
        let refresh = errors.take("refresh_interval", parse_refresh(self.refresh_interval.unwrap_or(MIN_REFRESH)));
        let template = match self.template.as_deref().map(str::trim) {
            None | Some("") | Some("blank") => Some(None),
            Some(name) => errors.take("template", name.parse::<Template>()).map(Some),
        };
        let (Some(name), Some(description), Some(refresh_interval), Some(template)) =
            (name, description, refresh, template)
        else {
            return Err(errors.into_error());
        };
        let (description, widgets) = match template {
            Some(template) => (
                if description.is_empty() { template.description().to_owned() } else { description },
                if self.widgets.is_empty() { template.widgets() } else { self.widgets },
            ),
            None => (description, self.widgets),
        };
        Ok(CheckedDashboard { name, description, refresh_interval, widgets })
    }
}

/// Refuses a dashboard whose widgets lie on each other, or that are too many.
pub fn check_layout(widgets: &[Widget]) -> Result<(), AppError> {
    check_places(widgets.iter().map(|widget| (widget_item(widget), format!("“{}”", widget.title()))).collect())
}

/// [`check_layout`], of places with the names of what stands there.
pub fn check_places(places: Vec<(Item, String)>) -> Result<(), AppError> {
    if places.len() > MAX_WIDGETS {
        return Err(AppError::invalid(format!("A dashboard holds at most {MAX_WIDGETS} widgets.")));
    }
    match Grid::new(places.iter().map(|(item, _)| *item).collect()).validate() {
        Ok(()) => Ok(()),
        Err(Flaw::Overlap(one, other)) => {
            let name = |id| places.iter().find(|(item, _)| item.id == id).map(|(_, n)| n.as_str()).unwrap_or_default();
            let mut names = [name(one), name(other)];
            // What has a name begins the sentence.
            names.sort_by_key(|name| !name.starts_with('“'));
            Err(AppError::field("layout", format!("{} lie on each other.", names.join(" and "))))
        }
        Err(flaw) => Err(AppError::field("layout", flaw.to_string())),
    }
}

/// A widget's place as the grid engine has it, with what its kind allows.
pub fn item(id: WidgetId, kind: WidgetKind, (x, y, w, h): (u16, u16, u16, u16), pinned: bool) -> Item {
    let sizes = kind.sizes();
    let limits = Limits {
        min_w: sizes.min_w.into(),
        min_h: sizes.min_h.into(),
        max_w: sizes.max_w.into(),
        max_h: sizes.max_h.into(),
    };
    Item { id, x: x.into(), y: y.into(), w: w.into(), h: h.into(), limits, pinned }
}

pub(in crate::dashboards) fn widget_item(widget: &Widget) -> Item {
    let Widget { id, kind, x, y, w, h, pinned, .. } = *widget;
    item(id, kind, (x, y, w, h), pinned)
}

/// The uppermost, then leftmost, place that is free for a widget of this size.
fn first_free(widgets: &[Widget], w: u16, h: u16) -> (u16, u16) {
    let (x, y) = Grid::new(widgets.iter().map(widget_item).collect()).first_fit(w.into(), h.into());
    // The grid begins at 0 and ends far below what a u16 holds; what it does not hold is refused by its check.
    (u16::try_from(x).unwrap_or(u16::MAX), u16::try_from(y).unwrap_or(u16::MAX))
}

impl NewWidget {
    /// Gives the widget its place among `others`, and checks it.
    pub fn place(&self, id: WidgetId, others: &[Widget]) -> Result<Widget, AppError> {
        let sizes = self.kind.sizes();
        let (w, h) = (self.w.unwrap_or(sizes.default_w), self.h.unwrap_or(sizes.default_h));
        let (x, y) = match (self.x, self.y) {
            (Some(x), Some(y)) => (x, y),
            _ => first_free(others, w, h),
        };
        Ok(Widget { pinned: self.pinned, ..Widget::new(id, self.kind, (x, y, w, h), &self.settings)? })
    }
}

impl WidgetPatch {
    /// The widget as it is after the change, not checked.
    pub fn apply(&self, widget: &mut DraftWidget) {
        widget.x = self.x.unwrap_or(widget.x);
        widget.y = self.y.unwrap_or(widget.y);
        widget.w = self.w.unwrap_or(widget.w);
        widget.h = self.h.unwrap_or(widget.h);
        widget.pinned = self.pinned.unwrap_or(widget.pinned);
        if let Some(settings) = &self.settings {
            widget.settings = settings.clone();
        }
    }
}

#[cfg(all(test, feature = "ssr"))]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;
    use uuid::Uuid;

    fn note(n: u128, x: u16, y: u16, w: u16, h: u16) -> Widget {
        Widget::new(WidgetId(Uuid::from_u128(n)), WidgetKind::Notes, (x, y, w, h), &json!({"text": "x"})).unwrap()
    }

    #[test]
    fn touching_is_allowed_and_overlapping_is_not() {
        check_layout(&[note(1, 0, 0, 3, 3), note(2, 3, 0, 3, 3), note(3, 0, 3, 3, 3)]).unwrap();
        let error = check_layout(&[note(1, 0, 0, 3, 3), note(2, 2, 2, 3, 3)]).unwrap_err();
        assert!(error.for_field("layout").is_some());
    }

    #[test]
    fn every_wrong_field_of_a_new_dashboard_is_named() {
        let wrong = NewDashboard {
            name: "  ".into(),
            refresh_interval: Some(5),
            template: Some("Nonsense".into()),
            ..NewDashboard::default()
        };
        let error = wrong.check().unwrap_err();
        for field in ["name", "refresh_interval", "template"] {
            assert!(error.for_field(field).is_some(), "{field}");
        }
    }

    #[test]
    fn spec_4_s_names_are_read() {
        let new: NewDashboard = serde_json::from_value(json!({
            "name": "Mine", "from_template": "Cash Flow",
            "layout": [{"type": "kpi", "x": 0, "y": 0, "w": 3, "h": 2, "config": {"metric": "cash_in"}}]
        }))
        .unwrap();
        let described = NewDashboard { description: "Ours".into(), ..new.clone() };
        assert_eq!(described.check().unwrap().description, "Ours");
        let checked = new.check().unwrap();
        assert_eq!(checked.description, Template::CashFlow.description(), "whatever its name");
        assert_eq!(checked.widgets.len(), 1);
        assert_eq!(checked.refresh_interval, 60);
    }

    #[test]
    fn a_patch_keeps_what_it_does_not_name() {
        let widget = DraftWidget::from(&note(1, 0, 0, 3, 3));
        let mut moved = widget.clone();
        WidgetPatch { x: Some(4), ..WidgetPatch::default() }.apply(&mut moved);
        assert_eq!(moved, DraftWidget { x: 4, ..widget });
        WidgetPatch { w: Some(9), ..WidgetPatch::default() }.apply(&mut moved);
        assert!(moved.check().is_err());
    }

    proptest! {
        /// However many are added, none lies on another.
        #[test]
        fn the_first_free_place_is_free(sizes in prop::collection::vec((2u16..=6, 2u16..=6), 1..20)) {
            let mut widgets = Vec::new();
            for (n, (w, h)) in sizes.into_iter().enumerate() {
                let (x, y) = first_free(&widgets, w, h);
                widgets.push(note(n as u128, x, y, w, h));
            }
            prop_assert!(check_layout(&widgets).is_ok());
        }
    }
}
