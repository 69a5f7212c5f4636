//! Limits as a form has them: texts, empty where nothing is limited.

use keypool::Timestamp;
use serde::Deserialize;
use store::{StoredToken, TokenLimits};

use crate::changes::{Limits as Written, labels};
use crate::error::Error;

/// The fields of the form.
#[derive(Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub(in crate::pages) struct Limits {
    pub(super) requests_per_minute: String,
    pub(super) requests_per_day: String,
    pub(super) tokens_per_minute: String,
    pub(super) tokens_per_day: String,
    pub(super) budget_per_day: String,
    pub(super) budget_per_month: String,
    pub(super) concurrency: String,
    pub(super) models: String,
    /// A day, as in `2026-12-31`: it ends with it, by UTC.
    pub(in crate::pages) expires: String,
}

impl Limits {
    pub(super) fn of(token: &StoredToken) -> Self {
        let limits = Written::from(token.limits.clone());
        let count = |limit: Option<u64>| limit.map(|limit| limit.to_string()).unwrap_or_default();
        Self {
            requests_per_minute: count(limits.requests_per_minute),
            requests_per_day: count(limits.requests_per_day),
            tokens_per_minute: count(limits.tokens_per_minute),
            tokens_per_day: count(limits.tokens_per_day),
            budget_per_day: limits.budget_per_day.unwrap_or_default(),
            budget_per_month: limits.budget_per_month.unwrap_or_default(),
            concurrency: count(limits.concurrency),
            models: limits.models.join(", "),
            expires: token.expires_at.map(day).unwrap_or_default(),
        }
    }

    pub(in crate::pages) fn read(&self) -> Result<TokenLimits, Error> {
        Written {
            requests_per_minute: count("requests_per_minute", &self.requests_per_minute)?,
            requests_per_day: count("requests_per_day", &self.requests_per_day)?,
            tokens_per_minute: count("tokens_per_minute", &self.tokens_per_minute)?,
            tokens_per_day: count("tokens_per_day", &self.tokens_per_day)?,
            budget_per_day: said(&self.budget_per_day),
            budget_per_month: said(&self.budget_per_month),
            concurrency: count("concurrency", &self.concurrency)?,
            models: labels(&self.models),
        }
        .read()
    }
}

fn count(field: &'static str, text: &str) -> Result<Option<u64>, Error> {
    let text = text.trim().replace([',', '_'], "");
    if text.is_empty() {
        return Ok(None);
    }
    let number = text.parse().map_err(|_| Error::invalid(field, "is no whole number"));
    number.map(Some)
}

/// A text, unless it is empty.
fn said(text: &str) -> Option<String> {
    Some(text.trim()).filter(|text| !text.is_empty()).map(str::to_owned)
}

/// The end of a day by UTC; `None` of no day.
pub(in crate::pages) fn moment(text: &str) -> Result<Option<Timestamp>, Error> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    let wrong = |_| Error::invalid("expires", "is no day like 2026-12-31");
    let day: jiff::civil::Date = text.parse().map_err(wrong)?;
    let end = day.tomorrow().and_then(|next| next.to_zoned(jiff::tz::TimeZone::UTC));
    let end = end.map_err(wrong)?;
    Ok(Some(Timestamp::from_millis(end.timestamp().as_millisecond())))
}

/// The last day before a moment.
fn day(end: Timestamp) -> String {
    relay::utc_day(Timestamp::from_millis(end.millis() - 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_empty_is_not_limited_and_what_is_wrong_is_named() {
        assert_eq!(Limits::default().read().unwrap(), TokenLimits::default());
        let limits = Limits {
            requests_per_minute: "1,000".into(),
            budget_per_day: "$2.50".into(),
            models: "gemini-3*, gemini-2.5-flash".into(),
            ..Limits::default()
        };
        let read = limits.read().unwrap();
        assert_eq!(read.requests_per_minute, Some(1_000));
        assert_eq!(read.budget_per_day.unwrap().to_string(), "2.50");
        assert_eq!(read.models.len(), 2);
        let wrong = Limits { tokens_per_day: "many".into(), ..Limits::default() };
        assert!(wrong.read().unwrap_err().to_string().starts_with("tokens_per_day: "));
        let wrong = Limits { budget_per_month: "-1".into(), ..Limits::default() };
        assert!(wrong.read().unwrap_err().to_string().starts_with("budget_per_month: "));
    }

    #[test]
    fn a_day_ends_with_its_last_moment() {
        let end = moment("2026-12-31").unwrap().unwrap();
        assert_eq!(day(end), "2026-12-31");
        assert_eq!(moment(" ").unwrap(), None);
        assert!(moment("tomorrow").unwrap_err().to_string().starts_with("expires: "));
    }
}
