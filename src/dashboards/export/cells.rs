//! CSV: one table below the other.

use super::find::{Card, Contents};
use crate::{
    records::export::{Cell, write_line},
    widgets::draw::sheet::{Sheet, Value},
};

pub fn csv(contents: &Contents) -> Vec<u8> {
    let mut out = Vec::with_capacity(8 * 1024);
    if contents.with_head {
        for (name, value) in contents.head.facts() {
            write_line(&mut out, [Cell::Text(name), Cell::Text(&value)]);
        }
        write_line(&mut out, []);
    }
    for (i, card) in contents.cards.iter().enumerate() {
        if i > 0 {
            write_line(&mut out, []);
        }
        if !contents.single {
            write_line(&mut out, [Cell::Text(&card.title)]);
        }
        write_card(&mut out, card, contents.with_head);
    }
    out
}

fn write_card(out: &mut Vec<u8>, card: &Card, with_notes: bool) {
    if let Some(unmet) = card.unmet.as_ref().filter(|_| with_notes) {
        write_line(out, [Cell::Text(unmet)]);
    }
    match &card.found {
        Ok(found) => {
            for (i, sheet) in found.sheets().iter().enumerate() {
                if i > 0 {
                    write_line(out, []);
                }
                write_sheet(out, sheet, with_notes);
            }
        }
        Err(error) => {
            let text = error.to_string();
            write_line(out, [Cell::Text(error.title()), Cell::Text(&text)]);
        }
    }
}

fn write_sheet(out: &mut Vec<u8>, sheet: &Sheet, with_notes: bool) {
    write_line(out, sheet.columns.iter().map(|name| Cell::Text(name)));
    for row in &sheet.rows {
        write_line(
            out,
            row.iter().map(|value| match value {
                Value::Nothing => Cell::Nothing,
                Value::Text(text) => Cell::Text(text),
                Value::Number(n) | Value::Money(n, _) | Value::Percent(n) => Cell::Number(*n),
                Value::Date(day) => Cell::Date(*day),
                Value::Month(day) => Cell::Month(*day),
            }),
        );
    }
    if let Some(note) = sheet.note.as_ref().filter(|_| with_notes) {
        write_line(out, [Cell::Text(note)]);
    }
}
