//! What people say about the limits of client tokens.

use std::str::FromStr;
use std::time::Duration;

use clap::Args;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use keypool::Timestamp;
use store::Cost;

pub(super) const TOKENS_ROTATE_EXAMPLES: &str = "\
Examples:
  gemini-balance tokens rotate laptop
  gemini-balance tokens rotate laptop --overlap 7d
  gemini-balance tokens rotate laptop --overlap 0

The new secret is printed this once. Both count against the same limits; the old one ends by itself.";

/// What a client token may use, and until when.
#[derive(Debug, Default, Args)]
pub(crate) struct LimitArguments {
    /// Requests in any minute
    #[arg(long, value_name = "NUMBER")]
    pub(crate) requests_per_minute: Option<Change<Count>>,
    /// Requests in a day
    #[arg(long, value_name = "NUMBER")]
    pub(crate) requests_per_day: Option<Change<Count>>,
    /// Tokens in any minute, those read and those written
    #[arg(long, value_name = "NUMBER")]
    pub(crate) tokens_per_minute: Option<Change<Count>>,
    /// Tokens in a day
    #[arg(long, value_name = "NUMBER")]
    pub(crate) tokens_per_day: Option<Change<Count>>,
    /// Dollars in a day, by list price
    #[arg(long, value_name = "DOLLARS")]
    pub(crate) budget_per_day: Option<Change<Cost>>,
    /// Dollars in a month, by list price
    #[arg(long, value_name = "DOLLARS")]
    pub(crate) budget_per_month: Option<Change<Cost>>,
    /// Requests at the same time
    #[arg(long, value_name = "NUMBER")]
    pub(crate) concurrency: Option<Change<Count>>,
    /// Only this model may be asked, * stands for anything; may be repeated
    #[arg(long = "model", value_name = "MODEL")]
    pub(crate) models: Vec<String>,
    /// When it expires: in 12h or 30d, at the end of 2026-12-31 (UTC), at 2026-12-31T18:00:00Z, never
    #[arg(long, value_name = "WHEN")]
    pub(crate) expires: Option<Expiry>,
}

/// Arguments of `tokens rotate`.
#[derive(Debug, Args)]
pub(crate) struct RotateToken {
    /// Its id or name
    pub(crate) token: String,
    /// How long the old secret opens beside the new one, like 30m, 24h or 7d
    #[arg(long, value_name = "TIME", default_value = "24h", value_parser = duration)]
    pub(crate) overlap: Duration,
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
}

/// A limit, or `none`.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Change<T> {
    /// From now on it is this.
    To(T),
    /// From now on there is none.
    Away,
}

impl<T> Change<T> {
    pub(crate) fn value(self) -> Option<T> {
        match self {
            Self::To(value) => Some(value),
            Self::Away => None,
        }
    }
}

impl<T: FromStr> FromStr for Change<T> {
    type Err = T::Err;

    fn from_str(text: &str) -> Result<Self, T::Err> {
        match text.trim() {
            "none" => Ok(Self::Away),
            text => text.parse().map(Self::To),
        }
    }
}

/// A whole number from 1 on.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Count(pub(crate) u64);

impl FromStr for Count {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        // The databases keep signed numbers, and Redis counts in floating point.
        const MOST: u64 = 1 << 50;
        let number = text.parse().ok().filter(|number| (1..=MOST).contains(number));
        number.map(Self).ok_or("accepted is a whole number from 1 on, or none")
    }
}

/// When a token expires.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Expiry {
    Never,
    After(Duration),
    At(Timestamp),
}

impl Expiry {
    pub(crate) fn from(self, now: Timestamp) -> Option<Timestamp> {
        match self {
            Self::Never => None,
            Self::After(time) => Some(now + time),
            Self::At(moment) => Some(moment),
        }
    }
}

impl FromStr for Expiry {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let text = text.trim();
        if matches!(text, "never" | "none") {
            return Ok(Self::Never);
        }
        if let Ok(time) = duration(text)
            && !time.is_zero()
        {
            return Ok(Self::After(time));
        }
        let moment = text.parse::<jiff::Timestamp>().ok().or_else(|| end_of(text));
        let moment = moment.map(|moment| Timestamp::from_millis(moment.as_millisecond()));
        moment
            .map(Self::At)
            .ok_or("accepted are 12h, 30d, 2026-12-31, 2026-12-31T18:00:00Z and never")
    }
}

/// When a day is over in UTC.
fn end_of(day: &str) -> Option<jiff::Timestamp> {
    let day: Date = day.parse().ok()?;
    Some(day.tomorrow().ok()?.to_zoned(TimeZone::UTC).ok()?.timestamp())
}

/// `30m`, `24h`, `7d`; `0`.
fn duration(text: &str) -> Result<Duration, &'static str> {
    const PROBLEM: &str = "accepted is a time like 30m, 24h or 7d, up to 3650d";
    const MOST: u64 = 3650 * 24 * 3600;
    let text = text.trim();
    if text == "0" {
        return Ok(Duration::ZERO);
    }
    let unit = match text.chars().last() {
        Some('s') => 1,
        Some('m') => 60,
        Some('h') => 3600,
        Some('d') => 24 * 3600,
        _ => return Err(PROBLEM),
    };
    let number: u64 = text[..text.len() - 1].parse().map_err(|_| PROBLEM)?;
    let seconds = number.checked_mul(unit).filter(|seconds| *seconds <= MOST).ok_or(PROBLEM)?;
    Ok(Duration::from_secs(seconds))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn expires(text: &str) -> Option<String> {
        let now = Timestamp::from_millis(1_700_000_000_000);
        text.parse::<Expiry>().unwrap().from(now).map(|moment| moment.to_string())
    }

    #[test]
    fn people_say_when_in_several_ways() {
        assert_eq!(expires("never"), None);
        assert_eq!(expires("1h").unwrap(), "2023-11-14T23:13:20Z");
        assert_eq!(expires("2026-12-31").unwrap(), "2027-01-01T00:00:00Z");
        assert_eq!(expires("2026-12-31T18:00:00+01:00").unwrap(), "2026-12-31T17:00:00Z");
        for wrong in ["", "soon", "0", "5", "5w", "2026-13-01", "99999d", "-1h", "é"] {
            assert!(wrong.parse::<Expiry>().is_err(), "{wrong}");
        }
        assert_eq!(duration("0"), Ok(Duration::ZERO));
    }

    #[test]
    fn a_limit_is_a_number_or_none() {
        assert!(matches!("none".parse::<Change<Count>>(), Ok(Change::Away)));
        assert!(matches!("7".parse::<Change<Count>>(), Ok(Change::To(Count(7)))));
        for wrong in ["0", "-1", "1.5", "", "99999999999999999"] {
            assert!(wrong.parse::<Change<Count>>().is_err(), "{wrong}");
        }
    }
}
