//! When Google's daily quotas begin anew.

use std::time::Duration;

use jiff::ToSpan as _;
use jiff::tz::TimeZone;

use crate::Timestamp;

const ZONE: &str = "America/Los_Angeles";
const A_DAY: Duration = Duration::from_hours(24);

/// The next midnight in Los Angeles, strictly after `now`: 23, 24 or 25 hours after the last one,
/// as daylight saving has it.
///
/// Where the calendar cannot be asked (a moment beyond the year 9999) it is 24 hours later.
pub fn next_pacific_midnight(now: Timestamp) -> Timestamp {
    midnight_after(now).unwrap_or(now + A_DAY)
}

fn midnight_after(now: Timestamp) -> Option<Timestamp> {
    let zone = TimeZone::get(ZONE).ok()?;
    let here = jiff::Timestamp::from_millisecond(now.millis()).ok()?.to_zoned(zone);
    let tomorrow = here.date().checked_add(1.day()).ok()?;
    let midnight = tomorrow.to_zoned(here.time_zone().clone()).ok()?;
    Some(Timestamp::from_millis(midnight.timestamp().as_millisecond()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        Timestamp::from_millis(text.parse::<jiff::Timestamp>().unwrap().as_millisecond())
    }

    #[track_caller]
    fn check(now: &str, midnight: &str) {
        assert_eq!(next_pacific_midnight(at(now)), at(midnight));
    }

    #[test]
    fn in_winter_it_is_eight_hours_behind() {
        check("2026-11-21T12:00:00Z", "2026-11-22T08:00:00Z");
        check("2026-11-21T07:59:59.999Z", "2026-11-21T08:00:00Z");
    }

    #[test]
    fn in_summer_it_is_seven_hours_behind() {
        check("2026-07-01T12:00:00Z", "2026-07-02T07:00:00Z");
    }

    #[test]
    fn midnight_itself_leads_to_the_next_one() {
        check("2026-11-21T08:00:00Z", "2026-11-22T08:00:00Z");
    }

    #[test]
    fn the_day_that_springs_forward_has_23_hours() {
        check("2026-03-08T08:00:00Z", "2026-03-09T07:00:00Z");
        check("2026-03-08T09:59:59Z", "2026-03-09T07:00:00Z");
        check("2026-03-08T10:00:00Z", "2026-03-09T07:00:00Z");
    }

    #[test]
    fn the_day_that_falls_back_has_25_hours() {
        check("2026-11-01T07:00:00Z", "2026-11-02T08:00:00Z");
        // 01:30 comes twice on this day; both belong to it.
        check("2026-11-01T08:30:00Z", "2026-11-02T08:00:00Z");
        check("2026-11-01T09:30:00Z", "2026-11-02T08:00:00Z");
    }

    #[test]
    fn a_moment_outside_the_calendar_is_a_day_long() {
        assert_eq!(next_pacific_midnight(Timestamp::MAX), Timestamp::MAX);
        let never = Timestamp::MIN;
        assert_eq!(next_pacific_midnight(never), never + A_DAY);
    }
}
