//! Server functions.

use super::model::*;
use crate::records::rpc::{prelude::*, record_rpc};

record_rpc! {
    Budgets, row: BudgetRow, form: BudgetForm, query: BudgetQuery, totals: BudgetTotals,
    list: list_budgets ListBudgets "ledger/list_budgets",
    edit: edit_budget EditBudget "ledger/edit_budget",
    suggest: suggest_budgets SuggestBudgets "ledger/suggest_budgets",
    save: save_budget SaveBudget "ledger/save_budget",
    delete: delete_budget DeleteBudget "ledger/delete_budget",
    restore: restore_budget RestoreBudget "ledger/restore_budget",
}
