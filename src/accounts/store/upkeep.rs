//! What of accounts is thrown away when its time is over. Server only.

use crate::{error::AppError, server::Database};

/// Rows deleted in one transaction, so that no lock is held for long.
const BATCH: i64 = 5_000;

/// Deletes sessions, links and tokens that open nothing any more, what guessing has left behind, mail of a month ago
/// and account events of a year ago; gives the number of rows. May be cut off at any point. Sessions that were only
/// left idle stay until their end: how long they may idle is a setting.
pub async fn sweep(db: &Database) -> Result<u64, AppError> {
    let mut deleted = 0;
    for statement in [
        "delete from sessions where id_hash in (select id_hash from sessions where expires_at < now() limit $1)",
        "delete from throttles where key in (select key from throttles where full_at < now() limit $1)",
        "delete from mail_tokens where token_hash in
           (select token_hash from mail_tokens where expires_at < now() limit $1)",
        "delete from token_families where id in (select id from token_families where expires_at < now() limit $1)",
        "delete from invitations where (organization_id, id) in
           (select organization_id, id from invitations where expires_at < now() - interval '30 days' limit $1)",
        "delete from outbox where id in (select id from outbox where created_at < now() - interval '30 days' limit $1)",
        "delete from account_events where id in
           (select id from account_events where created_at < now() - interval '400 days' limit $1)",
    ] {
        loop {
            let mut tx = db.system("what expires belongs to no organisation, or to any").await?;
            let rows = sqlx::query(statement).bind(BATCH).execute(tx.conn()).await?.rows_affected();
            tx.commit().await?;
            deleted += rows;
            if rows < BATCH.unsigned_abs() {
                break;
            }
        }
    }
    Ok(deleted)
}
