//! What the kernel says about a process and its children.

use std::collections::HashSet;
use std::fs;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, ensure};

/// A process and everything it started.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Tree {
    root: u32,
    /// The kernel's unit of CPU time.
    tick: Duration,
}

/// What a tree has used so far.
#[derive(Debug, Default, Clone, Copy)]
pub(crate) struct Usage {
    /// User and system time.
    pub(crate) cpu: Duration,
    /// The sum of each process's largest resident size.
    pub(crate) peak_kib: u64,
}

impl Usage {
    /// CPU time since `earlier`; the peak is that of the whole life.
    pub(crate) fn since(&self, earlier: &Self) -> Self {
        Self { cpu: self.cpu.saturating_sub(earlier.cpu), peak_kib: self.peak_kib }
    }
}

impl Tree {
    pub(crate) fn of(root: u32) -> Result<Self> {
        let output = Command::new("getconf").arg("CLK_TCK").output().context("getconf")?;
        let per_second: u32 = String::from_utf8(output.stdout)?.trim().parse()?;
        Ok(Self { root, tick: Duration::from_secs(1) / per_second.max(1) })
    }

    pub(crate) fn usage(&self) -> Result<Usage> {
        let mut usage = Usage::default();
        for process in self.members()? {
            // A process may end between being listed and being read.
            let Some(stat) = Stat::read(process) else { continue };
            usage.cpu += self.tick * stat.ticks;
            usage.peak_kib += peak_kib(process).unwrap_or(0);
        }
        ensure!(!usage.cpu.is_zero() || usage.peak_kib > 0, "the program has ended");
        Ok(usage)
    }

    fn members(&self) -> Result<HashSet<u32>> {
        let mut parents = Vec::new();
        for entry in fs::read_dir("/proc")? {
            let name = entry?.file_name();
            if let Some(process) = name.to_str().and_then(|name| name.parse().ok())
                && let Some(stat) = Stat::read(process)
            {
                parents.push((process, stat.parent));
            }
        }
        let mut members = HashSet::from([self.root]);
        loop {
            let before = members.len();
            let children = parents.iter().filter(|(_, parent)| members.contains(parent));
            let children: Vec<_> = children.map(|(process, _)| *process).collect();
            members.extend(children);
            if members.len() == before {
                return Ok(members);
            }
        }
    }
}

/// The part of `/proc/PID/stat` that is needed.
struct Stat {
    parent: u32,
    /// User and system time of the process and of its children that have ended.
    ticks: u32,
}

impl Stat {
    fn read(process: u32) -> Option<Self> {
        Self::parse(&fs::read_to_string(format!("/proc/{process}/stat")).ok()?)
    }

    fn parse(stat: &str) -> Option<Self> {
        // The name in parentheses may hold anything, spaces and parentheses too.
        let fields: Vec<_> = stat.rsplit_once(") ")?.1.split(' ').collect();
        let number = |at: usize| fields.get(at)?.parse::<u32>().ok();
        let ticks = number(11)? + number(12)? + number(13)? + number(14)?;
        Some(Self { parent: number(1)?, ticks })
    }
}

fn peak_kib(process: u32) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.split_whitespace().next()?.parse().ok()
}

/// Moves this process, all its threads included, to one core.
pub(crate) fn pin_self(core: usize) -> Result<()> {
    let process = std::process::id().to_string();
    let output = Command::new("taskset")
        .args(["-a", "-p", "-c", &core.to_string(), &process])
        .output()
        .context("taskset (package util-linux) is needed")?;
    ensure!(output.status.success(), "taskset: {}", String::from_utf8_lossy(&output.stderr));
    Ok(())
}

/// The largest file number that this process may open.
pub(crate) fn open_files_limit() -> Option<u64> {
    let limits = fs::read_to_string("/proc/self/limits").ok()?;
    let line = limits.lines().find_map(|line| line.strip_prefix("Max open files"))?;
    line.split_whitespace().next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_with_parentheses_does_not_shift_the_fields() {
        let stat = "12 (a) b) S 7 12 12 0 -1 4194304 100 0 0 0 30 12 1 2 20 0 1 0 5 6 7";
        let stat = Stat::parse(stat).unwrap();
        assert_eq!((stat.parent, stat.ticks), (7, 45));
    }
}
