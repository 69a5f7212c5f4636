//! How many requests came in the last minute, without a lock.

use std::sync::atomic::{AtomicU64, Ordering};

use tokio::time::Instant;

const SECONDS: usize = 60;

/// The low bits count, the high ones tell which second is counted.
const COUNT_BITS: u32 = 32;

/// A cell for each second of the minute.
pub(crate) struct Pace {
    start: Instant,
    cells: [AtomicU64; SECONDS],
}

impl Pace {
    pub(crate) fn new(start: Instant) -> Self {
        Self { start, cells: std::array::from_fn(|_| AtomicU64::new(0)) }
    }

    /// One more request.
    pub(crate) fn count(&self, now: Instant) {
        let second = self.second(now);
        let Some(cell) = self.cells.get(second as usize % SECONDS) else { return };
        let one_more = |value: u64| {
            Some(if value >> COUNT_BITS == second { value + 1 } else { (second << COUNT_BITS) + 1 })
        };
        let _ = cell.fetch_update(Ordering::Relaxed, Ordering::Relaxed, one_more);
    }

    /// How many came in the sixty seconds that end with this one.
    pub(crate) fn last_minute(&self, now: Instant) -> u64 {
        let second = self.second(now);
        let values = self.cells.iter().map(|cell| cell.load(Ordering::Relaxed));
        values
            .filter(|value| second - (value >> COUNT_BITS).min(second) < SECONDS as u64)
            .map(|value| value & ((1 << COUNT_BITS) - 1))
            .sum()
    }

    fn second(&self, now: Instant) -> u64 {
        now.saturating_duration_since(self.start).as_secs()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_minute_slides() {
        let start = Instant::now();
        let pace = Pace::new(start);
        let at = |seconds| start + Duration::from_secs(seconds);
        assert_eq!(pace.last_minute(start), 0);
        pace.count(start);
        pace.count(at(1));
        pace.count(at(59));
        assert_eq!(pace.last_minute(at(59)), 3);
        assert_eq!(pace.last_minute(at(60)), 2);
        pace.count(at(61));
        assert_eq!(pace.last_minute(at(61)), 2);
        assert_eq!(pace.last_minute(at(200)), 0);
    }
}
