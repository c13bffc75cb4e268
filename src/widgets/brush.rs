//! Selecting a stretch of a chart over time, by dragging across it or with Shift and the arrow keys. In the browser
//! only. What days the buckets stand for comes from the server's drawing ([`Bounds`]).

use super::{
    readout::{self, MARK},
    stretch::Bounds,
};
use crate::metrics::Period;
use leptos::{ev, prelude::*, wasm_bindgen::JsCast};
use std::{cell::RefCell, rc::Rc};
use web_sys::{Element, EventTarget, FocusEvent, HtmlElement, KeyboardEvent, Node, PointerEvent};

/// Charts whose stretches can be selected, and those that say why theirs cannot.
const CHART: &str = ".board.brush:not(.kiosk) .wb-hits:is([data-bounds], [data-own-range])";
/// Pixels that a press moves before it is meant as more than a press.
const SLACK: i32 = 5;
const OWN_RANGE: (&str, &str) =
    ("This chart does not zoom", "It has a time range of its own, which the dashboard’s range does not change.");

/// What is selected, or about to be.
enum State {
    Nothing,
    /// A press that has not moved yet.
    Pressed {
        chart: Element,
        pointer: i32,
        x: i32,
    },
    /// Dragged, on a chart that says why it does not zoom.
    Refused {
        pointer: i32,
    },
    Selected(Selection),
}

struct Selection {
    chart: Element,
    bounds: Bounds,
    /// Where it began, and where it is now.
    anchor: usize,
    head: usize,
    /// The pointer that drags it; none for the keyboard's.
    pointer: Option<i32>,
    rectangle: HtmlElement,
}

#[derive(Clone)]
struct Brush {
    state: Rc<RefCell<State>>,
    zoom: Rc<dyn Fn(Period)>,
    /// Said to whoever listens.
    said: RwSignal<String>,
    /// Selectors of where the keyboard goes when the page has been drawn anew: the first that is there.
    back_to: StoredValue<Vec<String>>,
}

/// Listens until the component that asked goes away. `zoom` is given what was selected.
pub fn listen(said: RwSignal<String>, back_to: StoredValue<Vec<String>>, zoom: impl Fn(Period) + 'static) {
    let brush = Brush { state: Rc::new(RefCell::new(State::Nothing)), zoom: Rc::new(zoom), said, back_to };
    macro_rules! on {
        ($event:expr, $method:ident) => {{
            let brush = brush.clone();
            let handle = window_event_listener($event, move |event| brush.$method(&event));
            on_cleanup(move || handle.remove());
        }};
    }
    on!(ev::pointerdown, press);
    on!(ev::pointermove, drag);
    on!(ev::pointerup, release);
    on!(ev::pointercancel, cancel);
    on!(ev::keydown, key);
    on!(ev::focusout, leave);
}

impl Brush {
    fn press(&self, event: &PointerEvent) {
        // A second finger is no brush.
        self.clear();
        if event.button() != 0 || !event.is_primary() {
            return;
        }
        if let Some(chart) = chart_of(event.target()) {
            let state = State::Pressed { chart, pointer: event.pointer_id(), x: event.client_x() };
            *self.state.borrow_mut() = state;
        }
    }

    fn drag(&self, event: &PointerEvent) {
        let mut state = self.state.borrow_mut();
        if let State::Pressed { chart, pointer, x } = &*state {
            if *pointer != event.pointer_id() || (event.client_x() - x).abs() < SLACK {
                return;
            }
            // Without it the drag ends where the pointer leaves the chart, which is no harm.
            let _ = chart.set_pointer_capture(*pointer);
            let (chart, pointer) = (chart.clone(), *pointer);
            *state = match Selection::begin(&chart, bucket_at(&chart, f64::from(*x)), Some(pointer)) {
                Some(selection) => State::Selected(selection),
                None => State::Refused { pointer },
            };
        }
        match &mut *state {
            State::Selected(selection) if selection.pointer == Some(event.pointer_id()) => {
                selection.head = bucket_at(&selection.chart, f64::from(event.client_x()));
                selection.show("Release to zoom, Esc to let go");
            }
            State::Refused { pointer } if *pointer == event.pointer_id() => {
                if let Some(target) = event.target().and_then(|target| target.dyn_into::<Element>().ok()) {
                    readout::say(&target, OWN_RANGE.0, OWN_RANGE.1);
                }
            }
            _ => {}
        }
    }

    fn release(&self, event: &PointerEvent) {
        let mine = match &*self.state.borrow() {
            State::Nothing | State::Pressed { .. } => false,
            State::Refused { pointer } => *pointer == event.pointer_id(),
            State::Selected(selection) => selection.pointer == Some(event.pointer_id()),
        };
        if mine {
            self.finish();
        } else if matches!(&*self.state.borrow(), State::Pressed { .. }) {
            // A press reads the mark out, and goes on doing so.
            self.state.replace(State::Nothing);
        }
    }

    /// The browser has taken the pointer to scroll, or it is gone.
    fn cancel(&self, _: &PointerEvent) {
        if !matches!(&*self.state.borrow(), State::Selected(Selection { pointer: None, .. })) {
            self.clear();
        }
    }

    fn key(&self, event: &KeyboardEvent) {
        if event.key() == "Escape" {
            let had = self.clear();
            if had {
                self.said.set("Nothing is selected any more.".into());
            }
            return;
        }
        let Some((chart, here, count)) = mark_of(event) else { return };
        if event.ctrl_key() || event.alt_key() || event.meta_key() {
            return;
        }
        let there = match event.key().as_str() {
            "ArrowRight" | "ArrowDown" => Some((here + 1).min(count - 1)),
            "ArrowLeft" | "ArrowUp" => Some(here.saturating_sub(1)),
            "Home" => Some(0),
            "End" => Some(count - 1),
            "Enter" => None,
            _ => return,
        };
        match there {
            // Moving on without Shift lets go, as it does in text.
            Some(_) if !event.shift_key() => {
                if self.clear() {
                    self.said.set(String::new());
                }
            }
            // The focus itself is moved by the read-out.
            Some(there) => self.extend(&chart, here, there),
            None => {
                event.prevent_default();
                if !matches!(&*self.state.borrow(), State::Selected(_)) {
                    self.extend(&chart, here, here);
                }
                self.back_to.set_value(Vec::from_iter(mark_again(&chart)));
                self.finish();
            }
        }
    }

    fn extend(&self, chart: &Element, here: usize, there: usize) {
        let mut state = self.state.borrow_mut();
        if !matches!(&*state, State::Selected(selection) if selection.pointer.is_none() && selection.chart == *chart) {
            let Some(selection) = Selection::begin(chart, here, None) else {
                self.said.set(format!("{}. {}", OWN_RANGE.0, OWN_RANGE.1));
                readout::say(chart, OWN_RANGE.0, OWN_RANGE.1);
                return;
            };
            *state = State::Selected(selection);
        }
        if let State::Selected(selection) = &mut *state {
            selection.head = there;
            selection.show("Enter to zoom, Esc to let go");
            self.said.set(format!("{} selected", selection.words()));
        }
    }

    /// The keyboard has gone elsewhere.
    fn leave(&self, event: &FocusEvent) {
        let stays = match &*self.state.borrow() {
            State::Selected(selection) if selection.pointer.is_none() => {
                let to = event.related_target().and_then(|to| to.dyn_into::<Node>().ok());
                selection.chart.contains(to.as_ref())
            }
            _ => true,
        };
        if !stays {
            self.clear();
        }
    }

    fn finish(&self) {
        let state = std::mem::replace(&mut *self.state.borrow_mut(), State::Nothing);
        let State::Selected(selection) = state else { return readout::hide() };
        selection.end();
        match selection.period().filter(|period| Some(*period) != selection.bounds.whole()) {
            Some(period) => {
                self.said.set(format!("Zoomed to {}. Going back shows the range before.", period.label()));
                (self.zoom)(period);
            }
            None => self.said.set("This is all that the chart shows already.".into()),
        }
    }

    /// Lets go of what is selected, and tells whether anything was.
    fn clear(&self) -> bool {
        match std::mem::replace(&mut *self.state.borrow_mut(), State::Nothing) {
            State::Nothing => false,
            State::Pressed { .. } | State::Refused { .. } => {
                readout::hide();
                false
            }
            State::Selected(selection) => {
                selection.end();
                true
            }
        }
    }
}

impl Selection {
    /// `None` for a chart that does not zoom.
    fn begin(chart: &Element, at: usize, pointer: Option<i32>) -> Option<Self> {
        let bounds = Bounds::parse(&chart.get_attribute("data-bounds")?)?;
        let rectangle: HtmlElement = document().create_element("div").ok()?.dyn_into().ok()?;
        rectangle.set_class_name("wb-brush");
        chart.append_child(&rectangle).ok()?;
        Some(Self { chart: chart.clone(), bounds, anchor: at, head: at, pointer, rectangle })
    }

    fn period(&self) -> Option<Period> {
        self.bounds.stretch(self.anchor, self.head)
    }

    fn words(&self) -> String {
        self.period().map(|period| period.label()).unwrap_or_default()
    }

    fn show(&self, note: &str) {
        let marks = marks(&self.chart);
        let (first, last) = (self.anchor.min(self.head), self.anchor.max(self.head));
        let (Some(first), Some(last)) = (marks.get(first), marks.get(last)) else { return };
        let chart = self.chart.get_bounding_client_rect();
        // Where points stand on the edges, their areas reach out of the drawing.
        let room = self.chart.parent_element().map_or_else(|| chart.clone(), |room| room.get_bounding_client_rect());
        let left = first.get_bounding_client_rect().left().max(room.left());
        let right = last.get_bounding_client_rect().right().min(room.right());
        let style = self.rectangle.style();
        let _ = style.set_property("left", &format!("{:.1}px", left - chart.left()));
        let _ = style.set_property("width", &format!("{:.1}px", (right - left).max(1.0)));
        readout::say(&self.rectangle, &self.words(), note);
    }

    fn end(&self) {
        self.rectangle.remove();
        readout::hide();
    }
}

fn chart_of(target: Option<EventTarget>) -> Option<Element> {
    target?.dyn_into::<Element>().ok()?.closest(CHART).ok()?
}

/// One for each bucket, from left to right.
fn marks(chart: &Element) -> Vec<Element> {
    let Ok(marks) = chart.query_selector_all(":scope > .wb-hit") else { return Vec::new() };
    (0..marks.length()).filter_map(|n| marks.item(n)?.dyn_into().ok()).collect()
}

/// The chart of the mark that has the keyboard, which mark that is, and of how many.
fn mark_of(event: &KeyboardEvent) -> Option<(Element, usize, usize)> {
    let mark = event.target()?.dyn_into::<Element>().ok()?.closest(MARK).ok()??;
    let chart = mark.closest(CHART).ok()??;
    let marks = marks(&chart);
    Some((chart, marks.iter().position(|other| *other == mark)?, marks.len()))
}

/// The bucket at this place of the window; the nearest, outside of the chart.
fn bucket_at(chart: &Element, x: f64) -> usize {
    let marks = marks(chart);
    let last = marks.len().saturating_sub(1);
    marks.iter().position(|mark| x < mark.get_bounding_client_rect().right()).unwrap_or(last)
}

/// Where the keyboard is to be when the chart has been drawn anew.
fn mark_again(chart: &Element) -> Option<String> {
    let heading = chart.closest("article").ok()??.get_attribute("aria-labelledby")?;
    Some(format!("article[aria-labelledby='{heading}'] .wb-hits .wb-hit[tabindex='0']"))
}
