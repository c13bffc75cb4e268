//! Organisations: which somebody belongs to, making another, and settings. Server only.

use super::create_organization;
use crate::{
    accounts::{
        input,
        member::{Admin, Member},
        model::{OrganizationChoice, OrganizationPatch, OrganizationSummary},
    },
    activity::store::{NewActivity, record},
    error::{AppError, FieldErrors},
    ids::{OrganizationId, UserId},
    server::{Database, TenantTx, Topic, fault},
};
use serde_json::json;

/// The organisations of `member`'s person, by name.
pub async fn list(db: &Database, member: &Member) -> Result<Vec<OrganizationChoice>, AppError> {
    let mut tx = db.system("a tenant's transaction sees its own organisation only").await?;
    let rows: Vec<(OrganizationId, String, String, String)> = sqlx::query_as(
        "select o.id, o.name, m.role, o.tier from memberships m join organizations o on o.id = m.organization_id
         where m.user_id = $1 order by lower(o.name), o.id",
    )
    .bind(member.viewer().user_id)
    .fetch_all(tx.conn())
    .await?;
    rows.into_iter()
        .map(|(id, name, role, tier)| {
            Ok(OrganizationChoice {
                id,
                name,
                role: role.parse().map_err(fault::internal)?,
                tier: tier.parse().map_err(fault::internal)?,
                current: id == member.organization().id,
            })
        })
        .collect()
}

/// Adds an organisation that `member`'s person owns, in the time zone of the one that they are in, and in its currency if no
/// other is given. An address at which many are made is throttled by the caller.
pub async fn create(
    db: &Database,
    member: &Member,
    name: &str,
    base_currency: &str,
) -> Result<OrganizationSummary, AppError> {
    let from = member.organization();
    let mut errors = FieldErrors::default();
    let name = errors.take("name", input::name(name));
    let base_currency = errors.take("base_currency", input::currency_or(base_currency, &from.base_currency));
    let (Some(name), Some(base_currency)) = (name, base_currency) else { return Err(errors.into_error()) };
    let tx = db.system("the organisation does not exist yet").await?;
    let (organization, tx) =
        create_organization(tx, member.viewer().user_id, &name, &base_currency, from.time_zone).await?;
    tx.commit().await?;
    Ok(organization)
}

/// Whether `user` belongs to `organization`; a foreign one is not found.
pub async fn check_membership(db: &Database, user: UserId, organization: OrganizationId) -> Result<(), AppError> {
    let mut tx = db.system("a tenant's transaction sees its own organisation only").await?;
    let belongs: bool =
        sqlx::query_scalar("select exists (select from memberships where user_id = $1 and organization_id = $2)")
            .bind(user)
            .bind(organization)
            .fetch_one(tx.conn())
            .await?;
    if belongs { Ok(()) } else { Err(AppError::not_found("The organisation")) }
}

/// Changes the name, base currency and time zone; what the patch leaves out stays.
pub async fn update(
    tx: &mut TenantTx,
    admin: &Admin,
    patch: OrganizationPatch,
) -> Result<OrganizationSummary, AppError> {
    let old = admin.organization();
    let mut errors = FieldErrors::default();
    let name = match &patch.name {
        Some(name) => errors.take("name", input::name(name)),
        None => Some(old.name.clone()),
    };
    let base_currency = match &patch.base_currency {
        Some(code) => errors.take("base_currency", input::currency(code)),
        None => Some(old.base_currency.clone()),
    };
    let time_zone = match &patch.time_zone {
        Some(zone) => errors.take("time_zone", input::time_zone(zone)),
        None => Some(old.time_zone),
    };
    let (Some(name), Some(base_currency), Some(time_zone)) = (name, base_currency, time_zone) else {
        return Err(errors.into_error());
    };
    sqlx::query("update organizations set name = $2, base_currency = $3, time_zone = $4 where id = $1")
        .bind(old.id)
        .bind(&name)
        .bind(&base_currency)
        .bind(time_zone.name())
        .execute(tx.conn())
        .await?;
    let new = OrganizationSummary { id: old.id, name, base_currency, time_zone, tier: old.tier };
    if new != *old {
        record(
            tx,
            Topic::Organization,
            NewActivity {
                action: "updated",
                entity_type: "organization",
                entity_id: Some(old.id.0),
                title: "Organisation settings were changed".into(),
                metadata: json!({ "old": old, "new": new }),
            },
        )
        .await?;
    }
    Ok(new)
}
