//! With the machine's own PostgreSQL, in throw-away folders.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]

use super::*;
use sqlx::{Connection, PgConnection};
use std::process::Command;

/// A data folder that the unprivileged user can reach, gone at the end together with what runs in it.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        let path = std::env::temp_dir().join(format!("cluster-{}", uuid::Uuid::new_v4().simple()));
        fs::create_dir(&path).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        Self(path.canonicalize().unwrap())
    }

    fn postmaster(&self) -> Option<u32> {
        let data = self.0.join("postgres").canonicalize().ok()?.join("cluster");
        let text = fs::read_to_string(data.join("postmaster.pid")).ok()?;
        let pid = text.lines().next()?.trim().parse().ok()?;
        account::is_postmaster(pid, &data).then_some(pid)
    }

    fn kill(&self, signal: &str) {
        let pid = self.postmaster().expect("a postmaster runs");
        assert!(Command::new("kill").args([signal, &pid.to_string()]).status().unwrap().success());
        for _ in 0..100 {
            if self.postmaster().is_none() {
                return;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        panic!("the postmaster does not die");
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        if self.postmaster().is_some() {
            self.kill("-QUIT");
        }
        let target = self.0.join("postgres").canonicalize();
        let _ = target.map(fs::remove_dir_all);
        let _ = fs::remove_dir_all(&self.0);
    }
}

async fn count(cluster: &Cluster) -> i64 {
    let mut connection = PgConnection::connect_with(&cluster.options()).await.unwrap();
    sqlx::query("create table if not exists starts (at timestamptz)").execute(&mut connection).await.unwrap();
    sqlx::query("insert into starts values (now())").execute(&mut connection).await.unwrap();
    sqlx::query_scalar("select count(*) from starts").fetch_one(&mut connection).await.unwrap()
}

/// Made once, kept over restarts, shared by processes, stopped by the last, restarted when it dies.
#[tokio::test]
async fn a_life_of_a_cluster() {
    let folder = Folder::new();

    let first = Cluster::open(&folder.0).await.unwrap();
    assert_eq!(count(&first).await, 1);
    let encoding: String = {
        let mut connection = PgConnection::connect_with(&first.options()).await.unwrap();
        sqlx::query_scalar("show server_encoding").fetch_one(&mut connection).await.unwrap()
    };
    assert_eq!(encoding, "UTF8");
    let data = folder.0.join("postgres/cluster");
    assert_eq!(fs::metadata(&data).unwrap().permissions().mode() & 0o777, 0o700);
    assert_eq!(fs::metadata(&first.socket).unwrap().permissions().mode() & 0o777, 0o700);

    // A second user shares it, and the first one's leaving does not stop it.
    let pid = folder.postmaster();
    let second = Cluster::open(&folder.0).await.unwrap();
    assert_eq!(folder.postmaster(), pid);
    first.close().await.unwrap();
    assert_eq!(folder.postmaster(), pid);
    assert_eq!(count(&second).await, 2);
    second.close().await.unwrap();
    assert_eq!(folder.postmaster(), None, "the last one stops it");

    // It is reused, and a user that was killed (its locks are gone, nothing was stopped) is survived.
    let killed = Cluster::open(&folder.0).await.unwrap();
    assert_eq!(count(&killed).await, 3);
    let pid = folder.postmaster();
    drop(killed);
    assert_eq!(folder.postmaster(), pid, "still running, as after kill -9");
    let heir = Cluster::open(&folder.0).await.unwrap();
    assert_eq!(folder.postmaster(), pid, "taken over");
    assert_eq!(count(&heir).await, 4);

    // When the database itself is killed, the supervisor starts it again, with the data.
    let supervisor = async { heir.supervise().await };
    let check = async {
        folder.kill("-KILL");
        for _ in 0..100 {
            tokio::time::sleep(Duration::from_millis(100)).await;
            if PgConnection::connect_with(&heir.options()).await.is_ok() {
                return count(&heir).await;
            }
        }
        panic!("it was not started again");
    };
    tokio::select! {
        () = supervisor => unreachable!(),
        rows = check => assert_eq!(rows, 5),
    }
    heir.close().await.unwrap();
    assert_eq!(folder.postmaster(), None);

    // A note of a dead postmaster whose number now belongs to a living process keeps nobody from starting.
    fs::write(
        data.join("postmaster.pid"),
        format!("{}\n{}\n1\n5432\n/nowhere\n\n", std::process::id(), data.display()),
    )
    .unwrap();
    let after = Cluster::open(&folder.0).await.unwrap();
    assert_eq!(count(&after).await, 6);
    after.close().await.unwrap();

    // A cluster of a version that is not here is left alone, and the message says what to do.
    let version = fs::read_to_string(data.join("PG_VERSION")).unwrap();
    fs::write(data.join("PG_VERSION"), "9\n").unwrap();
    let refused = Cluster::open(&folder.0).await.unwrap_err().to_string();
    assert!(refused.contains("was made by PostgreSQL 9"), "{refused}");
    fs::write(data.join("PG_VERSION"), version).unwrap();
}

/// A start that was killed in the middle of making the cluster leaves nothing that the next one trips over.
#[tokio::test]
async fn a_half_made_cluster_is_made_again() {
    let folder = Folder::new();
    fs::create_dir_all(folder.0.join("postgres/cluster.new")).unwrap();
    fs::write(folder.0.join("postgres/cluster.new/PG_VERSION"), "half").unwrap();
    let cluster = Cluster::open(&folder.0).await.unwrap();
    assert_eq!(count(&cluster).await, 1);
    cluster.close().await.unwrap();
}

/// Two first starts at the same moment make one cluster.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_starts_at_once_share_one_cluster_and_long_paths_work() {
    let folder = Folder::new();
    let deep = folder.0.join("a folder with a long name, spaces, and a comma").join("x".repeat(80));
    fs::create_dir_all(&deep).unwrap();
    let (a, b) = tokio::join!(Cluster::open(&deep), Cluster::open(&deep));
    let (a, b) = (a.unwrap(), b.unwrap());
    assert_eq!(count(&a).await, 1);
    assert_eq!(count(&b).await, 2);
    let socket = a.socket.clone();
    assert!(!socket.starts_with(&folder.0), "a socket's path must be short: {}", socket.display());
    let (a, b) = tokio::join!(a.close(), b.close());
    a.unwrap();
    b.unwrap();
    assert!(!accepts(&socket));
    let _ = fs::remove_dir_all(socket);
}

#[tokio::test]
async fn a_machine_without_postgresql_is_told_what_to_install() {
    let folder = Folder::new();
    let refused = Cluster::open_with(&folder.0, Vec::new()).await.unwrap_err().to_string();
    assert!(refused.contains("Install it") && refused.contains("DATABASE_URL"), "{refused}");
    let old = Cluster::open_with(&folder.0, vec![Binaries::pretend(14)]).await.unwrap_err().to_string();
    assert!(old.contains("15 or newer"), "{old}");
}
