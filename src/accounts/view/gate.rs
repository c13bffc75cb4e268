//! The pages before the door: signing in and up, and a forgotten password.

use super::{CurrencyField, PASSWORD_HINT, PasswordField, Send, general, parameter, typed_or};
use crate::{
    accounts::{
        KeptInput, input,
        rpc::{self, ConfirmSignUp, ForgotPassword, ResetPassword, SignIn, SignUp},
    },
    error::AppError,
    ui::{ActionForm, ErrorBox, Field, FormError, Resource, ServerAction, action_error, field_error},
};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;

/// One card in the middle of the page, under our name.
#[component]
pub(super) fn Gate(#[prop(into)] title: String, children: Children) -> impl IntoView {
    view! {
        <Title text=title.clone()/>
        <div class="gate">
            <main>
                <a class="brand" href="/">
                    <img src="/favicon.svg" alt="" width="28" height="28"/>
                    "Belvedere"
                </a>
                <div class="card stack">
                    <h1>{title}</h1>
                    {children()}
                </div>
            </main>
        </div>
    }
}

/// The page as it opens for somebody who is not signed in: with what they typed before, if the form was refused.
/// Whoever is signed in is sent on.
fn opening() -> Resource<KeptInput> {
    let next = parameter("next");
    Resource::new_blocking(
        || (),
        move |()| {
            let next = next.clone();
            async move { rpc::skip_sign_in(next).await.unwrap_or_default() }
        },
    )
}

/// A link to `path` that keeps where the person wanted to go.
fn with_next(path: &str, next: &str) -> String {
    if next.is_empty() {
        path.to_owned()
    } else {
        format!("{path}?next={}", leptos_router::location::Url::escape(next))
    }
}

#[component]
pub fn SignInPage() -> impl IntoView {
    let opening = opening();
    let action = ServerAction::<SignIn>::new();
    let error = action_error(action);
    let next = StoredValue::new(parameter("next"));
    view! {
        <Gate title="Sign in">
            <super::Done texts=&[("reset", "Your password was changed. Sign in with the new one.")]/>
            <FormError error=general(error)/>
            <Suspense>
                {move || Suspend::new(async move {
                    let kept = opening.await;
                    view! {
                        <ActionForm action attr:class="form">
                            <input type="hidden" name="next" value=next.get_value()/>
                            <Field
                                name="email"
                                label="E-mail"
                                kind="email"
                                value=kept.email
                                required=true
                                autocomplete="username"
                                error=field_error(error, "email")
                            />
                            <PasswordField
                                name="password"
                                label="Password"
                                autocomplete="current-password"
                                error=field_error(error, "password")
                            />
                            <Send busy=action.pending()>"Sign in"</Send>
                        </ActionForm>
                    }
                })}
            </Suspense>
            <p class="muted">
                <a href="/forgot-password">"Forgot your password?"</a>
            </p>
            <p class="muted">
                "New here? " <a href=move || with_next("/sign-up", &next.get_value())>"Create an account"</a>
            </p>
        </Gate>
    }
}

#[component]
pub fn SignUpPage() -> impl IntoView {
    let token = parameter("token");
    let query = use_query_map();
    let sent = move || query.with(|query| query.get("sent").is_some());
    if !token.is_empty() {
        return view! { <ConfirmSignUpCard token/> }.into_any();
    }
    view! {
        <Show when=sent fallback=|| view! { <SignUpCard/> }>
            <Gate title="Look into your mail">
                <p>
                    "We have sent you a link that finishes your sign-up. If nothing comes within a few minutes, look into the
                    spam folder, or try again."
                </p>
                <p class="muted">
                    <a href="/sign-in">"Back to signing in"</a>
                </p>
            </Gate>
        </Show>
    }
    .into_any()
}

#[component]
fn SignUpCard() -> impl IntoView {
    let opening = opening();
    let action = ServerAction::<SignUp>::new();
    let error = action_error(action);
    let next = StoredValue::new(parameter("next"));
    view! {
        <Gate title="Create your account">
            <FormError error=general(error)/>
            <Suspense>
                {move || Suspend::new(async move {
                    let kept = opening.await;
                    view! {
                        <ActionForm action attr:class="form">
                            <Field
                                name="name"
                                label="Your name"
                                value=kept.name
                                required=true
                                max_length=100
                                autocomplete="name"
                                error=field_error(error, "name")
                            />
                            <Field
                                name="email"
                                label="E-mail"
                                kind="email"
                                value=kept.email
                                required=true
                                autocomplete="username"
                                error=field_error(error, "email")
                            />
                            <Field
                                name="organization"
                                label="Organisation"
                                hint="Your business or team. You can add more later."
                                value=kept.organization
                                required=true
                                max_length=100
                                autocomplete="organization"
                                error=field_error(error, "organization")
                            />
                            <CurrencyField value=typed_or(kept.base_currency, input::FIRST_CURRENCY.to_owned()) error/>
                            <PasswordField
                                name="password"
                                label="Password"
                                autocomplete="new-password"
                                hint=PASSWORD_HINT
                                error=field_error(error, "password")
                            />
                            <BrowserTimeZone/>
                            <Send busy=action.pending()>"Create account"</Send>
                        </ActionForm>
                    }
                })}
            </Suspense>
            <p class="muted">
                "Have an account? " <a href=move || with_next("/sign-in", &next.get_value())>"Sign in"</a>
            </p>
        </Gate>
    }
}

/// Sends the zone that the browser is set to along, for the new organisation. Without scripts it stays empty.
#[component]
fn BrowserTimeZone() -> impl IntoView {
    let input = NodeRef::<leptos::html::Input>::new();
    #[cfg(feature = "hydrate")]
    Effect::new(move || {
        let options =
            js_sys::Intl::DateTimeFormat::new(&js_sys::Array::new(), &js_sys::Object::new()).resolved_options();
        let zone = js_sys::Reflect::get(&options, &"timeZone".into()).ok().and_then(|zone| zone.as_string());
        if let (Some(input), Some(zone)) = (input.get(), zone) {
            input.set_value(&zone);
        }
    });
    view! { <input type="hidden" name="time_zone" node_ref=input/> }
}

/// The link of a sign-up's mail. A button, because programs that look at mail open links by themselves.
#[component]
fn ConfirmSignUpCard(token: String) -> impl IntoView {
    let action = ServerAction::<ConfirmSignUp>::new();
    let error = action_error(action);
    view! {
        <Gate title="Finish your sign-up">
            <FormError error=general(error)/>
            <p>"Your address is confirmed by this link. One more step, and you are in."</p>
            <ActionForm action attr:class="form">
                <input type="hidden" name="token" value=token/>
                <Send busy=action.pending()>"Finish and sign in"</Send>
            </ActionForm>
        </Gate>
    }
}

#[component]
pub fn ForgotPasswordPage() -> impl IntoView {
    let query = use_query_map();
    let sent = move || query.with(|query| query.get("sent").is_some());
    let opening = opening();
    let action = ServerAction::<ForgotPassword>::new();
    let error = action_error(action);
    view! {
        <Gate title="Forgot your password?">
            <Show when=sent>
                <div class="notice good" role="status">
                    <span class="mark" aria-hidden="true">"✓"</span>
                    <span>
                        "If an account has this address, a link for a new password is on its way. It works for two hours. If
                        nothing comes, ask whoever runs this server: without a mail server, the link waits with them."
                    </span>
                </div>
            </Show>
            <FormError error=general(error)/>
            <p class="muted">"Enter your address, and we send you a link with which you choose a new one."</p>
            <Suspense>
                {move || Suspend::new(async move {
                    let kept = opening.await;
                    view! {
                        <ActionForm action attr:class="form">
                            <Field
                                name="email"
                                label="E-mail"
                                kind="email"
                                value=kept.email
                                required=true
                                autocomplete="username"
                                error=field_error(error, "email")
                            />
                            <Send busy=action.pending()>"Send the link"</Send>
                        </ActionForm>
                    }
                })}
            </Suspense>
            <p class="muted">
                <a href="/sign-in">"Back to signing in"</a>
            </p>
        </Gate>
    }
}

#[component]
pub fn ResetPasswordPage() -> impl IntoView {
    let token = StoredValue::new(parameter("token"));
    let works = Resource::new_blocking(|| (), move |()| rpc::check_reset_link(token.get_value()));
    view! {
        <Gate title="Choose a new password">
            <Suspense>
                {move || Suspend::new(async move {
                    match works.await {
                        Ok(()) => view! { <ResetForm token=token.get_value()/> }.into_any(),
                        Err(AppError::NotFound { .. }) => {
                            view! { <p>"This link is not valid: it has expired, was used, or was replaced by a newer one."</p> }
                                .into_any()
                        }
                        Err(error) => view! { <ErrorBox error/> }.into_any(),
                    }
                })}
            </Suspense>
            <p class="muted">
                <a href="/forgot-password">"Ask for a new link"</a>
            </p>
        </Gate>
    }
}

#[component]
fn ResetForm(token: String) -> impl IntoView {
    let action = ServerAction::<ResetPassword>::new();
    let error = action_error(action);
    view! {
        <FormError error=general(error)/>
        <p class="muted">"Every browser on which you are signed in will be signed out."</p>
        <ActionForm action attr:class="form">
            <input type="hidden" name="token" value=token/>
            <PasswordField
                name="password"
                label="New password"
                autocomplete="new-password"
                hint=PASSWORD_HINT
                error=field_error(error, "password")
            />
            <Send busy=action.pending()>"Set the password"</Send>
        </ActionForm>
    }
}
