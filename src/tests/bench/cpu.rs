//! Who used the processors, from /proc. Zeroes where there is no /proc.

use std::{fmt, fs, ops::Sub};

/// Processor time in clock ticks (a hundredth of a second on Linux).
pub struct Ticks {
    server: u64,
    postgres: u64,
    this: u64,
    all: u64,
}

/// Processor time so far of `server`, of PostgreSQL, of this process, and of everything together.
pub fn sample(server: u32) -> Ticks {
    // user, nice, system; idle and waiting left out; interrupts.
    let all = fs::read_to_string("/proc/stat").unwrap_or_default();
    let all = all.lines().next().unwrap_or_default().split_whitespace().skip(1).map(|n| n.parse().unwrap_or(0));
    let all: Vec<u64> = all.collect();
    let all = all.iter().take(3).chain(all.iter().skip(5).take(2)).sum();
    Ticks { server: of(server).own, postgres: postgres(), this: of(std::process::id()).own, all }
}

/// The measured cluster's processes: `BENCH_POSTGRES` and its children, also those that have ended.
fn postgres() -> u64 {
    let Some(first) = std::env::var("BENCH_POSTGRES").ok().and_then(|pid| pid.parse().ok()) else { return 0 };
    let Process { own, ended, .. } = of(first);
    let pids =
        fs::read_dir("/proc").into_iter().flatten().flatten().filter_map(|e| e.file_name().to_str()?.parse().ok());
    own + ended + pids.map(of).filter(|process| process.parent == first).map(|process| process.own).sum::<u64>()
}

/// Times of one process, in ticks.
#[derive(Default)]
struct Process {
    parent: u32,
    own: u64,
    /// Of its children that have ended.
    ended: u64,
}

/// Fields 4 and 14 to 17 of its stat line.
fn of(pid: u32) -> Process {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    let fields: Vec<u64> =
        stat.rsplit(')').next().unwrap_or_default().split_whitespace().map(|n| n.parse().unwrap_or(0)).collect();
    match fields[..] {
        [_, parent, _, _, _, _, _, _, _, _, _, user, system, ended_user, ended_system, ..] => {
            Process { parent: u32::try_from(parent).unwrap_or(0), own: user + system, ended: ended_user + ended_system }
        }
        _ => Process::default(),
    }
}

/// Resident memory.
pub fn resident_kilobytes(pid: u32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let line = status.lines().find(|l| l.starts_with("VmRSS:")).unwrap_or_default();
    line.split_whitespace().nth(1).and_then(|kb| kb.parse::<u64>().ok()).unwrap_or(0)
}

/// Resident memory in words.
pub fn resident(pid: u32) -> String {
    format!("{:.1} MB", resident_kilobytes(pid) as f64 / 1024.0)
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
