//! Drawing, on the server: one file per family of kinds.
//!
//! Marks come from charts-rs's shapes (lines, polygons, sectors), coloured by CSS class; the frame around them
//! is HTML, for the reasons that `plot` gives. Everything from outside is escaped by `html::Esc`.

mod bars;
mod calendar;
mod data;
mod dial;
mod donut;
mod feed;
mod figure;
mod html;
mod notes;
mod numbers;
pub mod picture;
mod plot;
mod scale;
pub mod sheet;
mod table;
mod trend;

pub use data::Found;

use crate::{
    accounts::OrganizationSummary,
    error::AppError,
    metrics::{Comparison, Filters, MetricAnswer, TimeRange},
    server::TenantTx,
    widgets::Widget,
};
use chrono::{DateTime, Utc};

/// What a dashboard tells all of its widgets. With the widget's settings and height it decides the body: no
/// width is among it, because a body fits itself to any.
#[derive(Clone, Debug, Default)]
pub struct DrawContext {
    pub range: TimeRange,
    pub comparison: Option<Comparison>,
    /// What the dashboard is narrowed down to.
    pub filters: Filters,
    /// The moment that relative ranges and "overdue" are reckoned from.
    pub now: DateTime<Utc>,
    /// Whether it is a partner who looks: the activity feed is not for them.
    pub partner: bool,
}

/// The HTML of a widget's body, with the organisation's data. Safe to put into a page as it is.
///
/// # Errors
/// What the engine says of the settings' names (`NotFound`, `Invalid`), or that the database is away. The page
/// shows it in this widget's card alone.
pub async fn body(
    tx: &mut TenantTx,
    organization: &OrganizationSummary,
    widget: &Widget,
    context: &DrawContext,
) -> Result<String, AppError> {
    data::find(tx, organization, &widget.settings, context).await.map(|found| data::html(&found, widget.h, None))
}

/// [`body`], for a page that has what tables are turned over with (`widgets::turn`).
pub async fn turnable_body(
    tx: &mut TenantTx,
    organization: &OrganizationSummary,
    widget: &Widget,
    context: &DrawContext,
) -> Result<String, AppError> {
    let found = data::find(tx, organization, &widget.settings, context).await?;
    Ok(data::html(&found, widget.h, Some(widget.id)))
}

/// What a widget shows, for files and programs. See [`body`] for the errors.
pub async fn find(
    tx: &mut TenantTx,
    organization: &OrganizationSummary,
    widget: &Widget,
    context: &DrawContext,
) -> Result<Found, AppError> {
    data::find(tx, organization, &widget.settings, context).await
}

/// The same words for every chart that has nothing to show.
fn no_data(answer: &MetricAnswer) -> String {
    let (title, text) = no_data_words(answer);
    html::empty(title, text, (text == NO_RECORDS).then_some(("/imports/new", "Import some")))
}

const NO_RECORDS: &str = "There are no records for it yet.";

fn no_data_words(answer: &MetricAnswer) -> (&'static str, &'static str) {
    if answer.value.is_none() && answer.series.iter().any(|s| s.points.iter().any(|p| p.value.is_some())) {
        return (
            "No single value",
            "This metric has several parts and no one value. Show it as a line, area or bar chart.",
        );
    }
    let all_time = answer.period.from.is_none() && answer.period.to.is_none();
    let text = match (all_time, answer.filtered) {
        (true, false) => NO_RECORDS,
        (true, true) => "No records match the filters.",
        (false, false) => "No records fall into this time range. Choose a longer one.",
        (false, true) => "No records of this time range match the filters.",
    };
    ("Nothing to show", text)
}

#[cfg(test)]
mod gallery;
#[cfg(test)]
mod tests;
