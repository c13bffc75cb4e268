//! Where the settings of a widget open: beside the canvas, where that is narrow from below.

use crate::{
    dashboards::{
        editing::model::{DraftWidget, widget_error},
        editor::{bench::Bench, panel::SettingsPanel, state::Tile},
    },
    ids::WidgetId,
};
use leptos::prelude::*;

#[component]
pub fn Panel(bench: Bench) -> impl IntoView {
    let open = Memo::new(move |_| bench.panel.get());
    move || open.get().map(|id| view! { <Sheet bench id/> })
}

#[component]
fn Sheet(bench: Bench, id: WidgetId) -> impl IntoView {
    let first = bench.state.with_untracked(|state| state.tile(id).map(Tile::widget))?;
    let card = bench.card(id)?;
    let widget = Signal::derive(move || {
        bench.state.with(|state| state.tile(id).map(Tile::widget)).unwrap_or_else(|| first.clone())
    });
    let errors = Signal::derive(move || {
        card.error.get().or_else(|| {
            let at = bench.order.with(|order| order.iter().position(|other| *other == id))?;
            bench.refused.with(|refused| refused.as_ref().and_then(|error| widget_error(error, at)))
        })
    });
    // To close it is to leave its fields.
    on_cleanup(move || {
        card.fresh.try_set(false);
    });
    let on_change = Callback::new(move |changed: DraftWidget| {
        bench.try_act(|state| state.change(&changed));
    });
    let on_close = Callback::new(move |()| {
        bench.panel.set(None);
        #[cfg(feature = "hydrate")]
        crate::dashboards::editor::browser::focus_tile(id);
    });
    #[cfg(feature = "hydrate")]
    Effect::new(move |_| crate::dashboards::editor::browser::focus_panel());
    Some(view! {
        <aside class="editor-panel" tabindex="-1" aria-label=move || format!("Settings of {}", card.title.get())>
            <SettingsPanel widget on_change on_close errors fresh=card.fresh/>
        </aside>
    })
}
