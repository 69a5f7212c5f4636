//! Sums of the request log, kept beside it: what a year of requests came to is read from some hundred
//! rows, and outlives the requests themselves.
//!
//! The sums are written in the same transaction as the requests that they count, so they are equal.

pub(crate) mod batch;
mod histogram;
mod kind;

use keypool::Timestamp;

use crate::{Cost, RequestRecord};

pub use histogram::Histogram;
pub use kind::RequestKind;

/// How long a time one row stands for. Rows begin at whole multiples of it since the Unix epoch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Span {
    /// Kept for two days.
    Minute,
    /// Kept for two months.
    Hour,
    /// Of UTC; kept for as long as the years of the console look back.
    Day,
}

impl Span {
    /// All, shortest first.
    pub const ALL: [Self; 3] = [Self::Minute, Self::Hour, Self::Day];

    /// Its length in milliseconds.
    pub fn millis(self) -> i64 {
        match self {
            Self::Minute => 60_000,
            Self::Hour => 3_600_000,
            Self::Day => 86_400_000,
        }
    }

    /// When the span that `at` lies in began.
    pub fn begin(self, at: Timestamp) -> Timestamp {
        let millis = at.millis();
        Timestamp::from_millis(millis - millis.rem_euclid(self.millis()))
    }
}

/// What the requests of a row have in common besides their time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Subject {
    /// Nothing: all requests; the label is empty.
    All,
    /// The model; the label is its name.
    Model,
    /// The client token; the label is its id.
    Token,
    /// The key that served last; the label is its id. Only days are summed, for keys can be many.
    Key,
    /// How they ended and in which API; the label is that of a [`RequestKind`].
    Kind,
    /// Not requests, but attempts that failed; the label is that of an
    /// [`ErrorKind`](crate::ErrorKind).
    Error,
}

impl Subject {
    /// All.
    pub const ALL: [Self; 6] =
        [Self::All, Self::Model, Self::Token, Self::Key, Self::Kind, Self::Error];

    /// As it stands in the database.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Model => "model",
            Self::Token => "token",
            Self::Key => "key",
            Self::Kind => "kind",
            Self::Error => "error",
        }
    }
}

/// What requests came to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// All requests.
    pub requests: u64,
    /// Those answered with an error. A client that left early is none.
    pub failed: u64,
    /// Those that succeeded, but not at the first attempt.
    pub rescued: u64,
    /// Tokens read, those of tools included.
    pub prompt: u64,
    /// Of those, the ones from Google's cache.
    pub cached: u64,
    /// Tokens written, without thoughts.
    pub completion: u64,
    /// Tokens thought.
    pub thoughts: u64,
    /// By list price.
    pub cost: Cost,
}

/// The status that stands for a client that left before its answer.
const CLIENT_LEFT: u16 = 499;

impl Tally {
    /// Those that were answered as wished.
    pub fn succeeded(&self) -> u64 {
        self.requests.saturating_sub(self.failed)
    }

    /// Tokens read and written.
    pub fn tokens(&self) -> u64 {
        self.prompt.saturating_add(self.completion).saturating_add(self.thoughts)
    }

    /// Adds up.
    pub fn add(&mut self, other: &Self) {
        let sum = |one: &mut u64, more: u64| *one = one.saturating_add(more);
        sum(&mut self.requests, other.requests);
        sum(&mut self.failed, other.failed);
        sum(&mut self.rescued, other.rescued);
        sum(&mut self.prompt, other.prompt);
        sum(&mut self.cached, other.cached);
        sum(&mut self.completion, other.completion);
        sum(&mut self.thoughts, other.thoughts);
        self.cost = Cost::from_nanos(self.cost.nanos().saturating_add(other.cost.nanos()));
    }

    /// An attempt that failed.
    pub(crate) fn of_error() -> Self {
        Self { requests: 1, failed: 1, ..Self::default() }
    }

    pub(crate) fn of(record: &RequestRecord) -> Self {
        Self {
            prompt: record.usage.prompt.saturating_add(record.usage.tool_prompt),
            cached: record.usage.cached,
            completion: record.usage.completion,
            thoughts: record.usage.thoughts,
            cost: record.cost,
            ..Self::of_group(record.status, record.attempts, 1)
        }
    }

    /// So many requests that ended with this status after so many attempts.
    pub(crate) fn of_group(status: u16, attempts: u16, requests: u64) -> Self {
        let failed = status >= 400 && status != CLIENT_LEFT;
        let rescued = status < 400 && attempts > 1;
        let those = |are: bool| if are { requests } else { 0 };
        Self { requests, failed: those(failed), rescued: those(rescued), ..Self::default() }
    }
}
