//! Server functions.

use super::model::*;
use crate::records::rpc::{prelude::*, record_rpc};

record_rpc! {
    Categories, row: CategoryRow, form: CategoryForm, query: CategoryQuery, totals: CategoryTotals,
    list: list_categories ListCategories "ledger/list_categories",
    edit: edit_category EditCategory "ledger/edit_category",
    suggest: suggest_categories SuggestCategories "ledger/suggest_categories",
    save: save_category SaveCategory "ledger/save_category",
    delete: delete_category DeleteCategory "ledger/delete_category",
    restore: restore_category RestoreCategory "ledger/restore_category",
}

/// Moves everything of one category to another and removes it.
#[server(prefix = "/rpc", endpoint = "ledger/merge_category", output = Wire)]
pub async fn merge_category(id: String, into: String) -> Result<(), AppError> {
    use super::store::{self, Categories};
    let (state, member) = (crate::server::state()?, crate::server::member()?);
    let editor = member.editor()?;
    if into.is_empty() {
        return Err(AppError::field("into", "Choose the category to merge into."));
    }
    let (id, into) = (kind::parse_id::<Categories>(&id)?, kind::parse_id::<Categories>(&into)?);
    let mut tx = state.db.tenant(&editor).await?;
    let row = store::merge(&mut tx, &editor, id, into).await?;
    tx.commit().await?;
    leptos_axum::redirect(&forms::list_address::<Categories>("", "saved", row.id));
    Ok(())
}
