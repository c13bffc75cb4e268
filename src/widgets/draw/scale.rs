//! From values to heights. Ticks are exact decimals; only positions are floats.

use rust_decimal::{Decimal, prelude::ToPrimitive};

/// A vertical scale that ends on a tick and always holds zero. It begins on one too, or a little below it.
pub(super) struct Scale {
    pub ticks: Vec<Decimal>,
    min: f64,
    max: f64,
}

impl Scale {
    /// A scale for these values with about `intervals` intervals. `whole` forbids steps below 1, for counts.
    pub(super) fn fit(values: impl IntoIterator<Item = Decimal>, intervals: u32, whole: bool) -> Self {
        let (mut ticks, low) = round_ticks(values, intervals, whole);
        let mut min = ticks.first().copied().unwrap_or_default();
        // A value just below a tick takes no whole interval: the scale ends a little below it, and not on a tick.
        if let [_, second, _, ..] = *ticks.as_slice()
            && float(second - low) < SLIVER * float(second - min)
        {
            min = low - (second - min) * PAD;
            ticks.remove(0);
        }
        let (min, max) = (float(min), ticks.last().copied().map_or(1.0, float));
        Self { ticks, min, max: if max > min { max } else { min + 1.0 } }
    }

    /// Round ends with room for these values.
    pub(super) fn ends(values: impl IntoIterator<Item = Decimal>, intervals: u32) -> (Decimal, Decimal) {
        match round_ticks(values, intervals, false).0.as_slice() {
            [first, .., last] => (*first, *last),
            _ => (Decimal::ZERO, Decimal::ONE),
        }
    }

    /// Where a value stands: 0 at the bottom, 1 at the top.
    pub(super) fn at(&self, value: Decimal) -> f64 {
        ((float(value) - self.min) / (self.max - self.min)).clamp(0.0, 1.0)
    }

    /// Where zero stands.
    pub(super) fn zero(&self) -> f64 {
        self.at(Decimal::ZERO)
    }

    /// How much of the height lies above the lowest tick.
    pub(super) fn ticked(&self) -> f64 {
        self.ticks.first().map_or(1.0, |first| 1.0 - self.at(*first))
    }
}

/// Less than this share of an interval below a tick is no reason for another tick.
const SLIVER: f64 = 0.15;
/// What stays free below the lowest value there, as a share of an interval: 0.03.
const PAD: Decimal = Decimal::from_parts(3, 0, 0, false, 2);

/// Evenly spaced round numbers around these values and zero, and the lowest value.
fn round_ticks(values: impl IntoIterator<Item = Decimal>, intervals: u32, whole: bool) -> (Vec<Decimal>, Decimal) {
    let (mut low, mut high) = (Decimal::ZERO, Decimal::ZERO);
    for value in values {
        low = low.min(value);
        high = high.max(value);
    }
    if low == high {
        high = Decimal::ONE;
    }
    // One interval more or fewer often leaves less of the plot empty: the shortest scale wins.
    let wished = intervals.max(2);
    let (first, step) = [wished, wished + 1, wished + 2, wished - 1]
        .into_iter()
        .map(|n| nice_step(low, high, n))
        .map(|step| if whole { step.max(Decimal::ONE) } else { step })
        .map(|step| ((low / step).floor() * step, step))
        .min_by_key(|(first, step)| ((high - first) / step).ceil() * step)
        .unwrap_or((low, Decimal::ONE));
    let mut ticks = vec![first];
    let mut tick = first;
    // The step is chosen so that there are few; the bound is only against surprises.
    while tick < high && ticks.len() < 40 {
        let Some(next) = tick.checked_add(step) else { break };
        tick = next;
        ticks.push(tick);
    }
    (ticks, low)
}

pub(super) fn float(value: Decimal) -> f64 {
    value.to_f64().unwrap_or(0.0)
}

/// 1, 2, 2.5 or 5 times a power of ten.
fn nice_step(low: Decimal, high: Decimal, intervals: u32) -> Decimal {
    let raw = (float(high) - float(low)) / f64::from(intervals);
    if !raw.is_finite() || raw <= 0.0 {
        return Decimal::ONE;
    }
    let exponent = raw.log10().floor();
    let fraction = raw / 10f64.powf(exponent);
    let tenths = [10i64, 20, 25, 50, 100].into_iter().find(|t| fraction <= *t as f64 / 10.0 + 1e-9).unwrap_or(100);
    let exponent = exponent as i32 - 1;
    let step = if exponent < 0 {
        Decimal::try_new(tenths, exponent.unsigned_abs().min(28)).ok()
    } else {
        10i128
            .checked_pow(exponent.unsigned_abs())
            .and_then(|p| Decimal::try_from_i128_with_scale(p.checked_mul(tenths.into())?, 0).ok())
    };
    step.filter(|s| !s.is_zero()).unwrap_or(Decimal::ONE)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]
    use super::*;
    use proptest::prelude::*;

    fn d(text: &str) -> Decimal {
        text.parse().unwrap()
    }

    #[test]
    fn ticks_are_round_numbers() {
        let scale = Scale::fit([d("3741000"), d("2310000")], 4, false);
        assert_eq!(scale.ticks, [d("0"), d("1000000"), d("2000000"), d("3000000"), d("4000000")]);
        assert_eq!(scale.at(d("2000000")), 0.5);
        let scale = Scale::fit([d("-30"), d("55")], 4, false);
        assert_eq!(scale.ticks.first(), Some(&d("-40")));
        assert!((scale.zero() - 0.5).abs() < 0.2);
        assert_eq!(Scale::fit([d("0.003")], 3, false).ticks.last(), Some(&d("0.003")));
    }

    #[test]
    fn counts_have_whole_steps_and_nothing_still_has_a_scale() {
        assert_eq!(Scale::fit([d("2")], 4, true).ticks, [d("0"), d("1"), d("2")]);
        assert_eq!(Scale::fit([], 4, false).ticks.len(), 5);
        assert_eq!(Scale::fit([d("0"), d("0")], 4, false).zero(), 0.0);
    }

    #[test]
    fn a_value_just_below_zero_takes_no_whole_interval() {
        let scale = Scale::fit([d("-3000"), d("3741000")], 4, false);
        assert_eq!(scale.ticks, [d("0"), d("1000000"), d("2000000"), d("3000000"), d("4000000")]);
        assert!(0.0 < scale.at(d("-3000")) && scale.at(d("-3000")) < scale.zero() && scale.zero() < 0.02);
        assert_eq!(scale.ticked(), 1.0 - scale.zero());
        let scale = Scale::fit([d("-300000"), d("3741000")], 4, false);
        assert_eq!(scale.ticks.first(), Some(&d("-1000000")), "a third of an interval is worth one");
        assert_eq!(scale.ticked(), 1.0);
        assert_eq!(Scale::ends([d("-3000"), d("3741000")], 4), (d("-1000000"), d("4000000")));
    }

    proptest! {
        #[test]
        fn every_value_has_its_place_on_the_scale(
            values in proptest::collection::vec(-999_999_999_999_999_999_i64..999_999_999_999_999_999, 1..20),
            scale in 0u32..5, intervals in 1u32..8,
        ) {
            let values: Vec<Decimal> = values.into_iter().map(|v| Decimal::new(v, scale)).collect();
            let fitted = Scale::fit(values.iter().copied(), intervals, false);
            prop_assert!(fitted.ticks.len() <= intervals as usize + 6);
            let (first, last) = (*fitted.ticks.first().unwrap(), *fitted.ticks.last().unwrap());
            for value in values {
                prop_assert!(fitted.min <= float(value) && value <= last);
                prop_assert!(first <= value || fitted.at(value) <= fitted.at(first));
            }
            prop_assert!(fitted.ticked() > 0.8, "little lies below the lowest tick");
        }
    }
}
