//! How much room there is where the data lies, and how much it takes.

use std::path::{Path, PathBuf};

use crate::Check;

const MEGABYTE: u64 = 1 << 20;

/// With less room than this nothing can be relied on.
const TOO_LITTLE: u64 = 100 * MEGABYTE;
/// With less than this it is time to look.
const LITTLE: u64 = 1024 * MEGABYTE;

/// A write-ahead log that is so large is held by a reader that never ends.
const LARGE_WAL: u64 = 512 * MEGABYTE;

/// A line for the room on the disk of a `SQLite` file, and one for what the database takes of it.
pub fn disk(file: &Path) -> Vec<Check> {
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty());
    let room = room(folder.unwrap_or(Path::new(".")));
    room.into_iter().chain(std::iter::once(size(file))).collect()
}

/// Nothing where the system does not tell.
#[cfg(unix)]
fn room(folder: &Path) -> Option<Check> {
    let told = rustix::fs::statvfs(folder).ok()?;
    Some(judge_room(told.f_bavail.saturating_mul(told.f_frsize)))
}

#[cfg(not(unix))]
fn room(_: &Path) -> Option<Check> {
    None
}

fn judge_room(free: u64) -> Check {
    const NAME: &str = "free disk";
    let says = format!("{} MB are free", free / MEGABYTE);
    let advice = "make room, or keep logs for fewer days (AUTO_DELETE_REQUEST_LOGS_DAYS, \
                  AUTO_DELETE_ERROR_LOGS_DAYS, RESPONSES_KEEP_DAYS)";
    match free {
        ..TOO_LITTLE => Check::fail(NAME, says, advice),
        TOO_LITTLE..LITTLE => Check::warn(NAME, says, advice),
        _ => Check::ok(NAME, says),
    }
}

fn size(file: &Path) -> Check {
    const NAME: &str = "database size";
    let logs = beside(file, "-logs");
    let length = |path: &Path| path.metadata().map_or(0, |about| about.len());
    let wal = |path: &Path| {
        let mut name = path.as_os_str().to_owned();
        name.push("-wal");
        length(Path::new(&name))
    };
    let wals = wal(file) + wal(&logs);
    let says = format!(
        "{:.1} MB, logs {:.1} MB, not yet merged {:.1} MB",
        megabytes(length(file)),
        megabytes(length(&logs)),
        megabytes(wals)
    );
    if wals < LARGE_WAL {
        return Check::ok(NAME, says);
    }
    let advice = "end whatever has the database open for long, such as a copy that is being made; \
                  use `gemini-balance backup` for copies";
    Check::warn(NAME, says, advice)
}

/// `data/name.db` with something behind the name.
fn beside(file: &Path, what: &str) -> PathBuf {
    let mut name = file.file_stem().unwrap_or_default().to_owned();
    name.push(what);
    if let Some(extension) = file.extension() {
        name.push(".");
        name.push(extension);
    }
    file.with_file_name(name)
}

fn megabytes(bytes: u64) -> f64 {
    bytes as f64 / MEGABYTE as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Verdict;

    #[test]
    fn little_room_is_told() {
        assert_eq!(judge_room(50 * MEGABYTE).verdict, Verdict::Fail);
        assert_eq!(judge_room(500 * MEGABYTE).verdict, Verdict::Warn);
        assert_eq!(judge_room(5000 * MEGABYTE).verdict, Verdict::Ok);
    }

    #[test]
    fn the_files_of_a_database_are_found() {
        let logs = |file: &str| beside(Path::new(file), "-logs").display().to_string();
        assert_eq!(logs("data/gb.db"), "data/gb-logs.db");
        assert_eq!(logs("gb"), "gb-logs");
        let checks = disk(Path::new("nowhere.db"));
        let names: Vec<_> = checks.iter().map(|check| check.name.as_str()).collect();
        assert_eq!(names, ["free disk", "database size"]);
    }
}
