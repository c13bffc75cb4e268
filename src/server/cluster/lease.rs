//! Who uses the cluster: locks on two files in the data folder. The kernel frees the locks of a process that
//! dies, however it dies.

use super::{ClusterError, Explain};
use std::{
    fs::{File, OpenOptions, TryLockError},
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

/// One process's part in the cluster. `postgres.users` is locked, shared, by everyone who uses it;
/// `postgres.turn` by the one who is starting or stopping it.
#[derive(Clone, Debug)]
pub struct Lease {
    users: Arc<File>,
    turn: PathBuf,
}

impl Lease {
    pub fn new(data_dir: &Path) -> Result<Self, ClusterError> {
        Ok(Self { users: Arc::new(open(&data_dir.join("postgres.users"))?), turn: data_dir.join("postgres.turn") })
    }

    /// Waits for the turn to start or stop the cluster; it ends when the value is dropped.
    pub fn turn(&self) -> Result<File, ClusterError> {
        let file = open(&self.turn)?;
        for _ in 0..600 {
            match file.try_lock() {
                Ok(()) => return Ok(file),
                Err(TryLockError::WouldBlock) => std::thread::sleep(Duration::from_millis(100)),
                Err(TryLockError::Error(e)) => {
                    return Err(e).explain(|| format!("cannot lock {}", self.turn.display()));
                }
            }
        }
        Err(ClusterError::Busy { path: self.turn.display().to_string() })
    }

    /// Becomes a user. Needs the turn.
    pub fn join(&self) -> Result<(), ClusterError> {
        self.users.lock_shared().explain(|| "cannot lock postgres.users".into())
    }

    /// Ends being a user and says whether nobody is left. Needs the turn.
    pub fn leave(&self) -> Result<bool, ClusterError> {
        self.users.unlock().explain(|| "cannot unlock postgres.users".into())?;
        match self.users.try_lock() {
            Ok(()) => {
                self.users.unlock().explain(|| "cannot unlock postgres.users".into())?;
                Ok(true)
            }
            Err(TryLockError::WouldBlock) => Ok(false),
            Err(TryLockError::Error(e)) => Err(e).explain(|| "cannot lock postgres.users".into()),
        }
    }
}

fn open(path: &Path) -> Result<File, ClusterError> {
    OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .open(path)
        .explain(|| format!("cannot open {}", path.display()))
}
