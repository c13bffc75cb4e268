//! Server functions.

use super::model::{
    Invitation, InvitationOffer, KeptInput, OrganizationChoice, OutboxMessage, Person, SessionSummary, Viewer,
};
use crate::wire::Wire;
use crate::{error::AppError, page::Page};
use leptos::prelude::*;

#[cfg(feature = "ssr")]
use super::{browser, input, kept, model::OrganizationPatch, model::Role, store};
#[cfg(feature = "ssr")]
use crate::server;

/// The signed-in person, or nobody.
#[server(name = GetViewer, prefix = "/rpc", endpoint = "accounts/viewer", input = Wire, output = Wire)]
pub async fn viewer() -> Result<Option<Viewer>, AppError> {
    match server::request::authenticated() {
        Ok(server::request::Authenticated(member)) => Ok(member.map(|member| member.viewer().clone())),
        Err(AppError::Unauthenticated) => Ok(None),
        Err(error) => Err(error),
    }
}

/// For the pages that sign in: whoever is signed in is sent on to `next`. Gives what was typed into a form that was
/// refused, if it was sent without JavaScript.
#[server(prefix = "/rpc", endpoint = "accounts/skip_sign_in", input = Wire, output = Wire)]
pub async fn skip_sign_in(next: String) -> Result<KeptInput, AppError> {
    if server::member().is_ok() {
        leptos_axum::redirect(&input::local_path(&next));
    }
    Ok(kept::take())
}

/// Creates an account with an organisation of its own, and signs in. `time_zone` is the browser's, if it tells.
#[server(prefix = "/rpc", endpoint = "accounts/sign_up", output = Wire)]
pub async fn sign_up(
    name: String,
    email: String,
    organization: String,
    #[server(default)] base_currency: String,
    password: String,
    #[server(default)] time_zone: String,
) -> Result<(), AppError> {
    let result = browser::sign_up(&name, &email, &organization, &base_currency, &password, &time_zone).await;
    if result.is_err() {
        kept::keep(&KeptInput { name, email, organization, base_currency, ..KeptInput::default() });
    }
    leptos_axum::redirect(result?);
    Ok(())
}

/// Finishes a sign-up by the link of its mail, and signs in.
#[server(prefix = "/rpc", endpoint = "accounts/confirm_sign_up", output = Wire)]
pub async fn confirm_sign_up(token: String) -> Result<(), AppError> {
    browser::confirm_sign_up(&token).await?;
    leptos_axum::redirect("/");
    Ok(())
}

/// Signs in on this browser, and goes to `next`.
#[server(prefix = "/rpc", endpoint = "accounts/sign_in", output = Wire)]
pub async fn sign_in(email: String, password: String, #[server(default)] next: String) -> Result<(), AppError> {
    let result = browser::sign_in(&email, password).await;
    if result.is_err() {
        kept::keep(&KeptInput { email, ..KeptInput::default() });
    }
    result?;
    leptos_axum::redirect(&input::local_path(&next));
    Ok(())
}

/// Signs this browser out.
#[server(prefix = "/rpc", endpoint = "accounts/sign_out", output = Wire)]
pub async fn sign_out() -> Result<(), AppError> {
    browser::sign_out().await?;
    browser::forget_pages();
    leptos_axum::redirect("/sign-in");
    Ok(())
}

/// Signs the person out of every browser and of the API.
#[server(prefix = "/rpc", endpoint = "accounts/sign_out_everywhere", output = Wire)]
pub async fn sign_out_everywhere() -> Result<(), AppError> {
    browser::sign_out_everywhere().await?;
    browser::forget_pages();
    leptos_axum::redirect("/sign-in");
    Ok(())
}

/// Mails a link for a new password, if somebody has this address.
#[server(prefix = "/rpc", endpoint = "accounts/forgot_password", output = Wire)]
pub async fn forgot_password(email: String) -> Result<(), AppError> {
    let result = browser::ask_reset(&email).await;
    if result.is_err() {
        kept::keep(&KeptInput { email, ..KeptInput::default() });
    }
    result?;
    leptos_axum::redirect("/forgot-password?sent=1");
    Ok(())
}

/// Whether the link of a mail for a new password still works.
#[server(prefix = "/rpc", endpoint = "accounts/check_reset_link", input = Wire, output = Wire)]
pub async fn check_reset_link(token: String) -> Result<(), AppError> {
    with_status(store::passwords::check_link(&server::state()?.db, &token).await)
}

/// Sets a new password by the link of a mail.
#[server(prefix = "/rpc", endpoint = "accounts/reset_password", output = Wire)]
pub async fn reset_password(token: String, password: String) -> Result<(), AppError> {
    browser::reset_password(&token, &password).await?;
    leptos_axum::redirect("/sign-in?done=reset");
    Ok(())
}

/// Changes the password of the signed-in person, who must know the old one.
#[server(prefix = "/rpc", endpoint = "accounts/change_password", output = Wire)]
pub async fn change_password(old_password: String, new_password: String) -> Result<(), AppError> {
    browser::change_password(old_password, &new_password).await?;
    leptos_axum::redirect("/account?done=password");
    Ok(())
}

/// Changes the name of the signed-in person.
#[server(prefix = "/rpc", endpoint = "accounts/change_name", output = Wire)]
pub async fn change_name(name: String) -> Result<(), AppError> {
    let result = store::rename(&server::state()?.db, &server::member()?, &name).await;
    if result.is_err() {
        kept::keep(&KeptInput { name, ..KeptInput::default() });
    }
    result?;
    leptos_axum::redirect("/account?done=name");
    Ok(())
}

/// What was typed into a form of somebody signed in that was refused, if it was sent without JavaScript.
#[server(prefix = "/rpc", endpoint = "accounts/take_kept", input = Wire, output = Wire)]
pub async fn take_kept() -> Result<KeptInput, AppError> {
    server::member()?;
    Ok(kept::take())
}

/// The browsers on which the person is signed in.
#[server(prefix = "/rpc", endpoint = "accounts/list_sessions", input = Wire, output = Wire)]
pub async fn list_sessions() -> Result<Vec<SessionSummary>, AppError> {
    browser::sessions().await
}

/// The organisations that the person belongs to.
#[server(prefix = "/rpc", endpoint = "accounts/list_organizations", input = Wire, output = Wire)]
pub async fn list_organizations() -> Result<Vec<OrganizationChoice>, AppError> {
    store::organizations::list(&server::state()?.db, &server::member()?).await
}

/// Works in another organisation from now on.
#[server(prefix = "/rpc", endpoint = "accounts/switch_organization", output = Wire)]
pub async fn switch_organization(organization: String) -> Result<(), AppError> {
    let organization = organization.parse().map_err(|_| AppError::not_found("The organisation"))?;
    browser::switch_organization(organization).await?;
    leptos_axum::redirect("/");
    Ok(())
}

/// Adds an organisation, owned by the person, and goes there.
#[server(prefix = "/rpc", endpoint = "accounts/create_organization", output = Wire)]
pub async fn create_organization(name: String, #[server(default)] base_currency: String) -> Result<(), AppError> {
    let result = browser::create_organization(&name, &base_currency).await;
    if result.is_err() {
        kept::keep(&KeptInput { organization: name, base_currency, ..KeptInput::default() });
    }
    result?;
    leptos_axum::redirect("/");
    Ok(())
}

/// The names of all time zones. The browser's part does not carry them.
#[server(prefix = "/rpc", endpoint = "accounts/list_time_zones", input = Wire, output = Wire)]
pub async fn list_time_zones() -> Result<Vec<String>, AppError> {
    server::member()?;
    Ok(crate::zone::Zone::names().map(Into::into).collect())
}

/// Changes the organisation's settings. For admins.
#[server(prefix = "/rpc", endpoint = "accounts/update_organization", output = Wire)]
pub async fn update_organization(name: String, base_currency: String, time_zone: String) -> Result<(), AppError> {
    let admin = server::member()?.admin()?;
    let mut tx = server::state()?.db.tenant(&admin).await?;
    let typed = KeptInput { organization: name, base_currency, time_zone, ..KeptInput::default() };
    let patch = OrganizationPatch {
        name: Some(typed.organization.clone()),
        base_currency: Some(typed.base_currency.clone()),
        time_zone: Some(typed.time_zone.clone()),
    };
    let result = store::organizations::update(&mut tx, &admin, patch).await;
    if result.is_err() {
        kept::keep(&typed);
    }
    result?;
    tx.commit().await?;
    leptos_axum::redirect("/organization?done=saved");
    Ok(())
}

/// The people of the organisation, a page at a time.
#[server(prefix = "/rpc", endpoint = "accounts/list_people", input = Wire, output = Wire)]
pub async fn list_people(cursor: Option<String>) -> Result<Page<Person>, AppError> {
    let member = server::member()?;
    let after = cursor.map(|c| c.parse()).transpose().map_err(|_| AppError::invalid("This page does not exist."))?;
    let mut tx = server::state()?.db.tenant(&member).await?;
    store::members::list(&mut tx, after, 100).await
}

/// The open invitations. For admins.
#[server(prefix = "/rpc", endpoint = "accounts/list_invitations", input = Wire, output = Wire)]
pub async fn list_invitations() -> Result<Vec<Invitation>, AppError> {
    let admin = server::member()?.admin()?;
    let mut tx = server::state()?.db.tenant(&admin).await?;
    store::invitations::list(&mut tx).await
}

/// Invites somebody by mail. For admins.
#[server(prefix = "/rpc", endpoint = "accounts/invite", output = Wire)]
pub async fn invite(email: String, role: String) -> Result<(), AppError> {
    let given: Role = role.parse().map_err(|message: String| AppError::field("role", message))?;
    let result = browser::invite(&email, given).await;
    if result.is_err() {
        kept::keep(&KeptInput { email, role, ..KeptInput::default() });
    }
    result?;
    let sends_mail = server::state()?.settings.accounts.sends_mail();
    leptos_axum::redirect(if sends_mail { "/people?done=invited" } else { "/people?done=waiting" });
    Ok(())
}

/// Takes an invitation back. For admins.
#[server(prefix = "/rpc", endpoint = "accounts/delete_invitation", output = Wire)]
pub async fn delete_invitation(id: String) -> Result<(), AppError> {
    let admin = server::member()?.admin()?;
    let id = id.parse().map_err(|_| AppError::not_found("The invitation"))?;
    let mut tx = server::state()?.db.tenant(&admin).await?;
    store::invitations::delete(&mut tx, &admin, id).await?;
    tx.commit().await?;
    leptos_axum::redirect("/people?done=taken-back");
    Ok(())
}

/// Gives a member another role. For admins.
#[server(prefix = "/rpc", endpoint = "accounts/change_role", output = Wire)]
pub async fn change_role(user: String, role: String) -> Result<(), AppError> {
    let admin = server::member()?.admin()?;
    let user = user.parse().map_err(|_| AppError::not_found("The person"))?;
    let role: Role = role.parse().map_err(|message: String| AppError::field("role", message))?;
    let mut tx = server::state()?.db.tenant(&admin).await?;
    store::members::update(&mut tx, &admin, user, role).await?;
    tx.commit().await?;
    leptos_axum::redirect("/people?done=role");
    Ok(())
}

/// Ends somebody's membership. For admins; anybody may end their own.
#[server(prefix = "/rpc", endpoint = "accounts/remove_member", output = Wire)]
pub async fn remove_member(user: String) -> Result<(), AppError> {
    let member = server::member()?;
    let user = user.parse().map_err(|_| AppError::not_found("The person"))?;
    let mut tx = server::state()?.db.tenant(&member).await?;
    if user == member.viewer().user_id {
        store::members::leave(&mut tx, &member).await?;
        tx.commit().await?;
        leptos_axum::redirect("/");
    } else {
        store::members::delete(&mut tx, &member.admin()?, user).await?;
        tx.commit().await?;
        leptos_axum::redirect("/people?done=removed");
    }
    Ok(())
}

/// What the holder of an invitation's link is offered, who is signed in, and what was typed into a form that was
/// refused, if it was sent without JavaScript.
#[server(prefix = "/rpc", endpoint = "accounts/find_invitation", input = Wire, output = Wire)]
pub async fn find_invitation(token: String) -> Result<(InvitationOffer, Option<Viewer>, KeptInput), AppError> {
    let offer = with_status(store::invitations::find(&server::state()?.db, &token).await)?;
    Ok((offer, server::member().ok().map(|member| member.viewer().clone()), kept::take()))
}

/// Gives the page on which an error is shown the error's status.
#[cfg(feature = "ssr")]
fn with_status<T>(result: Result<T, AppError>) -> Result<T, AppError> {
    if let (Err(error), Some(response)) = (&result, use_context::<leptos_axum::ResponseOptions>())
        && let Ok(status) = http::StatusCode::from_u16(error.status())
    {
        response.set_status(status);
    }
    result
}

/// Joins as the person who is signed in.
#[server(prefix = "/rpc", endpoint = "accounts/accept_invitation", output = Wire)]
pub async fn accept_invitation(token: String) -> Result<(), AppError> {
    browser::accept_invitation(&token).await?;
    leptos_axum::redirect("/");
    Ok(())
}

/// Makes an account for the invited address, joins and signs in.
#[server(prefix = "/rpc", endpoint = "accounts/accept_invitation_as_new", output = Wire)]
pub async fn accept_invitation_as_new(token: String, name: String, password: String) -> Result<(), AppError> {
    let result = browser::accept_invitation_as_new(&token, &name, &password).await;
    if result.is_err() {
        kept::keep(&KeptInput { name, ..KeptInput::default() });
    }
    result?;
    leptos_axum::redirect("/");
    Ok(())
}

/// The latest mails. For the platform's staff.
#[server(prefix = "/rpc", endpoint = "accounts/list_outbox", input = Wire, output = Wire)]
pub async fn list_outbox() -> Result<Vec<OutboxMessage>, AppError> {
    if !server::member()?.viewer().staff {
        return Err(AppError::forbidden("Only the platform’s staff may do this."));
    }
    let mut tx = server::state()?.db.system("platform staff read mail that waits for them").await?;
    store::outbox::list(&mut tx, 50).await
}
