//! What happened to accounts, for the operator. Server only.

use crate::{accounts::auth::Client, error::AppError, ids::UserId, server::SystemTx};
use uuid::Uuid;

/// Something worth knowing when an account is in doubt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    SignedUp,
    SignedIn,
    /// A wrong password, or an address that nobody has.
    SignInFailed,
    SignedOut,
    SignedOutEverywhere,
    PasswordChanged,
    PasswordResetAsked,
    PasswordReset,
    TokenIssued,
    /// A refresh token came a second time.
    TokenReused,
}

impl Event {
    const fn as_str(self) -> &'static str {
        match self {
            Self::SignedUp => "signed_up",
            Self::SignedIn => "signed_in",
            Self::SignInFailed => "sign_in_failed",
            Self::SignedOut => "signed_out",
            Self::SignedOutEverywhere => "signed_out_everywhere",
            Self::PasswordChanged => "password_changed",
            Self::PasswordResetAsked => "password_reset_asked",
            Self::PasswordReset => "password_reset",
            Self::TokenIssued => "token_issued",
            Self::TokenReused => "token_reused",
        }
    }
}

/// Writes `event` in the transaction of what it tells of. `user` is absent where nobody was found.
pub async fn record(tx: &mut SystemTx, event: Event, user: Option<UserId>, client: &Client) -> Result<(), AppError> {
    sqlx::query(
        "insert into account_events (id, user_id, kind, address, user_agent)
         values ($1, $2, $3, left($4, 64), left($5, 300))",
    )
    .bind(Uuid::now_v7())
    .bind(user)
    .bind(event.as_str())
    .bind(&client.address)
    .bind(&client.user_agent)
    .execute(tx.conn())
    .await?;
    Ok(())
}
