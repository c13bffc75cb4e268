//! Public links: who sees what through them, and for how long.

use crate::support::{Answer, TestApp, Visitor};
use chrono::Datelike;
use http::{Method, Request, StatusCode};
use serde_json::{Value, json};
use sqlx::AssertSqlSafe;

struct Stage {
    app: TestApp,
    ada: Visitor,
    dashboard: String,
}

impl Stage {
    /// Ada has a figure, a table that links to her records, and a note with a link of her own.
    async fn new() -> Self {
        let app = TestApp::new().await;
        let mut ada = app.signed_up("Ada").await;
        for (reference, amount) in [("INV-1", "1250.50"), ("INV-2", "49.50")] {
            // The usual range ends with the last month.
            let today = chrono::Utc::now().date_naive().with_day(1).unwrap().pred_opt().unwrap();
            let payment = json!({
                "reference": reference, "party": "Grace Ltd", "issued_on": today, "due_date": today, "amount": amount, "currency": "USD",
            });
            assert_eq!(ada.post_json("/api/v1/payments", &payment).await.status, 201);
        }
        let made = ada
            .post_json(
                "/api/v1/dashboards",
                &json!({"name": "Board", "widgets": [
                    {"kind": "kpi", "settings": {"metric": "pending_payments", "title": "Pending"}},
                    {"kind": "data_table", "settings": {"source": "payments"}},
                    {"kind": "notes", "settings": {"text": "See [our site](https://example.com)."}},
                ]}),
            )
            .await;
        let dashboard = made.json()["id"].as_str().unwrap().to_owned();
        Self { app, ada, dashboard }
    }

    async fn share(&mut self, new: Value) -> Value {
        let answer = self.ada.post_json(&format!("/api/v1/dashboards/{}/share", self.dashboard), &new).await;
        assert_eq!(answer.status, 201, "{answer:?}");
        answer.json()
    }

    /// Opens a link's page as somebody without an account.
    async fn open(&self, link: &Value) -> Answer {
        self.app.visitor().get(link["share_url"].as_str().unwrap()).await
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_shows_its_dashboard_to_anybody_and_nothing_beyond() {
    let mut stage = Stage::new().await;
    let link = stage.share(json!({"name": "Bank"})).await;
    let page = stage.open(&link).await;
    assert_eq!(page.status, 200, "{page:?}");
    for shown in ["Board", "Ada &amp; Co", "1,300", "Grace Ltd", "https://example.com"] {
        assert!(page.text.contains(shown), "{shown}: {}", page.text);
    }
    for hidden in [stage.dashboard.as_str(), link["id"].as_str().unwrap(), "<script", "href=\"/payments", "ada@"] {
        assert!(!page.text.contains(hidden), "{hidden}: {}", page.text);
    }
    assert!(page.header("content-security-policy").contains("frame-ancestors 'none'"));
    assert_eq!(page.header("x-frame-options"), "DENY");
    assert_eq!(page.header("cache-control"), "no-store");
    // A signed-in stranger from another organisation sees the same.
    let mut bob = stage.app.signed_up("Bob").await;
    assert_eq!(bob.get(link["share_url"].as_str().unwrap()).await.status, 200);
    assert_eq!(bob.get(&format!("/dashboards/{}", stage.dashboard)).await.status, 404);
    let data =
        stage.app.visitor().get_json(&format!("/api/v1/dashboards{}", link["share_url"].as_str().unwrap())).await;
    assert_eq!(data.status, 200, "{data:?}");
    assert_eq!(data.json()["widgets"].as_array().unwrap().len(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_ends_when_it_is_revoked_replaced_or_expired_or_its_dashboard_deleted() {
    let mut stage = Stage::new().await;
    let missing = stage.app.visitor().get("/shared/none").await;
    assert_eq!(missing.status, 404);

    let first = stage.share(json!({})).await;
    let id = first["id"].as_str().unwrap();
    let replaced = stage.ada.post_json(&format!("/api/v1/dashboard-shares/{id}/rotate"), &json!({})).await.json();
    let gone = stage.open(&first).await;
    assert_eq!(
        (gone.status, &gone.text),
        (missing.status, &missing.text),
        "one that ended looks like one that never was"
    );
    assert_eq!(stage.open(&replaced).await.status, 200);
    let answer = stage.ada.json(Method::DELETE, &format!("/api/v1/dashboard-shares/{id}"), &json!({})).await;
    assert_eq!(answer.status, 204);
    assert_eq!(stage.open(&replaced).await.status, 404);

    let soon = chrono::Utc::now() + chrono::TimeDelta::hours(1);
    let expiring = stage.share(json!({ "expires_at": soon })).await;
    assert_eq!(stage.open(&expiring).await.status, 200);
    sqlx::query(AssertSqlSafe("update dashboard_shares set expires_at = now() - interval '1 second'".to_owned()))
        .execute(stage.app.db.pool_for_tests())
        .await
        .unwrap();
    assert_eq!(stage.open(&expiring).await.status, 404);

    let kept = stage.share(json!({})).await;
    let address = format!("/api/v1/dashboards/{}", stage.dashboard);
    assert_eq!(stage.ada.json(Method::DELETE, &address, &json!({})).await.status, 204);
    assert_eq!(stage.open(&kept).await.status, 404);
    assert!(stage.ada.post_json(&format!("{address}/restore"), &json!({})).await.status.is_success());
    assert_eq!(stage.open(&kept).await.status, 200, "out of the bin, the link works again");
    assert_eq!(stage.ada.json(Method::DELETE, &format!("{address}/share"), &json!({})).await.status, 204);
    assert_eq!(stage.open(&kept).await.status, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_password_is_asked_for_once_and_guessing_is_slowed_down() {
    let mut stage = Stage::new().await;
    let link = stage.share(json!({"password": "correct horse"})).await;
    let address = link["share_url"].as_str().unwrap();
    let mut guest = stage.app.visitor();
    let gate = guest.get(address).await;
    assert!(gate.text.contains("type=\"password\"") && !gate.text.contains("Grace"), "{}", gate.text);
    let wrong = guest.post_form(address, &[("password", "battery staple")]).await;
    assert_eq!(wrong.status, 422);
    assert!(wrong.text.contains("not the link’s password"), "{}", wrong.text);
    let right = guest.post_form(address, &[("password", "correct horse")]).await;
    assert!(right.status.is_redirection(), "{right:?}");
    assert!(guest.get(address).await.text.contains("Grace"));
    // The cookie belongs to this link and password.
    let other = stage.share(json!({"password": "another password"})).await;
    assert!(!guest.get(other["share_url"].as_str().unwrap()).await.text.contains("Grace"));

    let api = format!("/api/v1/dashboards{address}");
    assert_eq!(stage.app.visitor().get_json(&api).await.status, 401);
    let with = Request::get(&api).header("x-share-password", "correct horse").body(axum::body::Body::empty()).unwrap();
    assert_eq!(stage.app.visitor().send(with).await.status, 200);

    let mut guesser = stage.app.visitor();
    let mut statuses = Vec::new();
    for n in 0..12 {
        statuses.push(guesser.post_form(address, &[("password", &format!("guess number {n}"))]).await.status);
    }
    assert_eq!(statuses.last(), Some(&StatusCode::TOO_MANY_REQUESTS), "{statuses:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn only_an_unlocked_link_lets_its_visitors_choose_the_range() {
    let mut stage = Stage::new().await;
    let query = json!({"from": "2020-01-01", "to": "2020-02-01"});
    let locked = stage.share(json!({"query": query})).await;
    let unlocked = stage.share(json!({"query": query, "unlocked": true})).await;
    for (link, can_choose) in [(&locked, false), (&unlocked, true)] {
        let address = link["share_url"].as_str().unwrap();
        assert!(!stage.app.visitor().get(address).await.text.contains("Grace"), "nothing happened in 2020");
        let page = stage.app.visitor().get(&format!("{address}?from=&to=")).await;
        assert_eq!(page.text.contains("Grace"), can_choose);
        assert_eq!(page.text.contains("name=\"from\""), can_choose);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_sites_that_were_named_may_embed() {
    let mut stage = Stage::new().await;
    let link = stage.share(json!({"origins": ["https://intranet.example.com/"]})).await;
    let page = stage.open(&link).await;
    assert!(page.header("content-security-policy").contains("frame-ancestors https://intranet.example.com"));
    assert_eq!(page.header("x-frame-options"), "");
    let address = format!("/api/v1/dashboards/{}/share", stage.dashboard);
    let refused = stage.ada.post_json(&address, &json!({"origins": ["*"]})).await;
    assert_eq!(refused.status, 422, "{refused:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn links_are_counted_and_kept_as_hashes_and_only_admins_manage_them() {
    let mut stage = Stage::new().await;
    let link = stage.share(json!({})).await;
    let token = link["share_token"].as_str().unwrap();
    assert!(token.len() >= 43, "256 bits: {token}");
    let stored: String = sqlx::query_scalar("select string_agg(s::text, '') from dashboard_shares s")
        .fetch_one(stage.app.db.pool_for_tests())
        .await
        .unwrap();
    assert!(!stored.contains(token));
    let api = format!("/api/v1/dashboards/shared/{token}");
    for _ in 0..3 {
        assert_eq!(stage.app.visitor().get_json(&api).await.status, 200);
    }
    let listed = stage.ada.get_json("/api/v1/dashboard-shares").await.json();
    assert_eq!(listed["items"][0]["views"], 3, "{listed}");
    assert!(!listed.to_string().contains(token));

    for page in ["/public-links".to_owned(), format!("/dashboards/{}/share", stage.dashboard)] {
        let answer = stage.ada.get(&page).await;
        assert_eq!(answer.status, 200);
        assert!(answer.text.contains("Public link"), "{page}");
    }
    sqlx::query("update memberships set role = 'MEMBER'").execute(stage.app.db.pool_for_tests()).await.unwrap();
    let address = format!("/api/v1/dashboards/{}/share", stage.dashboard);
    assert_eq!(stage.ada.post_json(&address, &json!({})).await.status, 403);
    assert_eq!(stage.ada.get_json("/api/v1/dashboard-shares").await.status, 403);
    assert_eq!(stage.ada.get("/public-links").await.status, 403);
}
