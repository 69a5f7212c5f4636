//! A set of small numbers that quickly finds the next member from a place on.

const BITS: usize = 64;

/// A bitmap with summaries: a bit of a higher level says whether the word below it has any bit.
/// Finding the next member looks at two words a level, three levels for 262,144 places; a set of
/// 50,000 places takes 6.4 KB, whatever it holds.
#[derive(Clone, Debug, Default)]
pub(crate) struct SlotSet {
    /// From the members themselves up to a level of one word.
    levels: Vec<Vec<u64>>,
    len: usize,
}

impl SlotSet {
    /// How many members there are.
    pub(crate) fn len(&self) -> usize {
        self.len
    }

    /// Adds or removes a member.
    pub(crate) fn set(&mut self, slot: u32, present: bool) {
        if self.contains(slot) == present {
            return;
        }
        if present {
            self.insert(slot as usize);
        } else {
            self.remove(slot as usize);
        }
    }

    /// Whether it is a member.
    pub(crate) fn contains(&self, slot: u32) -> bool {
        self.word(0, slot as usize / BITS) & bit(slot as usize) != 0
    }

    /// The first member from `slot` on, itself included, without going round.
    pub(crate) fn next(&self, slot: u32) -> Option<u32> {
        let mut place = slot as usize;
        for level in 0..self.levels.len() {
            let word = self.word(level, place / BITS) & (u64::MAX << (place % BITS));
            if word != 0 {
                let found = place / BITS * BITS + word.trailing_zeros() as usize;
                return Some(self.first_below(level, found) as u32);
            }
            place = place / BITS + 1;
        }
        None
    }

    /// The first member from `slot` on that is also one of the union's.
    pub(crate) fn next_among(&self, union: &Union<'_>, slot: u32) -> Option<u32> {
        let mut place = slot;
        loop {
            let index = self.next(place)? as usize / BITS;
            let from = if index == place as usize / BITS { place as usize % BITS } else { 0 };
            let word = self.word(0, index) & union.word(index) & (u64::MAX << from);
            if word != 0 {
                return Some((index * BITS) as u32 + word.trailing_zeros());
            }
            place = u32::try_from((index + 1) * BITS).ok()?;
        }
    }

    /// A bound above every member, near the highest there ever was.
    pub(crate) fn reach(&self) -> u32 {
        self.levels.first().map_or(0, |words| (words.len() * BITS) as u32)
    }

    fn word(&self, level: usize, index: usize) -> u64 {
        self.levels.get(level).and_then(|words| words.get(index)).copied().unwrap_or(0)
    }

    /// Goes down from a bit of a level to the first member that it stands for.
    fn first_below(&self, level: usize, mut place: usize) -> usize {
        for level in (0..level).rev() {
            place = place * BITS + self.word(level, place).trailing_zeros() as usize;
        }
        place
    }

    fn insert(&mut self, slot: usize) {
        self.grow(slot / BITS + 1);
        let mut place = slot;
        for words in &mut self.levels {
            if let Some(word) = words.get_mut(place / BITS) {
                *word |= bit(place);
            }
            place /= BITS;
        }
        self.len += 1;
    }

    fn remove(&mut self, slot: usize) {
        let mut place = slot;
        for words in &mut self.levels {
            if let Some(word) = words.get_mut(place / BITS) {
                *word &= !bit(place);
                if *word != 0 {
                    break;
                }
            }
            place /= BITS;
        }
        self.len -= 1;
    }

    /// Makes room for so many words of members, and for their summaries.
    fn grow(&mut self, words: usize) {
        let mut needed = words;
        let mut level = 0;
        loop {
            if self.levels.len() <= level {
                let first = level.checked_sub(1).map_or(0, |below| self.word(below, 0));
                self.levels.push(vec![u64::from(first != 0)]);
            }
            if let Some(words) = self.levels.get_mut(level)
                && words.len() < needed
            {
                words.resize(needed, 0);
            }
            if needed <= 1 && level + 1 >= self.levels.len() {
                return;
            }
            needed = needed.div_ceil(BITS);
            level += 1;
        }
    }
}

/// What is in any of several sets.
#[derive(Debug)]
pub(crate) struct Union<'a> {
    sets: Vec<&'a SlotSet>,
}

impl<'a> Union<'a> {
    pub(crate) fn new(sets: Vec<&'a SlotSet>) -> Self {
        Self { sets }
    }

    pub(crate) fn contains(&self, slot: u32) -> bool {
        self.sets.iter().any(|set| set.contains(slot))
    }

    fn word(&self, index: usize) -> u64 {
        self.sets.iter().fold(0, |word, set| word | set.word(0, index))
    }
}

fn bit(place: usize) -> u64 {
    1 << (place % BITS)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn it_agrees_with_a_plain_set(
            steps in proptest::collection::vec(
                (prop_oneof![0u32..70, 0u32..5_000, 0u32..300_000], any::<bool>()),
                0..200,
            ),
            probes in proptest::collection::vec(0u32..300_000, 20),
            others in proptest::collection::btree_set(0u32..5_000, 0..500),
        ) {
            let mut set = SlotSet::default();
            let mut plain = BTreeSet::new();
            for (slot, present) in steps {
                set.set(slot, present);
                if present { plain.insert(slot); } else { plain.remove(&slot); }
                prop_assert_eq!(set.len(), plain.len());
                prop_assert_eq!(set.contains(slot), present);
                prop_assert_eq!(set.next(0), plain.first().copied());
                prop_assert_eq!(set.next(slot), plain.range(slot..).next().copied());
                prop_assert_eq!(set.next(slot + 1), plain.range(slot + 1..).next().copied());
            }
            let mut other = SlotSet::default();
            for slot in &others {
                other.set(*slot, true);
            }
            let empty = SlotSet::default();
            let union = Union::new(vec![&empty, &other]);
            let both: BTreeSet<_> = plain.intersection(&others).copied().collect();
            for probe in probes.iter().chain(&others) {
                let expected = both.range(probe..).next().copied();
                prop_assert_eq!(set.next_among(&union, *probe), expected);
            }
            for probe in probes {
                prop_assert_eq!(set.next(probe), plain.range(probe..).next().copied());
            }
        }
    }
}
