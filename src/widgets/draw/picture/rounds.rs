//! Donuts, gauges and progress rings.

use super::{
    super::{
        dial, donut,
        figure::{change_class, status_of, target_text},
        numbers::Numbers,
        scale::float,
    },
    font::Weight,
    pen::{Anchor, Area, N, Pen, Type},
    plots::rows_that_fit,
};
use crate::{
    format,
    metrics::{Comparison, MetricAnswer},
    widgets::settings::{DonutSettings, GaugeSettings, RingSettings},
};
use rust_decimal::Decimal;

/// A part of a ring; angles in degrees from twelve o'clock, clockwise.
fn sector((cx, cy): (f64, f64), outer: f64, inner: f64, start: f64, sweep: f64) -> String {
    let place = |r: f64, degrees: f64| {
        let angle = (degrees - 90.0).to_radians();
        format!("{} {}", N(cx + r * angle.cos()), N(cy + r * angle.sin()))
    };
    let (outer_n, inner_n) = (N(outer), N(inner));
    if sweep >= 359.99 {
        // A whole ring is two halves: an arc that ends where it begins is none.
        return format!(
            "M{}A{outer_n} {outer_n} 0 1 1 {}A{outer_n} {outer_n} 0 1 1 {}Z\
             M{}A{inner_n} {inner_n} 0 1 0 {}A{inner_n} {inner_n} 0 1 0 {}Z",
            place(outer, 0.0),
            place(outer, 180.0),
            place(outer, 360.0),
            place(inner, 0.0),
            place(inner, 180.0),
            place(inner, 360.0)
        );
    }
    let (end, large) = (start + sweep, u8::from(sweep > 180.0));
    format!(
        "M{}A{outer_n} {outer_n} 0 {large} 1 {}L{}A{inner_n} {inner_n} 0 {large} 0 {}Z",
        place(outer, start),
        place(outer, end),
        place(inner, end),
        place(inner, start)
    )
}

pub(super) fn donut(pen: &mut Pen, area: Area, answer: &MetricAnswer, settings: &DonutSettings) {
    let numbers = Numbers::of(answer, &settings.figure);
    let slices = donut::slices(answer);
    let whole = donut::whole(&slices);
    let first = settings.figure.color.unwrap_or_default();
    let area = match donut::note(&slices) {
        Some(note) => {
            let quiet = Type::new(12.0, pen.theme.ink_3);
            pen.text_within((area.x, area.bottom() - 3.0), area.w, quiet, Anchor::Start, &note);
            area.cut(0.0, 18.0)
        }
        None => area,
    };
    let (row, share) = (24.0, 62.0);
    let body = Type::new(13.0, pen.theme.ink);
    let amounts = slices.iter().map(|(_, v)| body.width(&numbers.short(*v))).fold(0.0, f64::max);
    let names = slices.iter().map(|(point, _)| body.width(&point.label)).fold(0.0, f64::max);
    let (needed, rows) = (names + 31.0 + amounts + share, row * slices.len() as f64 + 2.0);
    // The list stands beside the ring, unless its names have room only below.
    let wide = area.w >= 460.0 && (needed <= area.w * 0.6 || area.h < rows + 126.0);
    let (ring, list) = if wide {
        let list = needed.clamp(area.w * 0.52, area.w * 0.6);
        let left = area.w * 0.96 - list;
        (Area { w: left, ..area }, Some(Area::new(area.right() - list, area.y, list, area.h)))
    } else if area.h < 190.0 {
        (area, None)
    } else {
        // Every part has its row, as long as the ring can be told.
        let list = rows.min((area.h - 118.0).max(area.h * 0.44));
        (area.cut(0.0, list + 8.0), Some(area.cut(area.h - list, 0.0)))
    };
    let (x, y) = ring.middle();
    let unit = ring.w.min(ring.h) / 120.0;
    let mut angle = 0.0;
    for (i, (point, value)) in slices.iter().enumerate().filter(|(_, (_, v))| *v > Decimal::ZERO) {
        let sweep = 360.0 * float(*value) / float(whole);
        let color = pen.theme.class(donut::slice_class(first, i, point));
        let path = sector((x, y), 57.0 * unit, 38.0 * unit, angle, sweep.max(1.2));
        pen.shape(&path, color, 1.0);
        if sweep < 359.9 {
            let surface = pen.theme.surface;
            pen.stroke(&path, surface, 1.4, "", 1.0);
        }
        angle += sweep;
    }
    let total = answer.value.unwrap_or(whole);
    let size = if ring.h < 150.0 { 13.0 } else { 18.0 };
    let how = Type::bold(size, pen.theme.ink);
    pen.text((x, y + size * 0.2), how, Anchor::Middle, &numbers.short(total));
    if ring.h >= 110.0 {
        let parts = format::count(slices.len() as i64, "part", "parts");
        pen.text((x, y + size * 0.2 + 16.0), Type::new(11.5, pen.theme.ink_3), Anchor::Middle, &parts);
    }
    let Some(list) = list else { return };
    let (shown, list) = rows_that_fit(pen, list, slices.len(), row);
    let top = if wide { list.y + (list.h - row * shown as f64) / 2.0 } else { list.y };
    let with_share = wide || list.w >= 260.0;
    let share = if with_share { share } else { 0.0 };
    for (i, (point, value)) in slices.iter().take(shown).enumerate() {
        let y = top + row * i as f64;
        let base = y + row / 2.0 + 4.6;
        let color = pen.theme.class(donut::slice_class(first, i, point));
        pen.rect(Area::new(list.x, y + row / 2.0 - 4.5, 9.0, 9.0), 3.0, color);
        pen.text_within((list.x + 16.0, base), list.w - 30.0 - amounts - share, body, Anchor::Start, &point.label);
        pen.text((list.right() - share, base), body, Anchor::End, &numbers.short(*value));
        if with_share {
            let how = Type::new(13.0, pen.theme.ink_3);
            pen.text((list.right(), base), how, Anchor::End, &donut::share(*value, whole));
        }
        if i + 1 < shown {
            let edge = (y + row).round() - 0.5;
            pen.line((list.x, edge), (list.right(), edge), pen.theme.line, 1.0, "");
        }
    }
}

pub(super) fn gauge(
    pen: &mut Pen,
    area: Area,
    answer: &MetricAnswer,
    settings: &GaugeSettings,
    comparison: Option<Comparison>,
    value: Decimal,
) {
    let numbers = Numbers::of(answer, &settings.figure);
    let target = settings.target.or(answer.target);
    let (min, max) = dial::ends(value, target, answer, settings);
    let at = |v: Decimal| ((float(v) - float(min)) / (float(max) - float(min))).clamp(0.0, 1.0);
    let status = status_of(answer, settings.limits);
    let small = area.h < 130.0;
    let facts = if small { 22.0 } else { 26.0 };
    let dial_area = area.cut(0.0, facts + 16.0);
    let unit = (dial_area.w / 120.0).min(dial_area.h / 62.0).min(3.2);
    let all = 62.0 * unit + 16.0 + facts;
    let top = area.y + (area.h - all) / 2.0;
    let center = (area.x + area.w / 2.0, top + 60.0 * unit);
    let half = |pen: &mut Pen, outer: f64, inner: f64, from: f64, to: f64, color: &str| {
        if to > from {
            pen.shape(
                &sector(center, outer * unit, inner * unit, -90.0 + 180.0 * from, 180.0 * (to - from)),
                color,
                1.0,
            );
        }
    };
    let track = pen.theme.track;
    half(pen, 57.0, 45.5, 0.0, 1.0, track);
    for (from, to, class) in dial::zones(settings.limits, answer.direction, min, max) {
        let color = pen.theme.class(class);
        half(pen, 43.5, 41.2, at(from), at(to), color);
    }
    let class = status.map_or(settings.figure.color.unwrap_or_default().class(), |s| s.class);
    let zero = at(Decimal::ZERO.clamp(min, max));
    let color = pen.theme.class(class);
    half(pen, 57.0, 45.5, at(value).min(zero), at(value).max(zero), color);
    if let Some(target) = target {
        let angle = std::f64::consts::PI * (1.0 - at(target));
        let place = |r: f64| (center.0 + r * unit * angle.cos(), center.1 - r * unit * angle.sin());
        pen.line(place(43.0), place(59.5), pen.theme.ink, 3.0, "");
    }
    let size = if area.h <= 130.0 {
        16.0
    } else if area.h <= 200.0 {
        20.0
    } else {
        26.0
    };
    pen.text((center.0, center.1 - 2.0), Type::bold(size, pen.theme.ink), Anchor::Middle, &numbers.short(value));
    let ends = Type::new(11.0, pen.theme.ink_3);
    pen.text((center.0 - 57.0 * unit, center.1 + 15.0), ends, Anchor::Start, &numbers.mark(min));
    pen.text((center.0 + 57.0 * unit, center.1 + 15.0), ends, Anchor::End, &numbers.mark(max));
    let mut line: Vec<Fact> = status.map(|s| Fact::Chip(s.class, s.text())).into_iter().collect();
    if let (Some(before), Some(_)) = (answer.comparison_value, comparison)
        && let Some((order, text)) = numbers.change(value, before)
    {
        line.push(Fact::Chip(change_class(order, answer.direction).0, text));
    }
    if let Some(target) = target.filter(|_| !small) {
        line.push(Fact::Words(target_text(answer, &numbers, target)));
    }
    centered(pen, Area::new(area.x, center.1 + 22.0, area.w, facts), line);
}

pub(super) enum Fact {
    Chip(&'static str, String),
    Words(String),
}

impl Fact {
    pub(super) fn width(&self) -> f64 {
        match self {
            Self::Chip(_, text) => super::font::width(text, 12.0, Weight::Semibold) + 14.0,
            Self::Words(text) => super::font::width(text, 12.5, Weight::Regular),
        }
    }

    pub(super) fn draw(&self, pen: &mut Pen, x: f64, middle: f64, most: f64) {
        match self {
            Self::Chip(class, text) => {
                pen.chip((x, middle), class, text);
            }
            Self::Words(text) => {
                let how = Type::new(12.5, pen.theme.ink_3);
                pen.text_within((x, middle + 4.4), most, how, Anchor::Start, text);
            }
        }
    }
}

/// Facts on one line around the middle; those that do not fit are left out, from the end.
fn centered(pen: &mut Pen, area: Area, mut facts: Vec<Fact>) {
    let all = |facts: &[Fact]| facts.iter().map(|f| f.width() + 8.0).sum::<f64>() - 8.0;
    while facts.len() > 1 && all(&facts) > area.w {
        facts.pop();
    }
    let mut x = area.x + (area.w - all(&facts).min(area.w)) / 2.0;
    for fact in facts {
        fact.draw(pen, x, area.y + area.h / 2.0, area.right() - x);
        x += fact.width() + 8.0;
    }
}

pub(super) fn ring(
    pen: &mut Pen,
    area: Area,
    answer: &MetricAnswer,
    settings: &RingSettings,
    (value, whole): (Decimal, Decimal),
) {
    let numbers = Numbers::of(answer, &settings.figure);
    let share = value.checked_div(whole).unwrap_or_default();
    let percent = format::percent(share * Decimal::ONE_HUNDRED, settings.figure.decimals.unwrap_or(0));
    let box_ = area.cut(0.0, 22.0);
    let unit = box_.w.min(box_.h) / 120.0;
    let (x, y) = box_.middle();
    let track = pen.theme.track;
    pen.shape(&sector((x, y), 56.0 * unit, 45.0 * unit, 0.0, 360.0), track, 1.0);
    let swept = 360.0 * float(share).clamp(0.0, 1.0);
    let color = pen.theme.class(settings.figure.color.unwrap_or_default().class());
    if swept > 0.0 {
        pen.shape(&sector((x, y), 56.0 * unit, 45.0 * unit, 0.0, swept), color, 1.0);
    }
    let size = if box_.h >= 150.0 {
        28.0
    } else if area.h < 110.0 {
        15.0
    } else {
        20.0
    };
    pen.text((x, y + size * 0.36), Type::bold(size, pen.theme.ink), Anchor::Middle, &percent);
    if share >= Decimal::ONE && area.h >= 110.0 {
        let how = Type::bold(11.5, pen.theme.good);
        pen.text((x, y + size * 0.36 + 16.0), how, Anchor::Middle, "✓ reached");
    }
    let text = format!("{} of {}", numbers.short(value), numbers.mark(whole));
    let how = Type::new(12.0, pen.theme.ink_3);
    pen.text_within((x, area.bottom() - 5.0), area.w, how, Anchor::Middle, &text);
}
