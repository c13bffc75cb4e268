//! The palette: every kind of widget, with a sketch of it and its sizes. Press to add, drag to place.

use super::sketches::sketch;
use crate::{
    dashboards::editor::bench::Bench,
    ui::{Icon, IconName},
    widgets::WidgetKind,
};
use leptos::prelude::*;

#[component]
pub fn Kinds(bench: Bench) -> impl IntoView {
    let kinds = WidgetKind::ALL
        .map(|kind| {
            let sizes = kind.sizes();
            let size = format!("{}×{} to {}×{}", sizes.min_w, sizes.min_h, sizes.max_w, sizes.max_h);
            view! {
                <li>
                    <button type="button" data-kind=kind.as_str() title=kind.description()>
                        <span class="sketch" aria-hidden="true" inner_html=sketch(kind)></span>
                        <b>{kind.label()}</b>
                        <small>{size}</small>
                    </button>
                </li>
            }
        })
        .collect_view();
    let paste = move || {
        bench.shelf.get().map(|title| {
            view! {
                <li>
                    <button type="button" class="paste" on:click=move |_| paste(bench)>
                        <span class="sketch" aria-hidden="true">
                            <Icon name=IconName::Copy/>
                        </span>
                        <b>"Paste"</b>
                        <small>{title}</small>
                    </button>
                </li>
            }
        })
    };
    view! {
        <section class="kinds" id="kinds" aria-label="Widgets to add" hidden=move || !bench.palette.get()>
            <header>
                <h2>"Add a widget"</h2>
                <button
                    type="button"
                    class="btn quiet icon-only"
                    aria-label="Close"
                    on:click=move |_| bench.palette.set(false)
                >
                    <Icon name=IconName::Close/>
                </button>
            </header>
            <ul>{kinds} {paste}</ul>
        </section>
    }
}

#[cfg(feature = "hydrate")]
fn paste(bench: Bench) {
    use crate::dashboards::editor::browser;
    browser::paste(bench, &browser::shelf().unwrap_or_default());
}

#[cfg(not(feature = "hydrate"))]
fn paste(_: Bench) {}
