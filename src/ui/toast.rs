//! Short messages at the edge of the page, about what the person just did.

use crate::error::AppError;
use leptos::prelude::*;
use std::{sync::Arc, time::Duration};

/// Long enough to read a line; a chance to undo stays longer.
const SHORT: Duration = Duration::from_secs(5);
const LONG: Duration = Duration::from_secs(10);

#[derive(Clone)]
struct Toast {
    id: u32,
    text: String,
    /// Announced at once, and stays until it is closed.
    is_error: bool,
    undo: Option<Arc<dyn Fn() + Send + Sync>>,
}

/// The messages of this page. Get them with [`use_toasts`].
#[derive(Clone, Copy)]
pub struct Toasts {
    list: RwSignal<Vec<Toast>>,
    next: StoredValue<u32>,
}

impl Toasts {
    pub fn success(&self, text: impl Into<String>) {
        self.push(text.into(), false, None, Some(SHORT));
    }

    pub fn error(&self, error: &AppError) {
        self.push(error.to_string(), true, None, None);
    }

    /// Says what was done, with a button that takes it back.
    /// The message outlives the page that it comes from, and so must `undo`.
    pub fn undo(&self, text: impl Into<String>, undo: impl Fn() + Send + Sync + 'static) {
        self.push(text.into(), false, Some(Arc::new(undo)), Some(LONG));
    }

    fn push(&self, text: String, is_error: bool, undo: Option<Arc<dyn Fn() + Send + Sync>>, life: Option<Duration>) {
        let id = self.next.get_value();
        self.next.set_value(id.wrapping_add(1));
        let this = *self;
        this.list.update(|list| {
            // Five at once is more than anybody reads.
            if list.len() >= 5 {
                list.remove(0);
            }
            list.push(Toast { id, text, is_error, undo });
        });
        if let Some(life) = life
            && cfg!(feature = "hydrate")
        {
            set_timeout(move || this.close(id), life);
        }
    }

    fn close(&self, id: u32) {
        // The page may be gone by the time the clock strikes.
        self.list.try_update(|list| list.retain(|t| t.id != id));
    }
}

/// Once, at the root of the application.
pub fn provide_toasts() -> Toasts {
    let toasts = Toasts { list: RwSignal::new(Vec::new()), next: StoredValue::new(0) };
    provide_context(toasts);
    toasts
}

/// The page's messages; outside the application (a test of one component) ones that nobody sees.
pub fn use_toasts() -> Toasts {
    use_context().unwrap_or_else(provide_toasts)
}

/// Where the messages appear.
#[component]
pub fn ToastRegion() -> impl IntoView {
    let toasts = use_toasts();
    view! {
        <div class="toasts" role="status" aria-live="polite">
            <For each=move || toasts.list.get() key=|toast| toast.id let:toast>
                <div class="toast" role=toast.is_error.then_some("alert")>
                    <span>{toast.text.clone()}</span>
                    {toast
                        .undo
                        .map(|undo| {
                            let id = toast.id;
                            view! {
                                <button
                                    type="button"
                                    class="undo"
                                    on:click=move |_| {
                                        toasts.close(id);
                                        undo();
                                    }
                                >
                                    "Undo"
                                </button>
                            }
                        })}
                    <button type="button" aria-label="Close" on:click=move |_| toasts.close(toast.id)>
                        "✕"
                    </button>
                </div>
            </For>
        </div>
    }
}
