//! At whose door a failure is laid: the model's, the way out, or Google as a whole. Only what is
//! left is the key's.

use std::fmt;
use std::num::ParseIntError;
use std::str::FromStr;
use std::time::Duration;

use serde::{Serialize, Serializer};

use crate::breaker::{Breaker, Gate, Tripping};
use crate::map::Map;
use crate::roster::KeySlot;
use crate::{Outcome, Phase, Timestamp};

/// A way out to Google: directly, or through a proxy. The number means nothing to the pool.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EgressId(pub u64);

impl EgressId {
    /// Without a proxy.
    pub const DIRECT: Self = Self(0);
}

/// Sixteen hexadecimal digits, as it stands in addresses and in the database.
impl fmt::Display for EgressId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:016x}", self.0)
    }
}

impl FromStr for EgressId {
    type Err = ParseIntError;

    fn from_str(text: &str) -> Result<Self, ParseIntError> {
        u64::from_str_radix(text, 16).map(Self)
    }
}

impl Serialize for EgressId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// How many ways out are remembered at a time.
const MOST_EGRESSES: usize = 256;

/// So many times the number of keys that worked before may be any keys: people do add hundreds of
/// dead keys at once.
const UNPROVEN: usize = 7;

/// Within what time failures of many keys are one event.
const AT_ONCE: Duration = Duration::from_mins(1);

/// Different keys in a row that did not answer at all.
const MUTES: usize = 3;

/// What has failed lately beyond single keys.
#[derive(Debug, Default)]
pub(crate) struct Blame {
    /// Google as a whole.
    google: Breaker,
    egresses: Map<EgressId, Egress>,
    /// The ways that there are; empty where nobody has told.
    ways: Vec<EgressId>,
    /// Whether nothing is wrong, so that a success is no news.
    is_calm: bool,
    /// The way out that was used last.
    last: Option<EgressId>,
    /// Keys that died with too many others at once to be sure of it, not handed out yet.
    suspects: Vec<Victim>,
}

/// A way out.
#[derive(Debug, Default)]
struct Egress {
    breaker: Breaker,
    /// Keys that were refused for good since the last success.
    deaths: Vec<Victim>,
    /// Keys that did not answer since the last answer.
    mutes: Vec<Victim>,
    last_used: Timestamp,
}

/// A key that failed, perhaps by no fault of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Victim {
    pub(crate) key: KeySlot,
    pub(crate) generation: u32,
    pub(crate) at: Timestamp,
    /// Whether it has worked before.
    pub(crate) is_proven: bool,
    /// The ticket that is made next: a success of an older one began before this failure was known,
    /// and speaks for nothing that came after.
    pub(crate) next_serial: u64,
    /// Whether it was found to be a suspect already.
    pub(crate) is_suspect: bool,
}

/// What an outcome says of everything that all keys share.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sign {
    Works,
    Fails,
    /// Nothing while all is well; but if something is shut, it does not work yet.
    Doubtful,
    Nothing,
}

/// Signs of one outcome.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Signs {
    pub(crate) model: Sign,
    pub(crate) egress: Sign,
    pub(crate) google: Sign,
}

impl Signs {
    pub(crate) fn of(outcome: &Outcome) -> Self {
        use Sign::{Doubtful, Fails, Nothing, Works};
        let (model, egress, google) = match outcome {
            Outcome::Served { .. } | Outcome::Empty { .. } => (Works, Works, Works),
            Outcome::ClientFault | Outcome::QuotaSpent(_) => (Nothing, Works, Works),
            Outcome::ModelBusy => (Fails, Works, Fails),
            Outcome::RegionRefused => (Nothing, Fails, Nothing),
            Outcome::LinkBroken(Phase::Connect | Phase::Tls) => (Nothing, Fails, Fails),
            Outcome::LinkBroken(_) => (Doubtful, Doubtful, Fails),
            Outcome::KeyDead(_) | Outcome::KeyRefused => (Nothing, Doubtful, Doubtful),
            Outcome::Cancelled { .. } => (Nothing, Nothing, Nothing),
        };
        Self { model, egress, google }
    }
}

impl Blame {
    /// Whether anything can be sent at all: not while Google as a whole fails, nor while every
    /// way out does.
    pub(crate) fn gate(&self, now: Timestamp) -> Gate {
        if self.is_calm {
            return Gate::Open;
        }
        let nearest = if self.ways.is_empty() {
            self.egresses.values().map(|egress| egress.breaker.gate(now)).min()
        } else {
            self.ways.iter().map(|way| self.egress_gate(*way, now)).min()
        };
        self.google.gate(now).max(nearest.unwrap_or(Gate::Open))
    }

    /// Tells which ways there are.
    pub(crate) fn set_ways(&mut self, ways: &[EgressId]) {
        self.ways = ways.to_vec();
        self.egresses.retain(|id, _| ways.contains(id));
    }

    /// A ticket goes this way, as its probe if the way is shut.
    pub(crate) fn take_way(&mut self, id: EgressId, serial: u64, now: Timestamp) {
        if let Some(egress) = self.egresses.get_mut(&id)
            && egress.breaker.gate(now) == Gate::Probe
        {
            egress.breaker.send_probe(serial);
        }
    }

    /// Whether a way out works, as far as is known.
    pub(crate) fn egress_gate(&self, id: EgressId, now: Timestamp) -> Gate {
        self.egresses.get(&id).map_or(Gate::Open, |egress| egress.breaker.gate(now))
    }

    /// Since when a way out is shut.
    pub(crate) fn shut_since(&self, id: EgressId) -> Option<Timestamp> {
        self.egresses.get(&id)?.breaker.shut_since()
    }

    /// A ticket goes out as the probe of all that is shut.
    pub(crate) fn send_probe(&mut self, serial: u64) {
        self.google.send_probe(serial);
        for egress in self.egresses.values_mut() {
            egress.breaker.send_probe(serial);
        }
    }

    /// Learns from an outcome. Answers whether something shut is open again.
    pub(crate) fn learn(
        &mut self,
        id: EgressId,
        signs: Signs,
        serial: u64,
        key: KeySlot,
        tripping: Tripping,
        now: Timestamp,
    ) -> bool {
        let is_good = ![signs.egress, signs.google].contains(&Sign::Fails);
        if self.is_calm && is_good && self.last == Some(id) {
            return false;
        }
        self.last = Some(id);
        let google = Tripping { failures: tripping.failures.saturating_mul(2), ..tripping };
        let mut opened = follow(&mut self.google, signs.google, serial, key, google, now);
        let egress = self.egress(id, now);
        opened |= follow(&mut egress.breaker, signs.egress, serial, key, tripping, now);
        if signs.egress == Sign::Works {
            egress.deaths.retain(|death| death.next_serial > serial);
            egress.mutes.clear();
        }
        for (other, egress) in &mut self.egresses {
            if *other != id {
                egress.breaker.learn_nothing(serial);
            }
        }
        self.is_calm = self.google.is_idle() && self.egresses.values().all(Egress::is_idle);
        opened
    }

    /// A key was refused for good. If so many were at once, it may be the fault of the way out or of
    /// Google: then all of them are suspects.
    pub(crate) fn die(&mut self, id: EgressId, victim: Victim, many: u32) {
        let many = many as usize;
        if many == 0 {
            return;
        }
        self.is_calm = false;
        let egress = self.egress(id, victim.at);
        join(&mut egress.deaths, victim, victim.at);
        let proven = egress.deaths.iter().filter(|one| one.is_proven).count();
        let are_many = proven >= many || egress.deaths.len() >= many.saturating_mul(UNPROVEN);
        if are_many || egress.breaker.is_shut() {
            let news = egress.deaths.iter_mut().filter(|death| !death.is_suspect);
            let news: Vec<_> = news
                .map(|death| {
                    death.is_suspect = true;
                    *death
                })
                .collect();
            self.suspects.extend(news);
        }
    }

    /// Hands out the suspects that are new.
    pub(crate) fn take_suspects(&mut self) -> Vec<Victim> {
        std::mem::take(&mut self.suspects)
    }

    /// A key has not answered in time. If too many have not, all of them are answered.
    pub(crate) fn fall_mute(
        &mut self,
        id: EgressId,
        victim: Victim,
        keys: usize,
    ) -> Option<Vec<Victim>> {
        self.is_calm = false;
        let egress = self.egress(id, victim.at);
        join(&mut egress.mutes, victim, victim.at);
        (egress.mutes.len() >= MUTES.min(keys)).then(|| egress.mutes.clone())
    }

    /// The clock was set back.
    pub(crate) fn set_back(&mut self, by: Duration) {
        self.google.set_back(by);
        for egress in self.egresses.values_mut() {
            egress.breaker.set_back(by);
            egress.deaths.clear();
            egress.mutes.clear();
        }
    }

    fn egress(&mut self, id: EgressId, now: Timestamp) -> &mut Egress {
        if !self.egresses.contains_key(&id) && self.egresses.len() >= MOST_EGRESSES {
            let oldest = self.egresses.iter().min_by_key(|(id, one)| (one.last_used, **id));
            if let Some(oldest) = oldest.map(|(id, _)| *id) {
                self.egresses.remove(&oldest);
            }
        }
        let egress = self.egresses.entry(id).or_default();
        egress.last_used = now;
        egress
    }
}

impl Egress {
    fn is_idle(&self) -> bool {
        self.breaker.is_idle() && self.deaths.is_empty() && self.mutes.is_empty()
    }
}

/// Adds a key to those that failed at once; each counts once.
fn join(victims: &mut Vec<Victim>, victim: Victim, now: Timestamp) {
    victims.retain(|one| one.key != victim.key && one.at + AT_ONCE > now);
    victims.push(victim);
}

/// Lets a breaker follow a sign. Answers whether it was shut and is open now.
pub(crate) fn follow(
    breaker: &mut Breaker,
    sign: Sign,
    serial: u64,
    key: KeySlot,
    tripping: Tripping,
    now: Timestamp,
) -> bool {
    match sign {
        Sign::Works => return breaker.succeed(),
        Sign::Fails => breaker.fail(serial, key, tripping, now),
        Sign::Doubtful if breaker.is_shut() => breaker.fail(serial, key, tripping, now),
        Sign::Doubtful | Sign::Nothing => breaker.learn_nothing(serial),
    }
    false
}

#[cfg(test)]
mod tests;
