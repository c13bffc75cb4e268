//! As much of HTTP as these tests need, over a connection for each request.

use std::net::SocketAddr;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

pub struct Client {
    address: SocketAddr,
    /// Sent as `Authorization: Bearer …`, unless empty.
    pub bearer: String,
}

#[derive(Debug)]
pub struct Reply {
    pub status: u16,
    pub text: String,
}

impl Reply {
    pub fn json(&self) -> serde_json::Value {
        let from = self.text.find(['{', '[']).unwrap_or_else(|| panic!("no JSON: {self:?}"));
        let to = self.text.rfind(['}', ']']).unwrap_or_default();
        serde_json::from_str(&self.text[from..=to]).unwrap_or_else(|e| panic!("no JSON ({e}): {self:?}"))
    }
}

impl Client {
    pub fn new(address: SocketAddr) -> Self {
        Self { address, bearer: String::new() }
    }

    fn head(&self, method: &str, path: &str, kind: &str, length: usize) -> String {
        let mut head = format!(
            "{method} {path} HTTP/1.1\r\nhost: {}\r\nconnection: close\r\naccept: application/json\r\ncontent-length: {length}\r\n",
            self.address
        );
        if !kind.is_empty() {
            head.push_str(&format!("content-type: {kind}\r\n"));
        }
        if !self.bearer.is_empty() {
            head.push_str(&format!("authorization: Bearer {}\r\n", self.bearer));
        }
        head + "\r\n"
    }

    /// `None` when nobody listens, or the connection ends without an answer.
    pub async fn try_send(&mut self, method: &str, path: &str, kind: &str, body: &[u8]) -> Option<Reply> {
        let mut stream = TcpStream::connect(self.address).await.ok()?;
        stream.write_all(self.head(method, path, kind, body.len()).as_bytes()).await.ok()?;
        stream.write_all(body).await.ok()?;
        let mut bytes = Vec::new();
        stream.read_to_end(&mut bytes).await.ok()?;
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let status = text.split(' ').nth(1)?.parse().ok()?;
        let (_, body) = text.split_once("\r\n\r\n")?;
        Some(Reply { status, text: body.to_owned() })
    }

    pub async fn send(&mut self, method: &str, path: &str, kind: &str, body: &[u8]) -> Reply {
        self.try_send(method, path, kind, body).await.unwrap_or_else(|| panic!("{method} {path} was not answered"))
    }

    /// Sends the beginning of a file, and hangs up.
    pub async fn break_off(&mut self, path: &str, body: &[u8], after: usize) {
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        stream.write_all(self.head("POST", path, "text/csv", body.len()).as_bytes()).await.unwrap();
        stream.write_all(&body[..after]).await.unwrap();
        stream.flush().await.unwrap();
    }
}
