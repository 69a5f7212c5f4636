use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, PoisonError};

use doctor::Exit;
use keypool::{EgressId, Timestamp};

/// So many tests of a way are remembered.
const REMEMBERED: usize = 20;

/// The drawing of tests is so high, and each step so wide.
const HEIGHT: u64 = 20;
const STEP: usize = 7;

/// How each way out did when it was tested, for as long as the process lives.
#[derive(Debug, Default)]
pub(crate) struct Tests(Mutex<HashMap<EgressId, Seen>>);

/// The last tests of a way out, oldest first; never empty.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Seen(VecDeque<Test>);

/// A test of a way out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Test {
    pub(crate) at: Timestamp,
    /// How long the answer took in milliseconds, or why there was none.
    pub(crate) result: Result<u64, String>,
    /// From which address the world saw it, if somebody was asked.
    pub(crate) exit: Option<Result<Exit, String>>,
}

impl Tests {
    pub(crate) fn of(&self, way: EgressId) -> Seen {
        let seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        seen.get(&way).cloned().unwrap_or_default()
    }

    pub(crate) fn keep(&self, way: EgressId, test: Test) {
        let mut seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Seen(tests) = seen.entry(way).or_default();
        if tests.len() == REMEMBERED {
            tests.pop_front();
        }
        tests.push_back(test);
    }
}

impl Seen {
    pub(crate) fn last(&self) -> Option<&Test> {
        self.0.back()
    }

    /// The address that it was seen with last.
    pub(crate) fn exit(&self) -> Option<&Exit> {
        self.0.iter().rev().find_map(|test| test.exit.as_ref()?.as_ref().ok())
    }

    /// How long answers took, in milliseconds, oldest first; nothing where there was none.
    pub(crate) fn times(&self) -> Vec<Option<u64>> {
        self.0.iter().map(|test| test.result.as_ref().ok().copied()).collect()
    }

    /// For `<polyline points>`, in a box of [`width`](Self::width) × 20; nothing where there is no
    /// line to draw.
    pub(crate) fn points(&self) -> Option<String> {
        let times = self.times();
        let most = times.iter().flatten().max().copied()?.max(1);
        let known = times.iter().enumerate().filter_map(|(place, time)| Some((place, (*time)?)));
        let points: Vec<_> = known
            .map(|(place, time)| format!("{},{}", place * STEP, HEIGHT - time * HEIGHT / most))
            .collect();
        (points.len() > 1).then(|| points.join(" "))
    }

    pub(crate) fn width(&self) -> usize {
        self.0.len().saturating_sub(1) * STEP
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn test(result: Result<u64, &str>) -> Test {
        let result = result.map_err(str::to_owned);
        Test { at: Timestamp::from_millis(0), result, exit: None }
    }

    #[test]
    fn the_last_tests_are_a_line_and_the_last_exit_stays() {
        let (tests, way) = (Tests::default(), EgressId(7));
        assert_eq!(tests.of(way), Seen::default());
        let exit = Exit { address: "203.0.113.9".parse().unwrap(), country: None };
        tests.keep(way, Test { exit: Some(Ok(exit.clone())), ..test(Ok(100)) });
        assert_eq!(tests.of(way).points(), None, "one point is no line");
        tests.keep(way, test(Err("gone")));
        tests.keep(way, test(Ok(50)));
        let seen = tests.of(way);
        assert_eq!(seen.points().as_deref(), Some("0,0 14,10"));
        assert_eq!((seen.width(), seen.exit()), (14, Some(&exit)));
        for _ in 0..REMEMBERED {
            tests.keep(way, test(Ok(1)));
        }
        let seen = tests.of(way);
        assert_eq!((seen.times().len(), seen.exit()), (REMEMBERED, None));
    }
}
