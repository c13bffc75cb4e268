//! The grid of cards. A card's frame is a view; its body is HTML that the server drew.

use super::{leave::CardFiles, live::Live};
use crate::{
    dashboards::{
        page::{Body, Card},
        templates::Template,
    },
    error::AppError,
    ids::DashboardId,
    ui::{ErrorBox, Icon, IconName},
    widgets::WidgetKind,
};
use leptos::prelude::*;

/// Where a card stands, as CSS variables: phones place it by other rules than the twelve columns.
pub fn place(x: u16, y: u16, w: u16, h: u16) -> String {
    format!("--x:{};--y:{};--w:{w};--h:{h}", x + 1, y + 1)
}

/// Cards that are narrow enough stand side by side on a phone.
pub fn width_class(w: u16) -> &'static str {
    if w <= 4 { "narrow-card" } else { "wide-card" }
}

pub fn card_class(kind: WidgetKind, w: u16) -> String {
    format!("card widget {} {}", width_class(w), kind.as_str())
}

#[component]
pub fn Grid(
    cards: Vec<Card>,
    dashboard: DashboardId,
    /// The page's query string, for links to files.
    search: String,
    live: Live,
    reload: Callback<()>,
) -> impl IntoView {
    let cards = cards
        .into_iter()
        .map(|card| view! { <CardView card dashboard search=search.clone() live reload/> })
        .collect_view();
    view! { <div class="grid12">{cards}</div> }
}

#[component]
fn CardView(card: Card, dashboard: DashboardId, search: String, live: Live, reload: Callback<()>) -> impl IntoView {
    let Card { id, kind, title, metric, x, y, w, h, range, unmet, .. } = card;
    let content = live.content(id);
    let [beside, below] = unmet_note(unmet, h);
    view! {
        <article
            class=card_class(kind, w)
            style=place(x, y, w, h)
            aria-labelledby=format!("w-{id}")
        >
            <header>
                <h2 id=format!("w-{id}")>{title.clone()}</h2>
                {beside}
                {range.map(|range| view! { <span class="own-range">{range}</span> })}
                <details class="menu">
                    <summary class="more" aria-label=format!("More about {title}")>
                        <Icon name=IconName::More/>
                    </summary>
                    <div class="panel">
                        {metric
                            .map(|metric| {
                                view! {
                                    <a class="item" href=format!("/metrics/{metric}")>
                                        <Icon name=IconName::Metric/>
                                        "How is this computed?"
                                    </a>
                                }
                            })} <CardFiles dashboard widget=id search/>
                    </div>
                </details>
            </header>
            {move || match content.error.get() {
                Some(error) => view! { <ErrorBox error retry=reload/> }.into_any(),
                None => view! { <div class="widget-body" inner_html=move || content.body.get().0></div> }.into_any(),
            }}
            {below}
        </article>
    }
}

/// Which filters a card leaves out, beside its title and below its figure: on one row there is room for the figure alone.
pub fn unmet_note(unmet: Option<String>, rows: u16) -> [Option<impl IntoView>; 2] {
    let note = |unmet: String| {
        let whole = unmet.clone();
        view! { <p class="unmet" title=whole>{unmet}</p> }
    };
    let (beside, below) = if rows == 1 { (unmet, None) } else { (None, unmet) };
    [beside.map(note), below.map(note)]
}

/// Cards that only show: no menu, and nothing that moves.
#[component]
pub fn StillGrid(cards: Vec<Card>, bodies: Vec<Body>) -> impl IntoView {
    // After hydration the browser has no copy of the bodies; the page itself holds them.
    let bodies = bodies.into_iter().map(Some).chain(std::iter::repeat_with(|| None));
    let cards = cards
        .into_iter()
        .zip(bodies)
        .map(|(Card { id, kind, title, x, y, w, h, error, .. }, body)| {
            view! {
                <article class=card_class(kind, w) style=place(x, y, w, h) aria-labelledby=format!("w-{id}")>
                    <header>
                        <h2 id=format!("w-{id}")>{title}</h2>
                    </header>
                    <StillBody body=body.unwrap_or_default() error/>
                </article>
            }
        })
        .collect_view();
    view! { <div class="grid12">{cards}</div> }
}

/// A body, or why there is none.
#[component]
pub fn StillBody(body: Body, error: Option<AppError>) -> impl IntoView {
    match error {
        Some(error) => view! { <ErrorBox error/> }.into_any(),
        None => view! { <div class="widget-body" inner_html=move || body.0.clone()></div> }.into_any(),
    }
}

/// Bones in the shape of the usual dashboard, while one is on its way.
#[component]
pub fn GridSkeleton() -> impl IntoView {
    let bones = Template::ExecutiveOverview
        .spots()
        .iter()
        .map(|&(_, x, y, w, h)| {
            view! {
                <div class=format!("card widget {}", width_class(w)) style=place(x, y, w, h)>
                    <i class="bone"></i>
                    <i class="bone tall"></i>
                </div>
            }
        })
        .collect_view();
    view! {
        <div class="top">
            <i class="bone tab-bone"></i>
        </div>
        <p class="sub">"Loading"</p>
        <div class="grid12" role="status" aria-label="Loading the dashboard">
            {bones}
        </div>
    }
}

/// A template in small: where its widgets stand.
#[component]
pub fn Preview(template: Option<Template>) -> impl IntoView {
    let blocks = template
        .map(Template::spots)
        .unwrap_or_default()
        .iter()
        .map(|&(kind, x, y, w, h)| view! { <i class=kind.as_str() style=place(x, y, w, h)></i> })
        .collect_view();
    view! {
        <span class="preview" aria-hidden="true">
            {blocks}
        </span>
    }
}
