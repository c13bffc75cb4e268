//! Mail on its way out. Server only.
//!
//! A message is written in the transaction of what it tells of, and sent later by `courier`. Without a mail
//! server it stays, for the operator to read with `belvedere user outbox`.

use crate::{
    accounts::model::OutboxMessage,
    error::AppError,
    server::{Database, SystemTx},
};
use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use uuid::Uuid;

/// A message in plain text.
#[derive(Clone, Debug)]
pub struct Mail {
    pub recipient: String,
    pub subject: String,
    pub body: String,
}

/// How often sending is tried before a message counts as failed; the pauses double from one minute.
const MAX_ATTEMPTS: i16 = 8;

/// Hands a message in, as part of any transaction.
pub async fn push(conn: &mut PgConnection, mail: &Mail) -> Result<(), AppError> {
    sqlx::query("insert into outbox (id, recipient, subject, body) values ($1, $2, left($3, 200), $4)")
        .bind(Uuid::now_v7())
        .bind(&mail.recipient)
        .bind(&mail.subject)
        .bind(&mail.body)
        .execute(&mut *conn)
        .await?;
    Ok(())
}

/// The latest messages, newest first. For the operator: they hold links that sign people in.
pub async fn list(tx: &mut SystemTx, limit: u16) -> Result<Vec<OutboxMessage>, AppError> {
    type Row = (String, String, String, String, Option<String>, DateTime<Utc>);
    let rows: Vec<Row> = sqlx::query_as(
        "select recipient, subject, body, status, error, created_at from outbox order by created_at desc, id desc limit $1",
    )
    .bind(i64::from(limit))
    .fetch_all(tx.conn())
    .await?;
    let message = |(recipient, subject, body, status, error, created_at)| OutboxMessage {
        recipient,
        subject,
        body,
        status,
        error,
        created_at,
    };
    Ok(rows.into_iter().map(message).collect())
}

/// A message that this process is to send now.
#[derive(Debug)]
pub struct Due {
    id: Uuid,
    attempts: i16,
    pub mail: Mail,
}

/// Takes the next message that is due. Another process may have it again in five minutes if this one dies.
pub async fn claim(db: &Database) -> Result<Option<Due>, AppError> {
    let mut tx = db.system("mail belongs to people, not to organisations").await?;
    let row: Option<(Uuid, i16, String, String, String)> = sqlx::query_as(
        "update outbox set attempts = attempts + 1, next_attempt_at = now() + interval '5 minutes'
         where id = (select id from outbox where status = 'waiting' and next_attempt_at <= now()
                     order by next_attempt_at for update skip locked limit 1)
         returning id, attempts, recipient, subject, body",
    )
    .fetch_optional(tx.conn())
    .await?;
    tx.commit().await?;
    Ok(row.map(|(id, attempts, recipient, subject, body)| Due {
        id,
        attempts,
        mail: Mail { recipient, subject, body },
    }))
}

/// Notes how sending went. A sent message's text is removed.
pub async fn settle(db: &Database, due: &Due, result: Result<(), String>) -> Result<(), AppError> {
    let mut tx = db.system("mail belongs to people, not to organisations").await?;
    match result {
        Ok(()) => {
            sqlx::query("update outbox set status = 'sent', sent_at = now(), body = '', error = null where id = $1")
                .bind(due.id)
                .execute(tx.conn())
                .await?;
        }
        Err(error) => {
            sqlx::query(
                "update outbox set error = left($2, 500), status = $3,
                        next_attempt_at = now() + make_interval(mins => $4)
                 where id = $1",
            )
            .bind(due.id)
            .bind(error)
            .bind(if due.attempts >= MAX_ATTEMPTS { "failed" } else { "waiting" })
            .bind(1_i32 << due.attempts.clamp(1, 10).saturating_sub(1))
            .execute(tx.conn())
            .await?;
        }
    }
    tx.commit().await
}
