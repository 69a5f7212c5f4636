//! Yesterday's numbers, once a day.

use jiff::ToSpan as _;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use keypool::{Timestamp, Totals};
use serde_json::{Value, json};

use crate::message::{About, Message, State, count, percent};

/// Remembers for which day the digest was told.
#[derive(Debug, Default)]
pub struct Digest {
    last: Option<Date>,
}

/// A day that is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PastDay {
    /// Which.
    pub date: Date,
    /// Its first moment.
    pub from: Timestamp,
    /// The first moment after it.
    pub to: Timestamp,
}

/// What a day came to.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct DayNumbers {
    /// All requests.
    pub requests: u64,
    /// Those answered with an error.
    pub failed: u64,
    /// Those that succeeded, but not at the first attempt.
    pub rescued: u64,
    /// Tokens read and written.
    pub tokens: u64,
    /// Dollars by list price.
    pub dollars: f64,
    /// The models with the most requests.
    pub models: Vec<(String, u64)>,
}

impl Digest {
    /// The day that is to be told of now, if the hour has come since the last call. Who begins to ask
    /// later in the day is told the next day.
    pub fn due(&mut self, hour: Option<u8>, zone: &TimeZone, now: Timestamp) -> Option<PastDay> {
        let now = jiff::Timestamp::from_millisecond(now.millis()).ok()?.to_zoned(zone.clone());
        // The day whose hour has come last.
        let has_come = i64::from(now.hour()) >= i64::from(hour?);
        let current = if has_come { now.date() } else { now.date().yesterday().ok()? };
        if self.last.is_some_and(|last| current <= last) {
            return None;
        }
        self.last.replace(current)?;
        let date = current.checked_sub(1.day()).ok()?;
        let begin = |date: Date| {
            let begin = date.to_zoned(zone.clone()).ok()?.timestamp();
            Some(Timestamp::from_millis(begin.as_millisecond()))
        };
        Some(PastDay { date, from: begin(date)?, to: begin(current)? })
    }
}

impl PastDay {
    /// The day's numbers, and how the pool stands now.
    pub fn message(&self, numbers: &DayNumbers, totals: Totals, now: Timestamp) -> Message {
        let DayNumbers { requests, failed, rescued, tokens, dollars, models } = numbers;
        let succeeded = requests.saturating_sub(*failed);
        let mut lines = vec![
            format!(
                "{}, {} % succeeded, {rescued} of them not at the first attempt",
                count(*requests, "request"),
                percent(succeeded, *requests)
            ),
            format!("{}, ${dollars:.2} by list price", count(*tokens, "token")),
        ];
        lines.extend(
            models.iter().map(|(model, number)| format!("{model}: {}", count(*number, "request"))),
        );
        let usable = totals.ready + totals.cooling;
        lines.push(format!(
            "Keys: {usable} usable, {} dead, {} disabled",
            totals.dead, totals.disabled
        ));
        let models: Vec<Value> = models
            .iter()
            .map(|(model, number)| json!({"model": model, "requests": number}))
            .collect();
        Message {
            about: About::Digest,
            state: State::Notice,
            at: now,
            title: format!("{} in numbers", self.date),
            text: lines.join("\n"),
            details: json!({
                "date": self.date.to_string(), "requests": requests, "failed": failed,
                "rescued": rescued, "tokens": tokens, "dollars": dollars, "models": models,
                "keys": {"usable": usable, "dead": totals.dead, "disabled": totals.disabled},
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        Timestamp::from_millis(text.parse::<jiff::Timestamp>().unwrap().as_millisecond())
    }

    #[test]
    fn it_comes_once_a_day_at_its_hour() {
        let zone = TimeZone::get("Asia/Shanghai").unwrap();
        let mut digest = Digest::default();
        let mut due = |text| digest.due(Some(9), &zone, at(text));
        assert_eq!(due("2026-11-26T00:59:00Z"), None, "08:59");
        let day = due("2026-11-26T01:00:00Z").unwrap();
        assert_eq!(day.date.to_string(), "2026-11-25");
        assert_eq!((day.from, day.to), (at("2026-11-24T16:00:00Z"), at("2026-11-25T16:00:00Z")));
        assert_eq!(due("2026-11-26T15:59:00Z"), None);
        assert_eq!(due("2026-11-27T00:59:00Z"), None);
        assert_eq!(due("2026-11-27T01:00:30Z").unwrap().date.to_string(), "2026-11-26");
    }

    #[test]
    fn who_starts_after_the_hour_waits_for_the_next_day() {
        let mut digest = Digest::default();
        let mut due = |text| digest.due(Some(9), &TimeZone::UTC, at(text));
        assert_eq!(due("2026-11-26T12:00:00Z"), None);
        assert_eq!(due("2026-11-27T08:00:00Z"), None);
        assert!(due("2026-11-27T09:00:00Z").is_some());
        assert_eq!(digest.due(None, &TimeZone::UTC, at("2026-11-28T09:00:00Z")), None);
    }

    #[test]
    fn it_reads_like_a_note() {
        let day = PastDay {
            date: Date::constant(2026, 11, 25),
            from: at("2026-11-25T00:00:00Z"),
            to: at("2026-11-26T00:00:00Z"),
        };
        let numbers = DayNumbers {
            requests: 200,
            failed: 3,
            rescued: 12,
            tokens: 51_000,
            dollars: 1.5,
            models: vec![("gemini-2.5-flash".to_owned(), 180)],
        };
        let totals = Totals { total: 10, ready: 7, cooling: 1, dead: 2, ..Totals::default() };
        let message = day.message(&numbers, totals, at("2026-11-26T09:00:00Z"));
        assert_eq!(message.title, "2026-11-25 in numbers");
        assert_eq!(
            message.text,
            "200 requests, 98 % succeeded, 12 of them not at the first attempt\n\
             51000 tokens, $1.50 by list price\n\
             gemini-2.5-flash: 180 requests\n\
             Keys: 8 usable, 2 dead, 0 disabled"
        );
    }
}
