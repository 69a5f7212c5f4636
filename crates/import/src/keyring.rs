//! The keys that are known, to name those that logs are about.

use std::collections::HashMap;
use std::sync::Arc;

use aws_lc_rs::digest::{SHA256, digest};
use keypool::KeyId;
use secret::{Redactor, mask};
use store::StoredKey;

/// Characters of a key's end that the Next.js project logs in some places.
const TAIL: usize = 4;

/// A key as logs name it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Named {
    pub(crate) id: Option<KeyId>,
    pub(crate) mask: Arc<str>,
}

/// The keys that are known.
#[derive(Default)]
pub(crate) struct Keyring {
    /// By what their secrets hash to, so that no secret is held in clear.
    by_digest: HashMap<Vec<u8>, Named>,
    /// By their last characters; `None` where several keys end so.
    by_tail: HashMap<String, Option<Named>>,
    redactor: Redactor,
}

impl Keyring {
    /// The keys in the pool. Texts are searched for these, and for all that is in `secrets`.
    pub(crate) fn new<'a>(pool: &'a [StoredKey], secrets: impl Iterator<Item = &'a str>) -> Self {
        let mut ring = Self::default();
        let held = || pool.iter().filter_map(|key| Some((key, key.secret.as_ref()?.expose())));
        for (key, secret) in held() {
            let named = Named { id: Some(key.id.clone()), mask: key.mask.as_str().into() };
            if let Some(tail) = tail(secret) {
                ring.by_tail
                    .entry(tail.to_owned())
                    .and_modify(|known| *known = None)
                    .or_insert_with(|| Some(named.clone()));
            }
            ring.by_digest.insert(fingerprint(secret), named);
        }
        let all = held().map(|(_, secret)| secret).chain(secrets);
        // What is too much to be searched for at once is found by its looks.
        ring.redactor = Redactor::new(all.map(str::as_bytes)).unwrap_or_default();
        ring
    }

    /// The key that a log has as `text`: whole, or its end.
    pub(crate) fn name(&self, text: &str) -> Option<Named> {
        let text = text.trim();
        if text.is_empty() {
            return None;
        }
        if let Some(named) = self.by_digest.get(&fingerprint(text)) {
            return Some(named.clone());
        }
        if text.len() != TAIL {
            return Some(Named { id: None, mask: mask(text).into() });
        }
        let named = self.by_tail.get(text).cloned().flatten();
        Some(named.unwrap_or_else(|| Named { id: None, mask: format!("…{text}").into() }))
    }

    /// `text` without credentials: neither those that are known, nor `own`, nor what looks like one.
    pub(crate) fn redact(&self, text: &str, own: Option<&str>) -> Arc<str> {
        let redacted = self.redactor.redact(text);
        match own.map(str::trim).filter(|own| own.len() >= Redactor::SHORTEST) {
            Some(own) if redacted.contains(own) => redacted.replace(own, &mask(own)).into(),
            _ => redacted.into(),
        }
    }
}

fn tail(secret: &str) -> Option<&str> {
    secret.get(secret.len().checked_sub(TAIL)?..)
}

fn fingerprint(secret: &str) -> Vec<u8> {
    digest(&SHA256, secret.as_bytes()).as_ref().to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_that_is_not_in_the_pool_is_masked() {
        let ring = Keyring::new(&[], std::iter::empty());
        let named = ring.name(" AIzaSyCanary000000000000000000000000wxyz ").unwrap();
        assert_eq!(named, Named { id: None, mask: "AIzaSy…wxyz".into() });
        assert_eq!(&*ring.name("wxyz").unwrap().mask, "…wxyz");
        assert_eq!(ring.name(" "), None);
    }

    #[test]
    fn texts_lose_known_secrets_and_the_rows_own_key() {
        let ring = Keyring::new(&[], ["token-of-a-client"].into_iter());
        let text = "token-of-a-client used odd-key-0000000000 and AIzaSyCanary00000000000000000000";
        let redacted = ring.redact(text, Some("odd-key-0000000000"));
        for secret in ["token-of-a-client", "odd-key-0000000000", "Canary"] {
            assert!(!redacted.contains(secret), "{redacted}");
        }
    }
}
