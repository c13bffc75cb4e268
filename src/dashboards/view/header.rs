//! The bar above the cards: tabs, time range, comparison, and what editors may do with the dashboard.

use super::{Actions, live::Live};
use crate::{
    dashboards::{
        page::{PageQuery, Shown, Tab},
        rpc::DeleteDashboard,
    },
    format,
    ids::DashboardId,
    metrics::{Comparison, QUICK_RANGES, TimeRange},
    ui::{
        Button, ButtonKind, ButtonVariant, Field, FormError, Icon, IconName, Menu, SelectField, action_error,
        field_error, shell::use_viewer,
    },
};
use leptos::prelude::*;

#[component]
pub fn Tabs(tabs: Vec<Tab>, current: Option<DashboardId>, search: String, can_edit: bool) -> impl IntoView {
    let links = tabs
        .into_iter()
        .map(|tab| {
            view! {
                <a
                    class="tab"
                    href=format!("/dashboards/{}{search}", tab.id)
                    aria-current=(current == Some(tab.id)).then_some("page")
                >
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
    let id = shown.row.id;
    let is_default = shown.row.is_default;
    let name = shown.row.name.clone();
    let zone = use_viewer().with_untracked(|viewer| viewer.organization.time_zone.name());
    view! {
        <div class="top">
            <Tabs tabs current=Some(id) search can_edit/>
            <RangePicker shown=shown.clone()/>
            <ComparisonPicker range=shown.range comparison=shown.comparison/>
            {can_edit.then(|| view! { <DashboardMenu id name is_default actions/> })}
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
        </p>
    }
}

/// Quick ranges as links, and dates in a form: both end in the address.
#[component]
fn RangePicker(shown: Shown) -> impl IntoView {
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
fn ComparisonPicker(range: TimeRange, comparison: Option<Comparison>) -> impl IntoView {
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

#[component]
fn DashboardMenu(id: DashboardId, name: String, is_default: bool, actions: Actions) -> impl IntoView {
    let delete = ServerAction::<DeleteDashboard>::new();
    let renaming = actions.rename.pending();
    let rename_error = field_error(action_error(actions.rename), "name");
    view! {
        <Menu label="Change this dashboard" icon=IconName::More icon_only=true panel_class="panel roomy">
            <div class="form">
                <ActionForm action=actions.rename attr:class="form">
                    <FormError error=action_error(actions.rename)/>
                    <input type="hidden" name="id" value=id.to_string()/>
                    <Field name="name" label="Name" value=name required=true max_length=100 error=rename_error/>
                    <Button kind=ButtonKind::Submit icon=IconName::Edit busy=renaming>
                        "Rename"
                    </Button>
                </ActionForm>
                <hr/>
                {if is_default {
                    view! { <p class="muted">"This dashboard is the default: everybody sees it first."</p> }.into_any()
                } else {
                    view! {
                        <ActionForm action=actions.set_default attr:class="form">
                            <FormError error=action_error(actions.set_default)/>
                            <input type="hidden" name="id" value=id.to_string()/>
                            <Button kind=ButtonKind::Submit icon=IconName::Star>
                                "Make it the default"
                            </Button>
                        </ActionForm>
                    }
                        .into_any()
                }}
                <ActionForm action=delete attr:class="form">
                    <FormError error=action_error(delete)/>
                    <input type="hidden" name="id" value=id.to_string()/>
                    <Button kind=ButtonKind::Submit variant=ButtonVariant::Danger icon=IconName::Trash>
                        "Delete (can be undone)"
                    </Button>
                </ActionForm>
            </div>
        </Menu>
    }
}
