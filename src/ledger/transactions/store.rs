//! Transactions in SQL. Server only.

use super::model::*;
use crate::{
    accounts::Editor,
    activity::store::{NewActivity, record},
    error::AppError,
    format,
    ids::TransactionId,
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

const SELECT: &str = "select t.id, t.reference, t.date, t.type, c.name as category, t.department, t.amount, t.currency,
    t.note, t.import_id, t.created_at, t.updated_at
  from transactions t
  left join categories c on c.organization_id = t.organization_id and c.id = t.category_id
  where t.organization_id = ";

/// The SQL of a column of [`SORTS`].
fn sort_column(name: &str) -> (&'static str, SortKind) {
    match name {
        "reference" => ("coalesce(t.reference, '')", SortKind::Text),
        "type" => ("t.type", SortKind::Text),
        "category" => ("coalesce(c.name, '')", SortKind::Text),
        "department" => ("t.department", SortKind::Text),
        "amount" => ("t.amount", SortKind::Number),
        "currency" => ("t.currency", SortKind::Text),
        _ => ("t.date", SortKind::Date),
    }
}

impl Sorted for TransactionRow {
    fn id(&self) -> Uuid {
        self.id.0
    }

    fn updated_at(&self) -> DateTime<Utc> {
        self.updated_at
    }

    fn sort_value(&self, column: &str) -> SortValue {
        match column {
            "reference" => SortValue::Text(self.reference.clone().unwrap_or_default()),
            "type" => SortValue::Text(self.kind.to_string()),
            "category" => SortValue::Text(self.category.clone().unwrap_or_default()),
            "department" => SortValue::Text(self.department.clone()),
            "amount" => SortValue::Number(self.amount),
            "currency" => SortValue::Text(self.currency.clone()),
            _ => SortValue::Date(self.date),
        }
    }
}

kind! {
    /// The transactions of an organisation.
    Transactions, TransactionId, TransactionRow, TransactionForm, TransactionQuery, TransactionFilter, TransactionTotals,
    page: "/transactions",
    blank: |member| TransactionForm {
        date: payments::store::today(member).to_string(),
        kind: EntryType::Expense.to_string(),
        currency: member.organization().base_currency.clone(),
        ..Default::default()
    },
    suggestions: |tx| ["category" = categories::store::names(tx), "department" = departments(tx)],
    listing: |query, _member| query.parse(), find: |tx, _member, id| find(tx, id),
    unique: reference of Transaction, else reference_taken
}

impl Exported for TransactionRow {
    const HEADER: &'static [&'static str] =
        &["reference", "date", "type", "category", "department", "amount", "currency", "note"];

    fn cells(&self) -> Vec<Cell<'_>> {
        vec![
            self.reference.as_deref().into(),
            Cell::Date(self.date),
            Cell::Text(self.kind.as_str()),
            self.category.as_deref().into(),
            Cell::Text(&self.department),
            Cell::Number(self.amount),
            Cell::Text(&self.currency),
            Cell::Text(&self.note),
        ]
    }
}

/// Adds the filter's conditions to a statement over `transactions t`.
fn push_filter(sql: &mut QueryBuilder<Postgres>, tx: &TenantTx, filter: &TransactionFilter) {
    if let Some(kind) = filter.kind {
        sql.push(" and t.type = ").push_bind(kind.as_str());
    }
    if let Some(department) = &filter.department {
        sql.push(" and t.department = ").push_bind(department.clone());
    }
    if let Some(currency) = &filter.currency {
        sql.push(" and t.currency = ").push_bind(currency.clone());
    }
    if let Some(from) = filter.from {
        sql.push(" and t.date >= ").push_bind(from);
    }
    if let Some(to) = filter.to {
        sql.push(" and t.date <= ").push_bind(to);
    }
    if let Some(import) = filter.import {
        sql.push(" and t.import_id = ").push_bind(import);
    }
    if let Some(category) = &filter.category {
        sql.push(" and t.category_id = (select id from categories where organization_id = ")
            .push_bind(tx.organization_id())
            .push(" and lower(name) = lower(")
            .push_bind(category.clone())
            .push("))");
    }
    for word in &filter.words {
        let pattern = contains_pattern(word);
        sql.push(" and (t.reference ilike ")
            .push_bind(pattern.clone())
            .push(" or t.department ilike ")
            .push_bind(pattern.clone())
            .push(" or t.note ilike ")
            .push_bind(pattern.clone())
            .push(" or t.category_id in (select id from categories where organization_id = ")
            .push_bind(tx.organization_id())
            .push(" and name ilike ")
            .push_bind(pattern)
            .push(")");
        if let Ok(amount) = parse_amount(word) {
            sql.push(" or t.amount = ").push_bind(amount);
        }
        sql.push(")");
    }
}

/// One page of what is asked for.
pub async fn list(tx: &mut TenantTx, listing: &Listing<TransactionFilter>) -> Result<Page<TransactionRow>, AppError> {
    let mut sql = QueryBuilder::new(SELECT);
    sql.push_bind(tx.organization_id());
    push_filter(&mut sql, tx, &listing.filter);
    cursor::push_page(&mut sql, listing, sort_column(listing.sort.column), "t.id")?;
    let rows = sql.build_query_as::<TransactionRow>().fetch_all(tx.conn()).await?;
    Ok(cursor::page(rows, listing))
}

/// The sums of everything that the filter lets through.
pub async fn totals(tx: &mut TenantTx, filter: &TransactionFilter) -> Result<TransactionTotals, AppError> {
    let mut sql = QueryBuilder::new(
        "select t.type = 'income', t.currency, sum(t.amount), count(*) from transactions t where t.organization_id = ",
    );
    sql.push_bind(tx.organization_id());
    push_filter(&mut sql, tx, filter);
    sql.push(" group by t.type, t.currency order by t.currency");
    let groups: Vec<(bool, String, Decimal, i64)> = sql.build_query_as().fetch_all(tx.conn()).await?;
    let mut totals = TransactionTotals::default();
    for (income, currency, amount, count) in groups {
        totals.count += count;
        let sums = if income { &mut totals.income } else { &mut totals.expense };
        sums.push(CurrencySum { currency, amount, count });
    }
    Ok(totals)
}

pub async fn find(tx: &mut TenantTx, id: TransactionId) -> Result<TransactionRow, AppError> {
    let mut sql = QueryBuilder::new(SELECT);
    sql.push_bind(tx.organization_id()).push(" and t.id = ").push_bind(id);
    sql.build_query_as::<TransactionRow>()
        .fetch_optional(tx.conn())
        .await?
        .ok_or_else(|| AppError::not_found("The transaction"))
}

fn reference_taken() -> AppError {
    AppError::field("reference", "Another transaction has this reference already.")
}

/// Adds a transaction, and its category if there is none of that name.
pub async fn create(tx: &mut TenantTx, _: &Editor, new: NewTransaction) -> Result<TransactionRow, AppError> {
    let category_id = categories::store::find_or_create_optional(tx, new.category.as_deref()).await?;
    let id = TransactionId::new();
    let (organization_id, user_id) = (tx.organization_id(), tx.user_id());
    sqlx::query(
        "insert into transactions (organization_id, id, reference, date, type, category_id, department, amount,
           currency, note, created_by, updated_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, clock_timestamp())",
    )
    .bind(organization_id)
    .bind(id)
    .bind(&new.reference)
    .bind(new.date)
    .bind(new.kind)
    .bind(category_id)
    .bind(&new.department)
    .bind(new.amount)
    .bind(&new.currency)
    .bind(&new.note)
    .bind(user_id)
    .execute(tx.conn())
    .await
    .on_constraint("transactions_reference_key", reference_taken)?;
    let row = find(tx, id).await?;
    record_change(tx, "created", "added", &row).await?;
    Ok(row)
}

/// Replaces a transaction's fields. With `version`, the `updated_at` that the change was made on, somebody
/// else's change meanwhile is a conflict.
pub async fn update(
    tx: &mut TenantTx,
    _: &Editor,
    id: TransactionId,
    version: Option<DateTime<Utc>>,
    new: NewTransaction,
) -> Result<TransactionRow, AppError> {
    let category_id = categories::store::find_or_create_optional(tx, new.category.as_deref()).await?;
    let organization_id = tx.organization_id();
    let updated = sqlx::query(
        "update transactions set reference = $4, date = $5, type = $6, category_id = $7, department = $8, amount = $9,
           currency = $10, note = $11, updated_at = clock_timestamp()
         where organization_id = $1 and id = $2 and updated_at = coalesce($3, updated_at)",
    )
    .bind(organization_id)
    .bind(id)
    .bind(version)
    .bind(&new.reference)
    .bind(new.date)
    .bind(new.kind)
    .bind(category_id)
    .bind(&new.department)
    .bind(new.amount)
    .bind(&new.currency)
    .bind(&new.note)
    .execute(tx.conn())
    .await
    .on_constraint("transactions_reference_key", reference_taken)?;
    let row = find(tx, id).await?;
    if updated.rows_affected() == 0 {
        return Err(deleted::changed_meanwhile("transaction"));
    }
    record_change(tx, "updated", "changed", &row).await?;
    Ok(row)
}

/// Deletes a transaction; [`restore`] brings it back.
pub async fn delete(tx: &mut TenantTx, _: &Editor, id: TransactionId) -> Result<TransactionRow, AppError> {
    let row = find(tx, id).await?;
    deleted::delete(tx, Entity::Transaction, id.0).await?;
    record_change(tx, "deleted", "deleted", &row).await?;
    Ok(row)
}

/// Brings a deleted transaction back as it was.
pub async fn restore(tx: &mut TenantTx, _: &Editor, id: TransactionId) -> Result<TransactionRow, AppError> {
    deleted::restore(tx, Entity::Transaction, id.0).await?;
    let row = find(tx, id).await?;
    record_change(tx, "restored", "restored", &row).await?;
    Ok(row)
}

/// The departments of the latest few thousand transactions, for suggestions.
pub async fn departments(tx: &mut TenantTx) -> Result<Vec<String>, AppError> {
    Ok(sqlx::query_scalar(
        "select distinct department
         from (select department from transactions where organization_id = $1 order by date desc, id desc limit 5000) t
         where department <> '' order by department limit 200",
    )
    .bind(tx.organization_id())
    .fetch_all(tx.conn())
    .await?)
}

async fn record_change(tx: &mut TenantTx, action: &str, verb: &str, row: &TransactionRow) -> Result<(), AppError> {
    let name = row.reference.as_ref().map(|r| format!(" {r}")).unwrap_or_default();
    let kind = row.kind.label().to_lowercase();
    let amount = format::money(row.amount, &row.currency);
    let activity = NewActivity {
        action,
        entity_type: Entity::Transaction.as_str(),
        entity_id: Some(row.id.0),
        title: format!("Transaction{name} was {verb}: {kind} of {amount} on {}", format::date(row.date)),
        metadata: json!({ "amount": row.amount, "currency": row.currency, "type": row.kind, "date": row.date }),
    };
    record(tx, Topic::Transactions, activity).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_sortable_column_has_its_sql() {
        for name in SORTS {
            let known = *name == "date" || sort_column(name).0 != sort_column("date").0;
            assert!(known, "{name}");
        }
    }
}
