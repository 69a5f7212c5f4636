//! What is known of one cell (project × model): that its quota is spent, and until when.

use std::sync::Arc;
use std::time::Duration;

use crate::{Policy, QuotaSpent, Timestamp, WaitCause, WaitFor, Window, next_pacific_midnight};

/// No block is longer than the longest day there is in Los Angeles: whatever a longer one was
/// founded on, asking once a day whether it still holds is cheap.
pub(crate) const LONGEST: Duration = Duration::from_hours(25);

/// How long a model that the project is not offered is left alone.
const NOT_OFFERED: Duration = Duration::from_hours(24);

/// A spent quota.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Block {
    pub(crate) until: Timestamp,
    pub(crate) window: Window,
    pub(crate) limit: Option<u64>,
    pub(crate) quota_id: Option<Arc<str>>,
}

impl Block {
    /// The block that an answer founds. `consecutive` is how many answers in a row, this one
    /// included, have not said how long; it counts only if this one does not say either.
    pub(crate) fn founded_on(
        spent: &QuotaSpent,
        policy: &Policy,
        consecutive: u32,
        now: Timestamp,
    ) -> Self {
        let until = match named(spent, now) {
            Some(until) => until.min(now + LONGEST),
            None if spent.window.is_daily() => next_pacific_midnight(now),
            None if spent.window == Window::NotOffered => now + NOT_OFFERED,
            None => now + policy.unknown_quota.after(consecutive),
        };
        let quota_id = spent.quota_id.as_deref().map(Into::into);
        Self { until, window: spent.window, limit: spent.limit, quota_id }
    }
}

/// When the answer says that the quota is released. A time that is over says nothing: believing
/// it would mean to ask again at once, for ever.
pub(crate) fn named(spent: &QuotaSpent, now: Timestamp) -> Option<Timestamp> {
    spent.until.filter(|until| *until > now)
}

impl From<&Block> for WaitCause {
    fn from(block: &Block) -> Self {
        Self {
            what: WaitFor::Quota,
            window: block.window,
            limit: block.limit,
            quota_id: block.quota_id.clone(),
        }
    }
}
