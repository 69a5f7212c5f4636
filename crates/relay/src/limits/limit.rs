//! The limits that a client token can have, and what its caller is told who has reached one.

use std::time::Duration;

use http::StatusCode;
use store::Cost;

use crate::answer::Fault;

/// What can be limited.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Limit {
    /// Requests at the same time.
    Concurrency,
    /// Requests in any minute.
    MinuteRequests,
    /// Tokens in any minute.
    MinuteTokens,
    /// Requests in a day.
    DayRequests,
    /// Tokens in a day.
    DayTokens,
    /// Money in a day.
    DayBudget,
    /// Money in a month.
    MonthBudget,
}

impl Limit {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::Concurrency,
        Self::MinuteRequests,
        Self::MinuteTokens,
        Self::DayRequests,
        Self::DayTokens,
        Self::DayBudget,
        Self::MonthBudget,
    ];

    /// The name in metrics.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Concurrency => "concurrency",
            Self::MinuteRequests => "minute_requests",
            Self::MinuteTokens => "minute_tokens",
            Self::DayRequests => "day_requests",
            Self::DayTokens => "day_tokens",
            Self::DayBudget => "day_budget",
            Self::MonthBudget => "month_budget",
        }
    }

    /// So much of it, in words.
    fn of(self, allowed: u64) -> String {
        let money = Cost::from_nanos(allowed);
        match self {
            Self::Concurrency => format!("{allowed} requests at the same time"),
            Self::MinuteRequests => format!("{allowed} requests a minute"),
            Self::MinuteTokens => format!("{allowed} tokens a minute"),
            Self::DayRequests => format!("{allowed} requests a day"),
            Self::DayTokens => format!("{allowed} tokens a day"),
            Self::DayBudget => format!("${money} a day"),
            Self::MonthBudget => format!("${money} a month"),
        }
    }
}

/// A request that is beyond its token's limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Refused {
    pub(crate) limit: Limit,
    /// How much is allowed; money in billionths of a dollar.
    pub(crate) allowed: u64,
    /// After this time it would be served, if nothing else came.
    pub(crate) wait: Duration,
}

impl Refused {
    /// What the caller is told: whose limit it was, and when to come again.
    pub(crate) fn fault(&self) -> Fault {
        let seconds = self.seconds();
        let message = format!(
            "This client token's own limit of {} is reached; try again in {seconds} s. The limit is \
             the token's, not the pool's: other tokens are served.",
            self.limit.of(self.allowed)
        );
        let fault = Fault::new(StatusCode::TOO_MANY_REQUESTS, "client_limit", message);
        fault.retry_after(seconds)
    }

    /// Rounded up: who comes then is served.
    fn seconds(&self) -> u64 {
        self.wait.as_millis().div_ceil(1000).max(1) as u64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_caller_hears_whose_limit_it_was_and_when_to_come_again() {
        let wait = Duration::from_millis(30_001);
        let refused = Refused { limit: Limit::MinuteRequests, allowed: 2, wait };
        let fault = refused.fault();
        assert_eq!((fault.status.as_u16(), fault.retry_after), (429, Some(31)));
        assert!(fault.message.starts_with("This client token's own limit of 2 requests a minute"));
        let refused =
            Refused { limit: Limit::DayBudget, allowed: 250_000_000, wait: Duration::ZERO };
        assert!(refused.fault().message.contains("of $0.25 a day is reached; try again in 1 s"));
    }
}
