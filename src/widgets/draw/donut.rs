//! What a total is made of: a ring and the list of its slices.

use super::{
    html::{Esc, ReadOut, put},
    no_data,
    numbers::Numbers,
    plot::{TABLE_VIEW_CLOSE, dimension, table_view_open},
    scale::float,
};
use crate::{
    format,
    metrics::{MetricAnswer, Point},
    widgets::settings::{Color, DonutSettings},
};
use charts_rs::{Color as Paint, Fill, Sector};
use rust_decimal::Decimal;

/// Slices thinner than this, in degrees, would not be seen.
const MIN_ANGLE: f64 = 1.2;

pub(super) fn draw(answer: &MetricAnswer, settings: &DonutSettings) -> String {
    let numbers = Numbers::of(answer, &settings.figure);
    let slices = slices(answer);
    let whole = whole(&slices);
    if whole <= Decimal::ZERO {
        return no_data(answer);
    }
    let first = settings.figure.color.unwrap_or_default();
    let color = |i: usize, point: &Point| slice_class(first, i, point);
    let mut out = String::with_capacity(6 * 1024);
    out.push_str("<figure class=\"wb wb-chart wb-donut\"><div class=\"wb-head\">");
    table_view(&mut out, answer, &numbers, &slices, whole);
    let summary =
        slices.iter().take(5).map(|(p, v)| format!("{} {}", p.label, share(*v, whole))).collect::<Vec<_>>().join(", ");
    put!(
        out,
        "</div><div class=\"wb-ring-box\"><svg viewBox=\"0 0 120 120\" role=\"group\" aria-label=\"{}: {}\">",
        Esc(&answer.name),
        Esc(&summary)
    );
    let mut angle = 0.0;
    let mut first_hit = true;
    for (i, (point, value)) in slices.iter().enumerate() {
        if *value <= Decimal::ZERO {
            continue;
        }
        let delta = 360.0 * float(*value) / float(whole);
        let note = format!("{} of {}", share(*value, whole), numbers.short(whole));
        out.push_str("<g class=\"wb-hit\"");
        ReadOut { label: &point.label, lines: &numbers.exact(*value), note: &note }.attributes(&mut out, first_hit);
        first_hit = false;
        put!(out, ">{}</g>", sector(60.0, 57.0, 38.0, angle, delta.max(MIN_ANGLE), false, color(i, point)));
        angle += delta;
    }
    let total = answer.value.unwrap_or(whole);
    let short = numbers.short(total);
    put!(
        out,
        "</svg><div class=\"wb-center\"><b style=\"--ch:{}\" title=\"{}\">{}</b><span>{}</span></div></div>",
        short.chars().count(),
        Esc(&numbers.exact(total)),
        Esc(&short),
        format::count(slices.len() as i64, "part", "parts")
    );
    list(&mut out, answer, &numbers, &slices, whole, color);
    if let Some(note) = note(&slices) {
        put!(out, "<p class=\"wb-note\">{note}</p>");
    }
    out.push_str("</figure>");
    out
}

/// The parts that have a value.
pub(super) fn slices(answer: &MetricAnswer) -> Vec<(&Point, Decimal)> {
    let points = answer.series.first().map(|s| s.points.as_slice()).unwrap_or_default();
    points.iter().filter_map(|p| p.value.map(|v| (p, v))).collect()
}

/// A ring can only be shared by amounts above zero; others are listed, and a line says so.
pub(super) fn whole(slices: &[(&Point, Decimal)]) -> Decimal {
    slices.iter().map(|(_, v)| *v).filter(|v| *v > Decimal::ZERO).sum()
}

/// "2 negative amounts are listed, not drawn."
pub(super) fn note(slices: &[(&Point, Decimal)]) -> Option<String> {
    let left_out = slices.iter().filter(|(_, v)| *v < Decimal::ZERO).count();
    let amounts = format::count(left_out as i64, "negative amount is", "negative amounts are");
    (left_out > 0).then(|| format!("{amounts} listed, not drawn."))
}

/// The engine's "Other" is everything else, and grey like it.
pub(super) fn slice_class(first: Color, i: usize, point: &Point) -> &'static str {
    if i >= 6 || (point.label == "Other" && i > 0) { "rest" } else { first.step(i).class() }
}

/// A part of a ring around the middle of a drawing of 120 by 120, coloured by class.
pub(super) fn sector(c: f32, r: f32, ir: f32, start: f64, delta: f64, round_cap: bool, class: &str) -> String {
    Sector {
        // The class decides; charts-rs knows literal colours only.
        fill: Fill::Solid(Paint::black()),
        cx: c,
        cy: c,
        r,
        ir,
        start_angle: start as f32,
        delta: delta.min(360.0) as f32,
        round_cap,
        class: Some(class.to_owned()),
        ..Default::default()
    }
    .svg()
}

fn list(
    out: &mut String,
    answer: &MetricAnswer,
    numbers: &Numbers<'_>,
    slices: &[(&Point, Decimal)],
    whole: Decimal,
    color: impl Fn(usize, &Point) -> &'static str,
) {
    put!(
        out,
        "<div class=\"wb-list\" tabindex=\"0\" role=\"region\" aria-label=\"{}, parts\"><table class=\"wb-table\"><tbody>",
        Esc(&answer.name)
    );
    for (i, (point, value)) in slices.iter().enumerate() {
        put!(
            out,
            "<tr><th scope=\"row\"><span class=\"wb-key\" title=\"{1}\"><i class=\"{0}\"></i><span>{1}</span></span></th>\
             <td class=\"num\">{2}</td><td class=\"num wb-share\">{3}</td></tr>",
            color(i, point),
            Esc(&point.label),
            Esc(&numbers.short(*value)),
            share(*value, whole)
        );
    }
    out.push_str("</tbody></table></div>");
}

fn table_view(
    out: &mut String,
    answer: &MetricAnswer,
    numbers: &Numbers<'_>,
    slices: &[(&Point, Decimal)],
    whole: Decimal,
) {
    table_view_open(out, &answer.name);
    put!(
        out,
        "<thead><tr><th scope=\"col\">{}</th><th scope=\"col\" class=\"num\">Amount</th>\
         <th scope=\"col\" class=\"num\">Share</th></tr></thead><tbody>",
        dimension(answer)
    );
    for (point, value) in slices {
        put!(
            out,
            "<tr><th scope=\"row\">{}</th><td class=\"num\">{}</td><td class=\"num\">{}</td></tr>",
            Esc(&point.label),
            Esc(&numbers.exact(*value)),
            share(*value, whole)
        );
    }
    out.push_str(TABLE_VIEW_CLOSE);
}

/// A dash for amounts that are no part of the ring.
pub(super) fn share(value: Decimal, whole: Decimal) -> String {
    match value.checked_mul(Decimal::ONE_HUNDRED).and_then(|v| v.checked_div(whole)) {
        Some(percent) if value >= Decimal::ZERO => format::share(percent),
        _ => "–".into(),
    }
}
