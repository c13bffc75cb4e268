//! From the text of a cell to an amount or a day, or to the reason why it is none.

use super::model::{DateOrder, DecimalMark};
use crate::accounts::input::CURRENCIES;
use chrono::{Datelike, NaiveDate};
use rust_decimal::Decimal;

/// `numeric(18, 4)` holds fourteen digits before the point.
const AMOUNT_LIMIT: i64 = 100_000_000_000_000;

/// The signs of currencies, and what each can mean, likeliest first.
static SIGNS: [(&str, &[&str]); 12] = [
    ("€", &["EUR"]),
    (
        "$",
        &[
            "USD", "CAD", "AUD", "NZD", "SGD", "HKD", "TWD", "MXN", "ARS", "BBD", "BMD", "BND", "BSD", "CLP", "COP",
            "CUP", "DOP", "FJD", "GYD", "JMD", "KYD", "LRD", "NAD", "SBD", "SRD", "TTD", "UYU", "XCD",
        ],
    ),
    ("£", &["GBP", "EGP", "FKP", "GIP", "SHP"]),
    ("¥", &["JPY", "CNY"]),
    ("₹", &["INR"]),
    ("₩", &["KRW", "KPW"]),
    ("₽", &["RUB"]),
    ("₺", &["TRY"]),
    ("zł", &["PLN"]),
    ("Fr.", &["CHF"]),
    ("kr", &["SEK", "NOK", "DKK", "ISK"]),
    ("Kč", &["CZK"]),
];

/// Takes off what people write around a number: one currency sign or code, one sign, brackets.
/// Gives what is left, whether the number is negative, and the currency as it is written.
fn strip(text: &str) -> Option<(&str, bool, Option<&str>)> {
    let mut negative = false;
    let mut rest = text.trim();
    if let Some(inner) = rest.strip_prefix('(').and_then(|r| r.strip_suffix(')')) {
        negative = true;
        rest = inner.trim();
    }
    let (mut signs, mut currency) = (0, None);
    let is_bare = |rest: &str| {
        let bytes = rest.as_bytes();
        bytes.first().is_some_and(u8::is_ascii_digit) && bytes.last().is_some_and(u8::is_ascii_digit)
    };
    while !is_bare(rest) {
        let before = rest.len();
        for sign in ['-', '\u{2212}', '\u{2013}'] {
            if let Some(inner) = rest.strip_prefix(sign).or_else(|| rest.strip_suffix(sign)) {
                negative = true;
                signs += 1;
                rest = inner.trim();
            }
        }
        if let Some(inner) = rest.strip_prefix('+') {
            signs += 1;
            rest = inner.trim();
        }
        if currency.is_none()
            && let Some((written, inner)) = strip_currency(rest)
        {
            currency = Some(written);
            rest = inner;
        }
        if rest.len() == before {
            break;
        }
    }
    (signs <= 1).then_some((rest, negative, currency))
}

/// Takes a currency sign or three capital letters from either end.
fn strip_currency(text: &str) -> Option<(&str, &str)> {
    for (sign, _) in &SIGNS {
        if let Some(rest) = text.strip_prefix(sign).or_else(|| text.strip_suffix(sign)) {
            return Some((*sign, rest.trim()));
        }
    }
    let is_code = |code: &str| code.bytes().all(|b| b.is_ascii_uppercase());
    if let Some((code, rest)) = text.split_at_checked(3)
        && is_code(code)
    {
        return Some((code, rest.trim()));
    }
    let (rest, code) = text.split_at_checked(text.len().checked_sub(3)?)?;
    is_code(code).then(|| (code, rest.trim()))
}

/// The currency sign or code that is written beside a number.
pub fn written_currency(text: &str) -> Option<&str> {
    strip(text)?.2
}

/// The currencies that a sign or code can mean, likeliest first; none if it is no currency.
pub fn currencies(written: &str) -> &'static [&'static str] {
    match SIGNS.iter().find(|(sign, _)| *sign == written) {
        Some((_, meant)) => meant,
        None => CURRENCIES.binary_search(&written).ok().and_then(|at| CURRENCIES.get(at..=at)).unwrap_or_default(),
    }
}

/// Without what people put between digits for the eye.
fn without_gaps(text: &str) -> String {
    text.chars().filter(|c| !matches!(c, ' ' | '\u{a0}' | '\u{202f}' | '\u{2009}' | '\'' | '\u{2019}')).collect()
}

/// Digits in groups of three after the first: "1.234.567" with a point.
fn is_grouped(whole: &str, mark: char) -> bool {
    let mut groups = whole.split(mark);
    let first = groups.next().unwrap_or_default();
    (1..=3).contains(&first.len())
        && first.bytes().all(|b| b.is_ascii_digit())
        && groups.all(|g| g.len() == 3 && g.bytes().all(|b| b.is_ascii_digit()))
}

/// What a cell says about the decimal mark of its file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MarkVote {
    /// Not a number, or without any mark.
    None,
    /// A number that can be read either way: 1,234.
    Either,
    For(DecimalMark),
}

/// Looks at one cell for what it tells about the decimal mark.
pub fn mark_vote(text: &str) -> MarkVote {
    let Some((rest, ..)) = strip(text) else { return MarkVote::None };
    let digits = without_gaps(rest);
    if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit() || b == b'.' || b == b',') {
        return MarkVote::None;
    }
    let reads = |mark| parse_digits(&digits, mark).is_some();
    match (digits.contains(['.', ',']), reads(DecimalMark::Point), reads(DecimalMark::Comma)) {
        (false, ..) | (_, false, false) => MarkVote::None,
        (_, true, true) => MarkVote::Either,
        (_, true, false) => MarkVote::For(DecimalMark::Point),
        (_, false, true) => MarkVote::For(DecimalMark::Comma),
    }
}

fn parse_digits(digits: &str, mark: DecimalMark) -> Option<Decimal> {
    let (decimal, group) = match mark {
        DecimalMark::Point => ('.', ','),
        DecimalMark::Comma => (',', '.'),
    };
    let (whole, fraction) = digits.split_once(decimal).unwrap_or((digits, ""));
    if !fraction.bytes().all(|b| b.is_ascii_digit()) || (whole.is_empty() && fraction.is_empty()) {
        return None;
    }
    let whole_ok = if whole.contains(group) {
        is_grouped(whole, group) && !whole.starts_with('0')
    } else {
        whole.bytes().all(|b| b.is_ascii_digit())
    };
    if !whole_ok {
        return None;
    }
    let plain: String = whole.chars().filter(|c| *c != group).collect();
    format!("{}.{}", if plain.is_empty() { "0" } else { &plain }, if fraction.is_empty() { "0" } else { fraction })
        .parse()
        .ok()
}

/// An amount of money or a quantity: at most fourteen digits before the mark and four after it.
pub fn amount(text: &str, mark: DecimalMark) -> Result<Decimal, String> {
    let not_a_number = || "This is not a number.".to_owned();
    let (rest, negative, _) = strip(text).ok_or_else(not_a_number)?;
    let digits = without_gaps(rest);
    if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit() || b == b'.' || b == b',') {
        return Err(not_a_number());
    }
    if digits.bytes().filter(u8::is_ascii_digit).count() > 28 {
        return Err("This number is out of range: at most 14 digits before the decimal mark.".into());
    }
    let Some(value) = parse_digits(&digits, mark) else {
        let other = match mark {
            DecimalMark::Point => DecimalMark::Comma,
            DecimalMark::Comma => DecimalMark::Point,
        };
        return Err(if parse_digits(&digits, other).is_some() {
            match mark {
                DecimalMark::Point => {
                    "This number has a decimal comma, but the file's decimal mark is the point.".into()
                }
                DecimalMark::Comma => {
                    "This number has a decimal point, but the file's decimal mark is the comma.".into()
                }
            }
        } else {
            not_a_number()
        });
    };
    if value.trunc() >= Decimal::from(AMOUNT_LIMIT) {
        return Err("This number is out of range: at most 14 digits before the decimal mark.".into());
    }
    let value = value.normalize();
    if value.scale() > 4 {
        return Err("This number has more than four places after the decimal mark.".into());
    }
    Ok(if negative { -value } else { value })
}

/// Month names and their usual abbreviations in English, German, French and Spanish.
const MONTHS: [&[&str]; 12] = [
    &["jan", "january", "januar", "jän", "jänner", "janvier", "janv", "enero", "ene"],
    &["feb", "february", "februar", "février", "févr", "fév", "febrero"],
    &["mar", "march", "mär", "märz", "mrz", "mars", "marzo"],
    &["apr", "april", "avril", "avr", "abril", "abr"],
    &["may", "mai", "mayo"],
    &["jun", "june", "juni", "juin", "junio"],
    &["jul", "july", "juli", "juillet", "juil", "julio"],
    &["aug", "august", "août", "aout", "agosto", "ago"],
    &["sep", "sept", "september", "septembre", "septiembre"],
    &["oct", "october", "okt", "oktober", "octobre", "octubre"],
    &["nov", "november", "novembre", "noviembre"],
    &["dec", "december", "dez", "dezember", "décembre", "déc", "diciembre", "dic"],
];

fn month_name(text: &str) -> Option<u32> {
    let name = text.trim_end_matches('.').to_lowercase();
    (1u32..).zip(MONTHS).find(|(_, names)| names.contains(&name.as_str())).map(|(number, _)| number)
}

/// The three parts of a date in the order in which they are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Parts {
    /// Year, month and day are certain.
    Certain(i32, u32, u32),
    /// Two numbers whose order is the file's, and the year.
    DayAndMonth(u32, u32, i32),
    /// Two digits each: 26/12/31 or 31/12/26.
    Short(u32, u32, u32),
}

fn full_year(two_digits: u32) -> i32 {
    // Like POSIX: 69 and later are of the last century.
    i32::try_from(two_digits).unwrap_or(0) + if two_digits >= 69 { 1900 } else { 2000 }
}

fn parts(text: &str) -> Option<Parts> {
    let text = text.trim();
    // A time of day after the date says nothing about the day.
    let day = match text.find(['T', ' ']) {
        Some(at)
            if text[at + 1..].trim_start().contains(':')
                && text.as_bytes().get(at + 1).is_some_and(u8::is_ascii_digit)
                && at >= 6 =>
        {
            &text[..at]
        }
        _ => text,
    };
    if day.len() == 8 && day.bytes().all(|b| b.is_ascii_digit()) {
        return Some(Parts::Certain(day[..4].parse().ok()?, day[4..6].parse().ok()?, day[6..].parse().ok()?));
    }
    let words: Vec<&str> = day.split(['-', '/', '.', ' ', ',', '\u{a0}']).filter(|w| !w.is_empty()).collect();
    let [a, b, c] = words.as_slice() else { return None };
    let number =
        |w: &str| (w.len() <= 4 && w.bytes().all(|b| b.is_ascii_digit())).then(|| w.parse::<u32>().ok()).flatten();
    let ordinal = |w: &str| number(w.trim_end_matches(|c: char| c.is_ascii_alphabetic()));
    let year = |w: &str| match w.len() {
        4 => w.parse::<i32>().ok(),
        2 => Some(full_year(w.parse().ok()?)),
        _ => None,
    };
    if let Some(month) = month_name(b) {
        return if a.len() == 4 && number(a).is_some() {
            Some(Parts::Certain(year(a)?, month, ordinal(c)?))
        } else {
            Some(Parts::Certain(year(c)?, month, ordinal(a)?))
        };
    }
    if let Some(month) = month_name(a) {
        return Some(Parts::Certain(year(c)?, month, ordinal(b)?));
    }
    let (x, y, z) = (number(a)?, number(b)?, number(c)?);
    match (a.len(), b.len(), c.len()) {
        (4, 1..=2, 1..=2) => Some(Parts::Certain(i32::try_from(x).ok()?, y, z)),
        (1..=2, 1..=2, 4) => Some(Parts::DayAndMonth(x, y, i32::try_from(z).ok()?)),
        (1..=2, 1..=2, 2) => Some(Parts::Short(x, y, z)),
        _ => None,
    }
}

/// A day written in `order`, or in a way that needs none (ISO, or with the month's name).
pub fn date(text: &str, order: DateOrder) -> Result<NaiveDate, String> {
    let Some(parts) = parts(text) else {
        return Err("This is not a date.".into());
    };
    let (year, month, day) = match (parts, order) {
        (Parts::Certain(year, month, day), _) => (year, month, day),
        (Parts::DayAndMonth(month, day, year), DateOrder::MonthFirst) => (year, month, day),
        // The year stands last, so it is not written year first: the day comes first then.
        (Parts::DayAndMonth(day, month, year), DateOrder::DayFirst | DateOrder::YearFirst) => (year, month, day),
        (Parts::Short(day, month, year), DateOrder::DayFirst) => (full_year(year), month, day),
        (Parts::Short(month, day, year), DateOrder::MonthFirst) => (full_year(year), month, day),
        (Parts::Short(year, month, day), DateOrder::YearFirst) => (full_year(year), month, day),
    };
    if !(1..=12).contains(&month) {
        return Err(format!("This date does not exist: there is no month {month}. Is the date order right?"));
    }
    let date = NaiveDate::from_ymd_opt(year, month, day)
        .ok_or_else(|| format!("This date does not exist: that month has no day {day}."))?;
    if !(1900..=2200).contains(&date.year()) {
        return Err("Dates go from 1900 to 2200.".into());
    }
    Ok(date)
}

/// A month, as its first day: "2026-11", "11/2026", "Nov 2026", or any day in it.
pub fn month(text: &str, order: DateOrder) -> Result<NaiveDate, String> {
    let words: Vec<&str> = text.trim().split(['-', '/', '.', ' ', '\u{a0}']).filter(|w| !w.is_empty()).collect();
    let number = |w: &str| w.bytes().all(|b| b.is_ascii_digit()).then(|| w.parse::<u32>().ok()).flatten();
    let date = match words.as_slice() {
        [a, b] => {
            let (year, month) = if a.len() == 4 && number(a).is_some() { (*a, *b) } else { (*b, *a) };
            let month = month_name(month).or_else(|| number(month));
            let year = match year.len() {
                4 => number(year).and_then(|y| i32::try_from(y).ok()),
                2 => number(year).map(full_year),
                _ => None,
            };
            let (Some(year), Some(month)) = (year, month) else { return Err("This is not a month.".into()) };
            NaiveDate::from_ymd_opt(year, month, 1).ok_or_else(|| format!("There is no month {month}."))?
        }
        [one] if one.len() == 6 && number(one).is_some() => {
            let (year, month) = (number(&one[..4]).unwrap_or_default(), number(&one[4..]).unwrap_or_default());
            NaiveDate::from_ymd_opt(i32::try_from(year).unwrap_or_default(), month, 1)
                .ok_or_else(|| format!("There is no month {month}."))?
        }
        _ => date(text, order).map_err(|e| e.replace("not a date", "not a month"))?,
    };
    if !(1900..=2200).contains(&date.year()) {
        return Err("Months go from 1900 to 2200.".into());
    }
    Ok(date.with_day(1).unwrap_or(date))
}

/// Which orders would read this cell as an existing day: none if it is no date, all if it needs no order.
pub fn possible_orders(text: &str) -> Vec<(DateOrder, NaiveDate)> {
    match parts(text) {
        None | Some(Parts::Certain(..)) => Vec::new(),
        Some(found) => DateOrder::ALL
            .iter()
            .filter(|order| !(matches!(found, Parts::DayAndMonth(..)) && **order == DateOrder::YearFirst))
            .filter_map(|order| Some((*order, date(text, *order).ok()?)))
            .collect(),
    }
}

/// Whether the cell is a date that is clear without any order.
pub fn is_clear_date(text: &str) -> bool {
    matches!(parts(text), Some(Parts::Certain(..)))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]
    use super::*;
    use proptest::prelude::*;

    fn d(text: &str) -> Decimal {
        text.parse().unwrap()
    }

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn amounts_as_people_write_them() {
        use DecimalMark::{Comma, Point};
        for (text, mark, value) in [
            ("1,234.56", Point, "1234.56"),
            ("1.234,56", Comma, "1234.56"),
            ("1 234 567,8", Comma, "1234567.8"),
            ("1\u{a0}234,50 €", Comma, "1234.5"),
            ("1'234.50", Point, "1234.5"),
            ("$ -12.00", Point, "-12"),
            ("-$12", Point, "-12"),
            ("(1,200.00)", Point, "-1200"),
            ("(€ 5,10)", Comma, "-5.1"),
            ("12.50-", Point, "-12.5"),
            ("\u{2212}3", Point, "-3"),
            ("+7", Point, "7"),
            ("EUR 1.000", Comma, "1000"),
            ("99 USD", Point, "99"),
            ("CHF 1’250.05", Point, "1250.05"),
            (".5", Point, "0.5"),
            ("5.", Point, "5"),
            ("007", Point, "7"),
            ("1.5000000", Point, "1.5"),
        ] {
            assert_eq!(amount(text, mark), Ok(d(value)), "{text}");
        }
    }

    #[test]
    fn what_is_no_amount_is_refused_with_the_reason() {
        use DecimalMark::{Comma, Point};
        for (text, mark, reason) in [
            ("abc", Point, "not a number"),
            ("", Point, "not a number"),
            ("1E5", Point, "not a number"),
            ("12,50", Point, "decimal comma"),
            ("12.50", Comma, "decimal point"),
            ("1,2,3", Point, "not a number"),
            ("--5", Point, "not a number"),
            ("1.23456", Point, "four places"),
            ("100000000000000", Point, "out of range"),
            ("99999999999999999999999999999999999999", Point, "out of range"),
            ("12 %", Point, "not a number"),
            ("NaN", Point, "not a number"),
            ("ABCDEF16,00", Comma, "not a number"),
            ("EUR 12 USD", Point, "not a number"),
            ("$12 €", Point, "not a number"),
            ("12 pcs", Point, "not a number"),
        ] {
            assert!(amount(text, mark).unwrap_err().contains(reason), "{text}: {:?}", amount(text, mark));
        }
    }

    #[test]
    fn the_currency_beside_a_number_is_known() {
        for (text, written, likeliest) in [
            ("12,00 USD", Some("USD"), Some("USD")),
            ("-EUR 5", Some("EUR"), Some("EUR")),
            ("$ -13.00", Some("$"), Some("USD")),
            ("(£14,00)", Some("£"), Some("GBP")),
            ("1.234,50 zł", Some("zł"), Some("PLN")),
            ("9 ABC", Some("ABC"), None),
            ("1 234.50", None, None),
            ("-7", None, None),
        ] {
            assert_eq!(written_currency(text), written, "{text}");
            assert_eq!(written.and_then(|w| currencies(w).first().copied()), likeliest, "{text}");
        }
        assert!(currencies("$").contains(&"CAD") && currencies("¥").contains(&"CNY"));
        assert!(CURRENCIES.is_sorted(), "codes are searched by halves");
        assert!(SIGNS.iter().flat_map(|(_, meant)| *meant).all(|code| CURRENCIES.contains(code)));
    }

    #[test]
    fn a_cell_votes_for_the_mark_that_alone_can_read_it() {
        use DecimalMark::{Comma, Point};
        for (text, vote) in [
            ("12,5", MarkVote::For(Comma)),
            ("1.234.567", MarkVote::For(Comma)),
            ("1,234,567.00", MarkVote::For(Point)),
            ("0,125", MarkVote::For(Comma)),
            ("1,234", MarkVote::Either),
            ("1234", MarkVote::None),
            ("31.12.2026", MarkVote::None),
        ] {
            assert_eq!(mark_vote(text), vote, "{text}");
        }
    }

    #[test]
    fn dates_as_people_write_them() {
        use DateOrder::{DayFirst, MonthFirst, YearFirst};
        for (text, order, value) in [
            ("2026-11-03", DayFirst, "2026-11-03"),
            ("2026/11/03", MonthFirst, "2026-11-03"),
            ("20261103", DayFirst, "2026-11-03"),
            ("03/11/2026", DayFirst, "2026-11-03"),
            ("03/11/2026", MonthFirst, "2026-03-11"),
            ("3.11.2026", DayFirst, "2026-11-03"),
            ("3.11.26", DayFirst, "2026-11-03"),
            ("26-11-03", YearFirst, "2026-11-03"),
            ("31/12/99", DayFirst, "1999-12-31"),
            ("3 Nov 2026", MonthFirst, "2026-11-03"),
            ("Nov 3, 2026", DayFirst, "2026-11-03"),
            ("3-Nov-26", DayFirst, "2026-11-03"),
            ("3. März 2026", DayFirst, "2026-03-03"),
            ("2026-11-03T10:15:00Z", DayFirst, "2026-11-03"),
            ("2026-11-03 10:15", DayFirst, "2026-11-03"),
            ("29/02/2024", DayFirst, "2024-02-29"),
        ] {
            assert_eq!(date(text, order), Ok(day(value)), "{text}");
        }
        for (text, order, reason) in [
            ("31/02/2026", DayFirst, "no day 31"),
            ("13/31/2026", DayFirst, "no month 31"),
            ("2026-13-01", DayFirst, "no month 13"),
            ("yesterday", DayFirst, "not a date"),
            ("1/1/1066", DayFirst, "1900"),
            ("12.50", DayFirst, "not a date"),
            ("", DayFirst, "not a date"),
            ("1/2/3/4", DayFirst, "not a date"),
        ] {
            assert!(date(text, order).unwrap_err().contains(reason), "{text}: {:?}", date(text, order));
        }
    }

    #[test]
    fn months_as_people_write_them() {
        for text in ["2026-11", "11/2026", "Nov 2026", "November 2026", "202611", "2026-11-17", "17.11.2026", "11.26"] {
            assert_eq!(month(text, DateOrder::DayFirst), Ok(day("2026-11-01")), "{text}");
        }
        assert!(month("2026-13", DateOrder::DayFirst).is_err());
        assert!(month("soon", DateOrder::DayFirst).is_err());
    }

    proptest! {
        #[test]
        fn any_amount_survives_being_written(cents in -9_999_999_999_999i64..9_999_999_999_999) {
            let value = Decimal::new(cents, 2);
            let english = crate::format::number(value, 2);
            prop_assert_eq!(amount(&english, DecimalMark::Point), Ok(value.normalize()));
            let german: String = english.chars().map(|c| match c { ',' => '.', '.' => ',', c => c }).collect();
            prop_assert_eq!(amount(&german, DecimalMark::Comma), Ok(value.normalize()));
        }

        #[test]
        fn nothing_from_a_file_can_make_it_panic(text in "\\PC{0,20}") {
            for order in DateOrder::ALL {
                let _ = date(&text, *order);
                let _ = month(&text, *order);
            }
            let _ = amount(&text, DecimalMark::Point);
            let _ = mark_vote(&text);
            let _ = possible_orders(&text);
        }

        #[test]
        fn any_day_survives_being_written(days in 0i64..100_000) {
            let value = day("1901-01-01") + chrono::Duration::days(days);
            for (format, order) in [("%Y-%m-%d", DateOrder::DayFirst), ("%d/%m/%Y", DateOrder::DayFirst),
                                    ("%m/%d/%Y", DateOrder::MonthFirst), ("%e %B %Y", DateOrder::YearFirst)] {
                prop_assert_eq!(date(&value.format(format).to_string(), order), Ok(value));
            }
        }
    }
}
