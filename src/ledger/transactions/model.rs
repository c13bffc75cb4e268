//! Transactions as people write them, as they are stored and as they are asked for.

use crate::{
    error::{AppError, FieldErrors},
    ids::{ImportId, TransactionId},
    ledger::model::*,
    records::listing::{CurrencySum, Listing, Sort, optional, parse_limit, search_words},
};
use chrono::{DateTime, NaiveDate, Utc};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

/// A stored transaction.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(sqlx::FromRow, utoipa::ToSchema))]
pub struct TransactionRow {
    pub id: TransactionId,
    /// Unique in the organisation; imports recognise a row by it.
    pub reference: Option<String>,
    pub date: NaiveDate,
    #[serde(rename = "type")]
    #[cfg_attr(feature = "ssr", sqlx(rename = "type"))]
    pub kind: EntryType,
    /// The category's name; `None` for none.
    pub category: Option<String>,
    pub department: String,
    /// Negative for a reversal or a loss on a sale.
    #[cfg_attr(feature = "ssr", schema(value_type = String))]
    pub amount: Decimal,
    /// ISO 4217.
    pub currency: String,
    pub note: String,
    /// The import that brought it.
    pub import_id: Option<ImportId>,
    pub created_at: DateTime<Utc>,
    /// Sent back with a change, it makes sure that nobody else's change is overwritten.
    pub updated_at: DateTime<Utc>,
}

/// A transaction as it is typed: one flat field of text each, in a page's form or a JSON object.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(default, deny_unknown_fields)]
pub struct TransactionForm {
    /// Optional; at most 100 characters; unique in the organisation.
    #[serde(deserialize_with = "text_or_null")]
    pub reference: String,
    /// `2026-11-20`.
    pub date: String,
    /// `income` or `expense`.
    #[serde(rename = "type")]
    pub kind: String,
    /// A category's name; made when there is none of that name. Empty for none.
    #[serde(deserialize_with = "text_or_null")]
    pub category: String,
    #[serde(deserialize_with = "text_or_null")]
    pub department: String,
    /// At most 14 digits before the point and 4 after it.
    #[serde(deserialize_with = "text_or_number")]
    pub amount: String,
    /// ISO 4217, like `USD`.
    pub currency: String,
    #[serde(deserialize_with = "text_or_null")]
    pub note: String,
}

impl From<&TransactionRow> for TransactionForm {
    fn from(row: &TransactionRow) -> Self {
        Self {
            reference: row.reference.clone().unwrap_or_default(),
            date: row.date.to_string(),
            kind: row.kind.to_string(),
            category: row.category.clone().unwrap_or_default(),
            department: row.department.clone(),
            amount: row.amount.normalize().to_string(),
            currency: row.currency.clone(),
            note: row.note.clone(),
        }
    }
}

/// A transaction that may be stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewTransaction {
    pub reference: Option<String>,
    pub date: NaiveDate,
    pub kind: EntryType,
    pub category: Option<String>,
    pub department: String,
    pub amount: Decimal,
    pub currency: String,
    pub note: String,
}

impl TransactionForm {
    /// Checks every field and gives all errors at once.
    pub fn parse(&self) -> Result<NewTransaction, AppError> {
        let mut errors = FieldErrors::default();
        let reference = errors.take("reference", parse_line(&self.reference, MAX_REFERENCE));
        let date = errors.take("date", parse_date(&self.date));
        let kind = errors.take("type", self.kind.parse::<EntryType>());
        let category = errors.take("category", parse_line(&self.category, MAX_CATEGORY));
        let department = errors.take("department", parse_line(&self.department, MAX_DEPARTMENT));
        let amount = errors.take("amount", parse_amount(&self.amount));
        let currency = errors.take("currency", parse_currency(&self.currency));
        let note = errors.take("note", parse_text(&self.note, MAX_NOTE));
        match (reference, date, kind, category, department, amount, currency, note) {
            (
                Some(reference),
                Some(date),
                Some(kind),
                Some(category),
                Some(department),
                Some(amount),
                Some(currency),
                Some(note),
            ) => Ok(NewTransaction {
                reference,
                date,
                kind,
                category,
                department: department.unwrap_or_default(),
                amount,
                currency,
                note,
            }),
            _ => Err(errors.into_error()),
        }
    }
}

/// What the list can be sorted by.
pub const SORTS: &[&str] = &["date", "reference", "type", "category", "department", "amount", "currency"];

pub const DEFAULT_SORT: Sort = Sort::descending("date");

/// A question to the list, as it stands in an address. Empty fields ask for nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::IntoParams), into_params(parameter_in = Query))]
#[serde(default, deny_unknown_fields)]
pub struct TransactionQuery {
    /// Words that must all occur in reference, note, department or category; an amount finds that amount.
    pub search: String,
    /// `income` or `expense`.
    #[serde(rename = "type")]
    pub kind: String,
    /// A category's name.
    pub category: String,
    pub department: String,
    /// ISO 4217.
    pub currency: String,
    /// First day.
    pub from: String,
    /// Last day, included.
    pub to: String,
    /// The id of an import: only the rows that it brought.
    pub import: String,
    /// A column, or `-column` for the largest first; `-date` unless said otherwise.
    pub sort: String,
    pub cursor: String,
    /// 1 to 500; 50 unless said otherwise.
    pub limit: String,
}

/// What a list is narrowed down to.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TransactionFilter {
    pub words: Vec<String>,
    pub kind: Option<EntryType>,
    pub category: Option<String>,
    pub department: Option<String>,
    pub currency: Option<String>,
    pub from: Option<NaiveDate>,
    pub to: Option<NaiveDate>,
    pub import: Option<ImportId>,
}

impl TransactionQuery {
    /// Checks every field and gives all errors at once.
    pub fn parse(&self) -> Result<Listing<TransactionFilter>, AppError> {
        let mut errors = FieldErrors::default();
        let filter = TransactionFilter {
            words: search_words(&self.search),
            kind: optional(&mut errors, "type", &self.kind, str::parse),
            category: optional(&mut errors, "category", &self.category, |t| parse_line(t, MAX_CATEGORY)).flatten(),
            department: optional(&mut errors, "department", &self.department, |t| parse_line(t, MAX_DEPARTMENT))
                .flatten(),
            currency: optional(&mut errors, "currency", &self.currency, parse_currency),
            from: optional(&mut errors, "from", &self.from, parse_date),
            to: optional(&mut errors, "to", &self.to, parse_date),
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
pub struct TransactionTotals {
    pub count: i64,
    /// By currency.
    pub income: Vec<CurrencySum>,
    pub expense: Vec<CurrencySum>,
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]
    use super::*;

    fn form() -> TransactionForm {
        TransactionForm {
            date: "2026-10-31".into(),
            kind: "income".into(),
            amount: "12.50".into(),
            currency: "usd".into(),
            ..Default::default()
        }
    }

    #[test]
    fn a_form_needs_only_date_type_amount_and_currency() {
        let new = form().parse().unwrap();
        assert_eq!((new.reference, new.category, new.currency.as_str()), (None, None, "USD"));
    }

    #[test]
    fn every_wrong_field_is_named_at_once() {
        let wrong = TransactionForm {
            reference: "x".repeat(101),
            date: "yesterday".into(),
            kind: "gift".into(),
            category: "a\nb".into(),
            department: "d".repeat(101),
            amount: "1.23456".into(),
            currency: "dollars".into(),
            note: "n".repeat(2001),
        };
        let error = wrong.parse().unwrap_err();
        for field in ["reference", "date", "type", "category", "department", "amount", "currency", "note"] {
            assert!(error.for_field(field).is_some(), "{field}");
        }
    }

    #[test]
    fn a_query_names_what_it_cannot_read() {
        let query =
            TransactionQuery { from: "x".into(), sort: "colour".into(), limit: "0".into(), ..Default::default() };
        let error = query.parse().unwrap_err();
        assert!(["from", "sort", "limit"].iter().all(|f| error.for_field(f).is_some()));
        let listing = TransactionQuery::default().parse().unwrap();
        assert_eq!((listing.sort, listing.limit), (Sort::descending("date"), 50));
    }
}
