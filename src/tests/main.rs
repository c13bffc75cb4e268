//! Integration tests: real PostgreSQL, real router, at least two tenants.
// One JSON literal with the arguments of every server function needs more than the usual depth.
#![recursion_limit = "256"]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on should say so and stop")]

mod accounts;
mod activity;
mod books;
mod books_pages;
mod dashboards;
mod dashboards_as_code;
mod demo;
mod editing;
mod exports;
mod filters;
mod grid;
mod idempotency;
mod imports;
mod isolation;
mod jobs;
mod layout;
mod mail;
mod metrics;
mod metrics_api;
mod metrics_random;
mod outage;
mod ownership;
mod personal_elsewhere;
mod process;
mod server;
mod sharing;
mod slow_clients;
mod statics;
mod support;
mod widget_roles;
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
