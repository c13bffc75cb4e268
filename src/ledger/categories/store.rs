//! Categories in SQL. Server only.

use super::model::*;
use crate::{
    accounts::Editor,
    activity::store::{NewActivity, record},
    error::AppError,
    format,
    ids::CategoryId,
    page::Page,
    records::{
        cursor::{self, SortKind, SortValue, Sorted, contains_pattern},
        deleted::{self, Entity},
        export::{Cell, Exported},
        kind::kind,
        listing::Listing,
    },
    server::{TenantTx, Topic, fault::OnConstraint},
};
use chrono::{DateTime, Utc};
use serde_json::json;
use sqlx::{Postgres, QueryBuilder};
use uuid::Uuid;

const SELECT: &str = "select c.id, c.name, coalesce(t.n, 0) as transactions, coalesce(b.n, 0) as budgets, c.created_at,
    c.updated_at
  from categories c
  left join (select organization_id, category_id, count(*) as n from transactions group by 1, 2) t
    on t.organization_id = c.organization_id and t.category_id = c.id
  left join (select organization_id, category_id, count(*) as n from budgets group by 1, 2) b
    on b.organization_id = c.organization_id and b.category_id = c.id
  where c.organization_id = ";

/// The SQL of a column of [`SORTS`].
fn sort_column(name: &str) -> (&'static str, SortKind) {
    match name {
        "transactions" => ("coalesce(t.n, 0)", SortKind::Number),
        "budgets" => ("coalesce(b.n, 0)", SortKind::Number),
        _ => ("c.name", SortKind::Text),
    }
}

impl Sorted for CategoryRow {
    fn id(&self) -> Uuid {
        self.id.0
    }

    fn updated_at(&self) -> DateTime<Utc> {
        self.updated_at
    }

    fn sort_value(&self, column: &str) -> SortValue {
        match column {
            "transactions" => SortValue::Number(self.transactions.into()),
            "budgets" => SortValue::Number(self.budgets.into()),
            _ => SortValue::Text(self.name.clone()),
        }
    }
}

kind! {
    /// The categories of an organisation.
    Categories, CategoryId, CategoryRow, CategoryForm, CategoryQuery, CategoryFilter, CategoryTotals,
    page: "/categories", opened_by: "edit", blank: |_member| CategoryForm::default(), suggestions: |_tx| [],
    listing: |query, _member| query.parse(), find: |tx, _member, id| find(tx, id)
}

impl Exported for CategoryRow {
    const HEADER: &'static [&'static str] = &["name", "transactions", "budgets"];

    fn cells(&self) -> Vec<Cell<'_>> {
        vec![Cell::Text(&self.name), Cell::Number(self.transactions.into()), Cell::Number(self.budgets.into())]
    }
}

/// Adds the filter's conditions to a statement over `categories c`.
fn push_filter(sql: &mut QueryBuilder<Postgres>, filter: &CategoryFilter) {
    for word in &filter.words {
        sql.push(" and c.name ilike ").push_bind(contains_pattern(word));
    }
}

/// One page of what is asked for.
pub async fn list(tx: &mut TenantTx, listing: &Listing<CategoryFilter>) -> Result<Page<CategoryRow>, AppError> {
    let mut sql = QueryBuilder::new(SELECT);
    sql.push_bind(tx.organization_id());
    push_filter(&mut sql, &listing.filter);
    cursor::push_page(&mut sql, listing, sort_column(listing.sort.column), "c.id")?;
    let rows = sql.build_query_as::<CategoryRow>().fetch_all(tx.conn()).await?;
    Ok(cursor::page(rows, listing))
}

/// How many the filter lets through.
pub async fn totals(tx: &mut TenantTx, filter: &CategoryFilter) -> Result<CategoryTotals, AppError> {
    let mut sql = QueryBuilder::new("select count(*) from categories c where c.organization_id = ");
    sql.push_bind(tx.organization_id());
    push_filter(&mut sql, filter);
    Ok(sql.build_query_as().fetch_one(tx.conn()).await?)
}

/// Every name, for suggestions; the first thousand in order.
pub async fn names(tx: &mut TenantTx) -> Result<Vec<String>, AppError> {
    Ok(sqlx::query_scalar("select name from categories where organization_id = $1 order by lower(name) limit 1000")
        .bind(tx.organization_id())
        .fetch_all(tx.conn())
        .await?)
}

pub async fn find(tx: &mut TenantTx, id: CategoryId) -> Result<CategoryRow, AppError> {
    let mut sql = QueryBuilder::new(SELECT);
    sql.push_bind(tx.organization_id()).push(" and c.id = ").push_bind(id);
    sql.build_query_as::<CategoryRow>()
        .fetch_optional(tx.conn())
        .await?
        .ok_or_else(|| AppError::not_found("The category"))
}

/// The category of this name, however it is capitalised; made when there is none.
/// The caller has checked the name with `parse_line(…, MAX_CATEGORY)`.
pub async fn find_or_create(tx: &mut TenantTx, name: &str) -> Result<CategoryId, AppError> {
    let (organization_id, user_id) = (tx.organization_id(), tx.user_id());
    // Twice, for the case that somebody makes it between the look and the insert.
    for _ in 0..2 {
        let found =
            sqlx::query_scalar("select id from categories where organization_id = $1 and lower(name) = lower($2)")
                .bind(organization_id)
                .bind(name)
                .fetch_optional(tx.conn())
                .await?;
        if let Some(id) = found {
            return Ok(id);
        }
        let made = sqlx::query_scalar(
            "insert into categories (organization_id, id, name, created_by) values ($1, $2, $3, $4)
             on conflict (organization_id, lower(name)) do nothing returning id",
        )
        .bind(organization_id)
        .bind(CategoryId::new())
        .bind(name)
        .bind(user_id)
        .fetch_optional(tx.conn())
        .await?;
        if let Some(id) = made {
            return Ok(id);
        }
    }
    Err(AppError::conflict("This category is being changed at the moment. Try again."))
}

/// [`find_or_create`] where a category may be left out.
pub async fn find_or_create_optional(tx: &mut TenantTx, name: Option<&str>) -> Result<Option<CategoryId>, AppError> {
    match name {
        Some(name) => find_or_create(tx, name).await.map(Some),
        None => Ok(None),
    }
}

fn name_taken() -> AppError {
    AppError::field("name", "There is a category of this name already.")
}

pub async fn create(tx: &mut TenantTx, _: &Editor, new: NewCategory) -> Result<CategoryRow, AppError> {
    let id = CategoryId::new();
    let (organization_id, user_id) = (tx.organization_id(), tx.user_id());
    sqlx::query(
        "insert into categories (organization_id, id, name, created_by, updated_at)
         values ($1, $2, $3, $4, clock_timestamp())",
    )
    .bind(organization_id)
    .bind(id)
    .bind(&new.name)
    .bind(user_id)
    .execute(tx.conn())
    .await
    .on_constraint("categories_name_key", name_taken)?;
    let row = find(tx, id).await?;
    record_change(tx, "created", id, format!("Category “{}” was added", row.name), json!({})).await?;
    Ok(row)
}

/// Renames a category; everything in it comes along.
pub async fn update(
    tx: &mut TenantTx,
    _: &Editor,
    id: CategoryId,
    version: Option<DateTime<Utc>>,
    new: NewCategory,
) -> Result<CategoryRow, AppError> {
    let before = find(tx, id).await?;
    let organization_id = tx.organization_id();
    let updated = sqlx::query(
        "update categories set name = $4, updated_at = clock_timestamp()
         where organization_id = $1 and id = $2 and updated_at = coalesce($3, updated_at)",
    )
    .bind(organization_id)
    .bind(id)
    .bind(version)
    .bind(&new.name)
    .execute(tx.conn())
    .await
    .on_constraint("categories_name_key", || {
        AppError::field("name", "There is a category of this name already. Merge this one into it instead.")
    })?;
    if updated.rows_affected() == 0 {
        return Err(deleted::changed_meanwhile("category"));
    }
    let row = find(tx, id).await?;
    let title = format!("Category “{}” was renamed to “{}”", before.name, row.name);
    record_change(tx, "updated", id, title, json!({ "from": before.name, "to": row.name })).await?;
    Ok(row)
}

/// Deletes a category that nothing uses; [`restore`] brings it back. One in use is refused with the count.
pub async fn delete(tx: &mut TenantTx, _: &Editor, id: CategoryId) -> Result<CategoryRow, AppError> {
    let row = find(tx, id).await?;
    if row.in_use() {
        return Err(AppError::conflict(format!(
            "“{}” is used by {}. Merge it into another category instead.",
            row.name,
            row.uses()
        )));
    }
    // Somebody may use it between the count and the deletion; the foreign keys notice.
    deleted::delete(tx, Entity::Category, id.0).await?;
    record_change(tx, "deleted", id, format!("Category “{}” was deleted", row.name), json!({})).await?;
    Ok(row)
}

/// Brings a deleted category back.
pub async fn restore(tx: &mut TenantTx, _: &Editor, id: CategoryId) -> Result<CategoryRow, AppError> {
    deleted::restore(tx, Entity::Category, id.0).await?;
    let row = find(tx, id).await?;
    record_change(tx, "restored", id, format!("Category “{}” was restored", row.name), json!({})).await?;
    Ok(row)
}

/// Moves everything of `id` to `into` and removes `id`. Where both have a budget for the same month and type, the
/// budgets are added up; if those are in different currencies, nothing is done and the months are named.
pub async fn merge(tx: &mut TenantTx, _: &Editor, id: CategoryId, into: CategoryId) -> Result<CategoryRow, AppError> {
    if id == into {
        return Err(AppError::field("into", "Choose another category to merge into."));
    }
    let source = find(tx, id).await?;
    let target = find(tx, into).await?;
    let organization_id = tx.organization_id();
    let months: Vec<chrono::NaiveDate> = sqlx::query_scalar(
        "select a.month from budgets a
         join budgets b on b.organization_id = a.organization_id and b.month = a.month and b.type = a.type
         where a.organization_id = $1 and a.category_id = $2 and b.category_id = $3 and a.currency <> b.currency
         order by a.month limit 3",
    )
    .bind(organization_id)
    .bind(id)
    .bind(into)
    .fetch_all(tx.conn())
    .await?;
    if !months.is_empty() {
        let months: Vec<String> = months.into_iter().map(format::month).collect();
        return Err(AppError::conflict(format!(
            "Both categories have a budget for {}, in different currencies. Change one of them first.",
            months.join(", ")
        )));
    }
    sqlx::query(
        "with gone as (
           delete from budgets a using budgets b
           where a.organization_id = $1 and a.category_id = $2 and b.organization_id = $1 and b.category_id = $3
             and b.month = a.month and b.type = a.type
           returning a.month, a.type, a.amount)
         update budgets b set amount = b.amount + gone.amount, updated_at = clock_timestamp()
         from gone
         where b.organization_id = $1 and b.category_id = $3 and b.month = gone.month and b.type = gone.type",
    )
    .bind(organization_id)
    .bind(id)
    .bind(into)
    .execute(tx.conn())
    .await?;
    for statement in [
        "update budgets set category_id = $3, updated_at = clock_timestamp()
         where organization_id = $1 and category_id = $2",
        "update transactions set category_id = $3, updated_at = clock_timestamp()
         where organization_id = $1 and category_id = $2",
    ] {
        sqlx::query(statement).bind(organization_id).bind(id).bind(into).execute(tx.conn()).await?;
    }
    sqlx::query("delete from categories where organization_id = $1 and id = $2")
        .bind(organization_id)
        .bind(id)
        .execute(tx.conn())
        .await?;
    let title = format!("Category “{}” was merged into “{}”", source.name, target.name);
    record_change(tx, "merged", into, title, json!({ "from": source.name, "to": target.name })).await?;
    find(tx, into).await
}

/// Categories name groups of transactions and of budgets, so both count as changed.
async fn record_change(
    tx: &mut TenantTx,
    action: &str,
    id: CategoryId,
    title: String,
    metadata: serde_json::Value,
) -> Result<(), AppError> {
    tx.changed(Topic::Budgets);
    let activity =
        NewActivity { action, entity_type: Entity::Category.as_str(), entity_id: Some(id.0), title, metadata };
    record(tx, Topic::Transactions, activity).await
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
