//! The ways out of the page: each asks while there are unsaved changes.

use super::{capture, target};
use crate::{
    dashboards::{
        editor::{bench::Bench, view::IN_ADDRESS},
        selection::search,
    },
    ui::{BACK, LEAVE},
};
use leptos::{prelude::*, wasm_bindgen::JsCast, web_sys};
use std::cell::Cell;
use web_sys::{CustomEvent, HtmlAnchorElement, MouseEvent};

thread_local! {
    static FREE: Cell<bool> = const { Cell::new(false) };
}

pub fn listen(bench: Bench) {
    FREE.set(false);
    let asks = move || !FREE.get() && bench.is_dirty();
    super::listen(leptos::ev::Custom::<web_sys::BeforeUnloadEvent>::new("beforeunload"), move |event| {
        if asks() {
            event.prevent_default();
            event.set_return_value("unsaved");
        }
    });
    capture("click", move |event| {
        if let Some(href) = link(&event).filter(|_| asks()) {
            event.prevent_default();
            event.stop_immediate_propagation();
            bench.leaving.set(Some(href));
        }
    });
    // The command palette and the way back go elsewhere without a link.
    super::listen(leptos::ev::Custom::<CustomEvent>::new(LEAVE), move |event| {
        if let Some(href) = event.detail().as_string().filter(|_| asks()) {
            event.prevent_default();
            if href == BACK
                && let Ok(history) = window().history()
            {
                // The page is the current one again; an address of this very site is never refused.
                let _ = history.push_state_with_url(&wasm_bindgen::JsValue::NULL, "", Some(&here(bench)));
            }
            bench.leaving.set(Some(href));
        }
    });
}

/// The page's own address: the window's is that of the page before by now.
fn here(bench: Bench) -> String {
    let mut pairs = bench.query.with_value(|query| query.selection().pairs());
    pairs.extend(super::draft::shown(bench).map(|id| (IN_ADDRESS.to_owned(), id.to_string())));
    format!("/dashboards/{}/edit{}", bench.id, search(&pairs))
}

/// Where a plain click on a link inside this site leads, unless it is this page.
fn link(event: &web_sys::Event) -> Option<String> {
    let mouse = event.dyn_ref::<MouseEvent>()?;
    if mouse.button() != 0 || mouse.ctrl_key() || mouse.meta_key() || mouse.shift_key() || mouse.alt_key() {
        return None;
    }
    let anchor: HtmlAnchorElement = target(event)?.closest("a[href]").ok()??.dyn_into().ok()?;
    let here = window().location();
    let elsewhere = anchor.pathname() != here.pathname().ok()? || anchor.search() != here.search().ok()?;
    // Other tabs leave this one alone; other sites are asked about by the browser itself.
    let plain = anchor.target().is_empty() && !anchor.has_attribute("download") && anchor.rel() != "external";
    (plain && elsewhere && anchor.origin() == here.origin().ok()?)
        .then(|| format!("{}{}{}", anchor.pathname(), anchor.search(), anchor.hash()))
}

/// Goes where the person wanted, without asking again.
pub fn leave(to: &str, navigate: Callback<String>) {
    FREE.set(true);
    if to != BACK {
        navigate.run(to.to_owned());
    } else if let Ok(history) = window().history() {
        let _ = history.back();
    }
}
