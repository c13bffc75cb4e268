//! A month, with what falls on each of its days.

use super::html::{Esc, ReadOut, put};
use crate::format;
use chrono::{Datelike, Days, NaiveDate};
use std::collections::BTreeMap;

/// Something that falls on a day.
pub(super) struct Entry {
    pub day: NaiveDate,
    pub title: String,
    /// Formatted; every digit.
    pub amount: String,
    /// The class of its colour: "critical" (overdue), "warning" (open), "good" (done), "plain" (budgets).
    pub class: &'static str,
}

/// Lines of a day's read-out.
const MAX_LINES: usize = 6;

/// `month` is any day of the month to show; `today` is marked if it is in it. `left_out` entries are not among them.
pub(super) fn draw(entries: &[Entry], left_out: i64, month: NaiveDate, today: NaiveDate) -> String {
    let Some(first) = month.with_day(1) else { return String::new() };
    let mut days: BTreeMap<NaiveDate, Vec<&Entry>> = BTreeMap::new();
    for entry in entries {
        days.entry(entry.day).or_default().push(entry);
    }
    let mut out = String::with_capacity(8 * 1024);
    let count = entries.len() as i64 + left_out;
    let note = match (count, left_out) {
        (0, _) => "nothing due".into(),
        (_, 0) => format::count(count, "entry", "entries"),
        _ => format!("{}, the first {} shown", format::count(count, "entry", "entries"), entries.len()),
    };
    put!(
        out,
        "<div class=\"wb wb-calendar\"><table class=\"wb-month\"><caption><b>{}</b><span>{}</span></caption><thead><tr>",
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
    let mut day = first.checked_sub_days(Days::new(first.weekday().num_days_from_monday().into())).unwrap_or(first);
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
        put!(lines, "{gap}{}\t{}\t{}", entry.class, entry.title.replace(['\t', '\n'], " "), entry.amount);
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

fn worst(entries: &[&Entry]) -> &'static str {
    ["critical", "warning", "good", "plain"]
        .into_iter()
        .find(|class| entries.iter().any(|e| e.class == *class))
        .unwrap_or("plain")
}
