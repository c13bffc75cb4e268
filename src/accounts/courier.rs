//! Takes mail from the outbox to the mail server. Server only.
//!
//! Every worker runs it; a message is claimed by one of them at a time. A worker that dies between sending and noting
//! it makes a message go out twice, which is better than never.

use super::store::outbox::{self, Mail};
use crate::{
    error::AppError,
    server::{AppState, Database, fault},
};
use lettre::{
    AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor,
    message::{Mailbox, header::ContentType},
};
use std::time::Duration;

type Transport = AsyncSmtpTransport<Tokio1Executor>;

/// How long mail may lie before it is looked for.
const PAUSE: Duration = Duration::from_secs(3);

/// Sends what is due, for as long as it is let. Returns at once where no mail server is set.
pub async fn run(state: AppState) {
    let (transport, from) = match mailer(&state) {
        Ok(Some(mailer)) => mailer,
        Ok(None) => return,
        Err(error) => {
            tracing::error!(%error, "accounts.smtp_url or accounts.mail_from is wrong; mail stays in the outbox");
            return;
        }
    };
    loop {
        // A failure here is the database's; it was logged where it was met, and passes.
        let _ = send_due(&state.db, &transport, &from).await;
        tokio::time::sleep(PAUSE).await;
    }
}

/// The mail server of the settings, if they name one.
fn mailer(state: &AppState) -> Result<Option<(Transport, Mailbox)>, AppError> {
    let settings = &state.settings.accounts;
    let Some(url) = &settings.smtp_url else { return Ok(None) };
    let transport =
        Transport::from_url(url.reveal()).map_err(fault::internal)?.timeout(Some(Duration::from_secs(20))).build();
    let from = settings.mail_from.parse().map_err(fault::internal)?;
    Ok(Some((transport, from)))
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
