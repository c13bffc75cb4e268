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
use std::{sync::Arc, time::Duration};
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
    for _ in 0..400 {
        if api.count(count).await > 0 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("never: {count}");
}
