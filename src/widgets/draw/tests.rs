#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]

use super::{
    bars, dial, donut, figure,
    gallery::{answer, d, groups, months},
    trend,
};
use crate::{
    metrics::{Comparison, Direction, Grain, Lack, MetricAnswer, ValueFormat},
    widgets::settings::{
        BarSettings, Bars, Common, DonutSettings, Figure, GaugeSettings, KpiSettings, Limits, Notation, RingSettings,
        SparklineSettings, TrendSettings,
    },
};

const YEAR: Option<Comparison> = Some(Comparison::YearBefore);

/// A small check for XML: tags nest and close, attributes are quoted, ampersands begin a reference.
/// `<br>` and `<input>` are the only tags without an end that drawings and notes have.
pub(super) fn assert_well_formed(what: &str, html: &str) {
    let mut open: Vec<&str> = Vec::new();
    let mut rest = html;
    while let Some(at) = rest.find('<') {
        let (text, tag) = rest.split_at(at);
        assert!(!text.contains('>'), "{what}: a stray > in {text:?}");
        for (i, _) in text.match_indices('&') {
            assert!(text[i..].chars().take(10).any(|c| c == ';'), "{what}: a bare & in {text:?}");
        }
        let mut quoted = false;
        let end = tag
            .char_indices()
            .find(|(_, c)| {
                quoted ^= *c == '"';
                !quoted && *c == '>'
            })
            .unwrap_or_else(|| panic!("{what}: a tag without an end: {tag:.80}"))
            .0;
        let inner = &tag[1..end];
        assert!(!inner.contains('<'), "{what}: a < inside a tag: {inner:.120}");
        if let Some(name) = inner.strip_prefix('/') {
            assert_eq!(open.pop(), Some(name), "{what}: closes what is not open");
        } else {
            let name = inner.split([' ', '/']).next().unwrap();
            if !inner.ends_with('/') && !matches!(name, "br" | "input" | "hr") {
                open.push(name);
            }
        }
        rest = &tag[end + 1..];
    }
    assert!(open.is_empty(), "{what}: left open: {open:?}");
}

fn kpi(change: impl FnOnce(&mut MetricAnswer)) -> String {
    let mut a = answer("Revenue", vec![months("Revenue", 12, 2_310_000, true)]);
    change(&mut a);
    figure::kpi(&a, &KpiSettings { sparkline: true, ..Default::default() }, YEAR)
}

#[test]
fn a_change_is_good_or_bad_by_the_metric_and_not_by_its_sign() {
    assert!(kpi(|_| ()).contains("wb-chip good\">▲"));
    assert!(kpi(|a| a.direction = Direction::LowerIsBetter).contains("wb-chip bad\">▲"));
    assert!(kpi(|a| a.direction = Direction::Neutral).contains("wb-chip plain\">▲"));
    assert!(kpi(|a| a.value = Some(d("1"))).contains("wb-chip bad\">▼"));
    assert!(!kpi(|a| a.comparison_value = Some(d("0"))).contains("wb-chip"), "nothing grows from nothing");
    let rate = kpi(|a| {
        a.format = ValueFormat::Percentage;
        (a.value, a.comparison_value) = (Some(d("50")), Some(d("47.9")));
    });
    assert!(rate.contains("▲ 2.1\u{a0}pp"), "{rate}");
}

#[test]
fn a_key_figure_is_short_for_the_eye_and_exact_for_the_rest() {
    let html = kpi(|_| ());
    assert!(html.contains("<data value=\"39421337.12\">$39.42<small> M</small>"), "{html}");
    assert!(html.contains("$39,421,337.12"));
    let target = |t: &str| kpi(|a| a.target = Some(d(t)));
    assert!(target("39421337.12").contains("reached"));
    assert!(target("39421337.13").contains("99\u{a0}% of target"), "not there yet is never 100 %");
    assert!(target("0").contains("reached"));
}

#[test]
fn nothing_is_said_in_words_and_never_drawn_as_zero() {
    let none = answer("Revenue", vec![]);
    let line = trend::draw(&none, &TrendSettings::default(), YEAR, trend::Style::Line, 4);
    assert!(line.contains("Nothing to show") && !line.contains("<svg"));
    assert!(bars::draw(&none, &BarSettings::default(), None, 4).contains("Nothing to show"));
    assert!(donut::draw(&groups(&[]), &DonutSettings::default()).contains("Nothing to show"));
    assert!(donut::draw(&groups(&[("Losses", "-5")]), &DonutSettings::default()).contains("amounts above zero"));
    assert!(kpi(|a| a.value = None).contains("No single value"));
}

#[test]
fn an_import_is_offered_only_where_there_are_no_records_at_all() {
    let words = |lack: Lack| {
        let lack = Lack { may_add: true, ..lack };
        bars::draw(&MetricAnswer { lack, ..answer("Revenue", vec![]) }, &BarSettings::default(), None, 4)
    };
    assert!(words(Lack { none_yet: true, ranged: true, ..Lack::default() }).contains("import some"));
    for ranged in [true, false] {
        for filtered in [true, false] {
            let html = words(Lack { ranged, filtered, ..Lack::default() });
            assert!(!html.contains("import some"), "{html}");
            assert_eq!(html.contains("filters"), filtered, "{html}");
        }
    }
}

#[test]
fn names_from_outside_stay_text() {
    let hostile = groups(&[("<script>alert(1)</script>", "5"), ("\" onmouseover=\"x", "3"), ("a\tb\nc", "1")]);
    for html in [
        bars::draw(&hostile, &BarSettings::default(), None, 4),
        donut::draw(&hostile, &DonutSettings::default()),
        kpi(|a| a.name = "\"><script>".into()),
    ] {
        assert!(!html.contains("<script"), "{html}");
        assert!(!html.contains("\" onmouseover"), "{html}");
        assert_well_formed("hostile", &html);
    }
}

#[test]
fn every_chart_has_a_name_marks_for_keys_and_a_table_with_every_digit() {
    let a = answer("Revenue", vec![months("Revenue", 12, 2_310_037, true)]);
    let html = trend::draw(&a, &TrendSettings::default(), YEAR, trend::Style::Line, 4);
    assert!(html.contains("role=\"img\" aria-label=\"Revenue from Nov 2025 to Oct 2026. lowest"), "{html}");
    assert_eq!(html.matches("class=\"wb-hit\"").count(), 12);
    assert_eq!(html.matches("tabindex=\"0\" role=\"img\"").count(), 1, "one stop of the Tab key");
    assert!(html.contains("<td class=\"num\">$2,310,037.37</td>"), "{html}");
    assert!(html.contains("a year before"));
}

#[test]
fn a_shorter_period_before_is_not_stretched() {
    let mut series = months("Revenue", 4, 2_310_000, false);
    series.comparison = series.points[..3].to_vec();
    let answer = answer("Revenue", vec![series]);
    let html = trend::draw(&answer, &TrendSettings::default(), YEAR, trend::Style::Line, 4);
    let path = |class: &str| {
        let drawn = html.split("<path d=\"").skip(1).find(|path| path.contains(&format!("class=\"{class}"))).unwrap();
        drawn.split('"').next().unwrap()
    };
    assert!(path("line ").starts_with(path("before")), "each stands under the one of its place: {html}");
}

#[test]
fn rings_and_sparklines_have_a_table_too() {
    let a = answer("Revenue", vec![months("Revenue", 3, 2_310_000, true)]);
    let spark = figure::sparkline(&a, &SparklineSettings::default(), YEAR);
    assert!(spark.contains("Revenue as a table") && spark.contains("<td class=\"num\">$2,310,000.37</td>"), "{spark}");
    let ring = dial::ring(&a, &RingSettings { target: Some(d("80000000")), ..RingSettings::default() });
    assert!(ring.contains("Revenue as a table") && ring.contains("<td class=\"num\">$80,000,000.00</td>"), "{ring}");
    for html in [spark, ring] {
        assert_well_formed("table view", &html);
    }
}

#[test]
fn a_threshold_is_reached_from_the_side_that_is_worse() {
    let limits = Limits { warning: Some(d("80")), critical: None };
    let settings = GaugeSettings { limits, ..GaugeSettings::default() };
    let said = |direction: Direction| {
        let answer = MetricAnswer { direction, ..answer("Collection rate", vec![]) };
        dial::gauge(&answer, &settings, None)
    };
    assert!(said(Direction::HigherIsBetter).contains(">Warning at or below</th>"));
    assert!(said(Direction::LowerIsBetter).contains(">Warning at or above</th>"));
}

#[test]
fn the_only_part_is_all_of_it() {
    let html = donut::draw(&groups(&[("Salaries", "5")]), &DonutSettings::default());
    assert!(html.contains(">100\u{a0}%</td>") && !html.contains("100.0\u{a0}%"), "{html}");
}

#[test]
fn quarters_are_told_by_their_numbers_along_the_axis() {
    let mut quarters = answer("Revenue", vec![months("Revenue", 4, 2_310_000, false)]);
    quarters.grain = Some(Grain::Quarter);
    let html = trend::draw(&quarters, &TrendSettings::default(), None, trend::Style::Line, 4);
    assert!(html.contains(">Q4 2025</span>") && html.contains(">Q1 2026</span>"), "{html}");
}

#[test]
fn a_bar_lies_on_its_own_side_of_zero_and_zero_has_none() {
    let parts = groups(&[("Gain", "1000000"), ("Loss", "-300"), ("Nothing", "0")]);
    for (bars, side) in [(Bars::Upright, "top"), (Bars::Lying, "right")] {
        let html = bars::draw(&parts, &BarSettings { bars, ..BarSettings::default() }, None, 4);
        assert_eq!(html.matches("<i class=\"s1").count(), 2, "{html}");
        assert!(html.contains(&format!("<i class=\"s1 neg\" style=\"{side}:")), "{html}");
    }
}

#[test]
fn the_line_of_lying_bars_stands_where_they_begin() {
    let lying = BarSettings { bars: Bars::Lying, ..BarSettings::default() };
    let html = bars::draw(&groups(&[("Gain", "100"), ("Loss", "-100")]), &lying, None, 4);
    assert!(html.contains("--zero:50%") && html.contains("<i class=\"s1\" style=\"left:50%"), "{html}");
}

#[test]
fn the_labels_stand_by_their_lines_also_where_the_scale_ends_below_them() {
    let mut dip = answer("Net profit", vec![months("Net profit", 4, 2_310_000, false)]);
    let html = |answer: &MetricAnswer| bars::draw(answer, &BarSettings::default(), None, 4);
    assert!(html(&dip).contains("class=\"wb-y\" style=\"height:100%\""));
    dip.series[0].points[1].value = Some(d("-3000"));
    assert!(html(&dip).contains("class=\"wb-y\" style=\"height:9"), "{}", html(&dip));
}

#[test]
fn values_before_are_read_out_beside_those_of_now() {
    let flow = answer("Cash", vec![months("Income", 2, 2_310_000, true), months("Expense", 2, 1_900_000, true)]);
    let area = trend::draw(&flow, &TrendSettings::default(), YEAR, trend::Style::Area, 4);
    assert!(area.contains("s1\tIncome\t$2,310,000.37\ns1 before\tIncome, year before\t$"), "{area}");
    let one = answer("Revenue", vec![months("Revenue", 2, 2_310_000, true)]);
    let lying = BarSettings { bars: Bars::Lying, ..BarSettings::default() };
    let bars = bars::draw(&one, &lying, YEAR, 4);
    assert_eq!(bars.matches("on a year before").count(), 2 + 1, "each row, and the first aloud: {bars}");
}

#[test]
fn a_widget_s_own_limits_show_by_shape_words_and_colour_and_0_is_one() {
    let mut losses = answer("Net profit", vec![months("Net profit", 12, 900_000, false)]);
    losses.value = Some(d("-1"));
    let kpi = |warning, critical| {
        let limits = Limits { warning, critical };
        figure::kpi(&losses, &KpiSettings { limits, ..KpiSettings::default() }, None)
    };
    assert!(kpi(Some(d("0")), None).contains("wb-chip warning\">◆ Warning"));
    assert!(kpi(Some(d("5")), Some(d("0"))).contains("wb-chip critical\">! Critical"));
    assert!(!kpi(Some(d("-2")), None).contains("wb-chip"), "higher is better, and it is higher");
    let limits = Limits { warning: Some(d("0")), critical: None };
    let line = TrendSettings { limits, ..TrendSettings::default() };
    let html = trend::draw(&losses, &line, None, trend::Style::Line, 4);
    assert!(html.contains("◆ Warning $0") && html.contains("class=\"target warning\""), "{html}");
}

#[test]
fn numbers_are_written_as_the_settings_wish() {
    let written = |figure: Figure| kpi_of(KpiSettings { figure, ..KpiSettings::default() });
    let full = Figure { notation: Notation::Full, ..Figure::default() };
    assert!(written(full.clone()).contains("\">$39,421,337.12</data>"));
    assert!(written(Figure { decimals: Some(0), ..full }).contains("\">$39,421,337</data>"));
    assert!(written(Figure { decimals: Some(0), ..Figure::default() }).contains("\">$39<small> M</small>"));
}

fn kpi_of(settings: KpiSettings) -> String {
    figure::kpi(&answer("Revenue", vec![]), &settings, None)
}

#[test]
fn a_chart_over_time_says_the_days_of_its_buckets_unless_its_range_is_its_own() {
    let a = answer("Revenue", vec![months("Revenue", 3, 2_310_000, true)]);
    let own = Figure { common: Common { range: Some(Default::default()), ..Default::default() }, ..Default::default() };
    let bounds = "data-bounds=\"2025-11-01 2025-12-01 2026-01-01 2026-02-01\"";
    let line =
        |figure: Figure| trend::draw(&a, &TrendSettings { figure, ..Default::default() }, YEAR, trend::Style::Line, 4);
    let bars = |figure: Figure| bars::draw(&a, &BarSettings { figure, ..Default::default() }, YEAR, 4);
    let spark = |figure: Figure| figure::sparkline(&a, &SparklineSettings { figure, ..Default::default() }, YEAR);
    for (follows, stays) in [
        (line(Figure::default()), line(own.clone())),
        (bars(Figure::default()), bars(own.clone())),
        (spark(Figure::default()), spark(own.clone())),
    ] {
        assert!(follows.contains(bounds) && follows.matches("zoom-hint").count() == 1, "{follows}");
        assert!(stays.contains("data-own-range") && !stays.contains("data-bounds") && !stays.contains("zoom-hint"));
    }
    let by_name = groups(&[("Frames", "3"), ("Wheels", "2")]);
    let by_name = bars::draw(&by_name, &BarSettings::default(), None, 4);
    assert!(!by_name.contains("data-bounds") && !by_name.contains("data-own-range"));
}
