//! As whom PostgreSQL runs. It refuses to run as root, so root lends it to an unprivileged user.

use super::{ClusterError, Explain, MAX_SOCKET_DIRECTORY, make_private};
use sha2::{Digest, Sha256};
use std::{
    env, fs,
    os::unix::{
        fs::{MetadataExt, chown, symlink},
        process::CommandExt,
    },
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

/// Unprivileged users that machines commonly have, the fittest first.
const CANDIDATES: [&str; 4] = ["postgres", "belvedere", "daemon", "nobody"];

/// Where root keeps clusters that the unprivileged user could not reach under the data folder.
const REACHABLE: &str = "/var/lib/belvedere";

/// The user that owns the cluster and runs its programs.
#[derive(Clone, Debug)]
pub struct Account {
    uid: u32,
    gid: u32,
    /// Whether we are root and have to become that user first.
    lent: bool,
}

impl Account {
    /// The owner of the cluster in `home`, if there is one; else ourselves, or for root an unprivileged user.
    pub fn to_run_as(home: &Path) -> Result<Self, ClusterError> {
        let (uid, gid) = (id(&["-u"])?, id(&["-g"])?);
        let owner = fs::metadata(home.join("cluster")).ok().map(|data| (data.uid(), data.gid()));
        match owner {
            Some((owner, _)) if uid != 0 && owner != uid => {
                Err(ClusterError::NotOurs { path: home.display().to_string(), owner })
            }
            Some((owner, group)) if uid == 0 && owner != 0 => Ok(Self { uid: owner, gid: group, lent: true }),
            _ if uid != 0 => Ok(Self { uid, gid, lent: false }),
            _ => CANDIDATES
                .iter()
                .find_map(|name| Some(Self { uid: id(&["-u", name]).ok()?, gid: id(&["-g", name]).ok()?, lent: true }))
                .ok_or(ClusterError::NoAccount),
        }
    }

    /// The folder around the cluster, owned by this user: `postgres` in the data folder. Where that cannot be
    /// reached by the unprivileged user (a clone under /root), a link there leads to one that can.
    pub fn home(&self, data_dir: &Path) -> Result<PathBuf, ClusterError> {
        let home = data_dir.join("postgres");
        let target = match home.canonicalize() {
            Ok(target) => target,
            Err(_) if !self.lent || self.reaches(data_dir) => home.clone(),
            Err(_) => {
                let name: String = Sha256::digest(data_dir.as_os_str().as_encoded_bytes())
                    .iter()
                    .take(6)
                    .map(|byte| format!("{byte:02x}"))
                    .collect();
                let target = Path::new(REACHABLE).join(name);
                make_reachable(Path::new(REACHABLE))?;
                // A link that led nowhere: its target was removed.
                let _ = fs::remove_file(&home);
                symlink(&target, &home).explain(|| format!("cannot make the link {}", home.display()))?;
                tracing::info!(
                    path = %target.display(),
                    "PostgreSQL does not run as root, and its user cannot enter the data folder: it gets a place of its own"
                );
                target
            }
        };
        make_private(&target)?;
        self.own(&target)?;
        Ok(target)
    }

    /// A directory for the socket, with a path that is short and plain enough.
    pub fn socket_directory(&self, home: &Path) -> Result<PathBuf, ClusterError> {
        let near = home.join("socket");
        let plain = |path: &Path| {
            path.as_os_str().len() <= MAX_SOCKET_DIRECTORY
                && path.as_os_str().as_encoded_bytes().iter().all(|b| b.is_ascii_alphanumeric() || b"/_.-".contains(b))
        };
        let directory = if plain(&near) {
            near
        } else {
            let name: String = Sha256::digest(home.as_os_str().as_encoded_bytes())
                .iter()
                .take(6)
                .map(|b| format!("{b:02x}"))
                .collect();
            let runtime = env::var_os("XDG_RUNTIME_DIR").map(PathBuf::from).filter(|dir| !self.lent && dir.is_dir());
            let directory = runtime.unwrap_or_else(env::temp_dir).join(format!("belvedere-{name}"));
            if plain(&directory) { directory } else { Path::new("/tmp").join(format!("belvedere-{name}")) }
        };
        // In a shared directory somebody else might have made it first, to listen in.
        if let Ok(data) = fs::symlink_metadata(&directory)
            && (!data.is_dir() || (data.uid() != self.uid && data.uid() != 0))
        {
            return Err(ClusterError::NotOurs { path: directory.display().to_string(), owner: data.uid() });
        }
        make_private(&directory)?;
        self.own(&directory)?;
        Ok(directory)
    }

    /// A program that runs as this user, deaf to settings meant for other databases.
    pub fn command(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        for (name, _) in env::vars_os() {
            if name.as_encoded_bytes().starts_with(b"PG") || name.as_encoded_bytes().starts_with(b"LC_") {
                command.env_remove(name);
            }
        }
        command.env("LC_ALL", "C").current_dir("/").stdin(Stdio::null());
        if self.lent {
            command.uid(self.uid).gid(self.gid);
        }
        command
    }

    /// Writes a file that this user owns.
    pub fn write(&self, path: &Path, text: &str) -> Result<(), ClusterError> {
        fs::write(path, text).explain(|| format!("cannot write {}", path.display()))?;
        self.own(path)
    }

    fn own(&self, path: &Path) -> Result<(), ClusterError> {
        if !self.lent {
            return Ok(());
        }
        chown(path, Some(self.uid), Some(self.gid)).explain(|| format!("cannot give {} away", path.display()))
    }

    fn reaches(&self, directory: &Path) -> bool {
        let mut test = self.command(Path::new("/bin/sh"));
        test.args(["-c", "test -x \"$0\""]).arg(directory);
        test.status().is_ok_and(|status| status.success())
    }
}

/// Makes a directory that everybody may pass through.
fn make_reachable(path: &Path) -> Result<(), ClusterError> {
    use std::os::unix::fs::PermissionsExt;
    fs::create_dir_all(path).explain(|| format!("cannot make {}", path.display()))?;
    fs::set_permissions(path, fs::Permissions::from_mode(0o711)).explain(|| format!("cannot open {}", path.display()))
}

/// Runs a program to its end; what it said becomes the error.
pub fn run(program: &'static str, mut command: Command) -> Result<(), ClusterError> {
    // The postmaster inherits pg_ctl's standard error, so a pipe there would stay open as long as it lives.
    let said = tempfile()?;
    let output = said.try_clone().and_then(|copy| command.stdout(said.try_clone()?).stderr(copy).status());
    let status = output.explain(|| format!("cannot run {program}"))?;
    if status.success() {
        return Ok(());
    }
    use std::io::{Read, Seek};
    let (mut said, mut text) = (said, String::new());
    let _ = said.rewind().and_then(|()| said.read_to_string(&mut text));
    let lines: Vec<&str> = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    Err(ClusterError::Program { program, output: lines.join(" ") })
}

/// A file without a name.
fn tempfile() -> Result<fs::File, ClusterError> {
    let path = env::temp_dir().join(format!("belvedere-{}", uuid::Uuid::new_v4().simple()));
    let file = fs::OpenOptions::new()
        .read(true)
        .write(true)
        .create_new(true)
        .open(&path)
        .explain(|| format!("cannot write to {}", path.display()))?;
    let _ = fs::remove_file(&path);
    Ok(file)
}

/// Whether process `pid` is the postmaster of the cluster in `data`: it lives, and works in that directory.
pub fn is_postmaster(pid: u32, data: &Path) -> bool {
    let process = Path::new("/proc").join(pid.to_string());
    if Path::new("/proc/self").exists() {
        return fs::read_link(process.join("cwd")).is_ok_and(|cwd| cwd == data);
    }
    let said = Command::new("ps").args(["-o", "comm=", "-p", &pid.to_string()]).output();
    said.is_ok_and(|output| String::from_utf8_lossy(&output.stdout).contains("postgres"))
}

/// What `id` says, a number.
fn id(arguments: &[&str]) -> Result<u32, ClusterError> {
    let output = Command::new("id").args(arguments).output().explain(|| "cannot run id".into())?;
    String::from_utf8_lossy(&output.stdout).trim().parse().map_err(|_| ClusterError::Program {
        program: "id",
        output: String::from_utf8_lossy(&output.stderr).trim().to_owned(),
    })
}
