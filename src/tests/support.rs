//! A fresh database for each test, and tenants to fill it with.

use axum::body::Body;
use belvedere::{
    accounts::{Member, NewAccount, store::sign_up},
    server::{AppState, Application, Database, Settings},
};
use http::{HeaderMap, HeaderValue, Method, Request, StatusCode};
use leptos::config::LeptosOptions;
use sqlx::{AssertSqlSafe, Connection, PgConnection, postgres::PgConnectOptions};
use std::{
    collections::BTreeMap,
    io::Read,
    str::FromStr,
    sync::Arc,
    time::{Duration, Instant},
};
use tower::ServiceExt;

/// The address of an empty database of its own. `BELVEDERE_TEST_DATABASE_URL` names the server to make it on.
pub async fn fresh_url() -> String {
    let url =
        std::env::var("BELVEDERE_TEST_DATABASE_URL").expect("BELVEDERE_TEST_DATABASE_URL names a PostgreSQL server");
    let options = PgConnectOptions::from_str(&url).unwrap();
    let name = format!("test_{}", uuid::Uuid::new_v4().simple());
    let mut admin = PgConnection::connect_with(&options).await.unwrap();
    sqlx::query(AssertSqlSafe(format!("create database {name}"))).execute(&mut admin).await.unwrap();
    admin.close().await.unwrap();
    let mut url = url::Url::parse(&url).unwrap();
    url.set_path(&name);
    url.into()
}

/// Asks until there is an answer. Generous: a busy machine makes a test slow, not red.
pub async fn eventually<T>(what: &str, mut ask: impl AsyncFnMut() -> Option<T>) -> T {
    let begin = Instant::now();
    while begin.elapsed() < Duration::from_secs(120) {
        if let Some(answer) = ask().await {
            return answer;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("never: {what}");
}

/// A migrated database of its own.
pub async fn database() -> Database {
    let db = Database::connect_lazy(fresh_url().await.parse().unwrap(), 4);
    db.migrate().await.unwrap();
    db
}

/// What the server would share, with settings as shipped.
pub fn state(db: &Database) -> AppState {
    AppState {
        db: db.clone(),
        settings: Arc::default(),
        leptos: LeptosOptions::builder().output_name("belvedere").build(),
        signing_key: belvedere::accounts::SigningKey::default(),
        dashboards: Default::default(),
        answers: Default::default(),
    }
}

/// A new organisation and its owner.
pub async fn tenant(db: &Database, name: &str) -> Member {
    sign_up(
        db,
        NewAccount {
            name: name.into(),
            email: format!("{}@example.com", name.to_lowercase()),
            password: "correct horse battery".into(),
            organization_name: format!("{name} & Co"),
            base_currency: "USD".into(),
            time_zone: belvedere::zone::Zone::UTC,
        },
    )
    .await
    .unwrap()
}

/// The whole application on a database of its own, answered without a socket.
#[derive(Clone, Debug)]
pub struct TestApp {
    pub db: Database,
    pub state: AppState,
    pub router: axum::Router,
}

impl TestApp {
    pub async fn new() -> Self {
        let mut settings = Settings::default();
        // A build for tests draws pictures slowly, and a busy machine yet more so.
        settings.server.request_timeout = std::num::NonZeroU32::MAX;
        Self::with(settings).await
    }

    pub async fn with(settings: Settings) -> Self {
        let db = database().await;
        let application = Application::build(settings, db.clone());
        Self { db, state: application.state, router: application.router }
    }

    /// Somebody at a browser or a program, signed in nowhere.
    pub fn visitor(&self) -> Visitor {
        Visitor::new(self.router.clone())
    }

    /// Somebody new who has signed up, with an organisation of their own, and is signed in by cookie.
    pub async fn signed_up(&self, name: &str) -> Visitor {
        let mut visitor = self.visitor();
        let email = email(name);
        let organization = format!("{name} & Co");
        let form = [("name", name), ("email", &email), ("organization", &organization), ("password", PASSWORD)];
        let answer = visitor.post_form("/rpc/accounts/sign_up", &form).await;
        assert!(answer.status.is_success() || answer.status.is_redirection(), "{answer:?}");
        assert!(!visitor.cookies.is_empty(), "sign-up sets the session's cookie: {answer:?}");
        visitor
    }

    /// Signs somebody in who exists already, by cookie.
    pub async fn signed_in(&self, email: &str, password: &str) -> Visitor {
        let mut visitor = self.visitor();
        let answer = visitor.post_form("/rpc/accounts/sign_in", &[("email", email), ("password", password)]).await;
        assert!(answer.status.is_success() || answer.status.is_redirection(), "{answer:?}");
        visitor
    }
}

/// The password of everybody who signs up in tests.
pub const PASSWORD: &str = "correct horse battery";

/// The address that [`tenant`] and [`TestApp::signed_up`] give to somebody of this name.
pub fn email(name: &str) -> String {
    format!("{}@example.com", name.to_lowercase())
}

/// One client: keeps cookies between requests, as a browser does.
#[derive(Clone, Debug)]
pub struct Visitor {
    router: axum::Router,
    pub cookies: BTreeMap<String, String>,
    /// Sent as `Authorization: Bearer …`.
    pub bearer: Option<String>,
}

/// A whole answer.
#[derive(Clone, Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub text: String,
}

impl Answer {
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.text).unwrap_or_else(|e| panic!("no JSON ({e}): {self:?}"))
    }

    /// A header's text, or nothing.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }
}

impl Visitor {
    pub fn new(router: axum::Router) -> Self {
        Self { router, cookies: BTreeMap::new(), bearer: None }
    }

    /// Asks for a page, as a browser does.
    pub async fn get(&mut self, path: &str) -> Answer {
        self.send(Request::get(path).header("accept", "text/html").body(Body::empty()).unwrap()).await
    }

    /// Asks the API.
    pub async fn get_json(&mut self, path: &str) -> Answer {
        self.send(Request::get(path).header("accept", "application/json").body(Body::empty()).unwrap()).await
    }

    pub async fn post_json(&mut self, path: &str, body: &serde_json::Value) -> Answer {
        self.json(Method::POST, path, body).await
    }

    /// Sends JSON with any method.
    pub async fn json(&mut self, method: Method, path: &str, body: &serde_json::Value) -> Answer {
        let request = Request::builder().method(method).uri(path).header("content-type", "application/json");
        self.send(request.header("accept", "application/json").body(Body::from(body.to_string())).unwrap()).await
    }

    /// Sends a form as the browser's own code does. Add `accept: text/html` by [`Visitor::send`] for a plain form.
    pub async fn post_form(&mut self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        let request = Request::post(path).header("content-type", "application/x-www-form-urlencoded");
        self.send(request.header("accept", "application/json").body(Body::from(body)).unwrap()).await
    }

    /// Sends any request, with this visitor's cookies and token.
    pub async fn send(&mut self, mut request: Request<Body>) -> Answer {
        let headers = request.headers_mut();
        if !self.cookies.is_empty() {
            let cookies: Vec<String> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
            headers.insert("cookie", cookies.join("; ").parse().unwrap());
        }
        if let Some(bearer) = &self.bearer {
            headers.insert("authorization", format!("Bearer {bearer}").parse().unwrap());
        }
        // As browsers and most programs ask; whoever names encodings wants to see them.
        let names_encodings = headers.contains_key("accept-encoding");
        headers.entry("accept-encoding").or_insert(HeaderValue::from_static("gzip"));
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (mut parts, body) = response.into_parts();
        for cookie in parts.headers.get_all("set-cookie") {
            let cookie = cookie.to_str().unwrap();
            let (name, value) = cookie.split(';').next().unwrap().split_once('=').unwrap();
            if cookie.contains("Max-Age=0") {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.into(), value.into());
            }
        }
        let mut bytes = axum::body::to_bytes(body, usize::MAX).await.unwrap().to_vec();
        // Files that tests have put beside each other only look compressed.
        if !names_encodings && bytes.starts_with(&[0x1f, 0x8b]) {
            parts.headers.remove("content-encoding");
            let gzip = std::mem::take(&mut bytes);
            flate2::read::GzDecoder::new(&*gzip).read_to_end(&mut bytes).unwrap();
        }
        Answer { status: parts.status, headers: parts.headers, text: String::from_utf8_lossy(&bytes).into_owned() }
    }
}
