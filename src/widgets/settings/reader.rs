//! Reads one JSON object of settings, collecting what is wrong with every field before it gives up.

use crate::error::{AppError, FieldErrors};
use rust_decimal::Decimal;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

pub(super) struct Reader<'a> {
    object: &'a Map<String, Value>,
    asked: Vec<&'static str>,
    pub(super) errors: FieldErrors,
}

impl<'a> Reader<'a> {
    pub(super) fn new(object: &'a Map<String, Value>) -> Self {
        Self { object, asked: Vec::new(), errors: FieldErrors::default() }
    }

    /// The field's value; absent, null and the empty string of a form's field are all "not given".
    fn take(&mut self, field: &'static str) -> Option<&'a Value> {
        self.asked.push(field);
        if self.has_value(field) { self.object.get(field) } else { None }
    }

    /// Text of at most `max` characters, without the space around it.
    pub(super) fn text(&mut self, field: &'static str, max: usize) -> Option<String> {
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
        let text = self.text(field, 100)?;
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

    pub(super) fn has_value(&self, field: &str) -> bool {
        match self.object.get(field) {
            None | Some(Value::Null) => false,
            Some(Value::String(text)) => !text.trim().is_empty(),
            Some(_) => true,
        }
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
    pub(super) fn codes(&mut self, field: &'static str, max: usize) -> Vec<String> {
        let Some(value) = self.take(field) else { return Vec::new() };
        let texts: Option<Vec<String>> = match value {
            Value::Array(items) => items.iter().map(|v| v.as_str().map(|t| t.trim().to_owned())).collect(),
            Value::String(text) => {
                Some(text.split(',').map(|t| t.trim().to_owned()).filter(|t| !t.is_empty()).collect())
            }
            _ => None,
        };
        match texts {
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

    /// A whole number from `min` to `max`.
    pub(super) fn whole(&mut self, field: &'static str, min: u32, max: u32) -> Option<u32> {
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

    pub(super) fn flag(&mut self, field: &'static str, default: bool) -> bool {
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

    /// One of a few words. `words` are only for the message.
    pub(super) fn choice<T: DeserializeOwned>(&mut self, field: &'static str, words: &str) -> Option<T> {
        let value = self.take(field)?;
        let choice = serde_json::from_value(value.clone()).ok();
        if choice.is_none() {
            self.errors.add(field, format!("This must be one of {words}."));
        }
        choice
    }

    /// Several of a few words.
    pub(super) fn choices<T: DeserializeOwned>(&mut self, field: &'static str, words: &str) -> Vec<T> {
        let Some(value) = self.take(field) else { return Vec::new() };
        serde_json::from_value(value.clone()).unwrap_or_else(|_| {
            self.errors.add(field, format!("This must be a list of {words}."));
            Vec::new()
        })
    }

    /// Conditions in the formula language. Their names are the engine's to check, against its catalogue.
    pub(super) fn filters(&mut self) -> Vec<Value> {
        let Some(value) = self.take("filters") else { return Vec::new() };
        match value.as_array() {
            Some(items) if items.len() > 20 => {
                self.errors.add("filters", "At most 20 conditions.");
                Vec::new()
            }
            Some(items) if items.iter().all(Value::is_object) => items.clone(),
            _ => {
                self.errors.add("filters", "This must be a list of conditions.");
                Vec::new()
            }
        }
    }

    /// The settings, unless something was wrong or there is a field that nobody asked for.
    pub(super) fn finish<T>(mut self, settings: T) -> Result<T, AppError> {
        for field in self.object.keys() {
            if !self.asked.contains(&field.as_str()) {
                let known = self.asked.join(", ");
                self.errors.add(field.as_str(), format!("There is no such setting here. There are: {known}."));
            }
        }
        self.errors.into_result()?;
        Ok(settings)
    }
}
