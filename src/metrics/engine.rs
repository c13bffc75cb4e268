//! Answers questions. Server only.

use super::{
    Lack,
    change::change_percent,
    compile::{Compiled, Question, Scan, compile},
    definitions,
    formula::Formula,
    model::*,
    parse,
    program::{Node, Program, Values},
    range::MOST_POINTS,
    sources,
};
use crate::{
    accounts::OrganizationSummary,
    error::AppError,
    server::{TenantTx, fault},
};
use chrono::{DateTime, NaiveDate, Utc};
use rust_decimal::Decimal;
use std::collections::{BTreeMap, HashMap};

pub use super::rows::rows;

/// At most this many groups are shown when a question does not say.
const GROUPS: usize = 50;
/// And never more than this many.
pub(super) const MOST_GROUPS: u32 = 1_000;
/// Series side by side, when a question asks for groups over time.
const MOST_SERIES: usize = 12;

/// The definitions in effect for one organisation, by code, with their formulas.
#[derive(Debug)]
pub struct Definitions(HashMap<String, Known>);

#[derive(Debug)]
struct Known {
    definition: Definition,
    /// One formula that cannot be read any more spoils only what is made of it.
    formula: Result<Formula, AppError>,
}

impl Definitions {
    /// All of them, in one round trip.
    pub async fn load(tx: &mut TenantTx) -> Result<Self, AppError> {
        let known = |definition: Definition| {
            let formula = parse::formula(&definition.formula);
            (definition.code.clone(), Known { definition, formula })
        };
        Ok(Self(definitions::list(tx).await?.into_iter().map(known).collect()))
    }

    /// The definition in effect for `code`.
    ///
    /// # Errors
    /// `NotFound` when there is none.
    pub fn find(&self, code: &str) -> Result<&Definition, AppError> {
        self.known(code).map(|known| &known.definition)
    }

    pub fn count(&self) -> usize {
        self.0.len()
    }

    fn known(&self, code: &str) -> Result<&Known, AppError> {
        self.0.get(code).ok_or_else(|| definitions::unknown(code))
    }

    /// Follows the formula's references, however deep, and makes a program of it.
    pub(super) fn link(&self, code: &str, formula: &Formula) -> Result<Program, AppError> {
        Program::link(code, formula, &|code| self.0.get(code)?.formula.as_ref().ok())
    }
}

/// Answers one question, as of `now`. All of an answer comes from one statement, so from one snapshot.
///
/// # Errors
/// `NotFound` for an unknown metric; `Invalid`, with the field of the question, for what cannot be asked.
pub async fn answer(
    tx: &mut TenantTx,
    organization: &OrganizationSummary,
    query: &MetricQuery,
    now: DateTime<Utc>,
) -> Result<MetricAnswer, AppError> {
    let definitions = Definitions::load(tx).await?;
    answer_by(&definitions, tx, organization, query, now).await
}

/// As [`answer`], by definitions that were read before.
pub async fn answer_by(
    definitions: &Definitions,
    tx: &mut TenantTx,
    organization: &OrganizationSummary,
    query: &MetricQuery,
    now: DateTime<Utc>,
) -> Result<MetricAnswer, AppError> {
    Prepared::new(definitions, organization, query, now)?.run(tx, true).await
}

/// As [`answer`], but never from a rollup; for tests that compare the two.
#[doc(hidden)]
pub async fn answer_from_rows(
    tx: &mut TenantTx,
    organization: &OrganizationSummary,
    query: &MetricQuery,
    now: DateTime<Utc>,
) -> Result<MetricAnswer, AppError> {
    let definitions = Definitions::load(tx).await?;
    Prepared::new(&definitions, organization, query, now)?.run(tx, false).await
}

/// A question with its definition found and everything relative settled.
pub(super) struct Prepared {
    pub definition: Definition,
    pub formula: Formula,
    pub program: Program,
    pub period: Period,
    pub comparison: Option<Period>,
    pub grain: Option<Grain>,
    pub group_by: Option<String>,
    limit: usize,
    lack: Lack,
    currency: String,
    today: NaiveDate,
    now: DateTime<Utc>,
}

impl Prepared {
    pub(super) fn new(
        definitions: &Definitions,
        organization: &OrganizationSummary,
        query: &MetricQuery,
        now: DateTime<Utc>,
    ) -> Result<Self, AppError> {
        let Known { definition, formula } = definitions.known(&query.metric)?;
        let formula = formula.as_ref().map_err(AppError::clone)?;
        let mut program = definitions.link(&definition.code, formula)?;
        program.restrict(&query.filters)?;
        program.check_currency(&query.narrowed, &organization.base_currency)?;
        let filtered = program.narrow(&query.narrowed);
        let period = query.range.resolve(now, organization.time_zone)?;
        let standing = program.is_standing();
        let lack = Lack {
            ranged: !standing && period != Period::default(),
            filtered,
            conditions: !query.filters.is_empty(),
            ..Lack::default()
        };
        let comparison = query.comparison.filter(|_| !standing).and_then(|c| query.range.comparison(period, c));
        // A question's own shape replaces the definition's as a whole.
        let (grain, group_by) = match (query.grain, &query.group_by) {
            (None, None) => (definition.grain(), definition.default_group.clone()),
            (grain, group_by) => (grain, group_by.clone()),
        };
        let grain = grain.filter(|_| !standing);
        if grain == Some(Grain::Hour) {
            return Err(AppError::field("grain", "The books hold days, not hours; the finest grain is a day."));
        }
        if let Some(name) = &group_by {
            program.dimension(name)?;
            if grain.is_some() && program.value.is_none() {
                return Err(AppError::field("group_by", "This metric has parts; group it or draw it over time."));
            }
        }
        let limit = query.limit.unwrap_or(GROUPS as u32).clamp(1, MOST_GROUPS) as usize;
        Ok(Self {
            definition: definition.clone(),
            formula: formula.clone(),
            program,
            period,
            comparison,
            grain,
            group_by,
            limit,
            lack,
            currency: organization.base_currency.clone(),
            today: organization.time_zone.day(now),
            now,
        })
    }

    pub(super) fn compile(&self, organization_id: uuid::Uuid, rollups: bool) -> Compiled {
        compile(
            &self.program,
            &Question {
                organization_id,
                currency: &self.currency,
                today: self.today,
                period: self.period,
                comparison: self.comparison,
                grain: self.grain,
                group_by: self.group_by.as_deref(),
                rollups,
            },
        )
    }

    async fn run(self, tx: &mut TenantTx, rollups: bool) -> Result<MetricAnswer, AppError> {
        if let (Some(grain), Some(from), Some(to)) = (self.grain, self.period.from, self.period.to) {
            grain.buckets(from, to)?;
        }
        let Compiled { sql, scans } = self.compile(tx.organization_id().0, rollups);
        // A plan that is kept is made for a tenant of the usual size, and is the wrong one for a large tenant's rows.
        let kept = !scans.iter().any(Scan::reads_transactions);
        let lines = sql.into_query().persistent(kept).fetch_all(tx.conn()).await?;
        let mut tables = [Table::default(), Table::default()];
        for line in lines {
            let line: Line = sqlx::FromRow::from_row(&line).map_err(fault::internal)?;
            let (Some(scan), Some(table)) = (
                scans.get(usize::from(line.scan.unsigned_abs())),
                tables.get_mut(usize::from(line.period.unsigned_abs())),
            ) else {
                return Err(fault::internal("a line of no scan"));
            };
            table.take(line, &scan.measures, &self.program);
        }
        let [asked, compared] = tables;
        self.assemble(asked, compared)
    }

    fn assemble(self, asked: Table, compared: Table) -> Result<MetricAnswer, AppError> {
        let nothing = self.program.nothing();
        let total = |table: &Table| -> Option<Decimal> {
            let values = table.cells.get(&Key::default()).map_or(&nothing, |cell| &cell.values);
            evaluate(self.program.value.as_ref()?, values)
        };
        let count = |table: &Table| table.cells.get(&Key::default()).map_or(0, |cell| cell.rows);
        let value = total(&asked);
        // Nothing before is no trend, rather than growth from 0.
        let comparison_value = self.comparison.filter(|_| count(&compared) > 0).and_then(|_| total(&compared));
        let definition = &self.definition;
        let status = definition.direction.status(value, definition.warning_threshold, definition.critical_threshold);
        let unit = match definition.format {
            ValueFormat::Currency => Some(self.currency.clone()),
            _ => definition.unit.clone(),
        };
        let series = match (self.grain, &self.group_by) {
            (None, None) => Vec::new(),
            (Some(grain), None) => self.over_time(grain, &asked, &compared)?,
            (None, Some(_)) => self.groups(&asked, &compared),
            (Some(grain), Some(_)) => self.groups_over_time(grain, &asked)?,
        };
        Ok(MetricAnswer {
            code: definition.code.clone(),
            name: definition.name.clone(),
            value,
            count: count(&asked),
            counted: self.program.counted(count(&asked)),
            format: definition.format,
            unit,
            direction: definition.direction,
            status,
            target: definition.target,
            comparison_value,
            change_percent: change_percent(value, comparison_value),
            period: self.period,
            comparison_period: self.comparison,
            grain: self.grain,
            group_by: self.group_by,
            series,
            filtered: self.lack.filtered || self.lack.conditions,
            sources: sources::of_program(&self.program).into_iter().map(|source| source.name.to_owned()).collect(),
            standing: self.program.is_standing(),
            lack: self.lack,
            as_of: self.now,
        })
    }

    /// The parts, or the one value under the definition's name.
    fn lines(&self) -> Vec<(&str, &Node)> {
        if self.program.parts.is_empty() {
            self.program.value.iter().map(|node| (self.definition.name.as_str(), node)).collect()
        } else {
            self.program.parts.iter().map(|(label, node)| (label.as_str(), node)).collect()
        }
    }

    /// Every bucket of the period, also those without rows; between the first and last rows where an end is open.
    fn buckets(&self, grain: Grain, period: Option<Period>, table: &Table) -> Result<Vec<NaiveDate>, AppError> {
        let Some(period) = period else { return Ok(Vec::new()) };
        let with_rows = || table.cells.iter().filter(|(_, cell)| cell.rows != 0).filter_map(|(key, _)| key.bucket);
        let from = period.from.or_else(|| with_rows().min());
        let to = period.to.or_else(|| with_rows().max().and_then(|last| grain.next(last)));
        match (from, to) {
            (Some(from), Some(to)) => grain.buckets(from, to),
            _ => Ok(Vec::new()),
        }
    }

    fn over_time(&self, grain: Grain, asked: &Table, compared: &Table) -> Result<Vec<Series>, AppError> {
        let nothing = self.program.nothing();
        let buckets = self.buckets(grain, Some(self.period), asked)?;
        let before = self.buckets(grain, self.comparison, compared)?;
        let points = |table: &Table, buckets: &[NaiveDate], node: &Node| -> Vec<Point> {
            let value = |bucket: NaiveDate| {
                let cell = table.cells.get(&Key { bucket: Some(bucket), group: None });
                evaluate(node, cell.map_or(&nothing, |cell| &cell.values))
            };
            buckets.iter().map(|&b| Point { key: b.to_string(), label: grain.label(b), value: value(b) }).collect()
        };
        let series = self.lines().into_iter().map(|(label, node)| Series {
            label: label.to_owned(),
            points: points(asked, &buckets, node),
            comparison: points(compared, &before[..before.len().min(buckets.len())], node),
        });
        Ok(series.collect())
    }

    /// The groups by size, and what lies beyond the limit.
    fn ranked<'t>(&self, table: &'t Table) -> (Vec<Ranked<'t>>, Vec<Ranked<'t>>) {
        let Some(lead) = self.program.value.as_ref().or(self.program.parts.first().map(|(_, node)| node)) else {
            return Default::default();
        };
        let mut groups: Vec<Ranked> = table
            .cells
            .iter()
            .filter(|(key, cell)| key.bucket.is_none() && cell.rows != 0)
            .filter_map(|(key, cell)| Some((key.group.as_ref()?, cell)))
            .map(|(group, cell)| Ranked { group, cell, value: evaluate(lead, &cell.values) })
            .collect();
        // Largest first; those without a value last; equals by name.
        groups.sort_by(|a, b| b.value.cmp(&a.value).then_with(|| a.group.cmp(b.group)));
        let rest = groups.split_off(groups.len().min(self.limit));
        (groups, rest)
    }

    fn group_label(&self, group: &Option<String>) -> String {
        let field = self.group_by.as_deref().and_then(|name| self.program.dimension(name).ok());
        field.map_or_else(String::new, |field| field.group_label(group.as_deref()))
    }

    fn groups(&self, asked: &Table, compared: &Table) -> Vec<Series> {
        let nothing = self.program.nothing();
        let (shown, rest) = self.ranked(asked);
        let before = |group: &Option<String>| {
            let key = Key { bucket: None, group: Some(group.clone()) };
            compared.cells.get(&key).map_or(&nothing, |cell| &cell.values)
        };
        let other = (self.program.is_additive() && !rest.is_empty()).then(|| {
            let add_up = |lines: Vec<&Values>| lines.into_iter().fold(nothing.clone(), add);
            let names: std::collections::HashSet<_> = shown.iter().map(|ranked| ranked.group).collect();
            let beyond = |(key, cell): (&Key, &'_ Cell)| {
                key.group
                    .as_ref()
                    .is_some_and(|g| key.bucket.is_none() && !names.contains(g))
                    .then(|| cell.values.clone())
            };
            let compared: Vec<Values> = compared.cells.iter().filter_map(beyond).collect();
            (add_up(rest.iter().map(|ranked| &ranked.cell.values).collect()), add_up(compared.iter().collect()))
        });
        let point = |group: &Option<String>, values: &Values, node: &Node| Point {
            key: group.clone().unwrap_or_default(),
            label: self.group_label(group),
            value: evaluate(node, values),
        };
        let other_point = |values: &Values, node: &Node| Point {
            key: OTHER.to_owned(),
            label: "Other".to_owned(),
            value: evaluate(node, values),
        };
        let series = self.lines().into_iter().map(|(label, node)| {
            let mut points: Vec<_> = shown.iter().map(|r| point(r.group, &r.cell.values, node)).collect();
            let mut comparison: Vec<_> = match self.comparison {
                Some(_) => shown.iter().map(|r| point(r.group, before(r.group), node)).collect(),
                None => Vec::new(),
            };
            if let Some((now, then)) = &other {
                points.push(other_point(now, node));
                if self.comparison.is_some() {
                    comparison.push(other_point(then, node));
                }
            }
            Series { label: label.to_owned(), points, comparison }
        });
        series.collect()
    }

    fn groups_over_time(&self, grain: Grain, asked: &Table) -> Result<Vec<Series>, AppError> {
        let nothing = self.program.nothing();
        let Some(node) = &self.program.value else { return Ok(Vec::new()) };
        let (mut shown, mut rest) = self.ranked(asked);
        if shown.len() > MOST_SERIES {
            rest.splice(0..0, shown.split_off(MOST_SERIES));
        }
        let buckets = self.buckets(grain, Some(self.period), asked)?;
        if buckets.len() * shown.len() > MOST_POINTS * MOST_SERIES {
            return Err(AppError::field("grain", "This has too many points; choose a coarser grain."));
        }
        let at = |group: &Option<String>, bucket: NaiveDate| {
            let key = Key { bucket: Some(bucket), group: Some(group.clone()) };
            asked.cells.get(&key).map_or(&nothing, |cell| &cell.values)
        };
        let point = |bucket: NaiveDate, values: &Values| Point {
            key: bucket.to_string(),
            label: grain.label(bucket),
            value: evaluate(node, values),
        };
        let mut series: Vec<Series> = shown
            .iter()
            .map(|ranked| Series {
                label: self.group_label(ranked.group),
                points: buckets.iter().map(|&bucket| point(bucket, at(ranked.group, bucket))).collect(),
                comparison: Vec::new(),
            })
            .collect();
        if self.program.is_additive() && !rest.is_empty() {
            let sum = |bucket| rest.iter().fold(nothing.clone(), |sum, ranked| add(sum, at(ranked.group, bucket)));
            series.push(Series {
                label: "Other".to_owned(),
                points: buckets.iter().map(|&bucket| point(bucket, &sum(bucket))).collect(),
                comparison: Vec::new(),
            });
        }
        Ok(series)
    }
}

/// The key of the point that adds up the groups beyond the limit. No value of ours has a control character.
pub const OTHER: &str = "\u{1}other";

struct Ranked<'t> {
    group: &'t Option<String>,
    cell: &'t Cell,
    value: Option<Decimal>,
}

/// A value as answers carry it: eight places are plenty, and trailing zeros none.
fn evaluate(node: &Node, values: &[Option<Decimal>]) -> Option<Decimal> {
    node.evaluate(values).map(|value| value.round_dp(8).normalize())
}

fn add(sum: Values, more: &Values) -> Values {
    sum.into_iter().zip(more).map(|(a, b)| a?.checked_add((*b)?)).collect()
}

/// One line of the statement's result.
#[derive(sqlx::FromRow)]
struct Line {
    scan: i16,
    period: i16,
    bucket: Option<NaiveDate>,
    grp: Option<String>,
    no_bucket: i32,
    no_group: i32,
    rows: i64,
    values: Vec<Option<Decimal>>,
}

/// Of what a cell is the value: of everything, of a bucket, of a group, of a group in a bucket.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    bucket: Option<NaiveDate>,
    /// The inner option: a group may be that of the rows without a value.
    group: Option<Option<String>>,
}

#[derive(Debug, Default)]
struct Cell {
    values: Values,
    rows: i64,
}

/// One period's lines, those of all scans put together.
#[derive(Debug, Default)]
struct Table {
    cells: BTreeMap<Key, Cell>,
}

impl Table {
    fn take(&mut self, line: Line, measures: &[usize], program: &Program) {
        let key = Key {
            bucket: line.bucket.filter(|_| line.no_bucket == 0),
            group: (line.no_group == 0).then_some(line.grp),
        };
        let cell = self.cells.entry(key).or_insert_with(|| Cell { values: program.nothing(), rows: 0 });
        cell.rows += line.rows;
        for (&measure, value) in measures.iter().zip(line.values) {
            cell.values[measure] = value;
        }
    }
}

impl Definition {
    fn grain(&self) -> Option<Grain> {
        let name = self.default_grain.as_deref()?;
        Grain::ALL.into_iter().find(|grain| grain.as_str() == name)
    }
}
