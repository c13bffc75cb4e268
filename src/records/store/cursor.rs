//! Where a page ended, and SQL that goes on from there. Server only.
//!
//! A cursor holds the sort value and id of the last row. The next page is what follows them in the list's
//! order, whatever was added or deleted meanwhile, and costs no more for a late page than for an early one.

use crate::{
    error::AppError,
    page::Page,
    records::listing::{Listing, Sort},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, Datelike, NaiveDate, Utc};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use sqlx::{Postgres, QueryBuilder};
use uuid::Uuid;

/// What a row is sorted by.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum SortValue {
    /// Compared without regard to case.
    #[serde(rename = "t")]
    Text(String),
    #[serde(rename = "d")]
    Date(NaiveDate),
    #[serde(rename = "n")]
    Number(Decimal),
}

/// A date after all others, for rows that have none.
pub const NO_DATE: NaiveDate = match NaiveDate::from_ymd_opt(9999, 12, 31) {
    Some(day) => day,
    None => NaiveDate::MAX,
};

/// A row of a sortable list.
pub trait Sorted {
    fn id(&self) -> Uuid;
    /// When the row was last changed: its version.
    fn updated_at(&self) -> DateTime<Utc>;
    /// The value by which `column` sorts; columns are those of the list's own table of expressions.
    fn sort_value(&self, column: &str) -> SortValue;
}

#[derive(Serialize, Deserialize)]
struct Cursor {
    #[serde(rename = "s")]
    sort: String,
    #[serde(rename = "v")]
    value: SortValue,
    id: Uuid,
}

/// A place in a list as a cursor.
pub fn encode(place: &impl Serialize) -> String {
    URL_SAFE_NO_PAD.encode(serde_json::to_vec(place).unwrap_or_default())
}

/// Reads a cursor, which may come from anybody: whether it fits the list is still to be seen.
pub fn decode<T: DeserializeOwned>(text: &str) -> Result<T, AppError> {
    let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| refused())?;
    serde_json::from_slice(&bytes).map_err(|_| refused())
}

/// What is said of a cursor of another list.
pub fn refused() -> AppError {
    AppError::field("cursor", "This cursor does not belong to this list. Start again without it.")
}

impl SortValue {
    /// Whether the database can compare it.
    pub fn is_sound(&self) -> bool {
        match self {
            Self::Text(text) => !text.contains('\0'),
            Self::Date(date) => (1..=9999).contains(&date.year()),
            Self::Number(_) => true,
        }
    }
}

/// Reads a cursor that has to fit the sort.
fn decode_sorted(text: &str, sort: Sort) -> Result<(SortValue, Uuid), AppError> {
    let cursor: Cursor = decode(text)?;
    if cursor.value.is_sound() && cursor.sort == sort.to_string() {
        Ok((cursor.value, cursor.id))
    } else {
        Err(refused())
    }
}

/// Adds the cursor's condition, the order and the limit (one row more, to know whether there is a next page).
/// `expression` is the sort column's SQL and `kind` an example of its type; `id` is the id's SQL.
pub fn push_page<F>(
    sql: &mut QueryBuilder<Postgres>,
    listing: &Listing<F>,
    (expression, kind): (&'static str, SortKind),
    id: &'static str,
) -> Result<(), AppError> {
    let expression = match kind {
        SortKind::Text => format!("lower({expression})"),
        SortKind::Date | SortKind::Number => expression.to_owned(),
    };
    if let Some(cursor) = &listing.cursor {
        let (value, last) = decode_sorted(cursor, listing.sort)?;
        let operator = if listing.sort.descending { "<" } else { ">" };
        sql.push(format_args!(" and ({expression}, {id}) {operator} ("));
        match (kind, value) {
            (SortKind::Text, SortValue::Text(text)) => sql.push("lower(").push_bind(text).push(")"),
            (SortKind::Date, SortValue::Date(date)) => sql.push_bind(date),
            (SortKind::Number, SortValue::Number(number)) => sql.push_bind(number),
            _ => return Err(refused()),
        };
        sql.push(", ").push_bind(last).push(")");
    }
    let direction = if listing.sort.descending { "desc" } else { "asc" };
    sql.push(format_args!(" order by {expression} {direction}, {id} {direction} limit "));
    sql.push_bind(i64::from(listing.limit) + 1);
    Ok(())
}

/// What a sort column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SortKind {
    Text,
    Date,
    Number,
}

/// Cuts the extra row off and makes the cursor of the next page.
pub fn page<R: Sorted, F>(mut rows: Vec<R>, listing: &Listing<F>) -> Page<R> {
    let limit = listing.limit as usize;
    let more = rows.len() > limit;
    rows.truncate(limit);
    let next_cursor = rows.last().filter(|_| more).map(|row| {
        encode(&Cursor { sort: listing.sort.to_string(), value: row.sort_value(listing.sort.column), id: row.id() })
    });
    Page { items: rows, next_cursor }
}

/// A pattern that finds `word` anywhere, taken literally.
pub fn contains_pattern(word: &str) -> String {
    let mut pattern = String::with_capacity(word.len() + 2);
    pattern.push('%');
    for c in word.chars() {
        if matches!(c, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(c);
    }
    pattern.push('%');
    pattern
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]
    use super::*;
    use proptest::prelude::*;

    fn value() -> impl Strategy<Value = SortValue> {
        prop_oneof![
            "[^\0]{0,20}".prop_map(SortValue::Text),
            (1i32..=9999, 1u32..=365).prop_map(|(y, d)| SortValue::Date(NaiveDate::from_yo_opt(y, d).unwrap())),
            any::<i64>().prop_map(|n| SortValue::Number(Decimal::new(n, 4))),
        ]
    }

    proptest! {
        #[test]
        fn cursors_survive_the_journey(value in value(), id in any::<u128>(), descending in any::<bool>()) {
            let sort = Sort { column: "amount", descending };
            let id = Uuid::from_u128(id);
            let text = encode(&Cursor { sort: sort.to_string(), value: value.clone(), id });
            prop_assert!(text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_'));
            prop_assert_eq!(decode_sorted(&text, sort).unwrap(), (value, id));
            for other in [Sort { column: "amount", descending: !descending }, Sort { column: "date", descending }] {
                prop_assert!(decode_sorted(&text, other).is_err());
            }
        }

        #[test]
        fn invented_cursors_are_refused(text in "\\PC{0,60}") {
            prop_assert!(decode_sorted(&text, Sort::ascending("amount")).is_err());
        }
    }

    #[test]
    fn a_cursor_that_the_database_could_not_compare_is_refused() {
        for value in [
            SortValue::Text("a\0".into()),
            SortValue::Date(NaiveDate::from_ymd_opt(-4800, 1, 1).unwrap()),
            SortValue::Date(NaiveDate::from_ymd_opt(200_000, 1, 1).unwrap()),
        ] {
            let text = encode(&Cursor { sort: "x".into(), value, id: Uuid::nil() });
            assert!(decode_sorted(&text, Sort::ascending("x")).is_err());
        }
    }

    #[test]
    fn search_takes_wildcards_literally() {
        assert_eq!(contains_pattern("50%_\\"), "%50\\%\\_\\\\%");
    }
}
