//! The days that the buckets of a chart over time stand for: the drawing writes them, the browser's brush reads them.

use crate::metrics::{Grain, Period};
use chrono::NaiveDate;
use std::fmt;

/// Where each bucket begins and, last of all, where the last one ends: days of the organisation's zone, each after
/// the one before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bounds(Vec<NaiveDate>);

impl Bounds {
    /// The buckets that begin on `starts`, as far as they lie in `period`. `None` when there is nothing to choose from.
    pub fn new(starts: &[NaiveDate], grain: Grain, period: Period) -> Option<Self> {
        let last = grain.next(*starts.last()?)?;
        let inside = |day: NaiveDate| period.from.map_or(day, |from| day.max(from));
        let inside = |day: NaiveDate| period.to.map_or(inside(day), |to| inside(day).min(to));
        Self::checked(starts.iter().chain([&last]).map(|day| inside(*day)).collect())
    }

    /// What [`Bounds`] are written as.
    pub fn parse(text: &str) -> Option<Self> {
        Self::checked(text.split(' ').map(|day| day.parse().ok()).collect::<Option<_>>()?)
    }

    fn checked(days: Vec<NaiveDate>) -> Option<Self> {
        (days.len() > 2 && days.is_sorted_by(|a, b| a < b)).then_some(Self(days))
    }

    /// The number of buckets: two or more.
    pub fn count(&self) -> usize {
        self.0.len() - 1
    }

    /// From the one bucket to the other, in whichever order, both included.
    pub fn stretch(&self, one: usize, other: usize) -> Option<Period> {
        let (from, to) = (self.0.get(one.min(other))?, self.0.get(one.max(other) + 1)?);
        Some(Period { from: Some(*from), to: Some(*to) })
    }

    pub fn whole(&self) -> Option<Period> {
        self.stretch(0, self.count() - 1)
    }
}

impl fmt::Display for Bounds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (n, day) in self.0.iter().enumerate() {
            write!(f, "{}{day}", if n > 0 { " " } else { "" })?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn period(from: &str, to: &str) -> Period {
        Period { from: Some(day(from)), to: Some(day(to)) }
    }

    #[test]
    fn a_stretch_is_whole_buckets_whichever_end_comes_first() {
        let bounds =
            Bounds::new(&[day("2026-01-01"), day("2026-02-01"), day("2026-03-01")], Grain::Month, Period::default())
                .unwrap();
        assert_eq!(bounds.count(), 3);
        assert_eq!(bounds.stretch(1, 2), Some(period("2026-02-01", "2026-04-01")));
        assert_eq!(bounds.stretch(2, 1), bounds.stretch(1, 2));
        assert_eq!(bounds.stretch(0, 0), Some(period("2026-01-01", "2026-02-01")));
        assert_eq!(bounds.stretch(0, 3), None);
        assert_eq!(bounds.whole(), Some(period("2026-01-01", "2026-04-01")));
    }

    #[test]
    fn the_first_and_the_last_bucket_end_where_the_period_does() {
        let starts = [day("2025-12-29"), day("2026-01-05"), day("2026-01-12")];
        let bounds = Bounds::new(&starts, Grain::Week, period("2026-01-01", "2026-01-15")).unwrap();
        assert_eq!(bounds.to_string(), "2026-01-01 2026-01-05 2026-01-12 2026-01-15");
        assert_eq!(bounds.whole(), Some(period("2026-01-01", "2026-01-15")));
    }

    #[test]
    fn what_is_written_is_read_and_nothing_else() {
        let text = "2026-01-01 2026-01-02 2026-01-03";
        assert_eq!(Bounds::parse(text).unwrap().to_string(), text);
        for wrong in [
            "",
            "2026-01-01",
            "2026-01-01 2026-01-02",
            "2026-01-01 2026-01-01 2026-01-02",
            "Jan Feb Mar",
            text.trim_end_matches('3'),
        ] {
            assert_eq!(Bounds::parse(wrong), None, "{wrong}");
        }
        assert_eq!(Bounds::new(&[day("2026-01-01")], Grain::Day, Period::default()), None, "one cannot be told apart");
        assert_eq!(Bounds::new(&[], Grain::Day, Period::default()), None);
    }
}
