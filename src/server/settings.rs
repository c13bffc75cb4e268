//! Typed settings: defaults, then `Leptos.toml`, then the environment. A name that does not exist or a
//! value that does not fit stops the start and is named in the message.
//!
//! `Leptos.toml` in the repository lists every setting with its default and what it means.

mod load;

pub use load::{Environment, SettingsError};

use serde::{Deserialize, Serialize};
use std::{fmt, net::SocketAddr, num::NonZeroU32, path::PathBuf};

/// Everything that an operator can set. A field's path is the setting's name: `server.address`.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Settings {
    pub server: ServerSettings,
    pub database: DatabaseSettings,
    pub worker: WorkerSettings,
    pub log: LogSettings,
    pub accounts: crate::accounts::AccountSettings,
    pub dashboards: DashboardSettings,
}

impl Settings {
    /// Whether people reach this server by https, so that browsers may be told to insist on it.
    pub fn is_https(&self) -> bool {
        self.accounts.public_url.starts_with("https://")
    }
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default)]
pub struct ServerSettings {
    /// Where to listen.
    pub address: SocketAddr,
    /// What cargo-leptos has built for browsers, relative to the working directory.
    pub site_root: String,
    /// How many connections may be open at once; more wait to be accepted.
    pub max_connections: NonZeroU32,
    /// Seconds until an answer has to begin.
    pub request_timeout: NonZeroU32,
    /// Seconds that a client may take to send a request's headers.
    pub header_timeout: NonZeroU32,
    /// The largest request body, in KiB, but for uploads.
    pub max_body_kib: NonZeroU32,
    /// The largest uploaded file, in MiB.
    pub max_upload_mib: NonZeroU32,
    /// Seconds that requests and jobs have to end when the server is told to stop.
    pub shutdown_timeout: NonZeroU32,
    /// Offers Prometheus metrics at `/metrics`.
    pub metrics: bool,
}

impl Default for ServerSettings {
    fn default() -> Self {
        Self {
            address: SocketAddr::from(([127, 0, 0, 1], 3000)),
            site_root: "target/site".into(),
            max_connections: at_least_one(10_000),
            request_timeout: at_least_one(30),
            header_timeout: at_least_one(8),
            max_body_kib: at_least_one(1024),
            max_upload_mib: at_least_one(1024),
            shutdown_timeout: at_least_one(20),
            metrics: false,
        }
    }
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default)]
pub struct DatabaseSettings {
    /// `postgres://…`; also read from `DATABASE_URL`. Without it, the server runs a private PostgreSQL.
    pub url: Option<Secret>,
    /// The most connections that this process keeps.
    pub max_connections: NonZeroU32,
    /// Where the private PostgreSQL keeps its data.
    pub data_dir: PathBuf,
    /// Seconds that the start waits for a database that does not answer.
    pub start_timeout: NonZeroU32,
    /// Seconds after which the database gives a statement up, so that none outlives whoever asked for long.
    pub statement_timeout: NonZeroU32,
}

impl Default for DatabaseSettings {
    fn default() -> Self {
        Self {
            url: None,
            max_connections: at_least_one(16),
            data_dir: "data".into(),
            start_timeout: at_least_one(30),
            statement_timeout: at_least_one(60),
        }
    }
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default)]
pub struct WorkerSettings {
    /// Whether `belvedere serve` does jobs too. If not, run `belvedere worker` beside it.
    pub in_process: bool,
    /// Jobs that one worker does at the same time.
    pub concurrency: NonZeroU32,
}

impl Default for WorkerSettings {
    fn default() -> Self {
        Self { in_process: true, concurrency: at_least_one(2) }
    }
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default)]
pub struct LogSettings {
    /// What to log, in the language of `tracing`: `info`, `warn,belvedere=debug` …
    pub filter: String,
    pub format: LogFormat,
}

impl Default for LogSettings {
    fn default() -> Self {
        // Left out: what PostgreSQL remarks on migrations that are there already, and fonts that lack a sign.
        Self { filter: "info,sqlx::postgres::notice=warn,usvg=error".into(), format: LogFormat::Text }
    }
}

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct DashboardSettings {
    /// A folder of dashboards as code, which are provisioned at the start.
    pub provision: Option<PathBuf>,
    /// For which organisation, by name or id.
    pub provision_organization: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    Text,
    Json,
}

/// A setting that must not appear in logs.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Secret(String);

impl Secret {
    pub fn new(value: impl Into<String>) -> Self {
        Self(value.into())
    }

    /// The value, for the one place that needs it.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

/// For defaults. Zero would make no sense for any of them, so it becomes one.
fn at_least_one(n: u32) -> NonZeroU32 {
    NonZeroU32::new(n).unwrap_or(NonZeroU32::MIN)
}
