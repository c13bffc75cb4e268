//! How soon a page can be seen and used in a browser, and how smoothly widgets are dragged.

use super::{http::Client, node};
use serde_json::{Value, json};

const WIDGETS: usize = 200;

pub async fn measure(port: u16, client: &mut Client, cookie: &str, token: &str) {
    let six = json!({ "name": "First view", "from_template": "Executive Overview" });
    let six = client.create_dashboard(token, six).await;
    let crowded: Vec<Value> = (0..WIDGETS)
        .map(|n| json!({ "type": "kpi", "x": n % 6 * 2, "y": n / 6 * 2, "w": 2, "h": 2, "config": { "metric": "total_items" } }))
        .collect();
    let crowded = client.create_dashboard(token, json!({ "name": "Crowded", "layout": crowded })).await;
    let work = json!({
        "base": format!("http://127.0.0.1:{}", port),
        "cookie": cookie,
        "pages": ["/sign-in".to_owned(), format!("/dashboards/{six}"), format!("/dashboards/{six}/edit")],
        "crowded": format!("/dashboards/{crowded}/edit"),
    });
    let Some(said) = node::run("browser.mjs", &work) else {
        println!("\nbrowser: could not be measured (scripts/setup bench brings Chromium)");
        return;
    };
    println!("\n{:<44} {:>9} {:>11} {:>10}", "in Chromium at 10 Mbit/s and 40 ms", "KB", "painted ms", "usable ms");
    let number = |value: &Value| value.as_f64().unwrap_or(f64::NAN);
    for (load, name) in said["loads"].as_array().unwrap().iter().zip(["sign-in", "dashboard", "arranging a dashboard"])
    {
        let [bytes, painted, usable] = ["bytes", "painted", "usable"].map(|figure| number(&load[figure]));
        println!("{name:<44} {:>9.0} {painted:>11.0} {usable:>10.0}", bytes / 1024.0);
    }
    println!("(at most 400 KB, 800 ms and 1,500 ms for the first view)");
    let [median, p95] = ["median", "p95"].map(|figure| number(&said["drag"][figure]));
    println!("a drag among {WIDGETS} widgets: a frame every {median:.1} ms, p95 {p95:.1} ms (60 a second are 16.7 ms)");
}
