//! The bar above the cards: tabs, time range, comparison, and what editors may do with the dashboard.

use super::{Actions, leave::ExportMenu, live::Live, menu::DashboardMenu, zoom::ZoomOut};
use crate::{
    dashboards::page::{PageQuery, Shown, Tab},
    format,
    ids::DashboardId,
    metrics::{Comparison, QUICK_RANGES, TimeRange},
    ui::{
        Button, ButtonKind, ButtonVariant, Chip, Field, Icon, IconName, LinkButton, Menu, SelectField, Tone,
        shell::use_viewer,
    },
};
use leptos::prelude::*;

#[component]
fn Tabs(tabs: Vec<Tab>, current: DashboardId, search: String, can_edit: bool) -> impl IntoView {
    let links = tabs
        .into_iter()
        .map(|tab| {
            view! {
                <a
                    class="tab"
                    href=format!("/dashboards/{}{search}", tab.id)
                    aria-current=(current == tab.id).then_some("page")
                >
                    {tab.favourite.then(|| view! { <Icon name=IconName::Star/> <span class="sr-only">"Favourite: "</span> })}
                    {tab.name}
                </a>
            }
        })
        .collect_view();
    view! {
        <nav class="tabs" aria-label="Dashboards">
            {links}
            {can_edit
                .then(|| {
                    view! {
                        <a class="tab" href="/dashboards/new" aria-label="New dashboard" title="New dashboard">
                            <Icon name=IconName::Plus/>
                        </a>
                    }
                })}
        </nav>
    }
}

#[component]
pub fn Header(
    tabs: Vec<Tab>,
    shown: Shown,
    search: String,
    can_edit: bool,
    actions: Actions,
    live: Live,
) -> impl IntoView {
    let (row, standing) = (shown.row.clone(), shown.standing);
    let (zone, administers) =
        use_viewer().with_untracked(|viewer| (viewer.organization.time_zone.name(), viewer.role.can_administer()));
    let [edit, share] = ["edit", "share"].map(|page| format!("/dashboards/{}/{page}{search}", row.id));
    view! {
        <div class="top">
            <Tabs tabs=tabs.clone() current=row.id search=search.clone() can_edit/>
            <RangePicker shown=shown.clone()/>
            <ZoomOut shown=shown.clone()/>
            <ComparisonPicker range=shown.range comparison=shown.comparison/>
            <ExportMenu id=row.id tabs search/>
            {administers
                .then(|| {
                    view! {
                        <LinkButton href=share icon=IconName::People>
                            "Share"
                        </LinkButton>
                    }
                })}
            {standing
                .may_edit
                .then(|| {
                    view! {
                        <LinkButton href=edit icon=IconName::Edit>
                            "Edit"
                        </LinkButton>
                    }
                })}
            <DashboardMenu row standing actions/>
        </div>
        <p class="sub">
            <span class="live" class:off=move || !live.connected.get() role="status">
                <i aria-hidden="true"></i>
                {move || if live.connected.get() { "Live" } else { "Not connected, trying again" }}
            </span>
            <span>{move || live.period_label.get()} ", " {zone}</span>
            {move || {
                live.transactions
                    .get()
                    .map(|n| view! { <span>{format::count(n, "transaction", "transactions")}</span> })
            }}
            {standing.public.then(|| view! { <Chip tone=Tone::Info text="Public"/> })}
            {standing.personal.then(|| view! { <span>"Only you see this dashboard"</span> })}
            {standing.arranged.then(|| view! { <span>"Arranged by you"</span> })}
        </p>
    }
}

/// Quick ranges as links, and dates in a form: both end in the address.
#[component]
pub fn RangePicker(shown: Shown) -> impl IntoView {
    let Shown { range, range_label, comparison, first_day, last_day, .. } = shown;
    let links = QUICK_RANGES
        .iter()
        .map(|quick| {
            let to = quick.range();
            let current = (to == range).then_some("true");
            // An empty search would leave the address as it is.
            let search = PageQuery::search(&to, comparison);
            let href = if search.is_empty() { "?".to_owned() } else { search };
            view! {
                <li>
                    <a class="item" href=href aria-current=current>
                        {quick.label}
                    </a>
                </li>
            }
        })
        .collect_view();
    let day = |day: Option<chrono::NaiveDate>| day.map(|day| day.to_string()).unwrap_or_default();
    let compare = comparison_code(comparison);
    view! {
        <Menu label=range_label icon=IconName::Calendar class="ranges" panel_class="panel split">
            <ul aria-label="Time ranges">{links}</ul>
            <form method="get" action="" class="form">
                <Field name="from" label="From" kind="date" value=day(first_day)/>
                <Field name="until" label="To, included" kind="date" value=day(last_day)/>
                <SelectField
                    name="compare"
                    label="Compare with"
                    options=COMPARISONS.map(|(_, code, label)| (code.to_owned(), label.to_owned())).to_vec()
                    value=compare
                />
                <Button kind=ButtonKind::Submit variant=ButtonVariant::Primary>
                    "Show"
                </Button>
            </form>
        </Menu>
    }
}

/// The choice, its name in the address, and what people read.
const COMPARISONS: [(Option<Comparison>, &str, &str); 3] = [
    (Some(Comparison::YearBefore), "year_before", "Year before"),
    (Some(Comparison::PreviousPeriod), "previous_period", "Previous period"),
    (None, "none", "Nothing"),
];

fn comparison_code(comparison: Option<Comparison>) -> &'static str {
    COMPARISONS.iter().find(|(c, ..)| *c == comparison).map_or("none", |(_, code, _)| code)
}

#[component]
pub fn ComparisonPicker(range: TimeRange, comparison: Option<Comparison>) -> impl IntoView {
    let label = match comparison {
        Some(Comparison::YearBefore) => "vs year before",
        Some(Comparison::PreviousPeriod) => "vs previous period",
        None => "No comparison",
    };
    let links = COMPARISONS
        .map(|(choice, _, text)| {
            let search = PageQuery::search(&range, choice);
            let href = if search.is_empty() { "?".to_owned() } else { search };
            view! {
                <a class="item" href=href aria-current=(choice == comparison).then_some("true")>
                    {text}
                </a>
            }
        })
        .collect_view();
    view! {
        <Menu label=label class="compare">
            {links}
        </Menu>
    }
}
