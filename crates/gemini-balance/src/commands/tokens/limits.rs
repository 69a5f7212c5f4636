//! From the command line to a token's limits, and back to words.

use store::{Cost, TokenLimits};

use crate::cli::{Change, Count, LimitArguments};

/// Whether something is said about limits. Expiry is no limit.
pub(super) fn is_any(arguments: &LimitArguments) -> bool {
    let LimitArguments {
        requests_per_minute,
        requests_per_day,
        tokens_per_minute,
        tokens_per_day,
        budget_per_day,
        budget_per_month,
        concurrency,
        models,
        expires: _,
    } = arguments;
    let counts =
        [requests_per_minute, requests_per_day, tokens_per_minute, tokens_per_day, concurrency];
    counts.iter().any(|count| count.is_some())
        || [budget_per_day, budget_per_month].iter().any(|budget| budget.is_some())
        || !models.is_empty()
}

/// The limits with what the arguments change of them.
pub(super) fn changed(mut limits: TokenLimits, arguments: &LimitArguments) -> TokenLimits {
    count(&mut limits.requests_per_minute, arguments.requests_per_minute);
    count(&mut limits.requests_per_day, arguments.requests_per_day);
    count(&mut limits.tokens_per_minute, arguments.tokens_per_minute);
    count(&mut limits.tokens_per_day, arguments.tokens_per_day);
    count(&mut limits.concurrency, arguments.concurrency);
    money(&mut limits.budget_per_day, arguments.budget_per_day);
    money(&mut limits.budget_per_month, arguments.budget_per_month);
    if !arguments.models.is_empty() {
        limits.models.clone_from(&arguments.models);
    }
    limits
}

fn count(limit: &mut Option<u64>, change: Option<Change<Count>>) {
    if let Some(change) = change {
        *limit = change.value().map(|Count(number)| number);
    }
}

fn money(limit: &mut Option<Cost>, change: Option<Change<Cost>>) {
    if let Some(change) = change {
        *limit = change.value();
    }
}

/// The limits in a few words: `10 requests/min, $2.50/day, gemini-*`.
pub(super) fn in_words(limits: &TokenLimits) -> String {
    let counts = [
        (limits.requests_per_minute, "requests/min"),
        (limits.requests_per_day, "requests/day"),
        (limits.tokens_per_minute, "tokens/min"),
        (limits.tokens_per_day, "tokens/day"),
        (limits.concurrency, "at a time"),
    ];
    let counts = counts
        .into_iter()
        .filter_map(|(limit, unit)| limit.map(|number| format!("{number} {unit}")));
    let budgets = [(limits.budget_per_day, "day"), (limits.budget_per_month, "month")];
    let budgets = budgets
        .into_iter()
        .filter_map(|(budget, time)| budget.map(|cost| format!("${cost}/{time}")));
    let words: Vec<String> = counts.chain(budgets).chain(limits.models.iter().cloned()).collect();
    words.join(", ")
}
