//! The frame of every chart with two axes: legend, table view, labels, grid lines and hit areas.
//!
//! charts-rs draws the marks, but not the frame: its labels are measured in its own font, sized with the
//! drawing and formatted by template, while ours are placed in percent, set in the page's font by the browser
//! and thinned out by container queries, so that one drawing is right at every width.

use super::{
    html::{Esc, Pct, ReadOut, put},
    numbers::Numbers,
    picture::font::{Weight, width},
    scale::Scale,
};
use crate::{
    format,
    metrics::{Comparison, Grain, MetricAnswer, Point, Series, catalogue},
    widgets::{
        settings::{Color, Figure, Limits},
        stretch::Bounds,
    },
};
use charts_rs::Line;
use chrono::{Datelike, NaiveDate};
use rust_decimal::Decimal;

/// Marks are drawn in a square of this size, which the browser stretches over the plot.
pub(super) const UNITS: f32 = 1000.0;

/// More points than this get no hit areas of their own: they would be narrower than a pixel or two.
const MAX_HITS: usize = 400;

/// In px, as the style sheet has it.
const LABEL_SIZE: f64 = 11.0;

/// The width of the plot that one may count on where a label of each level is shown: in containers of any width, and of more
/// than 280, 360, 450, 540, 690 and 840 px (`style/widgets.css` has the same).
const PLOT_WIDTHS: [usize; 7] = [170, 230, 300, 390, 470, 620, 760];

/// A line across the plot at a value of its own.
pub(super) struct Level {
    pub value: Decimal,
    pub class: &'static str,
    pub name: &'static str,
}

/// The target and the limits, where there are any.
pub(super) fn levels(target: Option<Decimal>, limits: Limits) -> Vec<Level> {
    let level = |value: Option<Decimal>, class, name| value.map(|value| Level { value, class, name });
    let all = [
        level(target, "goal", "Target"),
        level(limits.warning, "warning", "◆ Warning"),
        level(limits.critical, "critical", "! Critical"),
    ];
    all.into_iter().flatten().collect()
}

/// "Month", "Category": what a point stands for.
pub(super) fn dimension(answer: &MetricAnswer) -> &'static str {
    match (answer.grain, answer.group_by.as_deref()) {
        (Some(Grain::Hour), _) => "Hour",
        (Some(Grain::Day), _) => "Day",
        (Some(Grain::Week), _) => "Week of",
        (Some(Grain::Month), _) => "Month",
        (Some(Grain::Quarter), _) => "Quarter",
        (Some(Grain::Year), _) => "Year",
        (None, Some(name)) => {
            let mut sources = answer.sources.iter().filter_map(|source| catalogue::source(source));
            sources.find_map(|source| source.field(name)).map_or("Group", |field| field.label)
        }
        (None, None) => "Value",
    }
}

/// What a drawing with axes is made of.
pub(super) struct Chart<'a> {
    pub answer: &'a MetricAnswer,
    pub numbers: Numbers<'a>,
    pub comparison: Option<Comparison>,
    pub first_color: Color,
    /// Whether its range is its own, and not the dashboard's.
    pub own_range: bool,
}

impl<'a> Chart<'a> {
    pub(super) fn of(answer: &'a MetricAnswer, figure: &Figure, comparison: Option<Comparison>) -> Self {
        let (numbers, first_color) = (Numbers::of(answer, figure), figure.color.unwrap_or_default());
        Self { answer, numbers, comparison, first_color, own_range: figure.common.range.is_some() }
    }

    pub(super) fn series(&self) -> &'a [Series] {
        &self.answer.series
    }

    pub(super) fn color(&self, series: usize) -> &'static str {
        self.first_color.step(series).class()
    }

    /// The labelled points that all series share.
    pub(super) fn points(&self) -> &'a [Point] {
        self.series().iter().map(|s| s.points.as_slice()).max_by_key(|p| p.len()).unwrap_or_default()
    }

    pub(super) fn has_comparison(&self) -> bool {
        self.series().iter().any(|s| s.comparison.iter().any(|p| p.value.is_some()))
    }

    /// All values, for the scale.
    pub(super) fn values(&self) -> impl Iterator<Item = Decimal> + 'a {
        self.series().iter().flat_map(|s| s.points.iter().chain(&s.comparison)).filter_map(|p| p.value)
    }

    /// "Year before", "Period before".
    pub(super) fn before(&self) -> &'static str {
        match self.comparison {
            Some(Comparison::YearBefore) => "Year before",
            _ => "Period before",
        }
    }

    /// One sentence that says what a look at the chart says.
    pub(super) fn summary(&self) -> String {
        let points = self.points();
        let mut out = self.answer.name.clone();
        if let (Some(first), Some(last)) = (points.first(), points.last()) {
            if points.len() > 1 && self.answer.grain.is_some() {
                put!(out, " from {} to {}", first.label, last.label);
            } else {
                put!(out, ", {}", format::count(points.len() as i64, "value", "values"));
            }
        }
        for series in self.series() {
            let present = || series.points.iter().filter_map(|p| p.value.map(|v| (v, p.label.as_str())));
            if let (Some(low), Some(high)) = (present().min_by_key(|p| p.0), present().max_by_key(|p| p.0)) {
                let name = if self.series().len() > 1 { format!("{}: ", series.label) } else { String::new() };
                let (least, most) = (self.numbers.short(low.0), self.numbers.short(high.0));
                put!(out, ". {name}lowest {least} ({}), highest {most} ({})", low.1, high.1);
            }
        }
        out.push('.');
        out
    }

    /// Legend and table view, above the plot.
    pub(super) fn head(&self, out: &mut String) {
        out.push_str("<div class=\"wb-head\"><ul class=\"wb-legend\">");
        let several = self.series().len() > 1;
        if several || self.has_comparison() {
            for (i, series) in self.series().iter().enumerate() {
                let label = if several { &series.label } else { &self.answer.name };
                put!(out, "<li><i class=\"{}\"></i>{}</li>", self.color(i), Esc(label));
            }
            if self.has_comparison() {
                put!(out, "<li><i class=\"before\"></i>{}</li>", self.before());
            }
        }
        out.push_str("</ul>");
        self.table_view(out);
        out.push_str("</div>");
    }

    /// The same data as a table with every digit, behind a button that works without scripts.
    pub(super) fn table_view(&self, out: &mut String) {
        table_view_open(out, &self.answer.name);
        put!(out, "<thead><tr><th scope=\"col\">{}</th>", dimension(self.answer));
        for series in self.series() {
            put!(out, "<th scope=\"col\" class=\"num\">{}</th>", Esc(&series.label));
            if !series.comparison.is_empty() {
                put!(out, "<th scope=\"col\" class=\"num\">{}</th>", self.before());
            }
        }
        out.push_str("</tr></thead><tbody>");
        for (i, point) in self.points().iter().enumerate() {
            put!(out, "<tr><th scope=\"row\">{}</th>", Esc(&point.label));
            for series in self.series() {
                self.number_cell(out, series.points.get(i));
                if !series.comparison.is_empty() {
                    self.number_cell(out, series.comparison.get(i));
                }
            }
            out.push_str("</tr>");
        }
        out.push_str(TABLE_VIEW_CLOSE);
    }

    fn number_cell(&self, out: &mut String, point: Option<&Point>) {
        match point.and_then(|p| p.value) {
            Some(value) => put!(out, "<td class=\"num\">{}</td>", Esc(&self.numbers.exact(value))),
            None => out.push_str("<td class=\"num wb-none\">no value</td>"),
        }
    }

    /// Everything below the legend: axis labels around the marks and the hit areas that `draw_hit` fills.
    pub(super) fn plot(
        &self,
        out: &mut String,
        scale: &Scale,
        levels: &[Level],
        marks: impl FnOnce(&mut String),
        mut draw_hit: impl FnMut(&mut String, usize),
    ) {
        let ticked = Pct(scale.ticked());
        put!(out, "<div class=\"wb-plot\"><div class=\"wb-y\" style=\"height:{ticked}\" aria-hidden=\"true\">");
        for label in self.numbers.axis(&scale.ticks).iter().rev() {
            put!(out, "<span><b>{}</b></span>", Esc(label));
        }
        put!(
            out,
            "</div><div class=\"wb-area\"><svg class=\"wb-marks\" viewBox=\"0 0 {UNITS} {UNITS}\" \
             preserveAspectRatio=\"none\" role=\"img\" aria-label=\"{}\">",
            Esc(&self.summary())
        );
        for tick in &scale.ticks {
            let class = if tick.is_zero() { "zero" } else { "grid" };
            out.push_str(&level_line(height(scale.at(*tick)), class));
        }
        marks(out);
        for level in levels {
            out.push_str(&level_line(height(scale.at(level.value)), &format!("target {}", level.class)));
        }
        out.push_str("</svg>");
        for level in levels {
            put!(
                out,
                "<span class=\"wb-target {}\" style=\"bottom:{}\">{} {}</span>",
                level.class,
                Pct(scale.at(level.value)),
                level.name,
                Esc(&self.numbers.mark(level.value))
            );
        }
        self.hits(out, &mut draw_hit);
        out.push_str("</div>");
        self.x_labels(out);
        out.push_str("</div>");
    }

    fn hits(&self, out: &mut String, draw_hit: &mut impl FnMut(&mut String, usize)) {
        let points = self.points();
        let many = points.len() > MAX_HITS;
        let dense = if points.len() > 60 { " dense" } else { "" };
        put!(
            out,
            "<div class=\"wb-hits{dense}\" role=\"group\" aria-label=\"Values by {}; arrow keys move\"",
            dimension(self.answer).to_lowercase()
        );
        let zooms = zoom_attributes(out, self.answer, points, self.own_range);
        out.push('>');
        for (i, point) in points.iter().enumerate() {
            out.push_str("<span class=\"wb-hit\"");
            if zooms && i == 0 {
                out.push_str(ZOOM_HINT);
            }
            if !many {
                self.read_out(out, i, point);
            }
            out.push('>');
            draw_hit(out, i);
            out.push_str("</span>");
        }
        out.push_str("</div>");
    }

    /// What is read out at a point: every series' value and what it was before, or how it stands to that where there is one
    /// series.
    pub(super) fn read_out(&self, out: &mut String, i: usize, point: &Point) {
        let mut lines = Vec::new();
        let mut note = String::new();
        let several = self.series().len() > 1;
        for (s, series) in self.series().iter().enumerate() {
            let at = |points: &[Point]| points.get(i).and_then(|p| p.value);
            let (value, before) = (at(&series.points), at(&series.comparison));
            let text = value.map_or_else(|| "no value".into(), |v| self.numbers.exact(v));
            if several {
                let (color, name) = (self.color(s), series.label.replace(['\t', '\n'], " "));
                lines.push(format!("{color}\t{name}\t{text}"));
                if let Some(before) = before {
                    let (when, before) = (self.before().to_lowercase(), self.numbers.exact(before));
                    lines.push(format!("{color} before\t{name}, {when}\t{before}"));
                }
                continue;
            }
            lines.push(text);
            if let (Some(value), Some(before)) = (value, before) {
                let words = match self.comparison {
                    Some(Comparison::YearBefore) => "a year before",
                    _ => "the period before",
                };
                note = match self.numbers.change(value, before) {
                    Some((_, change)) => format!("{change} on {words}, {}", self.numbers.short(before)),
                    None => format!("{} {words}", self.numbers.short(before)),
                };
            }
        }
        ReadOut { label: &point.label, lines: &lines.join("\n"), note: &note }.attributes(out, i == 0);
    }

    fn x_labels(&self, out: &mut String) {
        let points = self.points();
        let Some(grain) = self.answer.grain else {
            out.push_str("<div class=\"wb-x names\" aria-hidden=\"true\">");
            for point in points {
                put!(out, "<span title=\"{0}\">{0}</span>", Esc(&point.label));
            }
            out.push_str("</div>");
            return;
        };
        out.push_str("<div class=\"wb-x\" aria-hidden=\"true\">");
        let labels: Vec<String> = points.iter().map(|p| time_label(p, grain, points.len())).collect();
        let widest = labels.iter().map(|l| width(l, LABEL_SIZE, Weight::Regular)).fold(1.0, f64::max);
        let strides = strides(labels.len(), widest, grain);
        for (i, label) in labels.iter().enumerate() {
            if let Some(level) = strides.iter().position(|stride| i.is_multiple_of(*stride)) {
                let left = Pct(middle(i, labels.len()));
                put!(out, "<span class=\"l{level}\" style=\"left:{left}\">{}</span>", Esc(label));
            }
        }
        out.push_str("</div>");
    }
}

/// On the first mark of a chart that zooms. The dashboard's page says there how; other pages say nothing.
pub(super) const ZOOM_HINT: &str = " aria-describedby=\"zoom-hint\"";

/// What the brush (`widgets::brush`) needs of a chart over time: the exact days of its buckets, or that its range is its
/// own and so stays. Gives whether the chart zooms.
pub(super) fn zoom_attributes(out: &mut String, answer: &MetricAnswer, points: &[Point], own_range: bool) -> bool {
    let Some(grain) = answer.grain else { return false };
    if own_range {
        out.push_str(" data-own-range=\"\"");
        return false;
    }
    let starts: Option<Vec<NaiveDate>> = points.iter().map(|point| point.key.parse().ok()).collect();
    let bounds = starts.and_then(|starts| Bounds::new(&starts, grain, answer.period));
    if let Some(bounds) = &bounds {
        put!(out, " data-bounds=\"{bounds}\"");
    }
    bounds.is_some()
}

/// Where the `i`-th of `n` points stands, from 0 to 1: in the middle of its band.
pub(super) fn middle(i: usize, n: usize) -> f64 {
    (i as f64 + 0.5) / n.max(1) as f64
}

/// From a place on the scale to a height in the drawing, which counts from the top.
pub(super) fn height(at: f64) -> f32 {
    UNITS * (1.0 - at) as f32
}

fn level_line(y: f32, class: &str) -> String {
    let line = Line { color: None, left: 0.0, right: UNITS, top: y, bottom: y, ..Default::default() }.svg();
    // charts-rs lines carry no class; everything else about them is as we need it.
    line.replacen("<line", &format!("<line class=\"{class}\""), 1)
}

/// How far apart the labels of each level are: every one is a multiple of the next, so that a wider card
/// adds labels and moves none.
fn strides(n: usize, widest: f64, grain: Grain) -> [usize; PLOT_WIDTHS.len()] {
    let label_width = widest.ceil() as usize + 10;
    let mut strides = [1; PLOT_WIDTHS.len()];
    let mut finer = 1;
    for (level, width) in PLOT_WIDTHS.into_iter().enumerate().rev() {
        let needed = (n * label_width).div_ceil(width).max(1);
        let stride = if grain == Grain::Month && finer <= 12 {
            [1, 2, 3, 6, 12, 24, 60].into_iter().find(|s| *s >= needed && s.is_multiple_of(finer)).unwrap_or(120)
        } else {
            needed.div_ceil(finer) * finer
        };
        strides[level] = stride;
        finer = stride;
    }
    strides
}

/// A point in time, as short as the axis allows; the year only where months repeat.
pub(super) fn time_label(point: &Point, grain: Grain, n: usize) -> String {
    let Ok(day) = point.key.get(..10).unwrap_or(&point.key).parse::<NaiveDate>() else {
        return point.label.clone();
    };
    let year = day.year().rem_euclid(100);
    match grain {
        Grain::Month if n <= 12 => day.format("%b").to_string(),
        Grain::Month => format!("{} ’{year:02}", day.format("%b")),
        Grain::Day | Grain::Week => day.format("%-d %b").to_string(),
        Grain::Quarter => format::quarter(day),
        Grain::Year => day.year().to_string(),
        Grain::Hour => point.label.clone(),
    }
}

const TABLE_ICON: &str = "<svg viewBox=\"0 0 16 16\" aria-hidden=\"true\"><path d=\"M2.5 3.5h11v9h-11zM2.5 6.5h11M2.5 9.500h11M6.500 6.500v6\"/></svg>";

/// Opens the table view; the caller writes `<thead>` and rows, then [`TABLE_VIEW_CLOSE`].
pub(super) fn table_view_open(out: &mut String, name: &str) {
    put!(
        out,
        "<details class=\"wb-values\"><summary title=\"Show as table\"><span class=\"wb-sr\">{0} as a table</span>\
         {TABLE_ICON}</summary><div class=\"wb-values-box\" tabindex=\"0\" role=\"region\" aria-label=\"{0}, values\">\
         <table class=\"wb-table\">",
        Esc(name)
    );
}

pub(super) const TABLE_VIEW_CLOSE: &str = "</tbody></table></div></details>";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quarters_are_all_named_where_there_is_room() {
        let widest = width("Q4 2025", LABEL_SIZE, Weight::Regular);
        assert_eq!(strides(5, widest, Grain::Quarter), [2, 2, 1, 1, 1, 1, 1]);
        assert_eq!(strides(8, widest, Grain::Quarter)[4..], [1, 1, 1]);
    }

    #[test]
    fn a_wider_card_adds_labels_and_moves_none() {
        for (n, grain) in [(12, Grain::Month), (40, Grain::Month), (200, Grain::Day), (1, Grain::Year)] {
            let strides = strides(n, 42.0, grain);
            for pair in strides.windows(2) {
                assert!(pair[0].is_multiple_of(pair[1]), "{strides:?}");
            }
            for (stride, width) in strides.iter().zip(PLOT_WIDTHS) {
                assert!(n.div_ceil(*stride) * 40 <= width.max(80) + 80, "{n} {strides:?}");
            }
        }
    }
}
