//! CSV: what one should know, then one table below the other, each of nothing but its columns' names and its rows.

use super::find::Contents;
use crate::{
    records::export::{Cell, write_line},
    widgets::draw::sheet::{Sheet, Value},
};

pub fn csv(contents: &Contents) -> Vec<u8> {
    let mut out = Vec::with_capacity(8 * 1024);
    let cards: Vec<_> = contents.cards.iter().map(|card| (card, card.sheets())).collect();
    if contents.with_head {
        for (name, value) in contents.head.facts() {
            write_line(&mut out, [Cell::Text(name), Cell::Text(&value)]);
        }
        for (card, sheets) in &cards {
            for note in card.notes(sheets, &contents.head) {
                let note = if contents.single { note } else { format!("{}: {note}", card.title) };
                write_line(&mut out, [Cell::Text("Note"), Cell::Text(&note)]);
            }
        }
        write_line(&mut out, []);
    }
    for (i, (card, sheets)) in cards.iter().enumerate() {
        if i > 0 {
            write_line(&mut out, []);
        }
        if !contents.single {
            write_line(&mut out, [Cell::Text(&card.title)]);
        }
        for (i, sheet) in sheets.iter().enumerate() {
            if i > 0 {
                write_line(&mut out, []);
            }
            write_sheet(&mut out, sheet);
        }
    }
    out
}

fn write_sheet(out: &mut Vec<u8>, sheet: &Sheet) {
    write_line(out, sheet.columns.iter().map(|name| Cell::Text(name)));
    for row in &sheet.rows {
        write_line(out, row.iter().map(cell));
    }
}

fn cell(value: &Value) -> Cell<'_> {
    match value {
        Value::Nothing => Cell::Nothing,
        Value::Text(text) => Cell::Text(text),
        Value::Number(n) | Value::Money(n, _) | Value::Percent(n) => Cell::Number(*n),
        Value::Date(day) => Cell::Date(*day),
        Value::Month(day) => Cell::Month(*day),
    }
}
