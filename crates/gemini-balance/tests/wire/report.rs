//! What came of a run, in numbers.

use std::collections::BTreeMap;
use std::time::Duration;

use fake_gemini::Received;

use crate::case::{Case, Key, Trouble};
use crate::load::{Asked, End};
use crate::oracle;
use crate::promise::{self, Promises};

/// What was sent so soon after a limit was met may have been under way.
const UNDER_WAY: i64 = 100;

/// A project and a model.
pub(crate) type Cell = (String, String);

#[derive(Debug)]
pub(crate) struct Report {
    pub(crate) name: String,
    pub(crate) case: Case,
    pub(crate) offered: usize,
    /// How many somebody could have served who knew every limit.
    pub(crate) possible: usize,
    pub(crate) served: usize,
    pub(crate) cut: usize,
    pub(crate) failures: Vec<String>,
    /// How long refusals took: those that were told at once, and beyond `POOL_WAIT` those that
    /// waited in vain.
    pub(crate) refused_at_once: Vec<Duration>,
    pub(crate) refused_late: Vec<Duration>,
    pub(crate) promises: Promises,
    /// Spent quotas by project and model: those that taught a limit, and those after that.
    pub(crate) spent_first: BTreeMap<Cell, usize>,
    pub(crate) spent_again: usize,
    /// Calls of each key.
    pub(crate) calls: BTreeMap<Trouble, Vec<usize>>,
    /// Dead keys that the gateway counts at the end.
    pub(crate) dead: u64,
    /// By how much a request was sent too late, at worst: how noisy the machine was.
    pub(crate) late: Duration,
}

impl Report {
    pub(crate) fn new(case: Case, asked: &[Asked], received: &[Received], dead: u64) -> Self {
        let count = |end: &End| asked.iter().filter(|asked| asked.end == *end).count();
        let (spent_first, spent_again) = spent(&case, received);
        let (refused_at_once, refused_late) = refusal_times(&case, asked);
        let failure = |asked: &Asked| match &asked.end {
            End::Failed(what) => Some(what.clone()),
            End::Refused(None) => Some("429 without Retry-After".to_owned()),
            _ => None,
        };
        Self {
            name: case.name.clone(),
            offered: asked.len(),
            possible: oracle::possible(&case, asked),
            served: count(&End::Served),
            cut: count(&End::Cut),
            failures: asked.iter().filter_map(failure).collect(),
            refused_at_once,
            refused_late,
            promises: promise::check(&case, asked, received),
            spent_first,
            spent_again,
            calls: calls(&case, received),
            dead,
            late: asked.iter().map(|asked| asked.late).max().unwrap_or_default(),
            case,
        }
    }

    /// Served of what was possible.
    pub(crate) fn share(&self) -> f64 {
        self.served as f64 / self.possible.max(1) as f64
    }

    /// Spent quotas per answer, after each limit was met once.
    pub(crate) fn waste(&self) -> f64 {
        self.spent_again as f64 / self.served.max(1) as f64
    }
}

/// Which cell a call is about.
pub(crate) fn cell(keys: &BTreeMap<&str, &Key>, received: &Received) -> Option<Cell> {
    let key = keys.get(received.key.as_deref()?)?;
    Some((key.project.clone(), received.model.clone()?))
}

/// The keys of a case by what Google sees of them.
pub(crate) fn by_secret(case: &Case) -> BTreeMap<&str, &Key> {
    case.keys.iter().map(|key| (key.secret.as_str(), key)).collect()
}

fn spent(case: &Case, received: &[Received]) -> (BTreeMap<Cell, usize>, usize) {
    let keys = by_secret(case);
    let mut learned: BTreeMap<Cell, i64> = BTreeMap::new();
    let (mut first, mut again) = (BTreeMap::new(), 0);
    for spent in received.iter().filter(|received| received.status == Some(429)) {
        let Some(mut cell) = cell(&keys, spent) else { continue };
        if case.is_secret {
            // What keys have in common nobody knows before each was refused once.
            cell.0 = spent.key.clone().unwrap_or_default();
        }
        let since = *learned.entry(cell.clone()).or_insert(spent.at);
        if spent.at <= since + UNDER_WAY {
            *first.entry(cell).or_default() += 1;
        } else {
            again += 1;
        }
    }
    (first, again)
}

fn refusal_times(case: &Case, asked: &[Asked]) -> (Vec<Duration>, Vec<Duration>) {
    let refused = asked.iter().filter(|asked| matches!(asked.end, End::Refused(_)));
    let took = refused.map(|asked| Duration::from_millis((asked.answered - asked.sent) as u64));
    let (mut late, mut at_once): (Vec<_>, Vec<_>) = took
        .partition(|took| !case.wait.is_zero() && *took + Duration::from_millis(20) >= case.wait);
    for took in &mut late {
        *took = took.saturating_sub(case.wait);
    }
    at_once.sort_unstable();
    late.sort_unstable();
    (at_once, late)
}

fn calls(case: &Case, received: &[Received]) -> BTreeMap<Trouble, Vec<usize>> {
    let mut by_key: BTreeMap<&str, usize> = BTreeMap::new();
    for key in received.iter().filter_map(|received| received.key.as_deref()) {
        *by_key.entry(key).or_default() += 1;
    }
    let mut calls: BTreeMap<Trouble, Vec<usize>> = BTreeMap::new();
    for key in &case.keys {
        let count = by_key.get(key.secret.as_str()).copied().unwrap_or(0);
        calls.entry(key.trouble).or_default().push(count);
    }
    calls
}
