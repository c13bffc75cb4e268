//! The database that a command works on, ready to use.

use crate::server::{Database, Settings, StartError, cluster::Cluster};
use sqlx::postgres::PgConnectOptions;
use std::{str::FromStr, sync::Arc, time::Duration};
use tokio::{task::JoinHandle, time::Instant};
use tokio_util::sync::CancellationToken;

/// An open database. Close it, so that whatever was started for it is stopped again.
#[derive(Debug)]
pub struct OpenDatabase {
    pub db: Database,
    private: Option<Private>,
}

#[derive(Debug)]
struct Private {
    cluster: Arc<Cluster>,
    supervisor: JoinHandle<()>,
}

impl OpenDatabase {
    /// Gives the connections back, and stops the private database if nobody else uses it.
    pub async fn close(self) {
        self.db.close().await;
        let Some(Private { cluster, supervisor }) = self.private else { return };
        supervisor.abort();
        // Ended, one way or the other; only then is the cluster ours alone.
        let _ = supervisor.await;
        let closed = match Arc::into_inner(cluster) {
            Some(cluster) => cluster.close().await,
            None => Ok(()),
        };
        if let Err(error) = closed {
            tracing::error!(%error, "the private database did not stop");
        }
    }
}

/// Connects, waits for the server if need be, and brings the schema up to date. `stop` ends the waiting.
pub async fn open(settings: &Settings, stop: &CancellationToken) -> Result<OpenDatabase, StartError> {
    let max = settings.database.max_connections.get();
    let connect = |options| {
        let limit = Duration::from_secs(settings.database.statement_timeout.get().into());
        Database::connect_lazy(options, max).with_statement_timeout(limit)
    };
    let opened = match &settings.database.url {
        Some(url) => {
            let options = PgConnectOptions::from_str(url.reveal())
                .map_err(|e| StartError(format!("database.url (DATABASE_URL) is not right: {e}")))?;
            OpenDatabase { db: connect(options), private: None }
        }
        None => {
            let cluster = Cluster::open(&settings.database.data_dir).await.map_err(|e| StartError(e.to_string()))?;
            let db = connect(cluster.options());
            let cluster = Arc::new(cluster);
            let supervised = Arc::clone(&cluster);
            let supervisor = tokio::spawn(async move { supervised.supervise().await });
            OpenDatabase { db, private: Some(Private { cluster, supervisor }) }
        }
    };
    let limit = Duration::from_secs(settings.database.start_timeout.get().into());
    match prepare(&opened.db, limit, stop).await {
        Ok(()) => Ok(opened),
        Err(error) => {
            opened.close().await;
            Err(error)
        }
    }
}

async fn prepare(db: &Database, limit: Duration, stop: &CancellationToken) -> Result<(), StartError> {
    wait(db, limit, stop).await?;
    db.migrate().await.map_err(|e| StartError(format!("the schema could not be brought up to date: {e}")))?;
    db.check_walls().await
}

async fn wait(db: &Database, limit: Duration, stop: &CancellationToken) -> Result<(), StartError> {
    let started = Instant::now();
    let mut told = false;
    loop {
        let cause = match db.ping().await {
            Ok(()) => return Ok(()),
            Err(cause) => cause,
        };
        if !crate::server::fault::is_outage(&cause) {
            return Err(StartError(format!("the database refuses us: {cause}")));
        }
        if started.elapsed() >= limit {
            let seconds = limit.as_secs();
            return Err(StartError(format!("the database did not answer within {seconds} s: {cause}")));
        }
        if !told {
            tracing::warn!(%cause, "waiting for the database");
            told = true;
        }
        tokio::select! {
            () = tokio::time::sleep(Duration::from_millis(200)) => {}
            () = stop.cancelled() => return Err(StartError("stopped while waiting for the database".into())),
        }
    }
}
