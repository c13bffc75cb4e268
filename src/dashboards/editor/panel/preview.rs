//! The widget as it would be, drawn by the server a moment after the last change.

use super::{CHOOSE_METRIC, form::Form};
use crate::{
    dashboards::{
        editing::{
            model::{DraftWidget, lacks_metric},
            rpc,
        },
        page::{Body, PageQuery},
    },
    error::AppError,
};
use leptos::{prelude::*, task::spawn_local};
use leptos_router::hooks::{use_params_map, use_query_map};
use std::time::Duration;

/// Long enough for a word to be typed, short enough to feel live.
const PAUSE: Duration = Duration::from_millis(250);

#[component]
pub fn Preview(form: Form) -> impl IntoView {
    let params = use_params_map();
    let search = use_query_map();
    let body = RwSignal::new(Body::default());
    let busy = RwSignal::new(false);
    let failed = RwSignal::new(None::<AppError>);
    let timer = StoredValue::new(None::<TimeoutHandle>);
    // Answers that come late, after others were asked for, are not shown.
    let asked = StoredValue::new(0_u32);
    let ask = move |widget: DraftWidget| {
        let Some(id) = params.read_untracked().get("id").and_then(|id| id.parse().ok()) else { return };
        let query = PageQuery::read(Some(id), search.get_untracked());
        let turn = asked.get_value() + 1;
        asked.set_value(turn);
        busy.set(true);
        spawn_local(async move {
            let answer = rpc::draw(id, query, vec![widget]).await;
            // The panel may be closed by now.
            if asked.try_get_value() != Some(turn) {
                return;
            }
            let _ = busy.try_set(false);
            let (error, failure) = match answer {
                Ok(mut drawn) => match drawn.pop() {
                    Some(drawn) if drawn.error.is_none() => {
                        let _ = body.try_set(drawn.body);
                        (None, None)
                    }
                    other => (other.and_then(|drawn| drawn.error), None),
                },
                Err(error) => (None, Some(error)),
            };
            let _ = form.drawing.try_set(error);
            let _ = failed.try_set(failure);
        });
    };
    Effect::new(move |before: Option<()>| {
        let widget = form.widget.get();
        timer.update_value(|timer| {
            if let Some(timer) = timer.take() {
                timer.clear();
            }
            let pause = if before.is_none() { Duration::ZERO } else { PAUSE };
            *timer = set_timeout_with_handle(move || ask(widget), pause).ok();
        });
    });
    on_cleanup(move || {
        if let Some(timer) = timer.try_update_value(Option::take).flatten() {
            timer.clear();
        }
    });
    let unfinished =
        Memo::new(move |_| form.fresh.get() && form.drawing.with(|error| error.as_ref().is_some_and(lacks_metric)));
    // There is nothing to draw yet, and better use for its room.
    let lacking = Memo::new(move |_| form.lacks_metric());
    // In words: what is not beside a field.
    let trouble = move || match failed.get() {
        None if unfinished.get() => Some(CHOOSE_METRIC.to_owned()),
        Some(error) => Some(format!("The preview could not be drawn. {error}")),
        None => form.drawing.with(|error| match error {
            Some(AppError::Invalid { .. }) => Some("Check the settings that are marked below.".to_owned()),
            Some(AppError::NotFound { .. }) | None => None,
            Some(error) => Some(error.to_string()),
        }),
    };
    view! {
        <section class="settings-preview" aria-label="Preview">
            <div
                class=move || form.widget.with(|w| format!("card widget {}", w.kind.as_str()))
                style=move || form.widget.with(|w| format!("--rows:{}", w.h))
                aria-busy=move || busy.get().then_some("true")
                hidden=move || lacking.get()
            >
                <header>
                    <h3>{move || form.widget.with(DraftWidget::title)}</h3>
                </header>
                <div class="widget-body" inner_html=move || body.get().0></div>
            </div>
            <p class="settings-trouble" class:calm=move || unfinished.get() role="status">
                {trouble}
            </p>
        </section>
    }
}
