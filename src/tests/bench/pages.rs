//! Whole pages, to somebody who is signed in, 32 at once.

use super::{Bench, cpu, figures::percentiles, http::Client, http::Load};
use serde_json::{Value, json};
use std::time::Duration;

const AT_ONCE: usize = 32;

pub async fn measure(bench: &mut Bench) {
    let port = bench.server.port;
    let seconds = std::env::var("BENCH_SECONDS").ok().and_then(|s| s.parse().ok()).unwrap_or(8);
    let mut client = Client::new(port);
    let six = json!({ "name": "Six", "from_template": "Executive Overview" });
    let six = client.create_dashboard(&bench.token, six).await;
    let twelve = json!({ "name": "Twelve", "layout": twelve_widgets() });
    let twelve = client.create_dashboard(&bench.token, twelve).await;
    println!(
        "\n{:<44} {:>9} {:>9} {:>9}   processor: server, PostgreSQL, this, others",
        format!("page, {AT_ONCE} at once"),
        "per s",
        "p50 ms",
        "p99 ms"
    );
    let asset = client.stylesheet().await;
    let (six, twelve) = (format!("/dashboards/{six}"), format!("/dashboards/{twelve}"));
    for (name, path, encoding) in [
        ("static page (the stylesheet)", asset.as_str(), ""),
        ("health check", "/healthz", ""),
        ("dashboard, six widgets", &six, ""),
        ("dashboard, six widgets, compressed", &six, "gzip, br"),
        ("dashboard, twelve widgets", &twelve, ""),
        ("dashboard, twelve widgets, compressed", &twelve, "gzip, br"),
    ] {
        let headers = [("cookie", bench.cookie.as_str()), ("accept-encoding", encoding)];
        let first = client.get(path, &headers).await.unwrap(); // fills the caches
        assert_eq!(first.status, 200, "{path}");
        let before = cpu::sample(bench.server.id());
        let load = Load { port, path, headers: &headers, at_once: AT_ONCE, lasting: Duration::from_secs(seconds) };
        let mut latencies = load.run().await;
        let used = cpu::sample(bench.server.id()) - before;
        let (p50, p99) = percentiles(&mut latencies);
        let name = format!("{name}, {} KB", first.body.len().div_ceil(1024));
        println!("{name:<44} {:>9.0} {p50:>9.2} {p99:>9.2}   {used}", latencies.len() as f64 / seconds as f64);
    }
}

/// Twelve widgets of most kinds, in four rows.
fn twelve_widgets() -> Value {
    let at = |kind: &str, [x, y, w, h]: [i32; 4], metric: &str| json!({ "type": kind, "x": x, "y": y, "w": w, "h": h, "config": { "metric": metric } });
    json!([
        at("kpi", [0, 0, 3, 2], "total_revenue"),
        at("kpi", [3, 0, 3, 2], "total_expenses"),
        at("kpi", [6, 0, 3, 2], "net_profit"),
        at("kpi", [9, 0, 3, 2], "pending_payments"),
        at("line_chart", [0, 2, 8, 4], "revenue_trend"),
        at("donut_chart", [8, 2, 4, 4], "expenses_by_category"),
        at("area_chart", [0, 6, 8, 4], "cash_flow_trend"),
        at("gauge", [8, 6, 4, 4], "collection_rate"),
        at("bar_chart", [0, 10, 6, 4], "stock_by_category"),
        at("sparkline", [6, 10, 3, 2], "revenue_trend"),
        at("progress_ring", [9, 10, 3, 3], "budget_used"),
        at("kpi", [6, 12, 3, 2], "inventory_value"),
    ])
}
