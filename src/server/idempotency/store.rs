//! Keys in SQL. Server only.

use crate::{
    accounts::Member,
    error::AppError,
    ids::{OrganizationId, UserId},
    server::{Database, TenantScope},
};
use http::StatusCode;
use sqlx::PgConnection;
use std::sync::atomic::{AtomicBool, Ordering};
use uuid::Uuid;

/// A key that one request holds.
#[derive(Debug)]
pub struct Reservation {
    organization_id: OrganizationId,
    user_id: Option<UserId>,
    key: String,
    claim_id: Uuid,
    applied: AtomicBool,
}

impl Reservation {
    /// Whether something was changed under this key.
    pub fn is_applied(&self) -> bool {
        self.applied.load(Ordering::Acquire)
    }
}

/// A response, as far as it is kept.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub content_type: Option<String>,
    pub location: Option<String>,
    pub etag: Option<String>,
    pub body: Vec<u8>,
}

/// What became of a key when a request asked for it.
#[derive(Debug)]
pub enum Kept {
    /// It is this request's now.
    Reserved(Reservation),
    /// Another request is at work under it.
    Busy,
    /// Its effect has happened already.
    Applied { request_hash: Option<Vec<u8>>, answer: Option<Answer> },
}

#[derive(sqlx::FromRow)]
struct KeyRow {
    applied: bool,
    reserved: bool,
    status: Option<i16>,
    content_type: Option<String>,
    location: Option<String>,
    etag: Option<String>,
    body: Option<Vec<u8>>,
    request_hash: Option<Vec<u8>>,
}

/// Takes the key if it is free: never used, used more than 24 hours ago, or left without effect by a
/// request that died. How long a reservation lasts decides nothing but when that is found out: a slow
/// request whose key was taken over cannot commit any more.
pub async fn reserve(db: &Database, member: &Member, key: &str) -> Result<Kept, AppError> {
    let (organization_id, user_id, claim_id) = (member.organization_id(), member.user_id(), Uuid::now_v7());
    let mut tx = db.tenant(member).await?;
    // Need not survive a crash of the database: without the row, the effect cannot be committed either.
    sqlx::query("select set_config('synchronous_commit', 'off', true)").execute(tx.conn()).await?;
    let taken = sqlx::query(
        "insert into idempotency_keys as kept (organization_id, user_id, key, claim_id, reserved_until)
         values ($1, $2, $3, $4, now() + interval '2 minutes')
         on conflict (organization_id, user_id, key) do update
         set claim_id = excluded.claim_id, reserved_until = excluded.reserved_until, created_at = now(),
             applied_at = null, status = null, content_type = null, location = null, etag = null, body = null,
             request_hash = null
         where (kept.applied_at is null and kept.reserved_until < now())
            or kept.applied_at < now() - interval '24 hours'",
    )
    .bind(organization_id)
    .bind(user_id)
    .bind(key)
    .bind(claim_id)
    .execute(tx.conn())
    .await?
    .rows_affected();
    if taken > 0 {
        tx.commit().await?;
        let applied = AtomicBool::new(false);
        return Ok(Kept::Reserved(Reservation { organization_id, user_id, key: key.to_owned(), claim_id, applied }));
    }
    let row: Option<KeyRow> = sqlx::query_as(
        "select applied_at is not null as applied, reserved_until > now() as reserved, status, content_type, location,
                etag, body, request_hash
         from idempotency_keys where organization_id = $1 and user_id = $2 and key = $3",
    )
    .bind(organization_id)
    .bind(user_id)
    .bind(key)
    .fetch_optional(tx.conn())
    .await?;
    // Gone: the other request was refused just now and has freed the key.
    let Some(row) = row.filter(|row| row.applied) else { return Ok(Kept::Busy) };
    let answer = match (row.status.and_then(|status| u16::try_from(status).ok()), row.body) {
        (Some(status), Some(body)) => StatusCode::from_u16(status).ok().map(|status| Answer {
            status,
            content_type: row.content_type,
            location: row.location,
            etag: row.etag,
            body,
        }),
        // Between its effect and its answer.
        _ if row.reserved => return Ok(Kept::Busy),
        _ => None,
    };
    Ok(Kept::Applied { request_hash: row.request_hash, answer })
}

/// For [`TenantTx::commit`](crate::server::TenantTx::commit), in the transaction that changes something: notes
/// under the request's key, if it has one, that its effect is there.
///
/// # Errors
/// `Conflict` when another request has taken the key over: then nothing may be committed.
pub async fn mark_applied(conn: &mut PgConnection, organization_id: OrganizationId) -> Result<(), AppError> {
    match super::current() {
        Some(reservation) if reservation.organization_id == organization_id => mark(conn, &reservation).await,
        _ => Ok(()),
    }
}

/// The same for [`SystemTx::narrow`](crate::server::SystemTx::narrow), whose effect is in an organisation that the
/// request was not sent to: a new one. The transaction must still see every organisation.
pub async fn mark_applied_elsewhere(conn: &mut PgConnection) -> Result<(), AppError> {
    match super::current() {
        Some(reservation) => mark(conn, &reservation).await,
        None => Ok(()),
    }
}

async fn mark(conn: &mut PgConnection, reservation: &Reservation) -> Result<(), AppError> {
    let marked = sqlx::query(
        "update idempotency_keys set applied_at = coalesce(applied_at, now())
         where organization_id = $1 and user_id = $2 and key = $3 and claim_id = $4",
    )
    .bind(reservation.organization_id)
    .bind(reservation.user_id)
    .bind(&reservation.key)
    .bind(reservation.claim_id)
    .execute(conn)
    .await?
    .rows_affected();
    if marked == 0 {
        return Err(AppError::conflict("Another request with the same Idempotency-Key was quicker."));
    }
    // Before the commit, which may still fail: `answer` looks whether the mark is there.
    reservation.applied.store(true, Ordering::Release);
    Ok(())
}

/// Keeps the answer; false if there is no effect under the key. A crash of the database may lose what is
/// written here, which is what a lost answer is anyway.
pub async fn answer(
    db: &Database,
    member: &Member,
    reservation: &Reservation,
    request_hash: Option<Vec<u8>>,
    answer: Answer,
) -> Result<bool, AppError> {
    let mut tx = db.tenant(member).await?;
    sqlx::query("select set_config('synchronous_commit', 'off', true)").execute(tx.conn()).await?;
    let kept = sqlx::query(
        "update idempotency_keys
         set status = $5, content_type = $6, location = $7, etag = $8, body = $9, request_hash = $10
         where organization_id = $1 and user_id = $2 and key = $3 and claim_id = $4 and applied_at is not null",
    )
    .bind(reservation.organization_id)
    .bind(reservation.user_id)
    .bind(&reservation.key)
    .bind(reservation.claim_id)
    .bind(i16::try_from(answer.status.as_u16()).unwrap_or(500))
    .bind(answer.content_type)
    .bind(answer.location)
    .bind(answer.etag)
    .bind(answer.body)
    .bind(request_hash)
    .execute(tx.conn())
    .await?
    .rows_affected();
    tx.commit().await?;
    Ok(kept > 0)
}

/// Ends a reservation: frees a key under which nothing was changed, and says of another that no answer will follow.
pub async fn release(db: &Database, member: &Member, reservation: &Reservation) -> Result<(), AppError> {
    let mut tx = db.tenant(member).await?;
    for statement in [
        "delete from idempotency_keys
         where organization_id = $1 and user_id = $2 and key = $3 and claim_id = $4 and applied_at is null",
        "update idempotency_keys set reserved_until = now()
         where organization_id = $1 and user_id = $2 and key = $3 and claim_id = $4",
    ] {
        sqlx::query(statement)
            .bind(reservation.organization_id)
            .bind(reservation.user_id)
            .bind(&reservation.key)
            .bind(reservation.claim_id)
            .execute(tx.conn())
            .await?;
    }
    tx.commit().await
}
