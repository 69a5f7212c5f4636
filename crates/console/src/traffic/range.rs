//! How far back one looks, and in how fine steps.

use keypool::Timestamp;
use serde::{Deserialize, Serialize};
use store::{Period, Span};
use utoipa::ToSchema;

/// How far back.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub(crate) enum Range {
    #[serde(rename = "1h")]
    Hour,
    #[default]
    #[serde(rename = "24h")]
    Day,
    #[serde(rename = "7d")]
    Week,
    #[serde(rename = "30d")]
    Month,
    #[serde(rename = "1y")]
    Year,
}

impl Range {
    pub(crate) const ALL: [Self; 5] = [Self::Hour, Self::Day, Self::Week, Self::Month, Self::Year];

    /// As addresses and people write it.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Hour => "1h",
            Self::Day => "24h",
            Self::Week => "7d",
            Self::Month => "30d",
            Self::Year => "1y",
        }
    }

    /// How many hours it has.
    pub(crate) fn hours(self) -> u32 {
        match self {
            Self::Hour => 1,
            Self::Day => 24,
            Self::Week => 7 * 24,
            Self::Month => 30 * 24,
            Self::Year => 365 * 24,
        }
    }

    /// Which sums it is read from: those that are kept for twice as long.
    pub(crate) fn span(self) -> Span {
        match self {
            Self::Hour | Self::Day => Span::Minute,
            Self::Week | Self::Month => Span::Hour,
            Self::Year => Span::Day,
        }
    }

    /// The length of a step, in milliseconds, and how many there are.
    pub(crate) fn steps(self) -> (i64, usize) {
        const MINUTE: i64 = 60_000;
        const HOUR: i64 = 60 * MINUTE;
        match self {
            Self::Hour => (MINUTE, 60),
            Self::Day => (15 * MINUTE, 96),
            Self::Week => (3 * HOUR, 56),
            Self::Month => (12 * HOUR, 60),
            Self::Year => (7 * 24 * HOUR, 53),
        }
    }

    /// The period that ends with the step that `now` lies in.
    pub(crate) fn period(self, now: Timestamp) -> Period {
        let (step, count) = self.steps();
        let now = now.millis();
        let to = now - now.rem_euclid(step) + step;
        let length = step * i64::try_from(count).unwrap_or(i64::MAX);
        Period { from: Timestamp::from_millis(to - length), to: Timestamp::from_millis(to) }
    }

    /// Which classes of times tell of a period, for there are many of each span: those of a day's
    /// minutes are put together by the hour, so that the hour in which it begins counts as a whole.
    pub(crate) fn of_times(self, period: Period) -> (Span, Period) {
        if self != Self::Day {
            return (self.span(), period);
        }
        let from = Span::Hour.begin(period.from);
        let last = Timestamp::from_millis(period.to.millis() - 1);
        let to = Timestamp::from_millis(Span::Hour.begin(last).millis() + Span::Hour.millis());
        (Span::Hour, Period { from, to })
    }

    /// The one before, just as long.
    pub(crate) fn before(period: Period) -> Period {
        let length = period.to.millis() - period.from.millis();
        let from = Timestamp::from_millis(period.from.millis() - length);
        Period { from, to: period.from }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn periods_end_with_the_step_that_has_begun() {
        for range in Range::ALL {
            let now = Timestamp::from_millis(1_795_241_400_001);
            let period = range.period(now);
            let (step, count) = range.steps();
            assert!(period.to > now && period.to.millis() - now.millis() <= step);
            assert_eq!((period.to.millis() - period.from.millis()) / step, count as i64);
            assert_eq!(period.from.millis() % range.span().millis(), 0, "{range:?}");
            assert_eq!(Range::before(period).to, period.from);
            let (span, times) = range.of_times(period);
            assert!(times.from <= period.from && times.to >= period.to, "{range:?}");
            assert_eq!(
                (times.from.millis() % span.millis(), times.to.millis() % span.millis()),
                (0, 0)
            );
        }
    }
}
