//! Imports: what arrives is exactly what the file says, once, in one organisation, and can be taken back.

mod bad;
mod over_http;

use crate::support::{self, tenant};
use belvedere::{
    accounts::{Editor, Member},
    error::AppError,
    ids::ImportId,
    imports::{
        Import, ImportStatus, OnCancel, OnError, OnExisting, OptionsPatch, Target, cli, configure,
        job::ImportJob,
        load, sample, store,
        upload::{Expected, Upload},
    },
    jobs::{self, JobError, JobQuery, Worker, WorkerOptions},
    server::{Database, TenantTx},
};
use rust_decimal::Decimal;
use sqlx::AssertSqlSafe;
use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};
use tokio_util::sync::CancellationToken;

/// A shop's orders as its software writes them: other names, other dates, other numbers, Windows-1252, and rows
/// that are wrong in every way.
const SHOP: &str = "Bestellnr.;Bestellt am;Kunde;Warengruppe;Filiale;Gesamtbetrag (EUR);Währung\r\n\
    A-1001;03/01/2026;Müller GmbH;Räder;Köln;1.234,50;EUR\r\n\
    A-1002;17/01/2026;\"Schmidt; Söhne\r\nNachf.\";Räder;Köln;99,00;EUR\r\n\
    A-1003;31/02/2026;Meyer;Teile;Köln;12,00;EUR\r\n\
    A-1004;20/01/2026;Meyer;Teile;Köln;zwölf;EUR\r\n\
    \r\n\
    A-1001;21/01/2026;Meyer;Teile;Köln;5,00;EUR\r\n\
    A-1005;22/01/2026;Meyer;Teile;Köln\r\n\
    A-1006;22.01.2026;Meyer;teile;Bonn;(1.000,25);eur\r\n\
    A-1007;23/01/2026;Meyer;Teile;Bonn;100000000000000;EUR\r\n";

fn shop() -> Vec<u8> {
    encoding_rs::WINDOWS_1252.encode(SHOP).0.into_owned()
}

async fn upload(db: &Database, editor: &Editor, target: Target, bytes: &[u8]) -> Result<Import, AppError> {
    let mut upload = Upload::begin(db, editor, target, "orders.csv", 1 << 30).await?;
    for piece in bytes.chunks(100_000) {
        if let Err(error) = upload.write(piece).await {
            upload.abort().await;
            return Err(error);
        }
    }
    upload.finish(&Expected::default()).await
}

async fn import(db: &Database, member: &Member, target: Target, text: &str, patch: OptionsPatch) -> Import {
    let editor = member.editor().unwrap();
    cli::import(db, &editor, target, "file.csv", &mut text.as_bytes(), patch, &|_, _| {}).await.unwrap()
}

fn skipping() -> OptionsPatch {
    OptionsPatch { on_error: Some(OnError::SkipRows), ..OptionsPatch::default() }
}

async fn scalar<T>(db: &Database, member: &Member, sql: &str) -> T
where
    T: for<'r> sqlx::Decode<'r, sqlx::Postgres> + sqlx::Type<sqlx::Postgres> + Send + Unpin,
{
    let mut tx: TenantTx = db.tenant(member).await.unwrap();
    sqlx::query_scalar(AssertSqlSafe(sql.to_owned())).fetch_one(tx.conn()).await.unwrap()
}

async fn count(db: &Database, member: &Member, table: &str) -> i64 {
    scalar(db, member, &format!("select count(*) from {table}")).await
}

async fn until(db: &Database, member: &Member, id: ImportId, status: ImportStatus) -> Import {
    support::eventually(status.as_str(), async || {
        let import = store::find(&mut db.tenant(member).await.unwrap(), id).await.unwrap();
        (import.status == status).then_some(import)
    })
    .await
}

fn worker(db: &Database) -> (tokio::task::JoinHandle<()>, CancellationToken) {
    let stop = CancellationToken::new();
    let options = WorkerOptions {
        concurrency: 2,
        lease: Duration::from_millis(1500),
        poll: Duration::from_millis(50),
        cancel_grace: Duration::from_millis(500),
    };
    let worker = Worker::with(support::state(db), vec![Arc::new(ImportJob)], vec![], options);
    (tokio::spawn(worker.run(stop.clone())), stop)
}

#[tokio::test]
async fn a_shops_orders_are_previewed_checked_and_stored() {
    let db = support::database().await;
    let (ada, bob) = (tenant(&db, "Ada").await, tenant(&db, "Bob").await);
    let editor = ada.editor().unwrap();
    let uploaded = upload(&db, &editor, Target::Transactions, &shop()).await.unwrap();

    let mut tx = db.tenant(&ada).await.unwrap();
    let preview = configure::preview(&mut tx, uploaded.id, OptionsPatch::default()).await.unwrap();
    drop(tx);
    assert_eq!(preview.problems, Vec::<String>::new());
    let rows: Vec<String> = preview
        .rows
        .iter()
        .map(|row| {
            let cells: Vec<&str> = row.cells.iter().map(|c| c.error.as_deref().unwrap_or(&c.text)).collect();
            format!(
                "{}: {}{}",
                row.line,
                cells.join("|"),
                row.error.as_ref().map(|e| format!(" ! {e}")).unwrap_or_default()
            )
        })
        .collect();
    assert_eq!(
        rows,
        [
            "2: A-1001|2026-01-03|expense_or_income|Räder|Köln|1234.5|EUR|Müller GmbH".replace("expense_or_income", "income"),
            "3: A-1002|2026-01-17|income|Räder|Köln|99|EUR|Schmidt; Söhne\r\nNachf.".into(),
            "5: A-1003|This date does not exist: that month has no day 31.|income|Teile|Köln|12|EUR|Meyer".into(),
            "6: A-1004|2026-01-20||Teile|Köln|This is not a number.|EUR|Meyer".into(),
            "8: A-1001|2026-01-21|income|Teile|Köln|5|EUR|Meyer".into(),
            "9: A-1005|2026-01-22||Teile|Köln|This cell is empty.|USD|Meyer ! This row has 5 cells where the header has 7."
                .into(),
            "10: A-1006|2026-01-22|expense|teile|Bonn|1000.25|EUR|Meyer".into(),
            "11: A-1007|2026-01-23||Teile|Bonn|This number is out of range: at most 14 digits before the decimal \
             mark.|EUR|Meyer"
                .into(),
        ]
    );

    // Nothing unless all is right: nothing.
    let name = "orders.csv";
    let refused = cli::import(
        &db,
        &editor,
        Target::Transactions,
        name,
        &mut shop().as_slice(),
        OptionsPatch::default(),
        &|_, _| {},
    )
    .await
    .unwrap();
    assert_eq!(refused.status, ImportStatus::Failed);
    assert_eq!(refused.error.as_deref(), Some("5 rows of 8 cannot be stored, so nothing was stored."));
    assert_eq!(count(&db, &ada, "transactions").await, 0);
    assert_eq!(count(&db, &ada, "categories").await, 0);

    let import = cli::import(&db, &editor, Target::Transactions, name, &mut shop().as_slice(), skipping(), &|_, _| {})
        .await
        .unwrap();
    assert_eq!(import.status, ImportStatus::Finished);
    assert_eq!((import.counts.read, import.counts.inserted, import.counts.bad), (8, 3, 5));
    let errors = store::errors(&mut db.tenant(&ada).await.unwrap(), import.id, 0, 100).await.unwrap();
    let told: Vec<String> =
        errors.iter().map(|e| format!("{} [{}] “{}” {}", e.line, e.column, e.value, e.reason)).collect();
    assert_eq!(
        told,
        [
            "5 [Bestellt am] “31/02/2026” This date does not exist: that month has no day 31.",
            "6 [Gesamtbetrag (EUR)] “zwölf” This is not a number.",
            "8 [Bestellnr.] “A-1001” Line 2 has this already.",
            "9 [] “A-1005 22/01/2026 Meyer Teile Köln” This row has 5 cells where the header has 7.",
            "11 [Gesamtbetrag (EUR)] “100000000000000” This number is out of range: at most 14 digits before the \
             decimal mark.",
        ]
    );
    let totals: (Decimal, Decimal) = {
        let mut tx = db.tenant(&ada).await.unwrap();
        sqlx::query_as(
            "select sum(amount) filter (where type = 'income'), sum(amount) filter (where type = 'expense')
             from transactions where currency = 'EUR'",
        )
        .fetch_one(tx.conn())
        .await
        .unwrap()
    };
    assert_eq!(totals, ("1333.50".parse().unwrap(), "1000.25".parse().unwrap()));
    // "Teile" and "teile" are one category.
    assert_eq!(count(&db, &ada, "categories").await, 2);
    let keys: i64 = scalar(&db, &ada, "select count(*) from import_keys").await;
    assert_eq!(keys, 0);

    // Nobody else sees any of it.
    for table in ["transactions", "imports", "import_errors", "import_chunks", "categories"] {
        assert_eq!(count(&db, &bob, table).await, 0, "{table}");
    }
    let foreign = store::find(&mut db.tenant(&bob).await.unwrap(), import.id).await;
    assert!(matches!(foreign, Err(AppError::NotFound { .. })));
    let bobs = bob.editor().unwrap();
    let foreign = store::undo(&mut db.tenant(&bob).await.unwrap(), &bobs, import.id).await;
    assert!(matches!(foreign, Err(AppError::NotFound { .. })));
}

#[tokio::test]
async fn importing_again_updates_or_skips_and_an_undo_brings_the_former_rows_back() {
    let db = support::database().await;
    let ada = tenant(&db, "Ada").await;
    let first = "ref,date,type,amount,department\n1,2026-01-01,income,10,North\n2,2026-01-02,income,20,South\n";
    import(&db, &ada, Target::Transactions, first, OptionsPatch::default()).await;
    let again = import(&db, &ada, Target::Transactions, first, OptionsPatch::default()).await;
    assert_eq!((again.counts.inserted, again.counts.updated, again.counts.skipped), (0, 0, 2));

    // Without a column for the department, an update leaves it as it is.
    let second = "ref,date,type,amount\n1,2026-01-01,income,11\n2,2026-01-02,income,20\n3,2026-01-03,expense,30\n4,2026-01-04,expense,40\n";
    let skipped = OptionsPatch { on_existing: Some(OnExisting::Skip), ..OptionsPatch::default() };
    let skipped =
        import(&db, &ada, Target::Transactions, &second.replace(",30\n4,2026-01-04,expense,40", ",30"), skipped).await;
    assert_eq!((skipped.counts.inserted, skipped.counts.updated, skipped.counts.skipped), (1, 0, 2));
    let updated = import(&db, &ada, Target::Transactions, second, OptionsPatch::default()).await;
    assert_eq!((updated.counts.inserted, updated.counts.updated, updated.counts.skipped), (1, 1, 2));
    let rows = "select string_agg(reference || ' ' || amount::float8 || ' ' || department, ', ' order by reference)
                from transactions";
    assert_eq!(scalar::<String>(&db, &ada, rows).await, "1 11 North, 2 20 South, 3 30 , 4 40 ");

    // Somebody changes one of its rows by hand; the undo keeps that one and says so.
    let third = "ref,date,type,amount\n5,2026-01-05,income,50\n1,2026-01-01,income,12\n6,2026-01-06,income,60\n";
    let third = import(&db, &ada, Target::Transactions, third, OptionsPatch::default()).await;
    sqlx::query("update transactions set amount = 61, updated_at = clock_timestamp() where reference = '6'")
        .execute(db.pool_for_tests())
        .await
        .unwrap();
    let (_worker, stop) = worker(&db);
    let undone = undo(&db, &ada, third.id).await;
    assert_eq!((undone.kept_rows, undone.kept_names.as_slice()), (1, ["6".to_owned()].as_slice()));
    assert_eq!(scalar::<String>(&db, &ada, rows).await, "1 11 North, 2 20 South, 3 30 , 4 40 , 6 61 ");
    undo(&db, &ada, updated.id).await;
    assert_eq!(scalar::<String>(&db, &ada, rows).await, "1 10 North, 2 20 South, 3 30 , 6 61 ");
    stop.cancel();
}

#[tokio::test]
async fn an_update_changes_an_amount_with_its_type_and_currency() {
    let db = support::database().await;
    let ada = tenant(&db, "Ada").await;
    let rows = "select string_agg(reference || ' ' || type || ' ' || amount::float8 || ' ' || currency, ', ' order by reference)
                from transactions";
    let text = "ref,date,amount\n1,2026-01-01,100\n2,2026-01-02,-40\n";
    import(&db, &ada, Target::Transactions, text, OptionsPatch::default()).await;
    assert_eq!(scalar::<String>(&db, &ada, rows).await, "1 income 100 USD, 2 expense 40 USD");

    let defaults = BTreeMap::from([("type".to_owned(), "income".to_owned())]);
    let fixed = OptionsPatch { defaults, ..OptionsPatch::default() };
    let again = import(&db, &ada, Target::Transactions, text, fixed.clone()).await;
    assert_eq!(again.counts.updated, 1);
    assert_eq!(scalar::<String>(&db, &ada, rows).await, "1 income 100 USD, 2 income -40 USD");

    let euros = text.replace("100", "100 EUR");
    import(&db, &ada, Target::Transactions, &euros, fixed).await;
    assert_eq!(scalar::<String>(&db, &ada, rows).await, "1 income 100 EUR, 2 income -40 USD");
}

async fn undo(db: &Database, member: &Member, id: ImportId) -> Import {
    let mut tx = db.tenant(member).await.unwrap();
    store::undo(&mut tx, &member.editor().unwrap(), id).await.unwrap();
    tx.commit().await.unwrap();
    until(db, member, id, ImportStatus::Undone).await
}

/// Rows of which number `i` has the amount `i`.
fn many(rows: u64) -> String {
    let mut text = String::from("reference;date;type;category;amount\n");
    for i in 1..=rows {
        text.push_str(&format!("R{i};2026-{:02}-{:02};income;Category {};{i},25\n", i % 12 + 1, i % 28 + 1, i % 40));
    }
    text
}

/// Stops the load after some batches, as a worker does that is killed: the batch in hand is rolled back.
struct Dying<'a> {
    db: &'a Database,
    member: &'a Member,
    batches: AtomicU64,
}

#[async_trait::async_trait]
impl load::Runner for Dying<'_> {
    async fn tenant(&self) -> Result<TenantTx, AppError> {
        self.db.tenant(self.member).await
    }
    async fn progress(&self, _: &mut TenantTx, _: u64, _: Option<u64>, _: &str) -> Result<(), JobError> {
        if self.batches.fetch_sub(1, Ordering::Relaxed) == 0 {
            Err(JobError::Retry(AppError::Unavailable))
        } else {
            Ok(())
        }
    }
}

#[tokio::test]
async fn a_load_that_dies_again_and_again_ends_with_every_row_once() {
    let db = support::database().await;
    let ada = tenant(&db, "Ada").await;
    let editor = ada.editor().unwrap();
    let rows = 40_000;
    let uploaded = upload(&db, &editor, Target::Transactions, many(rows).as_bytes()).await.unwrap();
    let mut tx = db.tenant(&ada).await.unwrap();
    store::mark_started(&mut tx, &editor, uploaded.id).await.unwrap();
    tx.commit().await.unwrap();
    let mut deaths = 0;
    // Each life does a batch or two: of the check first, then of the load.
    for life in 0..100 {
        let runner = Dying { db: &db, member: &ada, batches: AtomicU64::new(1 + life % 2) };
        match load::run(&runner, uploaded.id).await {
            Ok(_) => break,
            Err(_) => deaths += 1,
        }
    }
    assert!(deaths > 5, "{deaths}");
    let import = store::find(&mut db.tenant(&ada).await.unwrap(), uploaded.id).await.unwrap();
    assert_eq!(import.status, ImportStatus::Finished);
    assert_eq!((import.counts.read, import.counts.inserted, import.counts.bad), (40_000, 40_000, 0));
    assert_eq!(import.total_rows, Some(40_000));
    let (count, distinct, sum): (i64, i64, Decimal) = {
        let mut tx = db.tenant(&ada).await.unwrap();
        sqlx::query_as("select count(*), count(distinct reference), sum(amount) from transactions")
            .fetch_one(tx.conn())
            .await
            .unwrap()
    };
    assert_eq!((count, distinct), (40_000, 40_000));
    assert_eq!(sum, Decimal::from(rows * (rows + 1) / 2) + Decimal::from(rows) / Decimal::from(4));
}

#[tokio::test(flavor = "multi_thread")]
async fn two_loaders_at_once_store_every_row_once() {
    let db = support::database().await;
    let ada = tenant(&db, "Ada").await;
    let editor = ada.editor().unwrap();
    let uploaded = upload(&db, &editor, Target::Transactions, many(20_000).as_bytes()).await.unwrap();
    let mut tx = db.tenant(&ada).await.unwrap();
    configure::save(&mut tx, &editor, uploaded.id, skipping()).await.unwrap();
    store::mark_started(&mut tx, &editor, uploaded.id).await.unwrap();
    tx.commit().await.unwrap();
    let runner = || load::Inline { db: &db, editor: &editor, on_progress: &|_, _| {} };
    let (one, two) = (runner(), runner());
    let (one, two) = tokio::join!(load::run(&one, uploaded.id), load::run(&two, uploaded.id));
    assert!(one.is_ok() || two.is_ok(), "{one:?} {two:?}");
    assert_eq!(count(&db, &ada, "transactions").await, 20_000);
    let import = store::find(&mut db.tenant(&ada).await.unwrap(), uploaded.id).await.unwrap();
    assert_eq!((import.counts.read, import.counts.inserted, import.counts.bad), (20_000, 20_000, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_can_be_cancelled_and_its_rows_removed() {
    let db = support::database().await;
    let ada = tenant(&db, "Ada").await;
    let editor = ada.editor().unwrap();
    let uploaded = upload(&db, &editor, Target::Transactions, many(200_000).as_bytes()).await.unwrap();
    let mut tx = db.tenant(&ada).await.unwrap();
    configure::start(&mut tx, &editor, uploaded.id, skipping()).await.unwrap();
    tx.commit().await.unwrap();
    // The list of jobs knows what the job is about.
    let mut tx = db.tenant(&ada).await.unwrap();
    let jobs = jobs::store::list(&mut tx, &ada.admin().unwrap(), &JobQuery::default()).await.unwrap();
    assert_eq!(jobs.items[0].import_id, Some(uploaded.id));
    drop(tx);
    let (_worker, stop) = worker(&db);
    support::eventually("rows are stored", async || {
        let import = store::find(&mut db.tenant(&ada).await.unwrap(), uploaded.id).await.unwrap();
        (import.counts.inserted > 0).then_some(())
    })
    .await;
    let mut tx = db.tenant(&ada).await.unwrap();
    store::cancel(&mut tx, &editor, uploaded.id, OnCancel::Remove).await.unwrap();
    tx.commit().await.unwrap();
    let import = until(&db, &ada, uploaded.id, ImportStatus::Undone).await;
    assert!(import.counts.inserted < 200_000, "{:?}", import.counts);
    assert_eq!(count(&db, &ada, "transactions").await, 0);
    assert_eq!(count(&db, &ada, "categories").await, 0);
    stop.cancel();
}

#[tokio::test]
async fn every_kind_of_record_comes_in_and_goes_out_again() {
    let db = support::database().await;
    let ada = tenant(&db, "Ada").await;
    let files = [
        (Target::Categories, "Category\nRent\nrent \nTravel\n", 2, "categories"),
        (
            Target::Payments,
            "Invoice no,Supplier,Invoice date,Due,State,Paid on,Total\n1,A,2026-01-01,2026-02-01,open,,5\n",
            1,
            "payments",
        ),
        (Target::Budgets, "Monat;Kategorie;Soll\n01/2026;Rent;1.000,00\n02/2026;rent;1.100,00\n", 2, "budgets"),
        (Target::Materials, "Item code\tDescription\tQty\tMinimum\tCost\nX\tA nut\t5\t2\t0.25\n", 1, "materials"),
    ];
    let (_worker, stop) = worker(&db);
    for (target, text, rows, table) in files {
        let before = count(&db, &ada, table).await;
        let done = import(&db, &ada, target, text, skipping()).await;
        assert_eq!(done.status, ImportStatus::Finished, "{target}");
        assert_eq!(done.counts.inserted, rows, "{target} {:?}", done.counts);
        let errors = store::errors(&mut db.tenant(&ada).await.unwrap(), done.id, 0, 9).await.unwrap();
        assert_eq!(done.counts.bad, i64::from(target == Target::Categories), "{errors:?}");
        if target != Target::Categories {
            undo(&db, &ada, done.id).await;
            assert_eq!(count(&db, &ada, table).await, before, "{target}");
        }
    }
    stop.cancel();
}

#[tokio::test]
async fn what_cannot_be_read_leaves_nothing_behind() {
    let db = support::database().await;
    let ada = tenant(&db, "Ada").await;
    let editor = ada.editor().unwrap();
    for (bytes, reason) in [
        (&b""[..], "empty"),
        (b"PK\x03\x04", "Excel"),
        (b"a,b\n", "no rows"),
        (b"hello", "not a CSV"),
        (b"date,amount\x00\n1,2\n", "binary"),
    ] {
        let error = upload(&db, &editor, Target::Transactions, bytes).await.unwrap_err();
        assert!(error.for_field("file").unwrap().contains(reason), "{error:?}");
    }
    // A file that was cut on its way, and one that is too large.
    let upload = Upload::begin(&db, &editor, Target::Transactions, "a.csv", 1 << 20).await.unwrap();
    let expected = Expected { bytes: Some(5), sha256: None };
    assert!(upload.finish(&expected).await.unwrap_err().for_field("file").unwrap().contains("not arrive whole"));
    let mut upload = Upload::begin(&db, &editor, Target::Transactions, "a.csv", 10).await.unwrap();
    assert!(upload.write(b"date,amount\n").await.unwrap_err().for_field("file").unwrap().contains("too large"));
    upload.abort().await;
    assert_eq!(count(&db, &ada, "imports").await, 0);
    assert_eq!(count(&db, &ada, "import_chunks").await, 0);

    // A wrong byte far down, behind the sample: the load says where, and stores nothing.
    let mut bytes = many(60_000).into_bytes();
    let at = bytes.len() - 3;
    bytes[at] = 0xff;
    let import = cli::import(
        &db,
        &editor,
        Target::Transactions,
        "a.csv",
        &mut bytes.as_slice(),
        OptionsPatch::default(),
        &|_, _| {},
    )
    .await
    .unwrap();
    assert_eq!((import.status, import.counts.bad), (ImportStatus::Failed, 1), "{import:?}");
    let errors = store::errors(&mut db.tenant(&ada).await.unwrap(), import.id, 0, 9).await.unwrap();
    assert_eq!(errors[0].line, 60_001);
    assert_eq!(count(&db, &ada, "transactions").await, 0);
}

#[tokio::test]
async fn missing_columns_are_named_all_at_once() {
    let db = support::database().await;
    let ada = tenant(&db, "Ada").await;
    let editor = ada.editor().unwrap();
    let uploaded = upload(&db, &editor, Target::Payments, b"foo,bar,Amount,Amount\n1,2,3,4\n").await.unwrap();
    let mut tx = db.tenant(&ada).await.unwrap();
    let error = configure::start(&mut tx, &editor, uploaded.id, OptionsPatch::default()).await.unwrap_err();
    for field in ["columns.party", "columns.issued_on", "columns.amount"] {
        assert!(error.for_field(field).is_some(), "{field}: {error:?}");
    }
    let columns: BTreeMap<String, String> =
        [("party", "foo"), ("amount", "#9"), ("nonsense", "foo")].map(|(k, v)| (k.into(), v.into())).into();
    let patch = OptionsPatch { columns, ..OptionsPatch::default() };
    let error = configure::preview(&mut tx, uploaded.id, patch).await.unwrap_err();
    assert!(error.for_field("columns.amount").unwrap().contains("4 columns"));
    assert!(error.for_field("columns.nonsense").is_some());
}

/// The product's own sample: sums made here from the text, apart from everything that the importer uses.
#[tokio::test]
async fn the_sample_books_add_up() {
    let db = support::database().await;
    let ada = tenant(&db, "Ada").await;
    let today = "2026-11-20".parse().unwrap();
    sample::load(&db, &ada.editor().unwrap(), today, &|_| {}).await.unwrap();
    let mut sums: BTreeMap<(String, String), Decimal> = BTreeMap::new();
    let mut reader = csv::Reader::from_reader(sample::FILES[0].2.as_bytes());
    let mut rows = 0;
    for record in reader.records() {
        let record = record.unwrap();
        rows += 1;
        *sums.entry((record[2].to_owned(), record[3].to_owned())).or_default() += record[6].parse::<Decimal>().unwrap();
    }
    assert_eq!(count(&db, &ada, "transactions").await, rows);
    let mut tx = db.tenant(&ada).await.unwrap();
    let stored: Vec<(String, String, Decimal)> = sqlx::query_as(
        "select t.type, c.name, sum(t.amount) from transactions t
         join categories c on c.organization_id = t.organization_id and c.id = t.category_id group by 1, 2",
    )
    .fetch_all(tx.conn())
    .await
    .unwrap();
    let stored: BTreeMap<_, _> = stored.into_iter().map(|(kind, name, sum)| ((kind, name), sum)).collect();
    assert_eq!(stored, sums);
    drop(tx);
    let last: chrono::NaiveDate = scalar(&db, &ada, "select max(date) from transactions").await;
    assert_eq!(last.to_string(), "2026-10-28");
    assert_eq!(count(&db, &ada, "budgets").await, 251);
    assert_eq!(count(&db, &ada, "materials").await, 504);
    assert_eq!(count(&db, &ada, "payments").await, 4012);
    let paid: Decimal = scalar(&db, &ada, "select sum(amount) from payments where status = 'paid'").await;
    let mut expected = Decimal::ZERO;
    for record in csv::Reader::from_reader(sample::FILES[3].2.as_bytes()).records() {
        let record = record.unwrap();
        if &record[4] == "paid" {
            expected += record[6].parse::<Decimal>().unwrap();
        }
    }
    assert_eq!(paid, expected);
    let note: String = scalar(&db, &ada, "select note from transactions where reference = 'FF-1'").await;
    assert_eq!(note, "Northeast Division");
}
