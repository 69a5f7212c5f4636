//! A cheap number that stands for some bytes. Not for anything that must be hard to forge.

use keypool::KeyId;

/// Leads calls with the same key the same way out, as long as that way works: with each that does
/// not, `shift` is one more.
pub fn egress_seed(key: &KeyId, shift: u64) -> u64 {
    of(shift, key.as_str().as_bytes())
}

/// FNV-1a, begun from `seed` where several numbers for the same bytes are wanted; 0 is the usual one.
pub(crate) fn of(seed: u64, bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325 ^ seed, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_the_published_function() {
        assert_eq!(of(0, b""), 0xcbf2_9ce4_8422_2325);
        assert_eq!(of(0, b"a"), 0xaf63_dc4c_8601_ec8c);
        assert_ne!(of(1, b"a"), of(0, b"a"));
    }
}
