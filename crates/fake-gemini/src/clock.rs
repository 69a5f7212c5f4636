//! The clock by which quotas are counted: real time until a test moves it.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use jiff::civil::Time;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};

/// A shared clock; clones show the same time.
///
/// Only quotas and the times of received requests follow it. Delays (slow first bytes, paced
/// streams) are always real.
#[derive(Clone, Debug, Default)]
pub struct VirtualClock(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    /// Added to the real time, in milliseconds.
    offset: i64,
    /// Set while the clock stands still: the time it shows, in milliseconds since the epoch.
    frozen: Option<i64>,
}

impl VirtualClock {
    /// A clock that runs with real time.
    pub fn new() -> Self {
        Self::default()
    }

    /// A clock that stands at `unix_millis` (milliseconds since the Unix epoch) until it is moved.
    pub fn frozen_at(unix_millis: i64) -> Self {
        Self(Arc::new(Mutex::new(State { offset: 0, frozen: Some(unix_millis) })))
    }

    /// The time it shows, in milliseconds since the Unix epoch.
    pub fn now_millis(&self) -> i64 {
        let state = self.state();
        state.frozen.unwrap_or_else(|| real_millis() + state.offset)
    }

    /// Moves the clock forward.
    pub fn advance(&self, by: Duration) {
        let by = i64::try_from(by.as_millis()).unwrap_or(i64::MAX);
        let mut state = self.state();
        match &mut state.frozen {
            Some(now) => *now = now.saturating_add(by),
            None => state.offset = state.offset.saturating_add(by),
        }
    }

    /// Moves the clock to `unix_millis`; a running clock runs on from there, a frozen one stands.
    pub fn set(&self, unix_millis: i64) {
        let mut state = self.state();
        match &mut state.frozen {
            Some(now) => *now = unix_millis,
            None => state.offset = unix_millis.saturating_sub(real_millis()),
        }
    }

    /// Moves the clock to the next midnight in Los Angeles, when daily quotas begin anew.
    pub fn advance_to_pacific_midnight(&self) {
        self.set(next_pacific_midnight(self.now_millis()));
    }

    /// Stops the clock at the time it shows.
    pub fn freeze(&self) {
        let now = self.now_millis();
        self.state().frozen = Some(now);
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn real_millis() -> i64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}

/// The last midnight in Los Angeles at or before `unix_millis`, in milliseconds since the epoch:
/// daily quotas count from there.
pub(crate) fn pacific_day_start(unix_millis: i64) -> i64 {
    let day = || {
        let zone = TimeZone::get("America/Los_Angeles").ok()?;
        let local = Timestamp::from_millisecond(unix_millis).ok()?.to_zoned(zone.clone());
        let midnight = local.date().to_datetime(Time::midnight()).to_zoned(zone).ok()?;
        Some(midnight.timestamp().as_millisecond())
    };
    day().unwrap_or_else(|| unix_millis - unix_millis.rem_euclid(86_400_000))
}

/// The next midnight in Los Angeles after `unix_millis`, in milliseconds since the epoch.
fn next_pacific_midnight(unix_millis: i64) -> i64 {
    let next = || {
        let zone = TimeZone::get("America/Los_Angeles").ok()?;
        let local = Timestamp::from_millisecond(unix_millis).ok()?.to_zoned(zone.clone());
        let tomorrow = local.date().checked_add(1.day()).ok()?;
        let midnight = tomorrow.to_datetime(Time::midnight()).to_zoned(zone).ok()?;
        Some(midnight.timestamp().as_millisecond())
    };
    next().unwrap_or(pacific_day_start(unix_millis) + 86_400_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn millis(text: &str) -> i64 {
        text.parse::<Timestamp>().unwrap().as_millisecond()
    }

    #[test]
    fn a_day_begins_at_midnight_in_los_angeles_in_summer_and_winter() {
        assert_eq!(
            pacific_day_start(millis("2026-07-15T06:59:59Z")),
            millis("2026-07-14T07:00:00Z")
        );
        assert_eq!(
            pacific_day_start(millis("2026-07-15T07:00:00Z")),
            millis("2026-07-15T07:00:00Z")
        );
        assert_eq!(
            next_pacific_midnight(millis("2026-12-01T12:00:00Z")),
            millis("2026-12-02T08:00:00Z")
        );
    }

    #[test]
    fn the_day_of_the_clock_change_has_25_hours() {
        let start = pacific_day_start(millis("2026-11-01T12:00:00Z"));
        let end = next_pacific_midnight(millis("2026-11-01T12:00:00Z"));
        assert_eq!(end - start, 25 * 3_600_000);
    }

    #[test]
    fn a_running_clock_runs_on_after_a_jump_and_a_frozen_one_stands() {
        let running = VirtualClock::new();
        running.set(1_000_000);
        assert!((1_000_000..1_010_000).contains(&running.now_millis()));
        let frozen = VirtualClock::frozen_at(5);
        frozen.advance(Duration::from_mins(1));
        assert_eq!(frozen.now_millis(), 60_005);
    }
}
