//! Rows of a source, for tables and calendars: chosen columns, conditions, order. Server only.

use super::{
    catalogue::{self, Field, Kind, SOURCES, Source},
    compile::{write_filter, write_period},
    model::*,
    narrow, parse,
    sql::{Bind, Sql},
};
use crate::{
    accounts::OrganizationSummary,
    error::AppError,
    server::{TenantTx, fault},
};
use chrono::{DateTime, Utc};
use uuid::Uuid;

pub(super) const MOST_ROWS: u32 = 500;

/// The rows that `query` asks for, as of `now`, and how many there are in all. Amounts keep their own currency.
///
/// # Errors
/// `Invalid`, with the field of the query, for a name that the catalogue does not know.
pub async fn rows(
    tx: &mut TenantTx,
    organization: &OrganizationSummary,
    query: &RowsQuery,
    now: DateTime<Utc>,
) -> Result<Rows, AppError> {
    let source = catalogue::source(&query.source).ok_or_else(|| {
        let names: Vec<_> = SOURCES.iter().map(|source| source.name).collect();
        AppError::field("source", format!("There is no such source, only {}.", names.join(", ")))
    })?;
    let find = |name: &str, at: String| {
        source.field(name).ok_or_else(|| {
            let nearest = catalogue::nearest(name, source.names());
            let hint = nearest.map(|nearest| format!(" Did you mean “{nearest}”?")).unwrap_or_default();
            AppError::field(at, format!("{} have no such field.{hint}", source.label))
        })
    };
    let columns: Vec<&Field> = if query.columns.is_empty() {
        source.fields.iter().collect()
    } else {
        let named = query.columns.iter().enumerate();
        named.map(|(i, name)| find(name, format!("columns[{i}]"))).collect::<Result<_, _>>()?
    };
    let date = match &query.date {
        Some(name) => match find(name, "date".into())? {
            field if field.kind == Kind::Date => Some(field),
            _ => return Err(AppError::field("date", "This field is no date.")),
        },
        None => source.date.and_then(|name| source.field(name)),
    };
    let period = query.range.resolve(now, organization.time_zone)?;
    let mut filters: Vec<_> = query
        .filters
        .iter()
        .enumerate()
        .map(|(i, json)| parse::filter(source, json, &format!("filters[{i}]")))
        .collect::<Result<_, _>>()?;
    filters.extend(narrow::conditions(source, &query.narrowed));
    let sort = query.sort.as_deref().map(|name| find(name, "sort".into())).transpose()?;

    let mut sql = Sql::new(tx.organization_id().0, organization.time_zone.day(now));
    sql.push("select t.id, t.currency, count(*) over () as total, array[");
    sql.join(", ", &columns, |sql, field| {
        sql.expression(field.sql).push("::text");
    });
    sql.push("] as cells from ").push(source.table).push(" t").push(source.category_join);
    sql.push(" where t.organization_id = $1");
    if let Some(date) = date {
        write_period(&mut sql, date.sql, period);
    }
    for filter in &filters {
        sql.push(" and (");
        write_filter(&mut sql, filter);
        sql.push(")");
    }
    order(&mut sql, source, sort, query.descending);
    sql.push(" limit ").bind(Bind::Count(query.limit.unwrap_or(50).clamp(1, MOST_ROWS).into()));
    if query.offset > 0 {
        sql.push(" offset ").bind(Bind::Count(query.offset.into()));
    }

    let found: Vec<Found> = sql
        .into_query()
        .fetch_all(tx.conn())
        .await?
        .iter()
        .map(sqlx::FromRow::from_row)
        .collect::<Result<_, _>>()
        .map_err(fault::internal)?;
    let total = match found.first() {
        Some(found) => found.total,
        // Behind the last row, no row tells how many there are.
        None if query.offset > 0 => {
            let first = RowsQuery { offset: 0, limit: Some(1), ..query.clone() };
            Box::pin(rows(tx, organization, &first, now)).await?.total
        }
        None => 0,
    };
    Ok(Rows {
        source: source.name.to_owned(),
        columns: columns
            .iter()
            .map(|field| Column {
                name: field.name.to_owned(),
                label: field.label.to_owned(),
                numeric: field.kind.is_number(),
            })
            .collect(),
        total,
        offset: query.offset,
        rows: found.into_iter().map(|found| found.into_row(&columns)).collect::<Result<_, _>>()?,
    })
}

fn order(sql: &mut Sql, source: &Source, sort: Option<&'static Field>, descending: bool) {
    let usual = source.date.and_then(|name| source.field(name));
    sql.push(" order by ");
    match (sort, usual) {
        (Some(field), _) => {
            sql.expression(field.sql).push(if descending { " desc nulls last" } else { " asc nulls last" });
        }
        (None, Some(date)) => {
            sql.expression(date.sql).push(" desc");
        }
        (None, None) => {
            sql.push(source.field(source.title).map_or("t.id", |title| title.sql));
        }
    }
    // Equals keep their order from one look to the next.
    sql.push(", t.id desc");
}

#[derive(sqlx::FromRow)]
struct Found {
    id: Uuid,
    currency: String,
    total: i64,
    cells: Vec<Option<String>>,
}

impl Found {
    fn into_row(self, columns: &[&Field]) -> Result<Row, AppError> {
        let cells = columns.iter().zip(self.cells).map(|(field, text)| cell(field.kind, text, &self.currency));
        Ok(Row { id: self.id, cells: cells.collect::<Result<_, _>>()? })
    }
}

fn cell(kind: Kind, text: Option<String>, currency: &str) -> Result<Cell, AppError> {
    let Some(text) = text.filter(|text| !text.is_empty()) else { return Ok(Cell::Nothing) };
    Ok(match kind {
        Kind::Text => Cell::Text(text),
        Kind::Choice(_) => Cell::Text(catalogue::capitalised(&text)),
        Kind::YesNo => Cell::YesNo(text == "true"),
        Kind::Date => Cell::Date(text.parse().map_err(fault::internal)?),
        Kind::Decimal => Cell::Number(text.parse().map_err(fault::internal)?),
        Kind::Money => Cell::Money { amount: text.parse().map_err(fault::internal)?, currency: currency.to_owned() },
    })
}
