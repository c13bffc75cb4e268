//! A metric as it is typed: one flat field of text each, so that its page also works without JavaScript.

use super::model::Definition;
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct MetricForm {
    /// Empty: made from the name.
    pub code: String,
    pub name: String,
    pub description: String,
    /// JSON in the formula language.
    pub formula: String,
    pub unit: String,
    pub format: String,
    pub target: String,
    pub warning_threshold: String,
    pub critical_threshold: String,
    pub direction: String,
    pub category: String,
    /// Seconds.
    pub refresh_rate: String,
    pub default_grain: String,
    pub default_group: String,
}

impl MetricForm {
    /// What a new metric begins with: something that can be computed.
    pub fn blank() -> Self {
        Self {
            formula: "{\n  \"source\": \"transactions\",\n  \"measure\": \"sum\",\n  \"field\": \"amount\",\n  \
                      \"where\": {\"field\": \"type\", \"operator\": \"=\", \"value\": \"income\"}\n}"
                .into(),
            format: "currency".into(),
            direction: "higher_is_better".into(),
            category: "FINANCIAL".into(),
            refresh_rate: "60".into(),
            ..Self::default()
        }
    }
}

impl From<&Definition> for MetricForm {
    fn from(definition: &Definition) -> Self {
        let number =
            |value: Option<rust_decimal::Decimal>| value.map(|v| v.normalize().to_string()).unwrap_or_default();
        Self {
            code: definition.code.clone(),
            name: definition.name.clone(),
            description: definition.description.clone(),
            formula: serde_json::to_string_pretty(&definition.formula).unwrap_or_default(),
            unit: definition.unit.clone().unwrap_or_default(),
            format: definition.format.as_str().into(),
            target: number(definition.target),
            warning_threshold: number(definition.warning_threshold),
            critical_threshold: number(definition.critical_threshold),
            direction: definition.direction.as_str().into(),
            category: definition.category.clone(),
            refresh_rate: definition.refresh_rate.to_string(),
            default_grain: definition.default_grain.clone().unwrap_or_default(),
            default_group: definition.default_group.clone().unwrap_or_default(),
        }
    }
}

#[cfg(feature = "ssr")]
mod checked {
    use super::MetricForm;
    use crate::{
        error::{AppError, FieldErrors},
        metrics::model::{Grain, NewDefinition},
        records::{fields::parse_amount, listing::optional},
    };
    use serde::de::DeserializeOwned;
    use serde_json::Value;

    impl MetricForm {
        /// Reads every field; what they mean together is the store's to judge.
        ///
        /// # Errors
        /// `Invalid` with every field that cannot be read.
        pub fn parse(&self) -> Result<NewDefinition, AppError> {
            let mut errors = FieldErrors::default();
            let formula = serde_json::from_str::<Value>(&self.formula).map_err(|error| match error.line() {
                _ if self.formula.trim().is_empty() => "A metric needs a formula.".to_owned(),
                line => format!("Line {line}, column {}: this is not JSON. {}.", error.column(), reason(&error)),
            });
            let formula = errors.take("formula", formula);
            let format = choice(&mut errors, "format", &self.format);
            let direction = choice(&mut errors, "direction", &self.direction);
            let default_grain = optional(&mut errors, "default_grain", &self.default_grain, by_name::<Grain>);
            let refresh_rate = self.refresh_rate.trim().parse().map_err(|_| "A whole number of seconds belongs here.");
            let refresh_rate = errors.take("refresh_rate", refresh_rate);
            let target = optional(&mut errors, "target", &self.target, parse_amount);
            let warning_threshold = optional(&mut errors, "warning_threshold", &self.warning_threshold, parse_amount);
            let critical_threshold =
                optional(&mut errors, "critical_threshold", &self.critical_threshold, parse_amount);
            let text = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
            if let (Some(formula), Some(format), Some(direction), Some(refresh_rate), true) =
                (formula, format, direction, refresh_rate, errors.is_empty())
            {
                return Ok(NewDefinition {
                    code: text(&self.code).unwrap_or_else(|| code_of(&self.name)),
                    name: self.name.trim().to_owned(),
                    description: self.description.trim().to_owned(),
                    formula,
                    unit: text(&self.unit),
                    format,
                    target,
                    warning_threshold,
                    critical_threshold,
                    direction,
                    category: self.category.clone(),
                    refresh_rate,
                    default_grain,
                    default_group: text(&self.default_group),
                });
            }
            Err(errors.into_error())
        }

        /// Tells of a fault inside the formula by the line that it stands on.
        pub fn locate(&self, error: AppError) -> AppError {
            let AppError::Invalid { message, fields } = &error else { return error };
            let mut errors = FieldErrors::default();
            for field in fields {
                match field.field.strip_prefix("formula") {
                    Some(path) => {
                        let at = path.trim_start_matches('.');
                        let place = match line_of(&self.formula, path) {
                            Some(line) if at.is_empty() => format!("Line {line}"),
                            Some(line) => format!("Line {line}, {at}"),
                            None => at.to_owned(),
                        };
                        errors.add("formula", format!("{place}: {}", field.message));
                    }
                    None => errors.add(field.field.clone(), field.message.clone()),
                }
            }
            if errors.is_empty() { AppError::invalid(message.clone()) } else { errors.into_error() }
        }
    }

    fn by_name<T: DeserializeOwned>(name: &str) -> Result<T, String> {
        serde_json::from_value(Value::String(name.to_owned())).map_err(|_| "Choose one of the list.".to_owned())
    }

    fn choice<T: DeserializeOwned>(errors: &mut FieldErrors, field: &str, name: &str) -> Option<T> {
        errors.take(field, by_name(name))
    }

    /// What serde says, less the place, which is told before it.
    fn reason(error: &serde_json::Error) -> String {
        let text = error.to_string();
        let text = text.split(" at line ").next().unwrap_or_default();
        let mut letters = text.chars();
        letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
    }

    /// "Revenue per order, net" is `revenue_per_order_net`.
    fn code_of(name: &str) -> String {
        let words: Vec<String> = name
            .split(|c: char| !c.is_ascii_alphanumeric())
            .filter(|word| !word.is_empty())
            .map(str::to_ascii_lowercase)
            .collect();
        words.join("_").trim_start_matches(|c: char| !c.is_ascii_lowercase()).chars().take(60).collect()
    }

    /// The line on which the value at `path` (`.where.all[0].field`) begins, or else the nearest value around it. The
    /// text is JSON that has been read already.
    fn line_of(text: &str, path: &str) -> Option<usize> {
        let mut scan = Scan { text: text.as_bytes(), at: 0, wanted: path, best: (0, 0) };
        scan.value(&mut String::new())?;
        Some(1 + text.as_bytes()[..scan.best.1].iter().filter(|byte| **byte == b'\n').count())
    }

    struct Scan<'a> {
        text: &'a [u8],
        at: usize,
        wanted: &'a str,
        /// How much of the wanted path was found so far, and where.
        best: (usize, usize),
    }

    impl Scan<'_> {
        fn peek(&mut self) -> Option<u8> {
            self.at += self.text.get(self.at..)?.iter().take_while(|byte| byte.is_ascii_whitespace()).count();
            self.text.get(self.at).copied()
        }

        fn value(&mut self, path: &mut String) -> Option<()> {
            let first = self.peek()?;
            let on_the_way = self.wanted.strip_prefix(path.as_str());
            if on_the_way.is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
                && path.len() >= self.best.0
            {
                self.best = (path.len(), self.at);
            }
            match first {
                b'{' | b'[' => self.entries(first == b'{', path),
                b'"' => self.string().map(drop),
                _ => {
                    let rest = self.text.get(self.at..)?;
                    self.at += rest.iter().take_while(|byte| !b",]} \n\r\t".contains(byte)).count();
                    Some(())
                }
            }
        }

        fn entries(&mut self, named: bool, path: &mut String) -> Option<()> {
            self.at += 1;
            let length = path.len();
            for index in 0.. {
                match self.peek()? {
                    b'}' | b']' => {
                        self.at += 1;
                        return Some(());
                    }
                    b',' => self.at += 1,
                    _ => {}
                }
                self.peek()?;
                if named {
                    let key = self.string()?;
                    path.push('.');
                    path.push_str(&key);
                    self.peek()?;
                    self.at += 1;
                } else {
                    path.push_str(&format!("[{index}]"));
                }
                self.value(path)?;
                path.truncate(length);
            }
            None
        }

        fn string(&mut self) -> Option<String> {
            let start = self.at + 1;
            let mut at = start;
            while *self.text.get(at)? != b'"' {
                at += if self.text[at] == b'\\' { 2 } else { 1 };
            }
            self.at = at + 1;
            Some(String::from_utf8_lossy(&self.text[start..at]).into_owned())
        }
    }

    #[cfg(test)]
    mod tests {
        #![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]
        use super::*;

        #[test]
        fn a_fault_is_told_by_its_line() {
            let text = "{\n \"divide\": [\n  {\"source\": \"a\"},\n  {\n   \"source\": \"b\",\n   \"where\": {\"x\": \"}\\\"\"}\n  }\n ]\n}";
            for (path, line) in
                [("", 1), (".divide", 2), (".divide[0].source", 3), (".divide[1]", 4), (".divide[1].where.x", 6)]
            {
                assert_eq!(line_of(text, path), Some(line), "{path}");
            }
            assert_eq!(line_of(text, ".divide[1].field"), Some(4), "what is missing is told at what lacks it");
            assert_eq!(line_of(text, ".div"), Some(1));
            let form = MetricForm { formula: text.into(), ..MetricForm::blank() };
            let error = form.locate(AppError::field("formula.divide[1].source", "There is no source “b”."));
            assert_eq!(error.for_field("formula"), Some("Line 5, divide[1].source: There is no source “b”."));
        }

        #[test]
        fn every_field_that_cannot_be_read_is_named() {
            let form = MetricForm {
                formula: "{\n  \"source\": payments\n}".into(),
                target: "many".into(),
                refresh_rate: "soon".into(),
                ..MetricForm::blank()
            };
            let error = form.parse().unwrap_err();
            assert!(error.for_field("formula").unwrap().starts_with("Line 2, column 13"), "{error:?}");
            assert!(error.for_field("target").is_some() && error.for_field("refresh_rate").is_some(), "{error:?}");
        }

        #[test]
        fn a_blank_form_reads_and_a_name_makes_a_code() {
            let new = MetricForm { name: " 2nd Revenue, per order ".into(), ..MetricForm::blank() }.parse().unwrap();
            assert_eq!((new.code.as_str(), new.name.as_str()), ("nd_revenue_per_order", "2nd Revenue, per order"));
            assert_eq!((new.target, new.unit, new.refresh_rate), (None, None, 60));
        }
    }
}
