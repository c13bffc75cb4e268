//! The browser's part of widgets: a card that reads a mark's values out when it is pointed at or focused, and
//! arrow keys from mark to mark. One set of listeners on the document serves every body there is and every one
//! that a refresh brings, by `data-*` attributes alone.

use std::cell::{Cell, RefCell};
use wasm_bindgen::{JsCast, closure::Closure};
use web_sys::{Document, Element, Event, EventTarget, HtmlElement, KeyboardEvent, SvgElement, Window};

/// A mark that has something to say.
pub const MARK: &str = ".wb-hit[data-value]";
/// What the arrow keys move within.
const GROUP: &str = ".wb-hits, .wb-rows, .wb-month, svg[role=group]";
/// Pixels that stay free around the card, and between it and its mark.
const MARGIN: f64 = 8.0;
const GAP: f64 = 12.0;

thread_local! {
    static INSTALLED: Cell<bool> = const { Cell::new(false) };
    /// The card, made when it is first needed, and kept.
    static CARD: RefCell<Option<HtmlElement>> = const { RefCell::new(None) };
}

/// Begins to listen. Calling it again does nothing.
pub fn install() {
    if INSTALLED.replace(true) {
        return;
    }
    let Some(document) = document() else { return };
    listen(&document, "pointerover", |event| match mark_of(&event) {
        Some(mark) => show(&mark),
        None => hide(),
    });
    listen(&document, "pointerleave", |_| hide());
    listen(&document, "focusin", |event| {
        if let Some(mark) = mark_of(&event) {
            show(&mark);
        }
    });
    listen(&document, "focusout", |_| hide());
    listen(&document, "keydown", |event| {
        if let Some(event) = event.dyn_ref::<KeyboardEvent>() {
            key(event);
        }
    });
    // The card is fixed to the window: anything that moves the marks below it sends it away.
    for name in ["scroll", "resize"] {
        if let Some(window) = web_sys::window() {
            listen_capturing(&window, name, |_| hide());
        }
    }
}

fn document() -> Option<Document> {
    web_sys::window().and_then(|window: Window| window.document())
}

fn listen(target: &EventTarget, name: &str, react: impl FnMut(Event) + 'static) {
    let closure = Closure::<dyn FnMut(Event)>::new(react);
    let _ = target.add_event_listener_with_callback(name, closure.as_ref().unchecked_ref());
    // It lives as long as the page.
    closure.forget();
}

/// Scrolling does not bubble; it can only be heard on the way down.
fn listen_capturing(target: &EventTarget, name: &str, react: impl FnMut(Event) + 'static) {
    let closure = Closure::<dyn FnMut(Event)>::new(react);
    let _ = target.add_event_listener_with_callback_and_bool(name, closure.as_ref().unchecked_ref(), true);
    closure.forget();
}

fn mark_of(event: &Event) -> Option<Element> {
    event.target()?.dyn_into::<Element>().ok()?.closest(MARK).ok()?
}

fn key(event: &KeyboardEvent) {
    let key = event.key();
    if key == "Escape" {
        hide();
        close_table(event);
        return;
    }
    let Some(mark) = mark_of(event) else { return };
    let Some(group) = mark.closest(GROUP).ok().flatten() else { return };
    let Ok(marks) = group.query_selector_all(MARK) else { return };
    let all: Vec<Element> = (0..marks.length()).filter_map(|i| marks.item(i)?.dyn_into().ok()).collect();
    let Some(here) = all.iter().position(|m| *m == mark) else { return };
    let there = match key.as_str() {
        "ArrowRight" | "ArrowDown" => (here + 1).min(all.len() - 1),
        "ArrowLeft" | "ArrowUp" => here.saturating_sub(1),
        "Home" => 0,
        "End" => all.len() - 1,
        _ => return,
    };
    event.prevent_default();
    if let Some(next) = all.get(there).filter(|_| there != here) {
        let _ = mark.set_attribute("tabindex", "-1");
        let _ = next.set_attribute("tabindex", "0");
        let _ = next.set_attribute("role", "img");
        let _ = next.set_attribute("aria-label", &spoken(next));
        focus(next);
    }
}

/// Esc inside an open table view goes back to the drawing.
fn close_table(event: &KeyboardEvent) {
    let inside = event.target().and_then(|t| t.dyn_into::<Element>().ok());
    if let Some(details) = inside.and_then(|e| e.closest(".wb-values[open]").ok().flatten()) {
        let _ = details.remove_attribute("open");
        if let Ok(Some(summary)) = details.query_selector("summary") {
            focus(&summary);
        }
    }
}

fn focus(element: &Element) {
    if let Some(html) = element.dyn_ref::<HtmlElement>() {
        let _ = html.focus();
    } else if let Some(svg) = element.dyn_ref::<SvgElement>() {
        let _ = svg.focus();
    }
}

fn data(mark: &Element, name: &str) -> String {
    mark.get_attribute(name).unwrap_or_default()
}

/// The same words as the server gives the first mark of a chart.
fn spoken(mark: &Element) -> String {
    let values = data(mark, "data-value");
    let lines: Vec<String> =
        values.lines().map(|line| line.split_once('\t').map_or(line, |(_, rest)| rest).replace('\t', " ")).collect();
    let mut text = format!("{}: {}", data(mark, "data-label"), lines.join(", "));
    let note = data(mark, "data-note");
    if !note.is_empty() {
        text.push_str(", ");
        text.push_str(&note);
    }
    text
}

/// Reads out a line of text and a note, beside `anchor`.
pub fn say(anchor: &Element, line: &str, note: &str) {
    let Some(document) = document() else { return };
    let Some(card) = card(&document) else { return };
    card.set_text_content(None);
    add(&document, &card, "value", line);
    add(&document, &card, "note", note);
    place(&card, anchor);
    let _ = card.class_list().add_1("on");
}

fn show(mark: &Element) {
    let Some(document) = document() else { return };
    let Some(card) = card(&document) else { return };
    card.set_text_content(None);
    add(&document, &card, "label", &data(mark, "data-label"));
    for line in data(mark, "data-value").lines() {
        match line.splitn(3, '\t').collect::<Vec<_>>().as_slice() {
            [class, name, value] => add_line(&document, &card, class, name, value),
            _ => add(&document, &card, "value", line),
        }
    }
    let note = data(mark, "data-note");
    if !note.is_empty() {
        add(&document, &card, "note", &note);
    }
    place(&card, mark);
    let _ = card.class_list().add_1("on");
}

pub fn hide() {
    CARD.with_borrow(|card| {
        if let Some(card) = card {
            let _ = card.class_list().remove_1("on");
        }
    });
}

/// Hidden from assistive technology: a mark that has the focus has the same words as its name.
fn card(document: &Document) -> Option<HtmlElement> {
    CARD.with_borrow_mut(|slot| {
        if slot.is_none() {
            let card: HtmlElement = document.create_element("div").ok()?.dyn_into().ok()?;
            card.set_class_name("wb-tip");
            card.set_attribute("aria-hidden", "true").ok()?;
            document.body()?.append_child(&card).ok()?;
            *slot = Some(card);
        }
        slot.clone()
    })
}

/// Text only: nothing of what is read out becomes markup.
fn add(document: &Document, parent: &Element, class: &str, text: &str) {
    if let Ok(element) = document.create_element("div") {
        element.set_class_name(class);
        element.set_text_content(Some(text));
        let _ = parent.append_child(&element);
    }
}

fn add_line(document: &Document, card: &Element, class: &str, name: &str, value: &str) {
    let parts = || -> Result<(), wasm_bindgen::JsValue> {
        let line = document.create_element("div")?;
        line.set_class_name("line");
        let key = document.create_element("i")?;
        key.set_class_name(class);
        let label = document.create_element("span")?;
        label.set_text_content(Some(name));
        let number = document.create_element("b")?;
        number.set_text_content(Some(value));
        line.append_child(&key)?;
        line.append_child(&label)?;
        line.append_child(&number)?;
        card.append_child(&line)?;
        Ok(())
    };
    let _ = parts();
}

/// Beside the mark's dot or bar, above it, and always inside the window.
fn place(card: &HtmlElement, mark: &Element) {
    let Some(window) = web_sys::window() else { return };
    let size = |value: Result<wasm_bindgen::JsValue, _>| value.ok().and_then(|v| v.as_f64()).unwrap_or(0.0);
    let (width, height) = (size(window.inner_width()), size(window.inner_height()));
    let anchor = mark.query_selector("i").ok().flatten().unwrap_or_else(|| mark.clone());
    let (mark_box, dot) = (mark.get_bounding_client_rect(), anchor.get_bounding_client_rect());
    let (w, h) = (f64::from(card.offset_width()), f64::from(card.offset_height()));
    // Wide marks, such as rows, are read out at their middle.
    let middle = if mark_box.width() > 160.0 {
        dot.left() + dot.width().min(160.0) / 2.0
    } else {
        mark_box.left() + mark_box.width() / 2.0
    };
    let mut left = middle + GAP;
    if left + w > width - MARGIN {
        left = middle - GAP - w;
    }
    let mut top = dot.top() - h - GAP / 2.0;
    if top < MARGIN {
        top = dot.top() + GAP;
    }
    let left = left.min(width - w - MARGIN).max(MARGIN);
    let top = top.min(height - h - MARGIN).max(MARGIN);
    let style = card.style();
    let _ = style.set_property("left", &format!("{left:.0}px"));
    let _ = style.set_property("top", &format!("{top:.0}px"));
}
