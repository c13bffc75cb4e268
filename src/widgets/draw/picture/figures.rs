//! Key figures and sparklines.

use super::{
    super::{
        figure::{change_class, status_of, target_text},
        numbers::Numbers,
        scale::float,
    },
    pen::{Anchor, Area, Pen, Type},
    plots::path,
    rounds::Fact,
};
use crate::{
    metrics::{Comparison, MetricAnswer, Point, ValueFormat},
    widgets::settings::{Color, KpiSettings, SparklineSettings},
};
use rust_decimal::Decimal;

pub(super) fn kpi(
    pen: &mut Pen,
    area: Area,
    answer: &MetricAnswer,
    settings: &KpiSettings,
    comparison: Option<Comparison>,
    value: Decimal,
) {
    let numbers = Numbers::of(answer, &settings.figure);
    let target = settings.target.or(answer.target);
    let compared = comparison.and(answer.comparison_value);
    number(pen, (area.x, area.y + 26.0), area.w, 28.0, &numbers, value);
    let mut facts: Vec<Fact> = Vec::new();
    if let Some(standing) = status_of(answer, settings.limits) {
        facts.push(Fact::Chip(standing.class, standing.text()));
    }
    if let Some((order, text)) = compared.and_then(|before| numbers.change(value, before)) {
        facts.push(Fact::Chip(change_class(order, answer.direction).0, text));
    }
    match (target, compared) {
        (Some(target), _) => facts.push(Fact::Words(target_text(answer, &numbers, target))),
        (None, Some(before)) => facts.push(Fact::Words(format!("{} before", numbers.short(before)))),
        (None, None) if answer.count > 0 && answer.format != ValueFormat::Number => {
            facts.push(Fact::Words(answer.counted.clone()));
        }
        (None, None) => {}
    }
    let mut bottom = area.y + 34.0;
    let (mut x, mut y) = (area.x, area.y + 49.0);
    for fact in &facts {
        if x > area.x && x + fact.width() > area.right() {
            (x, y) = (area.x, y + 22.0);
            if y > area.y + 76.0 {
                break;
            }
        }
        fact.draw(pen, x, y, area.right() - x);
        x += fact.width() + 8.0;
        bottom = y + 11.0;
    }
    let points = answer.series.first().map(|s| s.points.as_slice()).unwrap_or_default();
    let room = area.bottom() - bottom - 4.0;
    let color = settings.figure.color.unwrap_or_default();
    if settings.sparkline && points.iter().filter(|p| p.value.is_some()).count() > 1 {
        if room >= 10.0 {
            let h = room.min(46.0);
            course(pen, Area::new(area.x, area.bottom() - h, area.w, h), points, color);
        }
    } else if let Some(target) = target.filter(|t| *t > Decimal::ZERO && room >= 10.0) {
        let share = (float(value) / float(target)).clamp(0.0, 1.0);
        let meter = Area::new(area.x, area.bottom() - 8.0, area.w, 8.0);
        pen.rect(meter, 4.0, pen.theme.sunken);
        let color = pen.theme.class(color.class());
        pen.rect(Area { w: meter.w * share, ..meter }, 4.0, color);
    }
}

pub(super) fn sparkline(
    pen: &mut Pen,
    area: Area,
    answer: &MetricAnswer,
    settings: &SparklineSettings,
    comparison: Option<Comparison>,
    value: Decimal,
) {
    let numbers = Numbers::of(answer, &settings.figure);
    let points = answer.series.first().map(|s| s.points.as_slice()).unwrap_or_default();
    let change = comparison.and(answer.comparison_value).and_then(|before| numbers.change(value, before));
    let flat = area.h <= 60.0;
    let (text, line, size, base) = if flat {
        let line = Area::new(area.x + area.w * 0.62, area.y, area.w * 0.38, area.h - 2.0);
        (area.w * 0.58, line, 20.0, area.y + area.h / 2.0 + 7.0)
    } else {
        (area.w, area.cut(40.0, 0.0), 28.0, area.y + 26.0)
    };
    let mut w = number(pen, (area.x, base), text, size, &numbers, value);
    let status = status_of(answer, settings.limits).map(|s| Fact::Chip(s.class, s.text()));
    let change = change.map(|(order, words)| Fact::Chip(change_class(order, answer.direction).0, words));
    for chip in status.into_iter().chain(change) {
        if w + 8.0 + chip.width() <= text {
            chip.draw(pen, area.x + w + 8.0, base - size * 0.32, text);
            w += 8.0 + chip.width();
        }
    }
    course(pen, line, points, settings.figure.color.unwrap_or_default());
}

/// The number, large, with its unit in small; smaller where it would not fit. Gives its width.
fn number(pen: &mut Pen, (x, y): (f64, f64), most: f64, size: f64, numbers: &Numbers<'_>, value: Decimal) -> f64 {
    let (large, small) = numbers.split(value);
    let unit = size * 15.0 / 28.0;
    let (ink, grey) = (pen.theme.ink, pen.theme.ink_3);
    let wide = |k: f64| {
        let gap = if small.is_empty() { 0.0 } else { 5.0 };
        (Type::bold(size * k, ink).width(&large), Type::new(unit * k, grey).width(&small) + gap)
    };
    let (a, b) = wide(1.0);
    let k = (most / (a + b)).min(1.0);
    let (a, b) = wide(k);
    pen.text((x, y), Type::bold(size * k, ink), Anchor::Start, &large);
    pen.text((x + a + 5.0, y), Type::new(unit * k, grey), Anchor::Start, &small);
    a + b
}

/// The course of a number, with no axes: from its lowest to its highest.
fn course(pen: &mut Pen, area: Area, points: &[Point], color: Color) {
    let values = || points.iter().filter_map(|p| p.value).map(float);
    let (low, high) = values().fold((f64::MAX, f64::MIN), |(l, h), v| (l.min(v), h.max(v)));
    if low > high {
        return;
    }
    let at = |v: Decimal| if high > low { 0.1 + 0.8 * (float(v) - low) / (high - low) } else { 0.5 };
    let n = points.len();
    let x = |i: usize| if n > 1 { area.x + i as f64 / (n - 1) as f64 * area.w } else { area.x + area.w / 2.0 };
    let line: Vec<(f64, f64)> = points
        .iter()
        .enumerate()
        .filter_map(|(i, p)| p.value.map(|v| (x(i), area.bottom() - area.h * at(v))))
        .collect();
    let color = pen.theme.class(color.class());
    match line.as_slice() {
        [] => {}
        [only] => pen.circle(*only, 4.0, color),
        [first, .., last] => {
            let (left, right, bottom) = (first.0, last.0, area.bottom());
            let path = path(&line);
            pen.shape(&format!("{path}L{right:.2} {bottom:.2}L{left:.2} {bottom:.2}Z"), color, 0.1);
            pen.stroke(&path, color, 1.75, "", 1.0);
        }
    }
}
