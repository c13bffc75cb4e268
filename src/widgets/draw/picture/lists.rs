//! Tables, the alerts feed, the calendar, and words in place of a drawing.

use super::{
    super::{
        calendar::{Month, worst},
        feed,
        table::{Cell, Table},
    },
    font::{self, Weight},
    pen::{Anchor, Area, Pen, Type, plain},
};
use crate::metrics::{Alert, Status};
use chrono::Datelike;

const ROW: f64 = 32.0;
const GAP: f64 = 14.0;

pub(super) fn table(pen: &mut Pen, area: Area, table: &Table) {
    let (head, body) = (Type::new(12.0, pen.theme.ink_3), Type::new(13.0, pen.theme.ink));
    let room = area.cut(27.0, 0.0);
    let mut shown = table.rows.len().min((room.h / ROW).floor().max(1.0) as usize);
    let mut footer = table.footer.clone();
    if (shown < table.rows.len() || footer.is_some()) && room.h < ROW * shown as f64 + 20.0 {
        shown = ((room.h - 20.0) / ROW).floor().max(1.0) as usize;
    }
    if shown < table.rows.len() {
        let rest = format!("and {} more", table.rows.len() - shown);
        footer = Some(footer.map_or_else(|| rest.clone(), |footer| format!("{rest} · {footer}")));
    }
    let natural: Vec<f64> = table
        .columns
        .iter()
        .enumerate()
        .map(|(i, column)| {
            let cells = table.rows.iter().take(shown).filter_map(|row| row.get(i));
            cells.map(|cell| cell_width(cell, body)).fold(head.width(&column.label), f64::max)
        })
        .collect();
    let fixed: Vec<bool> = table.columns.iter().map(|c| c.numeric).collect();
    let widths = share_out(&natural, &fixed, area.w - GAP * (natural.len().max(1) - 1) as f64);
    let mut x = area.x;
    let mut places = Vec::with_capacity(widths.len());
    for (column, w) in table.columns.iter().zip(&widths) {
        let (at, anchor) = if column.numeric { (x + w, Anchor::End) } else { (x, Anchor::Start) };
        pen.text_within((at, area.y + 15.0), *w + 0.5, head, anchor, &column.label);
        places.push((at, *w, anchor));
        x += w + GAP;
    }
    let line = pen.theme.line;
    pen.line((area.x, area.y + 25.5), (area.right(), area.y + 25.5), line, 1.0, "");
    for (r, row) in table.rows.iter().take(shown).enumerate() {
        let top = room.y + ROW * r as f64;
        let base = top + ROW / 2.0 + 4.4;
        for (cell, (at, w, anchor)) in row.iter().zip(&places) {
            match cell {
                Cell::Text(text) | Cell::Link(_, text) => pen.text_within((*at, base), *w + 0.5, body, *anchor, text),
                Cell::Number(text) => pen.text_within((*at, base), *w + 0.5, body, *anchor, text),
                Cell::Judged(standing, text) => {
                    let text = format!("{} {text}", standing.shape);
                    pen.text_within((*at, base), *w + 0.5, body, *anchor, &text);
                }
                Cell::Chip(class, text) => {
                    pen.chip((*at, base - 4.4), class, &plain(text));
                }
                Cell::Nothing => pen.text((*at, base), Type::new(13.0, pen.theme.ink_3), *anchor, "–"),
            }
        }
        if r + 1 < shown {
            let edge = (top + ROW).round() - 0.5;
            pen.line((area.x, edge), (area.right(), edge), line, 1.0, "");
        }
    }
    if let Some(footer) = footer {
        let y = (room.y + ROW * shown as f64 + 15.0).min(area.bottom() - 3.0);
        pen.text_within((area.x, y), area.w, Type::new(12.0, pen.theme.ink_3), Anchor::Start, &footer);
    }
}

fn cell_width(cell: &Cell, how: Type) -> f64 {
    match cell {
        Cell::Text(text) | Cell::Link(_, text) | Cell::Number(text) => how.width(text),
        Cell::Judged(standing, text) => how.width(&format!("{} {text}", standing.shape)),
        Cell::Chip(_, text) => font::width(text, 12.0, Weight::Semibold) + 14.0,
        Cell::Nothing => how.width("–"),
    }
}

/// Widths that fill `most`: what is fixed keeps its own, the others grow, or shrink from the widest.
fn share_out(natural: &[f64], fixed: &[bool], most: f64) -> Vec<f64> {
    let sum: f64 = natural.iter().sum();
    if sum <= most {
        let spare = (most - sum) / natural.len().max(1) as f64;
        return natural.iter().map(|w| w + spare).collect();
    }
    let kept: f64 = natural.iter().zip(fixed).filter(|(_, f)| **f).map(|(w, _)| w).sum();
    let mut widths = natural.to_vec();
    if kept < most * 0.8 {
        // The widest give way first, to one common width.
        let mut flexible: Vec<f64> = natural.iter().zip(fixed).filter(|(_, f)| !**f).map(|(w, _)| *w).collect();
        flexible.sort_by(f64::total_cmp);
        let mut left = most - kept;
        let mut limit = left;
        for (i, w) in flexible.iter().enumerate() {
            limit = left / (flexible.len() - i) as f64;
            if *w > limit {
                break;
            }
            left -= w;
        }
        for (w, f) in widths.iter_mut().zip(fixed) {
            if !f {
                *w = w.min(limit);
            }
        }
    } else {
        let k = most / sum;
        widths.iter_mut().for_each(|w| *w *= k);
    }
    widths
}

pub(super) fn alerts(pen: &mut Pen, area: Area, alerts: &[Alert], more: bool) {
    if alerts.is_empty() {
        return message(pen, area, "All clear", "Nothing needs your attention.");
    }
    let (title, detail) = (Type::new(13.0, pen.theme.ink), Type::new(12.0, pen.theme.ink_3));
    let (mut y, mut shown) = (area.y, 0);
    for (i, alert) in alerts.iter().enumerate() {
        let lines = font::wrap(&plain(&alert.title), area.w - 30.0, 13.0, Weight::Regular);
        let details = font::wrap(&plain(&alert.detail), area.w - 30.0, 12.0, Weight::Regular);
        let (lines, details) = (&lines[..lines.len().min(2)], &details[..details.len().min(2)]);
        let h = 16.0 + 18.0 * lines.len() as f64 + 16.0 * details.len() as f64;
        let note = if i + 1 < alerts.len() || more { 18.0 } else { 0.0 };
        if y + h > area.bottom() - note && shown > 0 {
            break;
        }
        if shown > 0 {
            let edge = y.round() - 0.5;
            pen.line((area.x, edge), (area.right(), edge), pen.theme.line, 1.0, "");
        }
        let critical = alert.severity == Status::Critical;
        let (paper, ink) = pen.theme.chip(if critical { "critical" } else { "warning" });
        pen.rect(Area::new(area.x, y + 8.0, 20.0, 20.0), 6.0, paper);
        let mark = if critical { "!" } else { "◆" };
        pen.text((area.x + 10.0, y + 22.2), Type::bold(12.0, ink), Anchor::Middle, mark);
        let mut base = y + 21.0;
        for line in lines {
            pen.text((area.x + 30.0, base), title, Anchor::Start, line);
            base += 18.0;
        }
        for line in details {
            pen.text((area.x + 30.0, base - 1.0), detail, Anchor::Start, line);
            base += 16.0;
        }
        y += h;
        shown += 1;
    }
    let rest = alerts.len() - shown;
    let note = match (rest, more) {
        (0, false) => return,
        (n, false) => format!("and {n} more"),
        (_, true) => feed::note(shown),
    };
    pen.text((area.x, area.bottom() - 2.0), detail, Anchor::Start, &note);
}

pub(super) fn calendar(pen: &mut Pen, area: Area, month: &Month) {
    let name = month.first.format("%B %Y").to_string();
    let how = Type::bold(12.5, pen.theme.ink);
    pen.text((area.x, area.y + 13.0), how, Anchor::Start, &name);
    let note = Type::new(12.5, pen.theme.ink_3);
    pen.text((area.x + how.width(&name) + 10.0, area.y + 13.0), note, Anchor::Start, &month.note());
    let (day_w, head) = (area.w / 7.0, 38.0);
    let small = Type::new(11.0, pen.theme.ink_3);
    for (i, day) in ["Mo", "Tu", "We", "Th", "Fr", "Sa", "Su"].into_iter().enumerate() {
        pen.text((area.x + day_w * i as f64 + 5.0, area.y + 32.0), small, Anchor::Start, day);
    }
    let start = month.first_monday();
    let days = (0..42).map_while(|n| start.checked_add_days(chrono::Days::new(n)));
    let last = days.clone().filter(|d| d.month() == month.first.month()).last().unwrap_or(start);
    let weeks = ((last - start).num_days() / 7 + 1).max(1);
    let week_h = (area.h - head) / weeks as f64;
    let entries = month.by_day();
    for (n, day) in days.take(7 * weeks as usize).enumerate() {
        let (column, week) = ((n % 7) as f64, (n / 7) as f64);
        let cell = Area::new(area.x + day_w * column, area.y + head + week_h * week, day_w, week_h);
        let (line, surface) = (pen.theme.line, pen.theme.surface);
        if day.month() != month.first.month() {
            pen.frame(cell, 0.0, pen.theme.sunken, line);
            continue;
        }
        pen.frame(cell, 0.0, surface, line);
        let how = if day == month.today {
            pen.rect(Area::new(cell.x, cell.y, 24.0, 18.0), 0.0, pen.theme.accent);
            Type::bold(12.0, pen.theme.on_accent)
        } else {
            Type::new(12.0, pen.theme.ink_2)
        };
        pen.text((cell.x + 5.0, cell.y + 13.5), how, Anchor::Start, &day.day().to_string());
        let Some(on_day) = entries.get(&day) else { continue };
        let (paper, ink) = pen.theme.chip(worst(on_day));
        let words = match on_day.as_slice() {
            [only] => only.title.clone(),
            several => format!("{} entries", several.len()),
        };
        let chip = Area::new(cell.x + 3.0, cell.y + 20.0, cell.w - 6.0, 16.0);
        let how = Type::new(11.0, ink);
        if week_h >= 38.0 && cell.w > 44.0 {
            pen.rect(chip, 4.0, paper);
            pen.text_within((chip.x + 6.0, chip.y + 12.0), chip.w - 10.0, how, Anchor::Start, &words);
        } else if on_day.len() > 1 {
            let count = on_day.len().to_string();
            let w = how.width(&count) + 8.0;
            pen.rect(Area::new(cell.right() - w - 3.0, cell.y + 2.0, w, 15.0), 4.0, paper);
            pen.text((cell.right() - 7.0, cell.y + 13.5), how, Anchor::End, &count);
        } else {
            pen.circle((cell.right() - 8.0, cell.y + 9.5), 4.0, ink);
        }
    }
}

/// What is missing, in the middle of the area.
pub(super) fn message(pen: &mut Pen, area: Area, title: &str, text: &str) {
    let most = (area.w - 16.0).clamp(40.0, 300.0);
    let titles = font::wrap(&plain(title), most, 13.0, Weight::Semibold);
    let mut lines = font::wrap(&plain(text), most, 13.0, Weight::Regular);
    let room = ((area.h - 19.0 * titles.len() as f64) / 19.0).floor().max(0.0) as usize;
    if lines.len() > room {
        lines.truncate(room);
        if let Some(last) = lines.last_mut() {
            *last = font::fit(&format!("{last} …"), most, 13.0, Weight::Regular);
        }
    }
    let (x, y) = area.middle();
    let mut base = y - 19.0 * (titles.len() + lines.len()) as f64 / 2.0 + 14.0;
    for line in &titles {
        pen.text((x, base), Type::bold(13.0, pen.theme.ink_2), Anchor::Middle, line);
        base += 19.0;
    }
    for line in &lines {
        pen.text((x, base), Type::new(13.0, pen.theme.ink_3), Anchor::Middle, line);
        base += 19.0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_fill_the_width_and_numbers_keep_theirs() {
        assert_eq!(share_out(&[10.0, 30.0], &[false, true], 60.0), [20.0, 40.0]);
        let narrow = share_out(&[200.0, 40.0, 60.0], &[false, false, true], 180.0);
        assert_eq!(narrow, [80.0, 40.0, 60.0]);
        assert!(share_out(&[200.0, 300.0], &[true, true], 100.0).iter().sum::<f64>() <= 100.1);
    }
}
