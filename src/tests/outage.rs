//! The database goes away and comes back: people get a clean 503 meanwhile, and nothing but answers after.

use crate::support::{Answer, Visitor};
use belvedere::server::{Application, Database, Settings, cluster::Cluster};
use http::StatusCode;
use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    process::Command,
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::task::JoinSet;

/// A folder that PostgreSQL's user can reach, gone at the end.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        use std::os::unix::fs::PermissionsExt;
        let path = std::env::temp_dir().join(format!("outage-{}", uuid::Uuid::new_v4().simple()));
        std::fs::create_dir(&path).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
        Self(path)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// How the database goes away.
#[derive(Clone, Copy, Debug)]
enum Stop {
    /// It shuts down, and is started again by the app that supervises it.
    Signal(&'static str),
    /// `pg_ctl restart` in this mode.
    Restart(&'static str),
}

fn postmaster(data_dir: &Path) -> String {
    let note = std::fs::read_to_string(data_dir.join("postgres/cluster/postmaster.pid")).unwrap();
    note.lines().next().unwrap().to_owned()
}

fn signal(data_dir: &Path, signal: &str) {
    assert!(Command::new("kill").args([signal, &postmaster(data_dir)]).status().unwrap().success());
}

/// As an operator does it. Returns when the database takes connections again.
fn restart(data_dir: &Path, mode: &str) {
    use std::os::unix::{fs::MetadataExt, process::CommandExt};
    let cluster = data_dir.join("postgres/cluster");
    let program = std::fs::read_link(format!("/proc/{}/exe", postmaster(data_dir))).unwrap();
    let owner = std::fs::metadata(&cluster).unwrap();
    let mut pg_ctl = Command::new(program.with_file_name("pg_ctl"));
    pg_ctl.args(["restart", "--silent", "--wait", "--mode", mode, "--log", "/dev/null", "--pgdata"]).arg(&cluster);
    if owner.uid() != std::fs::metadata("/proc/self").unwrap().uid() {
        pg_ctl.uid(owner.uid()).gid(owner.gid());
    }
    assert!(pg_ctl.current_dir("/").status().unwrap().success(), "pg_ctl restart --mode {mode}");
}

/// What everybody asks for, over and over: pages, the API, a server function.
async fn ask(visitor: &mut Visitor, n: usize) -> (&'static str, Answer) {
    match n % 4 {
        0 => ("page", visitor.get("/account").await),
        1 => ("api", visitor.get_json("/api/v1/me").await),
        2 => ("rpc", visitor.post_json("/rpc/accounts/viewer", &serde_json::json!({})).await),
        _ => ("list", visitor.get("/transactions").await),
    }
}

/// Shut down `fast` and `immediate` and started again after a while, and restarted in both modes, all under load.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_restarted_database_means_503_and_then_health() {
    let folder = Folder::new();
    let cluster = Arc::new(Cluster::open(&folder.0).await.unwrap());
    let db = Database::connect_lazy(cluster.options(), 8);
    db.migrate().await.unwrap();
    db.check_walls().await.unwrap();
    let app = Application::build(Settings::default(), db.clone());
    let visitor = Visitor::new(app.router.clone());
    let form =
        [("name", "Ada"), ("email", "ada@example.com"), ("organization", "Ada"), ("password", "correct horse b")];
    let mut ada = visitor.clone();
    let answer = ada.post_form("/rpc/accounts/sign_up", &form).await;
    assert!(!ada.cookies.is_empty(), "{answer:?}");
    for n in 0..4 {
        let (what, answer) = ask(&mut ada, n).await;
        assert_eq!(answer.status, StatusCode::OK, "{what}: {answer:?}");
    }

    for stop in [Stop::Signal("-INT"), Stop::Signal("-QUIT"), Stop::Restart("fast"), Stop::Restart("immediate")] {
        let until = Instant::now() + Duration::from_secs(5);
        let mut load = JoinSet::new();
        for n in 0..8 {
            let mut visitor = ada.clone();
            load.spawn(async move {
                let mut seen: BTreeMap<(&str, u16), usize> = BTreeMap::new();
                let mut example = Vec::new();
                while Instant::now() < until {
                    let (what, answer) = ask(&mut visitor, n).await;
                    *seen.entry((what, answer.status.as_u16())).or_default() += 1;
                    if answer.status != StatusCode::OK {
                        example.push((what, answer));
                    }
                    tokio::time::sleep(Duration::from_millis(10)).await;
                }
                (seen, example)
            });
        }
        tokio::time::sleep(Duration::from_millis(500)).await;
        let supervised = Arc::clone(&cluster);
        let supervisor = match stop {
            Stop::Signal(name) => {
                signal(&folder.0, name);
                // Away long enough that nobody can just wait for it.
                tokio::time::sleep(Duration::from_millis(3500)).await;
                tokio::spawn(async move { supervised.supervise().await })
            }
            Stop::Restart(mode) => {
                let data_dir = folder.0.clone();
                tokio::task::spawn_blocking(move || restart(&data_dir, mode)).await.unwrap();
                drop(supervised);
                tokio::spawn(async {})
            }
        };
        let mut back = None;
        for _ in 0..300 {
            tokio::time::sleep(Duration::from_millis(20)).await;
            if is_up(&cluster).await {
                back = Some(Instant::now());
                break;
            }
        }
        let back = back.expect("the database came back");
        let mut healed = false;
        while !healed && back.elapsed() < Duration::from_secs(10) {
            healed = true;
            for n in 0..4 {
                healed &= ask(&mut ada, n).await.1.status == StatusCode::OK;
            }
        }
        assert!(healed, "everything is answered again, by itself");
        let mut failed = 0;
        for (seen, examples) in load.join_all().await {
            for (what, status) in seen.keys() {
                assert!([200, 503].contains(status), "{what} answered {status} after {stop:?}: {examples:?}");
            }
            for (what, answer) in examples {
                failed += 1;
                assert_eq!(answer.header("retry-after"), "1", "{what}: {answer:?}");
                match what {
                    "page" | "list" => {
                        assert!(answer.text.contains("http-equiv=\"refresh\""), "{answer:?}");
                        assert!(answer.header("content-security-policy").contains("sha256-"), "{answer:?}");
                    }
                    "api" => assert_eq!(answer.header("content-type"), "application/problem+json"),
                    _ => assert_eq!(answer.json()["kind"], "unavailable", "{answer:?}"),
                }
            }
        }
        // A restart may be over before anybody asks.
        assert!(failed > 0 || matches!(stop, Stop::Restart(_)), "the outage was noticed");
        supervisor.abort();
        let _ = supervisor.await;
    }

    // A role that could bypass row-level security stops the start, and says how to mend it.
    sqlx::query("alter role belvedere_app bypassrls").execute(db.pool_for_tests()).await.unwrap();
    let refused = db.check_walls().await.unwrap_err().to_string();
    assert!(refused.contains("alter role belvedere_app nosuperuser nobypassrls"), "{refused}");
    sqlx::query("alter role belvedere_app nobypassrls").execute(db.pool_for_tests()).await.unwrap();
    sqlx::query("alter table memberships no force row level security").execute(db.pool_for_tests()).await.unwrap();
    let refused = db.check_walls().await.unwrap_err().to_string();
    assert!(refused.contains("memberships"), "{refused}");

    db.close().await;
    Arc::into_inner(cluster).expect("nobody else holds it").close().await.unwrap();
}

async fn is_up(cluster: &Cluster) -> bool {
    use sqlx::Connection;
    sqlx::PgConnection::connect_with(&cluster.options()).await.is_ok()
}
