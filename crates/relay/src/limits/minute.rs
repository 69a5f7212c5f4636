//! What was used in the last minute, which slides.

use std::collections::VecDeque;

/// Uses of one second are kept as one, so each counts for 60 to 61 seconds: rather a little too
/// long than too short.
pub(crate) const SPAN: i64 = 61;

/// Requests and tokens.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Used {
    pub(crate) requests: u64,
    pub(crate) tokens: u64,
}

/// The last minute: at most 61 entries.
#[derive(Debug, Default)]
pub(crate) struct Minute {
    bursts: VecDeque<(i64, Used)>,
    sum: Used,
}

impl Minute {
    /// What was used in the minute before this second. A clock that was set back must not leave
    /// uses in the future, which would count for ever.
    pub(crate) fn used(&mut self, second: i64) -> Used {
        if self.bursts.back().is_some_and(|(last, _)| *last > second + 1) {
            *self = Self::default();
        }
        while let Some((first, used)) = self.bursts.front().copied()
            && first + SPAN <= second
        {
            self.sum = self.sum.minus(used);
            self.bursts.pop_front();
        }
        self.sum
    }

    /// Counts a request, and returns the second that it is counted in.
    pub(crate) fn add(&mut self, tokens: u64, second: i64) -> i64 {
        let used = Used { requests: 1, tokens };
        self.sum = self.sum.plus(used);
        match self.bursts.back_mut() {
            Some((last, burst)) if *last >= second => {
                *burst = burst.plus(used);
                *last
            }
            _ => {
                self.bursts.push_back((second, used));
                second
            }
        }
    }

    /// Replaces what was counted in a second, if that still counts.
    pub(crate) fn correct(&mut self, second: i64, before: Used, after: Used) {
        let place = self.bursts.binary_search_by_key(&second, |(second, _)| *second);
        if let Ok(place) = place
            && let Some((_, burst)) = self.bursts.get_mut(place)
        {
            *burst = burst.minus(before).plus(after);
            self.sum = self.sum.minus(before).plus(after);
        }
    }

    /// The first second in which `fits` holds of what still counts; `None` if it never will.
    pub(crate) fn frees(&self, fits: impl Fn(Used) -> bool) -> Option<i64> {
        let mut rest = self.sum;
        for (second, used) in &self.bursts {
            rest = rest.minus(*used);
            if fits(rest) {
                return Some(second + SPAN);
            }
        }
        None
    }
}

impl Used {
    fn plus(self, other: Self) -> Self {
        Self {
            requests: self.requests.saturating_add(other.requests),
            tokens: self.tokens.saturating_add(other.tokens),
        }
    }

    fn minus(self, other: Self) -> Self {
        Self {
            requests: self.requests.saturating_sub(other.requests),
            tokens: self.tokens.saturating_sub(other.tokens),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn used(requests: u64, tokens: u64) -> Used {
        Used { requests, tokens }
    }

    #[test]
    fn a_use_counts_for_a_minute_and_never_for_less() {
        let mut minute = Minute::default();
        minute.add(10, 100);
        minute.add(5, 130);
        assert_eq!(minute.used(160), used(2, 15));
        assert_eq!(minute.frees(|rest| rest.requests < 2), Some(161));
        assert_eq!(minute.used(161), used(1, 5));
        assert_eq!(minute.used(191), used(0, 0));
        assert_eq!(minute.frees(|_| true), None, "nothing has to leave");
    }

    #[test]
    fn what_was_counted_is_corrected_where_it_counts() {
        let mut minute = Minute::default();
        let at = minute.add(100, 100);
        minute.correct(at, used(1, 100), used(1, 7));
        minute.correct(50, used(1, 100), used(1, 9));
        assert_eq!(minute.used(101), used(1, 7));
        minute.correct(at, used(1, 7), used(0, 0));
        assert_eq!(minute.used(101), used(0, 0));
    }

    #[test]
    fn a_clock_that_is_set_back_blocks_nobody() {
        let mut minute = Minute::default();
        minute.add(1, 1_000_000);
        assert_eq!(minute.used(999_999), used(1, 1), "a second is nothing");
        assert_eq!(minute.used(1_000), used(0, 0));
        assert_eq!(minute.add(1, 1_000), 1_000);
    }
}
