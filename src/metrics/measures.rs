//! How a measure is written in SQL, over each kind of line that a scan may read. Server only.
//!
//! Lines are named `s`, or `r` where they are summed up first; measure `i` has its field in `f<i>` and, where several
//! measures share a scan, its own condition in `c<i>`.

use super::{
    formula::{Aggregate, Measure},
    sql::Sql,
};

/// What the lines are that measures are taken over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lines {
    /// Single rows.
    Rows,
    /// The rollup's: each the sum of `n` rows.
    Months,
    /// Groups of either, of `n` rows in all, over each of which every measure was taken before. PostgreSQL can divide that
    /// among several processes, and adds up each line once; with grouping sets it does neither.
    Groups,
}

impl Lines {
    /// The number of rows in all lines.
    pub const fn count(self) -> &'static str {
        match self {
            Self::Rows => "count(*)",
            Self::Months | Self::Groups => "coalesce(sum(s.n), 0)::int8",
        }
    }

    /// The number of rows in a group of lines.
    pub const fn part(self) -> &'static str {
        match self {
            Self::Rows => "count(*)",
            Self::Months | Self::Groups => "sum(r.n)",
        }
    }
}

/// Whether a whole has the measure that its parts' measures make.
pub const fn is_made_of_parts(by: Aggregate) -> bool {
    match by {
        Aggregate::Sum | Aggregate::Count | Aggregate::Average | Aggregate::Min | Aggregate::Max => true,
        Aggregate::CountDistinct | Aggregate::Median | Aggregate::P95 | Aggregate::Latest => false,
    }
}

/// Measure `index` over the lines `s`. Null means that no number holds it: beyond ±10^19 there is no value, and sums of
/// products keep eight places, so that a decimal of 28 digits always holds the rest.
pub fn write(sql: &mut Sql, measure: &Measure, index: usize, lines: Lines, several: bool) {
    let mut writer = Writer { sql, index, lines, several };
    match measure.by {
        Aggregate::Count | Aggregate::CountDistinct => writer.number(measure.by),
        by => {
            writer.sql.push("case when abs(");
            writer.number(by);
            writer.sql.push(") < 1e19 then round(");
            writer.number(by);
            writer.sql.push(", 8) end");
        }
    }
}

/// Measure `index` over a group of the lines `r`, as [`Lines::Groups`] are read: in `f<i>`, and in `k<i>` how many values
/// an average was taken of.
pub fn write_part(sql: &mut Sql, measure: &Measure, index: usize, lines: Lines, several: bool) {
    let mut field = |before: &'static str, name| {
        part(sql.push(", ").push(before).index(index).push(")"), name, index, several);
    };
    match measure.by {
        Aggregate::Sum => field("sum(r.f", "f"),
        Aggregate::Min => field("min(r.f", "f"),
        Aggregate::Max => field("max(r.f", "f"),
        Aggregate::Average => {
            field("sum(r.f", "f");
            match lines {
                Lines::Rows => field("count(r.f", "k"),
                Lines::Months | Lines::Groups => part(sql.push(", ").push(lines.part()), "k", index, several),
            }
        }
        Aggregate::Count => part(sql.push(", ").push(lines.part()), "f", index, several),
        // Not made of parts.
        Aggregate::CountDistinct | Aggregate::Median | Aggregate::P95 | Aggregate::Latest => {}
    }
}

fn part(sql: &mut Sql, name: &'static str, index: usize, several: bool) {
    if several {
        sql.push(" filter (where r.c").index(index).push(")");
    }
    sql.push(" as ").push(name).index(index);
}

struct Writer<'a> {
    sql: &'a mut Sql,
    index: usize,
    lines: Lines,
    several: bool,
}

impl Writer<'_> {
    fn number(&mut self, by: Aggregate) {
        match (by, self.lines) {
            (Aggregate::Count, Lines::Rows) => self.whole("count(*)"),
            (Aggregate::Count, Lines::Months) => self.or_zero(|w| w.whole("sum(s.n)")),
            (Aggregate::Count, Lines::Groups) | (Aggregate::Sum, _) => self.or_zero(|w| w.field("sum(s.f")),
            (Aggregate::Average, Lines::Rows) => self.field("avg(s.f"),
            (Aggregate::Average, Lines::Months) => self.ratio(|w| w.whole("sum(s.n)")),
            (Aggregate::Average, Lines::Groups) => self.ratio(|w| w.field("sum(s.k")),
            (Aggregate::Min, _) => self.field("min(s.f"),
            (Aggregate::Max, _) => self.field("max(s.f"),
            (Aggregate::CountDistinct, _) => self.field("count(distinct s.f"),
            (Aggregate::Median, _) => {
                self.sql.push("(");
                self.ordered("percentile_disc(0.5)", "");
                self.sql.push(" + ");
                self.ordered("percentile_disc(0.5)", " desc");
                self.sql.push(") / 2");
            }
            (Aggregate::P95, _) => self.ordered("percentile_disc(0.95)", ""),
            (Aggregate::Latest, _) => {
                self.sql.push("(array_agg(s.f").index(self.index).push(" order by s.d desc nulls last, s.id desc)");
                self.sql.push(" filter (where ");
                if self.several {
                    self.sql.push("s.c").index(self.index).push(" and ");
                }
                self.sql.push("s.f").index(self.index).push(" is not null))[1]");
            }
        }
    }

    fn or_zero(&mut self, aggregate: impl FnOnce(&mut Self)) {
        self.sql.push("coalesce(");
        aggregate(self);
        self.sql.push(", 0)");
    }

    fn ratio(&mut self, count: impl FnOnce(&mut Self)) {
        self.field("sum(s.f");
        self.sql.push(" / nullif(");
        count(self);
        self.sql.push(", 0)");
    }

    fn ordered(&mut self, aggregate: &'static str, direction: &'static str) {
        self.sql.push(aggregate).push(" within group (order by s.f").index(self.index).push(direction).push(")");
        self.only();
    }

    /// An aggregate that begins with `before` and ends with the measure's index.
    fn field(&mut self, before: &'static str) {
        self.sql.push(before).index(self.index).push(")");
        self.only();
    }

    fn whole(&mut self, aggregate: &'static str) {
        self.sql.push(aggregate);
        self.only();
    }

    /// Where several measures share a scan, each takes only the rows that meet its own condition; the parts of groups
    /// have done so before.
    fn only(&mut self) {
        if self.several && self.lines != Lines::Groups {
            self.sql.push(" filter (where s.c").index(self.index).push(")");
        }
    }
}
