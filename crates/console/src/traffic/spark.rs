//! Counts step by step, as small lines.

use std::collections::HashMap;

use keypool::Timestamp;
use store::{Span, Store, StoreError, Subject};

/// How many days the line of a key shows. The store sums keys by the day only.
const DAYS: usize = 14;

/// The height of the drawing; each step is ten wide.
const HEIGHT: u64 = 20;

/// Counts, step by step.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Spark {
    counts: Vec<u64>,
}

/// The lines of these keys, by their ids; those that served nothing have none.
pub(crate) async fn sparks(
    store: &Store,
    ids: &[&str],
    now: Timestamp,
) -> Result<HashMap<String, Spark>, StoreError> {
    let today = Span::Day.begin(now).millis();
    let begin = |back: usize| {
        let back = i64::try_from(back).unwrap_or_default();
        Timestamp::from_millis(today - back * Span::Day.millis())
    };
    let begins: Vec<_> = (0..DAYS).rev().map(begin).collect();
    let mut sparks: HashMap<String, Spark> = HashMap::new();
    for (id, at, tally) in store.traffic_of(Subject::Key, ids, Span::Day, &begins).await? {
        let place = begins.iter().position(|begin| *begin == at);
        let spark = sparks.entry(id).or_insert_with(|| Spark::new(vec![0; DAYS]));
        if let Some(day) = place.and_then(|place| spark.counts.get_mut(place)) {
            *day = tally.requests;
        }
    }
    Ok(sparks)
}

impl Spark {
    pub(crate) fn new(counts: Vec<u64>) -> Self {
        Self { counts }
    }

    pub(crate) fn total(&self) -> u64 {
        self.counts.iter().sum()
    }

    /// For `<svg viewBox>`, with room for the line's width.
    pub(crate) fn view_box(&self) -> String {
        let width = self.counts.len().saturating_sub(1) * 10;
        format!("-1 -1 {} {}", width + 2, HEIGHT + 2)
    }

    /// For `<polyline points>`.
    pub(crate) fn points(&self) -> String {
        let most = self.counts.iter().max().copied().unwrap_or_default().max(1);
        let point = |(number, requests): (usize, &u64)| {
            format!("{},{}", number * 10, HEIGHT - requests * HEIGHT / most)
        };
        self.counts.iter().enumerate().map(point).collect::<Vec<_>>().join(" ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_busiest_step_touches_the_top() {
        let mut spark = Spark::new(vec![0; 14]);
        assert!(spark.points().starts_with("0,20 10,20"));
        spark.counts[1] = 4;
        spark.counts[13] = 2;
        assert!(spark.points().starts_with("0,20 10,0 20,20"));
        assert!(spark.points().ends_with(" 130,10"));
        assert_eq!((spark.total(), &*spark.view_box()), (6, "-1 -1 132 22"));
    }
}
