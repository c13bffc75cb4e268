//! REST routes. Server only.

use super::{model::*, store::Transactions};
use crate::{
    ids::TransactionId,
    records::api::{prelude::*, record_api},
};

record_api! {
    Transactions, tag: "Transactions", id: TransactionId, query: TransactionQuery, form: TransactionForm, row: TransactionRow, totals: TransactionTotals,
    file: "transactions", all: "/transactions", csv: "/transactions.csv", one: "/transactions/{id}", back: "/transactions/{id}/restore",
    list_transactions, export_transactions, create_transaction, find_transaction, update_transaction, delete_transaction, restore_transaction,
}

/// The routes, with addresses relative to `/api/v1`.
pub fn router() -> OpenApiRouter<AppState> {
    records()
}
