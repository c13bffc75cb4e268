//! Categories as people write them, as they are stored and as they are asked for.

use crate::{
    error::{AppError, FieldErrors},
    ids::CategoryId,
    ledger::model::*,
    records::listing::{Listing, Sort, parse_limit, search_words},
};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// A stored category, and how much depends on it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(sqlx::FromRow, utoipa::ToSchema))]
pub struct CategoryRow {
    pub id: CategoryId,
    pub name: String,
    /// How many transactions have it.
    pub transactions: i64,
    /// How many budgets are for it.
    pub budgets: i64,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

impl CategoryRow {
    pub fn in_use(&self) -> bool {
        self.transactions + self.budgets > 0
    }

    /// "12 transactions and 1 budget".
    pub fn uses(&self) -> String {
        let transactions = crate::format::count(self.transactions, "transaction", "transactions");
        let budgets = crate::format::count(self.budgets, "budget", "budgets");
        match (self.transactions, self.budgets) {
            (_, 0) => transactions,
            (0, _) => budgets,
            _ => format!("{transactions} and {budgets}"),
        }
    }
}

/// A category as it is typed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(default, deny_unknown_fields)]
pub struct CategoryForm {
    /// At most 100 characters; unique in the organisation, however it is capitalised.
    pub name: String,
}

impl From<&CategoryRow> for CategoryForm {
    fn from(row: &CategoryRow) -> Self {
        Self { name: row.name.clone() }
    }
}

/// A category that may be stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewCategory {
    pub name: String,
}

impl CategoryForm {
    pub fn parse(&self) -> Result<NewCategory, AppError> {
        parse_required_line(&self.name, MAX_CATEGORY, "Enter a name.")
            .map(|name| NewCategory { name })
            .map_err(|message| AppError::field("name", message))
    }
}

/// What the list can be sorted by.
pub const SORTS: &[&str] = &["name", "transactions", "budgets"];

pub const DEFAULT_SORT: Sort = Sort::ascending("name");

/// A question to the list, as it stands in an address. Empty fields ask for nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::IntoParams), into_params(parameter_in = Query))]
#[serde(default, deny_unknown_fields)]
pub struct CategoryQuery {
    /// Words that must all occur in the name.
    pub search: String,
    /// A column, or `-column` for the largest first; `name` unless said otherwise.
    pub sort: String,
    pub cursor: String,
    /// 1 to 500; 50 unless said otherwise.
    pub limit: String,
}

/// What a list is narrowed down to.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CategoryFilter {
    pub words: Vec<String>,
}

impl CategoryQuery {
    pub fn parse(&self) -> Result<Listing<CategoryFilter>, AppError> {
        let mut errors = FieldErrors::default();
        let sort = errors.take("sort", Sort::parse(&self.sort, SORTS, DEFAULT_SORT));
        let limit = errors.take("limit", parse_limit(&self.limit));
        match (sort, limit) {
            (Some(sort), Some(limit)) => {
                let cursor = Some(self.cursor.clone()).filter(|c| !c.is_empty());
                Ok(Listing { filter: CategoryFilter { words: search_words(&self.search) }, sort, cursor, limit })
            }
            _ => Err(errors.into_error()),
        }
    }
}

/// The sums of everything that a filter lets through.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(sqlx::FromRow, utoipa::ToSchema))]
pub struct CategoryTotals {
    pub count: i64,
}
