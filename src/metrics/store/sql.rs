//! SQL text that nothing from outside can get into. Server only.
//!
//! [`Sql::push`] takes only `&'static str`, so the text is made of constants of this program; everything else
//! becomes a bind.

use chrono::NaiveDate;
use rust_decimal::Decimal;
use sqlx::{AssertSqlSafe, Postgres, postgres::PgArguments, query::Query};
use std::fmt::{self, Write};
use uuid::Uuid;

/// A value beside the text.
#[derive(Clone, Debug, PartialEq)]
pub enum Bind {
    Id(Uuid),
    Text(String),
    Texts(Vec<String>),
    Number(Decimal),
    Numbers(Vec<Decimal>),
    Date(NaiveDate),
    Dates(Vec<NaiveDate>),
    YesNo(bool),
    YesNos(Vec<bool>),
    Count(i64),
}

impl fmt::Display for Bind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Id(id) => id.fmt(f),
            Self::Text(text) => write!(f, "'{text}'"),
            Self::Texts(texts) => write!(f, "{texts:?}"),
            Self::Number(number) => number.fmt(f),
            Self::Numbers(numbers) => write!(f, "{numbers:?}"),
            Self::Date(date) => date.fmt(f),
            Self::Dates(dates) => write!(f, "{dates:?}"),
            Self::YesNo(yes) => yes.fmt(f),
            Self::YesNos(yes) => write!(f, "{yes:?}"),
            Self::Count(count) => count.fmt(f),
        }
    }
}

#[derive(Debug)]
pub struct Sql {
    organization_id: Uuid,
    text: String,
    binds: Vec<Bind>,
    today: NaiveDate,
    /// The bind of `today`, once something needed it.
    today_at: Option<usize>,
    /// The month of the row `t`.
    month: &'static str,
}

/// Of a row that holds a day. As a timestamp without zone: a day is cut nowhere.
const MONTH_OF_DAY: &str = "date_trunc('month', t.date::timestamp)::date";

impl Sql {
    /// Begins a statement for one organisation, whose id is `$1`.
    pub fn new(organization_id: Uuid, today: NaiveDate) -> Self {
        let binds = vec![Bind::Id(organization_id)];
        Self { organization_id, text: String::new(), binds, today, today_at: None, month: MONTH_OF_DAY }
    }

    /// The organisation's id, which is `$1`.
    pub fn organization_id(&self) -> Uuid {
        self.organization_id
    }

    pub fn today(&self) -> NaiveDate {
        self.today
    }

    pub fn push(&mut self, text: &'static str) -> &mut Self {
        self.text.push_str(text);
        self
    }

    /// A number of our own, such as a column's index.
    pub fn index(&mut self, index: usize) -> &mut Self {
        // Writing to a String cannot fail.
        let _ = write!(self.text, "{index}");
        self
    }

    pub fn bind(&mut self, bind: Bind) -> &mut Self {
        self.binds.push(bind);
        let _ = write!(self.text, "${}", self.binds.len());
        self
    }

    /// Says whether the dates of the rows to come are months already.
    pub fn dates_are_months(&mut self, months: bool) {
        self.month = if months { "t.date" } else { MONTH_OF_DAY };
    }

    /// A catalogue expression, in which `{month}` is the month of the row's date, and `{today}` becomes a bind.
    pub fn expression(&mut self, sql: &'static str) -> &mut Self {
        for (i, piece) in sql.split("{month}").enumerate() {
            if i > 0 {
                self.text.push_str(self.month);
            }
            self.with_today(piece);
        }
        self
    }

    fn with_today(&mut self, sql: &'static str) {
        for (i, piece) in sql.split("{today}").enumerate() {
            if i > 0 {
                let at = *self.today_at.get_or_insert_with(|| {
                    self.binds.push(Bind::Date(self.today));
                    self.binds.len()
                });
                let _ = write!(self.text, "${at}");
            }
            self.text.push_str(piece);
        }
    }

    /// Writes `items`, with `between` between each two.
    pub fn join<T>(
        &mut self,
        between: &'static str,
        items: impl IntoIterator<Item = T>,
        mut write: impl FnMut(&mut Self, T),
    ) -> &mut Self {
        for (i, item) in items.into_iter().enumerate() {
            if i > 0 {
                self.push(between);
            }
            write(self, item);
        }
        self
    }

    pub fn text(&self) -> &str {
        &self.text
    }

    pub fn binds(&self) -> &[Bind] {
        &self.binds
    }

    /// The statement, ready to run. Safe to assert: see this file's head.
    pub fn into_query(self) -> Query<'static, Postgres, PgArguments> {
        let mut query = sqlx::query(AssertSqlSafe(self.text));
        for bind in self.binds {
            query = match bind {
                Bind::Id(id) => query.bind(id),
                Bind::Text(text) => query.bind(text),
                Bind::Texts(texts) => query.bind(texts),
                Bind::Number(number) => query.bind(number),
                Bind::Numbers(numbers) => query.bind(numbers),
                Bind::Date(date) => query.bind(date),
                Bind::Dates(dates) => query.bind(dates),
                Bind::YesNo(yes) => query.bind(yes),
                Bind::YesNos(yes) => query.bind(yes),
                Bind::Count(count) => query.bind(count),
            };
        }
        query
    }
}
