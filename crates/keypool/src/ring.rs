//! The order in which usable keys are chosen.

use crate::map::scatter;
use crate::roster::KeySlot;
use crate::slot_set::SlotSet;

/// How soon a key is chosen, before it comes to its turn: all keys of a lower rank go first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Rank {
    /// Keys that failed a moment ago come after all others.
    pub(crate) avoided: bool,
    /// The administrator's order.
    pub(crate) tier: u8,
}

/// What a request thinks of a key whose turn it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// It is used.
    Take,
    /// It has had its turn with this very request.
    Tried,
    /// This request prefers others, but the key must not lose its turn by that.
    Hold,
}

/// The usable keys of a lane: one ring a rank, each in the order of the roster.
#[derive(Debug)]
pub(crate) struct Rings {
    by_rank: Vec<(Rank, Ring)>,
    cursors: usize,
    seed: u64,
}

/// Keys that take turns. Several independent rounds may go over the same keys, each with its own
/// cursor.
#[derive(Debug)]
struct Ring {
    members: SlotSet,
    cursors: Vec<Option<u32>>,
}

impl Rings {
    /// Empty rings with so many rounds each; the seed decides where they begin.
    pub(crate) fn new(cursors: usize, seed: u64) -> Self {
        Self { by_rank: Vec::new(), cursors, seed }
    }

    /// The same keys with a single round, which goes on where one of these stands.
    pub(crate) fn split_off(&self, round: usize) -> Self {
        let one = |(rank, ring): &(Rank, Ring)| {
            let cursor = ring.cursors.get(round).copied().flatten();
            (*rank, Ring { members: ring.members.clone(), cursors: vec![cursor] })
        };
        Self { by_rank: self.by_rank.iter().map(one).collect(), cursors: 1, seed: self.seed }
    }

    /// Lets a round go on where a single one has come to.
    pub(crate) fn rejoin(&mut self, round: usize, single: &Self) {
        for (rank, ring) in &single.by_rank {
            let cursor = ring.cursors.first().copied().flatten();
            if let Ok(index) = self.by_rank.binary_search_by_key(rank, |(rank, _)| *rank)
                && let Some((_, ring)) = self.by_rank.get_mut(index)
                && let Some(own) = ring.cursors.get_mut(round)
            {
                *own = cursor;
            }
        }
    }

    /// How many keys are usable.
    pub(crate) fn len(&self) -> usize {
        self.by_rank.iter().map(|(_, ring)| ring.members.len()).sum()
    }

    /// Puts a key where it belongs, or nowhere if it is not usable.
    pub(crate) fn place(&mut self, key: KeySlot, rank: Option<Rank>) {
        for (other, ring) in &mut self.by_rank {
            ring.members.set(key.0, Some(*other) == rank);
        }
        let Some(rank) = rank else { return };
        if let Err(index) = self.by_rank.binary_search_by_key(&rank, |(rank, _)| *rank) {
            let mut members = SlotSet::default();
            members.set(key.0, true);
            let ring = Ring { members, cursors: vec![None; self.cursors] };
            self.by_rank.insert(index, (rank, ring));
        }
    }

    /// The key whose turn it is in a round, among those of the lowest rank that find favour.
    /// Looks at no more keys than the verdict turns down, plus one.
    pub(crate) fn pick(
        &mut self,
        round: usize,
        verdict: impl Fn(KeySlot) -> Verdict,
    ) -> Option<KeySlot> {
        let seed = self.seed;
        self.by_rank.iter_mut().find_map(|(_, ring)| ring.pick(round, seed, &verdict))
    }
}

impl Ring {
    fn pick(
        &mut self,
        round: usize,
        seed: u64,
        verdict: &impl Fn(KeySlot) -> Verdict,
    ) -> Option<KeySlot> {
        let cursor = self.cursors.get_mut(round)?;
        let start = cursor.unwrap_or_else(|| {
            let place = scatter((seed, round)) % self.members.len().max(1) as u64;
            u32::try_from(place).unwrap_or(0)
        });
        let mut held = None;
        for member in once_round(&self.members, start) {
            match verdict(KeySlot(member)) {
                Verdict::Take => {
                    *cursor = Some(held.unwrap_or(member + 1));
                    return Some(KeySlot(member));
                }
                Verdict::Tried => {}
                Verdict::Hold => held = held.or(Some(member)),
            }
        }
        None
    }
}

/// Every member once, from a place on and then from the beginning up to it.
fn once_round(members: &SlotSet, start: u32) -> impl Iterator<Item = u32> {
    let from = |place: u32| {
        let next = |member: &u32| members.next(member.saturating_add(1));
        std::iter::successors(members.next(place), next)
    };
    from(start).chain(from(0).take_while(move |member| *member < start))
}

#[cfg(test)]
mod tests {
    use super::*;

    const READY: Rank = Rank { avoided: false, tier: 0 };

    fn rings(ranks: &[Rank]) -> Rings {
        let mut rings = Rings::new(1, 0);
        for (slot, rank) in (0..).zip(ranks) {
            rings.place(KeySlot(slot), Some(*rank));
        }
        rings
    }

    fn take(rings: &mut Rings) -> Option<u32> {
        rings.pick(0, |_| Verdict::Take).map(|key| key.0)
    }

    #[test]
    fn keys_take_turns() {
        let mut rings = rings(&[READY; 3]);
        let first = take(&mut rings).unwrap();
        let turns: Vec<_> = (0..6).filter_map(|_| take(&mut rings)).collect();
        let expected: Vec<_> = (1..=6).map(|step| (first + step) % 3).collect();
        assert_eq!(turns, expected);
    }

    #[test]
    fn a_lower_rank_goes_first() {
        let avoided = Rank { avoided: true, tier: 0 };
        let paid = Rank { avoided: false, tier: 1 };
        let mut rings = rings(&[avoided, paid, READY]);
        assert_eq!(take(&mut rings), Some(2));
        assert_eq!(take(&mut rings), Some(2));
        rings.place(KeySlot(2), None);
        assert_eq!(take(&mut rings), Some(1));
        rings.place(KeySlot(1), None);
        assert_eq!(take(&mut rings), Some(0));
        rings.place(KeySlot(0), None);
        assert_eq!(take(&mut rings), None);
        assert_eq!(rings.len(), 0);
    }

    #[test]
    fn a_held_key_keeps_its_turn_and_a_tried_one_does_not() {
        let mut rings = rings(&[READY; 3]);
        let first = take(&mut rings).unwrap();
        let [second, third] = [1, 2].map(|step| (first + step) % 3);
        let hold = |key: KeySlot| if key.0 == second { Verdict::Hold } else { Verdict::Take };
        assert_eq!(rings.pick(0, hold).map(|key| key.0), Some(third));
        assert_eq!(take(&mut rings), Some(second));

        let tried = |key: KeySlot| if key.0 == third { Verdict::Tried } else { Verdict::Take };
        assert_eq!(rings.pick(0, tried).map(|key| key.0), Some(first));
        assert_eq!(take(&mut rings), Some(second));
    }

    #[test]
    fn rounds_are_independent_and_survive_a_split() {
        let mut shared = Rings::new(2, 7);
        for slot in 0..5 {
            shared.place(KeySlot(slot), Some(READY));
        }
        let pick = |rings: &mut Rings, round| rings.pick(round, |_| Verdict::Take).unwrap().0;
        let [one, other] = [0, 1].map(|round| pick(&mut shared, round));
        let mut single = shared.split_off(1);
        assert_eq!(pick(&mut single, 0), (other + 1) % 5);
        assert_eq!(pick(&mut shared, 0), (one + 1) % 5);
        shared.rejoin(1, &single);
        assert_eq!(pick(&mut shared, 1), (other + 2) % 5);
    }
}
