//! The days and months that limits are about, in the administrator's time zone.

use std::sync::Arc;

use arc_swap::ArcSwap;
use jiff::ToSpan as _;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use keypool::Timestamp;

const DAY: i64 = 24 * 3600 * 1000;

/// A day somewhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Day {
    /// As in `2026-11-26`.
    pub(crate) name: Arc<str>,
    starts: Timestamp,
    pub(crate) ends: Timestamp,
    pub(crate) month_ends: Timestamp,
}

impl Day {
    /// The month that it belongs to, as in `2026-11`.
    pub(crate) fn month(&self) -> &str {
        month_of(&self.name)
    }

    fn holds(&self, now: Timestamp) -> bool {
        self.starts <= now && now < self.ends
    }
}

/// The day of a moment in a zone given by its IANA name, as in `2026-11-26`; in UTC if there is no
/// such zone.
pub fn day_in(zone: &str, now: Timestamp) -> String {
    let zone = TimeZone::get(zone).unwrap_or(TimeZone::UTC);
    day(&zone, now).name.to_string()
}

/// The day of a moment in UTC, as in `2026-11-26`.
pub fn utc_day(now: Timestamp) -> String {
    day(&TimeZone::UTC, now).name.to_string()
}

/// The month of a day's name.
pub(crate) fn month_of(day: &str) -> &str {
    day.get(..7).unwrap_or(day)
}

/// Tells which day it is.
#[derive(Debug)]
pub(crate) struct Calendar {
    zone: TimeZone,
    /// Asked for with every request, computed once a day.
    today: ArcSwap<Day>,
}

impl Calendar {
    /// A calendar of a zone given by its IANA name; of UTC if there is no such zone.
    pub(crate) fn new(zone: &str) -> Self {
        let zone = TimeZone::get(zone).unwrap_or_else(|_| {
            tracing::error!(zone, "TIMEZONE: there is no such time zone; UTC is used");
            TimeZone::UTC
        });
        let today = day(&zone, Timestamp::from_millis(0));
        Self { zone, today: ArcSwap::from_pointee(today) }
    }

    /// The day of a moment.
    pub(crate) fn day(&self, now: Timestamp) -> Arc<Day> {
        let today = self.today.load();
        if today.holds(now) {
            return Arc::clone(&today);
        }
        let today = Arc::new(day(&self.zone, now));
        self.today.store(Arc::clone(&today));
        today
    }
}

fn day(zone: &TimeZone, now: Timestamp) -> Day {
    computed(zone, now).unwrap_or_else(|| {
        // Beyond the calendar's years: days of 24 hours, each a month of its own.
        let number = now.millis().div_euclid(DAY);
        let ends = Timestamp::from_millis(number.saturating_add(1).saturating_mul(DAY));
        let starts = Timestamp::from_millis(number.saturating_mul(DAY));
        Day { name: format!("day {number}").into(), starts, ends, month_ends: ends }
    })
}

fn computed(zone: &TimeZone, now: Timestamp) -> Option<Day> {
    let moment = jiff::Timestamp::from_millisecond(now.millis()).ok()?;
    let date = moment.to_zoned(zone.clone()).date();
    let midnight = |date: Date| {
        let midnight = date.to_zoned(zone.clone()).ok()?;
        Some(Timestamp::from_millis(midnight.timestamp().as_millisecond()))
    };
    let next_month = date.first_of_month().checked_add(1.month()).ok()?;
    Some(Day {
        name: date.to_string().into(),
        starts: midnight(date)?,
        ends: midnight(date.checked_add(1.day()).ok()?)?,
        month_ends: midnight(next_month)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        Timestamp::from_millis(text.parse::<jiff::Timestamp>().unwrap().as_millisecond())
    }

    #[test]
    fn days_and_months_begin_at_the_zones_midnight() {
        let shanghai = Calendar::new("Asia/Shanghai");
        let day = shanghai.day(at("2026-11-30T15:59:59Z"));
        assert_eq!((&*day.name, day.month()), ("2026-11-30", "2026-11"));
        assert_eq!((day.ends, day.month_ends), (at("2026-11-30T16:00:00Z"), day.ends));
        let day = shanghai.day(day.ends);
        assert_eq!((&*day.name, day.month_ends), ("2026-12-01", at("2026-12-31T16:00:00Z")));
        assert_eq!(&*shanghai.day(at("2026-11-01T00:00:00Z")).name, "2026-11-01", "back again");
    }

    #[test]
    fn a_day_has_23_or_25_hours_where_clocks_are_changed() {
        let berlin = Calendar::new("Europe/Berlin");
        let day = berlin.day(at("2026-10-25T12:00:00Z"));
        assert_eq!(day.ends.saturating_since(day.starts).as_secs(), 25 * 3600);
    }

    #[test]
    fn what_is_no_zone_or_no_date_does_no_harm() {
        let nowhere = Calendar::new("Mars/Olympus");
        assert_eq!(nowhere.day(at("2026-11-26T10:00:00Z")).ends, at("2026-11-27T00:00:00Z"));
        for never in [Timestamp::MAX, Timestamp::MIN] {
            let _ = nowhere.day(never);
        }
    }
}
