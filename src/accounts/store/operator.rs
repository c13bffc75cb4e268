//! What the operator does at the command line of the server, by right of being there. Each change ends in the
//! records that the same change by a page leaves. Server only.

use super::{Joining, create_organization, create_user};
use crate::{
    accounts::{
        NewAccount, Tier,
        auth::Client,
        events::{self, Event},
        input,
        member::Member,
        model::{OrganizationSummary, Role, Viewer},
        password,
    },
    activity::store::{NewActivity, record},
    error::AppError,
    ids::{OrganizationId, UserId},
    server::{Database, SystemTx, Topic, fault},
};
use chrono::{DateTime, Utc};
use serde_json::json;

const REASON: &str = "the operator acts on accounts of any organisation";

/// A person as the operator sees them.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct UserRow {
    pub email: String,
    pub name: String,
    pub is_staff: bool,
    /// "Adventure Works Cycles (OWNER), …", by name.
    pub organizations: String,
    pub created_at: DateTime<Utc>,
}

/// Everybody, by address.
pub async fn list(db: &Database) -> Result<Vec<UserRow>, AppError> {
    let mut tx = db.system(REASON).await?;
    Ok(sqlx::query_as(
        "select u.email, u.name, u.is_staff, u.created_at,
                coalesce(string_agg(o.name || ' (' || m.role || ')', ', ' order by o.name), '') as organizations
         from users u
         left join memberships m on m.user_id = u.id
         left join organizations o on o.id = m.organization_id
         group by u.id order by u.email",
    )
    .fetch_all(tx.conn())
    .await?)
}

/// Adds a person: as OWNER of a new organisation when none of this name exists, else with `role` in that one.
pub async fn create(db: &Database, new: NewAccount, role: Role) -> Result<(), AppError> {
    let hash = password::hash(new.password).await?;
    let mut tx = db.system(REASON).await?;
    let organization = find_organization(&mut tx, &new.organization_name).await?;
    let user_id = create_user(&mut tx, &new.name, &new.email, &hash).await?;
    events::record(&mut tx, Event::SignedUp, Some(user_id), &Client::default()).await?;
    let tx = match organization {
        None if role == Role::Owner => {
            create_organization(tx, user_id, &new.organization_name, &new.base_currency, new.time_zone).await?.1
        }
        None => {
            return Err(AppError::invalid(format!(
                "There is no organisation “{}” to join. Its first person has to be an OWNER.",
                new.organization_name
            )));
        }
        Some(organization_id) => join(tx, organization_id, user_id, &new.name, role).await?,
    };
    tx.commit().await
}

/// Makes an existing person a member of an organisation, unless they are one.
async fn join(
    mut tx: SystemTx,
    organization_id: OrganizationId,
    user_id: UserId,
    name: &str,
    role: Role,
) -> Result<crate::server::TenantTx, AppError> {
    sqlx::query("insert into memberships (organization_id, user_id, role) values ($1, $2, $3)")
        .bind(organization_id)
        .bind(user_id)
        .bind(role.as_str())
        .execute(tx.conn())
        .await?;
    let mut tx = tx.narrow(&Joining { organization_id, user_id }).await?;
    record(
        &mut tx,
        Topic::Members,
        NewActivity {
            action: "created",
            entity_type: "member",
            entity_id: Some(user_id.0),
            title: format!("{name} joined as {}", role.label()),
            metadata: json!({ "role": role }),
        },
    )
    .await?;
    Ok(tx)
}

/// Makes somebody platform staff, or no longer.
pub async fn set_staff(db: &Database, email: &str, staff: bool) -> Result<(), AppError> {
    let email = input::email(email).map_err(AppError::invalid)?;
    let mut tx = db.system(REASON).await?;
    let done = sqlx::query("update users set is_staff = $2 where email = $1")
        .bind(&email)
        .bind(staff)
        .execute(tx.conn())
        .await?;
    if done.rows_affected() == 0 {
        return Err(AppError::not_found("The account"));
    }
    tx.commit().await
}

/// The authority to act as the person with this address, in the organisation of that name or, without
/// one, in their only one.
pub async fn act_as(db: &Database, email: &str, organization: Option<&str>) -> Result<Member, AppError> {
    type Row = (UserId, String, String, bool, String, OrganizationId, String, String, String, String);
    let address = input::email(email).map_err(AppError::invalid)?;
    let mut tx = db.system(REASON).await?;
    let rows: Vec<Row> = sqlx::query_as(
        "select u.id, u.name, u.email, u.is_staff, m.role, o.id, o.name, o.base_currency, o.time_zone, o.tier
         from users u
         join memberships m on m.user_id = u.id
         join organizations o on o.id = m.organization_id
         where u.email = $1 and ($2::text is null or lower(o.name) = lower($2))
         order by o.name",
    )
    .bind(&address)
    .bind(organization)
    .fetch_all(tx.conn())
    .await?;
    let mut rows = rows.into_iter();
    let row = match (rows.next(), rows.next()) {
        (Some(row), None) => row,
        (None, _) => {
            let place = organization.map(|name| format!(" in “{name}”")).unwrap_or_default();
            return Err(AppError::invalid(format!("There is no member with the address {address}{place}.")));
        }
        (Some(a), Some(b)) => {
            let names: Vec<String> = [a, b].into_iter().chain(rows).map(|row| format!("“{}”", row.6)).collect();
            return Err(AppError::invalid(format!("Say in which organisation: {}.", names.join(", "))));
        }
    };
    let (user_id, name, email, staff, role, id, organization_name, base_currency, time_zone, tier) = row;
    Ok(Member::authenticated(Viewer {
        user_id,
        name,
        email,
        staff,
        role: role.parse().map_err(fault::internal)?,
        organization: OrganizationSummary {
            id,
            name: organization_name,
            base_currency,
            time_zone: time_zone.parse().map_err(fault::internal)?,
            tier: tier.parse().map_err(fault::internal)?,
        },
    }))
}

/// Puts an organisation on a tier.
pub async fn set_tier(db: &Database, organization: OrganizationId, tier: Tier) -> Result<(), AppError> {
    let mut tx = db.system(REASON).await?;
    sqlx::query("update organizations set tier = $2 where id = $1")
        .bind(organization)
        .bind(tier.as_str())
        .execute(tx.conn())
        .await?;
    tx.commit().await
}

async fn find_organization(tx: &mut SystemTx, name: &str) -> Result<Option<OrganizationId>, AppError> {
    let ids: Vec<OrganizationId> =
        sqlx::query_scalar("select id from organizations where lower(name) = lower($1) limit 2")
            .bind(name)
            .fetch_all(tx.conn())
            .await?;
    match ids.as_slice() {
        [] => Ok(None),
        [only] => Ok(Some(*only)),
        _ => Err(AppError::invalid(format!("There are several organisations “{name}”."))),
    }
}
