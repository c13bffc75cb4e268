//! Keeps an open page up to date: looks again every so often while somebody can see it, and changes only
//! what differs.

use crate::{
    dashboards::page::{Body, PageQuery, Shown},
    error::AppError,
    ids::WidgetId,
};
use leptos::prelude::*;

/// One card's content, as it is now.
#[derive(Clone, Copy)]
pub struct Content {
    id: WidgetId,
    #[cfg_attr(not(feature = "hydrate"), expect(dead_code, reason = "only the browser asks what is new"))]
    hash: RwSignal<String>,
    /// Milliseconds between two looks, where they are its own.
    #[cfg_attr(not(feature = "hydrate"), expect(dead_code, reason = "only the browser asks what is new"))]
    pace: Option<f64>,
    pub body: RwSignal<Body>,
    pub error: RwSignal<Option<AppError>>,
}

/// What changes on a page while it is open.
#[derive(Clone, Copy)]
pub struct Live {
    contents: StoredValue<Vec<Content>>,
    pub period_label: RwSignal<String>,
    pub transactions: RwSignal<Option<i64>>,
    /// Whether the last look at the server succeeded.
    pub connected: RwSignal<bool>,
}

impl Live {
    pub fn content(&self, id: WidgetId) -> Content {
        self.contents.with_value(|contents| contents.iter().find(|c| c.id == id).copied()).unwrap_or_else(|| Content {
            id,
            hash: RwSignal::default(),
            pace: None,
            body: RwSignal::default(),
            error: RwSignal::default(),
        })
    }
}

/// The content of the page that was just loaded; in the browser, also the clock that keeps it fresh.
pub fn watch(shown: &Shown, bodies: &[Body], query: PageQuery, reload: Callback<()>) -> Live {
    let contents = shown
        .cards
        .iter()
        .enumerate()
        .map(|(n, card)| Content {
            id: card.id,
            hash: RwSignal::new(card.hash.clone()),
            pace: card.refresh.map(|seconds| f64::from(seconds) * 1000.0),
            // After hydration the browser has no copy of the bodies; the page itself holds them.
            body: RwSignal::new(bodies.get(n).cloned().unwrap_or_default()),
            error: RwSignal::new(card.error.clone()),
        })
        .collect();
    let live = Live {
        contents: StoredValue::new(contents),
        period_label: RwSignal::new(shown.period_label.clone()),
        transactions: RwSignal::new(shown.transactions),
        connected: RwSignal::new(true),
    };
    #[cfg(feature = "hydrate")]
    browser::start(live, query, shown.row.version, shown.row.refresh_interval, reload);
    #[cfg(not(feature = "hydrate"))]
    let _ = (query, reload);
    live
}

#[cfg(feature = "hydrate")]
mod browser {
    use super::*;
    use crate::dashboards::{
        page::{Known, Redrawn},
        rpc,
    };
    use leptos::{ev, task::spawn_local};
    use std::time::Duration;

    pub fn start(live: Live, query: PageQuery, version: i64, interval: i32, reload: Callback<()>) {
        let usual = f64::from(interval.max(60)) * 1000.0;
        // When each card was looked at last; the page's clock goes as fast as the most impatient of them.
        let paces: Vec<f64> = live.contents.with_value(|cards| cards.iter().map(|c| c.pace.unwrap_or(usual)).collect());
        let seconds = (paces.iter().copied().fold(usual, f64::min) / 1000.0) as u64;
        let looked = StoredValue::new(vec![js_sys::Date::now(); paces.len()]);
        // A tab that was hidden for a while looks at once when it is seen again.
        let due = StoredValue::new(js_sys::Date::now());
        let look = move || {
            let now = js_sys::Date::now();
            due.set_value(now);
            let mut cards = Vec::new();
            looked.update_value(|looked| {
                for (n, (last, pace)) in looked.iter_mut().zip(&paces).enumerate() {
                    // A timer comes a little early or late.
                    if now - *last > *pace - 2_000.0 {
                        *last = now;
                        cards.push(n);
                    }
                }
            });
            let query = query.clone();
            spawn_local(async move { look_again(live, query, version, cards, reload).await });
        };
        let on_tick = look.clone();
        let timer = set_interval_with_handle(
            move || {
                if !document().hidden() {
                    on_tick();
                }
            },
            Duration::from_secs(seconds),
        );
        let shown = window_event_listener(ev::visibilitychange, move |_| {
            let overdue = js_sys::Date::now() - due.get_value() > (seconds * 1000) as f64;
            if !document().hidden() && overdue {
                look();
            }
        });
        on_cleanup(move || {
            shown.remove();
            if let Ok(timer) = timer {
                timer.clear();
            }
        });
    }

    async fn look_again(live: Live, query: PageQuery, version: i64, cards: Vec<usize>, reload: Callback<()>) {
        let Some(known) = live.contents.try_with_value(|contents| {
            let due = cards.iter().filter_map(|n| contents.get(*n));
            due.map(|c| Known { id: c.id, hash: c.hash.get_untracked() }).collect()
        }) else {
            return;
        };
        let answer = rpc::refresh(query, version, known).await;
        // The person may have gone to another page meanwhile.
        if live.connected.try_set(answer.is_ok()).is_some() {
            return;
        }
        let Ok(fresh) = answer else { return };
        if fresh.rearranged {
            reload.run(());
            return;
        }
        if live.period_label.get_untracked() != fresh.period_label {
            live.period_label.set(fresh.period_label);
        }
        if live.transactions.get_untracked() != fresh.transactions {
            live.transactions.set(fresh.transactions);
        }
        for Redrawn { id, hash, error, body } in fresh.cards {
            let content = live.content(id);
            content.hash.set(hash);
            content.body.set(body);
            if content.error.get_untracked() != error {
                content.error.set(error);
            }
        }
    }
}
