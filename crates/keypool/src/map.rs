//! The hash map of this crate: its hasher is quick and fixed, so that equal events make equal
//! pools.

use std::collections::HashMap;
use std::collections::hash_map::DefaultHasher;
use std::hash::{BuildHasherDefault, Hash, Hasher};

/// A hash map without randomness. Texts that clients choose are looked up in it, but only those
/// are inserted that Google has served or an administrator has named, so nobody can fill it with
/// collisions.
pub(crate) type Map<K, V> = HashMap<K, V, BuildHasherDefault<Quick>>;

/// Multiplies and folds eight bytes at a time.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Quick(u64);

/// Two odd numbers without a pattern: the fractions of the golden ratio and of pi.
const FACTOR: u64 = 0x9e37_79b9_7f4a_7c15;
const SALT: u64 = 0x243f_6a88_85a3_08d3;

impl Quick {
    fn mix(&mut self, word: u64) {
        let product = u128::from(self.0 ^ word ^ SALT) * u128::from(FACTOR);
        self.0 = (product ^ (product >> 64)) as u64;
    }
}

impl Hasher for Quick {
    fn write(&mut self, bytes: &[u8]) {
        let mut chunks = bytes.chunks_exact(8);
        for chunk in &mut chunks {
            if let Ok(word) = chunk.try_into() {
                self.mix(u64::from_le_bytes(word));
            }
        }
        let rest = chunks.remainder();
        let tail = rest.iter().fold(rest.len() as u64, |tail, byte| tail << 8 | u64::from(*byte));
        self.mix(tail);
    }

    fn write_u8(&mut self, number: u8) {
        self.mix(number.into());
    }

    fn write_u32(&mut self, number: u32) {
        self.mix(number.into());
    }

    fn write_u64(&mut self, number: u64) {
        self.mix(number);
    }

    fn write_usize(&mut self, number: usize) {
        self.mix(number as u64);
    }

    fn finish(&self) -> u64 {
        self.0 ^ (self.0 >> 29)
    }
}

/// A number that looks random but always is the same for the same value.
pub(crate) fn scatter(value: impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn quick(value: impl Hash) -> u64 {
        let mut hasher = Quick::default();
        value.hash(&mut hasher);
        hasher.finish()
    }

    #[test]
    fn similar_values_are_spread() {
        let low_bits = |hashes: Vec<u64>| {
            hashes.iter().map(|hash| hash & 0xfff).collect::<BTreeSet<_>>().len()
        };
        let high_bits =
            |hashes: Vec<u64>| hashes.iter().map(|hash| hash >> 52).collect::<BTreeSet<_>>().len();
        let numbers: Vec<_> = (0u32..4096).map(quick).collect();
        let names: Vec<_> = (0..4096).map(|id| quick(format!("gemini-{id}-flash"))).collect();
        for hashes in [numbers, names] {
            assert!(low_bits(hashes.clone()) > 2_000);
            assert!(high_bits(hashes) > 2_000);
        }
        assert_ne!(quick("a"), quick("aa"));
        assert_ne!(quick(""), quick("\0"));
    }
}
