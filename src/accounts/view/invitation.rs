//! Where the link of an invitation leads.

use super::{PASSWORD_HINT, PasswordField, Send, gate::Gate, general, parameter};
use crate::{
    accounts::{
        InvitationOffer, Viewer,
        rpc::{self, AcceptInvitation, AcceptInvitationAsNew},
    },
    error::AppError,
    ui::{ActionForm, ErrorBox, Field, FormError, LinkButton, Resource, ServerAction, action_error, field_error},
};
use leptos::prelude::*;

#[component]
pub fn InvitationPage() -> impl IntoView {
    let token = StoredValue::new(parameter("token"));
    let found = Resource::new_blocking(|| (), move |()| rpc::find_invitation(token.get_value()));
    view! {
        <Gate title="You are invited">
            <Suspense>
                {move || Suspend::new(async move {
                    match found.await {
                        Ok((offer, viewer, kept)) => {
                            view! { <Offer offer viewer name=kept.name token=token.get_value()/> }.into_any()
                        }
                        Err(AppError::NotFound { .. }) => {
                            view! {
                                <p>
                                    "This invitation has expired, was used, or was taken back. Ask the person who invited you
                                    for another."
                                </p>
                                <p class="muted">
                                    <a href="/">"To your dashboards"</a>
                                </p>
                            }
                                .into_any()
                        }
                        Err(error) => view! { <ErrorBox error/> }.into_any(),
                    }
                })}
            </Suspense>
        </Gate>
    }
}

#[component]
fn Offer(offer: InvitationOffer, viewer: Option<Viewer>, name: String, token: String) -> impl IntoView {
    let InvitationOffer { organization_name, email, role, invited_by, has_account } = offer;
    let inviter = invited_by.unwrap_or_else(|| "Somebody".into());
    let here = format!("/invitation?token={token}");
    let next = format!("/sign-in?next={}", leptos_router::location::Url::escape(&here));
    let answer = match viewer {
        Some(viewer) if viewer.email == email => view! { <JoinForm token/> }.into_any(),
        Some(viewer) => view! {
            <div class="notice warn">
                <span class="mark" aria-hidden="true">"◆"</span>
                <span>
                    "The invitation is for " <b>{email}</b> ", and you are signed in as " <b>{viewer.email}</b>
                    ". Sign out, and open the link again."
                </span>
            </div>
            <form method="post" action="/rpc/accounts/sign_out" class="form">
                <Send>"Sign out"</Send>
            </form>
        }
        .into_any(),
        None if has_account => view! {
            <p>"You have an account already."</p>
            <div class="row">
                <LinkButton href=next variant=crate::ui::ButtonVariant::Primary>
                    "Sign in and join"
                </LinkButton>
            </div>
        }
        .into_any(),
        None => view! { <NewcomerForm token email name/> }.into_any(),
    };
    view! {
        <p>
            {inviter} " invites you to join " <b>{organization_name}</b> " as " {role.label().to_lowercase()} ": "
            {role.description().to_lowercase()} "."
        </p>
        {answer}
    }
}

#[component]
fn JoinForm(token: String) -> impl IntoView {
    let action = ServerAction::<AcceptInvitation>::new();
    let error = action_error(action);
    view! {
        <FormError error=general(error)/>
        <ActionForm action attr:class="form">
            <input type="hidden" name="token" value=token/>
            <Send busy=action.pending()>"Join"</Send>
        </ActionForm>
    }
}

#[component]
fn NewcomerForm(token: String, email: String, name: String) -> impl IntoView {
    let action = ServerAction::<AcceptInvitationAsNew>::new();
    let error = action_error(action);
    view! {
        <FormError error=general(error)/>
        <ActionForm action attr:class="form">
            <input type="hidden" name="token" value=token/>
            // For password managers: the account's name beside its password.
            <input type="hidden" autocomplete="username" value=email.clone()/>
            <p class="muted">"Your account will have the address " {email} "."</p>
            <Field
                name="name"
                label="Your name"
                value=name
                required=true
                max_length=100
                autocomplete="name"
                error=field_error(error, "name")
            />
            <PasswordField
                name="password"
                label="Password"
                autocomplete="new-password"
                hint=PASSWORD_HINT
                error=field_error(error, "password")
            />
            <Send busy=action.pending()>"Create account and join"</Send>
        </ActionForm>
    }
}
