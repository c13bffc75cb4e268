//! Decides what a scan reads: whether the monthly rollup can answer, and reads it so that the answer is the rows' own. Server only.
//!
//! The rollups keep, for each month, type, category and currency (one of them for each department, too), the sum of the
//! amounts and the number of rows. Whole months of a period come from it; the days at the edges come from the rows themselves. A measure that selects
//! by the month of booking has no edges: a month is in its range or is not.

use super::{
    compile::{Question, Scan, fields_of, write_period},
    formula::{Aggregate, DateChoice},
    measures::Lines,
    model::{Grain, Period},
    program::Program,
    sql::Sql,
};
use crate::metrics::catalogue::{BOOKING_MONTH, DEPARTMENT_ROLLUP, TRANSACTIONS, rollup_table};

/// What `scan` reads to answer `question`, and from which table.
pub fn reads(program: &Program, scan: &Scan, question: &Question) -> (Lines, &'static str) {
    if !question.rollups || !rollup_answers(program, scan, question) {
        return (Lines::Rows, scan.source.table);
    }
    let measured = scan.measures.iter().flat_map(|&index| fields_of(&program.measures[index]));
    let grouped = question.group_by.and_then(|name| scan.source.field(name));
    (Lines::Months, rollup_table(measured.chain(grouped)))
}

/// Whether a rollup holds everything that this scan asks for.
fn rollup_answers(program: &Program, scan: &Scan, question: &Question) -> bool {
    let by_month = is_by_month(scan);
    let kept = |index: &usize| {
        let measure = &program.measures[*index];
        matches!(measure.by, Aggregate::Sum | Aggregate::Count | Aggregate::Average)
            && (by_month || measure.date == DateChoice::Usual)
            && fields_of(measure).all(|field| field.in_rollup)
            // The rollup has summed the amounts: a condition on a single amount cannot be met there.
            && !measure.filter.as_ref().is_some_and(|filter| filter.names("amount"))
    };
    let coarse = question.grain.is_none_or(|grain| matches!(grain, Grain::Month | Grain::Quarter | Grain::Year));
    let grouped = question.group_by.is_none_or(|name| scan.source.field(name).is_some_and(|field| field.in_rollup));
    let whole = |period: Period| by_month || period.whole_months().is_some();
    *scan.source == TRANSACTIONS
        && coarse
        && grouped
        && whole(question.period)
        && question.comparison.is_none_or(whole)
        && scan.measures.iter().all(kept)
}

/// Whether the range selects by the month of booking, which is the rollup's own date.
fn is_by_month(scan: &Scan) -> bool {
    scan.date.is_some_and(|date| date.name == BOOKING_MONTH)
}

/// `( … ) t`: the rollup's lines and the edges' rows, with the columns that the catalogue's expressions name; each date is
/// a month.
pub fn write_rollup(sql: &mut Sql, scan: &Scan, period: Period) {
    // Else `rollup_answers` has made sure that there are whole months.
    let months = if is_by_month(scan) { period } else { period.whole_months().unwrap_or_default() };
    let departments = scan.table == DEPARTMENT_ROLLUP;
    sql.push("(select m.organization_id, m.month as date, m.type, m.category_id, ");
    sql.push(if departments { "m.department, " } else { "" });
    sql.push("m.currency, m.amount, m.row_count as n\n    from ").push(scan.table);
    sql.push(" m where m.organization_id = $1");
    write_period(sql, "m.month", months);
    let mut edge = |from, to| {
        sql.push("\n    union all select e.organization_id, date_trunc('month', e.date::timestamp)::date, e.type, ");
        sql.push("e.category_id, ").push(if departments { "e.department, " } else { "" });
        sql.push("e.currency, e.amount, 1::int8\n    from transactions e where e.organization_id = $1");
        write_period(sql, "e.date", Period { from, to });
    };
    if period.from != months.from {
        edge(period.from, months.from);
    }
    if period.to != months.to {
        edge(months.to, period.to);
    }
    sql.push(") t");
}
