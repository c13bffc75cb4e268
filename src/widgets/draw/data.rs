//! What a widget asks the engine, and what it makes of the answer.

use super::{
    DrawContext, bars, calendar, dial, donut, feed, figure,
    html::empty,
    notes,
    nothing::Nothing,
    sheet::Value,
    table::{self, Cell, Column, Table},
    trend,
};
use crate::{
    accounts::OrganizationSummary,
    activity::{self, ENTITY_TYPES, store::DayOfActivity},
    error::AppError,
    format,
    ids::WidgetId,
    metrics::{
        self, Alert, Comparison, Grain, Lack, MetricAnswer, Period, Row, Rows, RowsQuery, TimeRange, alerts, catalogue,
        definitions, engine, narrow, sources,
    },
    server::TenantTx,
    widgets::{
        ask::{self, Shape},
        settings::*,
    },
};
use chrono::{Datelike, Months, NaiveDate};
use rust_decimal::Decimal;

/// Groups of a chart and rows of a table, unless the settings say otherwise.
const BARS: u32 = 12;
const SLICES: u32 = 5;
const LINES: u32 = 5;
pub(super) const ROWS: u32 = 50;
const ALERTS: u32 = 10;
/// A month has rarely more payments; the calendar says so when it has.
const ENTRIES: u32 = 500;

/// What a widget shows, before anything is drawn of it: the same for the page, for pictures and for spreadsheets.
#[derive(Clone, Debug)]
pub struct Found {
    /// With what the settings leave to the metric's definition filled in.
    pub(super) settings: WidgetSettings,
    pub(super) comparison: Option<Comparison>,
    pub(super) data: Data,
}

#[derive(Clone, Debug)]
pub(super) enum Data {
    Metric(MetricAnswer),
    Rows(Rows, Nothing),
    /// `more`: there are others than these.
    Alerts {
        alerts: Vec<Alert>,
        more: bool,
    },
    Calendar(calendar::Month),
    Notes,
    /// What is missing for something to be shown, and what to do about it.
    Message(&'static str, &'static str),
}

/// Asks for a widget's data.
pub(super) async fn find(
    tx: &mut TenantTx,
    organization: &OrganizationSummary,
    settings: &WidgetSettings,
    context: &DrawContext,
) -> Result<Found, AppError> {
    let mut ask = Ask { tx, organization, context };
    let mut settings = settings.clone();
    let mut compared = None;
    let data = match &mut settings {
        WidgetSettings::Kpi(s) => {
            compared = s.comparison.or(context.comparison);
            let grain = if s.sparkline { Some(ask.grain(&s.figure)?) } else { None };
            Data::Metric(ask.metric(&s.figure, Shape { grain, ..Shape::default() }, compared).await?)
        }
        WidgetSettings::Sparkline(s) => {
            compared = s.comparison.or(context.comparison);
            let grain = ask.grain_or(&s.figure, s.grain)?;
            Data::Metric(ask.metric(&s.figure, Shape { grain, ..Shape::default() }, compared).await?)
        }
        WidgetSettings::LineChart(s) | WidgetSettings::AreaChart(s) => {
            compared = s.comparison.or(context.comparison);
            let grain = ask.grain_or(&s.figure, s.grain)?;
            let limit = s.limit.unwrap_or(LINES);
            over_time(ask.metric(&s.figure, shape(grain, &s.group_by, limit, Order::Largest), compared).await?)
        }
        WidgetSettings::BarChart(s) => {
            compared = s.comparison.or(context.comparison);
            let shape = shape(s.grain, &s.group_by, s.limit.unwrap_or(BARS), s.order);
            shaped(ask.metric(&s.figure, shape, compared).await?)
        }
        WidgetSettings::DonutChart(s) => {
            let shape = shape(None, &s.group_by, s.limit.unwrap_or(SLICES), s.order);
            shaped(ask.metric(&s.figure, shape, None).await?)
        }
        WidgetSettings::Gauge(s) => {
            compared = s.comparison.or(context.comparison);
            let answer = ask.metric(&s.figure, Shape::default(), compared).await?;
            if s.limits == Limits::default() {
                // The answer says how the value stands; where the limits are, only the definition knows.
                let definition = definitions::find(ask.tx, &s.figure.metric).await?;
                s.limits = Limits { warning: definition.warning_threshold, critical: definition.critical_threshold };
            }
            Data::Metric(answer)
        }
        WidgetSettings::ProgressRing(s) => Data::Metric(ask.metric(&s.figure, Shape::default(), None).await?),
        WidgetSettings::DataTable(TableSettings::Metric(s)) => {
            compared = s.comparison.or(context.comparison);
            let shape = shape(s.grain, &s.group_by, s.limit.unwrap_or(ROWS), s.order);
            shaped(ask.metric(&s.figure, shape, compared).await?)
        }
        WidgetSettings::DataTable(TableSettings::Records(s)) => ask.records(s).await?,
        WidgetSettings::AlertsFeed(s) => ask.alerts(s).await?,
        WidgetSettings::Calendar(s) => Data::Calendar(ask.calendar(s).await?),
        WidgetSettings::Notes(_) => Data::Notes,
    };
    Ok(Found { settings, comparison: compared, data })
}

/// Draws what was found, for a card of this many rows. `turns`: the table or calendar, where it can be turned over.
pub(super) fn html(found: &Found, rows: u16, turns: Option<WidgetId>) -> String {
    let comparison = found.comparison;
    match (&found.settings, &found.data) {
        (_, Data::Message(title, text)) => empty(title, text, ""),
        (WidgetSettings::Kpi(s), Data::Metric(answer)) => figure::kpi(answer, s, comparison),
        (WidgetSettings::Sparkline(s), Data::Metric(answer)) => figure::sparkline(answer, s, comparison),
        (WidgetSettings::LineChart(s), Data::Metric(a)) => trend::draw(a, s, comparison, trend::Style::Line, rows),
        (WidgetSettings::AreaChart(s), Data::Metric(a)) => trend::draw(a, s, comparison, trend::Style::Area, rows),
        (WidgetSettings::BarChart(s), Data::Metric(answer)) => bars::draw(answer, s, comparison, rows),
        (WidgetSettings::DonutChart(s), Data::Metric(answer)) => donut::draw(answer, s),
        (WidgetSettings::Gauge(s), Data::Metric(answer)) => dial::gauge(answer, s, comparison),
        (WidgetSettings::ProgressRing(s), Data::Metric(answer)) => dial::ring(answer, s),
        (WidgetSettings::DataTable(TableSettings::Metric(s)), Data::Metric(a)) => {
            table::metric(a, s, comparison, turns.map(|widget| table::turning_metric(widget, a, s)))
        }
        (WidgetSettings::DataTable(TableSettings::Records(_)), Data::Rows(rows, nothing)) if rows.rows.is_empty() => {
            nothing.html()
        }
        (WidgetSettings::DataTable(TableSettings::Records(s)), Data::Rows(rows, _)) => {
            let caption = s.common.title.clone().unwrap_or_else(|| s.source.clone());
            let turning = turns.map(|widget| table::turning_rows(widget, rows, s));
            table::draw(&records_table(rows.clone(), caption), turning.as_ref())
        }
        (_, Data::Alerts { alerts, more }) => feed::draw(alerts, *more),
        (_, Data::Calendar(month)) => calendar::draw(month, turns),
        (WidgetSettings::Notes(s), Data::Notes) => notes::draw(s),
        // `find` pairs each kind with its own data.
        _ => String::new(),
    }
}

/// Charts need groups or periods; not every metric has some of its own.
fn shaped(answer: MetricAnswer) -> Data {
    if answer.grain.is_none() && answer.group_by.is_none() {
        return Data::Message(
            "Choose what to group by",
            "This metric has no grouping of its own: edit the widget and choose a field or a period.",
        );
    }
    Data::Metric(answer)
}

fn over_time(answer: MetricAnswer) -> Data {
    if answer.grain.is_none() {
        return Data::Message(
            "No course over time",
            "This metric says how things stand now. Show it as a key figure, or by group as bars.",
        );
    }
    Data::Metric(answer)
}

fn shape(grain: Option<Grain>, group_by: &Option<String>, limit: u32, order: Order) -> Shape {
    Shape { grain, group_by: group_by.clone(), limit: Some(limit), order }
}

struct Ask<'a> {
    tx: &'a mut TenantTx,
    organization: &'a OrganizationSummary,
    context: &'a DrawContext,
}

impl Ask<'_> {
    fn period(&self, common: &Common) -> Result<Period, AppError> {
        self.context.range_of(common).resolve(self.context.now, self.organization.time_zone)
    }

    fn today(&self) -> NaiveDate {
        self.organization.time_zone.day(self.context.now)
    }

    fn grain(&self, figure: &Figure) -> Result<Grain, AppError> {
        Ok(fitting_grain(self.period(&figure.common)?))
    }

    fn grain_or(&self, figure: &Figure, wished: Option<Grain>) -> Result<Option<Grain>, AppError> {
        wished.map_or_else(|| self.grain(figure), Ok).map(Some)
    }

    async fn metric(
        &mut self,
        figure: &Figure,
        shape: Shape,
        comparison: Option<Comparison>,
    ) -> Result<MetricAnswer, AppError> {
        ask::metric(self.tx, self.organization, self.context, figure, shape, comparison).await
    }

    async fn records(&mut self, s: &RecordsTable) -> Result<Data, AppError> {
        let columns = if s.columns.is_empty() { usual_columns(&s.source) } else { s.columns.clone() };
        let rows = ask::records(self.tx, self.organization, self.context, s, columns, Some(ROWS)).await?;
        let source = catalogue::source(&s.source);
        let dated = source.is_some_and(|source| source.date.is_some());
        let none_yet = rows.total == 0 && sources::none_of(self.tx, source.as_slice()).await?;
        let lack = Lack {
            none_yet,
            ranged: dated && self.period(&s.common)? != Period::default(),
            filtered: source.is_some_and(|source| !narrow::conditions(source, &self.context.filters).is_empty()),
            conditions: !s.filters.is_empty(),
            may_add: self.context.may_add,
        };
        Ok(Data::Rows(rows, Nothing { source, lack, counted: false }))
    }

    async fn alerts(&mut self, s: &AlertsSettings) -> Result<Data, AppError> {
        let limit = s.limit.unwrap_or(ALERTS);
        let Self { organization, context, .. } = *self;
        let page = alerts::page(self.tx, organization, s.filter, &context.filters, limit, None, context.now).await?;
        Ok(Data::Alerts { more: page.next_cursor.is_some(), alerts: page.items })
    }

    async fn calendar(&mut self, s: &CalendarSettings) -> Result<calendar::Month, AppError> {
        let today = self.today();
        let period = with_what_is_due(self.period(&s.common)?, today);
        let first = shown_month(period, today, s.month);
        let next = month_after(first);
        let range = TimeRange { from: Some(first.to_string()), to: Some(next.to_string()) };
        let mut entries = Vec::new();
        if s.shows(CalendarLayer::Budgets) {
            let query = RowsQuery {
                source: "budgets".into(),
                columns: ["month", "type", "amount"].map(Into::into).to_vec(),
                range: range.clone(),
                limit: Some(ENTRIES),
                narrowed: self.context.filters.clone(),
                ..Default::default()
            };
            let rows = engine::rows(self.tx, self.organization, &query, self.context.now).await?;
            entries.extend(budget_entries(&rows, first));
        }
        let mut left_out = 0;
        if s.shows(CalendarLayer::Payments) {
            let query = RowsQuery {
                source: "payments".into(),
                columns: ["due_date", "party", "status", "overdue", "amount"].map(Into::into).to_vec(),
                range,
                date: Some("due_date".into()),
                sort: Some("due_date".into()),
                limit: Some(ENTRIES),
                narrowed: self.context.filters.clone(),
                ..Default::default()
            };
            let rows = engine::rows(self.tx, self.organization, &query, self.context.now).await?;
            left_out = rows.total - rows.rows.len() as i64;
            entries.extend(rows.rows.iter().filter_map(payment_entry));
        }
        if s.shows(CalendarLayer::Events) && !self.context.partner {
            let zone = self.organization.time_zone;
            let days = activity::store::by_day(self.tx, zone, first, next).await?;
            entries.extend(days.into_iter().map(event_entry));
        }
        let before = first.checked_sub_months(Months::new(1)).filter(|month| reaches(period, *month));
        let after = Some(next).filter(|month| reaches(period, *month));
        Ok(calendar::Month { first, today, entries, left_out, before, after })
    }
}

/// A step that gives a chart some ten to sixty points.
fn fitting_grain(period: Period) -> Grain {
    match period.days() {
        Some(0..=62) => Grain::Day,
        Some(63..=190) => Grain::Week,
        Some(191..=2_200) | None => Grain::Month,
        Some(2_201..=7_500) => Grain::Quarter,
        Some(_) => Grain::Year,
    }
}

/// The years that records may be of.
const YEARS: std::ops::RangeInclusive<i32> = 1900..=2200;

fn month_after(first: NaiveDate) -> NaiveDate {
    first.checked_add_months(Months::new(1)).unwrap_or(first)
}

/// Of a range that reaches to the present month, the year from then on too: what is due is what a calendar is looked at for,
/// and the usual ranges end before it.
fn with_what_is_due(period: Period, today: NaiveDate) -> Period {
    let present = today.with_day(1).unwrap_or(today);
    let ahead = present.checked_add_months(Months::new(13)).unwrap_or(present);
    let to = period.to.map(|to| if (present..=ahead).contains(&to) { ahead } else { to });
    Period { to, ..period }
}

/// Whether the range has days of the month that begins with `first`.
fn reaches(period: Period, first: NaiveDate) -> bool {
    YEARS.contains(&first.year())
        && period.from.is_none_or(|from| from < month_after(first))
        && period.to.is_none_or(|to| first < to)
}

/// The first day of the month that a calendar shows: of the one turned to, if it is of the range; else of today's if the
/// range holds today, else of the range's last.
fn shown_month(period: Period, today: NaiveDate, turned: Option<NaiveDate>) -> NaiveDate {
    if let Some(month) = turned.filter(|month| reaches(period, *month)) {
        return month;
    }
    let last = period.to.and_then(|to| to.pred_opt());
    let day = match (period.from, last) {
        (Some(from), _) if from > today => from,
        (_, Some(last)) if last < today => last,
        _ => today,
    };
    day.with_day(1).unwrap_or(day)
}

/// The columns that say most, in the order that people read them.
fn usual_columns(source: &str) -> Vec<String> {
    let names: &[&str] = match source {
        "transactions" => &["date", "reference", "type", "category", "department", "amount"],
        "payments" => &["reference", "party", "due_date", "status", "amount"],
        "budgets" => &["month", "type", "category", "amount"],
        "materials" => &["sku", "name", "category", "quantity", "min_stock", "value"],
        _ => &[],
    };
    names.iter().map(|name| (*name).to_owned()).collect()
}

pub(super) fn records_table(rows: Rows, caption: String) -> Table {
    let page = catalogue::source(&rows.source).map_or("", |source| source.page);
    let names: Vec<String> = rows.columns.iter().map(|c| c.name.clone()).collect();
    let footer = left_out(&rows);
    Table {
        caption,
        columns: rows
            .columns
            .into_iter()
            .map(|c| Column { label: c.label, numeric: c.numeric, sort: c.name })
            .collect(),
        rows: rows.rows.into_iter().map(|row| cells(row, &names, page)).collect(),
        footer,
    }
}

/// "4 of 225 rows", where these are not all.
pub(super) fn left_out(rows: &Rows) -> Option<String> {
    let shown = rows.rows.len() as i64;
    (rows.total > shown).then(|| {
        let number = |n: i64| format::number(n.into(), 0);
        let (first, total) = (i64::from(rows.offset) + 1, format::count(rows.total, "row", "rows"));
        match (first, shown) {
            (1, _) => format!("{} of {total}", number(shown)),
            (_, 1) => format!("Row {} of {}", number(first), number(rows.total)),
            _ => format!("{} to {} of {total}", number(first), number(first + shown - 1)),
        }
    })
}

fn cells(row: Row, names: &[String], page: &str) -> Vec<Cell> {
    let href = format!("{page}/{}", row.id);
    let mut cells: Vec<Cell> = row.cells.into_iter().zip(names).map(|(cell, name)| shown(cell, name)).collect();
    // The first text leads to the record.
    if let Some(cell) = cells.iter_mut().find(|cell| matches!(cell, Cell::Text(_)))
        && let Cell::Text(text) = std::mem::replace(cell, Cell::Nothing)
    {
        *cell = Cell::Link(href, text);
    }
    cells
}

fn shown(cell: metrics::Cell, name: &str) -> Cell {
    match cell {
        metrics::Cell::Nothing => Cell::Nothing,
        metrics::Cell::Text(text) if text.is_empty() => Cell::Nothing,
        metrics::Cell::Text(text) => match name {
            // The engine writes choices with a capital letter.
            "status" | "type" | "direction" => table::state_chip(&text.to_lowercase()).unwrap_or(Cell::Text(text)),
            _ => Cell::Text(text),
        },
        metrics::Cell::Number(number) => Cell::Number(format::number(number, number.normalize().scale())),
        metrics::Cell::Money { amount, currency } => Cell::Number(format::money_exact(amount, &currency)),
        metrics::Cell::Date(date) => Cell::Text(format::date(date)),
        metrics::Cell::YesNo(yes) => match (name, yes) {
            ("overdue", true) => table::state_chip("overdue").unwrap_or(Cell::Nothing),
            ("low_stock", true) => Cell::Chip("warning", "◆ Low".into()),
            ("overdue" | "low_stock", false) => Cell::Nothing,
            (_, yes) => Cell::Text(if yes { "Yes" } else { "No" }.into()),
        },
    }
}

fn payment_entry(row: &Row) -> Option<calendar::Entry> {
    let [due, party, status, overdue, amount] = row.cells.as_slice() else { return None };
    let metrics::Cell::Date(day) = due else { return None };
    let text = |cell: &metrics::Cell| match cell {
        metrics::Cell::Text(text) => text.clone(),
        _ => String::new(),
    };
    let class = match (text(status).to_lowercase().as_str(), overdue) {
        (_, metrics::Cell::YesNo(true)) => "critical",
        ("paid", _) => "good",
        ("rejected", _) => "plain",
        _ => "warning",
    };
    let amount = match amount {
        metrics::Cell::Money { amount, currency } => Value::Money(*amount, currency.clone()),
        _ => Value::Nothing,
    };
    Some(calendar::Entry { day: *day, title: text(party), amount, class })
}

/// What happened on a day to one kind of record: by its own words when it was one, else counted.
fn event_entry(event: DayOfActivity) -> calendar::Entry {
    let DayOfActivity { day, entity_type, action, count, title } = event;
    let kind = ENTITY_TYPES.iter().find(|(name, _)| *name == entity_type).map_or("Records", |(_, label)| label);
    let title = if count == 1 { title } else { format!("{kind} {action}") };
    let amount = if count == 1 { Value::Nothing } else { Value::Number(count.into()) };
    calendar::Entry { day, title, amount, class: "event" }
}

/// A month's budgets as one entry for income and one for expenses: they all stand for the whole month.
fn budget_entries(rows: &Rows, first: NaiveDate) -> Vec<calendar::Entry> {
    let mut totals: Vec<(String, String, Decimal, i64)> = Vec::new();
    for row in &rows.rows {
        let [_, metrics::Cell::Text(kind), metrics::Cell::Money { amount, currency }] = row.cells.as_slice() else {
            continue;
        };
        match totals.iter_mut().find(|(k, c, ..)| k == kind && c == currency) {
            Some((.., total, count)) => {
                *total = total.saturating_add(*amount);
                *count += 1;
            }
            None => totals.push((kind.clone(), currency.clone(), *amount, 1)),
        }
    }
    totals
        .into_iter()
        .map(|(kind, currency, total, count)| calendar::Entry {
            day: first,
            title: format!(
                "{} for the month, {}",
                if kind == "income" { "Income budget" } else { "Budget" },
                format::count(count, "category", "categories")
            ),
            amount: Value::Money(total, currency),
            class: "plain",
        })
        .collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn period(from: &str, to: &str) -> Period {
        Period { from: from.parse().ok(), to: to.parse().ok() }
    }

    #[test]
    fn steps_suit_the_length_of_the_range() {
        assert_eq!(fitting_grain(period("2026-10-01", "2026-11-01")), Grain::Day);
        assert_eq!(fitting_grain(period("2026-07-01", "2026-10-01")), Grain::Week);
        assert_eq!(fitting_grain(period("2025-11-01", "2026-11-01")), Grain::Month);
        assert_eq!(fitting_grain(period("", "")), Grain::Month);
        assert_eq!(fitting_grain(period("1990-01-01", "2026-11-01")), Grain::Year);
    }

    #[test]
    fn the_calendar_shows_today_s_month_or_the_range_s_last() {
        let today = day("2026-11-20");
        assert_eq!(shown_month(period("2026-01-01", "2027-01-01"), today, None), day("2026-11-01"));
        assert_eq!(shown_month(period("", ""), today, None), day("2026-11-01"));
        assert_eq!(shown_month(period("2025-11-01", "2026-11-01"), today, None), day("2026-10-01"));
        assert_eq!(shown_month(period("2027-03-05", "2027-05-01"), today, None), day("2027-03-01"));
    }

    #[test]
    fn the_calendar_turns_to_the_months_of_the_range_alone() {
        let (today, range) = (day("2026-11-20"), period("2026-09-15", "2026-12-01"));
        let turned = |month: &str| shown_month(range, today, Some(day(month)));
        assert_eq!(turned("2026-09-01"), day("2026-09-01"), "part of it is enough");
        assert_eq!(turned("2026-12-01"), day("2026-11-01"), "its end is not included");
        assert_eq!(turned("2026-08-01"), day("2026-11-01"));
        assert_eq!(shown_month(period("", ""), today, Some(day("1999-02-01"))), day("1999-02-01"));
        assert!(!reaches(period("", ""), day("2201-01-01")));
    }

    #[test]
    fn records_become_links_chips_and_exact_amounts() {
        let id = uuid::Uuid::nil();
        let row = Row {
            id,
            cells: vec![
                metrics::Cell::Text("PO-1".into()),
                metrics::Cell::Text("Pending".into()),
                metrics::Cell::YesNo(true),
                metrics::Cell::Money { amount: "0.0375".parse().unwrap(), currency: "USD".into() },
                metrics::Cell::Nothing,
            ],
        };
        let names: Vec<String> = ["reference", "status", "overdue", "amount", "note"].map(Into::into).to_vec();
        let cells = cells(row, &names, "/payments");
        assert_eq!(cells[0], Cell::Link(format!("/payments/{id}"), "PO-1".into()));
        assert_eq!(cells[1], Cell::Chip("warning", "◆ Pending".into()));
        assert_eq!(cells[2], Cell::Chip("critical", "! Overdue".into()));
        assert_eq!(cells[3], Cell::Number("$0.0375".into()));
        assert_eq!(cells[4], Cell::Nothing);
    }
}
