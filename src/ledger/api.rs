//! REST routes. Server only.

use super::{budgets, categories, payments, transactions};
use crate::server::AppState;
use utoipa_axum::router::OpenApiRouter;

/// The feature's routes, with addresses relative to `/api/v1`.
pub fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .merge(transactions::api::router())
        .merge(categories::api::router())
        .merge(payments::api::router())
        .merge(budgets::api::router())
}
