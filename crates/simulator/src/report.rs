//! What came of a run.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use keypool::Timestamp;

/// The head of the table whose lines the reports are.
pub(crate) const HEADER: &str = "\
| run | offered | possible | served | of possible | 429 learning | 429 after | per answer | refused | failed | cut | Retry-After off by |
| --- | --: | --: | --: | --: | --: | --: | --: | --: | --: | --: | --: |";

#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Report {
    pub(crate) name: String,
    /// When requests came, and of which demand they were.
    pub(crate) arrivals: Vec<(Timestamp, usize)>,
    /// How many somebody could have served who knew everything.
    pub(crate) possible: usize,
    pub(crate) served: usize,
    pub(crate) served_at: Vec<Timestamp>,
    pub(crate) last_served: Option<Timestamp>,
    /// Told to come again.
    pub(crate) refused: usize,
    /// Given up, without being told when to come again.
    pub(crate) failed: usize,
    /// Streams that broke off after the first byte was out.
    pub(crate) cut: usize,
    /// Spent quotas that taught a limit, or were under way when it was learned.
    pub(crate) spent_first: usize,
    /// Spent quotas after that.
    pub(crate) spent_again: usize,
    /// By how much the time to come again was wrong at worst.
    pub(crate) worst_retry_after: Duration,
    /// Calls by key.
    pub(crate) calls: BTreeMap<String, usize>,
    /// Attempts that were never settled, and requests that wait for ever.
    pub(crate) in_flight: u64,
    pub(crate) waiting: usize,
    /// Keys that are avoided or dead at the end.
    pub(crate) avoided: usize,
    pub(crate) dead: usize,
    /// Keys in projects that the pool guesses after the last spent quota, and how many of those
    /// projects were several at worst.
    pub(crate) guessed: usize,
    pub(crate) wrong_guesses: usize,
    /// How often it was asked about a key that died with others.
    pub(crate) rechecks: usize,
}

impl Report {
    /// Served of what was possible.
    pub(crate) fn share(&self) -> f64 {
        self.served as f64 / self.possible.max(1) as f64
    }

    /// Spent quotas per answer, after each limit was met once.
    pub(crate) fn waste(&self) -> f64 {
        self.spent_again as f64 / self.served.max(1) as f64
    }
}

impl fmt::Display for Report {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "| {} | {} | {} | {} | {:.2} % | {} | {} | {:.4} | {} | {} | {} | {} ms |",
            self.name,
            self.arrivals.len(),
            self.possible,
            self.served,
            100.0 * self.share(),
            self.spent_first,
            self.spent_again,
            self.waste(),
            self.refused,
            self.failed,
            self.cut,
            self.worst_retry_after.as_millis(),
        )
    }
}
