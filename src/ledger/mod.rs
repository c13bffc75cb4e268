//! The books: transactions, categories, payments and budgets.
//!
//! Invariants: amounts of different currencies are never added up; whether a payment is overdue is computed from
//! the day in the organisation's time zone, never stored; a category that is in use cannot disappear.

#[cfg(feature = "ssr")]
pub mod api;
pub mod budgets;
pub mod categories;
pub mod model;
pub mod payments;
pub mod transactions;
pub mod view;
