//! Takes the rows of an import away again, and gives those that it changed their former content. Server only.
//!
//! Each batch is a transaction of its own that leaves less to do, so this may be killed and run again.

use super::merge::Table;
use crate::{
    activity::store::{NewActivity, record},
    error::AppError,
    ids::ImportId,
    imports::{
        load::{Runner, topic},
        model::{Import, ImportStatus, Target},
        store,
    },
    jobs::JobError,
    server::{TenantTx, Topic},
};
use serde_json::{Value, json};
use sqlx::AssertSqlSafe;

const BATCH: i64 = 5_000;

/// How many of the kept rows are named to people.
const MAX_NAMES: i64 = 100;

/// Undoes an import that is marked as undoing. Rows that somebody changed since are kept and named.
pub async fn run(runner: &dyn Runner, id: ImportId) -> Result<Value, JobError> {
    let mut tx = runner.tenant().await?;
    let import = store::find(&mut tx, id).await?;
    drop(tx);
    if import.status != ImportStatus::Undoing {
        return Ok(json!({ "status": import.status.as_str() }));
    }
    let table = Table::of(import.target);
    let total = (import.counts.inserted + import.counts.updated).unsigned_abs();
    let mut done = 0u64;
    loop {
        let mut tx = runner.tenant().await?;
        let restored = restore(&mut tx, id, table).await?;
        if restored == 0 {
            break;
        }
        done += restored;
        step(runner, tx, &import, done, total).await?;
    }
    loop {
        let mut tx = runner.tenant().await?;
        let deleted = delete(&mut tx, id, table).await?;
        if deleted == 0 {
            break;
        }
        done += deleted;
        step(runner, tx, &import, done, total).await?;
    }
    finish(runner, &import, table).await
}

async fn step(runner: &dyn Runner, mut tx: TenantTx, import: &Import, done: u64, total: u64) -> Result<(), JobError> {
    tx.changed(topic(import.target));
    runner.progress(&mut tx, done, Some(total.max(done)), "rows taken back").await?;
    tx.commit().await?;
    Ok(())
}

/// Sets rows back that the import updated, unless they were changed since. Gives how many it has dealt with.
async fn restore(tx: &mut TenantTx, id: ImportId, table: &Table) -> Result<u64, AppError> {
    let name = table.name;
    let sets: Vec<String> = table.stored().map(|c| format!("{c} = f.{c}")).collect();
    // A former row whose category is gone cannot come back as it was.
    let category = if table.has_category() {
        "and (f.category_id is null or exists (
           select from categories c where c.organization_id = $1 and c.id = f.category_id))"
    } else {
        ""
    };
    let sql = format!(
        "with todo as (
           select row_id, former, changed_at from import_changes
           where organization_id = $1 and import_id = $2 order by row_id limit $3 for update),
         restored as (
           update {name} t set {sets}, import_id = f.import_id, updated_at = f.updated_at
           from todo, jsonb_populate_record(null::{name}, todo.former) f
           where t.organization_id = $1 and t.id = todo.row_id and t.import_id = $2 and t.updated_at = todo.changed_at
             {category}
           returning t.id),
         done as (
           delete from import_changes c using todo
           where c.organization_id = $1 and c.import_id = $2 and c.row_id = todo.row_id returning 1)
         select count(*) from done",
        sets = sets.join(", "),
    );
    let organization_id = tx.organization_id();
    let done: i64 =
        sqlx::query_scalar(AssertSqlSafe(sql)).bind(organization_id).bind(id).bind(BATCH).fetch_one(tx.conn()).await?;
    Ok(done.unsigned_abs())
}

/// Deletes rows that the import inserted and nobody has touched since. Gives how many.
async fn delete(tx: &mut TenantTx, id: ImportId, table: &Table) -> Result<u64, AppError> {
    let name = table.name;
    let unused = if name == Table::of(Target::Categories).name { UNUSED_CATEGORY } else { "" };
    let sql = format!(
        "delete from {name} where organization_id = $1 and id = any(array(
           select t.id from {name} t
           where t.organization_id = $1 and t.import_id = $2 and t.updated_at = t.created_at {unused} limit $3))"
    );
    let organization_id = tx.organization_id();
    let deleted = sqlx::query(AssertSqlSafe(sql))
        .bind(organization_id)
        .bind(id)
        .bind(BATCH)
        .execute(tx.conn())
        .await?
        .rows_affected();
    Ok(deleted)
}

const UNUSED_CATEGORY: &str = "
    and not exists (select from transactions x where x.organization_id = $1 and x.category_id = t.id)
    and not exists (select from budgets x where x.organization_id = $1 and x.category_id = t.id)";

/// Names what stays, removes the categories that came only with these rows, and ends the undo.
async fn finish(runner: &dyn Runner, import: &Import, table: &Table) -> Result<Value, JobError> {
    let id = import.id;
    let mut tx = runner.tenant().await?;
    let organization_id = tx.organization_id();
    // Rows of this import that are left were changed by hand; those that a later import changed stand in its list of
    // former rows.
    let sql = format!(
        "with kept as (
           select {title} as title from {name} t
           where t.organization_id = $1 and (t.import_id = $2 or t.id in (
             select row_id from import_changes where organization_id = $1 and former ->> 'import_id' = $2::text)))
         update imports set kept_rows = (select count(*) from kept),
                            kept_names = array(select title from kept order by title limit $3)
         where organization_id = $1 and id = $2",
        title = table.title,
        name = table.name,
    );
    sqlx::query(AssertSqlSafe(sql))
        .bind(organization_id)
        .bind(id)
        .bind(MAX_NAMES)
        .execute(tx.conn())
        .await
        .map_err(AppError::from)?;
    if import.target != Target::Categories {
        delete(&mut tx, id, Table::of(Target::Categories)).await?;
    }
    store::set_status(&mut tx, id, ImportStatus::Undone).await?;
    let kept_rows = store::find(&mut tx, id).await?.kept_rows;
    record(
        &mut tx,
        Topic::Imports,
        NewActivity {
            action: "undone",
            entity_type: "import",
            entity_id: Some(id.0),
            title: format!("The import of {} was undone", import.file_name),
            metadata: json!({ "target": import.target, "kept_rows": kept_rows }),
        },
    )
    .await?;
    tx.changed(topic(import.target));
    tx.commit().await?;
    Ok(json!({ "status": "undone", "kept": kept_rows }))
}
