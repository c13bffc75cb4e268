//! Numbers, money and dates as people read them; the same on the server and in the browser.

use crate::zone::Zone;
use chrono::{DateTime, Datelike, NaiveDate, Utc};
use rust_decimal::{Decimal, RoundingStrategy};

/// "1,234,567.80": grouped, with exactly `decimals` places.
pub fn number(value: Decimal, decimals: u32) -> String {
    let rounded = value.round_dp_with_strategy(decimals, RoundingStrategy::MidpointAwayFromZero);
    let text = format!("{:.*}", decimals as usize, rounded.abs());
    let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
    let mut out = String::with_capacity(text.len() + whole.len() / 3 + 2);
    if rounded.is_sign_negative() && !rounded.is_zero() {
        out.push('\u{2212}');
    }
    for (i, digit) in whole.chars().enumerate() {
        if i > 0 && (whole.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    if !fraction.is_empty() {
        out.push('.');
        out.push_str(fraction);
    }
    out
}

/// How many places an ISO 4217 currency has; 2 unless it is known to differ.
pub fn currency_decimals(currency: &str) -> u32 {
    match currency {
        "BIF" | "CLP" | "DJF" | "GNF" | "ISK" | "JPY" | "KMF" | "KRW" | "PYG" | "RWF" | "UGX" | "VND" | "VUV"
        | "XAF" | "XOF" | "XPF" => 0,
        "BHD" | "IQD" | "JOD" | "KWD" | "LYD" | "OMR" | "TND" => 3,
        _ => 2,
    }
}

/// The sign before the number, or the code and a space where there is no sign that everybody knows.
fn currency_prefix(currency: &str) -> String {
    match currency {
        "USD" => "$".into(),
        "EUR" => "€".into(),
        "GBP" => "£".into(),
        "JPY" => "¥".into(),
        "INR" => "₹".into(),
        "KRW" => "₩".into(),
        other => format!("{other}\u{a0}"),
    }
}

/// Puts the currency between the sign and the digits of a formatted number: "−$12.00".
pub fn with_currency(formatted: &str, currency: &str) -> String {
    let prefix = currency_prefix(currency);
    match formatted.strip_prefix('\u{2212}') {
        Some(digits) => format!("\u{2212}{prefix}{digits}"),
        None => format!("{prefix}{formatted}"),
    }
}

/// "$1,234.50", with the currency's own number of places.
pub fn money(amount: Decimal, currency: &str) -> String {
    with_currency(&number(amount, currency_decimals(currency)), currency)
}

/// Like [`money`], but never rounded: "$0.0375" where an amount has more places than its currency.
pub fn money_exact(amount: Decimal, currency: &str) -> String {
    let decimals = currency_decimals(currency).max(amount.normalize().scale());
    with_currency(&number(amount, decimals), currency)
}

/// A number short enough for a card, and its magnitude: ("39.42", "M"), ("850", "").
pub fn compact_parts(value: Decimal) -> (String, &'static str) {
    compact_parts_to(value, None)
}

/// Like [`compact_parts`], with a fixed number of places where one is given.
pub fn compact_parts_to(value: Decimal, decimals: Option<u32>) -> (String, &'static str) {
    let magnitude = value.abs();
    let (scaled, suffix) = if magnitude >= Decimal::from(999_950_000_000u64) {
        (value / Decimal::from(1_000_000_000_000u64), "T")
    } else if magnitude >= Decimal::from(999_950_000u64) {
        (value / Decimal::from(1_000_000_000u64), "B")
    } else if magnitude >= Decimal::from(999_950u64) {
        (value / Decimal::from(1_000_000u64), "M")
    } else if magnitude >= Decimal::from(10_000u64) {
        (value / Decimal::from(1_000u64), "K")
    } else {
        (value, "")
    };
    let decimals = decimals.unwrap_or(if suffix.is_empty() && scaled.fract().is_zero() {
        0
    } else if scaled.abs() < Decimal::ONE_HUNDRED {
        2
    } else {
        1
    });
    (number(scaled, decimals), suffix)
}

/// Like [`compact_parts_to`]; an amount that is written out has all places of its currency, or none.
pub fn compact_money_parts(amount: Decimal, currency: &str, decimals: Option<u32>) -> (String, &'static str) {
    let written_out = amount.abs() < Decimal::from(10_000u64) && !amount.fract().is_zero();
    compact_parts_to(amount, decimals.or(written_out.then(|| currency_decimals(currency))))
}

/// Labels for the ticks of an axis: one magnitude for all, and just as many places as tell them apart.
/// Zero is "0", in any currency.
pub fn axis(ticks: &[Decimal], currency: Option<&str>) -> Vec<String> {
    let largest = ticks.iter().map(Decimal::abs).max().unwrap_or_default();
    let (unit, suffix) = [(1_000_000_000_000u64, "T"), (1_000_000_000, "B"), (1_000_000, "M"), (10_000, "K")]
        .into_iter()
        .find(|(from, _)| largest >= Decimal::from(*from))
        .map_or((Decimal::ONE, ""), |(from, s)| (Decimal::from(if s == "K" { 1_000 } else { from }), s));
    let scaled: Vec<Decimal> = ticks.iter().map(|t| (t / unit).normalize()).collect();
    let decimals = scaled.iter().map(Decimal::scale).max().unwrap_or(0).min(6);
    scaled
        .iter()
        .map(|tick| {
            if tick.is_zero() {
                return "0".into();
            }
            let text = number(*tick, decimals);
            let text = currency.map_or_else(|| text.clone(), |code| with_currency(&text, code));
            if suffix.is_empty() { text } else { format!("{text}\u{a0}{suffix}") }
        })
        .collect()
}

/// "39.42 M".
pub fn compact(value: Decimal) -> String {
    let (text, suffix) = compact_parts(value);
    if suffix.is_empty() { text } else { format!("{text}\u{a0}{suffix}") }
}

/// "$39.42 M".
pub fn compact_money(amount: Decimal, currency: &str) -> String {
    let (text, suffix) = compact_money_parts(amount, currency, None);
    let text = if suffix.is_empty() { text } else { format!("{text}\u{a0}{suffix}") };
    with_currency(&text, currency)
}

/// "41.8 %": `value` is already in percent.
pub fn percent(value: Decimal, decimals: u32) -> String {
    format!("{}\u{a0}%", number(value, decimals))
}

/// A share of a whole, in percent: "41.8 %", and all of it "100 %".
pub fn share(value: Decimal) -> String {
    let rounded = value.round_dp_with_strategy(1, RoundingStrategy::MidpointAwayFromZero);
    percent(rounded, u32::from(rounded != Decimal::ONE_HUNDRED))
}

/// "2.1 pp": by how many percentage points something in percent differs.
pub fn points(value: Decimal, decimals: u32) -> String {
    format!("{}\u{a0}pp", number(value, decimals))
}

/// "2 d 3 h", "4 min 10 s", "850 ms": the two largest parts.
pub fn duration(seconds: Decimal) -> String {
    if seconds.abs() < Decimal::ONE {
        return format!("{}\u{a0}ms", number(seconds * Decimal::ONE_THOUSAND, 0));
    }
    let sign = if seconds.is_sign_negative() { "\u{2212}" } else { "" };
    let mut rest: u64 = seconds.abs().round().try_into().unwrap_or(u64::MAX);
    let mut parts = Vec::new();
    for (size, unit) in [(86_400, "d"), (3_600, "h"), (60, "min"), (1, "s")] {
        let count = rest / size;
        rest %= size;
        if count > 0 {
            parts.push(format!("{count}\u{a0}{unit}"));
        }
    }
    parts.truncate(2);
    format!("{sign}{}", parts.join(" "))
}

/// "8 Nov 2026".
pub fn date(date: NaiveDate) -> String {
    date.format("%-d %b %Y").to_string()
}

/// "Nov 2026".
pub fn month(date: NaiveDate) -> String {
    date.format("%b %Y").to_string()
}

/// "Q4 2026".
pub fn quarter(date: NaiveDate) -> String {
    format!("Q{} {}", date.quarter(), date.year())
}

/// "8 Nov 2026, 14:05" in the organisation's zone.
pub fn date_time(instant: DateTime<Utc>, zone: Zone) -> String {
    zone.local(instant).format("%-d %b %Y, %H:%M").to_string()
}

/// "10:42".
pub fn time(instant: DateTime<Utc>, zone: Zone) -> String {
    zone.local(instant).format("%H:%M").to_string()
}

/// "1,204 rows", "1 row".
pub fn count(n: i64, singular: &str, plural: &str) -> String {
    format!("{} {}", number(n.into(), 0), if n == 1 { singular } else { plural })
}

/// The unit of a number of things: "items", but 1 "item".
pub fn of_these(count: Decimal, unit: &str) -> &str {
    match unit.strip_suffix('s') {
        Some(one) if count == Decimal::ONE && one.len() > 2 && !one.ends_with('s') => one,
        _ => unit,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn d(text: &str) -> Decimal {
        text.parse().unwrap_or_default()
    }

    #[test]
    fn groups_and_rounds() {
        assert_eq!(number(d("1234567.805"), 2), "1,234,567.81");
        assert_eq!(number(d("-999.5"), 0), "\u{2212}1,000");
        assert_eq!(number(d("-0.001"), 2), "0.00");
        assert_eq!(number(d("100"), 0), "100");
    }

    #[test]
    fn money_keeps_the_currency_s_own_places() {
        assert_eq!(money(d("-12"), "USD"), "\u{2212}$12.00");
        assert_eq!(money(d("1234.5"), "JPY"), "¥1,235");
        assert_eq!(money(d("1.2345"), "KWD"), "KWD\u{a0}1.235");
    }

    #[test]
    fn all_of_it_has_no_places() {
        assert_eq!(share(d("41.84")), "41.8\u{a0}%");
        assert_eq!(share(d("100.000")), "100\u{a0}%");
        assert_eq!(share(d("-3.25")), "\u{2212}3.3\u{a0}%");
    }

    #[test]
    fn a_quarter_is_told_by_its_number() {
        assert_eq!(quarter(NaiveDate::from_ymd_opt(2025, 1, 1).unwrap_or_default()), "Q1 2025");
        assert_eq!(quarter(NaiveDate::from_ymd_opt(2026, 12, 31).unwrap_or_default()), "Q4 2026");
    }

    #[test]
    fn compact_never_shows_a_thousand_of_a_unit() {
        assert_eq!(compact(d("39420000")), "39.42\u{a0}M");
        assert_eq!(compact(d("999960")), "1.00\u{a0}M");
        assert_eq!(compact(d("850")), "850");
        assert_eq!(compact(d("12345")), "12.35\u{a0}K");
        assert_eq!(compact_money(d("-31070000"), "USD"), "\u{2212}$31.07\u{a0}M");
    }

    #[test]
    fn an_axis_has_one_magnitude() {
        let ticks = ["0", "500000", "1000000", "1500000"].map(d);
        assert_eq!(axis(&ticks, Some("USD")), ["0", "$0.5\u{a0}M", "$1.0\u{a0}M", "$1.5\u{a0}M"]);
        assert_eq!(axis(&["-20", "0", "20"].map(d), None), ["\u{2212}20", "0", "20"]);
        assert_eq!(axis(&["5000", "10000"].map(d), None), ["5\u{a0}K", "10\u{a0}K"]);
        assert_eq!(axis(&["0.0005", "0.001"].map(d), None), ["0.0005", "0.0010"]);
    }

    #[test]
    fn exact_money_is_never_rounded() {
        assert_eq!(money_exact(d("1097448"), "USD"), "$1,097,448.00");
        assert_eq!(money_exact(d("0.0375"), "USD"), "$0.0375");
        assert_eq!(compact_parts_to(d("39420000"), Some(0)), ("39".into(), "M"));
    }

    #[test]
    fn durations_show_their_two_largest_parts() {
        assert_eq!(duration(d("0.85")), "850\u{a0}ms");
        assert_eq!(duration(d("183610")), "2\u{a0}d 3\u{a0}h");
        assert_eq!(duration(d("250")), "4\u{a0}min 10\u{a0}s");
    }
}
