//! When an attempt takes longer than nearly all others do, a second one may run beside it.
//!
//! How long is long is learned from the answers: the time to the first byte that 95 of 100 of them
//! keep to, for each model, streams and whole answers apart.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use crate::retry_budget::RetryBudget;

/// Of so few answers nothing is learned.
const ENOUGH: u32 = 20;

/// Once so many are counted, old ones count half.
const MANY: u32 = 1000;

/// How many models are followed at a time.
const MODELS: usize = 256;

/// Twice the time is so many buckets further.
const BUCKETS_PER_DOUBLING: u32 = 4;

/// A bucket for everything up to a millisecond, and four for each doubling up to 17 minutes.
const BUCKETS: usize = 1 + 20 * BUCKETS_PER_DOUBLING as usize;

/// What is learned, and how much may be spent.
#[derive(Debug)]
pub(crate) struct Hedging {
    learned: Mutex<HashMap<Kind, FirstBytes>>,
    budget: Mutex<RetryBudget>,
    /// How many of a hundred requests may be hedged.
    percent: AtomicU32,
}

/// Answers that are alike.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Kind {
    model: Box<str>,
    streamed: bool,
}

impl Hedging {
    /// `percent` of the requests may be hedged; 0 switches it off.
    pub(crate) fn new(percent: u32, now: Instant) -> Self {
        let budget = Mutex::new(RetryBudget::new(percent, 0, now));
        Self { learned: Mutex::default(), budget, percent: AtomicU32::new(percent) }
    }

    pub(crate) fn is_on(&self) -> bool {
        self.percent.load(Ordering::Relaxed) > 0
    }

    /// Another percentage; what was learned stays.
    pub(crate) fn set_percent(&self, percent: u32, now: Instant) {
        if self.percent.swap(percent, Ordering::Relaxed) != percent {
            *lock(&self.budget) = RetryBudget::new(percent, 0, now);
        }
    }

    /// A request has come that may be hedged: after how long that is worth while, if that is known.
    pub(crate) fn request(&self, model: &str, streamed: bool, now: Instant) -> Option<Duration> {
        lock(&self.budget).request(now);
        lock(&self.learned).get(&Kind { model: model.into(), streamed })?.slow()
    }

    /// Takes the allowance for one more attempt; `false` if there is none.
    pub(crate) fn may_hedge(&self, now: Instant) -> bool {
        lock(&self.budget).retry(now)
    }

    /// An answer began after so long.
    pub(crate) fn note(&self, model: &str, streamed: bool, first_byte: Duration) {
        let kind = Kind { model: model.into(), streamed };
        let mut learned = lock(&self.learned);
        if learned.len() >= MODELS && !learned.contains_key(&kind) {
            learned.clear();
        }
        learned.entry(kind).or_default().add(first_byte);
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Times to the first byte, counted by size.
#[derive(Debug)]
struct FirstBytes {
    counts: [u32; BUCKETS],
    total: u32,
}

impl Default for FirstBytes {
    fn default() -> Self {
        Self { counts: [0; BUCKETS], total: 0 }
    }
}

impl FirstBytes {
    fn add(&mut self, time: Duration) {
        let millis = time.as_secs_f64() * 1000.0;
        let place = (millis.max(1.0).log2() * f64::from(BUCKETS_PER_DOUBLING)).ceil() as usize;
        if let Some(count) = self.counts.get_mut(place.min(BUCKETS - 1)) {
            *count += 1;
            self.total += 1;
        }
        if self.total >= MANY {
            for count in &mut self.counts {
                *count /= 2;
            }
            self.total = self.counts.iter().sum();
        }
    }

    /// What 95 of 100 keep to.
    fn slow(&self) -> Option<Duration> {
        if self.total < ENOUGH {
            return None;
        }
        let quick = self.total - self.total / 20;
        let mut counted = 0;
        let place = self.counts.iter().position(|count| {
            counted += count;
            counted >= quick
        })?;
        let millis = (place as f64 / f64::from(BUCKETS_PER_DOUBLING)).exp2();
        Some(Duration::from_secs_f64(millis / 1000.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn ms(millis: u64) -> Duration {
        Duration::from_millis(millis)
    }

    #[test]
    fn the_time_that_nearly_all_keep_to_is_learned() {
        let now = Instant::now();
        let hedging = Hedging::new(10, now);
        for number in 0..ENOUGH - 1 {
            assert_eq!(hedging.request("m", true, now), None, "after {number}");
            hedging.note("m", true, ms(100));
        }
        hedging.note("m", true, ms(5000));
        let slow = hedging.request("m", true, now).unwrap();
        assert!((ms(100)..ms(120)).contains(&slow), "{slow:?}");
        assert_eq!(hedging.request("m", false, now), None, "whole answers take longer");
        for _ in 0..5000 {
            hedging.note("m", true, ms(900));
        }
        let slow = hedging.request("m", true, now).unwrap();
        assert!((ms(900)..ms(1080)).contains(&slow), "{slow:?}");
        hedging.note("m", true, Duration::from_hours(10));
        hedging.note("m", true, Duration::ZERO);
    }

    #[test]
    fn only_a_share_of_the_requests_is_hedged() {
        let now = Instant::now();
        let hedging = Hedging::new(2, now);
        let mut hedged = 0;
        for _ in 0..1000 {
            hedging.request("m", true, now);
            hedged += u32::from(hedging.may_hedge(now));
        }
        assert!((19..=20).contains(&hedged), "{hedged}");
        hedging.set_percent(0, now);
        assert!(!hedging.is_on());
        hedging.request("m", true, now);
        assert!(!hedging.may_hedge(now));
    }
}
