//! Writing HTML by hand, with everything from outside escaped.

use crate::widgets::turn::Turn;
use std::fmt::{self, Write as _};

/// Appends formatted text to a `String`, which cannot fail.
macro_rules! put {
    ($out:expr, $($arg:tt)*) => {{
        use std::fmt::Write as _;
        let _ = write!($out, $($arg)*);
    }};
}
pub(super) use put;

/// Text that is safe between tags and inside a double-quoted attribute.
pub(super) struct Esc<'a>(pub &'a str);

impl fmt::Display for Esc<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut rest = self.0;
        while let Some(at) = rest.find(['&', '<', '>', '"', '\'']) {
            f.write_str(&rest[..at])?;
            f.write_str(match rest.as_bytes()[at] {
                b'&' => "&amp;",
                b'<' => "&lt;",
                b'>' => "&gt;",
                b'"' => "&quot;",
                _ => "&#39;",
            })?;
            rest = &rest[at + 1..];
        }
        f.write_str(rest)
    }
}

/// A share of the whole as a CSS percentage with as few digits as do: "62.5%". Not a number is 0%.
pub(super) struct Pct(pub f64);

impl fmt::Display for Pct {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let hundredths = if self.0.is_finite() { (self.0 * 10_000.0).round() as i64 } else { 0 };
        if hundredths < 0 {
            f.write_char('-')?;
        }
        let (whole, fraction) = (hundredths.abs() / 100, hundredths.abs() % 100);
        match (fraction / 10, fraction % 10) {
            (0, 0) => write!(f, "{whole}%"),
            (tenth, 0) => write!(f, "{whole}.{tenth}%"),
            _ => write!(f, "{whole}.{fraction:02}%"),
        }
    }
}

/// What the browser module reads when a mark is pointed at or focused: its label, its values (one line each;
/// with several series `class⇥name⇥value`) and a closing remark.
#[derive(Default)]
pub(super) struct ReadOut<'a> {
    pub label: &'a str,
    pub lines: &'a str,
    pub note: &'a str,
}

impl ReadOut<'_> {
    /// Writes the attributes of a mark. Only the first of a chart is a stop of the Tab key; arrow keys lead to
    /// the others, and the browser module names those as it goes.
    pub(super) fn attributes(&self, out: &mut String, first: bool) {
        if first {
            out.push_str(" tabindex=\"0\" role=\"img\" aria-label=\"");
            put!(out, "{}: ", Esc(self.label));
            for (i, line) in self.lines.lines().enumerate() {
                let spoken = line.split_once('\t').map_or(line, |(_, rest)| rest);
                put!(out, "{}{}", if i > 0 { ", " } else { "" }, Esc(&spoken.replace('\t', " ")));
            }
            if !self.note.is_empty() {
                put!(out, ", {}", Esc(self.note));
            }
            out.push('"');
        } else {
            out.push_str(" tabindex=\"-1\"");
        }
        put!(out, " data-label=\"{}\" data-value=\"{}\"", Esc(self.label), Esc(self.lines));
        if !self.note.is_empty() {
            put!(out, " data-note=\"{}\"", Esc(self.note));
        }
    }
}

/// A button by which a page's form turns a widget over (`widgets::turn`); off where there is nowhere to turn to.
pub(super) fn turn_button(out: &mut String, name: &str, sign: &str, turn: Option<Turn>) {
    put!(out, "<button type=\"submit\" form=\"turn\" name=\"table\" data-turn=\"{name}\" aria-label=\"{name}\"");
    match turn {
        Some(turn) => put!(out, " value=\"{turn}\""),
        None => out.push_str(" disabled"),
    }
    put!(out, ">{sign}</button>");
}

/// Says what is missing and what to do about it. `ways`: HTML of ours that leads on.
pub(super) fn empty(title: &str, text: &str, ways: &str) -> String {
    let mut out = String::with_capacity(256);
    put!(
        out,
        "<div class=\"wb wb-empty\"><p class=\"wb-empty-title\" title=\"{1}\">{0}</p><p>{1}{ways}</p></div>",
        Esc(title),
        Esc(text)
    );
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_from_outside_can_end_a_tag_or_an_attribute() {
        assert_eq!(
            Esc("<script>'a' & \"b\"</script>").to_string(),
            "&lt;script&gt;&#39;a&#39; &amp; &quot;b&quot;&lt;/script&gt;"
        );
        assert_eq!(Esc("Straße €").to_string(), "Straße €");
    }

    #[test]
    fn percentages_are_short_and_never_nonsense() {
        assert_eq!(Pct(0.5).to_string(), "50%");
        assert_eq!(Pct(0.125).to_string(), "12.5%");
        assert_eq!(Pct(1.0 / 3.0).to_string(), "33.33%");
        assert_eq!(Pct(0.0005).to_string(), "0.05%");
        assert_eq!(Pct(-0.015).to_string(), "-1.5%");
        assert_eq!(Pct(f64::NAN).to_string(), "0%");
    }
}
