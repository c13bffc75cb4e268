//! What is asked of the cluster itself, before the app's database is there.

use super::ClusterError;
use sqlx::{Connection, PgConnection, postgres::PgConnectOptions};

/// Makes the app's database, unless it is there.
pub(super) async fn create_database(options: &PgConnectOptions) -> Result<(), ClusterError> {
    let mut connection = PgConnection::connect_with(&options.clone().database("postgres")).await?;
    let exists: bool = sqlx::query_scalar("select exists (select from pg_database where datname = 'belvedere')")
        .fetch_one(&mut connection)
        .await?;
    if !exists {
        // Another process may be quicker; then its database is the one.
        match sqlx::query("create database belvedere").execute(&mut connection).await {
            Ok(_) => {}
            Err(sqlx::Error::Database(e)) if e.code().is_some_and(|c| c == "42P04" || c == "23505") => {}
            Err(other) => return Err(other.into()),
        }
    }
    connection.close().await?;
    Ok(())
}
