//! A million rows out of a CSV file, by `belvedere import`: how many a second, and in how much memory.

use super::{cpu, http::Client};
use sqlx::PgConnection;
use std::{
    fmt::Write,
    process::{Command, Stdio},
    time::{Duration, Instant},
};

const ROWS: u32 = 1_000_000;

const EMAIL: &str = "importer@example.com";

pub async fn measure(binary: &str, client: &mut Client, db: &mut PgConnection) {
    let rows = std::env::var("BENCH_ROWS").ok().and_then(|s| s.parse().ok()).unwrap_or(ROWS);
    let path = std::env::temp_dir().join(format!("belvedere-bench-{}.csv", std::process::id()));
    let csv = file(rows);
    std::fs::write(&path, &csv).unwrap();
    client.sign_up(EMAIL, "Imports & Co").await;
    let at = Instant::now();
    let mut import = Command::new(binary)
        .args(["import", "--as", EMAIL, "transactions"])
        .arg(&path)
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let before = cpu::sample(import.id());
    let (mut most, mut used) = (0, None);
    let status = loop {
        if let Some(status) = import.try_wait().unwrap() {
            break status;
        }
        most = most.max(cpu::resident_kilobytes(import.id()));
        used = Some(cpu::sample(import.id()));
        tokio::time::sleep(Duration::from_millis(50)).await;
    };
    let took = at.elapsed();
    let _ = std::fs::remove_file(&path);
    assert!(status.success(), "belvedere import failed");
    let stored: i64 =
        sqlx::query_scalar("select count(*) from transactions join organizations o on o.id = organization_id where o.name = 'Imports & Co'")
            .fetch_one(&mut *db)
            .await
            .unwrap();
    assert_eq!(stored, i64::from(rows));
    let plain = plain_copy(db, csv).await;
    println!(
        "\nimport of {rows} transactions: {:.1} s, {:.0} rows a second, at most {} MB; COPY into a bare table {:.1} s",
        took.as_secs_f64(),
        f64::from(rows) / took.as_secs_f64(),
        most / 1024,
        plain.as_secs_f64(),
    );
    if let Some(used) = used {
        println!("processor: import, PostgreSQL, this, others: {}", used - before);
    }
}

/// Three years of books: 20 categories, 7 departments.
fn file(rows: u32) -> String {
    let mut csv = String::from("reference,date,type,category,department,amount,currency,note\n");
    for i in 0..rows {
        let (month, day) = (i % 36, i % 28 + 1);
        let kind = if i % 20 < 6 { "income" } else { "expense" };
        let (year, month, cents) = (2023 + month / 12, month % 12 + 1, u64::from(i) * 104_729 % 1_000_000);
        let _ = writeln!(
            csv,
            "R-{i},{year}-{month:02}-{day:02},{kind},Category {},Department {},{}.{:02},USD,",
            i % 20,
            i % 7,
            cents / 100,
            cents % 100
        );
    }
    csv
}

/// The same text into a table without keys, checks or policies: as fast as PostgreSQL takes rows at all.
async fn plain_copy(db: &mut PgConnection, csv: String) -> Duration {
    sqlx::raw_sql(
        "create table bare (reference text, date date, type text, category text, department text, amount numeric, \
         currency text, note text)",
    )
    .execute(&mut *db)
    .await
    .unwrap();
    let at = Instant::now();
    let mut copy = db.copy_in_raw("copy bare from stdin (format csv, header)").await.unwrap();
    copy.send(csv.into_bytes()).await.unwrap();
    copy.finish().await.unwrap();
    at.elapsed()
}
