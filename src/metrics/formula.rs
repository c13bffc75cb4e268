//! The formula language: what a metric measures, as a tree that only the catalogue's names fit into. Server only.
//!
//! `parse.rs` reads it from JSON; [`Formula::to_json`] writes it back in one canonical form.

use super::{
    catalogue::{Field, Source},
    range::{Moment, Span},
};
use rust_decimal::Decimal;
use serde_json::{Map, Value, json};

/// A whole definition's formula.
#[derive(Clone, Debug, PartialEq)]
pub struct Formula {
    /// The single number; absent only where parts alone were given.
    pub value: Option<Expression>,
    /// Drawn side by side, each as a series of its own: income and expense.
    pub parts: Vec<Part>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Part {
    pub label: String,
    pub formula: Expression,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Expression {
    Measure(Measure),
    /// Another metric, by its code.
    Metric(String),
    Number(Decimal),
    Combined {
        by: Combination,
        terms: Vec<Expression>,
        scale: Option<Decimal>,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Combination {
    Add,
    Subtract,
    Multiply,
    /// By zero: no value.
    Divide,
}

impl Combination {
    pub const ALL: [Self; 4] = [Self::Add, Self::Subtract, Self::Multiply, Self::Divide];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Add => "add",
            Self::Subtract => "subtract",
            Self::Multiply => "multiply",
            Self::Divide => "divide",
        }
    }

    /// Left to right; `None` for a division by zero and for what no decimal holds.
    pub fn apply(self, left: Decimal, right: Decimal) -> Option<Decimal> {
        match self {
            Self::Add => left.checked_add(right),
            Self::Subtract => left.checked_sub(right),
            Self::Multiply => left.checked_mul(right),
            Self::Divide => left.checked_div(right),
        }
    }
}

/// One number out of the rows of one source.
#[derive(Clone, Debug, PartialEq)]
pub struct Measure {
    pub source: &'static Source,
    pub by: Aggregate,
    /// Absent exactly for [`Aggregate::Count`].
    pub field: Option<&'static Field>,
    pub filter: Option<Filter>,
    pub date: DateChoice,
}

/// Which of a source's dates a range selects by.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum DateChoice {
    /// The source's own.
    Usual,
    /// None: the measure is of now, whatever the range.
    Standing,
    Field(&'static Field),
}

impl Measure {
    /// The date that a range selects by; `None` for what is as of now.
    pub fn date_field(&self) -> Option<&'static Field> {
        match self.date {
            DateChoice::Usual => self.source.date.and_then(|name| self.source.field(name)),
            DateChoice::Standing => None,
            DateChoice::Field(field) => Some(field),
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Aggregate {
    Count,
    CountDistinct,
    Sum,
    Average,
    Min,
    Max,
    /// The middle value, or the mean of the middle two.
    Median,
    /// The smallest value that at least 95 % of the values do not exceed (nearest rank).
    P95,
    /// The value of the row with the latest date.
    Latest,
}

impl Aggregate {
    pub const ALL: [Self; 9] = [
        Self::Count,
        Self::CountDistinct,
        Self::Sum,
        Self::Average,
        Self::Min,
        Self::Max,
        Self::Median,
        Self::P95,
        Self::Latest,
    ];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Count => "count",
            Self::CountDistinct => "count distinct",
            Self::Sum => "sum",
            Self::Average => "average",
            Self::Min => "min",
            Self::Max => "max",
            Self::Median => "median",
            Self::P95 => "p95",
            Self::Latest => "latest",
        }
    }

    /// Parts of it may be added up to the whole; and over no rows it is 0 rather than no value.
    pub const fn is_additive(self) -> bool {
        matches!(self, Self::Count | Self::Sum)
    }
}

#[derive(Clone, Debug, PartialEq)]
pub enum Filter {
    All(Vec<Filter>),
    Any(Vec<Filter>),
    Not(Box<Filter>),
    Test(Test),
}

#[derive(Clone, Debug, PartialEq)]
pub struct Test {
    pub field: &'static Field,
    pub check: Check,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Check {
    Compare(Comparator, Literal),
    OneOf {
        values: Vec<Literal>,
        negated: bool,
    },
    /// Ignores case.
    Contains(String),
    Empty {
        negated: bool,
    },
    /// A date before today less the span.
    OlderThan(Span),
    /// A date from today less the span up to today.
    Within(Span),
    /// Both ends included.
    Between(Literal, Literal),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Comparator {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

impl Comparator {
    pub const ALL: [Self; 6] =
        [Self::Equal, Self::NotEqual, Self::Less, Self::LessOrEqual, Self::Greater, Self::GreaterOrEqual];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Equal => "=",
            Self::NotEqual => "!=",
            Self::Less => "<",
            Self::LessOrEqual => "<=",
            Self::Greater => ">",
            Self::GreaterOrEqual => ">=",
        }
    }
}

/// A value of the type of the field that it is compared with.
#[derive(Clone, Debug, PartialEq)]
pub enum Literal {
    Text(String),
    Number(Decimal),
    Date(Moment),
    YesNo(bool),
}

impl Formula {
    /// The canonical form: reading it gives the same formula, and equal formulas write the same.
    pub fn to_json(&self) -> Value {
        if self.parts.is_empty()
            && let Some(value) = &self.value
        {
            return value.to_json();
        }
        let parts: Vec<Value> =
            self.parts.iter().map(|part| json!({"label": part.label, "formula": part.formula.to_json()})).collect();
        match &self.value {
            Some(value) => json!({"value": value.to_json(), "parts": parts}),
            None => json!({"parts": parts}),
        }
    }

    pub fn expressions(&self) -> impl Iterator<Item = &Expression> {
        self.value.iter().chain(self.parts.iter().map(|part| &part.formula))
    }

    /// The codes of the metrics that it refers to, each once.
    pub fn references(&self) -> Vec<&str> {
        let mut codes = Vec::new();
        for expression in self.expressions() {
            expression.collect_references(&mut codes);
        }
        let mut seen = std::collections::HashSet::new();
        codes.retain(|code| seen.insert(*code));
        codes
    }
}

impl Expression {
    fn to_json(&self) -> Value {
        match self {
            Self::Measure(measure) => measure.to_json(),
            Self::Metric(code) => json!({"metric": code}),
            Self::Number(number) => json!(number.normalize().to_string()),
            Self::Combined { by, terms, scale } => {
                let mut map = Map::new();
                map.insert(by.as_str().into(), terms.iter().map(Self::to_json).collect());
                if let Some(scale) = scale {
                    map.insert("scale".into(), json!(scale.normalize().to_string()));
                }
                Value::Object(map)
            }
        }
    }

    fn collect_references<'a>(&'a self, codes: &mut Vec<&'a str>) {
        match self {
            Self::Metric(code) => codes.push(code),
            Self::Combined { terms, .. } => terms.iter().for_each(|term| term.collect_references(codes)),
            Self::Measure(_) | Self::Number(_) => {}
        }
    }
}

impl Measure {
    fn to_json(&self) -> Value {
        let mut map = Map::new();
        map.insert("source".into(), json!(self.source.name));
        map.insert("measure".into(), json!(self.by.as_str()));
        if let Some(field) = self.field {
            map.insert("field".into(), json!(field.name));
        }
        if let Some(filter) = &self.filter {
            map.insert("where".into(), filter.to_json());
        }
        match self.date {
            DateChoice::Usual => {}
            DateChoice::Standing => drop(map.insert("date".into(), json!("none"))),
            DateChoice::Field(field) => drop(map.insert("date".into(), json!(field.name))),
        }
        Value::Object(map)
    }
}

impl Filter {
    /// Whether any comparison is about the field `name`.
    pub fn names(&self, name: &str) -> bool {
        match self {
            Self::All(filters) | Self::Any(filters) => filters.iter().any(|filter| filter.names(name)),
            Self::Not(filter) => filter.names(name),
            Self::Test(test) => test.field.name == name,
        }
    }

    pub fn to_json(&self) -> Value {
        let list = |filters: &[Filter]| filters.iter().map(Filter::to_json).collect::<Vec<_>>();
        match self {
            Self::All(filters) => json!({"all": list(filters)}),
            Self::Any(filters) => json!({"any": list(filters)}),
            Self::Not(filter) => json!({"not": filter.to_json()}),
            Self::Test(test) => test.to_json(),
        }
    }
}

impl Test {
    fn to_json(&self) -> Value {
        let list = |values: &[Literal]| Value::from(values.iter().map(Literal::to_json).collect::<Vec<_>>());
        let (operator, value) = match &self.check {
            Check::Compare(comparator, value) => (comparator.as_str(), Some(value.to_json())),
            Check::OneOf { values, negated: false } => ("in", Some(list(values))),
            Check::OneOf { values, negated: true } => ("not in", Some(list(values))),
            Check::Contains(text) => ("contains", Some(json!(text))),
            Check::Empty { negated: false } => ("is empty", None),
            Check::Empty { negated: true } => ("is not empty", None),
            Check::OlderThan(span) => ("older than", Some(json!(span.to_string()))),
            Check::Within(span) => ("within", Some(json!(span.to_string()))),
            Check::Between(low, high) => ("between", Some(json!([low.to_json(), high.to_json()]))),
        };
        match value {
            Some(value) => json!({"field": self.field.name, "operator": operator, "value": value}),
            None => json!({"field": self.field.name, "operator": operator}),
        }
    }
}

impl Literal {
    fn to_json(&self) -> Value {
        match self {
            Self::Text(text) => json!(text),
            Self::Number(number) => json!(number.normalize().to_string()),
            Self::Date(moment) => json!(moment.to_string()),
            Self::YesNo(yes) => json!(yes),
        }
    }
}
