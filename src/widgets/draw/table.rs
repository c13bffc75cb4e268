//! Data tables: records of a source, or a metric by group.

use super::{
    figure::{Standing, standing},
    html::{Esc, put, turn_button},
    no_data,
    plot::{Chart, dimension},
};
use crate::{
    format,
    ids::WidgetId,
    metrics::{Comparison, MetricAnswer, Point, Rows},
    widgets::{
        settings::{MetricTable, RecordsTable},
        turn::Turn,
    },
};
use rust_decimal::Decimal;

/// A table ready to be written.
pub(super) struct Table {
    pub caption: String,
    pub columns: Vec<Column>,
    pub rows: Vec<Vec<Cell>>,
    /// Said below the table: "4 of 225 payments".
    pub footer: Option<String>,
}

pub(super) struct Column {
    pub label: String,
    /// Numbers are set to the right.
    pub numeric: bool,
    /// What it is sorted by; empty where it cannot be.
    pub sort: String,
}

/// How a table is turned over, and can be.
pub(super) struct Turning {
    widget: WidgetId,
    /// As it is now, in the settings' words.
    sort: Option<String>,
    page: u32,
    pages: u32,
}

pub(super) fn turning_rows(widget: WidgetId, rows: &Rows, settings: &RecordsTable) -> Turning {
    // A page before the last one is full, and the last one is told from where it begins.
    let size = (rows.rows.len() as u32).max(settings.limit.unwrap_or(super::data::ROWS)).max(1);
    let total = u32::try_from(rows.total).unwrap_or(u32::MAX);
    Turning { widget, sort: settings.sort.clone(), page: rows.offset / size, pages: total.div_ceil(size) }
}

pub(super) fn turning_metric(widget: WidgetId, answer: &MetricAnswer, settings: &MetricTable) -> Turning {
    // Periods stand in their own order.
    let order = answer.grain.is_none().then(|| serde_json::to_value(settings.order).ok()).flatten();
    Turning { widget, sort: order.and_then(|order| order.as_str().map(str::to_owned)), page: 0, pages: 1 }
}

impl Turning {
    /// A column's heading; a button where the table can be sorted by it.
    fn heading(&self, out: &mut String, column: &Column) {
        let Column { label, numeric, sort } = column;
        let class = if *numeric { " class=\"num\"" } else { "" };
        let now =
            self.sort.as_deref().filter(|now| now.trim_start_matches('-') == sort).map(|now| now.starts_with('-'));
        // Numbers are mostly looked at from the largest on.
        let down = now.map_or(*numeric, |down| !down);
        let (state, mark) = match now {
            Some(true) => (" aria-sort=\"descending\"", "▼"),
            Some(false) => (" aria-sort=\"ascending\"", "▲"),
            None => ("", if down { "▽" } else { "△" }),
        };
        let turn = Turn { widget: self.widget, sort: Some(format!("{}{sort}", if down { "-" } else { "" })), page: 0 };
        put!(
            out,
            "<th scope=\"col\"{class}{state}><button type=\"submit\" form=\"turn\" name=\"table\" value=\"{turn}\" \
             data-turn=\"{sort}\">{}<i aria-hidden=\"true\">{mark}</i></button></th>",
            Esc(label)
        );
    }

    /// One page back and one on.
    fn pager(&self, out: &mut String) {
        put!(out, "<span class=\"wb-pager\"><span>Page {} of {}</span>", self.page + 1, self.pages);
        let other = |page: Option<u32>| page.filter(|page| *page < self.pages);
        for (name, sign, page) in
            [("Previous page", "‹", other(self.page.checked_sub(1))), ("Next page", "›", other(Some(self.page + 1)))]
        {
            let turn = page.map(|page| Turn { widget: self.widget, sort: self.sort.clone(), page });
            turn_button(out, name, sign, turn);
        }
        out.push_str("</span>");
    }
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Cell {
    Text(String),
    /// An address of ours, and the text.
    Link(String, String),
    /// Formatted already.
    Number(String),
    /// A number that has reached a limit.
    Judged(Standing, String),
    /// A state: the class of its colour, and its shape and words.
    Chip(&'static str, String),
    Nothing,
}

pub(super) fn draw(table: &Table, turning: Option<&Turning>) -> String {
    let mut out = String::with_capacity(512 + table.rows.len() * table.columns.len() * 64);
    // One column of words among numbers has the room that these leave.
    let named = if table.columns.iter().skip(1).all(|column| column.numeric) { " wb-named" } else { "" };
    put!(
        out,
        "<div class=\"wb wb-data\"><div class=\"wb-scroll\" tabindex=\"0\" role=\"region\" aria-label=\"{0}\">\
         <table class=\"wb-table{named}\"><caption class=\"wb-sr\">{0}</caption><thead><tr>",
        Esc(&table.caption)
    );
    for column in &table.columns {
        match turning.filter(|_| !column.sort.is_empty()) {
            Some(turning) => turning.heading(&mut out, column),
            None => {
                let class = if column.numeric { " class=\"num\"" } else { "" };
                put!(out, "<th scope=\"col\"{class}>{}</th>", Esc(&column.label));
            }
        }
    }
    out.push_str("</tr></thead><tbody>");
    for row in &table.rows {
        out.push_str("<tr>");
        for (cell, column) in row.iter().zip(&table.columns) {
            match cell {
                Cell::Text(text) => put!(out, "<td title=\"{0}\">{0}</td>", Esc(text)),
                Cell::Link(href, text) => {
                    put!(out, "<td title=\"{1}\"><a href=\"{0}\">{1}</a></td>", Esc(href), Esc(text));
                }
                Cell::Number(text) => put!(out, "<td class=\"num\">{}</td>", Esc(text)),
                Cell::Judged(Standing { class, shape, word }, text) => put!(
                    out,
                    "<td class=\"num\"><b class=\"wb-flag {class}\" title=\"{word}\">{shape}</b>\u{a0}{}</td>",
                    Esc(text)
                ),
                Cell::Chip(class, text) => put!(out, "<td><span class=\"wb-chip {class}\">{}</span></td>", Esc(text)),
                Cell::Nothing => {
                    let class = if column.numeric { "num wb-none" } else { "wb-none" };
                    put!(out, "<td class=\"{class}\"><span aria-hidden=\"true\">–</span></td>");
                }
            }
        }
        out.push_str("</tr>");
    }
    out.push_str("</tbody></table></div>");
    if let Some(footer) = &table.footer {
        put!(out, "<p class=\"wb-note\"><span>{}</span>", Esc(footer));
        if let Some(turning) = turning.filter(|turning| turning.pages > 1) {
            turning.pager(&mut out);
        }
        out.push_str("</p>");
    }
    out.push_str("</div>");
    out
}

/// Words that stand for a state, with the colour and the shape that go with them.
pub(super) fn state_chip(word: &str) -> Option<Cell> {
    let (class, shape, label) = match word {
        "pending" => ("warning", "◆", "Pending"),
        "approved" => ("good", "✓", "Approved"),
        "paid" => ("good", "✓", "Paid"),
        "rejected" => ("plain", "✕", "Rejected"),
        "overdue" => ("critical", "!", "Overdue"),
        "income" => ("good", "+", "Income"),
        "expense" => ("plain", "−", "Expense"),
        "outgoing" => ("plain", "↗", "Outgoing"),
        "incoming" => ("plain", "↙", "Incoming"),
        _ => return None,
    };
    Some(Cell::Chip(class, format!("{shape} {label}")))
}

/// One metric by group or by period, every digit of it.
pub(super) fn metric(
    answer: &MetricAnswer,
    settings: &MetricTable,
    comparison: Option<Comparison>,
    turning: Option<Turning>,
) -> String {
    if Chart::of(answer, &settings.figure, comparison).values().next().is_none() {
        return no_data(answer);
    }
    draw(&of_metric(answer, settings, comparison), turning.as_ref())
}

/// What the groups have shares of, where they have.
pub(super) fn shared(answer: &MetricAnswer) -> Option<Decimal> {
    answer.value.filter(|v| answer.group_by.is_some() && answer.series.len() == 1 && *v > Decimal::ZERO)
}

/// A group's share in percent.
pub(super) fn share(point: &Point, whole: Decimal) -> Option<Decimal> {
    point.value?.checked_mul(Decimal::ONE_HUNDRED)?.checked_div(whole)
}

pub(super) fn of_metric(answer: &MetricAnswer, settings: &MetricTable, comparison: Option<Comparison>) -> Table {
    let chart = Chart::of(answer, &settings.figure, comparison);
    let whole = shared(answer);
    // Groups are ordered by their names or by the first number; periods by their days.
    let sort = |by: &str| if answer.grain.is_none() { by.to_owned() } else { String::new() };
    let column = |label: String, sort: String| Column { label, numeric: true, sort };
    let mut columns = vec![Column { label: dimension(answer).into(), numeric: false, sort: sort("name") }];
    for (n, series) in chart.series().iter().enumerate() {
        columns.push(column(series.label.clone(), if n == 0 { sort("value") } else { String::new() }));
        if !series.comparison.is_empty() {
            columns.push(column(chart.before().into(), String::new()));
        }
    }
    if whole.is_some() {
        columns.push(column("Share".into(), String::new()));
    }
    let number = |value: Option<Decimal>| value.map_or(Cell::Nothing, |v| Cell::Number(chart.numbers.exact(v)));
    let judged = |value: Option<Decimal>| match (standing(answer, value, settings.limits), value) {
        (Some(standing), Some(v)) => Cell::Judged(standing, chart.numbers.exact(v)),
        (_, value) => number(value),
    };
    let rows = chart
        .points()
        .iter()
        .enumerate()
        .map(|(i, point)| {
            let mut row = vec![Cell::Text(point.label.clone())];
            for series in chart.series() {
                row.push(judged(series.points.get(i).and_then(|p| p.value)));
                if !series.comparison.is_empty() {
                    row.push(number(series.comparison.get(i).and_then(|p| p.value)));
                }
            }
            if let Some(whole) = whole {
                row.push(share(point, whole).map_or(Cell::Nothing, |s| Cell::Number(format::share(s))));
            }
            row
        })
        .collect();
    let footer = answer.value.filter(|_| answer.group_by.is_some());
    Table {
        caption: settings.figure.common.title.clone().unwrap_or_else(|| answer.name.clone()),
        columns,
        rows,
        footer: footer.map(|total| format!("Total {}", chart.numbers.exact(total))),
    }
}
