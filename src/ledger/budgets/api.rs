//! REST routes. Server only.

use super::{model::*, store::Budgets};
use crate::{
    ids::BudgetId,
    records::api::{prelude::*, record_api},
};

record_api! {
    Budgets, tag: "Budgets", id: BudgetId, query: BudgetQuery, form: BudgetForm, row: BudgetRow, totals: BudgetTotals,
    file: "budgets", all: "/budgets", csv: "/budgets.csv", one: "/budgets/{id}", back: "/budgets/{id}/restore",
    list_budgets, export_budgets, create_budget, find_budget, update_budget, delete_budget, restore_budget,
}

/// The routes, with addresses relative to `/api/v1`.
pub fn router() -> OpenApiRouter<AppState> {
    records()
}
