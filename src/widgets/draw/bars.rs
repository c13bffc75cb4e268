//! Bar charts, upright and lying.
//!
//! Bars are boxes of the page and not SVG: charts-rs rounds all four corners of a bar, and would stretch them
//! with the drawing; a bar stands square on its line and is round at its end.

use super::{
    figure::standing,
    html::{Esc, Pct, put},
    no_data,
    plot::{Chart, levels},
    scale::Scale,
};
use crate::{
    metrics::{Comparison, MetricAnswer, Point, ValueFormat},
    widgets::settings::{BarSettings, Bars, Limits},
};
use rust_decimal::Decimal;

pub(super) fn draw(answer: &MetricAnswer, settings: &BarSettings, comparison: Option<Comparison>, rows: u16) -> String {
    let chart = Chart::of(answer, &settings.figure, comparison);
    if chart.values().next().is_none() {
        return no_data(answer);
    }
    let upright = stand(answer, settings, chart.points());
    let whole = answer.format == ValueFormat::Number && chart.values().all(|v| v.fract().is_zero());
    let intervals = if upright { u32::from(rows.clamp(3, 6)) } else { 4 };
    let levels = levels(settings.target, settings.limits);
    let scale = Scale::fit(chart.values().chain(levels.iter().map(|l| l.value)), intervals, whole);
    let mut out = String::with_capacity(8 * 1024);
    if upright {
        out.push_str("<figure class=\"wb wb-chart wb-bars\">");
        chart.head(&mut out);
        chart.plot(&mut out, &scale, &levels, |_| {}, |out, i| column(out, &chart, &scale, i));
    } else {
        out.push_str("<figure class=\"wb wb-chart wb-lying\">");
        chart.head(&mut out);
        lying(&mut out, &chart, &scale, settings.limits);
    }
    out.push_str("</figure>");
    out
}

/// Whether bars stand upright or lie.
pub(super) fn stand(answer: &MetricAnswer, settings: &BarSettings, points: &[Point]) -> bool {
    match settings.bars {
        Bars::Upright => true,
        Bars::Lying => false,
        Bars::Auto => answer.grain.is_some() || few_short_names(points),
    }
}

/// Names that fit side by side under upright bars.
fn few_short_names(points: &[Point]) -> bool {
    points.len() <= 8 && points.iter().all(|p| p.label.chars().count() <= 14)
}

fn column(out: &mut String, chart: &Chart<'_>, scale: &Scale, i: usize) {
    for (s, series) in chart.series().iter().enumerate() {
        if !series.comparison.is_empty() {
            bar(out, "before", value(series.comparison.get(i)), scale, UPRIGHT);
        }
        bar(out, chart.color(s), value(series.points.get(i)), scale, UPRIGHT);
    }
}

fn value(point: Option<&Point>) -> Option<Decimal> {
    point.and_then(|p| p.value)
}

/// The sides that bars above and below zero are placed from, and the name of their length.
type Sides = (&'static str, &'static str, &'static str);
const UPRIGHT: Sides = ("bottom", "top", "height");
const LYING: Sides = ("left", "right", "width");

/// A bar is placed from the zero line, so that the least that is seen of it lies on its own side. Zero has none.
fn bar(out: &mut String, class: &str, value: Option<Decimal>, scale: &Scale, (above, below, length): Sides) {
    out.push_str("<b>");
    if let Some(value) = value.filter(|value| !value.is_zero()) {
        let (zero, end) = (scale.zero(), scale.at(value));
        let negative = value < Decimal::ZERO;
        let (sign, side, from) = if negative { (" neg", below, 1.0 - zero) } else { ("", above, zero) };
        let size = Pct((end - zero).abs());
        put!(out, "<i class=\"{class}{sign}\" style=\"{side}:{};{length}:{size}\"></i>", Pct(from));
    }
    out.push_str("</b>");
}

/// One line per name: the name, its bar, its value.
fn lying(out: &mut String, chart: &Chart<'_>, scale: &Scale, limits: Limits) {
    put!(
        out,
        "<div class=\"wb-rows\" style=\"--zero:{}\" role=\"group\" aria-label=\"{}\">",
        Pct(scale.zero()),
        Esc(&chart.summary())
    );
    for (i, point) in chart.points().iter().enumerate() {
        let values: Vec<(usize, Option<Decimal>)> =
            chart.series().iter().enumerate().map(|(s, series)| (s, value(series.points.get(i)))).collect();
        out.push_str("<div class=\"wb-row wb-hit\"");
        chart.read_out(out, i, point);
        put!(out, "><span class=\"name\" title=\"{0}\">{0}</span><span class=\"track\">", Esc(&point.label));
        for (s, series) in chart.series().iter().enumerate() {
            if let Some(before) = series.comparison.get(i) {
                bar(out, "before", before.value, scale, LYING);
            }
            bar(out, chart.color(s), values[s].1, scale, LYING);
        }
        out.push_str("</span><span class=\"value\">");
        for (n, (_, value)) in values.iter().enumerate() {
            let text = value.map_or_else(|| "no value".into(), |v| chart.numbers.short(v));
            put!(out, "{}", if n > 0 { "<br>" } else { "" });
            if let Some(standing) = standing(chart.answer, *value, limits) {
                put!(
                    out,
                    "<b class=\"wb-flag {}\" title=\"{}\">{}</b>\u{a0}",
                    standing.class,
                    standing.word,
                    standing.shape
                );
            }
            put!(out, "{}", Esc(&text));
        }
        out.push_str("</span></div>");
    }
    out.push_str("</div>");
}
