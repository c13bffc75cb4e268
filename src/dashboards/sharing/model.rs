//! Public links and what may be asked of them.

use crate::{
    dashboards::export::model::Format,
    ids::{DashboardId, ShareId, WidgetId},
};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// Sites that may embed one link.
pub const MAX_ORIGINS: usize = 20;
/// Open links that one dashboard may have.
pub const MAX_SHARES: usize = 50;

/// A public link, as those who manage it see it: without its token, which was shown once.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema, sqlx::FromRow))]
pub struct Share {
    pub id: ShareId,
    pub dashboard_id: DashboardId,
    pub dashboard_name: String,
    pub name: String,
    pub has_password: bool,
    pub expires_at: Option<DateTime<Utc>>,
    /// Whether that is over.
    pub expired: bool,
    /// Whether visitors may choose another range, and narrow the link's filters further.
    pub unlocked: bool,
    /// Sites that may show it in a frame: "https://intranet.example.com".
    pub origins: Vec<String>,
    /// Of its page; files and programs are not counted.
    pub views: i64,
    pub last_viewed_at: Option<DateTime<Utc>>,
    /// Who made it; absent when they have left.
    pub created_by: Option<String>,
    pub created_at: DateTime<Utc>,
}

/// The links of one dashboard, or of all.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Shares {
    /// The dashboard's name, when the list is about one.
    pub dashboard: Option<String>,
    pub shares: Vec<Share>,
    /// What another link would show, in words: the range, then the filters. Empty when the list is about no dashboard.
    pub shows: Vec<String>,
    /// Where links begin: "https://belvedere.example.com".
    pub base_url: String,
}

/// The address that a token opens.
pub fn path(token: &str) -> String {
    format!("/shared/{token}")
}

/// The address of a file of what a token opens. `search` is the page's query string, with its question mark.
pub fn file_path(token: &str, widget: Option<WidgetId>, format: Format, search: &str) -> String {
    let (page, extension) = (path(token), format.extension());
    match widget {
        Some(widget) => format!("{page}/widgets/{widget}.{extension}{search}"),
        None => format!("{page}.{extension}{search}"),
    }
}

#[cfg(feature = "ssr")]
pub use checked::{CheckedShare, NewShare};

#[cfg(feature = "ssr")]
mod checked {
    use super::MAX_ORIGINS;
    use crate::{
        dashboards::{model::parse_name, page::PageQuery, selection::Kept},
        error::{AppError, FieldErrors},
        metrics::narrow,
    };
    use chrono::{DateTime, Utc};
    use serde::{Deserialize, Serialize};

    /// Shorter ones can be tried through the throttle in a few weeks.
    const MIN_PASSWORD: usize = 8;
    const MAX_PASSWORD: usize = 200;

    /// A public link to be made. Everything may be left out.
    #[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
    #[serde(deny_unknown_fields, default)]
    pub struct NewShare {
        /// For the list of links; "Public link" when left out.
        pub name: String,
        /// 8 characters or more.
        pub password: Option<String>,
        /// When the link stops working.
        pub expires_at: Option<DateTime<Utc>>,
        /// Whether visitors may choose another range than the link's, and narrow its filters further.
        pub unlocked: bool,
        /// The range, the comparison and the filters that the link shows.
        #[schema(value_type = Kept)]
        pub query: PageQuery,
        /// Sites that may show it in a frame: "https://intranet.example.com". Not together with a password.
        pub origins: Vec<String>,
    }

    /// A [`NewShare`] that has passed every rule.
    #[derive(Clone, Debug, PartialEq)]
    pub struct CheckedShare {
        pub name: String,
        pub password: Option<String>,
        pub expires_at: Option<DateTime<Utc>>,
        pub unlocked: bool,
        pub query: PageQuery,
        pub origins: Vec<String>,
    }

    impl NewShare {
        /// # Errors
        /// `Invalid`, naming every field that is wrong.
        pub fn check(self, now: DateTime<Utc>) -> Result<CheckedShare, AppError> {
            let mut errors = FieldErrors::default();
            let name = if self.name.trim().is_empty() { "Public link".to_owned() } else { self.name };
            let name = errors.take("name", parse_name(&name));
            let password = self.password.filter(|password| !password.is_empty());
            if let Some(password) = &password
                && !(MIN_PASSWORD..=MAX_PASSWORD).contains(&password.chars().count())
            {
                errors.add("password", format!("Use {MIN_PASSWORD} to {MAX_PASSWORD} characters."));
            }
            if self.expires_at.is_some_and(|at| at <= now) {
                errors.add("expires_at", "Choose a day that is still to come.");
            }
            let origins = errors.take("origins", parse_origins(&self.origins)).unwrap_or_default();
            if password.is_some() && !origins.is_empty() {
                errors.add(
                    "origins",
                    "A link with a password cannot be embedded: browsers keep cookies out of foreign frames.",
                );
            }
            let PageQuery { from, to, until, compare, filters, .. } = self.query;
            let query = PageQuery { from, to, until, compare, filters, ..PageQuery::default() };
            for notice in narrow::check(&query.filters).1 {
                errors.add("query", notice);
            }
            if let Err(error) = query.range().resolve(now, crate::zone::Zone::UTC) {
                errors.add("query", error.to_string());
            }
            let Some(name) = name.filter(|_| errors.is_empty()) else { return Err(errors.into_error()) };
            Ok(CheckedShare { name, password, expires_at: self.expires_at, unlocked: self.unlocked, query, origins })
        }
    }

    /// Sites as a browser names them: scheme, host and port.
    fn parse_origins(texts: &[String]) -> Result<Vec<String>, String> {
        let mut origins = Vec::new();
        for text in texts.iter().map(|text| text.trim()).filter(|text| !text.is_empty()) {
            let url = url::Url::parse(text)
                .ok()
                .filter(|url| matches!(url.scheme(), "https" | "http") && url.host().is_some())
                .filter(|url| url.path() == "/" && url.query().is_none() && url.fragment().is_none())
                .filter(|url| url.username().is_empty() && url.password().is_none());
            let Some(url) = url else {
                return Err(format!("“{text}” is not a site’s address. Write it like https://intranet.example.com."));
            };
            let origin = url.origin().ascii_serialization();
            if !origins.contains(&origin) {
                origins.push(origin);
            }
        }
        if origins.len() > MAX_ORIGINS {
            return Err(format!("At most {MAX_ORIGINS} sites."));
        }
        Ok(origins)
    }

    #[cfg(test)]
    mod tests {
        #![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]
        use super::*;
        use chrono::Days;

        #[test]
        fn nothing_said_is_an_open_link_that_shows_the_usual_range() {
            let share = NewShare::default().check(Utc::now()).unwrap();
            assert_eq!(share.name, "Public link");
            assert_eq!(share.password, None);
            assert_eq!(share.query, PageQuery::default());
        }

        #[test]
        fn every_wrong_field_is_named() {
            let now = Utc::now();
            let wrong = NewShare {
                name: "x".repeat(101),
                password: Some("short".into()),
                expires_at: now.checked_sub_days(Days::new(1)),
                origins: vec!["intranet".into()],
                query: PageQuery { from: Some("soon".into()), ..PageQuery::default() },
                unlocked: false,
            };
            let error = wrong.check(now).unwrap_err();
            for field in ["name", "password", "expires_at", "origins", "query"] {
                assert!(error.for_field(field).is_some(), "{field}: {error:?}");
            }
        }

        #[test]
        fn sites_are_kept_as_browsers_name_them() {
            let parse = |text: &str| parse_origins(&[text.to_owned()]);
            assert_eq!(parse("https://Intranet.Example.com/").unwrap(), ["https://intranet.example.com"]);
            assert_eq!(parse("http://localhost:8080").unwrap(), ["http://localhost:8080"]);
            for bad in
                ["*", "https://a.example/page", "javascript:alert(1)", "https://a b", "https://u:p@a.example", "'self'"]
            {
                assert!(parse(bad).is_err(), "{bad}");
            }
        }

        #[test]
        fn a_password_and_a_frame_do_not_go_together() {
            let both = NewShare {
                password: Some("correct horse".into()),
                origins: vec!["https://a.example".into()],
                ..NewShare::default()
            };
            assert!(both.check(Utc::now()).unwrap_err().for_field("origins").is_some());
        }
    }
}
