//! What is to be shown, as the query string of an operation or of a file says it.

use crate::{
    dashboards::{page::PageQuery, selection::Kept},
    error::AppError,
    metrics::TimeRange,
};
use axum::{extract::FromRequestParts, http::request::Parts};
use chrono::Utc;

/// A range, a comparison and filters, as in a dashboard's address; what is left out is as usual. What means nothing is
/// refused, where the page would say so and show the rest: a program should know.
#[derive(Clone, Debug)]
pub struct Question(pub PageQuery);

impl<S: Sync> FromRequestParts<S> for Question {
    type Rejection = AppError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, AppError> {
        read(parts.uri.query().unwrap_or_default()).map(Self)
    }
}

/// The last two say how a file looks.
const KNOWN: [&str; 5] = ["from", "to", "compare", "theme", "head"];
/// What those two may be.
const LOOKS: [(&str, &[&str], &str); 2] =
    [("theme", &["light", "dark"], "This is “light” or “dark”."), ("head", &["none"], "This is “none”, or left out.")];
/// What a page's address may say beside: a file's may begin as the page's.
const OF_PAGES: [&str; 9] = ["until", "view", "choose", "table", "deleted", "done", "kiosk", "every", "turn"];

/// # Errors
/// `Invalid`, naming what does not mean anything.
pub fn read(search: &str) -> Result<PageQuery, AppError> {
    understood(search, |name| KNOWN.contains(&name))
}

/// The same in the address of a page's file.
///
/// # Errors
/// As [`read`].
pub fn read_of_page(search: &str) -> Result<PageQuery, AppError> {
    understood(search, |name| KNOWN.contains(&name) || OF_PAGES.contains(&name))
}

fn understood(search: &str, known: impl Fn(&str) -> bool) -> Result<PageQuery, AppError> {
    let pairs: Vec<_> = url::form_urlencoded::parse(search.as_bytes()).collect();
    if let Some((name, _)) = pairs.iter().find(|(name, _)| !name.starts_with("f.") && !known(name)) {
        return Err(AppError::field(name.clone(), "There is no such parameter."));
    }
    for (name, may_be, message) in LOOKS {
        if pairs.iter().any(|(given, value)| given == name && !may_be.contains(&&**value)) {
            return Err(AppError::field(name, message));
        }
    }
    let PageQuery { from, to, until, compare, filters, .. } = PageQuery::read(None, pairs);
    // As it was given: what is as usual may be meant all the same.
    let query = PageQuery { from, to, until, compare, filters, ..PageQuery::default() };
    let TimeRange { from, to } = query.range();
    Kept { from, to, compare: query.compare.clone(), filters: query.filters.clone() }.checked(Utc::now())?;
    Ok(query)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]
    use super::*;

    #[test]
    fn a_program_is_told_what_means_nothing() {
        let query = read("from=2026-01-01&f.category=Freight&f.category=R%26D").unwrap();
        assert_eq!(query.filters.get("category"), ["Freight", "R&D"]);
        assert_eq!(query.range().from.as_deref(), Some("2026-01-01"));
        for (wrong, field) in [
            ("form=2026-01-01", "form"),
            ("f.colour=red", "query.filters"),
            ("f.status=payed", "query.filters"),
            ("from=soon", "query.from"),
            ("compare=x", "query.compare"),
            ("theme=blue", "theme"),
            ("head=maybe", "head"),
        ] {
            assert!(read(wrong).unwrap_err().for_field(field).is_some(), "{wrong}");
            assert!(read_of_page(wrong).unwrap_err().for_field(field).is_some(), "{wrong}");
        }
        assert!(read("theme=dark&head=none").is_ok());
        assert!(read("view=standard").unwrap_err().for_field("view").is_some());
        assert!(read_of_page("view=standard&until=2026-01-31&kiosk").is_ok());
        assert!(read_of_page("until=soon").unwrap_err().for_field("query.from").is_some());
    }
}
