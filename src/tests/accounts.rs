//! Accounts: nobody gets in who should not, nobody learns who has an account, and nobody reaches into another's
//! organisation, by page's function or by API.

use crate::support::{Answer, PASSWORD, TestApp, Visitor, email};
use axum::body::Body;
use http::{Method, Request, StatusCode};
use serde_json::{Value, json};
use std::time::Instant;

/// Signs in by the API and gives the pair of tokens.
async fn token(app: &TestApp, email: &str) -> Value {
    let answer = app.visitor().post_json("/api/v1/auth/token", &json!({ "email": email, "password": PASSWORD })).await;
    assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
    answer.json()
}

/// A program that acts as the person with this address.
async fn program(app: &TestApp, email: &str) -> Visitor {
    let mut visitor = app.visitor();
    visitor.bearer = token(app, email).await["access_token"].as_str().map(str::to_owned);
    visitor
}

/// A form as a browser without JavaScript sends it.
async fn plain_form(visitor: &mut Visitor, page: &str, path: &str, fields: &[(&str, &str)]) -> Answer {
    let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
    let request = Request::post(path)
        .header("content-type", "application/x-www-form-urlencoded")
        .header("accept", "text/html")
        .header("host", "localhost")
        .header("referer", format!("http://localhost{page}"));
    visitor.send(request.body(Body::from(body)).unwrap()).await
}

async fn who(visitor: &mut Visitor) -> Value {
    visitor.post_json("/rpc/accounts/viewer", &json!({})).await.json()
}

/// The token in the latest mail to this address.
async fn mailed_token(app: &TestApp, recipient: &str) -> String {
    let body: String =
        sqlx::query_scalar("select body from outbox where recipient = $1 order by created_at desc limit 1")
            .bind(recipient)
            .fetch_one(app.db.pool_for_tests())
            .await
            .unwrap();
    let token = body.split("token=").nth(1).expect("a link with a token");
    token.split_whitespace().next().unwrap().to_owned()
}

/// Invites `address` as `role` and gives the link's token.
async fn invite(app: &TestApp, owner: &mut Visitor, address: &str, role: &str) -> String {
    let answer = owner.post_form("/rpc/accounts/invite", &[("email", address), ("role", role)]).await;
    assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
    mailed_token(app, address).await
}

/// Invites and joins somebody new; they are signed in.
async fn joined(app: &TestApp, owner: &mut Visitor, name: &str, role: &str) -> Visitor {
    let token = invite(app, owner, &email(name), role).await;
    let mut visitor = app.visitor();
    let fields = [("token", token.as_str()), ("name", name), ("password", PASSWORD)];
    let answer = visitor.post_form("/rpc/accounts/accept_invitation_as_new", &fields).await;
    assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
    visitor
}

#[tokio::test]
async fn the_session_cookie_is_out_of_reach_and_rotates_at_sign_in() {
    let app = TestApp::new().await;
    let mut ada = app.signed_up("Ada").await;
    let before = ada.cookies["belvedere"].clone();
    let form = [("email", "ada@example.com"), ("password", PASSWORD)];
    let answer = ada.post_form("/rpc/accounts/sign_in", &form).await;
    let cookie = answer.header("set-cookie");
    for flag in ["HttpOnly", "SameSite=Lax", "Path=/", "Max-Age="] {
        assert!(cookie.contains(flag), "{flag} in {cookie}");
    }
    assert_ne!(ada.cookies["belvedere"], before);
    let mut old = app.visitor();
    old.cookies.insert("belvedere".into(), before.clone());
    assert!(who(&mut old).await.is_null(), "the session before the sign-in has ended");
    // Who reads the table cannot sign in with what is in it.
    let kept: Vec<String> = sqlx::query_scalar("select encode(id_hash, 'hex') || sessions::text from sessions")
        .fetch_all(app.db.pool_for_tests())
        .await
        .unwrap();
    assert_eq!(kept.len(), 1);
    assert!(!kept[0].contains(&ada.cookies["belvedere"]));
}

#[tokio::test]
async fn over_https_the_cookie_is_secure() {
    let mut settings = belvedere::server::Settings::default();
    settings.accounts.public_url = "https://example.com".into();
    let app = TestApp::with(settings).await;
    let mut ada = app.visitor();
    let form = [("name", "Ada"), ("email", "ada@example.com"), ("organization", "A"), ("password", PASSWORD)];
    let answer = ada.post_form("/rpc/accounts/sign_up", &form).await;
    let cookie = answer.header("set-cookie");
    assert!(cookie.starts_with("__Host-belvedere=") && cookie.contains("Secure"), "{answer:?}");
}

#[tokio::test]
async fn sessions_end_by_idleness_and_by_age() {
    let app = TestApp::new().await;
    for (column, value) in
        [("last_seen_at", "now() - interval '8 days'"), ("expires_at", "now() - interval '1 second'")]
    {
        let mut ada = app.signed_up(&format!("Ada-{}", column.replace('_', "-"))).await;
        assert!(!who(&mut ada).await.is_null());
        let statement = format!("update sessions set {column} = {value}");
        sqlx::query(sqlx::AssertSqlSafe(statement)).execute(app.db.pool_for_tests()).await.unwrap();
        assert!(who(&mut ada).await.is_null(), "{column}");
    }
}

#[tokio::test]
async fn signing_out_ends_the_session_itself_not_only_the_cookie() {
    let app = TestApp::new().await;
    let mut ada = app.signed_up("Ada").await;
    let mut copy = ada.clone();
    let answer = ada.post_form("/rpc/accounts/sign_out", &[]).await;
    assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
    assert!(who(&mut ada).await.is_null());
    assert!(who(&mut copy).await.is_null(), "a copied cookie is worth nothing after signing out");
}

#[tokio::test]
async fn signing_out_everywhere_ends_browsers_and_programs() {
    let app = TestApp::new().await;
    let mut first = app.signed_up("Ada").await;
    let mut second = app.signed_in(&email("Ada"), PASSWORD).await;
    let mut program = program(&app, &email("Ada")).await;
    let mut bob = app.signed_up("Bob").await;
    assert_eq!(program.get_json("/api/v1/me").await.status, StatusCode::OK);
    first.post_form("/rpc/accounts/sign_out_everywhere", &[]).await;
    assert!(who(&mut first).await.is_null() && who(&mut second).await.is_null());
    assert_eq!(program.get_json("/api/v1/me").await.status, StatusCode::UNAUTHORIZED);
    assert!(!who(&mut bob).await.is_null(), "others stay signed in");
}

#[tokio::test]
async fn a_wrong_password_and_an_unknown_address_get_the_same_answer_in_the_same_time() {
    let app = TestApp::new().await;
    app.signed_up("Ada").await;
    let mut visitor = app.visitor();
    let mut times = [Vec::new(), Vec::new()];
    let mut answers = Vec::new();
    for round in 0..8 {
        for (i, address) in ["ada@example.com", "nobody@example.com"].into_iter().enumerate() {
            let start = Instant::now();
            let form = [("email", address), ("password", "wrong password")];
            let answer = visitor.post_form("/rpc/accounts/sign_in", &form).await;
            // The first round makes the dummy hash and warms the pool.
            if round > 0 {
                times[i].push(start.elapsed());
            }
            answers.push((answer.status, answer.text));
        }
    }
    assert_eq!(answers[0].0, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:?}");
    // The middle one of each: another test may have held up one or two.
    let [known, unknown] = times.map(|mut times| {
        times.sort();
        times[times.len() / 2].as_secs_f64()
    });
    let ratio = known / unknown;
    // Without the dummy hash the ratio is 5 or more.
    assert!((0.4..2.5).contains(&ratio), "known took {ratio} times as long as unknown");
    // The API answers the same way.
    let api = |address: &str| json!({ "email": address, "password": "wrong password" });
    let known = visitor.post_json("/api/v1/auth/token", &api("ada@example.com")).await;
    let unknown = visitor.post_json("/api/v1/auth/token", &api("nobody@example.com")).await;
    assert_eq!((known.status, known.json()["detail"].clone()), (unknown.status, unknown.json()["detail"].clone()));
}

#[tokio::test]
async fn asking_for_a_new_password_tells_nobody_who_has_an_account() {
    let app = TestApp::new().await;
    app.signed_up("Ada").await;
    let mut answers = Vec::new();
    for address in ["ada@example.com", "nobody@example.com"] {
        let start = Instant::now();
        let answer = app.visitor().post_form("/rpc/accounts/forgot_password", &[("email", address)]).await;
        assert!(start.elapsed().as_millis() >= 400, "answers are padded to a constant time");
        answers.push((answer.status, answer.text.clone(), answer.header("location").to_owned()));
    }
    assert_eq!(answers[0], answers[1]);
    let mails: Vec<String> =
        sqlx::query_scalar("select recipient from outbox").fetch_all(app.db.pool_for_tests()).await.unwrap();
    assert_eq!(mails, ["ada@example.com"]);
}

#[tokio::test]
async fn with_mail_a_sign_up_tells_nobody_who_has_an_account_and_is_finished_by_the_link() {
    let mut settings = belvedere::server::Settings::default();
    settings.accounts.smtp_url = Some(belvedere::server::settings::Secret::new("smtp://127.0.0.1:1"));
    let app = TestApp::with(settings).await;
    let sign_up = |address: &'static str| {
        let mut visitor = app.visitor();
        async move {
            let form = [
                ("name", "Ada"),
                ("email", address),
                ("organization", "Ada & Co"),
                ("base_currency", "EUR"),
                ("password", PASSWORD),
            ];
            let answer = visitor.post_form("/rpc/accounts/sign_up", &form).await;
            assert!(visitor.cookies.is_empty());
            (answer.status, answer.text.clone(), answer.header("location").to_owned())
        }
    };
    let first = sign_up("ada@example.com").await;
    assert_eq!(first.2, "/sign-up?sent=1");
    let token = mailed_token(&app, "ada@example.com").await;
    let mut ada = app.visitor();
    // Programs that look at mail open its links: that alone finishes nothing.
    assert_eq!(ada.get(&format!("/sign-up?token={token}")).await.status, StatusCode::OK);
    let answer = ada.post_form("/rpc/accounts/confirm_sign_up", &[("token", &token)]).await;
    assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
    let organization = who(&mut ada).await["organization"].clone();
    assert_eq!((&organization["name"], &organization["base_currency"]), (&json!("Ada & Co"), &json!("EUR")));
    let again = ada.post_form("/rpc/accounts/confirm_sign_up", &[("token", &token)]).await;
    assert_eq!(again.status, StatusCode::UNPROCESSABLE_ENTITY, "a link works once");
    assert_eq!(sign_up("ada@example.com").await, first, "the same answer for a taken address");
    let body: String = sqlx::query_scalar("select body from outbox order by created_at desc, id desc limit 1")
        .fetch_one(app.db.pool_for_tests())
        .await
        .unwrap();
    assert!(body.contains("has an account already"), "{body}");
}

#[tokio::test]
async fn a_new_organisation_counts_in_the_currency_that_was_chosen() {
    let app = TestApp::new().await;
    let mut ada = app.visitor();
    assert!(ada.get("/sign-up").await.text.contains("<option value=\"USD\" selected"));
    let form = |currency: &'static str| {
        [
            ("name", "Ada"),
            ("email", "ada@example.com"),
            ("organization", "Ada & Co"),
            ("base_currency", currency),
            ("password", PASSWORD),
        ]
    };
    let refused = ada.post_form("/rpc/accounts/sign_up", &form("XXX")).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{refused:?}");
    assert!(refused.text.contains("base_currency"), "{refused:?}");
    ada.post_form("/rpc/accounts/sign_up", &form("EUR")).await;
    assert_eq!(who(&mut ada).await["organization"]["base_currency"], "EUR");

    // Another one counts like the one that they come from, unless they say so.
    let forms = [(vec![("name", "B")], "EUR"), (vec![("name", "C"), ("base_currency", "CHF")], "CHF")];
    for (form, currency) in forms {
        ada.post_form("/rpc/accounts/create_organization", &form).await;
        assert_eq!(who(&mut ada).await["organization"]["base_currency"], currency);
    }
}

#[tokio::test]
async fn without_javascript_what_a_form_says_replaces_what_the_one_before_said() {
    let app = TestApp::new().await;
    let mut ada = app.signed_up("Ada").await;
    let page = "/people?done=taken-back&cursor=x&__path=%2Frpc%2Fold&__err=b2xk";
    let fields = [("email", "not an address"), ("role", "VIEWER")];
    let answer = plain_form(&mut ada, page, "/rpc/accounts/invite", &fields).await;
    let location = answer.header("location");
    assert_eq!(location.matches("__err=").count(), 1, "{location}");
    assert!(location.contains("/people?cursor=x&") && !location.contains("done="), "{location}");
}

#[tokio::test]
async fn guessing_is_throttled_for_known_and_unknown_alike_and_the_owner_is_not_locked_out() {
    let app = TestApp::new().await;
    let mut ada = app.signed_up("Ada").await;
    for address in ["ada@example.com", "nobody@example.com"] {
        let mut refused = None;
        for attempt in 0..15 {
            let form = [("email", address), ("password", "wrong password")];
            let answer = app.visitor().post_form("/rpc/accounts/sign_in", &form).await;
            if answer.status == StatusCode::TOO_MANY_REQUESTS {
                refused = Some((attempt, answer));
                break;
            }
        }
        let (attempt, answer) = refused.expect("guessing is stopped");
        assert_eq!(attempt, 10, "{address}");
        assert!(answer.text.contains("retry_after"), "{answer:?}");
    }
    // The right password does not get through either: it would tell the guesser.
    let api = app
        .visitor()
        .post_json("/api/v1/auth/token", &json!({ "email": "ada@example.com", "password": PASSWORD }))
        .await;
    assert_eq!(api.status, StatusCode::TOO_MANY_REQUESTS);
    assert!(!api.header("retry-after").is_empty());
    assert!(!who(&mut ada).await.is_null(), "who is signed in stays so");
    // One row for each limit, not for each attempt.
    let rows: i64 =
        sqlx::query_scalar("select count(*) from throttles").fetch_one(app.db.pool_for_tests()).await.unwrap();
    assert!(rows <= 7, "{rows}");
}

#[tokio::test]
async fn a_right_password_is_not_counted_as_a_guess() {
    let app = TestApp::new().await;
    app.signed_up("Ada").await;
    for _ in 0..14 {
        app.signed_in(&email("Ada"), PASSWORD).await;
    }
}

#[tokio::test]
async fn without_javascript_a_refused_form_comes_back_with_what_was_typed_but_the_password() {
    let app = TestApp::new().await;
    let mut visitor = app.visitor();
    let fields =
        [("name", "Ada"), ("email", "not an address"), ("organization", "Ada & Co"), ("password", "short-secret")];
    let fields = [fields[0], fields[1], fields[2], ("password", &fields[3].1[..5]), ("base_currency", "CHF")];
    let answer = plain_form(&mut visitor, "/sign-up", "/rpc/accounts/sign_up", &fields).await;
    assert_eq!(answer.status, StatusCode::FOUND, "{answer:?}");
    let location = answer.header("location").to_owned();
    assert!(!location.contains("short"), "{location}");
    let path = location.split_once("localhost").unwrap().1.to_owned();
    let page = visitor.get(&path).await;
    assert_eq!(page.status, StatusCode::OK);
    for text in [
        "Use at least 10 characters",
        "does not look like an e-mail address",
        "value=\"Ada\"",
        "not an address",
        "<option value=\"CHF\" selected",
    ] {
        assert!(page.text.contains(text), "{text} in {}", page.text);
    }
    assert!(!page.text.contains("value=\"short\""));
    assert!(!visitor.cookies.contains_key("belvedere_form"), "kept for one page only");
}

#[tokio::test]
async fn without_javascript_a_refused_newcomer_keeps_their_name() {
    let app = TestApp::new().await;
    let mut ada = app.signed_up("Ada").await;
    let token = invite(&app, &mut ada, "new@example.com", "MEMBER").await;
    let mut visitor = app.visitor();
    let fields = [("token", token.as_str()), ("name", "Grace"), ("password", "short")];
    let link = format!("/invitation?token={token}");
    let answer = plain_form(&mut visitor, &link, "/rpc/accounts/accept_invitation_as_new", &fields).await;
    let path = answer.header("location").split_once("localhost").unwrap().1.to_owned();
    let page = visitor.get(&path).await;
    assert!(page.text.contains("value=\"Grace\"") && page.text.contains("at least 10 characters"), "{page:?}");
}

#[tokio::test]
async fn without_javascript_every_refused_form_of_somebody_signed_in_keeps_what_was_typed() {
    let app = TestApp::new().await;
    let mut ada = app.signed_up("Ada").await;
    let long = "x".repeat(101);
    let long = long.as_str();
    type Form<'a> = (&'a str, &'a str, &'a [(&'a str, &'a str)], &'a [&'a str]);
    let forms: [Form; 4] = [
        (
            "/people",
            "/rpc/accounts/invite",
            &[("email", "not an address"), ("role", "VIEWER")],
            &["value=\"not an address\"", "<option value=\"VIEWER\" selected"],
        ),
        ("/account", "/rpc/accounts/change_name", &[("name", long)], &[long]),
        (
            "/account",
            "/rpc/accounts/create_organization",
            &[("name", long), ("base_currency", "CHF")],
            &[long, "value=\"Ada\"", "<option value=\"CHF\" selected"],
        ),
        (
            "/organization",
            "/rpc/accounts/update_organization",
            &[("name", long), ("base_currency", "CHF"), ("time_zone", "Europe/Vienna")],
            &[long, "<option value=\"CHF\" selected", "<option value=\"Europe/Vienna\" selected"],
        ),
    ];
    for (page, path, fields, shown) in forms {
        let answer = plain_form(&mut ada, page, path, fields).await;
        let location = answer.header("location").split_once("localhost").unwrap().1.to_owned();
        let answer = ada.get(&location).await;
        assert!(answer.text.contains("aria-invalid=\"true\""), "{path}: {}", answer.text);
        for text in shown {
            assert!(answer.text.contains(text), "{path} lost {text}: {}", answer.text);
        }
        assert!(!ada.cookies.contains_key("belvedere_form"), "{path}: kept for one page only");
    }
}

#[tokio::test]
async fn without_javascript_signing_in_leads_to_where_one_wanted_to_go_but_never_away_from_here() {
    let app = TestApp::new().await;
    app.signed_up("Ada").await;
    let stranger = app.visitor().get("/payments?status=paid").await;
    assert!(stranger.status.is_redirection(), "{stranger:?}");
    assert!(stranger.header("location").starts_with("/sign-in?next="), "{stranger:?}");
    for (next, to) in
        [("/payments?status=paid", "/payments?status=paid"), ("https://evil.example", "/"), ("//evil.example", "/")]
    {
        let mut visitor = app.visitor();
        let fields = [("email", "Ada@Example.com "), ("password", PASSWORD), ("next", next)];
        let answer = plain_form(&mut visitor, "/sign-in", "/rpc/accounts/sign_in", &fields).await;
        assert_eq!((answer.status, answer.header("location")), (StatusCode::FOUND, to));
        let again = visitor.get("/sign-in?next=%2Fstock").await;
        assert_eq!(again.header("location"), "/stock", "who is signed in is sent on: {again:?}");
    }
}

#[tokio::test]
async fn another_site_cannot_make_a_browser_act() {
    let app = TestApp::new().await;
    let mut ada = app.signed_up("Ada").await;
    for path in ["/rpc/accounts/sign_out", "/rpc/accounts/sign_in", "/rpc/accounts/change_name"] {
        let request = Request::post(path)
            .header("content-type", "application/x-www-form-urlencoded")
            .header("host", "localhost")
            .header("origin", "https://evil.example")
            .header("sec-fetch-site", "cross-site");
        let answer = ada.send(request.body(Body::from("name=x&email=x&password=x")).unwrap()).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{path}: {answer:?}");
    }
    assert_eq!(who(&mut ada).await["name"], "Ada");
}

#[tokio::test]
async fn changing_the_password_asks_for_the_old_one_and_ends_the_other_sessions() {
    let app = TestApp::new().await;
    let mut ada = app.signed_up("Ada").await;
    let mut elsewhere = app.signed_in(&email("Ada"), PASSWORD).await;
    let mut program = program(&app, &email("Ada")).await;
    let change = |old: &'static str| [("old_password", old), ("new_password", "staple horse battery")];
    let wrong = ada.post_form("/rpc/accounts/change_password", &change("not the old one")).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(wrong.text.contains("old_password"), "{wrong:?}");
    let right = ada.post_form("/rpc/accounts/change_password", &change(PASSWORD)).await;
    assert_eq!(right.status, StatusCode::OK, "{right:?}");
    assert!(!who(&mut ada).await.is_null(), "this browser stays signed in");
    assert!(who(&mut elsewhere).await.is_null());
    assert_eq!(program.get_json("/api/v1/me").await.status, StatusCode::UNAUTHORIZED);
    app.signed_in(&email("Ada"), "staple horse battery").await;
}

#[tokio::test]
async fn a_reset_link_works_once_and_signs_out_everywhere() {
    let app = TestApp::new().await;
    let mut ada = app.signed_up("Ada").await;
    app.visitor().post_form("/rpc/accounts/forgot_password", &[("email", "ADA@example.com")]).await;
    let token = mailed_token(&app, "ada@example.com").await;
    let stored: Vec<Vec<u8>> =
        sqlx::query_scalar("select token_hash from mail_tokens").fetch_all(app.db.pool_for_tests()).await.unwrap();
    assert!(stored.iter().all(|hash| hash.as_slice() != token.as_bytes()));
    let reset = |password: &'static str| {
        let (token, mut visitor) = (token.clone(), app.visitor());
        async move { visitor.post_form("/rpc/accounts/reset_password", &[("token", &token), ("password", password)]).await }
    };
    assert_eq!(
        reset("short").await.status,
        StatusCode::UNPROCESSABLE_ENTITY,
        "a bad password does not use the link up"
    );
    let link = format!("/reset-password?token={token}");
    let form = "name=\"password\"";
    let page = app.visitor().get(&link).await;
    assert!(page.status == StatusCode::OK && page.text.contains(form), "{page:?}");
    assert_eq!(reset("staple horse battery").await.status, StatusCode::OK);
    assert_eq!(reset("another horse battery").await.status, StatusCode::UNPROCESSABLE_ENTITY);
    for dead in [&link, "/reset-password", "/reset-password?token=x"] {
        let page = app.visitor().get(dead).await;
        assert_eq!(page.status, StatusCode::NOT_FOUND, "{dead}");
        assert!(page.text.contains("This link is not valid") && !page.text.contains(form), "{dead}: {}", page.text);
    }
    assert!(who(&mut ada).await.is_null());
    app.signed_in(&email("Ada"), "staple horse battery").await;
}

#[tokio::test]
async fn refresh_tokens_rotate_and_a_copied_one_ends_the_sign_in() {
    let app = TestApp::new().await;
    app.signed_up("Ada").await;
    let first = token(&app, "ada@example.com").await;
    let exchange = |token: &Value| {
        let (body, mut visitor) = (json!({ "refresh_token": token }), app.visitor());
        async move { visitor.post_json("/api/v1/auth/refresh", &body).await }
    };
    let second = exchange(&first["refresh_token"]).await.json();
    assert_ne!(second["refresh_token"], first["refresh_token"]);
    let mut program = app.visitor();
    program.bearer = second["access_token"].as_str().map(str::to_owned);
    let me = program.get_json("/api/v1/me").await;
    assert_eq!((me.status, &me.json()["role"]), (StatusCode::OK, &json!("OWNER")));
    assert_eq!(exchange(&first["refresh_token"]).await.status, StatusCode::UNAUTHORIZED, "used before");
    assert_eq!(exchange(&second["refresh_token"]).await.status, StatusCode::UNAUTHORIZED, "its family has ended");
    assert_eq!(program.get_json("/api/v1/me").await.status, StatusCode::UNAUTHORIZED, "and its access tokens");
    let third = token(&app, "ada@example.com").await;
    let body = json!({ "refresh_token": third["refresh_token"] });
    assert_eq!(app.visitor().post_json("/api/v1/auth/revoke", &body).await.status, StatusCode::NO_CONTENT);
    assert_eq!(exchange(&third["refresh_token"]).await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_forged_or_changed_token_is_refused() {
    let app = TestApp::new().await;
    app.signed_up("Ada").await;
    let access = token(&app, "ada@example.com").await["access_token"].as_str().unwrap().to_owned();
    let parts: Vec<&str> = access.split('.').collect();
    // {"alg":"none"}
    let unsigned = format!("eyJ0eXAiOiJKV1QiLCJhbGciOiJub25lIn0.{}.", parts[1]);
    let truncated = format!("{}.{}.", parts[0], parts[1]);
    for bad in ["", "x", "a.b.c", unsigned.as_str(), truncated.as_str()] {
        let mut visitor = app.visitor();
        visitor.bearer = Some(bad.into());
        assert_eq!(visitor.get_json("/api/v1/me").await.status, StatusCode::UNAUTHORIZED, "{bad}");
    }
}

#[tokio::test]
async fn the_role_is_looked_up_at_every_request_never_trusted_from_a_token() {
    let app = TestApp::new().await;
    let mut ada = app.signed_up("Ada").await;
    let mut bob = joined(&app, &mut ada, "Bob", "ADMIN").await;
    let mut program = program(&app, &email("Bob")).await;
    let rename = json!({ "name": "Bob’s now" });
    assert_eq!(program.json(Method::PATCH, "/api/v1/organization", &rename).await.status, StatusCode::OK);
    let bob_id = who(&mut bob).await["user_id"].as_str().unwrap().to_owned();
    let demoted = ada.post_form("/rpc/accounts/change_role", &[("user", &bob_id), ("role", "VIEWER")]).await;
    assert_eq!(demoted.status, StatusCode::OK, "{demoted:?}");
    assert_eq!(program.json(Method::PATCH, "/api/v1/organization", &rename).await.status, StatusCode::FORBIDDEN);
    assert_eq!(who(&mut bob).await["role"], "VIEWER");
    ada.post_form("/rpc/accounts/remove_member", &[("user", &bob_id)]).await;
    assert_eq!(program.get_json("/api/v1/me").await.status, StatusCode::UNAUTHORIZED);
    assert!(who(&mut bob).await.is_null(), "no organisation is left for this session");
    // Signing in again leads into an organisation of one's own, not into nothing.
    let mut bob = app.signed_in(&email("Bob"), PASSWORD).await;
    assert_eq!(who(&mut bob).await["role"], "OWNER");
}

#[tokio::test]
async fn an_organisation_keeps_an_owner() {
    let app = TestApp::new().await;
    let mut ada = app.signed_up("Ada").await;
    let ada_id = who(&mut ada).await["user_id"].as_str().unwrap().to_owned();
    let demote = [("user", ada_id.as_str()), ("role", "MEMBER")];
    assert_eq!(ada.post_form("/rpc/accounts/change_role", &demote).await.status, StatusCode::CONFLICT);
    assert_eq!(ada.post_form("/rpc/accounts/remove_member", &demote[..1]).await.status, StatusCode::CONFLICT);
    joined(&app, &mut ada, "Bob", "OWNER").await;
    assert_eq!(ada.post_form("/rpc/accounts/change_role", &demote).await.status, StatusCode::OK);
}

#[tokio::test]
async fn two_owners_who_demote_each_other_at_once_leave_one() {
    let app = TestApp::new().await;
    let mut ada = app.signed_up("Ada").await;
    let mut bob = joined(&app, &mut ada, "Bob", "OWNER").await;
    let (ada_id, bob_id) = (who(&mut ada).await["user_id"].clone(), who(&mut bob).await["user_id"].clone());
    let (to_bob, to_ada) = (
        [("user", bob_id.as_str().unwrap()), ("role", "VIEWER")],
        [("user", ada_id.as_str().unwrap()), ("role", "VIEWER")],
    );
    tokio::join!(
        ada.post_form("/rpc/accounts/change_role", &to_bob),
        bob.post_form("/rpc/accounts/change_role", &to_ada)
    );
    let owners: i64 = sqlx::query_scalar("select count(*) from memberships where role = 'OWNER'")
        .fetch_one(app.db.pool_for_tests())
        .await
        .unwrap();
    assert_eq!(owners, 1);
}

/// Each route, with the roles that may use it.
#[tokio::test]
async fn every_route_asks_for_its_role() {
    let app = TestApp::new().await;
    let mut ada = app.signed_up("Ada").await;
    for (name, role) in [("Anna", "ADMIN"), ("Mia", "MEMBER"), ("Vera", "VIEWER")] {
        joined(&app, &mut ada, name, role).await;
    }
    let target = joined(&app, &mut ada, "Tom", "VIEWER").await;
    let tom = who(&mut target.clone()).await["user_id"].as_str().unwrap().to_owned();
    let nobody = uuid::Uuid::now_v7();
    let routes = [
        (Method::GET, "/api/v1/me".to_owned(), json!(null), "VIEWER"),
        (Method::GET, "/api/v1/organizations".to_owned(), json!(null), "VIEWER"),
        (Method::GET, "/api/v1/organization".to_owned(), json!(null), "VIEWER"),
        (Method::GET, "/api/v1/members".to_owned(), json!(null), "VIEWER"),
        (Method::PATCH, "/api/v1/organization".to_owned(), json!({ "base_currency": "EUR" }), "ADMIN"),
        (Method::GET, "/api/v1/invitations".to_owned(), json!(null), "ADMIN"),
        (
            Method::POST,
            "/api/v1/invitations".to_owned(),
            json!({ "email": "new@example.com", "role": "VIEWER" }),
            "ADMIN",
        ),
        (Method::POST, "/api/v1/invitations".to_owned(), json!({ "email": "o@example.com", "role": "ADMIN" }), "OWNER"),
        (Method::DELETE, format!("/api/v1/invitations/{nobody}"), json!(null), "ADMIN"),
        (Method::PATCH, format!("/api/v1/members/{tom}"), json!({ "role": "VIEWER" }), "ADMIN"),
        (Method::PATCH, format!("/api/v1/members/{tom}"), json!({ "role": "OWNER" }), "OWNER"),
        (Method::DELETE, format!("/api/v1/members/{nobody}"), json!(null), "ADMIN"),
    ];
    let people = [("Vera", "VIEWER"), ("Mia", "MEMBER"), ("Anna", "ADMIN"), ("Ada", "OWNER")];
    let rank = |role: &str| people.iter().position(|(_, r)| *r == role).unwrap();
    for (name, role) in people {
        let mut person = program(&app, &email(name)).await;
        for (method, path, body, least) in &routes {
            let answer = if body.is_null() {
                let request = Request::builder().method(method.clone()).uri(path).header("accept", "application/json");
                person.send(request.body(Body::empty()).unwrap()).await
            } else {
                person.json(method.clone(), path, body).await
            };
            let refused = answer.status == StatusCode::FORBIDDEN;
            assert_eq!(refused, rank(role) < rank(least), "{role} {method} {path} {body}: {answer:?}");
            assert!(!answer.status.is_server_error(), "{answer:?}");
        }
    }
    for (method, path, ..) in routes {
        let request = Request::builder().method(method.clone()).uri(&path).header("content-type", "application/json");
        let answer = app.visitor().send(request.body(Body::from("{}")).unwrap()).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{method} {path}");
    }
}

#[tokio::test]
async fn another_organisations_people_and_invitations_are_not_found() {
    let app = TestApp::new().await;
    let mut ada = app.signed_up("Ada").await;
    let mut bob = app.signed_up("Bob").await;
    invite(&app, &mut bob, "guest@example.com", "MEMBER").await;
    let bob_viewer = who(&mut bob).await;
    let (bob_id, bob_organization) = (bob_viewer["user_id"].clone(), bob_viewer["organization"]["id"].clone());
    let invitation: uuid::Uuid =
        sqlx::query_scalar("select id from invitations").fetch_one(app.db.pool_for_tests()).await.unwrap();
    let mut program = program(&app, &email("Ada")).await;
    let bob_path = format!("/api/v1/members/{}", bob_id.as_str().unwrap());
    assert_eq!(
        program.json(Method::PATCH, &bob_path, &json!({ "role": "VIEWER" })).await.status,
        StatusCode::NOT_FOUND
    );
    assert_eq!(program.json(Method::DELETE, &bob_path, &json!({})).await.status, StatusCode::NOT_FOUND);
    let invitation = format!("/api/v1/invitations/{invitation}");
    assert_eq!(program.json(Method::DELETE, &invitation, &json!({})).await.status, StatusCode::NOT_FOUND);
    let members = program.get_json("/api/v1/members").await.json();
    assert_eq!(members["items"].as_array().unwrap().len(), 1, "{members}");
    let switch = [("organization", bob_organization.as_str().unwrap())];
    assert_eq!(ada.post_form("/rpc/accounts/switch_organization", &switch).await.status, StatusCode::NOT_FOUND);
    let body = json!({ "email": email("Ada"), "password": PASSWORD, "organization_id": bob_organization });
    assert_eq!(app.visitor().post_json("/api/v1/auth/token", &body).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn an_invitation_is_for_its_address_and_works_once() {
    let app = TestApp::new().await;
    let mut ada = app.signed_up("Ada").await;
    let mut bob = app.signed_up("Bob").await;
    let mut eve = app.signed_up("Eve").await;
    let token = invite(&app, &mut ada, &email("Bob"), "MEMBER").await;
    let form = [("token", token.as_str())];
    let page = bob.get(&format!("/invitation?token={token}")).await;
    assert!(page.text.contains("Ada &amp; Co"), "{page:?}");
    let wrong = eve.post_form("/rpc/accounts/accept_invitation", &form).await;
    assert_eq!(wrong.status, StatusCode::FORBIDDEN, "{wrong:?}");
    assert_eq!(bob.post_form("/rpc/accounts/accept_invitation", &form).await.status, StatusCode::OK);
    let viewer = who(&mut bob).await;
    assert_eq!((&viewer["organization"]["name"], &viewer["role"]), (&json!("Ada & Co"), &json!("MEMBER")));
    assert_eq!(bob.post_form("/rpc/accounts/accept_invitation", &form).await.status, StatusCode::NOT_FOUND);
    assert_eq!(bob.get(&format!("/invitation?token={token}")).await.status, StatusCode::NOT_FOUND);
    // And back to their own.
    let organizations = bob.post_json("/rpc/accounts/list_organizations", &json!({})).await.json();
    let own = organizations.as_array().unwrap().iter().find(|o| o["name"] == "Bob & Co").unwrap();
    let switch = [("organization", own["id"].as_str().unwrap())];
    assert_eq!(bob.post_form("/rpc/accounts/switch_organization", &switch).await.status, StatusCode::OK);
    assert_eq!(who(&mut bob).await["organization"]["name"], "Bob & Co");
}

#[tokio::test]
async fn what_happens_to_an_organisation_is_on_its_record() {
    let app = TestApp::new().await;
    let mut ada = app.signed_up("Ada").await;
    joined(&app, &mut ada, "Bob", "MEMBER").await;
    let form = [("name", "New name"), ("base_currency", "EUR"), ("time_zone", "Europe/Vienna")];
    assert_eq!(ada.post_form("/rpc/accounts/update_organization", &form).await.status, StatusCode::OK);
    let titles: Vec<String> = sqlx::query_scalar("select title from activities order by created_at, id")
        .fetch_all(app.db.pool_for_tests())
        .await
        .unwrap();
    assert_eq!(
        titles,
        [
            "Organisation Ada & Co was created",
            "bob@example.com was invited as Member",
            "Bob joined as Member",
            "Organisation settings were changed",
        ]
    );
    let bad = [("name", ""), ("base_currency", "DOLLARS"), ("time_zone", "Atlantis")];
    let answer = ada.post_form("/rpc/accounts/update_organization", &bad).await;
    for field in ["name", "base_currency", "time_zone"] {
        assert!(answer.text.contains(field), "{answer:?}");
    }
}

#[tokio::test]
async fn the_outbox_is_for_platform_staff_only() {
    let app = TestApp::new().await;
    let mut ada = app.signed_up("Ada").await;
    let refused = ada.post_json("/rpc/accounts/list_outbox", &json!({})).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    sqlx::query("update users set is_staff = true").execute(app.db.pool_for_tests()).await.unwrap();
    invite(&app, &mut ada, "new@example.com", "MEMBER").await;
    let messages = ada.post_json("/rpc/accounts/list_outbox", &json!({})).await.json();
    assert_eq!(messages[0]["recipient"], "new@example.com", "{messages}");
}

#[tokio::test]
async fn pages_of_accounts_are_drawn_on_the_server() {
    let app = TestApp::new().await;
    let mut ada = app.signed_up("Ada").await;
    for (path, text) in [
        ("/account", "Signed in on"),
        ("/account", "Ada &amp; Co"),
        ("/people", "ada@example.com"),
        ("/people", "Invite somebody"),
        ("/organization", "Base currency"),
    ] {
        let page = ada.get(path).await;
        assert_eq!(page.status, StatusCode::OK, "{path}");
        assert!(page.text.contains(text), "{text} on {path}: {}", page.text);
    }
}
