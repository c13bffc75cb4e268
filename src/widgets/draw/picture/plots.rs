//! Charts with two axes, and lying bars.

use super::{
    super::{
        bars,
        figure::standing,
        plot::{Chart, Level, levels, middle, time_label},
        scale::Scale,
        trend::Style,
    },
    font::Weight,
    pen::{Anchor, Area, N, Pen, Type},
};
use crate::metrics::{Comparison, Grain, MetricAnswer, Point, ValueFormat};
use crate::widgets::settings::{BarSettings, TrendSettings};
use rust_decimal::Decimal;

const AXIS: f64 = 11.0;

pub(super) fn trend(
    pen: &mut Pen,
    area: Area,
    answer: &MetricAnswer,
    settings: &TrendSettings,
    comparison: Option<Comparison>,
    style: Style,
) {
    let chart = Chart::of(answer, &settings.figure, comparison);
    let target = settings.target.or(answer.target.filter(|_| chart.series().len() == 1 && answer.grain.is_none()));
    let levels = levels(target, settings.limits);
    let values = chart.values().chain(levels.iter().map(|l| l.value));
    let scale = Scale::fit(values, intervals(area), whole(&chart));
    let plot = frame(pen, &chart, &scale, area, true);
    let alone = chart.series().len() == 1;
    let points = chart.points().len();
    for (s, series) in chart.series().iter().enumerate() {
        let color = if alone { pen.theme.grey } else { pen.theme.class(chart.color(s)) };
        for run in runs(&series.comparison, points, &scale, plot) {
            pen.stroke(&path(&run), color, 1.75, "4 4", 1.0);
        }
    }
    for (s, series) in chart.series().iter().enumerate() {
        let color = pen.theme.class(chart.color(s));
        let runs = runs(&series.points, points, &scale, plot);
        if style == Style::Area || alone {
            let zero = plot.bottom() - plot.h * scale.zero();
            for run in runs.iter().filter(|run| run.len() > 1) {
                let (first, last) = (run[0].0, run[run.len() - 1].0);
                let shape = format!("{}L{} {}L{} {}Z", path(run), N(last), N(zero), N(first), N(zero));
                pen.shape(&shape, color, if style == Style::Area { 0.2 } else { 0.1 });
            }
        }
        for run in &runs {
            match run.as_slice() {
                [only] => pen.circle(*only, 4.0, color),
                run => pen.stroke(&path(run), color, 2.25, "", 1.0),
            }
        }
    }
    level_lines(pen, &chart, &scale, plot, &levels);
}

pub(super) fn upright(
    pen: &mut Pen,
    area: Area,
    answer: &MetricAnswer,
    settings: &BarSettings,
    comparison: Option<Comparison>,
) {
    let chart = Chart::of(answer, &settings.figure, comparison);
    let levels = levels(settings.target, settings.limits);
    let values = chart.values().chain(levels.iter().map(|l| l.value));
    let scale = Scale::fit(values, intervals(area), whole(&chart));
    let plot = frame(pen, &chart, &scale, area, false);
    let n = chart.points().len().max(1);
    let band = plot.w / n as f64;
    let per_point: usize = chart.series().iter().map(|s| if s.comparison.is_empty() { 1 } else { 2 }).sum();
    let dense = n > 60;
    let (margin, gap) = if dense { (0.0, 0.0) } else { (band * 0.14, if band < 24.0 { 1.0 } else { 2.0 }) };
    let room = band - 2.0 * margin - gap * (per_point.max(1) - 1) as f64;
    let width = (room / per_point.max(1) as f64).clamp(0.3, 56.0);
    let all = width * per_point as f64 + gap * per_point.saturating_sub(1) as f64;
    for i in 0..n {
        let mut x = plot.x + band * (i as f64 + 0.5) - all / 2.0;
        for (s, series) in chart.series().iter().enumerate() {
            if !series.comparison.is_empty() {
                bar(pen, plot, &scale, (x, width), series.comparison.get(i), pen.theme.grey);
                x += width + gap;
            }
            bar(pen, plot, &scale, (x, width), series.points.get(i), pen.theme.class(chart.color(s)));
            x += width + gap;
        }
    }
    level_lines(pen, &chart, &scale, plot, &levels);
}

fn bar(pen: &mut Pen, plot: Area, scale: &Scale, (x, w): (f64, f64), point: Option<&Point>, color: &str) {
    let Some(value) = point.and_then(|p| p.value).filter(|value| !value.is_zero()) else { return };
    let (zero, end) = (plot.bottom() - plot.h * scale.zero(), plot.bottom() - plot.h * scale.at(value));
    let (down, length) = (value < Decimal::ZERO, (end - zero).abs().max(1.5));
    let r = 3.0_f64.min(w / 2.0).min(length);
    // Square on its line and round at its end.
    let path = if down {
        let e = zero + length;
        format!(
            "M{0} {zero}V{1}Q{0} {e} {2} {e}H{3}Q{4} {e} {4} {1}V{zero}Z",
            N(x),
            N(e - r),
            N(x + r),
            N(x + w - r),
            N(x + w),
            zero = N(zero),
            e = N(e)
        )
    } else {
        let e = zero - length;
        format!(
            "M{0} {zero}V{1}Q{0} {e} {2} {e}H{3}Q{4} {e} {4} {1}V{zero}Z",
            N(x),
            N(e + r),
            N(x + r),
            N(x + w - r),
            N(x + w),
            zero = N(zero),
            e = N(e)
        )
    };
    pen.shape(&path, color, 1.0);
}

/// One line per name: the name, its bar, its value. What does not fit is counted below.
pub(super) fn lying(
    pen: &mut Pen,
    area: Area,
    answer: &MetricAnswer,
    settings: &BarSettings,
    comparison: Option<Comparison>,
) {
    let chart = Chart::of(answer, &settings.figure, comparison);
    let levels = levels(settings.target, settings.limits);
    let scale = Scale::fit(chart.values().chain(levels.iter().map(|l| l.value)), 4, whole(&chart));
    let area = legend(pen, &chart, area, false);
    let points = chart.points();
    let (shown, area) = rows_that_fit(pen, area, points.len(), 24.0);
    let (name, value) = (Type::new(12.5, pen.theme.ink_2), Type::new(12.5, pen.theme.ink));
    let text = |i: usize| -> Vec<String> {
        let of = |v: Option<Decimal>| {
            let text = v.map_or_else(|| "no value".into(), |v| chart.numbers.short(v));
            // A value that has reached a limit carries the limit's shape, as on the page.
            match standing(chart.answer, v, settings.limits) {
                Some(standing) => format!("{} {text}", standing.shape),
                None => text,
            }
        };
        chart.series().iter().map(|s| of(s.points.get(i).and_then(|p| p.value))).collect()
    };
    let names = points.iter().take(shown).map(|p| name.width(&p.label)).fold(0.0, f64::max).min(area.w * 0.34);
    let values = (0..shown).flat_map(text).map(|t| value.width(&t)).fold(0.0, f64::max);
    let track = Area::new(area.x + names + 10.0, area.y, (area.w - names - values - 22.0).max(20.0), area.h);
    let row = (area.h / shown.max(1) as f64).min(44.0);
    let top = area.y + (area.h - row * shown as f64) / 2.0;
    for (i, point) in points.iter().take(shown).enumerate() {
        let middle = top + row * (i as f64 + 0.5);
        pen.text_within((area.x, middle + 4.4), names + 0.5, name, Anchor::Start, &point.label);
        pen.rect(Area::new(track.x + track.w * scale.zero(), middle - row / 2.0, 1.0, row), 0.0, pen.theme.grid);
        let bars: Vec<(Option<Decimal>, &str)> = chart
            .series()
            .iter()
            .enumerate()
            .flat_map(|(s, series)| {
                let before = series.comparison.get(i).map(|p| (p.value, pen.theme.grey));
                let now = (series.points.get(i).and_then(|p| p.value), pen.theme.class(chart.color(s)));
                before.into_iter().chain([now])
            })
            .collect();
        let thick = if bars.len() > 1 { (row / bars.len() as f64 - 2.0).clamp(2.0, 8.0) } else { 12.0 };
        let mut y = middle - (thick + 1.0) * bars.len() as f64 / 2.0 + 0.5;
        for (value, color) in bars {
            if let Some(value) = value.filter(|value| !value.is_zero()) {
                lying_bar(pen, track, &scale, (y, thick), value, color);
            }
            y += thick + 1.0;
        }
        let texts = text(i);
        let step = (row / texts.len().max(1) as f64).min(15.0);
        for (k, text) in texts.iter().enumerate() {
            let y = middle + 4.4 + step * (k as f64 - (texts.len() - 1) as f64 / 2.0);
            pen.text((area.right() - 2.0, y), value, Anchor::End, text);
        }
    }
}

fn lying_bar(pen: &mut Pen, track: Area, scale: &Scale, (y, h): (f64, f64), value: Decimal, color: &str) {
    let (zero, end) = (track.x + track.w * scale.zero(), track.x + track.w * scale.at(value));
    let length = (end - zero).abs().max(1.5);
    let r = 3.0_f64.min(length).min(h / 2.0);
    let (e, i) =
        if value < Decimal::ZERO { (zero - length, zero - length + r) } else { (zero + length, zero + length - r) };
    let path = format!(
        "M{zero} {0}H{i}Q{e} {0} {e} {1}V{2}Q{e} {3} {i} {3}H{zero}Z",
        N(y),
        N(y + r),
        N(y + h - r),
        N(y + h),
        zero = N(zero),
        e = N(e),
        i = N(i)
    );
    pen.shape(&path, color, 1.0);
}

/// How many rows fit, and what is left of the area when a line below says that there are more.
pub(super) fn rows_that_fit(pen: &mut Pen, area: Area, rows: usize, least: f64) -> (usize, Area) {
    let fits = (area.h / least).floor().max(1.0) as usize;
    if rows <= fits {
        return (rows, area);
    }
    let area = area.cut(0.0, 18.0);
    let fits = (area.h / least).floor().max(1.0) as usize;
    let more = format!("and {} more", rows - fits);
    pen.text((area.x, area.bottom() + 14.0), Type::new(12.0, pen.theme.ink_3), Anchor::Start, &more);
    (fits, area)
}

fn intervals(area: Area) -> u32 {
    // As many as the page draws in a card of this height.
    (((area.h + 60.0) / 92.0).round() as u32).clamp(3, 6)
}

fn whole(chart: &Chart<'_>) -> bool {
    chart.answer.format == ValueFormat::Number && chart.values().all(|v| v.fract().is_zero())
}

/// Legend, axes and grid lines; gives the area of the marks.
fn frame(pen: &mut Pen, chart: &Chart<'_>, scale: &Scale, area: Area, lines: bool) -> Area {
    let area = legend(pen, chart, area, lines);
    let how = Type::new(AXIS, pen.theme.ink_3);
    let labels = chart.numbers.axis(&scale.ticks);
    let widest = labels.iter().map(|l| how.width(l)).fold(0.0, f64::max);
    let left = area.x + widest + 8.0;
    let plot = Area::new(left, area.y + 7.0, (area.right() - 4.0 - left).max(10.0), (area.h - 27.0).max(10.0));
    let thin = plot.h < 90.0 && labels.len() > 3;
    for (i, (tick, label)) in scale.ticks.iter().zip(&labels).enumerate() {
        let y = plot.bottom() - plot.h * scale.at(*tick);
        if !(thin && i % 2 == 1) {
            pen.text((left - 8.0, y + 4.0), how, Anchor::End, label);
        }
        let color = if tick.is_zero() { pen.theme.line_strong } else { pen.theme.grid };
        let y = y.round() - 0.5;
        pen.line((plot.x, y), (plot.right(), y), color, 1.0, "");
    }
    match chart.answer.grain {
        Some(grain) => time_labels(pen, chart, plot, grain),
        None => names(pen, chart, plot),
    }
    plot
}

fn legend(pen: &mut Pen, chart: &Chart<'_>, area: Area, lines: bool) -> Area {
    let several = chart.series().len() > 1;
    if !several && !chart.has_comparison() {
        return area;
    }
    let how = Type::new(12.0, pen.theme.ink_2);
    let (mut x, mut y) = (area.x, area.y + 13.0);
    let mut entry = |pen: &mut Pen, text: &str, color: &'static str, dashed: bool| {
        let w = 14.0 + how.width(text) + 12.0;
        if x > area.x && x + w > area.right() {
            (x, y) = (area.x, y + 17.0);
        }
        if dashed {
            pen.line((x, y - 4.0), (x + 13.0, y - 4.0), color, 2.0, "3 2");
        } else {
            pen.rect(Area::new(x, y - 8.5, 9.0, 9.0), 3.0, color);
        }
        let key = if dashed { 18.0 } else { 14.0 };
        pen.text_within((x + key, y), area.right() - x - key, how, Anchor::Start, text);
        x += w + if dashed { 4.0 } else { 0.0 };
    };
    for (i, series) in chart.series().iter().enumerate() {
        let label = if several { &series.label } else { &chart.answer.name };
        let color = pen.theme.class(chart.color(i));
        entry(pen, label, color, false);
    }
    if chart.has_comparison() {
        let grey = pen.theme.grey;
        entry(pen, chart.before(), grey, lines);
    }
    area.cut(y - area.y + 7.0, 0.0)
}

fn time_labels(pen: &mut Pen, chart: &Chart<'_>, plot: Area, grain: Grain) {
    let how = Type::new(AXIS, pen.theme.ink_3);
    let points = chart.points();
    let labels: Vec<String> = points.iter().map(|p| time_label(p, grain, points.len())).collect();
    let widest = labels.iter().map(|l| how.width(l)).fold(1.0, f64::max) + 14.0;
    let needed = (labels.len() as f64 * widest / plot.w).ceil().max(1.0) as usize;
    let stride = match grain {
        Grain::Month => [1, 2, 3, 6, 12, 24, 60].into_iter().find(|s| *s >= needed).unwrap_or(120),
        _ => needed,
    };
    for (i, label) in labels.iter().enumerate().step_by(stride) {
        let x = plot.x + plot.w * middle(i, labels.len());
        let half = how.width(label) / 2.0;
        let x = x.clamp(plot.x - 8.0 + half.min(plot.w / 2.0), (plot.right() + 4.0 - half).max(plot.x));
        pen.text((x, plot.bottom() + 17.0), how, Anchor::Middle, label);
    }
}

fn names(pen: &mut Pen, chart: &Chart<'_>, plot: Area) {
    let how = Type::new(AXIS, pen.theme.ink_3);
    let n = chart.points().len();
    let band = plot.w / n.max(1) as f64;
    // Names that would be an ellipsis only say nothing.
    let stride = (18.0 / band).ceil().max(1.0) as usize;
    for (i, point) in chart.points().iter().enumerate().step_by(stride) {
        let x = plot.x + plot.w * middle(i, n);
        pen.text_within((x, plot.bottom() + 17.0), band * stride as f64 - 4.0, how, Anchor::Middle, &point.label);
    }
}

/// The target and the limits, each with its name and value on its line.
fn level_lines(pen: &mut Pen, chart: &Chart<'_>, scale: &Scale, plot: Area, levels: &[Level]) {
    for level in levels {
        let y = plot.bottom() - plot.h * scale.at(level.value);
        let color = if level.class == "goal" { pen.theme.ink_2 } else { pen.theme.class(level.class) };
        pen.line((plot.x, y), (plot.right(), y), color, 1.25, "2 3");
        let text = format!("{} {}", level.name, chart.numbers.mark(level.value));
        let how = Type { size: AXIS, weight: Weight::Semibold, color };
        let w = how.width(&text) + 8.0;
        let top = if y - 18.0 < plot.y - 7.0 { y + 3.0 } else { y - 17.0 };
        pen.rect(Area::new(plot.right() - w, top, w, 14.0), 4.0, pen.theme.surface);
        pen.text((plot.right() - 4.0, top + 11.0), how, Anchor::End, &text);
    }
}

/// The points as places, cut where a value is missing.
fn runs(points: &[Point], n: usize, scale: &Scale, plot: Area) -> Vec<Vec<(f64, f64)>> {
    let mut runs: Vec<Vec<(f64, f64)>> = vec![Vec::new()];
    for (i, point) in points.iter().enumerate() {
        match (point.value, runs.last_mut()) {
            (Some(value), Some(run)) => {
                run.push((plot.x + plot.w * middle(i, n), plot.bottom() - plot.h * scale.at(value)));
            }
            (None, Some(run)) if !run.is_empty() => runs.push(Vec::new()),
            _ => {}
        }
    }
    runs.retain(|run| !run.is_empty());
    runs
}

pub(super) fn path(points: &[(f64, f64)]) -> String {
    let mut out = String::with_capacity(points.len() * 14);
    for (i, (x, y)) in points.iter().enumerate() {
        super::super::html::put!(out, "{}{} {}", if i == 0 { 'M' } else { 'L' }, N(*x), N(*y));
    }
    out
}

/// Whether the bars of this answer stand or lie, as on the page.
pub(super) fn bar_chart(
    pen: &mut Pen,
    area: Area,
    answer: &MetricAnswer,
    settings: &BarSettings,
    comparison: Option<Comparison>,
) {
    let points = Chart::of(answer, &settings.figure, comparison).points();
    if bars::stand(answer, settings, points) {
        upright(pen, area, answer, settings, comparison);
    } else {
        lying(pen, area, answer, settings, comparison);
    }
}
