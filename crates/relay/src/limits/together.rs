//! Limits in the words in which several processes count together.

use std::sync::Arc;
use std::time::Duration;

use keypool::Timestamp;
use shared::{Ask, Counted, Reached, Settlement};
use store::{Cost, TokenLimits};

use super::calendar::Day;
use super::meter::Known;
use super::{Amount, Limit, Refused};
use crate::tokens::Client;

/// The question whether all processes together have room for a request.
pub(super) fn ask<'a>(
    owner: &'a Client,
    request: &'a str,
    lease: Duration,
    day: &'a str,
    amount: Amount,
    known: &Known,
) -> Ask<'a> {
    Ask {
        token: &owner.token_id,
        request,
        lease: u64::try_from(lease.as_millis()).unwrap_or(u64::MAX),
        day,
        tokens: amount.tokens,
        cost: amount.nanos,
        own: counted(known.own, known.own_month),
        version: known.version,
        others: counted(known.others, known.others_month),
        limits: limits(&owner.limits),
    }
}

/// A request that is over, and what it was counted as before.
pub(super) struct Settled<'a> {
    pub(super) token: &'a str,
    pub(super) request: &'a str,
    pub(super) day: &'a str,
    pub(super) second: Option<i64>,
    pub(super) before: Amount,
    pub(super) after: Amount,
}

impl Settled<'_> {
    pub(super) fn told(&self, known: &Known) -> Settlement {
        Settlement {
            token: self.token.to_owned(),
            request: self.request.to_owned(),
            day: self.day.to_owned(),
            second: self.second,
            requests: difference(self.before.requests, self.after.requests),
            tokens: difference(self.before.tokens, self.after.tokens),
            own: counted(known.own, known.own_month),
            version: known.version,
        }
    }
}

fn difference(before: u64, after: u64) -> i64 {
    i64::try_from(i128::from(after) - i128::from(before)).unwrap_or_default()
}

fn counted(day: Amount, month_cost: u64) -> Counted {
    let Amount { requests, tokens, nanos: cost } = day;
    Counted { requests, tokens, cost, month_cost }
}

/// What others have used of a day.
pub(super) fn amount(counted: &Counted) -> Amount {
    let Counted { requests, tokens, cost: nanos, month_cost: _ } = *counted;
    Amount { requests, tokens, nanos }
}

fn limits(limits: &TokenLimits) -> shared::Limits {
    let money = |budget: Option<Cost>| budget.map(Cost::nanos).unwrap_or_default();
    shared::Limits {
        minute_requests: limits.requests_per_minute.unwrap_or_default(),
        minute_tokens: limits.tokens_per_minute.unwrap_or_default(),
        day_requests: limits.requests_per_day.unwrap_or_default(),
        day_tokens: limits.tokens_per_day.unwrap_or_default(),
        day_cost: money(limits.budget_per_day),
        month_cost: money(limits.budget_per_month),
        concurrency: limits.concurrency.unwrap_or_default(),
    }
}

/// What was reached, and when there is room again.
pub(super) fn refused(
    reached: Reached,
    limits: &TokenLimits,
    day: &Arc<Day>,
    now: Timestamp,
) -> Refused {
    let limits = self::limits(limits);
    let (until_midnight, until_month) =
        (day.ends.saturating_since(now), day.month_ends.saturating_since(now));
    let (limit, allowed, wait) = match reached {
        Reached::Concurrency => (Limit::Concurrency, limits.concurrency, Duration::from_secs(1)),
        Reached::MinuteRequests(seconds) => {
            (Limit::MinuteRequests, limits.minute_requests, Duration::from_secs(seconds))
        }
        Reached::MinuteTokens(seconds) => {
            (Limit::MinuteTokens, limits.minute_tokens, Duration::from_secs(seconds))
        }
        Reached::DayRequests => (Limit::DayRequests, limits.day_requests, until_midnight),
        Reached::DayTokens => (Limit::DayTokens, limits.day_tokens, until_midnight),
        Reached::DayCost => (Limit::DayBudget, limits.day_cost, until_midnight),
        Reached::MonthCost => (Limit::MonthBudget, limits.month_cost, until_month),
    };
    Refused { limit, allowed, wait }
}
