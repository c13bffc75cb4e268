//! XLSX: a sheet about the file, and one for each widget: what one should know of it, then its tables.

use super::find::{Card, Contents};
use crate::{
    error::AppError,
    format,
    server::fault,
    widgets::draw::sheet::{Sheet, Value},
};
use chrono::{Datelike, NaiveDate};
use rust_decimal::{Decimal, prelude::ToPrimitive};
use rust_xlsxwriter::{DocProperties, ExcelDateTime, Format, FormatAlign, Workbook, Worksheet, XlsxError};
use std::collections::BTreeSet;

/// Characters that a sheet's name has at most.
const NAME: usize = 31;
/// Characters that a cell has at most.
const CELL: usize = 32_767;

pub fn xlsx(contents: &Contents) -> Result<Vec<u8>, AppError> {
    build(contents).map_err(fault::internal)
}

fn build(contents: &Contents) -> Result<Vec<u8>, XlsxError> {
    let mut book = Workbook::new();
    let head = &contents.head;
    book.set_properties(&DocProperties::new().set_title(&head.title).set_company(&head.organization));
    let mut taken = BTreeSet::new();
    let about_name = contents.with_head.then(|| sheet_name("About", &mut taken));
    let names: Vec<String> = contents.cards.iter().map(|card| sheet_name(&card.title, &mut taken)).collect();
    if let Some(about_name) = about_name {
        about(book.add_worksheet().set_name(about_name)?, contents, &names)?;
    }
    for (card, name) in contents.cards.iter().zip(&names) {
        write_card(book.add_worksheet().set_name(name)?, card, contents)?;
    }
    book.save_to_buffer()
}

fn about(sheet: &mut Worksheet, contents: &Contents, names: &[String]) -> Result<(), XlsxError> {
    let head = &contents.head;
    let bold = Format::new().set_bold();
    sheet.set_column_width(0, 32)?;
    sheet.set_column_width(1, 70)?;
    let mut row = 0;
    let description = (!head.description.is_empty()).then(|| ("Description", head.description.clone()));
    for (name, value) in head.facts().into_iter().chain(description) {
        sheet.write_string_with_format(row, 0, name, &bold)?;
        sheet.write_string(row, 1, clipped(&value))?;
        row += 1;
    }
    row += 1;
    sheet.write_string_with_format(row, 0, "Sheet", &bold)?;
    sheet.write_string_with_format(row, 1, "Shows", &bold)?;
    for (card, name) in contents.cards.iter().zip(names) {
        row += 1;
        let text = format!("{} ({})", card.title, card.widget.kind.label().to_lowercase());
        sheet.write_string(row, 0, name)?;
        sheet.write_string(row, 1, clipped(&text))?;
    }
    Ok(())
}

fn write_card(sheet: &mut Worksheet, card: &Card, contents: &Contents) -> Result<(), XlsxError> {
    let tables = card.sheets();
    let mut row = 0;
    if contents.with_head {
        for note in card.notes(&tables, &contents.head) {
            sheet.write_string_with_format(row, 0, clipped(&note), &Format::new().set_italic())?;
            row += 1;
        }
        row += u32::from(row > 0);
    }
    if tables.len() == 1 {
        sheet.set_freeze_panes(row + 1, 0)?;
    }
    for (i, table) in tables.iter().enumerate() {
        if i > 0 {
            row += 1;
        }
        row = write_table(sheet, table, row)?;
    }
    Ok(())
}

/// Gives the row below the table.
fn write_table(sheet: &mut Worksheet, table: &Sheet, first: u32) -> Result<u32, XlsxError> {
    let head = Format::new().set_bold();
    let mut row = first;
    for (c, name) in (0u16..).zip(&table.columns) {
        let numeric = table.rows.iter().any(|cells| matches!(cells.get(usize::from(c)), Some(v) if v.is_number()));
        let head = if numeric { head.clone().set_align(FormatAlign::Right) } else { head.clone() };
        sheet.write_string_with_format(row, c, clipped(name), &head)?;
        let widest = table.rows.iter().filter_map(|cells| cells.get(usize::from(c))).map(Value::letters);
        let width = widest.fold(name.chars().count(), usize::max).clamp(10, 60);
        sheet.set_column_width(c, (width + 3) as f64)?;
    }
    for cells in &table.rows {
        row += 1;
        for (c, value) in (0u16..).zip(cells) {
            write_value(sheet, row, c, value)?;
        }
    }
    Ok(row + 1)
}

fn write_value(sheet: &mut Worksheet, row: u32, column: u16, value: &Value) -> Result<(), XlsxError> {
    let number = |n: &Decimal| n.to_f64().unwrap_or(f64::NAN);
    let as_format = |text: &str| Format::new().set_num_format(text);
    match value {
        Value::Nothing => {}
        Value::Text(text) => {
            sheet.write_string(row, column, clipped(text))?;
        }
        Value::Number(n) => {
            let places = n.normalize().scale().min(6);
            sheet.write_number_with_format(row, column, number(n), &as_format(&grouped(places)))?;
        }
        Value::Money(n, currency) => {
            let places = n.normalize().scale().max(format::currency_decimals(currency)).min(6);
            // The code stands in the format, so that the cell stays a number.
            let code: String = currency.chars().filter(char::is_ascii_alphabetic).collect();
            let text = format!("[${code}]\\ {}", grouped(places));
            sheet.write_number_with_format(row, column, number(n), &as_format(&text))?;
        }
        Value::Percent(n) => {
            let share = n.checked_div(Decimal::ONE_HUNDRED).unwrap_or_default();
            sheet.write_number_with_format(row, column, number(&share), &as_format("0.0%"))?;
        }
        Value::Date(day) => write_day(sheet, row, column, *day, "d mmm yyyy")?,
        Value::Month(day) => write_day(sheet, row, column, *day, "mmm yyyy")?,
    }
    Ok(())
}

fn write_day(sheet: &mut Worksheet, row: u32, column: u16, day: NaiveDate, how: &str) -> Result<(), XlsxError> {
    let parts = (u16::try_from(day.year()), u8::try_from(day.month()), u8::try_from(day.day()));
    let date = match parts {
        (Ok(year), Ok(month), Ok(day)) => ExcelDateTime::from_ymd(year, month, day).ok(),
        _ => None,
    };
    match date {
        Some(date) => sheet.write_datetime_with_format(row, column, &date, &Format::new().set_num_format(how))?,
        // Before 1900 there are no days in a spreadsheet.
        None => sheet.write_string(row, column, day.to_string())?,
    };
    Ok(())
}

/// "#,##0.00".
fn grouped(places: u32) -> String {
    if places == 0 { "#,##0".into() } else { format!("#,##0.{}", "0".repeat(places as usize)) }
}

fn clipped(text: &str) -> String {
    text.chars().filter(|c| *c >= ' ' || *c == '\n' || *c == '\t').take(CELL).collect()
}

/// A title as the name of a sheet: unique, short, and without what is not allowed there.
fn sheet_name(title: &str, taken: &mut BTreeSet<String>) -> String {
    let allowed = |c: &char| *c >= ' ' && !matches!(c, '[' | ']' | ':' | '*' | '?' | '/' | '\\');
    let cleaned: String = title.chars().filter(allowed).collect();
    let cleaned = cleaned.trim().trim_matches('\'').trim();
    let base = if cleaned.is_empty() { "Widget" } else { cleaned };
    // Names are counted in UTF-16 units, and "History" is a spreadsheet's own.
    let fitting = |most: usize| {
        let mut out = String::new();
        for c in base.chars() {
            if out.encode_utf16().count() + c.len_utf16() > most {
                break;
            }
            out.push(c);
        }
        out.trim_end().trim_end_matches('\'').to_owned()
    };
    let mut name = fitting(NAME);
    let mut n = 2;
    while name.eq_ignore_ascii_case("history") || !taken.insert(name.to_lowercase()) {
        let suffix = format!(" {n}");
        name = format!("{}{suffix}", fitting(NAME - suffix.len()));
        n += 1;
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_sheets_are_short_unique_and_allowed() {
        let mut taken = BTreeSet::new();
        let mut name = |title: &str| sheet_name(title, &mut taken);
        assert_eq!(name("Revenue: by/month?"), "Revenue bymonth");
        assert_eq!(name("REVENUE bymonth"), "REVENUE bymonth 2");
        assert_eq!(name("'  '"), "Widget");
        assert_eq!(name("History"), "History 2");
        let long = name(&"Ä😀".repeat(40));
        assert!(long.encode_utf16().count() <= NAME, "{long}");
    }
}
