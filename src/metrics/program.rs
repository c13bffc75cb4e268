//! A formula made ready to compute: references followed, equal measures shared. Server only.
//!
//! SQL computes the measures; how they combine is computed here, in exact decimals, so that a division by zero or
//! a missing value has one meaning for a total, a bucket and a group alike.

use super::{
    catalogue::{Field, Source},
    formula::*,
    parse,
};
use crate::{error::AppError, format};
use rust_decimal::Decimal;
use serde_json::Value;

/// Through references a formula grows to at most this many measures and operations.
const MOST_NODES: usize = 500;
/// At most this many different measures.
const MOST_MEASURES: usize = 64;

/// The value of each measure of a [`Program`], in its order.
pub type Values = Vec<Option<Decimal>>;

#[derive(Clone, Debug)]
pub struct Program {
    pub measures: Vec<Measure>,
    pub value: Option<Node>,
    pub parts: Vec<(String, Node)>,
}

#[derive(Clone, Debug)]
pub enum Node {
    /// An index into [`Program::measures`].
    Measure(usize),
    Number(Decimal),
    Combined {
        by: Combination,
        terms: Vec<Node>,
        scale: Option<Decimal>,
    },
}

impl Node {
    /// `None`: no value.
    pub fn evaluate(&self, values: &[Option<Decimal>]) -> Option<Decimal> {
        match self {
            Self::Measure(index) => *values.get(*index)?,
            Self::Number(number) => Some(*number),
            Self::Combined { by, terms, scale } => {
                let mut terms = terms.iter().map(|term| term.evaluate(values));
                let first = terms.next()??;
                let combined = terms.try_fold(first, |left, right| by.apply(left, right?))?;
                match scale {
                    Some(scale) => combined.checked_mul(*scale),
                    None => Some(combined),
                }
            }
        }
    }

    /// Whether values of parts may be added up to the value of the whole.
    fn is_additive(&self, measures: &[Measure]) -> bool {
        match self {
            Self::Measure(index) => measures.get(*index).is_some_and(|measure| measure.by.is_additive()),
            Self::Number(_) => false,
            Self::Combined { by: Combination::Add | Combination::Subtract, terms, .. } => {
                terms.iter().all(|term| term.is_additive(measures))
            }
            Self::Combined { .. } => false,
        }
    }
}

impl Program {
    /// What so many of the rows that it reads are called: "225 payments"; of several kinds, "records".
    pub fn counted(&self, rows: i64) -> String {
        let mut nouns = self.measures.iter().map(|measure| measure.source.noun);
        let first = nouns.next().unwrap_or(("record", "records"));
        let (one, many) = if nouns.all(|noun| noun == first) { first } else { ("record", "records") };
        format::count(rows, one, many)
    }

    /// Follows references through `find`, which knows the formulas of other metrics.
    ///
    /// # Errors
    /// `Invalid` under `formula` for an unknown code, a circle, or a formula that grows too large.
    pub fn link<'a>(
        code: &str,
        formula: &'a Formula,
        find: &dyn Fn(&str) -> Option<&'a Formula>,
    ) -> Result<Self, AppError> {
        let mut linker = Linker { measures: Vec::new(), nodes: 0, path: vec![code.to_owned()], find };
        let value = formula.value.as_ref().map(|value| linker.node(value)).transpose()?;
        let parts = formula
            .parts
            .iter()
            .map(|part| Ok((part.label.clone(), linker.node(&part.formula)?)))
            .collect::<Result<_, AppError>>()?;
        Ok(Self { measures: linker.measures, value, parts })
    }

    /// Adds a question's conditions to every measure.
    ///
    /// # Errors
    /// `Invalid` under `filters[i]…` for a condition that one of the sources does not know.
    pub fn restrict(&mut self, filters: &[Value]) -> Result<(), AppError> {
        for (i, json) in filters.iter().enumerate() {
            for measure in &mut self.measures {
                let added = parse::filter(measure.source, json, &format!("filters[{i}]"))?;
                measure.filter = Some(match measure.filter.take() {
                    None => added,
                    Some(Filter::All(mut all)) => {
                        all.push(added);
                        Filter::All(all)
                    }
                    Some(own) => Filter::All(vec![own, added]),
                });
            }
        }
        Ok(())
    }

    /// The field called `name` in each measure's source.
    ///
    /// # Errors
    /// `Invalid` under `group_by` when a source lacks it or it is not one to group by.
    pub fn dimension(&self, name: &str) -> Result<&'static Field, AppError> {
        let mut found = None;
        for measure in &self.measures {
            found = Some(dimension(measure.source, name)?);
        }
        found.ok_or_else(|| AppError::field("group_by", "This metric has nothing to group."))
    }

    /// True when some of it is as of now, whatever the range: then there is no series and no comparison.
    pub fn is_standing(&self) -> bool {
        self.measures.iter().any(|measure| measure.date_field().is_none())
    }

    /// Whether small groups may be added up as "Other".
    pub fn is_additive(&self) -> bool {
        self.value.iter().chain(self.parts.iter().map(|(_, part)| part)).all(|node| node.is_additive(&self.measures))
    }

    /// What every measure is over no rows at all.
    pub fn nothing(&self) -> Values {
        self.measures
            .iter()
            .map(|measure| match measure.by {
                Aggregate::Count | Aggregate::CountDistinct | Aggregate::Sum => Some(Decimal::ZERO),
                _ => None,
            })
            .collect()
    }
}

/// The field `name` of `source`, if values may be grouped by it.
pub fn dimension(source: &'static Source, name: &str) -> Result<&'static Field, AppError> {
    match source.field(name) {
        Some(field) if field.groupable => Ok(field),
        _ => {
            let names: Vec<_> = source.fields.iter().filter(|f| f.groupable).map(|f| f.name).collect();
            let message = format!("{} can be grouped by {}.", source.label, names.join(", "));
            Err(AppError::field("group_by", message))
        }
    }
}

struct Linker<'f, 'a> {
    measures: Vec<Measure>,
    nodes: usize,
    path: Vec<String>,
    find: &'f dyn Fn(&str) -> Option<&'a Formula>,
}

impl Linker<'_, '_> {
    fn node(&mut self, expression: &Expression) -> Result<Node, AppError> {
        self.nodes += 1;
        if self.nodes > MOST_NODES {
            return Err(AppError::field("formula", "With the metrics that it refers to, this formula is too large."));
        }
        match expression {
            Expression::Number(number) => Ok(Node::Number(*number)),
            Expression::Measure(measure) => self.measure(measure),
            Expression::Combined { by, terms, scale } => Ok(Node::Combined {
                by: *by,
                terms: terms.iter().map(|term| self.node(term)).collect::<Result<_, _>>()?,
                scale: *scale,
            }),
            Expression::Metric(code) => self.reference(code),
        }
    }

    fn measure(&mut self, measure: &Measure) -> Result<Node, AppError> {
        if let Some(index) = self.measures.iter().position(|known| known == measure) {
            return Ok(Node::Measure(index));
        }
        if self.measures.len() == MOST_MEASURES {
            return Err(AppError::field("formula", "With the metrics that it refers to, this measures too much."));
        }
        self.measures.push(measure.clone());
        Ok(Node::Measure(self.measures.len() - 1))
    }

    fn reference(&mut self, code: &str) -> Result<Node, AppError> {
        if self.path.iter().any(|known| known == code) {
            let circle = format!("{} → {code}", self.path.join(" → "));
            return Err(AppError::field(
                "formula",
                format!("These metrics refer to each other in a circle: {circle}."),
            ));
        }
        let formula = (self.find)(code)
            .ok_or_else(|| AppError::field("formula", format!("There is no metric “{code}” to refer to.")))?;
        let value = formula.value.as_ref().ok_or_else(|| {
            AppError::field("formula", format!("“{code}” has several parts and no single value to refer to."))
        })?;
        self.path.push(code.to_owned());
        let node = self.node(value)?;
        self.path.pop();
        Ok(node)
    }
}

#[cfg(test)]
#[path = "program_tests.rs"]
mod tests;
