#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]

use super::*;
use crate::metrics::arbitrary;
use proptest::prelude::*;
use serde_json::json;

/// The path and the message of the one thing that is wrong.
fn refused(json: Value) -> (String, String) {
    match formula(&json).unwrap_err() {
        AppError::Invalid { fields, .. } => (fields[0].field.clone(), fields[0].message.clone()),
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_design_s_examples_are_read() {
    let revenue = formula(&json!({"source": "transactions", "measure": "sum", "field": "amount",
        "where": {"field": "type", "operator": "=", "value": "income"}}))
    .unwrap();
    assert!(matches!(revenue.value, Some(Expression::Measure(Measure { by: Aggregate::Sum, .. }))));
    let rate = formula(&json!({"divide": [
        {"source": "payments", "measure": "count", "where": {"field": "status", "operator": "=", "value": "paid"}},
        {"source": "payments", "measure": "count"}], "scale": 100}))
    .unwrap();
    assert!(matches!(rate.value, Some(Expression::Combined { by: Combination::Divide, .. })));
}

#[test]
fn the_short_form_counts_what_meets_it() {
    let long = formula(&json!({"source": "payments", "measure": "count",
        "where": {"field": "due_date", "operator": "older than", "value": "30 days"}}))
    .unwrap();
    for short in [
        json!({"source": "payments", "field": "due_date", "operator": "older than", "value": "30 days"}),
        json!({"field": "due_date", "operator": ">", "value": "30 days"}),
        json!({"field": "due_date", "operator": ">", "value": "30 days", "measure": "count"}),
    ] {
        assert_eq!(formula(&short).unwrap(), long);
    }
    let (at, _) = refused(json!({"field": "amount", "operator": ">", "value": 3}));
    assert_eq!(at, "formula.source", "several sources have an amount");
}

#[test]
fn what_is_unknown_is_refused_with_its_place_and_the_nearest_name() {
    let cases = [
        (json!({"source": "transaction", "measure": "count"}), "formula.source", "“transactions”"),
        (json!({"source": "payments", "measure": "total"}), "formula.measure", "count"),
        (json!({"source": "payments", "measure": "sum", "field": "amuont"}), "formula.field", "“amount”"),
        (json!({"source": "payments", "measure": "sum", "field": "party"}), "formula.field", "no number"),
        (json!({"source": "payments", "measure": "sum"}), "formula.field", "sum"),
        (json!({"source": "payments", "filter": {}}), "formula.filter", "where"),
        (
            json!({"divide": [{"source": "payments"}, {"source": "payments", "where":
                {"all": [{"field": "status", "operator": "=", "value": "payed"}]}}]}),
            "formula.divide[1].where.all[0].value",
            "“paid”",
        ),
        (
            json!({"source": "payments", "where": {"not": {"field": "amount", "operator": "equals", "value": 1}}}),
            "formula.where.not.operator",
            "=",
        ),
        (
            json!({"source": "payments", "where": {"field": "party", "operator": "<", "value": "x"}}),
            "formula.where.operator",
            "no order",
        ),
        (
            json!({"source": "payments", "where": {"field": "amount", "operator": "=", "value": "x"}}),
            "formula.where.value",
            "number",
        ),
        (
            json!({"source": "payments", "where": {"field": "amount", "operator": "="}}),
            "formula.where.value",
            "missing",
        ),
        (json!({"add": [{"source": "payments"}]}), "formula.add", "two"),
        (json!({"value": 3}), "formula.value", "number"),
        (json!([1]), "formula", "braces"),
    ];
    for (json, path, words) in cases {
        let (at, message) = refused(json.clone());
        assert_eq!(at, path, "{json}: {message}");
        assert!(message.contains(words), "{json}: {message}");
    }
}

#[test]
fn formulas_have_limits() {
    let mut deep = json!({"field": "amount", "operator": "=", "value": 1});
    for _ in 0..100 {
        deep = json!({"not": deep});
    }
    assert!(refused(json!({"source": "payments", "where": deep})).1.contains("deeply"));
    let wide: Vec<_> = (0..60).map(|_| json!({"add": [{"source": "payments"}, 1]})).collect();
    assert!(refused(json!({"add": wide})).1.contains("terms"));
    let long = "x".repeat(300);
    assert!(refused(json!({"source": "payments", "field": "party", "operator": "=", "value": long})).1.contains("200"));
}

/// Any JSON at all, small.
fn anything() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        prop::sample::select(&["payments", "sum", "amount", "=", "in", "30 days", "none"][..]).prop_map(Value::from),
        ".{0,8}".prop_map(Value::from),
    ];
    let keys = &[
        "source", "measure", "field", "where", "operator", "value", "date", "all", "any", "not", "add", "divide",
        "scale", "metric", "parts", "label", "formula",
    ][..];
    leaf.prop_recursive(5, 40, 5, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map(prop::sample::select(keys).prop_map(str::to_owned), inner, 0..6)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn reading_never_panics(json in anything()) {
        let _ = formula(&json);
    }

    #[test]
    fn what_is_written_reads_back_the_same(json in arbitrary::formula()) {
        let read = formula(&json).unwrap();
        let written = read.to_json();
        prop_assert_eq!(&formula(&written).unwrap(), &read);
        prop_assert_eq!(formula(&written).unwrap().to_json(), written, "the canonical form is a fixed point");
    }
}
