//! A cell: what one project has used of one model, and may use.

use std::sync::Arc;
use std::time::Duration;

use crate::foreign::Foreign;
use crate::foresight::fetch;
use crate::limits::{COUNTED, Ceilings, Limits};
use crate::meter::{Amount, Entry, Meter, Moment};
use crate::{
    LearnedUsage, Outcome, Phase, Policy, QuotaSpent, Timestamp, Usage, WaitCause, WaitFor, Window,
};

/// How full a cell without known limits is taken for at most, in thousandths.
const UNKNOWN_PRESSURE: u64 = 500;

/// Counters and limits of one project × model.
#[derive(Clone, Debug, Default)]
pub(crate) struct Cell {
    /// What this process has used.
    pub(crate) meter: Meter,
    /// What others have used, if there are any.
    foreign: Option<Box<Foreign>>,
    /// Declared limits are many cells' at once, until one of them learns more.
    limits: Option<Arc<Limits>>,
    /// What `limits` allow.
    ceilings: Ceilings,
    /// Requests that are counted and not settled yet.
    pub(crate) reserved: u32,
    /// Whose turn it is among the project's keys.
    pub(crate) turn: u32,
    /// What a served request takes, in milliseconds, on average; 0 for unknown.
    pub(crate) latency: u32,
    /// Until when no request fits, as it was when something last changed.
    pub(crate) full: Option<Full>,
    /// Whether a request beyond a limit is under way.
    probing: bool,
    /// Whether its counters have changed since they were last handed out.
    pub(crate) is_dirty: bool,
    /// When the latest attempt began that was served.
    pub(crate) last_served: Option<Timestamp>,
}

/// A window that is used up by what we know ourselves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Full {
    pub(crate) until: Timestamp,
    pub(crate) window: Window,
    pub(crate) limit: u64,
}

/// What a request that was given a key holds of its cell.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Reservation {
    entry: Entry,
    /// Whether it goes beyond a limit, to see whether it still holds.
    pub(crate) is_probe: bool,
}

/// Whether Google has counted a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    /// Counted, with so many input tokens; `None` if nobody knows: as many as were estimated.
    Used(Option<u64>),
    /// Refused before it was counted, or never sent.
    Unused,
}

impl From<Full> for WaitCause {
    fn from(full: Full) -> Self {
        Self { what: WaitFor::Quota, window: full.window, limit: Some(full.limit), quota_id: None }
    }
}

impl Fate {
    pub(crate) fn of(outcome: &Outcome) -> Self {
        match outcome {
            Outcome::Served { usage } | Outcome::Empty { usage } | Outcome::Cancelled { usage } => {
                Self::Used(Some(input_of(*usage)).filter(|tokens| *tokens > 0))
            }
            Outcome::ClientFault => Self::Used(Some(0)),
            Outcome::LinkBroken(Phase::Connect | Phase::Tls)
            | Outcome::QuotaSpent(_)
            | Outcome::KeyDead(_)
            | Outcome::KeyRefused
            | Outcome::RegionRefused => Self::Unused,
            Outcome::ModelBusy | Outcome::LinkBroken(_) => Self::Used(None),
        }
    }
}

/// The tokens that Google's limits are about: all that goes in, cached or not.
fn input_of(usage: Usage) -> u64 {
    usage.prompt.saturating_add(usage.tool_prompt)
}

impl Cell {
    /// Brings near what a choice reads and changes.
    pub(crate) fn fetch(&self) {
        fetch(&self.meter);
        fetch(&self.ceilings);
        fetch(&self.full);
        fetch(&self.reserved);
        fetch(&self.last_served);
    }

    pub(crate) fn limits(&self) -> Option<&Limits> {
        self.limits.as_deref().filter(|limits| !limits.is_empty())
    }

    /// Lets its limits change, and keeps what follows from them right.
    pub(crate) fn change_limits(&mut self, change: impl FnOnce(&mut Limits)) {
        let limits = Arc::make_mut(self.limits.get_or_insert_default());
        change(limits);
        self.ceilings = limits.ceilings();
    }

    /// A cell of which nothing is known but these limits.
    pub(crate) fn limited(limits: Arc<Limits>) -> Self {
        Self { ceilings: limits.ceilings(), limits: Some(limits), ..Self::default() }
    }

    /// The administrator's limits have changed.
    pub(crate) fn declare(&mut self, declared: [Option<u64>; 4]) {
        if self.limits.is_some() || declared.iter().any(Option::is_some) {
            self.change_limits(|limits| limits.declare(declared));
        }
    }

    /// What was used in the last minute, by whomever.
    pub(crate) fn minute(&self, now: Timestamp) -> Amount {
        let own = self.meter.minute(now);
        self.foreign.as_ref().map_or(own, |foreign| own.plus(foreign.minute().minute(now)))
    }

    /// What was used since midnight, by whomever.
    pub(crate) fn day(&self, moment: Moment) -> Amount {
        let own = self.meter.day(moment);
        self.foreign.as_ref().map_or(own, |foreign| own.plus(foreign.day(moment)))
    }

    /// How many requests were counted today, or in the minute after a moment.
    pub(crate) fn requests_since(&self, since: Timestamp, is_daily: bool, moment: Moment) -> u64 {
        if is_daily {
            return self.day(moment).requests;
        }
        let others = self.foreign.as_ref().map_or(0, |one| one.minute().requests_since(since));
        self.meter.requests_since(since) + others
    }

    /// Another process tells what it has used.
    pub(crate) fn report(&mut self, usage: &LearnedUsage, moment: Moment) {
        self.foreign.get_or_insert_default().report(usage, moment);
    }

    /// Makes the numbers those of this moment.
    pub(crate) fn roll(&mut self, moment: Moment) {
        self.meter.roll(moment);
        if let Some(foreign) = &mut self.foreign {
            foreign.roll(moment);
        }
    }

    /// What keeps a request of so many tokens from fitting: of several windows the one that frees
    /// last. No request is too large for a window that is empty: estimates may be wrong.
    pub(crate) fn obstacle(&self, tokens: u64, moment: Moment) -> Option<Full> {
        if self.ceilings.are_unknown() {
            return None;
        }
        let minute = self.minute(moment.now);
        let day = self.day(moment);
        if self.ceilings.have_room(tokens, minute, day) {
            return None;
        }
        let mut worst: Option<Full> = None;
        for (window, value) in self.ceilings.known() {
            let pick = pick(window);
            let used = pick(if window.is_daily() { day } else { minute });
            let needed = match window {
                Window::MinuteTokens | Window::DayTokens => tokens.clamp(1, value.max(1)),
                _ => 1,
            };
            if used.saturating_add(needed) <= value
                || (used <= value && self.may_probe(window, moment.now))
            {
                continue;
            }
            let fits = |rest: Amount| pick(rest).saturating_add(needed) <= value;
            let until = if window.is_daily() {
                moment.day_ends
            } else {
                let never = moment.now + Duration::from_mins(1);
                let others = self.foreign.as_ref().map(|foreign| foreign.minute());
                self.meter.minute_frees(others, moment.now, fits).unwrap_or(never)
            };
            if worst.is_none_or(|worst| worst.until < until) {
                worst = Some(Full { until, window, limit: value });
            }
        }
        worst
    }

    /// Whether one request beyond a limit may be tried.
    fn may_probe(&self, window: Window, now: Timestamp) -> bool {
        let limit = self.limits.as_ref().and_then(|limits| limits.get(window));
        !self.probing && limit.is_some_and(|limit| limit.may_probe(now))
    }

    /// How full the cell is, in thousandths of the window that is fullest.
    pub(crate) fn pressure(&self, moment: Moment) -> u16 {
        let minute = self.minute(moment.now);
        if self.ceilings.are_unknown() {
            return (minute.requests * 10).min(UNKNOWN_PRESSURE) as u16;
        }
        let day = self.day(moment);
        let of = |(window, value): (Window, u64)| {
            let used = pick(window)(if window.is_daily() { day } else { minute });
            used.saturating_mul(1000) / value.max(1)
        };
        self.ceilings.known().map(of).max().unwrap_or(0).min(1000) as u16
    }

    /// Counts a request before it is sent.
    pub(crate) fn reserve(&mut self, tokens: u64, moment: Moment) -> Reservation {
        let is_probe = self.is_beyond(moment);
        self.probing |= is_probe;
        self.reserved += 1;
        Reservation { entry: self.meter.count(tokens, moment), is_probe }
    }

    /// Whether one more request is more than a limit allows.
    fn is_beyond(&self, moment: Moment) -> bool {
        if self.ceilings.are_unknown() {
            return false;
        }
        !self.ceilings.have_room(1, self.minute(moment.now), self.day(moment))
    }

    /// Corrects what was counted for a request, now that it has ended.
    pub(crate) fn settle(&mut self, reservation: Reservation, fate: Fate, moment: Moment) {
        self.reserved = self.reserved.saturating_sub(1);
        if reservation.is_probe {
            self.probing = false;
        }
        match fate {
            Fate::Used(None) => self.meter.roll(moment),
            Fate::Used(tokens) => self.meter.correct(reservation.entry, tokens, moment),
            Fate::Unused => self.meter.correct(reservation.entry, None, moment),
        }
    }

    /// A request beyond a limit was served: whatever it went beyond is higher.
    pub(crate) fn raise(&mut self, moment: Moment) -> bool {
        let minute = self.minute(moment.now);
        let day = self.day(moment);
        let before = self.limits.clone();
        if before.is_some() {
            self.change_limits(|limits| {
                for window in COUNTED {
                    let used = pick(window)(if window.is_daily() { day } else { minute });
                    limits.raise(window, used, moment.now);
                }
            });
        }
        before != self.limits
    }

    /// Learns from a spent quota: the limit, and that it is used up, be it by others. Attempts
    /// under way that are not counted yet will be, so they are no others'. Answers whether the
    /// limit is news.
    pub(crate) fn spend(
        &mut self,
        spent: &QuotaSpent,
        until: Timestamp,
        tokens: u64,
        uncounted: u64,
        policy: &Policy,
        moment: Moment,
    ) -> bool {
        let window = spent.window;
        let Some(value) = spent.limit.filter(|limit| *limit > 0) else {
            if self.limits.is_some() {
                self.change_limits(|limits| limits.meet(window, moment.now, policy));
            }
            return false;
        };
        if crate::limits::place(window).is_none() {
            return false;
        }
        let before = self.limits().and_then(|limits| limits.value(window));
        self.change_limits(|limits| limits.learn(window, value, moment.now, policy));
        let full = match window {
            Window::MinuteTokens | Window::DayTokens => {
                Amount { tokens: value.saturating_sub(tokens), requests: 0 }
            }
            _ => Amount { requests: value, tokens: 0 },
        };
        if window.is_daily() {
            let others = self.day(moment).minus(self.meter.day(moment));
            self.meter.fill_day(full.minus(others), moment);
        } else {
            let used = self.minute(moment.now);
            let missing = Amount {
                requests: full.requests.saturating_sub(used.requests.saturating_add(uncounted)),
                tokens: full
                    .tokens
                    .saturating_sub(used.tokens.saturating_add(uncounted.saturating_mul(tokens))),
            };
            self.meter.fill_minute(missing, until, moment);
        }
        before != Some(value)
    }

    /// Takes in what another cell has used and knows, since both are one.
    pub(crate) fn merge(&mut self, other: &Self) {
        self.meter.merge(&other.meter);
        if let Some(foreign) = &other.foreign {
            self.foreign.get_or_insert_default().merge(foreign);
        }
        self.reserved += other.reserved;
        self.probing |= other.probing;
        self.last_served = self.last_served.max(other.last_served);
        if let Some(limits) = &other.limits {
            self.change_limits(|own| own.merge(limits));
        }
    }

    /// Takes part in the average of what a served request takes.
    pub(crate) fn note_latency(&mut self, taken: Duration) {
        let taken = u32::try_from(taken.as_millis()).unwrap_or(u32::MAX).max(1);
        self.latency = match self.latency {
            0 => taken,
            before => before - before / 8 + taken / 8,
        }
        .max(1);
    }

    /// Whether nothing would be lost with it.
    pub(crate) fn is_idle(&self, moment: Moment) -> bool {
        self.limits().is_none()
            && self.reserved == 0
            && self.meter.is_empty(moment)
            && self.foreign.as_ref().is_none_or(|foreign| foreign.is_empty(moment))
    }
}

fn pick(window: Window) -> fn(Amount) -> u64 {
    match window {
        Window::MinuteTokens | Window::DayTokens => |amount| amount.tokens,
        _ => |amount| amount.requests,
    }
}

#[cfg(test)]
mod tests;
