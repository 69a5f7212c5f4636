//! The hash map of this crate: its hasher is fixed, so that equal events make equal pools.

use std::collections::HashMap;
use std::collections::hash_map::DefaultHasher;
use std::hash::{BuildHasherDefault, Hash, Hasher as _};

/// A hash map without randomness. Texts that clients choose are looked up in it, but only those
/// are inserted of which Google has told us something, so nobody can fill it with collisions.
pub(crate) type Map<K, V> = HashMap<K, V, BuildHasherDefault<DefaultHasher>>;

/// A number that looks random but always is the same for the same value.
pub(crate) fn scatter(value: impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}
