#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]
use super::*;
use serde_json::json;

fn full(kind: WidgetKind) -> Value {
    full_of(kind, true)
}

fn full_of(kind: WidgetKind, records: bool) -> Value {
    let access = json!({"title": "Due", "refresh": 300, "roles": ["MEMBER", "VIEWER"]});
    let figure = json!({
        "metric": "total_revenue", "title": "Revenue", "decimals": 1, "color": 3, "format": "number",
        "range": {"from": "now-30d", "to": "now"}, "refresh": 60, "roles": [],
        "filters": [{"field": "department", "operator": "=", "value": "Sales"}]
    });
    let join = |one: &Value, other: Value| {
        let mut all = one.as_object().cloned().unwrap();
        all.extend(other.as_object().cloned().unwrap());
        Value::Object(all)
    };
    let table = |extra: Value| join(&figure, extra);
    let with = |extra: Value| join(&figure, join(&json!({"notation": "full"}), extra));
    match kind {
        WidgetKind::Kpi => with(json!({
            "comparison": "year_before", "target": "8000000", "warning": "0", "critical": "-1.5", "sparkline": false
        })),
        WidgetKind::LineChart | WidgetKind::AreaChart => with(json!({
            "grain": "month", "group_by": "category", "limit": 4, "comparison": "nothing", "target": "5",
            "warning": "0", "critical": "-3"
        })),
        WidgetKind::BarChart => with(json!({
            "group_by": "category", "limit": 12, "comparison": "previous_period", "bars": "lying", "target": "5",
            "sort": "-name", "warning": "1", "critical": "2"
        })),
        WidgetKind::DonutChart => with(json!({"group_by": "category", "limit": 5, "sort": "value"})),
        WidgetKind::Gauge => with(json!({
            "min": "0", "max": "100", "target": "90", "warning": "60", "critical": "40", "comparison": "nothing"
        })),
        WidgetKind::ProgressRing => with(json!({"target": "100", "warning": "60", "critical": "40"})),
        WidgetKind::Sparkline => {
            with(json!({"grain": "week", "comparison": "nothing", "warning": "1", "critical": "0"}))
        }
        WidgetKind::DataTable if !records => table(json!({
            "group_by": "category", "sort": "name", "limit": 10, "comparison": "nothing", "warning": "1", "critical": "0"
        })),
        WidgetKind::DataTable => join(
            &access,
            json!({
                "source": "payments", "columns": ["party", "amount"], "sort": "-amount", "limit": 10, "range": {},
                "filters": [{"field": "status", "operator": "=", "value": "pending"}]
            }),
        ),
        WidgetKind::AlertsFeed => join(&access, json!({"filter": "inventory", "limit": 10})),
        WidgetKind::Calendar => join(&access, json!({"show": ["payments", "events"], "range": {"from": "now/M"}})),
        WidgetKind::Notes => json!({"title": "Read me", "text": "# Hello", "roles": ["VIEWER"]}),
    }
}

/// Every kind, and of the table both forms, with every setting but those that exclude one another.
fn every_form() -> impl Iterator<Item = (WidgetKind, Value)> {
    WidgetKind::ALL
        .into_iter()
        .map(|kind| (kind, full(kind)))
        .chain([(WidgetKind::DataTable, full_of(WidgetKind::DataTable, false))])
}

#[test]
fn settings_survive_the_way_to_the_database_and_back() {
    for (kind, json) in every_form() {
        let settings = parse(kind, &json).unwrap();
        assert_eq!(settings.to_json(), json, "{kind}");
        assert_eq!(parse(kind, &settings.to_json()).unwrap(), settings, "{kind}");
    }
}

#[test]
fn a_metric_alone_is_enough() {
    for kind in WidgetKind::ALL {
        let value = match kind {
            WidgetKind::AlertsFeed | WidgetKind::Calendar | WidgetKind::Notes => Value::Null,
            _ => json!({"metric": "total_revenue"}),
        };
        let settings = parse(kind, &value).unwrap();
        assert!(!settings.title().is_empty());
        assert_eq!(parse(kind, &settings.to_json()).unwrap(), settings, "{kind}");
    }
    assert_eq!(parse(WidgetKind::Gauge, &json!({"metric": "collection_rate"})).unwrap().title(), "Collection rate");
}

#[test]
fn every_kind_refuses_what_it_does_not_know() {
    for kind in WidgetKind::ALL {
        let mut json = full(kind);
        json["colour"] = json!("red");
        let error = parse(kind, &json).unwrap_err();
        assert!(error.for_field("colour").is_some(), "{kind}");
    }
}

#[test]
fn all_wrong_fields_are_named_at_once() {
    let error = parse(
        WidgetKind::Kpi,
        &json!({"metric": "", "color": 7, "decimals": -1, "target": "much", "comparison": "tomorrow", "sparkline": 3}),
    )
    .unwrap_err();
    for field in ["metric", "color", "decimals", "target", "comparison", "sparkline"] {
        assert!(error.for_field(field).is_some(), "{field}");
    }
}

#[test]
fn fields_of_a_form_are_read_as_they_come() {
    let settings = parse(
        WidgetKind::Kpi,
        &json!({"metric": " total_revenue ", "title": "", "decimals": "2", "warning": "0", "target": "", "sparkline": "on"}),
    )
    .unwrap();
    let WidgetSettings::Kpi(kpi) = settings else { panic!("a kpi") };
    assert_eq!(kpi.figure.metric, "total_revenue");
    assert_eq!(kpi.figure.common.title, None);
    assert_eq!(kpi.figure.decimals, Some(2));
    assert_eq!(kpi.limits.warning, Some(Decimal::ZERO), "0 is a limit like any other");
    assert_eq!(kpi.target, None);
}

#[test]
fn numbers_stay_exact() {
    let settings = parse(WidgetKind::ProgressRing, &json!({"metric": "m", "target": 12345678901234567.89})).unwrap();
    assert!(matches!(settings, WidgetSettings::ProgressRing(_)));
    let settings = parse(WidgetKind::ProgressRing, &json!({"metric": "m", "target": "99999999999999.9999"})).unwrap();
    assert_eq!(settings.to_json()["target"], "99999999999999.9999");
}

#[test]
fn rules_between_fields_hold() {
    let gauge = |min: i32, max: i32| parse(WidgetKind::Gauge, &json!({"metric": "m", "min": min, "max": max}));
    assert!(gauge(0, 1).is_ok());
    assert!(gauge(1, 1).unwrap_err().for_field("max").is_some());
    let both = json!({"metric": "m", "group_by": "category", "grain": "month"});
    assert!(parse(WidgetKind::BarChart, &both).unwrap_err().for_field("grain").is_some());
    assert!(parse(WidgetKind::ProgressRing, &json!({"metric": "m", "target": 0})).is_err());
    assert!(parse(WidgetKind::Kpi, &json!({"metric": "drop table; --"})).is_err());
    assert!(parse(WidgetKind::Notes, &json!({"text": "x".repeat(MAX_NOTE + 1)})).is_err());
    assert!(parse(WidgetKind::Notes, &json!([])).is_err());
}

#[test]
fn a_table_shows_records_or_a_metric() {
    let records = parse(WidgetKind::DataTable, &json!({"source": "payments", "columns": "party, amount"})).unwrap();
    let WidgetSettings::DataTable(TableSettings::Records(records)) = records else { panic!("records") };
    assert_eq!(records.columns, ["party", "amount"]);
    let metric = parse(WidgetKind::DataTable, &json!({"metric": "total_expenses", "group_by": "category"})).unwrap();
    assert!(matches!(metric, WidgetSettings::DataTable(TableSettings::Metric(_))));
    assert!(parse(WidgetKind::DataTable, &json!({"metric": "a", "source": "b"})).is_err());
    assert!(parse(WidgetKind::DataTable, &Value::Null).unwrap_err().for_field("metric").is_some());
}

#[test]
fn the_schema_and_the_reader_know_the_same_settings() {
    for (kind, json) in every_form() {
        let form = match json.get("source") {
            Some(_) => When::WithSource,
            None => When::WithMetric,
        };
        let mut reader = Reader::new(kind, json.as_object().unwrap());
        read(kind, &mut reader);
        let mut asked = reader.asked.clone();
        let of_form = |f: &&Field| f.when == When::Always || f.when == form;
        // Of a table by metric, the source is what is not chosen.
        let own = |f: &&Field| !(f.name == "source" && form == When::WithMetric);
        let mut known: Vec<_> = schema(kind).iter().filter(of_form).filter(own).map(|f| f.name).collect();
        asked.sort_unstable();
        known.sort_unstable();
        assert_eq!(asked, known, "{kind}");
        assert!(known.windows(2).all(|pair| pair[0] != pair[1]), "{kind} has each once");
        // What the test above writes and reads is everything, but for what excludes something else.
        let missing: Vec<_> = known.into_iter().filter(|name| json.get(name).is_none()).collect();
        assert!(missing.is_empty() || missing == ["grain"], "{kind}: {missing:?}");
    }
}

#[test]
fn every_option_and_bound_of_the_schema_is_one_of_the_reader() {
    let mut tried = 0;
    for (kind, json) in every_form() {
        let form = if json.get("source").is_some() { When::WithSource } else { When::WithMetric };
        for field in schema(kind).iter().filter(|f| f.when == When::Always || f.when == form) {
            let with = |value: Value| {
                let mut json = json.clone();
                if field.name == "grain" {
                    json.as_object_mut().unwrap().remove("group_by");
                }
                json[field.name] = value;
                parse(kind, &json)
            };
            let refused = |value: Value| {
                let error = with(value).unwrap_err();
                assert!(error.for_field(field.name).is_some(), "{kind} {}: {error:?}", field.name);
            };
            match field.control {
                Control::Choice { options, .. } => {
                    options.iter().for_each(|o| drop(with(json!(o.value)).unwrap()));
                    refused(json!("nonsense"));
                }
                Control::Choices { options } => {
                    drop(with(options.iter().map(|o| o.value).collect()).unwrap());
                    refused(json!(["nonsense"]));
                }
                Control::Whole { min, max } => {
                    [min, max].into_iter().for_each(|n| drop(with(json!(n)).unwrap()));
                    refused(json!(max + 1));
                    refused(json!("many"));
                }
                Control::Text { max } | Control::Markdown { max } => refused(json!("x".repeat(max + 1))),
                Control::Color => refused(json!(7)),
                Control::Range => {
                    refused(json!({"from": "yesterdayish"}));
                    refused(json!({"from": "2026-02-01", "to": "2026-01-01"}));
                    refused(json!("now"));
                }
                Control::Roles => refused(json!(["KING"])),
                Control::Number => refused(json!("much")),
                Control::Flag { .. } => refused(json!(3)),
                Control::Conditions { .. } => refused(json!("all")),
                Control::Metric | Control::Source | Control::Dimension | Control::SortField => refused(json!("a b")),
                Control::Columns { .. } => refused(json!(["a b"])),
            }
            tried += 1;
        }
    }
    assert!(tried > 100);
}

#[test]
fn owners_and_admins_see_everything_and_others_what_they_may() {
    let visible = |roles: Value| {
        let settings = parse(WidgetKind::Notes, &json!({"text": "x", "roles": roles})).unwrap();
        Role::ALL.map(|role| settings.visible_to(role))
    };
    assert_eq!(visible(Value::Null), [true; 5]);
    assert_eq!(visible(json!([])), [true, true, false, false, false]);
    assert_eq!(visible(json!(["VIEWER"])), [true, true, false, true, false]);
    assert_eq!(visible(json!("member, admin")), [true, true, true, false, false]);
}

#[test]
fn settings_of_before_keep_reading() {
    for (kind, json) in [
        (WidgetKind::Kpi, json!({"metric": "total_revenue", "title": "Revenue", "sparkline": true})),
        (WidgetKind::BarChart, json!({"metric": "stock_by_category", "group_by": "category", "limit": 12})),
        (WidgetKind::DataTable, json!({"source": "payments", "sort": "-amount", "limit": 10})),
        (WidgetKind::Calendar, json!({"title": "Due", "show": ["payments", "budgets"]})),
        (WidgetKind::AlertsFeed, json!({"filter": "inventory"})),
    ] {
        assert_eq!(parse(kind, &json).unwrap().to_json(), json, "{kind}");
    }
    assert!(parse(WidgetKind::DataTable, &json!({"metric": "m", "source": ""})).is_ok(), "a form sends both");
}

#[test]
fn changing_the_kind_keeps_what_carries_over() {
    for (from, json) in every_form() {
        for to in WidgetKind::ALL {
            let carried = carry_over(to, &json);
            let named = |name: &str| carried.get(name).is_some();
            match parse(to, &carried) {
                Ok(settings) => assert_eq!(parse(to, &carry_over(to, &settings.to_json())).unwrap(), settings),
                Err(error) => assert!(error.for_field("metric").is_some(), "{from} to {to}: {error:?}"),
            }
            assert!(named("title"), "{from} to {to}");
            let has =
                |kind: WidgetKind| schema(kind).iter().any(|f| f.name == "metric") && json.get("source").is_none();
            assert_eq!(named("metric"), has(from) && has(to), "{from} to {to}");
        }
        assert_eq!(carry_over(from, &json), json, "to itself, all of it");
    }
    assert_eq!(carry_over(WidgetKind::DonutChart, &json!({"metric": "m", "limit": 100}))["limit"], 12);
    assert_eq!(carry_over(WidgetKind::Kpi, &json!(["no object"])), json!({}));
}
