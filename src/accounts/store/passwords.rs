//! Changing and resetting passwords. Server only.

use super::outbox::{self, Mail};
use crate::{
    accounts::{
        auth::Client,
        events::{self, Event},
        input,
        member::Member,
        password, session,
        throttle::{self, Limit},
        tokens,
    },
    error::{AppError, FieldErrors},
    ids::UserId,
    server::{Database, SystemTx},
};

/// How long a link in a mail can be used.
const LINK_HOURS: i32 = 2;

/// Changes the password of `member`, who must know the old one, and ends their sessions and API sign-ins
/// elsewhere. `keep` is the session that asks.
pub async fn change(
    db: &Database,
    member: &Member,
    old: String,
    new: &str,
    keep: Option<&[u8]>,
    client: &Client,
) -> Result<(), AppError> {
    let viewer = member.viewer();
    let mut errors = FieldErrors::default();
    let new = errors.take("new_password", input::new_password(new, &viewer.email));
    let limits = Limit::sign_in(&viewer.email, client);
    throttle::take(db, &limits).await?;
    let hash: String = {
        let mut tx = db.system("a tenant's transaction cannot read passwords").await?;
        sqlx::query_scalar("select password_hash from users where id = $1")
            .bind(viewer.user_id)
            .fetch_one(tx.conn())
            .await?
    };
    if old.len() > input::PASSWORD_MAX || !password::verify(old, Some(hash)).await? {
        errors.add("old_password", "This is not your password.");
    }
    let Some(new) = new.filter(|_| errors.is_empty()) else { return Err(errors.into_error()) };
    let new_hash = password::hash(new).await?;
    let mut tx = db.system("a password belongs to a person, not to an organisation").await?;
    throttle::give_back(&mut tx, &limits).await?;
    set(&mut tx, viewer.user_id, &new_hash, keep).await?;
    events::record(&mut tx, Event::PasswordChanged, Some(viewer.user_id), client).await?;
    outbox::push(tx.conn(), &changed_mail(&viewer.name, &viewer.email)).await?;
    tx.commit().await
}

/// Sets a password and ends every session and link that the old one gave.
async fn set(tx: &mut SystemTx, user: UserId, hash: &str, keep: Option<&[u8]>) -> Result<(), AppError> {
    sqlx::query("update users set password_hash = $2 where id = $1").bind(user).bind(hash).execute(tx.conn()).await?;
    sqlx::query("delete from mail_tokens where user_id = $1").bind(user).execute(tx.conn()).await?;
    session::end_all(tx, user, keep).await
}

/// Sets the password of the person with this address, for the operator at the command line.
pub async fn set_by_operator(db: &Database, email: &str, new: &str) -> Result<(), AppError> {
    let email = input::email(email).map_err(AppError::invalid)?;
    let new = input::new_password(new, &email).map_err(AppError::invalid)?;
    let hash = password::hash(new).await?;
    let mut tx = db.system("the operator acts on accounts of any organisation").await?;
    let user: Option<UserId> =
        sqlx::query_scalar("select id from users where email = $1").bind(&email).fetch_optional(tx.conn()).await?;
    let user = user.ok_or_else(|| AppError::not_found("The account"))?;
    set(&mut tx, user, &hash, None).await?;
    events::record(&mut tx, Event::PasswordReset, Some(user), &Client::default()).await?;
    tx.commit().await
}

/// Mails a link for a new password, if somebody has this address. The caller learns nothing either way, and
/// must see to it that the time taken tells nothing.
pub async fn ask_reset(db: &Database, email: &str, base_url: &str, client: &Client) -> Result<(), AppError> {
    throttle::take(db, &Limit::mail(email, client)).await?;
    let mut tx = db.system("reset: nobody is authenticated yet").await?;
    let user: Option<(UserId, String)> =
        sqlx::query_as("select id, name from users where email = $1").bind(email).fetch_optional(tx.conn()).await?;
    if let Some((user, name)) = &user {
        let (token, hash) = tokens::secret();
        // Only the latest link works.
        sqlx::query("delete from mail_tokens where user_id = $1 and purpose = 'reset_password'")
            .bind(user)
            .execute(tx.conn())
            .await?;
        sqlx::query(
            "insert into mail_tokens (token_hash, purpose, user_id, expires_at)
             values ($1, 'reset_password', $2, now() + make_interval(hours => $3))",
        )
        .bind(hash)
        .bind(user)
        .bind(LINK_HOURS)
        .execute(tx.conn())
        .await?;
        let body = format!(
            "Hello {name},\n\nsomebody, we hope you, asked for a new password for this address. Choose one here, within \
             {LINK_HOURS} hours:\n\n{base_url}/reset-password?token={token}\n\nIf it was not you, do nothing: your password \
             stays as it is.\n",
        );
        let mail = Mail { recipient: email.to_owned(), subject: "Choose a new password".into(), body };
        outbox::push(tx.conn(), &mail).await?;
    }
    events::record(&mut tx, Event::PasswordResetAsked, user.map(|(id, _)| id), client).await?;
    tx.commit().await
}

/// Whether the link of a mail still works; not found when it has expired or was used.
pub async fn check_link(db: &Database, token: &str) -> Result<(), AppError> {
    let mut tx = db.system("reset: nobody is authenticated yet").await?;
    let works: bool = sqlx::query_scalar(
        "select exists (select from mail_tokens
                        where token_hash = $1 and purpose = 'reset_password' and expires_at > now())",
    )
    .bind(tokens::hash(token))
    .fetch_one(tx.conn())
    .await?;
    if works { Ok(()) } else { Err(AppError::not_found("This link")) }
}

/// Sets a new password by the link of a mail, once, and signs the person out everywhere.
pub async fn reset(db: &Database, token: &str, new: &str, client: &Client) -> Result<(), AppError> {
    throttle::take(db, &Limit::sign_up(client)).await?;
    let expired = || AppError::invalid("This link has expired or was used. Ask for a new one.");
    let (user, name, email): (UserId, String, String) = {
        let mut tx = db.system("reset: nobody is authenticated yet").await?;
        sqlx::query_as(
            "select u.id, u.name, u.email from mail_tokens t join users u on u.id = t.user_id
             where t.token_hash = $1 and t.purpose = 'reset_password' and t.expires_at > now()",
        )
        .bind(tokens::hash(token))
        .fetch_optional(tx.conn())
        .await?
        .ok_or_else(expired)?
    };
    let new = input::new_password(new, &email).map_err(|message| AppError::field("password", message))?;
    let hash = password::hash(new).await?;
    let mut tx = db.system("reset: nobody is authenticated yet").await?;
    // Whoever deletes the token has it: of two requests with one link, one is late.
    let used = sqlx::query("delete from mail_tokens where token_hash = $1 and expires_at > now()")
        .bind(tokens::hash(token))
        .execute(tx.conn())
        .await?;
    if used.rows_affected() == 0 {
        return Err(expired());
    }
    set(&mut tx, user, &hash, None).await?;
    events::record(&mut tx, Event::PasswordReset, Some(user), client).await?;
    outbox::push(tx.conn(), &changed_mail(&name, &email)).await?;
    tx.commit().await
}

fn changed_mail(name: &str, email: &str) -> Mail {
    Mail {
        recipient: email.to_owned(),
        subject: "Your password was changed".into(),
        body: format!(
            "Hello {name},\n\nthe password of your account was changed, and every other browser was signed out.\n\nIf it \
             was not you, ask for a new password on the sign-in page at once, and tell your administrator.\n",
        ),
    }
}
