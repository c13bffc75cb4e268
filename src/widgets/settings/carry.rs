//! What stays of the settings when a widget becomes one of another kind.

use super::schema::{Control, Field, When, schema};
use crate::widgets::WidgetKind;
use serde_json::{Map, Value};

/// `settings` as far as a widget of kind `to` has the same ones; the rest is left behind.
pub fn carry_over(to: WidgetKind, settings: &Value) -> Value {
    let Some(old) = settings.as_object() else { return Value::Object(Map::new()) };
    let given = |name: &str| old.get(name).is_some_and(|value| !value.is_null() && value.as_str() != Some(""));
    let form = if given("source") && !given("metric") { When::WithSource } else { When::WithMetric };
    let mut new = Map::new();
    for field in schema(to).iter().filter(|field| field.when == When::Always || field.when == form) {
        if field.name == "source" && form == When::WithMetric {
            continue;
        }
        if let Some(value) = old.get(field.name).and_then(|value| fitting(field, value)) {
            new.insert(field.name.to_owned(), value);
        }
    }
    // Only lines go by group and by period at once.
    if !matches!(to, WidgetKind::LineChart | WidgetKind::AreaChart) && new.contains_key("group_by") {
        new.remove("grain");
    }
    Value::Object(new)
}

/// The value, or the nearest that the field takes.
fn fitting(field: &Field, value: &Value) -> Option<Value> {
    let known = |options: &[super::Choice], value: &Value| options.iter().any(|o| Some(o.value) == value.as_str());
    match field.control {
        Control::Choice { options, .. } => known(options, value).then(|| value.clone()),
        Control::Choices { options } => {
            value.as_array().filter(|items| items.iter().all(|item| known(options, item))).map(|_| value.clone())
        }
        Control::Whole { min, max } => {
            let number = match value {
                Value::String(text) => text.trim().parse().ok(),
                value => value.as_u64(),
            };
            Some(number?.clamp(min.into(), max.into()).into())
        }
        // A target of 0 or less is none that a ring could have; the reader says so at the field.
        _ => Some(value.clone()),
    }
}
