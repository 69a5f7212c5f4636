use std::collections::VecDeque;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use keypool::Timestamp;
use store::StoredKey;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

/// So many jobs are remembered.
const KEPT: usize = 20;

/// For so many milliseconds a job that has ended is told of on every page.
const LATELY: i64 = 20_000;

/// The jobs of this process, the newest first.
#[derive(Debug, Default)]
pub(crate) struct Jobs(Mutex<VecDeque<Arc<Job>>>);

/// Work over many things.
#[derive(Debug)]
pub(crate) struct Job {
    pub(crate) id: String,
    /// What is done, such as `verify`.
    pub(crate) action: &'static str,
    /// Who wants it.
    pub(crate) actor: String,
    /// What it is done for, such as a model; nothing where the action says it all.
    pub(crate) about: String,
    pub(crate) total: usize,
    pub(crate) started_at: Timestamp,
    /// Cancelled when it shall end early.
    pub(crate) cancel: CancellationToken,
    finished_at: OnceLock<Timestamp>,
    /// Cancelled when it has ended.
    ended: CancellationToken,
    counts: [AtomicUsize; 3],
    done: Mutex<Vec<Done>>,
    /// Keys as they were before they were changed, for undoing it.
    before: Mutex<Vec<StoredKey>>,
}

/// What work is done to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Subject {
    Keys,
    Files,
    Proxies,
    Requests,
}

/// What became of one thing.
#[derive(Debug, Clone)]
pub(crate) struct Done {
    pub(crate) id: String,
    /// As people may see it.
    pub(crate) mask: String,
    pub(crate) outcome: Outcome,
    /// The kind of failure, to filter by.
    pub(crate) code: &'static str,
    pub(crate) message: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    Ok,
    Failed,
    Skipped,
}

impl Jobs {
    /// A new job, which begins now.
    pub(crate) fn begin(&self, action: &'static str, actor: &str, total: usize) -> Arc<Job> {
        self.begin_about(action, "", actor, total)
    }

    /// The same for work that is about something.
    pub(crate) fn begin_about(
        &self,
        action: &'static str,
        about: &str,
        actor: &str,
        total: usize,
    ) -> Arc<Job> {
        let job = Arc::new(Job {
            id: Uuid::now_v7().to_string(),
            action,
            actor: actor.to_owned(),
            about: about.to_owned(),
            total,
            started_at: relay::now(),
            cancel: CancellationToken::new(),
            finished_at: OnceLock::new(),
            ended: CancellationToken::new(),
            counts: Default::default(),
            done: Mutex::default(),
            before: Mutex::default(),
        });
        let mut jobs = lock(&self.0);
        jobs.push_front(Arc::clone(&job));
        jobs.truncate(KEPT);
        job
    }

    pub(crate) fn find(&self, id: &str) -> Option<Arc<Job>> {
        lock(&self.0).iter().find(|job| job.id == id).cloned()
    }

    /// The newest of this kind that is about this.
    pub(crate) fn newest(&self, action: &str, about: &str) -> Option<Arc<Job>> {
        let jobs = lock(&self.0);
        jobs.iter().find(|job| job.action == action && job.about == about).cloned()
    }

    /// Those that go on, and those that ended some seconds ago.
    pub(crate) fn of_late(&self, now: Timestamp) -> Vec<Arc<Job>> {
        let is_of_late = |job: &&Arc<Job>| {
            job.finished_at.get().is_none_or(|at| now.millis() - at.millis() < LATELY)
        };
        lock(&self.0).iter().filter(is_of_late).cloned().collect()
    }

    /// All that are remembered, the newest first.
    pub(crate) fn all(&self) -> Vec<Arc<Job>> {
        lock(&self.0).iter().cloned().collect()
    }
}

impl Job {
    pub(crate) fn subject(&self) -> Subject {
        match self.action {
            "delete_files" | "forget_files" => Subject::Files,
            "test_proxies" => Subject::Proxies,
            "delete_requests" => Subject::Requests,
            _ => Subject::Keys,
        }
    }

    /// One more thing is done.
    pub(crate) fn add(&self, done: Done) {
        self.counts[done.outcome as usize].fetch_add(1, Ordering::Relaxed);
        lock(&self.done).push(done);
    }

    pub(crate) fn finish(&self) {
        // The first end counts.
        let _ = self.finished_at.set(relay::now());
        self.ended.cancel();
    }

    /// Waits until it has ended.
    pub(crate) async fn end(&self) {
        self.ended.cancelled().await;
    }

    pub(crate) fn is_finished(&self) -> bool {
        self.finished_at.get().is_some()
    }

    /// Stopped before everything was done.
    pub(crate) fn is_cancelled(&self) -> bool {
        self.is_finished() && self.done() < self.total
    }

    /// How many are done in a second on average, up to now or to its end.
    pub(crate) fn pace(&self, now: Timestamp) -> f64 {
        let until = self.finished_at.get().copied().unwrap_or(now);
        let millis = (until.millis() - self.started_at.millis()).max(1);
        let pace = self.done() as f64 * 1000.0 / millis as f64;
        (pace * 10.0).round() / 10.0
    }

    /// In how many seconds it ends at the pace so far; nothing before anything is done.
    pub(crate) fn left(&self, now: Timestamp) -> Option<u64> {
        let done = self.done();
        let took = u64::try_from(now.millis() - self.started_at.millis()).unwrap_or_default();
        let rest = self.total.saturating_sub(done) as u64;
        let left = (took * rest).checked_div(done as u64).map(|millis| millis.div_ceil(1000));
        left.filter(|_| !self.is_finished())
    }

    pub(crate) fn count(&self, outcome: Outcome) -> usize {
        self.counts[outcome as usize].load(Ordering::Relaxed)
    }

    pub(crate) fn ok(&self) -> usize {
        self.count(Outcome::Ok)
    }

    pub(crate) fn failed(&self) -> usize {
        self.count(Outcome::Failed)
    }

    pub(crate) fn skipped(&self) -> usize {
        self.count(Outcome::Skipped)
    }

    pub(crate) fn done(&self) -> usize {
        self.ok() + self.failed() + self.skipped()
    }

    /// What became of those with this code; without one, of all.
    pub(crate) fn results(&self, code: &str) -> Vec<Done> {
        let done = lock(&self.done);
        done.iter().filter(|done| code.is_empty() || done.code == code).cloned().collect()
    }

    /// The codes that occur, with how often.
    pub(crate) fn codes(&self) -> Vec<(&'static str, usize)> {
        let mut codes: Vec<(&'static str, usize)> = Vec::new();
        for done in lock(&self.done).iter() {
            match codes.iter_mut().find(|(code, _)| *code == done.code) {
                Some((_, count)) => *count += 1,
                None => codes.push((done.code, 1)),
            }
        }
        codes
    }

    /// Remembers a key that is being changed.
    pub(super) fn remember(&self, key: StoredKey) {
        lock(&self.before).push(key);
    }

    /// The keys as they were before; they are handed out once.
    pub(super) fn take_before(&self) -> Vec<StoredKey> {
        std::mem::take(&mut lock(&self.before))
    }

    pub(crate) fn can_be_undone(&self) -> bool {
        self.is_finished() && !lock(&self.before).is_empty()
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
