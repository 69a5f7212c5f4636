//! What one client token has used, and whether it may use more.

use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use keypool::Timestamp;
use store::{Cost, TokenLimits, TokenUsage, TokenUse};

use super::calendar::{Day, month_of};
use super::minute::{Minute, Used};
use super::{Limit, Refused};

/// Nobody knows when a running request ends.
const A_MOMENT: Duration = Duration::from_secs(1);

/// What was used of everything that is counted by the day.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Amount {
    /// Requests.
    pub requests: u64,
    /// Tokens, those read and those written.
    pub tokens: u64,
    /// The list price in billionths of a dollar.
    pub nanos: u64,
}

/// How a client token stands, with what other processes told of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    /// Requests that are being answered by this process.
    pub in_flight: u64,
    /// Requests of the last minute in this process.
    pub minute_requests: u64,
    /// Tokens of the last minute in this process.
    pub minute_tokens: u64,
    /// Since midnight.
    pub day: Amount,
    /// The list price since the month began.
    pub month: Cost,
}

/// The counts of one client token.
#[derive(Debug, Default)]
pub(crate) struct Meter(Mutex<Counts>);

/// What was counted for a request before it began.
#[derive(Clone, Debug)]
pub(crate) struct Reserved {
    pub(crate) day: Arc<Day>,
    /// The second whose minute it is counted in.
    second: i64,
    pub(crate) amount: Amount,
}

/// All that one process knows of a token's days and months.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Known {
    /// Counts up with every change, so that an older word is told from a newer.
    pub(crate) version: u64,
    pub(crate) own: Amount,
    pub(crate) own_month: u64,
    pub(crate) others: Amount,
    pub(crate) others_month: u64,
}

#[derive(Debug, Default)]
struct Counts {
    minute: Minute,
    in_flight: u64,
    /// By date; those of the month, and earlier ones that are not written down yet.
    days: Vec<DayCount>,
    last_use: Option<Timestamp>,
    last_from: Option<IpAddr>,
    version: u64,
}

#[derive(Debug)]
struct DayCount {
    name: Arc<str>,
    own: Amount,
    others: Amount,
    /// Something of `own` is not written down yet.
    is_news: bool,
}

impl Meter {
    /// Counts a request that will probably use so much, or says which limit it is beyond. Of
    /// several the one counts that takes longest. `replicas` processes that do not hear of each
    /// other share what is allowed.
    pub(crate) fn reserve(
        &self,
        limits: &TokenLimits,
        amount: Amount,
        day: &Arc<Day>,
        now: Timestamp,
        replicas: u64,
    ) -> Result<Reserved, Refused> {
        let second = now.millis().div_euclid(1000);
        let mut counts = self.counts();
        counts.begin(day);
        let used = counts.minute.used(second);
        if limits.counts() {
            let question = Question { limits, amount, day, now, replicas };
            let refused = counts.refusals(&question, used).max_by_key(|refused| refused.wait);
            if let Some(refused) = refused {
                return Err(refused);
            }
        }
        let second = counts.minute.add(amount.tokens, second);
        counts.in_flight += 1;
        counts.last_use = Some(now);
        let today = counts.day(&day.name);
        today.own = today.own.plus(amount);
        today.is_news = true;
        counts.version += 1;
        Ok(Reserved { day: Arc::clone(day), second, amount })
    }

    /// Replaces what was counted for a request by what it did use; `None` if it was none at all.
    pub(crate) fn settle(&self, reserved: &Reserved, used: Option<Amount>) {
        let used = used.unwrap_or_default();
        let mut counts = self.counts();
        counts.in_flight = counts.in_flight.saturating_sub(1);
        let before = reserved.amount;
        counts.minute.correct(reserved.second, before.of_minute(), used.of_minute());
        if let Some(day) = counts.days.iter_mut().rev().find(|day| day.name == reserved.day.name) {
            day.own = day.own.minus(before).plus(used);
            day.is_news = true;
        }
        counts.version += 1;
    }

    /// What is known of a day and its month.
    pub(crate) fn known(&self, day: &Day) -> Known {
        let counts = self.counts();
        let today = counts.days.iter().rev().find(|count| count.name == day.name);
        let (own, others) = today.map(|today| (today.own, today.others)).unwrap_or_default();
        let (own_month, others_month) = counts.month(day.month());
        Known { version: counts.version, own, own_month, others, others_month }
    }

    /// Others have used so much on a day.
    pub(crate) fn learn(&self, day: &Arc<str>, others: Amount) {
        let mut counts = self.counts();
        counts.day(day).others = others;
    }

    /// How it stands.
    pub(crate) fn standing(&self, day: &Arc<Day>, now: Timestamp) -> Standing {
        let known = self.known(day);
        let mut counts = self.counts();
        let minute = counts.minute.used(now.millis().div_euclid(1000));
        Standing {
            in_flight: counts.in_flight,
            minute_requests: minute.requests,
            minute_tokens: minute.tokens,
            day: known.own.plus(known.others),
            month: Cost::from_nanos(known.own_month.saturating_add(known.others_month)),
        }
    }

    /// From where whoever uses it asks.
    pub(crate) fn is_used_from(&self, address: IpAddr) {
        self.counts().last_from = Some(address);
    }

    /// What is not written down yet, and when the token was used last if that is news.
    pub(super) fn take_news(&self, token_id: &str) -> (Vec<TokenUsage>, Option<TokenUse>) {
        let mut counts = self.counts();
        let news = counts.days.iter().filter(|day| day.is_news).map(|day| TokenUsage {
            token_id: token_id.to_owned(),
            day: day.name.to_string(),
            requests: day.own.requests,
            tokens: day.own.tokens,
            cost: Cost::from_nanos(day.own.nanos),
        });
        let news = news.collect();
        counts.days.iter_mut().for_each(|day| day.is_news = false);
        let from = counts.last_from;
        let last_use = counts.last_use.take();
        (news, last_use.map(|at| TokenUse { token_id: token_id.to_owned(), at, from }))
    }

    /// Held for as long as a decision takes. A panic leaves the counts usable.
    fn counts(&self) -> MutexGuard<'_, Counts> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// May a request be served?
struct Question<'a> {
    limits: &'a TokenLimits,
    amount: Amount,
    day: &'a Day,
    now: Timestamp,
    replicas: u64,
}

impl Counts {
    /// Another day has begun: what is written down of earlier months is of no use any more.
    fn begin(&mut self, day: &Day) {
        if self.days.last().is_some_and(|last| last.name == day.name) {
            return;
        }
        let month = day.month();
        self.days.retain(|day| day.is_news || month_of(&day.name) == month);
    }

    fn day(&mut self, name: &Arc<str>) -> &mut DayCount {
        let place = if let Some(place) = self.days.iter().rposition(|day| day.name == *name) {
            place
        } else {
            let place = self.days.partition_point(|day| day.name < *name);
            let (own, others) = Default::default();
            let day = DayCount { name: Arc::clone(name), own, others, is_news: false };
            self.days.insert(place, day);
            place
        };
        &mut self.days[place]
    }

    /// The money of a month: our own, and others'.
    fn month(&self, month: &str) -> (u64, u64) {
        let days = self.days.iter().filter(|day| month_of(&day.name) == month);
        days.fold((0, 0), |(own, others), day| (own + day.own.nanos, others + day.others.nanos))
    }

    /// All limits that the request is beyond.
    fn refusals(&self, asked: &Question<'_>, minute: Used) -> impl Iterator<Item = Refused> {
        let limits = asked.limits;
        let concurrency = limits.concurrency.and_then(|allowed| {
            let full = self.in_flight >= asked.share(allowed);
            full.then_some(Refused { limit: Limit::Concurrency, allowed, wait: A_MOMENT })
        });
        let requests = limits.requests_per_minute.and_then(|allowed| {
            let part = |used: Used| used.requests;
            self.minute(asked, Limit::MinuteRequests, allowed, (part, minute))
        });
        let tokens = limits.tokens_per_minute.and_then(|allowed| {
            let part = |used: Used| used.tokens;
            self.minute(asked, Limit::MinuteTokens, allowed, (part, minute))
        });
        [concurrency, requests, tokens].into_iter().flatten().chain(self.long_refusals(asked))
    }

    fn minute(
        &self,
        asked: &Question<'_>,
        limit: Limit,
        allowed: u64,
        (part, used): (impl Fn(Used) -> u64, Used),
    ) -> Option<Refused> {
        let share = asked.share(allowed);
        let fits = |used: Used| fits(part(used), part(asked.amount.of_minute()), share);
        if fits(used) {
            return None;
        }
        let second = self.minute.frees(fits).unwrap_or_default();
        let until = Timestamp::from_millis(second.saturating_mul(1000));
        Some(Refused { limit, allowed, wait: until.saturating_since(asked.now) })
    }

    /// The limits of days and months.
    fn long_refusals(&self, asked: &Question<'_>) -> impl Iterator<Item = Refused> {
        let Question { limits, amount, day, .. } = *asked;
        let today = self.days.iter().rev().find(|count| count.name == day.name);
        let (own, others) = today.map(|today| (today.own, today.others)).unwrap_or_default();
        let (day_budget, month_budget) = (limits.budget_per_day, limits.budget_per_month);
        let month = if month_budget.is_some() { self.month(day.month()) } else { (0, 0) };
        let check = |limit, allowed: Option<u64>, (own, others), more: u64| {
            let allowed = allowed?;
            let within = fits(own, more, asked.share(allowed)) && fits(own + others, more, allowed);
            let until = if limit == Limit::MonthBudget { day.month_ends } else { day.ends };
            let wait = until.saturating_since(asked.now);
            (!within).then_some(Refused { limit, allowed, wait })
        };
        let requests = (own.requests, others.requests);
        let tokens = (own.tokens, others.tokens);
        let money = (own.nanos, others.nanos);
        let checks = [
            check(Limit::DayRequests, limits.requests_per_day, requests, amount.requests),
            check(Limit::DayTokens, limits.tokens_per_day, tokens, amount.tokens),
            check(Limit::DayBudget, day_budget.map(Cost::nanos), money, amount.nanos),
            check(Limit::MonthBudget, month_budget.map(Cost::nanos), month, amount.nanos),
        ];
        checks.into_iter().flatten()
    }
}

impl Question<'_> {
    /// This process's part of what is allowed: never none.
    fn share(&self, allowed: u64) -> u64 {
        (allowed / self.replicas.max(1)).max(1)
    }
}

/// Whether there is room for more. A single request that is larger than the whole limit is let
/// through when nothing else was used, since its size is only guessed.
fn fits(used: u64, more: u64, allowed: u64) -> bool {
    used == 0 || used.saturating_add(more) <= allowed
}

impl Amount {
    fn of_minute(self) -> Used {
        Used { requests: self.requests, tokens: self.tokens }
    }

    /// Both together.
    pub(crate) fn plus(self, other: Self) -> Self {
        Self {
            requests: self.requests.saturating_add(other.requests),
            tokens: self.tokens.saturating_add(other.tokens),
            nanos: self.nanos.saturating_add(other.nanos),
        }
    }

    fn minus(self, other: Self) -> Self {
        Self {
            requests: self.requests.saturating_sub(other.requests),
            tokens: self.tokens.saturating_sub(other.tokens),
            nanos: self.nanos.saturating_sub(other.nanos),
        }
    }
}

#[cfg(test)]
mod tests;
