//! Presses and drags of mouse, finger and pen.

use super::{
    drag::{Drag, Work},
    focus_tile, is_phone, new_id, target, tile_of,
};
use crate::{
    dashboards::{
        editor::{bench::Bench, state::Told},
        grid::Handle,
    },
    ids::WidgetId,
    widgets::WidgetKind,
};
use leptos::{ev, prelude::*, wasm_bindgen::JsCast, web_sys};
use std::{cell::RefCell, rc::Rc};
use web_sys::{Element, HtmlElement, PointerEvent};

/// What is in somebody's hand.
pub type Hand = Rc<RefCell<Option<Drag>>>;

pub fn listen(bench: Bench) {
    let hand = Hand::default();
    {
        let hand = hand.clone();
        super::listen(ev::pointerdown, move |event| {
            if let Some(drag) = begin(bench, &event)
                && hand.borrow().is_none()
            {
                *hand.borrow_mut() = Some(drag);
                tick(hand.clone(), bench);
            }
        });
    }
    {
        let hand = hand.clone();
        super::listen(ev::pointermove, move |event| {
            if let Some(drag) = hand.borrow_mut().as_mut().filter(|drag| drag.pointer == event.pointer_id()) {
                drag.at = (event.client_x().into(), event.client_y().into());
            }
        });
    }
    {
        let hand = hand.clone();
        super::listen(ev::pointerup, move |event| {
            let mine = hand.borrow().as_ref().is_some_and(|drag| drag.pointer == event.pointer_id());
            if let Some(mut drag) = hand.borrow_mut().take_if(|_| mine) {
                drag.at = (event.client_x().into(), event.client_y().into());
                // The last move may not have been shown yet.
                drag.frame(bench);
                drag.drop(bench);
            }
        });
    }
    {
        let hand = hand.clone();
        super::listen(ev::pointercancel, move |event| {
            let mine = hand.borrow().as_ref().is_some_and(|drag| drag.pointer == event.pointer_id());
            if let Some(drag) = hand.borrow_mut().take_if(|_| mine) {
                drag.cancel(bench);
            }
        });
    }
    let on_key = hand.clone();
    super::capture("keydown", move |event| {
        let escape = event.dyn_ref::<web_sys::KeyboardEvent>().is_some_and(|event| event.key() == "Escape");
        let held = on_key.borrow().as_ref().is_some_and(Drag::begun);
        // What is in somebody's hand is neither removed nor undone under it.
        if held {
            event.stop_immediate_propagation();
            event.prevent_default();
        }
        if escape
            && held
            && let Some(drag) = on_key.borrow_mut().take()
        {
            drag.cancel(bench);
            bench.said.set("The move was cancelled.".into());
        }
    });
    super::capture("click", move |event| {
        if super::drag::swallows_click() {
            event.stop_immediate_propagation();
            event.prevent_default();
        }
    });
    super::listen(ev::click, move |event| {
        if let Some(element) = target(&event) {
            press(bench, &element);
        }
    });
    super::listen(ev::dblclick, move |event| {
        if let Some(element) = target(&event)
            && element.closest("button, [data-handle]").ok().flatten().is_none()
            && let Some((id, _)) = tile_of(&element)
        {
            bench.open_panel(id);
        }
    });
    super::listen(ev::focusin, move |event| {
        if let Some((id, _)) = target(&event).as_ref().and_then(tile_of) {
            bench.select(Some(id));
        }
    });
}

/// Shows the drag once a frame while it lasts.
fn tick(hand: Hand, bench: Bench) {
    request_animation_frame(move || {
        let going = match hand.try_borrow_mut() {
            Ok(mut held) => {
                if let Some(drag) = held.as_mut() {
                    drag.frame(bench);
                }
                held.is_some()
            }
            Err(_) => true,
        };
        if going {
            tick(hand, bench);
        }
    });
}

fn begin(bench: Bench, event: &PointerEvent) -> Option<Drag> {
    if event.button() != 0 || !event.is_primary() {
        return None;
    }
    let element = target(event)?;
    let mouse = event.pointer_type() == "mouse";
    let (work, held) = if let Some(handle) = attribute(&element, "data-handle") {
        let (id, tile) = tile_of(&element)?;
        (Work::Resize { id, handle: handle_of(&handle)? }, tile)
    } else if let Some(kind) = attribute(&element, "data-kind") {
        // A finger that pans through the palette is told apart by `touch-action`.
        if is_phone() {
            return None;
        }
        (Work::New { id: new_id(), kind: kind.parse().ok()? }, element.dyn_into::<HtmlElement>().ok()?)
    } else if let Some((id, tile)) = tile_of(&element) {
        let grip = element.closest("[data-grip]").ok()?.is_some();
        // A finger scrolls the page everywhere but on the grip; a mouse may take the card anywhere.
        if element.closest("button, a, input").ok()?.is_some() || !(grip || mouse) {
            return None;
        }
        if is_phone() { (Work::reorder(bench, id), tile) } else { (Work::Move { id }, tile) }
    } else {
        if element.closest(".canvas").ok()?.is_some() {
            bench.select(None);
        }
        return None;
    };
    Drag::new(bench, event, work, held)
}

fn attribute(element: &Element, name: &str) -> Option<String> {
    element.closest(&format!("[{name}]")).ok()??.get_attribute(name)
}

fn handle_of(name: &str) -> Option<Handle> {
    crate::dashboards::editor::view::HANDLES.into_iter().find(|(_, known)| *known == name).map(|(handle, _)| handle)
}

/// A press on one of the page's buttons that say what they do.
fn press(bench: Bench, element: &Element) {
    if let Some(kind) = attribute(element, "data-kind").and_then(|kind| kind.parse::<WidgetKind>().ok()) {
        let id = new_id();
        bench.add(kind, id, None);
        if is_phone() {
            bench.palette.set(false);
        }
        reveal(id);
    } else if let (Some(deed), Some((id, _))) = (attribute(element, "data-do"), tile_of(element)) {
        perform(bench, &deed, id);
    }
}

/// What the buttons of a widget do; keys do the same.
pub fn perform(bench: Bench, deed: &str, id: WidgetId) {
    match deed {
        "settings" => bench.open_panel(id),
        "duplicate" => {
            let new = new_id();
            if bench.try_act(|state| state.duplicate(id, new)) {
                reveal(new);
            }
        }
        "copy" => super::keys::copy(bench, id),
        "pin" => done(bench, id, |state| state.toggle_pin(id)),
        "remove" => remove(bench, id),
        "redraw" => bench.redraw(id),
        "up" | "down" => {
            let at = bench.order.with_untracked(|order| order.iter().position(|other| *other == id)).unwrap_or(0);
            let to = if deed == "up" { at.saturating_sub(1) } else { at + 1 };
            done(bench, id, |state| state.reorder(id, to));
        }
        _ => {}
    }
}

fn done(bench: Bench, id: WidgetId, deed: impl FnOnce(&mut crate::dashboards::editor::state::State) -> Told) {
    if bench.try_act(deed) {
        focus_tile(id);
    }
}

fn remove(bench: Bench, id: WidgetId) {
    if bench.act(|state| state.remove(id)) {
        bench.offer_undo(bench.said.get_untracked());
    }
}

/// Brings a widget that was just added into sight, with the keyboard on it unless its settings took that.
pub fn reveal(id: WidgetId) {
    request_animation_frame(move || {
        if let Some(tile) = super::tile(id) {
            let rect = tile.get_bounding_client_rect();
            let height = window().inner_height().ok().and_then(|height| height.as_f64()).unwrap_or(0.0);
            let panel = document().query_selector(".editor-panel").ok().flatten();
            let panel = panel.and_then(|panel| panel.dyn_into::<HtmlElement>().ok());
            // Beside the canvas it is as high as the window; from below it covers a part.
            let covered =
                panel.as_ref().map(|panel| f64::from(panel.offset_height())).filter(|own| *own < height * 0.9);
            let top = super::drag::bar_bottom();
            if rect.top() < top || rect.bottom() > height - covered.unwrap_or(0.0) {
                window().scroll_by_with_x_and_y(0.0, rect.top() - top - 24.0);
            }
            if panel.is_none() {
                super::focus_tile_now(id);
            }
        }
    });
}
