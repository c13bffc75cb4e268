//! What is to be shown, as the query string of an operation says it.

use crate::{
    dashboards::{page::PageQuery, selection::Kept},
    error::AppError,
    metrics::Filters,
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

fn read(search: &str) -> Result<PageQuery, AppError> {
    let mut kept = Kept::default();
    let mut filters: Vec<(String, String)> = Vec::new();
    for (name, value) in url::form_urlencoded::parse(search.as_bytes()) {
        match &*name {
            "from" => kept.from = Some(value.into_owned()),
            "to" => kept.to = Some(value.into_owned()),
            "compare" => kept.compare = Some(value.into_owned()),
            // How a file of it looks.
            "theme" | "head" => {}
            name if name.starts_with("f.") => filters.push((name.to_owned(), value.into_owned())),
            name => return Err(AppError::field(name, "There is no such parameter.")),
        }
    }
    kept.filters = Filters::read(filters.iter().map(|(name, value)| (name.as_str(), value.as_str())));
    // As it was given: what is as usual may be meant all the same.
    let Kept { from, to, compare, filters } = kept.clone();
    kept.checked(Utc::now())?;
    Ok(PageQuery { from, to, compare, filters, ..PageQuery::default() })
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
        ] {
            assert!(read(wrong).unwrap_err().for_field(field).is_some(), "{wrong}");
        }
    }
}
