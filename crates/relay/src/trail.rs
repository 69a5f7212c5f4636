//! How a request went: the pool's decisions with their reasons, the attempts with their outcomes.
//! Kept with the request log, for people who ask why.

use std::sync::Arc;
use std::time::{Duration, Instant};

use keypool::{Census, ChosenFor, Explanation, KeyId, Outcome, Timestamp};
use serde::Serialize;
use serde_json::value::RawValue;

/// So many decisions of one request are kept in full; a request that hops over many dead keys
/// makes many that are alike.
const EXPLAINED: usize = 4;

/// What is written down of a request beside its own row.
#[derive(Debug, Serialize)]
pub(crate) struct Trail {
    #[serde(skip)]
    started: Instant,
    decisions: Vec<Decision>,
    attempts: Vec<Attempt>,
    /// Models that could not answer, where another one was asked after them or before.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    passed_over: Vec<PassedOver>,
    /// What the client sent, as far as everybody may know it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    headers: Vec<(&'static str, Box<str>)>,
}

/// A model that was asked in vain.
#[derive(Debug, Serialize)]
struct PassedOver {
    after_ms: u32,
    model: Arc<str>,
    outcome: &'static str,
    message: String,
}

/// One decision of the pool.
#[derive(Debug, Serialize)]
struct Decision {
    /// Milliseconds after the request's beginning.
    after_ms: u32,
    /// How long the request had waited in the queue for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    waited_ms: Option<u32>,
    #[serde(flatten)]
    why: Why,
}

/// As much of the reasons as there was time for.
#[derive(Debug, Serialize)]
#[serde(rename_all = "snake_case")]
enum Why {
    /// The pool's own explanation: an [`Explanation`] in JSON.
    Explained(Box<RawValue>),
    /// Numbers only.
    Summary(Summary),
}

#[derive(Clone, Copy, Debug, Serialize)]
struct Summary {
    census: Census,
    /// When the first of the projects that are out of quota is free again.
    frees_at: Option<Timestamp>,
}

/// One call to Google.
#[derive(Debug, Serialize)]
struct Attempt {
    after_ms: u32,
    key: KeyId,
    mask: Arc<str>,
    chosen_for: ChosenFor,
    /// Sent beside a slow attempt that was under way.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    hedge: bool,
    /// The proxy, if there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    egress: Option<Box<str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    first_byte_ms: Option<u32>,
    took_ms: u32,
    status: Option<u16>,
    outcome: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<&'static str>,
    /// When the quota is renewed that is spent.
    #[serde(skip_serializing_if = "Option::is_none")]
    until: Option<Timestamp>,
}

/// Names an attempt of a request: the first is 1.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct AttemptNumber(pub(crate) u16);

/// Who goes on an attempt.
#[derive(Debug)]
pub(crate) struct Chosen<'a> {
    pub(crate) key: &'a KeyId,
    pub(crate) mask: &'a Arc<str>,
    pub(crate) why: ChosenFor,
    pub(crate) hedge: bool,
    pub(crate) egress: Option<Box<str>>,
}

impl Trail {
    pub(crate) fn new(started: Instant) -> Self {
        Self {
            started,
            decisions: Vec::new(),
            attempts: Vec::new(),
            passed_over: Vec::new(),
            headers: Vec::new(),
        }
    }

    /// What the client sent along.
    pub(crate) fn came_with(&mut self, headers: Vec<(&'static str, Box<str>)>) {
        self.headers = headers;
    }

    /// How long the request has been under way.
    pub(crate) fn elapsed(&self) -> Duration {
        self.started.elapsed()
    }

    fn after(&self) -> u32 {
        milliseconds(self.elapsed())
    }

    /// The pool has decided.
    pub(crate) fn decided(
        &mut self,
        (census, frees_at): (Census, Option<Timestamp>),
        explanation: Option<&Explanation>,
        waited: Option<Duration>,
    ) {
        let full = explanation.and_then(|why| serde_json::value::to_raw_value(why).ok());
        let why = full.map_or(Why::Summary(Summary { census, frees_at }), Why::Explained);
        let waited_ms = waited.map(milliseconds);
        self.decisions.push(Decision { after_ms: self.after(), waited_ms, why });
    }

    /// A model was asked in vain.
    pub(crate) fn passes_over(&mut self, model: Arc<str>, outcome: &'static str, message: String) {
        let after_ms = self.after();
        self.passed_over.push(PassedOver { after_ms, model, outcome, message });
    }

    /// Whether one more decision is worth an explanation.
    pub(crate) fn wants_reasons(&self) -> bool {
        self.decisions.len() < EXPLAINED
    }

    /// An attempt begins.
    pub(crate) fn begins(&mut self, chosen: Chosen<'_>) -> AttemptNumber {
        let Chosen { key, mask, why, hedge, egress } = chosen;
        self.attempts.push(Attempt {
            after_ms: self.after(),
            key: key.clone(),
            mask: Arc::clone(mask),
            chosen_for: why,
            hedge,
            egress,
            first_byte_ms: None,
            took_ms: 0,
            status: None,
            outcome: "",
            detail: None,
            until: None,
        });
        AttemptNumber(self.attempted())
    }

    /// The attempt's answer has begun.
    pub(crate) fn answers(&mut self, number: AttemptNumber) {
        let now = self.after();
        if let Some(attempt) = self.attempt(number) {
            attempt.first_byte_ms = Some(now.saturating_sub(attempt.after_ms));
        }
    }

    /// An attempt has ended.
    pub(crate) fn ends(&mut self, number: AttemptNumber, outcome: &Outcome, status: Option<u16>) {
        let now = self.after();
        let Some(attempt) = self.attempt(number) else { return };
        attempt.took_ms = now.saturating_sub(attempt.after_ms);
        attempt.status = status;
        attempt.outcome = outcome.label();
        attempt.detail = outcome.detail();
        if let Outcome::QuotaSpent(spent) = outcome {
            attempt.until = spent.until;
        }
    }

    /// How many attempts there were.
    pub(crate) fn attempted(&self) -> u16 {
        u16::try_from(self.attempts.len()).unwrap_or(u16::MAX)
    }

    /// The key of the latest attempt, and its mask.
    pub(crate) fn last_key(&self) -> Option<(KeyId, Arc<str>)> {
        let last = self.attempts.last()?;
        Some((last.key.clone(), Arc::clone(&last.mask)))
    }

    /// When the first answer began, in milliseconds after the request's beginning.
    pub(crate) fn first_byte(&self) -> Option<u32> {
        let answered = |attempt: &Attempt| Some(attempt.after_ms + attempt.first_byte_ms?);
        self.attempts.iter().filter_map(answered).min()
    }

    /// All of it as JSON; attempts that have not ended were cancelled.
    pub(crate) fn take_json(&mut self) -> Option<String> {
        if self.decisions.is_empty() {
            return None;
        }
        let now = self.after();
        for attempt in self.attempts.iter_mut().filter(|attempt| attempt.outcome.is_empty()) {
            attempt.outcome = "cancelled";
            attempt.took_ms = now.saturating_sub(attempt.after_ms);
        }
        let json = serde_json::to_string(self).ok();
        *self = Self::new(self.started);
        json
    }

    fn attempt(&mut self, number: AttemptNumber) -> Option<&mut Attempt> {
        self.attempts.get_mut(usize::from(number.0.checked_sub(1)?))
    }
}

fn milliseconds(duration: Duration) -> u32 {
    u32::try_from(duration.as_millis()).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use keypool::{Ask, DeathReason, KeySpec, Policy, Pool, Usage};
    use serde_json::Value;

    use super::*;

    fn chosen<'a>(key: &'a KeyId, mask: &'a Arc<str>) -> Chosen<'a> {
        Chosen { key, mask, why: ChosenFor::Turn, hedge: false, egress: None }
    }

    #[test]
    fn decisions_and_attempts_become_one_object() {
        let mut pool = Pool::new(Policy::default());
        let secret = secret::PoolKey::parse("AIzaSyTESTTESTTESTTEST").unwrap();
        let now = Timestamp::from_millis(0);
        pool.sync(vec![KeySpec::new("k", Arc::new(secret))], now);
        let explanation = pool.explain(&Ask::new(Some("m")), now);
        let (key, mask) = (KeyId::from("k"), Arc::from("AIzaSy…TEST"));
        let mut trail = Trail::new(Instant::now());
        trail.came_with(vec![("user-agent", "a client".into())]);
        trail.decided(pool.standing(Some("m")), Some(&explanation), None);
        let first = trail.begins(chosen(&key, &mask));
        trail.ends(first, &Outcome::KeyDead(DeathReason::Leaked), Some(403));
        trail.decided(pool.standing(Some("m")), None, Some(Duration::from_millis(7)));
        let second = trail.begins(chosen(&key, &mask));
        trail.answers(second);
        let served = Outcome::Served { usage: Usage::default() };
        trail.ends(second, &served, Some(200));
        trail.begins(chosen(&key, &mask));
        assert_eq!(trail.attempted(), 3);
        let json: Value = serde_json::from_str(&trail.take_json().unwrap()).unwrap();
        assert_eq!(json["decisions"][0]["explained"]["chosen"]["key"], "k");
        assert_eq!(json["decisions"][1]["summary"]["census"]["total"], 1);
        assert_eq!(json["decisions"][1]["waited_ms"], 7);
        let outcomes: Vec<_> =
            (0..3).map(|at| json["attempts"][at]["outcome"].as_str().unwrap()).collect();
        assert_eq!(outcomes, ["key_dead", "served", "cancelled"]);
        assert_eq!(json["headers"][0], serde_json::json!(["user-agent", "a client"]));
        assert_eq!(json["attempts"][0]["detail"], "leaked");
        assert!(json["attempts"][1]["first_byte_ms"].is_u64());
    }

    #[test]
    fn a_request_that_asked_no_pool_leaves_no_trail() {
        assert_eq!(Trail::new(Instant::now()).take_json(), None);
    }
}
