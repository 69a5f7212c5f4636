//! When something fails for everybody, nobody is sent there but a probe now and then.

use std::time::Duration;

use crate::Timestamp;
use crate::policy::Backoff;
use crate::roster::KeySlot;

/// Whoever comes while a probe is out is told to come again so much later.
const FOR_A_PROBE: Duration = Duration::from_millis(500);

/// How many different keys must have failed, so that none of them is to blame.
const WITNESSES: usize = 3;

/// Counts failures in a row, and shuts after too many.
#[derive(Clone, Debug, Default)]
pub(crate) struct Breaker {
    failures: u32,
    /// The first few different keys that failed.
    witnesses: Vec<KeySlot>,
    shut: Option<Shut>,
}

#[derive(Clone, Copy, Debug)]
struct Shut {
    since: Timestamp,
    until: Timestamp,
    /// How often in a row it was shut.
    times: u32,
    /// The ticket that finds out whether it can open.
    probe: Option<u64>,
}

/// Whether somebody may pass; the worse, the greater.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Gate {
    Open,
    /// One may, to see how it goes.
    Probe,
    Shut(Timestamp),
}

/// From when on a breaker shuts, and for how long.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Tripping {
    pub(crate) failures: u32,
    /// No more witnesses are asked for than there are keys.
    pub(crate) keys: usize,
    pub(crate) backoff: Backoff,
}

impl Breaker {
    pub(crate) fn gate(&self, now: Timestamp) -> Gate {
        match self.shut {
            None => Gate::Open,
            Some(Shut { probe: None, until, .. }) if until <= now => Gate::Probe,
            Some(Shut { probe: None, until, .. }) => Gate::Shut(until),
            Some(Shut { probe: Some(_), until, .. }) => Gate::Shut(until.max(now + FOR_A_PROBE)),
        }
    }

    /// A ticket goes out as the probe.
    pub(crate) fn send_probe(&mut self, serial: u64) {
        if let Some(shut) = &mut self.shut {
            shut.probe = Some(serial);
        }
    }

    /// It works. Answers whether it was shut.
    pub(crate) fn succeed(&mut self) -> bool {
        self.failures = 0;
        self.witnesses.clear();
        self.shut.take().is_some()
    }

    /// It has failed once more.
    pub(crate) fn fail(&mut self, serial: u64, key: KeySlot, tripping: Tripping, now: Timestamp) {
        self.failures = self.failures.saturating_add(1);
        if self.witnesses.len() < WITNESSES && !self.witnesses.contains(&key) {
            self.witnesses.push(key);
        }
        let is_enough = self.failures >= tripping.failures.max(1)
            && self.witnesses.len() >= WITNESSES.min(tripping.keys);
        match &mut self.shut {
            None if is_enough => self.trip(tripping.backoff, now),
            Some(shut) if shut.probe == Some(serial) => {
                shut.times = shut.times.saturating_add(1);
                shut.until = now + tripping.backoff.after(shut.times);
                shut.probe = None;
            }
            _ => {}
        }
    }

    /// Shuts at once.
    fn trip(&mut self, backoff: Backoff, now: Timestamp) {
        if self.shut.is_none() {
            let until = now + backoff.after(1);
            self.shut = Some(Shut { since: now, until, times: 1, probe: None });
        }
    }

    /// An attempt has told nothing; if it was the probe, another may go.
    pub(crate) fn learn_nothing(&mut self, serial: u64) {
        if let Some(shut) = &mut self.shut
            && shut.probe == Some(serial)
        {
            shut.probe = None;
        }
    }

    /// The clock was set back.
    pub(crate) fn set_back(&mut self, by: Duration) {
        if let Some(shut) = &mut self.shut {
            shut.since = shut.since - by;
            shut.until = shut.until - by;
        }
    }

    pub(crate) fn is_shut(&self) -> bool {
        self.shut.is_some()
    }

    pub(crate) fn shut_since(&self) -> Option<Timestamp> {
        self.shut.map(|shut| shut.since)
    }

    /// Whether nothing is remembered.
    pub(crate) fn is_idle(&self) -> bool {
        self.failures == 0 && self.shut.is_none()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_millis(0);
    const TRIPPING: Tripping = Tripping {
        failures: 5,
        keys: 10,
        backoff: Backoff { first: Duration::from_secs(1), most: Duration::from_secs(4) },
    };

    fn fail(breaker: &mut Breaker, times: u32, keys: u32) {
        for time in 0..times {
            breaker.fail(0, KeySlot(time % keys), TRIPPING, NOW);
        }
    }

    #[test]
    fn it_shuts_after_many_failures_of_several_keys() {
        let mut breaker = Breaker::default();
        fail(&mut breaker, 100, 2);
        assert_eq!(breaker.gate(NOW), Gate::Open);
        breaker.succeed();
        fail(&mut breaker, 4, 3);
        assert_eq!(breaker.gate(NOW), Gate::Open);
        fail(&mut breaker, 1, 3);
        assert_eq!(breaker.gate(NOW), Gate::Shut(NOW + Duration::from_secs(1)));
    }

    #[test]
    fn one_probe_decides() {
        let mut breaker = Breaker::default();
        fail(&mut breaker, 5, 5);
        let mut now = NOW;
        for (serial, seconds) in [(10, 2), (11, 4), (12, 4)] {
            now = now + Duration::from_secs(5);
            assert_eq!(breaker.gate(now), Gate::Probe);
            breaker.send_probe(serial);
            assert!(matches!(breaker.gate(now), Gate::Shut(_)));
            breaker.fail(99, KeySlot(0), TRIPPING, now);
            breaker.learn_nothing(99);
            assert_eq!(breaker.gate(now), Gate::Shut(now + FOR_A_PROBE));
            breaker.fail(serial, KeySlot(0), TRIPPING, now);
            assert_eq!(breaker.gate(now), Gate::Shut(now + Duration::from_secs(seconds)));
        }
        now = now + Duration::from_secs(5);
        breaker.send_probe(13);
        breaker.learn_nothing(13);
        assert_eq!(breaker.gate(now), Gate::Probe);
        assert!(breaker.succeed());
        assert_eq!(breaker.gate(now), Gate::Open);
        assert!(breaker.is_idle());
    }
}
