//! What a formula may name: the sources, their fields, and the SQL that stands for each. Server only.
//!
//! Invariant: every piece of SQL that answers a question stands in this file or in `compile.rs` as a constant.
//! A formula chooses among them; it never adds to them.

use serde::Serialize;
use std::sync::LazyLock;

/// A kind of record that metrics are made of.
#[derive(Debug)]
pub struct Source {
    pub name: &'static str,
    /// "Transactions", "Stock".
    pub label: &'static str,
    /// One of its rows, and several.
    pub noun: (&'static str, &'static str),
    pub table: &'static str,
    /// The date by which a range selects, unless a measure names another. `None`: the rows are of now.
    pub date: Option<&'static str>,
    pub fields: &'static [Field],
    /// Joined when a field needs it.
    pub category_join: &'static str,
    /// Which of the fields the row's page or list is known by.
    pub title: &'static str,
    /// Where the list of its rows is; a row's own page is below it.
    pub page: &'static str,
}

/// Something about a record that a formula may name.
#[derive(Debug)]
pub struct Field {
    pub name: &'static str,
    pub label: &'static str,
    pub kind: Kind,
    /// An expression over the row `t` and its category `c`; `{today}` stands for the organisation's current day.
    pub sql: &'static str,
    pub groupable: bool,
    /// What a group without a value is called.
    pub nothing: &'static str,
    /// Whether the monthly rollup keeps it.
    pub in_rollup: bool,
    /// What it is called as a filter of a whole dashboard, where fields of one name mean different things.
    filter: Option<(&'static str, &'static str)>,
}

/// A field's type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// An amount in the row's currency. Only the organisation's own currency is ever added up.
    Money,
    Decimal,
    Date,
    Text,
    Choice(&'static [&'static str]),
    YesNo,
}

impl Kind {
    /// May be summed, averaged and so on.
    pub const fn is_number(self) -> bool {
        matches!(self, Self::Money | Self::Decimal)
    }

    pub const fn name(self) -> &'static str {
        match self {
            Self::Money => "money",
            Self::Decimal => "number",
            Self::Date => "date",
            Self::Text => "text",
            Self::Choice(_) => "choice",
            Self::YesNo => "yes or no",
        }
    }
}

impl Field {
    const fn new(name: &'static str, label: &'static str, kind: Kind, sql: &'static str) -> Self {
        Self { name, label, kind, sql, groupable: false, nothing: "None", in_rollup: false, filter: None }
    }

    /// One that values may be grouped by.
    const fn dimension(
        name: &'static str,
        label: &'static str,
        kind: Kind,
        sql: &'static str,
        nothing: &'static str,
    ) -> Self {
        Self { name, label, kind, sql, groupable: true, nothing, in_rollup: false, filter: None }
    }

    const fn rolled_up(mut self) -> Self {
        self.in_rollup = true;
        self
    }

    const fn filtered_as(mut self, name: &'static str, label: &'static str) -> Self {
        self.filter = Some((name, label));
        self
    }

    /// The name and the label that it has as a filter of a whole dashboard, if it can be one: fields of several sources
    /// with one name are one filter.
    pub fn as_filter(&self) -> Option<(&'static str, &'static str)> {
        self.groupable.then(|| self.filter.unwrap_or((self.name, self.label)))
    }

    pub fn needs_category(&self) -> bool {
        self.sql.contains("c.")
    }

    /// What a group is called, by the text of its value.
    pub fn group_label(&self, value: Option<&str>) -> String {
        match (self.kind, value) {
            (_, None | Some("")) => self.nothing.to_owned(),
            (Kind::YesNo, Some("true")) => self.label.to_owned(),
            (Kind::YesNo, Some(_)) => format!("Not {}", self.label.to_lowercase()),
            (Kind::Choice(_), Some(value)) => capitalised(value),
            (_, Some(value)) => value.to_owned(),
        }
    }
}

pub(super) fn capitalised(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

impl Source {
    pub fn field(&self, name: &str) -> Option<&'static Field> {
        self.fields.iter().find(|field| field.name == name)
    }

    /// The field that a dashboard's filter of this name means here.
    pub fn filter(&self, name: &str) -> Option<&'static Field> {
        self.fields.iter().find(|field| field.as_filter().is_some_and(|(filter, _)| filter == name))
    }

    pub fn names(&self) -> impl Iterator<Item = &'static str> {
        self.fields.iter().map(|field| field.name)
    }

    /// The fields that a range can select by.
    pub fn dates(&self) -> impl Iterator<Item = &'static str> {
        self.fields.iter().filter(|field| field.kind == Kind::Date).map(|field| field.name)
    }
}

impl PartialEq for Source {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}
impl Eq for Source {}

impl PartialEq for Field {
    /// Names are unique within a source, and fields are compared only within one.
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name && self.sql == other.sql
    }
}
impl Eq for Field {}

const CATEGORY_JOIN: &str = " left join categories c on c.organization_id = t.organization_id and c.id = t.category_id";
const FLOW: Kind = Kind::Choice(&["income", "expense"]);

/// The smallest rollup of [`TRANSACTIONS`] that has all `fields`, which are rolled up: by month, type, category and
/// currency, and where it must be by department too.
pub fn rollup_table<'a>(mut fields: impl Iterator<Item = &'a Field>) -> &'static str {
    if fields.any(|field| field.name == DEPARTMENT) { DEPARTMENT_ROLLUP } else { "transaction_category_months" }
}

/// The rollup that has departments.
pub const DEPARTMENT_ROLLUP: &str = "transaction_months";

const DEPARTMENT: &str = "department";

/// The field of [`TRANSACTIONS`] that is the rollup's own date.
pub const BOOKING_MONTH: &str = "booking_month";

/// Whether its category has a budget in its month.
const BUDGETED: &str = "exists (select from budgets b where b.organization_id = t.organization_id \
    and b.month = {month} and b.type = t.type \
    and b.category_id = t.category_id and b.currency = t.currency)";

pub static TRANSACTIONS: Source = Source {
    name: "transactions",
    label: "Transactions",
    noun: ("transaction", "transactions"),
    table: "transactions",
    date: Some("date"),
    category_join: CATEGORY_JOIN,
    title: "reference",
    page: "/transactions",
    fields: &[
        Field::new("reference", "Reference", Kind::Text, "t.reference"),
        Field::new("date", "Date", Kind::Date, "t.date"),
        // The first day of its month, by which a range selects as it does for budgets.
        Field::new(BOOKING_MONTH, "Month of booking", Kind::Date, "{month}").rolled_up(),
        Field::dimension("type", "Type", FLOW, "t.type", "None").rolled_up(),
        Field::dimension("category", "Category", Kind::Text, "c.name", "No category").rolled_up(),
        Field::dimension(DEPARTMENT, "Department", Kind::Text, "t.department", "No department").rolled_up(),
        Field::new("amount", "Amount", Kind::Money, "t.amount").rolled_up(),
        Field::dimension("currency", "Currency", Kind::Text, "t.currency", "None").rolled_up(),
        Field::new("note", "Note", Kind::Text, "t.note"),
        Field::dimension("budgeted", "In a budget", Kind::YesNo, BUDGETED, "None").rolled_up(),
    ],
};

pub static PAYMENTS: Source = Source {
    name: "payments",
    label: "Payments",
    noun: ("payment", "payments"),
    table: "payments",
    date: Some("issued_on"),
    category_join: "",
    title: "reference",
    page: "/payments",
    fields: &[
        Field::new("reference", "Reference", Kind::Text, "t.reference"),
        Field::dimension("party", "Vendor or customer", Kind::Text, "t.party", "None"),
        Field::dimension("direction", "Direction", Kind::Choice(&["outgoing", "incoming"]), "t.direction", "None"),
        Field::new("issued_on", "Issued", Kind::Date, "t.issued_on"),
        Field::new("due_date", "Due", Kind::Date, "t.due_date"),
        Field::new("paid_on", "Paid", Kind::Date, "t.paid_on"),
        Field::dimension(
            "status",
            "Status",
            Kind::Choice(&["pending", "approved", "rejected", "paid"]),
            "t.status",
            "None",
        ),
        Field::dimension(
            "overdue",
            "Overdue",
            Kind::YesNo,
            "(t.status in ('pending', 'approved') and t.due_date < {today})",
            "None",
        ),
        Field::new("amount", "Amount", Kind::Money, "t.amount"),
        Field::dimension("currency", "Currency", Kind::Text, "t.currency", "None"),
        Field::new("note", "Note", Kind::Text, "t.note"),
    ],
};

pub static BUDGETS: Source = Source {
    name: "budgets",
    label: "Budgets",
    noun: ("budget", "budgets"),
    table: "budgets",
    // A month's budget counts in the ranges that its first day lies in.
    date: Some("month"),
    category_join: CATEGORY_JOIN,
    title: "category",
    page: "/budgets",
    fields: &[
        Field::new("month", "Month", Kind::Date, "t.month"),
        Field::dimension("type", "Type", FLOW, "t.type", "None"),
        Field::dimension("category", "Category", Kind::Text, "c.name", "No category"),
        Field::new("amount", "Amount", Kind::Money, "t.amount"),
        Field::dimension("currency", "Currency", Kind::Text, "t.currency", "None"),
    ],
};

pub static MATERIALS: Source = Source {
    name: "materials",
    label: "Stock",
    noun: ("material", "materials"),
    table: "materials",
    date: None,
    category_join: "",
    title: "name",
    page: "/stock",
    fields: &[
        Field::new("sku", "SKU", Kind::Text, "t.sku"),
        Field::new("name", "Name", Kind::Text, "t.name"),
        // Not the categories of the books.
        Field::dimension("category", "Category", Kind::Text, "t.category", "No category")
            .filtered_as("stock_category", "Stock category"),
        Field::new("quantity", "Quantity", Kind::Decimal, "t.quantity"),
        Field::new("min_stock", "Minimum stock", Kind::Decimal, "t.min_stock"),
        Field::new("unit_cost", "Unit cost", Kind::Money, "t.unit_cost"),
        Field::new("value", "Value", Kind::Money, "(t.quantity * t.unit_cost)"),
        Field::dimension("low_stock", "Low on stock", Kind::YesNo, "(t.quantity <= t.min_stock)", "None"),
        Field::dimension("currency", "Currency", Kind::Text, "t.currency", "None"),
    ],
};

pub static SOURCES: [&Source; 4] = [&TRANSACTIONS, &PAYMENTS, &BUDGETS, &MATERIALS];

pub fn source(name: &str) -> Option<&'static Source> {
    SOURCES.into_iter().find(|source| source.name == name)
}

/// What a dashboard's filter of this name means, in the first source that has it.
pub fn filter(name: &str) -> Option<&'static Field> {
    SOURCES.into_iter().find_map(|source| source.filter(name))
}

/// Every filter there is: name and label, in the catalogue's order.
pub fn filters() -> &'static [(&'static str, &'static str)] {
    static FILTERS: LazyLock<Vec<(&str, &str)>> = LazyLock::new(|| {
        let mut filters: Vec<(&str, &str)> = Vec::new();
        for found in SOURCES.into_iter().flat_map(|source| source.fields).filter_map(Field::as_filter) {
            if !filters.iter().any(|(name, _)| *name == found.0) {
                filters.push(found);
            }
        }
        filters
    });
    &FILTERS
}

/// Of `names`, the one that somebody who wrote `given` most likely meant, if any is near.
pub fn nearest<'a>(given: &str, names: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let given = given.to_lowercase().replace(['-', ' '], "_");
    names
        .map(|name| (distance(&given, name), name))
        .filter(|(distance, name)| *distance <= 1 + name.len() / 3 || (given.len() > 3 && name.contains(&*given)))
        .min()
        .map(|(_, name)| name)
}

/// Insertions, deletions and replacements between two words (Levenshtein).
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    // Names are short; what is much longer is near to none of them.
    for (i, x) in a.chars().take(64).enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], i + 1);
        for (j, y) in b.iter().enumerate() {
            let replaced = diagonal + usize::from(x != *y);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}

/// The catalogue as the API describes it.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct SourceInfo {
    pub name: &'static str,
    pub label: &'static str,
    /// The field that a time range selects by; absent for what is counted as of now.
    pub date: Option<&'static str>,
    pub fields: Vec<FieldInfo>,
}

#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct FieldInfo {
    pub name: &'static str,
    pub label: &'static str,
    #[serde(rename = "type")]
    pub kind: &'static str,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    pub choices: &'static [&'static str],
    pub groupable: bool,
    pub summable: bool,
}

impl SourceInfo {
    /// "amount (money), type (income or expense)".
    pub fn in_words(&self) -> String {
        let fields = self.fields.iter().map(|field| match field.choices {
            [] => format!("{} ({})", field.name, field.kind),
            choices => format!("{} ({})", field.name, choices.join(" or ")),
        });
        fields.collect::<Vec<_>>().join(", ")
    }
}

pub fn describe() -> Vec<SourceInfo> {
    let field = |field: &Field| FieldInfo {
        name: field.name,
        label: field.label,
        kind: field.kind.name(),
        choices: if let Kind::Choice(choices) = field.kind { choices } else { &[] },
        groupable: field.groupable,
        summable: field.kind.is_number(),
    };
    SOURCES
        .into_iter()
        .map(|source| SourceInfo {
            name: source.name,
            label: source.label,
            date: source.date,
            fields: source.fields.iter().map(field).collect(),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]
    use super::*;

    #[test]
    fn every_name_that_the_catalogue_relies_on_exists() {
        for source in SOURCES {
            assert!(source.field(source.title).is_some());
            assert!(source.date.is_none_or(|date| source.field(date).unwrap().kind == Kind::Date));
            for field in source.fields {
                assert!(!field.needs_category() || !source.category_join.is_empty(), "{}", field.name);
            }
        }
    }

    #[test]
    fn a_filter_means_the_same_in_every_source() {
        for &(name, label) in filters() {
            for field in SOURCES.into_iter().filter_map(|source| source.filter(name)) {
                assert_eq!(field.as_filter(), Some((name, label)));
                assert_eq!(field.kind, filter(name).unwrap().kind, "{name}");
                assert_eq!(field.nothing, filter(name).unwrap().nothing, "{name}");
            }
        }
        assert!(filters().iter().all(|(name, _)| name.chars().all(|c| c == '_' || c.is_ascii_lowercase())));
        assert!(MATERIALS.filter("category").is_none(), "stock has categories of its own");
    }

    #[test]
    fn the_nearest_name_is_offered_only_when_it_is_near() {
        let names = || PAYMENTS.names();
        assert_eq!(nearest("statsu", names()), Some("status"));
        assert_eq!(nearest("Due-Date", names()), Some("due_date"));
        assert_eq!(nearest("amonut", names()), Some("amount"));
        assert_eq!(nearest("colour of the sky", names()), None);
    }
}
