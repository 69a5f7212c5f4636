//! What an import does, or would do.

use keypool::Timestamp;
use serde::Serialize;

use crate::remark::{Reason, Remark};

/// What an import did, or what it would do: holds no secret and may be shown.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Report {
    /// Where it comes from: the database's address without a password, or a file.
    pub place: String,
    /// What was found there: `Python project, SQLite`.
    pub kind: String,
    /// Whether it was done; false for a plan, which changes nothing.
    pub applied: bool,
    /// Keys for the pool.
    pub keys: Counts,
    /// Client tokens.
    pub tokens: Counts,
    /// Rows of the request log.
    pub requests: Counts,
    /// Rows of the error log.
    pub errors: Counts,
    /// Files that clients uploaded, which are not taken over.
    pub files: u64,
    /// Settings, in the order of the source.
    pub settings: Vec<Line>,
    /// Why each of the first malformed entries is none.
    pub malformed: Vec<Remark>,
    /// What else whoever moves in should know.
    pub notes: Vec<Remark>,
}

/// What becomes of things of one kind. The other counts add up to `found`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// In the source.
    pub found: u64,
    /// New here.
    pub new: u64,
    /// Here already, or twice in the source.
    pub duplicate: u64,
    /// Left out, since an administrator removed or revoked them here.
    pub removed: u64,
    /// What cannot be one.
    pub malformed: u64,
}

/// What becomes of a setting.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Line {
    /// Its name, as the source has it.
    pub name: String,
    /// The value that is saved; none for a secret, and where nothing is.
    pub value: Option<String>,
    /// What becomes of it.
    pub verdict: Verdict,
    /// Why, where that is not plain.
    pub reason: Option<Reason>,
    /// False: saved, but without an effect in this version.
    pub effective: bool,
}

/// What becomes of a setting.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// It is saved.
    New,
    /// The same value is in effect here.
    Same,
    /// Another value was saved here already, and stays.
    Kept,
    /// There is no such setting.
    Unknown,
    /// The value cannot be one.
    Invalid,
    /// It has no meaning here, or its way here is another one.
    LeftOut,
}

/// So many malformed entries are explained.
const EXPLAINED: usize = 20;

impl Report {
    pub(crate) fn explain(&mut self, problem: Remark) {
        if self.malformed.len() < EXPLAINED {
            self.malformed.push(problem);
        }
    }

    pub(crate) fn note(&mut self, note: Remark) {
        self.notes.push(note);
    }
}

/// What became of the rows of a log.
#[derive(Debug, Default)]
pub(crate) struct Walked {
    pub(crate) counts: Counts,
    /// The time of the oldest row.
    pub(crate) oldest: Option<Timestamp>,
}
