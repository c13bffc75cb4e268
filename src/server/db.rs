//! The only way to the database.
//!
//! Invariant: the pool is private to this file. All SQL runs inside a [`TenantTx`], which sees one
//! organisation's rows, or a [`SystemTx`], which sees all and says why. Both give up the connecting
//! role's power for the length of the transaction, so row-level security holds even where the server
//! was given a superuser's connection.

use super::{Versions, application::StartError, fault};
use crate::{
    error::AppError,
    ids::{OrganizationId, UserId},
};
use sqlx::{
    AssertSqlSafe, Connection, PgConnection, Postgres, Transaction,
    migrate::Migrator,
    postgres::{PgConnectOptions, PgListener, PgPool, PgPoolOptions},
};
use std::{collections::BTreeSet, time::Duration};
use tracing::Instrument;

static MIGRATOR: Migrator = sqlx::migrate!();

/// A connection that was used within this time is taken to be alive.
const FRESH: Duration = Duration::from_millis(100);

/// A pool of connections, lent out only as scoped transactions.
#[derive(Clone, Debug)]
pub struct Database {
    pool: PgPool,
    /// In milliseconds. Set for each transaction, so that it also holds behind a pooler, and not for migrations.
    statement_timeout: u64,
}

const STATEMENT_TIMEOUT: Duration = Duration::from_secs(60);

/// Somebody on whose behalf one organisation's rows may be touched. Only authentication
/// (`accounts::Member`) and the job queue (`jobs::Claimed`) make such values.
pub trait TenantScope {
    fn organization_id(&self) -> OrganizationId;
    /// `None` for work that no person asked for, such as a scheduled job.
    fn user_id(&self) -> Option<UserId>;
    /// Whether the organisation's rows are theirs to see at all.
    fn sees_rows(&self) -> bool {
        true
    }
}

/// What kind of data a change touched. Caches and open pages watch these.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Topic {
    Transactions,
    Payments,
    Budgets,
    Materials,
    Dashboards,
    Imports,
    Jobs,
    Metrics,
    Members,
    Organization,
}

impl Topic {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Transactions => "transactions",
            Self::Payments => "payments",
            Self::Budgets => "budgets",
            Self::Materials => "materials",
            Self::Dashboards => "dashboards",
            Self::Imports => "imports",
            Self::Jobs => "jobs",
            Self::Metrics => "metrics",
            Self::Members => "members",
            Self::Organization => "organization",
        }
    }
}

impl Database {
    /// Prepares a pool; the first connection is made when it is first needed.
    pub fn connect_lazy(options: PgConnectOptions, max_connections: u32) -> Self {
        let pool = PgPoolOptions::new()
            .max_connections(max_connections)
            .acquire_timeout(Duration::from_secs(3))
            // Asking every connection whether it still lives, each time, would be a third of a cached page's questions.
            .test_before_acquire(false)
            .before_acquire(|connection, known| {
                Box::pin(async move {
                    if known.idle_for > FRESH {
                        connection.ping().await?;
                    }
                    Ok(true)
                })
            })
            .connect_lazy_with(options);
        Self { pool, statement_timeout: 0 }.with_statement_timeout(STATEMENT_TIMEOUT)
    }

    /// The same, with statements that are given up after `limit`.
    pub fn with_statement_timeout(self, limit: Duration) -> Self {
        Self { statement_timeout: u64::try_from(limit.as_millis()).unwrap_or(0), ..self }
    }

    /// Brings the schema up to date. Safe to call from several instances at once.
    pub async fn migrate(&self) -> Result<(), sqlx::migrate::MigrateError> {
        MIGRATOR.run(&self.pool).await
    }

    /// Begins a transaction that sees and writes only the rows of `scope`'s organisation.
    pub async fn tenant(&self, scope: &impl TenantScope) -> Result<TenantTx, AppError> {
        let organization_id = scope.organization_id();
        let user_id = scope.user_id();
        let user = user_id.map(|id| id.to_string()).unwrap_or_default();
        let limit = self.statement_timeout;
        // Without an organisation, row-level security shows nothing.
        let scope_id = if scope.sees_rows() { organization_id.to_string() } else { String::new() };
        // One round trip. Ids print as hexadecimal digits and dashes, so they are safe in the text.
        let begin = format!(
            "begin; select set_config('role', 'belvedere_app', true), set_config('statement_timeout', '{limit}', true), \
             set_config('app.organization_id', '{scope_id}', true), set_config('app.user_id', '{user}', true)"
        );
        let tx = self.begin(begin).await?;
        Ok(TenantTx { tx, organization_id, user_id, changed: BTreeSet::new() })
    }

    /// Begins a transaction that sees every organisation. `reason` says why a tenant's scope is not
    /// enough: sign-in, claiming a job, platform staff.
    pub async fn system(&self, reason: &'static str) -> Result<SystemTx, AppError> {
        tracing::trace!(reason, "system transaction");
        let limit = self.statement_timeout;
        let begin = format!(
            "begin; select set_config('role', 'belvedere_system', true), set_config('statement_timeout', '{limit}', true)"
        );
        Ok(SystemTx { tx: self.begin(begin).await? })
    }

    /// In a task of its own, which outlives a request that is given up: sqlx takes back a transaction that is dropped,
    /// but not one that is dropped while it begins. It would go on for whoever gets the connection next.
    async fn begin(&self, begin: String) -> Result<Transaction<'static, Postgres>, AppError> {
        let pool = self.pool.clone();
        let begun = tokio::spawn(async move { pool.begin_with(AssertSqlSafe(begin)).await }.in_current_span());
        Ok(begun.await.map_err(fault::internal)??)
    }

    /// A connection that hears `NOTIFY`; it reconnects by itself.
    pub async fn listener(&self) -> Result<PgListener, sqlx::Error> {
        PgListener::connect_with(&self.pool).await
    }

    /// Answers when the database does: the cheapest question there is.
    pub async fn ping(&self) -> Result<(), sqlx::Error> {
        sqlx::query("select 1").execute(&self.pool).await.map(drop)
    }

    /// Makes sure that row-level security holds for what this server does: the roles that transactions take on
    /// exist, may be taken on, and cannot bypass it; and the one that serves sees nothing without an organisation.
    pub async fn check_walls(&self) -> Result<(), StartError> {
        let error = |cause: sqlx::Error| StartError(format!("the roles of the database could not be checked: {cause}"));
        for role in ["belvedere_app", "belvedere_system"] {
            let row: Option<(bool, bool)> = sqlx::query_as(
                "select rolsuper or rolbypassrls, pg_has_role(current_user, oid, 'member') from pg_roles where rolname = $1",
            )
            .bind(role)
            .fetch_optional(&self.pool)
            .await
            .map_err(error)?;
            match row {
                Some((false, true)) => {}
                Some((true, _)) => {
                    return Err(StartError(format!(
                        "the database role {role} could bypass row-level security, so tenants would not be kept apart. Run: \
                         alter role {role} nosuperuser nobypassrls"
                    )));
                }
                Some((false, false)) => {
                    return Err(StartError(format!(
                        "the database user of DATABASE_URL may not act as {role}. Run: grant {role} to that user"
                    )));
                }
                None => return Err(StartError(format!("the database role {role} is missing; was it dropped?"))),
            }
        }
        let open: Vec<String> = sqlx::query_scalar(
            "select c.relname::text from pg_class c join pg_namespace n on n.oid = c.relnamespace
             where n.nspname = 'public' and c.relkind in ('r', 'p') and not (c.relrowsecurity and c.relforcerowsecurity)
               and has_table_privilege('belvedere_app', c.oid, 'select, insert, update, delete')
               and exists (select from pg_attribute a where a.attrelid = c.oid and a.attname = 'organization_id'
                             and not a.attisdropped)
             order by 1",
        )
        .fetch_all(&self.pool)
        .await
        .map_err(error)?;
        if !open.is_empty() {
            return Err(StartError(format!("row-level security is switched off for {}", open.join(", "))));
        }
        let mut tx =
            self.pool.begin_with("begin; select set_config('role', 'belvedere_app', true)").await.map_err(error)?;
        let (role, seen): (String, i64) =
            sqlx::query_as("select current_user::text, (select count(*) from organizations)")
                .fetch_one(&mut *tx)
                .await
                .map_err(error)?;
        if role != "belvedere_app" || seen != 0 {
            return Err(StartError(
                "the database shows rows to nobody in particular: row-level security does not hold".into(),
            ));
        }
        Ok(())
    }

    /// How many of the migrations that this program brings are missing in the database.
    pub async fn pending_migrations(&self) -> Result<usize, sqlx::Error> {
        let known: Vec<i64> = MIGRATOR.iter().map(|migration| migration.version).collect();
        let missing: i64 = sqlx::query_scalar(
            "select count(*) from unnest($1::bigint[]) as known (version)
             where not exists (select from _sqlx_migrations m where m.version = known.version and m.success)",
        )
        .bind(known)
        .fetch_one(&self.pool)
        .await?;
        Ok(usize::try_from(missing).unwrap_or(usize::MAX))
    }

    /// How many connections are open, and how many of those are idle.
    pub fn connections(&self) -> (u32, u32) {
        (self.pool.size(), u32::try_from(self.pool.num_idle()).unwrap_or(u32::MAX))
    }

    /// Waits for borrowed connections to come back, then closes them all.
    pub async fn close(&self) {
        self.pool.close().await;
    }

    /// The pool itself, for tests that must look at the database from outside any scope.
    #[doc(hidden)]
    pub fn pool_for_tests(&self) -> &PgPool {
        &self.pool
    }
}

/// A transaction inside one organisation. Rolls back unless [`TenantTx::commit`] is called.
#[derive(Debug)]
pub struct TenantTx {
    tx: Transaction<'static, Postgres>,
    organization_id: OrganizationId,
    user_id: Option<UserId>,
    changed: BTreeSet<Topic>,
}

impl TenantTx {
    pub fn organization_id(&self) -> OrganizationId {
        self.organization_id
    }

    pub fn user_id(&self) -> Option<UserId> {
        self.user_id
    }

    /// For store files: what sqlx executes on.
    pub fn conn(&mut self) -> &mut PgConnection {
        &mut self.tx
    }

    /// How far the organisation's data has moved.
    pub async fn versions(&mut self) -> Result<Versions, AppError> {
        let counters: Vec<(String, i64)> =
            sqlx::query_as("select topic, version from change_counters where organization_id = $1")
                .bind(self.organization_id)
                .fetch_all(&mut *self.tx)
                .await?;
        Ok(Versions::new(&counters.into_iter().collect()))
    }

    /// Notes that rows of this kind change here; announced to everyone by [`TenantTx::commit`].
    pub fn changed(&mut self, topic: Topic) {
        self.changed.insert(topic);
    }

    /// Makes the changes and their notice visible at one moment.
    pub async fn commit(mut self) -> Result<(), AppError> {
        if !self.changed.is_empty() {
            super::idempotency::mark_applied(&mut self.tx, self.organization_id).await?;
            announce(&mut self.tx, self.organization_id, self.changed.iter().copied()).await?;
        }
        self.tx.commit().await?;
        Ok(())
    }
}

/// A transaction that sees every organisation. Rolls back unless [`SystemTx::commit`] is called.
#[derive(Debug)]
pub struct SystemTx {
    tx: Transaction<'static, Postgres>,
}

impl SystemTx {
    /// For store files: what sqlx executes on.
    pub fn conn(&mut self) -> &mut PgConnection {
        &mut self.tx
    }

    /// Lets this transaction's statements take as long as they need: for repairs, which nobody waits for.
    pub async fn take_time(&mut self) -> Result<(), AppError> {
        sqlx::query("select set_config('statement_timeout', '0', true)").execute(&mut *self.tx).await?;
        Ok(())
    }

    /// Counts and announces a change to rows of `organization_id`, as [`TenantTx::changed`] does.
    pub async fn announce(&mut self, organization_id: OrganizationId, topics: &[Topic]) -> Result<(), AppError> {
        announce(&mut self.tx, organization_id, topics.iter().copied().collect::<BTreeSet<_>>().into_iter()).await
    }

    pub async fn commit(self) -> Result<(), AppError> {
        self.tx.commit().await?;
        Ok(())
    }

    /// Goes on in the same transaction as one organisation's: for what begins outside of any (a sign-up,
    /// an accepted invitation) and must end with an activity and a change notice inside of one.
    pub async fn narrow(mut self, scope: &impl TenantScope) -> Result<TenantTx, AppError> {
        let (organization_id, user_id) = (scope.organization_id(), scope.user_id());
        // What is asked for in one organisation takes effect in another one: no commit of a `TenantTx` would note it.
        super::idempotency::mark_applied_elsewhere(&mut self.tx).await?;
        sqlx::query(
            "select set_config('role', 'belvedere_app', true), set_config('app.organization_id', $1, true),
                    set_config('app.user_id', $2, true)",
        )
        .bind(organization_id.to_string())
        .bind(user_id.map(|id| id.to_string()).unwrap_or_default())
        .execute(&mut *self.tx)
        .await?;
        Ok(TenantTx { tx: self.tx, organization_id, user_id, changed: BTreeSet::new() })
    }
}

/// `topics` are sorted, so that two transactions lock the counters in the same order.
async fn announce(
    conn: &mut PgConnection,
    organization_id: OrganizationId,
    topics: impl Iterator<Item = Topic>,
) -> Result<(), AppError> {
    let topics: Vec<&str> = topics.map(Topic::as_str).collect();
    sqlx::query(
        "with bumped as (
           insert into change_counters (organization_id, topic)
           select $1, unnest($2::text[])
           on conflict (organization_id, topic)
           do update set version = change_counters.version + 1, changed_at = now()
           returning topic, version)
         select pg_notify('changes', $1::text || ' ' || topic || ' ' || version) from bumped",
    )
    .bind(organization_id)
    .bind(&topics)
    .execute(conn)
    .await?;
    Ok(())
}
