//! How far a number has moved from the one before it.

use super::{MetricAnswer, ValueFormat};
use crate::format;
use rust_decimal::Decimal;
use std::cmp::Ordering;

/// In percent of the size of `before`; `None` where that is 0 or nothing.
pub(super) fn change_percent(value: Option<Decimal>, before: Option<Decimal>) -> Option<Decimal> {
    let (value, before) = (value?, before?);
    let change = value.checked_sub(before)?.checked_div(before.abs())?.checked_mul(Decimal::ONE_HUNDRED)?;
    Some(change.round_dp(4).normalize())
}

/// How far a number has moved, as people are told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Change {
    pub amount: Decimal,
    /// Percentage points, where the number is in percent itself: a percentage of a percentage misleads.
    pub in_points: bool,
}

impl Change {
    /// "18.6 %", "2.1 pp": without its sign.
    pub fn size(self) -> String {
        let write = if self.in_points { format::points } else { format::percent };
        write(self.amount.abs(), 1)
    }

    /// "+18.6 %", "+2.1 pp".
    pub fn signed(self) -> String {
        let sign = match self.amount.cmp(&Decimal::ZERO) {
            Ordering::Greater => "+",
            Ordering::Less => "\u{2212}",
            Ordering::Equal => "",
        };
        format!("{sign}{}", self.size())
    }
}

impl ValueFormat {
    /// The change from `before` to `value`; `None` where there is nothing to set it beside.
    pub fn change(self, value: Option<Decimal>, before: Option<Decimal>) -> Option<Change> {
        let in_points = self == Self::Percentage;
        let amount = if in_points {
            value?.checked_sub(before?)?.round_dp(4).normalize()
        } else {
            change_percent(value, before)?
        };
        Some(Change { amount, in_points })
    }
}

impl MetricAnswer {
    /// From the comparison value to the value.
    pub fn change(&self) -> Option<Change> {
        self.format.change(self.value, self.comparison_value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_in_percent_moves_by_points_and_everything_else_by_percent() {
        let told = |form: ValueFormat, value: i64, before: i64| {
            let tenths = |n| Some(Decimal::new(n, 1));
            form.change(tenths(value), tenths(before)).map(Change::signed)
        };
        assert_eq!(told(ValueFormat::Percentage, 500, 479).as_deref(), Some("+2.1\u{a0}pp"));
        assert_eq!(told(ValueFormat::Percentage, 300, 500).as_deref(), Some("\u{2212}20.0\u{a0}pp"));
        assert_eq!(told(ValueFormat::Percentage, 500, 0).as_deref(), Some("+50.0\u{a0}pp"));
        assert_eq!(told(ValueFormat::Number, 300, 500).as_deref(), Some("\u{2212}40.0\u{a0}%"));
        assert_eq!(told(ValueFormat::Currency, 500, 500).as_deref(), Some("0.0\u{a0}%"));
        assert_eq!(told(ValueFormat::Currency, 500, 0), None, "nothing grows from nothing");
    }
}
