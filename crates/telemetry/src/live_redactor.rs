use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use arc_swap::ArcSwap;
use secret::Redactor;

/// A [`Redactor`] that is replaced whenever keys or tokens change. Clones share it; reading takes
/// no lock.
#[derive(Clone, Default)]
pub struct LiveRedactor(Arc<ArcSwap<Redactor>>);

impl LiveRedactor {
    /// From now on, `redactor` is what every clone uses.
    pub fn replace(&self, redactor: Redactor) {
        self.0.store(Arc::new(redactor));
    }

    /// See [`Redactor::redact`].
    pub fn redact<'t>(&self, text: &'t str) -> Cow<'t, str> {
        self.0.load().redact(text)
    }

    /// See [`Redactor::redact_bytes`].
    pub fn redact_bytes<'t>(&self, bytes: &'t [u8]) -> Cow<'t, [u8]> {
        self.0.load().redact_bytes(bytes)
    }
}

impl fmt::Debug for LiveRedactor {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("LiveRedactor").field(&self.0.load()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clones_see_the_replacement() {
        let (live, other) = (LiveRedactor::default(), LiveRedactor::default());
        let clone = live.clone();
        live.replace(Redactor::new([&b"house-token"[..]].into_iter()).unwrap());
        assert_eq!(clone.redact("a house-token b"), "a …en b");
        assert_eq!(*clone.redact_bytes(b"house-token"), *"…en".as_bytes());
        assert_eq!(other.redact("house-token"), "house-token");
    }
}
