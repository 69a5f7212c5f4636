//! How often a decision of the pool may be explained in full, which means to look at every key.

use std::time::{Duration, Instant};

/// Explanations take at most one in so many parts of the time.
const SHARE: i64 = 500;

/// Unused time is saved up to this, in nanoseconds.
const MOST: i64 = 20_000_000;

/// The time that explanations may take. At the pace of people every request is explained, under
/// heavy load one now and then.
#[derive(Debug)]
pub(crate) struct Allowance {
    /// What is left, in nanoseconds; below zero after an explanation that took longer.
    left: i64,
    filled: Instant,
}

impl Allowance {
    pub(crate) fn new(now: Instant) -> Self {
        Self { left: MOST, filled: now }
    }

    /// Whether there is time for an explanation.
    pub(crate) fn allows(&mut self, now: Instant) -> bool {
        let gained = nanos(now.saturating_duration_since(self.filled)) / SHARE;
        self.left = MOST.min(self.left.saturating_add(gained));
        // What is too little to count is kept for the next time.
        if gained > 0 {
            self.filled = now;
        }
        self.left > 0
    }

    /// An explanation took so long.
    pub(crate) fn spend(&mut self, took: Duration) {
        self.left = self.left.saturating_sub(nanos(took));
    }
}

fn nanos(duration: Duration) -> i64 {
    i64::try_from(duration.as_nanos()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_is_explained_until_it_takes_too_much_time() {
        let start = Instant::now();
        let took = Duration::from_micros(10);
        let explained = |every: Duration, requests: u32| {
            let mut allowance = Allowance::new(start);
            let mut explained = 0;
            for request in 0..requests {
                let now = start + every * request;
                if allowance.allows(now) {
                    explained += 1;
                    allowance.spend(took);
                }
            }
            explained
        };
        assert_eq!(explained(Duration::from_millis(10), 10_000), 10_000);
        let many = explained(Duration::from_micros(100), 1_000_000);
        // 100 s give 200 ms, and 20 ms were saved.
        assert!((21_900..22_100).contains(&many), "{many}");
    }

    #[test]
    fn one_that_takes_long_is_paid_for_afterwards() {
        let start = Instant::now();
        let mut allowance = Allowance::new(start);
        assert!(allowance.allows(start));
        allowance.spend(Duration::from_millis(30));
        assert!(!allowance.allows(start + Duration::from_secs(4)));
        assert!(allowance.allows(start + Duration::from_secs(6)));
    }
}
