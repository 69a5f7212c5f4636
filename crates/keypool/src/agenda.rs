//! Appointments: at most one for each subject, found by subject and by time.

use std::collections::BTreeSet;
use std::hash::Hash;

use crate::Timestamp;
use crate::map::Map;

/// What has to happen when. Setting, moving and taking an appointment is O(log n).
#[derive(Clone, Debug)]
pub(crate) struct Agenda<K> {
    by_time: BTreeSet<(Timestamp, K)>,
    times: Map<K, Timestamp>,
    /// The time of the first: every request asks for it.
    next: Option<Timestamp>,
}

impl<K> Default for Agenda<K> {
    fn default() -> Self {
        Self { by_time: BTreeSet::new(), times: Map::default(), next: None }
    }
}

impl<K: Copy + Ord + Hash> Agenda<K> {
    /// Makes, moves or cancels the subject's appointment.
    pub(crate) fn set(&mut self, subject: K, time: Option<Timestamp>) {
        let before = match time {
            Some(time) => self.times.insert(subject, time),
            None => self.times.remove(&subject),
        };
        if before == time {
            return;
        }
        if let Some(before) = before {
            self.by_time.remove(&(before, subject));
        }
        if let Some(time) = time {
            self.by_time.insert((time, subject));
        }
        self.look_up_next();
    }

    /// All appointments, in the order of their times.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (Timestamp, K)> {
        self.by_time.iter().copied()
    }

    /// Whether an appointment's time has come.
    pub(crate) fn is_due(&self, now: Timestamp) -> bool {
        self.next.is_some_and(|next| next <= now)
    }

    /// Takes the next appointment whose time has come.
    pub(crate) fn pop_due(&mut self, now: Timestamp) -> Option<K> {
        if !self.is_due(now) {
            return None;
        }
        let (_, subject) = self.by_time.pop_first()?;
        self.times.remove(&subject);
        self.look_up_next();
        Some(subject)
    }

    fn look_up_next(&mut self) {
        self.next = self.by_time.first().map(|(time, _)| *time);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(millis: i64) -> Timestamp {
        Timestamp::from_millis(millis)
    }

    #[test]
    fn appointments_move_and_come_due_in_order() {
        let mut agenda = Agenda::default();
        agenda.set('a', Some(at(30)));
        agenda.set('b', Some(at(20)));
        agenda.set('c', Some(at(10)));
        agenda.set('a', Some(at(15)));
        agenda.set('c', None);
        agenda.set('x', None);

        assert_eq!(agenda.iter().next(), Some((at(15), 'a')));
        assert!(!agenda.is_due(at(14)));
        assert_eq!(agenda.pop_due(at(14)), None);
        assert_eq!(agenda.pop_due(at(20)), Some('a'));
        assert_eq!(agenda.pop_due(at(20)), Some('b'));
        assert_eq!(agenda.pop_due(Timestamp::MAX), None);
    }
}
