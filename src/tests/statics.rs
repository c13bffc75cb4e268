//! Files for browsers, and the headers that no answer goes without.

use crate::support::{Answer, TestApp};
use axum::body::Body;
use belvedere::server::Settings;
use http::{Request, StatusCode};
use std::fs;

const HASHED: &str = "/pkg/belvedere.tJx2PZmZ5vhmRyMLJ7vKVQ.js";
const SCRIPT: &str = "console.log('a script of some length, which is worth compressing');";

/// An app with a site of three files, one of them precompressed.
async fn app() -> (TestApp, tempfile::TempDir) {
    let site = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &[u8]| fs::write(site.path().join(name.trim_start_matches('/')), text).unwrap();
    fs::create_dir(site.path().join("pkg")).unwrap();
    write(HASHED, SCRIPT.as_bytes());
    write(&format!("{HASHED}.br"), b"stands for brotli");
    write(&format!("{HASHED}.gz"), b"stands for gzip");
    write("/pkg/plain.css", b"body{}");
    write("/favicon.svg", b"<svg xmlns=\"http://www.w3.org/2000/svg\"/>");
    let mut settings = Settings::default();
    settings.server.site_root = site.path().to_str().unwrap().to_owned();
    (TestApp::with(settings).await, site)
}

async fn get(app: &TestApp, path: &str, headers: &[(&str, &str)]) -> Answer {
    let mut request = Request::get(path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    app.visitor().send(request.body(Body::empty()).unwrap()).await
}

#[tokio::test]
async fn precompressed_files_are_sent_as_they_lie() {
    let (app, _site) = app().await;
    for (accepted, encoding, text) in [
        ("br, gzip", "br", "stands for brotli"),
        ("gzip, deflate, br;q=0.1", "gzip", "stands for gzip"),
        ("gzip", "gzip", "stands for gzip"),
        ("identity", "", SCRIPT),
    ] {
        let answer = get(&app, HASHED, &[("accept-encoding", accepted)]).await;
        assert_eq!(answer.status, StatusCode::OK, "{accepted}: {answer:?}");
        assert_eq!((answer.header("content-encoding"), answer.text.as_str()), (encoding, text), "{accepted}");
        assert!(answer.header("vary").contains("accept-encoding"), "{accepted}: {answer:?}");
        assert!(answer.header("content-type").starts_with("text/javascript"), "{accepted}: {answer:?}");
    }
}

#[tokio::test]
async fn names_with_a_hash_are_kept_forever_and_others_asked_for_again() {
    let (app, _site) = app().await;
    let hashed = get(&app, HASHED, &[]).await;
    assert_eq!(hashed.header("cache-control"), "public, max-age=31536000, immutable");
    for path in ["/pkg/plain.css", "/favicon.svg"] {
        let first = get(&app, path, &[]).await;
        assert_eq!(first.header("cache-control"), "public, max-age=3600", "{path}");
        let modified = first.header("last-modified");
        assert!(!modified.is_empty(), "{path}: {first:?}");
        let again = get(&app, path, &[("if-modified-since", modified)]).await;
        assert_eq!((again.status, again.text.as_str()), (StatusCode::NOT_MODIFIED, ""), "{path}: {again:?}");
        assert_eq!(again.header("cache-control"), "public, max-age=3600", "{path}");
        let tag = first.header("etag");
        assert!(!tag.is_empty(), "{path}: {first:?}");
        let again = get(&app, path, &[("if-none-match", tag)]).await;
        assert_eq!((again.status, again.text.as_str()), (StatusCode::NOT_MODIFIED, ""), "{path}: {again:?}");
        let other = get(&app, path, &[("if-none-match", "\"another\"")]).await;
        assert_eq!(other.status, StatusCode::OK, "{path}: {other:?}");
    }
}

#[tokio::test]
async fn a_part_of_a_file_can_be_asked_for() {
    let (app, _site) = app().await;
    let part = get(&app, HASHED, &[("range", "bytes=0-10"), ("accept-encoding", "identity")]).await;
    assert_eq!((part.status, part.text.as_str()), (StatusCode::PARTIAL_CONTENT, &SCRIPT[..11]), "{part:?}");
    assert_eq!(part.header("content-range"), format!("bytes 0-10/{}", SCRIPT.len()));
    let beyond = get(&app, HASHED, &[("range", "bytes=5000-")]).await;
    assert_eq!(beyond.status, StatusCode::RANGE_NOT_SATISFIABLE, "{beyond:?}");
}

#[tokio::test]
async fn files_that_are_not_there_are_not_found_and_none_lies_outside() {
    let (app, site) = app().await;
    fs::write(site.path().parent().unwrap().join("secret-of-statics-test"), "secret").unwrap();
    for path in [
        "/pkg/nothing.js",
        "/pkg/",
        "/pkg",
        "/pkg/../../secret-of-statics-test",
        "/pkg/%2e%2e/%2e%2e/secret-of-statics-test",
        "/..%2fsecret-of-statics-test",
        "/%00",
    ] {
        let answer = get(&app, path, &[]).await;
        assert!(answer.status.is_client_error(), "{path}: {answer:?}");
        assert!(!answer.text.contains("secret"), "{path}: {answer:?}");
        assert!(!answer.header("cache-control").contains("public"), "{path}: {answer:?}");
    }
    let _ = fs::remove_file(site.path().parent().unwrap().join("secret-of-statics-test"));
}

/// Pages, problems, files, redirects, errors: each kind of answer has a policy and the other headers of safety.
#[tokio::test(flavor = "multi_thread")]
async fn no_answer_goes_without_the_headers_of_safety() {
    let (app, _site) = app().await;
    let mut ada = app.signed_up("Ada").await;
    let request = |method: &str, path: &str, accept: &str| {
        let request = Request::builder().method(method).uri(path).header("accept", accept);
        request.header("content-type", "application/json").body(Body::from("{}")).unwrap()
    };
    let html = "text/html";
    let mut answers = Vec::new();
    for (method, path, accept, status) in [
        ("GET", "/account", html, 200),
        ("GET", "/nothing/here", html, 404),
        ("GET", "/transactions.csv", html, 404),
        ("GET", "/api/v1/me", "application/json", 200),
        ("GET", "/api/v1/nothing", "application/json", 404),
        ("GET", "/api/v1/transactions.csv", "text/csv", 200),
        ("POST", "/api/v1/transactions", "application/json", 422),
        ("PUT", "/api/v1/me", "application/json", 405),
        ("GET", "/api/openapi.json", "application/json", 200),
        ("GET", "/api/docs/", html, 200),
        ("GET", "/api/docs", html, 303),
        ("GET", "/api/docs/swagger-ui.css", "text/css", 200),
        ("POST", "/rpc/accounts/viewer", "application/json", 200),
        ("POST", "/rpc/nothing", "application/json", 404),
        ("GET", HASHED, "*/*", 200),
        ("GET", "/pkg/nothing.js", "*/*", 404),
        ("GET", "/favicon.svg", "image/*", 200),
        ("GET", "/healthz", "*/*", 200),
        ("GET", "/readyz", "*/*", 503),
    ] {
        let answer = ada.send(request(method, path, accept)).await;
        assert_eq!(answer.status, status, "{method} {path}: {answer:?}");
        answers.push((format!("{method} {path}"), answer));
    }
    answers.push(("GET / as a stranger".into(), app.visitor().get("/").await));
    app.db.close().await;
    for (path, accept) in [("/account", html), ("/api/v1/me", "application/json")] {
        let answer = ada.send(request("GET", path, accept)).await;
        assert_eq!(answer.status, 503, "{path}: {answer:?}");
        answers.push((format!("{path} without a database"), answer));
    }
    for (what, answer) in answers {
        let policy = answer.header("content-security-policy");
        for part in ["default-src 'none'", "frame-ancestors 'none'", "base-uri 'none'"] {
            assert!(policy.contains(part), "{what}: {policy}");
        }
        let scripts = policy.split(';').find(|part| part.trim().starts_with("script-src ")).unwrap_or_default();
        assert!(!scripts.contains("unsafe-inline") && !scripts.contains("'unsafe-eval'"), "{what}: {policy}");
        for (name, value) in [
            ("x-content-type-options", "nosniff"),
            ("x-frame-options", "DENY"),
            ("referrer-policy", "same-origin"),
            ("cross-origin-opener-policy", "same-origin"),
            ("cross-origin-resource-policy", "same-origin"),
        ] {
            assert_eq!(answer.header(name), value, "{what}: {name}");
        }
        assert!(!answer.header("permissions-policy").is_empty(), "{what}");
        assert!(!answer.header("x-request-id").is_empty(), "{what}");
    }
}

/// A form without JavaScript whose file is too large ends on the page that it came from, with the reason.
#[tokio::test]
async fn a_file_beyond_the_limit_is_refused_in_the_senders_language() {
    let mut settings = Settings::default();
    settings.server.max_upload_mib = 1.try_into().unwrap();
    let app = TestApp::with(settings).await;
    let mut ada = app.signed_up("Ada").await;
    let send = |accept: &str| {
        let body = format!(
            "--XX\r\ncontent-disposition: form-data; name=\"target\"\r\n\r\ntransactions\r\n--XX\r\n\
             content-disposition: form-data; name=\"file\"; filename=\"a.csv\"\r\n\r\n{}\r\n--XX--\r\n",
            "2026-01-31,income,1\n".repeat(200_000)
        );
        let request = Request::post("/api/v1/imports").header("content-type", "multipart/form-data; boundary=XX");
        request.header("accept", accept).header("content-length", body.len()).body(Body::from(body)).unwrap()
    };
    let form = ada.send(send("text/html,application/xhtml+xml")).await;
    assert_eq!(form.status, StatusCode::SEE_OTHER, "{form:?}");
    let page = ada.get(form.header("location")).await;
    assert!(page.text.contains("The file is too large: at most 1 MiB can be imported."), "{page:?}");
    let program = ada.send(send("application/json")).await;
    assert_eq!(program.status, StatusCode::PAYLOAD_TOO_LARGE, "{program:?}");
    assert_eq!(program.header("content-type"), "application/problem+json");
    assert!(program.json()["detail"].as_str().unwrap().contains("1 MiB"));
    let imports: i64 =
        sqlx::query_scalar("select count(*) from imports").fetch_one(app.db.pool_for_tests()).await.unwrap();
    assert_eq!(imports, 0);
}
