//! Activities in SQL. Server only.

use super::{Activity, ActivityQuery};
use crate::{
    accounts::{Member, Role},
    error::AppError,
    ids::ActivityId,
    page::Page,
    server::{TenantTx, Topic},
};
use chrono::{DateTime, NaiveDate, Utc};
use serde_json::Value;
use sqlx::{Postgres, QueryBuilder};
use uuid::Uuid;

/// One thing that somebody, or a job, did.
#[derive(Debug)]
pub struct NewActivity<'a> {
    /// "created", "updated", "deleted", "restored", "imported" ...
    pub action: &'a str,
    /// "transaction", "dashboard" ...
    pub entity_type: &'a str,
    pub entity_id: Option<Uuid>,
    /// One line for the feed: "Payment PO-17 was approved".
    pub title: String,
    /// What a later page may want to show: old and new values, counts.
    pub metadata: serde_json::Value,
}

/// Writes the activity of a change, and announces the change when `tx` commits.
pub async fn record(tx: &mut TenantTx, topic: Topic, activity: NewActivity<'_>) -> Result<(), AppError> {
    tx.changed(topic);
    let (organization_id, user_id) = (tx.organization_id(), tx.user_id());
    sqlx::query(
        "insert into activities (id, organization_id, user_id, action, entity_type, entity_id, title, metadata)
         values ($1, $2, $3, $4, $5, $6, left($7, 255), $8)",
    )
    .bind(ActivityId::new())
    .bind(organization_id)
    .bind(user_id)
    .bind(activity.action)
    .bind(activity.entity_type)
    .bind(activity.entity_id)
    .bind(activity.title)
    .bind(activity.metadata)
    .execute(tx.conn())
    .await?;
    Ok(())
}

#[derive(sqlx::FromRow)]
struct ActivityRow {
    id: ActivityId,
    action: String,
    entity_type: String,
    entity_id: Option<Uuid>,
    title: String,
    who: Option<String>,
    metadata: Value,
    created_at: DateTime<Utc>,
}

impl From<ActivityRow> for Activity {
    fn from(row: ActivityRow) -> Self {
        Self {
            id: row.id,
            action: row.action,
            entity_type: row.entity_type,
            entity_id: row.entity_id,
            title: row.title,
            who: row.who,
            metadata: row.metadata,
            created_at: row.created_at,
        }
    }
}

/// What happened in the organisation, newest first.
///
/// # Errors
/// `Forbidden` for partners, who see only what is theirs; `Invalid` for a cursor of another list.
pub async fn list(tx: &mut TenantTx, member: &Member, query: &ActivityQuery) -> Result<Page<Activity>, AppError> {
    if member.role() == Role::Partner {
        return Err(AppError::forbidden("The activity feed is for members of this organisation."));
    }
    let limit = query.limit()?;
    let mut sql = QueryBuilder::<Postgres>::new(
        "select a.id, a.action, a.entity_type, a.entity_id, a.title, u.name as who, a.metadata, a.created_at
         from activities a left join users u on u.id = a.user_id
         where a.organization_id = ",
    );
    sql.push_bind(tx.organization_id());
    if let Some(entity_type) = &query.entity_type {
        sql.push(" and a.entity_type = ").push_bind(entity_type);
    }
    if let Some(cursor) = &query.cursor {
        let (created_at, id) = parse_cursor(cursor)
            .ok_or_else(|| AppError::field("cursor", "This is not a cursor of the list of activities."))?;
        sql.push(" and (a.created_at, a.id) < (").push_bind(created_at).push(", ").push_bind(id).push(")");
    }
    // One more than asked for tells whether there is another page.
    sql.push(" order by a.created_at desc, a.id desc limit ").push_bind(limit + 1);
    let rows: Vec<ActivityRow> = sql.build_query_as().fetch_all(tx.conn()).await?;
    let mut items: Vec<Activity> = rows.into_iter().map(Activity::from).collect();
    let more = i64::try_from(items.len()).is_ok_and(|count| count > limit);
    if more {
        items.pop();
    }
    let cursor = |last: &Activity| format!("{}.{}", last.created_at.timestamp_micros(), last.id);
    let next_cursor = if more { items.last().map(cursor) } else { None };
    Ok(Page { items, next_cursor })
}

/// How often one kind of thing happened to one kind of record on a day.
#[derive(Debug, sqlx::FromRow)]
pub struct DayOfActivity {
    pub day: NaiveDate,
    pub entity_type: String,
    pub action: String,
    pub count: i64,
    /// Of one of them.
    pub title: String,
}

/// What happened to records from `from` to before `to`, by the days of `zone`; for calendars.
pub async fn by_day(
    tx: &mut TenantTx,
    zone: crate::zone::Zone,
    from: NaiveDate,
    to: NaiveDate,
) -> Result<Vec<DayOfActivity>, AppError> {
    let organization_id = tx.organization_id();
    let days = sqlx::query_as(
        "select (created_at at time zone $2)::date as day, entity_type, action, count(*) as count, min(title) as title
         from activities
         where organization_id = $1
           and created_at >= $3::date::timestamp at time zone $2 and created_at < $4::date::timestamp at time zone $2
           and entity_type in ('transaction', 'payment', 'budget', 'category', 'material', 'import', 'metric')
         group by 1, 2, 3 order by 1, 4 desc, 2, 3",
    )
    .bind(organization_id)
    .bind(zone.name())
    .bind(from)
    .bind(to)
    .fetch_all(tx.conn())
    .await?;
    Ok(days)
}

fn parse_cursor(cursor: &str) -> Option<(DateTime<Utc>, ActivityId)> {
    let (micros, id) = cursor.split_once('.')?;
    // PostgreSQL's own range ends before chrono's does.
    let micros = micros.parse().ok().filter(|micros: &i64| (0..=253_402_300_799_999_999).contains(micros))?;
    Some((DateTime::from_timestamp_micros(micros)?, id.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_from_anybody_is_checked() {
        let id = "0197a0f0-0000-7000-8000-000000000000";
        assert!(parse_cursor(&format!("1700000000000000.{id}")).is_some());
        for wrong in ["", "x", "1700000000000000", "1.2", &format!("9223372036854775807.{id}"), &format!("-1.{id}")] {
            assert_eq!(parse_cursor(wrong), None, "{wrong}");
        }
    }
}
