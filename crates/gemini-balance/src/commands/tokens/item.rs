//! A token as `--json` shows it.

use std::net::IpAddr;

use keypool::Timestamp;
use serde::Serialize;
use store::{StoredToken, TokenLimits, TokenUsage};

use crate::output;

/// A token, its limits, and what it has used.
#[derive(Serialize)]
pub(super) struct Item<'a> {
    id: &'a str,
    name: &'a str,
    token: &'a str,
    tags: &'a [String],
    active: bool,
    limits: Limits<'a>,
    expires_at: Option<String>,
    /// When the secrets end that were replaced and that open still.
    former_secrets_end_at: Vec<String>,
    used: Used,
    source: &'static str,
    created_at: Option<String>,
    revoked_at: Option<String>,
    last_used_at: Option<String>,
    last_used_from: Option<IpAddr>,
    note: &'a str,
}

#[derive(Serialize)]
struct Limits<'a> {
    requests_per_minute: Option<u64>,
    requests_per_day: Option<u64>,
    tokens_per_minute: Option<u64>,
    tokens_per_day: Option<u64>,
    /// Dollars.
    budget_per_day: Option<f64>,
    budget_per_month: Option<f64>,
    concurrency: Option<u64>,
    models: &'a [String],
}

/// What was used, as far as it is written down; money in dollars.
#[derive(Default, Serialize)]
struct Used {
    requests_today: u64,
    tokens_today: u64,
    cost_today: f64,
    cost_this_month: f64,
}

impl<'a> Item<'a> {
    /// `usage` is what tokens used in the month of `day`.
    pub(super) fn new(token: &'a StoredToken, usage: &[TokenUsage], day: &str) -> Self {
        let now = output::now();
        let expired = token.expires_at.is_some_and(|end| end <= now);
        let former = token.former.iter().map(|former| former.valid_until);
        Self {
            id: &token.id,
            name: &token.name,
            token: &token.mask,
            tags: &token.tags,
            active: token.revoked_at.is_none() && !expired,
            limits: Limits::new(&token.limits),
            expires_at: token.expires_at.and_then(output::iso),
            former_secrets_end_at: open(former, now),
            used: Used::new(usage.iter().filter(|usage| usage.token_id == token.id), day),
            source: token.source.as_str(),
            created_at: output::iso(token.created_at),
            revoked_at: token.revoked_at.and_then(output::iso),
            last_used_at: token.last_used_at.and_then(output::iso),
            last_used_from: token.last_used_from,
            note: &token.note,
        }
    }
}

fn open(ends: impl Iterator<Item = Timestamp>, now: Timestamp) -> Vec<String> {
    ends.filter(|end| *end > now).filter_map(output::iso).collect()
}

impl<'a> Limits<'a> {
    fn new(limits: &'a TokenLimits) -> Self {
        Self {
            requests_per_minute: limits.requests_per_minute,
            requests_per_day: limits.requests_per_day,
            tokens_per_minute: limits.tokens_per_minute,
            tokens_per_day: limits.tokens_per_day,
            budget_per_day: limits.budget_per_day.map(store::Cost::dollars),
            budget_per_month: limits.budget_per_month.map(store::Cost::dollars),
            concurrency: limits.concurrency,
            models: &limits.models,
        }
    }
}

impl Used {
    fn new<'u>(usage: impl Iterator<Item = &'u TokenUsage>, day: &str) -> Self {
        usage.fold(Self::default(), |mut used, usage| {
            used.cost_this_month += usage.cost.dollars();
            if usage.day == day {
                used.requests_today += usage.requests;
                used.tokens_today += usage.tokens;
                used.cost_today += usage.cost.dollars();
            }
            used
        })
    }
}
