//! `Idempotency-Key`: however often a request is sent, its effect is there once, and never without its key.

use crate::support;
use axum::{
    Json, Router,
    body::{Body, to_bytes},
    extract::State,
    middleware::from_fn_with_state,
    routing::post,
};
use belvedere::{
    accounts::Member,
    error::AppError,
    server::{AppState, Database, Topic, idempotency, request::Authenticated},
};
use http::{Request, StatusCode, header};
use serde_json::{Value, json};
use std::sync::Arc;
use tokio::sync::Semaphore;
use tower::ServiceExt;

/// Creates a category; refuses the name "bad"; waits for a permit when the name is "slow".
async fn create(
    State((state, gate)): State<(AppState, Arc<Semaphore>)>,
    member: axum::Extension<Member>,
    Json(new): Json<Value>,
) -> Result<(StatusCode, Json<Value>), AppError> {
    let name = new["name"].as_str().unwrap_or_default().to_owned();
    if name == "slow" {
        gate.acquire().await.unwrap().forget();
    }
    let mut tx = state.db.tenant(&*member).await?;
    let id: uuid::Uuid = sqlx::query_scalar(
        "insert into categories (organization_id, id, name) values (app_organization(), gen_random_uuid(), $1) returning id",
    )
    .bind(format!("{name} {}", uuid::Uuid::new_v4()))
    .fetch_one(tx.conn())
    .await?;
    tx.changed(Topic::Transactions);
    if name == "bad" {
        return Err(AppError::field("name", "Not this one."));
    }
    tx.commit().await?;
    if name == "crash" {
        std::future::pending::<()>().await; // the server stops between effect and answer
    }
    Ok((StatusCode::CREATED, Json(json!({ "id": id }))))
}

struct Api {
    db: Database,
    router: Router,
    gate: Arc<Semaphore>,
}

async fn api() -> Api {
    let db = support::database().await;
    let (state, gate) = (support::state(&db), Arc::new(Semaphore::new(0)));
    let router = Router::new()
        .route("/categories", post(create))
        .with_state((state.clone(), gate.clone()))
        .layer(from_fn_with_state(state, idempotency::keep));
    Api { db, router, gate }
}

#[derive(Debug, PartialEq)]
struct Answer {
    status: u16,
    content_type: String,
    replayed: bool,
    retry_after: bool,
    body: Value,
}

impl Api {
    async fn send(&self, member: &Member, key: &str, name: &str) -> Answer {
        let request = Request::post("/categories")
            .header("idempotency-key", key)
            .header(header::CONTENT_TYPE, "application/json")
            .extension(member.clone())
            .extension(Ok::<_, AppError>(Authenticated(Some(member.clone()))))
            .body(Body::from(json!({ "name": name }).to_string()))
            .unwrap();
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let body = to_bytes(body, 100_000).await.unwrap();
        Answer {
            status: parts.status.as_u16(),
            content_type: parts.headers[header::CONTENT_TYPE].to_str().unwrap().to_owned(),
            replayed: parts.headers.contains_key("idempotency-replayed"),
            retry_after: parts.headers.contains_key(header::RETRY_AFTER),
            body: serde_json::from_slice(&body).unwrap(),
        }
    }

    async fn count(&self, sql: &'static str) -> i64 {
        sqlx::query_scalar(sql).fetch_one(self.db.pool_for_tests()).await.unwrap()
    }

    async fn categories(&self) -> i64 {
        self.count("select count(*) from categories").await
    }
}

#[tokio::test]
async fn a_request_sent_again_gets_the_first_answer_and_has_no_second_effect() {
    let api = api().await;
    let (ada, bob) = (support::tenant(&api.db, "Ada").await, support::tenant(&api.db, "Bob").await);
    let first = api.send(&ada, "one", "Rent").await;
    assert_eq!((first.status, first.replayed), (201, false));
    let again = api.send(&ada, "one", "Rent").await;
    assert_eq!(again, Answer { replayed: true, ..first });
    assert_eq!(api.categories().await, 1);
    // The key is the member's own: somebody else's request is another one.
    assert_eq!(api.send(&bob, "one", "Rent").await.status, 201);
    assert_eq!(api.send(&ada, "two", "Rent").await.status, 201);
    assert_eq!(api.categories().await, 3);
}

#[tokio::test]
async fn a_key_is_for_one_request() {
    let api = api().await;
    let ada = support::tenant(&api.db, "Ada").await;
    api.send(&ada, "one", "Rent").await;
    let other = api.send(&ada, "one", "Wages").await;
    assert_eq!((other.status, other.content_type.as_str()), (422, "application/problem+json"));
    assert_eq!(other.body["fields"][0]["field"], "Idempotency-Key");
    assert_eq!(api.send(&ada, "has spaces", "Rent").await.status, 422);
    assert_eq!(api.categories().await, 1);
}

#[tokio::test]
async fn a_refused_request_may_be_put_right_under_the_same_key() {
    let api = api().await;
    let ada = support::tenant(&api.db, "Ada").await;
    assert_eq!(api.send(&ada, "one", "bad").await.status, 422);
    assert_eq!(api.send(&ada, "one", "good").await.status, 201);
    assert_eq!(api.categories().await, 1);
}

#[tokio::test]
async fn a_request_that_is_still_at_work_is_not_started_twice() {
    let api = Arc::new(api().await);
    let ada = support::tenant(&api.db, "Ada").await;
    let first = tokio::spawn({
        let (api, ada) = (api.clone(), ada.clone());
        async move { api.send(&ada, "one", "slow").await }
    });
    wait_for(&api, "select count(*) from idempotency_keys").await;
    let meanwhile = api.send(&ada, "one", "slow").await;
    assert_eq!((meanwhile.status, meanwhile.retry_after), (409, true));
    api.gate.add_permits(1);
    assert_eq!(first.await.unwrap().status, 201);
    assert!(api.send(&ada, "one", "slow").await.replayed);
    assert_eq!(api.categories().await, 1);
}

/// The connection is lost half-way: the answer waits for the next try.
#[tokio::test]
async fn a_client_that_hangs_up_finds_its_answer_when_it_asks_again() {
    let api = Arc::new(api().await);
    let ada = support::tenant(&api.db, "Ada").await;
    let first = tokio::spawn({
        let (api, ada) = (api.clone(), ada.clone());
        async move { api.send(&ada, "one", "slow").await }
    });
    wait_for(&api, "select count(*) from idempotency_keys").await;
    first.abort();
    assert!(first.await.unwrap_err().is_cancelled());
    api.gate.add_permits(1);
    wait_for(&api, "select count(*) from idempotency_keys where status = 201").await;
    assert!(api.send(&ada, "one", "slow").await.replayed);
    assert_eq!(api.categories().await, 1);
}

/// The server stops between the effect and its answer: nothing is done a second time.
#[tokio::test]
async fn a_lost_answer_is_not_made_up_by_doing_it_again() {
    let api = Arc::new(api().await);
    let ada = support::tenant(&api.db, "Ada").await;
    let first = tokio::spawn({
        let (api, ada) = (api.clone(), ada.clone());
        async move { api.send(&ada, "one", "crash").await }
    });
    wait_for(&api, "select count(*) from idempotency_keys where applied_at is not null").await;
    // Its answer may still be on the way.
    let meanwhile = api.send(&ada, "one", "crash").await;
    assert_eq!((meanwhile.status, meanwhile.retry_after), (409, true));
    expire(&api).await;
    let again = api.send(&ada, "one", "crash").await;
    assert_eq!((again.status, again.retry_after), (409, false));
    assert!(again.body["detail"].as_str().unwrap().contains("was carried out"));
    assert_eq!(api.categories().await, 1);
    first.abort();
}

/// A request that died, or was only slow, before its effect: another one may have the key, and from then on the
/// slow one cannot commit.
#[tokio::test]
async fn of_two_requests_with_one_key_only_one_can_commit() {
    let api = Arc::new(api().await);
    let ada = support::tenant(&api.db, "Ada").await;
    let send = |api: &Arc<Api>, ada: &Member| {
        let (api, ada) = (api.clone(), ada.clone());
        tokio::spawn(async move { api.send(&ada, "one", "slow").await })
    };
    let slow = send(&api, &ada);
    wait_for(&api, "select count(*) from idempotency_keys").await;
    expire(&api).await;
    let quick = send(&api, &ada);
    wait_for(&api, "select count(*) from idempotency_keys where reserved_until > now()").await;
    api.gate.add_permits(2);
    assert_eq!(quick.await.unwrap().status, 201);
    assert_eq!(slow.await.unwrap().status, 409);
    assert_eq!(api.categories().await, 1);
}

#[tokio::test]
async fn a_key_is_free_again_after_a_day() {
    let api = api().await;
    let ada = support::tenant(&api.db, "Ada").await;
    api.send(&ada, "one", "Rent").await;
    for (hours, categories) in [(23, 1), (25, 2)] {
        sqlx::query("update idempotency_keys set applied_at = now() - make_interval(hours => $1)")
            .bind(hours)
            .execute(api.db.pool_for_tests())
            .await
            .unwrap();
        assert_eq!(api.send(&ada, "one", "Rent").await.status, 201);
        assert_eq!(api.categories().await, categories, "after {hours} hours");
    }
}

/// As if two minutes had passed since the key was reserved.
async fn expire(api: &Api) {
    sqlx::query("update idempotency_keys set reserved_until = now() - interval '1 second'")
        .execute(api.db.pool_for_tests())
        .await
        .unwrap();
}

async fn wait_for(api: &Api, count: &'static str) {
    support::eventually(count, async || (api.count(count).await > 0).then_some(())).await;
}

/// What each creating operation of the API is sent, and the table that it adds a row to.
const CREATIONS: &[(&str, &str, &str)] = &[
    ("/organizations", r#"{"name": "Another"}"#, "organizations"),
    ("/invitations", r#"{"email": "new@example.com", "role": "VIEWER"}"#, "invitations"),
    ("/imports", "date,type,amount\n2026-01-31,income,1\n", "imports"),
    ("/transactions", r#"{"date": "2026-01-31", "type": "income", "amount": "1", "currency": "USD"}"#, "transactions"),
    (
        "/payments",
        r#"{"party": "x", "issued_on": "2026-01-31", "due_date": "2026-01-31", "amount": "1", "currency": "USD"}"#,
        "payments",
    ),
    ("/budgets", r#"{"month": "2026-01", "category": "x", "amount": "1", "currency": "USD"}"#, "budgets"),
    ("/categories", r#"{"name": "new"}"#, "categories"),
    ("/materials", r#"{"sku": "new", "name": "new", "currency": "USD"}"#, "materials"),
    (
        "/metrics",
        r#"{"code": "rows", "name": "Rows", "category": "FINANCIAL", "formula": {"source": "payments"}}"#,
        "metric_definitions",
    ),
    ("/dashboards", r#"{"name": "New"}"#, "dashboards"),
    ("/dashboards/{id}/widgets", r#"{"kind": "notes"}"#, "dashboard_widgets"),
    ("/dashboards/{id}/duplicate", "{}", "dashboards"),
    ("/dashboards/{id}/share", r#"{"name": "Bank"}"#, "dashboard_shares"),
    ("/dashboards/{id}/views", r#"{"name": "Mine"}"#, "dashboard_views"),
    ("/dashboards/import", r#"{"belvedere": 1, "name": "Imported", "widgets": []}"#, "dashboards"),
];

/// Every operation of the real API that creates something does so once for one key, also where what it creates is
/// outside of the organisation that it was sent to.
#[tokio::test(flavor = "multi_thread")]
async fn every_creation_of_the_api_happens_once() {
    let app = support::TestApp::new().await;
    let mut ada = app.signed_up("Ada").await;
    let description = ada.get_json("/api/openapi.json").await.json();
    for (path, methods) in description["paths"].as_object().unwrap() {
        let path = path.strip_prefix("/api/v1").unwrap();
        if methods["post"]["responses"].get("201").is_some() {
            assert!(CREATIONS.iter().any(|(known, ..)| *known == path), "{path} creates: add it to this test’s list");
        }
    }
    let dashboard = ada.post_json("/api/v1/dashboards", &json!({ "name": "First" })).await.json();
    let dashboard = dashboard["id"].as_str().or(dashboard["dashboard"]["id"].as_str()).unwrap().to_owned();
    for (path, body, table) in CREATIONS {
        let (address, kind) = match *path {
            "/imports" => ("/api/v1/imports?target=transactions".to_owned(), "text/csv"),
            other => (format!("/api/v1{}", other.replace("{id}", &dashboard)), "application/json"),
        };
        let count = || sqlx::AssertSqlSafe(format!("select count(*) from {table}"));
        let before: i64 = sqlx::query_scalar(count()).fetch_one(app.db.pool_for_tests()).await.unwrap();
        let mut answers = Vec::new();
        for _ in 0..2 {
            let request = Request::post(&address)
                .header("content-type", kind)
                .header("accept", "application/json")
                .header("idempotency-key", format!("key-of-{}", path.replace(['/', '{', '}'], "-")));
            answers.push(ada.send(request.body(Body::from(*body)).unwrap()).await);
        }
        let after: i64 = sqlx::query_scalar(count()).fetch_one(app.db.pool_for_tests()).await.unwrap();
        assert_eq!(answers[0].status, StatusCode::CREATED, "{path}: {:?}", answers[0]);
        assert_eq!(after - before, 1, "{path}");
        assert_eq!(answers[1].header("idempotency-replayed"), "true", "{path}: {:?}", answers[1]);
        let told = |answer: &support::Answer| (answer.status, answer.text.clone(), answer.header("etag").to_owned());
        assert_eq!(told(&answers[1]), told(&answers[0]), "{path}");
        let of_dashboard = *path == "/dashboards" || path.ends_with("/widgets");
        assert!(!of_dashboard || !answers[1].header("etag").is_empty(), "{path}");
    }
}

/// A form with a file that is sent again has another boundary, and is the same request.
#[tokio::test]
async fn a_form_sent_again_is_the_same_request() {
    let app = support::TestApp::new().await;
    let mut ada = app.signed_up("Ada").await;
    let mut replayed = Vec::new();
    for (boundary, amount) in [("----first8Zx", 1), ("----second3Qp", 1), ("----third", 2)] {
        let body = format!(
            "--{boundary}\r\ncontent-disposition: form-data; name=\"target\"\r\n\r\ntransactions\r\n--{boundary}\r\n\
             content-disposition: form-data; name=\"file\"; filename=\"a.csv\"\r\ncontent-type: text/csv\r\n\r\n\
             date,type,amount\n2026-01-31,income,{amount}\n\r\n--{boundary}--\r\n"
        );
        let request = Request::post("/api/v1/imports")
            .header("content-type", format!("multipart/form-data; boundary={boundary}"))
            .header("accept", "application/json")
            .header("idempotency-key", "one");
        let answer = ada.send(request.body(Body::from(body)).unwrap()).await;
        replayed.push((answer.status.as_u16(), answer.header("idempotency-replayed").to_owned()));
    }
    assert_eq!(replayed, [(201, String::new()), (201, "true".into()), (422, String::new())]);
    let imports: i64 =
        sqlx::query_scalar("select count(*) from imports").fetch_one(app.db.pool_for_tests()).await.unwrap();
    assert_eq!(imports, 1);
}
