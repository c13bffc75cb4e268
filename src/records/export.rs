//! Lists as CSV, as long as they are. Server only.
//!
//! Read in batches, each in a transaction of its own, so that a slow reader holds no connection and no more
//! than one batch in memory. The headers are those that the importer knows.

use super::{
    formula,
    kind::Kind,
    listing::{Listing, from_pairs},
};
use crate::{
    accounts::Member,
    error::{AppError, FieldErrors},
    page::Page,
    server::{AppState, Database},
};
use axum::{body::Body, response::Response};
use bytes::Bytes;
use chrono::{NaiveDate, Utc};
use futures::{StreamExt, stream};
use http::{HeaderValue, header};
use rust_decimal::Decimal;
use serde::{Serialize, de::DeserializeOwned};

/// Rows of a batch.
const BATCH: u32 = 2000;

/// One value of an exported row.
#[derive(Clone, Debug, PartialEq)]
pub enum Cell<'a> {
    Text(&'a str),
    Number(Decimal),
    Date(NaiveDate),
    /// The first day of it.
    Month(NaiveDate),
    Nothing,
}

impl<'a> From<Option<&'a str>> for Cell<'a> {
    fn from(text: Option<&'a str>) -> Self {
        text.map_or(Self::Nothing, Self::Text)
    }
}

/// A row that can be written to a file.
pub trait Exported {
    const HEADER: &'static [&'static str];
    fn cells(&self) -> Vec<Cell<'_>>;
}

/// Appends one line (RFC 4180).
pub fn write_line<'a>(out: &mut Vec<u8>, cells: impl IntoIterator<Item = Cell<'a>>) {
    for (i, cell) in cells.into_iter().enumerate() {
        if i > 0 {
            out.push(b',');
        }
        match cell {
            Cell::Text(text) => write_text(out, text),
            Cell::Number(number) => out.extend_from_slice(number.normalize().to_string().as_bytes()),
            Cell::Date(date) => out.extend_from_slice(date.to_string().as_bytes()),
            Cell::Month(month) => out.extend_from_slice(month.format("%Y-%m").to_string().as_bytes()),
            Cell::Nothing => {}
        }
    }
    out.extend_from_slice(b"\r\n");
}

fn write_text(out: &mut Vec<u8>, text: &str) {
    let text = formula::guarded(text);
    if text.contains([',', ';', '"', '\r', '\n', '\t']) || text.starts_with(' ') || text.ends_with(' ') {
        out.push(b'"');
        out.extend_from_slice(text.replace('"', "\"\"").as_bytes());
        out.push(b'"');
    } else {
        out.extend_from_slice(text.as_bytes());
    }
}

fn lines<R: Exported>(rows: &[R]) -> Bytes {
    let mut out = Vec::with_capacity(rows.len() * 96);
    for row in rows {
        write_line(&mut out, row.cells());
    }
    out.into()
}

/// Everything that a question's filters let through, in its order, as a file to keep. The fields are those of the
/// list; `bom=1` puts a byte-order mark in front, by which Excel knows that the text is UTF-8.
///
/// Errors that show before the first batch is read are refusals; later ones cut the transfer off, so that the reader
/// notices.
pub async fn download<K: Kind>(
    state: &AppState,
    member: &Member,
    name: &str,
    fields: Vec<(String, String)>,
) -> Result<Response, AppError>
where
    K::Query: Serialize + DeserializeOwned + Default,
{
    let bom = fields.iter().any(|(name, value)| name == "bom" && value == "1");
    check_names::<K::Query>(&fields)?;
    let query: K::Query = from_pairs(|name| fields.iter().find(|(n, _)| n == name).map(|(_, v)| v.clone()));
    let mut listing = K::listing(&query, member)?;
    listing.limit = BATCH;
    listing.cursor = None;
    let first = batch::<K>(&state.db, member, &listing).await?;

    let mut start = Vec::new();
    if bom {
        start.extend_from_slice("\u{feff}".as_bytes());
    }
    write_line(&mut start, K::Row::HEADER.iter().map(|name| Cell::Text(name)));
    start.extend_from_slice(&lines(&first.items));
    listing.cursor = first.next_cursor;
    let place = (state.db.clone(), member.clone(), listing);
    let body = stream::unfold((Some(Bytes::from(start)), Some(place)), |(ready, place)| async move {
        if let Some(bytes) = ready {
            return Some((Ok(bytes), (None, place)));
        }
        let (db, member, mut listing) = place?;
        listing.cursor.as_ref()?;
        match batch::<K>(&db, &member, &listing).await {
            Ok(page) => {
                listing.cursor = page.next_cursor;
                Some((Ok(lines(&page.items)), (None, Some((db, member, listing)))))
            }
            Err(error) => Some((Err(error), (None, None))),
        }
    });
    // Whoever compresses it asks once more after the end.
    let body = body.fuse();

    let mut response = Response::new(Body::from_stream(body));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/csv; charset=utf-8"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-store"));
    let day = member.organization().time_zone.day(Utc::now());
    if let Ok(disposition) = HeaderValue::from_str(&format!("attachment; filename=\"{name}-{day}.csv\"")) {
        headers.insert(header::CONTENT_DISPOSITION, disposition);
    }
    Ok(response)
}

/// A misspelled filter must not let everything through.
fn check_names<Q: Serialize + Default>(fields: &[(String, String)]) -> Result<(), AppError> {
    let known = serde_json::to_value(Q::default()).unwrap_or_default();
    let mut errors = FieldErrors::default();
    for (name, _) in fields {
        if name != "bom" && known.get(name).is_none() {
            errors.add(name.clone(), format!("There is no filter “{name}”."));
        }
    }
    errors.into_result()
}

async fn batch<K: Kind>(
    db: &Database,
    member: &Member,
    listing: &Listing<K::Filter>,
) -> Result<Page<K::Row>, AppError> {
    let mut tx = db.tenant(member).await?;
    K::list(&mut tx, listing).await
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]
    use super::*;
    use proptest::prelude::*;

    fn line(cells: &[Cell<'_>]) -> String {
        let mut out = Vec::new();
        write_line(&mut out, cells.iter().cloned());
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn text_is_no_formula_and_numbers_stay_numbers() {
        let cells = [
            Cell::Text("=HYPERLINK(\"x\")"),
            Cell::Text("@SUM(A1)"),
            Cell::Text("-2+3"),
            Cell::Number(Decimal::new(-12500, 3)),
            Cell::Nothing,
        ];
        assert_eq!(line(&cells), "\"'=HYPERLINK(\"\"x\"\")\",'@SUM(A1),'-2+3,-12.5,\r\n");
    }

    proptest! {
        #[test]
        fn any_text_is_read_back_as_it_was(texts in prop::collection::vec("[^\0]{0,12}", 2..5)) {
            // Under a header, as every export: a reader may take a byte-order mark from the very start of a file.
            let header = line(&vec![Cell::Text("header"); texts.len()]);
            let written = header + &line(&texts.iter().map(|t| Cell::Text(t)).collect::<Vec<_>>());
            let mut reader = csv::ReaderBuilder::new().from_reader(written.as_bytes());
            let record = reader.records().next().unwrap().unwrap();
            prop_assert_eq!(record.len(), texts.len());
            for (read, text) in record.iter().zip(&texts) {
                prop_assert_eq!(formula::unguarded(read), text);
            }
        }
    }
}
