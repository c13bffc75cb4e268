//! The settings of one widget: a form made of its kind's schema, with a drawn preview beside it.
//!
//! Invariants: nothing here knows a single setting by name but the kind's own few (`metric`, `source`); the browser
//! holds settings as they were typed, and the server says what is wrong with them.

mod conditions;
mod controls;
mod form;
mod metric;
mod preview;

use crate::{
    dashboards::editing::model::DraftWidget,
    error::AppError,
    ui::{Icon, IconName},
    widgets::{
        WidgetKind,
        settings::{Section, When, carry_over, schema},
    },
};
use controls::control;
use form::Form;
use leptos::{ev, prelude::*, web_sys};
use preview::Preview;
use std::ops::RangeInclusive;

/// What a widget says that was just added.
pub const CHOOSE_METRIC: &str = "Choose a metric to see it here.";

/// Edits one widget. `errors` is what the last attempt to save said of it; while it is `fresh`, that it lacks a metric is
/// none.
#[component]
pub fn SettingsPanel(
    widget: Signal<DraftWidget>,
    on_change: Callback<DraftWidget>,
    on_close: Callback<()>,
    errors: Signal<Option<AppError>>,
    fresh: RwSignal<bool>,
) -> impl IntoView {
    let form = Form::new(widget, on_change, errors, fresh);
    form.load_choices();
    let on_key = move |event: ev::KeyboardEvent| {
        // What is open inside takes its own Esc.
        if event.key() == "Escape" && !event.default_prevented() {
            event.prevent_default();
            event.stop_propagation();
            on_close.run(());
        }
    };
    // Another kind, another form of the table or another widget has other controls; a changed value has not.
    let shape = Memo::new(move |_| (widget.with(|w| (w.id, w.kind)), form.when()));
    view! {
        <div class="settings-panel" on:keydown=on_key>
            <header>
                <h2>{move || format!("Settings of “{}”", widget.with(DraftWidget::title))}</h2>
                <button type="button" class="btn quiet icon-only" aria-label="Close the settings" on:click=move |_| on_close.run(())>
                    <Icon name=IconName::Close/>
                </button>
            </header>
            <Preview form/>
            <form class="settings-form" on:submit=|event| event.prevent_default()>
                <Kind form/>
                <Size form/>
                {move || {
                    let ((_, kind), when) = shape.get();
                    Section::ALL.map(|section| fields(form, kind, when, section)).collect_view()
                }}
            </form>
        </div>
    }
}

/// Which kind it is. Another one keeps what it has a place for, and the nearest size that it may have.
#[component]
fn Kind(form: Form) -> impl IntoView {
    let options = WidgetKind::ALL
        .map(|kind| {
            view! {
                <option value=kind.as_str() prop:selected=move || form.widget.with(|w| w.kind == kind)>
                    {kind.label()}
                </option>
            }
        })
        .collect_view();
    let change = move |event: ev::Event| {
        let Ok(kind) = event_target_value(&event).parse::<WidgetKind>() else { return };
        form.change(|widget| {
            widget.settings = carry_over(kind, &widget.settings);
            widget.kind = kind;
            (widget.w, widget.h) = kind.sizes().clamp(widget.w, widget.h);
            widget.x = widget.x.min(crate::widgets::COLUMNS.saturating_sub(widget.w));
        });
    };
    view! {
        <div class="field">
            <label for="set-kind">"Kind"</label>
            <select class="input" id="set-kind" on:change=change>
                {options}
            </select>
            <span class="hint">{move || form.widget.with(|w| w.kind.description())}</span>
        </div>
    }
}

/// How large it is, within what its kind allows: what pulling its edges does.
#[component]
fn Size(form: Form) -> impl IntoView {
    let pinned = Memo::new(move |_| form.widget.with(|w| w.pinned));
    let sizes = Memo::new(move |_| form.widget.with(|w| w.kind.sizes()));
    view! {
        <fieldset class="field" aria-describedby="set-size-hint">
            <legend>"Size"</legend>
            <div class="pair">
                {side(form, pinned, ("set-width", "Width"), move || sizes.with(|s| s.min_w..=s.max_w), |w| &mut w.w)}
                {side(form, pinned, ("set-height", "Height"), move || sizes.with(|s| s.min_h..=s.max_h), |w| &mut w.h)}
            </div>
            <span class="hint" id="set-size-hint">
                {move || if pinned.get() { "Unpin it to change its size." } else { "A page is 12 columns wide." }}
            </span>
        </fieldset>
    }
}

fn side(
    form: Form,
    pinned: Memo<bool>,
    (id, label): (&'static str, &'static str),
    allowed: impl Fn() -> RangeInclusive<u16> + Send + 'static,
    of: fn(&mut DraftWidget) -> &mut u16,
) -> impl IntoView {
    let now = Memo::new(move |_| *of(&mut form.widget.get()));
    let options =
        move || allowed().map(|n| view! { <option prop:selected=move || now.get() == n>{n}</option> }).collect_view();
    let change = move |event: ev::Event| {
        if let Ok(n) = event_target_value(&event).parse() {
            form.change(|widget| *of(widget) = n);
        }
    };
    view! {
        <div class="field">
            <label for=id>{label}</label>
            <select class="input" id=id disabled=move || pinned.get() on:change=change>
                {options}
            </select>
        </div>
    }
}

/// The settings under one heading. What is seldom needed is folded away unless it is set or wrong.
fn fields(form: Form, kind: WidgetKind, when: When, section: Section) -> AnyView {
    let fields: Vec<_> = schema(kind)
        .iter()
        .filter(|field| field.section == section)
        .filter(|field| field.when == When::Always || field.when == when)
        .collect();
    if fields.is_empty() {
        return ().into_any();
    }
    let names: Vec<&'static str> = fields.iter().map(|field| field.name).collect();
    let usual = matches!(section, Section::Shows | Section::Data);
    let open = usual || form.widget.with_untracked(|w| names.iter().any(|name| w.settings.get(name).is_some()));
    let open = RwSignal::new(open);
    let wrong = Memo::new(move |_| names.iter().any(|name| form.error(name).is_some()));
    // An error opens it; that the error is gone does not fold it over what is being typed.
    Effect::new(move |_| {
        if wrong.get() {
            open.set(true);
        }
    });
    let toggled = move |event: ev::Event| open.set(event_target::<web_sys::Element>(&event).has_attribute("open"));
    let controls = fields.into_iter().map(|field| control(form, field)).collect_view();
    view! {
        <details class="settings-section" prop:open=move || open.get() on:toggle=toggled>
            <summary>{section.label()}</summary>
            <div class="stack">{controls}</div>
        </details>
    }
    .into_any()
}
