//! The time that ends now, in spans of which sums are kept.

use std::collections::HashMap;

use keypool::Timestamp;
use store::{Period, Span, Store, StoreError, Subject};

use crate::traffic::Spark;

const HOUR: i64 = 60 * 60 * 1000;

/// No line has more points.
const POINTS: usize = 30;

/// So far back, in spans.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Lately {
    pub(super) span: Span,
    pub(super) period: Period,
}

impl Lately {
    /// Since so many hours; the span that they begin in counts as a whole.
    pub(crate) fn hours(hours: u32, now: Timestamp) -> Self {
        let span = match hours {
            0..=3 => Span::Minute,
            4..=168 => Span::Hour,
            _ => Span::Day,
        };
        let back = i64::from(hours) * HOUR;
        let from = span.begin(Timestamp::from_millis(now.millis().saturating_sub(back)));
        let to = Timestamp::from_millis(span.begin(now).millis() + span.millis());
        Self { span, period: Period { from, to } }
    }

    pub(crate) fn since(&self) -> Timestamp {
        self.period.from
    }

    fn begins(&self) -> Vec<Timestamp> {
        let (from, to) = (self.period.from.millis(), self.period.to.millis());
        let mut begins = Vec::new();
        let mut at = from;
        while at < to {
            begins.push(Timestamp::from_millis(at));
            at += self.span.millis();
        }
        begins
    }

    /// How often the groups of these names occurred, step by step.
    pub(super) async fn sparks(
        &self,
        store: &Store,
        labels: &[&str],
    ) -> Result<HashMap<String, Spark>, StoreError> {
        let begins = self.begins();
        let spans_a_point = begins.len().div_ceil(POINTS).max(1);
        let points = begins.len().div_ceil(spans_a_point);
        let mut counts: HashMap<String, Vec<u64>> = HashMap::new();
        for (label, at, tally) in
            store.traffic_of(Subject::Error, labels, self.span, &begins).await?
        {
            let number = (at.millis() - self.period.from.millis()) / self.span.millis();
            let point = usize::try_from(number).unwrap_or_default() / spans_a_point;
            let counts = counts.entry(label).or_insert_with(|| vec![0; points]);
            if let Some(count) = counts.get_mut(point) {
                *count += tally.requests;
            }
        }
        Ok(counts.into_iter().map(|(label, counts)| (label, Spark::new(counts))).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_begins_and_ends_with_spans() {
        let now = Timestamp::from_millis(1_795_241_400_001);
        for (hours, span) in [(1, Span::Minute), (24, Span::Hour), (720, Span::Day)] {
            let lately = Lately::hours(hours, now);
            assert_eq!(lately.span, span);
            let begins = lately.begins();
            let since = now.millis() - i64::from(hours) * HOUR;
            assert!(begins[0].millis() <= since && begins[1].millis() > since, "{hours}");
            let last = begins.last().unwrap();
            assert_eq!(*last, span.begin(now));
        }
    }
}
