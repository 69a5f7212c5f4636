//! The client tokens that are valid now.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use keypool::Timestamp;
use secret::TokenDigest;
use store::{StoredToken, TokenLimits};

use crate::limits::{Meter, Meters};

/// Whose token a request carried.
#[derive(Clone, Debug)]
pub struct Client {
    /// The token's id in the store.
    pub token_id: Arc<str>,
    /// The name that the administrator gave it.
    pub name: Arc<str>,
    /// Labels, of which a key must have one to serve this token; without any, all keys do.
    pub tags: Vec<String>,
    /// What it may use.
    pub limits: TokenLimits,
    /// What it has used.
    pub(crate) meter: Arc<Meter>,
}

impl Client {
    /// Whoever asks without a token: the gateway itself.
    pub(crate) fn nobody() -> Self {
        let (token_id, meter) = ("".into(), Arc::default());
        let limits = TokenLimits::default();
        Self { token_id, name: "".into(), tags: Vec::new(), limits, meter }
    }
}

/// A secret that opens.
#[derive(Clone, Debug)]
struct Secret {
    client: Arc<Client>,
    ends: Option<(Timestamp, Ending)>,
}

/// Why a secret opens no more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ending {
    /// The token has expired.
    Expired,
    /// The token has another secret now.
    Replaced,
}

/// Why a token opens nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum NotValid {
    Unknown,
    Ended(Timestamp, Ending),
}

/// All valid tokens, found by digest. An empty table lets nobody in.
#[derive(Clone, Debug, Default)]
pub struct TokenTable {
    secrets: HashMap<TokenDigest, Secret>,
}

impl TokenTable {
    /// A table of those tokens that are not revoked; each is counted at its meter in `meters`.
    pub fn new(tokens: &[StoredToken], meters: &Meters) -> Self {
        let tokens = tokens.iter().filter(|token| token.revoked_at.is_none());
        Self { secrets: tokens.flat_map(|token| secrets(token, meters)).collect() }
    }

    /// Whether no token is configured at all.
    pub fn is_empty(&self) -> bool {
        self.secrets.is_empty()
    }

    /// How many there are, whatever the number of their secrets.
    pub fn len(&self) -> usize {
        let ids: HashSet<&str> =
            self.secrets.values().map(|secret| &*secret.client.token_id).collect();
        ids.len()
    }

    /// The client behind `token`. The comparison works on digests, so its timing tells nothing
    /// about the token.
    pub(crate) fn find(&self, token: &str, now: Timestamp) -> Result<&Arc<Client>, NotValid> {
        if token.is_empty() {
            return Err(NotValid::Unknown);
        }
        let secret = self.secrets.get(&TokenDigest::of(token.as_bytes()));
        let Secret { client, ends } = secret.ok_or(NotValid::Unknown)?;
        match ends {
            Some((end, why)) if *end <= now => Err(NotValid::Ended(*end, *why)),
            _ => Ok(client),
        }
    }

    /// The client with this token, if it may come in now: not with an old secret only.
    pub(crate) fn valid_client(&self, token_id: &str, now: Timestamp) -> Option<&Arc<Client>> {
        let mut secrets = self.secrets.values();
        let found = secrets.find(|secret| {
            let has_ended = secret.ends.is_some_and(|(end, _)| end <= now);
            &*secret.client.token_id == token_id && !has_ended
        });
        found.map(|secret| &secret.client)
    }

    /// The client with this token, if it may come in at all.
    pub(crate) fn client(&self, token_id: &str) -> Option<&Arc<Client>> {
        self.secrets.values().map(|secret| &secret.client).find(|one| &*one.token_id == token_id)
    }
}

fn secrets(token: &StoredToken, meters: &Meters) -> Vec<(TokenDigest, Secret)> {
    let token_id: Arc<str> = Arc::from(token.id.as_str());
    let client = Arc::new(Client {
        meter: meters.of(&token_id),
        token_id,
        name: Arc::from(token.name.as_str()),
        tags: token.tags.clone(),
        limits: token.limits.clone(),
    });
    let expires = token.expires_at.map(|end| (end, Ending::Expired));
    let secret = |ends| Secret { client: Arc::clone(&client), ends };
    let former = token.former.iter().map(|former| {
        let replaced = (former.valid_until, Ending::Replaced);
        let ends = expires.filter(|expires| expires.0 < replaced.0).unwrap_or(replaced);
        (former.digest, secret(Some(ends)))
    });
    former.chain([(token.digest, secret(expires))]).collect()
}

impl NotValid {
    /// A sentence for the caller.
    pub(crate) fn message(&self) -> String {
        match self {
            Self::Unknown => "The client token is not valid.".to_owned(),
            Self::Ended(end, Ending::Expired) => format!("The client token expired at {end}."),
            Self::Ended(end, Ending::Replaced) => {
                format!("The client token was replaced by another, and ended at {end}.")
            }
        }
    }

    /// Machine-readable, for OpenAI's `code`.
    pub(crate) fn code(&self) -> &'static str {
        match self {
            Self::Unknown => "invalid_api_key",
            Self::Ended(..) => "token_expired",
        }
    }
}

#[cfg(test)]
mod tests {
    use store::{FormerSecret, Source};

    use super::*;

    const NOW: Timestamp = Timestamp::from_millis(1_000_000);

    fn stored(secret: &str) -> StoredToken {
        StoredToken {
            id: "1".to_owned(),
            name: "laptop".to_owned(),
            digest: TokenDigest::of(secret.as_bytes()),
            mask: String::new(),
            tags: Vec::new(),
            limits: TokenLimits::default(),
            expires_at: None,
            former: Vec::new(),
            source: Source::Admin,
            created_at: NOW,
            revoked_at: None,
            last_used_at: None,
            last_used_from: None,
            note: String::new(),
        }
    }

    fn table(token: StoredToken) -> TokenTable {
        TokenTable::new(&[token], &Meters::default())
    }

    #[test]
    fn only_whole_tokens_open_and_an_empty_table_opens_for_nobody() {
        let table = table(stored("sk-abc"));
        assert_eq!(&*table.find("sk-abc", NOW).unwrap().name, "laptop");
        for wrong in ["", "sk-ab", "sk-abcd", "SK-ABC"] {
            assert_eq!(table.find(wrong, NOW).unwrap_err(), NotValid::Unknown, "{wrong}");
        }
        for wrong in ["", "sk-abc"] {
            assert!(TokenTable::default().find(wrong, NOW).is_err());
        }
        let revoked = StoredToken { revoked_at: Some(NOW), ..stored("sk-abc") };
        assert!(TokenTable::new(&[revoked], &Meters::default()).is_empty());
    }

    #[test]
    fn a_token_ends_when_it_expires() {
        let end = NOW + std::time::Duration::from_millis(1);
        let table = table(StoredToken { expires_at: Some(end), ..stored("sk-abc") });
        assert!(table.find("sk-abc", NOW).is_ok() && table.valid_client("1", NOW).is_some());
        assert!(table.valid_client("2", NOW).is_none() && table.valid_client("1", end).is_none());
        let error = table.find("sk-abc", end).unwrap_err();
        assert_eq!(error, NotValid::Ended(end, Ending::Expired));
        assert!(error.message().contains("expired at 1970-01-01T00:16:40.001Z"));
    }

    #[test]
    fn both_secrets_of_a_rotation_are_one_client_until_the_old_one_ends() {
        let end = NOW + std::time::Duration::from_mins(1);
        let before = FormerSecret { digest: TokenDigest::of(b"sk-old"), valid_until: end };
        let table = table(StoredToken { former: vec![before], ..stored("sk-new") });
        let (old, new) = (table.find("sk-old", NOW).unwrap(), table.find("sk-new", NOW).unwrap());
        assert!(Arc::ptr_eq(old, new));
        assert!(table.find("sk-new", end).is_ok());
        let error = table.find("sk-old", end).unwrap_err();
        assert_eq!(error, NotValid::Ended(end, Ending::Replaced));
    }
}
