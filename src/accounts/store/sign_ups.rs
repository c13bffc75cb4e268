//! Sign-ups that wait for their mail. Server only.
//!
//! Where the server sends mail, a sign-up's answer is always "look into your mail", so that it tells nobody whether an
//! address has an account; and an address is known to be its owner's before it is an account.

use super::{
    SignedIn, create_organization, create_user,
    outbox::{self, Mail},
};
use crate::{
    accounts::{
        NewAccount,
        auth::Client,
        events::{self, Event},
        input::FIRST_CURRENCY,
        password, tokens,
    },
    error::AppError,
    ids::UserId,
    server::{Database, fault},
};
use serde::{Deserialize, Serialize};

/// How long the link in the mail can be used.
const LINK_HOURS: i32 = 48;

/// A sign-up as it waits in `mail_tokens`.
#[derive(Serialize, Deserialize)]
struct Pending {
    name: String,
    email: String,
    password_hash: String,
    organization_name: String,
    /// Missing in links from before it was asked for.
    #[serde(default = "first_currency")]
    base_currency: String,
    time_zone: crate::zone::Zone,
}

fn first_currency() -> String {
    FIRST_CURRENCY.to_owned()
}

/// Mails a link that finishes the sign-up, or, to an address that has an account, that it has one. The caller must see
/// to it that the time taken tells nothing.
pub async fn ask(db: &Database, new: NewAccount, base_url: &str) -> Result<(), AppError> {
    let password_hash = password::hash(new.password).await?;
    let mut tx = db.system("sign-up: the organisation does not exist yet").await?;
    let known: bool = sqlx::query_scalar("select exists (select from users where email = $1)")
        .bind(&new.email)
        .fetch_one(tx.conn())
        .await?;
    let mail = if known {
        Mail {
            recipient: new.email,
            subject: "You have an account already".into(),
            body: format!(
                "Hello,\n\nsomebody, perhaps you, tried to sign up with this address, which has an account already.\n\nSign \
                 in: {base_url}/sign-in\nForgot the password? {base_url}/forgot-password\n",
            ),
        }
    } else {
        let (token, hash) = tokens::secret();
        let mail = Mail {
            recipient: new.email.clone(),
            subject: "Finish your sign-up".into(),
            body: format!(
                "Hello {},\n\nfinish your sign-up here, within {LINK_HOURS} hours:\n\n{base_url}/sign-up?token={token}\n\nIf you \
                 did not sign up, do nothing.\n",
                new.name
            ),
        };
        let pending = Pending {
            name: new.name,
            email: new.email,
            password_hash,
            organization_name: new.organization_name,
            base_currency: new.base_currency,
            time_zone: new.time_zone,
        };
        sqlx::query(
            "insert into mail_tokens (token_hash, purpose, payload, expires_at)
             values ($1, 'confirm_sign_up', $2, now() + make_interval(hours => $3))",
        )
        .bind(hash)
        .bind(serde_json::to_value(pending).map_err(fault::internal)?)
        .bind(LINK_HOURS)
        .execute(tx.conn())
        .await?;
        mail
    };
    outbox::push(tx.conn(), &mail).await?;
    tx.commit().await
}

/// Finishes a sign-up by the link of its mail, once.
pub async fn confirm(db: &Database, token: &str, client: &Client) -> Result<SignedIn, AppError> {
    let mut tx = db.system("sign-up: the organisation does not exist yet").await?;
    let payload: Option<serde_json::Value> = sqlx::query_scalar(
        "delete from mail_tokens where token_hash = $1 and purpose = 'confirm_sign_up' and expires_at > now()
         returning payload",
    )
    .bind(tokens::hash(token))
    .fetch_optional(tx.conn())
    .await?;
    let payload =
        payload.ok_or_else(|| AppError::invalid("This link has expired or was used. Sign in, or sign up again."))?;
    let pending: Pending = serde_json::from_value(payload).map_err(fault::internal)?;
    let user_id: UserId = create_user(&mut tx, &pending.name, &pending.email, &pending.password_hash).await?;
    events::record(&mut tx, Event::SignedUp, Some(user_id), client).await?;
    let (organization, tx) =
        create_organization(tx, user_id, &pending.organization_name, &pending.base_currency, pending.time_zone).await?;
    tx.commit().await?;
    Ok(SignedIn { user_id, organization_id: organization.id })
}
