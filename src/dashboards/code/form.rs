//! The form itself: writing and strict reading. Server only.

use super::model::Problem;
use crate::{
    dashboards::{
        editing::model::{Content, DraftWidget},
        model::{NewWidget, check_layout, parse_description, parse_name, parse_refresh},
    },
    error::AppError,
    ids::WidgetId,
    metrics::nearest,
    widgets::{Widget, WidgetKind, settings},
};
use serde::Serialize;
use serde_json::{Map, Value};

/// The form's version. Another one means another form.
pub const VERSION: u64 = 1;

/// The JSON schema of the form, for editors.
pub const SCHEMA: &str = include_str!("schema.json");

const FIELDS: [&str; 6] = ["$schema", "belvedere", "name", "description", "refresh_interval", "widgets"];
const WIDGET_FIELDS: [&str; 7] = ["kind", "x", "y", "w", "h", "pinned", "settings"];

#[derive(Serialize)]
struct Out<'a> {
    belvedere: u64,
    name: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    description: &'a str,
    refresh_interval: i32,
    widgets: Vec<OutWidget<'a>>,
}

#[derive(Serialize)]
struct OutWidget<'a> {
    kind: WidgetKind,
    x: u16,
    y: u16,
    w: u16,
    h: u16,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pinned: bool,
    settings: &'a Value,
}

/// The form of a dashboard: widgets in reading order, and no ids, so that equal dashboards have equal files.
pub fn write(content: &Content) -> String {
    let mut widgets: Vec<&DraftWidget> = content.widgets.iter().collect();
    widgets.sort_by_key(|w| (w.y, w.x));
    let out = Out {
        belvedere: VERSION,
        name: &content.name,
        description: &content.description,
        refresh_interval: content.refresh_interval,
        widgets: widgets
            .into_iter()
            .map(|w| OutWidget {
                kind: w.kind,
                x: w.x,
                y: w.y,
                w: w.w,
                h: w.h,
                pinned: w.pinned,
                settings: &w.settings,
            })
            .collect(),
    };
    // Text keys and numbers that JSON has: nothing in it can fail.
    let mut text = serde_json::to_string_pretty(&out).unwrap_or_default();
    text.push('\n');
    text
}

/// Reads a file; the widgets get new ids.
///
/// # Errors
/// Everything that is wrong, each with its place.
pub fn read(text: &str) -> Result<Content, Vec<Problem>> {
    let value = parse(text).map_err(|e| {
        let cause = e.to_string();
        let cause = cause.split(" at line").next().unwrap_or_default();
        vec![Problem {
            place: format!("line {}, column {}", e.line(), e.column()),
            message: format!("No JSON: {cause}."),
        }]
    })?;
    let mut reading = Reading::default();
    let content = reading.content(&value);
    match content {
        Some(content) if reading.problems.is_empty() => Ok(content),
        _ => Err(reading.problems),
    }
}

/// The name alone, where it can be read, whatever is wrong with the rest.
pub fn read_name(text: &str) -> Option<String> {
    parse(text).ok()?.get("name")?.as_str().and_then(|name| parse_name(name).ok())
}

fn parse(text: &str) -> serde_json::Result<Value> {
    serde_json::from_str(text.trim_start_matches('\u{feff}'))
}

#[derive(Default)]
struct Reading {
    problems: Vec<Problem>,
}

impl Reading {
    fn note(&mut self, place: impl Into<String>, message: impl Into<String>) {
        self.problems.push(Problem { place: place.into(), message: message.into() });
    }

    fn unknown_fields(&mut self, place: &str, object: &Map<String, Value>, known: &[&str], aliases: &[&str]) {
        for name in object.keys().filter(|name| !known.contains(&name.as_str()) && !aliases.contains(&name.as_str())) {
            let hint = match nearest(name, known.iter().copied()) {
                Some(nearest) => format!("Did you mean “{nearest}”?"),
                None => format!("There are: {}.", known.join(", ")),
            };
            self.note(join(place, name), format!("There is no such field here. {hint}"));
        }
    }

    fn content(&mut self, value: &Value) -> Option<Content> {
        let Value::Object(object) = value else {
            self.note("", "The file holds one JSON object.");
            return None;
        };
        match object.get("belvedere").map(Value::as_u64) {
            Some(Some(VERSION)) => {}
            None => {
                self.note("belvedere", "This is no dashboard of ours: “\"belvedere\": 1” is missing.");
                return None;
            }
            Some(_) => {
                let message = format!("This form is of another version; this server reads version {VERSION}.");
                self.note("belvedere", message);
                return None;
            }
        }
        self.unknown_fields("", object, &FIELDS, &[]);
        let name = self.text(object, "name").and_then(|text| self.take("name", parse_name(&text)));
        let description = match object.get("description") {
            None | Some(Value::Null) => Some(String::new()),
            Some(_) => {
                self.text(object, "description").and_then(|text| self.take("description", parse_description(&text)))
            }
        };
        let refresh = match object.get("refresh_interval") {
            None | Some(Value::Null) => Some(crate::dashboards::model::MIN_REFRESH),
            Some(value) => match value.as_i64().and_then(|n| i32::try_from(n).ok()) {
                Some(seconds) => self.take("refresh_interval", parse_refresh(seconds)),
                None => {
                    self.note("refresh_interval", "This must be a whole number of seconds.");
                    None
                }
            },
        };
        let widgets = self.widgets(object.get("widgets"));
        Some(Content { name: name?, description: description?, refresh_interval: refresh?, widgets })
    }

    fn text(&mut self, object: &Map<String, Value>, field: &str) -> Option<String> {
        let text = object.get(field).and_then(Value::as_str).map(str::to_owned);
        if text.is_none() {
            self.note(field, "This must be text.");
        }
        text
    }

    fn take<T>(&mut self, place: &str, parsed: Result<T, String>) -> Option<T> {
        parsed.map_err(|message| self.note(place, message)).ok()
    }

    fn widgets(&mut self, value: Option<&Value>) -> Vec<DraftWidget> {
        let items = match value {
            None | Some(Value::Null) => return Vec::new(),
            Some(Value::Array(items)) => items,
            Some(_) => {
                self.note("widgets", "This must be a list.");
                return Vec::new();
            }
        };
        let mut widgets: Vec<Widget> = Vec::with_capacity(items.len());
        for (n, item) in items.iter().enumerate() {
            let place = format!("widgets[{n}]");
            match item {
                Value::Object(object) => widgets.extend(self.widget(&place, object, &widgets)),
                _ => self.note(place, "A widget is a JSON object."),
            }
        }
        if self.problems.is_empty()
            && let Err(error) = check_layout(&widgets)
        {
            let message = error.for_field("layout").map_or_else(|| error.to_string(), str::to_owned);
            self.note("widgets", message);
        }
        widgets.iter().map(DraftWidget::from).collect()
    }

    fn widget(&mut self, place: &str, object: &Map<String, Value>, others: &[Widget]) -> Option<Widget> {
        self.unknown_fields(place, object, &WIDGET_FIELDS, &["type", "config"]);
        let named = object.get("kind").or_else(|| object.get("type"));
        let Some(kind) = named.and_then(Value::as_str).and_then(|name| name.parse::<WidgetKind>().ok()) else {
            let names = || WidgetKind::ALL.into_iter().map(WidgetKind::as_str);
            let given = named.and_then(Value::as_str).unwrap_or_default();
            let hint = match nearest(given, names()).filter(|_| !given.is_empty()) {
                Some(nearest) => format!("Did you mean “{nearest}”?"),
                None => format!("There are: {}.", names().collect::<Vec<_>>().join(", ")),
            };
            self.note(join(place, "kind"), format!("There is no such kind of widget. {hint}"));
            return None;
        };
        let before = self.problems.len();
        let number = |reading: &mut Self, field: &str| match object.get(field) {
            None | Some(Value::Null) => None,
            Some(value) => {
                let number = value.as_u64().and_then(|n| u16::try_from(n).ok());
                if number.is_none() {
                    reading.note(join(place, field), "This must be a whole number from 0 on.");
                }
                number
            }
        };
        let [x, y, w, h] = ["x", "y", "w", "h"].map(|field| number(self, field));
        let pinned = match object.get("pinned") {
            None | Some(Value::Null) => false,
            Some(Value::Bool(pinned)) => *pinned,
            Some(_) => {
                self.note(join(place, "pinned"), "This must be true or false.");
                false
            }
        };
        let given = object.get("settings").or_else(|| object.get("config")).cloned().unwrap_or(Value::Null);
        // Settings and place are judged apart, so that what is wrong with either is told at once.
        let wrong_settings = settings::parse(kind, &given).err();
        let placed = match &wrong_settings {
            None => NewWidget { kind, x, y, w, h, pinned, settings: given }.place(WidgetId::new(), others).map(Some),
            Some(_) => {
                let sizes = kind.sizes();
                let (w, h) = (w.unwrap_or(sizes.default_w), h.unwrap_or(sizes.default_h));
                kind.check_place(x.unwrap_or(0), y.unwrap_or(0), w, h).map(|()| None)
            }
        };
        if let Some(error) = wrong_settings {
            self.note_error(place, ".settings", error);
        }
        match placed {
            Ok(widget) => widget.filter(|_| self.problems.len() == before),
            Err(error) => {
                self.note_error(place, "", error);
                None
            }
        }
    }

    fn note_error(&mut self, place: &str, below: &str, error: AppError) {
        match error {
            AppError::Invalid { fields, .. } if !fields.is_empty() => {
                for field in fields {
                    let message = with_nearest(&field.field, field.message);
                    self.note(format!("{place}{below}.{}", field.field), message);
                }
            }
            other => self.note(format!("{place}{below}"), other.to_string()),
        }
    }
}

/// The reader of settings lists the names that there are; of those, the nearest is more help.
fn with_nearest(given: &str, message: String) -> String {
    let Some((first, names)) = message.split_once(" There are: ") else { return message };
    match nearest(given, names.trim_end_matches('.').split(", ")) {
        Some(nearest) => format!("{first} Did you mean “{nearest}”?"),
        None => message,
    }
}

fn join(place: &str, field: &str) -> String {
    if place.is_empty() { field.to_owned() } else { format!("{place}.{field}") }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]
    use super::*;
    use serde_json::json;

    fn wrong(value: Value) -> Vec<(String, String)> {
        read(&value.to_string()).unwrap_err().into_iter().map(|p| (p.place, p.message)).collect()
    }

    #[test]
    fn what_is_written_is_read_and_written_again_to_the_letter() {
        let text = json!({
            "belvedere": 1, "name": " Cash ", "description": "All of it",
            "widgets": [
                {"kind": "notes", "x": 3, "y": 0, "w": 3, "h": 3, "settings": {"text": "# Hi"}, "pinned": true},
                {"type": "kpi", "x": 0, "y": 0, "w": 3, "h": 2, "config": {"metric": "cash_in", "target": "5"}},
            ]
        });
        let first = write(&read(&text.to_string()).unwrap());
        assert_eq!(write(&read(&first).unwrap()), first);
        assert!(first.starts_with("{\n  \"belvedere\": 1,\n  \"name\": \"Cash\""), "{first}");
        assert!(first.find("kpi").unwrap() < first.find("notes").unwrap(), "in reading order");
    }

    #[test]
    fn every_problem_has_its_place_and_the_nearest_name() {
        let problems = wrong(json!({
            "belvedere": 1, "nam": "x", "name": "", "refresh_interval": 5,
            "widgets": [
                {"kind": "kpi", "x": 0, "y": 0, "w": 9, "h": 2, "settings": {"metrik": "cash_in"}},
                {"kind": "donut", "x": 0, "y": 0, "settings": {}},
                {"kind": "notes", "x": -1, "settings": {"text": "a"}}
            ]
        }));
        let at = |place: &str| {
            &problems.iter().find(|(p, _)| p == place).unwrap_or_else(|| panic!("{place}: {problems:#?}")).1
        };
        assert!(at("nam").contains("“name”"));
        assert!(at("name").contains("name"));
        at("refresh_interval");
        at("widgets[0].settings.metric");
        assert!(at("widgets[0].settings.metrik").contains("“metric”"));
        assert!(at("widgets[1].kind").contains("“donut_chart”"));
        at("widgets[2].x");
    }

    #[test]
    fn what_is_no_dashboard_is_said_so() {
        assert_eq!(read("{").unwrap_err()[0].place, "line 1, column 1");
        assert_eq!(wrong(json!({"name": "x"}))[0].0, "belvedere");
        assert!(wrong(json!({"belvedere": 2, "name": "x"}))[0].1.contains("version 1"));
        assert_eq!(wrong(json!([])).len(), 1);
        let two = json!({"kind": "notes", "x": 0, "y": 0, "settings": {"text": "a"}});
        let overlap = wrong(json!({"belvedere": 1, "name": "x", "widgets": [two, two]}));
        assert_eq!(overlap[0].0, "widgets");
    }

    #[test]
    fn the_schema_knows_every_kind_and_field() {
        let schema: Value = serde_json::from_str(SCHEMA).unwrap();
        let kinds: Vec<&str> = WidgetKind::ALL.into_iter().map(WidgetKind::as_str).collect();
        assert_eq!(schema["$defs"]["kind"]["enum"], json!(kinds));
        for field in FIELDS {
            assert!(schema["properties"].get(field).is_some(), "{field}");
        }
        for field in WIDGET_FIELDS {
            assert!(schema["$defs"]["widget"]["properties"].get(field).is_some(), "{field}");
        }
    }
}
