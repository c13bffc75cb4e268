//! What somebody should look at: late payments, empty shelves, budgets used up. Server only.

use crate::{
    accounts::OrganizationSummary,
    error::AppError,
    format,
    metrics::{
        Filters,
        catalogue::{BUDGETS, MATERIALS, PAYMENTS, Source},
        compile::write_filter,
        model::{Alert, AlertKind, Grain, Status},
        narrow,
        sql::{Bind, Sql},
    },
    server::{TenantTx, fault},
};
use chrono::{DateTime, NaiveDate, Utc};
use rust_decimal::Decimal;
use sqlx::postgres::PgRow;
use uuid::Uuid;

const MOST_ALERTS: i64 = 200;

/// The alerts of one kind, or of all, as of `now`, narrowed as far as their records have fields for it: the critical before the warnings, and in each the worst first.
pub async fn list(
    tx: &mut TenantTx,
    organization: &OrganizationSummary,
    filter: Option<AlertKind>,
    narrowed: &Filters,
    limit: u32,
    now: DateTime<Utc>,
) -> Result<Vec<Alert>, AppError> {
    let today = organization.time_zone.day(now);
    let limit = i64::from(limit).clamp(1, MOST_ALERTS);
    let wanted = |kind| filter.is_none_or(|only| only == kind);
    let mut alerts = Vec::new();
    if wanted(AlertKind::Payments) {
        alerts.extend(overdue(tx, narrowed, today, limit).await?);
    }
    if wanted(AlertKind::Budgets) {
        alerts.extend(exceeded(tx, narrowed, today, limit).await?);
    }
    if wanted(AlertKind::Inventory) {
        alerts.extend(low_stock(tx, narrowed, today, limit).await?);
    }
    // Stable: within a severity and a kind the order is the query's.
    alerts.sort_by_key(|alert| alert.severity != Status::Critical);
    alerts.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    Ok(alerts)
}

#[derive(sqlx::FromRow)]
struct Overdue {
    id: Uuid,
    name: String,
    party: String,
    due_date: NaiveDate,
    amount: Decimal,
    currency: String,
}

/// The latest due first: what has just become late can still be mended.
async fn overdue(tx: &mut TenantTx, narrowed: &Filters, today: NaiveDate, limit: i64) -> Result<Vec<Alert>, AppError> {
    let mut sql = Sql::new(tx.organization_id().0, today);
    sql.push(
        "select t.id, coalesce(t.reference, t.party) as name, t.party, t.due_date, t.amount, t.currency
         from payments t
         where t.organization_id = $1 and t.status in ('pending', 'approved') and t.due_date < ",
    );
    sql.bind(Bind::Date(today));
    narrow_down(&mut sql, &PAYMENTS, narrowed);
    sql.push(" order by t.due_date desc, t.amount desc, t.id limit ").bind(Bind::Count(limit));
    let rows: Vec<Overdue> = fetch(tx, sql).await?;
    let alert = |row: Overdue| {
        let days = format::count((today - row.due_date).num_days(), "day", "days");
        Alert {
            kind: AlertKind::Payments,
            severity: Status::Critical,
            title: format!("{} is {days} overdue, {}", row.name, format::money(row.amount, &row.currency)),
            detail: format!("{} · due {}", row.party, format::date(row.due_date)),
            entity_type: "payment".into(),
            entity_id: row.id,
            href: format!("/payments/{}", row.id),
        }
    };
    Ok(rows.into_iter().map(alert).collect())
}

#[derive(sqlx::FromRow)]
struct LowStock {
    id: Uuid,
    name: String,
    quantity: Decimal,
    min_stock: Decimal,
}

/// The emptiest first, by the share of the minimum that is left. Nothing left at all is critical.
async fn low_stock(
    tx: &mut TenantTx,
    narrowed: &Filters,
    today: NaiveDate,
    limit: i64,
) -> Result<Vec<Alert>, AppError> {
    let mut sql = Sql::new(tx.organization_id().0, today);
    sql.push(
        "select t.id, t.name, t.quantity, t.min_stock from materials t
         where t.organization_id = $1 and t.quantity <= t.min_stock",
    );
    narrow_down(&mut sql, &MATERIALS, narrowed);
    sql.push(" order by t.quantity / nullif(t.min_stock, 0) nulls first, t.min_stock desc, t.name, t.id limit ");
    sql.bind(Bind::Count(limit));
    let rows: Vec<LowStock> = fetch(tx, sql).await?;
    let quantity = |value: Decimal| format::number(value, value.normalize().scale().min(2));
    let alert = |row: LowStock| Alert {
        kind: AlertKind::Inventory,
        severity: if row.quantity <= Decimal::ZERO { Status::Critical } else { Status::Warning },
        title: format!("Low stock: {}", row.name),
        detail: format!("{} left, minimum {}", quantity(row.quantity), quantity(row.min_stock)),
        entity_type: "material".into(),
        entity_id: row.id,
        href: format!("/stock/{}", row.id),
    };
    Ok(rows.into_iter().map(alert).collect())
}

#[derive(sqlx::FromRow)]
struct Exceeded {
    id: Uuid,
    category: String,
    amount: Decimal,
    used: Decimal,
    currency: String,
}

/// Budgets of the current month of which 90 % are used; above 100 % is critical.
async fn exceeded(tx: &mut TenantTx, narrowed: &Filters, today: NaiveDate, limit: i64) -> Result<Vec<Alert>, AppError> {
    let month = Grain::Month.floor(today);
    let mut sql = Sql::new(tx.organization_id().0, today);
    sql.push(
        "select t.id, c.name as category, t.amount, u.used, t.currency
         from budgets t
         join categories c on c.organization_id = t.organization_id and c.id = t.category_id
         join lateral (
           select coalesce(sum(m.amount), 0) as used from transaction_months m
           where m.organization_id = t.organization_id and m.month = t.month and m.type = t.type
             and m.category_id = t.category_id and m.currency = t.currency) u on true
         where t.organization_id = $1 and t.type = 'expense' and t.amount > 0 and u.used >= t.amount * 0.9
           and t.month = ",
    );
    sql.bind(Bind::Date(month));
    narrow_down(&mut sql, &BUDGETS, narrowed);
    sql.push(" order by u.used / t.amount desc, t.id limit ").bind(Bind::Count(limit));
    let rows: Vec<Exceeded> = fetch(tx, sql).await?;
    let alert = |row: Exceeded| {
        let percent = row.used.checked_div(row.amount).and_then(|share| share.checked_mul(Decimal::ONE_HUNDRED));
        Alert {
            kind: AlertKind::Budgets,
            severity: if row.used > row.amount { Status::Critical } else { Status::Warning },
            title: format!("Budget for {} is {} used", row.category, format::percent(percent.unwrap_or_default(), 0)),
            detail: format!(
                "{} of {} in {}",
                format::money(row.used, &row.currency),
                format::money(row.amount, &row.currency),
                format::month(month)
            ),
            entity_type: "budget".into(),
            entity_id: row.id,
            href: format!("/budgets/{}", row.id),
        }
    };
    Ok(rows.into_iter().map(alert).collect())
}

fn narrow_down(sql: &mut Sql, source: &'static Source, narrowed: &Filters) {
    for condition in narrow::conditions(source, narrowed) {
        sql.push(" and (");
        write_filter(sql, &condition);
        sql.push(")");
    }
}

async fn fetch<T: for<'r> sqlx::FromRow<'r, PgRow>>(tx: &mut TenantTx, sql: Sql) -> Result<Vec<T>, AppError> {
    let rows = sql.into_query().fetch_all(tx.conn()).await?;
    rows.iter().map(T::from_row).collect::<Result<_, _>>().map_err(fault::internal)
}
