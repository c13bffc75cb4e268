//! REST routes. Server only.

use super::{model::*, store::Payments};
use crate::ledger::model::parse_date;
use crate::{
    ids::PaymentId,
    records::api::{prelude::*, record_api},
};
use serde::Deserialize;
use utoipa::ToSchema;

record_api! {
    Payments, tag: "Payments", id: PaymentId, query: PaymentQuery, form: PaymentForm, row: PaymentRow, totals: PaymentTotals,
    file: "payments", all: "/payments", csv: "/payments.csv", one: "/payments/{id}", back: "/payments/{id}/restore",
    list_payments, export_payments, create_payment, find_payment, update_payment, delete_payment, restore_payment,
}

/// The step to take.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Step {
    status: PaymentStatus,
    /// For `paid` alone; today in the organisation's time zone if absent.
    #[serde(default)]
    paid_on: Option<String>,
}

/// Approves, rejects or pays a payment, or takes one of these steps back.
#[utoipa::path(post, path = "/payments/{id}/status", tag = "Payments", params(("id" = Uuid, Path,)),
    request_body = Step, responses(
    (status = 200, description = "The payment after the step", body = PaymentRow),
    (status = 404, description = "There is no such payment, or it is not yours"),
    (status = 422, description = "From its present status this step is not allowed")))]
async fn set_payment_status(
    State(state): State<AppState>,
    member: Member,
    Path(id): Path<PaymentId>,
    Json(step): Json<Step>,
) -> Result<Json<PaymentRow>, AppError> {
    let editor = member.editor()?;
    let paid_on = step.paid_on.as_deref().map(parse_date).transpose();
    let paid_on = paid_on.map_err(|message| AppError::field("paid_on", message))?;
    let mut tx = state.db.tenant(&editor).await?;
    let row = super::store::set_status(&mut tx, &editor, id, None, step.status, paid_on).await?;
    tx.commit().await?;
    Ok(Json(row))
}

/// The routes, with addresses relative to `/api/v1`.
pub fn router() -> OpenApiRouter<AppState> {
    records().routes(routes!(set_payment_status))
}
