//! Pages.

pub use super::{
    budgets::view::{BudgetPage, BudgetsPage},
    categories::view::CategoriesPage,
    payments::view::{PaymentPage, PaymentsPage},
    transactions::view::{TransactionPage, TransactionsPage},
};
