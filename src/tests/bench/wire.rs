//! What a browser that has never been here loads, as it comes over the wire.

use super::http::Client;
use serde_json::json;
use std::collections::BTreeMap;

/// The budgets for everything that the first view loads, and for the wasm among it.
const MOST_KB: f64 = 400.0;
const MOST_WASM_KB: f64 = 250.0;

pub async fn measure(client: &mut Client, cookie: &str, token: &str) {
    let dashboard = json!({ "name": "Wire", "from_template": "Executive Overview" });
    let dashboard = client.create_dashboard(token, dashboard).await;
    let (view, edit) = (format!("/dashboards/{dashboard}"), format!("/dashboards/{dashboard}/edit"));
    println!("\n{:<60} {:>9}", "first view, as a browser loads it", "KB");
    let mut totals = Vec::new();
    for path in ["/sign-in", &view, &edit, "/transactions", "/metrics", "/imports/new", "/people"] {
        let cookie = if path == "/sign-in" { "" } else { cookie };
        let files = load(client, path, cookie).await;
        // What the others load besides differs only in the page and its part.
        if totals.len() < 3 {
            for (address, (encoding, kb)) in &files {
                println!("{:<60} {kb:>9.1}", format!("{address}, {encoding}"));
            }
        }
        let sum = |only: &str| files.iter().filter(|(a, _)| a.ends_with(only)).map(|(_, (_, kb))| kb).sum::<f64>();
        totals.push((path.to_owned(), sum(""), sum(".wasm")));
    }
    let heading = format!("all of it (at most {MOST_KB} KB, {MOST_WASM_KB} KB of it wasm)");
    println!("\n{heading:<60} {:>9} {:>9}", "KB", "wasm KB");
    for (path, all, wasm) in totals {
        println!("{path:<60} {all:>9.1} {wasm:>9.1}");
    }
}

/// The page and everything that it brings about: each address, how it came and how many KB of it.
async fn load(client: &mut Client, path: &str, cookie: &str) -> BTreeMap<String, (String, f64)> {
    let headers = [("cookie", cookie), ("accept-encoding", "gzip, br")];
    let mut files = BTreeMap::new();
    let mut wanted = vec![path.to_owned()];
    while let Some(address) = wanted.pop() {
        if files.contains_key(&address) {
            continue;
        }
        // Read as it is, weighed as it comes.
        let plain = client.get(&address, &headers[..1]).await.expect("an answer");
        assert_eq!(plain.status, 200, "{address}");
        if address == path {
            wanted.extend(named(&plain.text()));
            wanted.extend(
                plain.headers.get_all("link").iter().flat_map(|links| linked(links.to_str().unwrap_or_default())),
            );
        } else if address.ends_with(".js") {
            wanted.extend(imported(&plain.text(), &address));
        }
        let answer = client.get(&address, &headers).await.expect("an answer");
        let encoding = answer.headers.get("content-encoding").and_then(|e| e.to_str().ok()).unwrap_or("as it is");
        files.insert(address, (encoding.to_owned(), answer.body.len() as f64 / 1024.0));
    }
    files
}

fn quoted(text: &str) -> impl Iterator<Item = &str> {
    text.split(['"', '\''])
}

/// The addresses of scripts, styles, wasm and fonts that a page names.
fn named(page: &str) -> impl Iterator<Item = String> {
    let files = quoted(page).filter(|text| {
        let is_built = text.starts_with("/pkg/") || (text.starts_with("/build/") && text.contains("/pkg/"));
        (is_built || text.starts_with("/fonts/") || *text == "/favicon.svg") && !text.contains(' ')
    });
    files.map(str::to_owned)
}

/// The addresses in a `Link` header.
fn linked(header: &str) -> Vec<String> {
    header.split('<').skip(1).filter_map(|link| Some(link.split_once('>')?.0.to_owned())).collect()
}

/// The scripts that a script imports from beside itself.
fn imported(script: &str, address: &str) -> impl Iterator<Item = String> {
    let folder = address.rsplit_once('/').map_or("", |(folder, _)| folder);
    // The names that wasm is given are quoted too, and lead nowhere: only what stands behind `from` is fetched.
    let quoted =
        script.split("from").filter_map(|rest| rest.trim_start().strip_prefix(['"', '\''])?.split(['"', '\'']).next());
    let names = quoted.filter_map(|text| text.strip_prefix("./")).filter(|name| name.ends_with(".js"));
    names.map(move |name| format!("{folder}/{name}"))
}
