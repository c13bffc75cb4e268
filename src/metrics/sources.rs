//! Which sources a metric is made of, and which values their fields hold. Server only.

use super::{
    Filters,
    catalogue::{self, Field, Kind, Source, TRANSACTIONS, rollup_table},
    definitions,
    filters::{NO_VALUE, escape, unescape},
    formula::Formula,
    model::{Definition, MetricAnswer},
    narrow::{Named, honoured, value_label},
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

/// Whether there is no record of any of these kinds, whatever the range and the filters.
pub async fn none_of(tx: &mut TenantTx, sources: &[&'static Source]) -> Result<bool, AppError> {
    if sources.is_empty() {
        return Ok(false);
    }
    let mut sql = Sql::new(tx.organization_id().0, NaiveDate::default());
    sql.push("select not (");
    sql.join(" or ", sources, |sql, source| {
        sql.push("exists (select from ").push(source.table).push(" t where t.organization_id = $1)");
    });
    sql.push(")");
    let row = sql.into_query().fetch_one(tx.conn()).await?;
    sqlx::Row::try_get(&row, 0).map_err(crate::server::fault::internal)
}

/// Notes of an answer that is made of nothing whether there is anything that it could be made of. `may_add`: whoever asks
/// may add the first record.
pub async fn note_lack(tx: &mut TenantTx, answer: &mut MetricAnswer, may_add: bool) -> Result<(), AppError> {
    answer.lack.may_add = may_add;
    if answer.count == 0 {
        let sources: Vec<_> = answer.sources.iter().filter_map(|name| catalogue::source(name)).collect();
        answer.lack.none_yet = none_of(tx, &sources).await?;
    }
    Ok(())
}

/// The kinds of record that a metric is made of, and the filters that it can be narrowed by.
#[derive(Clone, Debug)]
pub struct MadeOf {
    pub sources: Vec<&'static Source>,
    pub filters: Vec<Named>,
}

impl MadeOf {
    pub fn new(sources: Vec<&'static Source>) -> Self {
        Self { filters: honoured(&sources), sources }
    }
}

/// What each metric is made of, by its code.
pub type MetricFilters = HashMap<String, MadeOf>;

pub async fn metric_filters(tx: &mut TenantTx) -> Result<MetricFilters, AppError> {
    let metrics = list(tx).await?;
    Ok(metrics.into_iter().map(|(definition, sources)| (definition.code, MadeOf::new(sources))).collect())
}

/// A value that a filter may have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FilterValue {
    /// As filters name it.
    pub value: String,
    pub label: String,
    /// How many records have it, where they were counted.
    pub count: Option<i64>,
}

/// The values that a filter may have in this organisation's records, by name, and whether there are more than these. With
/// `find`, those whose text holds it.
pub async fn filter_values(
    tx: &mut TenantTx,
    sources: &[&'static Source],
    name: &str,
    find: &str,
) -> Result<(Vec<FilterValue>, bool), AppError> {
    let fields: Vec<(&Source, &Field)> = sources.iter().filter_map(|s| Some((*s, s.filter(name)?))).collect();
    let Some((_, field)) = fields.first() else { return Ok((Vec::new(), false)) };
    let words: &[&str] = match field.kind {
        Kind::Choice(words) => words,
        Kind::YesNo => &["true", "false"],
        _ => &[],
    };
    if !words.is_empty() {
        let value =
            |word: &&str| FilterValue { value: (*word).to_owned(), label: value_label(field, word), count: None };
        return Ok((words.iter().map(value).collect(), false));
    }
    let mut sql = Sql::new(tx.organization_id().0, NaiveDate::default());
    sql.push("select value, sum(n)::int8 from (");
    sql.join(" union all ", &fields, |sql, (source, field)| {
        sql.push("select nullif(").expression(field.sql).push("::text, '') as value, ");
        // The monthly sums know how many rows they are of, and are far fewer.
        if **source == TRANSACTIONS && field.in_rollup {
            sql.push("t.row_count as n from ").push(rollup_table(std::iter::once(*field)));
        } else {
            sql.push("1 as n from ").push(source.table);
        }
        sql.push(" t").push(source.category_join).push(" where t.organization_id = $1");
    });
    sql.push(") s");
    if !find.is_empty() {
        sql.push(" where strpos(lower(value), lower(").bind(Bind::Text(find.to_owned())).push(")) > 0");
    }
    sql.push(" group by value having sum(n) > 0 order by lower(value) nulls last, value limit ");
    sql.bind(Bind::Count(MOST_VALUES + 1));
    let rows = sql.into_query().fetch_all(tx.conn()).await?;
    let more = rows.len() as i64 > MOST_VALUES;
    let read = |row: &sqlx::postgres::PgRow| -> Result<FilterValue, sqlx::Error> {
        let text: Option<String> = sqlx::Row::try_get(row, 0)?;
        let value = escape(text.as_deref());
        Ok(FilterValue { label: value_label(field, &value), value, count: Some(sqlx::Row::try_get(row, 1)?) })
    };
    let values = rows.iter().take(MOST_VALUES as usize).map(read).collect::<Result<_, _>>();
    Ok((values.map_err(crate::server::fault::internal)?, more))
}

/// Of the texts that `filters` name, those that no record of `sources` has: label of the filter, and value.
pub async fn unknown_values(
    tx: &mut TenantTx,
    sources: &[&'static Source],
    filters: &Filters,
) -> Result<Vec<(&'static str, String)>, AppError> {
    let mut unknown = Vec::new();
    for (name, values) in filters.iter() {
        let fields: Vec<(&Source, &Field)> = sources.iter().filter_map(|s| Some((*s, s.filter(name)?))).collect();
        let Some((_, field)) = fields.first().filter(|(_, field)| field.kind == Kind::Text) else { continue };
        let texts: Vec<String> =
            values.iter().filter(|v| *v != NO_VALUE).filter_map(|v| unescape(v)).map(str::to_owned).collect();
        let mut sql = Sql::new(tx.organization_id().0, NaiveDate::default());
        sql.push("select v from unnest(").bind(Bind::Texts(texts)).push("::text[]) v where not (");
        sql.join(" or ", &fields, |sql, (source, field)| {
            sql.push("exists (select from ").push(source.table).push(" t").push(source.category_join);
            sql.push(" where t.organization_id = $1 and ").expression(field.sql).push(" = v)");
        });
        sql.push(")");
        let label = field.as_filter().map_or(field.label, |(_, label)| label);
        for row in sql.into_query().fetch_all(tx.conn()).await? {
            unknown.push((label, sqlx::Row::try_get(&row, 0).map_err(crate::server::fault::internal)?));
        }
    }
    Ok(unknown)
}
