//! Managing public links: those of one dashboard, and all of the organisation.

use super::{
    model::{self, Share, Shares},
    rpc::{self, CreateShare, RevokeShare, RotateShare},
};
use crate::{
    dashboards::page::PageQuery,
    error::AppError,
    format,
    ids::DashboardId,
    ui::{
        ActionForm, Button, ButtonKind, ButtonVariant, Checkbox, Chip, ConfirmButton, EmptyState, ErrorPage, Field,
        FormError, LinkButton, Page, Resource, ServerAction, TableBox, TextArea, Tone, action_error, field_error,
        shell::use_viewer,
    },
};
use leptos::prelude::*;
use leptos_router::hooks::{use_params_map, use_query_map};

/// The links of one dashboard, and a form for another one.
#[component]
pub fn SharePage() -> impl IntoView {
    let params = use_params_map();
    let id = Signal::derive(move || params.read().get("id").map(|id| id.parse::<DashboardId>().ok()));
    view! { <Links of=id/> }
}

/// Every open link of the organisation.
#[component]
pub fn SharesPage() -> impl IntoView {
    view! { <Links of=Signal::stored(None)/> }
}

/// `of`: nothing for all links, else the dashboard that the address names, if it names one.
#[component]
fn Links(of: Signal<Option<Option<DashboardId>>>) -> impl IntoView {
    let rotate = ServerAction::<RotateShare>::new();
    let revoke = ServerAction::<RevokeShare>::new();
    let search = use_query_map();
    // The range and the filters that the dashboard was looked at with.
    let query = Memo::new(move |_| PageQuery::read(None, search.get()).selection().search());
    let shares = Resource::new_blocking(
        move || (of.get(), rotate.version().get(), revoke.version().get(), search.read().get("link"), query.get()),
        |(of, .., query)| async move {
            match of {
                Some(None) => Err(AppError::not_found("The dashboard")),
                Some(id) => rpc::list_shares(id, query).await,
                None => rpc::list_shares(None, query).await,
            }
        },
    );
    view! {
        <Transition>
            {move || Suspend::new(async move {
                match shares.await {
                    Ok(shares) => {
                        let dashboard = of.get_untracked().flatten();
                        view! { <Loaded shares dashboard query=query.get_untracked() rotate revoke/> }.into_any()
                    }
                    Err(error) => view! { <ErrorPage error/> }.into_any(),
                }
            })}
        </Transition>
    }
}

#[component]
fn Loaded(
    shares: Shares,
    dashboard: Option<DashboardId>,
    /// The dashboard's query string.
    query: String,
    rotate: ServerAction<RotateShare>,
    revoke: ServerAction<RevokeShare>,
) -> impl IntoView {
    let Shares { dashboard: name, shares, shows, base_url } = shares;
    let (title, lead) = match &name {
        Some(name) => {
            (format!("Share “{name}”"), "Whoever has a link sees this dashboard, and nothing else, without an account.")
        }
        None => ("Public links".to_owned(), "Everything of this organisation that can be seen without an account."),
    };
    let made = use_query_map().with_untracked(|query| query.get("made"));
    let empty = shares.is_empty();
    let kept = query.clone();
    let actions = move || dashboard.map(|_| view! { <LinkButton href="/public-links">"All public links"</LinkButton> });
    view! {
        <Page title lead actions>
            {made.map(|token| view! { <Made address=format!("{base_url}{}", model::path(&token))/> })}
            <FormError error=action_error(rotate)/>
            <FormError error=action_error(revoke)/>
            {(!empty).then(|| view! { <Table shares with_dashboard=dashboard.is_none() query=kept rotate revoke/> })}
            {match dashboard {
                Some(dashboard) => view! { <NewLink dashboard query shows/> }.into_any(),
                None if empty => {
                    view! {
                        <EmptyState
                            title="Nothing is public"
                            text="To show a dashboard to people without an account, open it and choose “Share”."
                        >
                            <LinkButton href="/dashboards">"Go to the dashboards"</LinkButton>
                        </EmptyState>
                    }
                        .into_any()
                }
                None => ().into_any(),
            }}
        </Page>
    }
}

/// The address of a link that was just made: the only time that it is seen.
#[component]
fn Made(address: String) -> impl IntoView {
    let embed = format!("<iframe src=\"{address}\" width=\"100%\" height=\"800\" title=\"Dashboard\"></iframe>");
    view! {
        <section class="card made" aria-labelledby="made">
            <h2 id="made">"Copy this link now"</h2>
            <p>"It is not kept, so it cannot be shown again. If it gets lost, replace it."</p>
            <div class="form">
                <Copied name="address" label="Link" text=address/>
                <Copied name="embed" label="To embed it in a page of the sites that you allowed" text=embed/>
            </div>
        </section>
    }
}

/// A text to copy: by a button, or by hand.
#[component]
fn Copied(name: &'static str, label: &'static str, text: String) -> impl IntoView {
    let done = RwSignal::new(false);
    let copy = StoredValue::new(text.clone());
    view! {
        <label class="field" for=name>
            <span>{label}</span>
            <span class="row nowrap">
                <input class="input" id=name name=name readonly value=text/>
                <Button on:click=move |_| {
                    copy.with_value(|text| copy_text(text));
                    done.set(true);
                }>{move || if done.get() { "Copied" } else { "Copy" }}</Button>
            </span>
        </label>
    }
}

#[cfg(feature = "hydrate")]
fn copy_text(text: &str) {
    // Fails only where the page may not use the clipboard; the text stands in the field to be copied by hand.
    let _ = window().navigator().clipboard().write_text(text);
}

#[cfg(not(feature = "hydrate"))]
fn copy_text(_text: &str) {}

#[component]
fn Table(
    shares: Vec<Share>,
    with_dashboard: bool,
    query: String,
    rotate: ServerAction<RotateShare>,
    revoke: ServerAction<RevokeShare>,
) -> impl IntoView {
    let rows = shares
        .into_iter()
        .map(|share| view! { <Row share with_dashboard query=query.clone() rotate revoke/> })
        .collect_view();
    view! {
        <TableBox label="Public links">
            <table class="table middle">
                <thead>
                    <tr>
                        <th scope="col">"Link"</th>
                        {with_dashboard.then(|| view! { <th scope="col">"Dashboard"</th> })}
                        <th scope="col">"Open to"</th>
                        <th scope="col">"Until"</th>
                        <th scope="col" class="num">"Views"</th>
                        <th scope="col">"Last view"</th>
                        <th scope="col">
                            <span class="sr-only">"Actions"</span>
                        </th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </TableBox>
    }
}

#[component]
fn Row(
    share: Share,
    with_dashboard: bool,
    query: String,
    rotate: ServerAction<RotateShare>,
    revoke: ServerAction<RevokeShare>,
) -> impl IntoView {
    let zone = use_viewer().with_untracked(|viewer| viewer.organization.time_zone);
    let id = share.id.to_string();
    let same = id.clone();
    let by = share.created_by.map(|name| format!("by {name}, "));
    let made = format!("{}{}", by.unwrap_or_default(), format::date(zone.day(share.created_at)));
    let (tone, access) = match (share.expired, share.has_password) {
        (true, _) => (Tone::Neutral, "Expired"),
        (false, true) => (Tone::Info, "Who knows the password"),
        (false, false) => (Tone::Warn, "Anybody with the link"),
    };
    let details = [share.unlocked.then(|| "range and filters can be changed".to_owned())]
        .into_iter()
        .flatten()
        .chain((!share.origins.is_empty()).then(|| format!("embedded in {}", share.origins.join(", "))))
        .collect::<Vec<_>>()
        .join("; ");
    let until = match share.expires_at {
        Some(at) => format::date_time(at, zone),
        None => "No end".to_owned(),
    };
    view! {
        <tr>
            <th scope="row">
                <b>{share.name.clone()}</b>
                <div class="muted">{made}</div>
            </th>
            {with_dashboard
                .then(|| {
                    view! {
                        <td class="wide">
                            <a href=format!("/dashboards/{}/share", share.dashboard_id)>{share.dashboard_name}</a>
                        </td>
                    }
                })}
            <td class="wide">
                <Chip tone text=access/>
                <div class="muted">{details}</div>
            </td>
            <td data-label="Until:">{until}</td>
            <td class="num figure" data-label="Views:">
                {format::number(share.views.into(), 0)}
            </td>
            <td data-label="Last view:">{share.last_viewed_at.map_or("Never".to_owned(), |at| format::date_time(at, zone))}</td>
            <td class="num">
                <div class="row end nowrap">
                    <ConfirmButton
                        label="Replace"
                        text="The link gets a new address. The old one ends at once."
                        variant=ButtonVariant::Quiet
                    >
                        <ActionForm action=rotate>
                            <input type="hidden" name="id" value=same/>
                            <input type="hidden" name="query" value=query/>
                            <Button kind=ButtonKind::Submit variant=ButtonVariant::Primary>
                                "Replace the link"
                            </Button>
                        </ActionForm>
                    </ConfirmButton>
                    <ConfirmButton
                        label="Revoke"
                        text=format!("“{}” ends at once, for everybody who has it.", share.name)
                        variant=ButtonVariant::Quiet
                    >
                        <ActionForm action=revoke>
                            <input type="hidden" name="id" value=id/>
                            <Button kind=ButtonKind::Submit variant=ButtonVariant::Danger>
                                "Revoke the link"
                            </Button>
                        </ActionForm>
                    </ConfirmButton>
                </div>
            </td>
        </tr>
    }
}

#[component]
fn NewLink(dashboard: DashboardId, query: String, shows: Vec<String>) -> impl IntoView {
    let create = ServerAction::<CreateShare>::new();
    let error = action_error(create);
    let back = format!("/dashboards/{dashboard}{query}");
    let section = NodeRef::<leptos::html::Section>::new();
    // The page stays for another link, which is to have a name of its own.
    #[cfg(feature = "hydrate")]
    Effect::new(move |_| {
        if create.outcome().with(|outcome| matches!(outcome, Some(Ok(())))) {
            clear(section);
        }
    });
    view! {
        <section class="card" node_ref=section>
            <h2>"New link"</h2>
            {(!shows.is_empty())
                .then(|| {
                    view! {
                        <p class="muted">
                            {format!("It shows: {}. For something else, choose that on the dashboard first.", shows.join("; "))}
                        </p>
                    }
                })}
            <ActionForm action=create attr:class="form">
                <FormError error/>
                <input type="hidden" name="dashboard" value=dashboard.to_string()/>
                <input type="hidden" name="query" value=query/>
                <div class="pair">
                    <Field
                        name="name"
                        label="Name"
                        hint="For your own list: who gets it."
                        max_length=100
                        placeholder="Bank"
                        optional=true
                        error=field_error(error, "name")
                    />
                    <Field
                        name="expires_on"
                        label="Last day"
                        kind="date"
                        optional=true
                        error=field_error(error, "expires_at")
                    />
                </div>
                <Field
                    name="password"
                    label="Password"
                    kind="password"
                    autocomplete="new-password"
                    hint="At least 8 characters. Without one, the link is enough."
                    optional=true
                    error=field_error(error, "password")
                />
                <Checkbox
                    name="unlocked"
                    label="Visitors may choose another time range and narrow the filters"
                    hint="Among the values that you came with, never beyond them. Otherwise they see exactly what you came with."
                />
                <TextArea
                    name="origins"
                    label="Sites that may embed it"
                    rows=2
                    optional=true
                    hint="One a line, such as https://intranet.example.com. Not together with a password."
                    error=field_error(error, "origins")
                />
                <div class="row">
                    <Button kind=ButtonKind::Submit variant=ButtonVariant::Primary busy=create.pending()>
                        "Make the link"
                    </Button>
                    <LinkButton href=back>"Back to the dashboard"</LinkButton>
                </div>
            </ActionForm>
        </section>
    }
}

#[cfg(feature = "hydrate")]
fn clear(section: NodeRef<leptos::html::Section>) {
    use leptos::{wasm_bindgen::JsCast, web_sys::HtmlFormElement};
    let form = section.get_untracked().and_then(|section| section.query_selector("form").ok().flatten());
    if let Some(form) = form.and_then(|form| form.dyn_into::<HtmlFormElement>().ok()) {
        form.reset();
    }
}
