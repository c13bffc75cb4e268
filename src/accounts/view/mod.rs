//! Pages.

mod account;
mod gate;
mod invitation;
mod organization;
mod people;

pub use account::AccountPage;
pub use gate::{ForgotPasswordPage, ResetPasswordPage, SignInPage, SignUpPage};
pub use invitation::InvitationPage;
pub use organization::OrganizationPage;
pub use people::PeoplePage;

use super::{KeptInput, input, rpc};
use crate::{
    error::AppError,
    ui::{Button, ButtonKind, ButtonVariant, Done, Resource, SelectField, field_error},
};
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

/// One parameter of the page's address, as it was when the page was opened; empty if absent.
fn parameter(name: &'static str) -> String {
    use_query_map().with_untracked(|query| query.get(name).unwrap_or_default())
}

/// What was typed into a form of this page that was refused, if it was sent without JavaScript. Only the address of such a
/// page makes it ask.
fn kept_input() -> Resource<KeptInput> {
    let refused = !parameter("__err").is_empty();
    Resource::new_blocking(
        || (),
        move |()| async move { if refused { rpc::take_kept().await.unwrap_or_default() } else { KeptInput::default() } },
    )
}

/// What was typed; where nothing was, what is stored.
fn typed_or(typed: String, stored: String) -> String {
    if typed.is_empty() { stored } else { typed }
}

/// An error for the top of a form: what no single field says already.
fn general(error: Signal<Option<AppError>>) -> Signal<Option<AppError>> {
    Signal::derive(move || {
        error.get().filter(|error| !matches!(error, AppError::Invalid { fields, .. } if fields.len() == 1))
    })
}

/// Every currency that an organisation can count in, for a select.
fn currencies() -> Vec<(String, String)> {
    input::CURRENCIES.iter().map(|code| ((*code).to_owned(), (*code).to_owned())).collect()
}

/// What a new organisation counts in.
#[component]
fn CurrencyField(value: String, error: Signal<Option<AppError>>) -> impl IntoView {
    view! {
        <SelectField
            name="base_currency"
            label="Currency"
            options=currencies()
            value
            hint="What metrics count in. It can be changed later."
            error=field_error(error, "base_currency")
        />
    }
}

/// The button that sends a form.
#[component]
fn Send(#[prop(optional, into)] busy: Signal<bool>, children: Children) -> impl IntoView {
    view! {
        <div class="row">
            <Button kind=ButtonKind::Submit variant=ButtonVariant::Primary busy>
                {children()}
            </Button>
        </div>
    }
}

/// A password field with a button that shows what is typed. The button appears with JavaScript, without which it could
/// do nothing.
#[component]
fn PasswordField(
    name: &'static str,
    label: &'static str,
    /// "current-password" or "new-password", for password managers.
    autocomplete: &'static str,
    #[prop(optional)] hint: Option<&'static str>,
    #[prop(into)] error: Signal<Option<String>>,
    /// How often the form did what it is for: each time, the field is empty again.
    #[prop(optional)]
    done: Signal<usize>,
) -> impl IntoView {
    let shown = RwSignal::new(false);
    let input = NodeRef::<leptos::html::Input>::new();
    Effect::new(move |_| {
        if done.get() > 0
            && let Some(input) = input.get()
        {
            input.set_value("");
        }
    });
    let ready = RwSignal::new(false);
    Effect::new(move |_| ready.set(true));
    let (hint_id, error_id) = (format!("{name}-hint"), format!("{name}-error"));
    let described = match hint {
        Some(_) => format!("{error_id} {hint_id}"),
        None => error_id.clone(),
    };
    view! {
        <div class="field">
            <label for=name>{label}</label>
            <div class="secret">
                <input
                    class="input"
                    node_ref=input
                    id=name
                    name=name
                    type=move || if shown.get() { "text" } else { "password" }
                    required
                    autocomplete=autocomplete
                    maxlength="1024"
                    spellcheck="false"
                    autocapitalize="none"
                    aria-invalid=move || error.with(Option::is_some).then_some("true")
                    aria-describedby=described
                />
                <button
                    type="button"
                    class="btn quiet"
                    hidden=move || !ready.get()
                    aria-controls=name
                    aria-pressed=move || if shown.get() { "true" } else { "false" }
                    aria-label=format!("Show {}", label.to_lowercase())
                    on:click=move |_| shown.update(|shown| *shown = !*shown)
                >
                    {move || if shown.get() { "Hide" } else { "Show" }}
                </button>
            </div>
            {hint.map(|hint| view! { <span class="hint" id=hint_id>{hint}</span> })}
            <span class="error" id=error_id role="alert" hidden=move || error.with(Option::is_none)>
                {move || error.get()}
            </span>
        </div>
    }
}

const PASSWORD_HINT: &str = "At least 10 characters. Several words in a row are good.";
