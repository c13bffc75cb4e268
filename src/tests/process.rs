//! The real binary, started as an operator starts it, and killed as no operator should.

mod client;

use crate::support;
use client::Client;
use rust_decimal::Decimal;
use sqlx::{Connection, PgConnection, postgres::PgConnectOptions};
use std::{
    io::Write,
    net::{SocketAddr, TcpListener},
    os::unix::{fs::PermissionsExt, process::ExitStatusExt},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::Duration,
};

const BINARY: &str = env!("CARGO_BIN_EXE_belvedere");
const PASSWORD: &str = "correct horse battery";

/// A folder that PostgreSQL's user can reach, gone at the end.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        let path = std::env::temp_dir().join(format!("process-{}", uuid::Uuid::new_v4().simple()));
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

/// How the binary is started: on a database server, or with a private one under the folder.
struct Place {
    folder: Folder,
    database_url: Option<String>,
    address: SocketAddr,
}

impl Place {
    fn new(database_url: Option<String>) -> Self {
        let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        Self { folder: Folder::new(), database_url, address }
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(BINARY);
        command.args(arguments).current_dir(&self.folder.0).env_clear();
        for name in ["PATH", "HOME"] {
            command.envs(std::env::var_os(name).map(|value| (name, value)));
        }
        command.env("BELVEDERE_SERVER__ADDRESS", self.address.to_string()).env("BELVEDERE_LOG__FILTER", "warn");
        command.env("BELVEDERE_DATABASE__DATA_DIR", self.folder.0.join("data"));
        command.envs(self.database_url.as_ref().map(|url| ("DATABASE_URL", url)));
        command
    }

    /// Starts `serve` and waits until it can work.
    async fn serve(&self) -> Server {
        let child = self.command(&["serve"]).stdin(Stdio::null()).spawn().unwrap();
        let mut server = Server { child: Some(child) };
        let mut client = Client::new(self.address);
        for _ in 0..1200 {
            if client.try_send("GET", "/readyz", "", b"").await.is_some_and(|reply| reply.status == 200) {
                return server;
            }
            let ended = server.child.as_mut().unwrap().try_wait().unwrap();
            assert!(ended.is_none(), "the server ended by itself: {ended:?}");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("the server did not become ready");
    }

    /// Makes Ada, and gives a client with her token. Works beside a running server.
    async fn ada(&self) -> Client {
        let arguments = ["user", "create", "--name", "Ada", "--email", "ada@example.com", "--organization", "Ada & Co"];
        let mut create = self.command(&arguments).stdin(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
        create.stdin.take().unwrap().write_all(format!("{PASSWORD}\n").as_bytes()).unwrap();
        let made = tokio::task::spawn_blocking(move || create.wait().unwrap()).await.unwrap();
        assert!(made.success());
        let mut client = Client::new(self.address);
        let body = format!(r#"{{"email":"ada@example.com","password":"{PASSWORD}"}}"#);
        let reply = client.send("POST", "/api/v1/auth/token", "application/json", body.as_bytes()).await;
        client.bearer = reply.json()["access_token"].as_str().unwrap().to_owned();
        client
    }

    fn options(&self) -> PgConnectOptions {
        match &self.database_url {
            Some(url) => url.parse().unwrap(),
            None => {
                let note = std::fs::read_to_string(self.note()).unwrap();
                let socket = note.lines().nth(4).unwrap().trim();
                PgConnectOptions::new_without_pgpass().socket(socket).username("postgres").database("belvedere")
            }
        }
    }

    /// What a running private database leaves in its folder.
    fn note(&self) -> PathBuf {
        self.folder.0.join("data/postgres/cluster/postmaster.pid")
    }

    /// Asks the database itself, past the app.
    async fn scalar<T>(&self, sql: &'static str) -> T
    where
        T: for<'r> sqlx::Decode<'r, sqlx::Postgres> + sqlx::Type<sqlx::Postgres> + Send + Unpin,
    {
        let mut connection = PgConnection::connect_with(&self.options()).await.unwrap();
        sqlx::query_scalar(sql).fetch_one(&mut connection).await.unwrap()
    }

    /// As if the lease of a worker that was killed had ended.
    async fn expire_leases(&self) {
        let mut connection = PgConnection::connect_with(&self.options()).await.unwrap();
        sqlx::query("update jobs set lease_until = now() where status = 'processing'")
            .execute(&mut connection)
            .await
            .unwrap();
    }
}

/// A running `belvedere serve`; killed when dropped.
struct Server {
    child: Option<Child>,
}

impl Server {
    /// kill -9
    fn kill(mut self) {
        let mut child = self.child.take().unwrap();
        child.kill().unwrap();
        assert_eq!(child.wait().unwrap().signal(), Some(9));
    }

    /// As a service manager does it.
    async fn stop(mut self) {
        let mut child = self.child.take().unwrap();
        assert!(Command::new("kill").args(["-TERM", &child.id().to_string()]).status().unwrap().success());
        let ended = tokio::task::spawn_blocking(move || child.wait().unwrap()).await.unwrap();
        assert!(ended.success(), "{ended:?}");
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(mut child) = self.child.take() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// Rows of which number `i` has the amount `i`.25.
fn many(rows: u64) -> String {
    let mut text = String::from("reference;date;type;category;amount\n");
    for i in 1..=rows {
        text.push_str(&format!("R{i};2026-{:02}-{:02};income;Category {};{i},25\n", i % 12 + 1, i % 28 + 1, i % 40));
    }
    text
}

const IMPORTED: &str = "select rows_read from imports";

/// Waits until the import has got further than `rows` in its check or its load, or has ended. Gives its status.
async fn further(place: &Place, status: &str, rows: i64) -> String {
    support::eventually("the import goes on", async || {
        let now: String = place.scalar("select status from imports").await;
        let read: i64 = place.scalar(IMPORTED).await;
        ((now == status && read > rows) || ["finished", "failed"].contains(&now.as_str())).then_some(now)
    })
    .await
}

/// Uploads many rows and kills the server again and again, in the check and in the load, each time somewhere else.
async fn import_through_kills(place: &Place, rows: u64) {
    let mut server = place.serve().await;
    let mut ada = place.ada().await;
    let text = many(rows);
    let reply = ada.send("POST", "/api/v1/imports?target=transactions&start=true", "text/csv", text.as_bytes()).await;
    assert_eq!(reply.status, 201, "{reply:?}");
    let mut deaths = 0;
    let quarter = i64::try_from(rows / 4).unwrap();
    for (status, from) in [("checking", 0), ("loading", 0), ("loading", quarter), ("loading", quarter * 2)] {
        let somewhere = rand::random_range(0..quarter);
        let now = further(place, status, from + somewhere).await;
        if now == "finished" {
            break;
        }
        server.kill();
        deaths += 1;
        let agree = "select (select count(*) from transactions) = (select rows_inserted from imports)";
        assert!(place.scalar::<bool>(agree).await, "what is told is what is there, at every moment");
        place.expire_leases().await;
        server = place.serve().await;
    }
    assert!(deaths >= 2, "it was killed in the middle: {deaths}");
    assert_eq!(further(place, "finished", -1).await, "finished");
    assert_eq!(place.scalar::<i64>("select count(*) from transactions").await, i64::try_from(rows).unwrap());
    assert_eq!(
        place.scalar::<i64>("select count(distinct reference) from transactions").await,
        i64::try_from(rows).unwrap()
    );
    let sum = Decimal::from(rows * (rows + 1) / 2) + Decimal::from(rows) / Decimal::from(4);
    assert_eq!(place.scalar::<Decimal>("select sum(amount) from transactions").await, sum);
    assert_eq!(place.scalar::<Decimal>("select sum(amount) from transaction_months").await, sum);
    assert_eq!(place.scalar::<Decimal>("select sum(amount) from transaction_category_months").await, sum);
    let counts =
        "select rows_read = rows_inserted and rows_bad = 0 and rows_updated = 0 and rows_skipped = 0 from imports";
    assert!(place.scalar::<bool>(counts).await);
    assert_eq!(place.scalar::<i64>("select count(*) from import_keys").await, 0);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_import_survives_a_server_that_is_killed() {
    let url = support::fresh_url().await;
    import_through_kills(&Place::new(Some(url)), 200_000).await;
}

/// The same with the database that the app runs for itself: killed with -9, it leaves its database running; the next
/// start takes it over, and the last one to leave in good order stops it.
#[tokio::test(flavor = "multi_thread")]
async fn a_private_database_outlives_a_killed_app_and_is_taken_over() {
    let place = Place::new(None);
    let server = place.serve().await;
    let running = |place: &Place| std::fs::read_to_string(place.note()).unwrap().lines().next().unwrap().to_owned();
    let first = running(&place);
    server.kill();
    assert!(Path::new("/proc").join(&first).exists(), "the database goes on");
    let server = place.serve().await;
    assert_eq!(running(&place), first, "the same one, taken over");
    server.stop().await;
    assert!(!place.note().exists(), "stopped with the app");
    import_through_kills(&place, 40_000).await;
    assert!(!place.note().exists(), "stopped with the app");
}

/// Ends the connection in the middle of a file: nothing of it stays, and the server goes on.
#[tokio::test(flavor = "multi_thread")]
async fn an_upload_that_breaks_off_leaves_nothing_behind() {
    let place = Place::new(Some(support::fresh_url().await));
    let server = place.serve().await;
    let mut ada = place.ada().await;
    let text = many(100_000);
    ada.break_off("/api/v1/imports?target=transactions", text.as_bytes(), text.len() / 2).await;
    let left = "select (select count(*) from imports) + (select count(*) from import_chunks)";
    support::eventually("nothing is left", async || (place.scalar::<i64>(left).await == 0).then_some(())).await;
    let reply = ada.send("GET", "/api/v1/me", "", b"").await;
    assert_eq!(reply.status, 200, "{reply:?}");
    server.stop().await;
}

/// Settings that cannot work stop the start with status 2, and the message names them; logs in a file have no colours.
#[tokio::test(flavor = "multi_thread")]
async fn what_the_operator_reads() {
    let place = Place::new(Some(support::fresh_url().await));
    for (name, value, told) in [
        ("BELVEDERE_ACCOUNTS__SMTP_URL", "mail.example.com", "accounts.smtp_url is not right"),
        ("BELVEDERE_ACCOUNTS__MAIL_FROM", "nobody", "accounts.mail_from is not right"),
        ("BELVEDERE_REDIS__URL", "redis://localhost", "there is no setting BELVEDERE_REDIS__URL"),
        ("BELVEDERE_LOG__FILTER", "===", "log.filter is not right"),
    ] {
        let output = place.command(&["serve"]).env(name, value).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{name}: {said}");
        assert!(said.contains(told) && said.trim().lines().count() == 1, "{name}: {said}");
    }
    let output = place.command(&["check"]).env("BELVEDERE_LOG__FILTER", "trace").output().unwrap();
    assert!(output.status.success(), "{output:?}");
    assert!(String::from_utf8_lossy(&output.stdout).contains("equal their transactions"), "{output:?}");
    assert!(!output.stderr.is_empty() && !output.stderr.contains(&0x1b), "{}", String::from_utf8_lossy(&output.stderr));
}

/// Whoever reads what the command prints may have seen enough: `| head`.
#[tokio::test(flavor = "multi_thread")]
async fn a_preview_that_nobody_reads_to_its_end_is_no_failure() {
    let place = Place::new(Some(support::fresh_url().await));
    let server = place.serve().await;
    place.ada().await;
    server.stop().await;
    std::fs::write(place.folder.0.join("file.csv"), many(10)).unwrap();
    let arguments = ["import", "--as", "ada@example.com", "transactions", "file.csv", "--preview"];
    let mut import = place.command(&arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(import.stdout.take());
    let output = import.wait_with_output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

/// The monthly sums that metrics read are compared with the transactions, and mended on request.
#[tokio::test(flavor = "multi_thread")]
async fn wrong_monthly_sums_are_found_and_mended() {
    let place = Place::new(Some(support::fresh_url().await));
    let server = place.serve().await;
    let mut ada = place.ada().await;
    for (date, amount) in [("2026-01-31", "10.5"), ("2026-02-01", "7"), ("2026-02-28", "0.25")] {
        let body = format!(
            r#"{{"date": "{date}", "type": "income", "category": "Sales", "amount": "{amount}", "currency": "USD"}}"#
        );
        let reply = ada.send("POST", "/api/v1/transactions", "application/json", body.as_bytes()).await;
        assert_eq!(reply.status, 201, "{reply:?}");
    }
    server.stop().await;
    let check = |arguments: &[&str]| {
        let output = place.command(arguments).output().unwrap();
        let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        (output.status.code(), said)
    };
    assert_eq!(check(&["check"]).0, Some(0));
    let mut connection = PgConnection::connect_with(&place.options()).await.unwrap();
    sqlx::raw_sql(
        "update transaction_months set amount = amount + 1 where month = '2026-02-01';
         alter table transactions disable trigger user; delete from transactions where date = '2026-01-31';
         alter table transactions enable trigger user;",
    )
    .execute(&mut connection)
    .await
    .unwrap();
    let (code, said) = check(&["check"]);
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("Ada & Co") && said.contains("3 monthly sums differ") && said.contains("--repair"), "{said}");
    let (code, said) = check(&["check", "--repair"]);
    assert_eq!(code, Some(0), "{said}");
    assert_eq!(check(&["check"]).0, Some(0));
    assert_eq!(place.scalar::<Decimal>("select sum(amount) from transaction_months").await, "7.25".parse().unwrap());
}
