//! One drag, from press to release: the widget follows the pointer by transform, the others make way cell by cell,
//! always from the layout at the drag's start, so that going back undoes what going there did.

use super::tile;
use crate::{
    dashboards::{
        editor::{bench::Bench, state::new_item, view::place},
        grid::{COLUMNS, Grid, Handle, Item},
    },
    ids::WidgetId,
    widgets::WidgetKind,
};
use leptos::{prelude::*, wasm_bindgen::JsCast, web_sys};
use std::{cell::Cell, time::Duration};
use web_sys::{HtmlElement, PointerEvent};

/// Pixels: the gap between widgets, and a row with its gap. The style sheet has the same.
const GAP: f64 = 12.0;
const ROW: f64 = 92.0;
/// How far a press moves before it is a drag.
const THRESHOLD: f64 = 4.0;
/// Where near an edge of the window the page begins to scroll, and by how much a frame at most.
const EDGE: f64 = 64.0;
const SPEED: f64 = 18.0;
/// Where the pointer holds what comes out of the palette.
const GRASP: (f64, f64) = (36.0, 22.0);

thread_local! {
    static SWALLOW: Cell<bool> = const { Cell::new(false) };
}

/// Whether the click that follows is the end of a drag.
pub fn swallows_click() -> bool {
    SWALLOW.get()
}

pub enum Work {
    Move {
        id: WidgetId,
    },
    Resize {
        id: WidgetId,
        handle: Handle,
    },
    New {
        id: WidgetId,
        kind: WidgetKind,
    },
    /// On a phone: all widgets in their order, with top and height.
    Reorder {
        id: WidgetId,
        from: usize,
        column: Vec<(WidgetId, f64, f64)>,
    },
}

impl Work {
    pub fn reorder(bench: Bench, id: WidgetId) -> Self {
        let order = bench.order.get_untracked();
        let from = order.iter().position(|other| *other == id).unwrap_or(0);
        let scrolled = scrolled();
        let column = order
            .into_iter()
            .filter_map(|id| {
                let rect = tile(id)?.get_bounding_client_rect();
                Some((id, rect.top() + scrolled, rect.height()))
            })
            .collect();
        Self::Reorder { id, from, column }
    }
}

pub struct Drag {
    pub pointer: i32,
    /// Where the pointer is in the window.
    pub at: (f64, f64),
    pressed: (f64, f64),
    scrolled: f64,
    begun: bool,
    refused: bool,
    work: Work,
    element: HtmlElement,
    /// From the element's corner to the pointer.
    grasp: (f64, f64),
    start: Grid,
    /// What was shown last: a cell, or by how many cells an edge was pulled. `None` outside the canvas.
    cell: Option<(i32, i32)>,
}

impl Drag {
    pub fn new(bench: Bench, event: &PointerEvent, work: Work, element: HtmlElement) -> Option<Self> {
        let at = (f64::from(event.client_x()), f64::from(event.client_y()));
        let rect = element.get_bounding_client_rect();
        let start = bench.state.with_untracked(|state| state.grid());
        let cell = match &work {
            Work::Move { id } => start.find(*id).map(|item| (item.x, item.y)),
            Work::Resize { .. } => Some((0, 0)),
            Work::New { .. } => None,
            Work::Reorder { from, .. } => Some((i32::try_from(*from).ok()?, 0)),
        };
        Some(Self {
            pointer: event.pointer_id(),
            at,
            pressed: at,
            scrolled: scrolled(),
            begun: false,
            refused: false,
            work,
            element,
            grasp: (at.0 - rect.left(), at.1 - rect.top()),
            start,
            cell,
        })
    }

    pub fn begun(&self) -> bool {
        self.begun
    }

    /// Shows where the drag is now.
    pub fn frame(&mut self, bench: Bench) {
        let (dx, dy) = (self.at.0 - self.pressed.0, self.at.1 - self.pressed.1);
        if !self.begun && (self.refused || dx.hypot(dy) < THRESHOLD || !self.begin(bench)) {
            return;
        }
        self.scroll();
        let Some(canvas) = canvas() else { return };
        match &self.work {
            Work::Move { .. } => self.frame_move(bench, &canvas),
            Work::Resize { .. } => self.frame_resize(bench, &canvas, dx, dy + scrolled() - self.scrolled),
            Work::New { .. } => self.frame_new(bench, &canvas),
            Work::Reorder { .. } => self.frame_reorder(dy + scrolled() - self.scrolled),
        }
    }

    /// False for a widget that may not be moved; it says so.
    fn begin(&mut self, bench: Bench) -> bool {
        let id = match self.work {
            Work::Move { id } | Work::Resize { id, .. } | Work::Reorder { id, .. } => Some(id),
            Work::New { .. } => None,
        };
        if let Some(id) = id
            && self.start.find(id).is_none_or(|item| item.pinned)
        {
            self.refused = true;
            bench.try_act(|state| state.move_to(id, 0, 0));
            return false;
        }
        self.begun = true;
        mark("dragging", true);
        match self.work {
            Work::New { kind, .. } => bench.ghost.set(Some(kind)),
            _ => {
                let _ = self.element.class_list().add_1("held");
                // Fails only when the pointer is up already.
                let _ = self.element.set_pointer_capture(self.pointer);
                // Being selected takes room on a phone, which was measured already.
                if !matches!(self.work, Work::Reorder { .. }) {
                    bench.select(id);
                    bench.show_layout(&self.start, id);
                }
            }
        }
        true
    }

    fn frame_move(&mut self, bench: Bench, canvas: &Canvas) {
        let Work::Move { id } = self.work else { return };
        let Some(home) = self.start.find(id).copied() else { return };
        let (left, top) = (self.at.0 - self.grasp.0 - canvas.left, self.at.1 - self.grasp.1 - canvas.top);
        shift(&self.element, left - f64::from(home.x) * canvas.column, top - f64::from(home.y) * ROW);
        let cell = (whole(left / canvas.column), whole(top / ROW).max(0));
        if self.cell.replace(cell) != Some(cell) {
            let mut grid = self.start.clone();
            if cell != (home.x, home.y) {
                grid.move_to(id, cell.0, cell.1);
            }
            bench.show_layout(&grid, Some(id));
        }
    }

    fn frame_resize(&mut self, bench: Bench, canvas: &Canvas, dx: f64, dy: f64) {
        let Work::Resize { id, handle } = self.work else { return };
        let Some(home) = self.start.find(id).copied() else { return };
        pull(&self.element, &home, handle, dx, dy, canvas.column);
        let cells = (whole(dx / canvas.column), whole(dy / ROW));
        if self.cell.replace(cells) != Some(cells) {
            let mut grid = self.start.clone();
            if cells != (0, 0) {
                grid.resize(id, handle, cells.0, cells.1);
            }
            bench.show_layout(&grid, Some(id));
        }
    }

    fn frame_new(&mut self, bench: Bench, canvas: &Canvas) {
        let Work::New { id, kind } = self.work else { return };
        if let Some(ghost) = document().get_element_by_id("ghost").and_then(|ghost| ghost.dyn_into().ok()) {
            shift(&ghost, self.at.0 - GRASP.0, self.at.1 - GRASP.1);
        }
        let inside = self.at.0 > canvas.left
            && self.at.0 < canvas.left + canvas.width
            && self.at.1 > canvas.top.max(bar_bottom()) - GAP;
        let cell = inside.then(|| {
            let (left, top) = (self.at.0 - GRASP.0 - canvas.left, self.at.1 - GRASP.1 - canvas.top);
            (whole(left / canvas.column), whole(top / ROW).max(0))
        });
        if self.cell != cell {
            self.cell = cell;
            let mut grid = self.start.clone();
            if let Some(cell) = cell {
                grid.place(new_item(id, kind, cell));
            }
            bench.show_layout(&grid, cell.map(|_| id));
        }
    }

    fn frame_reorder(&mut self, dy: f64) {
        let Work::Reorder { from, column, .. } = &self.work else { return };
        let Some((_, top, height)) = column.get(*from).copied() else { return };
        shift(&self.element, 0.0, dy);
        let middle = top + dy + height / 2.0;
        let others = column.iter().enumerate().filter(|(n, _)| n != from);
        let to = others.filter(|(_, (_, top, height))| top + height / 2.0 < middle).count();
        let cell = (i32::try_from(to).unwrap_or(0), 0);
        if self.cell.replace(cell) != Some(cell) {
            for (n, (id, ..)) in column.iter().enumerate().filter(|(n, _)| n != from) {
                let way = height + GAP;
                let by = if n > *from && n <= to {
                    -way
                } else if n < *from && n >= to {
                    way
                } else {
                    0.0
                };
                if let Some(tile) = tile(*id) {
                    shift(&tile, 0.0, by);
                }
            }
        }
    }

    /// Moves the page while the pointer is near an edge of the window.
    fn scroll(&self) {
        let height = window().inner_height().ok().and_then(|height| height.as_f64()).unwrap_or(0.0);
        let top = bar_bottom();
        let (above, below) = (top + EDGE - self.at.1, self.at.1 - (height - EDGE));
        // What comes out of the palette passes the upper edge on its way.
        let up = above > 0.0 && !(matches!(self.work, Work::New { .. }) && (self.cell.is_none() || self.at.1 < top));
        let by = if below > 0.0 {
            if self.is_far_below(height / 3.0) {
                return;
            }
            (below / EDGE).min(1.0) * SPEED
        } else if up {
            -(above / EDGE).min(1.0) * SPEED
        } else {
            return;
        };
        window().scroll_by_with_x_and_y(0.0, by);
    }

    /// Whether the pointer is more than `far` below all others: nothing is there to scroll to.
    fn is_far_below(&self, far: f64) -> bool {
        let own = match self.work {
            Work::Move { id } => Some(id),
            Work::Resize { .. } | Work::New { .. } => None,
            // The page does not grow then.
            Work::Reorder { .. } => return false,
        };
        let others = self.start.items().iter().filter(|item| Some(item.id) != own);
        let rows = others.map(|item| item.y + item.h).max().unwrap_or(0);
        canvas().is_some_and(|canvas| self.at.1 - far > canvas.top + f64::from(rows) * ROW)
    }

    /// Lets go: what was shown is done.
    pub fn drop(self, bench: Bench) {
        if !self.begun {
            return;
        }
        SWALLOW.set(true);
        set_timeout(|| SWALLOW.set(false), Duration::ZERO);
        self.put_down(bench);
        match self.work {
            Work::Move { id } => {
                let home = self.start.find(id).map(|item| (item.x, item.y));
                match self.cell.filter(|cell| Some(*cell) != home) {
                    Some((x, y)) => {
                        bench.try_act(|state| state.move_to(id, x, y));
                    }
                    None => bench.show_state(),
                }
            }
            Work::Resize { id, handle } => match self.cell.filter(|cells| *cells != (0, 0)) {
                Some((dx, dy)) => {
                    bench.act(|state| state.resize(id, handle, dx, dy, false));
                }
                None => bench.show_state(),
            },
            Work::New { id, kind } => match self.cell {
                Some(cell) => {
                    bench.add(kind, id, Some(cell));
                    super::pointer::reveal(id);
                }
                None => bench.show_state(),
            },
            Work::Reorder { id, from, .. } => {
                let to = self.cell.and_then(|(to, _)| usize::try_from(to).ok()).filter(|to| *to != from);
                if let Some(to) = to {
                    bench.try_act(|state| state.reorder(id, to));
                }
            }
        }
    }

    /// Everything stands where it stood.
    pub fn cancel(self, bench: Bench) {
        if self.begun {
            self.put_down(bench);
            bench.show_state();
        }
    }

    fn put_down(&self, bench: Bench) {
        mark("dragging", false);
        bench.ghost.set(None);
        let _ = self.element.class_list().remove_1("held");
        let _ = web_sys::HtmlElement::style(&self.element).remove_property("translate");
        if let Work::Resize { id, .. } = self.work
            && let Some(card) = bench.card(id)
        {
            // Its own size again, in place of the pointer's.
            let _ = self.element.set_attribute("style", &place(card.area.get_untracked()));
        }
        if let Work::Reorder { column, .. } = &self.work {
            // They stand in their new order at once: nothing may slide there from where it was shown.
            mark("settling", true);
            request_animation_frame(|| request_animation_frame(|| mark("settling", false)));
            for tile in column.iter().filter_map(|(id, ..)| tile(*id)) {
                let _ = web_sys::HtmlElement::style(&tile).remove_property("translate");
            }
        }
    }
}

/// The canvas in the window, and how wide a column with its gap is.
struct Canvas {
    left: f64,
    top: f64,
    width: f64,
    column: f64,
}

fn canvas() -> Option<Canvas> {
    let rect = document().query_selector(".canvas").ok()??.get_bounding_client_rect();
    let column = (rect.width() + GAP) / f64::from(COLUMNS);
    Some(Canvas { left: rect.left(), top: rect.top(), width: rect.width(), column })
}

/// The lower edge of what stays at the top of the window.
pub fn bar_bottom() -> f64 {
    let bar = document().query_selector(".editor-top").ok().flatten();
    bar.map_or(0.0, |bar| bar.get_bounding_client_rect().bottom().max(0.0))
}

fn scrolled() -> f64 {
    window().scroll_y().unwrap_or(0.0)
}

fn whole(n: f64) -> i32 {
    n.round() as i32
}

/// A class of the whole page while something goes on.
fn mark(class: &str, on: bool) {
    if let Ok(Some(editor)) = document().query_selector(".editor") {
        let _ = editor.class_list().toggle_with_force(class, on);
    }
}

fn shift(element: &HtmlElement, x: f64, y: f64) {
    let _ = web_sys::HtmlElement::style(element).set_property("translate", &format!("{x:.1}px {y:.1}px"));
}

/// Follows the pointer with one edge or corner, as far as the kind's sizes and the columns let it.
fn pull(element: &HtmlElement, home: &Item, handle: Handle, dx: f64, dy: f64, column: f64) {
    let (x, y, w, h) = (f64::from(home.x), f64::from(home.y), f64::from(home.w), f64::from(home.h));
    let limits = home.limits;
    let (min_w, max_w) = (f64::from(limits.min_w), f64::from(limits.max_w));
    let (min_h, max_h) = (f64::from(limits.min_h), f64::from(limits.max_h));
    let (to_x, to_y) = handle.direction();
    let room_x = if to_x < 0 { x + w } else { f64::from(COLUMNS) - x };
    let room_y = if to_y < 0 { y + h } else { f64::MAX };
    let width = (w * column + dx * f64::from(to_x)).max(min_w * column).min(max_w.min(room_x) * column);
    let height = (h * ROW + dy * f64::from(to_y)).max(min_h * ROW).min(max_h.min(room_y) * ROW);
    let left = if to_x < 0 { w * column - width } else { 0.0 };
    let top = if to_y < 0 { h * ROW - height } else { 0.0 };
    shift(element, left, top);
    let style = web_sys::HtmlElement::style(element);
    let _ = style.set_property("width", &format!("{:.1}px", width - GAP));
    let _ = style.set_property("height", &format!("{:.1}px", height - GAP));
}
