//! From a scope, a dashboard and a question to a file.

use super::{cells, document, head::*, json, model::Format, picture, spreadsheet};
use crate::{
    dashboards::{load::Reader, model::Dashboard, page::PageQuery},
    error::AppError,
    ids::WidgetId,
    metrics::{
        ActiveFilter, Filters, currencies, narrow,
        sources::{self, MetricFilters},
    },
    server::{Database, TenantTx, fault},
    widgets::{
        Widget, ask,
        draw::{
            self, DrawContext, Found,
            picture::Look,
            sheet::{Sheet, Value},
        },
        reach,
    },
};
use chrono::{DateTime, Utc};
use std::sync::Arc;
use tokio::sync::Semaphore;

/// Pictures that are drawn at the same time by one process: each keeps a core busy.
static DRAWING: Semaphore = Semaphore::const_new(2);

/// What is asked for.
#[derive(Clone, Debug)]
pub struct Asked {
    pub query: PageQuery,
    /// One widget alone, or all.
    pub widget: Option<WidgetId>,
    pub format: Format,
    pub look: Look,
    /// Whether what the numbers are of stands above tables.
    pub with_head: bool,
}

/// A widget with what it shows, or why it shows nothing.
#[derive(Clone, Debug)]
pub struct Card {
    pub widget: Widget,
    pub title: String,
    pub found: Result<Found, AppError>,
    /// The filters in force that it has no field for, in words.
    pub unmet: Option<String>,
}

impl Card {
    /// What it shows as tables, or why it shows nothing as one of a single cell.
    pub fn sheets(&self) -> Vec<Sheet> {
        match &self.found {
            Ok(found) => found.sheets(),
            Err(error) => vec![Sheet {
                columns: vec![error.title().into()],
                rows: vec![vec![Value::Text(error.to_string())]],
                note: None,
            }],
        }
    }

    /// What one has to know beside the head to read these tables of it: a range of its own, filters that it has no field
    /// for, what is left out. It stands above them: among numbers a sentence spoils a column.
    pub fn notes(&self, sheets: &[Sheet], head: &Head) -> Vec<String> {
        let period = self.found.as_ref().ok().and_then(Found::period).filter(|own| *own != head.period);
        let own = period.map(|own| format!("Time range {}", own.label()));
        own.into_iter().chain(self.unmet.clone()).chain(sheets.iter().filter_map(|sheet| sheet.note.clone())).collect()
    }
}

/// All that a file is made of.
#[derive(Clone, Debug)]
pub struct Contents {
    pub head: Head,
    /// In reading order.
    pub cards: Vec<Card>,
    pub look: Look,
    pub with_head: bool,
    /// Whether it is one widget's file.
    pub single: bool,
}

/// The file that is asked for, as `reader` sees it at `now`.
///
/// # Errors
/// `NotFound` for a widget that is not on the dashboard, `Invalid` for a range that is none. A widget's own failure
/// is printed in its place.
pub async fn file(
    db: &Database,
    reader: &(impl Reader + Sync),
    dashboard: &Dashboard,
    asked: Asked,
    now: DateTime<Utc>,
) -> Result<File, AppError> {
    let organization = reader.organization();
    let meant = |w: &&Widget| asked.widget.is_none_or(|id| w.id == id) && reader.sees(w);
    let widgets: Vec<Widget> = dashboard.widgets.iter().filter(meant).cloned().collect();
    let name = dashboard.row.name.clone();
    let names = match (asked.widget, widgets.first()) {
        (Some(_), Some(widget)) => (widget.title(), Some(name), String::new()),
        (Some(_), None) => return Err(AppError::not_found("The widget")),
        (None, _) => (name, None, dashboard.row.description.clone()),
    };
    let mut head = Head::new(organization, &asked.query, names, now)?;
    let (filters, _) = narrow::check(&asked.query.filters);
    let (mut applied, mut metrics) = (Filters::default(), MetricFilters::default());
    if !filters.is_empty() {
        metrics = sources::metric_filters(&mut db.tenant(reader).await?).await?;
        let offered = reach::offered(widgets.iter().map(|widget| &widget.settings), &metrics);
        applied = filters.only(|name| offered.iter().any(|(offered, _)| *offered == name));
        let idle = filters.only(|name| applied.get(name).is_empty());
        let sentence = |filter: ActiveFilter| format!("Nothing here can be filtered by {}.", filter.label);
        head.notices.extend(narrow::in_words(&idle).into_iter().map(sentence));
        head.filters = narrow::in_words(&applied).iter().map(ActiveFilter::in_words).collect();
    }
    let context = DrawContext {
        range: head.range.clone(),
        comparison: head.comparison,
        filters: applied,
        now,
        partner: reader.is_partner(),
        // A file leads nowhere.
        may_add: false,
    };
    let sums = ask::sums(widgets.iter().map(|widget| &widget.settings), &context);
    if !sums.is_empty() {
        let mut tx = db.tenant(reader).await?;
        head.notices.extend(currencies::notice(&mut tx, organization, &sums, now).await?);
    }
    let mut cards = Vec::with_capacity(widgets.len());
    let mut tx: Option<TenantTx> = None;
    for widget in widgets {
        let mut open = match tx.take() {
            Some(tx) => tx,
            None => db.tenant(reader).await?,
        };
        let found = draw::find(&mut open, organization, &widget, &context).await;
        // A statement that fails spoils its transaction, so the next widget gets a new one.
        if found.is_ok() {
            tx = Some(open);
        }
        let unmet = reach::unmet(&widget.settings, &metrics, &context.filters);
        cards.push(Card { title: widget.title(), widget, found, unmet });
    }
    drop(tx);
    let Asked { format, look, with_head, widget, .. } = asked;
    let contents = Contents { head, cards, look, with_head, single: widget.is_some() };
    let name = file_name(&contents.head.title, format.extension());
    Ok(File { name, format, bytes: write(Arc::new(contents), format).await? })
}

async fn write(contents: Arc<Contents>, format: Format) -> Result<Vec<u8>, AppError> {
    let make: fn(&Contents) -> Result<Vec<u8>, AppError> = match format {
        Format::Csv => return Ok(cells::csv(&contents)),
        Format::Json => return json::json(&contents),
        Format::Svg => return Ok(picture::whole(&contents).into_bytes()),
        Format::Xlsx => spreadsheet::xlsx,
        Format::Png => picture::png,
        Format::Pdf => document::pdf,
    };
    let _permit = DRAWING.acquire().await.map_err(fault::internal)?;
    tokio::task::spawn_blocking(move || make(&contents)).await.map_err(fault::internal)?
}
