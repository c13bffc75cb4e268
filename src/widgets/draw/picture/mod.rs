//! Drawing as one picture: SVG with nothing left to the browser, for files, documents and mail.
//!
//! The page's bodies are HTML that fits itself to any width; a picture has a size of its own, so what the
//! browser would do by container queries is done here, with the font's true widths.

mod figures;
pub mod font;
mod lists;
mod notes;
mod pen;
mod plots;
mod rounds;
mod theme;

pub use pen::{Anchor, Area, Pen, Type, escape, plain};
pub use theme::{Look, Theme};

use super::{
    data::{Data, Found, records_table},
    dial, donut, no_data_words, table, trend,
};
use crate::{
    metrics::MetricAnswer,
    widgets::settings::{TableSettings, WidgetSettings},
};

/// Draws a widget's body into `area`.
pub fn body(pen: &mut Pen, area: Area, found: &Found) {
    let comparison = found.comparison;
    let answer = match &found.data {
        Data::Message(title, text) => return lists::message(pen, area, title, text),
        Data::Alerts { alerts, more } => return lists::alerts(pen, area, alerts, *more),
        Data::Calendar(month) => return lists::calendar(pen, area, month),
        Data::Rows(rows, nothing) if rows.rows.is_empty() => {
            let (title, text) = nothing.words();
            return lists::message(pen, area, &title, &text);
        }
        Data::Rows(rows, _) => return lists::table(pen, area, &records_table(rows.clone(), String::new())),
        Data::Notes => {
            if let WidgetSettings::Notes(s) = &found.settings {
                notes::draw(pen, area, &s.text);
            }
            return;
        }
        Data::Metric(answer) => answer,
    };
    let has_points = answer.series.iter().any(|s| s.points.iter().chain(&s.comparison).any(|p| p.value.is_some()));
    match (&found.settings, answer.value) {
        (WidgetSettings::Kpi(s), Some(value)) => figures::kpi(pen, area, answer, s, comparison, value),
        (WidgetSettings::Sparkline(s), value) => match value.or_else(|| last(answer)) {
            Some(value) => figures::sparkline(pen, area, answer, s, comparison, value),
            None => nothing(pen, area, answer),
        },
        (WidgetSettings::Gauge(s), Some(value)) => rounds::gauge(pen, area, answer, s, comparison, value),
        (WidgetSettings::ProgressRing(s), Some(value)) => match dial::goal(answer, s) {
            Some(whole) => rounds::ring(pen, area, answer, s, (value, whole)),
            None => lists::message(pen, area, dial::NO_TARGET.0, dial::NO_TARGET.1),
        },
        (WidgetSettings::LineChart(s), _) if has_points => {
            plots::trend(pen, area, answer, s, comparison, trend::Style::Line);
        }
        (WidgetSettings::AreaChart(s), _) if has_points => {
            plots::trend(pen, area, answer, s, comparison, trend::Style::Area);
        }
        (WidgetSettings::BarChart(s), _) if has_points => plots::bar_chart(pen, area, answer, s, comparison),
        (WidgetSettings::DonutChart(s), _) if donut::whole(&donut::slices(answer)) > rust_decimal::Decimal::ZERO => {
            rounds::donut(pen, area, answer, s);
        }
        (WidgetSettings::DataTable(TableSettings::Metric(s)), _) if has_points => {
            lists::table(pen, area, &table::of_metric(answer, s, comparison));
        }
        _ => nothing(pen, area, answer),
    }
}

/// Says in `area` why a widget could not be drawn.
pub fn message(pen: &mut Pen, area: Area, title: &str, text: &str) {
    lists::message(pen, area, title, text);
}

fn last(answer: &MetricAnswer) -> Option<rust_decimal::Decimal> {
    answer.series.first()?.points.iter().rev().find_map(|p| p.value)
}

fn nothing(pen: &mut Pen, area: Area, answer: &MetricAnswer) {
    let (title, text) = no_data_words(answer);
    lists::message(pen, area, &title, &text);
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]
    use super::{super::gallery, *};
    use crate::{
        metrics::{Alert, AlertKind, Status},
        widgets::WidgetKind,
    };
    use serde_json::{Value, json};

    fn drawn(kind: WidgetKind, settings: Value, data: Data, (w, h): (f64, f64)) -> String {
        let found = Found { settings: gallery::settings(kind, settings), comparison: None, data };
        let mut pen = Pen::new(Look::Light.theme());
        body(&mut pen, Area::new(0.0, 0.0, w, h), &found);
        pen.out
    }

    #[test]
    fn a_ring_s_list_has_whole_names_and_shares_and_says_what_is_not_drawn() {
        let parts = [("Research and Development", "12981340"), ("Sales", "6490670"), ("Refunds", "-5")];
        for size in [(360.0, 300.0), (465.0, 300.0), (600.0, 300.0)] {
            let answer = gallery::groups(&parts);
            let svg = drawn(WidgetKind::DonutChart, json!({"metric": "m"}), Data::Metric(answer), size);
            for part in [">Research and Development<", ">66.7\u{a0}%<", ">1 negative amount is listed, not drawn.<"] {
                assert!(svg.contains(part), "{part} at {size:?}: {svg}");
            }
        }
    }

    #[test]
    fn a_list_of_alerts_that_is_cut_says_as_much_as_the_page() {
        let alert = Alert {
            kind: AlertKind::Inventory,
            severity: Status::Warning,
            title: "Low stock".into(),
            detail: "3 left, minimum 5".into(),
            entity_type: "material".into(),
            entity_id: uuid::Uuid::nil(),
            href: "/stock/1".into(),
        };
        let data = Data::Alerts { alerts: vec![alert; 10], more: true };
        let svg = drawn(WidgetKind::AlertsFeed, json!({}), data, (360.0, 180.0));
        assert!(svg.contains(">The 3 most urgent are shown.<"), "{svg}");
    }

    #[test]
    fn zero_has_no_bar() {
        let answer = gallery::groups(&[("Gain", "3"), ("Loss", "-2"), ("Nothing", "0")]);
        for bars in ["upright", "lying"] {
            let settings = json!({"metric": "m", "bars": bars});
            let svg = drawn(WidgetKind::BarChart, settings, Data::Metric(answer.clone()), (600.0, 300.0));
            assert_eq!(svg.matches("<path ").count(), 2, "{bars}: {svg}");
        }
    }

    #[test]
    fn every_kind_in_many_states_is_a_picture() {
        for look in [Look::Light, Look::Dark] {
            for (title, w, h, found) in gallery::cards() {
                let mut pen = Pen::new(look.theme());
                let (w, h) = (f64::from(w) * 100.0, f64::from(h) * 92.0);
                body(&mut pen, Area::new(0.0, 0.0, w, h - 50.0), &found);
                super::super::tests::assert_well_formed(title, &pen.out);
                assert!(pen.out.len() > 40, "{title} draws something");
                assert!(!pen.out.contains("NaN"), "{title}: {}", pen.out);
                assert!(!pen.out.contains("<script"), "{title}");
                let svg =
                    format!("<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{w}\" height=\"{h}\">{}</svg>", pen.out);
                resvg::usvg::roxmltree::Document::parse(&svg).unwrap_or_else(|e| panic!("{title}: {e}"));
            }
        }
    }
}
