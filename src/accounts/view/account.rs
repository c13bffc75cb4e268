//! One's own account: name, password, organisations and browsers.

use super::{CurrencyField, Done, PASSWORD_HINT, PasswordField, Send, general, kept_input, typed_or};
use crate::{
    accounts::{
        KeptInput, OrganizationChoice, OutboxMessage, SessionSummary,
        rpc::{self, ChangeName, ChangePassword, CreateOrganization},
    },
    error::AppError,
    format,
    ui::{
        ActionForm, Button, ButtonKind, ButtonVariant, Chip, ConfirmButton, ErrorBox, Field, FormError, Page, Resource,
        ServerAction, Skeleton, TableBox, Tone, action_error, field_error, shell::use_viewer,
    },
    zone::Zone,
};
use leptos::prelude::*;

#[component]
pub fn AccountPage() -> impl IntoView {
    let viewer = use_viewer().get_untracked();
    let zone = viewer.organization.time_zone;
    let organizations = Resource::new(|| (), |()| rpc::list_organizations());
    let sessions = Resource::new(|| (), |()| rpc::list_sessions());
    let kept = kept_input();
    let name = StoredValue::new(viewer.name.clone());
    let currency = StoredValue::new(viewer.organization.base_currency.clone());
    view! {
        <Page title="Your account" lead=viewer.email.clone()>
            <Done texts=&[
                ("name", "Your name was changed."),
                ("password", "Your password was changed, and every other browser was signed out."),
            ]/>
            <Suspense>
                {move || Suspend::new(async move {
                    let name = typed_or(kept.await.name, name.get_value());
                    view! { <NameForm name/> }
                })}
            </Suspense>
            <PasswordForm/>
            <section class="card medium" id="organizations">
                <h2>"Your organisations"</h2>
                <Suspense fallback=|| view! { <Skeleton rows=2/> }>
                    {move || Suspend::new(async move { organizations_list(organizations.await) })}
                </Suspense>
                <Suspense>
                    {move || Suspend::new(async move {
                        view! { <NewOrganizationForm kept=kept.await currency=currency.get_value()/> }
                    })}
                </Suspense>
            </section>
            <section class="card stack medium">
                <h2>"Signed in on"</h2>
                <Suspense fallback=|| view! { <Skeleton rows=2/> }>
                    {move || Suspend::new(async move { sessions_table(sessions.await, zone) })}
                </Suspense>
                <div class="row leftward">
                    <ConfirmButton
                        label="Sign out everywhere"
                        text="Signs you out of every browser, this one included, and of every program that uses the API as you."
                    >
                        <form method="post" action="/rpc/accounts/sign_out_everywhere" class="row end">
                            <Button kind=ButtonKind::Submit variant=ButtonVariant::Danger>
                                "Sign out everywhere"
                            </Button>
                        </form>
                    </ConfirmButton>
                </div>
            </section>
            {viewer.staff.then(|| view! { <Outbox zone/> })}
        </Page>
    }
}

/// A plain form: the name stands in the frame too, which a whole new page brings up to date. The action reads the
/// error that such a form comes back with.
#[component]
fn NameForm(name: String) -> impl IntoView {
    let error = action_error(ServerAction::<ChangeName>::new());
    view! {
        <section class="card medium">
            <h2>"Name"</h2>
            <form method="post" action="/rpc/accounts/change_name" class="form narrow">
                <FormError error=general(error)/>
                <Field
                    name="name"
                    label="Your name"
                    value=name
                    required=true
                    max_length=100
                    autocomplete="name"
                    error=field_error(error, "name")
                />
                <Send>"Save"</Send>
            </form>
        </section>
    }
}

#[component]
fn PasswordForm() -> impl IntoView {
    let action = ServerAction::<ChangePassword>::new();
    let error = action_error(action);
    view! {
        <section class="card medium">
            <h2>"Password"</h2>
            <ActionForm action attr:class="form narrow">
                <FormError error=general(error)/>
                <PasswordField
                    name="old_password"
                    label="Current password"
                    autocomplete="current-password"
                    error=field_error(error, "old_password")
                    done=action.done()
                />
                <PasswordField
                    name="new_password"
                    label="New password"
                    autocomplete="new-password"
                    hint=PASSWORD_HINT
                    error=field_error(error, "new_password")
                    done=action.done()
                />
                <Send busy=action.pending()>"Change the password"</Send>
            </ActionForm>
        </section>
    }
}

fn organizations_list(organizations: Result<Vec<OrganizationChoice>, AppError>) -> AnyView {
    let organizations = match organizations {
        Ok(organizations) => organizations,
        Err(error) => return view! { <ErrorBox error/> }.into_any(),
    };
    let rows = organizations
        .into_iter()
        .map(|organization| {
            let action = if organization.current {
                view! { <Chip tone=Tone::Good text="You are here"/> }.into_any()
            } else {
                // A plain form: everything on the page belongs to the other organisation afterwards.
                view! {
                    <form method="post" action="/rpc/accounts/switch_organization">
                        <input type="hidden" name="organization" value=organization.id.to_string()/>
                        <Button kind=ButtonKind::Submit>"Switch"</Button>
                    </form>
                }
                .into_any()
            };
            view! {
                <li class="row between">
                    <span>
                        <b>{organization.name}</b>
                        <span class="muted">{format!(" · {} · {}", organization.role.label(), organization.tier.label())}</span>
                    </span>
                    {action}
                </li>
            }
        })
        .collect_view();
    view! { <ul class="stack plain-list">{rows}</ul> }.into_any()
}

#[component]
fn NewOrganizationForm(kept: KeptInput, currency: String) -> impl IntoView {
    let error = action_error(ServerAction::<CreateOrganization>::new());
    view! {
        <details class="more" open=move || error.with(Option::is_some)>
            <summary>"Add an organisation"</summary>
            <form method="post" action="/rpc/accounts/create_organization" class="form narrow">
                <FormError error=general(error)/>
                <Field
                    id="organization-name"
                    name="name"
                    label="Name of the organisation"
                    value=kept.organization
                    required=true
                    max_length=100
                    hint="You will be its owner."
                    error=field_error(error, "name")
                />
                <CurrencyField value=typed_or(kept.base_currency, currency) error/>
                <Send>"Add"</Send>
            </form>
        </details>
    }
}

fn sessions_table(sessions: Result<Vec<SessionSummary>, AppError>, zone: Zone) -> AnyView {
    let sessions = match sessions {
        Ok(sessions) => sessions,
        Err(error) => return view! { <ErrorBox error/> }.into_any(),
    };
    let rows = sessions
        .into_iter()
        .map(|session| {
            view! {
                <tr>
                    <td>
                        {session.device()}
                        {session.current.then(|| view! { " " <Chip tone=Tone::Good text="This browser"/> })}
                    </td>
                    <td data-label="Address">{session.address}</td>
                    <td data-label="Since">{format::date_time(session.created_at, zone)}</td>
                    <td data-label="Last seen">{format::date_time(session.last_seen_at, zone)}</td>
                </tr>
            }
        })
        .collect_view();
    view! {
        <TableBox label="Browsers that are signed in">
            <table class="table records">
                <thead>
                    <tr>
                        <th scope="col">"Browser"</th>
                        <th scope="col">"Address"</th>
                        <th scope="col">"Since"</th>
                        <th scope="col">"Last seen"</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </TableBox>
    }
    .into_any()
}

/// Mail that waits or went out, for the platform's staff.
#[component]
fn Outbox(zone: Zone) -> impl IntoView {
    let messages = Resource::new(|| (), |()| rpc::list_outbox());
    view! {
        <section class="card stack medium">
            <h2>"Outgoing mail of the platform"</h2>
            <p class="muted">
                "Without a mail server (accounts.smtp_url), messages wait here for you to hand on. You see this because you are
                platform staff."
            </p>
            <Suspense fallback=|| view! { <Skeleton rows=3/> }>
                {move || Suspend::new(async move { outbox_list(messages.await, zone) })}
            </Suspense>
        </section>
    }
}

fn outbox_list(messages: Result<Vec<OutboxMessage>, AppError>, zone: Zone) -> AnyView {
    let messages = match messages {
        Ok(messages) => messages,
        Err(error) => return view! { <ErrorBox error/> }.into_any(),
    };
    if messages.is_empty() {
        return view! { <p>"No mail in the last 30 days."</p> }.into_any();
    }
    messages
        .into_iter()
        .map(|message| {
            let (tone, state) = match message.status.as_str() {
                "sent" => (Tone::Good, "Sent"),
                "failed" => (Tone::Bad, "Failed"),
                _ => (Tone::Neutral, "Waiting"),
            };
            view! {
                <details class="more">
                    <summary>
                        <Chip tone text=state/>
                        {format!(" {} · {} · {}", message.recipient, message.subject, format::date_time(message.created_at, zone))}
                    </summary>
                    {message.error.map(|error| view! { <p>{error}</p> })}
                    <pre class="letter">{message.body}</pre>
                </details>
            }
        })
        .collect_view()
        .into_any()
}
