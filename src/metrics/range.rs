//! Time ranges: from the words in a URL to days, and from days to comparison periods and buckets.
//!
//! Sources hold calendar days, so a range is a half-open interval of days in the organisation's zone.

use super::model::{Comparison, Grain, Period, TimeRange};
use crate::{error::AppError, format, zone::Zone};
use chrono::{DateTime, Datelike, Days, Months, NaiveDate, TimeDelta, Utc};
use std::{fmt, str::FromStr};

/// A length in calendar units: `30d`, `6M`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Span {
    pub count: u32,
    pub unit: Unit,
}

/// What a [`Span`] counts, and what a [`Moment`] is rounded down to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Unit {
    Hour,
    Day,
    Week,
    Month,
    Quarter,
    Year,
}

impl Unit {
    const ALL: [(Unit, &'static str, &'static str); 6] = [
        (Unit::Hour, "h", "hour"),
        (Unit::Day, "d", "day"),
        (Unit::Week, "w", "week"),
        (Unit::Month, "M", "month"),
        (Unit::Quarter, "Q", "quarter"),
        (Unit::Year, "y", "year"),
    ];

    fn letter(self) -> &'static str {
        Self::ALL.into_iter().find(|(unit, ..)| *unit == self).map_or("", |(_, letter, _)| letter)
    }

    fn word(self) -> &'static str {
        Self::ALL.into_iter().find(|(unit, ..)| *unit == self).map_or("", |(.., word)| word)
    }

    /// Months in one of this unit, for those that are made of whole months.
    const fn months(self) -> Option<u32> {
        match self {
            Self::Month => Some(1),
            Self::Quarter => Some(3),
            Self::Year => Some(12),
            Self::Hour | Self::Day | Self::Week => None,
        }
    }

    /// The first day of the unit that `day` lies in.
    fn floor(self, day: NaiveDate) -> NaiveDate {
        match self {
            Self::Hour | Self::Day => day,
            Self::Week => Grain::Week.floor(day),
            Self::Month => Grain::Month.floor(day),
            Self::Quarter => Grain::Quarter.floor(day),
            Self::Year => Grain::Year.floor(day),
        }
    }
}

impl FromStr for Unit {
    type Err = String;
    fn from_str(s: &str) -> Result<Self, String> {
        Self::ALL
            .into_iter()
            .find(|(_, letter, _)| *letter == s)
            .map(|(unit, ..)| unit)
            .ok_or_else(|| format!("“{s}” is no unit of time; use h, d, w, M, Q or y."))
    }
}

/// No span is longer than this many of its units: enough for centuries, and no sum overflows.
const LONGEST: u32 = 100_000;

impl Span {
    /// `None` when the result lies outside the calendar.
    pub fn before(self, day: NaiveDate) -> Option<NaiveDate> {
        match self.unit {
            Unit::Hour => day.checked_sub_days(Days::new(u64::from(self.count) / 24)),
            Unit::Day => day.checked_sub_days(Days::new(self.count.into())),
            Unit::Week => day.checked_sub_days(Days::new(u64::from(self.count) * 7)),
            unit => day.checked_sub_months(Months::new(self.count.checked_mul(unit.months()?)?)),
        }
    }

    fn after(self, day: NaiveDate) -> Option<NaiveDate> {
        match self.unit {
            Unit::Hour => day.checked_add_days(Days::new(u64::from(self.count) / 24)),
            Unit::Day => day.checked_add_days(Days::new(self.count.into())),
            Unit::Week => day.checked_add_days(Days::new(u64::from(self.count) * 7)),
            unit => day.checked_add_months(Months::new(self.count.checked_mul(unit.months()?)?)),
        }
    }
}

impl fmt::Display for Span {
    /// "30 days", as formulas write it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}{}", self.count, self.unit.word(), if self.count == 1 { "" } else { "s" })
    }
}

impl FromStr for Span {
    type Err = String;

    /// "30 days", "1 month", "6M".
    fn from_str(s: &str) -> Result<Self, String> {
        let refused = || format!("“{s}” is not a length of time such as “30 days”.");
        let text = s.trim();
        let digits = text.find(|c: char| !c.is_ascii_digit()).ok_or_else(refused)?;
        let (count, unit) = text.split_at(digits);
        let count: u32 = count.parse().map_err(|_| refused())?;
        let unit = unit.trim();
        let unit = Unit::ALL
            .into_iter()
            .find(|(_, letter, word)| unit == *letter || unit.trim_end_matches('s').eq_ignore_ascii_case(word))
            .map(|(unit, ..)| unit)
            .ok_or_else(refused)?;
        if count > LONGEST { Err(refused()) } else { Ok(Self { count, unit }) }
    }
}

/// One end of a range: a date, or a moment relative to now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Moment {
    Date(NaiveDate),
    Now {
        /// Moves back when negative is set, else forward.
        shift: Option<Shift>,
        round: Option<Unit>,
    },
}

/// How far a [`Moment`] lies from now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Shift {
    Back(Span),
    Forward(Span),
}

impl Moment {
    /// The day on whose first instant a range begins or ends here. A moment in the middle of a day stands for the
    /// end of that day, so that `now` as an end includes today and `now-30d` to `now` is thirty days.
    fn boundary(self, today: NaiveDate) -> Option<NaiveDate> {
        match self {
            Self::Now { round: None, .. } => self.day(today)?.succ_opt(),
            _ => self.day(today),
        }
    }

    /// The calendar day that this moment lies in.
    pub fn day(self, today: NaiveDate) -> Option<NaiveDate> {
        match self {
            Self::Date(date) => Some(date),
            Self::Now { shift, round } => {
                let day = match shift {
                    None => today,
                    Some(Shift::Back(span)) => span.before(today)?,
                    Some(Shift::Forward(span)) => span.after(today)?,
                };
                Some(round.map_or(day, |unit| unit.floor(day)))
            }
        }
    }
}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Date(date) => write!(f, "{date}"),
            Self::Now { shift, round } => {
                f.write_str("now")?;
                match shift {
                    Some(Shift::Back(span)) => write!(f, "-{}{}", span.count, span.unit.letter())?,
                    Some(Shift::Forward(span)) => write!(f, "+{}{}", span.count, span.unit.letter())?,
                    None => {}
                }
                round.map_or(Ok(()), |unit| write!(f, "/{}", unit.letter()))
            }
        }
    }
}

impl FromStr for Moment {
    type Err = String;

    /// `2026-01-31`, `2026-01` (its first day), `now`, `now-30d`, `now-6M/M`, `now/y`.
    fn from_str(s: &str) -> Result<Self, String> {
        let refused = || format!("“{s}” is neither a date such as 2026-01-31 nor a moment such as now-6M/M.");
        let text = s.trim();
        let Some(rest) = text.strip_prefix("now") else {
            let date = NaiveDate::parse_from_str(text, "%Y-%m-%d")
                .or_else(|_| NaiveDate::parse_from_str(&format!("{text}-01"), "%Y-%m-%d"))
                .map_err(|_| refused())?;
            // The range of dates that the tables accept, with room for comparisons.
            return if (1800..=2300).contains(&date.year()) { Ok(Self::Date(date)) } else { Err(refused()) };
        };
        let (shift, round) = match rest.split_once('/') {
            Some((shift, unit)) => (shift, Some(unit.parse()?)),
            None => (rest, None),
        };
        let span = |text: &str| -> Result<Span, String> {
            let digits = text.find(|c: char| !c.is_ascii_digit()).ok_or_else(refused)?;
            let count = text[..digits].parse().map_err(|_| refused())?;
            if count > LONGEST {
                return Err(refused());
            }
            Ok(Span { count, unit: text[digits..].parse()? })
        };
        let shift = match (shift.strip_prefix('-'), shift.strip_prefix('+')) {
            (Some(back), _) => Some(Shift::Back(span(back)?)),
            (_, Some(forward)) => Some(Shift::Forward(span(forward)?)),
            _ if shift.is_empty() => None,
            _ => return Err(refused()),
        };
        Ok(Self::Now { shift, round })
    }
}

/// A range that a picker offers by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct QuickRange {
    pub label: &'static str,
    pub from: Option<&'static str>,
    pub to: Option<&'static str>,
}

impl QuickRange {
    const fn new(label: &'static str, from: &'static str, to: &'static str) -> Self {
        Self { label, from: Some(from), to: Some(to) }
    }

    pub fn range(&self) -> TimeRange {
        TimeRange { from: self.from.map(Into::into), to: self.to.map(Into::into) }
    }
}

/// What a dashboard shows until somebody chooses: the last twelve whole months.
pub const DEFAULT_RANGE: QuickRange = QuickRange::new("Last 12 months", "now-12M/M", "now/M");

/// In the order in which a picker lists them.
pub const QUICK_RANGES: [QuickRange; 10] = [
    QuickRange::new("This month", "now/M", "now"),
    QuickRange::new("Last month", "now-1M/M", "now/M"),
    QuickRange::new("Last 30 days", "now-30d", "now"),
    QuickRange::new("Last 90 days", "now-90d", "now"),
    QuickRange::new("This quarter", "now/Q", "now"),
    QuickRange::new("Last 6 months", "now-6M/M", "now/M"),
    DEFAULT_RANGE,
    QuickRange::new("This year", "now/y", "now"),
    QuickRange::new("Last year", "now-1y/y", "now/y"),
    QuickRange { label: "All time", from: None, to: None },
];

impl TimeRange {
    /// Both ends as moments. Errors name the field `range.from` or `range.to`.
    fn moments(&self) -> Result<(Option<Moment>, Option<Moment>), AppError> {
        let end = |text: &Option<String>, field: &str| {
            text.as_deref()
                .filter(|text| !text.trim().is_empty())
                .map(|text| text.parse::<Moment>().map_err(|message| AppError::field(field, message)))
                .transpose()
        };
        Ok((end(&self.from, "range.from")?, end(&self.to, "range.to")?))
    }

    /// Whether both ends are in the range language.
    ///
    /// # Errors
    /// `Invalid` for an end that is no moment, and for dates in the wrong order.
    pub fn check(&self) -> Result<(), AppError> {
        match self.moments()? {
            (Some(Moment::Date(from)), Some(Moment::Date(to))) if to < from => {
                Err(AppError::field("range.to", "The range ends before it begins."))
            }
            _ => Ok(()),
        }
    }

    /// The days that this range means at `now` in `zone`.
    ///
    /// # Errors
    /// `Invalid` for an end that is no moment, and for a range that ends before it begins.
    pub fn resolve(&self, now: DateTime<Utc>, zone: Zone) -> Result<Period, AppError> {
        let (from, to) = self.moments()?;
        let today = zone.day(now);
        let day = |moment: Option<Moment>, field: &str| match moment {
            None => Ok(None),
            Some(moment) => match moment.boundary(today) {
                Some(day) if (1000..=3000).contains(&day.year()) => Ok(Some(day)),
                _ => Err(AppError::field(field, "This lies outside the calendar.")),
            },
        };
        let period = Period { from: day(from, "range.from")?, to: day(to, "range.to")? };
        match (period.from, period.to) {
            (Some(from), Some(to)) if to < from => Err(AppError::field("range.to", "The range ends before it begins.")),
            _ => Ok(period),
        }
    }

    /// What the range at `now` is compared with; `None` where an end is open or the calendar ends.
    ///
    /// A range that begins on a rounded month, quarter or year and lies within it ("this quarter" so far) is compared
    /// with the same part of the one before; whole months with as many months; anything else with as many days.
    pub fn comparison(&self, period: Period, comparison: Comparison) -> Option<Period> {
        let (from, to) = (period.from?, period.to?);
        let months = match comparison {
            Comparison::YearBefore => Some(12),
            Comparison::PreviousPeriod => self.months_back(from, to),
        };
        let shifted = match months {
            Some(months) => (months_before(from, months)?, months_before(to, months)?),
            None => (from.checked_sub_signed(to - from)?, from),
        };
        Some(Period { from: Some(shifted.0), to: Some(shifted.1) })
    }

    fn months_back(&self, from: NaiveDate, to: NaiveDate) -> Option<u32> {
        if from.day() != 1 {
            return None;
        }
        if to.day() == 1 && to > from {
            return Some(months_between(from, to));
        }
        match self.moments().ok()?.0 {
            Some(Moment::Now { round: Some(unit), .. }) => {
                let months = unit.months()?;
                (to <= from.checked_add_months(Months::new(months))?).then_some(months)
            }
            _ => None,
        }
    }

    /// In words: a quick range's name, or the first and last day.
    pub fn label(&self) -> String {
        let given = |text: &Option<String>| text.clone().filter(|text| !text.trim().is_empty());
        let (from, to) = (given(&self.from), given(&self.to));
        if let Some(quick) = QUICK_RANGES.iter().find(|q| q.from == from.as_deref() && q.to == to.as_deref()) {
            return quick.label.to_owned();
        }
        match self.moments() {
            Ok((Some(Moment::Date(from)), Some(Moment::Date(to)))) => Period { from: Some(from), to: Some(to) }.label(),
            Ok((Some(Moment::Date(from)), None)) => Period { from: Some(from), to: None }.label(),
            Ok((None, Some(Moment::Date(to)))) => Period { from: None, to: Some(to) }.label(),
            _ => format!("{} to {}", from.as_deref().unwrap_or("the start"), to.as_deref().unwrap_or("the end")),
        }
    }
}

/// `months` earlier. For a bound in the middle of a month it is the last included day that moves, so that
/// "until 30 October" becomes "until 30 September" and "until the end of March" the end of February.
fn months_before(bound: NaiveDate, months: u32) -> Option<NaiveDate> {
    if bound.day() == 1 {
        bound.checked_sub_months(Months::new(months))
    } else {
        bound.pred_opt()?.checked_sub_months(Months::new(months))?.succ_opt()
    }
}

fn months_between(from: NaiveDate, to: NaiveDate) -> u32 {
    let months = (to.year() - from.year()) * 12 + to.month0().cast_signed() - from.month0().cast_signed();
    u32::try_from(months).unwrap_or(0)
}

impl Period {
    /// "1 Jan 2026 – 31 Mar 2026"; the last day is the last one included.
    pub fn label(&self) -> String {
        let last = self.to.and_then(|to| to.pred_opt());
        match (self.from, last) {
            (Some(from), Some(last)) if from == last => format::date(from),
            (Some(from), Some(last))
                if from.day() == 1 && self.to.is_some_and(|to| to.day() == 1 && months_between(from, to) == 1) =>
            {
                debug_assert!(from <= last);
                format::month(from)
            }
            (Some(from), Some(last)) => format!("{} – {}", format::date(from), format::date(last)),
            (Some(from), None) => format!("Since {}", format::date(from)),
            (None, Some(last)) => format!("Until {}", format::date(last)),
            (None, None) => "All time".to_owned(),
        }
    }

    /// How many days lie in the period; `None` where an end is open.
    pub fn days(&self) -> Option<i64> {
        Some((self.to? - self.from?).num_days())
    }

    /// At least twice as long with the same days inside, and in whole months where it is made of them. What lies after
    /// `today` is not asked for anew. `None` where an end is open or the calendar ends.
    pub fn wider(&self, today: NaiveDate) -> Option<TimeRange> {
        let (from, to) = (self.from?, self.to?);
        let grain = if from.day() == 1 && to.day() == 1 && from < to { Grain::Month } else { Grain::Day };
        let (length, room) = match grain {
            Grain::Month => (months_between(from, to), months_between(to, grain.next(today)?)),
            _ => {
                ((to - from).num_days().try_into().ok()?, (grain.next(today)? - to).num_days().try_into().unwrap_or(0))
            }
        };
        let more = length.max(2);
        let after = (more / 2).min(room);
        let [before, after] = [more - after, after]
            .map(|count| Span { count, unit: if grain == Grain::Month { Unit::Month } else { Unit::Day } });
        let (from, to) = (before.before(from)?, after.after(to)?);
        let range = TimeRange { from: Some(from.to_string()), to: Some(to.to_string()) };
        range.check().is_ok().then_some(range)
    }

    /// The grain at which the period gives a readable number of points.
    pub fn grain(&self) -> Grain {
        match self.days() {
            Some(..=45) => Grain::Day,
            Some(..=180) => Grain::Week,
            Some(..=1_900) | None => Grain::Month,
            Some(_) => Grain::Year,
        }
    }

    /// The whole months inside, `from` and `to` on firsts of months; `None` when there is none.
    /// An open end stays open.
    pub fn whole_months(&self) -> Option<Period> {
        let from = match self.from {
            Some(from) if from.day() > 1 => Some(Grain::Month.next(from)?),
            from => from,
        };
        let to = self.to.map(|to| Grain::Month.floor(to));
        match (from, to) {
            (Some(from), Some(to)) if from >= to => None,
            _ => Some(Period { from, to }),
        }
    }
}

/// A series has at most this many points.
pub const MOST_POINTS: usize = 1_000;

impl Grain {
    pub const ALL: [Grain; 6] = [Grain::Hour, Grain::Day, Grain::Week, Grain::Month, Grain::Quarter, Grain::Year];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Hour => "hour",
            Self::Day => "day",
            Self::Week => "week",
            Self::Month => "month",
            Self::Quarter => "quarter",
            Self::Year => "year",
        }
    }

    /// The first day of the bucket that `day` lies in. Weeks begin on Monday.
    pub fn floor(self, day: NaiveDate) -> NaiveDate {
        let first_of = |month: u32| NaiveDate::from_ymd_opt(day.year(), month, 1).unwrap_or(day);
        match self {
            Self::Hour | Self::Day => day,
            Self::Week => day - TimeDelta::days(day.weekday().num_days_from_monday().into()),
            Self::Month => first_of(day.month()),
            Self::Quarter => first_of(day.month0() / 3 * 3 + 1),
            Self::Year => first_of(1),
        }
    }

    /// The first day of the bucket after the one that `day` lies in.
    pub fn next(self, day: NaiveDate) -> Option<NaiveDate> {
        let first = self.floor(day);
        match self {
            Self::Hour | Self::Day => first.succ_opt(),
            Self::Week => first.checked_add_days(Days::new(7)),
            Self::Month => first.checked_add_months(Months::new(1)),
            Self::Quarter => first.checked_add_months(Months::new(3)),
            Self::Year => first.checked_add_months(Months::new(12)),
        }
    }

    /// The first days of all buckets that touch the days from `from` to before `to`.
    ///
    /// # Errors
    /// `Invalid` under `grain` when there would be more than [`MOST_POINTS`].
    pub fn buckets(self, from: NaiveDate, to: NaiveDate) -> Result<Vec<NaiveDate>, AppError> {
        let mut buckets = Vec::new();
        let mut day = self.floor(from);
        while day < to {
            if buckets.len() == MOST_POINTS {
                let message = format!(
                    "By {} this range has more than {MOST_POINTS} points; choose a coarser grain.",
                    self.as_str()
                );
                return Err(AppError::field("grain", message));
            }
            buckets.push(day);
            match self.next(day) {
                Some(next) => day = next,
                None => break,
            }
        }
        Ok(buckets)
    }

    /// "Oct 2026", "Q4 2026", "8 Nov 2026".
    pub fn label(self, bucket: NaiveDate) -> String {
        match self {
            Self::Hour | Self::Day | Self::Week => format::date(bucket),
            Self::Month => format::month(bucket),
            Self::Quarter => format::quarter(bucket),
            Self::Year => bucket.year().to_string(),
        }
    }
}

#[cfg(test)]
#[path = "range_tests.rs"]
mod tests;
