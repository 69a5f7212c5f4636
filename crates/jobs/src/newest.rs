//! How far what was learned has come, in the store.

use std::sync::atomic::{AtomicI64, Ordering};

/// The number of the newest change of what pools have learned, as far as it was heard of: one job
/// hears of it, another takes it up.
#[derive(Debug, Default)]
pub struct NewestLesson(AtomicI64);

impl NewestLesson {
    /// Notes a number; whether it was not known yet.
    pub(crate) fn note(&self, number: i64) -> bool {
        self.0.fetch_max(number, Ordering::Relaxed) < number
    }

    pub(crate) fn number(&self) -> i64 {
        self.0.load(Ordering::Relaxed)
    }
}
