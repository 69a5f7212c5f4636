//! All that a run depends on.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use keypool::{DeclaredLimit, Outcome, Policy, Timestamp};

use crate::google::{Fault, Quota};

/// A run.
#[derive(Clone, Debug)]
pub(crate) struct Scenario {
    pub(crate) name: String,
    pub(crate) seed: u64,
    pub(crate) start: Timestamp,
    pub(crate) lasts: Duration,
    pub(crate) keys: Vec<SimKey>,
    pub(crate) models: Vec<Arc<str>>,
    /// Whether the pool is not told which keys share a project.
    pub(crate) is_secret: bool,
    /// How often somebody else uses a project, each of them and each model, per second.
    pub(crate) outsiders: f64,
    /// What the project of a key may do with a model, by their numbers.
    pub(crate) quotas: Vec<Vec<Quota>>,
    /// Limits that the pool is told of.
    pub(crate) declared: Vec<DeclaredLimit>,
    pub(crate) demands: Vec<Demand>,
    /// How long Google takes for an answer, in milliseconds.
    pub(crate) takes: (u64, u64),
    pub(crate) streamed: bool,
    /// How long requests may wait for a key.
    pub(crate) pool_wait: Duration,
    pub(crate) outages: Vec<Outage>,
    /// When the gateway's clock is set forward or back, by so many milliseconds.
    pub(crate) clock_steps: Vec<(Timestamp, i64)>,
    pub(crate) policy: Policy,
}

/// A key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SimKey {
    /// A project of its own, if none.
    pub(crate) project: Option<String>,
    pub(crate) tier: u8,
    pub(crate) weight: u32,
    pub(crate) tags: Vec<String>,
    pub(crate) fault: Fault,
}

/// What somebody goes on asking for.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Demand {
    pub(crate) client: String,
    /// The model's number.
    pub(crate) model: usize,
    /// Requests per second.
    pub(crate) rate: f64,
    /// Input tokens of a request, from and to.
    pub(crate) tokens: (u64, u64),
    /// Only keys that have one of these will do, if there are any.
    pub(crate) tags: Vec<String>,
}

/// A time in which something fails for everybody.
#[derive(Clone, Debug)]
pub(crate) struct Outage {
    pub(crate) from: Timestamp,
    pub(crate) to: Timestamp,
    /// The model's number, or all.
    pub(crate) model: Option<usize>,
    pub(crate) outcome: Outcome,
}

impl Scenario {
    /// The project of each key, by number: that of the first key in it.
    pub(crate) fn projects(&self) -> Vec<usize> {
        let mut first: HashMap<&str, usize> = HashMap::new();
        let keys = self.keys.iter().enumerate();
        keys.map(|(number, key)| match &key.project {
            Some(name) => *first.entry(name).or_insert(number),
            None => number,
        })
        .collect()
    }

    /// Requests per second, of all together.
    pub(crate) fn rate(&self) -> f64 {
        self.demands.iter().map(|demand| demand.rate).sum()
    }

    /// Input tokens of a request on average.
    pub(crate) fn mean_tokens(&self) -> f64 {
        let of = |demand: &Demand| demand.rate * (demand.tokens.0 + demand.tokens.1) as f64 / 2.0;
        self.demands.iter().map(of).sum::<f64>() / self.rate()
    }
}

impl SimKey {
    /// A key with the weight 1 and the tier 0.
    pub(crate) fn new(project: Option<&str>, fault: Fault) -> Self {
        let project = project.map(str::to_owned);
        Self { project, tier: 0, weight: 1, tags: Vec::new(), fault }
    }
}

impl Demand {
    /// Whether a key will do.
    pub(crate) fn accepts(&self, key: &SimKey) -> bool {
        self.tags.is_empty() || key.tags.iter().any(|tag| self.tags.contains(tag))
    }
}
