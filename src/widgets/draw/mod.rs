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
mod plot;
mod scale;
mod table;
mod trend;

use crate::{
    accounts::OrganizationSummary,
    error::AppError,
    metrics::{Comparison, MetricAnswer, TimeRange},
    server::TenantTx,
    widgets::Widget,
};
use chrono::{DateTime, Utc};

/// What a dashboard tells all of its widgets. With the widget's settings and height it decides the body: no
/// width is among it, because a body fits itself to any.
#[derive(Clone, Debug)]
pub struct DrawContext {
    pub range: TimeRange,
    pub comparison: Option<Comparison>,
    /// The moment that relative ranges and "overdue" are reckoned from.
    pub now: DateTime<Utc>,
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
    data::find(tx, organization, &widget.settings, context).await.map(|found| data::html(&found, widget.h))
}

/// The same words for every chart that has nothing to show.
fn no_data(answer: &MetricAnswer) -> String {
    if answer.value.is_none() && answer.series.iter().any(|s| s.points.iter().any(|p| p.value.is_some())) {
        let text = "This metric has several parts and no one value. Show it as a line, area or bar chart.";
        return html::empty("No single value", text, None);
    }
    let (text, action) = if answer.period.from.is_none() && answer.period.to.is_none() {
        ("There are no records for it yet.", Some(("/imports/new", "Import some")))
    } else {
        ("No records fall into this time range. Choose a longer one.", None)
    };
    html::empty("Nothing to show", text, action)
}

#[cfg(test)]
mod gallery;
#[cfg(test)]
mod tests;
