//! How fast answers began that a key got, in classes that are about a half wider than the one before.

use std::time::Duration;

use serde::Serialize;
use utoipa::ToSchema;

/// The last class holds all that took longer than a minute and a half.
const CLASSES: usize = 34;

/// How often answers began within the time of each class.
#[derive(Clone, Debug)]
pub(crate) struct Speed([u16; CLASSES]);

/// How long a key's answers took to begin, in milliseconds, since the process started.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct FirstByte {
    /// Half of them began sooner.
    pub p50: u64,
    /// Nineteen of twenty began sooner.
    pub p95: u64,
}

impl Default for Speed {
    fn default() -> Self {
        Self([0; CLASSES])
    }
}

impl Speed {
    pub(crate) fn note(&mut self, took: Duration) {
        let millis = u64::try_from(took.as_millis()).unwrap_or(u64::MAX).max(1);
        let Some(count) = self.0.get_mut(class(millis)) else { return };
        *count += 1;
        if *count == u16::MAX {
            // The past counts for half from now on.
            self.0.iter_mut().for_each(|count| *count /= 2);
        }
    }

    /// Nothing before the first answer.
    pub(crate) fn told(&self) -> Option<FirstByte> {
        Some(FirstByte { p50: self.quantile(50)?, p95: self.quantile(95)? })
    }

    /// The upper end of the class in which so many percent are reached.
    fn quantile(&self, percent: u64) -> Option<u64> {
        let all: u64 = self.0.iter().map(|count| u64::from(*count)).sum();
        let wanted = (all * percent).div_ceil(100).max(1);
        let mut seen = 0;
        let place = self.0.iter().position(|count| {
            seen += u64::from(*count);
            seen >= wanted
        })?;
        Some(end(place))
    }
}

/// Two classes for each doubling.
fn class(millis: u64) -> usize {
    let doublings = millis.ilog2();
    let half = 1 << doublings.saturating_sub(1);
    let is_upper = millis >= (1 << doublings) + half && doublings > 0;
    (2 * doublings as usize + usize::from(is_upper)).min(CLASSES - 1)
}

/// Where a class ends.
fn end(class: usize) -> u64 {
    let whole = 1 << (class / 2);
    if class.is_multiple_of(2) { whole + whole / 2 } else { 2 * whole }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_and_nearly_all_are_told_of() {
        let mut speed = Speed::default();
        assert_eq!(speed.told(), None);
        for millis in [300; 90].into_iter().chain([5_000; 10]) {
            speed.note(Duration::from_millis(millis));
        }
        let FirstByte { p50, p95 } = speed.told().unwrap();
        assert!((300..=450).contains(&p50) && (5_000..=7_500).contains(&p95), "{p50} {p95}");
    }

    #[test]
    fn every_time_has_a_class_that_ends_after_it() {
        for millis in 1..100_000 {
            let class = class(millis);
            assert!(end(class) >= millis, "{millis}");
            assert!(class == 0 || end(class - 1) <= millis + 1, "{millis}");
        }
        let mut speed = Speed::default();
        for _ in 0..200_000 {
            speed.note(Duration::from_hours(1));
        }
        assert!(speed.told().unwrap().p50 > 90_000);
    }
}
