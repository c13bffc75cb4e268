//! From JSON to a [`Formula`]. Whatever the catalogue does not know is refused, with the place and the nearest
//! name that it does know. Server only.

use super::{
    catalogue::{self, Field, Kind, SOURCES, Source},
    formula::*,
    range::Span,
};
use crate::error::AppError;
use rust_decimal::Decimal;
use serde_json::{Map, Value};

/// Deeper formulas are refused: nobody reads them, and the parser recurses.
const DEEPEST: usize = 24;
/// A formula has at most this many measures, references and numbers.
const MOST_TERMS: usize = 64;
/// A filter compares at most this many times.
const MOST_TESTS: usize = 64;
/// A list of values is at most this long.
const MOST_VALUES: usize = 500;
const LONGEST_TEXT: usize = 200;

type Parsed<T> = Result<T, AppError>;

/// Reads a whole formula. Errors carry the path of the place below `formula`.
pub fn formula(json: &Value) -> Parsed<Formula> {
    let at = Place::root("formula");
    let map = at.object(json)?;
    if !map.contains_key("parts") && !map.contains_key("value") || map.contains_key("operator") {
        return Ok(Formula { value: Some(expression(json, &at)?), parts: Vec::new() });
    }
    at.only(map, &["value", "parts"])?;
    let value = map.get("value").map(|json| expression(json, &at.key("value"))).transpose()?;
    let parts = match map.get("parts") {
        None => Vec::new(),
        Some(json) => {
            let at = at.key("parts");
            at.list(json, 8)?.map(|(json, at)| part(json, &at)).collect::<Parsed<_>>()?
        }
    };
    Ok(Formula { value, parts })
}

/// Reads one condition on `source`, as a query adds them. Errors name places below `root`.
pub fn filter(source: &'static Source, json: &Value, root: &str) -> Parsed<Filter> {
    condition(source, json, &Place::root(root))
}

fn part(json: &Value, at: &Place) -> Parsed<Part> {
    let map = at.object(json)?;
    at.only(map, &["label", "formula"])?;
    let label = at.key("label").text(at.required(map, "label")?)?.to_owned();
    Ok(Part { label, formula: expression(at.required(map, "formula")?, &at.key("formula"))? })
}

fn expression(json: &Value, at: &Place) -> Parsed<Expression> {
    let parsed = term(json, at)?;
    let mut terms = 0;
    count_terms(&parsed, &mut terms);
    match parsed {
        Expression::Number(_) => Err(at.refuse("A formula measures something; this is only a number.")),
        _ if terms > MOST_TERMS => Err(at.refuse(format!("A formula has at most {MOST_TERMS} terms."))),
        parsed => Ok(parsed),
    }
}

fn count_terms(expression: &Expression, count: &mut usize) {
    *count += 1;
    if let Expression::Combined { terms, .. } = expression {
        terms.iter().for_each(|term| count_terms(term, count));
    }
}

fn term(json: &Value, at: &Place) -> Parsed<Expression> {
    if json.is_number() || json.is_string() {
        return Ok(Expression::Number(at.number(json)?));
    }
    let map = at.object(json)?;
    if let Some(by) = Combination::ALL.into_iter().find(|by| map.contains_key(by.as_str())) {
        return combined(by, map, at);
    }
    if let Some(code) = map.get("metric") {
        at.only(map, &["metric"])?;
        return Ok(Expression::Metric(at.key("metric").text(code)?.to_owned()));
    }
    measure(map, at).map(Expression::Measure)
}

fn combined(by: Combination, map: &Map<String, Value>, at: &Place) -> Parsed<Expression> {
    at.only(map, &[by.as_str(), "scale"])?;
    let here = at.key(by.as_str());
    let terms: Vec<Expression> = here
        .list(at.required(map, by.as_str())?, MOST_TERMS)?
        .map(|(json, at)| term(json, &at))
        .collect::<Parsed<_>>()?;
    if terms.len() < 2 {
        return Err(here.refuse(format!("To {} takes at least two terms.", by.as_str())));
    }
    let scale = map.get("scale").map(|json| at.key("scale").number(json)).transpose()?;
    Ok(Expression::Combined { by, terms, scale })
}

fn measure(map: &Map<String, Value>, at: &Place) -> Parsed<Measure> {
    // The short form: the condition stands where the measure would, and its matches are counted.
    let short = map.contains_key("operator");
    if short {
        at.only(map, &["source", "measure", "field", "operator", "value", "date"])?;
    } else {
        at.only(map, &["source", "measure", "field", "where", "date"])?;
    }
    let source = source_of(map, at)?;
    let by = match map.get("measure") {
        None => Aggregate::Count,
        Some(json) => {
            let at = at.key("measure");
            let name = at.text(json)?.replace('_', " ");
            Aggregate::ALL
                .into_iter()
                .find(|by| by.as_str() == name)
                .ok_or_else(|| at.unknown("measure", &name, Aggregate::ALL.into_iter().map(Aggregate::as_str)))?
        }
    };
    let date = match map.get("date") {
        None => DateChoice::Usual,
        Some(json) => date_choice(source, json, &at.key("date"))?,
    };
    if short {
        if by != Aggregate::Count {
            return Err(at.key("measure").refuse("The short form only counts; write the condition under “where”."));
        }
        let mut test = map.clone();
        test.retain(|key, _| ["field", "operator", "value"].contains(&key.as_str()));
        let filter = Some(Filter::Test(self::test(source, &test, at)?));
        return Ok(Measure { source, by, field: None, filter, date });
    }
    let field = map.get("field").map(|json| at.key("field").field(source, json)).transpose()?;
    match (by, field) {
        (Aggregate::Count, Some(_)) => {
            return Err(at.key("field").refuse("Counting takes no field; “count distinct” does."));
        }
        (Aggregate::Count, None) | (Aggregate::CountDistinct, Some(_)) => {}
        (_, None) => return Err(at.key("field").refuse(format!("Say of which field to take the {}.", by.as_str()))),
        (_, Some(field)) if !field.kind.is_number() => {
            let numbers = source.fields.iter().filter(|f| f.kind.is_number()).map(|f| f.name);
            let names: Vec<_> = numbers.collect();
            let message = format!("“{}” is no number; {} has {}.", field.name, source.name, names.join(", "));
            return Err(at.key("field").refuse(message));
        }
        _ => {}
    }
    let filter = map.get("where").map(|json| condition(source, json, &at.key("where"))).transpose()?;
    if filter.as_ref().is_some_and(|filter| count_tests(filter) > MOST_TESTS) {
        return Err(at.key("where").refuse(format!("A condition compares at most {MOST_TESTS} times.")));
    }
    Ok(Measure { source, by, field, filter, date })
}

fn count_tests(filter: &Filter) -> usize {
    match filter {
        Filter::All(filters) | Filter::Any(filters) => filters.iter().map(count_tests).sum(),
        Filter::Not(filter) => count_tests(filter),
        Filter::Test(_) => 1,
    }
}

fn source_of(map: &Map<String, Value>, at: &Place) -> Parsed<&'static Source> {
    if let Some(json) = map.get("source") {
        let at = at.key("source");
        let name = at.text(json)?;
        return catalogue::source(name).ok_or_else(|| at.unknown("source", name, SOURCES.into_iter().map(|s| s.name)));
    }
    // Without a source, a field that only one source has is enough.
    let field = map.get("field").and_then(Value::as_str);
    let mut having = SOURCES.into_iter().filter(|source| field.is_some_and(|name| source.field(name).is_some()));
    match (having.next(), having.next()) {
        (Some(source), None) => Ok(source),
        _ => {
            let names: Vec<_> = SOURCES.into_iter().map(|source| source.name).collect();
            Err(at.key("source").refuse(format!("Say what is measured: {}.", names.join(", "))))
        }
    }
}

fn date_choice(source: &'static Source, json: &Value, at: &Place) -> Parsed<DateChoice> {
    match at.text(json)? {
        "none" => Ok(DateChoice::Standing),
        name => match source.field(name) {
            Some(field) if field.kind == Kind::Date => Ok(DateChoice::Field(field)),
            _ => Err(at.unknown("date", name, source.dates().chain(["none"]))),
        },
    }
}

fn condition(source: &'static Source, json: &Value, at: &Place) -> Parsed<Filter> {
    let map = at.object(json)?;
    let list = |key: &str| -> Parsed<Vec<Filter>> {
        at.only(map, &[key])?;
        let here = at.key(key);
        let filters: Vec<_> = here
            .list(at.required(map, key)?, MOST_TESTS)?
            .map(|(json, at)| condition(source, json, &at))
            .collect::<Parsed<_>>()?;
        if filters.is_empty() { Err(here.refuse("This list is empty.")) } else { Ok(filters) }
    };
    if map.contains_key("all") {
        list("all").map(Filter::All)
    } else if map.contains_key("any") {
        list("any").map(Filter::Any)
    } else if let Some(inner) = map.get("not") {
        at.only(map, &["not"])?;
        Ok(Filter::Not(Box::new(condition(source, inner, &at.key("not"))?)))
    } else {
        test(source, map, at).map(Filter::Test)
    }
}

const OPERATORS: [&str; 14] = [
    "=",
    "!=",
    "<",
    "<=",
    ">",
    ">=",
    "in",
    "not in",
    "contains",
    "is empty",
    "is not empty",
    "older than",
    "within",
    "between",
];

fn test(source: &'static Source, map: &Map<String, Value>, at: &Place) -> Parsed<Test> {
    at.only(map, &["field", "operator", "value"])?;
    let field = at.key("field").field(source, at.required(map, "field")?)?;
    let operator_at = at.key("operator");
    let operator = operator_at.text(at.required(map, "operator")?)?;
    let operator = operator.trim().to_lowercase().replace('_', " ");
    if !OPERATORS.contains(&operator.as_str()) {
        return Err(operator_at.unknown("operator", &operator, OPERATORS.into_iter()));
    }
    let value_at = at.key("value");
    if let "is empty" | "is not empty" = operator.as_str() {
        at.only(map, &["field", "operator"])?;
        return Ok(Test { field, check: Check::Empty { negated: operator == "is not empty" } });
    }
    let value = at.required(map, "value")?;
    let check = match operator.as_str() {
        "in" | "not in" => {
            let values: Vec<_> =
                value_at.list(value, MOST_VALUES)?.map(|(json, at)| at.literal(field, json)).collect::<Parsed<_>>()?;
            Check::OneOf { values, negated: operator == "not in" }
        }
        "contains" => match field.kind {
            Kind::Text | Kind::Choice(_) => Check::Contains(value_at.text(value)?.to_owned()),
            _ => return Err(operator_at.refuse(format!("“{}” is no text.", field.name))),
        },
        "older than" | "within" => {
            if field.kind != Kind::Date {
                return Err(operator_at.refuse(format!("“{}” is no date.", field.name)));
            }
            let span = value_at.span(value)?;
            if operator == "within" { Check::Within(span) } else { Check::OlderThan(span) }
        }
        "between" => match value.as_array().map(Vec::as_slice) {
            Some([low, high]) => {
                value_at.ordered(field, &operator_at)?;
                Check::Between(value_at.index(0).literal(field, low)?, value_at.index(1).literal(field, high)?)
            }
            _ => return Err(value_at.refuse("Give two values: the lowest and the highest.")),
        },
        _ => compare(field, &operator, value, &operator_at, &value_at)?,
    };
    Ok(Test { field, check })
}

fn compare(
    field: &'static Field,
    operator: &str,
    value: &Value,
    operator_at: &Place,
    value_at: &Place,
) -> Parsed<Check> {
    let comparator = Comparator::ALL
        .into_iter()
        .find(|comparator| comparator.as_str() == operator)
        .ok_or_else(|| operator_at.unknown("operator", operator, OPERATORS.into_iter()))?;
    if !matches!(comparator, Comparator::Equal | Comparator::NotEqual) {
        value_at.ordered(field, operator_at)?;
    }
    // `lastOrder > "30 days"` speaks of an age: longer ago than that.
    if field.kind == Kind::Date
        && let Some(span) = value.as_str().and_then(|text| text.parse::<Span>().ok())
    {
        return match comparator {
            Comparator::Greater | Comparator::GreaterOrEqual => Ok(Check::OlderThan(span)),
            Comparator::Less | Comparator::LessOrEqual => Ok(Check::Within(span)),
            _ => Err(operator_at.refuse("An age is compared with > or <.")),
        };
    }
    Ok(Check::Compare(comparator, value_at.literal(field, value)?))
}

/// Where in the input we are: `formula.divide[0].where.field`.
#[derive(Clone, Debug)]
struct Place {
    path: String,
    depth: usize,
}

impl Place {
    fn root(path: &str) -> Self {
        Self { path: path.to_owned(), depth: 0 }
    }

    fn key(&self, key: &str) -> Self {
        Self { path: format!("{}.{key}", self.path), depth: self.depth + 1 }
    }

    fn index(&self, index: usize) -> Self {
        Self { path: format!("{}[{index}]", self.path), depth: self.depth }
    }

    fn refuse(&self, message: impl Into<String>) -> AppError {
        AppError::field(self.path.clone(), message)
    }

    fn unknown(&self, what: &str, given: &str, names: impl Iterator<Item = &'static str>) -> AppError {
        let names: Vec<_> = names.collect();
        let given: String = given.chars().take(40).collect();
        self.refuse(match catalogue::nearest(&given, names.iter().copied()) {
            Some(nearest) => format!("There is no {what} “{given}”. Did you mean “{nearest}”?"),
            None => format!("There is no {what} “{given}”. There is: {}.", names.join(", ")),
        })
    }

    fn object<'a>(&self, json: &'a Value) -> Parsed<&'a Map<String, Value>> {
        if self.depth > DEEPEST {
            return Err(self.refuse("This is nested too deeply."));
        }
        json.as_object().ok_or_else(|| self.refuse("An object in braces belongs here."))
    }

    fn list<'a>(&self, json: &'a Value, most: usize) -> Parsed<impl Iterator<Item = (&'a Value, Place)>> {
        let list = json.as_array().ok_or_else(|| self.refuse("A list in brackets belongs here."))?;
        if list.len() > most {
            return Err(self.refuse(format!("This list has more than {most} entries.")));
        }
        let at = self.clone();
        Ok(list.iter().enumerate().map(move |(i, json)| (json, at.index(i))))
    }

    fn text<'a>(&self, json: &'a Value) -> Parsed<&'a str> {
        let text = json.as_str().ok_or_else(|| self.refuse("A text in quotes belongs here."))?;
        if text.chars().count() > LONGEST_TEXT || text.contains('\0') {
            return Err(self.refuse(format!("A text has at most {LONGEST_TEXT} characters, none of them NUL.")));
        }
        Ok(text)
    }

    fn number(&self, json: &Value) -> Parsed<Decimal> {
        let parsed = match json {
            Value::Number(number) => {
                let text = number.to_string();
                text.parse().or_else(|_| Decimal::from_scientific(&text)).ok()
            }
            Value::String(text) => text.parse().ok(),
            _ => None,
        };
        parsed.ok_or_else(|| self.refuse("A number belongs here."))
    }

    fn span(&self, json: &Value) -> Parsed<Span> {
        self.text(json)?.parse().map_err(|message: String| self.refuse(message))
    }

    fn required<'a>(&self, map: &'a Map<String, Value>, key: &str) -> Parsed<&'a Value> {
        map.get(key).ok_or_else(|| self.key(key).refuse("This is missing."))
    }

    /// Refuses the first key that does not belong here.
    fn only(&self, map: &Map<String, Value>, keys: &[&str]) -> Parsed<()> {
        match map.keys().find(|key| !keys.contains(&key.as_str())) {
            None => Ok(()),
            Some(key) => {
                let key: String = key.chars().take(40).collect();
                let message = format!("“{key}” does not belong here, only {}.", keys.join(", "));
                Err(self.key(&key).refuse(message))
            }
        }
    }

    fn field(&self, source: &'static Source, json: &Value) -> Parsed<&'static Field> {
        let name = self.text(json)?;
        source.field(name).ok_or_else(|| self.unknown(&format!("field in {}", source.name), name, source.names()))
    }

    /// Refuses to order what has no order that a person would expect.
    fn ordered(&self, field: &Field, operator_at: &Place) -> Parsed<()> {
        match field.kind {
            Kind::Money | Kind::Decimal | Kind::Date => Ok(()),
            _ => Err(operator_at.refuse(format!("“{}” is {}; it has no order.", field.name, field.kind.name()))),
        }
    }

    fn literal(&self, field: &'static Field, json: &Value) -> Parsed<Literal> {
        match field.kind {
            Kind::Money | Kind::Decimal => self.number(json).map(Literal::Number),
            Kind::Date => self.text(json)?.parse().map(Literal::Date).map_err(|message: String| self.refuse(message)),
            Kind::Text => self.text(json).map(|text| Literal::Text(text.to_owned())),
            Kind::YesNo => json.as_bool().map(Literal::YesNo).ok_or_else(|| self.refuse("true or false belongs here.")),
            Kind::Choice(choices) => {
                let text = self.text(json)?;
                if choices.contains(&text) {
                    Ok(Literal::Text(text.to_owned()))
                } else {
                    Err(self.unknown(field.name, text, choices.iter().copied()))
                }
            }
        }
    }
}

#[cfg(test)]
#[path = "parse_tests.rs"]
mod tests;
