//! Asks the server to draw what was added or changed.

use crate::dashboards::{
    editing::rpc,
    editor::{bench::Bench, state::Tile},
};
use leptos::{prelude::*, task::spawn_local};
use std::{cell::RefCell, time::Duration};

/// Long enough that a word being typed is drawn once.
const PAUSE: Duration = Duration::from_millis(300);

#[derive(Default)]
struct Desk {
    timer: Option<TimeoutHandle>,
    busy: bool,
}

thread_local! {
    static DESK: RefCell<Desk> = RefCell::default();
}

pub fn start(_: Bench) {
    on_cleanup(|| {
        let desk = DESK.take();
        desk.timer.iter().for_each(TimeoutHandle::clear);
    });
}

pub fn changed(bench: Bench) {
    if bench.stale().is_empty() {
        return;
    }
    DESK.with_borrow_mut(|desk| {
        desk.timer.take().iter().for_each(TimeoutHandle::clear);
        desk.timer = set_timeout_with_handle(move || draw(bench), PAUSE).ok();
    });
}

fn draw(bench: Bench) {
    let stale = bench.stale();
    if stale.is_empty() || DESK.with_borrow(|desk| desk.busy) {
        return;
    }
    DESK.with_borrow_mut(|desk| desk.busy = true);
    spawn_local(async move {
        let widgets = stale.iter().map(Tile::widget).collect();
        let answer = rpc::draw(bench.id, bench.query.get_value(), widgets).await;
        DESK.with_borrow_mut(|desk| desk.busy = false);
        // The person may have gone to another page meanwhile.
        if bench.state.is_disposed() {
            return;
        }
        match answer {
            Ok(drawn) => stale.iter().zip(drawn).for_each(|(tile, drawn)| bench.take_drawn(tile, Ok(drawn))),
            Err(error) => stale.iter().for_each(|tile| bench.take_drawn(tile, Err(error.clone()))),
        }
        // What has changed while the answer was on its way.
        changed(bench);
    });
}
