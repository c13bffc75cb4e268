//! How fast the product answers, measured on the built binary from outside: `scripts/bench`.
//!
//! One run prints ratios that hold on any machine: each figure stands beside plain SQL or a static file
//! from the same server, in the same minute, and beside the processor time that other processes took.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a measurement that cannot go on should say so and stop")]

mod cpu;
mod data;
mod http;

use http::{Client, Load};
use serde_json::{Value, json};
use sqlx::{Connection, PgConnection, postgres::PgConnectOptions};
use std::{
    process::{Child, Command, Stdio},
    str::FromStr,
    time::{Duration, Instant},
};

const AT_ONCE: usize = 32;

/// Stops the server when the run ends, however it ends.
struct Server(Child);

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() {
    // `cargo test` runs every target once with arguments of its own; measuring is for `scripts/bench` alone.
    let Ok(binary) = std::env::var("BELVEDERE_BENCH_BINARY") else { return };
    let url = std::env::var("DATABASE_URL").expect("DATABASE_URL names an empty database");
    let seconds = std::env::var("BELVEDERE_BENCH_SECONDS").ok().and_then(|s| s.parse().ok()).unwrap_or(8);
    let port: u16 = std::env::var("BELVEDERE_BENCH_PORT").ok().and_then(|s| s.parse().ok()).unwrap_or(3198);

    assert!(Command::new(&binary).arg("migrate").status().unwrap().success(), "belvedere migrate failed");
    let started = Instant::now();
    let child = Command::new(&binary)
        .arg("serve")
        .env("BELVEDERE_SERVER__ADDRESS", format!("127.0.0.1:{port}"))
        .env("LEPTOS_HASH_FILES", "true")
        .env("RUST_LOG", "warn")
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let server = Server(child);
    let mut client = Client::new(port);
    while client.get("/healthz", &[]).await.is_none_or(|r| r.status != 200) {
        tokio::time::sleep(Duration::from_millis(5)).await;
        assert!(started.elapsed() < Duration::from_secs(60), "the server did not start");
    }
    println!("start with the database up: {} ms", started.elapsed().as_millis());

    let mut db = PgConnection::connect_with(&PgConnectOptions::from_str(&url).unwrap()).await.unwrap();
    let owner = client.sign_up("bench@example.com", "Bench & Co").await;
    let organization: uuid::Uuid =
        sqlx::query_scalar("select id from organizations where name = 'Bench & Co'").fetch_one(&mut db).await.unwrap();
    data::fill(&mut db, organization).await;
    let tenants: i64 = sqlx::query_scalar("select count(*) from organizations").fetch_one(&mut db).await.unwrap();
    let rows: i64 = sqlx::query_scalar("select count(*) from transactions").fetch_one(&mut db).await.unwrap();
    let own: i64 = sqlx::query_scalar("select count(*) from transactions where organization_id = $1")
        .bind(organization)
        .fetch_one(&mut db)
        .await
        .unwrap();
    println!("data: {rows} transactions of {tenants} tenants, {own} of them the measured tenant's\n");

    let token = client.token("bench@example.com").await;
    let six = client.create_dashboard(&token, json!({ "name": "Six", "from_template": "Executive Overview" })).await;
    let twelve = client.create_dashboard(&token, json!({ "name": "Twelve", "layout": twelve_widgets() })).await;

    println!(
        "{:<44} {:>9} {:>9} {:>9}   processor: server, PostgreSQL, this, others",
        "page, 32 at once", "per s", "p50 ms", "p99 ms"
    );
    let asset = client.stylesheet().await;
    for (name, path) in [
        ("static page (the stylesheet)", asset.as_str()),
        ("health check", "/healthz"),
        ("dashboard, six widgets", &format!("/dashboards/{six}")),
        ("dashboard, twelve widgets", &format!("/dashboards/{twelve}")),
    ] {
        let cookie = [("cookie", owner.as_str())];
        client.get(path, &cookie).await.unwrap(); // the first view fills the cache
        let before = cpu::sample(server.0.id());
        let load = Load { port, path, headers: &cookie, at_once: AT_ONCE, lasting: Duration::from_secs(seconds) };
        let mut latencies = load.run().await;
        let used = cpu::sample(server.0.id()) - before;
        let (p50, p99) = percentiles(&mut latencies);
        println!("{name:<44} {:>9.0} {p50:>9.2} {p99:>9.2}   {used}", latencies.len() as f64 / seconds as f64);
    }

    println!(
        "\n{:<44} {:>9} {:>9} {:>9}",
        "metric, one at a time, all time, from the API", "p50 ms", "p99 ms", "SQL p50"
    );
    for metric in client.metrics(&token).await {
        let query = json!({ "metric": metric, "range": {} });
        let mut latencies = Vec::new();
        for _ in 0..120 {
            let at = Instant::now();
            let response = client.post("/api/v1/metrics/query", &token, &query).await;
            latencies.push(at.elapsed());
            assert_eq!(response.status, 200, "{metric}: {}", response.text());
        }
        let (p50, p99) = percentiles(&mut latencies);
        let plain = match data::plain_sql(&metric) {
            Some(sql) => {
                let mut latencies = Vec::new();
                for _ in 0..20 {
                    let at = Instant::now();
                    sqlx::query(sql).bind(organization).fetch_all(&mut db).await.unwrap();
                    latencies.push(at.elapsed());
                }
                format!("{:.2}", percentiles(&mut latencies).0)
            }
            None => "–".into(),
        };
        println!("{metric:<44} {p50:>9.2} {p99:>9.2} {plain:>9}");
    }
    println!("\nmemory of the server after the run: {} MB", cpu::resident_megabytes(server.0.id()));
}

/// Twelve widgets of most kinds, in four rows.
fn twelve_widgets() -> Value {
    let kpi =
        |x: i32, metric: &str| json!({ "type": "kpi", "x": x, "y": 0, "w": 3, "h": 2, "config": { "metric": metric } });
    let at = |kind: &str, x: i32, y: i32, w: i32, h: i32, metric: &str| json!({ "type": kind, "x": x, "y": y, "w": w, "h": h, "config": { "metric": metric } });
    json!([
        kpi(0, "total_revenue"),
        kpi(3, "total_expenses"),
        kpi(6, "net_profit"),
        kpi(9, "pending_payments"),
        at("line_chart", 0, 2, 8, 4, "revenue_trend"),
        at("donut_chart", 8, 2, 4, 4, "expenses_by_category"),
        at("area_chart", 0, 6, 8, 4, "cash_flow_trend"),
        at("gauge", 8, 6, 4, 4, "collection_rate"),
        at("bar_chart", 0, 10, 6, 4, "stock_by_category"),
        at("sparkline", 6, 10, 3, 2, "revenue_trend"),
        at("progress_ring", 9, 10, 3, 3, "budget_used"),
        at("kpi", 6, 12, 3, 2, "inventory_value"),
    ])
}

/// The median and the 99th percentile, in milliseconds.
fn percentiles(latencies: &mut [Duration]) -> (f64, f64) {
    latencies.sort_unstable();
    let at = |share: f64| latencies[((latencies.len() - 1) as f64 * share) as usize].as_secs_f64() * 1e3;
    (at(0.5), at(0.99))
}
