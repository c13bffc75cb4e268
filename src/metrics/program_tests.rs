#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]

use super::*;
use crate::metrics::{
    compile::{Question, compile},
    model::{Grain, Period},
};
use serde_json::json;
use std::collections::HashMap;
use uuid::Uuid;

fn link(formulas: &[(&str, Value)], code: &str) -> Result<Program, AppError> {
    let known: HashMap<&str, Formula> =
        formulas.iter().map(|(code, json)| (*code, parse::formula(json).unwrap())).collect();
    Program::link(code, &known[code], &|code| known.get(code))
}

fn single(json: Value) -> Program {
    link(&[("it", json)], "it").unwrap()
}

fn value(program: &Program, values: &[Option<i64>]) -> Option<Decimal> {
    let values: Values = values.iter().map(|v| v.map(Decimal::from)).collect();
    program.value.as_ref().unwrap().evaluate(&values)
}

#[test]
fn a_division_by_zero_or_by_nothing_is_no_value() {
    let rate = single(json!({"divide": [
        {"source": "payments", "measure": "sum", "field": "amount"},
        {"source": "payments", "measure": "average", "field": "amount"}], "scale": 100}));
    assert_eq!(value(&rate, &[Some(1), Some(4)]), Some(25.into()));
    assert_eq!(value(&rate, &[Some(1), Some(0)]), None);
    assert_eq!(value(&rate, &[Some(1), None]), None);
    assert_eq!(rate.nothing(), [Some(Decimal::ZERO), None], "a sum over nothing is 0, an average is none");
}

#[test]
fn equal_measures_are_read_once() {
    let program = link(
        &[
            ("profit", json!({"subtract": [{"metric": "in"}, {"metric": "out"}]})),
            ("margin", json!({"divide": [{"metric": "profit"}, {"metric": "in"}]})),
            ("in", json!({"source": "transactions", "where": {"field": "type", "operator": "=", "value": "income"}})),
            ("out", json!({"source": "transactions", "where": {"field": "type", "operator": "=", "value": "expense"}})),
        ],
        "margin",
    )
    .unwrap();
    assert_eq!(program.measures.len(), 2);
    assert_eq!(value(&program, &[Some(10), Some(4)]), Some(Decimal::new(6, 1)));
}

#[test]
fn circles_and_strangers_are_refused() {
    let circle = link(
        &[
            ("a", json!({"add": [{"metric": "b"}, 1]})),
            ("b", json!({"metric": "c"})),
            ("c", json!({"subtract": [{"metric": "a"}, 1]})),
        ],
        "a",
    );
    assert!(circle.unwrap_err().to_string().contains("a → b → c → a"));
    assert!(link(&[("a", json!({"metric": "a"}))], "a").is_err());
    assert!(link(&[("a", json!({"metric": "nobody"}))], "a").unwrap_err().to_string().contains("nobody"));
}

/// a1 = a0 + a0, a2 = a1 + a1 …: small to write, endless to follow.
#[test]
fn formulas_that_explode_are_refused() {
    let codes: Vec<String> = (0..40).map(|i| format!("a{i}")).collect();
    let formulas: Vec<(&str, Value)> = codes
        .iter()
        .enumerate()
        .map(|(i, code)| {
            let formula = match i {
                0 => json!({"source": "payments"}),
                _ => json!({"add": [{"metric": codes[i - 1]}, {"metric": codes[i - 1]}]}),
            };
            (code.as_str(), formula)
        })
        .collect();
    assert!(link(&formulas, "a39").is_err());
}

fn sql(program: &Program, grain: Option<Grain>, group_by: Option<&str>) -> String {
    let question = Question {
        organization_id: Uuid::nil(),
        currency: "USD",
        today: "2026-11-20".parse().unwrap(),
        period: Period { from: "2026-01-01".parse().ok(), to: "2026-03-10".parse().ok() },
        comparison: None,
        grain,
        group_by,
        rollups: true,
    };
    let compiled = compile(program, &question);
    let binds: Vec<String> = compiled.sql.binds().iter().map(ToString::to_string).collect();
    format!("{}\n-- {}", compiled.sql.text(), binds.join(", "))
}

/// What the compiler writes, as a reviewer would want to see it.
#[test]
fn compiled_statements_look_like_this() {
    let income = json!({"source": "transactions", "measure": "sum", "field": "amount",
        "where": {"field": "type", "operator": "=", "value": "income"}});
    assert_eq!(
        sql(&single(income.clone()), Some(Grain::Month), None),
        "select 0::int2 as scan, 0::int2 as period, s.bucket, null::text as grp, grouping(s.bucket) as no_bucket, 1 as no_group, coalesce(sum(s.n), 0)::int8 as rows, array[case when abs(coalesce(sum(s.f0), 0)) < 1e19 then round(coalesce(sum(s.f0), 0), 8) end]::numeric[] as values
from (select sum(r.n) as n, r.bucket, sum(r.f0) as f0
from (select t.n, t.date as bucket, t.amount as f0
  from (select m.organization_id, m.month as date, m.type, m.category_id, m.currency, m.amount, m.row_count as n
    from transaction_category_months m where m.organization_id = $1 and m.month >= $2 and m.month < $3
    union all select e.organization_id, date_trunc('month', e.date::timestamp)::date, e.type, e.category_id, e.currency, e.amount, 1::int8
    from transactions e where e.organization_id = $1 and e.date >= $4 and e.date < $5) t
  where t.organization_id = $1 and ((t.currency = $6 and t.type = $7))) r
group by r.bucket) s
group by grouping sets ((), (s.bucket))
-- 00000000-0000-0000-0000-000000000000, 2026-01-01, 2026-03-01, 2026-03-01, 2026-03-10, 'USD', 'income'"
    );
    let overdue =
        json!({"source": "payments", "date": "none", "where": {"field": "overdue", "operator": "=", "value": true}});
    assert_eq!(
        sql(&single(overdue), None, Some("party")),
        "select 0::int2 as scan, 0::int2 as period, null::date as bucket, s.grp, 1 as no_bucket, grouping(s.grp) as no_group, coalesce(sum(s.n), 0)::int8 as rows, array[coalesce(sum(s.f0), 0)]::numeric[] as values
from (select count(*) as n, r.grp, count(*) as f0
from (select 1 as n, nullif(t.party::text, '') as grp
  from payments t
  where t.organization_id = $1 and (((t.status in ('pending', 'approved') and t.due_date < $2) = $3))) r
group by r.grp) s
group by grouping sets ((), (s.grp))
-- 00000000-0000-0000-0000-000000000000, 2026-11-20, true"
    );
}

/// Nothing that a formula or a question carries can be seen in the text, only among the binds.
#[test]
fn hostile_values_end_as_binds() {
    let hostile = "'; drop table transactions; --";
    let mut program = single(json!({"source": "payments", "where": {"any": [
        {"field": "party", "operator": "=", "value": hostile},
        {"field": "party", "operator": "contains", "value": hostile},
        {"field": "party", "operator": "in", "value": [hostile]}]}}));
    program.restrict(&[json!({"field": "note", "operator": "!=", "value": hostile})]).unwrap();
    let text = sql(&program, None, None);
    let (statement, binds) = text.split_once("\n-- ").unwrap();
    assert!(!statement.contains("drop"), "{statement}");
    assert_eq!(binds.matches(hostile).count(), 4);
    // Names are chosen from the catalogue, never written through.
    assert!(parse::formula(&json!({"source": hostile})).is_err());
    assert!(parse::formula(&json!({"source": "payments", "measure": "sum", "field": hostile})).is_err());
    assert!(program.dimension(hostile).is_err());
}

#[test]
fn only_sums_and_counts_and_their_differences_add_up() {
    let of = |json: Value| single(json).is_additive();
    assert!(of(json!({"source": "payments"})));
    assert!(of(json!({"subtract": [{"source": "payments"}, {"source": "budgets"}]})));
    assert!(!of(json!({"divide": [{"source": "payments"}, {"source": "budgets"}]})));
    assert!(!of(json!({"source": "payments", "measure": "count distinct", "field": "party"})));
    assert!(!of(json!({"add": [{"source": "payments"}, 1]})), "a constant would be added once for each group");
}
