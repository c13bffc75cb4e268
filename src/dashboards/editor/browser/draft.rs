//! Keeps what is being done on the server: soon after each change, again when that failed, and once more when the
//! page goes away.

use crate::{
    dashboards::{
        editing::{
            model::{Content, DraftKey, Saved},
            rpc,
        },
        editor::{
            bench::{Bench, DraftState, set_if_changed},
            view::IN_ADDRESS,
        },
    },
    error::AppError,
    ids::{DashboardId, DraftId},
};
use chrono::{DateTime, Utc};
use gloo_timers::future::TimeoutFuture;
use leptos::{prelude::*, server_fn::ServerFn, task::spawn_local, wasm_bindgen::JsValue, web_sys};
use serde::Serialize;
use std::{cell::RefCell, time::Duration};

const PAUSE: Duration = Duration::from_secs(1);
/// Seconds until a draft that could not be kept is tried again; longer each time, up to the last.
const RETRY: [u64; 5] = [2, 4, 8, 15, 30];

/// A content, and the version that it is based on.
type Kept = (i64, Content);

#[derive(Default)]
struct Desk {
    timer: Option<TimeoutHandle>,
    /// One request at a time, so that an older draft never lands on a newer one.
    busy: bool,
    failures: usize,
    /// What the server has.
    kept: Option<Kept>,
    /// When the draft that the server has was kept, as far as this page knows.
    stored: Option<DateTime<Utc>>,
}

thread_local! {
    static DESK: RefCell<Desk> = RefCell::default();
}

pub fn start(bench: Bench) {
    // Loaded anew, the page came with the draft that its address names. Where that has gone it came with the person's
    // latest, which may be another window's. An address that was copied names a draft of the window that it is from.
    let loaded = bench.draft_key.with_value(|key| key.continued.map(|(id, _)| id));
    let own = resumed(bench.id).filter(|own| loaded == Some(*own));
    bench.draft_key.update_value(|key| key.id = own.unwrap_or_else(|| DraftId(super::new_uuid())));
    let stored = match bench.draft.get_untracked() {
        DraftState::Kept(at) => Some(at),
        _ => None,
    };
    DESK.set(Desk { kept: Some(present(bench)), stored, ..Desk::default() });
    show_in_address(bench);
    on_cleanup(|| {
        let desk = DESK.take();
        desk.timer.iter().for_each(TimeoutHandle::clear);
    });
    super::listen(leptos::ev::Custom::<web_sys::Event>::new("pagehide"), move |event| {
        send_beacon(bench);
        // A page that the browser keeps goes on by itself.
        if bench.is_dirty()
            && !js_sys::Reflect::get(&event, &JsValue::from("persisted")).is_ok_and(|kept| kept.is_truthy())
        {
            hand_over(bench);
        }
    });
    super::listen(leptos::ev::Custom::<web_sys::Event>::new("online"), move |_| {
        if DESK.with_borrow(|desk| desk.failures > 0) {
            keep_after(bench, Duration::ZERO);
        }
    });
}

/// Where a window leaves the id of its draft for itself when its page is loaded anew. Only meanwhile: a window that is
/// duplicated takes a copy of its session along, and must not write to the same draft.
fn handed_over(id: DashboardId) -> String {
    format!("belvedere:draft:{id}")
}

fn hand_over(bench: Bench) {
    if let Ok(Some(storage)) = window().session_storage() {
        // Refused when the browser keeps nothing: then the draft goes on under another id.
        let _ = storage.set_item(&handed_over(bench.id), &bench.draft_key.with_value(|key| key.id.to_string()));
    }
}

fn resumed(id: DashboardId) -> Option<DraftId> {
    let (storage, key) = (window().session_storage().ok()??, handed_over(id));
    let found = storage.get_item(&key).ok()??;
    storage.remove_item(&key).ok()?;
    found.parse().ok()
}

pub fn changed(bench: Bench) {
    if is_kept(bench) {
        // Gone back to what the server has, by undo or redo.
        if bench.draft.with_untracked(|draft| matches!(draft, DraftState::Unsaved | DraftState::Clean)) {
            let stored = stored().filter(|_| bench.is_dirty());
            set_if_changed(bench.draft, stored.map_or(DraftState::Clean, DraftState::Kept));
        }
        return;
    }
    set_if_changed(bench.draft, if bench.is_dirty() { DraftState::Unsaved } else { DraftState::Clean });
    keep_after(bench, PAUSE);
}

fn is_kept(bench: Bench) -> bool {
    let present = present(bench);
    DESK.with_borrow(|desk| desk.kept.as_ref() == Some(&present))
}

fn stored() -> Option<DateTime<Utc>> {
    DESK.with_borrow(|desk| desk.stored)
}

/// The draft that the server has of what this window shows.
pub fn shown(bench: Bench) -> Option<DraftId> {
    let key = bench.draft_key.get_value();
    stored().map(|_| key.continued.map_or(key.id, |(id, _)| id))
}

/// Names the draft in the address as long as there is one, so that the page comes with it when it is loaded anew. Behind the
/// router's back: to the page that is open, this is no other address.
fn show_in_address(bench: Bench) {
    let id = shown(bench).map(|id| id.to_string());
    let (Ok(href), Ok(history)) = (window().location().href(), window().history()) else { return };
    let Ok(address) = web_sys::Url::new(&href) else { return };
    let parameters = address.search_params();
    // The window's own address may still be that of the page before.
    if address.pathname() != format!("/dashboards/{}/edit", bench.id) || parameters.get(IN_ADDRESS) == id {
        return;
    }
    match id {
        Some(id) => parameters.set(IN_ADDRESS, &id),
        None => parameters.delete(IN_ADDRESS),
    }
    let state = history.state().unwrap_or(JsValue::NULL);
    // An address of this very page is never refused.
    let _ = history.replace_state_with_url(&state, "", Some(&address.href()));
}

fn present(bench: Bench) -> Kept {
    bench.state.with_untracked(|state| (state.base_version(), state.content()))
}

fn keep_after(bench: Bench, pause: Duration) {
    DESK.with_borrow_mut(|desk| {
        desk.timer.take().iter().for_each(TimeoutHandle::clear);
        desk.timer = set_timeout_with_handle(move || spawn_local(async move { drop(keep(bench).await) }), pause).ok();
    });
}

/// Keeps what has changed, or takes the draft away when nothing differs from what is stored.
async fn keep(bench: Bench) -> Result<(), AppError> {
    if DESK.with_borrow(|desk| desk.busy) || is_kept(bench) {
        return Ok(());
    }
    let (version, content) = present(bench);
    let (dirty, key) = (bench.is_dirty(), bench.draft_key.get_value());
    DESK.with_borrow_mut(|desk| desk.busy = true);
    set_if_changed(bench.draft, DraftState::Keeping);
    let answer = if dirty {
        rpc::keep_draft(bench.id, key, version, content.clone()).await.map(DraftState::Kept)
    } else {
        rpc::discard_draft(bench.id, key).await.map(|()| DraftState::Clean)
    };
    DESK.with_borrow_mut(|desk| desk.busy = false);
    if bench.state.is_disposed() {
        return answer.map(drop);
    }
    match answer {
        Ok(state) => {
            bench.draft_key.update_value(|key| key.continued = None);
            DESK.with_borrow_mut(|desk| {
                desk.failures = 0;
                desk.kept = Some((version, content));
                desk.stored = match state {
                    DraftState::Kept(at) => Some(at),
                    _ => None,
                };
            });
            show_in_address(bench);
            bench.draft.set(state);
            // What has changed while the answer was on its way.
            changed(bench);
            Ok(())
        }
        Err(error) => {
            bench.draft.set(DraftState::Failed(error.clone()));
            let failures = DESK.with_borrow_mut(|desk| {
                desk.failures += 1;
                // The answer may be all that was lost.
                desk.kept = None;
                desk.failures
            });
            keep_after(bench, Duration::from_secs(RETRY[(failures - 1).min(RETRY.len() - 1)]));
            Err(error)
        }
    }
}

/// Waits until no request is on its way, and lets none begin by itself.
async fn settle() {
    DESK.with_borrow_mut(|desk| desk.timer.take().iter().for_each(TimeoutHandle::clear));
    while DESK.with_borrow(|desk| desk.busy) {
        TimeoutFuture::new(20).await;
    }
    DESK.with_borrow_mut(|desk| desk.timer.take().iter().for_each(TimeoutHandle::clear));
}

/// Keeps the draft at once, before the page is left.
pub async fn keep_now(bench: Bench) -> Result<(), AppError> {
    settle().await;
    keep(bench).await
}

/// Throws the draft on the server away, before the page is left.
pub async fn discard(bench: Bench) -> Result<(), AppError> {
    settle().await;
    rpc::discard_draft(bench.id, bench.draft_key.get_value()).await?;
    DESK.with_borrow_mut(|desk| desk.stored = None);
    show_in_address(bench);
    Ok(())
}

/// Stores the dashboard. `then` runs when that is done.
pub fn save(bench: Bench, then: Option<Callback<()>>) {
    if bench.saving.get_untracked() {
        return;
    }
    bench.saving.set(true);
    bench.refused.set(None);
    bench.settle_fresh();
    spawn_local(async move {
        settle().await;
        let (version, content) = present(bench);
        let answer = rpc::save(bench.id, bench.draft_key.get_value(), version, content.clone()).await;
        if bench.state.is_disposed() {
            return;
        }
        bench.saving.set(false);
        match answer {
            Ok(Saved::Done { version }) => {
                bench.draft_key.update_value(|key| key.continued = None);
                DESK.with_borrow_mut(|desk| {
                    desk.kept = Some((version, content.clone()));
                    desk.stored = None;
                    desk.failures = 0;
                });
                show_in_address(bench);
                bench.draft.set(DraftState::Clean);
                bench.rebase(&content, version);
                bench.redraw_failed();
                bench.said.set("The dashboard was saved.".into());
                match then {
                    Some(then) => then.run(()),
                    None => bench.toasts.success("Saved."),
                }
            }
            Ok(Saved::Conflict(theirs)) => {
                bench.asked_to_save.set_value(true);
                bench.conflict.set(Some(*theirs));
                changed(bench);
            }
            Err(error) => {
                bench.refused.set(Some(error));
                changed(bench);
            }
        }
    });
}

/// The arguments of the server function that keeps a draft, as its JSON has them.
#[derive(Serialize)]
struct Arguments {
    id: DashboardId,
    draft: DraftKey,
    base_version: i64,
    content: Content,
}

/// Those of the one that takes it away.
#[derive(Serialize)]
struct Discarded {
    id: DashboardId,
    draft: DraftKey,
}

/// The browser delivers this after the page is gone.
fn send_beacon(bench: Bench) {
    // Also what this window has kept: another one may have gone on with it and thrown it away. What this one has only
    // shown is the other's.
    let own = bench.draft_key.with_value(|key| key.continued.is_none_or(|(id, _)| id == key.id));
    if is_kept(bench) && !(own && bench.is_dirty()) {
        return;
    }
    let (id, draft) = (bench.id, bench.draft_key.get_value());
    let (json, path) = if bench.is_dirty() {
        let (base_version, content) = present(bench);
        (serde_json::to_string(&Arguments { id, draft, base_version, content }), rpc::KeepDraft::PATH)
    } else {
        (serde_json::to_string(&Discarded { id, draft }), rpc::DiscardDraft::PATH)
    };
    let Ok(json) = json else { return };
    let kind = web_sys::BlobPropertyBag::new();
    kind.set_type("application/json");
    let parts = js_sys::Array::of1(&json.into());
    if let Ok(blob) = web_sys::Blob::new_with_str_sequence_and_options(&parts, &kind) {
        // Refused when it is too large; the draft before it stays.
        let _ = window().navigator().send_beacon_with_opt_blob(path, Some(&blob));
    }
}
