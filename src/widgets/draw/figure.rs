//! One number: key figures and sparklines, and the chips that say how it stands.

use super::{
    html::{Esc, Pct, ReadOut, put},
    no_data,
    numbers::Numbers,
    plot::{Chart, ZOOM_HINT, zoom_attributes},
    scale::float,
};
use crate::{
    format,
    metrics::{Comparison, Direction, MetricAnswer, Point, Status, ValueFormat},
    widgets::settings::{Figure, KpiSettings, Limits, SparklineSettings},
};
use charts_rs::{Line, Polygon, StraightLine};
use rust_decimal::Decimal;
use std::cmp::Ordering;

pub(super) fn kpi(answer: &MetricAnswer, settings: &KpiSettings, comparison: Option<Comparison>) -> String {
    let Some(value) = answer.value else { return no_data(answer) };
    let numbers = Numbers::of(answer, &settings.figure);
    let target = settings.target.or(answer.target);
    let mut out = String::with_capacity(4 * 1024);
    out.push_str("<div class=\"wb wb-kpi\">");
    number(&mut out, answer, &numbers, value, &settings.figure.common.title);
    out.push_str("<div class=\"wb-facts\">");
    chip_status(&mut out, status_of(answer, settings.limits));
    let compared = comparison.and(answer.comparison_value);
    if let Some(before) = compared {
        chip_change(&mut out, answer, &numbers, value, before);
    }
    match (target, compared) {
        (Some(target), _) => put!(out, "<span>{}</span>", Esc(&target_text(answer, &numbers, target))),
        (None, Some(before)) => put!(
            out,
            "<span title=\"{}, {}\">{} before</span>",
            Esc(&numbers.exact(before)),
            if comparison == Some(Comparison::YearBefore) { "a year before" } else { "in the period before" },
            Esc(&numbers.short(before))
        ),
        (None, None) if answer.count > 0 && answer.format != ValueFormat::Number => {
            put!(out, "<span>{}</span>", Esc(&answer.counted));
        }
        (None, None) => {}
    }
    out.push_str("</div>");
    let points = answer.series.first().map(|s| s.points.as_slice()).unwrap_or_default();
    if settings.sparkline && points.iter().filter(|p| p.value.is_some()).count() > 1 {
        course(&mut out, answer, &numbers, points, &settings.figure);
    } else if let Some(target) = target.filter(|t| *t > Decimal::ZERO) {
        // Without a course, how far the number has come towards its target.
        let share = (float(value) / float(target)).clamp(0.0, 1.0);
        let color = settings.figure.color.unwrap_or_default().class();
        put!(out, "<div class=\"wb-meter\"><i class=\"{color}\" style=\"width:{}\"></i></div>", Pct(share));
    }
    out.push_str("</div>");
    out
}

pub(super) fn sparkline(answer: &MetricAnswer, settings: &SparklineSettings, comparison: Option<Comparison>) -> String {
    let points = answer.series.first().map(|s| s.points.as_slice()).unwrap_or_default();
    let last = points.iter().rev().find_map(|p| p.value);
    let Some(value) = answer.value.or(last) else { return no_data(answer) };
    let numbers = Numbers::of(answer, &settings.figure);
    let mut out = String::with_capacity(3 * 1024);
    out.push_str("<div class=\"wb wb-sparkline\">");
    if !points.is_empty() {
        out.push_str("<div class=\"wb-head\">");
        Chart::of(answer, &settings.figure, comparison).table_view(&mut out);
        out.push_str("</div>");
    }
    out.push_str("<div class=\"wb-spark-text\">");
    number(&mut out, answer, &numbers, value, &settings.figure.common.title);
    chip_status(&mut out, status_of(answer, settings.limits));
    if let Some(before) = comparison.and(answer.comparison_value) {
        chip_change(&mut out, answer, &numbers, value, before);
    }
    out.push_str("</div>");
    course(&mut out, answer, &numbers, points, &settings.figure);
    out.push_str("</div>");
    out
}

/// The number, large and short; every digit for whoever listens, points at it or copies the page's text.
fn number(out: &mut String, answer: &MetricAnswer, numbers: &Numbers<'_>, value: Decimal, title: &Option<String>) {
    let (large, small) = numbers.split(value);
    let exact = numbers.exact(value);
    let label = title.as_deref().unwrap_or(&answer.name);
    // How wide it is, in characters of its large part: the style sheet makes it fit.
    let small_width = if small.is_empty() { 0 } else { small.chars().count() + 1 };
    let width = large.chars().count() as f32 + small_width as f32 * 0.54;
    put!(out, "<p class=\"wb-number wb-hit\" style=\"--ch:{width:.1}\"");
    ReadOut { label, lines: &exact, note: "" }.attributes(out, true);
    put!(out, "><data value=\"{}\">{}", value.normalize(), Esc(&large));
    if !small.is_empty() {
        put!(out, "<small> {}</small>", Esc(&small));
    }
    put!(out, "</data><span class=\"wb-sr\"> ({})</span></p>", Esc(&exact));
}

/// The course of a number, with no axes: from its lowest to its highest.
fn course(out: &mut String, answer: &MetricAnswer, numbers: &Numbers<'_>, points: &[Point], figure: &Figure) {
    let color = figure.color.unwrap_or_default();
    let values = || points.iter().filter_map(|p| p.value).map(float);
    let (low, high) = values().fold((f64::MAX, f64::MIN), |(l, h), v| (l.min(v), h.max(v)));
    if low > high {
        return;
    }
    // A tenth of the height stays free above and below, so that the line is never cut.
    let at = |v: Decimal| if high > low { 0.1 + 0.8 * (float(v) - low) / (high - low) } else { 0.5 };
    let n = points.len();
    let x = |i: usize| if n > 1 { i as f32 / (n - 1) as f32 * 1000.0 } else { 500.0 };
    let line: Vec<charts_rs::Point> = points
        .iter()
        .enumerate()
        .filter_map(|(i, p)| p.value.map(|v| (x(i), 100.0 * (1.0 - at(v)) as f32).into()))
        .collect();
    put!(
        out,
        "<div class=\"wb-course\"><svg class=\"wb-marks\" viewBox=\"0 0 1000 100\" preserveAspectRatio=\"none\" \
         role=\"img\" aria-label=\"Course of {} in {}\">",
        Esc(&answer.name),
        format::count(n as i64, "step", "steps")
    );
    if let [only] = line.as_slice() {
        let dot = Line { color: None, left: only.x, right: only.x, top: only.y, bottom: only.y, ..Default::default() };
        out.push_str(&dot.svg().replacen("<line", &format!("<line class=\"dot line {}\"", color.class()), 1));
    } else if let (Some(first), Some(last)) = (line.first().copied(), line.last().copied()) {
        let mut area = line.clone();
        area.push((last.x, 100.0).into());
        area.push((first.x, 100.0).into());
        let class = Some(format!("fill {}", color.class()));
        out.push_str(&Polygon { points: area, class, ..Default::default() }.svg());
        let class = Some(format!("line {}", color.class()));
        out.push_str(&StraightLine { points: line, symbol: None, class, ..Default::default() }.svg());
    }
    out.push_str("</svg>");
    if n <= 120 {
        // The first and the last stand on the edges, so their areas reach half a step past them.
        let steps = n.saturating_sub(1).max(1);
        put!(
            out,
            "<div class=\"wb-hits edge\" style=\"--n:{steps}\" role=\"group\" aria-label=\"Course; arrow keys move\""
        );
        let zooms = zoom_attributes(out, answer, points, figure.common.range.is_some());
        out.push('>');
        for (i, point) in points.iter().enumerate() {
            let exact = point.value.map_or_else(|| "no value".into(), |v| numbers.exact(v));
            out.push_str("<span class=\"wb-hit\"");
            if zooms && i == 0 {
                out.push_str(ZOOM_HINT);
            }
            ReadOut { label: &point.label, lines: &exact, note: "" }.attributes(out, i == 0);
            out.push('>');
            if let Some(value) = point.value {
                put!(out, "<i class=\"{}\" style=\"bottom:{}\"></i>", color.class(), Pct(at(value)));
            }
            out.push_str("</span>");
        }
        out.push_str("</div>");
    }
    out.push_str("</div>");
}

/// "▲ 8.4 %", green or red by whether the change is good for this metric.
pub(super) fn chip_change(
    out: &mut String,
    answer: &MetricAnswer,
    numbers: &Numbers<'_>,
    value: Decimal,
    before: Decimal,
) {
    let Some((order, text)) = numbers.change(value, before) else { return };
    let (class, spoken) = change_class(order, answer.direction);
    put!(out, "<span class=\"wb-chip {class}\">{}<span class=\"wb-sr\"> {spoken}</span></span>", Esc(&text));
}

/// Whether a change is good for a metric of this direction: the class of its colour, and the word for it.
pub(super) fn change_class(order: Ordering, direction: Direction) -> (&'static str, &'static str) {
    match (order, direction) {
        (Ordering::Equal, _) => ("plain", "unchanged"),
        (_, Direction::Neutral) => ("plain", "changed"),
        (Ordering::Greater, Direction::HigherIsBetter) | (Ordering::Less, Direction::LowerIsBetter) => {
            ("good", "better")
        }
        _ => ("bad", "worse"),
    }
}

/// A status worth a chip: its colour class, and its shape and words.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Standing {
    pub class: &'static str,
    pub shape: &'static str,
    pub word: &'static str,
}

impl Standing {
    pub(super) fn text(self) -> String {
        format!("{} {}", self.shape, self.word)
    }
}

/// How the value stands against the widget's own limits, or else as the engine judged it.
pub(super) fn status_of(answer: &MetricAnswer, limits: Limits) -> Option<Standing> {
    match limits {
        Limits { warning: None, critical: None } => shown(answer.status),
        limits => standing(answer, answer.value, limits),
    }
}

/// How one of several values stands against the widget's limits.
pub(super) fn standing(answer: &MetricAnswer, value: Option<Decimal>, limits: Limits) -> Option<Standing> {
    shown(answer.direction.status(value, limits.warning, limits.critical))
}

fn shown(status: Status) -> Option<Standing> {
    match status {
        Status::Normal => None,
        Status::Warning => Some(Standing { class: "warning", shape: "◆", word: "Warning" }),
        Status::Critical => Some(Standing { class: "critical", shape: "!", word: "Critical" }),
    }
}

pub(super) fn chip_status(out: &mut String, standing: Option<Standing>) {
    if let Some(Standing { class, shape, word }) = standing {
        put!(out, "<span class=\"wb-chip {class}\">{shape} {word}</span>");
    }
}

/// "target $8.00 M reached", "82 % of target $8.00 M", "within the limit of $5.00 M".
pub(super) fn target_text(answer: &MetricAnswer, numbers: &Numbers<'_>, target: Decimal) -> String {
    let Some(value) = answer.value else { return format!("target {}", numbers.mark(target)) };
    let short = numbers.mark(target);
    if answer.direction == Direction::LowerIsBetter {
        return if value <= target { format!("within target {short}") } else { format!("above target {short}") };
    }
    if value >= target {
        return format!("target {short} reached");
    }
    let share = value.checked_div(target).and_then(|s| s.checked_mul(Decimal::ONE_HUNDRED));
    match share.filter(|s| target > Decimal::ZERO && *s > Decimal::ZERO) {
        // Rounded down: 99.96 % is not yet "100 %".
        Some(share) => format!("{} of target {short}", format::percent(share.floor(), 0)),
        None => format!("target {short} not reached"),
    }
}
