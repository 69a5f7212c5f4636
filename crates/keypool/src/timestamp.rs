//! A moment, as every part of the pool is told it.

use std::fmt;
use std::ops::{Add, Sub};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A moment: milliseconds since the Unix epoch, UTC.
///
/// The pool has no clock; whoever calls it says what time it is.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    ToSchema,
)]
#[serde(transparent)]
pub struct Timestamp(i64);

impl Timestamp {
    /// The latest moment that can be named; what never comes.
    pub const MAX: Self = Self(i64::MAX);
    /// The earliest moment that can be named; what has always been over.
    pub const MIN: Self = Self(i64::MIN);

    /// The moment so many milliseconds after the Unix epoch.
    pub const fn from_millis(millis: i64) -> Self {
        Self(millis)
    }

    /// Milliseconds since the Unix epoch.
    pub const fn millis(self) -> i64 {
        self.0
    }

    /// The time that has passed since `earlier`; zero if `earlier` is later.
    pub fn saturating_since(self, earlier: Self) -> Duration {
        let millis = self.0.saturating_sub(earlier.0);
        Duration::from_millis(u64::try_from(millis).unwrap_or(0))
    }
}

/// Later by a duration, of which only whole milliseconds count; stops at [`Timestamp::MAX`].
impl Add<Duration> for Timestamp {
    type Output = Self;

    fn add(self, duration: Duration) -> Self {
        let millis = i64::try_from(duration.as_millis()).unwrap_or(i64::MAX);
        Self(self.0.saturating_add(millis))
    }
}

/// Earlier by a duration, of which only whole milliseconds count; stops at [`Timestamp::MIN`].
impl Sub<Duration> for Timestamp {
    type Output = Self;

    fn sub(self, duration: Duration) -> Self {
        let millis = i64::try_from(duration.as_millis()).unwrap_or(i64::MAX);
        Self(self.0.saturating_sub(millis))
    }
}

/// RFC 3339 in UTC, such as `2026-11-21T08:00:00Z`; bare milliseconds where the calendar ends.
impl fmt::Display for Timestamp {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match jiff::Timestamp::from_millisecond(self.0) {
            Ok(moment) => moment.fmt(formatter),
            Err(_) => self.0.fmt(formatter),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn adding_and_subtracting_stop_at_the_ends() {
        let late = Timestamp::from_millis(1_500);
        assert_eq!(Timestamp::from_millis(500) + Duration::from_secs(1), late);
        assert_eq!(Timestamp::MAX + Duration::from_secs(1), Timestamp::MAX);
        assert_eq!(late - Duration::from_secs(1), Timestamp::from_millis(500));
        assert_eq!(late - Duration::MAX, Timestamp::from_millis(1_500 - i64::MAX));
        assert_eq!(late + Duration::MAX, Timestamp::MAX);
        assert_eq!(late.saturating_since(Timestamp::from_millis(500)), Duration::from_secs(1));
        assert_eq!(Timestamp::from_millis(500).saturating_since(late), Duration::ZERO);
    }

    #[test]
    fn it_is_shown_as_people_write_moments() {
        assert_eq!(Timestamp::from_millis(1_763_712_000_000).to_string(), "2025-11-21T08:00:00Z");
        assert_eq!(Timestamp::MAX.to_string(), i64::MAX.to_string());
    }

    #[test]
    fn it_is_stored_as_a_bare_number() {
        let json = serde_json::to_string(&Timestamp::from_millis(42)).unwrap();
        assert_eq!(json, "42");
        assert_eq!(serde_json::from_str::<Timestamp>("42").unwrap().millis(), 42);
    }
}
