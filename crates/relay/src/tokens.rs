//! The client tokens that are valid now.

use std::collections::HashMap;
use std::sync::Arc;

use secret::TokenDigest;

/// Whose token a request carried.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Client {
    /// The token's id in the store.
    pub token_id: Arc<str>,
    /// The name that the administrator gave it.
    pub name: Arc<str>,
    /// Labels, of which a key must have one to serve this token; without any, all keys do.
    pub tags: Arc<[String]>,
}

/// All valid tokens, found by digest. An empty table lets nobody in.
#[derive(Clone, Debug, Default)]
pub struct TokenTable {
    clients: HashMap<TokenDigest, Client>,
}

impl TokenTable {
    /// A table of these tokens.
    pub fn new(tokens: impl IntoIterator<Item = (TokenDigest, Client)>) -> Self {
        Self { clients: tokens.into_iter().collect() }
    }

    /// Whether no token is configured at all.
    pub fn is_empty(&self) -> bool {
        self.clients.is_empty()
    }

    /// How many are valid.
    pub fn len(&self) -> usize {
        self.clients.len()
    }

    /// The client behind `token`. The comparison works on digests, so its timing tells nothing
    /// about the token.
    pub fn find(&self, token: &str) -> Option<&Client> {
        if token.is_empty() {
            return None;
        }
        self.clients.get(&TokenDigest::of(token.as_bytes()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_whole_tokens_open_and_an_empty_table_opens_for_nobody() {
        let client = Client { token_id: "1".into(), name: "laptop".into(), tags: Arc::default() };
        let table = TokenTable::new([(TokenDigest::of(b"sk-abc"), client.clone())]);
        assert_eq!(table.find("sk-abc"), Some(&client));
        for wrong in ["", "sk-ab", "sk-abcd", "SK-ABC"] {
            assert_eq!(table.find(wrong), None, "{wrong}");
        }
        assert_eq!(TokenTable::default().find(""), None);
        assert_eq!(TokenTable::default().find("sk-abc"), None);
    }
}
