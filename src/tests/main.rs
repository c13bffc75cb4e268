//! Integration tests: real PostgreSQL, real router, at least two tenants.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on should say so and stop")]

mod accounts;
mod activity;
mod books;
mod books_pages;
mod dashboards;
mod demo;
mod grid;
mod idempotency;
mod imports;
mod isolation;
mod jobs;
mod metrics;
mod metrics_api;
mod metrics_random;
mod outage;
mod server;
mod slow_clients;
mod support;
mod widgets;

/// The walls stand: as a tenant, another tenant's people are not even countable.
#[tokio::test]
async fn a_tenant_sees_only_its_own_people() {
    let db = support::database().await;
    let ada = support::tenant(&db, "Ada").await;
    let _bob = support::tenant(&db, "Bob").await;
    let mut tx = db.tenant(&ada).await.unwrap();
    let names: Vec<String> = sqlx::query_scalar("select name from users").fetch_all(tx.conn()).await.unwrap();
    assert_eq!(names, ["Ada"]);
}
