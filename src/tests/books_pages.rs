//! The pages and the API of the books and the stock, through the real router, as browsers and programs use them.

use crate::support::{Answer, TestApp, Visitor, email};
use axum::body::Body;
use http::{Method, Request, StatusCode};
use serde_json::{Value, json};

/// Sends a form as a browser without JavaScript does.
async fn plain_form(visitor: &mut Visitor, path: &str, fields: &[(&str, &str)]) -> Answer {
    let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
    let request = Request::post(path)
        .header("content-type", "application/x-www-form-urlencoded")
        .header("accept", "text/html")
        .header("referer", "http://localhost/transactions/new")
        .body(Body::from(body));
    visitor.send(request.unwrap()).await
}

async fn make_viewer(app: &TestApp, name: &str) {
    sqlx::query("update memberships set role = 'VIEWER' where user_id = (select id from users where email = $1)")
        .bind(email(name))
        .execute(app.db.pool_for_tests())
        .await
        .unwrap();
}

fn location(answer: &Answer) -> String {
    answer.header("location").trim_start_matches("http://localhost").to_owned()
}

const TRANSACTION: [(&str, &str); 9] = [
    ("id", "new"),
    ("back", "type=income&sort=-amount"),
    ("reference", "INV-1"),
    ("date", "2026-10-31"),
    ("type", "income"),
    ("category", "Orders & more"),
    ("amount", "1,234.50"),
    ("currency", "usd"),
    ("note", "<b>bold</b>"),
];

/// Add, see, delete, undo: with nothing but links and forms.
#[tokio::test]
async fn a_transaction_lives_without_javascript() {
    let app = TestApp::new().await;
    let mut ada = app.signed_up("Ada").await;
    let mut bob = app.signed_up("Bob").await;
    assert!(ada.get("/transactions").await.text.contains("No transactions yet"));
    let blank = ada.get("/transactions/new").await;
    assert!(blank.text.contains("name=\"amount\"") && blank.text.contains("value=\"USD\""), "{}", blank.text);

    let saved = plain_form(&mut ada, "/rpc/ledger/save_transaction", &TRANSACTION).await;
    assert!(saved.status.is_redirection(), "{saved:?}");
    let list = location(&saved);
    assert!(list.starts_with("/transactions?type=income&sort=-amount&saved="), "{list}");
    let page = ada.get(&list).await;
    assert!(page.text.contains("The transaction is saved.") && page.text.contains("$1,234.50"), "{}", page.text);
    assert!(page.text.contains("&lt;b&gt;bold&lt;/b&gt;") && page.text.contains("Orders &amp; more"));
    assert!(page.text.contains("aria-sort=\"descending\""));
    let id = list.rsplit('=').next().unwrap();
    let editor = ada.get(&format!("/transactions/{id}")).await;
    assert!(editor.text.contains("value=\"1234.5\"") && editor.text.contains("name=\"updated_at\""));

    let foreign = bob.get(&format!("/transactions/{id}")).await;
    assert_eq!(foreign.status, StatusCode::NOT_FOUND);
    assert!(!foreign.text.contains("INV-1"));
    plain_form(&mut bob, "/rpc/ledger/delete_transaction", &[("id", id), ("back", "")]).await;

    let deleted = plain_form(&mut ada, "/rpc/ledger/delete_transaction", &[("id", id), ("back", "")]).await;
    let list = location(&deleted);
    assert_eq!(list, format!("/transactions?deleted={id}"));
    let page = ada.get(&list).await;
    assert!(page.text.contains("Undo") && page.text.contains(id), "{}", page.text);
    let restored = plain_form(&mut ada, "/rpc/ledger/restore_transaction", &[("id", id)]).await;
    assert_eq!(location(&restored), format!("/transactions?restored={id}"));
    assert!(ada.get(&location(&restored)).await.text.contains("INV-1"));
}

/// A refused form comes back with every message and everything that was typed.
#[tokio::test]
async fn a_refused_form_keeps_what_was_typed() {
    let app = TestApp::new().await;
    let mut ada = app.signed_up("Ada").await;
    let wrong: Vec<(&str, &str)> = TRANSACTION
        .iter()
        .map(|(name, value)| match *name {
            "amount" => ("amount", "a lot"),
            "date" => ("date", "2026-02-30"),
            _ => (*name, *value),
        })
        .collect();
    let refused = plain_form(&mut ada, "/rpc/ledger/save_transaction", &wrong).await;
    assert!(refused.status.is_redirection(), "{refused:?}");
    let page = ada.get(&location(&refused)).await;
    for text in ["This is not a number", "This is not a date", "value=\"a lot\"", "value=\"INV-1\"", "2 fields need"] {
        assert!(page.text.contains(text), "{text}: {}", page.text);
    }
}

/// A kind, what its form is sent by, what is wrong with it, and what is said of that.
type Refused = (&'static str, &'static str, [(&'static str, &'static str); 2], &'static str);
const REFUSED: [Refused; 5] = [
    (
        "transactions",
        "/rpc/ledger/save_transaction",
        [("reference", "R-1"), ("amount", "a lot")],
        "This is not a number",
    ),
    (
        "categories",
        "/rpc/ledger/save_category",
        [("name", "Rent"), ("updated_at", "")],
        "a category of this name already",
    ),
    ("payments", "/rpc/ledger/save_payment", [("party", "Fabrikam"), ("due_date", "soon")], "This is not a date"),
    ("budgets", "/rpc/ledger/save_budget", [("category", "Freight"), ("month", "May")], "This is not a month"),
    ("materials", "/rpc/stock/save_material", [("name", "Bolt"), ("quantity", "many")], "This is not a number"),
];

/// Without JavaScript, a refused form of every kind comes back, adding and changing: with the message and what was typed.
#[tokio::test]
async fn a_refused_form_of_every_kind_comes_back() {
    let app = TestApp::new().await;
    let mut ada = app.signed_up("Ada").await;
    let mut ids = Vec::new();
    for (kind, new, _) in samples() {
        ids.push(ada.post_json(&format!("/api/v1/{kind}"), &new).await.json()["id"].as_str().unwrap().to_owned());
    }
    for ((kind, save, wrong, message), id) in REFUSED.iter().zip(&ids) {
        for id in ["new", id.as_str()] {
            let fields: Vec<(&str, &str)> = [("id", id)].into_iter().chain(*wrong).collect();
            let refused = plain_form(&mut ada, save, &fields).await;
            let page = ada.get(&location(&refused)).await;
            assert_eq!(page.status, StatusCode::OK, "{kind} {id}: {refused:?}");
            assert!(
                page.text.contains("aria-invalid=\"true\"") && page.text.contains(message),
                "{kind}: {}",
                page.text
            );
            assert!(page.text.contains(&format!("name=\"id\" value=\"{id}\"")), "{kind} {id}: {}", page.text);
            for (field, typed) in wrong.iter().filter(|(_, typed)| !typed.is_empty()) {
                assert!(page.text.contains(&format!("value=\"{typed}\"")), "{kind}.{field}: {}", page.text);
            }
        }
    }
    // What another form of the page is refused leaves this one as it was.
    let refused = plain_form(&mut ada, "/rpc/ledger/delete_transaction", &[("id", "gone"), ("back", "")]).await;
    let page = ada.get(&location(&refused)).await;
    assert!(page.text.contains("value=\"USD\""), "{}", page.text);
}

/// Who may only look sees no way to change anything, and is refused when trying.
#[tokio::test]
async fn a_viewer_looks_and_does_not_touch() {
    let app = TestApp::new().await;
    let mut ada = app.signed_up("Ada").await;
    let saved = plain_form(&mut ada, "/rpc/ledger/save_transaction", &TRANSACTION).await;
    let id = location(&saved).rsplit('=').next().unwrap().to_owned();
    make_viewer(&app, "Ada").await;
    let list = ada.get("/transactions").await;
    assert!(list.text.contains("INV-1") && !list.text.contains("Add transaction"), "{}", list.text);
    let page = ada.get(&format!("/transactions/{id}")).await;
    assert!(page.text.contains("$1,234.50") && !page.text.contains("save_transaction"), "{}", page.text);
    assert_eq!(ada.get("/transactions/new").await.status, StatusCode::FORBIDDEN);
    let refused = ada.post_form("/rpc/ledger/delete_transaction", &[("id", &id), ("back", "")]).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    let refused = ada.json(Method::PATCH, &format!("/api/v1/transactions/{id}"), &json!({ "note": "x" })).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
}

fn samples() -> [(&'static str, Value, Value); 5] {
    [
        (
            "transactions",
            json!({ "date": "2026-01-02", "type": "expense", "category": "Rent", "amount": -12.5, "currency": "USD",
                    "note": "=1+1", "reference": null }),
            json!({ "amount": "13" }),
        ),
        ("categories", json!({ "name": "Travel" }), json!({ "name": "Trips" })),
        (
            "payments",
            json!({ "party": "Litware, Inc.", "issued_on": "2026-01-01", "due_date": "2026-01-31", "amount": "5",
                    "currency": "EUR" }),
            json!({ "note": "second reminder" }),
        ),
        (
            "budgets",
            json!({ "month": "2026-01", "category": "Rent", "amount": 1000, "currency": "USD" }),
            json!({ "amount": "900" }),
        ),
        (
            "materials",
            json!({ "sku": "A-1", "name": "Axle", "quantity": 3, "unit_cost": "2.5", "currency": "USD" }),
            json!({ "quantity": "4" }),
        ),
    ]
}

/// Every kind has the same life over REST, in its own organisation and in no other.
#[tokio::test]
async fn every_kind_lives_over_rest() {
    let app = TestApp::new().await;
    let mut ada = app.signed_up("Ada").await;
    let mut bob = app.signed_up("Bob").await;
    for (kind, new, patch) in samples() {
        let all = format!("/api/v1/{kind}");
        assert_eq!(app.visitor().get_json(&all).await.status, StatusCode::UNAUTHORIZED, "{kind}");
        let made = ada.post_json(&all, &new).await;
        assert_eq!(made.status, StatusCode::CREATED, "{kind}: {made:?}");
        let row = made.json();
        let one = format!("{all}/{}", row["id"].as_str().unwrap());
        assert_eq!(ada.get_json(&one).await.json()["id"], row["id"], "{kind}");

        let changed = ada.json(Method::PATCH, &one, &patch).await;
        assert_eq!(changed.status, StatusCode::OK, "{kind}: {changed:?}");
        for (field, value) in patch.as_object().unwrap() {
            let (now, wanted) = (changed.json()[field].clone(), value.as_str().unwrap());
            let now = now.as_str().unwrap();
            assert!(now == wanted || now == format!("{wanted}.0000"), "{kind}.{field} is {now}");
        }
        let mut stale = patch.clone();
        stale["updated_at"] = row["updated_at"].clone();
        assert_eq!(ada.json(Method::PATCH, &one, &stale).await.status, StatusCode::CONFLICT, "{kind}");
        let unknown = ada.json(Method::PATCH, &one, &json!({ "colour": "red" })).await;
        assert_eq!(unknown.status, StatusCode::UNPROCESSABLE_ENTITY, "{kind}");
        assert_eq!(unknown.header("content-type"), "application/problem+json");

        let list = ada.get_json(&format!("{all}?limit=1")).await.json();
        assert!(!list["items"].as_array().unwrap().is_empty() && list["totals"]["count"].as_i64() >= Some(1), "{kind}");
        assert_eq!(ada.get_json(&format!("{all}?colour=red")).await.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(ada.get_json(&format!("{all}.csv?colour=red")).await.status, StatusCode::UNPROCESSABLE_ENTITY);

        assert_eq!(bob.get_json(&all).await.json()["items"], json!([]), "{kind}");
        assert_eq!(bob.get_json(&one).await.status, StatusCode::NOT_FOUND, "{kind}");
        assert_eq!(bob.json(Method::PATCH, &one, &patch).await.status, StatusCode::NOT_FOUND, "{kind}");
        assert_eq!(bob.json(Method::DELETE, &one, &json!({})).await.status, StatusCode::NOT_FOUND, "{kind}");
        assert_eq!(ada.get_json(&format!("{all}/not-an-id")).await.status, StatusCode::NOT_FOUND, "{kind}");

        let before = ada.get_json(&one).await.json();
        let deleted = ada.json(Method::DELETE, &one, &json!({})).await;
        assert_eq!(deleted.status, StatusCode::NO_CONTENT, "{kind}: {deleted:?}");
        assert_eq!(ada.get_json(&one).await.status, StatusCode::NOT_FOUND, "{kind}");
        assert_eq!(bob.post_json(&format!("{one}/restore"), &json!({})).await.status, StatusCode::NOT_FOUND);
        let restored = ada.post_json(&format!("{one}/restore"), &json!({})).await;
        assert_eq!(restored.json(), before, "{kind}");
    }
    let errors = ada.post_json("/api/v1/payments", &json!({ "amount": "x", "status": "paid" })).await;
    assert_eq!(errors.status, StatusCode::UNPROCESSABLE_ENTITY);
    let fields: Vec<String> =
        errors.json()["fields"].as_array().unwrap().iter().map(|f| f["field"].as_str().unwrap().to_owned()).collect();
    assert_eq!(fields, ["party", "issued_on", "due_date", "amount", "currency", "paid_on"]);
}

/// The export holds what is filtered, however many pages that is, and nothing that a spreadsheet would run.
#[tokio::test]
async fn an_export_is_whole_and_harmless() {
    let app = TestApp::new().await;
    let mut ada = app.signed_up("Ada").await;
    let mut bob = app.signed_up("Bob").await;
    sqlx::query(
        "insert into transactions (organization_id, id, reference, date, type, amount, currency, note)
         select organization_id, gen_random_uuid(), 'R' || n, date '2026-01-01' + n % 28, 'income', n, 'USD',
           case when n = 1 then '=cmd()' else 'a, \"b\"' end
         from memberships cross join generate_series(1, 4500) n
         where user_id = (select id from users where email = $1)",
    )
    .bind(email("Ada"))
    .execute(app.db.pool_for_tests())
    .await
    .unwrap();
    let file = ada.get_json("/api/v1/transactions.csv?from=2026-01-01&to=2026-01-14&bom=1").await;
    assert_eq!(file.status, StatusCode::OK);
    assert!(file.header("content-disposition").starts_with("attachment; filename=\"transactions-2"), "{file:?}");
    let text = file.text.strip_prefix('\u{feff}').unwrap();
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    assert_eq!(
        reader.headers().unwrap(),
        vec!["reference", "date", "type", "category", "department", "amount", "currency", "note"]
    );
    let rows: Vec<csv::StringRecord> = reader.records().map(|row| row.unwrap()).collect();
    let expected = (1..=4500).filter(|n| n % 28 < 14).count();
    assert_eq!(rows.len(), expected);
    let mut references: Vec<&str> = rows.iter().map(|row| &row[0]).collect();
    references.sort_unstable();
    references.dedup();
    assert_eq!(references.len(), expected);
    assert!(rows.iter().any(|row| &row[0] == "R1" && &row[7] == "'=cmd()"));
    assert!(rows.iter().all(|row| row[5].parse::<u32>().is_ok()));
    let empty = bob.get_json("/api/v1/transactions.csv").await;
    assert_eq!(empty.text.lines().count(), 1, "another organisation's file has the header alone");
}

/// Every list and form is a page, also with every filter set, and says what it cannot read.
#[tokio::test]
async fn every_page_is_there() {
    let app = TestApp::new().await;
    let mut ada = app.signed_up("Ada").await;
    for (kind, new, _) in samples() {
        assert_eq!(ada.post_json(&format!("/api/v1/{kind}"), &new).await.status, StatusCode::CREATED, "{kind}");
    }
    let category = ada.get_json("/api/v1/categories").await.json()["items"][0]["id"].as_str().unwrap().to_owned();
    for (path, text) in [
        ("/transactions?type=expense&category=Rent&from=2026-01-01&to=2026-01-31&search=rent&sort=-category", "Rent"),
        ("/payments?status=overdue&direction=outgoing&sort=paid_on", "Overdue"),
        ("/budgets?from=2026-01&to=2026-01&type=expense", "Within budget"),
        ("/stock?level=enough&sort=-value", "Axle"),
        ("/categories?sort=-transactions", "Travel"),
        (&format!("/categories?edit={category}"), "Merge into"),
        ("/payments/new", "Vendor or customer"),
        ("/budgets/new", "Month"),
        ("/stock/new", "Minimum stock"),
        ("/transactions?search=zebra", "Nothing matches"),
        ("/transactions?from=yesterday", "This is not a date"),
        ("/stock?sort=colour", "This list can be sorted by"),
        ("/budgets?cursor=page2", "This cursor does not belong to this list"),
    ] {
        let page = ada.get(path).await;
        assert_eq!(page.status, StatusCode::OK, "{path}");
        assert!(page.text.contains(text), "{path} has no “{text}”: {}", page.text);
    }
}
