//! The ways out: directly, or through proxies.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use keypool::{EgressId, Phase};
use tokio::time::Instant;

use crate::Broken;
use crate::connect::Dialer;
use crate::connection::Connection;
use crate::options::USUAL_WEIGHT;
use crate::pool::Pool;
use crate::proxy::ProxyUrl;

/// A way on which no connection could be opened is passed over for so long.
const REST: Duration = Duration::from_secs(15);

/// One way out, with its own connections.
#[derive(Debug)]
pub(crate) struct Egress {
    dialer: Dialer,
    pub(crate) pool: Arc<Pool>,
    /// Tells the ways apart.
    pub(crate) id: EgressId,
    /// How many seeds it takes beside others.
    weight: u32,
    /// Whether nothing may go this way: every way rests, and nothing goes around them.
    is_shut: bool,
    /// Set when opening a connection fails.
    resting_until: Mutex<Option<Instant>>,
}

impl Egress {
    pub(crate) fn new(dialer: Dialer, proxy: Option<&ProxyUrl>, pool: Arc<Pool>) -> Self {
        let id = proxy.map_or(EgressId::DIRECT, ProxyUrl::egress);
        let (weight, is_shut) = (USUAL_WEIGHT, false);
        Self { dialer, pool, id, weight, is_shut, resting_until: Mutex::default() }
    }

    pub(crate) fn weighing(self, weight: u32) -> Self {
        Self { weight, ..self }
    }

    pub(crate) fn shut(self) -> Self {
        Self { is_shut: true, ..self }
    }

    pub(crate) async fn open(&self, deadline: Option<Instant>) -> Result<Box<Connection>, Broken> {
        if self.is_shut {
            return Err(Broken::unsent(Phase::Connect, "every proxy is drained or switched off"));
        }
        let dialled = self.dialer.dial(deadline).await;
        let rests = dialled.is_err().then(|| Instant::now() + REST);
        *self.resting_until.lock().unwrap_or_else(PoisonError::into_inner) = rests;
        Ok(Box::new(Connection::new(dialled?)))
    }

    fn rests(&self, now: Instant) -> bool {
        let until = *self.resting_until.lock().unwrap_or_else(PoisonError::into_inner);
        until.is_some_and(|until| now < until)
    }
}

/// The ways in the order that a seed prefers them: by score (weighted rendezvous hashing), so that
/// adding or removing a proxy, or another weight, moves only the seeds that have to move. Ways that
/// rest come last.
pub(crate) fn by_preference(ways: &[Egress], seed: u64) -> Vec<EgressId> {
    let now = Instant::now();
    let mut scored: Vec<_> =
        ways.iter().map(|way| (way.rests(now), score(way.id, way.weight, seed), way.id)).collect();
    scored.sort_by(|(rests, score, _), (other_rests, other, _)| {
        rests.cmp(other_rests).then(other.total_cmp(score))
    });
    scored.into_iter().map(|(_, _, id)| id).collect()
}

/// The way that a seed prefers to all others while every way works.
pub(crate) fn home(ways: &[Egress], seed: u64) -> EgressId {
    home_among(ways.iter().map(|way| (way.id, way.weight)), seed).unwrap_or_default()
}

/// The way that a seed prefers among those of these weights.
pub fn home_among(ways: impl IntoIterator<Item = (EgressId, u32)>, seed: u64) -> Option<EgressId> {
    let scored = ways.into_iter().map(|(id, weight)| (score(id, weight, seed), id));
    scored.max_by(|(score, _), (other, _)| score.total_cmp(other)).map(|(_, id)| id)
}

/// A draw from the exponential distribution of the way's weight, as a race that the least wins: so
/// each way wins as often as its weight says. Nearer to 0 is better.
fn score(id: EgressId, weight: u32, seed: u64) -> f64 {
    const BITS: u32 = 53;
    let drawn = mix(seed ^ id.0) >> (u64::BITS - BITS);
    let share = (drawn as f64 + 0.5) / (1_u64 << BITS) as f64;
    share.ln() / f64::from(weight.max(1))
}

impl ProxyUrl {
    /// Tells this way out from others. The password is not in it.
    pub fn egress(&self) -> EgressId {
        let login = self.login.as_ref().map_or("", |(user, _)| user.as_str());
        EgressId(hash(self.to_string().bytes().chain(login.bytes())))
    }
}

/// FNV-1a: the same on every machine and in every version, so that keys keep their proxies.
fn hash(bytes: impl Iterator<Item = u8>) -> u64 {
    bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

/// Spreads a number over all its bits (the last step of `SplitMix64`).
pub(crate) fn mix(number: u64) -> u64 {
    let number = (number ^ (number >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let number = (number ^ (number >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    number ^ (number >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::connect::Target;

    fn ways(count: usize) -> Vec<Egress> {
        let target = Target { host: "h".into(), port: 80, secure: false };
        let second = Duration::from_secs(1);
        (0..count)
            .map(|number| {
                let proxy: ProxyUrl = format!("http://p{number}:3128").parse().unwrap();
                let dialer = Dialer::new(target.clone(), Some(proxy.clone()), None, second);
                Egress::new(dialer, Some(&proxy), Pool::new(second))
            })
            .collect()
    }

    fn chosen(ways: &[Egress], seed: u64) -> EgressId {
        by_preference(ways, seed)[0]
    }

    #[test]
    fn seeds_spread_evenly_and_move_only_when_they_must() {
        let ways = ways(4);
        let mut counts = [0; 4];
        for seed in 0..4000 {
            let way = chosen(&ways, mix(seed));
            assert_eq!(home(&ways, mix(seed)), way);
            let index = ways.iter().position(|one| one.id == way).unwrap();
            counts[index] += 1;
            if index < 3 {
                assert_eq!(chosen(&ways[..3], mix(seed)), way);
            }
        }
        assert!(counts.iter().all(|&count| (800..1200).contains(&count)), "{counts:?}");
    }

    #[test]
    fn weights_move_only_those_that_have_to_move() {
        let even = ways(3);
        let ids: Vec<_> = even.iter().map(|way| way.id).collect();
        let heavier = [(ids[0], 100), (ids[1], 200), (ids[2], 100)];
        let mut counts = [0; 3];
        for seed in (0..4000).map(mix) {
            let (before, after) = (home(&even, seed), home_among(heavier, seed).unwrap());
            assert!(after == before || after == ids[1], "it moves to nobody else");
            counts[ids.iter().position(|id| *id == after).unwrap()] += 1;
        }
        assert!((1800..2200).contains(&counts[1]), "half of all: {counts:?}");
        assert_eq!(home_among([], 7), None);
    }

    #[tokio::test(flavor = "current_thread", start_paused = true)]
    async fn a_way_that_failed_rests_for_a_while() {
        let ways = ways(2);
        let seed = (0..100).find(|&seed| chosen(&ways, seed) == ways[0].id).unwrap();
        *ways[0].resting_until.lock().unwrap() = Some(Instant::now() + REST);
        assert_eq!(by_preference(&ways, seed), [ways[1].id, ways[0].id]);
        assert_eq!(home(&ways, seed), ways[0].id, "it is at home there all the same");
        tokio::time::advance(REST).await;
        assert_eq!(chosen(&ways, seed), ways[0].id);
    }
}
