//! The pool itself.

use crate::{
    Admission, Ask, Census, KeyId, KeySpec, Learned, Outcome, Policy, Refusal, Snapshot, Ticket,
    Timestamp, Totals,
};

/// The keys of the pool and all that is known of them.
///
/// A state machine for one thread: the caller keeps it behind a mutex, for microseconds.
#[derive(Debug)]
pub struct Pool {
    policy: Policy,
}

impl Pool {
    /// A pool without keys.
    pub fn new(policy: Policy) -> Self {
        Self { policy }
    }

    /// Changes how the pool reacts from now on. Blocks that exist stay as they are.
    pub fn set_policy(&mut self, policy: Policy) {
        self.policy = policy;
    }

    /// Makes the pool hold exactly these keys. What was learned of the ones that stay is kept;
    /// a dead key comes back if it was disabled before and is enabled now, or if its secret has
    /// changed.
    pub fn sync(&mut self, _keys: Vec<KeySpec>, _now: Timestamp) {}

    /// Takes over what was learned before, or elsewhere: at the start from the store, after the
    /// first [`sync`](Self::sync), and at any time from another replica. What is over by now and
    /// what concerns unknown keys is left out.
    pub fn restore(&mut self, _learned: Vec<Learned>, _now: Timestamp) {}

    /// Chooses a key for a request.
    pub fn admit(&mut self, _ask: &Ask<'_>, _now: Timestamp) -> Admission {
        Admission::Refused { why: Refusal::NoKeys, census: Census::default() }
    }

    /// Learns from how an attempt ended.
    pub fn settle(&mut self, _ticket: Ticket, _outcome: &Outcome, _now: Timestamp) {}

    /// Makes a dead key usable again, and forgets why it was avoided. Spent quotas stay spent.
    pub fn revive(&mut self, _key: &KeyId, _now: Timestamp) {}

    /// Forgets what is over by now. Needed by nobody's decision; it only lets
    /// [`take_changes`](Self::take_changes) tell of blocks that ended while no request came.
    pub fn tick(&mut self, _now: Timestamp) {}

    /// What was learned since the last call and has to be stored, one entry a subject.
    pub fn take_changes(&mut self) -> Vec<Learned> {
        Vec::new()
    }

    /// How everything stands.
    pub fn snapshot(&self, _now: Timestamp) -> Snapshot {
        Snapshot { totals: Totals::default(), keys: Vec::new() }
    }

    /// How everything stands, in numbers only.
    pub fn totals(&self, _now: Timestamp) -> Totals {
        Totals::default()
    }
}
