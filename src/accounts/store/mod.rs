//! Users, organisations and memberships in SQL. Server only.

pub(in crate::accounts) mod events;
pub mod invitations;
pub mod members;
pub mod operator;
pub mod organizations;
pub mod outbox;
pub mod passwords;
pub mod session;
pub mod sign_ups;
pub(crate) mod throttle;
pub(crate) mod tokens;
pub mod upkeep;

use super::{
    auth::Client,
    input::{FIRST_CURRENCY, NewAccount},
    member::Member,
    model::{OrganizationSummary, Role, Tier, Viewer},
    password,
};
use crate::{
    activity::store::{NewActivity, record},
    error::AppError,
    ids::{OrganizationId, UserId},
    server::{Database, SystemTx, TenantScope, TenantTx, Topic, fault::OnConstraint},
};
use events::Event;
use serde_json::json;
use throttle::Limit;

/// The scope of a change that makes somebody a member, for the time before a [`Member`] can be looked up.
#[derive(Debug)]
pub(in crate::accounts) struct Joining {
    pub organization_id: OrganizationId,
    pub user_id: UserId,
}

impl TenantScope for Joining {
    fn organization_id(&self) -> OrganizationId {
        self.organization_id
    }
    fn user_id(&self) -> Option<UserId> {
        Some(self.user_id)
    }
}

/// Creates the person, the organisation and the person's OWNER membership, all or nothing. An address that
/// has an account is an error of the field `email`.
pub async fn sign_up(db: &Database, new: NewAccount) -> Result<Member, AppError> {
    let password_hash = password::hash(new.password).await?;
    let mut tx = db.system("sign-up: the organisation does not exist yet").await?;
    let user_id = create_user(&mut tx, &new.name, &new.email, &password_hash).await?;
    let (organization, tx) =
        create_organization(tx, user_id, &new.organization_name, &new.base_currency, new.time_zone).await?;
    tx.commit().await?;
    Ok(Member::authenticated(Viewer {
        user_id,
        name: new.name,
        email: new.email,
        staff: false,
        role: Role::Owner,
        organization,
    }))
}

/// Adds a person. An address that has an account is an error of the field `email`.
pub(in crate::accounts) async fn create_user(
    tx: &mut SystemTx,
    name: &str,
    email: &str,
    password_hash: &str,
) -> Result<UserId, AppError> {
    let id = UserId::new();
    sqlx::query("insert into users (id, email, name, password_hash) values ($1, $2, $3, $4)")
        .bind(id)
        .bind(email)
        .bind(name)
        .bind(password_hash)
        .execute(tx.conn())
        .await
        .on_constraint("users_email_key", || AppError::field("email", "This address has an account already."))?;
    Ok(id)
}

/// Adds an organisation owned by `owner`, and goes on inside it.
pub(in crate::accounts) async fn create_organization(
    mut tx: SystemTx,
    owner: UserId,
    name: &str,
    base_currency: &str,
    time_zone: crate::zone::Zone,
) -> Result<(OrganizationSummary, TenantTx), AppError> {
    let id = OrganizationId::new();
    sqlx::query("insert into organizations (id, name, base_currency, time_zone) values ($1, $2, $3, $4)")
        .bind(id)
        .bind(name)
        .bind(base_currency)
        .bind(time_zone.name())
        .execute(tx.conn())
        .await?;
    sqlx::query("insert into memberships (organization_id, user_id, role) values ($1, $2, 'OWNER')")
        .bind(id)
        .bind(owner)
        .execute(tx.conn())
        .await?;
    let mut tx = tx.narrow(&Joining { organization_id: id, user_id: owner }).await?;
    record(
        &mut tx,
        Topic::Organization,
        NewActivity {
            action: "created",
            entity_type: "organization",
            entity_id: Some(id.0),
            title: format!("Organisation {name} was created"),
            metadata: json!({}),
        },
    )
    .await?;
    let organization = OrganizationSummary {
        id,
        name: name.to_owned(),
        base_currency: base_currency.to_owned(),
        time_zone,
        tier: Tier::Free,
    };
    Ok((organization, tx))
}

/// Somebody whose password was right, and the organisation that they go to.
#[derive(Clone, Copy, Debug)]
pub struct SignedIn {
    pub user_id: UserId,
    pub organization_id: OrganizationId,
}

/// Checks a password. The answer to a wrong one and to an unknown address is the same, after the same work.
/// `event` says what a right one is used for.
pub async fn check_password(
    db: &Database,
    email: &str,
    password: String,
    event: Event,
    client: &Client,
) -> Result<SignedIn, AppError> {
    let email = email.trim().to_lowercase();
    let limits = Limit::sign_in(&email, client);
    throttle::take(db, &limits).await?;
    let known: Option<(UserId, String, String)> = {
        let mut tx = db.system("sign-in: nobody is authenticated yet").await?;
        sqlx::query_as("select id, name, password_hash from users where email = $1")
            .bind(&email)
            .fetch_optional(tx.conn())
            .await?
    };
    let (person, hash) = known.map(|(id, name, hash)| ((id, name), hash)).unzip();
    let fits = password.len() <= crate::accounts::input::PASSWORD_MAX && password::verify(password, hash).await?;
    let mut tx = db.system("sign-in: nobody is authenticated yet").await?;
    let Some((user_id, name)) = person.clone().filter(|_| fits) else {
        events::record(&mut tx, Event::SignInFailed, person.map(|(id, _)| id), client).await?;
        tx.commit().await?;
        return Err(AppError::invalid("The e-mail address or the password is not right."));
    };
    throttle::give_back(&mut tx, &limits).await?;
    events::record(&mut tx, event, Some(user_id), client).await?;
    let organization_id = enter(tx, user_id, &name).await?;
    Ok(SignedIn { user_id, organization_id })
}

/// The organisation that somebody starts in: the first that they joined. Whoever was removed from their last one gets an
/// empty one of their own, rather than an account that leads nowhere. Commits `tx`.
pub(in crate::accounts) async fn enter(mut tx: SystemTx, user: UserId, name: &str) -> Result<OrganizationId, AppError> {
    let first: Option<OrganizationId> = sqlx::query_scalar(
        "select organization_id from memberships where user_id = $1 order by created_at, organization_id limit 1",
    )
    .bind(user)
    .fetch_optional(tx.conn())
    .await?;
    if let Some(id) = first {
        tx.commit().await?;
        return Ok(id);
    }
    let name: String = format!("{name}’s organisation").chars().take(100).collect();
    let (organization, tx) = create_organization(tx, user, &name, FIRST_CURRENCY, crate::zone::Zone::UTC).await?;
    tx.commit().await?;
    Ok(organization.id)
}

/// Changes the name of `member`'s person, everywhere they belong.
pub async fn rename(db: &Database, member: &Member, name: &str) -> Result<(), AppError> {
    let name = crate::accounts::input::name(name).map_err(|message| AppError::field("name", message))?;
    let mut tx = db.system("a person's name belongs to no single organisation").await?;
    sqlx::query("update users set name = $2 where id = $1")
        .bind(member.viewer().user_id)
        .bind(name)
        .execute(tx.conn())
        .await?;
    tx.commit().await
}
