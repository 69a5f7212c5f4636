//! What the pool has learned, in the form in which it is stored and shared.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::block::Block;
use crate::limits::Known;
use crate::{Domain, Health, KeyId, Timestamp, Window};

/// One thing that the pool has learned and that has to outlive the process.
///
/// Each entry replaces what was stored before under the same [`Subject`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum Learned {
    /// Whether a key is alive. Alive is what is assumed of a key of which nothing is stored.
    Key(LearnedKey),
    /// A project is out of quota.
    Cell(LearnedCell),
    /// A project's block is over: whatever is stored under this subject can be deleted.
    CellOver(CellName),
    /// How much of a window a project may use of a model, in Google's words.
    Limit(LearnedLimit),
    /// What one process has used of a project and model. Handed out by
    /// [`Pool::take_usage`](crate::Pool::take_usage) only.
    Usage(LearnedUsage),
}

/// What has been learned of a key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LearnedKey {
    /// Which.
    pub id: KeyId,
    /// Whether Google still accepts it.
    #[serde(flatten)]
    pub health: Health,
}

/// A project that is out of quota, for a model or for all.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LearnedCell {
    /// Which.
    #[serde(flatten)]
    pub name: CellName,
    /// When the quota is released.
    pub until: Timestamp,
    /// Which window is spent.
    pub window: Window,
    /// Its size, if Google named it.
    pub limit: Option<u64>,
    /// Its name at Google, if given.
    pub quota_id: Option<Arc<str>>,
}

/// The size of a quota.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LearnedLimit {
    /// Whose, for which model.
    #[serde(flatten)]
    pub name: CellName,
    /// Which window.
    pub window: Window,
    /// Requests or tokens, as the window counts.
    pub limit: u64,
    /// When Google last refused something because of it.
    pub met: Timestamp,
}

/// The name of a process among those that share what they learn: another one after each start, so
/// that nobody has to give names, and what it used before its restart is what another has used.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ReplicaId(Arc<str>);

impl ReplicaId {
    /// Takes the text as it is.
    pub fn new(text: impl Into<Arc<str>>) -> Self {
        Self(text.into())
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What one process has used of a quota. After `day_ends`, and a minute after `at`, it is of no meaning.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LearnedUsage {
    /// Who has used it.
    pub by: ReplicaId,
    /// Whose, of which model.
    #[serde(flatten)]
    pub name: CellName,
    /// When the day ends that `day` is about.
    pub day_ends: Timestamp,
    /// Since midnight Pacific.
    pub day: Used,
    /// In the minute before `at`.
    pub minute: Used,
    /// When it was used last.
    pub at: Timestamp,
}

/// Requests, and their input tokens.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Used {
    /// Requests that Google has counted, or will.
    pub requests: u64,
    /// Input tokens, estimated for requests that are under way.
    pub tokens: u64,
}

/// The name of a cell: whose quota, for what.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct CellName {
    /// The project, or the key that stands for one.
    pub domain: Domain,
    /// The model; empty for calls about no model; `None` for all models together.
    pub model: Option<Arc<str>>,
}

/// What a [`Learned`] entry is about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Subject {
    /// A key's health.
    Key(KeyId),
    /// A cell's block.
    Cell(CellName),
    /// A cell's limit.
    Limit(CellName, Window),
    /// What a process has used of a cell.
    Usage(CellName, ReplicaId),
}

impl Learned {
    /// What this is about.
    pub fn subject(&self) -> Subject {
        match self {
            Self::Key(key) => Subject::Key(key.id.clone()),
            Self::Cell(cell) => Subject::Cell(cell.name.clone()),
            Self::CellOver(name) => Subject::Cell(name.clone()),
            Self::Limit(limit) => Subject::Limit(limit.name.clone(), limit.window),
            Self::Usage(usage) => Subject::Usage(usage.name.clone(), usage.by.clone()),
        }
    }
}

/// What was learned and not yet handed out: of each subject the latest only.
#[derive(Debug, Default)]
pub(crate) struct Journal {
    entries: BTreeMap<Subject, Learned>,
}

impl Journal {
    pub(crate) fn note(&mut self, learned: Learned) {
        self.entries.insert(learned.subject(), learned);
    }

    /// Drops what was not handed out yet about a key that is gone.
    pub(crate) fn forget_key(&mut self, id: &KeyId) {
        self.entries.remove(&Subject::Key(id.clone()));
    }

    pub(crate) fn note_health(&mut self, id: &KeyId, health: Health) {
        self.note(Learned::Key(LearnedKey { id: id.clone(), health }));
    }

    pub(crate) fn note_block(&mut self, name: CellName, block: &Block) {
        self.note(Learned::Cell(LearnedCell {
            name,
            until: block.until,
            window: block.window,
            limit: block.limit,
            quota_id: block.quota_id.clone(),
        }));
    }

    pub(crate) fn note_limit(&mut self, name: CellName, window: Window, known: Known) {
        let Known { value: limit, met, .. } = known;
        self.note(Learned::Limit(LearnedLimit { name, window, limit, met }));
    }

    /// Whether something about a subject was not handed out yet.
    pub(crate) fn has(&self, subject: &Subject) -> bool {
        self.entries.contains_key(subject)
    }

    /// Hands out everything, in the order of the subjects.
    pub(crate) fn take(&mut self) -> Vec<Learned> {
        std::mem::take(&mut self.entries).into_values().collect()
    }
}
