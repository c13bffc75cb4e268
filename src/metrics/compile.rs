//! From a [`Program`] and a question to ONE parameterised statement. Server only.
//!
//! A statement is a `union all` of scans: one for each source (and choice of its date) in each period. A scan reads
//! its rows once and gives a line for the total, one for each bucket and one for each group, with the value of
//! every measure on each line.

use super::{
    catalogue::{Field, Kind, Source, TRANSACTIONS},
    formula::*,
    measures::{self, Lines},
    model::{Grain, Period},
    plan,
    program::Program,
    sql::{Bind, Sql},
};
use chrono::NaiveDate;
use uuid::Uuid;

/// What is asked, with everything about time and currency settled.
#[derive(Clone, Debug)]
pub struct Question<'a> {
    pub organization_id: Uuid,
    /// Only amounts in it are measured.
    pub currency: &'a str,
    pub today: NaiveDate,
    pub period: Period,
    pub comparison: Option<Period>,
    pub grain: Option<Grain>,
    pub group_by: Option<&'a str>,
    /// Off: always from the rows. For tests that compare the two.
    pub rollups: bool,
}

/// What a statement reads, and which measures it reads there.
#[derive(Debug)]
pub struct Scan {
    pub source: &'static Source,
    pub date: Option<&'static Field>,
    /// Indexes into the program's measures.
    pub measures: Vec<usize>,
    /// Single rows or a rollup's months.
    pub lines: Lines,
    /// Where they are.
    pub table: &'static str,
}

impl Scan {
    /// Whether it goes over the rows of the largest table there is.
    pub fn reads_transactions(&self) -> bool {
        self.lines == Lines::Rows && *self.source == TRANSACTIONS
    }
}

#[derive(Debug)]
pub struct Compiled {
    pub sql: Sql,
    pub scans: Vec<Scan>,
}

/// The lines of the statement have the columns `scan`, `period` (0 asked, 1 compared), `bucket`, `grp`,
/// `no_bucket`, `no_group` (1 where the line is over all of them), `rows` and `values`.
pub fn compile(program: &Program, question: &Question) -> Compiled {
    let mut sql = Sql::new(question.organization_id, question.today);
    let mut scans = scans(program);
    for (i, scan) in scans.iter_mut().enumerate() {
        (scan.lines, scan.table) = plan::reads(program, scan, question);
        let periods = match question.comparison {
            Some(before) => vec![question.period, before],
            None => vec![question.period],
        };
        for (p, period) in periods.into_iter().enumerate() {
            if i + p > 0 {
                sql.push("\nunion all\n");
            }
            Writer { program, question, scan, sql: &mut sql, period }.select(i, p);
        }
    }
    Compiled { sql, scans }
}

/// Measures over the same source by the same date are read together.
fn scans(program: &Program) -> Vec<Scan> {
    let mut scans: Vec<Scan> = Vec::new();
    for (i, measure) in program.measures.iter().enumerate() {
        let date = measure.date_field();
        match scans.iter_mut().find(|scan| scan.source == measure.source && scan.date == date) {
            Some(scan) => scan.measures.push(i),
            None => scans.push(Scan {
                source: measure.source,
                date,
                measures: vec![i],
                lines: Lines::Rows,
                table: measure.source.table,
            }),
        }
    }
    scans
}

struct Writer<'a> {
    program: &'a Program,
    question: &'a Question<'a>,
    scan: &'a Scan,
    sql: &'a mut Sql,
    period: Period,
}

impl Writer<'_> {
    fn select(&mut self, scan: usize, period: usize) {
        let grain = self.question.grain.is_some();
        let group = self.question.group_by.is_some();
        self.sql.push("select ").index(scan).push("::int2 as scan, ").index(period).push("::int2 as period, ");
        self.sql.push(if grain { "s.bucket" } else { "null::date as bucket" }).push(", ");
        self.sql.push(if group { "s.grp" } else { "null::text as grp" }).push(", ");
        self.sql.push(if grain { "grouping(s.bucket) as no_bucket, " } else { "1 as no_bucket, " });
        self.sql.push(if group { "grouping(s.grp) as no_group, " } else { "1 as no_group, " });
        let several = self.scan.measures.len() > 1;
        let parts = (grain || group)
            && self.scan.measures.iter().all(|&index| measures::is_made_of_parts(self.program.measures[index].by));
        let lines = if parts { Lines::Groups } else { self.scan.lines };
        self.sql.push(lines.count()).push(" as rows, array[");
        self.sql.join(", ", &self.scan.measures, |sql, &index| {
            measures::write(sql, &self.program.measures[index], index, lines, several);
        });
        self.sql.push("]::numeric[] as values\nfrom (");
        self.sql.dates_are_months(self.scan.lines == Lines::Months);
        if parts {
            self.parts(several);
        } else {
            self.rows(several);
        }
        self.sql.push(") s");
        self.sql.push(match (grain, group) {
            (false, false) => "",
            (true, false) => "\ngroup by grouping sets ((), (s.bucket))",
            (false, true) => "\ngroup by grouping sets ((), (s.grp))",
            (true, true) => "\ngroup by grouping sets ((), (s.grp), (s.grp, s.bucket))",
        });
    }

    /// The subquery, where its lines are groups: a line for each bucket and group, with its part of each measure.
    fn parts(&mut self, several: bool) {
        let (bucket, group) = (self.question.grain.is_some(), self.question.group_by.is_some());
        let lines = self.scan.lines;
        self.sql.push("select ").push(lines.part()).push(" as n");
        self.sql.push(if bucket { ", r.bucket" } else { "" }).push(if group { ", r.grp" } else { "" });
        for &index in &self.scan.measures {
            measures::write_part(self.sql, &self.program.measures[index], index, lines, several);
        }
        self.sql.push("\nfrom (");
        self.rows(several);
        self.sql.push(") r\ngroup by ").push(match (bucket, group) {
            (true, true) => "r.bucket, r.grp",
            (true, false) => "r.bucket",
            (false, _) => "r.grp",
        });
    }

    /// The subquery: the rows of the period that any measure takes, with what the measures need of each.
    fn rows(&mut self, several: bool) {
        let scan = self.scan;
        self.sql.push("select ");
        self.sql.push(if scan.lines == Lines::Months { "t.n" } else { "1 as n" });
        let (dimension, bucket) = (self.dimension(), self.question.grain.zip(scan.date));
        if let Some((grain, date)) = bucket {
            self.sql.push(", ");
            self.bucket(grain, date);
            self.sql.push(" as bucket");
        }
        if let Some(field) = dimension {
            // No value and an empty one are one group.
            self.sql.push(", nullif(").expression(field.sql).push("::text, '') as grp");
        }
        for &index in &scan.measures {
            let measure = &self.program.measures[index];
            if let Some(field) = measure.field {
                self.sql.push(", ").expression(field.sql).push(" as f").index(index);
            }
            if several {
                self.sql.push(", (");
                self.condition(measure);
                self.sql.push(") as c").index(index);
            }
        }
        if scan.measures.iter().any(|&index| self.program.measures[index].by == Aggregate::Latest) {
            self.sql.push(", ").expression(scan.date.map_or("null::date", |date| date.sql)).push(" as d, t.id");
        }
        self.sql.push("\n  from ");
        if scan.lines == Lines::Months {
            plan::write_rollup(self.sql, scan, self.period);
        } else {
            self.sql.push(scan.table).push(" t");
        }
        let fields = scan.measures.iter().flat_map(|&index| fields_of(&self.program.measures[index]));
        if fields.chain(dimension).any(Field::needs_category) {
            self.sql.push(scan.source.category_join);
        }
        self.sql.push("\n  where t.organization_id = $1");
        if let Some(date) = scan.date.filter(|_| scan.lines != Lines::Months) {
            write_period(self.sql, date.sql, self.period);
        }
        let unconditional = |m: &Measure| m.filter.is_none() && !measures_money(m);
        if !scan.measures.iter().any(|&index| unconditional(&self.program.measures[index])) {
            self.sql.push(" and (");
            for (i, &index) in scan.measures.iter().enumerate() {
                self.sql.push(if i > 0 { " or (" } else { "(" });
                self.condition(&self.program.measures[index]);
                self.sql.push(")");
            }
            self.sql.push(")");
        }
    }

    fn dimension(&self) -> Option<&'static Field> {
        self.question.group_by.and_then(|name| self.scan.source.field(name))
    }

    fn bucket(&mut self, grain: Grain, date: &'static Field) {
        let whole = match grain {
            Grain::Hour | Grain::Day => true,
            Grain::Month => self.scan.lines == Lines::Months,
            Grain::Week | Grain::Quarter | Grain::Year => false,
        };
        if whole {
            self.sql.expression(date.sql);
            return;
        }
        // As a timestamp without zone: a day is cut nowhere.
        self.sql.push(match grain {
            Grain::Hour | Grain::Day | Grain::Week => "date_trunc('week', ",
            Grain::Month => "date_trunc('month', ",
            Grain::Quarter => "date_trunc('quarter', ",
            Grain::Year => "date_trunc('year', ",
        });
        self.sql.expression(date.sql).push("::timestamp)::date");
    }

    fn condition(&mut self, measure: &Measure) {
        if measures_money(measure) {
            self.sql.push("t.currency = ").bind(Bind::Text(self.question.currency.to_owned()));
            if measure.filter.is_some() {
                self.sql.push(" and ");
            }
        } else if measure.filter.is_none() {
            self.sql.push("true");
        }
        if let Some(filter) = &measure.filter {
            write_filter(self.sql, filter);
        }
    }
}

/// Amounts of several currencies do not add up, nor compare with one number.
pub fn measures_money(measure: &Measure) -> bool {
    fields_of(measure).any(|field| field.kind == Kind::Money)
}

/// Every field that a measure looks at.
pub fn fields_of(measure: &Measure) -> impl Iterator<Item = &'static Field> {
    let mut fields: Vec<&'static Field> = measure.field.into_iter().collect();
    if let Some(filter) = &measure.filter {
        collect_fields(filter, &mut fields);
    }
    fields.into_iter()
}

fn collect_fields(filter: &Filter, fields: &mut Vec<&'static Field>) {
    match filter {
        Filter::All(filters) | Filter::Any(filters) => filters.iter().for_each(|f| collect_fields(f, fields)),
        Filter::Not(filter) => collect_fields(filter, fields),
        Filter::Test(test) => fields.push(test.field),
    }
}

/// " and date >= … and date < …", as far as the period is bounded.
pub fn write_period(sql: &mut Sql, date: &'static str, period: Period) {
    if let Some(from) = period.from {
        sql.push(" and ").expression(date).push(" >= ").bind(Bind::Date(from));
    }
    if let Some(to) = period.to {
        sql.push(" and ").expression(date).push(" < ").bind(Bind::Date(to));
    }
}

/// A condition over the row `t`.
pub fn write_filter(sql: &mut Sql, filter: &Filter) {
    let list = |sql: &mut Sql, filters: &[Filter], between: &'static str| {
        sql.push("(").join(between, filters, write_filter).push(")");
    };
    match filter {
        Filter::All(filters) => list(sql, filters, " and "),
        Filter::Any(filters) => list(sql, filters, " or "),
        // A row of which nothing is known does not meet the inner condition, so it meets this one.
        Filter::Not(filter) => {
            sql.push("(");
            write_filter(sql, filter);
            sql.push(") is not true");
        }
        Filter::Test(test) => write_test(sql, test),
    }
}

fn write_test(sql: &mut Sql, test: &Test) {
    let field = test.field.sql;
    match &test.check {
        Check::Compare(comparator, literal) => {
            sql.expression(field);
            sql.push(match comparator {
                Comparator::Equal => " = ",
                Comparator::NotEqual => " is distinct from ",
                Comparator::Less => " < ",
                Comparator::LessOrEqual => " <= ",
                Comparator::Greater => " > ",
                Comparator::GreaterOrEqual => " >= ",
            });
            let bind = bind(sql, literal);
            sql.bind(bind);
        }
        Check::OneOf { values, negated } => {
            let list = bind_list(sql, test.field.kind, values);
            sql.push("(").expression(field).push(" = any(").bind(list).push("))");
            sql.push(if *negated { " is not true" } else { "" });
        }
        Check::Contains(text) => {
            sql.push("strpos(lower(").expression(field).push("), lower(").bind(Bind::Text(text.clone())).push(")) > 0");
        }
        Check::Empty { negated } => {
            sql.push(if *negated { "not " } else { "" });
            sql.push("(").expression(field).push(" is null");
            if matches!(test.field.kind, Kind::Text) {
                sql.push(" or ").expression(field).push(" = ''");
            }
            sql.push(")");
        }
        Check::OlderThan(span) => {
            let day = span.before(sql.today()).unwrap_or(NaiveDate::MIN);
            sql.expression(field).push(" < ").bind(Bind::Date(in_range(day)));
        }
        Check::Within(span) => {
            let (first, today) = (span.before(sql.today()).unwrap_or(NaiveDate::MIN), sql.today());
            sql.push("(").expression(field).push(" >= ").bind(Bind::Date(in_range(first)));
            sql.push(" and ").expression(field).push(" <= ").bind(Bind::Date(today)).push(")");
        }
        Check::Between(low, high) => {
            let (low, high) = (bind(sql, low), bind(sql, high));
            sql.push("(").expression(field).push(" between ").bind(low).push(" and ").bind(high).push(")");
        }
    }
}

/// PostgreSQL's dates begin in 4713 BC, chrono's far earlier; no row is older than 1900.
fn in_range(day: NaiveDate) -> NaiveDate {
    NaiveDate::from_ymd_opt(1, 1, 1).map_or(day, |first| day.max(first))
}

fn day(sql: &Sql, literal: &Literal) -> NaiveDate {
    match literal {
        Literal::Date(moment) => in_range(moment.day(sql.today()).unwrap_or_else(|| sql.today())),
        _ => sql.today(),
    }
}

fn bind(sql: &Sql, literal: &Literal) -> Bind {
    match literal {
        Literal::Text(text) => Bind::Text(text.clone()),
        Literal::Number(number) => Bind::Number(*number),
        Literal::YesNo(yes) => Bind::YesNo(*yes),
        Literal::Date(_) => Bind::Date(day(sql, literal)),
    }
}

fn bind_list(sql: &Sql, kind: Kind, values: &[Literal]) -> Bind {
    let text = |literal: &Literal| match literal {
        Literal::Text(text) => text.clone(),
        _ => String::new(),
    };
    match kind {
        Kind::Money | Kind::Decimal => Bind::Numbers(
            values.iter().filter_map(|v| if let Literal::Number(number) = v { Some(*number) } else { None }).collect(),
        ),
        Kind::Date => Bind::Dates(values.iter().map(|v| day(sql, v)).collect()),
        Kind::YesNo => Bind::YesNos(values.iter().map(|v| *v == Literal::YesNo(true)).collect()),
        Kind::Text | Kind::Choice(_) => Bind::Texts(values.iter().map(text).collect()),
    }
}
