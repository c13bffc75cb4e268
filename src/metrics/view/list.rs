//! Every metric with its current value.

use super::{RangeLinks, StatusChip, answer_text, range_of, range_query};
use crate::{
    metrics::{
        model::{CATEGORIES, TimeRange},
        rpc::{self, MetricRow},
    },
    ui::{
        Button, ButtonKind, ButtonVariant, EmptyState, ErrorBox, Field, IconName, LinkButton, Page, Resource, Skeleton,
        TableBox, shell::use_viewer,
    },
};
use leptos::prelude::*;
use leptos_router::{components::A, hooks::use_query_map};

#[component]
pub fn MetricsPage() -> impl IntoView {
    let query = use_query_map();
    let range = Memo::new(move |_| query.with(range_of));
    let search = Memo::new(move |_| query.with(|query| query.get("q")).unwrap_or_default());
    let metrics = Resource::new(move || range.get(), rpc::list_metrics);
    let can_administer = use_viewer().with_untracked(|viewer| viewer.role.can_administer());
    let add = move || {
        can_administer.then(|| {
            view! {
                <LinkButton href="/metrics/new" variant=ButtonVariant::Primary icon=IconName::Plus>
                    "Add metric"
                </LinkButton>
            }
        })
    };
    view! {
        <Page title="Metrics" lead="Every number of the product, what it means and where it stands." actions=add>
            <form method="get" action="/metrics" class="filters" role="search">
                <Field label="Search" name="q" kind="search" value=search.get_untracked()/>
                {move || {
                    let range = range.get();
                    let all = (range == TimeRange::default()).then(|| "all".to_owned());
                    [("range", all), ("from", range.from), ("to", range.to)]
                        .into_iter()
                        .filter_map(|(name, value)| Some(view! { <input type="hidden" name=name value=value?/> }))
                        .collect_view()
                }}
                <Button kind=ButtonKind::Submit>"Search"</Button>
            </form>
            <RangeLinks/>
            <Transition fallback=|| view! { <Skeleton rows=8/> }>
                {move || {
                    // Read here, so that a new search draws again.
                    let (range, search) = (range.get(), search.get());
                    Suspend::new(async move {
                        match metrics.await {
                            Ok(rows) => view! { <Categories rows range search/> }.into_any(),
                            Err(error) => view! { <ErrorBox error/> }.into_any(),
                        }
                    })
                }}
            </Transition>
        </Page>
    }
}

/// Whether all words of the search stand somewhere in the metric's names or description.
fn matches(row: &MetricRow, search: &str) -> bool {
    let definition = &row.definition;
    let text = format!("{} {} {} {}", definition.name, definition.code, definition.description, definition.category);
    let text = text.to_lowercase();
    search.to_lowercase().split_whitespace().all(|word| text.contains(word))
}

#[component]
fn Categories(rows: Vec<MetricRow>, range: TimeRange, search: String) -> impl IntoView {
    let found: Vec<MetricRow> = rows.into_iter().filter(|row| matches(row, &search)).collect();
    if found.is_empty() {
        return view! {
            <EmptyState title="No metric found" text=format!("Nothing here has “{search}” in its name or description.")>
                <LinkButton href="/metrics">"Show all metrics"</LinkButton>
            </EmptyState>
        }
        .into_any();
    }
    let sections = CATEGORIES
        .into_iter()
        .filter_map(|(category, heading)| {
            let rows: Vec<MetricRow> =
                found.iter().filter(|row| row.definition.category == category).cloned().collect();
            let range = range.clone();
            (!rows.is_empty()).then(|| view! { <Category heading rows range/> })
        })
        .collect_view();
    sections.into_any()
}

#[component]
fn Category(heading: &'static str, rows: Vec<MetricRow>, range: TimeRange) -> impl IntoView {
    let address = range_query(&range);
    let rows = rows
        .into_iter()
        .map(|row| {
            let MetricRow { definition, answer } = row;
            let has_thresholds = definition.warning_threshold.is_some() || definition.critical_threshold.is_some();
            let (value, status) = match &answer {
                Ok(answer) => {
                    (answer_text(answer), view! { <StatusChip answer=answer.clone() has_thresholds/> }.into_any())
                }
                Err(error) => ("–".to_owned(), error.to_string().into_any()),
            };
            let href = format!("/metrics/{}{address}", definition.code);
            view! {
                <tr>
                    <th scope="row">
                        <A href=href>
                            <b>{definition.name}</b>
                        </A>
                        <div class="muted">{definition.description}</div>
                    </th>
                    <td class="num figure">{value}</td>
                    <td>{status}</td>
                </tr>
            }
        })
        .collect_view();
    view! {
        <section class="stack">
            <h2>{heading}</h2>
            <TableBox label=heading>
                <table class="table middle metric-list">
                    <thead>
                        <tr>
                            <th scope="col">"Metric"</th>
                            <th scope="col" class="num">"Value"</th>
                            <th scope="col">"Status"</th>
                        </tr>
                    </thead>
                    <tbody>{rows}</tbody>
                </table>
            </TableBox>
        </section>
    }
}
