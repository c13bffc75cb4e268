//! What server functions do on the browser that they answer: signing in and out. Server only.

use super::{
    NewAccount,
    auth::Client,
    events::{self, Event},
    input,
    member::Member,
    model::{Role, SessionSummary},
    session,
    store::{self, SignedIn, invitations, organizations, passwords, sign_ups},
    throttle::{self, Limit},
};
use crate::{
    error::AppError,
    ids::OrganizationId,
    server::{self, AppState, fault},
};
use http::{HeaderName, HeaderValue, request::Parts};
use leptos::prelude::use_context;
use leptos_axum::ResponseOptions;
use std::time::Duration;
use tokio::time::Instant;
use tower_sessions::Session;

/// The request that this server function answers.
pub struct Here {
    pub state: AppState,
    pub client: Client,
    session: Session,
}

impl Here {
    pub fn find() -> Result<Self, AppError> {
        let parts = use_context::<Parts>().ok_or_else(|| fault::internal("no request in this context"))?;
        let session = parts.extensions.get::<Session>().cloned();
        Ok(Self {
            state: server::state()?,
            client: parts.extensions.get::<Client>().cloned().unwrap_or_default(),
            session: session.ok_or_else(|| fault::internal("no session layer around this request"))?,
        })
    }

    /// The hash of this browser's session.
    pub fn session_hash(&self) -> Option<Vec<u8>> {
        session::current(&self.session)
    }

    async fn enter(&self, person: SignedIn) -> Result<(), AppError> {
        let settings = &self.state.settings.accounts;
        session::start(&self.session, settings, person.user_id, person.organization_id, &self.client).await
    }

    fn base_url(&self) -> &str {
        &self.state.settings.accounts.public_url
    }
}

/// Has the browser forget the pages that it keeps: its Back button would show them to whoever sits there next.
pub fn forget_pages() {
    if let Some(response) = use_context::<ResponseOptions>() {
        response.insert_header(HeaderName::from_static("clear-site-data"), HeaderValue::from_static("\"cache\""));
    }
}

/// Answers not before this time has passed, so that how long it took does not tell whether an address has an
/// account. More than what either answer costs.
async fn in_constant_time<T>(work: impl Future<Output = T>) -> T {
    let end = Instant::now() + Duration::from_millis(400);
    let result = work.await;
    tokio::time::sleep_until(end).await;
    result
}

/// Signs up; gives the page to go to. Where mail is sent, that is always "look into your mail"; without it,
/// the person is signed in at once, and a taken address is named, because there is no other way to tell.
pub async fn sign_up(
    name: &str,
    email: &str,
    organization: &str,
    base_currency: &str,
    password: &str,
    time_zone: &str,
) -> Result<&'static str, AppError> {
    let here = Here::find()?;
    let new = NewAccount::parse(name, email, password, organization, base_currency)?.in_time_zone(time_zone);
    throttle::take(&here.state.db, &Limit::sign_up(&here.client)).await?;
    if here.state.settings.accounts.sends_mail() {
        throttle::take(&here.state.db, &Limit::mail(&new.email, &here.client)).await?;
        in_constant_time(sign_ups::ask(&here.state.db, new, here.base_url())).await?;
        return Ok("/sign-up?sent=1");
    }
    let member = store::sign_up(&here.state.db, new).await?;
    let viewer = member.viewer();
    here.enter(SignedIn { user_id: viewer.user_id, organization_id: viewer.organization.id }).await?;
    let mut tx = here.state.db.system("what happens to accounts belongs to no organisation").await?;
    events::record(&mut tx, Event::SignedUp, Some(viewer.user_id), &here.client).await?;
    tx.commit().await?;
    Ok("/")
}

pub async fn confirm_sign_up(token: &str) -> Result<(), AppError> {
    let here = Here::find()?;
    throttle::take(&here.state.db, &Limit::sign_up(&here.client)).await?;
    let person = sign_ups::confirm(&here.state.db, token, &here.client).await?;
    here.enter(person).await
}

pub async fn sign_in(email: &str, password: String) -> Result<(), AppError> {
    let here = Here::find()?;
    let person = store::check_password(&here.state.db, email, password, Event::SignedIn, &here.client).await?;
    here.enter(person).await
}

/// Signing out twice, or after the session has ended, is no error.
pub async fn sign_out() -> Result<(), AppError> {
    let here = Here::find()?;
    let user = server::member().ok().map(|member| member.viewer().user_id);
    session::end(&here.session).await?;
    if user.is_some() {
        let mut tx = here.state.db.system("what happens to accounts belongs to no organisation").await?;
        events::record(&mut tx, Event::SignedOut, user, &here.client).await?;
        tx.commit().await?;
    }
    Ok(())
}

/// Signs the person out of every browser, this one included, and of the API.
pub async fn sign_out_everywhere() -> Result<(), AppError> {
    let here = Here::find()?;
    let user = server::member()?.viewer().user_id;
    let mut tx = here.state.db.system("sessions belong to people, not to organisations").await?;
    session::end_all(&mut tx, user, None).await?;
    events::record(&mut tx, Event::SignedOutEverywhere, Some(user), &here.client).await?;
    tx.commit().await?;
    session::end(&here.session).await
}

pub async fn sessions() -> Result<Vec<SessionSummary>, AppError> {
    let here = Here::find()?;
    session::list(&here.state.db, &server::member()?, here.session_hash().as_deref()).await
}

/// The answer is the same whether or not somebody has this address.
pub async fn ask_reset(email: &str) -> Result<(), AppError> {
    let here = Here::find()?;
    let email = input::email(email).map_err(|message| AppError::field("email", message))?;
    in_constant_time(passwords::ask_reset(&here.state.db, &email, here.base_url(), &here.client)).await
}

pub async fn reset_password(token: &str, password: &str) -> Result<(), AppError> {
    let here = Here::find()?;
    passwords::reset(&here.state.db, token, password, &here.client).await
}

pub async fn change_password(old: String, new: &str) -> Result<(), AppError> {
    let here = Here::find()?;
    let keep = here.session_hash();
    passwords::change(&here.state.db, &server::member()?, old, new, keep.as_deref(), &here.client).await
}

/// Works in another of one's organisations from now on, in this browser.
pub async fn switch_organization(organization: OrganizationId) -> Result<(), AppError> {
    let here = Here::find()?;
    let user = server::member()?.viewer().user_id;
    organizations::check_membership(&here.state.db, user, organization).await?;
    session::switch(&here.session, organization).await
}

pub async fn create_organization(name: &str, base_currency: &str) -> Result<(), AppError> {
    let here = Here::find()?;
    throttle::take(&here.state.db, &Limit::sign_up(&here.client)).await?;
    let organization = organizations::create(&here.state.db, &server::member()?, name, base_currency).await?;
    session::switch(&here.session, organization.id).await
}

pub async fn accept_invitation(token: &str) -> Result<(), AppError> {
    let here = Here::find()?;
    let member: Member = server::member()?;
    let organization = invitations::accept(&here.state.db, &member, token).await?;
    session::switch(&here.session, organization).await
}

pub async fn accept_invitation_as_new(token: &str, name: &str, password: &str) -> Result<(), AppError> {
    let here = Here::find()?;
    throttle::take(&here.state.db, &Limit::sign_up(&here.client)).await?;
    let person = invitations::accept_as_new(&here.state.db, token, name, password, &here.client).await?;
    here.enter(person).await
}

pub async fn invite(email: &str, role: Role) -> Result<(), AppError> {
    let here = Here::find()?;
    let admin = server::member()?.admin()?;
    throttle::take(&here.state.db, &Limit::invitations(&admin)).await?;
    let mut tx = here.state.db.tenant(&admin).await?;
    invitations::create(&mut tx, &admin, email, role, here.base_url()).await?;
    tx.commit().await
}
