//! How patient the pool is.

use std::time::Duration;

use crate::labels::labels;

/// How the pool reacts to failures. Comes from the settings; may change while running.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    /// In which order projects are chosen.
    pub strategy: Strategy,
    /// From which consecutive broken link on a key is avoided; at least 1.
    pub max_failures: u32,
    /// How long a key is avoided after its links broke that often.
    pub broken_link: Backoff,
    /// How long a key is avoided for a model after the model was busy.
    pub busy_model: Backoff,
    /// How long a key is avoided after it was refused for a reason that is not its death.
    pub refused_key: Backoff,
    /// How long a key is avoided that has not begun to answer in time: whoever meets it waits in
    /// vain for long.
    pub mute_key: Backoff,
    /// After how many failures in a row, with at least three keys, nothing is sent to a model or
    /// through a way out any more but a probe now and then; twice as many for Google as a whole.
    /// 0 for never.
    pub trip_after: u32,
    /// How far apart the probes are.
    pub probes: Backoff,
    /// From how many keys on that worked before and are refused for good at once, without any
    /// success in between, their deaths are suspect: out they are all the same, but
    /// [`Pool::take_suspects`](crate::Pool::take_suspects) tells them. 0 for never.
    pub suspect_deaths: u32,
    /// How long a project is left alone for a model if Google does not say how long.
    pub unknown_quota: Backoff,
    /// How long a limit that Google named is left alone before one request beyond it is tried, to
    /// see whether it still holds.
    pub probe_after: Duration,
    /// How many models may have learned state of their own at a time.
    pub max_models: usize,
    /// Where the rounds over the keys begin, so that several replicas do not begin alike.
    pub seed: u64,
}

impl Default for Policy {
    fn default() -> Self {
        let avoid = Backoff { first: Duration::from_secs(1), most: Duration::from_secs(30) };
        Self {
            strategy: Strategy::default(),
            max_failures: 3,
            broken_link: avoid,
            busy_model: avoid,
            refused_key: avoid,
            mute_key: Backoff { first: Duration::from_mins(10), most: Duration::from_hours(1) },
            trip_after: 20,
            probes: avoid,
            suspect_deaths: 3,
            unknown_quota: Backoff { first: Duration::from_secs(5), most: Duration::from_mins(5) },
            probe_after: Duration::from_hours(24),
            max_models: 1024,
            seed: 0,
        }
    }
}

labels! {
    /// In which order projects are chosen, within a tier.
    pub enum Strategy ("strategy") {
        /// Projects take turns, and the one with more headroom goes first.
        Balanced = "balanced",
        /// Keys take turns, whatever their projects.
        RoundRobin = "round_robin",
        /// One project is used up before the next is begun.
        FillFirst = "fill_first",
        /// Of the next few, the one that answers fastest.
        LeastLatency = "least_latency",
    }
}

#[expect(clippy::derivable_impls, reason = "the macro has no place for the attribute")]
impl Default for Strategy {
    fn default() -> Self {
        Self::Balanced
    }
}

/// A time that doubles with every consecutive failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Backoff {
    /// After the first failure.
    pub first: Duration,
    /// Never longer than this.
    pub most: Duration,
}

impl Backoff {
    /// The time after the so-many-th consecutive failure, counted from 1.
    pub fn after(self, consecutive: u32) -> Duration {
        let doublings = consecutive.saturating_sub(1).min(31);
        self.first.saturating_mul(1 << doublings).min(self.most)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_doubles_until_the_most() {
        let seconds = |backoff: Backoff| {
            [0, 1, 2, 3, 4, 7, 8, 1000].map(|consecutive| backoff.after(consecutive).as_secs())
        };
        let policy = Policy::default();
        assert_eq!(seconds(policy.unknown_quota), [5, 5, 10, 20, 40, 300, 300, 300]);
        assert_eq!(seconds(policy.busy_model), [1, 1, 2, 4, 8, 30, 30, 30]);
    }
}
