//! Activities as pages and clients see them.

use crate::{error::AppError, ids::ActivityId, page, zone::Zone};
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Kinds of things that activities tell of, and what people call them.
pub const ENTITY_TYPES: [(&str, &str); 12] = [
    ("transaction", "Transactions"),
    ("payment", "Payments"),
    ("budget", "Budgets"),
    ("category", "Categories"),
    ("material", "Stock"),
    ("import", "Imports"),
    ("dashboard", "Dashboards"),
    ("metric", "Metrics"),
    ("member", "People"),
    ("invitation", "Invitations"),
    ("organization", "Organisation"),
    ("job", "Jobs"),
];

/// One thing that happened.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct Activity {
    pub id: ActivityId,
    /// "created", "updated", "deleted", "restored", "imported" ...
    pub action: String,
    /// "transaction", "dashboard" ...
    pub entity_type: String,
    pub entity_id: Option<Uuid>,
    /// One line that says it all.
    pub title: String,
    /// Name of the person; absent for what happened by itself, and when they have left.
    pub who: Option<String>,
    /// Old and new values, counts: what is known beside the title.
    pub metadata: serde_json::Value,
    pub created_at: DateTime<Utc>,
}

impl Activity {
    /// The page of what it tells of, if that has one and is still there.
    pub fn href(&self) -> Option<String> {
        let id = self.entity_id?;
        let place = match self.entity_type.as_str() {
            _ if self.action == "deleted" => return None,
            "transaction" => "transactions",
            "payment" => "payments",
            "budget" => "budgets",
            "material" => "stock",
            "import" => "imports",
            "dashboard" => "dashboards",
            _ => return None,
        };
        Some(format!("/{place}/{id}"))
    }
}

/// Which activities to list.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::IntoParams), into_params(parameter_in = Query))]
#[serde(default, deny_unknown_fields)]
pub struct ActivityQuery {
    /// Only those about things of this kind: transaction, payment, import ...
    pub entity_type: Option<String>,
    /// 1 to 200; 50 if absent.
    pub limit: Option<u16>,
    /// Where the page before ended.
    pub cursor: Option<String>,
}

impl ActivityQuery {
    pub fn limit(&self) -> Result<i64, AppError> {
        page::limit(self.limit).map(i64::from)
    }
}

/// A page of the feed, and the day that it is in the organisation's time zone, so that pages need no clock.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Feed {
    pub items: Vec<Activity>,
    pub next_cursor: Option<String>,
    pub today: NaiveDate,
}

/// Puts activities, newest first, under the days on which they happened in `zone`.
pub fn by_day(items: Vec<Activity>, zone: Zone) -> Vec<(NaiveDate, Vec<Activity>)> {
    let mut days: Vec<(NaiveDate, Vec<Activity>)> = Vec::new();
    for item in items {
        let day = zone.day(item.created_at);
        match days.last_mut() {
            Some((last, list)) if *last == day => list.push(item),
            _ => days.push((day, vec![item])),
        }
    }
    days
}

/// "Today", "Yesterday", "Friday, 20 Nov 2026".
pub fn day_label(day: NaiveDate, today: NaiveDate) -> String {
    match (today - day).num_days() {
        0 => "Today".into(),
        1 => "Yesterday".into(),
        _ => format!("{}, {}", day.format("%A"), crate::format::date(day)),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]
    use super::*;

    fn at(time: &str) -> Activity {
        Activity {
            id: ActivityId(Uuid::nil()),
            action: "created".into(),
            entity_type: "payment".into(),
            entity_id: Some(Uuid::nil()),
            title: time.into(),
            who: None,
            metadata: serde_json::Value::Null,
            created_at: time.parse().unwrap(),
        }
    }

    #[test]
    fn days_are_those_of_the_organisation() {
        let items = vec![at("2026-11-20T16:00:00Z"), at("2026-11-20T14:00:00Z"), at("2026-11-19T16:00:00Z")];
        let days = by_day(items, chrono_tz::Asia::Tokyo.into());
        let seen: Vec<(String, usize)> = days.iter().map(|(day, items)| (day.to_string(), items.len())).collect();
        assert_eq!(seen, [("2026-11-21".into(), 1), ("2026-11-20".into(), 2)]);
    }

    #[test]
    fn near_days_have_names() {
        let day = |d| NaiveDate::from_ymd_opt(2026, 11, d).unwrap();
        assert_eq!(day_label(day(20), day(20)), "Today");
        assert_eq!(day_label(day(19), day(20)), "Yesterday");
        assert_eq!(day_label(day(13), day(20)), "Friday, 13 Nov 2026");
    }

    #[test]
    fn what_is_gone_has_no_page() {
        assert!(at("2026-11-20T16:00:00Z").href().is_some());
        assert_eq!(Activity { action: "deleted".into(), ..at("2026-11-20T16:00:00Z") }.href(), None);
    }
}
