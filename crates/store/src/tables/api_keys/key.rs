use std::sync::Arc;

use keypool::{EgressId, KeyId, KeySpec, Platform, Timestamp};
use secret::PoolKey;

use crate::Source;

/// A key that is to be stored.
#[derive(Debug, Clone)]
pub struct NewKey {
    /// The credential itself.
    pub secret: Arc<PoolKey>,
    /// Which of Google's APIs it is for. The same credential may be stored once for each.
    pub platform: Platform,
    /// What people call it; at most 190 characters.
    pub name: Option<String>,
    /// The Google project it belongs to, if known; at most 150 characters.
    pub project: Option<String>,
    /// Whether it may serve.
    pub enabled: bool,
    /// Its share of the traffic; at most 1000.
    pub weight: u32,
    /// Lower tiers are used first.
    pub tier: u8,
    /// Labels; at most 32, each of letters, digits and `-_.:/@`.
    pub tags: Vec<String>,
    /// The way out that it is bound to.
    pub egress: Option<EgressId>,
    /// What it is added with, such as a job.
    pub batch: Option<String>,
}

impl NewKey {
    /// An enabled key for the Gemini API without a name, of no known project, with weight 1 and tier 0.
    pub fn new(secret: impl Into<Arc<PoolKey>>) -> Self {
        Self {
            secret: secret.into(),
            platform: Platform::default(),
            name: None,
            project: None,
            enabled: true,
            weight: 1,
            tier: 0,
            tags: Vec::new(),
            egress: None,
            batch: None,
        }
    }

    /// The same for this API.
    #[must_use]
    pub fn of(self, platform: Platform) -> Self {
        Self { platform, ..self }
    }
}

/// A key as it is stored.
#[derive(Debug, Clone)]
pub struct StoredKey {
    /// Its name in the system.
    pub id: KeyId,
    /// The credential; `None` if its row does not open under the master key (damaged, or moved
    /// there from another row). Such a key cannot serve, and can only be removed.
    pub secret: Option<Arc<PoolKey>>,
    /// Which of Google's APIs it is for.
    pub platform: Platform,
    /// The key as people may see it.
    pub mask: String,
    /// What people call it.
    pub name: Option<String>,
    /// The Google project it belongs to, if known.
    pub project: Option<String>,
    /// Whether it may serve.
    pub enabled: bool,
    /// Its share of the traffic.
    pub weight: u32,
    /// Lower tiers are used first.
    pub tier: u8,
    /// Labels.
    pub tags: Vec<String>,
    /// The way out that it is bound to.
    pub egress: Option<EgressId>,
    /// What it was added with.
    pub batch: Option<String>,
    /// How it came here.
    pub source: Source,
    /// When a person last declared it alive again ([`crate::Store::revive_key`]): a running pool that
    /// thinks it dead since an earlier moment must revive it.
    pub revived_at: Option<Timestamp>,
    /// What people wrote down about it.
    pub note: Option<String>,
    /// When it was added.
    pub created_at: Timestamp,
    /// When a person last changed it.
    pub updated_at: Timestamp,
}

impl StoredKey {
    /// The key as the pool wants it; `None` if its secret does not open.
    pub fn spec(&self) -> Option<KeySpec> {
        Some(KeySpec {
            id: self.id.clone(),
            secret: Arc::clone(self.secret.as_ref()?),
            platform: self.platform,
            name: self.name.clone(),
            project: self.project.clone(),
            enabled: self.enabled,
            weight: self.weight,
            tier: self.tier,
            tags: self.tags.clone(),
            egress: self.egress,
            batch: self.batch.as_deref().map(Into::into),
        })
    }
}

/// What became of a key that was to be added.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AddKey {
    /// It is new, and has this id.
    Added(KeyId),
    /// It was there before, and is unchanged.
    Exists(KeyId),
}

/// What became of keys that were imported.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ImportedKeys {
    /// New ones.
    pub added: u64,
    /// Those that were there before, or twice in the list.
    pub existing: u64,
    /// Those that an administrator removed earlier, and which therefore stay out.
    pub removed: u64,
}

/// What is to be changed of a key; `None` leaves a field as it is.
#[derive(Debug, Clone, Default)]
pub struct KeyUpdate {
    /// The new name; `Some(None)` takes it away.
    pub name: Option<Option<String>>,
    /// The new project; `Some(None)`: unknown.
    pub project: Option<Option<String>>,
    /// The new share of the traffic.
    pub weight: Option<u32>,
    /// The new tier.
    pub tier: Option<u8>,
    /// The new labels, all of them.
    pub tags: Option<Vec<String>>,
    /// The new note; `Some(None)` takes it away.
    pub note: Option<Option<String>>,
    /// The way out that it is bound to from now on; `Some(None)`: none.
    pub egress: Option<Option<EgressId>>,
}
