//! Parsers of single values, with messages for the person who typed them. Forms, the API and imports share
//! them, so that one rule holds wherever a value comes from. The limits are those of the tables.

use chrono::{DateTime, Datelike, NaiveDate, Utc};
use rust_decimal::Decimal;
use serde::{Deserialize, Deserializer, de};

/// Places after the point that an amount, a quantity or a price may have.
pub const MAX_DECIMALS: u32 = 4;
/// Amounts are smaller than this, on both sides of zero: `numeric(18, 4)`.
pub const AMOUNT_LIMIT: i64 = 100_000_000_000_000;
pub const MAX_REFERENCE: usize = 100;
pub const MAX_CATEGORY: usize = 100;
pub const MAX_DEPARTMENT: usize = 100;
pub const MAX_PARTY: usize = 200;
pub const MAX_NAME: usize = 200;
pub const MAX_SKU: usize = 100;
pub const MAX_NOTE: usize = 2000;

/// The first and last day that a record may carry.
pub const FIRST_DAY: NaiveDate = match NaiveDate::from_ymd_opt(1900, 1, 1) {
    Some(day) => day,
    None => NaiveDate::MIN,
};
pub const LAST_DAY: NaiveDate = match NaiveDate::from_ymd_opt(2200, 12, 31) {
    Some(day) => day,
    None => NaiveDate::MAX,
};

/// A decimal number with a point: `1234.5`, `-12`, `1,234.50`. Commas may only group thousands.
pub fn parse_amount(text: &str) -> Result<Decimal, String> {
    let text = text.trim().replace('\u{2212}', "-");
    if text.is_empty() {
        return Err("Enter an amount.".into());
    }
    let (sign, digits) = match text.strip_prefix(['-', '+']) {
        Some(rest) => (if text.starts_with('-') { "-" } else { "" }, rest),
        None => ("", text.as_str()),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
    let whole = ungroup(whole).filter(|w| !w.is_empty() && w.len() <= 28);
    let (Some(whole), false) = (whole, fraction.is_empty() || !fraction.bytes().all(|b| b.is_ascii_digit())) else {
        return Err("This is not a number. Write it like 1234.50.".into());
    };
    let fraction = fraction.trim_end_matches('0');
    if fraction.len() > MAX_DECIMALS as usize {
        return Err(format!("At most {MAX_DECIMALS} places after the point."));
    }
    let point = if fraction.is_empty() { "" } else { "." };
    match format!("{sign}{whole}{point}{fraction}").parse::<Decimal>() {
        Ok(value) => check_amount(value),
        Err(_) => Err("This number is too large.".into()),
    }
}

/// The range and precision of [`parse_amount`], for a number that is one already.
pub fn check_amount(value: Decimal) -> Result<Decimal, String> {
    let value = value.normalize();
    if value.abs() >= Decimal::from(AMOUNT_LIMIT) {
        Err("This number is too large: it must be below 100 trillion.".into())
    } else if value.scale() > MAX_DECIMALS {
        Err(format!("At most {MAX_DECIMALS} places after the point."))
    } else if value.is_zero() {
        Ok(Decimal::ZERO)
    } else {
        Ok(value)
    }
}

/// As [`parse_amount`], and not below zero.
pub fn parse_positive(text: &str) -> Result<Decimal, String> {
    match parse_amount(text)? {
        value if value < Decimal::ZERO => Err("This cannot be negative.".into()),
        value => Ok(value),
    }
}

/// Takes commas out of `1,234,567`; `None` where they do not group thousands or something else is no digit.
fn ungroup(whole: &str) -> Option<String> {
    let mut groups = whole.split(',');
    let first = groups.next()?;
    let grouped = whole.contains(',');
    let digits = |g: &str| g.bytes().all(|b| b.is_ascii_digit());
    if !digits(first) || (grouped && !(1..=3).contains(&first.len())) {
        return None;
    }
    groups.all(|g| g.len() == 3 && digits(g)).then(|| whole.replace(',', ""))
}

/// A day as `2026-11-20`, between 1900 and 2200.
pub fn parse_date(text: &str) -> Result<NaiveDate, String> {
    let text = text.trim();
    if text.is_empty() {
        return Err("Enter a date.".into());
    }
    // chrono would also take "2026-1-5"; one way of writing keeps URLs and files comparable.
    let date = Some(text).filter(|t| t.len() == 10).and_then(|t| NaiveDate::parse_from_str(t, "%Y-%m-%d").ok());
    check_date(date.ok_or("This is not a date. Write it like 2026-11-20.")?)
}

/// The range of [`parse_date`], for a date that is one already.
pub fn check_date(date: NaiveDate) -> Result<NaiveDate, String> {
    if (FIRST_DAY..=LAST_DAY).contains(&date) { Ok(date) } else { Err("The year must be from 1900 to 2200.".into()) }
}

/// A month as `2026-11` or any day in it; gives its first day.
pub fn parse_month(text: &str) -> Result<NaiveDate, String> {
    let text = text.trim();
    if text.is_empty() {
        return Err("Enter a month.".into());
    }
    let day = if text.len() == 7 { parse_date(&format!("{text}-01")) } else { parse_date(text) };
    day.map_err(|_| "This is not a month between 1900 and 2200. Write it like 2026-11.".to_owned())
        .map(|d| d.with_day(1).unwrap_or(d))
}

/// An ISO 4217 code in any case: three letters.
pub fn parse_currency(text: &str) -> Result<String, String> {
    let code = text.trim().to_ascii_uppercase();
    if code.is_empty() {
        Err("Enter a currency.".into())
    } else if code.len() == 3 && code.bytes().all(|b| b.is_ascii_uppercase()) {
        Ok(code)
    } else {
        Err("This is not a currency code. Write three letters, like USD.".into())
    }
}

/// One line of text, trimmed; `None` when empty.
pub fn parse_line(text: &str, max: usize) -> Result<Option<String>, String> {
    let text = text.trim();
    if text.chars().any(char::is_control) {
        return Err("This must be one line without control characters.".into());
    }
    check_length(text, max)?;
    Ok((!text.is_empty()).then(|| text.to_owned()))
}

/// As [`parse_line`], but something must be there.
pub fn parse_required_line(text: &str, max: usize, missing: &str) -> Result<String, String> {
    parse_line(text, max)?.ok_or_else(|| missing.to_owned())
}

/// Text that may have several lines, trimmed, with line feeds only.
pub fn parse_text(text: &str, max: usize) -> Result<String, String> {
    let text = text.trim().replace("\r\n", "\n");
    if text.chars().any(|c| c.is_control() && c != '\n' && c != '\t') {
        return Err("This contains a character that cannot be stored.".into());
    }
    check_length(&text, max)?;
    Ok(text)
}

fn check_length(text: &str, max: usize) -> Result<(), String> {
    let length = text.chars().count();
    if length > max { Err(format!("At most {max} characters; this has {length}.")) } else { Ok(()) }
}

/// The moment that a form's or a client's copy of a row is from; empty when it does not say.
pub fn parse_version(text: &str) -> Result<Option<DateTime<Utc>>, String> {
    match text.trim() {
        "" => Ok(None),
        text => DateTime::parse_from_rfc3339(text)
            .map(|t| Some(t.to_utc()))
            .map_err(|_| "This is not the updated_at that this record came with.".into()),
    }
}

/// Lets a JSON client write text, a number or nothing where a form sends text. Numbers that JSON readers
/// round (more than 15 digits) have to be sent as text.
pub fn text_or_number<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Input {
        Text(String),
        Number(serde_json::Number),
        Nothing(()),
    }
    match Input::deserialize(deserializer) {
        Ok(Input::Text(text)) => Ok(text),
        Ok(Input::Number(number)) => {
            let text = number.to_string();
            if text.contains(['e', 'E']) || text.bytes().filter(u8::is_ascii_digit).count() > 15 {
                return Err(de::Error::custom("send numbers of more than 15 digits as text"));
            }
            Ok(text)
        }
        Ok(Input::Nothing(())) => Ok(String::new()),
        Err(_) => Err(de::Error::custom("expected text or a number")),
    }
}

/// Lets a JSON client write null for no text.
pub fn text_or_null<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    Option::<String>::deserialize(deserializer).map(Option::unwrap_or_default)
}

/// An enum whose values are words in the database, in JSON and in forms, each with a label for people.
macro_rules! choices {
    ($(#[$doc:meta])* $name:ident, $what:literal { $($(#[$variant_doc:meta])* $variant:ident = $word:literal, $label:literal;)+ }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
        #[cfg_attr(feature = "ssr", derive(sqlx::Type, utoipa::ToSchema), sqlx(type_name = "text", rename_all = "lowercase"))]
        #[serde(rename_all = "lowercase")]
        pub enum $name { $($(#[$variant_doc])* $variant,)+ }

        impl $name {
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The word that is stored and sent.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word,)+ }
            }

            /// For people.
            pub const fn label(self) -> &'static str {
                match self { $(Self::$variant => $label,)+ }
            }
        }

        impl std::str::FromStr for $name {
            type Err = String;
            fn from_str(text: &str) -> Result<Self, String> {
                let word = text.trim();
                Self::ALL.iter().copied().find(|c| c.as_str().eq_ignore_ascii_case(word)).ok_or_else(|| {
                    let words: Vec<&str> = Self::ALL.iter().map(|c| c.as_str()).collect();
                    if word.is_empty() {
                        format!("Choose {}.", $what)
                    } else {
                        format!("“{word}” is not {}: use {}.", $what, words.join(" or "))
                    }
                })
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }
    };
}
pub(crate) use choices;

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn amounts_are_read_as_they_are_typed() {
        for (text, value) in [
            ("12", "12"),
            (" -1,234,567.8900 ", "-1234567.89"),
            ("\u{2212}0.0001", "-0.0001"),
            ("+5.5", "5.5"),
            ("0.00000", "0"),
            ("-0", "0"),
            ("99999999999999.9999", "99999999999999.9999"),
        ] {
            assert_eq!(parse_amount(text).unwrap().to_string(), value, "{text}");
        }
    }

    #[test]
    fn what_is_not_an_amount_is_refused() {
        for text in [
            "",
            "abc",
            "1.2.3",
            "1,5",
            "12,34.5",
            ",5",
            ".5",
            "5.",
            "1e5",
            "--1",
            "1.00001",
            "100000000000000",
            "NaN",
            "٣",
            "0x1",
        ] {
            assert!(parse_amount(text).is_err(), "{text}");
        }
        assert!(parse_amount(&"9".repeat(400)).is_err());
        assert!(parse_positive("-1").is_err());
    }

    #[test]
    fn dates_have_one_form_and_a_range() {
        assert_eq!(parse_date("2024-02-29").unwrap().to_string(), "2024-02-29");
        for text in ["2023-02-29", "2024-2-9", "09/02/2024", "1899-12-31", "2201-01-01", "", "2024-02-29T00:00"] {
            assert!(parse_date(text).is_err(), "{text}");
        }
        assert_eq!(parse_month("2026-11").unwrap().to_string(), "2026-11-01");
        assert_eq!(parse_month("2026-11-17").unwrap().to_string(), "2026-11-01");
        assert!(parse_month("2026-13").is_err());
    }

    #[test]
    fn text_that_the_database_cannot_hold_is_refused() {
        assert!(parse_line("a\0b", 10).is_err());
        assert!(parse_line("a\nb", 10).is_err());
        assert_eq!(parse_line("  ", 10).unwrap(), None);
        assert_eq!(parse_line("äöü", 3).unwrap().as_deref(), Some("äöü"));
        assert!(parse_line("äöüß", 3).is_err());
        assert_eq!(parse_text(" a\r\nb ", 10).unwrap(), "a\nb");
        assert!(parse_text("a\0", 10).is_err());
    }

    #[test]
    fn json_numbers_keep_their_digits_or_are_refused() {
        #[derive(Deserialize)]
        struct Row {
            #[serde(deserialize_with = "text_or_number")]
            amount: String,
        }
        let read = |json: &str| serde_json::from_str::<Row>(json).map(|r| r.amount);
        assert_eq!(read(r#"{"amount": 12.1}"#).unwrap(), "12.1");
        assert_eq!(read(r#"{"amount": "12.10"}"#).unwrap(), "12.10");
        assert_eq!(read(r#"{"amount": -3}"#).unwrap(), "-3");
        assert_eq!(read(r#"{"amount": null}"#).unwrap(), "");
        assert!(read(r#"{"amount": 12345678901234.5678}"#).is_err());
        assert!(read(r#"{"amount": [1]}"#).is_err());
    }

    proptest! {
        #[test]
        fn every_storable_amount_survives_being_written_and_read(units in -999_999_999_999_999_999i64..=999_999_999_999_999_999) {
            let value = Decimal::new(units, 4);
            prop_assert_eq!(parse_amount(&value.to_string()).unwrap(), value);
            prop_assert_eq!(parse_amount(&crate::format::number(value, 4)).unwrap(), value);
        }

        #[test]
        fn no_text_breaks_a_parser(text in "\\PC{0,40}|[-+0-9.,]{0,40}") {
            let _ = parse_amount(&text);
            let _ = parse_date(&text);
            let _ = parse_month(&text);
            let _ = parse_currency(&text);
            let _ = parse_version(&text);
        }
    }
}
