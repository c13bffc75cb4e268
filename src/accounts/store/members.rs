//! The people of an organisation. Server only.

use crate::{
    accounts::{
        member::{Admin, Member},
        model::{Person, Role},
    },
    activity::store::{NewActivity, record},
    error::AppError,
    ids::UserId,
    page::Page,
    server::{TenantTx, Topic, fault},
};
use chrono::{DateTime, Utc};
use serde_json::json;

/// A page of the organisation's people, in the order in which their accounts were made.
pub async fn list(tx: &mut TenantTx, after: Option<UserId>, limit: u16) -> Result<Page<Person>, AppError> {
    let organization = tx.organization_id();
    let rows: Vec<(UserId, String, String, String, DateTime<Utc>)> = sqlx::query_as(
        "select u.id, u.name, u.email, m.role, m.created_at
         from memberships m join users u on u.id = m.user_id
         where m.organization_id = $1 and ($2::uuid is null or m.user_id > $2)
         order by m.user_id limit $3",
    )
    .bind(organization)
    .bind(after)
    .bind(i64::from(limit) + 1)
    .fetch_all(tx.conn())
    .await?;
    let mut items = rows
        .into_iter()
        .map(|(user_id, name, email, role, joined_at)| {
            Ok(Person { user_id, name, email, role: role.parse().map_err(fault::internal)?, joined_at })
        })
        .collect::<Result<Vec<_>, AppError>>()?;
    let more = items.len() > usize::from(limit);
    items.truncate(limit.into());
    let next_cursor = items.last().filter(|_| more).map(|person| person.user_id.to_string());
    Ok(Page { items, next_cursor })
}

/// Gives `user` another role.
pub async fn update(tx: &mut TenantTx, admin: &Admin, user: UserId, role: Role) -> Result<Person, AppError> {
    let mut person = find_locked(tx, user).await?;
    if person.role == role {
        return Ok(person);
    }
    check(admin, Some(person.role), Some(role))?;
    keep_an_owner(tx, &person).await?;
    sqlx::query("update memberships set role = $3 where organization_id = $1 and user_id = $2")
        .bind(admin.organization().id)
        .bind(user)
        .bind(role.as_str())
        .execute(tx.conn())
        .await?;
    record(
        tx,
        Topic::Members,
        NewActivity {
            action: "updated",
            entity_type: "member",
            entity_id: Some(user.0),
            title: format!("{} is now {}", person.name, role.label()),
            metadata: json!({ "old": person.role, "new": role }),
        },
    )
    .await?;
    person.role = role;
    Ok(person)
}

/// Ends `user`'s membership. Their account and other organisations stay.
pub async fn delete(tx: &mut TenantTx, admin: &Admin, user: UserId) -> Result<(), AppError> {
    let person = find_locked(tx, user).await?;
    check(admin, Some(person.role), None)?;
    remove(tx, &person, format!("{} was removed", person.name)).await
}

/// Ends one's own membership, which needs nobody's leave.
pub async fn leave(tx: &mut TenantTx, member: &Member) -> Result<(), AppError> {
    let person = find_locked(tx, member.viewer().user_id).await?;
    remove(tx, &person, format!("{} left", person.name)).await
}

async fn remove(tx: &mut TenantTx, person: &Person, title: String) -> Result<(), AppError> {
    keep_an_owner(tx, person).await?;
    let organization = tx.organization_id();
    // First, because the activity is written by somebody who may be gone after it.
    record(
        tx,
        Topic::Members,
        NewActivity {
            action: "deleted",
            entity_type: "member",
            entity_id: Some(person.user_id.0),
            title,
            metadata: json!({ "role": person.role }),
        },
    )
    .await?;
    sqlx::query("delete from memberships where organization_id = $1 and user_id = $2")
        .bind(organization)
        .bind(person.user_id)
        .execute(tx.conn())
        .await?;
    Ok(())
}

pub(super) fn check(admin: &Admin, from: Option<Role>, to: Option<Role>) -> Result<(), AppError> {
    if admin.role().may_move(from, to) {
        Ok(())
    } else if to == Some(Role::Partner) {
        Err(AppError::field("role", "The partner role is given where the partner is managed."))
    } else {
        Err(AppError::forbidden("Only an owner may add, change or remove owners and admins."))
    }
}

/// The person, with every membership that a check of "an owner remains" depends on locked: two owners who
/// demote each other at the same moment follow each other.
async fn find_locked(tx: &mut TenantTx, user: UserId) -> Result<Person, AppError> {
    let organization = tx.organization_id();
    sqlx::query(
        "select from memberships where organization_id = $1 and (user_id = $2 or role = 'OWNER') order by user_id for update",
    )
    .bind(organization)
    .bind(user)
    .execute(tx.conn())
    .await?;
    let row: Option<(String, String, String, DateTime<Utc>)> = sqlx::query_as(
        "select u.name, u.email, m.role, m.created_at from memberships m join users u on u.id = m.user_id
         where m.organization_id = $1 and m.user_id = $2",
    )
    .bind(organization)
    .bind(user)
    .fetch_optional(tx.conn())
    .await?;
    let (name, email, role, joined_at) = row.ok_or_else(|| AppError::not_found("The person"))?;
    Ok(Person { user_id: user, name, email, role: role.parse().map_err(fault::internal)?, joined_at })
}

/// Refuses what would leave the organisation without an owner. Rows are locked by [`find_locked`].
async fn keep_an_owner(tx: &mut TenantTx, person: &Person) -> Result<(), AppError> {
    if person.role != Role::Owner {
        return Ok(());
    }
    let organization = tx.organization_id();
    let others: i64 = sqlx::query_scalar(
        "select count(*) from memberships where organization_id = $1 and role = 'OWNER' and user_id <> $2",
    )
    .bind(organization)
    .bind(person.user_id)
    .fetch_one(tx.conn())
    .await?;
    if others == 0 {
        return Err(AppError::conflict("An organisation needs an owner. Make somebody else an owner first."));
    }
    Ok(())
}
