//! Formulas in words, for whoever asks "how is this computed?". Server only.

use super::formula::*;
use crate::format;
use rust_decimal::Decimal;
use std::fmt::Write;

/// "the sum of amount of the transactions where type is income". `name_of` knows the names of other metrics.
pub fn expression(expression: &Expression, name_of: &dyn Fn(&str) -> Option<String>) -> String {
    match expression {
        Expression::Measure(measure) => self::measure(measure),
        Expression::Metric(code) => format!("“{}”", name_of(code).unwrap_or_else(|| code.clone())),
        Expression::Number(number) => number.normalize().to_string(),
        Expression::Combined { by, terms, scale } => {
            let between = match by {
                Combination::Add => " plus ",
                Combination::Subtract => " minus ",
                Combination::Multiply => " times ",
                Combination::Divide => " divided by ",
            };
            let terms: Vec<String> = terms
                .iter()
                .map(|term| match term {
                    Expression::Combined { .. } => format!("({})", self::expression(term, name_of)),
                    _ => self::expression(term, name_of),
                })
                .collect();
            let mut words = terms.join(between);
            if let Some(scale) = scale {
                if *scale == Decimal::ONE_HUNDRED && *by == Combination::Divide {
                    words.push_str(", in percent");
                } else {
                    let _ = write!(words, ", times {}", scale.normalize());
                }
            }
            words
        }
    }
}

fn measure(measure: &Measure) -> String {
    let rows = measure.source.name;
    let field = measure.field.map(|field| field.label.to_lowercase()).unwrap_or_default();
    let mut words = match measure.by {
        Aggregate::Count => format!("the number of {rows}"),
        Aggregate::CountDistinct => format!("the number of different values of {field} of the {rows}"),
        Aggregate::Sum => format!("the sum of {field} of the {rows}"),
        Aggregate::Average => format!("the average {field} of the {rows}"),
        Aggregate::Min => format!("the smallest {field} of the {rows}"),
        Aggregate::Max => format!("the largest {field} of the {rows}"),
        Aggregate::Median => format!("the median {field} of the {rows}"),
        Aggregate::P95 => format!("the 95th percentile of {field} of the {rows}"),
        Aggregate::Latest => format!("the latest {field} of the {rows}"),
    };
    if let Some(filter) = &measure.filter {
        let _ = write!(words, " where {}", self::filter(filter));
    }
    match measure.date {
        DateChoice::Usual => {}
        DateChoice::Standing => words.push_str(", as of now"),
        DateChoice::Field(field) => {
            let _ = write!(words, ", by {}", field.label.to_lowercase());
        }
    }
    words
}

/// "type is income and (amount is more than 100 or department is empty)".
pub fn filter(filter: &Filter) -> String {
    let list = |filters: &[Filter], between: &str| {
        let inner = |f: &Filter| match f {
            Filter::All(all) | Filter::Any(all) if all.len() > 1 => format!("({})", self::filter(f)),
            _ => self::filter(f),
        };
        filters.iter().map(inner).collect::<Vec<_>>().join(between)
    };
    match filter {
        Filter::All(filters) => list(filters, " and "),
        Filter::Any(filters) => list(filters, " or "),
        Filter::Not(filter) => format!("not ({})", self::filter(filter)),
        Filter::Test(test) => self::test(test),
    }
}

fn test(test: &Test) -> String {
    let field = test.field.label.to_lowercase();
    match &test.check {
        Check::Compare(Comparator::Equal, Literal::YesNo(true)) => field,
        Check::Compare(Comparator::Equal, Literal::YesNo(false)) => format!("not {field}"),
        Check::Compare(comparator, value) => {
            let verb = match comparator {
                Comparator::Equal => "is",
                Comparator::NotEqual => "is not",
                Comparator::Less => "is less than",
                Comparator::LessOrEqual => "is at most",
                Comparator::Greater => "is more than",
                Comparator::GreaterOrEqual => "is at least",
            };
            format!("{field} {verb} {}", literal(value))
        }
        Check::OneOf { values, negated } => {
            let values: Vec<String> = values.iter().map(literal).collect();
            format!("{field} is {} of {}", if *negated { "none" } else { "one" }, values.join(", "))
        }
        Check::Contains(text) => format!("{field} contains “{text}”"),
        Check::Empty { negated: false } => format!("{field} is empty"),
        Check::Empty { negated: true } => format!("{field} is not empty"),
        Check::OlderThan(span) => format!("{field} is more than {span} ago"),
        Check::Within(span) => format!("{field} is within the last {span}"),
        Check::Between(low, high) => format!("{field} is between {} and {}", literal(low), literal(high)),
    }
}

fn literal(literal: &Literal) -> String {
    match literal {
        Literal::Text(text) if text.is_empty() => "empty".to_owned(),
        Literal::Text(text) => text.clone(),
        Literal::Number(number) => format::number(*number, number.normalize().scale()),
        Literal::Date(moment) => moment.to_string(),
        Literal::YesNo(true) => "yes".to_owned(),
        Literal::YesNo(false) => "no".to_owned(),
    }
}
