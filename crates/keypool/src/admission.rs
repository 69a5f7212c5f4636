//! The question put to the pool, and its answers.

use std::sync::Arc;

use secret::PoolKey;
use serde::Serialize;

use crate::labels::labels;
use crate::lane::Attempt;
use crate::roster::ProjectSlot;
use crate::{Bond, ChosenFor, EgressId, KeyId, Timestamp, Window};

/// A request that needs a key.
#[derive(Clone, Copy, Debug, Default)]
pub struct Ask<'a> {
    /// The model, as it stands in the upstream path without `models/`; `None` for calls that are
    /// about no model.
    pub model: Option<&'a str>,
    /// The keys that this request has already met, which it shall not meet again.
    pub tried: &'a [Tried],
    /// How many input tokens the request will probably use; 0 for unknown.
    pub tokens: u64,
    /// Labels of which a key must have at least one; any key will do if there are none.
    pub tags: &'a [String],
    /// Stands for how the prompt begins: requests with the same are sent to the same project while
    /// it has headroom, since Google may still have that beginning in its cache.
    pub prefix: Option<u64>,
    /// Only these keys can serve, where the request needs what exists in one project alone.
    pub bond: Option<&'a Bond>,
}

impl<'a> Ask<'a> {
    /// A first attempt, of which nothing but the model is known.
    pub fn new(model: Option<&'a str>) -> Self {
        Self { model, ..Self::default() }
    }
}

/// A key that a request has already met.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tried {
    /// Which.
    pub key: KeyId,
    /// Whether other keys of its project are to be used only if there is nothing else: so after
    /// a spent quota, which its siblings share.
    pub avoid_project: bool,
}

/// The pool's answer.
#[derive(Debug)]
#[must_use]
pub enum Admission {
    /// Go ahead with this key.
    Granted(Lease),
    /// Every key that could serve is out of quota for this model, or too full for this request,
    /// for a time that is known.
    Wait {
        /// The nearest release: the earliest moment at which this request is granted if nothing
        /// else happens. A key that was tried counts too once its block is over, so ask again
        /// with an empty `tried` after having waited.
        until: Timestamp,
        /// The quota that is released then.
        cause: WaitCause,
        /// How the pool stands for this model.
        census: Census,
    },
    /// Waiting does not help.
    Refused {
        /// Why.
        why: Refusal,
        /// How the pool stands for this model.
        census: Census,
    },
}

/// What a request was given: a key for one attempt.
#[derive(Debug)]
#[must_use]
pub struct Lease {
    /// Gives the outcome back to the pool, exactly once.
    pub ticket: Ticket,
    /// Which key.
    pub key: Arc<Credential>,
    /// Why this one.
    pub chosen_for: ChosenFor,
}

/// A key as those see it who use it: one piece of memory, for every request is handed one.
#[derive(Debug)]
pub struct Credential {
    /// Its name in the system.
    pub id: KeyId,
    /// What Google wants to see.
    pub secret: Arc<PoolKey>,
    /// The same as it may be shown.
    pub mask: Arc<str>,
    /// The way out that it is bound to.
    pub egress: Option<EgressId>,
}

/// The obligation to tell the pool how an attempt ended: [`Pool::settle`](crate::Pool::settle)
/// takes it, and it cannot be copied. Whoever holds it settles it also when the request is
/// dropped, as [`Outcome::Cancelled`](crate::Outcome::Cancelled).
#[derive(Debug)]
#[must_use]
pub struct Ticket {
    /// Where the key stands in the roster.
    pub(crate) slot: u32,
    /// Which key and secret stood there when the ticket was made; others may have come since.
    pub(crate) generation: u32,
    /// Tickets are numbered in the order they are made.
    pub(crate) serial: u64,
    /// The model, empty for none.
    pub(crate) model: Arc<str>,
    /// Whose quota the attempt uses.
    pub(crate) project: ProjectSlot,
    /// Which project stood there when the ticket was made.
    pub(crate) project_generation: u32,
    /// What was counted for the attempt.
    pub(crate) attempt: Attempt,
    /// When the answer began, if that was told.
    pub(crate) answered: Option<Timestamp>,
}

labels! {
    /// What a request waits for.
    pub enum WaitFor ("reason to wait") {
        /// A quota that is used up.
        Quota = "quota",
        /// A model that fails for everybody.
        Model = "model",
        /// Google as a whole, or the way to it.
        Google = "google",
    }
}

/// What a request waits for, and the quota, if it is one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct WaitCause {
    /// What it is.
    pub what: WaitFor,
    /// The quota's window.
    pub window: Window,
    /// Its size, if Google named it.
    pub limit: Option<u64>,
    /// Its name at Google, if given.
    pub quota_id: Option<Arc<str>>,
}

impl WaitCause {
    /// Something that fails for everybody.
    pub(crate) const fn outage(what: WaitFor) -> Self {
        Self { what, window: Window::Unknown, limit: None, quota_id: None }
    }
}

/// Why no key can serve, now or later.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Refusal {
    /// The pool is empty.
    NoKeys,
    /// No key has any of the labels asked for.
    NoneTagged,
    /// What the request needs is out of reach: the keys of its project are gone, dead or disabled.
    BondBroken,
    /// Every key was disabled by a person.
    AllDisabled,
    /// Every enabled key is dead.
    AllDead,
    /// The request has tried every key, and none of them is waiting for a quota.
    AllTried,
}

/// How the keys of the pool stand for one model, in numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Census {
    /// All keys.
    pub total: usize,
    /// Disabled by a person, dead or not.
    pub disabled: usize,
    /// Enabled, and dead.
    pub dead: usize,
    /// Usable, but out of quota for this model.
    pub blocked: usize,
    /// Usable for this model right now, tried ones included.
    pub ready: usize,
}

impl Census {
    /// The keys of two pools.
    pub fn plus(self, other: Self) -> Self {
        Self {
            total: self.total + other.total,
            disabled: self.disabled + other.disabled,
            dead: self.dead + other.dead,
            blocked: self.blocked + other.blocked,
            ready: self.ready + other.ready,
        }
    }
}
