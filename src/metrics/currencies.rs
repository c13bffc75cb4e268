//! What sums leave out because it is in another currency. Server only.

use super::{
    catalogue::{Field, SOURCES, Source},
    compile::{Question, Scan, fields_of, measures_money, write_filter, write_period},
    engine::{Definitions, Prepared},
    formula::Measure,
    measures::Lines,
    model::{MetricQuery, Period},
    plan,
    program::Program,
    sql::{Bind, Sql},
};
use crate::{
    accounts::OrganizationSummary,
    error::AppError,
    format,
    server::{TenantTx, fault},
};
use chrono::{DateTime, Utc};

/// How many records are in the range and meet the conditions of what is summed up for one of `queries`, but are in another
/// currency than the organisation's own, as a sentence; `None` when there is none.
pub async fn notice(
    tx: &mut TenantTx,
    organization: &OrganizationSummary,
    queries: &[MetricQuery],
    now: DateTime<Utc>,
) -> Result<Option<String>, AppError> {
    let definitions = Definitions::load(tx).await?;
    let mut sums: Vec<(Period, Measure)> = Vec::new();
    for query in queries {
        // What cannot be asked has no sum that could leave something out.
        let Ok(Prepared { program, period, .. }) = Prepared::new(&definitions, organization, query, now) else {
            continue;
        };
        for measure in program.measures.into_iter().filter(measures_money) {
            let sum = (period, measure);
            if !sums.contains(&sum) {
                sums.push(sum);
            }
        }
    }
    let of = |source: &'static Source| -> (&'static Source, (Vec<Period>, Vec<Measure>)) {
        (source, sums.iter().filter(|(_, measure)| measure.source == source).cloned().unzip())
    };
    let sums: Vec<_> = SOURCES.into_iter().map(of).filter(|(_, (periods, _))| !periods.is_empty()).collect();
    if sums.is_empty() {
        return Ok(None);
    }
    let mut sql = Sql::new(tx.organization_id().0, organization.time_zone.day(now));
    let mut kept = true;
    sql.push("select array[");
    sql.join(", ", &sums, |sql, (source, (periods, measures))| {
        let scan = write_count(sql, source, periods, measures, &organization.base_currency);
        kept &= !scan.reads_transactions();
    });
    sql.push("]");
    let row = sql.into_query().persistent(kept).fetch_one(tx.conn()).await?;
    let counts: Vec<i64> = sqlx::Row::try_get(&row, 0).map_err(fault::internal)?;
    let left_out: Vec<_> = sums.iter().map(|(source, _)| *source).zip(counts).filter(|(_, n)| *n > 0).collect();
    Ok(sentence(&left_out, &organization.base_currency))
}

/// The number of rows of `source` that one of `measures` would take in its period if they were in the currency `own`.
fn write_count(sql: &mut Sql, source: &'static Source, periods: &[Period], measures: &[Measure], own: &str) -> Scan {
    let date = measures.first().and_then(Measure::date_field);
    let period = periods.first().copied().unwrap_or_default();
    // Rows in several ranges are told apart only by themselves.
    let one = periods.iter().all(|other| *other == period) && measures.iter().all(|m| m.date_field() == date);
    let program = Program { measures: measures.to_vec(), value: None, parts: Vec::new() };
    let question = Question {
        organization_id: sql.organization_id(),
        currency: own,
        today: sql.today(),
        period,
        comparison: None,
        grain: None,
        group_by: None,
        rollups: one,
    };
    let all = (0..measures.len()).collect();
    let mut scan = Scan { source, date, measures: all, lines: Lines::Rows, table: source.table };
    (scan.lines, scan.table) = plan::reads(&program, &scan, &question);
    let months = scan.lines == Lines::Months;
    sql.dates_are_months(months);
    sql.push(if months { "(select coalesce(sum(t.n), 0)::int8 from " } else { "(select count(*) from " });
    if months {
        plan::write_rollup(sql, &scan, period);
    } else {
        sql.push(scan.table).push(" t");
    }
    if measures.iter().flat_map(fields_of).any(Field::needs_category) {
        sql.push(source.category_join);
    }
    sql.push(" where t.organization_id = $1 and t.currency <> ").bind(Bind::Text(own.to_owned()));
    if let (true, false, Some(date)) = (one, months, date) {
        write_period(sql, date.sql, period);
    }
    sql.push(" and (");
    sql.join(" or ", periods.iter().zip(measures), |sql, (period, measure)| {
        sql.push("(true");
        if let (false, Some(date)) = (one, measure.date_field()) {
            write_period(sql, date.sql, *period);
        }
        if let Some(filter) = &measure.filter {
            sql.push(" and ");
            write_filter(sql, filter);
        }
        sql.push(")");
    });
    sql.push("))");
    scan
}

fn sentence(left_out: &[(&'static Source, i64)], own: &str) -> Option<String> {
    let records: Vec<String> =
        left_out.iter().map(|(source, n)| format::count(*n, source.noun.0, source.noun.1)).collect();
    let records = match records.as_slice() {
        [] => return None,
        [only] => only.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    };
    Some(match left_out {
        [(_, 1)] => format!("{records} in another currency than {own} is not in the sums."),
        _ => format!("{records} in other currencies than {own} are not in the sums."),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::catalogue::{BUDGETS, PAYMENTS, TRANSACTIONS};

    #[test]
    fn what_is_left_out_is_said_in_one_sentence() {
        let said = |left_out: &[(&'static Source, i64)]| sentence(left_out, "USD").unwrap_or_default();
        assert_eq!(said(&[]), "");
        assert_eq!(said(&[(&BUDGETS, 1)]), "1 budget in another currency than USD is not in the sums.");
        assert_eq!(
            said(&[(&TRANSACTIONS, 1_200), (&PAYMENTS, 1)]),
            "1,200 transactions and 1 payment in other currencies than USD are not in the sums."
        );
        assert!(
            said(&[(&TRANSACTIONS, 1), (&PAYMENTS, 2), (&BUDGETS, 1)]).starts_with("1 transaction, 2 payments and 1")
        );
    }
}
