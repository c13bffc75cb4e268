//! Sessions in PostgreSQL behind tower-sessions. Server only.
//!
//! tower-sessions owns the cookie and the session's id: making, rotating and removing them. It would also
//! load a session's record and leave the person, the membership and the organisation to further
//! queries; every page view pays for that, so [`find`] asks for all of it in one statement and the
//! generic load runs only where the session itself changes (signing in and out).

use crate::accounts::{
    auth::Client,
    member::Member,
    model::{OrganizationSummary, Role, SessionSummary, Tier, Viewer},
    settings::AccountSettings,
};
use crate::{
    error::AppError,
    ids::{OrganizationId, UserId},
    server::{Database, SystemTx, fault},
    zone::Zone,
};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use sha2::{Digest, Sha256};
use time::OffsetDateTime;
use tower_sessions::{
    Expiry, Session, SessionManagerLayer, SessionStore,
    cookie::SameSite,
    session::{Id, Record},
    session_store,
};

const USER: &str = "user_id";
const ORGANIZATION: &str = "organization_id";
const ADDRESS: &str = "address";
const USER_AGENT: &str = "user_agent";

/// Keeps tower-sessions' records as rows of `sessions`.
#[derive(Clone, Debug)]
pub struct Store {
    db: Database,
    idle_hours: i32,
}

/// The layer that reads and writes the session cookie. It must wrap `auth::authenticate`.
pub fn layer(db: Database, settings: &AccountSettings) -> SessionManagerLayer<Store> {
    let secure = settings.secure_cookies();
    let idle_hours = settings.session_idle_hours.try_into().unwrap_or(i32::MAX);
    SessionManagerLayer::new(Store { db, idle_hours })
        // The prefix makes browsers refuse a cookie of this name that a sub-domain or plain HTTP has set.
        .with_name(if secure { "__Host-belvedere" } else { "belvedere" })
        .with_secure(secure)
        .with_http_only(true)
        // Lax: a link in a mail opens the page signed in; a foreign page's POST carries no cookie.
        .with_same_site(SameSite::Lax)
        .with_path("/")
}

fn hash(id: &Id) -> Vec<u8> {
    Sha256::digest(id.0.to_le_bytes()).to_vec()
}

fn text<'a>(record: &'a Record, key: &str) -> Option<&'a str> {
    record.data.get(key).and_then(|value| value.as_str())
}

fn backend(error: impl std::fmt::Display) -> session_store::Error {
    session_store::Error::Backend(error.to_string())
}

fn instant(time: OffsetDateTime) -> session_store::Result<DateTime<Utc>> {
    DateTime::from_timestamp(time.unix_timestamp(), 0).ok_or_else(|| backend("an expiry out of range"))
}

#[async_trait]
impl SessionStore for Store {
    async fn create(&self, record: &mut Record) -> session_store::Result<()> {
        let user = text(record, USER).and_then(|id| id.parse::<UserId>().ok());
        let user = user.ok_or_else(|| backend("only the sessions of signed-in people are kept"))?;
        let mut tx = self.db.system("sessions belong to people, not to organisations").await.map_err(backend)?;
        // Ids are 128 random bits; a collision would be a primary key violation, not somebody else's session.
        sqlx::query(
            "insert into sessions (id_hash, user_id, organization_id, address, user_agent, expires_at)
             values ($1, $2, $3, left($4, 64), left($5, 300), $6)",
        )
        .bind(hash(&record.id))
        .bind(user)
        .bind(text(record, ORGANIZATION).and_then(|id| id.parse::<OrganizationId>().ok()))
        .bind(text(record, ADDRESS).unwrap_or_default())
        .bind(text(record, USER_AGENT).unwrap_or_default())
        .bind(instant(record.expiry_date)?)
        .execute(tx.conn())
        .await
        .map_err(backend)?;
        tx.commit().await.map_err(backend)
    }

    /// Changes a session that exists. One that was ended meanwhile stays ended.
    async fn save(&self, record: &Record) -> session_store::Result<()> {
        let mut tx = self.db.system("sessions belong to people, not to organisations").await.map_err(backend)?;
        // The end is fixed when the session is made: nothing that happens later may put it off.
        sqlx::query("update sessions set organization_id = $2 where id_hash = $1")
            .bind(hash(&record.id))
            .bind(text(record, ORGANIZATION).and_then(|id| id.parse::<OrganizationId>().ok()))
            .execute(tx.conn())
            .await
            .map_err(backend)?;
        tx.commit().await.map_err(backend)
    }

    async fn load(&self, id: &Id) -> session_store::Result<Option<Record>> {
        let mut tx = self.db.system("sessions belong to people, not to organisations").await.map_err(backend)?;
        let row: Option<(UserId, Option<OrganizationId>, String, String, DateTime<Utc>)> = sqlx::query_as(
            "select user_id, organization_id, address, user_agent, expires_at from sessions
             where id_hash = $1 and expires_at > now() and last_seen_at > now() - make_interval(hours => $2)",
        )
        .bind(hash(id))
        .bind(self.idle_hours)
        .fetch_optional(tx.conn())
        .await
        .map_err(backend)?;
        let Some((user, organization, address, user_agent, expires_at)) = row else { return Ok(None) };
        let mut data = std::collections::HashMap::from([
            (USER.to_owned(), user.to_string().into()),
            (ADDRESS.to_owned(), address.into()),
            (USER_AGENT.to_owned(), user_agent.into()),
        ]);
        if let Some(organization) = organization {
            data.insert(ORGANIZATION.to_owned(), organization.to_string().into());
        }
        let expiry_date = OffsetDateTime::from_unix_timestamp(expires_at.timestamp()).map_err(backend)?;
        Ok(Some(Record { id: *id, data, expiry_date }))
    }

    async fn delete(&self, id: &Id) -> session_store::Result<()> {
        let mut tx = self.db.system("sessions belong to people, not to organisations").await.map_err(backend)?;
        sqlx::query("delete from sessions where id_hash = $1")
            .bind(hash(id))
            .execute(tx.conn())
            .await
            .map_err(backend)?;
        tx.commit().await.map_err(backend)
    }
}

/// From tower-sessions' errors: the store's failures are the database being away, or a fault of ours.
fn unavailable(error: tower_sessions::session::Error) -> AppError {
    tracing::warn!(cause = %error, "session store failed");
    AppError::Unavailable
}

/// Signs `user` in on this browser, under a new session id: an id that was planted before is worth nothing.
pub async fn start(
    session: &Session,
    settings: &AccountSettings,
    user: UserId,
    organization: OrganizationId,
    client: &Client,
) -> Result<(), AppError> {
    session.cycle_id().await.map_err(unavailable)?;
    for (key, value) in [
        (USER, user.to_string()),
        (ORGANIZATION, organization.to_string()),
        (ADDRESS, client.address.clone()),
        (USER_AGENT, client.user_agent.clone()),
    ] {
        session.insert(key, value).await.map_err(unavailable)?;
    }
    let end = OffsetDateTime::now_utc() + time::Duration::days(settings.session_days.into());
    session.set_expiry(Some(Expiry::AtDateTime(end)));
    // Here rather than after the answer, so that a failure is an answer.
    session.save().await.map_err(unavailable)
}

/// Works in `organization` from now on, in this browser. The caller has checked the membership.
pub async fn switch(session: &Session, organization: OrganizationId) -> Result<(), AppError> {
    session.insert(ORGANIZATION, organization.to_string()).await.map_err(unavailable)?;
    session.save().await.map_err(unavailable)
}

/// The browsers on which `member`'s person is signed in, the latest first. `current` is the one that asks.
pub async fn list(db: &Database, member: &Member, current: Option<&[u8]>) -> Result<Vec<SessionSummary>, AppError> {
    let mut tx = db.system("sessions belong to people, not to organisations").await?;
    type Row = (String, String, DateTime<Utc>, DateTime<Utc>, bool);
    let rows: Vec<Row> = sqlx::query_as(
        "select user_agent, address, created_at, last_seen_at, id_hash is not distinct from $2 from sessions
         where user_id = $1 and expires_at > now() order by last_seen_at desc limit 100",
    )
    .bind(member.viewer().user_id)
    .bind(current)
    .fetch_all(tx.conn())
    .await?;
    let summary = |(user_agent, address, created_at, last_seen_at, current)| SessionSummary {
        user_agent,
        address,
        created_at,
        last_seen_at,
        current,
    };
    Ok(rows.into_iter().map(summary).collect())
}

/// Signs this browser out.
pub async fn end(session: &Session) -> Result<(), AppError> {
    session.flush().await.map_err(unavailable)
}

/// The hash under which this browser's session is kept, if it has one.
pub fn current(session: &Session) -> Option<Vec<u8>> {
    session.id().as_ref().map(hash)
}

/// What one statement tells about the person behind a session or a token.
#[derive(sqlx::FromRow)]
pub(in crate::accounts) struct ViewerRow {
    user_id: UserId,
    name: String,
    email: String,
    is_staff: bool,
    role: String,
    organization_id: OrganizationId,
    organization_name: String,
    base_currency: String,
    time_zone: String,
    tier: String,
    /// Whether `last_seen_at` is old enough to be written again.
    stale: bool,
}

impl ViewerRow {
    pub(in crate::accounts) fn into_viewer(self) -> Result<Viewer, AppError> {
        Ok(Viewer {
            user_id: self.user_id,
            name: self.name,
            email: self.email,
            staff: self.is_staff,
            role: self.role.parse::<Role>().map_err(fault::internal)?,
            organization: OrganizationSummary {
                id: self.organization_id,
                name: self.organization_name,
                base_currency: self.base_currency,
                time_zone: self.time_zone.parse::<Zone>().map_err(fault::internal)?,
                tier: self.tier.parse::<Tier>().map_err(fault::internal)?,
            },
        })
    }
}

/// Who the session `id_hash` belongs to, with the role as it is now. Whoever was removed from the
/// organisation that the session is in finds themselves in another of theirs.
pub(in crate::accounts) async fn find(
    db: &Database,
    id_hash: &[u8],
    idle_hours: u32,
) -> Result<Option<Viewer>, AppError> {
    let mut tx = db.system("nobody is authenticated before their session is found").await?;
    let row: Option<ViewerRow> = sqlx::query_as(
        "select u.id as user_id, u.name, u.email, u.is_staff, m.role, o.id as organization_id,
                o.name as organization_name, o.base_currency, o.time_zone, o.tier,
                s.last_seen_at < now() - interval '2 minutes' as stale
         from sessions s
         join users u on u.id = s.user_id
         join lateral (
           select organization_id, role from memberships where user_id = s.user_id
           order by organization_id is not distinct from s.organization_id desc, created_at, organization_id limit 1
         ) m on true
         join organizations o on o.id = m.organization_id
         where s.id_hash = $1 and s.expires_at > now() and s.last_seen_at > now() - make_interval(hours => $2)",
    )
    .bind(id_hash)
    .bind(i32::try_from(idle_hours).unwrap_or(i32::MAX))
    .fetch_optional(tx.conn())
    .await?;
    let Some(row) = row else { return Ok(None) };
    if row.stale {
        sqlx::query("update sessions set last_seen_at = now() where id_hash = $1")
            .bind(id_hash)
            .execute(tx.conn())
            .await?;
        tx.commit().await?;
    }
    row.into_viewer().map(Some)
}

/// Ends every session and API sign-in of `user`, but for the session `keep`.
pub async fn end_all(tx: &mut SystemTx, user: UserId, keep: Option<&[u8]>) -> Result<(), AppError> {
    sqlx::query("delete from sessions where user_id = $1 and id_hash is distinct from $2")
        .bind(user)
        .bind(keep)
        .execute(tx.conn())
        .await?;
    sqlx::query("delete from token_families where user_id = $1").bind(user).execute(tx.conn()).await?;
    Ok(())
}
