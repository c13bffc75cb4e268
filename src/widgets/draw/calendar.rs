//! A month, with what falls on each of its days.

use super::{
    html::{Esc, ReadOut, put, turn_button},
    sheet::Value,
};
use crate::{format, ids::WidgetId, widgets::turn::Turn};
use chrono::{Datelike, Days, NaiveDate};
use std::collections::BTreeMap;

/// Something that falls on a day.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub day: NaiveDate,
    pub title: String,
    pub amount: Value,
    /// The class of its colour: "critical" (overdue), "warning" (open), "good" (done), "plain" (budgets), "event".
    pub class: &'static str,
}

impl Entry {
    /// The amount with every digit, or nothing.
    pub(super) fn amount(&self) -> String {
        match &self.amount {
            Value::Money(amount, currency) => format::money_exact(*amount, currency),
            Value::Number(count) => format::number(*count, 0),
            _ => String::new(),
        }
    }
}

/// A month with its entries.
#[derive(Clone, Debug)]
pub(super) struct Month {
    /// Its first day.
    pub first: NaiveDate,
    /// Marked when it is in the month.
    pub today: NaiveDate,
    pub entries: Vec<Entry>,
    /// How many more there are than `entries`.
    pub left_out: i64,
    /// The months that can be turned to, by their first days.
    pub before: Option<NaiveDate>,
    pub after: Option<NaiveDate>,
}

impl Month {
    /// "12 entries", "nothing on any day".
    pub(super) fn note(&self) -> String {
        let count = self.entries.len() as i64 + self.left_out;
        match (count, self.left_out) {
            (0, _) => "nothing on any day".into(),
            (_, 0) => format::count(count, "entry", "entries"),
            _ => format!("{}, the first {} shown", format::count(count, "entry", "entries"), self.entries.len()),
        }
    }

    /// The Monday on or before the month's first day: where its drawing begins.
    pub(super) fn first_monday(&self) -> NaiveDate {
        let back = Days::new(self.first.weekday().num_days_from_monday().into());
        self.first.checked_sub_days(back).unwrap_or(self.first)
    }

    pub(super) fn by_day(&self) -> BTreeMap<NaiveDate, Vec<&Entry>> {
        let mut days: BTreeMap<NaiveDate, Vec<&Entry>> = BTreeMap::new();
        for entry in &self.entries {
            days.entry(entry.day).or_default().push(entry);
        }
        days
    }
}

/// Lines of a day's read-out.
const MAX_LINES: usize = 6;

/// `turns`: the widget, where it can be turned over.
pub(super) fn draw(month: &Month, turns: Option<WidgetId>) -> String {
    let (first, today) = (month.first, month.today);
    let days = month.by_day();
    let mut out = String::with_capacity(8 * 1024);
    let note = month.note();
    put!(
        out,
        "<div class=\"wb wb-calendar\">{}<table class=\"wb-month\"><caption><b>{}</b><span>{}</span></caption><thead><tr>",
        turns.map_or_else(String::new, |widget| pager(month, widget)),
        first.format("%B %Y"),
        note
    );
    for (short, long) in [
        ("Mo", "Monday"),
        ("Tu", "Tuesday"),
        ("We", "Wednesday"),
        ("Th", "Thursday"),
        ("Fr", "Friday"),
        ("Sa", "Saturday"),
        ("Su", "Sunday"),
    ] {
        put!(out, "<th scope=\"col\" abbr=\"{long}\">{short}</th>");
    }
    out.push_str("</tr></thead><tbody>");
    let mut day = month.first_monday();
    let mut first_hit = true;
    // Six weeks hold any month; the last one is left out when it would be empty.
    for _ in 0..6 {
        out.push_str("<tr>");
        for _ in 0..7 {
            if day.month() == first.month() && day.year() == first.year() {
                cell(&mut out, day, today, days.get(&day).map(Vec::as_slice).unwrap_or_default(), &mut first_hit);
            } else {
                out.push_str("<td class=\"out\"></td>");
            }
            day = day.succ_opt().unwrap_or(day);
        }
        out.push_str("</tr>");
        if day.month() != first.month() {
            break;
        }
    }
    out.push_str("</tbody></table></div>");
    out
}

/// One month back and one on; nothing where the range has no other month.
fn pager(month: &Month, widget: WidgetId) -> String {
    let mut out = String::new();
    if month.before.or(month.after).is_some() {
        let turn = |first: NaiveDate| Turn { widget, sort: Some(first.format("%Y-%m").to_string()), page: 0 };
        out.push_str("<span class=\"wb-pager\">");
        turn_button(&mut out, "Previous month", "‹", month.before.map(turn));
        turn_button(&mut out, "Next month", "›", month.after.map(turn));
        out.push_str("</span>");
    }
    out
}

fn cell(out: &mut String, day: NaiveDate, today: NaiveDate, entries: &[&Entry], first_hit: &mut bool) {
    let class = if day == today { "today" } else { "" };
    let current = if day == today { " aria-current=\"date\"" } else { "" };
    if entries.is_empty() {
        put!(out, "<td class=\"{class}\"{current}><span class=\"day\">{}</span></td>", day.day());
        return;
    }
    put!(out, "<td class=\"{class}\"{current}><div class=\"wb-hit\"");
    let mut lines = String::new();
    for (i, entry) in entries.iter().take(MAX_LINES).enumerate() {
        let gap = if i > 0 { "\n" } else { "" };
        put!(lines, "{gap}{}\t{}\t{}", entry.class, entry.title.replace(['\t', '\n'], " "), entry.amount());
    }
    let rest = entries.len().saturating_sub(MAX_LINES);
    let note = if rest > 0 { format!("and {rest} more") } else { String::new() };
    ReadOut { label: &format::date(day), lines: &lines, note: &note }.attributes(out, *first_hit);
    *first_hit = false;
    put!(out, "><span class=\"day\">{}</span>", day.day());
    let worst = worst(entries);
    if let [only] = entries {
        put!(out, "<span class=\"entry {worst}\"><span>{}</span></span>", Esc(&only.title));
    } else {
        put!(out, "<span class=\"entry {worst}\"><b>{}</b><span> entries</span></span>", entries.len());
    }
    out.push_str("</div></td>");
}

pub(super) fn worst(entries: &[&Entry]) -> &'static str {
    ["critical", "warning", "good", "plain", "event"]
        .into_iter()
        .find(|class| entries.iter().any(|e| e.class == *class))
        .unwrap_or("plain")
}
