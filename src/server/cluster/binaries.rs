//! Finding PostgreSQL's programs on this machine.

use std::{
    collections::BTreeSet,
    env,
    path::{Path, PathBuf},
    process::Command,
};

/// One installation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Binaries {
    directory: PathBuf,
    pub major: u32,
}

impl Binaries {
    /// Every installation: in PATH, where distributions and Homebrew keep theirs, and where `pg_config` says.
    pub fn find_all() -> Vec<Self> {
        let mut places: Vec<PathBuf> = env::var_os("PATH").map(|p| env::split_paths(&p).collect()).unwrap_or_default();
        for (parent, bin) in [
            ("/usr/lib/postgresql", "bin"),
            ("/usr/lib64/postgresql", "bin"),
            ("/opt/homebrew/opt", "bin"),
            ("/usr/local/opt", "bin"),
            ("/usr", "bin"),
            ("/Applications/Postgres.app/Contents/Versions", "bin"),
        ] {
            let entries = std::fs::read_dir(parent).into_iter().flatten().flatten();
            places.extend(entries.map(|entry| entry.path().join(bin)));
        }
        places.extend(["/usr/local/pgsql/bin", "/usr/local/bin", "/opt/homebrew/bin"].map(PathBuf::from));
        if let Ok(output) = Command::new("pg_config").arg("--bindir").output() {
            places.push(PathBuf::from(String::from_utf8_lossy(&output.stdout).trim()));
        }
        Self::find_in(places)
    }

    /// The installations among `places`, each once.
    pub fn find_in(places: impl IntoIterator<Item = PathBuf>) -> Vec<Self> {
        let complete = |place: &PathBuf| ["initdb", "pg_ctl", "postgres"].iter().all(|name| place.join(name).is_file());
        let places: BTreeSet<PathBuf> =
            places.into_iter().filter(complete).map(|place| place.canonicalize().unwrap_or(place)).collect();
        places.into_iter().filter_map(|directory| Some(Self { major: major(&directory)?, directory })).collect()
    }

    pub fn initdb(&self) -> PathBuf {
        self.directory.join("initdb")
    }

    pub fn pg_ctl(&self) -> PathBuf {
        self.directory.join("pg_ctl")
    }

    /// Arguments of initdb for an order by code point, which no library's update can change under the indexes;
    /// one after the other until one is known here.
    pub fn locales(&self) -> &'static [&'static [&'static str]] {
        if self.major >= 17 {
            &[&["--locale-provider=builtin", "--locale=C.UTF-8", "--builtin-locale=C.UTF-8"], &["--locale=C"]]
        } else {
            &[&["--locale=C.UTF-8"], &["--locale=C"]]
        }
    }

    #[cfg(test)]
    pub fn pretend(major: u32) -> Self {
        Self { directory: "/nowhere".into(), major }
    }
}

/// `postgres (PostgreSQL) 15.14 (Debian 15.14-0+deb12u1)` is 15.
fn major(directory: &Path) -> Option<u32> {
    let output = Command::new(directory.join("postgres")).arg("--version").output().ok()?;
    parse_major(&String::from_utf8_lossy(&output.stdout))
}

fn parse_major(said: &str) -> Option<u32> {
    let version = said.split("(PostgreSQL) ").nth(1)?;
    version.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read_as_distributions_write_them() {
        assert_eq!(parse_major("postgres (PostgreSQL) 15.14 (Debian 15.14-0+deb12u1)\n"), Some(15));
        assert_eq!(parse_major("postgres (PostgreSQL) 18beta1\n"), Some(18));
        assert_eq!(parse_major("something else"), None);
    }
}
