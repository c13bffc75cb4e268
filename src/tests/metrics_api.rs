//! The metrics as programs and people get them: by the API, and as pages that need no JavaScript.

use crate::{
    metrics::{Row, insert},
    support::{self, PASSWORD, TestApp, Visitor},
};
use http::StatusCode;
use serde_json::{Value, json};

/// Ada's books hold one sale of this month; Bob's hold nothing.
async fn app() -> (TestApp, Visitor, Visitor) {
    let app = TestApp::new().await;
    let ada = support::tenant(&app.db, "Ada").await;
    let mut tx = app.db.tenant(&ada).await.unwrap();
    let row = Row {
        date: chrono::Utc::now().date_naive(),
        kind: "income".into(),
        category: None,
        department: "=cmd()".into(),
        amount: "1234.5".parse().unwrap(),
        currency: "USD".into(),
    };
    insert(&mut tx, &[row]).await;
    tx.commit().await.unwrap();
    let visitor = app.signed_in(&support::email("Ada"), PASSWORD).await;
    let bob = app.signed_up("Bob").await;
    (app, visitor, bob)
}

#[tokio::test]
async fn one_question_or_many_and_each_tenant_s_own_answer() {
    let (_app, mut ada, mut bob) = app().await;
    let one =
        json!({"metric": "total_revenue", "range": {"from": "now/M", "to": "now"}, "comparison": "previous_period"});
    let answer = ada.post_json("/api/v1/metrics/query", &one).await;
    assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
    assert_eq!(answer.json()["value"], "1234.5");
    assert_eq!(answer.json()["change_percent"], Value::Null, "nothing before is no trend");
    let many = ada.post_json("/api/v1/metrics/query", &json!([one, {"metric": "total_items"}])).await.json();
    assert_eq!((&many[0]["value"], &many[1]["value"]), (&json!("1234.5"), &json!("0")));
    assert_eq!(bob.post_json("/api/v1/metrics/query", &one).await.json()["value"], "0");

    // By GET, for links; as CSV, with texts that no spreadsheet runs.
    let csv = ada.get("/api/v1/metrics/total_revenue/value?group_by=department&format=csv").await;
    assert_eq!(csv.header("content-type"), "text/csv; charset=utf-8");
    assert_eq!(csv.text, "department,Total revenue\n'=cmd(),1234.5\n");

    let stranger = Visitor::new(_app.router.clone()).post_json("/api/v1/metrics/query", &one).await;
    assert_eq!(stranger.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn what_cannot_be_asked_is_refused_with_its_place() {
    let (_app, mut ada, _) = app().await;
    let cases = [
        (json!({"metric": "nothing"}), 404, ""),
        (json!({"metric": "total_revenue", "range": {"from": "tomorrow"}}), 422, "range.from"),
        (json!({"metric": "total_revenue", "group_by": "colour"}), 422, "group_by"),
        (json!({"metric": "total_revenue", "grain": "hour"}), 422, "grain"),
        (
            json!({"metric": "total_revenue", "filters": [{"field": "departmnt", "operator": "=", "value": "x"}]}),
            422,
            "filters[0].field",
        ),
        (json!({"metric": "total_revenue", "colour": "red"}), 422, ""),
    ];
    for (question, status, field) in cases {
        let answer = ada.post_json("/api/v1/metrics/query", &question).await;
        assert_eq!(answer.status.as_u16(), status, "{question}: {answer:?}");
        assert_eq!(answer.header("content-type"), "application/problem+json");
        if !field.is_empty() {
            assert_eq!(answer.json()["fields"][0]["field"], field, "{question}");
        }
    }
    let new = json!({"code": "mean_sale", "name": "Mean sale", "format": "currency",
        "formula": {"source": "transactions", "measure": "average", "field": "amuont"}});
    let refused = ada.post_json("/api/v1/metrics", &new).await;
    assert_eq!(refused.json()["fields"][0]["field"], "formula.field", "{refused:?}");
}

#[tokio::test]
async fn definitions_sources_and_explanations_are_there_for_programs() {
    let (_app, mut ada, mut bob) = app().await;
    let listed = ada.get_json("/api/v1/metrics").await.json();
    assert_eq!(listed["items"].as_array().unwrap().len(), 16);
    assert_eq!(ada.get_json("/api/v1/metrics/net_profit").await.json()["format"], "currency");
    assert_eq!(ada.get_json("/api/v1/metrics/sources").await.json()[0]["name"], "transactions");
    let explained = ada.get_json("/api/v1/metrics/net_profit/explain?from=now-12M/M&to=now/M").await.json();
    assert_eq!(explained["words"], "“Total revenue” minus “Total expenses”");
    assert_eq!(explained["sources"][0]["table"], "transaction_months");
    assert!(!explained["sql"].as_str().unwrap().contains("income"), "values are binds: {explained}");
    assert_eq!(ada.get_json("/api/v1/alerts?kind=inventory").await.json()["items"], json!([]));

    let new = json!({"code": "mean_sale", "name": "Mean sale", "format": "currency",
        "formula": {"source": "transactions", "measure": "average", "field": "amount"}});
    let created = ada.post_json("/api/v1/metrics", &new).await;
    assert_eq!(created.status, StatusCode::CREATED, "{created:?}");
    assert_eq!(ada.get_json("/api/v1/metrics/mean_sale/value").await.json()["value"], "1234.5");
    assert_eq!(bob.get_json("/api/v1/metrics/mean_sale").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn the_pages_show_values_and_say_how_they_come_about() {
    let (_app, mut ada, mut bob) = app().await;
    let list = ada.get("/metrics?from=now/M&to=now").await;
    assert_eq!(list.status, StatusCode::OK);
    assert!(list.text.contains("Total revenue") && list.text.contains("$1,234.50"), "{}", list.text);
    let found = ada.get("/metrics?q=stock").await.text;
    assert!(found.contains("Low stock") && !found.contains("Total revenue</b>"), "{found}");
    let page = ada.get("/metrics/total_revenue?from=now/M&to=now").await;
    for expected in
        ["How is this computed?", "$1,234.50", "The sum of amount of the transactions where type is income", "By day"]
    {
        assert!(page.text.contains(expected), "{expected}: {}", page.text);
    }
    assert!(!bob.get("/metrics/total_revenue?from=now/M&to=now").await.text.contains("1,234.50"));
    assert_eq!(ada.get("/metrics/nothing").await.status, StatusCode::NOT_FOUND);
}
