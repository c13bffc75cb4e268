//! Random formulas that the language accepts, for tests here and in the integration binary.

use proptest::prelude::*;
use serde_json::{Value, json};

/// A source's fields by type, written down a second time so that the catalogue is checked and not trusted.
struct Fields {
    source: &'static str,
    numbers: &'static [&'static str],
    dates: &'static [&'static str],
    texts: &'static [&'static str],
    choices: &'static [(&'static str, &'static [&'static str])],
    flags: &'static [&'static str],
}

const FIELDS: [Fields; 4] = [
    Fields {
        source: "transactions",
        numbers: &["amount"],
        dates: &["date", "booking_month"],
        texts: &["reference", "category", "department", "currency", "note"],
        choices: &[("type", &["income", "expense"])],
        flags: &["budgeted"],
    },
    Fields {
        source: "payments",
        numbers: &["amount"],
        dates: &["issued_on", "due_date", "paid_on"],
        texts: &["reference", "party", "currency", "note"],
        choices: &[("direction", &["outgoing", "incoming"]), ("status", &["pending", "approved", "rejected", "paid"])],
        flags: &["overdue"],
    },
    Fields {
        source: "budgets",
        numbers: &["amount"],
        dates: &["month"],
        texts: &["category", "currency"],
        choices: &[("type", &["income", "expense"])],
        flags: &[],
    },
    Fields {
        source: "materials",
        numbers: &["quantity", "min_stock", "unit_cost", "value"],
        dates: &[],
        texts: &["sku", "name", "category", "currency"],
        choices: &[],
        flags: &["low_stock"],
    },
];

/// Texts that would end a string or a statement, were they ever pasted into one.
const HOSTILE: [&str; 6] = [
    "'; drop table transactions; --",
    "\" or 1=1 --",
    "$1",
    "{today}",
    "%_\\",
    "'') union select password_hash from users --",
];

fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        prop::sample::select(&HOSTILE[..]).prop_map(str::to_owned),
        "[a-zA-Z ]{0,12}",
        "[^\\x00]{0,12}",
        Just("USD".to_owned()),
    ]
}

fn number() -> impl Strategy<Value = Value> {
    prop_oneof![(-100_000i64..100_000).prop_map(|n| json!(n)), "-?[0-9]{1,12}\\.[0-9]{1,4}".prop_map(|n| json!(n))]
}

fn span() -> impl Strategy<Value = Value> {
    (0u32..5_000, prop::sample::select(&["days", "weeks", "months", "quarters", "years", "hours"][..]))
        .prop_map(|(n, unit)| json!(format!("{n} {unit}")))
}

fn date() -> impl Strategy<Value = Value> {
    prop::sample::select(&["2025-02-28", "2024-02", "now", "now-6M/M", "now+1y/y", "now-99999d", "now+99999y"][..])
        .prop_map(|d| json!(d))
}

fn test(fields: &'static Fields) -> BoxedStrategy<Value> {
    let mut tests: Vec<BoxedStrategy<Value>> = Vec::new();
    let order = || prop::sample::select(&["=", "!=", "<", "<=", ">", ">="][..]);
    for &field in fields.numbers {
        tests.push(
            (order(), number()).prop_map(move |(op, v)| json!({"field": field, "operator": op, "value": v})).boxed(),
        );
        tests.push(
            (number(), number())
                .prop_map(move |(a, b)| json!({"field": field, "operator": "between", "value": [a, b]}))
                .boxed(),
        );
        tests.push(
            prop::collection::vec(number(), 0..3)
                .prop_map(move |v| json!({"field": field, "operator": "not in", "value": v}))
                .boxed(),
        );
    }
    for &field in fields.dates {
        tests.push(
            (order(), date()).prop_map(move |(op, v)| json!({"field": field, "operator": op, "value": v})).boxed(),
        );
        let ages = prop::sample::select(&["older than", "within", ">", "<"][..]);
        tests.push((ages, span()).prop_map(move |(op, v)| json!({"field": field, "operator": op, "value": v})).boxed());
        tests.push(
            prop::collection::vec(date(), 0..3)
                .prop_map(move |v| json!({"field": field, "operator": "in", "value": v}))
                .boxed(),
        );
    }
    for &field in fields.texts {
        let operators = prop::sample::select(&["=", "!=", "contains"][..]);
        tests.push(
            (operators, text()).prop_map(move |(op, v)| json!({"field": field, "operator": op, "value": v})).boxed(),
        );
        tests.push(
            prop::collection::vec(text(), 0..3)
                .prop_map(move |v| json!({"field": field, "operator": "in", "value": v}))
                .boxed(),
        );
    }
    for &(field, choices) in fields.choices {
        tests.push(
            (prop::sample::select(&["=", "!="][..]), prop::sample::select(choices))
                .prop_map(move |(op, v)| json!({"field": field, "operator": op, "value": v}))
                .boxed(),
        );
    }
    for &field in fields.flags {
        tests.push(any::<bool>().prop_map(move |v| json!({"field": field, "operator": "=", "value": v})).boxed());
        tests.push(
            prop::collection::vec(any::<bool>(), 0..3)
                .prop_map(move |v| json!({"field": field, "operator": "in", "value": v}))
                .boxed(),
        );
    }
    let all: Vec<&'static str> = [fields.numbers, fields.dates, fields.texts, fields.flags].concat();
    tests.push(
        (prop::sample::select(all), prop::sample::select(&["is empty", "is not empty"][..]))
            .prop_map(|(field, op)| json!({"field": field, "operator": op}))
            .boxed(),
    );
    prop::strategy::Union::new(tests).boxed()
}

fn filter(fields: &'static Fields) -> BoxedStrategy<Value> {
    test(fields)
        .prop_recursive(3, 8, 3, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 1..3).prop_map(|all| json!({"all": all})),
                prop::collection::vec(inner.clone(), 1..3).prop_map(|any| json!({"any": any})),
                inner.prop_map(|not| json!({"not": not})),
            ]
        })
        .boxed()
}

/// A condition on the source called `name`.
#[allow(dead_code, reason = "one of the two test binaries that have this file does not ask for it")]
pub fn filter_on(name: &'static str) -> BoxedStrategy<Value> {
    filter(FIELDS.iter().find(|fields| fields.source == name).unwrap_or(&FIELDS[0]))
}

fn measure() -> BoxedStrategy<Value> {
    (0usize..4)
        .prop_flat_map(|i| {
            let fields = &FIELDS[i];
            let of_number = prop::sample::select(&["sum", "average", "min", "max", "median", "p95", "latest"][..]);
            let any_field = [fields.numbers, fields.dates, fields.texts, fields.flags].concat();
            let shape = prop_oneof![
                Just(json!({"measure": "count"})),
                (of_number, prop::sample::select(fields.numbers)).prop_map(|(m, f)| json!({"measure": m, "field": f})),
                prop::sample::select(any_field).prop_map(|f| json!({"measure": "count distinct", "field": f})),
            ];
            let dates = [fields.dates, &["none"]].concat();
            (shape, prop::option::of(filter(fields)), prop::option::weighted(0.3, prop::sample::select(dates)))
                .prop_map(move |(mut measure, filter, date)| {
                    measure["source"] = json!(fields.source);
                    if let Some(filter) = filter {
                        measure["where"] = filter;
                    }
                    if let Some(date) = date {
                        measure["date"] = json!(date);
                    }
                    measure
                })
        })
        .boxed()
}

fn expression() -> BoxedStrategy<Value> {
    measure()
        .prop_recursive(3, 10, 3, |inner| {
            (
                prop::sample::select(&["add", "subtract", "multiply", "divide"][..]),
                prop::collection::vec(prop_oneof![4 => inner, 1 => number()], 2..4),
                prop::option::of(number()),
            )
                .prop_map(|(by, terms, scale)| match scale {
                    Some(scale) => json!({by: terms, "scale": scale}),
                    None => json!({by: terms}),
                })
        })
        .boxed()
}

/// Any formula that the language accepts, without references to other metrics.
pub fn formula() -> BoxedStrategy<Value> {
    let part =
        ("[A-Z][a-z]{1,8}", expression()).prop_map(|(label, formula)| json!({"label": label, "formula": formula}));
    prop_oneof![
        4 => expression(),
        1 => (prop::option::of(expression()), prop::collection::vec(part, 1..3)).prop_map(|(value, parts)| match value {
            Some(value) => json!({"value": value, "parts": parts}),
            None => json!({"parts": parts}),
        }),
    ]
    .boxed()
}
