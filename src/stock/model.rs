//! Materials as people write them, as they are stored and as they are asked for.

use crate::{
    error::{AppError, FieldErrors},
    ids::{ImportId, MaterialId},
    records::{
        fields::*,
        listing::{CurrencySum, Listing, Sort, optional, parse_limit, search_words},
    },
};
use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

/// A stored material.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(sqlx::FromRow, utoipa::ToSchema))]
pub struct MaterialRow {
    pub id: MaterialId,
    /// Unique in the organisation; imports recognise a row by it.
    pub sku: String,
    pub name: String,
    pub category: String,
    /// In the material's own unit; negative when more was taken than counted.
    #[cfg_attr(feature = "ssr", schema(value_type = String))]
    pub quantity: Decimal,
    /// At or below this quantity the material is low on stock.
    #[cfg_attr(feature = "ssr", schema(value_type = String))]
    pub min_stock: Decimal,
    #[cfg_attr(feature = "ssr", schema(value_type = String))]
    pub unit_cost: Decimal,
    /// ISO 4217, of the unit cost.
    pub currency: String,
    /// Quantity times unit cost.
    #[cfg_attr(feature = "ssr", schema(value_type = String))]
    pub value: Decimal,
    pub low: bool,
    /// The import that brought it.
    pub import_id: Option<ImportId>,
    pub created_at: DateTime<Utc>,
    /// Sent back with a change, it makes sure that nobody else's change is overwritten.
    pub updated_at: DateTime<Utc>,
}

/// A material as it is typed: one flat field of text each, in a page's form or a JSON object.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(default, deny_unknown_fields)]
pub struct MaterialForm {
    /// At most 100 characters; unique in the organisation.
    pub sku: String,
    /// At most 200 characters.
    pub name: String,
    #[serde(deserialize_with = "text_or_null")]
    pub category: String,
    /// 0 unless given; at most 14 digits before the point and 4 after it, as the two below.
    #[serde(deserialize_with = "text_or_number")]
    pub quantity: String,
    /// 0 unless given; not negative.
    #[serde(deserialize_with = "text_or_number")]
    pub min_stock: String,
    /// 0 unless given; not negative.
    #[serde(deserialize_with = "text_or_number")]
    pub unit_cost: String,
    /// ISO 4217, like `USD`.
    pub currency: String,
}

impl From<&MaterialRow> for MaterialForm {
    fn from(row: &MaterialRow) -> Self {
        Self {
            sku: row.sku.clone(),
            name: row.name.clone(),
            category: row.category.clone(),
            quantity: row.quantity.normalize().to_string(),
            min_stock: row.min_stock.normalize().to_string(),
            unit_cost: row.unit_cost.normalize().to_string(),
            currency: row.currency.clone(),
        }
    }
}

/// A material that may be stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewMaterial {
    pub sku: String,
    pub name: String,
    pub category: String,
    pub quantity: Decimal,
    pub min_stock: Decimal,
    pub unit_cost: Decimal,
    pub currency: String,
}

/// An empty number is 0.
fn or_zero(text: &str, parse: fn(&str) -> Result<Decimal, String>) -> Result<Decimal, String> {
    if text.trim().is_empty() { Ok(Decimal::ZERO) } else { parse(text) }
}

/// Refuses a stock value (quantity times unit cost) of a quintillion or more, as the table does.
pub fn check_value(quantity: Decimal, unit_cost: Decimal) -> Result<(), String> {
    let limit = Decimal::from(1_000_000_000_000_000_000u64);
    match quantity.checked_mul(unit_cost) {
        Some(value) if value.abs() < limit => Ok(()),
        _ => Err("Quantity times unit cost is too large.".into()),
    }
}

impl MaterialForm {
    /// Checks every field and gives all errors at once.
    pub fn parse(&self) -> Result<NewMaterial, AppError> {
        let mut errors = FieldErrors::default();
        let sku = errors.take("sku", parse_required_line(&self.sku, MAX_SKU, "Enter a SKU."));
        let name = errors.take("name", parse_required_line(&self.name, MAX_NAME, "Enter a name."));
        let category = errors.take("category", parse_line(&self.category, MAX_CATEGORY));
        let quantity = errors.take("quantity", or_zero(&self.quantity, parse_amount));
        let min_stock = errors.take("min_stock", or_zero(&self.min_stock, parse_positive));
        let unit_cost = errors.take("unit_cost", or_zero(&self.unit_cost, parse_positive));
        let currency = errors.take("currency", parse_currency(&self.currency));
        if let (Some(quantity), Some(unit_cost)) = (quantity, unit_cost) {
            errors.take("unit_cost", check_value(quantity, unit_cost));
        }
        match (sku, name, category, quantity, min_stock, unit_cost, currency) {
            (
                Some(sku),
                Some(name),
                Some(category),
                Some(quantity),
                Some(min_stock),
                Some(unit_cost),
                Some(currency),
            ) if errors.is_empty() => Ok(NewMaterial {
                sku,
                name,
                category: category.unwrap_or_default(),
                quantity,
                min_stock,
                unit_cost,
                currency,
            }),
            _ => Err(errors.into_error()),
        }
    }
}

choices! {
    /// How full a shelf is.
    StockLevel, "a stock level" {
        /// At or below the minimum.
        Low = "low", "Low";
        /// Nothing left, or less than nothing.
        Out = "out", "Out of stock";
        /// Above the minimum.
        Enough = "enough", "Enough";
    }
}

/// What the list can be sorted by.
pub const SORTS: &[&str] = &["sku", "name", "category", "quantity", "min_stock", "unit_cost", "value", "currency"];

pub const DEFAULT_SORT: Sort = Sort::ascending("name");

/// A question to the list, as it stands in an address. Empty fields ask for nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::IntoParams), into_params(parameter_in = Query))]
#[serde(default, deny_unknown_fields)]
pub struct MaterialQuery {
    /// Words that must all occur in SKU, name or category.
    pub search: String,
    pub category: String,
    /// `low` (at or below the minimum), `out` or `enough`.
    pub level: String,
    /// ISO 4217.
    pub currency: String,
    /// The id of an import: only the rows that it brought.
    pub import: String,
    /// A column, or `-column` for the largest first; `name` unless said otherwise.
    pub sort: String,
    pub cursor: String,
    /// 1 to 500; 50 unless said otherwise.
    pub limit: String,
}

/// What a list is narrowed down to.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct MaterialFilter {
    pub words: Vec<String>,
    pub category: Option<String>,
    pub level: Option<StockLevel>,
    pub currency: Option<String>,
    pub import: Option<ImportId>,
}

impl MaterialQuery {
    /// Checks every field and gives all errors at once.
    pub fn parse(&self) -> Result<Listing<MaterialFilter>, AppError> {
        let mut errors = FieldErrors::default();
        let filter = MaterialFilter {
            words: search_words(&self.search),
            category: optional(&mut errors, "category", &self.category, |t| parse_line(t, MAX_CATEGORY)).flatten(),
            level: optional(&mut errors, "level", &self.level, str::parse),
            currency: optional(&mut errors, "currency", &self.currency, parse_currency),
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
pub struct MaterialTotals {
    pub count: i64,
    #[cfg_attr(feature = "ssr", schema(value_type = String))]
    pub quantity: Decimal,
    /// How many are at or below their minimum.
    pub low: i64,
    /// Quantity times unit cost, by currency.
    pub value: Vec<CurrencySum>,
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]
    use super::*;

    #[test]
    fn numbers_may_be_left_out_but_not_be_wrong() {
        let form =
            MaterialForm { sku: "A-1".into(), name: "Axle".into(), currency: "USD".into(), ..Default::default() };
        assert_eq!(form.parse().unwrap().quantity, Decimal::ZERO);
        let wrong = MaterialForm { min_stock: "-1".into(), unit_cost: "free".into(), ..form };
        let error = wrong.parse().unwrap_err();
        let huge = MaterialForm { quantity: "9".repeat(14), unit_cost: "9".repeat(14), ..wrong.clone() };
        assert!(huge.parse().unwrap_err().for_field("unit_cost").is_some());
        assert!(error.for_field("min_stock").is_some() && error.for_field("unit_cost").is_some());
    }
}
