//! What the form of a link asks, and what its query string shows. Server only.

use crate::{
    dashboards::{page::PageQuery, selection::Kept},
    error::AppError,
    metrics::{ActiveFilter, narrow},
    server::fault,
    zone::Zone,
};
use chrono::{DateTime, Days, NaiveDate, Utc};

/// What a dashboard's query string asks for.
///
/// # Errors
/// `Invalid` under `query` for what means nothing.
pub fn parse_query(search: &str) -> Result<PageQuery, AppError> {
    let pairs = url::form_urlencoded::parse(search.trim_start_matches('?').as_bytes());
    let selection = PageQuery::read(None, pairs).selection();
    let wrong = |error: AppError| AppError::field("query", error.to_string());
    Kept::from(&selection).checked(Utc::now()).map(PageQuery::from).map_err(wrong)
}

/// What a link of this query string shows: its range, then its filters. Nothing for what means nothing.
pub fn in_words(search: &str) -> Vec<String> {
    let Ok(query) = parse_query(search) else { return Vec::new() };
    let filters = narrow::in_words(&query.filters);
    std::iter::once(query.range().label()).chain(filters.iter().map(ActiveFilter::in_words)).collect()
}

/// The end of a day that a form names, included; nothing for an empty field.
pub fn end_of_day(text: &str, zone: Zone) -> Result<Option<DateTime<Utc>>, AppError> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    let wrong = || AppError::field("expires_at", "This is not a day. Write it like 2026-12-31.");
    let next = text.parse::<NaiveDate>().ok().and_then(|day| day.checked_add_days(Days::new(1))).ok_or_else(wrong)?;
    zone.midnight(next).map(Some).ok_or_else(|| fault::internal("a day without a beginning"))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]
    use super::*;
    use crate::dashboards::selection::Selection;

    #[test]
    fn a_dashboards_query_string_is_what_its_link_shows() {
        let query =
            parse_query("?from=now-6M%2FM&to=now%2FM&compare=none&f.status=paid&dashboard=x&unknown=1").unwrap();
        assert_eq!(query.from.as_deref(), Some("now-6M/M"));
        assert_eq!(query.compare.as_deref(), Some("none"));
        assert_eq!(query.filters.get("status"), ["paid"]);
        assert_eq!(query.dashboard, None);
        assert_eq!(parse_query("").unwrap().selection(), Selection::default());
        assert_eq!(in_words("?from=now-6M%2FM&to=now%2FM&f.status=paid").get(1).unwrap(), "Status: Paid");
        assert!(parse_query("f.status=payed").unwrap_err().for_field("query").is_some());
    }

    #[test]
    fn a_last_day_ends_where_the_organisation_is() {
        let end = end_of_day("2026-12-31", "Europe/Vienna".parse().unwrap()).unwrap().unwrap();
        assert_eq!(end.to_rfc3339(), "2026-12-31T23:00:00+00:00");
        assert_eq!(end_of_day(" ", Zone::UTC).unwrap(), None);
        assert!(end_of_day("soon", Zone::UTC).unwrap_err().for_field("expires_at").is_some());
    }
}
