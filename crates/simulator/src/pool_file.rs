//! A pool as people write it down: JSON, every field of which has a default but keys and load.

use std::collections::HashMap;
use std::fmt::Display;
use std::sync::Arc;
use std::time::Duration;

use keypool::{DeathReason, DeclaredLimit, Outcome, Phase, Policy, Strategy, Timestamp, Window};
use serde::Deserialize;

use crate::google::{Fault, Quota};
use crate::scenario::{Demand, Outage, Scenario, SimKey};
use crate::scenarios::{START, TOKENS, WHOLE};

const MOST_KEYS: usize = 50_000;
const MOST_MINUTES: u64 = 7 * 24 * 60;

/// Why a text describes no pool.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {problem}")]
pub(crate) struct BadFile {
    /// Where, as `keys[3].fault`.
    field: String,
    problem: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct PoolFile {
    #[serde(default = "unnamed")]
    name: String,
    #[serde(default = "one")]
    seed: u64,
    #[serde(default)]
    start: Option<String>,
    #[serde(default = "twenty")]
    minutes: u64,
    #[serde(default)]
    strategy: Strategy,
    #[serde(default = "five")]
    pool_wait_seconds: u64,
    #[serde(default)]
    streamed: bool,
    #[serde(default = "whole")]
    answers_take_ms: (u64, u64),
    keys: Vec<Keys>,
    #[serde(default)]
    limits: Vec<Allowance>,
    load: Vec<Load>,
    #[serde(default)]
    outages: Vec<OutageSpan>,
}

/// Keys that are alike.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Keys {
    #[serde(default = "one")]
    count: u64,
    #[serde(default)]
    project: Option<String>,
    #[serde(default)]
    tier: u8,
    #[serde(default = "weight")]
    weight: u32,
    #[serde(default)]
    tags: Vec<String>,
    #[serde(default)]
    fault: Fault,
}

/// What Google allows.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Allowance {
    #[serde(default)]
    project: Option<String>,
    #[serde(default)]
    tier: Option<u8>,
    #[serde(default)]
    model: Option<String>,
    window: Window,
    limit: u64,
    /// Whether the pool is told.
    #[serde(default)]
    declared: bool,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Load {
    #[serde(default = "client")]
    client: String,
    model: String,
    per_minute: f64,
    #[serde(default = "tokens")]
    tokens: (u64, u64),
    #[serde(default)]
    tags: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct OutageSpan {
    from_minute: u64,
    to_minute: u64,
    #[serde(default)]
    model: Option<String>,
    answer: OutageAnswer,
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
enum OutageAnswer {
    /// 503.
    Busy,
    /// No connection.
    Unreachable,
    /// Keys are refused as invalid.
    Invalid,
}

/// Reads a pool file.
pub(crate) fn parse(text: &str) -> Result<Scenario, BadFile> {
    let mut json = serde_json::Deserializer::from_str(text);
    let file: PoolFile = serde_path_to_error::deserialize(&mut json).map_err(|error| {
        let field = match error.path().to_string() {
            path if [".", "?"].contains(&path.as_str()) => "the file".to_owned(),
            path => path,
        };
        bad(field, &error.into_inner())
    })?;
    json.end().map_err(|error| bad("the file", &error))?;
    file.check()?;
    file.scenario()
}

impl PoolFile {
    fn check(&self) -> Result<(), BadFile> {
        ensure((1..=MOST_MINUTES).contains(&self.minutes), "minutes", || {
            format!("expected 1 to {MOST_MINUTES}, not {}", self.minutes)
        })?;
        in_order("answers_take_ms", self.answers_take_ms)?;
        let keys = self.keys.iter().fold(0, |sum: u64, keys| sum.saturating_add(keys.count));
        ensure((1..=MOST_KEYS as u64).contains(&keys), "keys", || {
            format!("expected 1 to {MOST_KEYS} keys in all, not {keys}")
        })?;
        ensure(!self.load.is_empty(), "load", || "expected at least one entry".to_owned())?;
        each("load", &self.load, |load| self.check_load(load))?;
        each("limits", &self.limits, |limit| self.check_limit(limit))?;
        each("outages", &self.outages, |outage| self.check_outage(outage))
    }

    fn check_load(&self, load: &Load) -> Result<(), BadFile> {
        ensure(load.per_minute.is_finite() && load.per_minute > 0.0, "per_minute", || {
            format!("expected a rate above 0, not {}", load.per_minute)
        })?;
        in_order("tokens", load.tokens)?;
        let is_tagged =
            self.keys.iter().any(|keys| keys.tags.iter().any(|tag| load.tags.contains(tag)));
        ensure(load.tags.is_empty() || is_tagged, "tags", || {
            format!("no key has any of {:?}", load.tags)
        })
    }

    fn check_limit(&self, limit: &Allowance) -> Result<(), BadFile> {
        let is_counted = matches!(
            limit.window,
            Window::MinuteRequests | Window::MinuteTokens | Window::DayRequests
        );
        ensure(is_counted, "window", || {
            let counted = "minute_requests, minute_tokens and day_requests";
            format!("{} is not simulated; {counted} are", limit.window)
        })?;
        ensure(limit.limit > 0, "limit", || "expected at least 1".to_owned())?;
        let has_project =
            |name: &String| self.keys.iter().any(|keys| keys.project.as_ref() == Some(name));
        ensure(limit.project.as_ref().is_none_or(has_project), "project", || {
            "no key belongs to it".to_owned()
        })?;
        let is_asked_for =
            |pattern: &String| self.load.iter().any(|load| matches_model(pattern, &load.model));
        ensure(limit.model.as_ref().is_none_or(is_asked_for), "model", || {
            "nobody asks for it".to_owned()
        })
    }

    fn check_outage(&self, outage: &OutageSpan) -> Result<(), BadFile> {
        ensure(outage.from_minute < outage.to_minute, "to_minute", || {
            format!("expected more than from_minute, {}", outage.from_minute)
        })?;
        let is_asked_for = |model: &String| self.load.iter().any(|load| load.model == *model);
        ensure(outage.model.as_ref().is_none_or(is_asked_for), "model", || {
            "nobody asks for it".to_owned()
        })
    }

    fn scenario(self) -> Result<Scenario, BadFile> {
        let mut models: Vec<Arc<str>> =
            self.load.iter().map(|load| load.model.as_str().into()).collect();
        models.sort_unstable();
        models.dedup();
        let number = |model: &str| models.iter().position(|one| **one == *model).unwrap_or(0);
        let start = self.start.as_deref().map_or(Ok(START), start)?;
        let minute = |minute: u64| start + Duration::from_secs(minute.saturating_mul(60));
        let keys: Vec<SimKey> = self.keys.iter().flat_map(Keys::each).collect();
        let quotas = keys.iter().zip(project_tiers(&keys)).map(|(key, tier)| {
            models.iter().map(|model| quota(&self.limits, key, tier, model)).collect()
        });
        let quotas = quotas.collect();
        let outages = self.outages.iter().map(|outage| Outage {
            from: minute(outage.from_minute),
            to: minute(outage.to_minute),
            model: outage.model.as_deref().map(number),
            outcome: outage.answer.outcome(),
        });
        let demands = self.load.iter().map(|load| load.demand(number(&load.model)));
        Ok(Scenario {
            seed: self.seed,
            start,
            lasts: Duration::from_secs(self.minutes * 60),
            quotas,
            is_secret: false,
            outsiders: 0.0,
            declared: self
                .limits
                .iter()
                .filter(|limit| limit.declared)
                .map(Allowance::as_declared)
                .collect(),
            demands: demands.collect(),
            takes: self.answers_take_ms,
            streamed: self.streamed,
            pool_wait: Duration::from_secs(self.pool_wait_seconds),
            outages: outages.collect(),
            clock_steps: Vec::new(),
            policy: Policy { strategy: self.strategy, seed: self.seed, ..Policy::default() },
            keys,
            models: models.clone(),
            name: self.name,
        })
    }
}

impl Keys {
    fn each(&self) -> impl Iterator<Item = SimKey> {
        let key = SimKey {
            project: self.project.clone(),
            tier: self.tier,
            weight: self.weight,
            tags: self.tags.clone(),
            fault: self.fault,
        };
        (0..self.count).map(move |_| key.clone())
    }
}

impl Load {
    fn demand(&self, model: usize) -> Demand {
        Demand {
            client: self.client.clone(),
            model,
            rate: self.per_minute / 60.0,
            tokens: self.tokens,
            tags: self.tags.clone(),
        }
    }
}

impl Allowance {
    fn as_declared(&self) -> DeclaredLimit {
        DeclaredLimit {
            project: self.project.clone(),
            tier: self.tier,
            model: self.model.clone(),
            window: self.window,
            limit: self.limit,
        }
    }

    fn concerns(&self, key: &SimKey, tier: u8, model: &str) -> bool {
        (self.project.is_none() || self.project == key.project)
            && self.tier.is_none_or(|own| own == tier)
            && self.model.as_ref().is_none_or(|pattern| matches_model(pattern, model))
    }
}

impl OutageAnswer {
    fn outcome(self) -> Outcome {
        match self {
            Self::Busy => Outcome::ModelBusy,
            Self::Unreachable => Outcome::LinkBroken(Phase::Connect),
            Self::Invalid => Outcome::KeyDead(DeathReason::Invalid),
        }
    }
}

/// For each key the lowest tier of its project.
fn project_tiers(keys: &[SimKey]) -> Vec<u8> {
    let mut lowest: HashMap<&str, u8> = HashMap::new();
    for key in keys {
        if let Some(project) = &key.project {
            let tier = lowest.entry(project).or_insert(key.tier);
            *tier = key.tier.min(*tier);
        }
    }
    let of = |key: &SimKey| key.project.as_ref().and_then(|project| lowest.get(project.as_str()));
    keys.iter().map(|key| of(key).copied().unwrap_or(key.tier)).collect()
}

/// Of the limits of a window the one that names the project counts, then the one that names the
/// model, then the one that names the tier, and the last of equals: as declared limits do.
fn quota(limits: &[Allowance], key: &SimKey, tier: u8, model: &str) -> Quota {
    let of = |window: Window| {
        let own = limits.iter().filter(|limit| limit.window == window);
        let own = own.filter(|limit| limit.concerns(key, tier, model));
        let precise = own.max_by_key(|limit| {
            [limit.project.is_some(), limit.model.is_some(), limit.tier.is_some()]
        });
        precise.map(|limit| limit.limit)
    };
    Quota {
        rpm: of(Window::MinuteRequests),
        tpm: of(Window::MinuteTokens),
        rpd: of(Window::DayRequests),
    }
}

fn matches_model(pattern: &str, model: &str) -> bool {
    pattern.strip_suffix('*').map_or(pattern == model, |start| model.starts_with(start))
}

fn start(text: &str) -> Result<Timestamp, BadFile> {
    let time: jiff::Timestamp = text.parse().map_err(|error| bad("start", &error))?;
    Ok(Timestamp::from_millis(time.as_millisecond()))
}

fn each<T>(
    list: &str,
    items: &[T],
    check: impl Fn(&T) -> Result<(), BadFile>,
) -> Result<(), BadFile> {
    items.iter().enumerate().try_for_each(|(index, item)| {
        check(item).map_err(|wrong| bad(format!("{list}[{index}].{}", wrong.field), &wrong.problem))
    })
}

fn in_order(field: &str, (low, high): (u64, u64)) -> Result<(), BadFile> {
    ensure(low <= high, field, || format!("expected [from, to], not [{low}, {high}]"))
}

fn ensure(holds: bool, field: &str, problem: impl Fn() -> String) -> Result<(), BadFile> {
    if holds { Ok(()) } else { Err(bad(field, &problem())) }
}

fn bad(field: impl Into<String>, problem: &dyn Display) -> BadFile {
    BadFile { field: field.into(), problem: problem.to_string() }
}

fn unnamed() -> String {
    "the pool".to_owned()
}

fn client() -> String {
    "client".to_owned()
}

fn one() -> u64 {
    1
}

fn weight() -> u32 {
    1
}

fn twenty() -> u64 {
    20
}

fn five() -> u64 {
    5
}

fn whole() -> (u64, u64) {
    WHOLE
}

fn tokens() -> (u64, u64) {
    TOKENS
}

#[cfg(test)]
mod tests;
