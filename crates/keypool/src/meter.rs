//! What a cell (project × model) has used lately: in the last minute, and since midnight.

use std::time::Duration;

use smallvec::SmallVec;

use crate::{Timestamp, Used};

/// How long a use counts against the limits of a minute. Google counts a request when it arrives,
/// we when we send it; the surplus covers requests that were faster on their way than earlier ones.
pub(crate) const SPAN: Duration = Duration::from_millis(60_150);

/// Uses within so many milliseconds are kept as one, so that a cell holds at most 603 entries
/// however much it is used, and a use is counted too long by a tenth of a second at most.
const GRAIN: i64 = 100;

/// A moment, with the day it belongs to.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Moment {
    pub(crate) now: Timestamp,
    /// When the day of the daily quotas ends.
    pub(crate) day_ends: Timestamp,
}

/// Requests, and their input tokens.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Amount {
    pub(crate) requests: u64,
    pub(crate) tokens: u64,
}

/// A request that was counted, and can be corrected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) at: Timestamp,
    pub(crate) day_ends: Timestamp,
    pub(crate) tokens: u64,
}

/// Requests that were counted as others' since a window turned out to be full.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Fill {
    pub(crate) requests: u64,
    pub(crate) is_daily: bool,
    /// When the first of them leaves the minute, and when they were counted.
    pub(crate) frees: Timestamp,
    pub(crate) at: Timestamp,
}

impl Fill {
    /// How many of them are taken for later than a moment.
    pub(crate) fn requests_since(&self, since: Timestamp) -> u64 {
        if self.is_daily {
            return self.requests;
        }
        let missing = Amount { requests: self.requests, tokens: 0 };
        let later = spread(missing, self.frees, self.at).filter(|(at, _)| *at > since);
        later.map(|(_, amount)| amount.requests).sum()
    }
}

/// What was used.
#[derive(Clone, Debug, Default)]
pub(crate) struct Meter {
    /// By time. Most cells of a large pool have one or two.
    bursts: SmallVec<[Burst; 2]>,
    minute: Amount,
    day: Amount,
    day_ends: Timestamp,
}

/// Uses of nearly the same moment: sixteen bytes.
#[derive(Clone, Copy, Debug)]
struct Burst {
    last: Timestamp,
    requests: u32,
    tokens: u32,
}

impl Meter {
    /// Counts a request.
    pub(crate) fn count(&mut self, tokens: u64, moment: Moment) -> Entry {
        self.roll(moment);
        self.add(Amount { requests: 1, tokens }, moment.now);
        let at = self.bursts.last().map_or(moment.now, |burst| burst.last);
        self.day.requests += 1;
        self.day.tokens += tokens;
        Entry { at, day_ends: self.day_ends, tokens }
    }

    /// Counts a request that began a while ago.
    pub(crate) fn count_late(&mut self, tokens: u64, began: Timestamp, moment: Moment) {
        self.roll(moment);
        self.day.requests += 1;
        self.day.tokens += tokens;
        if began + SPAN > moment.now {
            self.insert(Amount { requests: 1, tokens }, began.min(moment.now));
        }
    }

    /// Corrects the tokens of a request that was counted; without tokens it was none at all.
    pub(crate) fn correct(&mut self, entry: Entry, tokens: Option<u64>, moment: Moment) {
        self.roll(moment);
        let requests = u64::from(tokens.is_none());
        let tokens = tokens.unwrap_or(0);
        if entry.day_ends == self.day_ends {
            self.day.requests = self.day.requests.saturating_sub(requests);
            self.day.tokens = self.day.tokens.saturating_sub(entry.tokens).saturating_add(tokens);
        }
        let index = self.bursts.partition_point(|burst| burst.last < entry.at);
        if let Some(burst) = self.bursts.get_mut(index)
            && entry.at.millis() / GRAIN == burst.last.millis() / GRAIN
        {
            let before = Amount::of(*burst);
            burst.requests = burst.requests.saturating_sub(requests as u32);
            let rest = u64::from(burst.tokens).saturating_sub(entry.tokens);
            burst.tokens = narrow(rest.saturating_add(tokens));
            self.minute = self.minute.minus(before).plus(Amount::of(*burst));
        }
    }

    /// Makes the numbers those of this moment. A clock that was set back must not leave uses in
    /// the future: they are taken as of now.
    pub(crate) fn roll(&mut self, moment: Moment) {
        let Moment { now, day_ends } = moment;
        let over = self.bursts.partition_point(|burst| burst.last + SPAN <= now);
        if over > 0 {
            for burst in self.bursts.drain(..over) {
                self.minute = self.minute.minus(Amount::of(burst));
            }
        }
        if self.bursts.last().is_some_and(|burst| burst.last > now + Duration::from_secs(1)) {
            for burst in &mut self.bursts {
                burst.last = burst.last.min(now);
            }
        }
        if self.day_ends != day_ends {
            self.day = Amount::default();
            self.day_ends = day_ends;
        }
    }

    /// What was used in the last minute.
    pub(crate) fn minute(&self, now: Timestamp) -> Amount {
        let over = self.bursts.iter().take_while(|burst| burst.last + SPAN <= now);
        over.fold(self.minute, |minute, burst| minute.minus(Amount::of(*burst)))
    }

    /// What was used since midnight.
    pub(crate) fn day(&self, moment: Moment) -> Amount {
        if self.day_ends == moment.day_ends { self.day } else { Amount::default() }
    }

    /// When enough has left the minute, which is also another meter's, for `fits` to hold of what
    /// stays; `None` if it never will.
    pub(crate) fn minute_frees(
        &self,
        other: Option<&Self>,
        now: Timestamp,
        fits: impl Fn(Amount) -> bool,
    ) -> Option<Timestamp> {
        let mut rest = other.map_or(self.minute, |other| self.minute.plus(other.minute));
        let mut at = now;
        let mut own = self.bursts.iter().peekable();
        let mut others = other.map(|other| other.bursts.iter()).into_iter().flatten().peekable();
        loop {
            if at >= now && fits(rest) {
                return Some(at);
            }
            let other_first = match (own.peek(), others.peek()) {
                (Some(own), Some(other)) => other.last < own.last,
                (own, _) => own.is_none(),
            };
            let burst = if other_first { others.next()? } else { own.next()? };
            rest = rest.minus(Amount::of(*burst));
            at = at.max(burst.last + SPAN);
        }
    }

    /// Counts what others must have used since we know how full a minute is: as if spread evenly
    /// over the time until now, the oldest leaving at `frees`.
    pub(crate) fn fill_minute(&mut self, missing: Amount, frees: Timestamp, moment: Moment) {
        self.roll(moment);
        for (at, amount) in spread(missing, frees, moment.now) {
            self.insert(amount, at);
        }
    }

    /// Takes back what [`fill_minute`](Self::fill_minute) has counted for others at that moment,
    /// and of the day what [`fill_day`](Self::fill_day) has.
    pub(crate) fn unfill(&mut self, fill: Fill, moment: Moment) {
        self.roll(moment);
        if fill.is_daily {
            self.day.requests = self.day.requests.saturating_sub(fill.requests);
            return;
        }
        let missing = Amount { requests: fill.requests, tokens: 0 };
        for (at, amount) in spread(missing, fill.frees, fill.at) {
            self.remove(amount, at);
        }
    }

    /// How many requests there were in the minute after a moment.
    pub(crate) fn requests_since(&self, since: Timestamp) -> u64 {
        let bursts = self.bursts.iter().rev().take_while(|burst| burst.last > since);
        bursts.map(|burst| u64::from(burst.requests)).sum()
    }

    /// Sets the counts of a day to at least these.
    pub(crate) fn fill_day(&mut self, least: Amount, moment: Moment) {
        self.roll(moment);
        self.day.requests = self.day.requests.max(least.requests);
        self.day.tokens = self.day.tokens.max(least.tokens);
    }

    /// Takes back of the minute what was counted too much, the newest first.
    pub(crate) fn take_back(&mut self, mut surplus: Amount) {
        for burst in self.bursts.iter_mut().rev() {
            if surplus == Amount::default() {
                return;
            }
            let before = Amount::of(*burst);
            let after = before.minus(surplus);
            burst.requests = narrow(after.requests);
            burst.tokens = narrow(after.tokens);
            self.minute = self.minute.minus(before).plus(after);
            surplus = surplus.minus(before);
        }
    }

    /// Adds what another meter has counted.
    pub(crate) fn merge(&mut self, other: &Self) {
        for burst in &other.bursts {
            self.insert(Amount::of(*burst), burst.last);
        }
        if other.day_ends > self.day_ends {
            self.day = Amount::default();
            self.day_ends = other.day_ends;
        }
        if other.day_ends == self.day_ends {
            self.day = self.day.plus(other.day);
        }
    }

    /// Whether nothing is counted any more.
    pub(crate) fn is_empty(&self, moment: Moment) -> bool {
        self.day(moment) == Amount::default() && self.minute(moment.now) == Amount::default()
    }

    /// When it was used last, if within a minute.
    pub(crate) fn last_use(&self) -> Option<Timestamp> {
        self.bursts.last().map(|burst| burst.last)
    }

    fn add(&mut self, amount: Amount, now: Timestamp) {
        let at = self.bursts.last().map_or(now, |burst| burst.last.max(now));
        self.insert(amount, at);
    }

    /// Takes from the minute what was added at a moment, if it is there still.
    fn remove(&mut self, amount: Amount, at: Timestamp) {
        let bucket = |at: Timestamp| at.millis() / GRAIN;
        let index = self.bursts.partition_point(|burst| bucket(burst.last) < bucket(at));
        if let Some(burst) = self.bursts.get_mut(index)
            && bucket(burst.last) == bucket(at)
        {
            let before = Amount::of(*burst);
            let after = before.minus(amount);
            (burst.requests, burst.tokens) = (narrow(after.requests), narrow(after.tokens));
            self.minute = self.minute.minus(before).plus(after);
        }
    }

    /// Adds to the minute what was used at a moment.
    pub(crate) fn insert(&mut self, amount: Amount, at: Timestamp) {
        let bucket = |at: Timestamp| at.millis() / GRAIN;
        let index = self.bursts.partition_point(|burst| bucket(burst.last) < bucket(at));
        self.minute = self.minute.plus(amount);
        match self.bursts.get_mut(index) {
            Some(burst) if bucket(burst.last) == bucket(at) => {
                burst.last = burst.last.max(at);
                burst.requests = burst.requests.saturating_add(narrow(amount.requests));
                burst.tokens = burst.tokens.saturating_add(narrow(amount.tokens));
            }
            _ => {
                let (requests, tokens) = (narrow(amount.requests), narrow(amount.tokens));
                self.bursts.insert(index, Burst { last: at, requests, tokens });
            }
        }
    }
}

/// How much is counted when, if so much was used that nobody saw and its oldest leaves at `frees`.
fn spread(
    missing: Amount,
    frees: Timestamp,
    now: Timestamp,
) -> impl Iterator<Item = (Timestamp, Amount)> {
    const PARTS: u64 = 8;
    let start = Timestamp::from_millis(frees.millis() - SPAN.as_millis() as i64);
    let start = start.max(Timestamp::from_millis(now.millis() - SPAN.as_millis() as i64 + 1));
    let step = now.saturating_since(start) / PARTS as u32;
    let parts = (0..PARTS).map(move |part| {
        let share = |whole: u64| whole * (part + 1) / PARTS - whole * part / PARTS;
        // That one request can be made at `frees` is certain.
        let first = u64::from(part == 0).min(missing.requests);
        let others = missing.requests.saturating_sub(1);
        let amount = Amount { requests: first + share(others), tokens: share(missing.tokens) };
        (start + step * part as u32, amount)
    });
    parts.filter(|(_, amount)| *amount != Amount::default())
}

impl From<Used> for Amount {
    fn from(used: Used) -> Self {
        Self { requests: used.requests, tokens: used.tokens }
    }
}

impl From<Amount> for Used {
    fn from(amount: Amount) -> Self {
        Self { requests: amount.requests, tokens: amount.tokens }
    }
}

impl Amount {
    fn of(burst: Burst) -> Self {
        Self { requests: burst.requests.into(), tokens: burst.tokens.into() }
    }

    pub(crate) fn plus(self, other: Self) -> Self {
        Self {
            requests: self.requests.saturating_add(other.requests),
            tokens: self.tokens.saturating_add(other.tokens),
        }
    }

    pub(crate) fn minus(self, other: Self) -> Self {
        Self {
            requests: self.requests.saturating_sub(other.requests),
            tokens: self.tokens.saturating_sub(other.tokens),
        }
    }

    pub(crate) fn at_most(self, most: Self) -> Self {
        Self { requests: self.requests.min(most.requests), tokens: self.tokens.min(most.tokens) }
    }
}

fn narrow(number: u64) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests;
