//! How much of the load may be retries: a share of the requests, and a floor for quiet times
//! (Finagle's retry budget). It keeps an outage of Google from being multiplied by us.

use std::time::Duration;

use tokio::time::Instant;

/// Unused allowance is kept for this long.
const WINDOW: Duration = Duration::from_secs(10);

/// A bucket that requests fill and retries empty.
#[derive(Debug)]
pub(crate) struct RetryBudget {
    share: f64,
    floor_per_second: f64,
    tokens: f64,
    filled_at: Instant,
}

impl RetryBudget {
    /// `percent` of the requests may be retried, and `floor` retries a second in any case.
    pub(crate) fn new(percent: u32, floor: u32, now: Instant) -> Self {
        let floor_per_second = f64::from(floor);
        Self {
            share: f64::from(percent) / 100.0,
            floor_per_second,
            tokens: floor_per_second,
            filled_at: now,
        }
    }

    /// Counts a request.
    pub(crate) fn request(&mut self, now: Instant) {
        self.fill(now);
        self.tokens += self.share;
    }

    /// Takes the allowance for one retry; `false` if there is none.
    pub(crate) fn retry(&mut self, now: Instant) -> bool {
        self.fill(now);
        let allowed = self.tokens >= 1.0;
        if allowed {
            self.tokens -= 1.0;
        }
        allowed
    }

    fn fill(&mut self, now: Instant) {
        let elapsed = now.saturating_duration_since(self.filled_at);
        self.filled_at = now;
        let most = (self.floor_per_second * WINDOW.as_secs_f64()).max(WINDOW.as_secs_f64());
        self.tokens = (self.tokens + self.floor_per_second * elapsed.as_secs_f64()).min(most);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn retries_stay_a_share_of_the_requests() {
        let start = Instant::now();
        let mut budget = RetryBudget::new(20, 0, start);
        let mut retries = 0;
        for _ in 0..1000 {
            budget.request(start);
            retries += u32::from(budget.retry(start));
        }
        assert!((199..=200).contains(&retries), "{retries}");
    }

    #[test]
    fn the_floor_refills_with_time_and_is_bounded() {
        let start = Instant::now();
        let mut budget = RetryBudget::new(0, 10, start);
        let spend = |budget: &mut RetryBudget, at| (0..1000).filter(|_| budget.retry(at)).count();
        assert_eq!(spend(&mut budget, start), 10);
        assert_eq!(spend(&mut budget, start + Duration::from_secs(1)), 10);
        assert_eq!(spend(&mut budget, start + Duration::from_mins(10)), 100);
    }
}
