//! A simulated Google: quotas for each project, model and window, faults of keys, outages.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use keypool::{
    DeathReason, Outcome, Phase, QuotaSpent, Scope, Timestamp, Usage, Window, next_pacific_midnight,
};
use serde::Deserialize;

use crate::random::Random;
use crate::scenario::Outage;

const MINUTE: Duration = Duration::from_mins(1);

/// What a project may do with a model.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Quota {
    pub(crate) rpm: Option<u64>,
    pub(crate) tpm: Option<u64>,
    pub(crate) rpd: Option<u64>,
}

/// What is wrong with a key.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub(crate) enum Fault {
    #[default]
    None,
    Dead(DeathReason),
    /// Every second call fails with 503.
    Half,
    /// Breaks off in the middle of every answer.
    Cuts,
    /// Never answers.
    Mute,
}

impl Fault {
    /// Whether a key serves all the same, sooner or later.
    pub(crate) fn serves(self) -> bool {
        matches!(self, Self::None | Self::Half)
    }
}

impl TryFrom<String> for Fault {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        Ok(match text.as_str() {
            "none" => Self::None,
            "half" => Self::Half,
            "cuts" => Self::Cuts,
            "mute" => Self::Mute,
            other => Self::Dead(other.parse().map_err(|_| {
                let dead: Vec<_> = DeathReason::ALL.iter().map(|reason| reason.as_str()).collect();
                format!("{text:?} is no fault: none, half, cuts, mute, {}", dead.join(", "))
            })?),
        })
    }
}

/// The numbers of a project and of a model.
pub(crate) type Cell = (usize, usize);

/// What was asked.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Call {
    pub(crate) cell: Cell,
    pub(crate) tokens: u64,
    pub(crate) fault: Fault,
}

#[derive(Debug, Default)]
pub(crate) struct Google {
    pub(crate) quotas: BTreeMap<Cell, Quota>,
    outages: Vec<Outage>,
    meters: BTreeMap<Cell, Meter>,
}

/// What a project has used, to the millisecond.
#[derive(Debug, Default)]
struct Meter {
    minute: VecDeque<(Timestamp, u64)>,
    day_ends: Option<Timestamp>,
    today: u64,
}

impl Google {
    pub(crate) fn new(outages: Vec<Outage>) -> Self {
        Self { outages, ..Self::default() }
    }

    /// Answers a call that arrives now. Refused calls are not counted.
    pub(crate) fn call(&mut self, call: Call, now: Timestamp, random: &mut Random) -> Outcome {
        let concerned = |outage: &&Outage| {
            outage.from <= now
                && now < outage.to
                && outage.model.is_none_or(|one| one == call.cell.1)
        };
        if let Some(outage) = self.outages.iter().find(concerned) {
            return outage.outcome.clone();
        }
        match call.fault {
            Fault::Dead(reason) => return Outcome::KeyDead(reason),
            Fault::Mute => return Outcome::LinkBroken(Phase::FirstByte),
            Fault::Half if random.below(2) == 0 => return Outcome::ModelBusy,
            _ => {}
        }
        let quota = self.quotas.get(&call.cell).copied().unwrap_or_default();
        let meter = self.meters.entry(call.cell).or_default();
        meter.roll(now);
        if let Some(spent) = meter.refusal(quota, call.tokens, now) {
            return Outcome::QuotaSpent(spent);
        }
        meter.minute.push_back((now, call.tokens));
        meter.today += 1;
        if call.fault == Fault::Cuts {
            return Outcome::LinkBroken(Phase::Cut);
        }
        let usage = Usage { prompt: call.tokens, completion: 20, ..Usage::default() };
        Outcome::Served { usage }
    }

    /// Whether Google accepts a key, as a call without a quota finds out.
    pub(crate) fn knows(&self, fault: Fault, now: Timestamp) -> bool {
        let refuses = |outage: &Outage| {
            outage.from <= now && now < outage.to && matches!(outage.outcome, Outcome::KeyDead(_))
        };
        !matches!(fault, Fault::Dead(_)) && !self.outages.iter().any(refuses)
    }

    /// When a cell would serve its next request of so many tokens.
    pub(crate) fn next_room(&mut self, cell: Cell, tokens: u64, now: Timestamp) -> Timestamp {
        let quota = self.quotas.get(&cell).copied().unwrap_or_default();
        let Some(meter) = self.meters.get_mut(&cell) else { return now };
        meter.roll(now);
        meter.refusal(quota, tokens, now).and_then(|spent| spent.until).unwrap_or(now)
    }
}

impl Meter {
    fn roll(&mut self, now: Timestamp) {
        while self.minute.front().is_some_and(|(at, _)| *at + MINUTE <= now) {
            self.minute.pop_front();
        }
        if self.day_ends.is_none_or(|ends| ends <= now) {
            self.day_ends = Some(next_pacific_midnight(now));
            self.today = 0;
        }
    }

    fn refusal(&self, quota: Quota, tokens: u64, now: Timestamp) -> Option<QuotaSpent> {
        let spent = |window, limit, until| QuotaSpent {
            window,
            scope: Scope::Model,
            until: Some(until),
            limit: Some(limit),
            quota_id: Some("simulated".to_owned()),
        };
        if let Some(limit) = quota.rpd.filter(|limit| self.today >= *limit) {
            return Some(spent(Window::DayRequests, limit, self.day_ends.unwrap_or(now)));
        }
        if let Some(limit) = quota.rpm.filter(|limit| self.minute.len() as u64 >= *limit) {
            let oldest = self.minute.get(self.minute.len() - limit as usize)?;
            return Some(spent(Window::MinuteRequests, limit, oldest.0 + MINUTE));
        }
        let used: u64 = self.minute.iter().map(|(_, tokens)| tokens).sum();
        let limit = quota.tpm.filter(|limit| used + tokens > *limit)?;
        let mut rest = used;
        let enough = self.minute.iter().find(|(_, used)| {
            rest -= used;
            rest + tokens <= limit
        });
        let until = enough.map_or(now + MINUTE, |(at, _)| *at + MINUTE);
        Some(spent(Window::MinuteTokens, limit, until))
    }
}
