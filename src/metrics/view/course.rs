//! A metric's series as a line and a table.

use super::value_text;
use crate::{
    metrics::model::{MetricAnswer, Point},
    ui::TableBox,
};
use leptos::prelude::*;
use rust_decimal::{Decimal, prelude::ToPrimitive};

/// The drawing's own units; it is stretched to the card's width.
const WIDTH: f64 = 600.0;
const HEIGHT: f64 = 120.0;

/// The series of an answer, over time or by group: drawn when over time, and always as a table.
#[component]
pub fn Course(answer: MetricAnswer) -> impl IntoView {
    let over_time = answer.grain.is_some();
    let heading = match (&answer.grain, &answer.group_by) {
        (Some(grain), _) => format!("By {}", grain.as_str()),
        (None, Some(group)) => format!("By {}", group.replace('_', " ")),
        (None, None) => "Values".to_owned(),
    };
    let labels: Vec<String> = answer.series.iter().map(|series| series.label.clone()).collect();
    let first: Vec<Point> = answer.series.first().map(|series| series.points.clone()).unwrap_or_default();
    if first.is_empty() {
        return view! {
            <section class="card">
                <h2>{heading.clone()}</h2>
                <p class="muted">"Nothing in this time range."</p>
            </section>
        }
        .into_any();
    }
    let drawing = (over_time && first.len() > 1).then(|| {
        let lines = lines(&answer);
        let description = format!("{}, {} to {}", answer.name, first[0].label, first[first.len() - 1].label);
        view! {
            <svg
                class="course"
                viewBox=format!("0 0 {WIDTH} {HEIGHT}")
                preserveAspectRatio="none"
                role="img"
                aria-label=description
            >
                {lines
                    .into_iter()
                    .enumerate()
                    .map(|(i, points)| view! { <polyline class=format!("line s{}", i % 6 + 1) points=points/> })
                    .collect_view()}
            </svg>
        }
    });
    let rows = first
        .iter()
        .enumerate()
        .map(|(i, point)| {
            let cells = answer
                .series
                .iter()
                .map(|series| {
                    let value = series.points.get(i).and_then(|point| point.value);
                    let text = match value {
                        Some(_) => value_text(value, answer.format, answer.unit.as_deref()),
                        None => "–".to_owned(),
                    };
                    view! { <td class="num">{text}</td> }
                })
                .collect_view();
            view! {
                <tr>
                    <th scope="row">{point.label.clone()}</th>
                    {cells}
                </tr>
            }
        })
        .collect_view();
    view! {
        <section class="stack">
            <h2>{heading.clone()}</h2>
            {drawing.map(|drawing| view! { <div class="card">{drawing}</div> })}
            <TableBox label=heading.clone()>
                <table class="table tight">
                    <thead>
                        <tr>
                            <th scope="col">{if over_time { "From" } else { "Group" }}</th>
                            {labels
                                .into_iter()
                                .map(|label| view! { <th scope="col" class="num">{label}</th> })
                                .collect_view()}
                        </tr>
                    </thead>
                    <tbody>{rows}</tbody>
                </table>
            </TableBox>
        </section>
    }
    .into_any()
}

/// Each series as the points of a polyline, all on one scale that includes 0.
fn lines(answer: &MetricAnswer) -> Vec<String> {
    let number = |value: Decimal| value.to_f64().unwrap_or(0.0);
    let values = answer.series.iter().flat_map(|series| &series.points).filter_map(|point| point.value).map(number);
    let (low, high) = values.fold((0.0_f64, 0.0_f64), |(low, high), value| (low.min(value), high.max(value)));
    let span = if high > low { high - low } else { 1.0 };
    let line = |points: &[Point]| {
        let step = WIDTH / points.len().saturating_sub(1).max(1) as f64;
        let place = |(i, point): (usize, &Point)| {
            let y = HEIGHT - (number(point.value?) - low) / span * (HEIGHT - 8.0) - 4.0;
            Some(format!("{:.1},{y:.1}", i as f64 * step))
        };
        points.iter().enumerate().filter_map(place).collect::<Vec<_>>().join(" ")
    };
    answer.series.iter().map(|series| line(&series.points)).collect()
}
