//! Times, counted in classes of which each is a fifth wider than the one before.

/// Classes to a doubling of the time.
const PER_DOUBLING: f64 = 4.0;

/// How long answers took.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Histogram {
    /// Class and answers, by class.
    classes: std::collections::BTreeMap<u8, u64>,
}

impl Histogram {
    /// The class of a time in milliseconds.
    pub(crate) fn class(millis: u32) -> u8 {
        // At most 4 × 32.
        (f64::from(millis.max(1)).log2() * PER_DOUBLING).floor() as u8
    }

    pub(crate) fn put(&mut self, class: u8, answers: u64) {
        *self.classes.entry(class).or_default() += answers;
    }

    /// How many answers were timed.
    pub fn answers(&self) -> u64 {
        self.classes.values().sum()
    }

    /// Within so many milliseconds this share (0 to 1) of the answers came, up to a fifth too many;
    /// `None` without any.
    pub fn quantile(&self, share: f64) -> Option<u64> {
        let all = self.answers();
        let wanted = (all as f64 * share.clamp(0.0, 1.0)).ceil().max(1.0);
        let mut seen = 0;
        for (class, answers) in &self.classes {
            seen += answers;
            if seen as f64 >= wanted {
                let end = ((f64::from(*class) + 1.0) / PER_DOUBLING).exp2();
                return Some(end.round() as u64);
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_at_most_a_fifth_too_large() {
        let mut times = Histogram::default();
        assert_eq!(times.quantile(0.5), None);
        for millis in 1..=1_000 {
            times.put(Histogram::class(millis), 1);
        }
        for (share, exact) in [(0.5, 500.0), (0.95, 950.0), (0.99, 990.0)] {
            let found = times.quantile(share).unwrap() as f64;
            assert!((exact..exact * 1.2).contains(&found), "{share}: {found}");
        }
        assert_eq!(times.answers(), 1_000);
    }

    #[test]
    fn every_time_has_a_class() {
        assert_eq!(Histogram::class(0), 0);
        assert_eq!(Histogram::class(u32::MAX), 127);
    }
}
