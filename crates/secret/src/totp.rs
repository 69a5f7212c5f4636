use std::fmt;

use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::hmac;
use zeroize::Zeroizing;

use crate::{NoRandomness, randomness};

/// As RFC 4226 recommends for SHA-1.
const BYTES: usize = 20;
const STEP_SECONDS: i64 = 30;
const DIGITS: u32 = 6;
const BASE_32: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// The secret of a second factor: codes of six digits that change every 30 seconds (RFC 6238, with
/// SHA-1, which is what every authenticator understands).
pub struct TotpSecret(Zeroizing<[u8; BYTES]>);

impl TotpSecret {
    /// A new one.
    pub fn generate() -> Result<Self, NoRandomness> {
        let mut bytes = Zeroizing::new([0; BYTES]);
        randomness::fill(bytes.as_mut_slice())?;
        Ok(Self(bytes))
    }

    /// Reads what [`TotpSecret::expose`] wrote.
    pub fn parse(text: &str) -> Option<Self> {
        let mut bytes = Zeroizing::new([0; BYTES]);
        if text.len() != BYTES / 5 * 8 {
            return None;
        }
        for (group, digits) in bytes.chunks_exact_mut(5).zip(text.as_bytes().chunks_exact(8)) {
            let number = digits.iter().try_fold(0_u64, |number, digit| {
                let value = BASE_32.iter().position(|known| known == digit)?;
                Some(number << 5 | value as u64)
            })?;
            group.copy_from_slice(&number.to_be_bytes()[3..]);
        }
        Some(Self(bytes))
    }

    /// The secret in base 32: for showing it to the person who sets it up.
    pub fn expose(&self) -> Zeroizing<String> {
        let mut text = Zeroizing::new(String::with_capacity(BYTES / 5 * 8));
        for group in self.0.chunks_exact(5) {
            let number = group.iter().fold(0_u64, |number, byte| number << 8 | u64::from(*byte));
            for place in (0..8).rev() {
                text.push(char::from(BASE_32[(number >> (5 * place) & 31) as usize]));
            }
        }
        text
    }

    /// The code of a step of time.
    pub fn code(&self, step: i64) -> String {
        let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, self.0.as_slice());
        let tag = hmac::sign(&key, &step.to_be_bytes());
        let tag = tag.as_ref();
        let offset = usize::from(tag[tag.len() - 1] & 15);
        let number = tag[offset..offset + 4]
            .iter()
            .fold(0_u32, |number, byte| number << 8 | u32::from(*byte));
        format!("{:06}", (number & 0x7fff_ffff) % 10_u32.pow(DIGITS))
    }

    /// The step of time whose code this is: the present one, or a neighbour, as clocks differ.
    pub fn step_of(&self, code: &str, unix_seconds: i64) -> Option<i64> {
        let present = Self::step_at(unix_seconds);
        [present, present - 1, present + 1].into_iter().find(|step| {
            verify_slices_are_equal(self.code(*step).as_bytes(), code.as_bytes()).is_ok()
        })
    }

    /// The step of this moment.
    pub fn step_at(unix_seconds: i64) -> i64 {
        unix_seconds.div_euclid(STEP_SECONDS)
    }
}

impl fmt::Debug for TotpSecret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("TotpSecret(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_those_of_the_rfc() {
        let secret = TotpSecret::parse("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ").unwrap();
        assert_eq!(secret.0.as_slice(), b"12345678901234567890");
        for (seconds, code) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_234_567_890, "005924"),
            (20_000_000_000, "353130"),
        ] {
            assert_eq!(secret.code(TotpSecret::step_at(seconds)), code, "{seconds}");
        }
    }

    #[test]
    fn a_code_is_good_for_a_step_on_either_side() {
        let secret = TotpSecret::generate().unwrap();
        let step = 60_000_000;
        let code = secret.code(step);
        for (seconds, found) in [(-31, None), (-30, Some(step)), (59, Some(step)), (60, None)] {
            assert_eq!(secret.step_of(&code, step * 30 + seconds), found, "{seconds}");
        }
        assert_eq!(secret.step_of("", step * 30), None);
    }

    #[test]
    fn the_text_comes_back_and_others_are_refused() {
        let secret = TotpSecret::generate().unwrap();
        let text = secret.expose();
        assert_eq!(TotpSecret::parse(&text).unwrap().0.as_slice(), secret.0.as_slice());
        assert!(!format!("{secret:?}").contains(text.as_str()));
        for wrong in ["", "GEZDGNBV", "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJ1", &text.to_lowercase()] {
            assert!(TotpSecret::parse(wrong).is_none(), "{wrong}");
        }
    }
}
