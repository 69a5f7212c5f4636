//! A key of the pool, as the administrator configured it and as it stands.

use std::borrow::Borrow;
use std::fmt;
use std::sync::Arc;

use secret::PoolKey;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{DeathReason, EgressId, Platform, Timestamp};

/// The name of a key inside the system: the text of a UUID that the store has given it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[schema(value_type = String)]
#[serde(transparent)]
pub struct KeyId(Arc<str>);

impl KeyId {
    /// Takes the text as it is.
    pub fn new(text: impl Into<Arc<str>>) -> Self {
        Self(text.into())
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<&str> for KeyId {
    fn from(text: &str) -> Self {
        Self::new(text)
    }
}

impl From<String> for KeyId {
    fn from(text: String) -> Self {
        Self::new(text)
    }
}

impl Borrow<str> for KeyId {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl AsRef<str> for KeyId {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for KeyId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// A key as the administrator wants it.
#[derive(Clone, Debug)]
pub struct KeySpec {
    /// Its name in the system.
    pub id: KeyId,
    /// The credential itself.
    pub secret: Arc<PoolKey>,
    /// Which of Google's APIs takes it. It never changes.
    pub platform: Platform,
    /// What people call it.
    pub name: Option<String>,
    /// The Google project it belongs to, if that is known. Keys of the same project share quotas;
    /// a key without one is a project of its own.
    pub project: Option<String>,
    /// Whether it may serve at all.
    pub enabled: bool,
    /// Its share of the traffic against others of the same tier; of a project of several keys, the
    /// highest counts. 0 for none while there is another.
    pub weight: u32,
    /// Keys of a lower tier go first; those of a higher one are touched only while all lower ones
    /// are blocked or avoided.
    pub tier: u8,
    /// Labels that clients may be restricted to.
    pub tags: Vec<String>,
    /// The way out that it takes before all others, if an administrator has bound it to one.
    pub egress: Option<EgressId>,
    /// What it was added with, if that is known.
    pub batch: Option<Arc<str>>,
}

impl KeySpec {
    /// An enabled key for the Gemini API, of no known project, with the weight 1 and the tier 0.
    pub fn new(id: impl Into<KeyId>, secret: Arc<PoolKey>) -> Self {
        Self {
            id: id.into(),
            secret,
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
}

/// Whether Google still accepts a key, as far as the pool has learned.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "health")]
pub enum Health {
    /// Nothing speaks against it.
    #[default]
    Alive,
    /// It was refused for good.
    Dead {
        /// What Google said.
        reason: DeathReason,
        /// When it said so first.
        since: Timestamp,
    },
}

impl Health {
    /// Whether the key was refused for good.
    pub const fn is_dead(self) -> bool {
        matches!(self, Self::Dead { .. })
    }
}
