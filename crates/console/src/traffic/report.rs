//! The numbers of a range: in sum, step by step, and by whom.

use std::collections::BTreeMap;

use keypool::{KeyId, Timestamp};
use serde::Serialize;
use store::{Histogram, Period, Span, Store, StoreError, Subject, Tally};
use utoipa::ToSchema;

use super::Range;
use super::mark::{Mark, marks};

/// How many models and clients are named.
const NAMED: u64 = 5;

/// How many days are told of a key.
const DAYS_OF_KEY: i64 = 30;

/// What a range came to.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Report {
    pub(crate) range: Range,
    pub(crate) from: Timestamp,
    pub(crate) to: Timestamp,
    /// The length of a step, in milliseconds.
    pub(crate) step: i64,
    pub(crate) total: Sums,
    /// The period before, as long as this one.
    pub(crate) before: Sums,
    pub(crate) steps: Vec<Step>,
    pub(crate) first_byte: Quantiles,
    pub(crate) duration: Quantiles,
    /// Those with the most requests.
    pub(crate) models: Vec<Named>,
    /// The same for client tokens, which are named by their ids.
    pub(crate) tokens: Vec<Named>,
    /// Changes of the configuration and beginnings of other versions, the oldest first.
    pub(crate) marks: Vec<Mark>,
    /// The day of the price list that values are reckoned by.
    pub(crate) prices_as_of: &'static str,
}

/// One step of a range.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub(crate) struct Step {
    pub(crate) at: Timestamp,
    #[serde(flatten)]
    pub(crate) sums: Sums,
}

/// A model or a client token, and what its requests came to.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Named {
    pub(crate) id: String,
    #[serde(flatten)]
    pub(crate) sums: Sums,
}

/// A tally as it is told.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, ToSchema)]
pub(crate) struct Sums {
    pub(crate) requests: u64,
    pub(crate) succeeded: u64,
    /// Of those that succeeded, the ones that did not at the first attempt.
    pub(crate) rescued: u64,
    pub(crate) failed: u64,
    pub(crate) prompt_tokens: u64,
    pub(crate) cached_tokens: u64,
    pub(crate) completion_tokens: u64,
    pub(crate) thought_tokens: u64,
    /// In dollars, by list price.
    pub(crate) list_price: f64,
}

impl Sums {
    /// Tokens read, written and thought.
    pub(crate) fn tokens(&self) -> u64 {
        self.prompt_tokens + self.completion_tokens + self.thought_tokens
    }

    /// In dollars, to the cent, or finer where it is little.
    pub(crate) fn dollars(&self) -> String {
        if self.list_price > 0.0 && self.list_price < 1.0 {
            return format!("${:.4}", self.list_price);
        }
        format!("${:.2}", self.list_price)
    }
}

impl From<Tally> for Sums {
    fn from(tally: Tally) -> Self {
        Self {
            requests: tally.requests,
            succeeded: tally.succeeded(),
            rescued: tally.rescued,
            failed: tally.failed,
            prompt_tokens: tally.prompt,
            cached_tokens: tally.cached,
            completion_tokens: tally.completion,
            thought_tokens: tally.thoughts,
            list_price: tally.cost.dollars(),
        }
    }
}

/// Within how many milliseconds half, 95 and 99 of 100 answers came.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct Quantiles {
    pub(crate) p50: Option<u64>,
    pub(crate) p95: Option<u64>,
    pub(crate) p99: Option<u64>,
}

impl From<&Histogram> for Quantiles {
    fn from(times: &Histogram) -> Self {
        Self { p50: times.quantile(0.5), p95: times.quantile(0.95), p99: times.quantile(0.99) }
    }
}

impl Report {
    /// What the range that ends now came to.
    pub(crate) async fn read(
        store: &Store,
        range: Range,
        now: Timestamp,
    ) -> Result<Self, StoreError> {
        let (span, period) = (range.span(), range.period(now));
        let before = Range::before(period);
        let (span_of_times, period_of_times) = range.of_times(period);
        let (earlier, sums, models, tokens, times, marks) = tokio::try_join!(
            store.traffic(Subject::All, "", span, before),
            store.traffic(Subject::All, "", span, period),
            store.busiest(Subject::Model, span, period, NAMED),
            store.busiest(Subject::Token, span, period, NAMED),
            store.latencies("", span_of_times, period_of_times),
            marks(store, period.from, period.to),
        )?;
        let (step, count) = range.steps();
        Ok(Self {
            range,
            from: period.from,
            to: period.to,
            step,
            total: total(&sums),
            before: total(&earlier),
            steps: steps(period.from, step, count, &sums),
            first_byte: (&times.first_byte).into(),
            duration: (&times.duration).into(),
            models: named(models),
            tokens: named(tokens),
            marks,
            prices_as_of: &settings::list_prices().as_of,
        })
    }
}

/// What a key's requests of the last 30 days came to, day by day.
pub(crate) async fn days_of_key(
    store: &Store,
    key: &KeyId,
    now: Timestamp,
) -> Result<Vec<Step>, StoreError> {
    let step = Span::Day.millis();
    let to = Timestamp::from_millis(Span::Day.begin(now).millis() + step);
    let from = Timestamp::from_millis(to.millis() - DAYS_OF_KEY * step);
    let period = Period { from, to };
    let rows = store.traffic(Subject::Key, key.as_str(), Span::Day, period).await?;
    Ok(steps(from, step, DAYS_OF_KEY as usize, &rows))
}

fn named(rows: Vec<(String, Tally)>) -> Vec<Named> {
    rows.into_iter().map(|(id, tally)| Named { id, sums: tally.into() }).collect()
}

fn total(rows: &[(Timestamp, Tally)]) -> Sums {
    let mut total = Tally::default();
    for (_, tally) in rows {
        total.add(tally);
    }
    total.into()
}

/// The rows put together to steps, those without any row included.
pub(super) fn steps(
    from: Timestamp,
    step: i64,
    count: usize,
    rows: &[(Timestamp, Tally)],
) -> Vec<Step> {
    let mut sums: BTreeMap<i64, Tally> = BTreeMap::new();
    for (at, tally) in rows {
        let number = (at.millis() - from.millis()).div_euclid(step);
        sums.entry(number).or_default().add(tally);
    }
    let at = |number: i64| Timestamp::from_millis(from.millis() + number * step);
    let numbers = 0..i64::try_from(count).unwrap_or(i64::MAX);
    numbers
        .map(|number| Step {
            at: at(number),
            sums: sums.get(&number).copied().unwrap_or_default().into(),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_become_steps_without_gaps() {
        let at = Timestamp::from_millis;
        let one = Tally { requests: 1, ..Tally::default() };
        let rows = [(at(100), one), (at(105), one), (at(120), one)];
        let steps = steps(at(100), 10, 3, &rows);
        let counts: Vec<_> = steps.iter().map(|one| (one.at.millis(), one.sums.requests)).collect();
        assert_eq!(counts, [(100, 2), (110, 0), (120, 1)]);
    }
}
