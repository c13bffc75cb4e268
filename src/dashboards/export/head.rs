//! What is printed on every file, and what a file is.

use crate::{
    accounts::OrganizationSummary,
    dashboards::{export::model::Format, page::PageQuery},
    error::AppError,
    format,
    metrics::{ActiveFilter, Comparison, Period, TimeRange, narrow},
};
use chrono::{DateTime, Utc};
use serde::Serialize;

/// Bytes with a name.
#[derive(Clone, Debug)]
pub struct File {
    pub name: String,
    pub format: Format,
    pub bytes: Vec<u8>,
}

/// What one has to know to read the numbers.
#[derive(Clone, Debug, Serialize)]
pub struct Head {
    /// The dashboard's name, or the widget's title.
    pub title: String,
    /// The dashboard's name, where `title` is a widget's.
    pub dashboard: Option<String>,
    pub description: String,
    pub organization: String,
    pub range: TimeRange,
    /// "Last 12 months".
    pub range_label: String,
    /// "1 Nov 2025 – 31 Oct 2026".
    pub period_label: String,
    pub period: Period,
    pub comparison: Option<Comparison>,
    /// What the whole dashboard is narrowed down to: "Department: Sales".
    pub filters: Vec<String>,
    /// What of the question means nothing here, and what sums leave out.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub notices: Vec<String>,
    pub as_of: DateTime<Utc>,
    /// "21 Nov 2026, 09:05".
    pub as_of_label: String,
    pub time_zone: String,
}

impl Head {
    /// # Errors
    /// `Invalid` when the query's range is none.
    pub fn new(
        organization: &OrganizationSummary,
        query: &PageQuery,
        (title, dashboard, description): (String, Option<String>, String),
        now: DateTime<Utc>,
    ) -> Result<Self, AppError> {
        let range = query.range();
        let (filters, notices) = narrow::check(&query.filters);
        let period = range.resolve(now, organization.time_zone)?;
        Ok(Self {
            title,
            dashboard,
            description,
            organization: organization.name.clone(),
            range_label: range.label(),
            period_label: period.label(),
            range,
            period,
            comparison: query.comparison(),
            filters: narrow::in_words(&filters).iter().map(ActiveFilter::in_words).collect(),
            notices,
            as_of: now,
            as_of_label: format::date_time(now, organization.time_zone),
            time_zone: organization.time_zone.name().to_owned(),
        })
    }

    pub fn comparison_label(&self) -> &'static str {
        match self.comparison {
            Some(Comparison::YearBefore) => "Year before",
            Some(Comparison::PreviousPeriod) => "Previous period",
            None => "None",
        }
    }

    /// "Last 12 months (1 Nov 2025 – 31 Oct 2026)".
    pub fn range_in_full(&self) -> String {
        if self.range_label == self.period_label {
            self.period_label.clone()
        } else {
            format!("{} ({})", self.range_label, self.period_label)
        }
    }

    /// Names and values, for the first lines of tables.
    pub fn facts(&self) -> Vec<(&'static str, String)> {
        let mut facts = vec![("Title", self.title.clone())];
        facts.extend(self.dashboard.clone().map(|name| ("Dashboard", name)));
        facts.push(("Organisation", self.organization.clone()));
        facts.push(("Time range", self.range_in_full()));
        facts.push(("Compared with", self.comparison_label().to_owned()));
        facts.extend(self.filters.iter().map(|filter| ("Filter", filter.clone())));
        facts.extend(self.notices.iter().map(|notice| ("Note", notice.clone())));
        facts.push(("As of", format!("{} ({})", self.as_of_label, self.time_zone)));
        facts
    }

    /// The line below a picture's title.
    pub fn line(&self) -> Vec<String> {
        let mut parts: Vec<String> = self.dashboard.iter().cloned().collect();
        parts.push(self.organization.clone());
        parts.push(self.range_in_full());
        parts.push(match self.comparison {
            Some(Comparison::YearBefore) => "compared with the year before".into(),
            Some(Comparison::PreviousPeriod) => "compared with the period before".into(),
            None => "no comparison".into(),
        });
        parts.extend(self.filters.iter().chain(&self.notices).cloned());
        parts
    }

    pub fn as_of_line(&self) -> String {
        format!("As of {} ({})", self.as_of_label, self.time_zone)
    }
}

/// A title as the name of a file: small letters, digits and dashes.
pub fn file_name(title: &str, extension: &str) -> String {
    let mut out = String::new();
    for c in title.to_lowercase().chars() {
        if c.is_alphanumeric() {
            out.push(c);
        } else if !out.ends_with('-') && !out.is_empty() {
            out.push('-');
        }
    }
    let stem: String = out.trim_end_matches('-').chars().take(80).collect();
    format!("{}.{extension}", if stem.is_empty() { "dashboard" } else { &stem })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_files_are_made_of_titles() {
        assert_eq!(file_name("Executive Overview", "pdf"), "executive-overview.pdf");
        assert_eq!(file_name(" Umsatz & Ertrag: \"März\" / ../x ", "csv"), "umsatz-ertrag-märz-x.csv");
        assert_eq!(file_name("…", "png"), "dashboard.png");
    }
}
