//! Keys that died with many others: asked about again soon, then less and less often, then not any
//! more.

use std::collections::BTreeMap;
use std::time::Duration;

use keypool::{Backoff, KeyId};
use tokio::time::Instant;

const PAUSES: Backoff = Backoff { first: Duration::from_secs(5), most: Duration::from_mins(5) };

/// After so many times, the checks by the clock have to do.
const MOST: u32 = 10;

/// A key that works when asked but dies in traffic is not asked as if nothing had been before.
const MEMORY: Duration = Duration::from_hours(2);

/// The keys, and how often each was asked about.
#[derive(Debug, Default)]
pub(super) struct Suspects(BTreeMap<KeyId, Suspect>);

#[derive(Debug)]
struct Suspect {
    /// How often it was, or is about to be, asked about.
    times: u32,
    /// When it is asked about; `None` if nobody waits for that.
    due: Option<Instant>,
    /// When something was last heard of it.
    heard: Instant,
}

impl Suspects {
    /// Keys have died. `chance`, from 0 to 1, lengthens the pause by up to a fifth.
    pub(super) fn watch(&mut self, keys: Vec<KeyId>, now: Instant, chance: f64) {
        self.0.retain(|_, one| one.due.is_some() || now < one.heard + MEMORY);
        for key in keys {
            let suspect = self.0.entry(key).or_insert(Suspect { times: 0, due: None, heard: now });
            if suspect.due.is_none() {
                suspect.plan(now, chance);
            }
        }
    }

    /// Takes those that are to be asked about now.
    pub(super) fn due(&mut self, now: Instant) -> Vec<KeyId> {
        let due = self.0.iter_mut().filter(|(_, one)| one.due.is_some_and(|due| due <= now));
        due.map(|(key, one)| {
            one.due = None;
            key.clone()
        })
        .collect()
    }

    /// A key was asked about and is dead still.
    pub(super) fn failed(&mut self, key: &KeyId, now: Instant, chance: f64) {
        if let Some(suspect) = self.0.get_mut(key) {
            suspect.plan(now, chance);
        }
    }
}

impl Suspect {
    fn plan(&mut self, now: Instant, chance: f64) {
        self.heard = now;
        if self.times < MOST {
            self.times += 1;
            self.due = Some(now + PAUSES.after(self.times).mul_f64(1.0 + chance / 5.0));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seconds(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    /// The pauses until nobody asks any more, if the key stays dead.
    fn pauses(suspects: &mut Suspects, key: &KeyId, mut now: Instant, chance: f64) -> Vec<u64> {
        let mut pauses = Vec::new();
        while let Some(due) = suspects.0[key].due {
            assert_eq!(suspects.due(due - seconds(1)), []);
            assert_eq!(suspects.due(due), std::slice::from_ref(key));
            pauses.push(due.duration_since(now).as_secs());
            now = due;
            suspects.failed(key, now, chance);
        }
        pauses
    }

    #[test]
    fn the_pauses_grow_and_end() {
        let (key, now) = (KeyId::from("a"), Instant::now());
        for (chance, expected) in [
            (0.0, [5, 10, 20, 40, 80, 160, 300, 300, 300, 300]),
            (1.0, [6, 12, 24, 48, 96, 192, 360, 360, 360, 360]),
        ] {
            let mut suspects = Suspects::default();
            suspects.watch(vec![key.clone()], now, chance);
            assert_eq!(pauses(&mut suspects, &key, now, chance), expected);
        }
    }

    #[test]
    fn a_key_that_dies_again_is_asked_later_and_not_for_ever() {
        let (key, mut now) = (KeyId::from("a"), Instant::now());
        let mut suspects = Suspects::default();
        let mut pauses = Vec::new();
        for _ in 0..12 {
            suspects.watch(vec![key.clone()], now, 0.0);
            // Told twice, planned once.
            suspects.watch(vec![key.clone()], now, 0.0);
            let Some(due) = suspects.0[&key].due else { break };
            pauses.push(due.duration_since(now).as_secs());
            now = due;
            assert_eq!(suspects.due(now).len(), 1);
        }
        assert_eq!(pauses, [5, 10, 20, 40, 80, 160, 300, 300, 300, 300]);
        suspects.watch(vec![], now + MEMORY, 0.0);
        assert!(suspects.0.is_empty(), "it is forgotten in the end");
    }
}
