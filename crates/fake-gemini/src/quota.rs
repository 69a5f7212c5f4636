//! Quotas per project and model, counted by the virtual clock.

use std::collections::{HashMap, VecDeque};
use std::time::Duration;

use crate::clock::pacific_day_start;

const MINUTE: i64 = 60_000;

/// The tier that a quota's error names.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Tier {
    /// `…-FreeTier`
    #[default]
    Free,
    /// `…-PaidTier1`
    Paid1,
    /// `…-PaidTier2`
    Paid2,
    /// `…-PaidTier3`
    Paid3,
}

/// What a project may do with one model; what is not set is unlimited. A limit of 0 means that
/// the project has no such model.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Quota {
    pub(crate) requests_per_minute: Option<u64>,
    pub(crate) requests_per_day: Option<u64>,
    pub(crate) tokens_per_minute: Option<u64>,
    pub(crate) tier: Tier,
    minutes: Minutes,
}

/// What is a minute?
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Minutes {
    /// Any 60 seconds.
    #[default]
    Sliding,
    /// From one full minute of the clock to the next.
    Fixed,
}

impl Quota {
    /// No limits.
    pub fn new() -> Self {
        Self::default()
    }

    /// Requests in any 60 seconds, unless the minutes are [fixed](Self::fixed_minutes).
    pub fn rpm(mut self, requests: u64) -> Self {
        self.requests_per_minute = Some(requests);
        self
    }

    /// Requests between two midnights in Los Angeles.
    pub fn rpd(mut self, requests: u64) -> Self {
        self.requests_per_day = Some(requests);
        self
    }

    /// Input tokens in any 60 seconds, unless the minutes are [fixed](Self::fixed_minutes).
    pub fn tpm(mut self, tokens: u64) -> Self {
        self.tokens_per_minute = Some(tokens);
        self
    }

    /// The tier named in the errors; free unless set.
    pub fn tier(mut self, tier: Tier) -> Self {
        self.tier = tier;
        self
    }

    /// Minutes begin when the clock's do, and each begins with nothing used. Otherwise they slide:
    /// each request counts for 60 seconds of its own.
    pub fn fixed_minutes(mut self) -> Self {
        self.minutes = Minutes::Fixed;
        self
    }

    pub(crate) fn is_unlimited(self) -> bool {
        self.requests_per_minute.is_none()
            && self.requests_per_day.is_none()
            && self.tokens_per_minute.is_none()
    }

    fn is_offered(self) -> bool {
        ![self.requests_per_minute, self.requests_per_day, self.tokens_per_minute]
            .contains(&Some(0))
    }

    /// Until when a request counts against the limits of a minute.
    fn counts_until(self, at: i64) -> i64 {
        match self.minutes {
            Minutes::Sliding => at + MINUTE,
            Minutes::Fixed => at - at.rem_euclid(MINUTE) + MINUTE,
        }
    }
}

/// A limit that a request ran into.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Limit {
    RequestsPerMinute,
    RequestsPerDay,
    TokensPerMinute,
}

/// Why a request was refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Exceeded {
    /// Each limit that was hit and its value; all three with 0 where the model is not offered.
    pub(crate) violations: Vec<(Limit, u64)>,
    /// What `RetryInfo` says. Short even for a daily limit, as Google's is.
    pub(crate) retry_after: Duration,
}

/// What was used of every project × model that has a limit.
#[derive(Debug, Default)]
pub(crate) struct Meters(HashMap<(String, String), Meter>);

#[derive(Debug, Default)]
struct Meter {
    /// The requests of this minute: when, and with how many input tokens.
    minute: VecDeque<(i64, u64)>,
    day_start: i64,
    requests_today: u64,
}

impl Meters {
    /// Counts a request, or says which limits forbid it (it is then not counted).
    pub(crate) fn take(
        &mut self,
        quota: Quota,
        project: &str,
        model: &str,
        tokens: u64,
        now: i64,
    ) -> Result<(), Exceeded> {
        if quota.is_unlimited() {
            return Ok(());
        }
        let meter = self.0.entry((project.to_owned(), model.to_owned())).or_default();
        meter.roll(quota, now);
        meter.check(quota, tokens, now)?;
        meter.minute.push_back((now, tokens));
        meter.requests_today += 1;
        Ok(())
    }
}

impl Meter {
    fn roll(&mut self, quota: Quota, now: i64) {
        // A clock set back must not leave requests of the future in the window.
        self.minute.retain(|(at, _)| quota.counts_until(*at) > now && *at <= now);
        let day_start = pacific_day_start(now);
        if day_start != self.day_start {
            self.day_start = day_start;
            self.requests_today = 0;
        }
    }

    fn check(&self, quota: Quota, tokens: u64, now: i64) -> Result<(), Exceeded> {
        if !quota.is_offered() {
            use Limit::{RequestsPerDay, RequestsPerMinute, TokensPerMinute};
            let violations = [TokensPerMinute, RequestsPerMinute, RequestsPerDay];
            return Err(Exceeded {
                violations: violations.map(|limit| (limit, 0)).to_vec(),
                retry_after: until_next_minute(now),
            });
        }
        let mut violations = Vec::new();
        let mut wait = Duration::ZERO;
        if let Some(limit) = quota.requests_per_day
            && self.requests_today >= limit
        {
            violations.push((Limit::RequestsPerDay, limit));
            wait = wait.max(until_next_minute(now));
        }
        if let Some(limit) = quota.requests_per_minute
            && self.minute.len() as u64 >= limit
        {
            violations.push((Limit::RequestsPerMinute, limit));
            wait = wait.max(self.until_room(quota, now, |requests, _| requests < limit));
        }
        if let Some(limit) = quota.tokens_per_minute
            && self.tokens() + tokens > limit
        {
            violations.push((Limit::TokensPerMinute, limit));
            wait = wait.max(self.until_room(quota, now, |_, used| used + tokens <= limit));
        }
        if violations.is_empty() {
            return Ok(());
        }
        Err(Exceeded { violations, retry_after: wait.max(Duration::from_millis(1)) })
    }

    fn tokens(&self) -> u64 {
        self.minute.iter().map(|(_, tokens)| tokens).sum()
    }

    /// How long until enough requests have left the minute, given what stays in it.
    fn until_room(&self, quota: Quota, now: i64, fits: impl Fn(u64, u64) -> bool) -> Duration {
        let mut requests = self.minute.len() as u64;
        let mut tokens = self.tokens();
        for (at, used) in &self.minute {
            requests -= 1;
            tokens -= used;
            if fits(requests, tokens) {
                return Duration::from_millis((quota.counts_until(*at) - now).max(1) as u64);
            }
        }
        Duration::from_millis(MINUTE as u64)
    }
}

fn until_next_minute(now: i64) -> Duration {
    Duration::from_millis((MINUTE - now.rem_euclid(MINUTE)) as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOON: i64 = 1_790_000_000_000;

    fn take(meters: &mut Meters, quota: Quota, tokens: u64, now: i64) -> Result<(), Exceeded> {
        meters.take(quota, "p", "m", tokens, now)
    }

    #[test]
    fn the_minute_slides() {
        let (mut meters, quota) = (Meters::default(), Quota::new().rpm(2));
        take(&mut meters, quota, 1, NOON).unwrap();
        take(&mut meters, quota, 1, NOON + 10_000).unwrap();
        let refused = take(&mut meters, quota, 1, NOON + 20_000).unwrap_err();
        assert_eq!(refused.violations, [(Limit::RequestsPerMinute, 2)]);
        assert_eq!(refused.retry_after, Duration::from_secs(40));
        take(&mut meters, quota, 1, NOON + 60_000).unwrap();
        take(&mut meters, quota, 1, NOON + 60_001).unwrap_err();
    }

    #[test]
    fn a_fixed_minute_ends_for_all_its_requests_at_once() {
        let (mut meters, quota) = (Meters::default(), Quota::new().rpm(2).fixed_minutes());
        let minute = NOON - NOON.rem_euclid(MINUTE);
        take(&mut meters, quota, 1, minute + 50_000).unwrap();
        take(&mut meters, quota, 1, minute + 55_000).unwrap();
        let refused = take(&mut meters, quota, 1, minute + 59_000).unwrap_err();
        assert_eq!(refused.retry_after, Duration::from_secs(1));
        take(&mut meters, quota, 1, minute + 60_000).unwrap();
        take(&mut meters, quota, 1, minute + 60_001).unwrap();
        take(&mut meters, quota, 1, minute + 60_002).unwrap_err();
    }

    #[test]
    fn tokens_count_what_the_request_brings() {
        let (mut meters, quota) = (Meters::default(), Quota::new().tpm(100));
        take(&mut meters, quota, 60, NOON).unwrap();
        take(&mut meters, quota, 60, NOON + 1).unwrap_err();
        take(&mut meters, quota, 40, NOON + 2).unwrap();
        take(&mut meters, quota, 101, NOON + 90_000).unwrap_err();
    }

    #[test]
    fn models_and_projects_are_counted_apart() {
        let (mut meters, quota) = (Meters::default(), Quota::new().rpd(1));
        meters.take(quota, "p", "m", 1, NOON).unwrap();
        meters.take(quota, "p", "n", 1, NOON).unwrap();
        meters.take(quota, "q", "m", 1, NOON).unwrap();
        meters.take(quota, "p", "m", 1, NOON).unwrap_err();
    }

    #[test]
    fn limit_zero_names_all_three_limits() {
        let refused = take(&mut Meters::default(), Quota::new().rpd(0), 1, NOON).unwrap_err();
        assert_eq!(refused.violations.len(), 3);
        assert!(refused.violations.iter().all(|(_, value)| *value == 0));
    }
}
