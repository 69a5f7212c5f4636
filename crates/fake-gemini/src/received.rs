//! What arrived, and what became of it.

use std::collections::{BTreeMap, VecDeque};
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use http::HeaderMap;

/// One request as it arrived.
#[derive(Clone, Debug)]
pub struct Received {
    /// When its body was read, in milliseconds since the epoch by the virtual clock.
    pub at: i64,
    /// `GET`, `POST` …
    pub method: String,
    /// The path without the query, not decoded.
    pub path: String,
    /// The query without the question mark, not decoded.
    pub query: Option<String>,
    /// The API key that it carried, wherever it carried it.
    pub key: Option<String>,
    /// The model that the path names, without `models/`.
    pub model: Option<String>,
    /// The method after the colon (`generateContent`), `models.list`, `models.get`, or empty.
    pub operation: String,
    /// All headers.
    pub headers: HeaderMap,
    /// The whole body.
    pub body: Bytes,
    /// The status it was answered with; none while it waits, and where no HTTP was answered.
    pub status: Option<u16>,
    /// What was sent in answer, as far as it went out: with `Script::keep_answers` only.
    pub answer: Vec<u8>,
}

/// The journal of one server.
#[derive(Debug)]
pub(crate) struct Journal {
    keep: usize,
    keeps_answers: bool,
    entries: Mutex<Entries>,
    open: AtomicUsize,
    cancelled: AtomicU64,
}

#[derive(Debug, Default)]
struct Entries {
    kept: VecDeque<Received>,
    /// The number of the first kept entry.
    first: u64,
    by_key: BTreeMap<String, u64>,
    by_key_and_model: BTreeMap<(String, String), u64>,
}

impl Journal {
    pub(crate) fn new(keep: usize, keeps_answers: bool) -> Arc<Self> {
        Arc::new(Self {
            keep,
            keeps_answers,
            entries: Mutex::default(),
            open: AtomicUsize::new(0),
            cancelled: AtomicU64::new(0),
        })
    }

    /// Writes a request down; the guard follows it to its end.
    pub(crate) fn arrive(self: &Arc<Self>, received: Received) -> InProgress {
        let mut entries = self.entries();
        if let Some(key) = &received.key {
            *entries.by_key.entry(key.clone()).or_default() += 1;
            if let Some(model) = &received.model {
                let pair = (key.clone(), model.clone());
                *entries.by_key_and_model.entry(pair).or_default() += 1;
            }
        }
        let number = entries.first + entries.kept.len() as u64;
        entries.kept.push_back(received);
        while entries.kept.len() > self.keep {
            entries.kept.pop_front();
            entries.first += 1;
        }
        self.open.fetch_add(1, Ordering::Relaxed);
        InProgress { journal: Arc::clone(self), number, finished: AtomicBool::new(false) }
    }

    pub(crate) fn received(&self) -> Vec<Received> {
        self.entries().kept.iter().cloned().collect()
    }

    pub(crate) fn calls_by_key(&self) -> BTreeMap<String, u64> {
        self.entries().by_key.clone()
    }

    pub(crate) fn calls_by_key_and_model(&self) -> BTreeMap<(String, String), u64> {
        self.entries().by_key_and_model.clone()
    }

    pub(crate) fn forget(&self) {
        let mut entries = self.entries();
        let next = entries.first + entries.kept.len() as u64;
        *entries = Entries { first: next, ..Entries::default() };
    }

    pub(crate) fn open(&self) -> usize {
        self.open.load(Ordering::Relaxed)
    }

    pub(crate) fn cancelled(&self) -> u64 {
        self.cancelled.load(Ordering::Relaxed)
    }

    fn entries(&self) -> MutexGuard<'_, Entries> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A request that is being answered. Dropped before [`InProgress::finish`]: the client left.
#[derive(Debug)]
pub(crate) struct InProgress {
    journal: Arc<Journal>,
    number: u64,
    finished: AtomicBool,
}

impl InProgress {
    pub(crate) fn status(&self, status: u16) {
        self.note(|entry| entry.status = Some(status));
    }

    /// These bytes go out.
    pub(crate) fn sends(&self, bytes: &[u8]) {
        if self.journal.keeps_answers {
            self.note(|entry| entry.answer.extend_from_slice(bytes));
        }
    }

    fn note(&self, change: impl FnOnce(&mut Received)) {
        let mut entries = self.journal.entries();
        let Some(index) = self.number.checked_sub(entries.first) else { return };
        if let Some(entry) = usize::try_from(index).ok().and_then(|at| entries.kept.get_mut(at)) {
            change(entry);
        }
    }

    pub(crate) fn finish(&self) {
        self.finished.store(true, Ordering::Relaxed);
    }
}

impl Drop for InProgress {
    fn drop(&mut self) {
        if !*self.finished.get_mut() {
            self.journal.cancelled.fetch_add(1, Ordering::Relaxed);
        }
        self.journal.open.fetch_sub(1, Ordering::Relaxed);
    }
}
