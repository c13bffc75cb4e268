//! The metrics as programs and people get them: by the API, and as pages that need no JavaScript.

use crate::{
    metrics::{Row, insert},
    support::{self, PASSWORD, TestApp, Visitor},
};
use axum::body::Body;
use http::{Request, StatusCode};
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

/// Moves the sale into the usual range, which ends with the last month.
async fn age(app: &TestApp) {
    let sql = "update transactions set date = (date_trunc('month', date) - interval '1 day')::date";
    sqlx::query(sql).execute(app.db.pool_for_tests()).await.unwrap();
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
        (json!({"metric": "total_revenue", "limit": 0}), 422, "limit"),
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
    assert_eq!(explained["sources"][0]["table"], "transaction_category_months");
    let explained = ada.get_json("/api/v1/metrics/net_profit/explain?group_by=department").await.json();
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
    assert_eq!(page.text.matches("Total revenue as a table").count(), 1, "drawn, and sent once: {}", page.text);
    let groups = ada.get("/metrics/stock_by_category?from=now/M&to=now").await.text;
    assert!(groups.contains("No materials yet") && groups.contains("whatever the time range"), "{groups}");
    let ranges = "aria-label=\"Time range\"";
    assert!(page.text.contains(ranges) && !groups.contains(ranges), "no range to choose where none changes anything");
    assert!(!bob.get("/metrics/total_revenue?from=now/M&to=now").await.text.contains("1,234.50"));
    assert_eq!(ada.get("/metrics/nothing").await.status, StatusCode::NOT_FOUND);
}

/// Sends the form of a metric as a browser without JavaScript does.
async fn plain_form(visitor: &mut Visitor, fields: &[(&str, &str)]) -> (StatusCode, String) {
    let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
    let request = Request::post("/rpc/metrics/save")
        .header("content-type", "application/x-www-form-urlencoded")
        .header("accept", "text/html")
        .header("referer", "http://localhost/metrics/new")
        .body(Body::from(body));
    let answer = visitor.send(request.unwrap()).await;
    (answer.status, answer.header("location").trim_start_matches("http://localhost").to_owned())
}

const MEAN_SALE: [(&str, &str); 7] = [
    ("name", "Mean sale"),
    ("formula", r#"{"source": "transactions", "measure": "average", "field": "amount"}"#),
    ("format", "currency"),
    ("direction", "higher_is_better"),
    ("category", "SALES"),
    ("refresh_rate", "60"),
    ("warning_threshold", "2000"),
];

/// Made, refused, changed and defended by nothing but a form.
#[tokio::test]
async fn a_metric_of_one_s_own_is_made_and_changed_on_a_page() {
    let (app, mut ada, mut bob) = app().await;
    age(&app).await;
    assert!(ada.get("/metrics/new").await.text.contains("name=\"formula\""));
    let (status, page) = plain_form(&mut ada, &MEAN_SALE).await;
    assert_eq!((status, page.as_str()), (StatusCode::FOUND, "/metrics/mean_sale"));
    let shown = ada.get(&page).await.text;
    assert!(shown.contains("$1,234.50") && shown.contains("Warning"), "{shown}");
    assert_eq!(bob.get(&page).await.status, StatusCode::NOT_FOUND);
    assert_eq!(bob.get("/metrics/mean_sale/edit").await.status, StatusCode::NOT_FOUND);
    assert_eq!(ada.get("/metrics/net_profit/edit").await.status, StatusCode::FORBIDDEN);

    // Refused: back to the form, with what was typed and the line that is wrong.
    let mut wrong = MEAN_SALE;
    wrong[0].1 = "Another";
    wrong[1].1 = "{\n\"source\": \"payments\",\n\"colour\": 1}";
    let (_, back) = plain_form(&mut ada, &wrong).await;
    assert!(back.starts_with("/metrics/new?"), "{back}");
    let form = ada.get(&back).await.text;
    assert!(form.contains("value=\"Another\"") && form.contains("Line 3"), "{form}");
    let (_, back) = plain_form(&mut ada, &MEAN_SALE).await;
    assert!(ada.get(&back).await.text.contains("There is a metric with this code already"), "{back}");

    // A change is a new version, of the version that the form was filled with.
    let change = |base| MEAN_SALE.into_iter().chain([("code", "mean_sale"), ("base", base)]).collect::<Vec<_>>();
    assert_eq!(plain_form(&mut ada, &change("1")).await.1, "/metrics/mean_sale");
    let (_, back) = plain_form(&mut ada, &change("1")).await;
    assert!(back.starts_with("/metrics/mean_sale/edit?"), "{back}");
    assert!(ada.get(&back).await.text.contains("Somebody else has changed this metric"));
    assert_eq!(ada.get_json("/api/v1/metrics/mean_sale").await.json()["version"], 2);
}

#[tokio::test]
async fn a_preview_shows_a_value_and_keeps_nothing() {
    let (app, mut ada, _) = app().await;
    age(&app).await;
    let mut form: Value = MEAN_SALE.iter().map(|(name, value)| ((*name).to_owned(), json!(value))).collect();
    let preview = ada.post_json("/rpc/metrics/preview", &json!({ "form": form })).await;
    assert_eq!(preview.json()["answer"]["value"], "1234.5", "{preview:?}");
    assert_eq!(preview.json()["answer"]["counted"], "1 transaction");
    assert_eq!(ada.get("/metrics/mean_sale").await.status, StatusCode::NOT_FOUND);
    form["formula"] = json!("{");
    let refused = ada.post_json("/rpc/metrics/preview", &json!({ "form": form })).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{refused:?}");

    sqlx::query("update memberships set role = 'MEMBER' where user_id = (select id from users where email = $1)")
        .bind(support::email("Ada"))
        .execute(app.db.pool_for_tests())
        .await
        .unwrap();
    form["formula"] = json!(MEAN_SALE[1].1);
    let refused = ada.post_json("/rpc/metrics/preview", &json!({ "form": form })).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN, "{refused:?}");
    assert_eq!(ada.get("/metrics/new").await.status, StatusCode::FORBIDDEN);
    assert!(plain_form(&mut ada, &MEAN_SALE).await.1.contains("__err"));
}

/// An answer that was given before is given again for as long as it is true, to nobody else and to no other question.
#[tokio::test]
async fn an_answer_holds_until_the_data_or_the_definition_changes() {
    let (_app, mut ada, mut bob) = app().await;
    let question = json!({"metric": "total_revenue", "range": {}});
    let ask = async |visitor: &mut Visitor, question: &Value| {
        let answer = visitor.post_json("/api/v1/metrics/query", question).await;
        assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
        answer.json()
    };
    let first = ask(&mut ada, &question).await;
    let again = ask(&mut ada, &question).await;
    assert_eq!((&first["value"], &again["value"]), (&json!("1234.5"), &json!("1234.5")));
    assert!(again["as_of"].as_str() > first["as_of"].as_str(), "what has not changed is as of now");
    assert_eq!(ask(&mut bob, &question).await["value"], "0");
    let narrower = json!({"metric": "total_revenue", "range": {}, "filters": [
        {"field": "amount", "operator": "<", "value": 1000}]});
    assert_eq!(ask(&mut ada, &narrower).await["value"], "0");

    let sale = json!({"date": "2026-01-31", "type": "income", "amount": "100", "currency": "USD", "category": "Sales"});
    let booked = ada.post_json("/api/v1/transactions", &sale).await;
    assert_eq!(booked.status, StatusCode::CREATED, "{booked:?}");
    assert_eq!(ask(&mut ada, &question).await["value"], "1334.5");
    assert_eq!(ask(&mut ada, &narrower).await["value"], "100");
    assert_eq!(ask(&mut bob, &question).await["value"], "0");

    let own = |percent: u32| {
        json!({"code": "tax", "name": "Tax", "category": "FINANCIAL",
               "formula": {"multiply": [{"metric": "total_revenue"}, percent]}})
    };
    let tax = json!({"metric": "tax", "range": {}});
    for (percent, value) in [(2, "2669"), (3, "4003.5")] {
        let made = ada.post_json("/api/v1/metrics", &own(percent)).await;
        assert_eq!(made.status, StatusCode::CREATED, "{made:?}");
        assert_eq!(ask(&mut ada, &tax).await["value"], value);
    }
}
