//! The private PostgreSQL: for a server that was given no `DATABASE_URL`, so that one command is enough.
//!
//! A cluster under the data folder, made with the machine's own PostgreSQL binaries and reached over a Unix
//! socket in a directory that only its owner can enter; it listens on no network. Several processes
//! (`serve`, `import`, `worker`) share it: whoever needs it first starts it, whoever leaves last stops it. A process that
//! is killed leaves the database running; the next one takes it over.

mod account;
mod binaries;
mod lease;
mod store;

use account::Account;
use binaries::Binaries;
use lease::Lease;
use sqlx::{postgres::PgConnectOptions, postgres::PgSslMode};
use std::{
    fs, io,
    os::unix::{fs::PermissionsExt, net::UnixStream},
    path::{Path, PathBuf},
    time::Duration,
};

/// The oldest PostgreSQL that the schema works on.
const OLDEST_MAJOR: u32 = 15;
/// Names the socket file; nothing listens on this port.
const PORT: u16 = 5432;
const SUPERUSER: &str = "postgres";
const DATABASE: &str = "belvedere";
/// The longest path of a socket that every system takes, less the file's own name.
const MAX_SOCKET_DIRECTORY: usize = 85;

/// Why the private PostgreSQL cannot be used, in one line for the operator.
#[derive(Debug, thiserror::Error)]
pub enum ClusterError {
    #[error(
        "no DATABASE_URL is set, and no PostgreSQL {OLDEST_MAJOR} or newer was found on this machine to run a \
         private one. Install it (Debian: apt install postgresql; Fedora: dnf install postgresql-server; macOS: brew \
         install postgresql) or set DATABASE_URL"
    )]
    NoBinaries,
    #[error(
        "the private database in {path} was made by PostgreSQL {made_by}, but this machine has {found}. Install \
         PostgreSQL {made_by}, or dump the data with it and load it into a new one, or set DATABASE_URL"
    )]
    OtherVersion { path: String, made_by: u32, found: String },
    #[error(
        "the private database in {path} belongs to another user ({owner}). Run as that user, or set database.data_dir"
    )]
    NotOurs { path: String, owner: u32 },
    #[error(
        "PostgreSQL refuses to run as root, and there is no unprivileged user on this machine to run it as. Create one \
         (useradd --system postgres), or start Belvedere as an ordinary user"
    )]
    NoAccount,
    #[error("{what}: {cause}")]
    Io { what: String, cause: io::Error },
    #[error("{program} failed: {output}")]
    Program { program: &'static str, output: String },
    #[error("the private database did not accept a connection: {0}")]
    Connect(#[from] sqlx::Error),
    #[error("another process has held {path} for a minute while starting or stopping the private database")]
    Busy { path: String },
}

trait Explain<T> {
    fn explain(self, what: impl FnOnce() -> String) -> Result<T, ClusterError>;
}

impl<T> Explain<T> for io::Result<T> {
    fn explain(self, what: impl FnOnce() -> String) -> Result<T, ClusterError> {
        self.map_err(|cause| ClusterError::Io { what: what(), cause })
    }
}

/// A running private PostgreSQL that this process has a part in.
#[derive(Debug)]
pub struct Cluster {
    place: Place,
    socket: PathBuf,
    lease: Lease,
}

/// Where a cluster is and with what it runs. Everything that is needed to start it again.
#[derive(Clone, Debug)]
struct Place {
    /// PostgreSQL's own data directory.
    data: PathBuf,
    /// The folder around it, for the socket and what is under construction.
    home: PathBuf,
    binaries: Binaries,
    account: Account,
}

impl Cluster {
    /// Makes the cluster under `data_dir` if there is none, starts it unless it runs, and joins its users.
    pub async fn open(data_dir: &Path) -> Result<Self, ClusterError> {
        Self::open_with(data_dir, Binaries::find_all()).await
    }

    async fn open_with(data_dir: &Path, found: Vec<Binaries>) -> Result<Self, ClusterError> {
        let data_dir = data_dir.to_owned();
        let cluster = blocking(move || {
            fs::create_dir_all(&data_dir).explain(|| format!("cannot make {}", data_dir.display()))?;
            let data_dir = data_dir.canonicalize().explain(|| format!("cannot enter {}", data_dir.display()))?;
            let lease = Lease::new(&data_dir)?;
            let turn = lease.turn()?;
            lease.join()?;
            let place = Place::prepare(&data_dir, found)?;
            let socket = place.ensure_running()?;
            drop(turn);
            Ok(Self { place, socket, lease })
        })
        .await?;
        store::create_database(&cluster.options()).await?;
        Ok(cluster)
    }

    /// How to connect to the app's database in this cluster.
    pub fn options(&self) -> PgConnectOptions {
        PgConnectOptions::new_without_pgpass()
            .socket(&self.socket)
            .port(PORT)
            .username(SUPERUSER)
            .database(DATABASE)
            .ssl_mode(PgSslMode::Disable)
    }

    /// Starts the database again whenever it has gone: crashed, killed, or stopped by somebody.
    /// Never returns; drop it before [`Cluster::close`].
    pub async fn supervise(&self) {
        loop {
            tokio::time::sleep(Duration::from_millis(500)).await;
            if accepts(&self.socket) {
                continue;
            }
            let (place, lease) = (self.place.clone(), self.lease.clone());
            let restarted = blocking(move || {
                let _turn = lease.turn()?;
                place.ensure_running()
            })
            .await;
            match restarted {
                Ok(_) => tracing::warn!("the private database was gone and has been started again"),
                Err(error) => tracing::error!(%error, "the private database is gone and does not start"),
            }
        }
    }

    /// Leaves the cluster, and stops it if nobody else uses it.
    pub async fn close(self) -> Result<(), ClusterError> {
        blocking(move || {
            let _turn = self.lease.turn()?;
            if self.lease.leave()? { self.place.stop() } else { Ok(()) }
        })
        .await
    }
}

impl Place {
    fn prepare(data_dir: &Path, found: Vec<Binaries>) -> Result<Self, ClusterError> {
        let account = Account::to_run_as(&data_dir.join("postgres"))?;
        let home = account.home(data_dir)?;
        let data = home.join("cluster");
        let made_by = match fs::read_to_string(data.join("PG_VERSION")) {
            Ok(text) => Some(text.trim().parse::<u32>().unwrap_or(0)),
            Err(e) if e.kind() == io::ErrorKind::NotFound => None,
            Err(e) => return Err(e).explain(|| format!("cannot read {}", data.join("PG_VERSION").display())),
        };
        let binaries = choose(found, made_by, &data)?;
        let place = Self { data, home, binaries, account };
        if made_by.is_none() {
            place.initialise()?;
        }
        Ok(place)
    }

    /// Makes the cluster beside its place and moves it there when it is whole.
    fn initialise(&self) -> Result<(), ClusterError> {
        tracing::info!(path = %self.data.display(), version = self.binaries.major, "making a private database");
        let building = self.home.join("cluster.new");
        // What a killed start has left behind.
        for leftover in [&building, &self.data] {
            if leftover.exists() {
                fs::remove_dir_all(leftover).explain(|| format!("cannot remove {}", leftover.display()))?;
            }
        }
        let mut outcome = Ok(());
        for locale in self.binaries.locales() {
            let mut initdb = self.account.command(&self.binaries.initdb());
            initdb.arg("--pgdata").arg(&building).args(["--username", SUPERUSER, "--auth=trust", "--encoding=UTF8"]);
            initdb.args(["--no-instructions"]).args(*locale);
            outcome = account::run("initdb", initdb);
            if outcome.is_ok() {
                break;
            }
            let _ = fs::remove_dir_all(&building);
        }
        outcome?;
        self.account.write(&building.join("belvedere.conf"), "")?;
        let conf = building.join("postgresql.conf");
        let text = fs::read_to_string(&conf).explain(|| format!("cannot read {}", conf.display()))?;
        self.account.write(&conf, &format!("{text}\n# Written anew at each start.\ninclude 'belvedere.conf'\n"))?;
        fs::rename(&building, &self.data).explain(|| format!("cannot move {}", building.display()))
    }

    /// Starts the cluster unless it runs already, and gives the directory of its socket.
    fn ensure_running(&self) -> Result<PathBuf, ClusterError> {
        if let Some(socket) = self.running()? {
            tracing::info!(path = %self.data.display(), "the private database runs already");
            self.wait_until_ready(&socket)?;
            return Ok(socket);
        }
        let socket = self.account.socket_directory(&self.home)?;
        self.account.write(&self.data.join("belvedere.conf"), &configuration(&socket))?;
        let log = self.home.join("start.log");
        let mut pg_ctl = self.account.command(&self.binaries.pg_ctl());
        pg_ctl
            .args(["start", "--wait", "--silent", "--timeout", "300", "--log"])
            .arg(&log)
            .arg("--pgdata")
            .arg(&self.data);
        if let Err(error) = account::run("pg_ctl start", pg_ctl) {
            let said = fs::read_to_string(&log).unwrap_or_default();
            let last = said.lines().rev().find(|line| line.contains("FATAL") || line.contains("ERROR"));
            return match last {
                Some(line) => Err(ClusterError::Program { program: "pg_ctl start", output: line.trim().to_owned() }),
                None => Err(error),
            };
        }
        let _ = fs::remove_file(&log);
        Ok(socket)
    }

    /// The socket directory of the postmaster that runs on this cluster. Removes the note of one that is dead.
    fn running(&self) -> Result<Option<PathBuf>, ClusterError> {
        let note = self.data.join("postmaster.pid");
        let text = match fs::read_to_string(&note) {
            Ok(text) => text,
            Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(e) => return Err(e).explain(|| format!("cannot read {}", note.display())),
        };
        let mut lines = text.lines();
        let pid = lines.next().and_then(|line| line.trim().parse::<u32>().ok());
        let socket = lines.nth(3).map(str::trim).filter(|line| !line.is_empty()).map(PathBuf::from);
        if let Some(pid) = pid
            && account::is_postmaster(pid, &self.data)
        {
            return Ok(Some(socket.map_or_else(|| self.account.socket_directory(&self.home), Ok)?));
        }
        // Its number may belong to another process by now (after a restart of the machine or container),
        // which PostgreSQL would take for itself and refuse to start.
        tracing::info!(path = %note.display(), "removing the note of a database that no longer runs");
        fs::remove_file(&note).explain(|| format!("cannot remove {}", note.display()))?;
        Ok(None)
    }

    /// A database that was found running may still be recovering from a crash.
    fn wait_until_ready(&self, socket: &Path) -> Result<(), ClusterError> {
        for _ in 0..600 {
            if accepts(socket) {
                return Ok(());
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        Err(ClusterError::Busy { path: self.data.display().to_string() })
    }

    fn stop(&self) -> Result<(), ClusterError> {
        let mut pg_ctl = self.account.command(&self.binaries.pg_ctl());
        pg_ctl.args(["stop", "--mode", "fast", "--wait", "--silent", "--timeout", "60", "--pgdata"]).arg(&self.data);
        account::run("pg_ctl stop", pg_ctl)
    }
}

/// The binaries of the cluster's own major version; for a new cluster the newest.
fn choose(mut found: Vec<Binaries>, made_by: Option<u32>, data: &Path) -> Result<Binaries, ClusterError> {
    found.sort_by_key(|binaries| std::cmp::Reverse(binaries.major));
    match made_by {
        None => found.into_iter().find(|b| b.major >= OLDEST_MAJOR).ok_or(ClusterError::NoBinaries),
        Some(_) if found.is_empty() => Err(ClusterError::NoBinaries),
        Some(major) => {
            let majors: Vec<String> = found.iter().map(|b| b.major.to_string()).collect();
            found.into_iter().find(|b| b.major == major).ok_or_else(|| ClusterError::OtherVersion {
                path: data.display().to_string(),
                made_by: major,
                found: majors.join(", "),
            })
        }
    }
}

fn configuration(socket: &Path) -> String {
    format!(
        "listen_addresses = ''\nunix_socket_directories = '{}'\nunix_socket_permissions = 0700\nport = {PORT}\n\
         max_connections = 100\nlogging_collector = on\nlog_filename = 'postgresql-%a.log'\n\
         log_truncate_on_rotation = on\nlog_rotation_age = 1d\nlog_rotation_size = 0\n",
        socket.display()
    )
}

fn accepts(socket: &Path) -> bool {
    UnixStream::connect(socket.join(format!(".s.PGSQL.{PORT}"))).is_ok()
}

/// Makes `path` a directory that only its owner can enter.
fn make_private(path: &Path) -> Result<(), ClusterError> {
    fs::create_dir_all(path).explain(|| format!("cannot make {}", path.display()))?;
    fs::set_permissions(path, fs::Permissions::from_mode(0o700)).explain(|| format!("cannot close {}", path.display()))
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, ClusterError> + Send + 'static,
) -> Result<T, ClusterError> {
    match tokio::task::spawn_blocking(work).await {
        Ok(result) => result,
        Err(cause) => Err(ClusterError::Io { what: "the work was cut short".into(), cause: io::Error::other(cause) }),
    }
}

#[cfg(test)]
mod tests;
