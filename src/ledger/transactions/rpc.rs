//! Server functions.

use super::model::*;
use crate::records::rpc::{prelude::*, record_rpc};

record_rpc! {
    Transactions, row: TransactionRow, form: TransactionForm, query: TransactionQuery, totals: TransactionTotals,
    list: list_transactions ListTransactions "ledger/list_transactions",
    edit: edit_transaction EditTransaction "ledger/edit_transaction",
    suggest: suggest_transactions SuggestTransactions "ledger/suggest_transactions",
    save: save_transaction SaveTransaction "ledger/save_transaction",
    delete: delete_transaction DeleteTransaction "ledger/delete_transaction",
    restore: restore_transaction RestoreTransaction "ledger/restore_transaction",
}
