//! Budgets in SQL. Server only.

use super::model::*;
use crate::{
    accounts::Editor,
    activity::store::{NewActivity, record},
    error::AppError,
    format,
    ids::BudgetId,
    ledger::{
        categories,
        model::{EntryType, parse_amount},
        payments,
    },
    page::Page,
    records::{
        cursor::{self, SortKind, SortValue, Sorted, contains_pattern},
        deleted::{self, Entity},
        export::{Cell, Exported},
        kind::kind,
        listing::{CurrencySum, Listing},
    },
    server::{TenantTx, Topic, fault::OnConstraint},
};
use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use serde_json::json;
use sqlx::{Postgres, QueryBuilder};
use uuid::Uuid;

/// What is used is summed for the rows of one page only, each from one month's stretch of an index.
const SELECT: &str = "select b.id, b.month, b.type, c.name as category, b.amount, b.currency,
    (select coalesce(sum(t.amount), 0) from transactions t
     where t.organization_id = b.organization_id and t.category_id = b.category_id and t.type = b.type
       and t.currency = b.currency and t.date >= b.month and t.date < (b.month + interval '1 month')::date) as used,
    b.import_id, b.created_at, b.updated_at
  from budgets b
  join categories c on c.organization_id = b.organization_id and c.id = b.category_id
  where b.organization_id = ";

/// The SQL of a column of [`SORTS`].
fn sort_column(name: &str) -> (&'static str, SortKind) {
    match name {
        "type" => ("b.type", SortKind::Text),
        "category" => ("c.name", SortKind::Text),
        "amount" => ("b.amount", SortKind::Number),
        "currency" => ("b.currency", SortKind::Text),
        _ => ("b.month", SortKind::Date),
    }
}

impl Sorted for BudgetRow {
    fn id(&self) -> Uuid {
        self.id.0
    }

    fn updated_at(&self) -> DateTime<Utc> {
        self.updated_at
    }

    fn sort_value(&self, column: &str) -> SortValue {
        match column {
            "type" => SortValue::Text(self.kind.to_string()),
            "category" => SortValue::Text(self.category.clone()),
            "amount" => SortValue::Number(self.amount),
            "currency" => SortValue::Text(self.currency.clone()),
            _ => SortValue::Date(self.month),
        }
    }
}

kind! {
    /// The budgets of an organisation.
    Budgets, BudgetId, BudgetRow, BudgetForm, BudgetQuery, BudgetFilter, BudgetTotals,
    page: "/budgets",
    blank: |member| BudgetForm {
        month: payments::store::today(member).format("%Y-%m").to_string(),
        kind: EntryType::Expense.to_string(),
        currency: member.organization().base_currency.clone(),
        ..Default::default()
    },
    suggestions: |tx| ["category" = categories::store::names(tx)],
    listing: |query, _member| query.parse(), find: |tx, _member, id| find(tx, id)
}

impl Exported for BudgetRow {
    const HEADER: &'static [&'static str] = &["month", "type", "category", "amount", "currency", "used"];

    fn cells(&self) -> Vec<Cell<'_>> {
        vec![
            Cell::Month(self.month),
            Cell::Text(self.kind.as_str()),
            Cell::Text(&self.category),
            Cell::Number(self.amount),
            Cell::Text(&self.currency),
            Cell::Number(self.used),
        ]
    }
}

/// Adds the filter's conditions to a statement over `budgets b` and its category `c`.
fn push_filter(sql: &mut QueryBuilder<Postgres>, filter: &BudgetFilter) {
    if let Some(kind) = filter.kind {
        sql.push(" and b.type = ").push_bind(kind.as_str());
    }
    if let Some(category) = &filter.category {
        sql.push(" and lower(c.name) = lower(").push_bind(category.clone()).push(")");
    }
    if let Some(currency) = &filter.currency {
        sql.push(" and b.currency = ").push_bind(currency.clone());
    }
    if let Some(from) = filter.from {
        sql.push(" and b.month >= ").push_bind(from);
    }
    if let Some(to) = filter.to {
        sql.push(" and b.month <= ").push_bind(to);
    }
    if let Some(import) = filter.import {
        sql.push(" and b.import_id = ").push_bind(import);
    }
    for word in &filter.words {
        sql.push(" and (c.name ilike ").push_bind(contains_pattern(word));
        if let Ok(amount) = parse_amount(word) {
            sql.push(" or b.amount = ").push_bind(amount);
        }
        sql.push(")");
    }
}

/// One page of what is asked for.
pub async fn list(tx: &mut TenantTx, listing: &Listing<BudgetFilter>) -> Result<Page<BudgetRow>, AppError> {
    let mut sql = QueryBuilder::new(SELECT);
    sql.push_bind(tx.organization_id());
    push_filter(&mut sql, &listing.filter);
    cursor::push_page(&mut sql, listing, sort_column(listing.sort.column), "b.id")?;
    let rows = sql.build_query_as::<BudgetRow>().fetch_all(tx.conn()).await?;
    Ok(cursor::page(rows, listing))
}

/// The sums of everything that the filter lets through.
pub async fn totals(tx: &mut TenantTx, filter: &BudgetFilter) -> Result<BudgetTotals, AppError> {
    let mut sql = QueryBuilder::new(
        "select b.type = 'income', b.currency, sum(b.amount), count(*) from budgets b
         join categories c on c.organization_id = b.organization_id and c.id = b.category_id
         where b.organization_id = ",
    );
    sql.push_bind(tx.organization_id());
    push_filter(&mut sql, filter);
    sql.push(" group by b.type, b.currency order by b.currency");
    let groups: Vec<(bool, String, Decimal, i64)> = sql.build_query_as().fetch_all(tx.conn()).await?;
    let mut totals = BudgetTotals::default();
    for (income, currency, amount, count) in groups {
        totals.count += count;
        let sums = if income { &mut totals.income } else { &mut totals.expense };
        sums.push(CurrencySum { currency, amount, count });
    }
    Ok(totals)
}

pub async fn find(tx: &mut TenantTx, id: BudgetId) -> Result<BudgetRow, AppError> {
    let mut sql = QueryBuilder::new(SELECT);
    sql.push_bind(tx.organization_id()).push(" and b.id = ").push_bind(id);
    sql.build_query_as::<BudgetRow>().fetch_optional(tx.conn()).await?.ok_or_else(|| AppError::not_found("The budget"))
}

fn month_taken() -> AppError {
    AppError::field("month", "There is a budget for this month, type and category already.")
}

/// Adds a budget, and its category if there is none of that name.
pub async fn create(tx: &mut TenantTx, _: &Editor, new: NewBudget) -> Result<BudgetRow, AppError> {
    let category_id = categories::store::find_or_create(tx, &new.category).await?;
    let id = BudgetId::new();
    let (organization_id, user_id) = (tx.organization_id(), tx.user_id());
    sqlx::query(
        "insert into budgets (organization_id, id, month, type, category_id, amount, currency, created_by, updated_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, clock_timestamp())",
    )
    .bind(organization_id)
    .bind(id)
    .bind(new.month)
    .bind(new.kind)
    .bind(category_id)
    .bind(new.amount)
    .bind(&new.currency)
    .bind(user_id)
    .execute(tx.conn())
    .await
    .on_constraint("budgets_month_key", month_taken)?;
    let row = find(tx, id).await?;
    record_change(tx, "created", "added", &row).await?;
    Ok(row)
}

/// Replaces a budget's fields. With `version`, the `updated_at` that the change was made on, somebody else's
/// change meanwhile is a conflict.
pub async fn update(
    tx: &mut TenantTx,
    _: &Editor,
    id: BudgetId,
    version: Option<DateTime<Utc>>,
    new: NewBudget,
) -> Result<BudgetRow, AppError> {
    let category_id = categories::store::find_or_create(tx, &new.category).await?;
    let organization_id = tx.organization_id();
    let updated = sqlx::query(
        "update budgets set month = $4, type = $5, category_id = $6, amount = $7, currency = $8,
           updated_at = clock_timestamp()
         where organization_id = $1 and id = $2 and updated_at = coalesce($3, updated_at)",
    )
    .bind(organization_id)
    .bind(id)
    .bind(version)
    .bind(new.month)
    .bind(new.kind)
    .bind(category_id)
    .bind(new.amount)
    .bind(&new.currency)
    .execute(tx.conn())
    .await
    .on_constraint("budgets_month_key", month_taken)?;
    let row = find(tx, id).await?;
    if updated.rows_affected() == 0 {
        return Err(deleted::changed_meanwhile("budget"));
    }
    record_change(tx, "updated", "changed", &row).await?;
    Ok(row)
}

/// Deletes a budget; [`restore`] brings it back.
pub async fn delete(tx: &mut TenantTx, _: &Editor, id: BudgetId) -> Result<BudgetRow, AppError> {
    let row = find(tx, id).await?;
    deleted::delete(tx, Entity::Budget, id.0).await?;
    record_change(tx, "deleted", "deleted", &row).await?;
    Ok(row)
}

/// Brings a deleted budget back as it was.
pub async fn restore(tx: &mut TenantTx, _: &Editor, id: BudgetId) -> Result<BudgetRow, AppError> {
    deleted::restore(tx, Entity::Budget, id.0).await?;
    let row = find(tx, id).await?;
    record_change(tx, "restored", "restored", &row).await?;
    Ok(row)
}

async fn record_change(tx: &mut TenantTx, action: &str, verb: &str, row: &BudgetRow) -> Result<(), AppError> {
    let amount = format::money(row.amount, &row.currency);
    let activity = NewActivity {
        action,
        entity_type: Entity::Budget.as_str(),
        entity_id: Some(row.id.0),
        title: format!("Budget of {} for {} was {verb}: {amount}", format::month(row.month), row.category),
        metadata: json!({ "amount": row.amount, "currency": row.currency, "type": row.kind, "month": row.month }),
    };
    record(tx, Topic::Budgets, activity).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_sortable_column_has_its_sql() {
        for name in SORTS {
            assert!(*name == "month" || sort_column(name).0 != sort_column("month").0, "{name}");
        }
    }
}
