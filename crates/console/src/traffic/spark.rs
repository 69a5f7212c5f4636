//! What keys served day by day, as small lines.

use std::collections::HashMap;

use keypool::Timestamp;
use store::{Span, Store, StoreError, Subject};

/// How many days a line shows. The store sums keys by the day only.
const DAYS: usize = 14;

/// The height of the drawing; each step is ten wide.
const HEIGHT: u64 = 20;

/// The requests of a key, day by day.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Spark {
    days: [u64; DAYS],
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
        let spark = sparks.entry(id).or_default();
        if let Some(day) = place.and_then(|place| spark.days.get_mut(place)) {
            *day = tally.requests;
        }
    }
    Ok(sparks)
}

impl Spark {
    pub(crate) fn total(&self) -> u64 {
        self.days.iter().sum()
    }

    /// For `<polyline points>`, in a box of 130 × 20.
    pub(crate) fn points(&self) -> String {
        let most = self.days.iter().max().copied().unwrap_or_default().max(1);
        let point = |(number, requests): (usize, &u64)| {
            format!("{},{}", number * 10, HEIGHT - requests * HEIGHT / most)
        };
        self.days.iter().enumerate().map(point).collect::<Vec<_>>().join(" ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_busiest_day_touches_the_top() {
        let mut spark = Spark::default();
        assert!(spark.points().starts_with("0,20 10,20"));
        spark.days[1] = 4;
        spark.days[13] = 2;
        assert!(spark.points().starts_with("0,20 10,0 20,20"));
        assert!(spark.points().ends_with(" 130,10"));
        assert_eq!(spark.total(), 6);
    }
}
