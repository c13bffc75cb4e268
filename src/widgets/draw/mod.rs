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
mod nothing;
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
    widgets::{
        Widget,
        settings::{BarSettings, Common, Figure, TrendSettings},
    },
};
use chrono::{DateTime, Utc};
use nothing::Nothing;

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
    /// Whether whoever looks may add records, and so is told where the first one comes from.
    pub may_add: bool,
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

/// The points of an answer as a widget shows them, for a page that explains it: over time as a line, by group as bars.
pub fn chart(answer: &MetricAnswer, comparison: Option<Comparison>) -> String {
    // A range of its own: there is no dashboard to be zoomed.
    let common = Common { range: Some(TimeRange::default()), ..Common::default() };
    let figure = Figure { common, ..Figure::default() };
    if answer.grain.is_some() {
        let settings = TrendSettings { figure, ..TrendSettings::default() };
        trend::draw(answer, &settings, comparison, trend::Style::Line, CHART_ROWS)
    } else {
        bars::draw(answer, &BarSettings { figure, ..BarSettings::default() }, comparison, CHART_ROWS)
    }
}

/// As high as the style sheet has it.
const CHART_ROWS: u16 = 4;

const SEVERAL_PARTS: (&str, &str) =
    ("No single value", "This metric has several parts and no one value. Show it as a line, area or bar chart.");

const NOTHING_ABOVE_ZERO: (&str, &str) =
    ("Nothing to show", "A ring is made of amounts above zero, and there is none. Show it as bars or as a table.");

/// Why numbers that there are cannot be shown in this way.
fn unfit(answer: &MetricAnswer) -> Option<(&'static str, &'static str)> {
    let any = answer.series.iter().any(|s| s.points.iter().any(|p| p.value.is_some()));
    any.then_some(if answer.value.is_none() { SEVERAL_PARTS } else { NOTHING_ABOVE_ZERO })
}

/// The same words for every chart that has nothing to show.
fn no_data(answer: &MetricAnswer) -> String {
    match unfit(answer) {
        Some((title, text)) => html::empty(title, text, ""),
        None => Nothing::of(answer).html(),
    }
}

fn no_data_words(answer: &MetricAnswer) -> (String, String) {
    match unfit(answer) {
        Some((title, text)) => (title.to_owned(), text.to_owned()),
        None => Nothing::of(answer).words(),
    }
}

#[cfg(test)]
mod gallery;
#[cfg(test)]
mod tests;
