#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]
use super::*;
use serde_json::json;

fn full(kind: WidgetKind) -> Value {
    let figure = json!({
        "metric": "total_revenue", "title": "Revenue", "decimals": 1, "color": 3,
        "filters": [{"field": "department", "operator": "=", "value": "Sales"}]
    });
    let with = |extra: Value| {
        let mut all = figure.as_object().cloned().unwrap();
        all.extend(extra.as_object().cloned().unwrap());
        Value::Object(all)
    };
    match kind {
        WidgetKind::Kpi => with(json!({
            "comparison": "year_before", "target": "8000000", "warning": "0", "critical": "-1.5", "sparkline": false
        })),
        WidgetKind::LineChart | WidgetKind::AreaChart => {
            with(json!({"grain": "month", "comparison": "nothing", "target": "5"}))
        }
        WidgetKind::BarChart => with(json!({
            "group_by": "category", "limit": 12, "comparison": "previous_period", "bars": "lying", "target": "5"
        })),
        WidgetKind::DonutChart => with(json!({"group_by": "category", "limit": 5})),
        WidgetKind::Gauge => with(json!({
            "min": "0", "max": "100", "target": "90", "warning": "60", "critical": "40", "comparison": "nothing"
        })),
        WidgetKind::ProgressRing => with(json!({"target": "100"})),
        WidgetKind::Sparkline => with(json!({"grain": "week", "comparison": "nothing"})),
        WidgetKind::DataTable => json!({
            "source": "payments", "title": "Due", "columns": ["party", "amount"], "sort": "-amount", "limit": 10,
            "filters": [{"field": "status", "operator": "=", "value": "pending"}]
        }),
        WidgetKind::AlertsFeed => json!({"title": "Alerts", "filter": "inventory", "limit": 10}),
        WidgetKind::Calendar => json!({"title": "Due", "show": ["payments"]}),
        WidgetKind::Notes => json!({"title": "Read me", "text": "# Hello"}),
    }
}

#[test]
fn settings_survive_the_way_to_the_database_and_back() {
    for kind in WidgetKind::ALL {
        let json = full(kind);
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
    assert_eq!(kpi.figure.title, None);
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
