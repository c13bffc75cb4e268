//! The form for a metric of the organisation's own, with its value as it is typed.

use super::answer_text;
use crate::{
    error::AppError,
    metrics::{
        form::MetricForm,
        model::{CATEGORIES, Direction},
        rpc::{self, MetricEdit, MetricPreview, SaveMetric},
    },
    records::listing::from_pairs,
    ui::{
        ActionForm, Button, ButtonKind, ButtonVariant, ErrorPage, Field, FormError, LinkButton, Page, Resource,
        SelectField, ServerAction, Skeleton, TextArea, action_error, field_error,
    },
};
use leptos::{ev, form::FromFormData, leptos_dom::helpers::TimeoutHandle, prelude::*, wasm_bindgen::JsCast, web_sys};
use leptos_router::hooks::{use_params_map, use_query_map};
use std::time::Duration;

/// How long a pause in typing is taken for its end.
const TYPING: Duration = Duration::from_millis(400);

const EXAMPLES: [(&str, &str); 3] = [
    (
        "Count what meets a condition",
        r#"{"source": "payments", "field": "due_date", "operator": "older than", "value": "30 days"}"#,
    ),
    (
        "A share in percent",
        r#"{"divide": [{"source": "payments", "where": {"field": "status", "operator": "=", "value": "paid"}},
            {"source": "payments"}], "scale": 100}"#,
    ),
    ("Made of other metrics", r#"{"subtract": [{"metric": "total_revenue"}, {"metric": "total_expenses"}]}"#),
];

#[component]
pub fn NewMetricPage() -> impl IntoView {
    view! { <EditPage code=Signal::stored(None)/> }
}

#[component]
pub fn EditMetricPage() -> impl IntoView {
    let params = use_params_map();
    view! { <EditPage code=Signal::derive(move || params.with(|params| params.get("code")))/> }
}

#[component]
fn EditPage(code: Signal<Option<String>>) -> impl IntoView {
    let address = use_query_map();
    let like = Memo::new(move |_| address.with(|address| address.get("like")));
    let edit = Resource::new_blocking(move || (code.get(), like.get()), |(code, like)| rpc::edit_metric(code, like));
    view! {
        <Suspense fallback=|| view! { <Skeleton rows=10/> }>
            {move || Suspend::new(async move {
                match edit.await {
                    Ok(edit) => view! { <Editor edit/> }.into_any(),
                    Err(error) => view! { <ErrorPage error/> }.into_any(),
                }
            })}
        </Suspense>
    }
}

#[component]
fn Editor(edit: MetricEdit) -> impl IntoView {
    let MetricEdit { form, base, sources } = edit;
    // What was typed before a refusal without JavaScript comes back in the address.
    let address = use_query_map().get_untracked();
    let typed = address.get("__err").map(|_| from_pairs::<MetricForm>(|name| address.get(name)));
    let base = address.get("base").filter(|_| typed.is_some()).unwrap_or(base);
    let form = typed.unwrap_or(form);
    let is_new = base.is_empty();
    let title = if is_new { "Add metric".to_owned() } else { format!("Edit {}", form.name) };
    let cancel = if is_new { "/metrics".to_owned() } else { format!("/metrics/{}", form.code) };
    let save = ServerAction::<SaveMetric>::new();
    let error = action_error(save);
    let shown = RwSignal::new(form.clone());
    let timer = StoredValue::new(None::<TimeoutHandle>);
    let follow = move |event: ev::Event| {
        if let Some(waiting) = timer.try_update_value(Option::take).flatten() {
            waiting.clear();
        }
        let element = event.current_target().and_then(|form| form.dyn_into::<web_sys::HtmlFormElement>().ok());
        let Some(element) = element else { return };
        let read = move || {
            let data = web_sys::FormData::new_with_form(&element).ok();
            if let Some(Ok(SaveMetric { form, .. })) = data.map(|data| SaveMetric::from_form_data(&data)) {
                // The page may have been left meanwhile.
                let _ = shown.try_set(form);
            }
        };
        timer.set_value(set_timeout_with_handle(read, TYPING).ok());
    };
    view! {
        <Page
            title
            lead=if is_new { "A number of your own, computed like every other one." } else { "Every change is a new version; the former ones are kept." }
        >
            <div class="with-aside">
                <ActionForm action=save attr:class="stack" attr:novalidate="" on:input=follow>
                    <FormError error/>
                    <input type="hidden" name="base" value=base/>
                    <Naming form=form.clone() is_new error/>
                    <section class="card form">
                        <h2>"How it is computed"</h2>
                        <TextArea
                            name="formula"
                            label="Formula"
                            rows=12
                            value=form.formula.clone()
                            error=field_error(error, "formula")
                        />
                        <Preview shown/>
                    </section>
                    <Appearance form error/>
                    <div class="row">
                        <Button kind=ButtonKind::Submit variant=ButtonVariant::Primary busy=save.pending()>
                            "Save"
                        </Button>
                        <LinkButton href=cancel>"Cancel"</LinkButton>
                    </div>
                </ActionForm>
                <Help sources/>
            </div>
        </Page>
    }
}

#[component]
fn Naming(form: MetricForm, is_new: bool, error: Signal<Option<AppError>>) -> impl IntoView {
    let MetricForm { code, name, description, category, .. } = form;
    let categories = CATEGORIES.map(|(name, label)| (name.to_owned(), label.to_owned())).to_vec();
    let code = if is_new {
        view! {
            <Field
                name="code"
                label="Code"
                optional=true
                autocomplete="off"
                placeholder="average_order"
                hint="What formulas and programs call it. Made from the name if you leave it out."
                value=code
                error=field_error(error, "code")
            />
        }
        .into_any()
    } else {
        view! { <input type="hidden" name="code" value=code/> }.into_any()
    };
    view! {
        <section class="card form">
            <h2>"What it is"</h2>
            <div class="pair">
                <Field
                    name="name"
                    label="Name"
                    required=true
                    max_length=100
                    autocomplete="off"
                    value=name
                    error=field_error(error, "name")
                />
                <SelectField
                    name="category"
                    label="Category"
                    options=categories
                    value=category
                    error=field_error(error, "category")
                />
            </div>
            {code}
            <TextArea
                name="description"
                label="Description"
                optional=true
                rows=2
                value=description
                error=field_error(error, "description")
            />
        </section>
    }
}

#[component]
fn Appearance(form: MetricForm, error: Signal<Option<AppError>>) -> impl IntoView {
    let choices = |list: &[(&str, &str)]| {
        list.iter().map(|(key, label)| ((*key).to_owned(), (*label).to_owned())).collect::<Vec<_>>()
    };
    let directions = [
        (Direction::HigherIsBetter, "Higher is better"),
        (Direction::LowerIsBetter, "Lower is better"),
        (Direction::Neutral, "Neither"),
    ];
    let directions =
        directions.map(|(one, label)| (one.as_str().to_owned(), format!("{label}: warns {}", one.reached()))).to_vec();
    let number = move |name: &'static str, label: &'static str, value: String| {
        view! {
            <Field
                name
                label
                optional=true
                input_mode="decimal"
                autocomplete="off"
                value
                error=field_error(error, name)
            />
        }
    };
    view! {
        <section class="card form">
            <h2>"Target and thresholds"</h2>
            <div class="pair">
                {number("target", "Target", form.target)}
                <SelectField
                    name="direction"
                    label="Direction"
                    options=directions
                    value=form.direction
                    error=field_error(error, "direction")
                />
                {number("warning_threshold", "Warning", form.warning_threshold)}
                {number("critical_threshold", "Critical", form.critical_threshold)}
            </div>
        </section>
        <section class="card form">
            <h2>"How it is shown"</h2>
            <div class="pair">
                <SelectField
                    name="format"
                    label="Format"
                    options=choices(
                        &[
                            ("number", "Number"),
                            ("currency", "Currency"),
                            ("percentage", "Percentage"),
                            ("duration", "Duration, from seconds"),
                        ],
                    )
                    value=form.format
                    error=field_error(error, "format")
                />
                <Field
                    name="unit"
                    label="Unit"
                    optional=true
                    max_length=30
                    autocomplete="off"
                    hint="What stands behind a number: orders, items."
                    value=form.unit
                    error=field_error(error, "unit")
                />
                <SelectField
                    name="default_grain"
                    label="Over time"
                    options=choices(
                        &[
                            ("", "One value"),
                            ("day", "By day"),
                            ("week", "By week"),
                            ("month", "By month"),
                            ("quarter", "By quarter"),
                            ("year", "By year"),
                        ],
                    )
                    value=form.default_grain
                    error=field_error(error, "default_grain")
                />
                <Field
                    name="default_group"
                    label="Grouped by"
                    optional=true
                    autocomplete="off"
                    placeholder="category"
                    value=form.default_group
                    error=field_error(error, "default_group")
                />
                <Field
                    name="refresh_rate"
                    label="Refreshed every … seconds"
                    kind="number"
                    min="60"
                    required=true
                    value=form.refresh_rate
                    error=field_error(error, "refresh_rate")
                />
            </div>
        </section>
    }
}

/// What the form as it stands would show.
#[component]
fn Preview(shown: RwSignal<MetricForm>) -> impl IntoView {
    let preview = Resource::new(move || shown.get(), rpc::preview_metric);
    view! {
        <div class="metric-preview" role="status" aria-label="Preview">
            <Transition fallback=|| view! { <Skeleton rows=2/> }>
                {move || Suspend::new(async move {
                    match preview.await {
                        Ok(MetricPreview { answer, words }) => {
                            let of = format!("The last 12 months, made of {}.", answer.counted);
                            view! {
                                <p class="metric-value">{answer_text(&answer)}</p>
                                <p class="muted">{words.map(|words| format!("{words}. "))}{of}</p>
                            }
                                .into_any()
                        }
                        Err(AppError::Invalid { fields, message }) => {
                            let messages = match fields.len() {
                                0 => vec![message],
                                _ => fields.into_iter().map(|field| field.message).collect(),
                            };
                            let messages =
                                messages.into_iter().map(|text| view! { <p>"! " {text}</p> }).collect_view();
                            view! { <div class="faults">{messages}</div> }.into_any()
                        }
                        Err(error) => view! { <p class="muted">{error.to_string()}</p> }.into_any(),
                    }
                })}
            </Transition>
        </div>
    }
}

/// What formulas may name, and how they look.
#[component]
fn Help(sources: Vec<(String, String)>) -> impl IntoView {
    let sources = sources
        .into_iter()
        .map(|(name, fields)| {
            view! {
                <dt>
                    <code>{name}</code>
                </dt>
                <dd>{fields}</dd>
            }
        })
        .collect_view();
    let examples = EXAMPLES
        .map(|(what, formula)| {
            view! {
                <h3>{what}</h3>
                <pre tabindex="0">{formula}</pre>
            }
        })
        .collect_view();
    view! {
        <aside class="card stack" aria-label="The formula language">
            <h2>"The formula language"</h2>
            <p class="muted">
                "Measures are count, count distinct, sum, average, min, max, median, p95 and latest; they combine by add, subtract, multiply and divide. Conditions combine by all, any and not."
            </p>
            <dl class="sources">{sources}</dl>
            {examples}
        </aside>
    }
}
