//! What a file most likely is. Everything found here can be changed by the person.

use super::{
    decode::Decoder,
    fields::{self, BY_SIGN, Kind},
    model::{DateOrder, DecimalMark, Encoding, ImportOptions, OnError, OnExisting, Separator, Target},
    parser::{Parser, Position, Record},
    values::{self, MarkVote},
};
use chrono::NaiveDate;

/// How much of a file is looked at, in bytes.
pub const SAMPLE_BYTES: usize = 1024 * 1024;

/// The beginning of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sample {
    pub bytes: Vec<u8>,
    /// Whether this is all of it.
    pub is_whole: bool,
}

impl Sample {
    /// Its text; half a character at the cut is left out.
    pub fn text(&self, encoding: Encoding) -> Result<String, String> {
        Decoder::new(encoding).decode(&self.bytes, self.is_whole).map_err(|e| e.to_string())
    }

    /// Its rows, without the one that is cut, and the header apart.
    pub fn records(&self, encoding: Encoding, separator: Separator) -> Result<(Vec<String>, Vec<Record>), String> {
        let text = self.text(encoding)?;
        let mut parser = Parser::new(separator.byte(), Position::START);
        let mut records = Vec::new();
        parser.push(&text, &mut |record, _| records.push(record));
        if self.is_whole || records.is_empty() {
            parser.finish(&mut |record, _| records.push(record));
        }
        let mut records = records.into_iter();
        let Some(header) = records.find(|r| !r.is_blank() && !r.is_separator_hint()) else {
            return Err("The file is empty.".into());
        };
        let header = header.cells.iter().map(|c| c.trim().to_owned()).collect();
        Ok((header, records.collect()))
    }
}

/// Refuses by name what is certainly no CSV file.
pub fn refuse_by_content(head: &[u8]) -> Result<(), String> {
    const SIGNATURES: [(&[u8], &str); 10] = [
        (b"PK\x03\x04", "an Excel workbook or a ZIP archive"),
        (b"\xd0\xcf\x11\xe0", "an old Excel workbook"),
        (b"%PDF", "a PDF document"),
        (b"\x1f\x8b", "a gzip archive"),
        (b"\x28\xb5\x2f\xfd", "a zstd archive"),
        (b"Rar!", "a RAR archive"),
        (b"7z\xbc\xaf", "a 7z archive"),
        (b"\x89PNG", "a PNG picture"),
        (b"\xff\xd8\xff", "a JPEG picture"),
        (b"{\\rtf", "an RTF document"),
    ];
    if let Some((_, what)) = SIGNATURES.iter().find(|(signature, _)| head.starts_with(signature)) {
        return Err(format!("This is {what}, not a CSV file. Save it as CSV and choose that file."));
    }
    let start: String = head.iter().take(200).map(|b| char::from(b.to_ascii_lowercase())).collect();
    let start = start.trim_start_matches(['\u{ef}', '\u{bb}', '\u{bf}', ' ', '\n', '\r', '\t']);
    // JSON has its spaces and line breaks between the signs too.
    let signs: String = start.chars().filter(|c| !c.is_ascii_whitespace()).take(2).collect();
    if ["{\"", "[{"].contains(&signs.as_str()) {
        return Err("This is a JSON file, not a CSV file. Save the table as CSV and choose that file.".into());
    }
    for (signature, what) in [("<!doctype html", "a web page"), ("<html", "a web page"), ("<?xml", "an XML file")] {
        if start.starts_with(signature) {
            return Err(format!("This is {what}, not a CSV file. Save the table as CSV and choose that file."));
        }
    }
    Ok(())
}

/// The encoding, or why this is no text.
pub fn encoding(sample: &Sample) -> Result<Encoding, String> {
    let bytes = sample.bytes.as_slice();
    if bytes.is_empty() {
        return Err("The file is empty.".into());
    }
    refuse_by_content(bytes)?;
    if bytes.starts_with(b"\xff\xfe") {
        return Ok(Encoding::Utf16Le);
    }
    if bytes.starts_with(b"\xfe\xff") {
        return Ok(Encoding::Utf16Be);
    }
    let head = &bytes[..bytes.len().min(4096)];
    let zeros = |parity: usize| head.iter().skip(parity).step_by(2).filter(|b| **b == 0).count();
    let (even, odd) = (zeros(0), zeros(1));
    if even + odd > 0 {
        // Without a mark: Latin text in UTF-16 has a zero in nearly every second place, and none in the others.
        return match (even * 20 < odd, odd * 20 < even) {
            (true, _) if odd * 4 > head.len() => Ok(Encoding::Utf16Le),
            (_, true) if even * 4 > head.len() => Ok(Encoding::Utf16Be),
            _ => Err("This file holds binary data, not the text of a CSV file.".into()),
        };
    }
    match std::str::from_utf8(bytes) {
        Ok(_) => return Ok(Encoding::Utf8),
        // Cut inside a character by the sample's end.
        Err(e) if e.error_len().is_none() && !sample.is_whole => return Ok(Encoding::Utf8),
        Err(_) => {}
    }
    let control = head.iter().filter(|b| **b < 32 && !matches!(b, b'\t' | b'\n' | b'\r' | 0x0c)).count();
    if control * 50 > head.len() {
        return Err("This file holds binary data, not the text of a CSV file.".into());
    }
    // Characters of several bytes come about in UTF-8 only: a few wrong bytes among them are damage.
    let (mut characters, mut wrong) = (0usize, 0usize);
    for chunk in bytes.utf8_chunks() {
        characters += chunk.valid().chars().filter(|c| !c.is_ascii()).count();
        wrong += usize::from(!chunk.invalid().is_empty());
    }
    Ok(if characters >= wrong || bytes.starts_with(b"\xef\xbb\xbf") { Encoding::Utf8 } else { Encoding::Windows1252 })
}

/// The separator that the first line names, as Excel writes it: `sep=;`.
fn separator_hint(text: &str) -> Option<Separator> {
    let line = text.lines().next()?.trim_matches('"');
    let (_, sign) = line.split_at_checked(4).filter(|(name, _)| name.eq_ignore_ascii_case("sep="))?;
    let sign = sign.bytes().next()?;
    Separator::ALL.iter().copied().find(|separator| separator.byte() == sign)
}

/// The separator that the file names, or else the one that cuts most rows into the same number of cells, and into more
/// than one.
pub fn separator(text: &str) -> Separator {
    if let Some(named) = separator_hint(text) {
        return named;
    }
    let score = |separator: Separator| {
        let mut parser = Parser::new(separator.byte(), Position::START);
        let mut widths = Vec::new();
        let end = text.char_indices().nth(64 * 1024).map_or(text.len(), |(at, _)| at);
        parser.push(&text[..end], &mut |record, _| {
            if !record.is_blank() {
                widths.push(record.cells.len());
            }
        });
        if end == text.len() || widths.is_empty() {
            parser.finish(&mut |record, _| widths.push(record.cells.len()));
        }
        let header = widths.first().copied().unwrap_or(1);
        if header < 2 {
            return (0, 0);
        }
        let same = widths.iter().filter(|w| **w == header).count();
        (same * 100 / widths.len(), header)
    };
    // On a tie the one with more columns wins, then the more usual one.
    Separator::ALL
        .iter()
        .rev()
        .copied()
        .max_by_key(|s| {
            let (consistency, width) = score(*s);
            // A few ragged rows must not make another separator win.
            (consistency / 10, width)
        })
        .unwrap_or(Separator::Comma)
}

/// The decimal mark of some cells; `None` where none of them tells.
pub fn decimal_mark<'a>(cells: impl Iterator<Item = &'a str>) -> Option<DecimalMark> {
    let (mut point, mut comma) = (0usize, 0usize);
    for cell in cells {
        match values::mark_vote(cell) {
            MarkVote::For(DecimalMark::Point) => point += 1,
            MarkVote::For(DecimalMark::Comma) => comma += 1,
            MarkVote::Either | MarkVote::None => {}
        }
    }
    match point.cmp(&comma) {
        std::cmp::Ordering::Greater => Some(DecimalMark::Point),
        std::cmp::Ordering::Less => Some(DecimalMark::Comma),
        std::cmp::Ordering::Equal => None,
    }
}

/// The first number among some cells that can be read either way, where none of them tells the decimal mark.
pub fn ambiguous_number<'a>(cells: impl Iterator<Item = &'a str> + Clone) -> Option<&'a str> {
    let first = cells.clone().find(|cell| values::mark_vote(cell) == MarkVote::Either)?;
    decimal_mark(cells).is_none().then_some(first)
}

/// What some cells tell about the order of their dates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DateFinding {
    pub order: DateOrder,
    /// Another order would read as many of them, so a person should look.
    pub is_ambiguous: bool,
}

/// What one order makes of some dates.
struct Reading {
    order: DateOrder,
    count: usize,
    /// The first and the last.
    range: Option<(NaiveDate, NaiveDate)>,
}

impl Reading {
    fn add(&mut self, day: NaiveDate) {
        self.count += 1;
        self.range = Some(self.range.map_or((day, day), |(first, last)| (first.min(day), last.max(day))));
    }

    /// In days.
    fn span(&self) -> i64 {
        self.range.map_or(i64::MAX, |(first, last)| (last - first).num_days())
    }
}

/// The order that reads most of the dates; where several do, the `usual` one if it is among them, else that in which they
/// lie closest together, as the dates of one file do.
pub fn date_order<'a>(cells: impl Iterator<Item = &'a str>, usual: Option<DateOrder>) -> Option<DateFinding> {
    let mut readings: Vec<Reading> =
        DateOrder::ALL.iter().map(|order| Reading { order: *order, count: 0, range: None }).collect();
    let mut clear = 0usize;
    for cell in cells {
        clear += usize::from(values::is_clear_date(cell));
        for (order, day) in values::possible_orders(cell) {
            // Nobody who writes points between them begins with the month.
            if order == DateOrder::MonthFirst && cell.contains('.') {
                continue;
            }
            if let Some(reading) = readings.iter_mut().find(|r| r.order == order) {
                reading.add(day);
            }
        }
    }
    let most = readings.iter().map(|r| r.count).max().unwrap_or(0);
    if most == 0 {
        return (clear > 0).then_some(DateFinding { order: DateOrder::YearFirst, is_ambiguous: false });
    }
    readings.retain(|r| r.count == most);
    let order = usual
        .filter(|usual| readings.iter().any(|r| r.order == *usual))
        .or_else(|| readings.iter().min_by_key(|r| r.span()).map(|r| r.order))
        .unwrap_or(DateOrder::DayFirst);
    Some(DateFinding { order, is_ambiguous: readings.len() > 1 })
}

/// Reads the beginning of a file and proposes how to read the rest. Refuses, in words for the person, what cannot
/// be read as a table at all.
pub fn propose(target: Target, sample: &Sample) -> Result<ImportOptions, String> {
    let encoding = encoding(sample)?;
    propose_with(target, sample, encoding, None)
}

/// Like [`propose`], where the person has chosen the encoding and perhaps the separator.
pub fn propose_with(
    target: Target,
    sample: &Sample,
    encoding: Encoding,
    chosen: Option<Separator>,
) -> Result<ImportOptions, String> {
    let text = sample.text(encoding)?;
    let separator = chosen.unwrap_or_else(|| separator(&text));
    let (header, records) = sample.records(encoding, separator)?;
    refuse_header(&header, &records)?;
    let mut matching = fields::match_columns(target, &header);
    let fields = fields::of(target);
    match_by_content(fields, &mut matching, header.len(), &records);
    let cells = |wanted: fn(Kind) -> bool| {
        let columns: Vec<usize> =
            fields.iter().zip(&matching.columns).filter(|(f, _)| wanted(f.kind)).filter_map(|(_, c)| *c).collect();
        let all = columns.is_empty();
        records.iter().flat_map(move |record| {
            let columns = columns.clone();
            record.cells.iter().enumerate().filter(move |(i, _)| all || columns.contains(i)).map(|(_, c)| c.as_str())
        })
    };
    let unread =
        records.iter().flat_map(|r| (0..).zip(&r.cells)).filter(|(i, _)| !matching.columns.contains(&Some(*i)));
    let decimal_mark = decimal_mark(cells(|kind| matches!(kind, Kind::Amount | Kind::Positive)))
        .or_else(|| decimal_mark(unread.map(|(_, cell)| cell.as_str())))
        // Where commas separate the cells, they rarely stand in numbers too.
        .unwrap_or(if separator == Separator::Semicolon { DecimalMark::Comma } else { DecimalMark::Point });
    // Where numbers have commas, the day comes first.
    let usual =
        (separator == Separator::Semicolon || decimal_mark == DecimalMark::Comma).then_some(DateOrder::DayFirst);
    let date_order = date_order(cells(|kind| matches!(kind, Kind::Date | Kind::Month)), usual)
        .map_or(DateOrder::YearFirst, |f| f.order);
    let mut options = ImportOptions {
        encoding,
        separator,
        decimal_mark,
        date_order,
        columns: fields
            .iter()
            .zip(&matching.columns)
            .filter_map(|(f, c)| Some((f.name.to_owned(), u32::try_from((*c)?).ok()?)))
            .collect(),
        defaults: Default::default(),
        on_error: OnError::Nothing,
        on_existing: OnExisting::Update,
    };
    if target == Target::Transactions && !options.columns.contains_key("type") {
        let amount = options.columns.get("amount").and_then(|c| usize::try_from(*c).ok());
        let has_negative = amount.is_some_and(|column| {
            records
                .iter()
                .filter_map(|r| r.cells.get(column))
                .any(|c| values::amount(c, decimal_mark).is_ok_and(|a| a < rust_decimal::Decimal::ZERO))
        });
        let names: Vec<String> = header.iter().map(|h| fields::normalize(h)).collect();
        let buys =
            names.iter().any(|n| ["vendor", "supplier", "payee", "lieferant", "bill"].iter().any(|w| n.contains(w)));
        let fixed = match (has_negative, buys) {
            (true, _) => BY_SIGN,
            (false, true) => "expense",
            (false, false) => "income",
        };
        options.defaults.insert("type".to_owned(), fixed.to_owned());
    }
    if target == Target::Payments && !options.columns.contains_key("direction") {
        let party = options.columns.get("party").and_then(|c| header.get(usize::try_from(*c).ok()?));
        let party = party.map(|name| fields::normalize(name)).unwrap_or_default();
        let sells = ["customer", "client", "debtor", "payer", "bill to", "kunde", "debitor"];
        if sells.iter().any(|word| party.contains(word)) {
            options.defaults.insert("direction".to_owned(), "incoming".to_owned());
        }
    }
    Ok(options)
}

/// Finds required dates and amounts whose column has an unknown name: by the cells, if only one column fits.
fn match_by_content(fields: &[fields::Field], matching: &mut fields::Matching, width: usize, records: &[Record]) {
    const LOOKED_AT: usize = 200;
    for (index, field) in fields.iter().enumerate() {
        let fits: fn(&str) -> bool = match field.kind {
            Kind::Date | Kind::Month => |cell| values::is_clear_date(cell) || !values::possible_orders(cell).is_empty(),
            // Numbers without a mark may be anything: a count, an id.
            Kind::Amount => |cell| values::mark_vote(cell) != MarkVote::None,
            _ => continue,
        };
        if !field.required || matching.columns[index].is_some() {
            continue;
        }
        let candidates: Vec<usize> = (0..width)
            .filter(|column| !matching.columns.contains(&Some(*column)))
            .filter(|column| {
                let cells = records.iter().take(LOOKED_AT).filter_map(|r| r.cells.get(*column));
                let filled: Vec<&String> = cells.filter(|c| !c.trim().is_empty()).collect();
                let fitting = filled.iter().filter(|c| fits(c)).count();
                !filled.is_empty() && fitting * 10 >= filled.len() * 8
            })
            .collect();
        if let [only] = candidates.as_slice() {
            matching.columns[index] = Some(*only);
        }
    }
}

/// Refuses files without rows and files whose first line is no header.
fn refuse_header(header: &[String], records: &[Record]) -> Result<(), String> {
    let has_rows = records.iter().any(|r| !r.is_blank());
    let names = header.iter().filter(|h| !h.is_empty());
    let data = names
        .clone()
        .filter(|h| {
            values::mark_vote(h) != MarkVote::None || values::is_clear_date(h) || !values::possible_orders(h).is_empty()
        })
        .count();
    if data > 0 && names.clone().count() > 1 {
        return Err(
            "The first line looks like data, not like names of columns. Add a line with the names at the top.".into()
        );
    }
    if !has_rows {
        return Err(if header.len() > 1 {
            "The file has a header and no rows.".into()
        } else {
            "This is not a CSV file: it has one line and no columns.".into()
        });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]
    use super::*;
    use proptest::prelude::*;

    fn whole(bytes: &[u8]) -> Sample {
        Sample { bytes: bytes.to_vec(), is_whole: true }
    }

    #[test]
    fn encodings_are_told_by_mark_or_content() {
        let utf16 = |text: &str| text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>();
        assert_eq!(encoding(&whole("é,b\n".as_bytes())), Ok(Encoding::Utf8));
        assert_eq!(encoding(&whole("\u{feff}a,b\n".as_bytes())), Ok(Encoding::Utf8));
        assert_eq!(encoding(&whole(b"\xe9,b\n")), Ok(Encoding::Windows1252));
        // One wrong byte does not make all the others wrong; one character may come about by chance.
        assert_eq!(encoding(&whole(b"\xc3\xa9,\xc3\xbc\n\xe9,b\n")), Ok(Encoding::Utf8));
        assert_eq!(encoding(&whole(b"\xc3\xa9,\xfc\n\xe9,b\n")), Ok(Encoding::Windows1252));
        assert_eq!(encoding(&whole(&utf16("\u{feff}a,b\n"))), Ok(Encoding::Utf16Le));
        assert_eq!(encoding(&whole(&utf16("a,b\n1,2\n"))), Ok(Encoding::Utf16Le));
        // A character that is cut by the sample's end is no reason to doubt.
        assert_eq!(encoding(&Sample { bytes: b"a,\xc3".to_vec(), is_whole: false }), Ok(Encoding::Utf8));
    }

    #[test]
    fn what_is_no_csv_is_refused_by_name() {
        for (bytes, what) in [
            (&b"PK\x03\x04rest"[..], "Excel"),
            (b"%PDF-1.7", "PDF"),
            (b"\x89PNG\r\n", "PNG"),
            (b"a\0\x01\x02b\0\0\0", "binary"),
            (b"", "empty"),
            (b"<!DOCTYPE html><html>", "web page"),
            (b"[{\"a\":1}]", "JSON"),
            (b"[\n {\n  \"a\": 1\n }\n]", "JSON"),
            (b"{\r\n\t\"a\": 1\r\n}", "JSON"),
        ] {
            let error = encoding(&whole(bytes)).unwrap_err();
            assert!(error.contains(what), "{error}");
        }
        for (text, what) in [
            ("a,b\n", "no rows"),
            ("a,b\n,\n\n", "no rows"),
            ("hello world", "not a CSV"),
            ("2026-01-01,12.50\n2026-01-02,13.50\n", "looks like data"),
            ("\n\n", "empty"),
        ] {
            let error = propose(Target::Transactions, &whole(text.as_bytes())).unwrap_err();
            assert!(error.contains(what), "{text:?}: {error}");
        }
    }

    #[test]
    fn separators_are_found_among_decimal_commas_and_quotes() {
        assert_eq!(separator("a;b\n1,5;2,5\n3,5;4,5\n"), Separator::Semicolon);
        assert_eq!(separator("a,b\n\"1;2\",x\n\"3;4;5\",y\n"), Separator::Comma);
        assert_eq!(separator("a\tb, c\n1\t2\n"), Separator::Tab);
        assert_eq!(separator("a|b\n1|2\n"), Separator::Pipe);
        assert_eq!(separator("name\nx\n"), Separator::Comma);
        // One ragged row does not change the mind.
        assert_eq!(separator("a;b;c\n1,0;2;3\n1,0;2;3\n1,0;2\n"), Separator::Semicolon);
    }

    #[test]
    fn a_separator_that_the_file_names_is_taken_and_no_header() {
        for first in ["sep=;", "SEP=;", "\"sep=;\""] {
            let text = format!("{first}\r\nDatum;Betrag, netto\r\n31.01.2026;1,50\r\n");
            let sample = whole(text.as_bytes());
            let options = propose(Target::Transactions, &sample).unwrap();
            assert_eq!(options.separator, Separator::Semicolon, "{first}");
            for separator in [Separator::Semicolon, Separator::Pipe] {
                let (header, records) = sample.records(Encoding::Utf8, separator).unwrap();
                assert!(header[0].starts_with("Datum"), "{first}: {header:?}");
                assert_eq!(records[0].line, 3, "{first}");
            }
        }
        assert_eq!(separator("sep=\t\na\tb;c;d\n1\t2;3;4\n"), Separator::Tab);
        assert_eq!(separator("separate,b\n1,2\n"), Separator::Comma);
    }

    #[test]
    fn a_mark_that_may_be_either_is_decided_by_what_else_there_is() {
        let mark = |text: &str| propose(Target::Transactions, &whole(text.as_bytes())).unwrap().decimal_mark;
        assert_eq!(mark("date;amount\n2026-01-31;1,234\n2026-02-01;5,678\n"), DecimalMark::Comma);
        assert_eq!(mark("date;amount;rate\n2026-01-31;1,234;0.5\n2026-02-01;5,678;1.5\n"), DecimalMark::Point);
        assert_eq!(mark("date,amount\n2026-01-31,\"1,234\"\n2026-02-01,1.234\n"), DecimalMark::Point);
        assert_eq!(mark("date,amount,rate\n2026-01-31,1.234,\"0,5\"\n"), DecimalMark::Comma);
        assert_eq!(ambiguous_number(["5", "1,234", "5.678"].into_iter()), Some("1,234"));
        assert_eq!(ambiguous_number(["1,234", "0,5"].into_iter()), None);
        assert_eq!(ambiguous_number(["5", "x"].into_iter()), None);
    }

    #[test]
    fn the_whole_sample_decides_about_dates() {
        let order = |cells: &[&str]| date_order(cells.iter().copied(), None).map(|f| (f.order, f.is_ambiguous));
        assert_eq!(order(&["01/02/2026", "13/02/2026"]), Some((DateOrder::DayFirst, false)));
        assert_eq!(order(&["01/02/2026", "02/13/2026"]), Some((DateOrder::MonthFirst, false)));
        assert_eq!(order(&["2026-02-01"]), Some((DateOrder::YearFirst, false)));
        // Five days in a row of February, or the second of five months: days in a row are likelier.
        assert_eq!(order(&["02/01/2026", "02/02/2026", "02/03/2026"]), Some((DateOrder::MonthFirst, true)));
        assert_eq!(order(&["01/02/2026", "02/02/2026", "03/02/2026"]), Some((DateOrder::DayFirst, true)));
        assert_eq!(order(&["01.02.2026", "01.03.2026", "01.04.2026"]), Some((DateOrder::DayFirst, false)));
        let among_commas = date_order(["03/02/2026", "04/05/2026"].into_iter(), Some(DateOrder::DayFirst));
        assert_eq!(among_commas.map(|f| f.order), Some(DateOrder::DayFirst));
        let impossible = date_order(["03/13/2026", "04/05/2026"].into_iter(), Some(DateOrder::DayFirst));
        assert_eq!(impossible.map(|f| f.order), Some(DateOrder::MonthFirst));
        assert_eq!(order(&["x"]), None);
    }

    #[test]
    fn a_whole_proposal() {
        let text =
            "Bestellnummer;Bestelldatum;Gesamtbetrag;Kunde\nA1;31.12.2025;1.234,50;Müller\nA2;02.01.2026;12,00;Meyer\n";
        let (bytes, _, _) = encoding_rs::WINDOWS_1252.encode(text);
        let options = propose(Target::Transactions, &whole(&bytes)).unwrap();
        assert_eq!(options.encoding, Encoding::Windows1252);
        assert_eq!(options.separator, Separator::Semicolon);
        assert_eq!(options.decimal_mark, DecimalMark::Comma);
        assert_eq!(options.date_order, DateOrder::DayFirst);
        assert_eq!(
            options.columns.iter().map(|(k, v)| (k.as_str(), *v)).collect::<Vec<_>>(),
            [("amount", 2), ("date", 1), ("note", 3), ("reference", 0)]
        );
        assert_eq!(options.defaults["type"], "income");
    }

    #[test]
    fn columns_with_unknown_names_are_found_by_their_cells() {
        let text = "Ref,When,What,How much\nA,31.12.2025,5,12.50\nB,2026-01-01,6,7\nC,2026-01-02,6,9.00\n";
        let options = propose(Target::Transactions, &whole(text.as_bytes())).unwrap();
        assert_eq!((options.columns.get("date"), options.columns.get("amount")), (Some(&1), None));
        let text = text.replace(",7\n", ",7.00\n");
        let options = propose(Target::Transactions, &whole(text.as_bytes())).unwrap();
        assert_eq!((options.columns.get("date"), options.columns.get("amount")), (Some(&1), Some(&3)));
    }

    proptest! {
        #[test]
        fn no_file_can_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = propose(Target::Payments, &Sample { bytes, is_whole: true });
        }

        #[test]
        fn no_text_can_make_it_panic(text in "[a-c0-9,;.\"\n\r/ -]{0,120}") {
            let _ = propose(Target::Transactions, &whole(text.as_bytes()));
        }
    }
}
