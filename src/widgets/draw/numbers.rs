//! How the numbers of one answer are written: exactly, shortly, and along an axis.

use crate::{
    format,
    metrics::{MetricAnswer, ValueFormat},
    widgets::settings::{Figure, Notation},
};
use rust_decimal::Decimal;

#[derive(Clone, Copy)]
pub(super) struct Numbers<'a> {
    format: ValueFormat,
    /// An ISO code for currencies; otherwise what is counted.
    unit: Option<&'a str>,
    decimals: Option<u32>,
    notation: Notation,
}

impl<'a> Numbers<'a> {
    pub(super) fn of(answer: &'a MetricAnswer, figure: &Figure) -> Self {
        let Figure { decimals, notation, .. } = *figure;
        Self { format: answer.format, unit: answer.unit.as_deref(), decimals, notation }
    }

    fn currency(&self) -> Option<&'a str> {
        self.unit.filter(|_| self.format == ValueFormat::Currency)
    }

    /// Every digit: "$1,097,448.00".
    pub(super) fn exact(&self, value: Decimal) -> String {
        match (self.format, self.currency()) {
            (ValueFormat::Currency, Some(code)) => format::money_exact(value, code),
            (ValueFormat::Currency | ValueFormat::Number, _) => {
                let text = format::number(value, value.normalize().scale().min(6));
                match self.counted() {
                    Some(unit) => format!("{text}\u{a0}{}", format::of_these(value, unit)),
                    None => text,
                }
            }
            (ValueFormat::Percentage, _) => format::percent(value, self.decimals.unwrap_or(2)),
            (ValueFormat::Duration, _) => format::duration(value),
        }
    }

    /// The digits and the magnitude, both as the settings wish: ("39.42", "M"), ("39,421,337.12", "").
    fn parts(&self, value: Decimal) -> (String, &'static str) {
        match self.notation {
            Notation::Short => match self.currency() {
                Some(code) => format::compact_money_parts(value, code, self.decimals),
                None => format::compact_parts_to(value, self.decimals),
            },
            Notation::Full => {
                let usual = || match self.currency() {
                    Some(code) => format::currency_decimals(code),
                    None => value.normalize().scale().min(6),
                };
                (format::number(value, self.decimals.unwrap_or_else(usual)), "")
            }
        }
    }

    /// Short enough for a card, unless every digit is wished for: "$39.42 M".
    pub(super) fn short(&self, value: Decimal) -> String {
        match (self.format, self.currency()) {
            (ValueFormat::Percentage, _) => format::percent(value, self.decimals.unwrap_or(1)),
            (ValueFormat::Duration, _) => format::duration(value),
            (_, currency) => {
                let (text, suffix) = self.parts(value);
                let text = currency.map_or_else(|| text.clone(), |code| format::with_currency(&text, code));
                if suffix.is_empty() { text } else { format!("{text}\u{a0}{suffix}") }
            }
        }
    }

    /// A fixed mark, such as a target or an end of a scale: "95 %", "$8.00 M".
    pub(super) fn mark(&self, value: Decimal) -> String {
        if self.format == ValueFormat::Percentage {
            return format::percent(value, value.normalize().scale().min(2));
        }
        self.short(value)
    }

    /// The large and the small part of a key figure: ("$39.42", "M"), ("504", "items").
    pub(super) fn split(&self, value: Decimal) -> (String, String) {
        match (self.format, self.currency()) {
            (ValueFormat::Percentage, _) => (format::number(value, self.decimals.unwrap_or(1)), "%".into()),
            (ValueFormat::Duration, _) => (format::duration(value), String::new()),
            (_, currency) => {
                let (text, suffix) = self.parts(value);
                let text = currency.map_or_else(|| text.clone(), |code| format::with_currency(&text, code));
                let small = match (suffix, self.counted()) {
                    ("", unit) => format::of_these(value, unit.unwrap_or_default()).to_owned(),
                    (suffix, None) => suffix.to_owned(),
                    (suffix, Some(unit)) => format!("{suffix}\u{a0}{unit}"),
                };
                (text, small)
            }
        }
    }

    /// Labels for evenly spaced values, in one magnitude and with just as many places as tell them apart.
    pub(super) fn axis(&self, ticks: &[Decimal]) -> Vec<String> {
        match (self.format, self.currency()) {
            (ValueFormat::Duration, _) => ticks.iter().map(|t| format::duration(*t)).collect(),
            (ValueFormat::Percentage, _) => {
                format::axis(ticks, None).into_iter().map(|t| format!("{t}\u{a0}%")).collect()
            }
            (_, currency) => format::axis(ticks, currency),
        }
    }

    /// What is counted, where that says more than nothing.
    fn counted(&self) -> Option<&'a str> {
        self.unit.filter(|u| self.format == ValueFormat::Number && !u.is_empty())
    }

    /// "▲ 18.6 %" and which way it went. `None` where there is nothing to set it beside.
    pub(super) fn change(&self, value: Decimal, before: Decimal) -> Option<(std::cmp::Ordering, String)> {
        let change = self.format.change(Some(value), Some(before))?;
        let order = value.cmp(&before);
        // Ten thousand percent says no more than "far".
        let far = !change.in_points && change.amount.abs() > Decimal::from(9_999);
        let amount = if far { "> 9,999\u{a0}%".into() } else { change.size() };
        let arrow = match order {
            std::cmp::Ordering::Greater => '▲',
            std::cmp::Ordering::Less => '▼',
            std::cmp::Ordering::Equal => '=',
        };
        Some((order, format!("{arrow} {amount}")))
    }
}
