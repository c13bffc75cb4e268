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
    page::Page,
    records::cursor::{self, SortValue},
    server::{TenantTx, fault},
};
use chrono::{DateTime, NaiveDate, Utc};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use sqlx::postgres::PgRow;
use uuid::Uuid;

const MOST_ALERTS: u32 = 200;

/// The most urgent alerts of one kind, or of all, as of `now`, narrowed as far as their records have fields for it.
pub async fn list(
    tx: &mut TenantTx,
    organization: &OrganizationSummary,
    filter: Option<AlertKind>,
    narrowed: &Filters,
    limit: u32,
    now: DateTime<Utc>,
) -> Result<Vec<Alert>, AppError> {
    page(tx, organization, filter, narrowed, limit, None, now).await.map(|page| page.items)
}

/// The same, a page at a time: the critical before the warnings, in each one kind after the other, and in each kind the
/// worst first.
pub async fn page(
    tx: &mut TenantTx,
    organization: &OrganizationSummary,
    filter: Option<AlertKind>,
    narrowed: &Filters,
    limit: u32,
    cursor: Option<&str>,
    now: DateTime<Utc>,
) -> Result<Page<Alert>, AppError> {
    let limit = limit.clamp(1, MOST_ALERTS);
    let asked = Asked {
        narrowed,
        after: cursor.map(Place::read).transpose()?,
        today: organization.time_zone.day(now),
        // One more tells whether there is a next page.
        limit: i64::from(limit) + 1,
    };
    let wanted = |kind| filter.is_none_or(|only| only == kind);
    let mut found = Vec::new();
    if wanted(AlertKind::Payments) {
        found.extend(overdue(tx, &asked).await?);
    }
    if wanted(AlertKind::Budgets) {
        found.extend(exceeded(tx, &asked).await?);
    }
    if wanted(AlertKind::Inventory) {
        found.extend(low_stock(tx, &asked).await?);
    }
    // Stable: within a severity and a kind the order is the query's.
    found.sort_by_key(|(alert, _)| alert.severity != Status::Critical);
    let limit = limit as usize;
    let more = found.len() > limit;
    found.truncate(limit);
    let next_cursor = found.last().filter(|_| more).map(|(alert, rank)| Place::of(alert, rank).write());
    Ok(Page { items: found.into_iter().map(|(alert, _)| alert).collect(), next_cursor })
}

/// What is asked of each kind.
struct Asked<'a> {
    narrowed: &'a Filters,
    after: Option<Place>,
    today: NaiveDate,
    limit: i64,
}

/// An alert and how urgent it is among those of its kind and severity: the smallest first.
type Ranked = (Alert, SortValue);

/// Where a page ended.
#[derive(Serialize, Deserialize)]
struct Place {
    kind: AlertKind,
    warning: bool,
    rank: SortValue,
    id: Uuid,
}

impl Place {
    fn of(alert: &Alert, rank: &SortValue) -> Self {
        let warning = alert.severity != Status::Critical;
        Self { kind: alert.kind, warning, rank: rank.clone(), id: alert.entity_id }
    }

    fn write(&self) -> String {
        cursor::encode(self)
    }

    /// Reads a cursor, which may come from anybody.
    fn read(text: &str) -> Result<Self, AppError> {
        let place: Self = cursor::decode(text)?;
        let fits = match (place.kind, &place.rank) {
            (AlertKind::Payments, rank @ SortValue::Date(_)) => rank.is_sound(),
            (AlertKind::Budgets | AlertKind::Inventory, SortValue::Number(_)) => true,
            _ => false,
        };
        if fits { Ok(place) } else { Err(cursor::refused()) }
    }
}

/// In which order kinds stand within a severity.
const fn turn(kind: AlertKind) -> u8 {
    match kind {
        AlertKind::Payments => 0,
        AlertKind::Budgets => 1,
        AlertKind::Inventory => 2,
    }
}

impl Asked<'_> {
    /// The conditions beside a kind's own. `warning` and `rank` are what its rows are ordered by, before their id.
    fn conditions(
        &self,
        sql: &mut Sql,
        kind: AlertKind,
        source: &'static Source,
        warning: &'static str,
        rank: &'static str,
    ) {
        for condition in narrow::conditions(source, self.narrowed) {
            sql.push(" and (");
            write_filter(sql, &condition);
            sql.push(")");
        }
        let Some(Place { kind: last, warning: was_warning, rank: was_rank, id }) = &self.after else { return };
        if *last == kind {
            sql.push(" and (").push(warning).push(", ").push(rank).push(", t.id) > (").bind(Bind::YesNo(*was_warning));
            sql.push(", ").bind(match was_rank {
                SortValue::Date(day) => Bind::Date(*day),
                SortValue::Number(number) => Bind::Number(*number),
                SortValue::Text(text) => Bind::Text(text.clone()),
            });
            sql.push(", ").bind(Bind::Id(*id)).push(")");
        } else {
            let operator = if turn(kind) > turn(*last) { " >= " } else { " > " };
            sql.push(" and ").push(warning).push(operator).bind(Bind::YesNo(*was_warning));
        }
    }
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

/// The longest overdue first.
async fn overdue(tx: &mut TenantTx, asked: &Asked<'_>) -> Result<Vec<Ranked>, AppError> {
    let mut sql = Sql::new(tx.organization_id().0, asked.today);
    sql.push(
        "select t.id, coalesce(t.reference, t.party) as name, t.party, t.due_date, t.amount, t.currency
         from payments t
         where t.organization_id = $1 and t.status in ('pending', 'approved') and t.due_date < ",
    );
    sql.bind(Bind::Date(asked.today));
    asked.conditions(&mut sql, AlertKind::Payments, &PAYMENTS, "false", "t.due_date");
    sql.push(" order by t.due_date, t.id limit ").bind(Bind::Count(asked.limit));
    let rows: Vec<Overdue> = fetch(tx, sql).await?;
    let alert = |row: Overdue| {
        let days = format::count((asked.today - row.due_date).num_days(), "day", "days");
        let alert = Alert {
            kind: AlertKind::Payments,
            severity: Status::Critical,
            title: format!("{} is {days} overdue, {}", row.name, format::money(row.amount, &row.currency)),
            detail: format!("{} · due {}", row.party, format::date(row.due_date)),
            entity_type: "payment".into(),
            entity_id: row.id,
            href: format!("/payments/{}", row.id),
        };
        (alert, SortValue::Date(row.due_date))
    };
    Ok(rows.into_iter().map(alert).collect())
}

#[derive(sqlx::FromRow)]
struct LowStock {
    id: Uuid,
    name: String,
    quantity: Decimal,
    min_stock: Decimal,
    rank: Decimal,
}

const LOW: &str = "(t.quantity > 0)";
/// Of what is out of stock, how much is missing; of the rest, the share of the minimum that is left.
const EMPTINESS: &str =
    "case when t.quantity > 0 then round(t.quantity / nullif(t.min_stock, 0), 6) else t.quantity - t.min_stock end";

/// The furthest below its minimum first. Nothing left at all is critical.
async fn low_stock(tx: &mut TenantTx, asked: &Asked<'_>) -> Result<Vec<Ranked>, AppError> {
    let mut sql = Sql::new(tx.organization_id().0, asked.today);
    sql.push("select t.id, t.name, t.quantity, t.min_stock, ").push(EMPTINESS).push(" as rank from materials t");
    sql.push(" where t.organization_id = $1 and t.quantity <= t.min_stock");
    asked.conditions(&mut sql, AlertKind::Inventory, &MATERIALS, LOW, EMPTINESS);
    sql.push(" order by ").push(LOW).push(", rank, t.id limit ").bind(Bind::Count(asked.limit));
    let rows: Vec<LowStock> = fetch(tx, sql).await?;
    let quantity = |value: Decimal| format::number(value, value.normalize().scale().min(2));
    let alert = |row: LowStock| {
        let alert = Alert {
            kind: AlertKind::Inventory,
            severity: if row.quantity <= Decimal::ZERO { Status::Critical } else { Status::Warning },
            title: format!("Low stock: {}", row.name),
            detail: format!("{} left, minimum {}", quantity(row.quantity), quantity(row.min_stock)),
            entity_type: "material".into(),
            entity_id: row.id,
            href: format!("/stock/{}", row.id),
        };
        (alert, SortValue::Number(row.rank))
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
    rank: Decimal,
}

const WITHIN: &str = "(u.used <= t.amount)";
const USED: &str = "round(-u.used / nullif(t.amount, 0), 6)";

/// Budgets of the current month of which 90 % are used, the most used first; above 100 % is critical.
async fn exceeded(tx: &mut TenantTx, asked: &Asked<'_>) -> Result<Vec<Ranked>, AppError> {
    let month = Grain::Month.floor(asked.today);
    let mut sql = Sql::new(tx.organization_id().0, asked.today);
    sql.push("select t.id, c.name as category, t.amount, u.used, t.currency, ").push(USED);
    sql.push(
        " as rank
         from budgets t
         join categories c on c.organization_id = t.organization_id and c.id = t.category_id
         join lateral (
           select coalesce(sum(m.amount), 0) as used from transaction_category_months m
           where m.organization_id = t.organization_id and m.month = t.month and m.type = t.type
             and m.category_id = t.category_id and m.currency = t.currency) u on true
         where t.organization_id = $1 and t.type = 'expense' and t.amount > 0 and u.used >= t.amount * 0.9
           and t.month = ",
    );
    sql.bind(Bind::Date(month));
    asked.conditions(&mut sql, AlertKind::Budgets, &BUDGETS, WITHIN, USED);
    sql.push(" order by ").push(WITHIN).push(", rank, t.id limit ").bind(Bind::Count(asked.limit));
    let rows: Vec<Exceeded> = fetch(tx, sql).await?;
    let alert = |row: Exceeded| {
        let percent = row.used.checked_div(row.amount).and_then(|share| share.checked_mul(Decimal::ONE_HUNDRED));
        let alert = Alert {
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
        };
        (alert, SortValue::Number(row.rank))
    };
    Ok(rows.into_iter().map(alert).collect())
}

async fn fetch<T: for<'r> sqlx::FromRow<'r, PgRow>>(tx: &mut TenantTx, sql: Sql) -> Result<Vec<T>, AppError> {
    let rows = sql.into_query().fetch_all(tx.conn()).await?;
    rows.iter().map(T::from_row).collect::<Result<_, _>>().map_err(fault::internal)
}
