//! The sample books that the product ships: Adventure Works, moved to the present. Server only.

use super::{
    cli,
    model::{Import, ImportStatus, OptionsPatch, Target},
    parser::parse_all,
};
use crate::{accounts::Editor, error::AppError, server::Database, server::fault};
use chrono::{Datelike, Months, NaiveDate};

/// The files, in the order in which they are loaded.
pub const FILES: [(Target, &str, &str); 4] = [
    (Target::Transactions, "transactions.csv", include_str!("../../samples/transactions.csv")),
    (Target::Budgets, "budgets.csv", include_str!("../../samples/budgets.csv")),
    (Target::Materials, "materials.csv", include_str!("../../samples/materials.csv")),
    (Target::Payments, "payments.csv", include_str!("../../samples/payments.csv")),
];

/// The first day of the ledger's last month.
const LAST_MONTH: NaiveDate = match NaiveDate::from_ymd_opt(2025, 12, 1) {
    Some(day) => day,
    None => NaiveDate::MIN,
};

/// How many months the books have to move so that their last month is the one before `today`.
pub fn months_to(today: NaiveDate) -> i32 {
    let months = |day: NaiveDate| day.year() * 12 + i32::try_from(day.month0()).unwrap_or(0);
    months(today) - 1 - months(LAST_MONTH)
}

/// Moves every cell that is an ISO day or month by whole months. Days that the month lacks become its last.
pub fn shift_months(csv: &str, months: i32) -> Result<String, AppError> {
    let mut writer = csv::Writer::from_writer(Vec::with_capacity(csv.len()));
    for record in parse_all(csv, b',') {
        let cells = record.cells.iter().map(|cell| shifted(cell, months).unwrap_or_else(|| cell.clone()));
        writer.write_record(cells).map_err(fault::internal)?;
    }
    String::from_utf8(writer.into_inner().map_err(fault::internal)?).map_err(fault::internal)
}

fn shifted(cell: &str, months: i32) -> Option<String> {
    let is_month = cell.len() == 7;
    if !(is_month || cell.len() == 10) {
        return None;
    }
    let day: NaiveDate = if is_month { format!("{cell}-01").parse().ok()? } else { cell.parse().ok()? };
    let count = Months::new(months.unsigned_abs());
    let moved = if months < 0 { day.checked_sub_months(count)? } else { day.checked_add_months(count)? };
    Some(if is_month { moved.format("%Y-%m").to_string() } else { moved.to_string() })
}

/// Imports all four files as if today were `today`, through the same importer as everybody's.
pub async fn load(
    db: &Database,
    editor: &Editor,
    today: NaiveDate,
    on_file: &(dyn Fn(&Import) + Send + Sync),
) -> Result<(), AppError> {
    let months = months_to(today);
    for (target, name, csv) in FILES {
        let text = tokio::task::spawn_blocking(move || shift_months(csv, months)).await.map_err(fault::internal)??;
        let import =
            cli::import(db, editor, target, name, &mut text.as_bytes(), OptionsPatch::default(), &|_, _| {}).await?;
        if import.status != ImportStatus::Finished {
            return Err(fault::internal(format!("{name}: {}", import.error.unwrap_or_default())));
        }
        on_file(&import);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]
    use super::*;

    #[test]
    fn dates_move_by_whole_months_and_nothing_else_moves() {
        let csv = "month,date,name\n2022-12,2024-01-31,\"Road-750 Black, 48\"\n";
        assert_eq!(shift_months(csv, 1).unwrap(), "month,date,name\n2023-01,2024-02-29,\"Road-750 Black, 48\"\n");
        assert_eq!(shift_months(csv, 0).unwrap(), csv);
        assert_eq!(shift_months(csv, -12).unwrap(), "month,date,name\n2021-12,2023-01-31,\"Road-750 Black, 48\"\n");
    }

    #[test]
    fn the_last_month_of_the_books_is_the_one_before_today() {
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        assert_eq!(months_to(day("2026-11-20")), 10);
        assert_eq!(months_to(day("2026-01-01")), 0);
        let moved = shift_months(FILES[0].2, months_to(day("2026-11-20"))).unwrap();
        let last = parse_all(&moved, b',').into_iter().skip(1).map(|r| r.cells[1].clone()).max().unwrap();
        assert_eq!(last, "2026-10-28");
    }
}
