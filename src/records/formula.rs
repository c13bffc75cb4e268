//! Text in files that spreadsheets open: none of it may run as a formula (OWASP, "CSV Injection"). Server only.

use std::borrow::Cow;

/// What a formula begins with, also in the wide forms that some spreadsheets take for the same.
const STARTS: [char; 11] = ['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠'];

/// With a quote in front, if a spreadsheet could take it for a formula, or [`unguarded`] for guarded.
pub fn guarded(text: &str) -> Cow<'_, str> {
    if text.starts_with(STARTS) || unguarded(text) != text { format!("'{text}").into() } else { text.into() }
}

/// Without the quote that [`guarded`] has put in front.
pub fn unguarded(text: &str) -> &str {
    text.strip_prefix('\'').filter(|rest| rest.trim_start_matches('\'').starts_with(STARTS)).unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_was_guarded_comes_back_and_is_no_formula(text in "'{0,2}[=+@＝-]?\\PC{0,8}") {
            let written = guarded(&text);
            prop_assert!(!written.starts_with(STARTS));
            prop_assert_eq!(unguarded(&written), &*text);
        }
    }
}
