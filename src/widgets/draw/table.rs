//! Data tables: records of a source, or a metric by group.

use super::{
    figure::{Standing, standing},
    html::{Esc, empty, put},
    no_data,
    plot::Chart,
};
use crate::{
    format,
    metrics::{Comparison, MetricAnswer},
    widgets::settings::MetricTable,
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

pub(super) fn draw(table: &Table) -> String {
    if table.rows.is_empty() {
        return empty("No records match", "Widen the time range, or loosen this table’s conditions.", None);
    }
    let mut out = String::with_capacity(512 + table.rows.len() * table.columns.len() * 64);
    put!(
        out,
        "<div class=\"wb wb-data\"><div class=\"wb-scroll\" tabindex=\"0\" role=\"region\" aria-label=\"{0}\">\
         <table class=\"wb-table\"><caption class=\"wb-sr\">{0}</caption><thead><tr>",
        Esc(&table.caption)
    );
    for column in &table.columns {
        let class = if column.numeric { " class=\"num\"" } else { "" };
        put!(out, "<th scope=\"col\"{class}>{}</th>", Esc(&column.label));
    }
    out.push_str("</tr></thead><tbody>");
    for row in &table.rows {
        out.push_str("<tr>");
        for cell in row {
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
                Cell::Nothing => out.push_str("<td class=\"wb-none\"><span aria-hidden=\"true\">–</span></td>"),
            }
        }
        out.push_str("</tr>");
    }
    out.push_str("</tbody></table></div>");
    if let Some(footer) = &table.footer {
        put!(out, "<p class=\"wb-note\">{}</p>", Esc(footer));
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
pub(super) fn metric(answer: &MetricAnswer, settings: &MetricTable, comparison: Option<Comparison>) -> String {
    if Chart::of(answer, &settings.figure, comparison).values().next().is_none() {
        return no_data(answer);
    }
    draw(&of_metric(answer, settings, comparison))
}

pub(super) fn of_metric(answer: &MetricAnswer, settings: &MetricTable, comparison: Option<Comparison>) -> Table {
    let chart = Chart::of(answer, &settings.figure, comparison);
    let with_share =
        answer.group_by.is_some() && chart.series().len() == 1 && answer.value.is_some_and(|v| v > Decimal::ZERO);
    let mut columns = vec![Column { label: chart.dimension(), numeric: false }];
    for series in chart.series() {
        columns.push(Column { label: series.label.clone(), numeric: true });
        if !series.comparison.is_empty() {
            columns.push(Column { label: chart.before().into(), numeric: true });
        }
    }
    if with_share {
        columns.push(Column { label: "Share".into(), numeric: true });
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
            if with_share {
                let share =
                    point.value.zip(answer.value).and_then(|(v, all)| (v * Decimal::ONE_HUNDRED).checked_div(all));
                row.push(share.map_or(Cell::Nothing, |s| Cell::Number(format::percent(s, 1))));
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
