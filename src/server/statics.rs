//! Files from the site root: what cargo-leptos built, fonts and icons.

use super::state::AppState;
use axum::{Router, extract::Request, middleware, middleware::Next, response::Response};
use http::{HeaderValue, StatusCode, header};
use leptos::{config::LeptosOptions, prelude::use_context};
use leptos_axum::ResponseOptions;
use sha2::{Digest, Sha256};
use std::{
    collections::HashMap,
    path::Path,
    sync::{LazyLock, OnceLock},
};
use tower_http::services::ServeDir;

/// cargo-leptos's list of the hashes in the names of what it built, beside the executable; none in a build without.
static HASHES: LazyLock<Option<String>> = LazyLock::new(|| {
    let executable = std::env::current_exe().ok()?;
    std::fs::read_to_string(executable.with_file_name("hash.txt")).ok()
});

/// "/build/" and the name of this build, before the addresses of its scripts and wasm; none where names have no hashes.
///
/// A file's own name does not do: it is made of what the file held before the names of the others were written into it,
/// so the same name can come back with another content. The parts of one build must come together.
pub fn build_root() -> Option<&'static str> {
    static ROOT: LazyLock<Option<String>> = LazyLock::new(|| {
        let digest = Sha256::digest(HASHES.as_ref()?);
        let name: String = digest.iter().take(8).map(|byte| format!("{byte:02x}")).collect();
        Some(format!("/build/{name}"))
    });
    ROOT.as_deref()
}

/// Asks the browser for the files of a part of its code (`crate::parts`), by a header of the page that needs them.
pub fn announce(part: &str) {
    static LINKS: OnceLock<HashMap<String, HeaderValue>> = OnceLock::new();
    let (Some(state), Some(response)) = (use_context::<AppState>(), use_context::<ResponseOptions>()) else { return };
    let links = LINKS.get_or_init(|| links(&state.leptos).unwrap_or_default());
    if let Some(links) = links.get(part) {
        response.append_header(header::LINK, links.clone());
    }
}

/// For each part the script that loads parts and the part's files; none where the browser's code is in one piece.
fn links(options: &LeptosOptions) -> Option<HashMap<String, HeaderValue>> {
    let hash = |of: &str| HASHES.as_ref()?.lines().find_map(|line| line.strip_prefix(of)?.strip_prefix(": "));
    let list = hash("manifest").map_or(String::new(), |hash| format!(".{hash}"));
    let loader = hash("split").unwrap_or("______________________");
    let directory = Path::new(options.site_root.as_ref()).join(options.site_pkg_dir.as_ref());
    let list = std::fs::read_to_string(directory.join(format!("__wasm_split_manifest{list}.json"))).ok()?;
    let parts: HashMap<String, Vec<String>> = serde_json::from_str(&list).ok()?;
    let base = format!("{}/{}", build_root().unwrap_or_default(), options.site_pkg_dir);
    let links = parts.into_iter().filter_map(|(part, files)| {
        let files = files.iter().map(|file| {
            format!("<{base}/{file}.wasm>; rel=preload; as=fetch; type=\"application/wasm\"; crossorigin=anonymous")
        });
        let all: Vec<_> =
            std::iter::once(format!("<{base}/__wasm_split.{loader}.js>; rel=modulepreload")).chain(files).collect();
        Some((part, HeaderValue::from_str(&all.join(", ")).ok()?))
    });
    Some(links.collect())
}

/// The built scripts, wasm and styles, under `/pkg`. Precompressed files are preferred where there are any.
pub fn package(state: &AppState) -> Router {
    let directory = Path::new(state.leptos.site_root.as_ref()).join(state.leptos.site_pkg_dir.as_ref());
    Router::new().fallback_service(files(directory.as_ref())).layer(middleware::from_fn(cache))
}

/// Any other file of the site root; `otherwise` answers when there is none.
pub fn service(state: &AppState, otherwise: Router) -> Router {
    let files =
        files(Path::new(state.leptos.site_root.as_ref())).call_fallback_on_method_not_allowed(true).fallback(otherwise);
    Router::new().fallback_service(files).layer(middleware::from_fn(cache))
}

fn files(directory: &Path) -> ServeDir {
    ServeDir::new(directory).precompressed_br().precompressed_gzip().append_index_html_on_directories(false)
}

/// A name with a hash in it never gets another content; other files are asked for again after an hour.
async fn cache(request: Request, next: Next) -> Response {
    let is_hashed = is_hashed(request.uri().path());
    let mut response = next.run(request).await;
    if response.status().is_success() || response.status() == StatusCode::NOT_MODIFIED {
        let policy = if is_hashed { "public, max-age=31536000, immutable" } else { "public, max-age=3600" };
        response.headers_mut().entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static(policy));
    }
    response
}

/// `belvedere.tJx2PZmZ5vhmRyMLJ7vKVQ.wasm`: a middle part that looks like a hash.
fn is_hashed(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or_default();
    name.split('.')
        .rev()
        .skip(1)
        .any(|part| part.len() >= 16 && part.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_'))
        && name.matches('.').count() >= 2
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_with_a_hash_are_kept_forever() {
        assert!(is_hashed("/belvedere.tJx2PZmZ5vhmRyMLJ7vKVQ.wasm"));
        assert!(!is_hashed("/belvedere.wasm"));
        assert!(!is_hashed("/inter.variable.woff2"));
        assert!(!is_hashed("/"));
    }
}
