//! What keys do on this page. The page's list of keys says the same.

use super::{
    focus_tile, listen, new_id,
    pointer::{perform, reveal},
    target, tile_of,
};
use crate::{
    dashboards::{
        editor::{bench::Bench, state::Told},
        grid::Handle,
    },
    ids::WidgetId,
};
use leptos::{ev, prelude::*, wasm_bindgen::JsCast, web_sys};
use web_sys::{ClipboardEvent, Element, HtmlElement, KeyboardEvent};

/// Where a copied widget waits besides the clipboard, which touch screens have no key for.
pub const SHELF: &str = "belvedere-clipboard";

pub fn start(bench: Bench) {
    listen(ev::keydown, move |event| {
        if !event.default_prevented() && stroke(bench, &event) {
            event.prevent_default();
        }
    });
    // A run of held arrows ends with the key.
    listen(ev::keyup, move |event| {
        if event.key().starts_with("Arrow") {
            bench.state.update_untracked(|state| state.end_run());
        }
    });
    // A run of typing ends with the field.
    listen(ev::focusout, move |_| bench.state.update_untracked(|state| state.end_run()));
    listen(ev::copy, move |event| {
        if let Some((id, _)) = focused_tile(&event)
            && let Ok(text) = bench.state.with_untracked(|state| state.copy(id))
            && let Some(data) = event.clipboard_data()
            && data.set_data("text/plain", &text).is_ok()
        {
            event.prevent_default();
            copy(bench, id);
        }
    });
    listen(ev::paste, move |event| {
        if is_typing(target(&event).as_ref()) || is_dialog_open() {
            return;
        }
        let text = event.clipboard_data().and_then(|data| data.get_data("text/plain").ok()).unwrap_or_default();
        event.prevent_default();
        paste(bench, &text);
    });
}

fn focused_tile(event: &ClipboardEvent) -> Option<(WidgetId, HtmlElement)> {
    let element = target(event).or_else(|| document().active_element())?;
    if is_typing(Some(&element)) { None } else { tile_of(&element) }
}

/// Puts a widget on the shelf, for the page's own "Paste".
pub fn copy(bench: Bench, id: WidgetId) {
    let copied = bench.state.with_untracked(|state| Some((state.copy(id).ok()?, state.tile(id)?.title())));
    if let (Some((text, title)), Ok(Some(storage))) = (copied, window().local_storage()) {
        // Refused when the browser keeps nothing; the clipboard has it all the same.
        let _ = storage.set_item(SHELF, &text);
        bench.shelf.set(Some(title.clone()));
        bench.said.set(format!("{title} was copied."));
        bench.toasts.success(format!("“{title}” was copied. Paste it on any dashboard."));
    }
}

pub fn shelf() -> Option<String> {
    window().local_storage().ok()??.get_item(SHELF).ok()?
}

pub fn paste(bench: Bench, text: &str) {
    let mut last = None;
    let fresh = || *last.insert(new_id());
    if bench.try_act(|state| state.paste(text, fresh))
        && let Some(id) = last
    {
        reveal(id);
    }
}

/// Whether the key did something.
fn stroke(bench: Bench, event: &KeyboardEvent) -> bool {
    let command = event.ctrl_key() || event.meta_key();
    let key = event.key();
    if command && key.eq_ignore_ascii_case("s") {
        super::save(bench, None);
        return true;
    }
    let element = target(event);
    if is_dialog_open() || event.alt_key() {
        return false;
    }
    if key == "Escape" {
        return close(bench);
    }
    // A list or a box to tick takes nothing back by itself.
    let takes_back = command && matches!(key.as_str(), "z" | "Z" | "y") && !is_text(element.as_ref());
    if is_typing(element.as_ref()) && !takes_back {
        return false;
    }
    match (command, event.shift_key(), key.as_str()) {
        (true, false, "z" | "Z") => bench.undo(),
        (true, true, "z" | "Z") | (true, false, "y") => bench.redo(),
        (false, false, "a") => open_palette(bench),
        _ => {
            // Buttons inside a widget have their own keys.
            let Some((id, _)) = element.filter(|e| e.has_attribute("data-tile")).as_ref().and_then(tile_of) else {
                return false;
            };
            return stroke_on(bench, id, command, event);
        }
    }
    true
}

fn stroke_on(bench: Bench, id: WidgetId, command: bool, event: &KeyboardEvent) -> bool {
    let held = event.repeat();
    let key = event.key();
    let arrow = match key.as_str() {
        "ArrowLeft" => Some((-1, 0)),
        "ArrowRight" => Some((1, 0)),
        "ArrowUp" => Some((0, -1)),
        "ArrowDown" => Some((0, 1)),
        _ => None,
    };
    match (arrow, command, key.as_str()) {
        (Some(_), true, _) => return false,
        (Some((dx, dy)), false, _) if event.shift_key() => {
            let handle = if dy == 0 { Handle::East } else { Handle::South };
            tell(bench, id, |state| state.resize(id, handle, dx, dy, held));
        }
        (Some((_, dy)), false, _) if super::is_phone() && dy != 0 => {
            perform(bench, if dy < 0 { "up" } else { "down" }, id);
        }
        (Some((dx, dy)), false, _) => tell(bench, id, |state| state.nudge(id, dx, dy, held)),
        (None, true, "d" | "D") => perform(bench, "duplicate", id),
        (None, false, "Enter") => perform(bench, "settings", id),
        (None, false, "Delete" | "Backspace") => perform(bench, "remove", id),
        (None, false, "p" | "P") => perform(bench, "pin", id),
        _ => return false,
    }
    true
}

fn tell(bench: Bench, id: WidgetId, deed: impl FnOnce(&mut crate::dashboards::editor::state::State) -> Told) {
    bench.act(deed);
    focus_tile(id);
    reveal(id);
}

/// Closes what is open, the innermost first.
fn close(bench: Bench) -> bool {
    if let Some(id) = bench.panel.get_untracked() {
        bench.panel.set(None);
        focus_tile(id);
        true
    } else {
        false
    }
}

fn open_palette(bench: Bench) {
    bench.palette.set(true);
    request_animation_frame(|| {
        let first = document().query_selector(".kinds button[data-kind]").ok().flatten();
        if let Some(first) = first.and_then(|first| first.dyn_into::<HtmlElement>().ok()) {
            let _ = first.focus();
        }
    });
}

fn is_typing(element: Option<&Element>) -> bool {
    let Some(element) = element.and_then(|element| element.dyn_ref::<HtmlElement>()) else { return false };
    element.is_content_editable() || matches!(element.tag_name().as_str(), "INPUT" | "TEXTAREA" | "SELECT")
}

/// Whether the browser itself takes back what is typed there.
fn is_text(element: Option<&Element>) -> bool {
    let text = "textarea, [contenteditable], input:not([type=checkbox], [type=radio])";
    element.is_some_and(|element| element.matches(text).unwrap_or(false))
}

fn is_dialog_open() -> bool {
    document().query_selector("dialog[open]").ok().flatten().is_some()
}
