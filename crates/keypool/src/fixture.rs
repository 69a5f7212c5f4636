//! A small pool for tests, with a clock that stands still until it is moved.

use std::sync::Arc;
use std::time::Duration;

use secret::PoolKey;

use crate::{
    Admission, Ask, Census, KeyId, KeySpec, KeyState, Lease, Outcome, Policy, Pool, QuotaSpent,
    Refusal, Scope, Timestamp, Tried, Usage, WaitCause, Window,
};

/// Noon in Los Angeles, in winter.
pub(crate) const NOON: Timestamp = Timestamp::from_millis(1_795_291_200_000);

pub(crate) const SERVED: Outcome = Outcome::Served {
    usage: Usage { prompt: 1, completion: 1, thoughts: 0, cached: 0, tool_prompt: 0, total: 2 },
};

pub(crate) struct Fixture {
    pub(crate) pool: Pool,
    pub(crate) now: Timestamp,
}

/// An enabled key of no known project.
pub(crate) fn spec(id: &str) -> KeySpec {
    KeySpec::new(id, Arc::new(PoolKey::parse(&format!("AIzaSyTESTTESTTESTTEST{id}")).unwrap()))
}

/// A key of a declared project.
pub(crate) fn of_project(id: &str, project: &str) -> KeySpec {
    KeySpec { project: Some(project.to_owned()), ..spec(id) }
}

/// A minute's requests are spent, for so many seconds from now on.
pub(crate) fn spent_for(now: Timestamp, seconds: u64) -> Outcome {
    Outcome::QuotaSpent(QuotaSpent {
        window: Window::MinuteRequests,
        scope: Scope::Model,
        until: Some(now + Duration::from_secs(seconds)),
        limit: None,
        quota_id: Some("PerMinute".to_owned()),
    })
}

/// Something is spent, and Google did not say for how long.
pub(crate) fn spent(window: Window, scope: Scope) -> Outcome {
    let (until, limit, quota_id) = (None, None, None);
    Outcome::QuotaSpent(QuotaSpent { window, scope, until, limit, quota_id })
}

pub(crate) fn tried(ids: &[&str]) -> Vec<Tried> {
    ids.iter().map(|id| Tried { key: KeyId::from(*id), avoid_project: false }).collect()
}

impl Fixture {
    pub(crate) fn new(keys: Vec<KeySpec>) -> Self {
        let mut pool = Pool::new(Policy::default());
        pool.sync(keys, NOON);
        Self { pool, now: NOON }
    }

    /// Keys of no known project.
    pub(crate) fn of(ids: &[&str]) -> Self {
        Self::new(ids.iter().map(|id| spec(id)).collect())
    }

    pub(crate) fn wait(&mut self, duration: Duration) {
        self.now = self.now + duration;
    }

    pub(crate) fn wait_seconds(&mut self, seconds: u64) {
        self.wait(Duration::from_secs(seconds));
    }

    pub(crate) fn admit(&mut self, model: &str, tried: &[Tried]) -> Admission {
        self.pool.admit(&Ask { tried, ..Ask::new(Some(model)) }, self.now)
    }

    #[track_caller]
    pub(crate) fn lease(&mut self, model: &str) -> Lease {
        match self.admit(model, &[]) {
            Admission::Granted(lease) => lease,
            other => panic!("not granted: {other:?}"),
        }
    }

    /// A lease of this very key.
    #[track_caller]
    pub(crate) fn lease_of(&mut self, key: &str, model: &str) -> Lease {
        for _ in 0..self.pool.totals(self.now).total {
            let lease = self.lease(model);
            if lease.key.id.as_str() == key {
                return lease;
            }
            self.end(lease, &Outcome::ClientFault);
        }
        panic!("{key} is never granted");
    }

    pub(crate) fn end(&mut self, lease: Lease, outcome: &Outcome) {
        self.pool.settle(lease.ticket, outcome, self.now);
    }

    /// One whole attempt; answers which key it was.
    #[track_caller]
    pub(crate) fn attempt(&mut self, model: &str, outcome: &Outcome) -> String {
        let lease = self.lease(model);
        let key = lease.key.id.to_string();
        self.end(lease, outcome);
        key
    }

    /// One whole attempt with this very key.
    #[track_caller]
    pub(crate) fn attempt_with(&mut self, key: &str, model: &str, outcome: &Outcome) {
        let lease = self.lease_of(key, model);
        self.end(lease, outcome);
    }

    /// The keys of so many attempts that end well for nobody to learn from.
    #[track_caller]
    pub(crate) fn turns(&mut self, model: &str, attempts: usize) -> Vec<String> {
        (0..attempts).map(|_| self.attempt(model, &Outcome::ClientFault)).collect()
    }

    /// The keys that are granted now, sorted.
    pub(crate) fn usable(&mut self, model: &str) -> Vec<String> {
        let mut met: Vec<Tried> = Vec::new();
        while let Admission::Granted(lease) = self.admit(model, &met) {
            met.push(Tried { key: lease.key.id.clone(), avoid_project: false });
            self.end(lease, &Outcome::ClientFault);
        }
        let mut keys: Vec<_> = met.into_iter().map(|tried| tried.key.to_string()).collect();
        keys.sort();
        keys
    }

    #[track_caller]
    pub(crate) fn waits(&mut self, model: &str, tried: &[Tried]) -> (Duration, WaitCause, Census) {
        match self.admit(model, tried) {
            Admission::Wait { until, cause, census } => {
                (until.saturating_since(self.now), cause, census)
            }
            other => panic!("no wait: {other:?}"),
        }
    }

    #[track_caller]
    pub(crate) fn refusal(&mut self, model: &str, tried: &[Tried]) -> (Refusal, Census) {
        match self.admit(model, tried) {
            Admission::Refused { why, census } => (why, census),
            other => panic!("not refused: {other:?}"),
        }
    }

    #[track_caller]
    pub(crate) fn state(&self, key: &str) -> KeyState {
        let snapshot = self.pool.snapshot(self.now);
        snapshot.keys.iter().find(|one| one.id.as_str() == key).unwrap().state
    }
}
