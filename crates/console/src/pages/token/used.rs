//! What a client token has used, beside what it may use.

use relay::Standing;
use store::{Cost, TokenLimits};

use crate::format;
use crate::words::tokens::TokensWords;

/// Something that is counted, and may be limited.
pub(in crate::pages) struct Used {
    pub(in crate::pages) label: &'static str,
    pub(in crate::pages) amount: String,
    pub(in crate::pages) limit: Option<Limited>,
}

/// How much of it may be used.
pub(in crate::pages) struct Limited {
    pub(in crate::pages) most: String,
    /// How much of that is used, in percent.
    pub(in crate::pages) share: u64,
}

impl Used {
    /// All that is counted.
    pub(in crate::pages) fn of(
        w: &'static TokensWords,
        limits: &TokenLimits,
        standing: &Standing,
    ) -> Vec<Self> {
        let count = |label, used: u64, limit: Option<u64>| Self {
            label,
            amount: format::count(used),
            limit: limit.map(|most| Limited::new(format::count(most), used, most)),
        };
        let cost = |label, used: Cost, limit: Option<Cost>| {
            let limited = |most: Cost| Limited::new(dollars(most), used.nanos(), most.nanos());
            Self { label, amount: dollars(used), limit: limit.map(limited) }
        };
        let today = Cost::from_nanos(standing.day.nanos);
        vec![
            count(w.in_flight, standing.in_flight, limits.concurrency),
            count(w.minute_requests, standing.minute_requests, limits.requests_per_minute),
            count(w.minute_tokens, standing.minute_tokens, limits.tokens_per_minute),
            count(w.day_requests, standing.day.requests, limits.requests_per_day),
            count(w.day_tokens, standing.day.tokens, limits.tokens_per_day),
            cost(w.day_cost, today, limits.budget_per_day),
            cost(w.month_cost, standing.month, limits.budget_per_month),
        ]
    }
}

impl Limited {
    fn new(most: String, used: u64, limit: u64) -> Self {
        let share = u128::from(used) * 100 / u128::from(limit.max(1));
        let share = if limit == 0 { 100 } else { u64::try_from(share.min(100)).unwrap_or(100) };
        Self { most, share }
    }
}

fn dollars(cost: Cost) -> String {
    format!("${cost}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::Language;

    #[test]
    fn a_share_is_of_what_is_limited() {
        let limits = TokenLimits {
            requests_per_minute: Some(2),
            tokens_per_day: Some(0),
            budget_per_month: Some("2.00".parse().unwrap()),
            ..TokenLimits::default()
        };
        let standing = Standing {
            minute_requests: 5,
            month: Cost::from_nanos(500_000_000),
            ..Standing::default()
        };
        let used = Used::of(TokensWords::of(Language::English), &limits, &standing);
        let shares: Vec<_> =
            used.iter().map(|one| one.limit.as_ref().map(|limit| limit.share)).collect();
        assert_eq!(shares, [None, Some(100), None, None, Some(100), None, Some(25)]);
        assert_eq!(used[6].amount, "$0.50");
    }
}
