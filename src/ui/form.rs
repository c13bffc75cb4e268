//! Fields. Each has its label, its hint and its error tied to it, and keeps its text when a form comes back.

use super::ServerAction;
use crate::error::AppError;
use leptos::{html, prelude::*};

/// The error of one field out of a form's error.
pub fn field_error(error: impl Into<Signal<Option<AppError>>>, field: &'static str) -> Signal<Option<String>> {
    let error = error.into();
    Signal::derive(move || error.with(|e| e.as_ref().and_then(|e| e.for_field(field)).map(str::to_owned)))
}

/// The error of an action's last run; also after a form was sent without JavaScript.
pub fn action_error<S>(action: ServerAction<S>) -> Signal<Option<AppError>> {
    let value = action.outcome();
    Signal::derive(move || value.with(|v| v.as_ref().and_then(|r| r.as_ref().err().cloned())))
}

/// Whether a field was refused. A form that is drawn anew stays in the page a while after its signals have gone.
fn is_refused(error: Signal<Option<String>>) -> bool {
    error.try_with(Option::is_some).unwrap_or_default()
}

/// What all kinds of field share: label above, hint and error below.
#[component]
fn FieldFrame(
    id: String,
    label: String,
    hint: Option<String>,
    error: Signal<Option<String>>,
    required: bool,
    optional: bool,
    children: Children,
) -> impl IntoView {
    let hint_id = format!("{id}-hint");
    let error_id = format!("{id}-error");
    let marked_optional = optional && !required;
    view! {
        <div class="field">
            <label for=id>
                {label} {marked_optional.then(|| view! { <span class="optional">" (optional)"</span> })}
            </label>
            {children()}
            {hint.map(|hint| view! { <span class="hint" id=hint_id>{hint}</span> })}
            <span class="error" id=error_id role="alert" hidden=move || !is_refused(error)>
                {move || error.try_get().flatten()}
            </span>
        </div>
    }
}

/// The ids that describe a field, for `aria-describedby`.
fn described_by(id: &str, hint: &Option<String>, error: Signal<Option<String>>) -> impl Fn() -> Option<String> + use<> {
    let hint = hint.as_ref().map(|_| format!("{id}-hint"));
    let id = id.to_owned();
    move || match (&hint, is_refused(error)) {
        (None, false) => None,
        (Some(hint), false) => Some(hint.clone()),
        (None, true) => Some(format!("{id}-error")),
        (Some(hint), true) => Some(format!("{id}-error {hint}")),
    }
}

/// A field of one line. `kind` is the input's type: text, email, password, number, date, search ...
#[component]
pub fn Field(
    #[prop(into)] name: String,
    #[prop(into)] label: String,
    /// What it holds at first. Bind `on_input` to follow it.
    #[prop(optional, into)]
    value: Signal<String>,
    #[prop(default = "text")] kind: &'static str,
    #[prop(optional, into)] hint: Option<String>,
    #[prop(optional, into)] error: Signal<Option<String>>,
    #[prop(optional)] required: bool,
    /// Says "(optional)" beside the label.
    #[prop(optional)]
    optional: bool,
    #[prop(optional)] autocomplete: Option<&'static str>,
    #[prop(optional)] input_mode: Option<&'static str>,
    #[prop(optional, into)] placeholder: Option<String>,
    #[prop(optional, into)] min: Option<String>,
    #[prop(optional, into)] max: Option<String>,
    #[prop(optional, into)] step: Option<String>,
    #[prop(optional)] max_length: Option<u32>,
    #[prop(optional, into)] list: Option<String>,
    #[prop(optional)] autofocus: bool,
    #[prop(optional, into)] disabled: Signal<bool>,
    /// When two forms on a page have a field of one name.
    #[prop(optional, into)]
    id: Option<String>,
    #[prop(optional, into)] on_input: Option<Callback<String>>,
) -> impl IntoView {
    let id = id.unwrap_or_else(|| name.clone());
    let described = described_by(&id, &hint, error);
    let input_id = id.clone();
    view! {
        <FieldFrame id label hint error required optional>
            <input
                class="input"
                id=input_id
                name=name
                type=kind
                value=move || value.get()
                required=required
                autocomplete=autocomplete
                inputmode=input_mode
                placeholder=placeholder
                min=min
                max=max
                step=step
                maxlength=max_length.map(|n| n.to_string())
                list=list
                autofocus=autofocus
                disabled=move || disabled.get()
                aria-invalid=move || is_refused(error).then_some("true")
                aria-describedby=described
                on:input=move |ev| {
                    if let Some(on_input) = on_input {
                        on_input.run(event_target_value(&ev));
                    }
                }
            />
        </FieldFrame>
    }
}

/// A field of several lines.
#[component]
pub fn TextArea(
    #[prop(into)] name: String,
    #[prop(into)] label: String,
    #[prop(optional, into)] value: String,
    #[prop(optional, into)] hint: Option<String>,
    #[prop(optional, into)] error: Signal<Option<String>>,
    #[prop(optional)] required: bool,
    #[prop(optional)] optional: bool,
    #[prop(default = 3)] rows: u32,
    #[prop(optional)] max_length: Option<u32>,
    #[prop(optional, into)] id: Option<String>,
    #[prop(optional, into)] on_input: Option<Callback<String>>,
) -> impl IntoView {
    let id = id.unwrap_or_else(|| name.clone());
    let described = described_by(&id, &hint, error);
    let input_id = id.clone();
    view! {
        <FieldFrame id label hint error required optional>
            <textarea
                class="input"
                id=input_id
                name=name
                rows=rows.to_string()
                required=required
                maxlength=max_length.map(|n| n.to_string())
                aria-invalid=move || is_refused(error).then_some("true")
                aria-describedby=described
                on:input=move |ev| {
                    if let Some(on_input) = on_input {
                        on_input.run(event_target_value(&ev));
                    }
                }
            >
                {value}
            </textarea>
        </FieldFrame>
    }
}

/// A choice of one out of a list. `options` are (value, what people read).
#[component]
pub fn SelectField(
    #[prop(into)] name: String,
    #[prop(into)] label: String,
    options: Vec<(String, String)>,
    #[prop(optional, into)] value: Signal<String>,
    #[prop(optional, into)] hint: Option<String>,
    #[prop(optional, into)] error: Signal<Option<String>>,
    #[prop(optional)] required: bool,
    #[prop(optional)] optional: bool,
    #[prop(optional, into)] disabled: Signal<bool>,
    #[prop(optional, into)] id: Option<String>,
    #[prop(optional, into)] on_change: Option<Callback<String>>,
) -> impl IntoView {
    let id = id.unwrap_or_else(|| name.clone());
    let described = described_by(&id, &hint, error);
    let input_id = id.clone();
    let select = NodeRef::<html::Select>::new();
    // `selected` alone says nothing to a select in which somebody has chosen.
    Effect::new(move |before: Option<String>| {
        let value = value.get();
        if before.is_some_and(|before| before != value)
            && let Some(select) = select.get_untracked()
        {
            select.set_value(&value);
        }
        value
    });
    let options = options
        .into_iter()
        .map(|(key, text)| {
            let own = key.clone();
            view! {
                <option value=key selected=move || value.with(|v| *v == own)>
                    {text}
                </option>
            }
        })
        .collect_view();
    view! {
        <FieldFrame id label hint error required optional>
            <select
                class="input"
                id=input_id
                name=name
                node_ref=select
                required=required
                disabled=move || disabled.get()
                aria-invalid=move || is_refused(error).then_some("true")
                aria-describedby=described
                on:change=move |ev| {
                    if let Some(on_change) = on_change {
                        on_change.run(event_target_value(&ev));
                    }
                }
            >
                {options}
            </select>
        </FieldFrame>
    }
}

/// A box to tick. Sends `value` ("true") when ticked, and nothing otherwise.
#[component]
pub fn Checkbox(
    #[prop(into)] name: String,
    #[prop(into)] label: String,
    #[prop(optional, into)] checked: Signal<bool>,
    #[prop(default = "true".into(), into)] value: String,
    #[prop(optional, into)] hint: Option<String>,
    #[prop(optional, into)] disabled: Signal<bool>,
    #[prop(optional, into)] on_change: Option<Callback<bool>>,
) -> impl IntoView {
    view! {
        <label class="check">
            <input
                type="checkbox"
                name=name
                value=value
                checked=move || checked.get()
                disabled=move || disabled.get()
                on:change=move |ev| {
                    if let Some(on_change) = on_change {
                        on_change.run(event_target_checked(&ev));
                    }
                }
            />
            <span>{label} {hint.map(|hint| view! { <small class="hint">" "{hint}</small> })}</span>
        </label>
    }
}

/// Says above a form why it was refused. Errors of single fields stand beside the fields too.
#[component]
pub fn FormError(#[prop(into)] error: Signal<Option<AppError>>) -> impl IntoView {
    move || {
        error.get().map(|error| {
            view! {
                <div class="notice bad" role="alert">
                    <span class="mark" aria-hidden="true">"!"</span>
                    <span>{error.to_string()}</span>
                </div>
            }
        })
    }
}

#[cfg(all(test, feature = "ssr"))]
mod tests {
    use super::*;
    use crate::ui::page::tests::html;

    #[test]
    fn a_field_is_tied_to_its_label_hint_and_error() {
        let out = html(|| {
            let error = Signal::stored(Some("Enter an amount.".to_owned()));
            view! { <Field name="amount" label="Amount" hint="In dollars" error value="12" required=true/> }
        });
        assert!(out.contains(r#"<label for="amount">"#), "{out}");
        assert!(out.contains(r#"aria-describedby="amount-error amount-hint""#), "{out}");
        assert!(out.contains(r#"aria-invalid="true""#), "{out}");
        assert!(out.contains("Enter an amount."), "{out}");
        assert!(out.contains(r#"value="12""#), "{out}");
    }

    #[test]
    fn a_field_without_error_is_not_invalid() {
        let out = html(|| view! { <Field name="amount" label="Amount"/> });
        assert!(!out.contains("aria-invalid"), "{out}");
        assert!(!out.contains("aria-describedby"), "{out}");
    }

    #[test]
    fn a_select_shows_its_value() {
        let out = html(|| {
            let options = vec![("a".to_owned(), "Ay".to_owned()), ("b".to_owned(), "Bee".to_owned())];
            view! { <SelectField name="kind" label="Kind" options value="b"/> }
        });
        assert!(out.contains(r#"<option value="b" selected"#), "{out}");
    }

    #[test]
    fn every_field_finds_its_own_error() {
        let mut errors = crate::error::FieldErrors::default();
        errors.add("name", "Too long.");
        errors.add("date", "No such day.");
        let error = Some(errors.into_error());
        Owner::new().with(|| {
            let error = Signal::stored(error);
            assert_eq!(field_error(error, "date").get_untracked().as_deref(), Some("No such day."));
            assert_eq!(field_error(error, "amount").get_untracked(), None);
        });
    }
}
