//! A question to a list: filters, order and place, as it stands in an address.

use crate::{
    error::{AppError, FieldErrors},
    page::{Page, check_limit},
};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use std::{collections::BTreeMap, fmt};

/// Rows on a page unless the reader asks for another number.
pub const DEFAULT_LIMIT: u32 = 50;
/// The most rows that one answer holds.
pub const MAX_LIMIT: u32 = 500;
/// Longer search texts are cut off here.
const MAX_SEARCH: usize = 200;
/// Words of a search that are looked at.
const MAX_WORDS: usize = 8;

/// The column that a list is ordered by. Written `date`, or `-date` for the largest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sort {
    pub column: &'static str,
    pub descending: bool,
}

impl Sort {
    pub const fn ascending(column: &'static str) -> Self {
        Self { column, descending: false }
    }

    pub const fn descending(column: &'static str) -> Self {
        Self { column, descending: true }
    }

    /// Reads `text`; empty means `default`. Only `columns` can be sorted by.
    pub fn parse(text: &str, columns: &'static [&'static str], default: Self) -> Result<Self, String> {
        if text.is_empty() {
            return Ok(default);
        }
        let (name, descending) = text.strip_prefix('-').map_or((text, false), |name| (name, true));
        match columns.iter().find(|c| **c == name) {
            Some(column) => Ok(Self { column, descending }),
            None => Err(format!("This list can be sorted by {}.", columns.join(", "))),
        }
    }
}

impl fmt::Display for Sort {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", if self.descending { "-" } else { "" }, self.column)
    }
}

/// A checked question: what is asked for, in which order, and which part of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Listing<F> {
    pub filter: F,
    pub sort: Sort,
    /// Where the page before this one ended. Opaque.
    pub cursor: Option<String>,
    pub limit: u32,
}

/// Reads a limit; empty means [`DEFAULT_LIMIT`].
pub fn parse_limit(text: &str) -> Result<u32, String> {
    match text.trim() {
        "" => Ok(DEFAULT_LIMIT),
        // What is no number is no limit either.
        text => check_limit(text.parse().unwrap_or(0), MAX_LIMIT),
    }
}

/// The words of a search, each of which has to be found. Characters that cannot be stored are dropped.
pub fn search_words(text: &str) -> Vec<String> {
    let clean: String = text.chars().take(MAX_SEARCH).map(|c| if c.is_control() { ' ' } else { c }).collect();
    clean.split_whitespace().take(MAX_WORDS).map(str::to_owned).collect()
}

/// Reads an optional filter: empty means that it is not set; an error is noted under `field`.
pub fn optional<T>(
    errors: &mut FieldErrors,
    field: &str,
    text: &str,
    parse: impl FnOnce(&str) -> Result<T, String>,
) -> Option<T> {
    let text = text.trim();
    if text.is_empty() { None } else { errors.take(field, parse(text)) }
}

/// The fields of a question, as they stand in an address: only those that are set.
pub fn to_pairs(query: &impl Serialize) -> Vec<(String, String)> {
    match serde_json::to_value(query) {
        Ok(serde_json::Value::Object(fields)) => fields
            .into_iter()
            .filter_map(|(name, value)| match value {
                serde_json::Value::String(text) if !text.is_empty() => Some((name, text)),
                _ => None,
            })
            .collect(),
        _ => Vec::new(),
    }
}

/// Reads a question from an address, through `get`. Names that it does not know are left alone, since
/// pages keep other things in the address too.
pub fn from_pairs<Q: Serialize + DeserializeOwned + Default>(get: impl Fn(&str) -> Option<String>) -> Q {
    let Ok(serde_json::Value::Object(mut fields)) = serde_json::to_value(Q::default()) else {
        return Q::default();
    };
    for (name, value) in &mut fields {
        if let Some(text) = get(name) {
            *value = serde_json::Value::String(text);
        }
    }
    serde_json::from_value(serde_json::Value::Object(fields)).unwrap_or_default()
}

/// The changes of a JSON merge patch (RFC 7396) on a record's form; `null` empties a field.
/// Unknown fields are refused.
pub fn merge_patch<F: Serialize + DeserializeOwned>(
    form: &F,
    patch: serde_json::Map<String, serde_json::Value>,
) -> Result<F, AppError> {
    let Ok(serde_json::Value::Object(mut fields)) = serde_json::to_value(form) else {
        return Err(AppError::invalid("This record cannot be patched."));
    };
    let mut errors = FieldErrors::default();
    for (name, value) in patch {
        match fields.get_mut(&name) {
            Some(field) => *field = value,
            None => errors.add(name.clone(), format!("There is no field “{name}”.")),
        }
    }
    errors.into_result()?;
    serde_json::from_value(serde_json::Value::Object(fields))
        .map_err(|e| AppError::invalid(format!("The change cannot be read: {e}.")))
}

/// Values that have been used before, by the field's name.
pub type Suggestions = BTreeMap<String, Vec<String>>;

/// What a page needs to change a record, or to add one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Edit<T, F> {
    /// The stored record; `None` for a new one.
    pub row: Option<T>,
    pub form: F,
    pub suggestions: Suggestions,
}

/// A path with these fields behind the question mark.
pub fn address<'a>(path: &str, pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
    let mut address = path.to_owned();
    for (i, (name, value)) in pairs.into_iter().enumerate() {
        address.push(if i == 0 { '?' } else { '&' });
        escape(&mut address, name);
        address.push('=');
        escape(&mut address, value);
    }
    address
}

/// Percent-encodes all but RFC 3986's unreserved characters.
fn escape(out: &mut String, text: &str) {
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(byte.into());
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
}

/// A sum in one currency. Currencies are never added up with each other.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(sqlx::FromRow, utoipa::ToSchema))]
pub struct CurrencySum {
    pub currency: String,
    #[cfg_attr(feature = "ssr", schema(value_type = String))]
    pub amount: Decimal,
    pub count: i64,
}

/// A page of a list, with the totals of everything that the filters let through.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct ListPage<T, S> {
    #[serde(flatten)]
    pub page: Page<T>,
    /// Of all pages together. The API sends them with the first page only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub totals: Option<S>,
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]
    use super::*;

    #[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
    #[serde(default, deny_unknown_fields)]
    struct Query {
        search: String,
        sort: String,
    }

    #[test]
    fn sorts_name_a_known_column() {
        let columns: &[&str] = &["date", "amount"];
        let default = Sort::descending("date");
        assert_eq!(Sort::parse("", columns, default), Ok(default));
        assert_eq!(Sort::parse("-amount", columns, default), Ok(Sort::descending("amount")));
        assert!(Sort::parse("id; drop table", columns, default).is_err());
        assert_eq!(Sort::parse("amount", columns, default).unwrap().to_string(), "amount");
    }

    #[test]
    fn a_question_survives_its_address() {
        let query = Query { search: "ä&=?".into(), sort: String::new() };
        let pairs = to_pairs(&query);
        assert_eq!(pairs, [("search".to_owned(), "ä&=?".to_owned())]);
        let back: Query = from_pairs(|name| pairs.iter().find(|(n, _)| n == name).map(|(_, v)| v.clone()));
        assert_eq!(back, query);
    }

    #[test]
    fn a_patch_changes_what_it_names_and_nothing_else() {
        let form = Query { search: "a".into(), sort: "b".into() };
        let patch = |json: &str| serde_json::from_str(json).unwrap();
        assert_eq!(
            merge_patch(&form, patch(r#"{"search": "c"}"#)).unwrap(),
            Query { search: "c".into(), sort: "b".into() }
        );
        assert!(merge_patch(&form, patch(r#"{"serach": "c"}"#)).unwrap_err().for_field("serach").is_some());
    }

    #[test]
    fn addresses_keep_what_is_put_into_them() {
        assert_eq!(address("/stock", []), "/stock");
        assert_eq!(
            address("/stock", [("search", "a&b=ü?"), ("sort", "-x")]),
            "/stock?search=a%26b%3D%C3%BC%3F&sort=-x"
        );
    }

    #[test]
    fn limits_are_limited() {
        assert_eq!(parse_limit(""), Ok(DEFAULT_LIMIT));
        assert!(parse_limit("0").is_err());
        assert!(parse_limit("501").is_err());
        assert!(parse_limit("-1").is_err());
    }
}
