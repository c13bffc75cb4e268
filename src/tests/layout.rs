//! Where things stand in the source.

use std::{
    fs,
    path::{Path, PathBuf},
};

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

/// SQL is in the files that are named for it: whoever looks for it, or checks what a tenant can reach, need not read
/// the others.
#[test]
fn sql_is_written_in_store_files_only() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    sources(&root, &mut files);
    assert!(files.len() > 200, "the source was found");
    let may = |path: &Path| {
        let inside = path.strip_prefix(&root).unwrap();
        let folders: Vec<_> = inside.iter().filter_map(|name| name.to_str()).collect();
        folders.contains(&"tests")
            || folders.contains(&"store")
            || matches!(folders.last(), Some(&("store.rs" | "tests.rs")))
            || inside == Path::new("server/db.rs")
    };
    let wrong: Vec<String> = files
        .iter()
        .filter(|path| !may(path))
        .filter(|path| {
            let text = fs::read_to_string(path).unwrap();
            ["sqlx::query", "sqlx::raw_sql", "query_as(", "query_scalar(", "QueryBuilder"]
                .iter()
                .any(|sql| text.contains(sql))
        })
        .map(|path| path.strip_prefix(&root).unwrap().display().to_string())
        .collect();
    assert!(wrong.is_empty(), "SQL outside of store files: {wrong:?}");
}
