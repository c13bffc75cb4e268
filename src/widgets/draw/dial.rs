//! Gauges and progress rings: one number on an arc.

use super::{
    donut::sector,
    figure::{chip_status, standing, status_of, target_text},
    html::{Esc, ReadOut, put},
    no_data,
    numbers::Numbers,
    plot::{TABLE_VIEW_CLOSE, table_view_open},
    scale::{Scale, float},
};
use crate::{
    metrics::{Comparison, Direction, MetricAnswer, ValueFormat},
    widgets::settings::{GaugeSettings, Limits, RingSettings},
};
use charts_rs::Line;
use rust_decimal::Decimal;

/// The half circle goes from nine o'clock to three o'clock; charts-rs counts from twelve.
const START: f64 = -90.0;
const SWEEP: f64 = 180.0;

pub(super) fn gauge(answer: &MetricAnswer, settings: &GaugeSettings, comparison: Option<Comparison>) -> String {
    let Some(value) = answer.value else { return no_data(answer) };
    let numbers = Numbers::of(answer, &settings.figure);
    let target = settings.target.or(answer.target);
    let limits = settings.limits;
    let (min, max) = ends(value, target, answer, settings);
    let at = |v: Decimal| ((float(v) - float(min)) / (float(max) - float(min))).clamp(0.0, 1.0);
    let status = status_of(answer, limits);
    let mut out = String::with_capacity(3 * 1024);
    out.push_str("<figure class=\"wb wb-chart wb-gauge\"><div class=\"wb-head\">");
    let exact = |number: Option<Decimal>| number.map(|number| numbers.exact(number));
    let [warning, critical] = limit_labels(answer);
    let marks = [
        ("Value", exact(Some(value))),
        ("Before", exact(answer.comparison_value)),
        ("Target", exact(target)),
        (warning.as_str(), exact(limits.warning)),
        (critical.as_str(), exact(limits.critical)),
        ("Lower end", exact(Some(min))),
        ("Upper end", exact(Some(max))),
    ];
    marks_table(&mut out, answer, &marks);
    out.push_str("</div><div class=\"wb-dial\">");
    let spoken = target.map(|t| target_text(answer, &numbers, t)).unwrap_or_default();
    let range = format!("{} to {}", numbers.mark(min), numbers.mark(max));
    out.push_str("<svg viewBox=\"0 0 120 66\" preserveAspectRatio=\"xMidYMax meet\" class=\"wb-hit\"");
    let note = if spoken.is_empty() { format!("on a scale of {range}") } else { spoken.clone() };
    ReadOut { label: &answer.name, lines: &numbers.exact(value), note: &note }.attributes(&mut out, true);
    out.push('>');
    out.push_str(&sector(60.0, 57.0, 45.5, START, SWEEP, false, "track"));
    for (from, to, class) in zones(limits, answer.direction, min, max) {
        out.push_str(&sector(60.0, 43.5, 41.2, START + SWEEP * at(from), SWEEP * (at(to) - at(from)), false, class));
    }
    let color = match status.map(|s| s.class) {
        Some(class) => class,
        None => settings.figure.color.unwrap_or_default().class(),
    };
    // From zero, or from the end that is nearer to it: a negative value grows to the left.
    let zero = at(Decimal::ZERO.clamp(min, max));
    let (from, to) = if at(value) < zero { (at(value), zero) } else { (zero, at(value)) };
    if to > from {
        out.push_str(&sector(60.0, 57.0, 45.5, START + SWEEP * from, SWEEP * (to - from), false, color));
    }
    if let Some(target) = target {
        out.push_str(&spoke(at(target), 43.0, 59.5, "mark"));
    }
    let short = numbers.short(value);
    put!(
        out,
        "</svg><div class=\"wb-dial-value\"><b style=\"--ch:{}\">{}</b></div><div class=\"wb-ends\" aria-hidden=\"true\"><span>{}</span><span>{}</span></div></div>",
        short.chars().count(),
        Esc(&short),
        Esc(&numbers.mark(min)),
        Esc(&numbers.mark(max))
    );
    out.push_str("<div class=\"wb-facts\">");
    chip_status(&mut out, status);
    if let (Some(before), Some(_)) = (answer.comparison_value, comparison) {
        super::figure::chip_change(&mut out, answer, &numbers, value, before);
    }
    if !spoken.is_empty() {
        put!(out, "<span>{}</span>", Esc(&spoken));
    }
    out.push_str("</div></figure>");
    out
}

/// The ends of the scale: as set, or 0 to 100 for percentages, or a round number with room for every mark.
pub(super) fn ends(
    value: Decimal,
    target: Option<Decimal>,
    answer: &MetricAnswer,
    settings: &GaugeSettings,
) -> (Decimal, Decimal) {
    let percentage = answer.format == ValueFormat::Percentage;
    let marks = [Some(value), target, settings.limits.warning, settings.limits.critical];
    let (low, high) = Scale::ends(marks.into_iter().flatten(), 4);
    let min = settings.min.unwrap_or(low);
    let max = settings.max.unwrap_or(if percentage { high.max(Decimal::ONE_HUNDRED) } else { high });
    if max > min { (min, max) } else { (min, min + Decimal::ONE) }
}

/// Where the scale is a warning and where critical.
pub(super) fn zones(
    limits: Limits,
    direction: Direction,
    min: Decimal,
    max: Decimal,
) -> impl Iterator<Item = (Decimal, Decimal, &'static str)> {
    let higher_is_worse = direction != Direction::HigherIsBetter;
    let mut zones = [None, None];
    if higher_is_worse {
        let critical = limits.critical.unwrap_or(max);
        zones[0] = limits.warning.map(|from| (from, critical.max(from), "warning"));
        zones[1] = limits.critical.map(|from| (from, max.max(from), "critical"));
    } else {
        let critical = limits.critical.unwrap_or(min);
        zones[0] = limits.warning.map(|to| (critical.min(to), to, "warning"));
        zones[1] = limits.critical.map(|to| (min.min(to), to, "critical"));
    }
    zones.into_iter().flatten()
}

/// A line across the arc. `at` runs from 0 at the left end to 1 at the right.
fn spoke(at: f64, inner: f32, outer: f32, class: &str) -> String {
    let angle = (std::f64::consts::PI * (1.0 - at)) as f32;
    let place = |r: f32| (60.0 + r * angle.cos(), 60.0 - r * angle.sin());
    let ((left, top), (right, bottom)) = (place(inner), place(outer));
    let line = Line { color: None, left, top, right, bottom, ..Default::default() }.svg();
    line.replacen("<line", &format!("<line class=\"{class}\""), 1)
}

/// "Warning at or below", "Critical at or below".
fn limit_labels(answer: &MetricAnswer) -> [String; 2] {
    ["Warning", "Critical"].map(|name| format!("{name} {}", answer.direction.reached()))
}

/// What stands on the dial, as a table behind a button.
fn marks_table(out: &mut String, answer: &MetricAnswer, marks: &[(&str, Option<String>)]) {
    table_view_open(out, &answer.name);
    out.push_str("<tbody>");
    for (label, text) in marks {
        if let Some(text) = text {
            put!(out, "<tr><th scope=\"row\">{label}</th><td class=\"num\">{}</td></tr>", Esc(text));
        }
    }
    out.push_str(TABLE_VIEW_CLOSE);
}

pub(super) const NO_TARGET: (&str, &str) =
    ("No target yet", "A progress ring needs a target: give this widget one, or the metric itself.");

/// What counts as the whole ring.
pub(super) fn goal(answer: &MetricAnswer, settings: &RingSettings) -> Option<Decimal> {
    let percentage = answer.format == ValueFormat::Percentage;
    let own = settings.target.or(answer.target.filter(|t| *t > Decimal::ZERO));
    own.or(percentage.then_some(Decimal::ONE_HUNDRED))
}

pub(super) fn ring(answer: &MetricAnswer, settings: &RingSettings) -> String {
    let Some(value) = answer.value else { return no_data(answer) };
    let numbers = Numbers::of(answer, &settings.figure);
    let Some(whole) = goal(answer, settings) else {
        return super::html::empty(NO_TARGET.0, NO_TARGET.1, "");
    };
    // Only limits of its own: what the metric's are about, a ring has never shown.
    let status = standing(answer, Some(value), settings.limits);
    let share = value.checked_div(whole).unwrap_or_default();
    let percent = crate::format::percent(share * Decimal::ONE_HUNDRED, settings.figure.decimals.unwrap_or(0));
    let mut out = String::with_capacity(2 * 1024);
    out.push_str("<figure class=\"wb wb-chart wb-progress\"><div class=\"wb-head\">");
    let exact = |number: Option<Decimal>| number.map(|number| numbers.exact(number));
    let [warning, critical] = limit_labels(answer);
    let marks = [
        ("Value", exact(Some(value))),
        ("Target", exact(Some(whole))),
        ("Reached", Some(percent.clone())),
        (warning.as_str(), exact(settings.limits.warning)),
        (critical.as_str(), exact(settings.limits.critical)),
    ];
    marks_table(&mut out, answer, &marks);
    out.push_str("</div><div class=\"wb-ring-box\"><svg viewBox=\"0 0 120 120\" class=\"wb-hit\"");
    let note = format!("{percent} of {}", numbers.exact(whole));
    ReadOut { label: &answer.name, lines: &numbers.exact(value), note: &note }.attributes(&mut out, true);
    out.push('>');
    out.push_str(&sector(60.0, 56.0, 45.0, 0.0, 360.0, false, "track"));
    let swept = 360.0 * float(share).clamp(0.0, 1.0);
    if swept > 0.0 {
        let color = status.map_or(settings.figure.color.unwrap_or_default().class(), |s| s.class);
        // Round ends reach past their angles by half the ring's width: 6.2 degrees.
        let (start, swept, round) =
            if swept > 14.0 && swept < 350.0 { (6.2, swept - 12.4, true) } else { (0.0, swept, false) };
        out.push_str(&sector(60.0, 56.0, 45.0, start, swept, round, color));
    }
    let width = percent.chars().count();
    put!(out, "</svg><div class=\"wb-center\"><b style=\"--ch:{width}\">{percent}</b>");
    if share >= Decimal::ONE {
        out.push_str("<span class=\"done\">✓ reached</span>");
    }
    out.push_str("</div></div><div class=\"wb-facts\">");
    chip_status(&mut out, status);
    put!(out, "<span>{} of {}</span></div></figure>", Esc(&numbers.short(value)), Esc(&numbers.mark(whole)));
    out
}
