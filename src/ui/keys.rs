//! Keys and presses that mean the same on every page. In the browser only; nothing here is needed to read or to act.

use leptos::prelude::*;

/// Whether the palette and the list of keys are open.
#[derive(Clone, Copy)]
pub struct Keys {
    pub palette: RwSignal<bool>,
    pub help: RwSignal<bool>,
}

/// What `?` lists: keys, and what they do.
pub const KEYS: [(&[&str], &str); 4] = [
    (&["Ctrl K", "⌘ K"], "Go anywhere, do anything"),
    (&["?"], "Show these keys"),
    (&["Esc"], "Close what is open"),
    (&["Tab", "Shift Tab"], "Move through links, buttons, cards and charts"),
];

/// Once, in the frame around all pages: listens until the frame goes away.
pub fn provide_keys() -> Keys {
    let keys = Keys { palette: RwSignal::new(false), help: RwSignal::new(false) };
    provide_context(keys);
    #[cfg(feature = "hydrate")]
    Effect::new(move |_| browser::listen(keys));
    keys
}

#[cfg(feature = "hydrate")]
mod browser {
    use super::Keys;
    use leptos::{ev, prelude::*, wasm_bindgen::JsCast};
    use web_sys::{Element, EventTarget, HtmlElement, KeyboardEvent, Node};

    pub fn listen(keys: Keys) {
        let presses = window_event_listener(ev::click, move |event| {
            let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
            close_menus_but(target.as_ref());
        });
        let strokes = window_event_listener(ev::keydown, move |event| stroke(&event, keys));
        on_cleanup(move || {
            presses.remove();
            strokes.remove();
        });
    }

    fn stroke(event: &KeyboardEvent, keys: Keys) {
        let command = event.ctrl_key() || event.meta_key();
        match event.key().as_str() {
            "k" | "K" if command && !event.alt_key() => {
                event.prevent_default();
                keys.help.set(false);
                keys.palette.update(|open| *open = !*open);
            }
            "?" if !command && !is_typing(event.target()) => {
                event.prevent_default();
                keys.help.set(true);
            }
            "Escape" => escape(),
            _ => {}
        }
    }

    fn is_typing(target: Option<EventTarget>) -> bool {
        let Some(element) = target.and_then(|target| target.dyn_into::<HtmlElement>().ok()) else { return false };
        element.is_content_editable() || matches!(element.tag_name().as_str(), "INPUT" | "TEXTAREA" | "SELECT")
    }

    fn open_menus() -> Vec<Element> {
        let Ok(list) = document().query_selector_all("details.menu[open]") else { return Vec::new() };
        (0..list.length()).filter_map(|i| list.get(i)).filter_map(|node| node.dyn_into().ok()).collect()
    }

    /// A menu stays open while it is being used, and closes when a link in it was followed.
    fn close_menus_but(target: Option<&Element>) {
        let link = target.and_then(|target| target.closest("a[href]").ok().flatten());
        for menu in open_menus() {
            let inside = target.is_some_and(|target| menu.contains(Some(target.unchecked_ref::<Node>())));
            if !inside || link.is_some() {
                close(&menu);
            }
        }
        // The side bar of a phone: a link in it leads to another page.
        if let (Some(link), Some(side)) = (link, document().get_element_by_id("side"))
            && side.contains(Some(link.unchecked_ref::<Node>()))
            && side.matches(":popover-open").unwrap_or(false)
            && let Ok(side) = side.dyn_into::<HtmlElement>()
        {
            // Refused only when it is closed already.
            let _ = side.hide_popover();
        }
    }

    fn escape() {
        // The innermost first; the keyboard goes back to its button.
        if let Some(menu) = open_menus().pop() {
            close(&menu);
            if let Ok(Some(summary)) = menu.query_selector("summary")
                && let Ok(summary) = summary.dyn_into::<HtmlElement>()
            {
                let _ = summary.focus();
            }
        }
    }

    fn close(menu: &Element) {
        // `open` is an attribute that can always be removed.
        let _ = menu.remove_attribute("open");
    }
}
