//! Budgets as people write them, as they are stored and as they are asked for.

use crate::{
    error::{AppError, FieldErrors},
    ids::{BudgetId, ImportId},
    ledger::model::*,
    records::listing::{CurrencySum, Listing, Sort, optional, parse_limit, search_words},
};
use chrono::{DateTime, NaiveDate, Utc};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

/// A stored budget, and what has been booked against it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(sqlx::FromRow, utoipa::ToSchema))]
pub struct BudgetRow {
    pub id: BudgetId,
    /// The first day of the month.
    pub month: NaiveDate,
    #[serde(rename = "type")]
    #[cfg_attr(feature = "ssr", sqlx(rename = "type"))]
    pub kind: EntryType,
    pub category: String,
    #[cfg_attr(feature = "ssr", schema(value_type = String))]
    pub amount: Decimal,
    /// ISO 4217.
    pub currency: String,
    /// The transactions of that month, type, category and currency, added up.
    #[cfg_attr(feature = "ssr", schema(value_type = String))]
    pub used: Decimal,
    /// The import that brought it.
    pub import_id: Option<ImportId>,
    pub created_at: DateTime<Utc>,
    /// Sent back with a change, it makes sure that nobody else's change is overwritten.
    pub updated_at: DateTime<Utc>,
}

impl BudgetRow {
    /// How much of the budget is used, in percent; `None` for a budget of 0.
    pub fn used_percent(&self) -> Option<Decimal> {
        (self.used * Decimal::ONE_HUNDRED).checked_div(self.amount)
    }
}

/// A budget as it is typed: one flat field of text each, in a page's form or a JSON object.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(default, deny_unknown_fields)]
pub struct BudgetForm {
    /// `2026-11`, or any day in the month.
    pub month: String,
    /// `expense` (the default) or `income`.
    #[serde(rename = "type")]
    pub kind: String,
    /// A category's name; made when there is none of that name.
    pub category: String,
    /// Not negative; at most 14 digits before the point and 4 after it.
    #[serde(deserialize_with = "text_or_number")]
    pub amount: String,
    /// ISO 4217, like `USD`.
    pub currency: String,
}

impl From<&BudgetRow> for BudgetForm {
    fn from(row: &BudgetRow) -> Self {
        Self {
            month: row.month.format("%Y-%m").to_string(),
            kind: row.kind.to_string(),
            category: row.category.clone(),
            amount: row.amount.normalize().to_string(),
            currency: row.currency.clone(),
        }
    }
}

/// A budget that may be stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewBudget {
    pub month: NaiveDate,
    pub kind: EntryType,
    pub category: String,
    pub amount: Decimal,
    pub currency: String,
}

impl BudgetForm {
    /// Checks every field and gives all errors at once.
    pub fn parse(&self) -> Result<NewBudget, AppError> {
        let mut errors = FieldErrors::default();
        let month = errors.take("month", parse_month(&self.month));
        let kind = match self.kind.trim() {
            "" => Some(EntryType::Expense),
            kind => errors.take("type", kind.parse()),
        };
        let category = errors.take("category", parse_required_line(&self.category, MAX_CATEGORY, "Enter a category."));
        let amount = errors.take("amount", parse_positive(&self.amount));
        let currency = errors.take("currency", parse_currency(&self.currency));
        match (month, kind, category, amount, currency) {
            (Some(month), Some(kind), Some(category), Some(amount), Some(currency)) => {
                Ok(NewBudget { month, kind, category, amount, currency })
            }
            _ => Err(errors.into_error()),
        }
    }
}

/// What the list can be sorted by.
pub const SORTS: &[&str] = &["month", "type", "category", "amount", "currency"];

pub const DEFAULT_SORT: Sort = Sort::descending("month");

/// A question to the list, as it stands in an address. Empty fields ask for nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::IntoParams), into_params(parameter_in = Query))]
#[serde(default, deny_unknown_fields)]
pub struct BudgetQuery {
    /// Words that must all occur in the category's name; an amount finds that amount.
    pub search: String,
    /// `income` or `expense`.
    #[serde(rename = "type")]
    pub kind: String,
    /// A category's name.
    pub category: String,
    /// ISO 4217.
    pub currency: String,
    /// First month: `2026-01`.
    pub from: String,
    /// Last month, included.
    pub to: String,
    /// The id of an import: only the rows that it brought.
    pub import: String,
    /// A column, or `-column` for the largest first; `-month` unless said otherwise.
    pub sort: String,
    pub cursor: String,
    /// 1 to 500; 50 unless said otherwise.
    pub limit: String,
}

/// What a list is narrowed down to.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct BudgetFilter {
    pub words: Vec<String>,
    pub kind: Option<EntryType>,
    pub category: Option<String>,
    pub currency: Option<String>,
    pub from: Option<NaiveDate>,
    pub to: Option<NaiveDate>,
    pub import: Option<ImportId>,
}

impl BudgetQuery {
    /// Checks every field and gives all errors at once.
    pub fn parse(&self) -> Result<Listing<BudgetFilter>, AppError> {
        let mut errors = FieldErrors::default();
        let filter = BudgetFilter {
            words: search_words(&self.search),
            kind: optional(&mut errors, "type", &self.kind, str::parse),
            category: optional(&mut errors, "category", &self.category, |t| parse_line(t, MAX_CATEGORY)).flatten(),
            currency: optional(&mut errors, "currency", &self.currency, parse_currency),
            from: optional(&mut errors, "from", &self.from, parse_month),
            to: optional(&mut errors, "to", &self.to, parse_month),
            import: optional(&mut errors, "import", &self.import, |t| {
                t.parse().map_err(|_| "This is not the id of an import.".to_owned())
            }),
        };
        let sort = errors.take("sort", Sort::parse(&self.sort, SORTS, DEFAULT_SORT));
        let limit = errors.take("limit", parse_limit(&self.limit));
        match (sort, limit) {
            (Some(sort), Some(limit)) if errors.is_empty() => {
                let cursor = Some(self.cursor.clone()).filter(|c| !c.is_empty());
                Ok(Listing { filter, sort, cursor, limit })
            }
            _ => Err(errors.into_error()),
        }
    }
}

/// The sums of everything that a filter lets through.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct BudgetTotals {
    pub count: i64,
    /// By currency.
    pub income: Vec<CurrencySum>,
    pub expense: Vec<CurrencySum>,
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]
    use super::*;

    #[test]
    fn a_budget_is_for_the_whole_month_and_never_negative() {
        let form = BudgetForm {
            month: "2026-11-17".into(),
            category: "Travel".into(),
            amount: "100".into(),
            currency: "EUR".into(),
            ..Default::default()
        };
        let new = form.parse().unwrap();
        assert_eq!((new.month.to_string().as_str(), new.kind), ("2026-11-01", EntryType::Expense));
        let error = BudgetForm { amount: "-1".into(), category: " ".into(), ..form }.parse().unwrap_err();
        assert!(error.for_field("amount").is_some() && error.for_field("category").is_some());
    }
}
