//! The canvas and the widgets on it.

use super::HANDLES;
use crate::{
    dashboards::{
        editing::model::lacks_metric,
        editor::{
            bench::{Bench, Card},
            panel::CHOOSE_METRIC,
            state::Area,
        },
    },
    error::AppError,
    ids::WidgetId,
    ui::{Icon, IconName},
};
use leptos::prelude::*;

/// Where a widget stands, for the width that the canvas has. Written out, as moving two hundred widgets by CSS variables
/// takes the browser three times as long.
pub fn place(Area { x, y, w, h }: Area) -> String {
    let (top, height) = (u32::from(y) * 92, u32::from(h) * 92 - 12);
    format!(
        "transform:translate(calc({x}*(100cqw + 12px)/12),{top}px);\
         width:calc({w}*(100cqw + 12px)/12 - 12px);height:{height}px"
    )
}

#[component]
pub fn Canvas(bench: Bench) -> impl IntoView {
    let placeholder = move || bench.placeholder.get();
    view! {
        <div class="canvas" style=move || format!("--rows:{}", bench.rows.get())>
            <For each=move || bench.order.get() key=|id| *id let:id>
                {bench.card(id).map(|card| view! { <TileView bench id card/> })}
            </For>
            <div
                class="placeholder"
                hidden=move || placeholder().is_none()
                style=move || placeholder().map(place)
            ></div>
            <div class="card empty" hidden=move || bench.order.with(|order| !order.is_empty())>
                <h2>"Nothing on this dashboard yet"</h2>
                <p>
                    "Add a widget from the list of kinds: press one"
                    <span class="by-drag">", or drag it to where it shall stand"</span> "."
                </p>
            </div>
        </div>
    }
}

/// What the small buttons of a widget do.
const TOOLS: [(&str, &str, IconName); 5] = [
    ("settings", "Settings (Enter)", IconName::Settings),
    ("duplicate", "Duplicate (Ctrl D)", IconName::Duplicate),
    ("copy", "Copy (Ctrl C)", IconName::Copy),
    ("pin", "Pin (P)", IconName::Pin),
    ("remove", "Remove (Delete)", IconName::Trash),
];

#[component]
fn TileView(bench: Bench, id: WidgetId, card: Card) -> impl IntoView {
    let selected = Memo::new(move |_| bench.state.with(|state| state.selected() == Some(id)));
    let face = Memo::new(move |_| match (card.error.get(), card.drawn.with(Option::is_some)) {
        (Some(error), _) if lacks_metric(&error) => Face::Unfinished,
        (Some(error), _) => Face::Error(error),
        (None, true) => Face::Body,
        (None, false) => Face::Bones,
    });
    let label = move || {
        let Area { x, y, w, h } = card.area.get();
        let pinned = if card.pinned.get() { ", pinned" } else { "" };
        let kind = card.kind.get().label().to_lowercase();
        format!("{}, {kind}: column {}, row {}, {w} by {h}{pinned}", card.title.get(), x + 1, y + 1)
    };
    let tools = TOOLS
        .map(|(deed, label, icon)| {
            view! {
                <button type="button" tabindex="-1" data-do=deed aria-label=label title=label>
                    <Icon name=icon/>
                </button>
            }
        })
        .collect_view();
    let handles = HANDLES
        .map(|(_, name)| {
            view! { <i data-handle=name></i> }
        })
        .collect_view();
    view! {
        <section
            class=move || format!("card widget tile {}", card.kind.get().as_str())
            class:selected=move || selected.get()
            class:pinned=move || card.pinned.get()
            style=move || place(card.area.get())
            id=format!("tile-{id}")
            data-tile=id.to_string()
            role="group"
            aria-roledescription="widget"
            aria-label=label
            tabindex="0"
        >
            <header>
                <span class="grip" data-grip="" aria-hidden="true">
                    <Icon name=IconName::Grip/>
                </span>
                <h2>{move || card.title.get()}</h2>
                <span class="pin-mark" aria-hidden="true" hidden=move || !card.pinned.get()>
                    <Icon name=IconName::Pin/>
                </span>
                <span class="order-tools">
                    <button type="button" data-do="up" aria-label=move || format!("Move {} up", card.title.get())>
                        <Icon name=IconName::Chevron/>
                    </button>
                    <button type="button" data-do="down" aria-label=move || format!("Move {} down", card.title.get())>
                        <Icon name=IconName::Chevron/>
                    </button>
                </span>
            </header>
            <span class="tile-tools">{tools}</span>
            {move || match face.get() {
                Face::Body => {
                    view! {
                        <div
                            class="widget-body"
                            class:stale=move || card.stale.get()
                            inert=true
                            inner_html=move || card.body.get().0
                        ></div>
                    }
                        .into_any()
                }
                Face::Bones => {
                    view! {
                        <div class="widget-body">
                            <i class="bone"></i>
                            <i class="bone tall"></i>
                        </div>
                    }
                        .into_any()
                }
                Face::Unfinished => view! { <Instead words=CHOOSE_METRIC.into() settings=true/> }.into_any(),
                Face::Error(error) => {
                    let settings = matches!(error, AppError::Invalid { .. });
                    view! { <Instead words=error.to_string() settings/> }.into_any()
                }
            }}
            <span class="handles" aria-hidden="true">{handles}</span>
        </section>
    }
}

#[derive(Clone, PartialEq)]
enum Face {
    Body,
    Bones,
    /// Nobody has chosen yet what it shows.
    Unfinished,
    Error(AppError),
}

/// Why a widget is not drawn, and what to do about it.
#[component]
fn Instead(words: String, settings: bool) -> impl IntoView {
    let (deed, label) = if settings { ("settings", "Open the settings") } else { ("redraw", "Try again") };
    view! {
        <div class="widget-body trouble">
            <p>{words}</p>
            <button type="button" class="btn" data-do=deed tabindex="-1">
                {label}
            </button>
        </div>
    }
}
