//! The bar above the cards: tabs, time range, comparison, and what editors may do with the dashboard.

use super::{Actions, leave::ExportMenu, live::Live, menu::DashboardMenu, zoom::ZoomOut};
use crate::{
    dashboards::{
        filters::view::FilterBar,
        page::{Shown, Tab},
        selection::{Selection, search as search_of},
        views::view::ViewMenu,
    },
    format,
    ids::DashboardId,
    metrics::{Comparison, QUICK_RANGES},
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
            <ComparisonPicker selection=shown.selection()/>
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
        <div class="bar">
            <div class="filter-bar" role="group" aria-label="Views and filters">
                <ViewMenu shown=shown.clone() actions=actions.views/>
                <FilterBar shown=shown.clone()/>
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
                {standing
                    .personal
                    .then(|| {
                        let who = if standing.public { "Only you and whoever has its link see this dashboard" } else { "Only you see this dashboard" };
                        view! { <span>{who}</span> }
                    })}
                {standing.arranged.then(|| view! { <span>"Arranged by you"</span> })}
            </p>
        </div>
    }
}

/// What links to another range or comparison lead to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum To {
    #[default]
    Dashboard,
    /// A public link, whose address has a usual of its own.
    #[cfg_attr(not(feature = "ssr"), expect(dead_code, reason = "only the server draws those"))]
    Link,
}

impl To {
    fn href(self, selection: &Selection) -> String {
        match self {
            Self::Dashboard => selection.link(),
            Self::Link => search_of(&selection.pairs_in_full()),
        }
    }
}

/// Quick ranges as links, and dates in a form: both end in the address.
#[component]
pub fn RangePicker(shown: Shown, #[prop(optional)] to: To) -> impl IntoView {
    let selection = shown.selection();
    let Shown { range, range_label, comparison, first_day, last_day, .. } = shown;
    let links = QUICK_RANGES
        .iter()
        .map(|quick| {
            let other = Selection { range: quick.range(), ..selection.clone() };
            let current = (other.range == range).then_some("true");
            view! {
                <li>
                    <a class="item" href=to.href(&other) aria-current=current>
                        {quick.label}
                    </a>
                </li>
            }
        })
        .collect_view();
    let filters = selection
        .filters
        .pairs()
        .map(|(name, value)| view! { <input type="hidden" name=name value=value/> })
        .collect_view();
    let day = |day: Option<chrono::NaiveDate>| day.map(|day| day.to_string()).unwrap_or_default();
    let compare = comparison_code(comparison);
    view! {
        <Menu label=range_label icon=IconName::Calendar class="ranges" panel_class="panel split">
            <ul aria-label="Time ranges">{links}</ul>
            <form method="get" action="" class="form">
                {filters}
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
pub fn ComparisonPicker(selection: Selection, #[prop(optional)] to: To) -> impl IntoView {
    let comparison = selection.comparison;
    let label = match comparison {
        Some(Comparison::YearBefore) => "vs year before",
        Some(Comparison::PreviousPeriod) => "vs previous period",
        None => "No comparison",
    };
    let links = COMPARISONS
        .map(|(choice, _, text)| {
            let href = to.href(&Selection { comparison: choice, ..selection.clone() });
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
