//! Times as the projects store them.

use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use keypool::Timestamp;

/// Reads a time: milliseconds since the epoch, a text that names its offset, or the time on a clock
/// in `zone`. `None` if it is no time, or one before the epoch.
pub(crate) fn read(text: &str, zone: &TimeZone) -> Option<Timestamp> {
    let text = text.trim();
    let millis = if let Ok(millis) = text.parse::<i64>() {
        millis
    } else if let Ok(moment) = text.parse::<jiff::Timestamp>() {
        moment.as_millisecond()
    } else {
        let clock: DateTime = text.parse().ok()?;
        clock.to_zoned(zone.clone()).ok()?.timestamp().as_millisecond()
    };
    (millis >= 0).then(|| Timestamp::from_millis(millis))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_forms_mean_the_same_moment() {
        let shanghai = TimeZone::get("Asia/Shanghai").unwrap();
        let expected = Some(Timestamp::from_millis(1_751_364_000_500));
        for (text, zone) in [
            ("1751364000500", &TimeZone::UTC),
            ("2025-07-01 10:00:00.500", &TimeZone::UTC),
            ("2025-07-01T10:00:00.500Z", &shanghai),
            ("2025-07-01 10:00:00.5+00:00", &shanghai),
            ("2025-07-01 18:00:00.500000", &shanghai),
        ] {
            assert_eq!(read(text, zone), expected, "{text}");
        }
    }

    #[test]
    fn what_is_no_time_is_none() {
        for text in ["", "never", "0000-00-00 00:00:00", "-5", "2025-13-01 00:00:00"] {
            assert_eq!(read(text, &TimeZone::UTC), None, "{text}");
        }
    }
}
