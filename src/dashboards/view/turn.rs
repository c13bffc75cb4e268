//! Turning tables and calendars over: their buttons, wherever they stand in the page, are this one form's.

use super::zoom::Zoom;
use crate::widgets::turn::Turn;
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

/// Without scripts it asks for the page again, with whatever else the address says; with them, only what is different
/// changes.
#[component]
pub fn TurnForm(zoom: Zoom) -> impl IntoView {
    let query = use_query_map();
    let kept = move || {
        let mut params = query.get();
        let turns = Turn::all(params.remove("table").unwrap_or_default());
        let turns = turns.into_iter().map(|turn| ("table".to_owned(), turn.to_string()));
        let all: Vec<(String, String)> =
            params.into_iter().map(|(name, value)| (name.into_owned(), value)).chain(turns).collect();
        all.into_iter().map(|(name, value)| view! { <input type="hidden" name=name value=value/> }).collect_view()
    };
    #[cfg(feature = "hydrate")]
    let submit = browser::submit(zoom);
    #[cfg(not(feature = "hydrate"))]
    let submit = move |_: leptos::ev::SubmitEvent| {
        let _ = zoom;
    };
    view! {
        <form id="turn" method="get" action="" hidden on:submit=submit>
            {kept}
        </form>
    }
}

#[cfg(feature = "hydrate")]
mod browser {
    use super::{Turn, Zoom};
    use leptos::{ev::SubmitEvent, prelude::*, wasm_bindgen::JsCast};
    use leptos_router::{
        NavigateOptions,
        hooks::{use_location, use_navigate, use_query_map},
    };
    use web_sys::HtmlButtonElement;

    pub fn submit(zoom: Zoom) -> impl Fn(SubmitEvent) + 'static {
        let (navigate, query, place) = (use_navigate(), use_query_map(), use_location().pathname);
        move |event| {
            let button = event.submitter().and_then(|button| button.dyn_into::<HtmlButtonElement>().ok());
            let Some(button) = button else { return };
            let Ok(turn) = button.value().parse::<Turn>() else { return };
            event.prevent_default();
            let (card, name) = (turn.widget, button.get_attribute("data-turn").unwrap_or_default());
            zoom.back_to.set_value(vec![
                format!("article[aria-labelledby='w-{card}'] button[data-turn='{name}']:enabled"),
                format!("article[aria-labelledby='w-{card}'] .wb-pager button:enabled"),
                format!("article[aria-labelledby='w-{card}'] .wb-scroll"),
            ]);
            let mut params = query.get_untracked();
            let mut texts = params.remove("table").unwrap_or_default();
            texts.push(turn.to_string());
            for turn in Turn::all(texts) {
                params.insert("table", turn.to_string());
            }
            let address = format!("{}{}", place.get_untracked(), params.to_query_string());
            navigate(&address, NavigateOptions { scroll: false, ..Default::default() });
        }
    }
}
