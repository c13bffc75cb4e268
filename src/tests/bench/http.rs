//! A client that costs little, so that it does not measure itself.

use http_body_util::{BodyExt, Full};
use hyper::{Request, body::Bytes, client::conn::http1::SendRequest};
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use std::time::{Duration, Instant};
use tokio::net::TcpStream;

pub const PASSWORD: &str = "a long enough passphrase";

pub struct Answer {
    pub status: u16,
    pub headers: hyper::HeaderMap,
    pub body: Bytes,
}

impl Answer {
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|_| panic!("not JSON ({}): {}", self.status, self.text()))
    }
}

/// One connection, opened again when it was closed.
pub struct Client {
    port: u16,
    sender: Option<SendRequest<Full<Bytes>>>,
}

impl Client {
    pub fn new(port: u16) -> Self {
        Self { port, sender: None }
    }

    async fn send(&mut self, mut request: Request<Full<Bytes>>) -> Option<Answer> {
        let host = format!("127.0.0.1:{}", self.port);
        if self.sender.as_ref().is_none_or(|s| s.is_closed()) {
            let stream = TcpStream::connect(&host).await.ok()?;
            stream.set_nodelay(true).ok()?;
            let (sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.ok()?;
            tokio::spawn(connection);
            self.sender = Some(sender);
        }
        let origin = format!("http://{host}").parse().ok()?;
        request.headers_mut().insert("origin", origin);
        request.headers_mut().insert("host", host.parse().ok()?);
        let sender = self.sender.as_mut()?;
        sender.ready().await.ok()?;
        let response = sender.send_request(request).await.ok()?;
        let (parts, body) = response.into_parts();
        let body = body.collect().await.ok()?.to_bytes();
        Some(Answer { status: parts.status.as_u16(), headers: parts.headers, body })
    }

    pub async fn get(&mut self, path: &str, headers: &[(&str, &str)]) -> Option<Answer> {
        let mut request = Request::get(path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.send(request.body(Full::default()).unwrap()).await
    }

    pub async fn post(&mut self, path: &str, token: &str, body: &Value) -> Answer {
        let request = Request::post(path)
            .header("content-type", "application/json")
            .header("authorization", format!("Bearer {token}"))
            .body(Full::from(body.to_string()))
            .unwrap();
        self.send(request).await.expect("an answer")
    }

    /// Signs up by the form and gives the session's cookie.
    pub async fn sign_up(&mut self, email: &str, organization: &str) -> String {
        let form = url::form_urlencoded::Serializer::new(String::new())
            .append_pair("name", "Bench")
            .append_pair("email", email)
            .append_pair("password", PASSWORD)
            .append_pair("organization", organization)
            .finish();
        let request = Request::post("/rpc/accounts/sign_up")
            .header("content-type", "application/x-www-form-urlencoded")
            .body(Full::from(form))
            .unwrap();
        let answer = self.send(request).await.expect("an answer");
        let cookie = answer.headers.get_all("set-cookie").iter().filter_map(|c| c.to_str().ok()).next();
        let cookie = cookie.unwrap_or_else(|| panic!("no session ({}): {}", answer.status, answer.text()));
        cookie.split(';').next().unwrap_or_default().to_owned()
    }

    pub async fn token(&mut self, email: &str) -> String {
        let answer = self.post("/api/v1/auth/token", "", &json!({ "email": email, "password": PASSWORD })).await;
        answer.json()["access_token"].as_str().unwrap_or_else(|| panic!("no token: {}", answer.text())).to_owned()
    }

    /// Gives the new dashboard's id.
    pub async fn create_dashboard(&mut self, token: &str, body: Value) -> String {
        let answer = self.post("/api/v1/dashboards", token, &body).await;
        answer.json()["id"].as_str().unwrap_or_else(|| panic!("no dashboard: {}", answer.text())).to_owned()
    }

    /// The codes of the metrics that the product defines.
    pub async fn metrics(&mut self, token: &str) -> Vec<String> {
        let authorization = format!("Bearer {token}");
        let answer = self.get("/api/v1/metrics", &[("authorization", &authorization)]).await.expect("an answer");
        let list = answer.json();
        let items = list.as_array().or_else(|| list["items"].as_array()).expect("a list of metrics").clone();
        items.iter().filter_map(|m| m["code"].as_str().map(str::to_owned)).collect()
    }

    /// The address of the stylesheet, the largest static file of a page.
    pub async fn stylesheet(&mut self) -> String {
        let page = self.get("/sign-in", &[]).await.expect("an answer").text();
        let end = page.find(".css").expect("a stylesheet") + 4;
        let start = page[..end].rfind('"').expect("a quoted address") + 1;
        page[start..end].to_owned()
    }
}

/// The same request again and again from several connections.
pub struct Load<'a> {
    pub port: u16,
    pub path: &'a str,
    pub headers: &'a [(&'a str, &'a str)],
    pub at_once: usize,
    pub lasting: Duration,
}

impl Load<'_> {
    /// How long each answer took. Any answer but 200 ends the run.
    pub async fn run(&self) -> Vec<Duration> {
        let until = Instant::now() + self.lasting;
        let connections = (0..self.at_once).map(|_| async move {
            let mut client = Client::new(self.port);
            let mut latencies = Vec::new();
            while Instant::now() < until {
                let at = Instant::now();
                let answer = client.get(self.path, self.headers).await.expect("an answer");
                latencies.push(at.elapsed());
                assert_eq!(answer.status, 200, "{}", self.path);
            }
            latencies
        });
        futures::future::join_all(connections).await.concat()
    }
}
