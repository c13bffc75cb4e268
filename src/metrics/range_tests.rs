#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]

use super::*;
use chrono::TimeZone;
use chrono_tz::Tz;
use proptest::prelude::*;

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn range(from: &str, to: &str) -> TimeRange {
    TimeRange { from: Some(from.into()), to: Some(to.into()) }
}

fn period(from: &str, to: &str) -> Period {
    Period { from: Some(day(from)), to: Some(day(to)) }
}

/// Friday, 20 November 2026, noon in UTC.
fn noon() -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2026, 11, 20, 12, 0, 0).unwrap()
}

fn resolve(from: &str, to: &str) -> Period {
    range(from, to).resolve(noon(), Zone::UTC).unwrap()
}

#[test]
fn words_become_days() {
    assert_eq!(resolve("now-12M/M", "now/M"), period("2025-11-01", "2026-11-01"));
    assert_eq!(resolve("now/M", "now"), period("2026-11-01", "2026-11-21"));
    assert_eq!(resolve("now-30d", "now"), period("2026-10-22", "2026-11-21"));
    assert_eq!(resolve("now/Q", "now/d"), period("2026-10-01", "2026-11-20"));
    assert_eq!(resolve("now-1w/w", "now/w"), period("2026-11-09", "2026-11-16"));
    assert_eq!(resolve("2026-01", "2026-02-15"), period("2026-01-01", "2026-02-15"));
    assert_eq!(TimeRange::default().resolve(noon(), Zone::UTC).unwrap(), Period::default());
}

#[test]
fn days_are_cut_in_the_organisation_s_zone() {
    let late = Utc.with_ymd_and_hms(2026, 10, 31, 23, 30, 0).unwrap();
    let month = range("now/M", "now");
    assert_eq!(month.resolve(late, Tz::Europe__Berlin.into()).unwrap(), period("2026-11-01", "2026-11-02"));
    assert_eq!(month.resolve(late, Tz::America__New_York.into()).unwrap(), period("2026-10-01", "2026-11-01"));
}

#[test]
fn what_is_no_range_is_refused_with_its_end() {
    let refused = |from: &str, to: &str| range(from, to).resolve(noon(), Zone::UTC).unwrap_err();
    assert!(refused("yesterday", "now").for_field("range.from").is_some());
    assert!(refused("now", "now-3x").for_field("range.to").is_some());
    assert!(refused("2026-02-01", "2026-01-01").for_field("range.to").is_some());
    assert!(refused("now-99999y", "now").for_field("range.from").is_some());
    assert!(refused("2026-02-30", "now").for_field("range.from").is_some());
}

#[test]
fn comparisons_are_of_the_same_kind() {
    let before = |from: &str, to: &str, comparison| {
        let range = range(from, to);
        range.comparison(range.resolve(noon(), Zone::UTC).unwrap(), comparison).unwrap()
    };
    use Comparison::{PreviousPeriod, YearBefore};
    assert_eq!(before("now-12M/M", "now/M", PreviousPeriod), period("2024-11-01", "2025-11-01"));
    assert_eq!(before("2026-02-01", "2026-03-01", PreviousPeriod), period("2026-01-01", "2026-02-01"));
    assert_eq!(before("now/M", "now", PreviousPeriod), period("2026-10-01", "2026-10-21"));
    assert_eq!(before("now/Q", "now", PreviousPeriod), period("2026-07-01", "2026-08-21"));
    assert_eq!(before("now/y", "now", PreviousPeriod), period("2025-01-01", "2025-11-21"));
    assert_eq!(before("now-30d", "now", PreviousPeriod), period("2026-09-22", "2026-10-22"));
    assert_eq!(before("now/M", "now", YearBefore), period("2025-11-01", "2025-11-21"));
    assert_eq!(before("2024-02-01", "2024-03-01", YearBefore), period("2023-02-01", "2023-03-01"));
    let open = TimeRange::default();
    assert_eq!(open.comparison(Period::default(), PreviousPeriod), None);
}

#[test]
fn labels_name_the_last_day_that_is_included() {
    assert_eq!(DEFAULT_RANGE.range().label(), "Last 12 months");
    assert_eq!(TimeRange::default().label(), "All time");
    assert_eq!(range("2026-01-01", "2026-04-01").label(), "1 Jan 2026 – 31 Mar 2026");
    assert_eq!(range("2026-01-01", "2026-02-01").label(), "Jan 2026");
    assert_eq!(range("2026-01-31", "2026-02-01").label(), "31 Jan 2026");
}

#[test]
fn whole_months_leave_the_edges() {
    assert_eq!(period("2026-01-15", "2026-04-10").whole_months(), Some(period("2026-02-01", "2026-04-01")));
    assert_eq!(period("2026-01-15", "2026-02-10").whole_months(), None);
    assert_eq!(period("2026-01-01", "2026-02-01").whole_months(), Some(period("2026-01-01", "2026-02-01")));
    assert_eq!(Period::default().whole_months(), Some(Period::default()));
}

#[test]
fn too_many_points_are_refused() {
    assert!(Grain::Day.buckets(day("2000-01-01"), day("2026-01-01")).unwrap_err().for_field("grain").is_some());
    assert_eq!(Grain::Quarter.buckets(day("2026-02-10"), day("2026-07-02")).unwrap().len(), 3);
}

proptest! {
    #[test]
    fn parsing_never_panics(text in ".{0,24}") {
        let _ = text.parse::<Moment>();
        let _ = text.parse::<Span>();
        let range = TimeRange { from: Some(text.clone()), to: Some(text) };
        let _ = range.resolve(noon(), Zone::UTC);
        let _ = range.label();
    }

    #[test]
    fn moments_read_back_as_they_are_written(
        count in 0..LONGEST, unit in 0usize..6, round in proptest::option::of(0usize..6), back: bool,
    ) {
        let span = Span { count, unit: Unit::ALL[unit].0 };
        let shift = Some(if back { Shift::Back(span) } else { Shift::Forward(span) });
        let moment = Moment::Now { shift, round: round.map(|i| Unit::ALL[i].0) };
        prop_assert_eq!(moment.to_string().parse::<Moment>().unwrap(), moment);
        prop_assert_eq!(span.to_string().parse::<Span>().unwrap(), span);
    }

    #[test]
    fn buckets_cover_the_period_without_gaps(start in 0i64..20_000, length in 1i64..400, grain in 1usize..6) {
        let from = day("1980-01-01") + TimeDelta::days(start);
        let to = from + TimeDelta::days(length);
        let grain = Grain::ALL[grain];
        let buckets = grain.buckets(from, to).unwrap();
        prop_assert!(buckets[0] <= from);
        prop_assert!(grain.next(*buckets.last().unwrap()).unwrap() >= to);
        for pair in buckets.windows(2) {
            prop_assert_eq!(grain.next(pair[0]), Some(pair[1]));
        }
    }

    #[test]
    fn a_comparison_period_has_the_same_length_and_lies_before(start in 0i64..20_000, length in 1i64..800) {
        let from = day("1980-01-01") + TimeDelta::days(start);
        let period = Period { from: Some(from), to: Some(from + TimeDelta::days(length)) };
        let range = TimeRange { from: period.from.map(|d| d.to_string()), to: period.to.map(|d| d.to_string()) };
        let before = range.comparison(period, Comparison::PreviousPeriod).unwrap();
        prop_assert_eq!(before.to, period.from);
    }
}

#[test]
fn zooming_out_doubles_whole_months_and_days_and_does_not_run_ahead() {
    let today = noon().date_naive();
    let wider = |from: &str, to: &str| period(from, to).wider(today);
    assert_eq!(wider("2026-03-01", "2026-05-01"), Some(range("2026-02-01", "2026-06-01")));
    assert_eq!(wider("2026-03-01", "2026-04-01"), Some(range("2026-02-01", "2026-05-01")), "one month is among three");
    assert_eq!(wider("2026-10-01", "2026-12-01"), Some(range("2026-08-01", "2026-12-01")), "it ends with this month");
    assert_eq!(wider("2026-03-02", "2026-03-12"), Some(range("2026-02-25", "2026-03-17")));
    assert_eq!(wider("2026-11-19", "2026-11-21"), Some(range("2026-11-17", "2026-11-21")), "it ends with today");
    assert_eq!(wider("2027-01-01", "2027-02-01"), Some(range("2026-11-01", "2027-02-01")), "what lies ahead stays");
    assert_eq!(wider("2026-03-01", "2026-03-01"), Some(range("2026-02-28", "2026-03-02")));
    assert_eq!(wider("1800-01-01", "1900-01-01"), None);
    assert_eq!(Period { from: None, ..period("2026-01-01", "2026-02-01") }.wider(today), None);
}
