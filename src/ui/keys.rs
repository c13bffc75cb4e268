//! Keys and presses that mean the same on every page. In the browser only; nothing here is needed to read or to act.

use leptos::prelude::*;

/// Whether the palette and the list of keys are open.
#[derive(Clone, Copy)]
pub struct Keys {
    pub palette: RwSignal<bool>,
    pub help: RwSignal<bool>,
    /// Keys of the page that is open.
    pub page: RwSignal<Option<PageKeys>>,
}

/// Where certain keys work, and what they do there.
pub type PageKeys = (&'static str, &'static [(&'static [&'static str], &'static str)]);

/// Asks, before a page is left without a link, whether that is all right. Its detail says where to.
pub const LEAVE: &str = "belvedere:leave";

/// Where the browser's own way back or forward leads, in the place of an address.
pub const BACK: &str = "back";

/// Asks before the browser's own way back or forward, too. Called before the router listens: whoever listens to a window
/// first hears first.
#[cfg(feature = "hydrate")]
pub fn guard_history() {
    window_event_listener(leptos::ev::popstate, |event| {
        if !may_leave(BACK) {
            event.stop_immediate_propagation();
        }
    });
}

/// Whether the open page may be left for `href`. One that has something to lose refuses, and asks the person.
#[cfg(feature = "hydrate")]
pub fn may_leave(href: &str) -> bool {
    let init = web_sys::CustomEventInit::new();
    init.set_cancelable(true);
    init.set_detail(&href.into());
    let event = web_sys::CustomEvent::new_with_event_init_dict(LEAVE, &init);
    // An event with a constant name cannot fail; nobody listening means nothing to lose.
    event.is_ok_and(|event| window().dispatch_event(&event).unwrap_or(true))
}

#[cfg(not(feature = "hydrate"))]
pub fn may_leave(_href: &str) -> bool {
    true
}

/// What `?` lists: keys, and what they do.
pub const KEYS: [(&[&str], &str); 6] = [
    (&["Ctrl K", "⌘ K"], "Go anywhere, do anything"),
    (&["?"], "Show these keys"),
    (&["Esc"], "Close what is open"),
    (&["Tab", "Shift Tab"], "Move through links, buttons, cards and charts"),
    (&["↓", "↑"], "Open a menu, and move in it"),
    (&["←", "→"], "Move from value to value in a chart"),
];

/// Once, in the frame around all pages: listens until the frame goes away.
pub fn provide_keys() -> Keys {
    let keys = Keys { palette: RwSignal::new(false), help: RwSignal::new(false), page: RwSignal::new(None) };
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
        let moves = window_event_listener(ev::focusin, move |event| {
            if let Some(target) = event.target().and_then(|target| target.dyn_into::<Node>().ok()) {
                close_menus_left_for(&target);
            }
        });
        let strokes = window_event_listener(ev::keydown, move |event| stroke(&event, keys));
        on_cleanup(move || {
            presses.remove();
            moves.remove();
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
            "ArrowDown" | "ArrowUp" | "Home" | "End" if !command && !is_typing(event.target()) => {
                // Elsewhere these keys do what they always do.
                let _ = walk_menu(event);
            }
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

    /// A menu closes when the focus goes elsewhere. Not when it goes to something around the menu: that is what a press on
    /// a place in it that takes no focus does.
    fn close_menus_left_for(target: &Node) {
        for menu in open_menus() {
            if !menu.contains(Some(target)) && !target.contains(Some(menu.unchecked_ref::<Node>())) {
                close(&menu);
            }
        }
    }

    /// Arrow keys open a menu, and lead round through what is in it.
    fn walk_menu(event: &KeyboardEvent) -> Option<()> {
        let here = event.target()?.dyn_into::<Element>().ok()?;
        let menu = here.closest("details.menu").ok()??;
        let is_summary = here.tag_name() == "SUMMARY";
        if is_summary && matches!(event.key().as_str(), "Home" | "End") {
            return None;
        }
        // `open` is an attribute that can always be set.
        let _ = menu.set_attribute("open", "");
        let list =
            menu.query_selector_all(":scope > .panel :is(a[href], button:enabled, input:enabled, select)").ok()?;
        let items = (0..list.length()).filter_map(|i| list.get(i)?.dyn_into::<HtmlElement>().ok());
        // What is hidden takes no focus.
        let items: Vec<HtmlElement> = items.filter(|item| item.offset_parent().is_some()).collect();
        let last = items.len().checked_sub(1)?;
        let at = items.iter().position(|item| item.is_same_node(Some(here.unchecked_ref::<Node>())));
        let next = match (event.key().as_str(), at) {
            ("Home", _) | ("ArrowDown", None) => 0,
            ("End", _) | ("ArrowUp", None) => last,
            ("ArrowDown", Some(at)) => (at + 1) % items.len(),
            (_, Some(at)) => at.checked_sub(1).unwrap_or(last),
            _ => return None,
        };
        items.get(next)?.focus().ok()?;
        event.prevent_default();
        Some(())
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
