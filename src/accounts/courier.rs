//! Takes mail from the outbox to the mail server. Server only.
//!
//! Every worker runs it; a message is claimed by one of them at a time. A worker that dies between sending and noting
//! it makes a message go out twice, which is better than never.

use super::{
    settings::AccountSettings,
    store::outbox::{self, Mail},
};
use crate::{
    error::AppError,
    server::{AppState, Database},
};
use lettre::{
    AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor,
    message::{Mailbox, header::ContentType},
    transport::smtp::AsyncSmtpTransportBuilder,
};
use std::time::Duration;

type Transport = AsyncSmtpTransport<Tokio1Executor>;

/// How long mail may lie before it is looked for.
const PAUSE: Duration = Duration::from_secs(3);

/// Sends what is due, for as long as it is let. Returns at once where no mail server is set.
pub async fn run(state: AppState) {
    let (transport, from) = match mailer(&state.settings.accounts) {
        Ok(Some(mailer)) => mailer,
        Ok(None) => return,
        Err((name, cause)) => {
            // The start has checked both, so this is for a program that was put together without it.
            tracing::error!(name, cause, "mail stays in the outbox");
            return;
        }
    };
    loop {
        // A failure here is the database's; it was logged where it was met, and passes.
        let _ = send_due(&state.db, &transport, &from).await;
        tokio::time::sleep(PAUSE).await;
    }
}

/// The name of the setting that no mail can be sent with, and why.
type WrongSetting = (&'static str, String);

/// Whether mail can be sent with these settings, as far as that can be known without sending any.
pub fn check(settings: &AccountSettings) -> Result<(), WrongSetting> {
    sender(settings)?;
    builder(settings).map(drop)
}

fn sender(settings: &AccountSettings) -> Result<Mailbox, WrongSetting> {
    settings.mail_from.parse().map_err(|cause| ("accounts.mail_from", format!("it is no mail address: {cause}")))
}

fn builder(settings: &AccountSettings) -> Result<Option<AsyncSmtpTransportBuilder>, WrongSetting> {
    let Some(url) = &settings.smtp_url else { return Ok(None) };
    let wrong = |cause: &str| ("accounts.smtp_url", cause.to_owned());
    let parsed =
        url::Url::parse(url.reveal()).map_err(|_| wrong("it is no address like smtps://user:password@host:465"))?;
    if !matches!(parsed.scheme(), "smtp" | "smtps") || parsed.host_str().is_none_or(str::is_empty) {
        return Err(wrong("it has to begin with smtp:// or smtps:// and name a host"));
    }
    let builder = Transport::from_url(url.reveal()).map_err(|cause| wrong(&format!("no smtp address: {cause}")))?;
    Ok(Some(builder.timeout(Some(Duration::from_secs(20)))))
}

/// The mail server of the settings, if they name one, and the sender.
fn mailer(settings: &AccountSettings) -> Result<Option<(Transport, Mailbox)>, WrongSetting> {
    let from = sender(settings)?;
    Ok(builder(settings)?.map(|builder| (builder.build(), from)))
}

async fn send_due(db: &Database, transport: &Transport, from: &Mailbox) -> Result<(), AppError> {
    while let Some(due) = outbox::claim(db).await? {
        let result = send(transport, from, &due.mail).await;
        if let Err(error) = &result {
            tracing::warn!(%error, "a mail was not sent");
        }
        outbox::settle(db, &due, result).await?;
    }
    Ok(())
}

async fn send(transport: &Transport, from: &Mailbox, mail: &Mail) -> Result<(), String> {
    let message = Message::builder()
        .from(from.clone())
        .to(mail.recipient.parse().map_err(|e| format!("recipient: {e}"))?)
        .subject(&mail.subject)
        .header(ContentType::TEXT_PLAIN)
        .body(mail.body.clone())
        .map_err(|e| e.to_string())?;
    transport.send(message).await.map(drop).map_err(|e| e.to_string())
}
