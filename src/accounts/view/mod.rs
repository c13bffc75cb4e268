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

use super::{KeptInput, rpc};
use crate::{
    error::AppError,
    ui::{Button, ButtonKind, ButtonVariant, Done, Resource, ServerAction},
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

/// Counts an action's successes. A form drawn anew for each is empty again after it.
fn successes<S>(action: ServerAction<S>) -> Memo<u32> {
    let value = action.outcome();
    Memo::new(move |before: Option<&u32>| {
        let succeeded = value.with(|value| matches!(value, Some(Ok(_))));
        before.copied().unwrap_or_default() + u32::from(succeeded)
    })
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
) -> impl IntoView {
    let shown = RwSignal::new(false);
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
