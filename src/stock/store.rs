//! Materials in SQL. Server only.

use super::model::*;
use crate::{
    accounts::Editor,
    activity::store::{NewActivity, record},
    error::AppError,
    format,
    ids::MaterialId,
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

const SELECT: &str = "select m.id, m.sku, m.name, m.category, m.quantity, m.min_stock, m.unit_cost, m.currency,
    round(m.quantity * m.unit_cost, 4) as value, m.quantity <= m.min_stock as low, m.import_id, m.created_at, m.updated_at
  from materials m
  where m.organization_id = ";

/// The SQL of a column of [`SORTS`].
fn sort_column(name: &str) -> (&'static str, SortKind) {
    match name {
        "sku" => ("m.sku", SortKind::Text),
        "category" => ("m.category", SortKind::Text),
        "quantity" => ("m.quantity", SortKind::Number),
        "min_stock" => ("m.min_stock", SortKind::Number),
        "unit_cost" => ("m.unit_cost", SortKind::Number),
        "value" => ("round(m.quantity * m.unit_cost, 4)", SortKind::Number),
        "currency" => ("m.currency", SortKind::Text),
        _ => ("m.name", SortKind::Text),
    }
}

impl Sorted for MaterialRow {
    fn id(&self) -> Uuid {
        self.id.0
    }

    fn updated_at(&self) -> DateTime<Utc> {
        self.updated_at
    }

    fn sort_value(&self, column: &str) -> SortValue {
        match column {
            "sku" => SortValue::Text(self.sku.clone()),
            "category" => SortValue::Text(self.category.clone()),
            "quantity" => SortValue::Number(self.quantity),
            "min_stock" => SortValue::Number(self.min_stock),
            "unit_cost" => SortValue::Number(self.unit_cost),
            "value" => SortValue::Number(self.value),
            "currency" => SortValue::Text(self.currency.clone()),
            _ => SortValue::Text(self.name.clone()),
        }
    }
}

kind! {
    /// The materials of an organisation.
    Materials, MaterialId, MaterialRow, MaterialForm, MaterialQuery, MaterialFilter, MaterialTotals,
    page: "/stock",
    blank: |member| MaterialForm { currency: member.organization().base_currency.clone(), ..Default::default() },
    suggestions: |tx| ["category" = categories(tx)],
    listing: |query, _member| query.parse(), find: |tx, _member, id| find(tx, id),
    unique: sku of Material, else sku_taken
}

impl Exported for MaterialRow {
    const HEADER: &'static [&'static str] =
        &["sku", "name", "category", "quantity", "min_stock", "unit_cost", "currency", "value"];

    fn cells(&self) -> Vec<Cell<'_>> {
        vec![
            Cell::Text(&self.sku),
            Cell::Text(&self.name),
            Cell::Text(&self.category),
            Cell::Number(self.quantity),
            Cell::Number(self.min_stock),
            Cell::Number(self.unit_cost),
            Cell::Text(&self.currency),
            Cell::Number(self.value),
        ]
    }
}

/// Adds the filter's conditions to a statement over `materials m`.
fn push_filter(sql: &mut QueryBuilder<Postgres>, filter: &MaterialFilter) {
    if let Some(category) = &filter.category {
        sql.push(" and m.category = ").push_bind(category.clone());
    }
    match filter.level {
        None => {}
        Some(StockLevel::Low) => {
            sql.push(" and m.quantity <= m.min_stock");
        }
        Some(StockLevel::Out) => {
            sql.push(" and m.quantity <= 0");
        }
        Some(StockLevel::Enough) => {
            sql.push(" and m.quantity > m.min_stock");
        }
    }
    if let Some(currency) = &filter.currency {
        sql.push(" and m.currency = ").push_bind(currency.clone());
    }
    if let Some(import) = filter.import {
        sql.push(" and m.import_id = ").push_bind(import);
    }
    for word in &filter.words {
        let pattern = contains_pattern(word);
        sql.push(" and (m.sku ilike ")
            .push_bind(pattern.clone())
            .push(" or m.name ilike ")
            .push_bind(pattern.clone())
            .push(" or m.category ilike ")
            .push_bind(pattern)
            .push(")");
    }
}

/// One page of what is asked for.
pub async fn list(tx: &mut TenantTx, listing: &Listing<MaterialFilter>) -> Result<Page<MaterialRow>, AppError> {
    let mut sql = QueryBuilder::new(SELECT);
    sql.push_bind(tx.organization_id());
    push_filter(&mut sql, &listing.filter);
    cursor::push_page(&mut sql, listing, sort_column(listing.sort.column), "m.id")?;
    let rows = sql.build_query_as::<MaterialRow>().fetch_all(tx.conn()).await?;
    Ok(cursor::page(rows, listing))
}

/// The sums of everything that the filter lets through.
pub async fn totals(tx: &mut TenantTx, filter: &MaterialFilter) -> Result<MaterialTotals, AppError> {
    let mut sql = QueryBuilder::new(
        "select m.currency, count(*), sum(m.quantity), sum(round(m.quantity * m.unit_cost, 4)),
           count(*) filter (where m.quantity <= m.min_stock)
         from materials m where m.organization_id = ",
    );
    sql.push_bind(tx.organization_id());
    push_filter(&mut sql, filter);
    sql.push(" group by m.currency order by m.currency");
    let groups: Vec<(String, i64, Decimal, Decimal, i64)> = sql.build_query_as().fetch_all(tx.conn()).await?;
    let mut totals = MaterialTotals::default();
    for (currency, count, quantity, amount, low) in groups {
        totals.count += count;
        totals.quantity += quantity;
        totals.low += low;
        totals.value.push(CurrencySum { currency, amount, count });
    }
    Ok(totals)
}

pub async fn find(tx: &mut TenantTx, id: MaterialId) -> Result<MaterialRow, AppError> {
    let mut sql = QueryBuilder::new(SELECT);
    sql.push_bind(tx.organization_id()).push(" and m.id = ").push_bind(id);
    sql.build_query_as::<MaterialRow>()
        .fetch_optional(tx.conn())
        .await?
        .ok_or_else(|| AppError::not_found("The material"))
}

fn sku_taken() -> AppError {
    AppError::field("sku", "Another material has this SKU already.")
}

pub async fn create(tx: &mut TenantTx, _: &Editor, new: NewMaterial) -> Result<MaterialRow, AppError> {
    let id = MaterialId::new();
    let (organization_id, user_id) = (tx.organization_id(), tx.user_id());
    sqlx::query(
        "insert into materials (organization_id, id, sku, name, category, quantity, min_stock, unit_cost, currency,
           created_by, updated_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, clock_timestamp())",
    )
    .bind(organization_id)
    .bind(id)
    .bind(&new.sku)
    .bind(&new.name)
    .bind(&new.category)
    .bind(new.quantity)
    .bind(new.min_stock)
    .bind(new.unit_cost)
    .bind(&new.currency)
    .bind(user_id)
    .execute(tx.conn())
    .await
    .on_constraint("materials_sku_key", sku_taken)?;
    let row = find(tx, id).await?;
    record_change(tx, "created", "added", &row).await?;
    Ok(row)
}

/// Replaces a material's fields. With `version`, the `updated_at` that the change was made on, somebody else's
/// change meanwhile is a conflict.
pub async fn update(
    tx: &mut TenantTx,
    _: &Editor,
    id: MaterialId,
    version: Option<DateTime<Utc>>,
    new: NewMaterial,
) -> Result<MaterialRow, AppError> {
    let organization_id = tx.organization_id();
    let updated = sqlx::query(
        "update materials set sku = $4, name = $5, category = $6, quantity = $7, min_stock = $8, unit_cost = $9,
           currency = $10, updated_at = clock_timestamp()
         where organization_id = $1 and id = $2 and updated_at = coalesce($3, updated_at)",
    )
    .bind(organization_id)
    .bind(id)
    .bind(version)
    .bind(&new.sku)
    .bind(&new.name)
    .bind(&new.category)
    .bind(new.quantity)
    .bind(new.min_stock)
    .bind(new.unit_cost)
    .bind(&new.currency)
    .execute(tx.conn())
    .await
    .on_constraint("materials_sku_key", sku_taken)?;
    let row = find(tx, id).await?;
    if updated.rows_affected() == 0 {
        return Err(deleted::changed_meanwhile("material"));
    }
    record_change(tx, "updated", "changed", &row).await?;
    Ok(row)
}

/// Deletes a material; [`restore`] brings it back.
pub async fn delete(tx: &mut TenantTx, _: &Editor, id: MaterialId) -> Result<MaterialRow, AppError> {
    let row = find(tx, id).await?;
    deleted::delete(tx, Entity::Material, id.0).await?;
    record_change(tx, "deleted", "deleted", &row).await?;
    Ok(row)
}

/// Brings a deleted material back as it was.
pub async fn restore(tx: &mut TenantTx, _: &Editor, id: MaterialId) -> Result<MaterialRow, AppError> {
    deleted::restore(tx, Entity::Material, id.0).await?;
    let row = find(tx, id).await?;
    record_change(tx, "restored", "restored", &row).await?;
    Ok(row)
}

/// Every category of the stock, for filters and suggestions.
pub async fn categories(tx: &mut TenantTx) -> Result<Vec<String>, AppError> {
    Ok(sqlx::query_scalar(
        "select distinct category from materials where organization_id = $1 and category <> '' order by category limit 500",
    )
    .bind(tx.organization_id())
    .fetch_all(tx.conn())
    .await?)
}

async fn record_change(tx: &mut TenantTx, action: &str, verb: &str, row: &MaterialRow) -> Result<(), AppError> {
    let quantity = format::number(row.quantity, row.quantity.normalize().scale());
    let activity = NewActivity {
        action,
        entity_type: Entity::Material.as_str(),
        entity_id: Some(row.id.0),
        title: format!("Material {} “{}” was {verb}: {quantity} on stock", row.sku, row.name),
        metadata: json!({ "sku": row.sku, "quantity": row.quantity, "min_stock": row.min_stock }),
    };
    record(tx, Topic::Materials, activity).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_sortable_column_has_its_sql() {
        for name in SORTS {
            assert!(*name == "name" || sort_column(name).0 != sort_column("name").0, "{name}");
        }
    }
}
