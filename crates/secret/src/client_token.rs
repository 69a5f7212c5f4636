use std::fmt;

use zeroize::Zeroizing;

use crate::invalid_secret::parse_credential;
use crate::{InvalidSecret, NoRandomness, TokenDigest, mask, randomness};

const PREFIX: &str = "gk_";
const RANDOM_BYTES: usize = 20;
/// 62^27 is the first power of 62 above 2^160.
const RANDOM_DIGITS: usize = 27;
const CHECK_DIGITS: usize = 4;
const BASE_62: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// What a client of the gateway proves itself with.
///
/// It has no `Display`, no `Clone` and no serialization, its `Debug` shows the mask, and its memory
/// is wiped on drop. Only its [`TokenDigest`] is stored.
pub struct ClientToken(Zeroizing<String>);

impl ClientToken {
    /// Accepts any trimmed, visible ASCII text of at most 512 bytes, so that every token handed out
    /// by an earlier gateway (`sk-123456`) goes on working.
    pub fn parse(text: &str) -> Result<Self, InvalidSecret> {
        parse_credential(text, |_| true).map(Self)
    }

    /// A new token: `gk_`, 160 random bits in base 62, and four digits that check them.
    pub fn generate() -> Result<Self, NoRandomness> {
        let mut number = Zeroizing::new([0; RANDOM_BYTES]);
        randomness::fill(number.as_mut_slice())?;
        let mut token =
            Zeroizing::new(String::with_capacity(PREFIX.len() + RANDOM_DIGITS + CHECK_DIGITS));
        token.push_str(PREFIX);
        for _ in 0..RANDOM_DIGITS {
            token.push(take_digit(number.as_mut_slice()));
        }
        let check = check_digits(&token);
        token.extend(check);
        Ok(Self(token))
    }

    /// Has the shape of a generated token, but its check digits contradict the rest: somebody
    /// mistyped or cut it. Helps to say so; decides nothing about access.
    pub fn is_mistyped(&self) -> bool {
        let Some(digits) = self.0.strip_prefix(PREFIX) else { return false };
        if digits.len() != RANDOM_DIGITS + CHECK_DIGITS {
            return true;
        }
        let (body, check) = self.0.split_at(self.0.len() - CHECK_DIGITS);
        !check.chars().eq(check_digits(body))
    }

    /// The token in clear: for showing it once to the person it was made for.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// The token as people may see it later, see [`mask()`].
    pub fn mask(&self) -> String {
        mask(&self.0)
    }

    /// What is stored, and compared with what callers send.
    pub fn digest(&self) -> TokenDigest {
        TokenDigest::of(self.0.as_bytes())
    }
}

impl fmt::Debug for ClientToken {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "ClientToken({})", self.mask())
    }
}

/// Divides the big-endian `number` by 62 in place and returns the remainder's digit.
fn take_digit(number: &mut [u8]) -> char {
    let mut remainder = 0;
    for byte in number {
        let value = remainder * 256 + u32::from(*byte);
        *byte = (value / 62) as u8;
        remainder = value % 62;
    }
    base_62(remainder)
}

fn check_digits(text: &str) -> [char; CHECK_DIGITS] {
    let mut rest = crc_32(text.as_bytes());
    [(); CHECK_DIGITS].map(|()| {
        let digit = base_62(rest % 62);
        rest /= 62;
        digit
    })
}

fn base_62(value: u32) -> char {
    char::from(BASE_62[value as usize % BASE_62.len()])
}

/// The CRC-32 of IEEE 802.3, bit by bit: tokens are short and rare.
fn crc_32(bytes: &[u8]) -> u32 {
    const REVERSED_POLYNOMIAL: u32 = 0xEDB8_8320;
    !bytes.iter().fold(u32::MAX, |sum, byte| {
        (0..8).fold(sum ^ u32::from(*byte), |sum, _| {
            if sum & 1 == 1 { (sum >> 1) ^ REVERSED_POLYNOMIAL } else { sum >> 1 }
        })
    })
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn tokens_of_the_predecessors_are_accepted() {
        for text in ["sk-123456", "a", "my,token\"'", "token/with+all=~!"] {
            let token = ClientToken::parse(text).unwrap();
            assert_eq!(token.expose(), text);
            assert!(!token.is_mistyped(), "{text} never had check digits");
        }
        assert_eq!(ClientToken::parse("  ").unwrap_err(), InvalidSecret::Empty);
        assert!(ClientToken::parse("two words").is_err());
    }

    #[test]
    fn generated_tokens_are_distinct_well_formed_and_parse() {
        let mut seen = HashSet::new();
        for _ in 0..1000 {
            let token = ClientToken::generate().unwrap();
            assert_eq!(token.expose().len(), 34);
            assert!(token.expose()[3..].bytes().all(|byte| byte.is_ascii_alphanumeric()));
            assert!(!ClientToken::parse(token.expose()).unwrap().is_mistyped());
            assert!(seen.insert(token.expose().to_owned()));
        }
    }

    #[test]
    fn a_single_wrong_or_missing_character_is_noticed() {
        let token = ClientToken::generate().unwrap();
        let text = token.expose();
        for index in PREFIX.len()..text.len() {
            let other = if &text[index..=index] == "x" { "y" } else { "x" };
            let wrong = format!("{}{other}{}", &text[..index], &text[index + 1..]);
            assert!(ClientToken::parse(&wrong).unwrap().is_mistyped(), "at {index}");
        }
        assert!(ClientToken::parse(&text[..20]).unwrap().is_mistyped());
    }

    #[test]
    fn the_number_is_written_out_in_full() {
        let mut largest = [0xff; RANDOM_BYTES];
        for _ in 0..RANDOM_DIGITS {
            take_digit(&mut largest);
        }
        assert_eq!(largest, [0; RANDOM_BYTES]);
    }

    #[test]
    fn the_checksum_is_crc_32() {
        assert_eq!(crc_32(b"123456789"), 0xCBF4_3926);
    }

    #[test]
    fn debug_shows_the_mask_and_the_digest_is_of_the_text() {
        let token = ClientToken::parse("gk_0123456789abcdefghij").unwrap();
        assert_eq!(format!("{token:?}"), "ClientToken(gk_012…ghij)");
        assert_eq!(token.digest(), TokenDigest::of(b"gk_0123456789abcdefghij"));
    }
}
