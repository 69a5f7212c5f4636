//! Something that is told once when it begins, and once when it is over.

use std::time::Duration;

use keypool::Timestamp;

/// Whether something goes on, as it was told.
#[derive(Debug, Default)]
pub(crate) struct Alarm {
    is_told: bool,
    /// Since when it is otherwise than told.
    otherwise_since: Option<Timestamp>,
}

/// What is to be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Turn {
    Begun,
    Over,
}

/// How long something must go on, or be over, before it is told.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Patience {
    pub(crate) begun: Duration,
    pub(crate) over: Duration,
}

impl Alarm {
    pub(crate) fn turn(
        &mut self,
        goes_on: bool,
        patience: Patience,
        now: Timestamp,
    ) -> Option<Turn> {
        if goes_on == self.is_told {
            self.otherwise_since = None;
            return None;
        }
        let since = *self.otherwise_since.get_or_insert(now);
        let (patience, turn) =
            if goes_on { (patience.begun, Turn::Begun) } else { (patience.over, Turn::Over) };
        if now.saturating_since(since) < patience {
            return None;
        }
        *self = Self { is_told: goes_on, otherwise_since: None };
        Some(turn)
    }

    /// Whether nothing was told that is not over, and nothing is about to be.
    pub(crate) fn is_at_rest(&self) -> bool {
        !self.is_told && self.otherwise_since.is_none()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_speaks_once_and_not_of_what_passes() {
        let patience = Patience { begun: Duration::from_secs(10), over: Duration::from_mins(1) };
        let mut alarm = Alarm::default();
        let mut turn = |goes_on, second: i64| {
            alarm.turn(goes_on, patience, Timestamp::from_millis(second * 1000))
        };
        assert_eq!([turn(true, 0), turn(false, 9), turn(true, 10), turn(true, 19)], [None; 4]);
        assert_eq!(turn(true, 20), Some(Turn::Begun));
        assert_eq!([turn(true, 21), turn(false, 30), turn(true, 89)], [None; 3]);
        assert_eq!([turn(false, 90), turn(false, 149)], [None; 2]);
        assert_eq!(turn(false, 150), Some(Turn::Over));
        assert_eq!(turn(false, 500), None);
    }
}
