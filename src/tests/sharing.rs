//! Public links: who sees what through them, and for how long.

use crate::support::{self, Answer, TestApp, Visitor};
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
    let without = stage.app.visitor().get_json(&api).await;
    assert_eq!((without.status.as_u16(), without.header("www-authenticate")), (401, "X-Share-Password realm=\"link\""));
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
async fn a_right_password_of_a_link_is_not_counted_as_a_guess() {
    let mut stage = Stage::new().await;
    let link = stage.share(json!({"password": "correct horse"})).await;
    let address = link["share_url"].as_str().unwrap();
    let form = async |password: &str| stage.app.visitor().post_form(address, &[("password", password)]).await.status;
    let program = async |password: &str| {
        let asked = Request::get(format!("/api/v1/dashboards{address}")).header("x-share-password", password);
        stage.app.visitor().send(asked.body(axum::body::Body::empty()).unwrap()).await.status
    };
    for _ in 0..15 {
        assert_eq!(program("correct horse").await, 200);
        assert!(form("correct horse").await.is_redirection());
    }
    for _ in 0..4 {
        assert_eq!(program("battery staple").await, 401);
        assert_eq!(form("battery staple").await, 422);
    }
    assert_eq!(program("correct horse").await, 200);
    let mut guesses = Vec::new();
    for _ in 0..4 {
        guesses.push(program("battery staple").await.as_u16());
    }
    assert_eq!(guesses.last(), Some(&429), "{guesses:?}");
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
        let mistyped = stage.app.visitor().get(&format!("{address}?from=soon")).await;
        assert_eq!(mistyped.text.contains("The last 12 months are shown instead."), can_choose);
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
    // Programs, files and whoever asks for the head alone look at no page.
    let page = format!("/shared/{token}");
    assert_eq!(stage.app.visitor().get_json(&format!("/api/v1/dashboards{page}")).await.status, 200);
    assert_eq!(stage.app.visitor().get(&format!("{page}.csv")).await.status, 200);
    let head = Request::head(&page).body(axum::body::Body::empty()).unwrap();
    assert_eq!(stage.app.visitor().send(head).await.status, 200);
    for _ in 0..2 {
        assert_eq!(stage.app.visitor().get(&page).await.status, 200);
    }
    let listed = support::eventually("both views are counted", async || {
        let listed = stage.ada.get_json("/api/v1/dashboard-shares").await.json();
        (listed["items"][0]["views"].as_i64()? >= 2).then_some(listed)
    })
    .await;
    assert_eq!(listed["items"][0]["views"], 2, "{listed}");
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

/// The ids of a dashboard's widgets, in reading order.
async fn widget_ids(stage: &mut Stage, dashboard: &str) -> Vec<String> {
    let whole = stage.ada.get_json(&format!("/api/v1/dashboards/{dashboard}")).await.json();
    whole["widgets"].as_array().unwrap().iter().map(|w| w["id"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_gives_files_of_exactly_what_it_shows() {
    let mut stage = Stage::new().await;
    let query = json!({"from": "2020-01-01", "to": "2020-02-01", "compare": "none"});
    let link = stage.share(json!({"query": query, "unlocked": true})).await;
    let locked = stage.share(json!({"query": query})).await;
    let dashboard = stage.dashboard.clone();
    let ids = widget_ids(&mut stage, &dashboard).await;
    let address = link["share_url"].as_str().unwrap().to_owned();
    let mut guest = stage.app.visitor();

    for (ending, kind) in [
        ("csv", "text/csv"),
        ("xlsx", "application/vnd.openxmlformats"),
        ("json", "application/json"),
        ("svg", "image/svg+xml"),
        ("png", "image/png"),
        ("pdf", "application/pdf"),
    ] {
        for address in [format!("{address}.{ending}"), format!("{address}/widgets/{}.{ending}", ids[0])] {
            let file = guest.get(&address).await;
            assert_eq!(file.status, 200, "{address}: {file:?}");
            assert!(file.header("content-type").starts_with(kind), "{address}: {file:?}");
            assert_eq!(file.header("cache-control"), "no-store");
            assert!(file.header("content-security-policy").contains("frame-ancestors 'none'"));
            assert_eq!(guest.get_json(&format!("/api/v1/dashboards{address}")).await.status, 200, "{address}");
        }
    }
    let own = guest.get(&format!("{address}.csv")).await.text;
    assert!(own.contains("Organisation,Ada & Co") && own.contains("Time range,Jan 2020") && !own.contains("Grace"));
    for (link, chosen) in [(&link, true), (&locked, false)] {
        let address = link["share_url"].as_str().unwrap();
        for address in [format!("{address}.csv?from=&to="), format!("/api/v1/dashboards{address}.csv?from=&to=")] {
            let file = guest.get(&address).await.text;
            assert_eq!(file.contains("Time range,All time"), chosen, "{address}: {file}");
            assert_eq!(file.contains("Grace Ltd"), chosen, "{address}: {file}");
        }
    }
    let page = guest.get(&format!("{address}?from=2026-01-01&to=2026-02-01")).await;
    let of_all = format!("href=\"{address}.pdf?from=2026-01-01&amp;to=2026-02-01");
    let of_one = format!("href=\"{address}/widgets/{}.csv?from=2026-01-01", ids[1]);
    assert!(page.text.contains(&of_all) && page.text.contains(&of_one), "{}", page.text);
    let page = stage.open(&locked).await;
    assert!(page.text.contains(&format!("href=\"{}.pdf\"", locked["share_url"].as_str().unwrap())), "{}", page.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_links_files_are_behind_the_same_checks_as_its_page() {
    let mut stage = Stage::new().await;
    let missing = stage.app.visitor().get("/shared/none").await;
    let dashboard = stage.dashboard.clone();
    let ids = widget_ids(&mut stage, &dashboard).await;

    // A password opens the page and the files at once.
    let link = stage.share(json!({"password": "correct horse"})).await;
    let address = link["share_url"].as_str().unwrap().to_owned();
    let mut guest = stage.app.visitor();
    let files = [format!("{address}.csv"), format!("{address}/widgets/{}.csv", ids[1])];
    for file in &files {
        let closed = guest.get(file).await;
        assert!(closed.status.is_redirection() && closed.header("location") == address, "{closed:?}");
        assert_eq!(guest.get_json(&format!("/api/v1/dashboards{file}")).await.status, 401);
    }
    assert!(guest.post_form(&address, &[("password", "correct horse")]).await.status.is_redirection());
    for file in &files {
        assert!(guest.get(file).await.text.contains("Grace Ltd"));
    }
    let other = stage.share(json!({"password": "another password"})).await;
    let of_other = format!("{}.csv", other["share_url"].as_str().unwrap());
    assert!(guest.get(&of_other).await.status.is_redirection(), "each link has a password of its own");

    // What is not on the dashboard, or not for everybody, is not there.
    let note = |title: &str, roles: Value| json!({"kind": "notes", "settings": {"title": title, "text": format!("text of {title}"), "roles": roles}});
    let mixed =
        json!({"name": "Mixed", "widgets": [note("Everybody", Value::Null), note("Viewers", json!(["VIEWER"]))]});
    let elsewhere = stage.ada.post_json("/api/v1/dashboards", &mixed).await.json()["id"].as_str().unwrap().to_owned();
    let others = widget_ids(&mut stage, &elsewhere).await;
    let mut bob = stage.app.signed_up("Bob").await;
    let of_bob =
        bob.post_json("/api/v1/dashboards", &json!({"name": "Bob's", "widgets": [{"kind": "notes"}]})).await.json();
    let of_bob = of_bob["widgets"][0]["id"].as_str().unwrap();
    let open = stage.share(json!({})).await["share_url"].as_str().unwrap().to_owned();
    for guess in [&others[0], &others[1], of_bob, "018f0000-0000-7000-8000-000000000001", "x"] {
        let page = guest.get(&format!("{open}/widgets/{guess}.csv")).await;
        assert_eq!((page.status, &page.text), (missing.status, &missing.text), "{guess}");
        assert_eq!(
            guest.get_json(&format!("/api/v1/dashboards{open}/widgets/{guess}.csv")).await.status,
            404,
            "{guess}"
        );
    }
    for wrong in [format!("{open}.exe"), format!("{open}/widgets/{}", ids[0]), "/shared/none.pdf".into()] {
        let page = guest.get(&wrong).await;
        assert_eq!((page.status, &page.text), (missing.status, &missing.text), "{wrong}");
    }
    stage.dashboard = elsewhere;
    let open = stage.share(json!({})).await["share_url"].as_str().unwrap().to_owned();
    for ending in ["csv", "json", "svg"] {
        let file = guest.get(&format!("{open}.{ending}")).await.text;
        assert!(file.contains("Everybody") && !file.contains("Viewers"), "{file}");
        assert_eq!(guest.get(&format!("{open}/widgets/{}.{ending}", others[0])).await.status, 200);
        assert_eq!(guest.get(&format!("{open}/widgets/{}.{ending}", others[1])).await.status, 404);
    }

    // A link that ended has no files either.
    sqlx::query(AssertSqlSafe("update dashboard_shares set expires_at = now() - interval '1 second'".to_owned()))
        .execute(stage.app.db.pool_for_tests())
        .await
        .unwrap();
    for file in files.into_iter().chain([format!("{open}.pdf"), format!("{open}/widgets/{}.csv", others[0])]) {
        let gone = guest.get(&file).await;
        assert_eq!((gone.status, &gone.text), (missing.status, &missing.text), "{file}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dashboard_says_whether_it_is_public_and_how_it_stands_to_who_asks() {
    let mut stage = Stage::new().await;
    let new = json!({"name": "Second", "widgets": [{"kind": "notes", "settings": {"text": "x"}}]});
    let second = stage.ada.post_json("/api/v1/dashboards", &new).await.json()["id"].as_str().unwrap().to_owned();
    async fn marks(stage: &mut Stage) -> Vec<(String, [bool; 3])> {
        let list = stage.ada.get_json("/api/v1/dashboards").await.json();
        let mut seen = Vec::new();
        for listed in list["items"].as_array().unwrap() {
            let path = format!("/api/v1/dashboards/{}", listed["id"].as_str().unwrap());
            let one = stage.ada.get_json(&path).await.json();
            let of = |value: &Value| ["favourite", "is_first", "public"].map(|mark| value[mark].as_bool().unwrap());
            assert_eq!(of(&one), of(listed));
            seen.push((listed["name"].as_str().unwrap().to_owned(), of(listed)));
        }
        seen
    }
    async fn chips(stage: &mut Stage) -> usize {
        stage.ada.get("/dashboards/all").await.text.matches("Public").count()
    }
    let (board, other) = ("Board".to_owned(), "Second".to_owned());
    let before = chips(&mut stage).await;
    let plain = [(board.clone(), [false, true, false]), (other.clone(), [false; 3])];
    assert_eq!(marks(&mut stage).await, plain, "the default is seen first");

    stage.share(json!({})).await;
    for own in ["favourite", "first"] {
        let path = format!("/api/v1/dashboards/{second}/{own}");
        assert_eq!(stage.ada.json(Method::PUT, &path, &json!({})).await.status, 204);
    }
    assert_eq!(marks(&mut stage).await, [(other, [true, true, false]), (board, [false, false, true])]);
    assert_eq!(chips(&mut stage).await, before + 1);

    sqlx::query(AssertSqlSafe("update dashboard_shares set expires_at = now() - interval '1 second'".to_owned()))
        .execute(stage.app.db.pool_for_tests())
        .await
        .unwrap();
    assert!(marks(&mut stage).await.iter().all(|(_, [.., public])| !public), "a link that has ended opens nothing");
}
