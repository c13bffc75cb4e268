//! A metric, found by any of its words: an editable combobox with a list (WAI-ARIA).

use super::form::Form;
use crate::widgets::choices::{Choices, MetricChoice};
use leptos::{ev, prelude::*, wasm_bindgen::JsCast, web_sys::HtmlElement};

#[component]
pub fn MetricPicker(form: Form, id: String) -> impl IntoView {
    // What is typed while the list is open; closed, the field shows the metric's name.
    let typed = RwSignal::new(None::<String>);
    // Where the arrows have led.
    let stepped = RwSignal::new(None::<usize>);
    let found = Memo::new(move |_| -> Vec<MetricChoice> {
        let Some(words) = typed.get() else { return Vec::new() };
        form.choices.with(|choices| choices.metrics_named(&words))
    });
    // As soon as something is typed, the best is marked.
    let marked = Memo::new(move |_| {
        let best = || typed.with(|words| has_words(words.as_deref())) && found.with(|found| !found.is_empty());
        stepped.get().or_else(|| best().then_some(0))
    });
    let now = move || form.text("metric");
    let chosen = Memo::new(move |_| {
        let code = now();
        form.choices.with(|c| c.metrics.iter().find(|m| m.code == code).cloned())
    });
    let shown = move || match typed.get() {
        Some(words) => words,
        None => chosen.with(|c| c.as_ref().map(|m| m.name.clone())).unwrap_or_else(now),
    };
    let close = move || {
        typed.set(None);
        stepped.set(None);
    };
    // A metric's own name or code is taken. What names none stays, and is refused where everybody sees it. A field that
    // goes away is left, too.
    let leave = move || {
        let words = typed.try_get_untracked().flatten().filter(|words| has_words(Some(words)));
        if let Some(words) = words {
            let called = |choices: &Choices| choices.metric_called(&words).map(|metric| metric.code.clone());
            let unknown = found.try_with_untracked(Vec::is_empty).unwrap_or(false);
            let code = form.choices.try_with_untracked(called).flatten();
            if let Some(code) = code.or(unknown.then_some(words)) {
                form.set("metric", code.into());
            }
        }
        close();
    };
    let open = move || {
        if typed.with_untracked(Option::is_none) {
            typed.set(Some(String::new()));
        }
    };
    let choose = move |n: usize| {
        if let Some(metric) = found.with_untracked(|found| found.get(n).cloned()) {
            form.set("metric", metric.code.into());
        }
        close();
    };
    let step = move |by: isize| {
        let count = found.with_untracked(Vec::len) as isize;
        if count > 0 {
            let from = marked.get_untracked().map_or(if by > 0 { -1 } else { count }, |n| n as isize);
            let to = (from + by).rem_euclid(count) as usize;
            stepped.set(Some(to));
            scroll_to(to);
        }
    };
    let on_key = move |event: ev::KeyboardEvent| {
        let is_open = typed.with_untracked(Option::is_some);
        match event.key().as_str() {
            "ArrowDown" | "ArrowUp" => {
                let down = event.key() == "ArrowDown";
                open();
                if is_open || !event.alt_key() {
                    step(if down { 1 } else { -1 });
                }
            }
            "Enter" if is_open => match marked.get_untracked() {
                Some(n) => choose(n),
                None => return,
            },
            "Escape" if is_open => close(),
            "Tab" => return leave(),
            _ => return,
        }
        event.prevent_default();
    };
    #[cfg(feature = "hydrate")]
    Effect::new(move |_| {
        if typed.with(Option::is_some) && found.with(|found| !found.is_empty()) {
            request_animation_frame(show_list);
        }
    });
    let option_id = |n: usize| format!("metric-{n}");
    view! {
        <div class="combobox">
            <input
                class="input"
                id=id
                type="text"
                role="combobox"
                autocomplete="off"
                spellcheck="false"
                placeholder="Search metrics"
                aria-autocomplete="list"
                aria-controls="metric-list"
                aria-expanded=move || if typed.with(Option::is_some) { "true" } else { "false" }
                aria-activedescendant=move || marked.get().map(option_id)
                aria-invalid=move || form.error("metric").map(|_| "true")
                aria-describedby="metric-about set-metric-error"
                prop:value=shown
                on:click=move |_| open()
                on:input=move |event| {
                    typed.set(Some(event_target_value(&event)));
                    stepped.set(None);
                    scroll_to(0);
                }
                on:keydown=on_key
                on:blur=move |_| {
                    leave();
                    let _ = form.fresh.try_set(false);
                }
            />
            <ul
                class="combobox-list"
                id="metric-list"
                role="listbox"
                aria-label="Metrics"
                hidden=move || typed.with(Option::is_none)
                // The field keeps the focus.
                on:pointerdown=|event| event.prevent_default()
                on:mousedown=|event| event.prevent_default()
            >
                {move || {
                    let found = found.get();
                    let mut category = String::new();
                    found
                        .into_iter()
                        .enumerate()
                        .map(|(n, metric)| {
                            // By category when all are listed, else the best first.
                            let all = !typed.with_untracked(|words| has_words(words.as_deref()));
                            let heading = (all && metric.category != category).then(|| metric.category.clone());
                            category.clone_from(&metric.category);
                            view! {
                                {heading
                                    .map(|heading| {
                                        view! {
                                            <li class="heading" role="presentation">
                                                {heading}
                                            </li>
                                        }
                                    })}
                                <li
                                    id=option_id(n)
                                    role="option"
                                    aria-selected=move || if marked.get() == Some(n) { "true" } else { "false" }
                                    on:click=move |_| choose(n)
                                >
                                    <b>{metric.name}</b>
                                    <span class="unit">{metric.unit}</span>
                                    <small>{metric.description}</small>
                                </li>
                            }
                        })
                        .collect_view()
                }}
            </ul>
            <span class="sr-only" role="status">
                {move || match (typed.with(Option::is_some), found.with(Vec::len)) {
                    (false, _) => String::new(),
                    (true, 0) => "No metric has these words.".to_owned(),
                    (true, 1) => "1 metric".to_owned(),
                    (true, n) => format!("{n} metrics"),
                }}
            </span>
            {move || {
                (typed.with(Option::is_some) && found.with(Vec::is_empty))
                    .then(|| view! { <p class="combobox-none">"No metric has these words."</p> })
            }}
            <span class="hint" id="metric-about">
                {move || chosen.with(|c| c.as_ref().map(|m| m.description.clone()))}
            </span>
        </div>
    }
}

fn has_words(typed: Option<&str>) -> bool {
    typed.is_some_and(|words| !words.trim().is_empty())
}

/// Brings the field to the upper edge of the panel where its list has no room below.
#[cfg(feature = "hydrate")]
fn show_list() {
    let Some(list) = document().get_element_by_id("metric-list") else { return };
    let Ok(Some(panel)) = list.closest(".editor-panel") else { return };
    let Ok(Some(header)) = panel.query_selector(".settings-panel > header") else { return };
    let bottom = |element: &leptos::web_sys::Element| element.get_bounding_client_rect().bottom();
    if let Some(field) = list.parent_element()
        && bottom(&list) > bottom(&panel)
    {
        // Below its label.
        let by = field.get_bounding_client_rect().top() - bottom(&header) - 28.0;
        panel.set_scroll_top(panel.scroll_top() + by as i32);
    }
}

/// Keeps the marked option in view, in the middle of the list.
fn scroll_to(n: usize) {
    let option = document().get_element_by_id(&format!("metric-{n}"));
    let Some(option) = option.and_then(|option| option.dyn_into::<HtmlElement>().ok()) else { return };
    if let Some(list) = option.parent_element() {
        list.set_scroll_top(option.offset_top() - list.client_height() / 2);
    }
}
