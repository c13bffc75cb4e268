//! What somebody should look at: late payments, empty shelves, budgets used up. Server only.

use crate::{
    accounts::OrganizationSummary,
    error::AppError,
    format,
    metrics::model::{Alert, AlertKind, Grain, Status},
    server::TenantTx,
};
use chrono::{DateTime, NaiveDate, Utc};
use rust_decimal::Decimal;
use uuid::Uuid;

const MOST_ALERTS: i64 = 200;

/// The alerts of one kind, or of all, as of `now`: the critical before the warnings, and in each the worst first.
pub async fn list(
    tx: &mut TenantTx,
    organization: &OrganizationSummary,
    filter: Option<AlertKind>,
    limit: u32,
    now: DateTime<Utc>,
) -> Result<Vec<Alert>, AppError> {
    let today = organization.time_zone.day(now);
    let limit = i64::from(limit).clamp(1, MOST_ALERTS);
    let wanted = |kind| filter.is_none_or(|only| only == kind);
    let mut alerts = Vec::new();
    if wanted(AlertKind::Payments) {
        alerts.extend(overdue(tx, today, limit).await?);
    }
    if wanted(AlertKind::Budgets) {
        alerts.extend(exceeded(tx, today, limit).await?);
    }
    if wanted(AlertKind::Inventory) {
        alerts.extend(low_stock(tx, limit).await?);
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
async fn overdue(tx: &mut TenantTx, today: NaiveDate, limit: i64) -> Result<Vec<Alert>, AppError> {
    let organization_id = tx.organization_id();
    let rows: Vec<Overdue> = sqlx::query_as(
        "select id, coalesce(reference, party) as name, party, due_date, amount, currency
         from payments
         where organization_id = $1 and status in ('pending', 'approved') and due_date < $2
         order by due_date desc, amount desc, id limit $3",
    )
    .bind(organization_id)
    .bind(today)
    .bind(limit)
    .fetch_all(tx.conn())
    .await?;
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
async fn low_stock(tx: &mut TenantTx, limit: i64) -> Result<Vec<Alert>, AppError> {
    let organization_id = tx.organization_id();
    let rows: Vec<LowStock> = sqlx::query_as(
        "select id, name, quantity, min_stock from materials
         where organization_id = $1 and quantity <= min_stock
         order by quantity / nullif(min_stock, 0) nulls first, min_stock desc, name, id limit $2",
    )
    .bind(organization_id)
    .bind(limit)
    .fetch_all(tx.conn())
    .await?;
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
async fn exceeded(tx: &mut TenantTx, today: NaiveDate, limit: i64) -> Result<Vec<Alert>, AppError> {
    let organization_id = tx.organization_id();
    let month = Grain::Month.floor(today);
    let rows: Vec<Exceeded> = sqlx::query_as(
        "select b.id, c.name as category, b.amount, u.used, b.currency
         from budgets b
         join categories c on c.organization_id = b.organization_id and c.id = b.category_id
         join lateral (
           select coalesce(sum(m.amount), 0) as used from transaction_months m
           where m.organization_id = b.organization_id and m.month = b.month and m.type = b.type
             and m.category_id = b.category_id and m.currency = b.currency) u on true
         where b.organization_id = $1 and b.month = $2 and b.type = 'expense' and b.amount > 0 and u.used >= b.amount * 0.9
         order by u.used / b.amount desc, b.id limit $3",
    )
    .bind(organization_id)
    .bind(month)
    .bind(limit)
    .fetch_all(tx.conn())
    .await?;
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
