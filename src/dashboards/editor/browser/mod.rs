//! Listens to pointer, keys, clock and the browser's own ways out of the page.

mod draft;
mod drag;
mod draw;
mod keys;
mod leave;
mod pointer;

pub use draft::{discard, keep_now, save};
pub use keys::{paste, shelf};
pub use leave::leave;
pub use pointer::reveal;

use super::{bench::Bench, state::Sheet};
use crate::ids::WidgetId;
use leptos::{prelude::*, wasm_bindgen::JsCast, web_sys};
use std::sync::Arc;
use wasm_bindgen::closure::Closure;
use web_sys::{Element, Event, HtmlElement};

/// Once, when the page has woken up. Everything ends with the page.
pub fn start(bench: Bench) {
    draft::start(bench);
    draw::start(bench);
    pointer::listen(bench);
    keys::start(bench);
    leave::listen(bench);
    if is_phone() {
        bench.palette.set(false);
    }
    bench.shelf.set(shelf().and_then(|text| super::state::offered(&text)));
    changed(bench);
    bench.awake.set(true);
}

/// After anything that may have changed the content.
pub fn changed(bench: Bench) {
    draw::changed(bench);
    draft::changed(bench);
}

/// Reads a body from the page before its widget goes: undo shows it again at once.
pub fn keep_body(bench: Bench, id: WidgetId) {
    if let Some(card) = bench.card(id)
        && card.drawn.with_untracked(Option::is_some)
        && card.body.with_untracked(|body| body.0.is_empty())
        && let Some(tile) = tile(id)
        && let Ok(Some(body)) = tile.query_selector(".widget-body")
    {
        card.body.set(crate::dashboards::page::Body(body.inner_html().into()));
    }
}

pub fn new_id() -> WidgetId {
    WidgetId(new_uuid())
}

/// A new identifier, of version 7 like those that the server makes.
fn new_uuid() -> uuid::Uuid {
    let mut random = [0; 10];
    if let Ok(crypto) = window().crypto() {
        // Refused only for more bytes than these.
        let _ = crypto.get_random_values_with_u8_array(&mut random);
    }
    let now = js_sys::Date::now() as u64;
    uuid::Builder::from_unix_timestamp_millis(now, &random).into_uuid()
}

/// Whether widgets stand in one column: the same width as in the style sheet.
pub fn is_phone() -> bool {
    window().match_media("(max-width: 760px)").ok().flatten().is_some_and(|query| query.matches())
}

pub fn tile(id: WidgetId) -> Option<HtmlElement> {
    document().get_element_by_id(&format!("tile-{id}"))?.dyn_into().ok()
}

/// The widget that an element belongs to.
fn tile_of(element: &Element) -> Option<(WidgetId, HtmlElement)> {
    let tile: HtmlElement = element.closest("[data-tile]").ok()??.dyn_into().ok()?;
    Some((tile.get_attribute("data-tile")?.parse().ok()?, tile))
}

fn target(event: &Event) -> Option<Element> {
    event.target()?.dyn_into().ok()
}

/// Puts the keyboard on a widget, once it is where it shall be.
pub fn focus_tile(id: WidgetId) {
    request_animation_frame(move || focus_tile_now(id));
}

/// At once: a frame later the person may be elsewhere.
fn focus_tile_now(id: WidgetId) {
    if let Some(tile) = tile(id)
        && !document().active_element().is_some_and(|active| tile.contains(Some(&active)))
    {
        let _ = tile.focus();
    }
}

/// After a change. Where the keyboard is on a widget, or what it was on goes or cannot be pressed any more, it comes to the
/// widget that the change was about: an element that moves in the page would lose it.
pub fn keep_focus(bench: Bench, before: Arc<Sheet>) {
    let Some(active) = document().active_element() else { return };
    let (on, was_lost) = (tile_of(&active).map(|(id, _)| id), is_lost());
    request_animation_frame(move || {
        if on.is_none() && !is_lost() {
            return;
        }
        let about = bench.state.try_with_untracked(|state| state.about(&before)).flatten();
        if let Some(id) = about.or(on).filter(|id| tile(*id).is_some()) {
            focus_tile_now(id);
        } else if !was_lost {
            focus_canvas();
        }
    });
}

/// Whether the keyboard is on nothing, or on what cannot be pressed.
fn is_lost() -> bool {
    let lost = |active: Element| active.tag_name() == "BODY" || active.matches(":disabled").unwrap_or(false);
    document().active_element().is_none_or(lost)
}

/// After an attempt to save: onto the first field that was refused, or back from the button that had to wait.
pub fn focus_outcome(bench: Bench) {
    request_animation_frame(move || {
        let refused = bench.refused.try_with_untracked(Option::is_some).unwrap_or(false);
        if refused {
            focus_first(&[
                ".editor-bar [aria-invalid=true]",
                ".editor-panel [aria-invalid=true]",
                ".editor-panel .field:has(> .error:not([hidden])) :is(input, select, textarea, button)",
                "#refused :is(a, button)",
                ".editor-bar .pri",
            ]);
        } else if is_lost() {
            focus_first(&[".editor-bar a"]);
        }
    });
}

/// Puts the keyboard on the first of these that there is.
fn focus_first(wanted: &[&str]) {
    let found = wanted.iter().find_map(|wanted| document().query_selector(wanted).ok().flatten());
    if let Some(element) = found.and_then(|element| element.dyn_into::<HtmlElement>().ok()) {
        let _ = element.focus();
    }
}

/// Puts the keyboard on the first widget, or where one is added.
pub fn focus_canvas() {
    focus_first(&[".editor .tile", ".editor-bar .add"]);
}

/// Puts the keyboard into the settings that have just opened; on a phone without calling its keyboard up.
pub fn focus_panel() {
    request_animation_frame(|| {
        // Not the kind: a key pressed there would choose another one.
        let fields = ["[aria-invalid=true]", "#set-metric", "#set-text", "#set-title"];
        let fields = fields.map(|field| format!(".editor-panel {field}"));
        focus_first(&if is_phone() { vec![".editor-panel"] } else { fields.iter().map(String::as_str).collect() });
    });
}

/// Listens before everybody else, until the page goes away.
fn capture(name: &'static str, listener: impl Fn(Event) + 'static) {
    let closure = Closure::<dyn Fn(Event)>::new(listener);
    // A name and a function: nothing here can be refused.
    let _ = window().add_event_listener_with_callback_and_bool(name, closure.as_ref().unchecked_ref(), true);
    let closure = StoredValue::new_local(closure);
    on_cleanup(move || {
        closure.with_value(|closure| {
            let _ = window().remove_event_listener_with_callback_and_bool(name, closure.as_ref().unchecked_ref(), true);
        });
    });
}

/// Listens until the page goes away.
fn listen<E: leptos::ev::EventDescriptor + 'static>(event: E, listener: impl Fn(E::EventType) + 'static)
where
    E::EventType: JsCast,
{
    let handle = window_event_listener(event, listener);
    on_cleanup(move || handle.remove());
}
