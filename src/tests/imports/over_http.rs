//! The same over the API and the pages.

use super::{shop, worker};
use crate::support::{self, TestApp, email};
use axum::body::Body;
use belvedere::error::AppError;
use http::{Request, StatusCode};
use leptos::server_fn::error::ServerFnUrlError;

/// A file in the form that browsers send.
fn form(target: &str, file_name: &str, bytes: &[u8], accept: &str) -> Request<Body> {
    let mut body = format!(
        "--XX\r\nContent-Disposition: form-data; name=\"target\"\r\n\r\n{target}\r\n--XX\r\nContent-Disposition: \
         form-data; name=\"file\"; filename=\"{file_name}\"\r\nContent-Type: text/csv\r\n\r\n"
    )
    .into_bytes();
    body.extend_from_slice(bytes);
    body.extend_from_slice(b"\r\n--XX--\r\n");
    Request::post("/api/v1/imports")
        .header("content-type", "multipart/form-data; boundary=XX")
        .header("accept", accept)
        .body(Body::from(body))
        .unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_program_uploads_tries_starts_and_undoes() {
    let app = TestApp::new().await;
    let mut ada = app.signed_up("Ada").await;
    let mut bob = app.signed_up("Bob").await;
    let upload = |query: &str, body: &[u8]| {
        Request::post(format!("/api/v1/imports{query}"))
            .header("content-type", "text/csv")
            .header("accept", "application/json")
            .body(Body::from(body.to_vec()))
            .unwrap()
    };
    let answer = ada.send(upload("", &shop())).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{answer:?}");
    let answer = ada.send(upload("?target=transactions&bytes=3", &shop())).await;
    assert_eq!(answer.json()["fields"][0]["field"], "file", "{answer:?}");
    let answer = ada.send(upload("?target=transactions&file_name=orders.csv", &shop())).await;
    assert_eq!(answer.status, StatusCode::CREATED, "{answer:?}");
    let created = answer.json();
    assert_eq!(created["preview"]["options"]["date_order"], "day_first");
    let path = format!("/api/v1/imports/{}", created["import"]["id"].as_str().unwrap());

    let tried =
        ada.post_json(&format!("{path}/preview"), &serde_json::json!({ "columns": { "note": "Filiale" } })).await;
    assert_eq!(tried.json()["rows"][0]["cells"][7]["text"], "Köln", "{tried:?}");
    let wrong = ada.post_json(&format!("{path}/start"), &serde_json::json!({ "columns": { "amount": "" } })).await;
    assert_eq!(wrong.json()["fields"][0]["field"], "columns.amount", "{wrong:?}");
    assert_eq!(bob.get_json(&path).await.status, StatusCode::NOT_FOUND);
    assert_eq!(bob.post_json(&format!("{path}/start"), &serde_json::json!({})).await.status, StatusCode::NOT_FOUND);

    let started = ada.post_json(&format!("{path}/start"), &serde_json::json!({ "on_error": "skip_rows" })).await;
    assert_eq!(started.status, StatusCode::ACCEPTED, "{started:?}");
    let (_worker, stop) = worker(&app.db);
    let import = support::eventually("the import is finished", async || {
        let import = ada.get_json(&path).await.json();
        (import["status"] == "finished").then_some(import)
    })
    .await;
    assert_eq!(
        (import["counts"]["inserted"].as_i64(), import["counts"]["bad"].as_i64()),
        (Some(3), Some(5)),
        "{import}"
    );
    let errors = ada.get_json(&format!("{path}/errors?limit=2")).await.json();
    assert_eq!(errors["items"][0]["line"], 5);
    assert_eq!(errors["next_cursor"], "2");
    let csv = ada.get(&format!("{path}/errors.csv")).await;
    assert!(csv.text.starts_with("line,column,value,reason\n5,Bestellt am,31/02/2026,This date"), "{csv:?}");
    assert_eq!(bob.get(&format!("{path}/errors.csv")).await.status, StatusCode::NOT_FOUND);
    assert_eq!(ada.json(http::Method::DELETE, &path, &serde_json::json!({})).await.status, StatusCode::CONFLICT);
    assert_eq!(ada.post_json(&format!("{path}/undo"), &serde_json::json!({})).await.status, StatusCode::ACCEPTED);
    stop.cancel();

    // A plain form is led on to the page, or back to the form with the reason.
    let good = ada.send(form("transactions", "orders.csv", &shop(), "text/html")).await;
    assert_eq!(good.status, StatusCode::SEE_OTHER, "{good:?}");
    assert!(good.header("location").starts_with("/imports/"), "{good:?}");
    let bad = ada.send(form("payments", "orders.xlsx", b"PK\x03\x04", "text/html")).await;
    let again = ada.get(bad.header("location")).await;
    for text in ["This is an Excel workbook", r#"<option value="payments" selected"#] {
        assert!(again.text.contains(text), "{text}: {again:?}");
    }
    // Its words are nobody else's.
    let foreign = ada.get("/imports/new?error=Send+it+to+us").await;
    assert!(!foreign.text.contains("Send it to us"), "{foreign:?}");
    // The file comes before what it is.
    let early = Request::post("/api/v1/imports")
        .header("content-type", "multipart/form-data; boundary=XX")
        .body(Body::from(
            "--XX\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.csv\"\r\n\r\na\r\n--XX--\r\n",
        ))
        .unwrap();
    let answer = ada.send(early).await;
    assert!(answer.text.contains("comes before the file"), "{answer:?}");
    // The connection ends before the form does.
    let mut cut = form("transactions", "orders.csv", &shop(), "application/json");
    *cut.body_mut() = Body::from(
        "--XX\r\nContent-Disposition: form-data; name=\"target\"\r\n\r\ntransactions\r\n--XX\r\n\
         Content-Disposition: form-data; name=\"file\"; filename=\"a.csv\"\r\n\r\nref,date,amount\r\n1,2026-01-01,5",
    );
    let answer = ada.send(cut).await;
    assert!(answer.text.contains("broke off"), "{answer:?}");

    let visitor = app.visitor().get_json("/api/v1/imports").await;
    assert_eq!(visitor.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn viewers_look_and_do_not_import() {
    let app = TestApp::new().await;
    let mut ada = app.signed_up("Ada").await;
    sqlx::query("update memberships set role = 'VIEWER' from users where users.id = user_id and email = $1")
        .bind(email("Ada"))
        .execute(app.db.pool_for_tests())
        .await
        .unwrap();
    assert_eq!(ada.get_json("/api/v1/imports").await.status, StatusCode::OK);
    assert_eq!(ada.get("/imports/new").await.status, StatusCode::FORBIDDEN);
    let answer = ada.send(form("transactions", "a.csv", &shop(), "application/json")).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN, "{answer:?}");
}

/// The whole way without JavaScript: upload, change a column, start, watch, read the result.
#[tokio::test(flavor = "multi_thread")]
async fn a_person_without_javascript_imports_a_file() {
    let app = TestApp::new().await;
    let mut ada = app.signed_up("Ada").await;
    let empty = ada.get("/imports").await;
    assert!(empty.text.contains("Nothing was imported yet"), "{empty:?}");
    let new = ada.get("/imports/new").await;
    assert!(new.text.contains("multipart/form-data"), "{new:?}");

    let uploaded = ada.send(form("transactions", "orders.csv", &shop(), "text/html")).await;
    let page = uploaded.header("location").to_owned();
    let id = page.rsplit('/').next().unwrap().to_owned();
    let preview = ada.get(&page).await;
    assert_eq!(preview.status, StatusCode::OK);
    for text in ["Müller GmbH", "A-1002", "that month has no day 31", "Start the import", "Semicolon"] {
        assert!(preview.text.contains(text), "{text}: {}", preview.text);
    }
    let mut fields = vec![
        ("id", id.as_str()),
        ("encoding", "windows-1252"),
        ("separator", "semicolon"),
        ("decimal_mark", "comma"),
        ("date_order", "day_first"),
        ("on_error", "skip_rows"),
        ("on_existing", "update"),
        ("columns[amount]", ""),
        ("columns[note]", "#5"),
        ("intent", "start"),
    ];
    let refused = ada.post_form("/rpc/imports/configure", &fields).await;
    assert_eq!(refused.json()["fields"][0]["field"], "columns.amount", "{refused:?}");
    let error = AppError::field("columns.amount", "Say which column has the amounts.");
    let address = ServerFnUrlError::new("/rpc/imports/configure", error).to_url(&format!("http://localhost{page}"));
    let told = ada.get(&address.unwrap()[url::Position::BeforePath..]).await;
    assert_eq!(told.text.matches(r#"<div role="alert" class="notice bad""#).count(), 1, "{told:?}");
    fields[7].1 = "#6";
    let started = ada.post_form("/rpc/imports/configure", &fields).await;
    assert!(started.status.is_success(), "{started:?}");
    let waiting = ada.get(&page).await;
    assert!(waiting.text.contains("http-equiv=\"refresh\""), "{waiting:?}");
    let (_worker, stop) = worker(&app.db);
    let done = support::eventually("the page says that the import can be undone", async || {
        let page = ada.get(&page).await;
        page.text.contains("Undo the import").then_some(page)
    })
    .await;
    stop.cancel();
    for text in [
        "3 rows stored, 5 refused.",
        "5 rows were refused",
        "Line 2 has this already.",
        "errors.csv",
        "/transactions?import=",
    ] {
        assert!(done.text.contains(text), "{text}: {}", done.text);
    }
    let list = ada.get("/imports").await;
    assert!(list.text.contains("orders.csv") && list.text.contains("Finished"), "{list:?}");

    let mut bob = app.signed_up("Bob").await;
    assert_eq!(bob.get(&page).await.status, StatusCode::NOT_FOUND);
    assert!(!bob.get("/imports").await.text.contains("orders.csv"));
}

/// What becomes of an import, its job tells too: that it failed and why, and how far an undo is.
#[tokio::test(flavor = "multi_thread")]
async fn a_failed_import_is_a_failed_job_and_an_undo_tells_how_far_it_is() {
    let app = TestApp::new().await;
    let mut ada = app.signed_up("Ada").await;
    let (worker, stop) = worker(&app.db);
    let upload = Request::post("/api/v1/imports?target=transactions&file_name=orders.csv")
        .header("content-type", "text/csv")
        .body(Body::from("date,type,amount\n2026-01-31,income,5\n2026-02-31,income,6\n"))
        .unwrap();
    let path = format!("/api/v1/imports/{}", ada.send(upload).await.json()["import"]["id"].as_str().unwrap());
    let empty = serde_json::json!({});
    assert_eq!(ada.post_json(&format!("{path}/start"), &empty).await.status, StatusCode::ACCEPTED);
    let job = support::eventually("the job has ended", async || {
        let job = ada.get_json("/api/v1/jobs").await.json()["items"][0].clone();
        (!["pending", "processing"].contains(&job["status"].as_str().unwrap())).then_some(job)
    })
    .await;
    assert_eq!((&job["status"], &job["attempts"]), (&"failed".into(), &1.into()), "{job}");
    assert_eq!((&job["file_name"], &job["can_retry"]), (&"orders.csv".into(), &false.into()), "{job}");
    let retry = format!("/api/v1/jobs/{}/retry", job["id"].as_str().unwrap());
    assert_eq!(ada.post_json(&retry, &empty).await.status, StatusCode::CONFLICT);
    let page = ada.get("/jobs").await.text;
    for text in ["Import of orders.csv", "Failed", "1 row of 2 cannot be stored, so nothing was stored."] {
        assert!(page.contains(text), "{text}: {page}");
    }
    assert!(!page.contains("/rpc/jobs/retry"), "{page}");

    assert_eq!(ada.post_json(&format!("{path}/reopen"), &empty).await.status, StatusCode::OK);
    ada.post_json(&format!("{path}/start"), &serde_json::json!({ "on_error": "skip_rows" })).await;
    support::eventually("the import is finished", async || {
        (ada.get_json(&path).await.json()["status"] == "finished").then_some(())
    })
    .await;
    stop.cancel();
    worker.await.unwrap();
    assert_eq!(ada.post_json(&format!("{path}/undo"), &empty).await.status, StatusCode::ACCEPTED);
    sqlx::query("update jobs set progress_done = 1 where status = 'pending'")
        .execute(app.db.pool_for_tests())
        .await
        .unwrap();
    assert_eq!(ada.get_json(&path).await.json()["taken_back"], 1);
    let page = ada.get(&path.replace("/api/v1", "")).await.text;
    assert!(page.contains("Taking the rows back: 1 of 1"), "{page}");
    assert!(ada.get("/jobs").await.text.contains("Undo of the import of orders.csv"));
    assert!(ada.get("/jobs?status=done").await.text.contains("is not a state of a job"));
}

/// A file of which nothing was stored is tried again with other choices; what an export wrote comes back as it was.
#[tokio::test(flavor = "multi_thread")]
async fn a_failed_import_is_tried_again_and_an_export_comes_back_unchanged() {
    let app = TestApp::new().await;
    let mut ada = app.signed_up("Ada").await;
    let (_worker, stop) = worker(&app.db);
    let mut load = async |file: &str, choices: serde_json::Value| {
        let upload = Request::post("/api/v1/imports?target=transactions")
            .header("content-type", "text/csv")
            .body(Body::from(file.to_owned()))
            .unwrap();
        let created = ada.send(upload).await.json();
        let path = format!("/api/v1/imports/{}", created["import"]["id"].as_str().unwrap());
        let mut ends = Vec::new();
        for choices in [serde_json::json!({}), choices] {
            let started = ada.post_json(&format!("{path}/start"), &choices).await;
            assert_eq!(started.status, StatusCode::ACCEPTED, "{started:?}");
            let ended = support::eventually("the import has ended", async || {
                let import = ada.get_json(&path).await.json();
                matches!(import["status"].as_str(), Some("finished" | "failed")).then_some(import)
            })
            .await;
            ends.push((ended["status"].as_str().unwrap().to_owned(), ended["counts"]["inserted"].as_i64().unwrap()));
            let again = ada.post_json(&format!("{path}/reopen"), &serde_json::json!({})).await;
            if ends.last().unwrap().0 == "finished" {
                assert_eq!(again.status, StatusCode::CONFLICT, "{again:?}");
                break;
            }
            assert_eq!(again.json()["status"], "ready", "{again:?}");
            assert_eq!(again.json()["counts"]["bad"], 0);
        }
        ends
    };
    let file = "reference,date,type,category,amount,note\n\
                1,2026-01-31,income,=cat,5,-2\n2,2026-01-31,income,=cat,6,'=a\n3,2026-02-31,income,=cat,7,\n";
    let ends = load(file, serde_json::json!({ "on_error": "skip_rows" })).await;
    assert_eq!(ends, [("failed".to_owned(), 0), ("finished".to_owned(), 2)]);

    let mut rest = app.signed_in(&email("Ada"), support::PASSWORD).await;
    let list = "/api/v1/transactions.csv?sort=reference";
    let written = rest.get_json(list).await.text;
    assert!(written.contains("'=cat") && written.contains(",'-2\r\n") && written.contains(",'=a\r\n"), "{written}");
    let ends = load(&written, serde_json::json!({})).await;
    assert_eq!(ends, [("finished".to_owned(), 0)]);
    assert_eq!(rest.get_json(list).await.text, written);
    assert_eq!(rest.get_json("/api/v1/categories").await.json()["items"].as_array().unwrap().len(), 1);
    stop.cancel();
}
