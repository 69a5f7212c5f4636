//! When the next check by the clock is due.

use std::time::Duration;

use tokio::time::Instant;

/// Counts from the last check, whoever wanted it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Timetable {
    last: Instant,
    /// By how much the interval is stretched this time.
    stretch: f64,
}

impl Timetable {
    /// Begins anew. `chance`, from 0 to 1, moves the next check by up to a tenth of the interval.
    pub(super) fn new(now: Instant, chance: f64) -> Self {
        Self { last: now, stretch: 0.9 + 0.2 * chance }
    }

    /// Whether a check is due, if there is to be one every `interval`.
    pub(super) fn is_due(&self, interval: Option<Duration>, now: Instant) -> bool {
        let elapsed = now.saturating_duration_since(self.last);
        interval.is_some_and(|interval| elapsed >= interval.mul_f64(self.stretch))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_keeps_to_the_interval_that_holds_now() {
        let began = Instant::now();
        let minutes = |minutes| Duration::from_mins(minutes);
        for (chance, first) in [(0.0, 54), (0.5, 60), (1.0, 66)] {
            let timetable = Timetable::new(began, chance);
            let is_due = |after, interval| timetable.is_due(interval, began + minutes(after));
            assert!(!is_due(first - 1, Some(minutes(60))));
            assert!(is_due(first + 1, Some(minutes(60))));
            assert!(is_due(first - 1, Some(minutes(30))), "it was made shorter meanwhile");
            assert!(!is_due(100_000, None), "never");
        }
    }
}
