//! How many requests a filter finds: step by step, and by what they were.

mod grid;

use std::collections::BTreeMap;

use keypool::Timestamp;
use serde::Serialize;
use store::{Period, RequestFilter, RequestKind, Span, Store, StoreError, Subject, Tally};
use utoipa::ToSchema;

use super::report::{Step, steps};
use grid::Grid;

/// Where rows are counted, no more than these, the newest.
pub(crate) const LOOKED_AT: u64 = 20_000;

/// A log that has just begun is told over twenty minutes.
const FEWEST_MILLIS: i64 = 20 * 60_000;

/// The most values that are told of each kind.
const VALUES: usize = 8;

/// More kinds of requests than there are.
const KINDS: u64 = 1_000;

/// What a filter finds.
#[derive(Debug, Default, Serialize, ToSchema)]
#[schema(as = RequestSummary)]
pub(crate) struct Summary {
    /// How many requests there are.
    pub(crate) requests: u64,
    /// If not all were counted: of how many, the newest of that time, these are.
    pub(crate) of_newest: Option<u64>,
    pub(crate) from: i64,
    pub(crate) to: i64,
    /// The length of a step, in milliseconds.
    pub(crate) step: i64,
    pub(crate) steps: Vec<Step>,
    /// What they came to, the most frequent first.
    pub(crate) outcomes: Vec<Share>,
    pub(crate) statuses: Vec<Share>,
    pub(crate) models: Vec<Share>,
    /// Client tokens, by their ids.
    pub(crate) tokens: Vec<Share>,
    /// The APIs that were spoken.
    pub(crate) dialects: Vec<Share>,
}

/// So many of the requests have this.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = RequestShare)]
pub(crate) struct Share {
    pub(crate) value: String,
    pub(crate) requests: u64,
}

impl Summary {
    /// Reads sums where the filter says nothing but the time, and counts rows otherwise.
    pub(crate) async fn read(
        store: &Store,
        filter: &RequestFilter,
        now: Timestamp,
    ) -> Result<Self, StoreError> {
        let oldest = store.oldest_request().await?.unwrap_or(now);
        let lately = Timestamp::from_millis(now.millis() - FEWEST_MILLIS);
        let since = filter.since.map_or(oldest.min(lately), |since| since.max(oldest));
        let grid = Grid::new(since, filter.until.map_or(now, |until| until.min(now)));
        if is_of_time_alone(filter)
            && let Some(span) = grid.span(now)
            && let Some(summary) = Self::of_sums(store, &grid, span).await?
        {
            return Ok(summary);
        }
        Self::of_rows(store, filter, &grid).await
    }

    /// `None` if some requests were logged before their kinds were summed.
    async fn of_sums(store: &Store, grid: &Grid, span: Span) -> Result<Option<Self>, StoreError> {
        let period = Period { from: grid.from, to: grid.to() };
        let all = store.traffic(Subject::All, "", span, period).await?;
        let kinds = store.busiest(Subject::Kind, span, period, KINDS).await?;
        let requests = all.iter().map(|(_, tally)| tally.requests).sum();
        if kinds.iter().map(|(_, tally)| tally.requests).sum::<u64>() < requests {
            return Ok(None);
        }
        let mut counts = [const { BTreeMap::new() }; 3];
        for (label, tally) in kinds {
            let Some(kind) = RequestKind::from_label(&label) else { continue };
            let values = [kind.outcome, kind.status.to_string(), kind.dialect];
            for (counts, value) in counts.iter_mut().zip(values) {
                *counts.entry(value).or_default() += tally.requests;
            }
        }
        let [outcomes, statuses, dialects] = counts.map(shares);
        let named = |rows: Vec<(String, Tally)>| {
            rows.into_iter().map(|(value, tally)| Share { value, requests: tally.requests })
        };
        let models = store.busiest(Subject::Model, span, period, VALUES as u64).await?;
        let tokens = store.busiest(Subject::Token, span, period, VALUES as u64).await?;
        Ok(Some(Self {
            requests,
            outcomes,
            statuses,
            dialects,
            models: named(models).collect(),
            tokens: named(tokens).collect(),
            ..Self::on(grid, &all)
        }))
    }

    async fn of_rows(
        store: &Store,
        filter: &RequestFilter,
        grid: &Grid,
    ) -> Result<Self, StoreError> {
        let counted = store.count_requests(filter, grid.step, LOOKED_AT).await?;
        let mut counts = [const { BTreeMap::new() }; 5];
        let mut rows = Vec::new();
        let mut requests = 0;
        for group in counted.groups {
            rows.push((group.since, group.tally()));
            requests += group.requests;
            let values = [
                Some(group.outcome),
                Some(group.status.to_string()),
                group.model,
                group.token_id,
                Some(group.dialect),
            ];
            for (counts, value) in counts.iter_mut().zip(values) {
                if let Some(value) = value {
                    *counts.entry(value).or_default() += group.requests;
                }
            }
        }
        let [outcomes, statuses, models, tokens, dialects] = counts.map(shares);
        let of_newest = counted.is_bounded.then_some(LOOKED_AT);
        let on = Self::on(grid, &rows);
        Ok(Self { requests, of_newest, outcomes, statuses, models, tokens, dialects, ..on })
    }

    fn on(grid: &Grid, rows: &[(Timestamp, Tally)]) -> Self {
        Self {
            from: grid.from.millis(),
            to: grid.to().millis(),
            step: grid.step,
            steps: steps(grid.from, grid.step, grid.count, rows),
            ..Self::default()
        }
    }
}

/// Whether a filter finds all requests of its time.
fn is_of_time_alone(filter: &RequestFilter) -> bool {
    let RequestFilter {
        before,
        after,
        request_id,
        key_id,
        model,
        token_id,
        since: _,
        until: _,
        dialect,
        outcome,
        duration_from,
        status_from,
        status_to,
    } = filter;
    let is_of_rows = before.is_some() || after.is_some();
    let names = [request_id, model, token_id, dialect, outcome];
    let is_named = names.into_iter().any(Option::is_some) || key_id.is_some();
    let is_numbered = duration_from.is_some() || status_from.is_some() || status_to.is_some();
    !(is_of_rows || is_named || is_numbered)
}

/// The most frequent values.
fn shares(counts: BTreeMap<String, u64>) -> Vec<Share> {
    let mut shares: Vec<_> =
        counts.into_iter().map(|(value, requests)| Share { value, requests }).collect();
    shares.sort_by_key(|share| std::cmp::Reverse(share.requests));
    shares.truncate(VALUES);
    shares
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_most_frequent_values_come_first() {
        let counts = (0..12_u64).map(|number| (format!("v{number:02}"), number % 10));
        let shares = shares(counts.collect());
        let told: Vec<_> = shares.iter().map(|one| (one.value.as_str(), one.requests)).collect();
        assert_eq!(told[..2], [("v09", 9), ("v08", 8)]);
        assert_eq!(told.len(), VALUES);
    }

    #[test]
    fn a_filter_is_of_time_alone_or_asks_for_more() {
        let time = RequestFilter { since: Some(Timestamp::from_millis(1)), ..Default::default() };
        assert!(is_of_time_alone(&time));
        let code = RequestFilter { status_from: Some(400), ..time.clone() };
        let model = RequestFilter { model: Some("m".to_owned()), ..time };
        assert!(!is_of_time_alone(&code) && !is_of_time_alone(&model));
    }
}
