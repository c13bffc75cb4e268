//! The monthly sums beside the rows that they are made of: whether they agree, and making them anew. Server only.
//!
//! The database keeps them equal by itself, in each transaction that changes a row. What could part them is a repair by
//! hand with triggers switched off, or a fault of ours; then every number of past months would be wrong without a sign.

use crate::{
    error::AppError,
    ids::OrganizationId,
    server::{Database, Topic},
};

/// An organisation whose monthly sums are not what its transactions add up to.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Difference {
    pub organization_id: OrganizationId,
    pub organization: String,
    /// In how many combinations of month, type, category and currency, and of those with the department.
    pub keys: i64,
}

/// Compares all organisations, at one moment.
pub async fn differences(db: &Database) -> Result<Vec<Difference>, AppError> {
    let mut tx = db.system("the sums of every organisation are checked").await?;
    tx.take_time().await?;
    Ok(sqlx::query_as(
        "select wrong.organization_id, o.name as organization, count(*) as keys
         from (
           select organization_id
           from (
             select organization_id, month, type, category_id, department, currency, amount, row_count
             from transaction_months
             union all
             select organization_id, date_trunc('month', date::timestamp)::date, type, category_id, department, currency,
                    -sum(amount), -count(*)
             from transactions group by 1, 2, 3, 4, 5, 6) both_sides
           group by organization_id, month, type, category_id, department, currency
           having sum(amount) <> 0 or sum(row_count) <> 0
           union all
           select organization_id
           from (
             select organization_id, month, type, category_id, currency, amount, row_count
             from transaction_category_months
             union all
             select organization_id, date_trunc('month', date::timestamp)::date, type, category_id, currency,
                    -sum(amount), -count(*)
             from transactions group by 1, 2, 3, 4, 5) both_sides
           group by organization_id, month, type, category_id, currency
           having sum(amount) <> 0 or sum(row_count) <> 0) wrong
         join organizations o on o.id = wrong.organization_id
         group by 1, 2 order by 1",
    )
    .fetch_all(tx.conn())
    .await?)
}

/// Makes an organisation's sums anew from its rows. Nobody can change transactions meanwhile.
pub async fn rebuild(db: &Database, organization_id: OrganizationId) -> Result<(), AppError> {
    let mut tx = db.system("the sums of any organisation may need repair").await?;
    tx.take_time().await?;
    sqlx::query("select rebuild_transaction_months($1)").bind(organization_id).execute(tx.conn()).await?;
    // What was drawn from the wrong sums is drawn again.
    tx.announce(organization_id, &[Topic::Transactions]).await?;
    tx.commit().await
}

/// The chore: repairs what differs, and says so, because it should never happen. Gives how many organisations did.
pub async fn check(db: &Database) -> Result<u64, AppError> {
    let found = differences(db).await?;
    for Difference { organization_id, keys, .. } in &found {
        tracing::error!(%organization_id, keys, "the monthly sums differed from the transactions; they are made anew");
        rebuild(db, *organization_id).await?;
    }
    Ok(found.len() as u64)
}
