//! Server functions.

use super::model::*;
use crate::records::rpc::{prelude::*, record_rpc};

record_rpc! {
    Payments, row: PaymentRow, form: PaymentForm, query: PaymentQuery, totals: PaymentTotals,
    list: list_payments ListPayments "ledger/list_payments",
    edit: edit_payment EditPayment "ledger/edit_payment",
    suggest: suggest_payments SuggestPayments "ledger/suggest_payments",
    save: save_payment SavePayment "ledger/save_payment",
    delete: delete_payment DeletePayment "ledger/delete_payment",
    restore: restore_payment RestorePayment "ledger/restore_payment",
}

/// Takes one step: approve, reject, pay (today, unless `paid_on` says otherwise), or take one of these back.
#[server(prefix = "/rpc", endpoint = "ledger/set_payment_status", output = Wire)]
pub async fn set_payment_status(
    id: String,
    status: String,
    #[server(default)] updated_at: String,
    #[server(default)] back: String,
) -> Result<(), AppError> {
    use super::store::{self, Payments};
    let (state, member) = (crate::server::state()?, crate::server::member()?);
    let editor = member.editor()?;
    let status = status.parse().map_err(|message: String| AppError::field("status", message))?;
    let version = crate::ledger::model::parse_version(&updated_at);
    let version = version.map_err(|message| AppError::field("updated_at", message))?;
    let mut tx = state.db.tenant(&editor).await?;
    let row = store::set_status(&mut tx, &editor, kind::parse_id::<Payments>(&id)?, version, status, None).await?;
    tx.commit().await?;
    leptos_axum::redirect(&forms::list_address::<Payments>(&back, "saved", row.id));
    Ok(())
}
