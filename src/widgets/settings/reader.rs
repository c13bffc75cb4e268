//! Reads one JSON object of settings, collecting what is wrong with every field before it gives up. Bounds and
//! choices are the schema's.

use super::schema::{Choice, Control, Field, When, schema};
use crate::{
    accounts::Role,
    error::{AppError, FieldErrors},
    metrics::TimeRange,
    widgets::WidgetKind,
};
use rust_decimal::Decimal;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

pub(super) struct Reader<'a> {
    object: &'a Map<String, Value>,
    fields: &'static [Field],
    /// Of a table that has two: which of them is read.
    form: When,
    pub(super) asked: Vec<&'static str>,
    pub(super) errors: FieldErrors,
}

impl<'a> Reader<'a> {
    pub(super) fn new(kind: WidgetKind, object: &'a Map<String, Value>) -> Self {
        Self { object, fields: schema(kind), form: When::Always, asked: Vec::new(), errors: FieldErrors::default() }
    }

    pub(super) fn form(&mut self, form: When) {
        self.form = form;
    }

    /// What the schema says of a field. A test sees to it that the reader asks for none that it lacks.
    fn control(&self, name: &str) -> Option<Control> {
        let fits = |field: &&Field| field.name == name && (field.when == When::Always || field.when == self.form);
        let found = self.fields.iter().find(fits).map(|field| field.control);
        debug_assert!(found.is_some(), "the schema has no {name}");
        found
    }

    /// The field's value; absent, null and the empty string of a form's field are all "not given".
    fn take(&mut self, field: &'static str) -> Option<&'a Value> {
        self.asked.push(field);
        if self.has_value(field) { self.object.get(field) } else { None }
    }

    pub(super) fn has_value(&self, field: &str) -> bool {
        match self.object.get(field) {
            None | Some(Value::Null) => false,
            Some(Value::String(text)) => !text.trim().is_empty(),
            Some(_) => true,
        }
    }

    /// Text, without the space around it.
    pub(super) fn text(&mut self, field: &'static str) -> Option<String> {
        let max = match self.control(field)? {
            Control::Text { max } | Control::Markdown { max } => max,
            _ => 100,
        };
        let value = self.take(field)?;
        match value.as_str() {
            Some(text) if text.trim().chars().count() <= max => Some(text.trim().to_owned()),
            Some(_) => {
                self.errors.add(field, format!("At most {max} characters."));
                None
            }
            None => {
                self.errors.add(field, "This must be text.");
                None
            }
        }
    }

    /// The code of a metric, of a source or of a field: letters, digits and underscores.
    pub(super) fn code(&mut self, field: &'static str) -> Option<String> {
        let text = self.text(field)?;
        self.check_code(field, text)
    }

    /// Like [`Self::code`]; `message` says what to do when there is none.
    pub(super) fn required_code(&mut self, field: &'static str, message: &'static str) -> String {
        if !self.has_value(field) {
            self.asked.push(field);
            self.errors.add(field, message);
            return String::new();
        }
        self.code(field).unwrap_or_default()
    }

    fn check_code(&mut self, field: &'static str, text: String) -> Option<String> {
        if text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-')) {
            Some(text)
        } else {
            self.errors.add(field, "Only letters, digits and underscores, such as total_revenue.");
            None
        }
    }

    /// Several codes, as a JSON list or as one text with commas.
    pub(super) fn codes(&mut self, field: &'static str) -> Vec<String> {
        let Some(Control::Columns { max }) = self.control(field) else { return Vec::new() };
        let Some(value) = self.take(field) else { return Vec::new() };
        match texts(value) {
            Some(texts) if texts.len() > max => {
                self.errors.add(field, format!("At most {max} of them."));
                Vec::new()
            }
            Some(texts) => texts.into_iter().filter_map(|t| self.check_code(field, t)).collect(),
            None => {
                self.errors.add(field, "This must be a list of names.");
                Vec::new()
            }
        }
    }

    /// A number, exact: JSON numbers and texts such as "0.05" are both read.
    pub(super) fn decimal(&mut self, field: &'static str) -> Option<Decimal> {
        self.control(field)?;
        let number = match self.take(field)? {
            Value::Number(n) => {
                let text = n.to_string();
                text.parse().or_else(|_| Decimal::from_scientific(&text)).ok()
            }
            Value::String(text) => text.trim().parse().ok(),
            _ => None,
        };
        if number.is_none() {
            self.errors.add(field, "This must be a number, such as 1500 or 0.05.");
        }
        number
    }

    /// A whole number within the schema's bounds.
    pub(super) fn whole(&mut self, field: &'static str) -> Option<u32> {
        let Control::Whole { min, max } = self.control(field)? else { return None };
        self.between(field, min, max)
    }

    /// The number of a series colour.
    pub(super) fn color(&mut self, field: &'static str) -> Option<u32> {
        self.control(field)?;
        self.between(field, 1, 6)
    }

    fn between(&mut self, field: &'static str, min: u32, max: u32) -> Option<u32> {
        let number = match self.take(field)? {
            Value::Number(n) => n.as_u64().and_then(|n| u32::try_from(n).ok()),
            Value::String(text) => text.trim().parse().ok(),
            _ => None,
        };
        match number {
            Some(n) if (min..=max).contains(&n) => Some(n),
            _ => {
                self.errors.add(field, format!("This must be a whole number from {min} to {max}."));
                None
            }
        }
    }

    pub(super) fn flag(&mut self, field: &'static str) -> bool {
        let Some(Control::Flag { default }) = self.control(field) else { return false };
        match self.take(field) {
            None => default,
            Some(Value::Bool(b)) => *b,
            Some(Value::String(t)) if t == "true" || t == "on" => true,
            Some(Value::String(t)) if t == "false" => false,
            Some(_) => {
                self.errors.add(field, "This must be true or false.");
                default
            }
        }
    }

    /// One of the schema's options.
    pub(super) fn choice<T: DeserializeOwned>(&mut self, field: &'static str) -> Option<T> {
        let Control::Choice { options, .. } = self.control(field)? else { return None };
        let value = self.take(field)?;
        let choice = known(options, value).then(|| serde_json::from_value(value.clone()).ok()).flatten();
        if choice.is_none() {
            self.errors.add(field, format!("This must be one of {}.", words(options)));
        }
        choice
    }

    /// Several of the schema's options.
    pub(super) fn choices<T: DeserializeOwned>(&mut self, field: &'static str) -> Vec<T> {
        let Some(Control::Choices { options }) = self.control(field) else { return Vec::new() };
        let Some(value) = self.take(field) else { return Vec::new() };
        let items = value.as_array().filter(|items| items.iter().all(|item| known(options, item)));
        items.and_then(|items| serde_json::from_value(Value::Array(items.clone())).ok()).unwrap_or_else(|| {
            self.errors.add(field, format!("This must be a list of {}.", words(options)));
            Vec::new()
        })
    }

    /// Conditions in the formula language. Their names are the engine's to check, against its catalogue.
    pub(super) fn filters(&mut self, field: &'static str) -> Vec<Value> {
        let Some(Control::Conditions { max }) = self.control(field) else { return Vec::new() };
        let Some(value) = self.take(field) else { return Vec::new() };
        match value.as_array() {
            Some(items) if items.len() > max => {
                self.errors.add(field, format!("At most {max} conditions."));
                Vec::new()
            }
            Some(items) if items.iter().all(Value::is_object) => items.clone(),
            _ => {
                self.errors.add(field, "This must be a list of conditions.");
                Vec::new()
            }
        }
    }

    /// A time range; `{}` is all time.
    pub(super) fn range(&mut self, field: &'static str) -> Option<TimeRange> {
        self.control(field)?;
        let value = self.take(field)?;
        let Some(mut range) = serde_json::from_value::<TimeRange>(value.clone()).ok().filter(|_| value.is_object())
        else {
            self.errors.add(field, "This must be a range, such as {\"from\": \"now-30d\", \"to\": \"now\"}.");
            return None;
        };
        for end in [&mut range.from, &mut range.to] {
            *end = end.take().map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
        }
        match range.check() {
            Ok(()) => Some(range),
            Err(error) => {
                self.errors.add(field, error.to_string());
                None
            }
        }
    }

    /// The roles that may see a widget, beside owners and admins. An empty list leaves only those.
    pub(super) fn roles(&mut self, field: &'static str) -> Option<Vec<Role>> {
        self.control(field)?;
        let value = self.take(field)?;
        let roles: Option<Vec<Role>> = texts(value).and_then(|texts| texts.iter().map(|t| t.parse().ok()).collect());
        let Some(roles) = roles else {
            let names: Vec<_> = Role::ALL.into_iter().map(Role::as_str).collect();
            self.errors.add(field, format!("This must be a list of {}.", names.join(", ")));
            return None;
        };
        // In one order and each once, so that equal settings are written alike.
        Some(Role::ALL.into_iter().filter(|role| !role.can_administer() && roles.contains(role)).collect())
    }

    /// The settings, unless something was wrong or there is a field that nobody asked for.
    pub(super) fn finish<T>(mut self, settings: T) -> Result<T, AppError> {
        for field in self.object.keys() {
            let known = self.fields.iter().any(|f| f.name == field);
            if !self.asked.contains(&field.as_str()) && (self.has_value(field) || !known) {
                let known = self.asked.join(", ");
                self.errors.add(field.as_str(), format!("There is no such setting here. There are: {known}."));
            }
        }
        self.errors.into_result()?;
        Ok(settings)
    }
}

/// A JSON list of texts, or one text with commas.
fn texts(value: &Value) -> Option<Vec<String>> {
    match value {
        Value::Array(items) => items.iter().map(|v| v.as_str().map(|t| t.trim().to_owned())).collect(),
        Value::String(text) => Some(text.split(',').map(|t| t.trim().to_owned()).filter(|t| !t.is_empty()).collect()),
        _ => None,
    }
}

fn known(options: &[Choice], value: &Value) -> bool {
    value.as_str().is_some_and(|text| options.iter().any(|option| option.value == text))
}

fn words(options: &[Choice]) -> String {
    options.iter().map(|option| option.value).collect::<Vec<_>>().join(", ")
}
