//! The feed: newest first, a page at a time, and the tenant's own.

use crate::support;
use belvedere::{
    activity::{ActivityQuery, store},
    error::AppError,
    server::{TenantTx, Topic},
};
use serde_json::json;

async fn record(tx: &mut TenantTx, entity_type: &'static str, title: &str) {
    let activity = store::NewActivity {
        action: "created",
        entity_type,
        entity_id: None,
        title: title.into(),
        metadata: json!({}),
    };
    store::record(tx, Topic::Payments, activity).await.unwrap();
}

#[tokio::test]
async fn the_feed_is_newest_first_by_kind_and_a_page_at_a_time() {
    let db = support::database().await;
    let (ada, bob) = (support::tenant(&db, "Ada").await, support::tenant(&db, "Bob").await);
    for title in ["one", "two", "three", "four", "five"] {
        let mut tx = db.tenant(&ada).await.unwrap();
        record(&mut tx, if title == "two" { "budget" } else { "payment" }, title).await;
        tx.commit().await.unwrap();
    }
    let mut tx = db.tenant(&bob).await.unwrap();
    record(&mut tx, "payment", "Bob’s").await;
    tx.commit().await.unwrap();

    let mut tx = db.tenant(&ada).await.unwrap();
    let (mut seen, mut query) = (Vec::new(), ActivityQuery { limit: Some(2), ..ActivityQuery::default() });
    loop {
        let page = store::list(&mut tx, &ada, &query).await.unwrap();
        assert!(page.items.len() <= 2);
        seen.extend(page.items.into_iter().filter(|item| item.entity_type != "organization"));
        query.cursor = page.next_cursor;
        if query.cursor.is_none() {
            break;
        }
    }
    let titles: Vec<&str> = seen.iter().map(|item| item.title.as_str()).collect();
    assert_eq!(titles, ["five", "four", "three", "two", "one"]);
    assert!(seen.iter().all(|item| item.who.as_deref() == Some("Ada")));

    let budgets = ActivityQuery { entity_type: Some("budget".into()), ..ActivityQuery::default() };
    let page = store::list(&mut tx, &ada, &budgets).await.unwrap();
    assert_eq!(page.items.iter().map(|item| item.title.as_str()).collect::<Vec<_>>(), ["two"]);

    let broken = ActivityQuery { cursor: Some("x".into()), ..ActivityQuery::default() };
    let refused = store::list(&mut tx, &ada, &broken).await;
    assert!(matches!(refused, Err(AppError::Invalid { .. })));
}

#[tokio::test]
async fn a_change_that_is_rolled_back_was_never_in_the_feed() {
    let db = support::database().await;
    let ada = support::tenant(&db, "Ada").await;
    let mut tx = db.tenant(&ada).await.unwrap();
    record(&mut tx, "payment", "never").await;
    drop(tx);
    let page = store::list(&mut db.tenant(&ada).await.unwrap(), &ada, &ActivityQuery::default()).await.unwrap();
    assert!(page.items.iter().all(|item| item.title != "never"));
}

/// The pages say it in HTML, to the people whom they concern.
#[tokio::test(flavor = "multi_thread")]
async fn the_pages_show_the_feed_and_the_jobs_without_javascript() {
    let app = support::TestApp::new().await;
    let mut ada = app.signed_up("Ada").await;
    let answer = ada.get("/activity").await;
    assert_eq!(answer.status, 200, "{answer:?}");
    assert!(answer.text.contains("Today"), "{}", answer.text);
    let answer = ada.get("/jobs").await;
    assert_eq!(answer.status, 200);
    assert!(answer.text.contains("No jobs"), "{}", answer.text);
    for path in ["/api/v1/jobs", "/api/v1/activities"] {
        let answer = ada.get_json(path).await;
        assert_eq!(answer.status, 200, "{path}");
        assert_eq!(app.visitor().get_json(path).await.status, 401, "{path}");
    }
}
