//! Batches of rows into the tables. Server only.
//!
//! The statements are put together from the constants below, never from anything in a file: cells travel as
//! arrays of text that are bound, and cast by the database.

use crate::{
    error::AppError,
    ids::ImportId,
    imports::{
        convert::{Converted, Plan},
        model::{Counts, OnExisting, RowError, Target},
    },
    server::TenantTx,
};
use sha2::{Digest, Sha256};
use sqlx::AssertSqlSafe;
use std::collections::HashMap;
use uuid::Uuid;

/// A field on its way into the table, in the order of `fields::of`.
struct Column {
    /// The field, and the name of its array.
    field: &'static str,
    /// What the text is cast to.
    cast: &'static str,
    /// The column that it is stored in.
    stored: &'static str,
    /// What is stored, in terms of the incoming row `i` and its category `c`.
    value: &'static str,
}

const fn column(field: &'static str, cast: &'static str, stored: &'static str, value: &'static str) -> Column {
    Column { field, cast, stored, value }
}

/// Where a target's rows are kept.
pub(super) struct Table {
    pub name: &'static str,
    columns: &'static [Column],
    /// Which stored row `t` an incoming row `i` is.
    same: &'static str,
    /// Whether rows name a category that has a table of its own.
    has_category: bool,
    /// How a row is named to people.
    pub title: &'static str,
}

const CATEGORY: Column = column("category", "text", "category_id", "c.id");

const TRANSACTIONS: Table = Table {
    name: "transactions",
    columns: &[
        column("reference", "text", "reference", "i.reference"),
        column("date", "date", "date", "i.date"),
        column("type", "text", "type", "i.type"),
        CATEGORY,
        column("department", "text", "department", "coalesce(i.department, '')"),
        column("amount", "numeric", "amount", "i.amount"),
        column("currency", "text", "currency", "i.currency"),
        column("note", "text", "note", "coalesce(i.note, '')"),
    ],
    same: "t.reference = i.reference",
    has_category: true,
    title: "coalesce(t.reference, t.date::text || ' ' || t.amount)",
};

const PAYMENTS: Table = Table {
    name: "payments",
    columns: &[
        column("reference", "text", "reference", "i.reference"),
        column("party", "text", "party", "i.party"),
        column("direction", "text", "direction", "i.direction"),
        column("issued_on", "date", "issued_on", "i.issued_on"),
        column("due_date", "date", "due_date", "i.due_date"),
        column("status", "text", "status", "i.status"),
        column("paid_on", "date", "paid_on", "i.paid_on"),
        column("amount", "numeric", "amount", "i.amount"),
        column("currency", "text", "currency", "i.currency"),
        column("note", "text", "note", "coalesce(i.note, '')"),
    ],
    same: "t.reference = i.reference",
    has_category: false,
    title: "coalesce(t.reference, t.party || ' ' || t.amount)",
};

const BUDGETS: Table = Table {
    name: "budgets",
    columns: &[
        column("month", "date", "month", "i.month"),
        column("type", "text", "type", "i.type"),
        CATEGORY,
        column("amount", "numeric", "amount", "i.amount"),
        column("currency", "text", "currency", "i.currency"),
    ],
    same: "t.month = i.month and t.type = i.type and t.category_id = i.category_id",
    has_category: true,
    title: "to_char(t.month, 'YYYY-MM') || ' ' || t.type",
};

const MATERIALS: Table = Table {
    name: "materials",
    columns: &[
        column("sku", "text", "sku", "i.sku"),
        column("name", "text", "name", "i.name"),
        column("category", "text", "category", "coalesce(i.category, '')"),
        column("quantity", "numeric", "quantity", "i.quantity"),
        column("min_stock", "numeric", "min_stock", "i.min_stock"),
        column("unit_cost", "numeric", "unit_cost", "i.unit_cost"),
        column("currency", "text", "currency", "i.currency"),
    ],
    same: "t.sku = i.sku",
    has_category: false,
    title: "t.sku",
};

const CATEGORIES: Table = Table {
    name: "categories",
    columns: &[column("name", "text", "name", "i.name")],
    same: "lower(t.name) = lower(i.name)",
    has_category: false,
    title: "t.name",
};

impl Table {
    pub(super) const fn of(target: Target) -> &'static Self {
        match target {
            Target::Transactions => &TRANSACTIONS,
            Target::Payments => &PAYMENTS,
            Target::Budgets => &BUDGETS,
            Target::Materials => &MATERIALS,
            Target::Categories => &CATEGORIES,
        }
    }

    /// The stored columns, for an undo that sets them all back.
    pub(super) fn stored(&self) -> impl Iterator<Item = &'static str> {
        self.columns.iter().map(|c| c.stored)
    }

    /// Whether its rows point to a category, which may be gone when a former row comes back.
    pub(super) fn has_category(&self) -> bool {
        self.has_category
    }
}

/// `incoming`: the rows of a batch. `$1` organisation, `$2` import, `$3` new ids, then one array of texts for each field.
fn incoming(table: &Table) -> String {
    let Table { columns, has_category, .. } = table;
    let arrays: Vec<String> =
        columns.iter().enumerate().map(|(i, c)| format!("${}::text[]::{}[]", i + 4, c.cast)).collect();
    let fields: Vec<&str> = columns.iter().map(|c| c.field).collect();
    let values: Vec<String> = columns.iter().map(|c| format!("{} as {}", c.value, c.stored)).collect();
    let join = if *has_category {
        "left join categories c on c.organization_id = $1 and lower(c.name) = lower(i.category)"
    } else {
        ""
    };
    format!(
        "with incoming as (
           select i.incoming_id, {values} from unnest($3::uuid[], {arrays}) as i(incoming_id, {fields}) {join})",
        values = values.join(", "),
        arrays = arrays.join(", "),
        fields = fields.join(", "),
    )
}

/// Stores the rows whose key is new. After the fields, the person.
///
/// The table's own unique key tells which those are: nothing is looked up, so it does not matter what the planner
/// believes of a table that grows meanwhile.
fn insertion(table: &Table) -> String {
    let stored: Vec<&str> = table.columns.iter().map(|c| c.stored).collect();
    format!(
        "{incoming}
         insert into {name} (organization_id, id, {stored}, import_id, created_by, created_at, updated_at)
         select $1, incoming_id, {stored}, $2, ${person}, now(), now() from incoming
         on conflict do nothing",
        incoming = incoming(table),
        name = table.name,
        stored = stored.join(", "),
        person = table.columns.len() + 4,
    )
}

/// Brings the rows that were there before up to date. One that brings nothing new is left alone, and keeps the import
/// that it came with. `None` where the file has nothing to update with.
fn changes(table: &Table, plan: &Plan) -> Option<String> {
    let Table { name, columns, same, .. } = table;
    let updated: Vec<&str> = columns.iter().filter(|c| plan.updates(c.field)).map(|c| c.stored).collect();
    if updated.is_empty() {
        return None;
    }
    let list = |of: &str| updated.iter().map(|c| format!("{of}.{c}")).collect::<Vec<_>>().join(", ");
    let sets: Vec<String> = updated.iter().map(|c| format!("{c} = i.{c}")).collect();
    Some(format!(
        "{incoming},
         changed as (
           select i.incoming_id, old.id, old.former from incoming i cross join lateral (
             select t.id, to_jsonb(t) as former from {name} t
             where t.organization_id = $1 and {same} and t.import_id is distinct from $2
               and ({old}) is distinct from ({new})
             for update) old),
         kept as (
           insert into import_changes (organization_id, import_id, row_id, former, changed_at)
           select $1, $2, id, former, now() from changed)
         update {name} t set {sets}, import_id = $2, updated_at = now()
         from changed join incoming i on i.incoming_id = changed.incoming_id
         where t.organization_id = $1 and t.id = changed.id",
        incoming = incoming(table),
        old = list("t"),
        new = list("i"),
        sets = sets.join(", "),
    ))
}

/// Stores rows, none of which has the key of another. Gives how many were inserted, updated and skipped.
pub async fn merge(
    tx: &mut TenantTx,
    import_id: ImportId,
    plan: &Plan,
    on_existing: OnExisting,
    rows: &[Converted],
) -> Result<Counts, AppError> {
    if rows.is_empty() {
        return Ok(Counts::default());
    }
    let table = Table::of(plan.target());
    if table.has_category {
        create_categories(tx, import_id, table, rows).await?;
    }
    let (organization_id, user_id) = (tx.organization_id(), tx.user_id());
    let ids: Vec<Uuid> = rows.iter().map(|_| Uuid::now_v7()).collect();
    let bound = |sql: String| {
        let mut query = sqlx::query(AssertSqlSafe(sql)).bind(organization_id).bind(import_id).bind(ids.clone());
        for field in 0..table.columns.len() {
            let cells: Vec<Option<&str>> = rows.iter().map(|row| row.values[field].as_deref()).collect();
            query = query.bind(cells);
        }
        query
    };
    let number = |n: u64| i64::try_from(n).unwrap_or(i64::MAX);
    let total = i64::try_from(rows.len()).unwrap_or(i64::MAX);
    let inserted = number(bound(insertion(table)).bind(user_id).execute(tx.conn()).await?.rows_affected());
    let updated = match changes(table, plan).filter(|_| inserted < total && on_existing == OnExisting::Update) {
        Some(sql) => number(bound(sql).execute(tx.conn()).await?.rows_affected()),
        None => 0,
    };
    Ok(Counts { inserted, updated, skipped: total - inserted - updated, ..Counts::default() })
}

/// Makes sure that every category that the rows name exists.
async fn create_categories(
    tx: &mut TenantTx,
    import_id: ImportId,
    table: &Table,
    rows: &[Converted],
) -> Result<(), AppError> {
    let Some(field) = table.columns.iter().position(|c| c.field == CATEGORY.field) else { return Ok(()) };
    let mut names: Vec<&str> = rows.iter().filter_map(|row| row.values[field].as_deref()).collect();
    names.sort_unstable();
    names.dedup();
    let (organization_id, user_id) = (tx.organization_id(), tx.user_id());
    let ids: Vec<Uuid> = names.iter().map(|_| Uuid::now_v7()).collect();
    let created = sqlx::query(
        "insert into categories (organization_id, id, name, import_id, created_by, created_at, updated_at)
         select distinct on (lower(i.name)) $1, i.id, i.name, $2, $3, now(), now()
         from unnest($4::uuid[], $5::text[]) as i(id, name)
         where not exists (select from categories c where c.organization_id = $1 and lower(c.name) = lower(i.name))
         order by lower(i.name)
         on conflict do nothing",
    )
    .bind(organization_id)
    .bind(import_id)
    .bind(user_id)
    .bind(ids)
    .bind(names)
    .execute(tx.conn())
    .await?
    .rows_affected();
    if created > 0 {
        tx.changed(crate::server::Topic::Transactions);
    }
    Ok(())
}

/// Notes the keys of rows, and takes those out whose key stood in an earlier line of the file.
pub async fn refuse_doubles(
    tx: &mut TenantTx,
    import_id: ImportId,
    plan: &Plan,
    rows: &mut Vec<Converted>,
) -> Result<Vec<RowError>, AppError> {
    let number = |n: u64| i64::try_from(n).unwrap_or(i64::MAX);
    let (keys, lines): (Vec<Uuid>, Vec<i64>) =
        rows.iter().filter_map(|row| Some((hashed(row.key.as_deref()?), number(row.line)))).unzip();
    if keys.is_empty() {
        return Ok(Vec::new());
    }
    let organization_id = tx.organization_id();
    let noted = sqlx::query(
        "insert into import_keys (organization_id, import_id, key, line)
         select $1, $2, k.key, k.line from unnest($3::uuid[], $4::bigint[]) as k(key, line)
         on conflict do nothing",
    )
    .bind(organization_id)
    .bind(import_id)
    .bind(&keys)
    .bind(&lines)
    .execute(tx.conn())
    .await?
    .rows_affected();
    if usize::try_from(noted) == Ok(keys.len()) {
        return Ok(Vec::new());
    }
    let doubles: Vec<(i64, i64)> = sqlx::query_as(
        "select k.line, first.line
         from unnest($3::uuid[], $4::bigint[]) as k(key, line)
         cross join lateral (
           select line from import_keys i where i.organization_id = $1 and i.import_id = $2 and i.key = k.key limit 1) first
         where first.line <> k.line",
    )
    .bind(organization_id)
    .bind(import_id)
    .bind(&keys)
    .bind(&lines)
    .fetch_all(tx.conn())
    .await?;
    if doubles.is_empty() {
        return Ok(Vec::new());
    }
    let doubles: HashMap<i64, i64> = doubles.into_iter().collect();
    let column = plan.key_column();
    let mut errors = Vec::new();
    rows.retain(|row| match doubles.get(&number(row.line)) {
        None => true,
        Some(first) => {
            errors.push(RowError {
                line: number(row.line),
                column: column.clone(),
                value: row.key.clone().unwrap_or_default(),
                reason: format!("Line {first} has this already."),
            });
            false
        }
    });
    Ok(errors)
}

/// Takes out what an update would make of a stored row and the table could not hold: a new quantity may be too much for
/// the unit cost that is stored, and the other way round. What the file alone says was checked before.
pub async fn refuse_out_of_range(
    tx: &mut TenantTx,
    plan: &Plan,
    on_existing: OnExisting,
    rows: &mut Vec<Converted>,
) -> Result<Vec<RowError>, AppError> {
    let (quantity, unit_cost) = (plan.updates("quantity"), plan.updates("unit_cost"));
    if plan.target() != Target::Materials || on_existing == OnExisting::Skip || quantity == unit_cost {
        return Ok(Vec::new());
    }
    let table = Table::of(Target::Materials);
    let column = |name: &str| table.columns.iter().position(|c| c.field == name);
    let (changed, kept) = if quantity { ("quantity", "t.unit_cost") } else { ("unit_cost", "t.quantity") };
    let (Some(sku), Some(value)) = (column("sku"), column(changed)) else { return Ok(Vec::new()) };
    let cells = |at: usize| -> Vec<Option<&str>> { rows.iter().map(|row| row.values[at].as_deref()).collect() };
    let sql = format!(
        "select i.sku, {kept}::text from unnest($2::text[], $3::text[]::numeric[]) as i (sku, value)
         join materials t on t.organization_id = $1 and t.sku = i.sku
         where abs(i.value * {kept}) >= 1000000000000000000"
    );
    let organization_id = tx.organization_id();
    let found: Vec<(String, String)> = sqlx::query_as(AssertSqlSafe(sql))
        .bind(organization_id)
        .bind(cells(sku))
        .bind(cells(value))
        .fetch_all(tx.conn())
        .await?;
    if found.is_empty() {
        return Ok(Vec::new());
    }
    let found: HashMap<String, String> = found.into_iter().collect();
    let other = if quantity { "unit cost" } else { "quantity" };
    let mut errors = Vec::new();
    rows.retain(|row| match row.values[sku].as_deref().and_then(|sku| found.get(sku)) {
        None => true,
        Some(stored) => {
            errors.push(RowError {
                line: i64::try_from(row.line).unwrap_or(i64::MAX),
                column: plan.column_name(value),
                value: row.values[value].clone().unwrap_or_default(),
                reason: format!("Times the stored {other} of {stored}, this is out of range."),
            });
            false
        }
    });
    Ok(errors)
}

/// 128 bits of a cryptographic hash: two different references never meet.
fn hashed(key: &str) -> Uuid {
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&Sha256::digest(key.as_bytes())[..16]);
    Uuid::from_bytes(bytes)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]
    use super::*;
    use crate::imports::fields;

    #[test]
    fn tables_have_the_fields_in_their_order() {
        for target in Target::ALL {
            let names: Vec<&str> = fields::of(*target).iter().map(|f| f.name).collect();
            assert_eq!(Table::of(*target).columns.iter().map(|c| c.field).collect::<Vec<_>>(), names);
        }
    }
}
