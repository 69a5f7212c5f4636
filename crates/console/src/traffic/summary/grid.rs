//! In which steps a time is told.

use keypool::Timestamp;
use store::Span;

const MINUTE: i64 = 60_000;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// The steps that people reckon in.
const STEPS: [i64; 15] = [
    MINUTE,
    2 * MINUTE,
    5 * MINUTE,
    10 * MINUTE,
    15 * MINUTE,
    30 * MINUTE,
    HOUR,
    2 * HOUR,
    3 * HOUR,
    6 * HOUR,
    12 * HOUR,
    DAY,
    2 * DAY,
    7 * DAY,
    30 * DAY,
];

/// No time is told in more steps, but one of many years.
const MOST: i64 = 40;

/// Minutes are summed for two days, and hours for two months; a little less is relied on.
const MINUTES_KEPT: i64 = 2 * DAY - HOUR;
const HOURS_KEPT: i64 = 60 * DAY;

/// Steps side by side.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Grid {
    pub(super) from: Timestamp,
    pub(super) step: i64,
    pub(super) count: usize,
}

impl Grid {
    /// The steps that hold all from `since` to `until`.
    pub(super) fn new(since: Timestamp, until: Timestamp) -> Self {
        let since = since.millis().max(0);
        let until = until.millis().max(since.saturating_add(1));
        let length = until.saturating_sub(since);
        let step = STEPS.into_iter().find(|step| length <= step * MOST).unwrap_or(30 * DAY);
        let from = since - since.rem_euclid(step);
        let count = until.saturating_sub(from).saturating_add(step - 1) / step;
        let count = usize::try_from(count).unwrap_or(usize::MAX).clamp(1, 1_000);
        Self { from: Timestamp::from_millis(from), step, count }
    }

    pub(super) fn to(&self) -> Timestamp {
        let length = self.step.saturating_mul(i64::try_from(self.count).unwrap_or(i64::MAX));
        Timestamp::from_millis(self.from.millis().saturating_add(length))
    }

    /// Of which sums the steps consist, if those are still kept.
    pub(super) fn span(&self, now: Timestamp) -> Option<Span> {
        let age = now.millis().saturating_sub(self.from.millis());
        match self.step {
            step if step % DAY == 0 => Some(Span::Day),
            step if step % HOUR == 0 => (age <= HOURS_KEPT).then_some(Span::Hour),
            _ => (age <= MINUTES_KEPT).then_some(Span::Minute),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 1_795_241_400_000;

    fn grid(back: i64, length: i64) -> Grid {
        let since = NOW - back;
        Grid::new(Timestamp::from_millis(since), Timestamp::from_millis(since + length))
    }

    #[test]
    fn a_time_lies_within_its_steps() {
        for (length, step) in
            [(HOUR, 2 * MINUTE), (DAY, HOUR), (7 * DAY, 6 * HOUR), (30 * DAY, DAY)]
        {
            let grid = grid(length, length);
            assert_eq!(grid.step, step);
            assert!(grid.from.millis() <= NOW - length && grid.to().millis() >= NOW);
            assert!(grid.to().millis() - NOW < step && grid.count <= 41, "{grid:?}");
        }
        assert_eq!(grid(0, -5).count, 1);
        assert!(grid(400 * 365 * DAY, 400 * 365 * DAY).count <= 1_000);
    }

    #[test]
    fn sums_are_read_as_long_as_they_are_kept() {
        let span = |back, length| grid(back, length).span(Timestamp::from_millis(NOW));
        assert_eq!(span(HOUR, HOUR), Some(Span::Minute));
        assert_eq!(span(3 * DAY, HOUR), None);
        assert_eq!(span(3 * DAY, 2 * DAY), Some(Span::Hour));
        assert_eq!(span(90 * DAY, DAY), None);
        assert_eq!(span(90 * DAY, 90 * DAY), Some(Span::Day));
    }
}
