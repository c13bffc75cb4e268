//! Files that cannot be imported, or only in part: each gets an answer that says what is wrong with it, and where.

use super::{count, import, scalar, skipping, tenant, upload};
use crate::support;
use belvedere::{
    accounts::Member,
    error::AppError,
    imports::{Encoding, Import, ImportStatus, OnError, OnExisting, OptionsPatch, Target, cli, configure, store},
    server::Database,
};
use rust_decimal::Decimal;

fn utf16(text: &str, mark: &[u8], bytes: impl Fn(u16) -> [u8; 2]) -> Vec<u8> {
    mark.iter().copied().chain(text.encode_utf16().flat_map(bytes)).collect()
}

async fn try_import(
    db: &Database,
    member: &Member,
    target: Target,
    bytes: &[u8],
    patch: OptionsPatch,
) -> Result<Import, AppError> {
    let editor = member.editor().unwrap();
    cli::import(db, &editor, target, "file.csv", &mut &*bytes, patch, &|_, _| {}).await
}

/// What is no table at all is refused when it arrives, by name where it can be told.
#[tokio::test]
async fn what_is_no_table_is_refused_and_named() {
    let db = support::database().await;
    let ada = tenant(&db, "Ada").await;
    let editor = ada.editor().unwrap();
    let noise: Vec<u8> = (0..20_000u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
    let wide = utf16("just words", b"\xff\xfe", u16::to_le_bytes);
    let files: [(&str, &[u8], &str); 15] = [
        ("nothing", b"", "The file is empty."),
        ("blank lines", b"\r\n\r\n  \n", "The file is empty."),
        ("a byte-order mark alone", b"\xef\xbb\xbf", "The file is empty."),
        ("a header alone", b"date,type,amount\r\n", "The file has a header and no rows."),
        ("a header behind a mark", b"\xef\xbb\xbfdate,type,amount\r\n", "The file has a header and no rows."),
        ("a sentence", b"hello world", "This is not a CSV file: it has one line and no columns."),
        ("a sentence in UTF-16", &wide, "This is not a CSV file: it has one line and no columns."),
        ("a workbook", b"PK\x03\x04\x14\x00\x06\x00", "This is an Excel workbook or a ZIP archive, not a CSV file."),
        ("a document", b"%PDF-1.7\n1 0 obj", "This is a PDF document, not a CSV file."),
        ("an archive", b"\x1f\x8b\x08\x00\x00", "This is a gzip archive, not a CSV file."),
        ("a picture", b"\x89PNG\r\n\x1a\n\x00\x00", "This is a PNG picture, not a CSV file."),
        ("a web page", b"\xef\xbb\xbf <!DOCTYPE html>\n<html>", "This is a web page, not a CSV file."),
        ("an API's answer", b"[{\"date\": \"2026-01-31\"}]", "This is a JSON file, not a CSV file."),
        ("noise", &noise, "This file holds binary data, not the text of a CSV file."),
        ("a table with zero bytes", b"date,amount\n2026-01-31,1\x00\x002\n", "This file holds binary data"),
    ];
    for (what, bytes, reason) in files {
        let error = upload(&db, &editor, Target::Transactions, bytes).await.expect_err(what);
        let said = error.for_field("file").unwrap_or_else(|| panic!("{what}: {error:?}"));
        assert!(said.starts_with(reason), "{what}: {said}");
    }
    assert_eq!(count(&db, &ada, "imports").await + count(&db, &ada, "import_chunks").await, 0, "nothing stays behind");
}

/// The same two rows, however a program has written them: the mark of the encoding is no part of the first column's name.
#[tokio::test]
async fn encodings_and_their_marks_are_understood() {
    let db = support::database().await;
    let text = "Datum;Art;Kategorie;Betrag\r\n31.01.2026;Haben;Räder;1,50\r\n01.02.2026;Haben;Öl;2,25\r\n";
    let files = [
        ("UTF-8", text.as_bytes().to_vec()),
        ("UTF-8 with a mark", [b"\xef\xbb\xbf", text.as_bytes()].concat()),
        ("UTF-16, little endian", utf16(text, b"\xff\xfe", u16::to_le_bytes)),
        ("UTF-16, big endian", utf16(text, b"\xfe\xff", u16::to_be_bytes)),
        ("UTF-16 without a mark", utf16(text, b"", u16::to_le_bytes)),
        ("Windows-1252", encoding_rs::WINDOWS_1252.encode(text).0.into_owned()),
    ];
    for (n, (what, bytes)) in files.into_iter().enumerate() {
        let ada = tenant(&db, &format!("Ada{n}")).await;
        let done = try_import(&db, &ada, Target::Transactions, &bytes, OptionsPatch::default()).await.expect(what);
        assert_eq!((done.status, done.counts.inserted), (ImportStatus::Finished, 2), "{what}: {done:?}");
        let stored = "select string_agg(c.name || ' ' || t.amount::float8, ', ' order by t.date)
                      from transactions t join categories c on c.id = t.category_id";
        assert_eq!(scalar::<String>(&db, &ada, stored).await, "Räder 1.5, Öl 2.25", "{what}");
    }
    // Told to read it in an encoding that it is not in: nothing is stored, and the lines are named.
    let ada = tenant(&db, "Ada").await;
    let bytes = encoding_rs::WINDOWS_1252.encode(text).0.into_owned();
    let patch = OptionsPatch { encoding: Some(Encoding::Utf8), ..OptionsPatch::default() };
    let done = try_import(&db, &ada, Target::Transactions, &bytes, patch).await.unwrap();
    assert_eq!((done.status, done.counts.bad), (ImportStatus::Failed, 2), "{done:?}");
    let errors = store::errors(&mut db.tenant(&ada).await.unwrap(), done.id, 0, 9).await.unwrap();
    assert_eq!(errors.iter().map(|e| e.line).collect::<Vec<_>>(), [2, 3]);
    assert!(errors[0].reason.contains("not UTF-8") && errors[0].value.contains("R\u{fffd}der"), "{errors:?}");
    assert_eq!(count(&db, &ada, "transactions").await, 0);
}

/// One wrong byte costs its row: the letters of all the others are what they are.
#[tokio::test]
async fn a_wrong_byte_in_a_file_of_utf8_is_told_by_its_line() {
    let db = support::database().await;
    let ada = tenant(&db, "Ada").await;
    let editor = ada.editor().unwrap();
    let text = "Datum;Art;Kategorie;Betrag\n31.01.2026;Haben;Räder;1,50\n01.02.2026;Haben;?l;2,25\n";
    let bytes: Vec<u8> = text.bytes().map(|byte| if byte == b'?' { 0xd6 } else { byte }).collect();
    let uploaded = upload(&db, &editor, Target::Transactions, &bytes).await.unwrap();
    let mut tx = db.tenant(&ada).await.unwrap();
    let preview = configure::preview(&mut tx, uploaded.id, OptionsPatch::default()).await.unwrap();
    drop(tx);
    assert_eq!(preview.options.encoding, Encoding::Utf8);
    assert!(preview.notes.iter().any(|note| note.contains("line 3") && note.contains("not UTF-8")), "{preview:?}");
    let done = try_import(&db, &ada, Target::Transactions, &bytes, skipping()).await.unwrap();
    assert_eq!((done.status, done.counts.inserted, done.counts.bad), (ImportStatus::Finished, 1, 1), "{done:?}");
    assert_eq!(scalar::<String>(&db, &ada, "select name from categories").await, "Räder");
}

/// Excel's first line names the separator and is no header; what may be thousands or decimals is told.
#[tokio::test]
async fn a_line_that_names_the_separator_is_no_header() {
    let db = support::database().await;
    let ada = tenant(&db, "Ada").await;
    let editor = ada.editor().unwrap();
    let text = "sep=;\r\ndate;type;amount\r\n2026-01-31;income;1,234\r\n2026-02-31;income;5,678\r\n";
    let uploaded = upload(&db, &editor, Target::Transactions, text.as_bytes()).await.unwrap();
    let mut tx = db.tenant(&ada).await.unwrap();
    let preview = configure::preview(&mut tx, uploaded.id, OptionsPatch::default()).await.unwrap();
    drop(tx);
    assert_eq!(preview.header, ["date", "type", "amount"]);
    let told = "“1,234” is read as 1.234. Change the decimal mark if it means 1234.";
    assert!(preview.notes.iter().any(|note| note == told), "{:?}", preview.notes);
    let done = import(&db, &ada, Target::Transactions, text, skipping()).await;
    assert_eq!((done.counts.inserted, done.counts.bad), (1, 1), "{done:?}");
    let errors = store::errors(&mut db.tenant(&ada).await.unwrap(), done.id, 0, 9).await.unwrap();
    assert_eq!(errors[0].line, 4);
}

/// Every kind of bad row, in one file: each is told by line, column, value and reason; the good ones are stored.
#[tokio::test]
async fn bad_rows_are_told_by_line_column_value_and_reason() {
    let db = support::database().await;
    let ada = tenant(&db, "Ada").await;
    let long = "x".repeat(101);
    let text = format!(
        "ref,date,type,category,amount,currency\n\
         1,2026-01-31,income,Sales,1.00,USD\n\
         2,2026-02-30,income,Sales,1.00,USD\n\
         3,2026-13-01,income,Sales,1.00,USD\n\
         4,1066-10-14,income,Sales,1.00,USD\n\
         5,soon,income,Sales,1.00,USD\n\
         6,2026-01-31,income,Sales,100000000000000.00,USD\n\
         7,2026-01-31,income,Sales,0.00001,USD\n\
         8,2026-01-31,income,Sales,much,USD\n\
         9,2026-01-31,gift,Sales,1.00,USD\n\
         10,2026-01-31,income,Sales,1.00,dollars\n\
         11,2026-01-31,income,{long},1.00,USD\n\
         1,2026-01-31,income,Sales,1.00,USD\n\
         12,2026-01-31,income,Sales,1.00\n\
         13,2026-01-31,income,Sales,1.00,USD,more\n\
         14,,income,Sales,1.00,USD\n\
         15,2026-01-31,income,\"a \"quoted\" word\",1.00,USD\n\
         16,2026-01-31,income,Sales,99999999999999.9999,USD\n"
    );
    let done = import(&db, &ada, Target::Transactions, &text, skipping()).await;
    let errors = store::errors(&mut db.tenant(&ada).await.unwrap(), done.id, 0, 100).await.unwrap();
    let told: Vec<String> = errors
        .iter()
        .map(|e| format!("{} [{}] {} {}", e.line, e.column, e.value.chars().take(12).collect::<String>(), e.reason))
        .collect();
    let expected = [
        "3 [date] 2026-02-30 This date does not exist: that month has no day 30.",
        "4 [date] 2026-13-01 This date does not exist: there is no month 13. Is the date order right?",
        "5 [date] 1066-10-14 Dates go from 1900 to 2200.",
        "6 [date] soon This is not a date.",
        "7 [amount] 100000000000 This number is out of range: at most 14 digits before the decimal mark.",
        "8 [amount] 0.00001 This number has more than four places after the decimal mark.",
        "9 [amount] much This is not a number.",
        "10 [type] gift This is none of: income, expense.",
        "11 [currency] dollars This is not a currency code of three letters, like EUR.",
        "12 [category] xxxxxxxxxxxx This is longer than 100 characters.",
        "13 [ref] 1 Line 2 has this already.",
        "14 [] 12 2026-01-3 This row has 5 cells where the header has 6.",
        "15 [] 13 2026-01-3 This row has 7 cells where the header has 6.",
        "16 [date]  This cell is empty.",
    ];
    for (told, expected) in told.iter().zip(expected) {
        assert_eq!(told, expected);
    }
    assert_eq!(told.len(), 15, "{told:#?}");
    assert!(told[14].starts_with("17 []"), "{told:#?}");
    assert_eq!((done.counts.read, done.counts.inserted, done.counts.bad), (17, 2, 15));
    let sum: Decimal = scalar(&db, &ada, "select sum(amount) from transactions").await;
    assert_eq!(sum, "100000000000000.9999".parse().unwrap());
}

/// What passes the check can be stored: the bounds of the tables are those of the check, for every number of a material
/// and also for what an update leaves as it was.
#[tokio::test]
async fn no_row_passes_the_check_and_fails_in_the_table() {
    let db = support::database().await;
    let ada = tenant(&db, "Ada").await;
    let strict = |on_existing| OptionsPatch {
        on_error: Some(OnError::Nothing),
        on_existing: Some(on_existing),
        ..OptionsPatch::default()
    };
    let first = "sku,name,quantity,unit cost\n\
                 most,The most that is kept,99999999999999,9999.9999\n\
                 dear,One dear thing,1,99999999999999.9999\n\
                 many,Many for nothing,99999999999999.9999,0\n";
    let done = import(&db, &ada, Target::Materials, first, strict(OnExisting::Update)).await;
    assert_eq!((done.status, done.counts.inserted), (ImportStatus::Finished, 3), "{done:?}");
    let too_much = import(
        &db,
        &ada,
        Target::Materials,
        "sku,name,quantity,unit cost\nx,Too much,99999999999999,99999\n",
        strict(OnExisting::Update),
    )
    .await;
    assert_eq!((too_much.status, too_much.counts.bad), (ImportStatus::Failed, 1), "{too_much:?}");
    // A file that has only one of the two meets the other one in the table.
    for (text, reason) in [
        (
            "sku,name,quantity\ndear,One dear thing,20000\nmany,Many for nothing,7\n",
            "2: Times the stored unit cost of 99999999999999.9999",
        ),
        ("sku,name,unit cost\nmany,Many for nothing,20000\n", "2: Times the stored quantity of 99999999999999.9999"),
    ] {
        let refused = import(&db, &ada, Target::Materials, text, strict(OnExisting::Update)).await;
        assert_eq!((refused.status, refused.counts.bad), (ImportStatus::Failed, 1), "{refused:?}");
        let errors = store::errors(&mut db.tenant(&ada).await.unwrap(), refused.id, 0, 9).await.unwrap();
        let told = format!("{}: {}", errors[0].line, errors[0].reason);
        assert!(told.starts_with(reason), "{told}");
        // Left alone where rows are to be left alone.
        let skipped = import(&db, &ada, Target::Materials, text, strict(OnExisting::Skip)).await;
        assert_eq!(skipped.status, ImportStatus::Finished, "{skipped:?}");
    }
    let partly = "sku,name,quantity\ndear,One dear thing,20000\nmany,Many for nothing,7\n";
    let done = import(&db, &ada, Target::Materials, partly, skipping()).await;
    assert_eq!((done.counts.updated, done.counts.bad), (1, 1), "{done:?}");
    // Two names that are one to the database, if not to us, are one category.
    let names = "name\nI\nİ\ni\nSTRASSE\nstraße\n";
    let done = import(&db, &ada, Target::Categories, names, skipping()).await;
    assert_eq!(done.status, ImportStatus::Finished, "{done:?}");
    assert_eq!(done.counts.inserted, count(&db, &ada, "categories").await);
}

/// Two columns of one name: neither is taken, and the person is asked.
#[tokio::test]
async fn double_columns_are_left_to_the_person() {
    let db = support::database().await;
    let ada = tenant(&db, "Ada").await;
    let editor = ada.editor().unwrap();
    let text = b"date,type,amount,Amount \n2026-01-31,income,1,2\n";
    let uploaded = upload(&db, &editor, Target::Transactions, text).await.unwrap();
    let mut tx = db.tenant(&ada).await.unwrap();
    let preview = configure::preview(&mut tx, uploaded.id, OptionsPatch::default()).await.unwrap();
    assert!(preview.problems.iter().any(|problem| problem.contains("Amount")), "{preview:?}");
    assert!(preview.notes.iter().any(|note| note.contains("amount, Amount")), "{:?}", preview.notes);
    drop(tx);
    let columns = [("amount".to_owned(), "#4".to_owned())].into();
    let patch = OptionsPatch { columns, ..OptionsPatch::default() };
    let done = try_import(&db, &ada, Target::Transactions, text, patch).await.unwrap();
    assert_eq!(done.status, ImportStatus::Finished, "{done:?}");
    assert_eq!(scalar::<Decimal>(&db, &ada, "select sum(amount) from transactions").await, Decimal::TWO);
}

#[tokio::test]
async fn a_payment_is_not_due_before_it_is_issued() {
    let db = support::database().await;
    let ada = tenant(&db, "Ada").await;
    let file = "reference,party,direction,issued_on,due_date,amount\nA,Shop,in,2026-02-01,2026-01-01,5\nB,Shop,in,2026-02-01,2026-02-01,5\n";
    let done = import(&db, &ada, Target::Payments, file, skipping()).await;
    assert_eq!((done.counts.inserted, done.counts.bad), (1, 1), "{done:?}");
}
