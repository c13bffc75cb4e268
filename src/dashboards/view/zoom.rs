//! Zooming: what is selected on one chart becomes the range of the dashboard, in its address; and the way out again.

use crate::{
    dashboards::{page::Shown, selection::Selection},
    ui::{Icon, IconName, Keys, PageKeys},
};
use leptos::prelude::*;

/// What `?` lists on this page.
const KEYS: PageKeys = (
    "On a chart over time",
    &[
        (&["Shift ←", "Shift →"], "Select a stretch of it"),
        (&["Enter"], "Zoom the dashboard to what is selected"),
        (&["Esc"], "Let go of the selection"),
    ],
);

/// What one page's charts have in common.
#[derive(Clone, Copy)]
pub struct Zoom {
    /// Whether charts can be zoomed: not before the page has woken up.
    pub ready: RwSignal<bool>,
    /// Said to whoever listens.
    said: RwSignal<String>,
    /// Selectors of where the keyboard goes when the cards have been drawn anew: the first that is there.
    pub back_to: StoredValue<Vec<String>>,
}

/// Once for the page, which stays while its range changes.
pub fn use_zoom() -> Zoom {
    let zoom = Zoom { ready: RwSignal::new(false), said: RwSignal::default(), back_to: StoredValue::default() };
    if let Some(keys) = use_context::<Keys>() {
        Effect::new(move |_| keys.page.set(Some(KEYS)));
        on_cleanup(move || {
            keys.page.try_set(None);
        });
    }
    #[cfg(feature = "hydrate")]
    browser::listen(zoom);
    zoom
}

impl Zoom {
    /// Once for each drawing of the cards.
    pub fn drawn(&self) {
        #[cfg(feature = "hydrate")]
        {
            let back_to = self.back_to;
            // Not before the cards stand in the page in place of those that were there.
            Effect::new(move |_| {
                request_animation_frame(move || request_animation_frame(move || browser::return_focus(back_to)));
            });
        }
    }
}

/// What those who do not see the charts are told.
#[component]
pub fn ZoomWords(zoom: Zoom) -> impl IntoView {
    view! {
        <p class="sr-only" role="status">
            {zoom.said}
        </p>
        {move || {
            zoom.ready
                .get()
                .then(|| {
                    view! {
                        // The drawings of charts that can be zoomed refer to it.
                        <p id="zoom-hint" hidden>
                            "Shift and the arrow keys select a stretch, Enter zooms the dashboard to it."
                        </p>
                    }
                })
        }}
    }
}

/// The way back to a longer range; nothing where the range is one with a name, or as long as can be.
#[component]
pub fn ZoomOut(shown: Shown) -> impl IntoView {
    let selection = shown.selection();
    shown.wider.map(|wider| {
        let href = Selection { range: wider.clone(), ..selection }.link();
        let title = format!("Zoom out to {}", wider.label());
        view! {
            <a class="btn icon-only" href=href aria-label=title.clone() title=title>
                <Icon name=IconName::ZoomOut/>
            </a>
        }
    })
}

#[cfg(feature = "hydrate")]
mod browser {
    use super::Zoom;
    use crate::widgets::brush;
    use leptos::{prelude::*, wasm_bindgen::JsCast};
    use leptos_router::{
        NavigateOptions,
        hooks::{use_location, use_navigate, use_query_map},
    };
    use web_sys::HtmlElement;

    pub fn return_focus(back_to: StoredValue<Vec<String>>) {
        let selectors = back_to.try_update_value(std::mem::take).unwrap_or_default();
        let found = selectors.iter().find_map(|selector| document().query_selector(selector).ok().flatten());
        if let Some(element) = found.and_then(|element| element.dyn_into::<HtmlElement>().ok()) {
            let _ = element.focus();
        }
    }

    pub fn listen(zoom: Zoom) {
        let (navigate, query, place) = (use_navigate(), use_query_map(), use_location().pathname);
        brush::listen(zoom.said, zoom.back_to, move |period| {
            let [Some(from), Some(to)] = [period.from, period.to] else { return };
            // Whatever else the address says stays.
            let mut params = query.get_untracked();
            for (name, day) in [("from", Some(from)), ("to", Some(to)), ("until", None), ("deleted", None)] {
                match day {
                    Some(day) => params.replace(name, day.to_string()),
                    None => drop(params.remove(name)),
                }
            }
            let address = format!("{}{}", place.get_untracked(), params.to_query_string());
            navigate(&address, NavigateOptions { scroll: false, ..Default::default() });
        });
        Effect::new(move |_| zoom.ready.set(true));
    }
}
