//! Weights that spread the keys evenly over the proxies, and how many keys they move.

use std::collections::HashMap;

use keypool::{EgressId, KeyId, KeyState, Platform};
use relay::home_of;

use super::Moves;
use crate::State;
use crate::pool::each;

/// How often weights are made better; it is mostly done after some.
const ROUNDS: usize = 24;

/// What a weight may be, as the setting has it.
const LEAST: f64 = 1.0;
const MOST: f64 = 10_000.0;

/// Other weights for the proxies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Rebalance {
    /// In the order of the ways.
    pub(crate) ways: Vec<Share>,
    pub(crate) moves: Moves,
}

/// What a way has and would have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Share {
    pub(crate) id: EgressId,
    /// Its keys now.
    pub(crate) before: usize,
    /// Its keys then.
    pub(crate) after: usize,
    /// Its weight then.
    pub(crate) weight: u32,
}

/// The keys that have a home, but for those that are bound to one: no weight moves them.
pub(crate) async fn keys_at_home(state: &State) -> Vec<KeyId> {
    let (mut keys, configuration) = (Vec::new(), state.gateway.configuration());
    each(&state.gateway, relay::now(), |key| {
        let is_bound = key.egress.is_some_and(|way| configuration.has_way(way));
        if key.platform == Platform::Gemini && key.state != KeyState::Disabled && !is_bound {
            keys.push(key.id.clone());
        }
    })
    .await;
    keys
}

impl Rebalance {
    /// The best that can be found for these keys, from the weights that are.
    pub(crate) fn find(keys: &[KeyId], now: &[(EgressId, u32)]) -> Self {
        let before = homes(keys, now);
        let mut best = (now.to_vec(), before.clone());
        let mut weights = now.to_vec();
        for _ in 0..ROUNDS {
            let homes = homes(keys, &weights);
            if spread(&homes, now) < spread(&best.1, now) {
                best = (weights.clone(), homes.clone());
            }
            if spread(&best.1, now) <= 1 {
                break;
            }
            better(&mut weights, &counts(&homes), keys.len());
        }
        let (weights, after) = best;
        let (had, has) = (counts(&before), counts(&after));
        let of = |counts: &HashMap<EgressId, usize>, id| counts.get(&id).copied().unwrap_or(0);
        let share = |(id, weight)| Share { id, before: of(&had, id), after: of(&has, id), weight };
        let others = before.iter().zip(&after).filter(|(before, after)| before != after);
        let moves = Moves { moved: others.count(), of: keys.len() };
        Self { ways: weights.into_iter().map(share).collect(), moves }
    }
}

fn homes(keys: &[KeyId], ways: &[(EgressId, u32)]) -> Vec<EgressId> {
    keys.iter().map(|key| home_of(key, ways).unwrap_or_default()).collect()
}

fn counts(homes: &[EgressId]) -> HashMap<EgressId, usize> {
    homes.iter().fold(HashMap::new(), |mut counts, home| {
        *counts.entry(*home).or_default() += 1;
        counts
    })
}

/// How many keys the fullest way has more than the emptiest.
fn spread(homes: &[EgressId], ways: &[(EgressId, u32)]) -> usize {
    let counts = counts(homes);
    let counts = ways.iter().map(|(id, _)| counts.get(id).copied().unwrap_or(0));
    let (least, most) =
        counts.fold((usize::MAX, 0), |(least, most), count| (least.min(count), most.max(count)));
    most.saturating_sub(least)
}

/// Gives more weight to ways with few keys, and less to those with many.
fn better(weights: &mut [(EgressId, u32)], counts: &HashMap<EgressId, usize>, keys: usize) {
    let fair = keys as f64 / weights.len().max(1) as f64;
    for (id, weight) in weights {
        let count = counts.get(id).copied().unwrap_or(0) as f64;
        let factor = ((fair + 0.5) / (count + 0.5)).powf(0.8);
        // Within the bounds by the clamp.
        *weight = (f64::from(*weight) * factor).round().clamp(LEAST, MOST) as u32;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(count: usize) -> Vec<KeyId> {
        (0..count).map(|number| format!("key-{number}").as_str().into()).collect()
    }

    const WAYS: [(EgressId, u32); 4] = [
        (EgressId(0x1111_2222_3333), 100),
        (EgressId(0x9999_8888_7777), 100),
        (EgressId(0x5a5a_1234_5678), 100),
        (EgressId(0xfeed_0000_0001), 100),
    ];

    #[test]
    fn keys_are_spread_evenly_and_few_move() {
        let keys = keys(2000);
        let found = Rebalance::find(&keys, &WAYS);
        let count = |of: fn(&Share) -> usize| found.ways.iter().map(of).collect::<Vec<_>>();
        let (before, after) = (count(|share| share.before), count(|share| share.after));
        assert_eq!(before.iter().sum::<usize>(), 2000);
        assert_eq!(after.iter().sum::<usize>(), 2000);
        assert!(after.iter().all(|count| (490..=510).contains(count)), "{before:?} → {after:?}");
        let needed: usize = before.iter().map(|count| count.saturating_sub(500)).sum();
        assert!(found.moves.moved <= needed * 2 + 10, "{} for {needed}", found.moves.moved);
    }

    #[test]
    fn what_is_even_stays() {
        let keys = keys(1);
        let found = Rebalance::find(&keys, &WAYS);
        assert_eq!(found.moves, Moves { moved: 0, of: 1 });
        assert!(found.ways.iter().all(|share| share.weight == 100 && share.before == share.after));
        assert_eq!(Rebalance::find(&[], &WAYS[..1]).moves, Moves::default());
    }
}
