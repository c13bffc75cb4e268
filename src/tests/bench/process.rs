//! The server under measurement: its start, and its memory while nobody asks anything.

use super::{cpu, http::Client};
use std::{
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

/// Stops the server when the run ends, however it ends.
pub struct Server {
    child: Child,
    pub port: u16,
}

impl Server {
    pub fn id(&self) -> u32 {
        self.child.id()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Starts it three times on the database as it is, and leaves the last one running.
pub async fn start(binary: &str) -> Server {
    let port = std::env::var("BENCH_PORT").ok().and_then(|s| s.parse().ok()).unwrap_or(3198);
    let at = Instant::now();
    assert!(Command::new(binary).arg("migrate").stdout(Stdio::null()).status().unwrap().success(), "migrate failed");
    println!("\nall migrations on an empty database: {} ms", at.elapsed().as_millis());
    let mut starts = Vec::new();
    let server = loop {
        let (server, took) = start_once(binary, port).await;
        starts.push(format!("{} ms", took.as_millis()));
        if starts.len() == 3 {
            break server;
        }
    };
    println!("start with the database up, until the first page is served: {} (at most 250)", starts.join(", "));
    // Until whatever the start has set going has ended.
    tokio::time::sleep(Duration::from_secs(3)).await;
    println!("memory of the idle server: {} (at most 60 MB)", cpu::resident(server.id()));
    server
}

async fn start_once(binary: &str, port: u16) -> (Server, Duration) {
    let at = Instant::now();
    let child = Command::new(binary)
        .arg("serve")
        .env("BELVEDERE_SERVER__ADDRESS", format!("127.0.0.1:{port}"))
        .env("BELVEDERE_LOG__FILTER", "warn")
        .env("LEPTOS_HASH_FILES", "true")
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let server = Server { child, port };
    let mut client = Client::new(port);
    while client.get("/sign-in", &[]).await.is_none_or(|r| r.status != 200) {
        tokio::time::sleep(Duration::from_millis(2)).await;
        assert!(at.elapsed() < Duration::from_secs(60), "the server did not start");
    }
    (server, at.elapsed())
}
