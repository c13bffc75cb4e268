//! One metric: its value, and how that is computed.

use super::{RangeLinks, StatusChip, answer_text, range_of, range_query, value_text};
use crate::{
    format,
    metrics::{
        model::{Comparison, Definition, Explanation, MetricAnswer, TimeRange},
        rpc::{self, Hydrated, MetricChart, MetricDetails},
    },
    ui::{ErrorPage, IconName, LinkButton, Page, Resource, Skeleton, shell::use_viewer},
};
use leptos::prelude::*;
use leptos_router::{
    components::A,
    hooks::{use_params_map, use_query_map},
};
use rust_decimal::Decimal;

#[component]
pub fn MetricPage() -> impl IntoView {
    let params = use_params_map();
    let query = use_query_map();
    let code = Memo::new(move |_| params.with(|params| params.get("code")).unwrap_or_default());
    let range = Memo::new(move |_| query.with(range_of));
    // Blocking: an unknown code is answered with 404.
    let details = Resource::new_blocking(
        move || (code.get(), range.get()),
        |(code, range)| async move {
            rpc::metric_details(code, range, Some(Comparison::PreviousPeriod)).await.map(Hydrated)
        },
    );
    view! {
        <Transition fallback=|| view! { <Skeleton rows=10/> }>
            {move || Suspend::new(async move {
                match details.await {
                    Ok(Hydrated(details)) => {
                        let range = range.get_untracked();
                        view! { <Details details range/> }.into_any()
                    }
                    Err(error) => view! { <ErrorPage error/> }.into_any(),
                }
            })}
        </Transition>
    }
}

#[component]
fn Details(details: MetricDetails, range: TimeRange) -> impl IntoView {
    let MetricDetails { explanation, answer, charts } = details;
    // What is as of now is the same in every range.
    let ranged = !answer.standing;
    let name = explanation.definition.name.clone();
    let lead = explanation.definition.description.clone();
    let csv = format!("/api/v1/metrics/{}/value{}", answer.code, csv_query(&range));
    let list = format!("/metrics{}", range_query(&range));
    let change =
        use_viewer().with_untracked(|viewer| viewer.role.can_administer()).then(|| match &explanation.definition {
            Definition { system: true, code, .. } => {
                (format!("/metrics/new?like={code}"), IconName::Plus, "Make one like this")
            }
            Definition { code, .. } => (format!("/metrics/{code}/edit"), IconName::Edit, "Edit"),
        });
    let charts = charts
        .into_iter()
        .map(|MetricChart { heading, html }| {
            view! {
                <section class="card metric-chart">
                    <h2>{heading}</h2>
                    <div class="widget-body" inner_html=move || html.clone()></div>
                </section>
            }
        })
        .collect_view();
    view! {
        <Page
            title=name
            lead=lead
            actions=move || {
                view! {
                    <LinkButton href=list.clone()>"All metrics"</LinkButton>
                    <LinkButton href=csv.clone() icon=IconName::Download external=true>
                        "CSV"
                    </LinkButton>
                    {change
                        .clone()
                        .map(|(href, icon, label)| view! { <LinkButton href icon>{label}</LinkButton> })}
                }
            }
        >
            {ranged.then(|| view! { <RangeLinks/> })}
            <div class="columns">
                <Standing answer=answer.clone() definition=explanation.definition.clone() range=range.clone()/>
                <Computed explanation=explanation.clone()/>
            </div>
            {charts}
            <Statement explanation/>
        </Page>
    }
}

/// The API's own words for the same range: there, no range is all time.
fn csv_query(range: &TimeRange) -> String {
    match range_query(range).as_str() {
        "?range=all" => "?format=csv".to_owned(),
        query => format!("{query}&format=csv"),
    }
}

/// Where the value stands: beside the period before, its target and its thresholds.
#[component]
fn Standing(answer: MetricAnswer, definition: Definition, range: TimeRange) -> impl IntoView {
    let zone = use_viewer().with_untracked(|viewer| viewer.organization.time_zone);
    let has_thresholds = definition.warning_threshold.is_some() || definition.critical_threshold.is_some();
    let text = {
        let (form, unit) = (answer.format, answer.unit.clone());
        move |value: Decimal| value_text(Some(value), form, unit.as_deref())
    };
    let before = answer.comparison_value.zip(answer.comparison_period).map(|(value, period)| {
        let change = answer.change().map(|change| format!(" ({})", change.signed()));
        let text = format!("{}{}", text(value), change.unwrap_or_default());
        view! {
            <dt>{period.label()}</dt>
            <dd>{text}</dd>
        }
    });
    let reached = definition.direction.reached();
    let threshold = |label: &'static str, value: Option<Decimal>| {
        value.map(|value| {
            let text = format!("{reached} {}", text(value));
            view! {
                <dt>{label}</dt>
                <dd>{text}</dd>
            }
        })
    };
    let target = definition.target.map(&text).map(|target| view! { <dt>"Target"</dt> <dd>{target}</dd> });
    let period = match range.label() {
        _ if answer.standing => "As of now, whatever the time range".to_owned(),
        label if label == answer.period.label() => label,
        label => format!("{label}: {}", answer.period.label()),
    };
    view! {
        <section class="card stack" aria-label="Value">
            <h2>"Value"</h2>
            <p class="metric-value">{answer_text(&answer)}</p>
            <p><StatusChip answer=answer.clone() has_thresholds/></p>
            <dl class="props">
                <dt>"Time range"</dt>
                <dd>{period}</dd>
                <dt>"Made of"</dt>
                <dd>{answer.counted.clone()}</dd>
                {before}
                {target}
                {threshold("Warning", definition.warning_threshold)}
                {threshold("Critical", definition.critical_threshold)}
                <dt>"As of"</dt>
                <dd>{format::date_time(answer.as_of, zone)}</dd>
            </dl>
        </section>
    }
}

/// The formula in words, and what it reads.
#[component]
fn Computed(explanation: Explanation) -> impl IntoView {
    let Explanation { definition, words, parts, references, reference_names, sources, notes, .. } = explanation;
    let sources: Vec<String> = sources
        .into_iter()
        .map(|source| {
            let by = source.date.map(|date| format!(", by {}", date.to_lowercase())).unwrap_or_default();
            let sums = if source.table == source.source { "" } else { ", from the sums kept by month" };
            format!("{}{by}{sums}", source.label)
        })
        .collect();
    let alone = references.is_empty().then_some("No other metric");
    let references = references
        .into_iter()
        .zip(reference_names)
        .enumerate()
        .map(|(i, (code, name))| {
            let href = format!("/metrics/{code}");
            view! { {(i > 0).then_some(", ")} <A href=href>{name}</A> }
        })
        .collect_view();
    let version = if definition.system {
        format!("{}, a metric of the system", definition.version)
    } else {
        format!("{}, a metric of your organisation", definition.version)
    };
    view! {
        <section class="card stack" aria-label="How is this computed?">
            <h2>"How is this computed?"</h2>
            {words.map(|words| view! { <p>{words}"."</p> })}
            {parts.into_iter().map(|part| view! { <p>{part}"."</p> }).collect_view()}
            <dl class="props">
                <dt>"Reads"</dt>
                <dd>{sources.join("; ")}</dd>
                <dt>"Refers to"</dt>
                <dd>{references}{alone}</dd>
                <dt>"Version"</dt>
                <dd>{version}</dd>
            </dl>
            {notes.into_iter().map(|note| view! { <p class="muted">{note}</p> }).collect_view()}
        </section>
    }
}

/// For those who want to see it all: the formula and the statement.
#[component]
fn Statement(explanation: Explanation) -> impl IntoView {
    let formula = serde_json::to_string_pretty(&explanation.formula).unwrap_or_default();
    let binds = explanation
        .binds
        .iter()
        .enumerate()
        .map(|(i, bind)| format!("${} = {bind}", i + 1))
        .collect::<Vec<_>>()
        .join("\n");
    view! {
        <section class="card" aria-label="Formula and statement">
            <details class="more">
                <summary>"Formula"</summary>
                <pre class="letter mono" tabindex="0">{formula}</pre>
            </details>
            <details class="more">
                <summary>"SQL statement"</summary>
                <pre class="letter mono" tabindex="0">{explanation.sql}"\n\n"{binds}</pre>
            </details>
        </section>
    }
}
