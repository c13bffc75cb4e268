//! Who used the processors, from /proc. Zeroes where there is no /proc.

use std::{fmt, fs, ops::Sub};

/// Processor time in clock ticks (a hundredth of a second on Linux).
pub struct Ticks {
    server: u64,
    postgres: u64,
    this: u64,
    all: u64,
}

/// Processor time so far of the server, of PostgreSQL, of this process, and of everything together.
pub fn sample(server: u32) -> Ticks {
    let mut postgres = 0;
    for entry in fs::read_dir("/proc").into_iter().flatten().flatten() {
        if let Ok(pid) = entry.file_name().to_string_lossy().parse::<u32>()
            && fs::read_to_string(format!("/proc/{pid}/comm")).is_ok_and(|name| name.trim() == "postgres")
        {
            postgres += of(pid);
        }
    }
    // user, nice, system; idle and waiting left out; interrupts.
    let all = fs::read_to_string("/proc/stat").unwrap_or_default();
    let all = all.lines().next().unwrap_or_default().split_whitespace().skip(1).map(|n| n.parse().unwrap_or(0));
    let all: Vec<u64> = all.collect();
    let all = all.iter().take(3).chain(all.iter().skip(5).take(2)).sum();
    Ticks { server: of(server), postgres, this: of(std::process::id()), all }
}

/// Ticks of one process: fields 14 and 15 of its stat line.
fn of(pid: u32) -> u64 {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    let after_name = stat.rsplit(')').next().unwrap_or_default();
    after_name.split_whitespace().skip(11).take(2).map(|n| n.parse().unwrap_or(0)).sum()
}

/// Resident memory.
pub fn resident_megabytes(pid: u32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let line = status.lines().find(|l| l.starts_with("VmRSS:")).unwrap_or_default();
    line.split_whitespace().nth(1).and_then(|kb| kb.parse::<u64>().ok()).unwrap_or(0) / 1024
}

impl Sub for Ticks {
    type Output = Ticks;
    fn sub(self, before: Ticks) -> Ticks {
        Ticks {
            server: self.server.saturating_sub(before.server),
            postgres: self.postgres.saturating_sub(before.postgres),
            this: self.this.saturating_sub(before.this),
            all: self.all.saturating_sub(before.all),
        }
    }
}

impl fmt::Display for Ticks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = |ticks: u64| ticks as f64 / 100.0;
        let others = self.all.saturating_sub(self.server + self.postgres + self.this);
        write!(
            f,
            "{:.1} s, {:.1} s, {:.1} s, {:.1} s",
            seconds(self.server),
            seconds(self.postgres),
            seconds(self.this),
            seconds(others)
        )
    }
}
