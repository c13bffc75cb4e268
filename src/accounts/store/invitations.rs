//! Asking people to join, and joining. Server only.

use super::{
    Joining, SignedIn, create_user, members,
    outbox::{self, Mail},
};
use crate::{
    accounts::{
        auth::Client,
        events::{self, Event},
        input,
        member::{Admin, Member},
        model::{Invitation, InvitationOffer, Role},
        password, tokens,
    },
    activity::store::{NewActivity, record},
    error::{AppError, FieldErrors},
    ids::{InvitationId, OrganizationId, UserId},
    server::{Database, SystemTx, TenantTx, Topic, fault},
};
use chrono::{DateTime, Utc};
use serde_json::json;

const LINK_DAYS: i32 = 7;

/// The invitations that are open, newest first; at most 200.
pub async fn list(tx: &mut TenantTx) -> Result<Vec<Invitation>, AppError> {
    type Row = (InvitationId, String, String, Option<String>, DateTime<Utc>, DateTime<Utc>);
    let organization = tx.organization_id();
    let rows: Vec<Row> = sqlx::query_as(
        "select i.id, i.email, i.role, u.name, i.created_at, i.expires_at
         from invitations i left join users u on u.id = i.invited_by
         where i.organization_id = $1 and i.expires_at > now() order by i.created_at desc, i.id desc limit 200",
    )
    .bind(organization)
    .fetch_all(tx.conn())
    .await?;
    rows.into_iter()
        .map(|(id, email, role, invited_by, created_at, expires_at)| {
            let role = role.parse().map_err(fault::internal)?;
            Ok(Invitation { id, email, role, invited_by, created_at, expires_at })
        })
        .collect()
}

/// Mails a link with which the holder of `email` can join. Inviting again replaces the link.
pub async fn create(
    tx: &mut TenantTx,
    admin: &Admin,
    email: &str,
    role: Role,
    base_url: &str,
) -> Result<Invitation, AppError> {
    let mut errors = FieldErrors::default();
    let email = errors.take("email", input::email(email));
    if !Role::ASSIGNABLE.contains(&role) {
        errors.add("role", "The partner role is given where the partner is managed.");
    }
    let Some(email) = email.filter(|_| errors.is_empty()) else { return Err(errors.into_error()) };
    members::check(admin, None, Some(role))?;
    let organization = admin.organization();
    let member: bool = sqlx::query_scalar(
        "select exists (select from memberships m join users u on u.id = m.user_id
                        where m.organization_id = $1 and u.email = $2)",
    )
    .bind(organization.id)
    .bind(&email)
    .fetch_one(tx.conn())
    .await?;
    if member {
        return Err(AppError::field("email", "This person is a member already."));
    }
    let (token, hash) = tokens::secret();
    let (id, created_at, expires_at): (InvitationId, DateTime<Utc>, DateTime<Utc>) = sqlx::query_as(
        "insert into invitations (organization_id, id, email, role, token_hash, invited_by, expires_at)
         values ($1, $2, $3, $4, $5, $6, now() + make_interval(days => $7))
         on conflict (organization_id, email) do update
           set role = excluded.role, token_hash = excluded.token_hash, invited_by = excluded.invited_by,
               created_at = now(), expires_at = excluded.expires_at
         returning id, created_at, expires_at",
    )
    .bind(organization.id)
    .bind(InvitationId::new())
    .bind(&email)
    .bind(role.as_str())
    .bind(hash)
    .bind(admin.viewer().user_id)
    .bind(LINK_DAYS)
    .fetch_one(tx.conn())
    .await?;
    let inviter = &admin.viewer().name;
    let body = format!(
        "Hello,\n\n{inviter} invites you to join {} on Belvedere ({}).\n\nJoin here, within {LINK_DAYS} \
         days:\n\n{base_url}/invitation?token={token}\n\nIf you do not know them, do nothing.\n",
        organization.name,
        role.label().to_lowercase(),
    );
    let subject = format!("{inviter} invites you to {}", organization.name);
    outbox::push(tx.conn(), &Mail { recipient: email.clone(), subject, body }).await?;
    record(
        tx,
        Topic::Members,
        NewActivity {
            action: "created",
            entity_type: "invitation",
            entity_id: Some(id.0),
            title: format!("{email} was invited as {}", role.label()),
            metadata: json!({ "role": role }),
        },
    )
    .await?;
    Ok(Invitation { id, email, role, invited_by: Some(inviter.clone()), created_at, expires_at })
}

/// Takes an invitation back: its link stops working.
pub async fn delete(tx: &mut TenantTx, admin: &Admin, id: InvitationId) -> Result<(), AppError> {
    let email: Option<String> =
        sqlx::query_scalar("delete from invitations where organization_id = $1 and id = $2 returning email")
            .bind(admin.organization().id)
            .bind(id)
            .fetch_optional(tx.conn())
            .await?;
    let email = email.ok_or_else(|| AppError::not_found("The invitation"))?;
    record(
        tx,
        Topic::Members,
        NewActivity {
            action: "deleted",
            entity_type: "invitation",
            entity_id: Some(id.0),
            title: format!("The invitation of {email} was taken back"),
            metadata: json!({}),
        },
    )
    .await
}

/// What the holder of a link is offered; not found when it has expired, was used or taken back.
pub async fn find(db: &Database, token: &str) -> Result<InvitationOffer, AppError> {
    let mut tx = db.system("an invitation's link names no organisation").await?;
    let row: Option<(String, String, String, Option<String>, bool)> = sqlx::query_as(
        "select o.name, i.email, i.role, u.name, exists (select from users where email = i.email)
         from invitations i join organizations o on o.id = i.organization_id left join users u on u.id = i.invited_by
         where i.token_hash = $1 and i.expires_at > now()",
    )
    .bind(tokens::hash(token))
    .fetch_optional(tx.conn())
    .await?;
    let (organization_name, email, role, invited_by, has_account) = row.ok_or_else(gone)?;
    let role = role.parse().map_err(fault::internal)?;
    Ok(InvitationOffer { organization_name, email, role, invited_by, has_account })
}

fn gone() -> AppError {
    AppError::not_found("This invitation")
}

/// Joins as the person who is signed in, whose address the invitation must be for.
pub async fn accept(db: &Database, member: &Member, token: &str) -> Result<OrganizationId, AppError> {
    let mut tx = db.system("an invitation's link names no organisation").await?;
    let taken = take(&mut tx, token).await?;
    let viewer = member.viewer();
    if taken.email != viewer.email {
        return Err(AppError::forbidden(format!(
            "This invitation is for {}, and you are signed in as {}.",
            taken.email, viewer.email
        )));
    }
    join(tx, &taken, viewer.user_id, &viewer.name).await
}

/// Makes an account for the address that the link was mailed to, and joins.
pub async fn accept_as_new(
    db: &Database,
    token: &str,
    name: &str,
    password: &str,
    client: &Client,
) -> Result<SignedIn, AppError> {
    let offer = find(db, token).await?;
    let mut errors = FieldErrors::default();
    let name = errors.take("name", input::name(name));
    let password = errors.take("password", input::new_password(password, &offer.email));
    let (Some(name), Some(password)) = (name, password) else { return Err(errors.into_error()) };
    let hash = password::hash(password).await?;
    let mut tx = db.system("an invitation's link names no organisation").await?;
    let taken = take(&mut tx, token).await?;
    let user_id = create_user(&mut tx, &name, &taken.email, &hash).await?;
    events::record(&mut tx, Event::SignedUp, Some(user_id), client).await?;
    let organization_id = join(tx, &taken, user_id, &name).await?;
    Ok(SignedIn { user_id, organization_id })
}

struct Taken {
    organization_id: OrganizationId,
    id: InvitationId,
    email: String,
    role: Role,
}

/// Uses the link up: of two requests with it, one is late.
async fn take(tx: &mut SystemTx, token: &str) -> Result<Taken, AppError> {
    let row: Option<(OrganizationId, InvitationId, String, String)> = sqlx::query_as(
        "delete from invitations where token_hash = $1 and expires_at > now() returning organization_id, id, email, role",
    )
    .bind(tokens::hash(token))
    .fetch_optional(tx.conn())
    .await?;
    let (organization_id, id, email, role) = row.ok_or_else(gone)?;
    Ok(Taken { organization_id, id, email, role: role.parse().map_err(fault::internal)? })
}

async fn join(tx: SystemTx, taken: &Taken, user_id: UserId, name: &str) -> Result<OrganizationId, AppError> {
    let organization_id = taken.organization_id;
    let mut tx = tx.narrow(&Joining { organization_id, user_id }).await?;
    sqlx::query("insert into memberships (organization_id, user_id, role) values ($1, $2, $3) on conflict do nothing")
        .bind(organization_id)
        .bind(user_id)
        .bind(taken.role.as_str())
        .execute(tx.conn())
        .await?;
    record(
        &mut tx,
        Topic::Members,
        NewActivity {
            action: "created",
            entity_type: "member",
            entity_id: Some(user_id.0),
            title: format!("{name} joined as {}", taken.role.label()),
            metadata: json!({ "role": taken.role, "invitation": taken.id }),
        },
    )
    .await?;
    tx.commit().await?;
    Ok(organization_id)
}
