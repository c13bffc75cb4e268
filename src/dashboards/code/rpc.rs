//! Server functions.

use super::model::Sent;
use crate::error::AppError;

/// What was sent to the import page, for the page that answers it. The browser never asks: it gets the answer with the
/// page, and has sent nothing when it comes from another one.
pub async fn sent() -> Result<Sent, AppError> {
    #[cfg(feature = "ssr")]
    let sent = super::route::sent();
    #[cfg(not(feature = "ssr"))]
    let sent = Sent::default();
    Ok(sent)
}
