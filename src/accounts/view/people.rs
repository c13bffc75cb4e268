//! Who belongs to the organisation.

use super::{Done, Send, general, kept_input, typed_or};
use crate::{
    accounts::{
        Invitation, KeptInput, Person, Role, Viewer,
        rpc::{self, ChangeRole, DeleteInvitation, Invite, RemoveMember},
    },
    error::AppError,
    format,
    page::Page as ListPage,
    ui::{
        ActionForm, Button, ButtonKind, ButtonVariant, Chip, ConfirmButton, ErrorBox, Field, FormError, Page, Pager,
        Resource, SelectField, ServerAction, Skeleton, TableBox, Tone, action_error, field_error, shell::use_viewer,
    },
};
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

#[component]
pub fn PeoplePage() -> impl IntoView {
    let viewer = use_viewer();
    let query = use_query_map();
    let cursor = Memo::new(move |_| query.with(|query| query.get("cursor")));
    let change_role = ServerAction::<ChangeRole>::new();
    let remove = ServerAction::<RemoveMember>::new();
    let people = Resource::new(
        move || (cursor.get(), change_role.version().get(), remove.version().get()),
        |(cursor, ..)| rpc::list_people(cursor),
    );
    let administers = viewer.with_untracked(|viewer| viewer.role.can_administer());
    view! {
        <Page title="People" lead="Who belongs to this organisation, and what they may do.">
            <Done texts=&[
                ("invited", "The invitation is on its way."),
                (
                    "waiting",
                    "The invitation waits in the outbox, because this server sends no mail. Ask its operator to hand the link on.",
                ),
                ("taken-back", "The invitation was taken back: its link works no longer."),
                ("role", "The role was changed."),
                ("removed", "The person was removed."),
            ]/>
            <FormError error=action_error(change_role)/>
            <FormError error=action_error(remove)/>
            <Transition fallback=|| view! { <Skeleton rows=4/> }>
                {move || Suspend::new(async move {
                    match people.await {
                        Ok(page) => view! { <PeopleTable page viewer=viewer.get_untracked() change_role remove/> }.into_any(),
                        Err(error) => view! { <ErrorBox error/> }.into_any(),
                    }
                })}
            </Transition>
            {administers.then(|| view! { <Invitations role=viewer.with_untracked(|viewer| viewer.role)/> })}
        </Page>
    }
}

/// The roles that somebody in `own` may give to somebody who has `from`.
fn roles_for(own: Role, from: Option<Role>) -> Vec<(String, String)> {
    Role::ASSIGNABLE
        .into_iter()
        .filter(|to| own.may_move(from, Some(*to)))
        .map(|role| (role.as_str().to_owned(), role.label().to_owned()))
        .collect()
}

#[component]
fn PeopleTable(
    page: ListPage<Person>,
    viewer: Viewer,
    change_role: ServerAction<ChangeRole>,
    remove: ServerAction<RemoveMember>,
) -> impl IntoView {
    let zone = viewer.organization.time_zone;
    let next = page.next_cursor.map(|cursor| format!("/people?cursor={cursor}"));
    let rows = page
        .items
        .into_iter()
        .map(|person| {
            let me = person.user_id == viewer.user_id;
            let roles = roles_for(viewer.role, Some(person.role));
            let role = if roles.is_empty() {
                view! { <Chip text=person.role.label()/> }.into_any()
            } else {
                view! { <RoleForm person=person.clone() roles change_role/> }.into_any()
            };
            let removable = me || viewer.role.may_move(Some(person.role), None);
            view! {
                <tr>
                    <th scope="row">
                        <b>{person.name.clone()}</b>
                        {me.then(|| view! { " " <Chip tone=Tone::Info text="You"/> })}
                        <div class="muted">{person.email.clone()}</div>
                    </th>
                    <td class="wide">{role}</td>
                    <td class="day" data-label="Since">{format::date(zone.day(person.joined_at))}</td>
                    <td class="num">{removable.then(|| view! { <RemoveButton person me remove/> })}</td>
                </tr>
            }
        })
        .collect_view();
    view! {
        <TableBox label="People">
            <table class="table middle">
                <thead>
                    <tr>
                        <th scope="col">"Person"</th>
                        <th scope="col">"Role"</th>
                        <th scope="col">"Since"</th>
                        <th scope="col">
                            <span class="sr-only">"Actions"</span>
                        </th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </TableBox>
        {next.is_some().then(|| view! { <Pager next/> })}
    }
}

#[component]
fn RoleForm(person: Person, roles: Vec<(String, String)>, change_role: ServerAction<ChangeRole>) -> impl IntoView {
    let current = person.role.as_str();
    let options = roles
        .into_iter()
        .map(|(value, label)| {
            let selected = value == current;
            view! {
                <option value=value selected=selected>
                    {label}
                </option>
            }
        })
        .collect_view();
    view! {
        <ActionForm action=change_role attr:class="inline-form">
            <input type="hidden" name="user" value=person.user_id.to_string()/>
            <select class="input" name="role" aria-label=format!("Role of {}", person.name)>
                {options}
            </select>
            <Button kind=ButtonKind::Submit variant=ButtonVariant::Quiet>
                "Change"
            </Button>
        </ActionForm>
    }
}

#[component]
fn RemoveButton(person: Person, me: bool, remove: ServerAction<RemoveMember>) -> impl IntoView {
    let (label, text) = if me {
        ("Leave", "You lose access to this organisation at once. Somebody else has to invite you again.".to_owned())
    } else {
        ("Remove", format!("{} loses access at once. What they added stays.", person.name))
    };
    let id = person.user_id.to_string();
    view! {
        <ConfirmButton label text variant=ButtonVariant::Quiet>
            <ActionForm action=remove attr:class="row end">
                <input type="hidden" name="user" value=id/>
                <Button kind=ButtonKind::Submit variant=ButtonVariant::Danger>
                    {label}
                </Button>
            </ActionForm>
        </ConfirmButton>
    }
}

#[component]
fn Invitations(role: Role) -> impl IntoView {
    let invite = ServerAction::<Invite>::new();
    let take_back = ServerAction::<DeleteInvitation>::new();
    let invitations =
        Resource::new(move || (invite.version().get(), take_back.version().get()), |_| rpc::list_invitations());
    let kept = kept_input();
    view! {
        <section class="card">
            <h2>"Invite somebody"</h2>
            <Suspense>
                {move || Suspend::new(async move {
                    let kept = kept.await;
                    view! { <InviteForm role invite kept/> }
                })}
            </Suspense>
        </section>
        <FormError error=action_error(take_back)/>
        <Transition fallback=|| view! { <Skeleton rows=1/> }>
            {move || Suspend::new(async move { invitations_table(invitations.await, take_back) })}
        </Transition>
    }
}

#[component]
fn InviteForm(role: Role, invite: ServerAction<Invite>, kept: KeptInput) -> impl IntoView {
    let error = action_error(invite);
    view! {
        <FormError error=general(error)/>
        // Drawn anew after each success: it is empty again.
        <For each=move || [invite.done().get()] key=|done| *done let:done>
            {
                let kept = if done == 0 { kept.clone() } else { KeptInput::default() };
                view! {
                    <ActionForm action=invite attr:class="form">
                        <div class="pair">
                            <Field
                                name="email"
                                label="E-mail"
                                kind="email"
                                value=kept.email
                                required=true
                                autocomplete="off"
                                hint="They get a link that works for seven days."
                                error=field_error(error, "email")
                            />
                            <SelectField
                                name="role"
                                label="Role"
                                options=roles_for(role, None)
                                value=typed_or(kept.role, Role::Member.as_str().to_owned())
                                error=field_error(error, "role")
                            />
                        </div>
                        <Send busy=invite.pending()>"Send the invitation"</Send>
                    </ActionForm>
                }
            }
        </For>
    }
}

fn invitations_table(
    invitations: Result<Vec<Invitation>, AppError>,
    take_back: ServerAction<DeleteInvitation>,
) -> AnyView {
    let invitations = match invitations {
        Ok(invitations) => invitations,
        Err(error) => return view! { <ErrorBox error/> }.into_any(),
    };
    if invitations.is_empty() {
        return ().into_any();
    }
    let rows = invitations
        .into_iter()
        .map(|invitation| {
            view! {
                <tr>
                    <th scope="row">{invitation.email}</th>
                    <td>
                        <Chip text=invitation.role.label()/>
                    </td>
                    <td data-label="Invited by">{invitation.invited_by}</td>
                    <td class="day" data-label="Until">{format::date(invitation.expires_at.date_naive())}</td>
                    <td class="num">
                        <ActionForm action=take_back>
                            <input type="hidden" name="id" value=invitation.id.to_string()/>
                            <Button kind=ButtonKind::Submit variant=ButtonVariant::Quiet>
                                "Take back"
                            </Button>
                        </ActionForm>
                    </td>
                </tr>
            }
        })
        .collect_view();
    view! {
        <h2>"Open invitations"</h2>
        <TableBox label="Open invitations">
            <table class="table middle">
                <thead>
                    <tr>
                        <th scope="col">"E-mail"</th>
                        <th scope="col">"Role"</th>
                        <th scope="col">"Invited by"</th>
                        <th scope="col">"Until"</th>
                        <th scope="col">
                            <span class="sr-only">"Actions"</span>
                        </th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </TableBox>
    }
    .into_any()
}
