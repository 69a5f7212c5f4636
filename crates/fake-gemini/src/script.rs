//! What the simulated Google knows: keys, what each is worth, projects and their quotas.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::clock::VirtualClock;
use crate::faults::Fault;
use crate::quota::Quota;

/// How a key's calls are answered.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub enum KeyPlan {
    /// The key works, within its project's quota.
    #[default]
    Valid,
    /// 400 `API_KEY_INVALID`.
    Invalid,
    /// 400 "API key expired".
    Expired,
    /// 403 `CONSUMER_SUSPENDED`; the message holds the whole key, as Google's does.
    Suspended,
    /// 403 "reported as leaked".
    Leaked,
    /// 403 `SERVICE_DISABLED`.
    ServiceDisabled,
    /// 400 `FAILED_PRECONDITION` "User location is not supported".
    LocationUnsupported,
    /// The key is good, and its calls go wrong this way. Faults that replace the answer hold for
    /// every method, those that change it only where a model generates.
    Fault(Fault),
}

/// The script: a builder before the start, changed through [`SharedScript`] while running.
#[derive(Clone, Debug)]
pub struct Script {
    unknown: KeyPlan,
    keys: HashMap<String, KeyEntry>,
    quotas: HashMap<String, ProjectQuota>,
    standard_quota: Quota,
    pace: Duration,
    calls: usize,
    keep: usize,
    keeps_answers: bool,
    polls: u32,
    upload_cuts: VecDeque<usize>,
    clock: VirtualClock,
}

#[derive(Clone, Debug, Default)]
struct KeyEntry {
    plan: KeyPlan,
    /// Vertex AI takes it, and nobody else.
    is_of_vertex: bool,
    project: Option<String>,
    models: HashMap<String, KeyPlan>,
    sequence: VecDeque<KeyPlan>,
    /// Whether the sequence begins anew when it is over.
    repeats: bool,
}

#[derive(Clone, Debug, Default)]
struct ProjectQuota {
    every_model: Quota,
    models: HashMap<String, Quota>,
}

impl Default for Script {
    fn default() -> Self {
        Self {
            unknown: KeyPlan::Invalid,
            keys: HashMap::new(),
            quotas: HashMap::new(),
            standard_quota: Quota::new(),
            pace: Duration::ZERO,
            calls: 1,
            keep: 10_000,
            keeps_answers: false,
            polls: 0,
            upload_cuts: VecDeque::new(),
            clock: VirtualClock::new(),
        }
    }
}

impl Script {
    /// A Google that knows no key: every call is answered `API_KEY_INVALID`.
    pub fn new() -> Self {
        Self::default()
    }

    /// A key and what it is worth. Naming it again changes its plan and ends its sequence; its
    /// project stays.
    pub fn key(mut self, key: impl Into<String>, plan: KeyPlan) -> Self {
        let entry = self.entry(key.into());
        entry.plan = plan;
        entry.sequence.clear();
        self
    }

    /// A key for Vertex AI in express mode: the Gemini API does not know it, and Vertex AI knows no
    /// others.
    pub fn vertex_key(self, key: impl Into<String>, plan: KeyPlan) -> Self {
        let key = key.into();
        let mut script = self.key(key.clone(), plan);
        script.entry(key).is_of_vertex = true;
        script
    }

    /// Several keys of one plan.
    pub fn keys<K: Into<String>>(self, keys: impl IntoIterator<Item = K>, plan: &KeyPlan) -> Self {
        keys.into_iter().fold(self, |script, key| script.key(key, plan.clone()))
    }

    /// What a key is worth for one model (`gemini-3.8-flash`, without `models/`); goes before the
    /// key's own plan.
    pub fn key_on_model(
        mut self,
        key: impl Into<String>,
        model: impl Into<String>,
        plan: KeyPlan,
    ) -> Self {
        self.entry(key.into()).models.insert(model.into(), plan);
        self
    }

    /// The next calls of this key are answered by these plans in turn, whatever their model; after
    /// the last the key's own plan holds again.
    pub fn sequence(mut self, key: impl Into<String>, plans: Vec<KeyPlan>) -> Self {
        let entry = self.entry(key.into());
        (entry.sequence, entry.repeats) = (plans.into(), false);
        self
    }

    /// As [`Script::sequence`], over and over: `[503, valid]` is a key that fails half the time.
    pub fn cycle(mut self, key: impl Into<String>, plans: Vec<KeyPlan>) -> Self {
        let entry = self.entry(key.into());
        (entry.sequence, entry.repeats) = (plans.into(), true);
        self
    }

    /// What keys are worth that the script does not name.
    pub fn unknown_keys(mut self, plan: KeyPlan) -> Self {
        self.unknown = plan;
        self
    }

    /// Puts keys into a project: they share its quotas. A key in no project is one of its own.
    /// Keys not yet named become [`KeyPlan::Valid`].
    pub fn project<K: Into<String>>(
        mut self,
        project: impl Into<String>,
        keys: impl IntoIterator<Item = K>,
    ) -> Self {
        let project = project.into();
        for key in keys {
            self.entry(key.into()).project = Some(project.clone());
        }
        self
    }

    /// A project's quota for each of its models. A key in no project: its own text is the name.
    pub fn quota(mut self, project: impl Into<String>, quota: Quota) -> Self {
        self.quotas.entry(project.into()).or_default().every_model = quota;
        self
    }

    /// A project's quota for one model; goes before [`Script::quota`].
    pub fn model_quota(
        mut self,
        project: impl Into<String>,
        model: impl Into<String>,
        quota: Quota,
    ) -> Self {
        self.quotas.entry(project.into()).or_default().models.insert(model.into(), quota);
        self
    }

    /// The quota of projects that have none of their own; unlimited unless set.
    pub fn standard_quota(mut self, quota: Quota) -> Self {
        self.standard_quota = quota;
        self
    }

    /// The pause between the events of ordinary streams; none unless set.
    pub fn pace(mut self, pause: Duration) -> Self {
        self.pace = pause;
        self
    }

    /// So many calls, at least one, give an answer of a model with long decode (Gemini 4).
    pub fn long_answers(mut self, calls: usize) -> Self {
        self.calls = calls.max(1);
        self
    }

    /// How many received requests are kept with headers and body, the newest; 10 000 unless set.
    /// The counters count all.
    pub fn keep_received(mut self, requests: usize) -> Self {
        self.keep = requests;
        self
    }

    /// Keeps what is answered with what was received.
    pub fn keep_answers(mut self) -> Self {
        self.keeps_answers = true;
        self
    }

    /// How often a file, a batch or an operation is looked at before it is ready; at once unless set.
    pub fn ready_after(mut self, polls: u32) -> Self {
        self.polls = polls;
        self
    }

    /// The next requests below `/upload` are cut, one after the other: each when so many bytes of its
    /// body have come, which count as received. A body that is no longer than that is not cut.
    pub fn cut_uploads(mut self, after: impl IntoIterator<Item = usize>) -> Self {
        self.upload_cuts = after.into_iter().collect();
        self
    }

    /// The clock to count quotas by; its handle can be kept by the caller.
    pub fn clock(mut self, clock: VirtualClock) -> Self {
        self.clock = clock;
        self
    }

    fn entry(&mut self, key: String) -> &mut KeyEntry {
        self.keys.entry(key).or_default()
    }

    /// Whether a key is one of Vertex AI's.
    pub(crate) fn is_of_vertex(&self, key: &str) -> bool {
        self.keys.get(key).is_some_and(|entry| entry.is_of_vertex)
    }

    /// The plan for this key's next call; takes a step of its sequence where it has one.
    pub(crate) fn next_plan(&mut self, key: &str, model: Option<&str>) -> KeyPlan {
        let Some(entry) = self.keys.get_mut(key) else { return self.unknown.clone() };
        if let Some(plan) = entry.sequence.pop_front() {
            if entry.repeats {
                entry.sequence.push_back(plan.clone());
            }
            return plan;
        }
        let of_model = model.and_then(|model| entry.models.get(model));
        of_model.unwrap_or(&entry.plan).clone()
    }

    pub(crate) fn project_of(&self, key: &str) -> String {
        let project = self.keys.get(key).and_then(|entry| entry.project.clone());
        project.unwrap_or_else(|| key.to_owned())
    }

    pub(crate) fn quota_for(&self, project: &str, model: &str) -> Quota {
        self.quotas.get(project).map_or(self.standard_quota, |quota| {
            quota.models.get(model).copied().unwrap_or(quota.every_model)
        })
    }

    pub(crate) fn polls(&self) -> u32 {
        self.polls
    }

    pub(crate) fn next_upload_cut(&mut self) -> Option<usize> {
        self.upload_cuts.pop_front()
    }

    pub(crate) fn pause(&self) -> Duration {
        self.pace
    }

    pub(crate) fn calls(&self) -> usize {
        self.calls
    }

    pub(crate) fn keep(&self) -> usize {
        self.keep
    }

    pub(crate) fn keeps_answers(&self) -> bool {
        self.keeps_answers
    }

    pub(crate) fn clock_handle(&self) -> VirtualClock {
        self.clock.clone()
    }
}

/// The script of a running server; clones change the same one.
#[derive(Clone, Debug)]
pub struct SharedScript(Arc<Mutex<Script>>);

impl SharedScript {
    pub(crate) fn new(script: Script) -> Self {
        Self(Arc::new(Mutex::new(script)))
    }

    /// Changes the script with the builder's own methods; the next request sees it. The clock and
    /// how many requests are kept stay as they were at the start.
    pub fn update(&self, change: impl FnOnce(Script) -> Script) {
        let mut script = self.lock();
        *script = change(script.clone());
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, Script> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sequence_comes_first_then_the_model_then_the_key() {
        let mut script = Script::new()
            .key("a", KeyPlan::Valid)
            .key_on_model("a", "m", KeyPlan::Leaked)
            .sequence("a", vec![KeyPlan::Expired]);
        assert_eq!(script.next_plan("a", Some("m")), KeyPlan::Expired);
        assert_eq!(script.next_plan("a", Some("m")), KeyPlan::Leaked);
        assert_eq!(script.next_plan("a", Some("n")), KeyPlan::Valid);
        assert_eq!(script.next_plan("b", None), KeyPlan::Invalid);
    }

    #[test]
    fn a_cycle_does_not_end_until_the_key_is_named_again() {
        let plans = vec![KeyPlan::Leaked, KeyPlan::Valid];
        let mut script = Script::new().cycle("a", plans);
        let next = |script: &mut Script| script.next_plan("a", None);
        for _ in 0..3 {
            assert_eq!((next(&mut script), next(&mut script)), (KeyPlan::Leaked, KeyPlan::Valid));
        }
        let mut script = script.key("a", KeyPlan::Expired);
        assert_eq!((next(&mut script), next(&mut script)), (KeyPlan::Expired, KeyPlan::Expired));
    }

    #[test]
    fn a_models_quota_goes_before_the_projects_and_that_before_the_standard() {
        let script = Script::new()
            .standard_quota(Quota::new().rpm(1))
            .quota("p", Quota::new().rpm(2))
            .model_quota("p", "m", Quota::new().rpm(3));
        assert_eq!(script.quota_for("p", "m"), Quota::new().rpm(3));
        assert_eq!(script.quota_for("p", "n"), Quota::new().rpm(2));
        assert_eq!(script.quota_for("q", "m"), Quota::new().rpm(1));
    }
}
