//! What the four kinds of the books share: the parsers of their fields, and whether money comes or goes.

pub use crate::records::fields::*;

choices! {
    /// Which way a transaction or a budget counts.
    EntryType, "a type" {
        Income = "income", "Income";
        Expense = "expense", "Expense";
    }
}
