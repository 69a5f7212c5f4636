//! Which quota is spent, and until when.

use std::time::Duration;

use http::{HeaderMap, header::RETRY_AFTER};
use keypool::{QuotaSpent, Scope, Timestamp, Window, next_pacific_midnight};

use super::NOT_OFFERED;
use super::error_body::{ErrorBody, Violation};

/// Shortest block of a minute window: Google rounds its delays down to "0s".
const SHORTEST: Duration = Duration::from_secs(1);
/// How long a minute window is closed when Google does not say.
const MINUTE: Duration = Duration::from_mins(1);
/// The window of Google's limit on spending.
const SPEND_WINDOW: Duration = Duration::from_mins(10);
/// A longer delay than this is taken for a mistake.
const LONGEST: Duration = Duration::from_hours(24);
/// Google's day counters are reset a little after midnight: a day quota reported spent within this
/// time is still yesterday's, and must not cost the key the whole new day.
const RESET_LAG: Duration = Duration::from_mins(10);

/// Reads a 429.
pub(super) fn spent(error: &ErrorBody, now: Timestamp) -> QuotaSpent {
    let delay = [error.retry_delay, asked_in_words(&error.message), error.retry_after];
    let delay = delay.into_iter().flatten().max().map(|delay| delay.min(LONGEST));
    let listed = error.violations.iter().chain(&error.old_quota);
    let not_offered = limit_zero(&error.message) || listed.clone().any(|one| one.limit == Some(0));
    let worst = listed.max_by_key(|one| severity(one.window()));
    let window = match worst {
        _ if not_offered => Window::NotOffered,
        Some(worst) => worst.window(),
        None if speaks_of_spending(&error.message) => Window::Spend,
        None => Window::Unknown,
    };
    let scope = match (window, worst) {
        (Window::Spend, _) => Scope::Project,
        (Window::NotOffered, _) | (_, None) => Scope::Model,
        (_, Some(worst)) => worst.scope(),
    };
    QuotaSpent {
        window,
        scope,
        until: until(window, delay, now),
        limit: worst.and_then(|worst| worst.limit).or_else(|| stated_limit(&error.message)),
        quota_id: worst.map(|worst| worst.quota_id.clone()).filter(|id| !id.is_empty()),
    }
}

fn until(window: Window, delay: Option<Duration>, now: Timestamp) -> Option<Timestamp> {
    let for_at_least = |shortest: Duration| Some(now + delay.unwrap_or(shortest).max(SHORTEST));
    match window {
        Window::NotOffered => Some(now + NOT_OFFERED),
        Window::DayRequests | Window::DayTokens => Some(end_of_day(now)),
        Window::Spend => Some(now + delay.unwrap_or_default().max(SPEND_WINDOW)),
        Window::MinuteRequests | Window::MinuteTokens => for_at_least(MINUTE),
        Window::Unknown | Window::Paused => delay.map(|delay| now + delay.max(SHORTEST)),
    }
}

fn end_of_day(now: Timestamp) -> Timestamp {
    let lag = i64::try_from(RESET_LAG.as_millis()).unwrap_or_default();
    let recent_midnight = next_pacific_midnight(Timestamp::from_millis(now.millis() - lag));
    if recent_midnight <= now { now + RESET_LAG / 2 } else { recent_midnight }
}

impl Violation {
    fn window(&self) -> Window {
        let tokens = self.quota_id.contains("Token") || self.metric.contains("token_count");
        let day = self.quota_id.contains("PerDay")
            || self.quota_id.contains("Daily")
            || self.metric.ends_with("_per_day");
        let minute = self.quota_id.contains("PerMinute") || self.metric.ends_with("_per_minute");
        match (day, minute, tokens) {
            (true, _, true) => Window::DayTokens,
            (true, _, false) => Window::DayRequests,
            _ if speaks_of_spending(&self.quota_id) => Window::Spend,
            (_, true, true) => Window::MinuteTokens,
            (_, true, false) => Window::MinuteRequests,
            _ => Window::Unknown,
        }
    }

    fn scope(&self) -> Scope {
        if self.names_model || self.quota_id.contains("PerModel") || self.quota_id.is_empty() {
            Scope::Model
        } else {
            Scope::Project
        }
    }
}

/// Of several violations the one that lasts longest decides.
fn severity(window: Window) -> u8 {
    match window {
        Window::NotOffered => 5,
        Window::DayRequests | Window::DayTokens => 4,
        Window::Spend => 3,
        Window::MinuteRequests | Window::MinuteTokens => 2,
        Window::Unknown | Window::Paused => 1,
    }
}

fn speaks_of_spending(text: &str) -> bool {
    let text = text.to_ascii_lowercase();
    text.contains("spend") || text.contains("spent")
}

/// Whether the message says `limit: 0`: the project's tier has no quota at all for this model, and
/// then the violations carry no value.
fn limit_zero(message: &str) -> bool {
    limits(message).any(|limit| limit == Some(0))
}

fn stated_limit(message: &str) -> Option<u64> {
    limits(message).flatten().max()
}

fn limits(message: &str) -> impl Iterator<Item = Option<u64>> + '_ {
    message.match_indices("limit:").map(|(at, found)| {
        let rest = message[at + found.len()..].trim_start();
        let digits = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        let fraction = rest[digits..]
            .strip_prefix('.')
            .is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
        if fraction { None } else { rest[..digits].parse().ok() }
    })
}

/// "Please retry in 21.518302991s." at the end of a message.
fn asked_in_words(message: &str) -> Option<Duration> {
    const WORDS: &str = "Please retry in ";
    let rest = &message[message.rfind(WORDS)? + WORDS.len()..];
    let word = rest.split_whitespace().next()?;
    duration(word.trim_end_matches('.'))
}

/// `21s`, `21.5s`, `900ms`, `18h28m3.5s`.
pub(super) fn duration(text: &str) -> Option<Duration> {
    let mut rest = text.trim();
    let mut seconds = 0.0;
    if rest.is_empty() {
        return None;
    }
    while !rest.is_empty() {
        let unit_at = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let amount: f64 = rest[..unit_at].parse().ok()?;
        let (factor, length) = match &rest[unit_at..] {
            unit if unit.starts_with("ms") => (0.001, 2),
            unit if unit.starts_with('s') => (1.0, 1),
            unit if unit.starts_with('m') => (60.0, 1),
            unit if unit.starts_with('h') => (3600.0, 1),
            _ => return None,
        };
        seconds += amount * factor;
        rest = &rest[unit_at + length..];
    }
    Duration::try_from_secs_f64(seconds).ok()
}

/// `Retry-After` in its form of seconds; Google has not been seen to send any.
pub(super) fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let seconds = headers.get(RETRY_AFTER)?.to_str().ok()?.trim().parse().ok()?;
    Some(Duration::from_secs(seconds))
}
