use std::fmt::Debug;

use prometheus_client::encoding::EncodeMetric;
use prometheus_client::metrics::TypedMetric;
use prometheus_client::metrics::family::Family;

/// A label and every value that it can have.
#[derive(Debug)]
pub(super) struct Label {
    pub(super) name: &'static str,
    pub(super) values: &'static [&'static str],
}

/// A family whose labels have closed sets of values: all its series exist from the start, and
/// finding one takes a few comparisons, no hash and no lock.
#[derive(Debug)]
pub(super) struct ClosedFamily<M, const N: usize> {
    labels: [&'static Label; N],
    /// In the order of the labels' values, the last label varying fastest.
    series: Vec<M>,
}

/// The form that goes into the registry.
pub(super) type OpenFamily<M, const N: usize> =
    Family<[(&'static str, &'static str); N], M, fn() -> M>;

impl<M: Clone + Debug + EncodeMetric + TypedMetric, const N: usize> ClosedFamily<M, N> {
    /// The family, and what to register of it.
    pub(super) fn new(labels: [&'static Label; N], make: fn() -> M) -> (Self, OpenFamily<M, N>) {
        let family = OpenFamily::new_with_constructor(make);
        let count = labels.iter().map(|label| label.values.len()).product();
        let series = (0..count)
            .map(|index| family.get_or_create_owned(&label_set(&labels, index)))
            .collect();
        (Self { labels, series }, family)
    }

    /// The series with these values, in the order of the labels. A value from outside of its set is
    /// a mistake of the caller and has none.
    pub(super) fn get(&self, values: [&str; N]) -> Option<&M> {
        let index = self.labels.iter().zip(values).try_fold(0, |index, (label, value)| {
            let position = label.values.iter().position(|known| *known == value);
            debug_assert!(position.is_some(), "{} is no {}", value, label.name);
            Some(index * label.values.len() + position?)
        })?;
        self.series.get(index)
    }
}

/// Names and values of the series at `index`.
fn label_set<const N: usize>(
    labels: &[&'static Label; N],
    mut index: usize,
) -> [(&'static str, &'static str); N] {
    let mut set = labels.map(|label| (label.name, ""));
    for (pair, label) in set.iter_mut().zip(labels).rev() {
        pair.1 = label.values[index % label.values.len()];
        index /= label.values.len();
    }
    set
}

#[cfg(test)]
mod tests {
    use prometheus_client::metrics::counter::Counter;

    use super::*;

    static COLOUR: Label = Label { name: "colour", values: &["red", "green", "blue"] };
    static SIZE: Label = Label { name: "size", values: &["s", "m"] };

    #[test]
    fn every_combination_is_its_own_series_under_its_own_labels() {
        let (closed, open) = ClosedFamily::<Counter, 2>::new([&COLOUR, &SIZE], Counter::default);
        assert_eq!(closed.series.len(), 6);
        let mut expected = 0;
        for colour in COLOUR.values {
            for size in SIZE.values {
                expected += 1;
                closed.get([colour, size]).unwrap().inc_by(expected);
                let labels = [("colour", *colour), ("size", *size)];
                assert_eq!(open.get(&labels).unwrap().get(), expected);
            }
        }
    }
}
