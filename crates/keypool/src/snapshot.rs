//! How the pool stands, for people and machines that look at it.

use std::sync::Arc;

use serde::Serialize;
use utoipa::ToSchema;

use crate::labels::labels;
use crate::{DeathReason, Domain, EgressId, FirstByte, KeyId, Platform, Timestamp, Window};

/// The whole pool at one moment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = Pool)]
pub struct Snapshot {
    /// In numbers.
    pub totals: Totals,
    /// Every key, in the order in which they are used.
    pub keys: Vec<KeySnapshot>,
}

/// The pool in numbers: keys by state, and attempts under way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct Totals {
    /// All keys.
    pub total: usize,
    /// Usable for every model.
    pub ready: usize,
    /// Usable, but out of quota for some model.
    pub cooling: usize,
    /// Enabled, but refused by Google for good.
    pub dead: usize,
    /// Disabled by a person.
    pub disabled: usize,
    /// Attempts that were granted and are not settled yet.
    pub in_flight: u64,
}

impl Totals {
    /// The keys of two pools together.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        Self {
            total: self.total + other.total,
            ready: self.ready + other.ready,
            cooling: self.cooling + other.cooling,
            dead: self.dead + other.dead,
            disabled: self.disabled + other.disabled,
            in_flight: self.in_flight + other.in_flight,
        }
    }
}

/// One key at one moment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct KeySnapshot {
    /// Its name in the system.
    pub id: KeyId,
    /// Which of Google's APIs it is for.
    pub platform: Platform,
    /// What people call it.
    pub name: Option<String>,
    /// The credential as it may be shown.
    #[schema(value_type = String)]
    pub mask: Arc<str>,
    /// Whose quota it uses.
    pub domain: Domain,
    /// Whether nobody has said that the keys of the domain are of one project, and it was found
    /// out from when they are refused.
    pub is_guess: bool,
    /// Its share of the traffic.
    pub weight: u32,
    /// Its tier.
    pub tier: u8,
    /// Its labels.
    pub tags: Vec<String>,
    /// The way out that it is bound to, if it is.
    #[serde(rename = "proxy", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub egress: Option<EgressId>,
    /// The job that added it, with others at once.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub batch: Option<Arc<str>>,
    /// How it stands.
    #[serde(flatten)]
    pub state: KeyState,
    /// What its project is out of.
    pub blocks: Vec<BlockSnapshot>,
    /// Where it is used only if there is no other key.
    pub avoided: Vec<AvoidedSnapshot>,
    /// Attempts under way with it.
    pub in_flight: u32,
    /// What it has done since the process started.
    pub counters: Counters,
    /// How its last failure since then is called, as in `quota_spent`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_error: Option<&'static str>,
    /// How fast its answers began.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first_byte: Option<FirstByte>,
}

/// How a key stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case", tag = "state")]
pub enum KeyState {
    /// Usable for every model.
    Ready,
    /// Usable, but out of quota for some model.
    Cooling,
    /// Refused by Google for good.
    Dead {
        /// What Google said.
        reason: DeathReason,
        /// When it said so first.
        since: Timestamp,
    },
    /// Disabled by a person.
    Disabled,
}

impl KeyState {
    /// The state in one word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ready => "ready",
            Self::Cooling => "cooling",
            Self::Dead { .. } => "dead",
            Self::Disabled => "disabled",
        }
    }
}

/// A quota that is spent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct BlockSnapshot {
    /// The model; empty for calls about no model; `None` for all models together.
    #[schema(value_type = Option<String>)]
    pub model: Option<Arc<str>>,
    /// When it is released.
    pub until: Timestamp,
    /// Which window.
    pub window: Window,
    /// Its size, if Google named it.
    pub limit: Option<u64>,
    /// Its name at Google, if given.
    #[schema(value_type = Option<String>)]
    pub quota_id: Option<Arc<str>>,
}

/// A key that is used only if there is no other.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct AvoidedSnapshot {
    /// The model; empty for calls about no model; `None` for all models together.
    #[schema(value_type = Option<String>)]
    pub model: Option<Arc<str>>,
    /// Until when.
    pub until: Timestamp,
    /// Why.
    pub why: AvoidedFor,
}

labels! {
    /// Why a key is avoided.
    pub enum AvoidedFor ("reason to avoid a key") {
        /// The model was short of capacity, or failed by itself.
        ModelBusy = "model_busy",
        /// The key was refused for a reason that is not its death.
        KeyRefused = "key_refused",
        /// Its connections broke too often in a row.
        LinkBroken = "link_broken",
        /// It did not begin to answer in time.
        Mute = "mute",
    }
}

/// What a key has done since the process started.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct Counters {
    /// Attempts that were answered with success, empty answers included.
    pub served: u64,
    /// Attempts that found a quota spent.
    pub quota_spent: u64,
    /// Attempts that failed otherwise, by no fault of the client.
    pub failed: u64,
    /// When it was last given to a request.
    pub last_used: Option<Timestamp>,
    /// When one of its attempts last failed, a spent quota included.
    pub last_failed: Option<Timestamp>,
}
