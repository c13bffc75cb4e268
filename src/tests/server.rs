//! What the server promises for every request, whatever it asks for.

use crate::support::{PASSWORD, TestApp, email};
use axum::body::Body;
use belvedere::error::AppError;
use http::{Method, Request, StatusCode};

/// Somebody who signs up is signed in; pages know them, and a stranger is still a stranger.
#[tokio::test]
async fn signing_up_and_in_gives_a_session() {
    let app = TestApp::new().await;
    let mut ada = app.signed_up("Ada").await;
    let viewer = ada.post_json("/rpc/accounts/viewer", &serde_json::json!({})).await;
    assert_eq!(viewer.json()["email"], "ada@example.com", "{viewer:?}");
    let mut again = app.signed_in(&email("Ada"), PASSWORD).await;
    let viewer = again.post_json("/rpc/accounts/viewer", &serde_json::json!({})).await;
    assert_eq!(viewer.json()["name"], "Ada", "{viewer:?}");
    let stranger = app.visitor().post_json("/rpc/accounts/viewer", &serde_json::json!({})).await;
    assert!(stranger.json().is_null(), "{stranger:?}");
}

/// The organisation begins in the time zone that the browser tells, if it tells one that there is.
#[tokio::test]
async fn a_new_organisation_takes_the_time_zone_of_its_owners_browser() {
    let app = TestApp::new().await;
    for (name, told, taken) in
        [("Ada", Some("Europe/Vienna"), "Europe/Vienna"), ("Bob", Some("Mars/Olympus"), "UTC"), ("Eve", None, "UTC")]
    {
        let mut visitor = app.visitor();
        let email = email(name);
        let mut form = vec![("name", name), ("email", &*email), ("organization", name), ("password", PASSWORD)];
        form.extend(told.map(|zone| ("time_zone", zone)));
        let answer = visitor.post_form("/rpc/accounts/sign_up", &form).await;
        assert!(!visitor.cookies.is_empty(), "{answer:?}");
        let organization = visitor.get_json("/api/v1/organization").await.json();
        assert_eq!(organization["time_zone"], taken, "{organization}");
    }
}

/// A statement that takes too long is given up, and what it held is free again.
#[tokio::test]
async fn no_statement_outlives_its_time_limit() {
    let db = crate::support::database().await;
    let ada = crate::support::tenant(&db, "Ada").await;
    let db = db.with_statement_timeout(std::time::Duration::from_millis(200));
    let mut tenant = db.tenant(&ada).await.unwrap();
    let mut system = db.system("a test").await.unwrap();
    for conn in [tenant.conn(), system.conn()] {
        let slow = sqlx::query("select pg_sleep(30)").execute(conn).await.unwrap_err();
        assert_eq!(AppError::from(slow), AppError::Unavailable);
    }
    let mut patient = db.system("a test").await.unwrap();
    patient.take_time().await.unwrap();
    sqlx::query("select pg_sleep(0.4)").execute(patient.conn()).await.unwrap();
}

#[tokio::test]
async fn a_request_that_is_given_up_leaves_no_transaction_open() {
    let db = crate::support::database().await;
    let ada = crate::support::tenant(&db, "Ada").await;
    for n in 0..60 {
        // Given up at another moment each time: while a connection is found, while it begins, when it has begun.
        let _ = tokio::time::timeout(std::time::Duration::from_micros(n * 20), db.tenant(&ada)).await;
    }
    let open = "select count(*) from pg_stat_activity where datname = current_database() and state like 'idle in%'";
    let mut left = i64::MAX;
    for _ in 0..200 {
        left = sqlx::query_scalar(open).fetch_one(db.pool_for_tests()).await.unwrap();
        if left == 0 {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    assert_eq!(left, 0);
}

#[tokio::test]
async fn pages_run_only_scripts_with_their_own_nonce() {
    let app = TestApp::new().await;
    let page = app.visitor().get("/sign-in").await;
    assert_eq!(page.status, StatusCode::OK, "{page:?}");
    let policy = page.header("content-security-policy");
    let script = policy.split(';').find(|part| part.trim().starts_with("script-src ")).unwrap();
    assert!(!script.contains("unsafe-inline") && script.contains("'wasm-unsafe-eval'"), "{script}");
    let nonce = script.split("'nonce-").nth(1).unwrap().split('\'').next().unwrap();
    for tag in page.text.split("<script").skip(1) {
        let tag = tag.split('>').next().unwrap();
        assert!(tag.contains(&format!("nonce=\"{nonce}\"")), "{tag}");
    }
    let other = app.visitor().get("/sign-in").await;
    assert!(!other.header("content-security-policy").contains(nonce), "a nonce is used once");
}

#[tokio::test]
async fn every_answer_carries_the_security_headers() {
    let app = TestApp::new().await;
    for path in ["/sign-in", "/healthz", "/api/v1/nothing", "/nothing", "/favicon.ico"] {
        let answer = app.visitor().get(path).await;
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(answer.header("referrer-policy"), "same-origin", "{path}");
        assert_eq!(answer.header("cross-origin-opener-policy"), "same-origin", "{path}");
        assert!(answer.header("content-security-policy").contains("frame-ancestors 'none'"), "{path}");
        assert!(answer.header("permissions-policy").contains("camera=()"), "{path}");
        assert_eq!(answer.header("x-request-id").len(), 32, "{path}");
        assert_eq!(answer.header("strict-transport-security"), "", "{path}");
    }
    let mut settings = belvedere::server::Settings::default();
    settings.accounts.public_url = "https://example.com".into();
    let answer = TestApp::with(settings).await.visitor().get("/healthz").await;
    assert!(answer.header("strict-transport-security").starts_with("max-age="));
}

#[tokio::test]
async fn addresses_that_lead_nowhere_say_so_in_the_readers_language() {
    let app = TestApp::new().await;
    let page = app.visitor().get("/nothing/here").await;
    assert_eq!(page.status, StatusCode::NOT_FOUND);
    assert!(page.text.contains("not found"), "{page:?}");
    let problem = app.visitor().get_json("/api/v1/nothing").await;
    assert_eq!(problem.status, StatusCode::NOT_FOUND);
    assert_eq!(problem.header("content-type"), "application/problem+json");
    let function = app.visitor().post_json("/rpc/nothing", &serde_json::json!({})).await;
    assert_eq!(function.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_proxys_request_id_is_kept_if_it_is_harmless() {
    let app = TestApp::new().await;
    let ask = |id: &'static str| Request::get("/healthz").header("x-request-id", id).body(Body::empty()).unwrap();
    assert_eq!(app.visitor().send(ask("abc-123_XYZ")).await.header("x-request-id"), "abc-123_XYZ");
    assert_ne!(app.visitor().send(ask("evil\" id=\"")).await.header("x-request-id"), "evil\" id=\"");
}

#[tokio::test]
async fn another_sites_post_is_refused() {
    let app = TestApp::new().await;
    let post = |site: &'static str| {
        Request::post("/rpc/accounts/sign_out")
            .header("host", "belvedere.test")
            .header("sec-fetch-site", site)
            .header("accept", "application/json")
            .body(Body::empty())
            .unwrap()
    };
    let refused = app.visitor().send(post("cross-site")).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN, "{refused:?}");
    assert!(refused.text.contains("another site"), "{refused:?}");
    assert_ne!(app.visitor().send(post("same-origin")).await.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn a_body_beyond_the_limit_is_refused() {
    let app = TestApp::new().await;
    let limit = app.state.settings.server.max_body_kib.get() as usize * 1024;
    let request = |length: bool| {
        let body = "x".repeat(limit + 1);
        let request = Request::post("/rpc/accounts/sign_in").header("accept", "application/json");
        let request = request.header("content-type", "application/x-www-form-urlencoded");
        let request = if length { request.header("content-length", body.len()) } else { request };
        request.body(Body::from(body)).unwrap()
    };
    let announced = app.visitor().send(request(true)).await;
    assert_eq!(announced.status, StatusCode::PAYLOAD_TOO_LARGE, "{announced:?}");
    let unannounced = app.visitor().send(request(false)).await;
    assert!(unannounced.status.is_client_error(), "{unannounced:?}");
}

/// A refusal by a server function has the status of its error, and the error itself in the body.
#[tokio::test]
async fn a_server_functions_error_sets_the_status() {
    let app = TestApp::new().await;
    let mut stranger = app.visitor();
    let refused =
        stranger.post_form("/rpc/accounts/sign_in", &[("email", "no@example.com"), ("password", "nope")]).await;
    assert!(refused.status.is_client_error(), "{refused:?}");
    assert!(refused.json()["kind"].is_string(), "{refused:?}");
}

#[tokio::test]
async fn the_api_describes_itself() {
    let app = TestApp::new().await;
    let description = app.visitor().get_json("/api/openapi.json").await;
    let description = description.json();
    assert_eq!(description["openapi"], "3.1.0");
    let page = app.visitor().get("/api/docs/").await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.text.contains("swagger-ui"), "{page:?}");
    // The policy of this page lets no inline script run, so it must not have one.
    for tag in page.text.split("<script").skip(1) {
        assert!(tag.split('>').next().unwrap().contains("src="), "{tag}");
    }
    for (path, item) in description["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap().iter().filter(|(_, operation)| operation.is_object()) {
            for parameter in operation["parameters"].as_array().into_iter().flatten() {
                let (name, place) = (parameter["name"].as_str().unwrap(), &parameter["in"]);
                assert_eq!(
                    place == "path",
                    path.contains(&format!("{{{name}}}")),
                    "{method} {path}: {name} in {place}"
                );
            }
            for (status, response) in operation["responses"].as_object().unwrap() {
                assert!(!response["description"].as_str().unwrap().is_empty(), "{method} {path}: {status}");
            }
        }
    }
}

#[tokio::test]
async fn health_and_readiness() {
    let app = TestApp::new().await;
    let waiting = app.visitor().get("/readyz").await;
    assert_eq!(waiting.status, StatusCode::SERVICE_UNAVAILABLE, "its own worker has not started: {waiting:?}");
    assert_eq!(waiting.json()["worker"], "none");
    let mut settings = belvedere::server::Settings::default();
    settings.worker.in_process = false;
    let app = TestApp::with(settings).await;
    assert_eq!(app.visitor().get("/healthz").await.text, "ok");
    let ready = app.visitor().get("/readyz").await;
    assert_eq!(ready.status, StatusCode::OK, "{ready:?}");
    assert_eq!(ready.json()["migrations"], "ok");
    let figures = app.visitor().get_json("/metrics").await;
    assert!(!figures.text.contains("belvedere_requests_total"), "off unless the setting wants it");
}

#[tokio::test]
async fn metrics_count_requests_by_route() {
    let mut settings = belvedere::server::Settings::default();
    settings.server.metrics = true;
    let app = TestApp::with(settings).await;
    app.visitor().get("/healthz").await;
    let metrics = app.visitor().get_json("/metrics").await;
    assert!(metrics.text.contains("belvedere_requests_total{"), "{metrics:?}");
    assert!(metrics.text.contains("route=\"/healthz\""), "{metrics:?}");
}

/// One address, two readers: a browser gets the page of the organisation's metrics, Prometheus the server's figures.
#[tokio::test]
async fn people_get_the_metrics_page() {
    let mut settings = belvedere::server::Settings::default();
    settings.server.metrics = true;
    let app = TestApp::with(settings).await;
    let mut ada = app.signed_up("Ada").await;
    let page = ada.get("/metrics").await;
    assert!(page.header("content-type").starts_with("text/html"), "{page:?}");
}

/// A wrong method is refused with what is right, in words: a problem for programs, a page for people.
#[tokio::test]
async fn what_an_address_does_not_take_is_explained() {
    let app = TestApp::new().await;
    let mut visitor = app.visitor();
    for (method, path, kind, words) in [
        (Method::DELETE, "/api/v1/me", "application/problem+json", "does not take DELETE"),
        (Method::DELETE, "/sign-in", "text/html", "This cannot be done here"),
    ] {
        let sent = Request::builder().method(method).uri(path).header("accept", "*/*").body(Body::empty()).unwrap();
        let answer = visitor.send(sent).await;
        assert_eq!(answer.status, StatusCode::METHOD_NOT_ALLOWED, "{path}: {answer:?}");
        assert!(answer.header("content-type").starts_with(kind), "{path}: {answer:?}");
        assert!(answer.header("allow").contains("GET"), "{path}: {answer:?}");
        assert!(answer.text.contains(words), "{path}: {answer:?}");
    }
}

/// RFC 6750: who was not let in is told how to come, and that the token was no good where there was one.
#[tokio::test]
async fn a_program_that_is_not_known_is_told_how_to_sign_in() {
    let app = TestApp::new().await;
    let mut visitor = app.visitor();
    for path in ["/api/v1/me", "/api/v1/dashboards/018f0000-0000-7000-8000-000000000001.csv"] {
        let answer = visitor.get_json(path).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{path}: {answer:?}");
        assert_eq!(answer.header("www-authenticate"), "Bearer realm=\"Belvedere\"", "{path}");
    }
    visitor.bearer = Some("nonsense".into());
    let answer = visitor.get_json("/api/v1/me").await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{answer:?}");
    assert_eq!(answer.header("www-authenticate"), "Bearer realm=\"Belvedere\", error=\"invalid_token\"");
}

#[tokio::test]
async fn every_list_keeps_the_limit_that_it_is_given_or_refuses_it() {
    let app = TestApp::new().await;
    let mut ada = app.signed_up("Ada").await;
    for list in
        ["alerts", "activities", "jobs", "imports", "members", "transactions", "payments", "budgets", "materials"]
    {
        for wrong in ["0", "501"] {
            let refused = ada.get_json(&format!("/api/v1/{list}?limit={wrong}")).await;
            assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{list} {wrong}: {refused:?}");
            assert_eq!(refused.json()["fields"][0]["field"], "limit", "{list} {wrong}");
        }
        let kept = ada.get_json(&format!("/api/v1/{list}?limit=200")).await;
        assert_eq!(kept.status, StatusCode::OK, "{list}: {kept:?}");
    }
}
