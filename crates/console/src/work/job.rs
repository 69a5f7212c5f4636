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
    pub(crate) total: usize,
    pub(crate) started_at: Timestamp,
    /// Cancelled when it shall end early.
    pub(crate) cancel: CancellationToken,
    finished_at: OnceLock<Timestamp>,
    /// Cancelled when it has ended.
    ended: CancellationToken,
    counts: [AtomicUsize; 3],
    done: Mutex<Vec<Done>>,
    /// Keys that were removed, for undoing it.
    removed: Mutex<Vec<StoredKey>>,
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
        let job = Arc::new(Job {
            id: Uuid::now_v7().to_string(),
            action,
            actor: actor.to_owned(),
            total,
            started_at: relay::now(),
            cancel: CancellationToken::new(),
            finished_at: OnceLock::new(),
            ended: CancellationToken::new(),
            counts: Default::default(),
            done: Mutex::default(),
            removed: Mutex::default(),
        });
        let mut jobs = lock(&self.0);
        jobs.push_front(Arc::clone(&job));
        jobs.truncate(KEPT);
        job
    }

    pub(crate) fn find(&self, id: &str) -> Option<Arc<Job>> {
        lock(&self.0).iter().find(|job| job.id == id).cloned()
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

    /// Remembers a key that is being removed.
    pub(super) fn remember(&self, key: StoredKey) {
        lock(&self.removed).push(key);
    }

    /// The keys that were removed; they are handed out once.
    pub(crate) fn take_removed(&self) -> Vec<StoredKey> {
        std::mem::take(&mut lock(&self.removed))
    }

    pub(crate) fn can_be_undone(&self) -> bool {
        self.is_finished() && !lock(&self.removed).is_empty()
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
