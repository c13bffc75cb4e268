//! Splits text into records, a piece at a time.
//!
//! Our own, because the `csv` crate neither tells the physical line of a record after CRLF, blank lines or quoted
//! line breaks, nor can it say that a quote was opened and never closed: it would swallow the rest of the file.

use super::decode::MALFORMED;

/// The longest cell that makes sense. Longer ones mean a quote that is never closed, or no text at all.
pub const MAX_CELL: usize = 64 * 1024;

/// The fault of a row in which [`MALFORMED`] stands.
pub const NOT_UTF8: &str = "This row has bytes that are not UTF-8. Correct them, or choose another encoding.";

/// One row of the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// The line in which it begins, from 1.
    pub line: u64,
    pub cells: Vec<String>,
    /// What is wrong with the row's quotes or bytes.
    pub fault: Option<&'static str>,
}

impl Record {
    pub fn is_blank(&self) -> bool {
        self.cells.iter().all(|cell| cell.trim().is_empty())
    }

    /// Whether this is Excel's first line `sep=;`, which names the separator and is no row. Cut at that separator, its
    /// first cell ends before it.
    pub fn is_separator_hint(&self) -> bool {
        let Some((first, rest)) = self.cells.split_first().filter(|_| self.line == 1) else { return false };
        let sign =
            first.split_at_checked(4).filter(|(name, _)| name.eq_ignore_ascii_case("sep=")).map(|(_, sign)| sign);
        sign.is_some_and(|sign| sign.chars().count() <= 1) && rest.iter().all(|cell| cell.trim().is_empty())
    }
}

/// Where the text after some record begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Position {
    /// In bytes of decoded text, without a byte-order mark.
    pub offset: u64,
    pub line: u64,
}

impl Position {
    pub const START: Self = Self { offset: 0, line: 1 };
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// Before the first character of a record.
    RecordStart,
    CellStart,
    Bare,
    Quoted,
    /// After a quote inside a quoted cell: its end, or the first of a doubled quote.
    QuoteInQuoted,
    /// After the closing quote, where only a separator or the end of the line makes sense.
    AfterQuoted,
    /// After a carriage return that ends a record: a line feed belongs to it.
    RecordEnd,
    /// After a carriage return in a blank line.
    BlankEnd,
}

/// Reads RFC 4180 and what spreadsheets make of it: any separator, LF, CRLF or CR, doubled quotes, blank lines.
#[derive(Debug)]
pub struct Parser {
    separator: u8,
    state: State,
    offset: u64,
    line: u64,
    record_line: u64,
    cell: Vec<u8>,
    cells: Vec<String>,
    fault: Option<&'static str>,
    /// After the last whole record.
    position: Position,
}

impl Parser {
    /// Begins at a place where a record begins.
    pub fn new(separator: u8, at: Position) -> Self {
        Self {
            separator,
            state: State::RecordStart,
            offset: at.offset,
            line: at.line,
            record_line: at.line,
            cell: Vec::new(),
            cells: Vec::new(),
            fault: None,
            position: at,
        }
    }

    /// Where the next record begins. Reading again from here gives what follows.
    pub fn position(&self) -> Position {
        self.position
    }

    /// Takes the next piece of text. `sink` gets each record that is complete, and the position after it.
    pub fn push(&mut self, text: &str, sink: &mut impl FnMut(Record, Position)) {
        for &byte in text.as_bytes() {
            self.step(byte, sink);
        }
    }

    /// Ends the text: a last record without a line break counts.
    pub fn finish(&mut self, sink: &mut impl FnMut(Record, Position)) {
        match self.state {
            State::RecordStart | State::BlankEnd => {}
            State::RecordEnd => self.end_record(sink),
            state => {
                if state == State::Quoted {
                    self.fault = Some("A quotation mark is opened here and never closed.");
                }
                self.end_cell();
                self.end_record(sink);
            }
        }
        self.state = State::RecordStart;
    }

    fn step(&mut self, byte: u8, sink: &mut impl FnMut(Record, Position)) {
        if matches!(self.state, State::RecordEnd | State::BlankEnd) {
            let is_line_feed = byte == b'\n';
            self.offset += u64::from(is_line_feed);
            if self.state == State::RecordEnd {
                self.end_record(sink);
            }
            self.state = State::RecordStart;
            if is_line_feed {
                return;
            }
        }
        self.offset += 1;
        match (self.state, byte) {
            (State::Quoted, b'"') => self.state = State::QuoteInQuoted,
            (State::Quoted, _) => {
                if byte == b'\n' {
                    self.line += 1;
                }
                self.keep(byte);
            }
            (State::QuoteInQuoted, b'"') => {
                self.keep(b'"');
                self.state = State::Quoted;
            }
            (State::RecordStart, b'\r' | b'\n') => {
                // A blank line is no record.
                self.line += 1;
                self.record_line = self.line;
                if byte == b'\r' {
                    self.state = State::BlankEnd;
                }
            }
            (_, b'\r' | b'\n') => {
                self.line += 1;
                self.end_cell();
                if byte == b'\r' {
                    self.state = State::RecordEnd;
                } else {
                    self.end_record(sink);
                    self.state = State::RecordStart;
                }
            }
            (_, b) if b == self.separator => {
                self.end_cell();
                self.state = State::CellStart;
            }
            (State::RecordStart | State::CellStart, b'"') => self.state = State::Quoted,
            (State::RecordStart | State::CellStart, _) => {
                self.keep(byte);
                self.state = State::Bare;
            }
            (State::QuoteInQuoted | State::AfterQuoted, b' ') => self.state = State::AfterQuoted,
            (State::QuoteInQuoted | State::AfterQuoted, _) => {
                self.fault =
                    Some("Text follows a closing quotation mark. A quotation mark inside a cell must be doubled.");
                self.keep(byte);
                self.state = State::Bare;
            }
            (State::Bare | State::RecordEnd | State::BlankEnd, _) => self.keep(byte),
        }
    }

    fn keep(&mut self, byte: u8) {
        if self.cell.len() < MAX_CELL {
            self.cell.push(byte);
        } else if self.fault.is_none() {
            self.fault = Some(if self.state == State::Quoted {
                "A quotation mark is opened here and closed very late, or never."
            } else {
                "A cell is longer than 65,536 bytes."
            });
        }
    }

    fn end_cell(&mut self) {
        // Cells are cut only at ASCII bytes, so they are whole characters, except one that was too long.
        let mut text = String::from_utf8(std::mem::take(&mut self.cell))
            .unwrap_or_else(|e| String::from_utf8_lossy(e.as_bytes()).into_owned());
        if text.contains(MALFORMED) {
            self.fault.get_or_insert(NOT_UTF8);
            text = text.replace(MALFORMED, "\u{fffd}");
        }
        self.cells.push(text);
    }

    fn end_record(&mut self, sink: &mut impl FnMut(Record, Position)) {
        self.position = Position { offset: self.offset, line: self.line };
        let capacity = self.cells.len();
        let cells = std::mem::replace(&mut self.cells, Vec::with_capacity(capacity));
        let record = Record { line: self.record_line, cells, fault: self.fault.take() };
        self.record_line = self.line;
        sink(record, self.position);
    }
}

/// All records of a text that is in memory as a whole.
pub fn parse_all(text: &str, separator: u8) -> Vec<Record> {
    let mut parser = Parser::new(separator, Position::START);
    let mut records = Vec::new();
    parser.push(text, &mut |record, _| records.push(record));
    parser.finish(&mut |record, _| records.push(record));
    records
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]
    use super::*;
    use proptest::prelude::*;

    fn lines_and_cells(text: &str) -> Vec<(u64, Vec<String>)> {
        parse_all(text, b',').into_iter().map(|r| (r.line, r.cells)).collect()
    }

    #[test]
    fn lines_are_counted_as_an_editor_does() {
        let text = "a,b\r\n\r\n1,\"x\r\ny\"\r\n2,z\n\n3,w";
        let found: Vec<u64> = lines_and_cells(text).into_iter().map(|(line, _)| line).collect();
        assert_eq!(found, [1, 3, 5, 7]);
        assert_eq!(lines_and_cells("a\r1\r\r2").into_iter().map(|r| r.0).collect::<Vec<_>>(), [1, 2, 4]);
    }

    #[test]
    fn quotes_hold_separators_breaks_and_quotes() {
        let records = parse_all("\"a,\"\"b\"\"\n\",\"\" ,c\n", b',');
        assert_eq!(records[0].cells, ["a,\"b\"\n", "", "c"]);
        assert_eq!(records[0].fault, None);
    }

    #[test]
    fn a_quote_that_never_closes_is_named_in_the_line_where_it_opens() {
        let records = parse_all("a\n1\n\"2\n3\n", b',');
        assert_eq!(records[2].line, 3);
        assert!(records[2].fault.unwrap().contains("never closed"));
        assert!(parse_all("\"a\"b,c\n", b',')[0].fault.unwrap().contains("doubled"));
    }

    proptest! {
        /// Whatever the csv crate writes is read back the same, in pieces of any size.
        #[test]
        fn reads_what_is_written(
            rows in prop::collection::vec(prop::collection::vec("[a-c,;\"\n\r é]{0,6}", 2..4), 1..8),
            cut in 1usize..7,
        ) {
            let mut writer = csv::WriterBuilder::new().flexible(true).from_writer(Vec::new());
            for row in &rows {
                writer.write_record(row).unwrap();
            }
            let text = String::from_utf8(writer.into_inner().unwrap()).unwrap();
            let mut parser = Parser::new(b',', Position::START);
            let mut found = Vec::new();
            let chars: Vec<char> = text.chars().collect();
            for piece in chars.chunks(cut) {
                parser.push(&piece.iter().collect::<String>(), &mut |r, _| found.push(r.cells));
            }
            parser.finish(&mut |r, _| found.push(r.cells));
            prop_assert_eq!(found, rows);
        }

        /// Going on from any position gives the same records with the same lines as reading in one go.
        #[test]
        fn resumes_anywhere(text in "[ab,\"\n\r]{0,60}") {
            let mut whole = Vec::new();
            let mut parser = Parser::new(b',', Position::START);
            parser.push(&text, &mut |r, at| whole.push((r, at)));
            parser.finish(&mut |r, at| whole.push((r, at)));
            for (i, (_, at)) in whole.iter().enumerate() {
                let mut rest = Vec::new();
                let mut parser = Parser::new(b',', *at);
                parser.push(&text[usize::try_from(at.offset).unwrap()..], &mut |r, _| rest.push(r));
                parser.finish(&mut |r, _| rest.push(r));
                let expected: Vec<Record> = whole[i + 1..].iter().map(|(r, _)| r.clone()).collect();
                prop_assert_eq!(rest, expected);
            }
        }
    }
}
