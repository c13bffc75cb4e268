//! Line and area charts.

use super::{
    html::{Pct, put},
    no_data,
    plot::{Chart, UNITS, height, levels, middle},
    scale::Scale,
};
use crate::{
    metrics::{Comparison, MetricAnswer, Point, ValueFormat},
    widgets::settings::TrendSettings,
};
use charts_rs::{Line, Polygon, StraightLine};
use rust_decimal::Decimal;

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Style {
    Line,
    Area,
}

/// `rows` is the height of the card in rows of the grid.
pub(super) fn draw(
    answer: &MetricAnswer,
    settings: &TrendSettings,
    comparison: Option<Comparison>,
    style: Style,
    rows: u16,
) -> String {
    let chart = Chart::of(answer, &settings.figure, comparison);
    if chart.values().next().is_none() {
        return no_data(answer);
    }
    let target = settings.target.or(answer.target.filter(|_| chart.series().len() == 1 && answer.grain.is_none()));
    let whole = answer.format == ValueFormat::Number && chart.values().all(|v| v.fract().is_zero());
    let levels = levels(target, settings.limits);
    let scale = Scale::fit(chart.values().chain(levels.iter().map(|l| l.value)), u32::from(rows.clamp(3, 6)), whole);
    let mut out = String::with_capacity(8 * 1024);
    let class = if style == Style::Area { "wb-area-chart" } else { "wb-line-chart" };
    put!(out, "<figure class=\"wb wb-chart {class}\">");
    chart.head(&mut out);
    chart.plot(
        &mut out,
        &scale,
        &levels,
        |out| marks(out, &chart, &scale, style),
        |out, i| {
            for (s, series) in chart.series().iter().enumerate() {
                if let Some(value) = series.points.get(i).and_then(|p| p.value) {
                    put!(out, "<i class=\"{}\" style=\"bottom:{}\"></i>", chart.color(s), Pct(scale.at(value)));
                }
            }
        },
    );
    out.push_str("</figure>");
    out
}

fn marks(out: &mut String, chart: &Chart<'_>, scale: &Scale, style: Style) {
    let alone = chart.series().len() == 1;
    let n = chart.points().len();
    for (s, series) in chart.series().iter().enumerate() {
        let class = if alone { "before".to_owned() } else { format!("before {}", chart.color(s)) };
        line(out, &series.comparison, n, scale, &class);
    }
    // A lone line of the line chart has a light fill too: it carries the eye to the axis.
    let filled = style == Style::Area || alone;
    for (s, series) in chart.series().iter().enumerate() {
        let color = chart.color(s);
        if filled {
            let weight = if style == Style::Area { "fill strong" } else { "fill" };
            for run in runs(&series.points, n, scale) {
                let zero = height(scale.zero());
                let mut points = run;
                if let (Some(first), Some(last)) = (points.first().copied(), points.last().copied()) {
                    points.push((last.x, zero).into());
                    points.push((first.x, zero).into());
                }
                out.push_str(&Polygon { points, class: Some(format!("{weight} {color}")), ..Default::default() }.svg());
            }
        }
        line(out, &series.points, n, scale, &format!("line {color}"));
    }
}

/// A line through the points that have a value; where one has none, the line is interrupted.
fn line(out: &mut String, points: &[Point], n: usize, scale: &Scale, class: &str) {
    for run in runs(points, n, scale) {
        if let [only] = run.as_slice() {
            // A line of no length with round ends is a dot that no stretching can make an ellipse.
            let dot =
                Line { color: None, left: only.x, right: only.x, top: only.y, bottom: only.y, ..Default::default() };
            out.push_str(&dot.svg().replacen("<line", &format!("<line class=\"dot {class}\""), 1));
            continue;
        }
        let path = StraightLine { points: run, symbol: None, class: Some(class.to_owned()), ..Default::default() };
        out.push_str(&path.svg());
    }
}

/// The points as places in a drawing of `n` of them, cut where a value is missing.
fn runs(points: &[Point], n: usize, scale: &Scale) -> Vec<Vec<charts_rs::Point>> {
    let place = |i: usize, value: Decimal| -> charts_rs::Point {
        (middle(i, n) as f32 * UNITS, height(scale.at(value))).into()
    };
    let mut runs = Vec::new();
    let mut run = Vec::new();
    for (i, point) in points.iter().enumerate() {
        match point.value {
            Some(value) => run.push(place(i, value)),
            None if !run.is_empty() => runs.push(std::mem::take(&mut run)),
            None => {}
        }
    }
    if !run.is_empty() {
        runs.push(run);
    }
    runs
}
