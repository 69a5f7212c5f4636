use std::borrow::Cow;
use std::fmt;

use aho_corasick::{AhoCorasick, MatchKind};

use crate::mask::GAP;
use crate::redact::into_text;
use crate::{mask, redact_bytes};

/// Removes credentials from text by value (those that are in use) and by pattern (see
/// [`redact()`](crate::redact())).
///
/// Immutable: when keys or tokens change, a new one takes its place.
#[derive(Clone, Default)]
pub struct Redactor {
    /// `None`: no live secret is known.
    live: Option<AhoCorasick>,
}

/// More secrets than one search can hold (about two thousand million bytes).
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("too many secrets to search for at once")]
pub struct TooManySecrets;

impl Redactor {
    /// Secrets below this length are not searched for: masking every occurrence of them would make
    /// text unreadable.
    pub const SHORTEST: usize = 7;

    /// A redactor for these live secrets, and for the patterns.
    pub fn new<'a>(secrets: impl Iterator<Item = &'a [u8]>) -> Result<Self, TooManySecrets> {
        let forms: Vec<Cow<'a, [u8]>> = secrets
            .filter(|secret| secret.len() >= Self::SHORTEST)
            .flat_map(|secret| [Some(Cow::Borrowed(secret)), json_form(secret)])
            .flatten()
            .collect();
        if forms.is_empty() {
            return Ok(Self::default());
        }
        AhoCorasick::builder()
            .match_kind(MatchKind::LeftmostLongest)
            .build(forms)
            .map(|live| Self { live: Some(live) })
            .map_err(|_| TooManySecrets)
    }

    /// `text` with every credential masked; not copied if there is none.
    pub fn redact<'t>(&self, text: &'t str) -> Cow<'t, str> {
        match self.redact_bytes(text.as_bytes()) {
            Cow::Borrowed(_) => Cow::Borrowed(text),
            Cow::Owned(bytes) => Cow::Owned(into_text(bytes)),
        }
    }

    /// [`Redactor::redact`] for bytes that need not be text.
    pub fn redact_bytes<'t>(&self, bytes: &'t [u8]) -> Cow<'t, [u8]> {
        let known = self.mask_live(Cow::Borrowed(bytes));
        match redact_bytes(&known) {
            Cow::Borrowed(_) => known,
            Cow::Owned(changed) => self.mask_live(Cow::Owned(changed)),
        }
    }

    /// Repeats until nothing is found, since a mask's end and the text behind it can make up another
    /// secret. Each round shortens the text.
    fn mask_live<'t>(&self, mut bytes: Cow<'t, [u8]>) -> Cow<'t, [u8]> {
        let Some(live) = &self.live else { return bytes };
        while live.is_match(&*bytes) {
            let mut masked = Vec::with_capacity(bytes.len());
            live.replace_all_with_bytes(&bytes, &mut masked, |_, secret, masked| {
                masked.extend_from_slice(mask_live(secret).as_bytes());
                true
            });
            bytes = Cow::Owned(masked);
        }
        bytes
    }
}

impl fmt::Debug for Redactor {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let known = self.live.as_ref().map_or(0, AhoCorasick::patterns_len);
        formatter.debug_struct("Redactor").field("known", &known).finish()
    }
}

/// The mask of a live secret. Of one that JSON escapes nothing is shown, so that the mask cannot end
/// in half an escape.
fn mask_live(secret: &[u8]) -> String {
    if secret.iter().copied().any(is_escaped) {
        return GAP.to_string();
    }
    mask(&String::from_utf8_lossy(secret))
}

/// How the secret reads inside a JSON text, where that differs.
fn json_form(secret: &[u8]) -> Option<Cow<'static, [u8]>> {
    secret.iter().copied().any(is_escaped).then(|| {
        let escape = |byte| is_escaped(byte).then_some(b'\\').into_iter().chain([byte]);
        secret.iter().copied().flat_map(escape).collect()
    })
}

fn is_escaped(byte: u8) -> bool {
    matches!(byte, b'"' | b'\\')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn redactor(secrets: &[&str]) -> Redactor {
        Redactor::new(secrets.iter().map(|secret| secret.as_bytes())).unwrap()
    }

    #[test]
    fn known_values_and_patterns_are_both_masked() {
        let redactor = redactor(&["sk-123456", "my-house-token-2024"]);
        assert_eq!(
            redactor.redact("sk-123456, my-house-token-2024 and key=unknown"),
            "…56, my-hou…2024 and key=…"
        );
        assert_eq!(format!("{redactor:?}"), "Redactor { known: 2 }");
    }

    #[test]
    fn the_longest_of_nested_secrets_is_masked_whole() {
        let redactor = redactor(&["abcdefg", "abcdefghijklmnopqrst"]);
        assert_eq!(redactor.redact("<abcdefghijklmnopqrst>"), "<abcdef…qrst>");
    }

    #[test]
    fn secrets_are_found_inside_json() {
        let redactor = redactor(&[r#"to"ken\x"#]);
        assert_eq!(redactor.redact(r#"{"t":"to\"ken\\x"}"#), r#"{"t":"…"}"#);
    }

    #[test]
    fn short_and_empty_secrets_do_not_blank_the_text() {
        let redactor = redactor(&["", "a", "error"]);
        let text = "an error";
        assert!(matches!(redactor.redact(text), Cow::Borrowed(same) if same == text));
    }

    #[test]
    fn without_live_secrets_the_patterns_still_count() {
        assert_eq!(Redactor::default().redact("Bearer secret-one"), "Bearer …ne");
        assert_eq!(*Redactor::default().redact_bytes(b"\xff"), *b"\xff");
    }

    proptest! {
        #[test]
        fn a_planted_secret_never_gets_through(
            before in ".{0,60}", after in ".{0,60}",
            secrets in prop::collection::vec("[!-~]{7,60}", 1..5),
        ) {
            let redactor = redactor(&secrets.iter().map(String::as_str).collect::<Vec<_>>());
            let text = format!("{before}{}{after}", secrets[0]);
            let redacted = redactor.redact(&text);
            for secret in &secrets {
                prop_assert!(!redacted.contains(secret));
            }
        }

        #[test]
        fn secrets_that_repeat_and_overlap_never_get_through(
            text in "[ab]{0,80}", secret in "[ab]{7,20}",
        ) {
            prop_assert!(!redactor(&[&secret]).redact(&text).contains(&secret));
        }
    }
}
