//! The grid of cards. A card's frame is a view; its body is HTML that the server drew.

use super::live::Live;
use crate::{
    dashboards::{page::Card, templates::Template},
    ui::{ErrorBox, Icon, IconName},
};
use leptos::prelude::*;

/// Where a card stands, as CSS variables: phones place it by other rules than the twelve columns.
fn place(x: u16, y: u16, w: u16, h: u16) -> String {
    format!("--x:{};--y:{};--w:{w};--h:{h}", x + 1, y + 1)
}

/// Cards that are narrow enough stand side by side on a phone.
fn width_class(w: u16) -> &'static str {
    if w <= 4 { "narrow-card" } else { "wide-card" }
}

#[component]
pub fn Grid(cards: Vec<Card>, live: Live, reload: Callback<()>) -> impl IntoView {
    let cards = cards.into_iter().map(|card| view! { <CardView card live reload/> }).collect_view();
    view! { <div class="grid12">{cards}</div> }
}

#[component]
fn CardView(card: Card, live: Live, reload: Callback<()>) -> impl IntoView {
    let Card { id, kind, title, metric, x, y, w, h, .. } = card;
    let content = live.content(id);
    view! {
        <article
            class=format!("card widget {} {}", width_class(w), kind.as_str())
            style=place(x, y, w, h)
            aria-labelledby=format!("w-{id}")
        >
            <header>
                <h2 id=format!("w-{id}")>{title.clone()}</h2>
                {metric
                    .map(|metric| {
                        view! {
                            <details class="menu">
                                <summary class="more" aria-label=format!("More about {title}")>
                                    <Icon name=IconName::More/>
                                </summary>
                                <div class="panel">
                                    <a class="item" href=format!("/metrics/{metric}")>
                                        <Icon name=IconName::Metric/>
                                        "How is this computed?"
                                    </a>
                                </div>
                            </details>
                        }
                    })}
            </header>
            {move || match content.error.get() {
                Some(error) => view! { <ErrorBox error retry=reload/> }.into_any(),
                None => view! { <div class="widget-body" inner_html=move || content.body.get().0></div> }.into_any(),
            }}
        </article>
    }
}

/// Bones in the shape of the usual dashboard, while one is on its way.
#[component]
pub fn GridSkeleton() -> impl IntoView {
    let bones = Template::ExecutiveOverview
        .widgets()
        .into_iter()
        .map(|w| {
            let (x, y) = (w.x.unwrap_or_default(), w.y.unwrap_or_default());
            let (w, h) = (w.w.unwrap_or_default(), w.h.unwrap_or_default());
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
        .map(Template::widgets)
        .unwrap_or_default()
        .into_iter()
        .map(|widget| {
            let style = place(
                widget.x.unwrap_or_default(),
                widget.y.unwrap_or_default(),
                widget.w.unwrap_or_default(),
                widget.h.unwrap_or_default(),
            );
            view! { <i class=widget.kind.as_str() style=style></i> }
        })
        .collect_view();
    view! {
        <span class="preview" aria-hidden="true">
            {blocks}
        </span>
    }
}
