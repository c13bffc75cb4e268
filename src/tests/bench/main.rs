//! How fast the product is, measured on the built binary from outside: `scripts/bench`.
//!
//! One run prints ratios that hold on any machine: each figure stands beside plain SQL, a static file from the same
//! server or another program that does the same, in the same minute, and beside the processor time that others took.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a measurement that cannot go on should say so and stop")]

mod browser;
mod cpu;
mod data;
mod figures;
mod grid;
mod http;
mod imports;
mod node;
mod pages;
mod process;
mod questions;
mod wire;

use http::Client;
use process::Server;
use sqlx::{Connection, PgConnection, postgres::PgConnectOptions};
use std::str::FromStr;

const EMAIL: &str = "bench@example.com";

/// What the measurements share.
struct Bench {
    server: Server,
    db: PgConnection,
    organization: uuid::Uuid,
    cookie: String,
    token: String,
}

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() {
    let binary = std::env::var("BENCH_BINARY").expect("BENCH_BINARY names the server’s binary");
    // Parts to measure, all of them unless named.
    let parts: Vec<String> = std::env::args().skip(1).collect();
    let wanted = |part: &str| parts.is_empty() || parts.iter().any(|p| p == part);
    if wanted("grid") {
        grid::measure();
    }
    if !["pages", "metrics", "import", "wire", "browser"].into_iter().any(wanted) {
        return;
    }
    let url = std::env::var("DATABASE_URL").expect("DATABASE_URL names an empty database");
    let server = process::start(&binary).await;
    let mut client = Client::new(server.port);
    let cookie = client.sign_up(EMAIL, "Bench & Co").await;
    let token = client.token(EMAIL).await;
    if wanted("wire") {
        wire::measure(&mut client, &cookie, &token).await;
    }
    if wanted("browser") {
        let token = client.token(EMAIL).await;
        browser::measure(server.port, &mut client, &cookie, &token).await;
    }
    let mut db = PgConnection::connect_with(&PgConnectOptions::from_str(&url).unwrap()).await.unwrap();
    let organization = sqlx::query_scalar("select id from organizations where name = 'Bench & Co'");
    let organization = organization.fetch_one(&mut db).await.unwrap();
    if wanted("pages") || wanted("metrics") {
        data::fill(&mut db, organization).await;
    }
    let mut bench = Bench { server, db, organization, cookie, token };
    if wanted("pages") {
        pages::measure(&mut bench).await;
    }
    if wanted("metrics") {
        questions::measure(&mut bench).await;
    }
    println!("\nmemory of the server after all that: {}", cpu::resident(bench.server.id()));
    if wanted("import") {
        imports::measure(&binary, &mut client, &mut bench.db).await;
    }
}
