//! The activity page.

use super::{Activity, ActivityQuery, ENTITY_TYPES, Feed, by_day, day_label, rpc::list_activities};
use crate::{
    ui::{
        Button, ButtonKind, EmptyState, ErrorBox, LinkButton, Page, Pager, Resource, SelectField, Skeleton,
        shell::use_viewer,
    },
    zone::Zone,
};
use leptos::prelude::*;
use leptos_router::{
    NavigateOptions,
    components::Form,
    hooks::{use_navigate, use_query_map},
};

/// What happened in the organisation, day by day.
#[component]
pub fn ActivityPage() -> impl IntoView {
    let params = use_query_map();
    let query = Memo::new(move |_| {
        params.with(|params| ActivityQuery {
            entity_type: params.get("type").filter(|kind| !kind.is_empty()),
            limit: None,
            cursor: params.get("cursor"),
        })
    });
    let feed = Resource::new_blocking(move || query.get(), list_activities);
    view! {
        <Page title="Activity" lead="Who did what in your organisation.">
            <Filter kind=Signal::derive(move || query.with(|query| query.entity_type.clone()))/>
            <Transition fallback=|| {
                view! { <Skeleton rows=8/> }
            }>
                {move || Suspend::new(async move {
                    match feed.await {
                        Ok(feed) => view! { <Days feed query=query.get_untracked()/> }.into_any(),
                        Err(error) => view! { <ErrorBox error/> }.into_any(),
                    }
                })}
            </Transition>
        </Page>
    }
}

fn address(kind: Option<&str>) -> String {
    kind.map_or_else(|| "/activity".to_owned(), |kind| format!("/activity?type={kind}"))
}

/// Choosing a kind sends the form at once where there is JavaScript; the button is for the others.
#[component]
fn Filter(kind: Signal<Option<String>>) -> impl IntoView {
    let options = std::iter::once((String::new(), "Everything".to_owned()))
        .chain(ENTITY_TYPES.map(|(key, label)| (key.to_owned(), label.to_owned())))
        .collect::<Vec<_>>();
    let navigate = use_navigate();
    let on_change = Callback::new(move |kind: String| {
        navigate(&address(Some(kind.as_str()).filter(|kind| !kind.is_empty())), NavigateOptions::default());
    });
    let value = Signal::derive(move || kind.get().unwrap_or_default());
    view! {
        <Form method="GET" action="/activity" attr:class="filters">
            <SelectField name="type" label="About" options value on_change/>
            <span class="plain-only">
                <Button kind=ButtonKind::Submit>"Show"</Button>
            </span>
        </Form>
    }
}

#[component]
fn Days(feed: Feed, query: ActivityQuery) -> impl IntoView {
    let base = address(query.entity_type.as_deref());
    let can_edit = use_viewer().with_untracked(|viewer| viewer.role.can_edit());
    if feed.items.is_empty() {
        let text = "Whatever people and imports change is listed here, with who did it and when.";
        return view! {
            <EmptyState title="Nothing has happened yet" text>
                {if query.entity_type.is_some() {
                    Some(view! { <LinkButton href="/activity">"Show everything"</LinkButton> })
                } else {
                    can_edit.then(|| view! { <LinkButton href="/imports/new">"Import a file"</LinkButton> })
                }}
            </EmptyState>
        }
        .into_any();
    }
    let zone = use_viewer().with_untracked(|viewer| viewer.organization.time_zone);
    let joint = if base.contains('?') { '&' } else { '?' };
    let next = feed.next_cursor.map(|cursor| format!("{base}{joint}cursor={cursor}"));
    let first = query.cursor.is_some().then_some(base);
    let days = by_day(feed.items, zone)
        .into_iter()
        .map(|(day, items)| {
            let items = items.into_iter().map(|item| view! { <Item item zone/> }).collect_view();
            view! {
                <section class="card">
                    <h2>{day_label(day, feed.today)}</h2>
                    <ol class="feed">{items}</ol>
                </section>
            }
        })
        .collect_view();
    view! {
        {days}
        <Pager next first/>
    }
    .into_any()
}

#[component]
fn Item(item: Activity, zone: Zone) -> impl IntoView {
    let (mark, tone) = match item.action.as_str() {
        "created" | "imported" | "restored" => ("+", "ic good"),
        "deleted" => ("−", "ic"),
        "failed" => ("!", "ic bad"),
        "cancelled" => ("◆", "ic warn"),
        _ => ("•", "ic"),
    };
    let time = zone.local(item.created_at).format("%H:%M").to_string();
    let instant = item.created_at.to_rfc3339_opts(chrono::SecondsFormat::Secs, true);
    let title = match item.href() {
        Some(href) => view! { <a href=href>{item.title}</a> }.into_any(),
        None => view! { <span>{item.title}</span> }.into_any(),
    };
    view! {
        <li>
            <span class=tone aria-hidden="true">
                {mark}
            </span>
            <div>
                {title}
                <small class="muted">
                    <time datetime=instant>{time}</time>
                    {item.who.map(|who| format!(" · {who}"))}
                </small>
            </div>
        </li>
    }
}
