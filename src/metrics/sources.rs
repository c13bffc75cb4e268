//! Which sources a metric is made of, and which values their fields hold. Server only.

use super::{
    catalogue::{Field, Kind, Source},
    definitions,
    formula::Formula,
    model::Definition,
    parse,
    program::Program,
    sql::{Bind, Sql},
};
use crate::{error::AppError, server::TenantTx};
use chrono::NaiveDate;
use std::collections::HashMap;

/// More values than anybody wants to choose among.
const MOST_VALUES: i64 = 200;

/// Every metric in effect, with the sources that it is made of, however deep its references.
pub async fn list(tx: &mut TenantTx) -> Result<Vec<(Definition, Vec<&'static Source>)>, AppError> {
    let definitions = definitions::list(tx).await?;
    let known: HashMap<String, Formula> = definitions
        .iter()
        .filter_map(|definition| Some((definition.code.clone(), parse::formula(&definition.formula).ok()?)))
        .collect();
    let of = |code: &str| -> Vec<&'static Source> {
        let program = known.get(code).and_then(|formula| Program::link(code, formula, &|code| known.get(code)).ok());
        program.map(|program| of_program(&program)).unwrap_or_default()
    };
    Ok(definitions.into_iter().map(|definition| (of(&definition.code), definition)).map(|(s, d)| (d, s)).collect())
}

/// Each once.
pub(super) fn of_program(program: &Program) -> Vec<&'static Source> {
    let mut sources: Vec<&'static Source> = Vec::new();
    for measure in &program.measures {
        if !sources.contains(&measure.source) {
            sources.push(measure.source);
        }
    }
    sources
}

/// The values that a field holds in this organisation's records, for somebody to choose among; for a field of a few
/// words those words.
pub async fn values(
    tx: &mut TenantTx,
    source: &'static Source,
    field: &'static Field,
) -> Result<Vec<String>, AppError> {
    match field.kind {
        Kind::Choice(words) => return Ok(words.iter().map(|word| (*word).to_owned()).collect()),
        Kind::YesNo => return Ok(vec!["true".to_owned(), "false".to_owned()]),
        Kind::Text if field.groupable => {}
        _ => return Ok(Vec::new()),
    }
    let mut sql = Sql::new(tx.organization_id().0, NaiveDate::default());
    sql.push("select distinct ");
    sql.expression(field.sql).push(" as value from ").push(source.table).push(" t").push(source.category_join);
    sql.push(" where t.organization_id = $1 and ");
    sql.expression(field.sql).push(" <> '' order by 1 limit ").bind(Bind::Count(MOST_VALUES));
    let rows = sql.into_query().fetch_all(tx.conn()).await?;
    rows.iter().map(|row| sqlx::Row::try_get(row, 0).map_err(crate::server::fault::internal)).collect()
}
