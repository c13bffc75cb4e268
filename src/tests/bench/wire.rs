//! What a browser that has never been here loads, as it comes over the wire.

use super::http::Client;
use std::collections::BTreeSet;

/// The budget for everything that the first view loads.
const MOST_KB: usize = 400;

pub async fn measure(client: &mut Client, cookie: &str) {
    println!("\n{:<60} {:>9}", "first view, as a browser loads it", "KB");
    for path in ["/sign-in", "/dashboards"] {
        let headers = [("cookie", if path == "/sign-in" { "" } else { cookie }), ("accept-encoding", "gzip, br")];
        let page = client.get(path, &[headers[0]]).await.expect("an answer");
        assert_eq!(page.status, 200, "{path}");
        let mut total = 0;
        for address in std::iter::once(path.to_owned()).chain(loaded(&page.text())) {
            let answer = client.get(&address, &headers).await.expect("an answer");
            assert_eq!(answer.status, 200, "{address}");
            let encoding = answer.headers.get("content-encoding").and_then(|e| e.to_str().ok()).unwrap_or("as it is");
            total += answer.body.len();
            println!("{:<60} {:>9.1}", format!("{address}, {encoding}"), answer.body.len() as f64 / 1024.0);
        }
        println!("{:<60} {:>9.1}", format!("{path}, all of it (at most {MOST_KB})"), total as f64 / 1024.0);
    }
}

/// The addresses of scripts, styles, wasm and fonts that the page names.
fn loaded(page: &str) -> BTreeSet<String> {
    let quoted = page.split(['"', '\'']).filter(|text| {
        let is_file = text.starts_with("/pkg/") || text.starts_with("/fonts/") || *text == "/favicon.svg";
        is_file && !text.contains(' ')
    });
    quoted.map(str::to_owned).collect()
}
