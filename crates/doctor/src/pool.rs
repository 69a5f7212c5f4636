//! Whether there is anything to serve with, and anybody to serve.

use std::collections::HashMap;

use keypool::{Health, KeyId, Learned};
use store::{Store, StoreError};

use crate::Check;

const KEYS: &str = "keys";
const TOKENS: &str = "client tokens";

/// Whether there are keys that can be used.
pub(crate) async fn keys(store: &Store) -> Check {
    match counted(store).await {
        Err(error) => Check::fail(KEYS, error.to_string(), "see to the database first"),
        Ok((0, ..)) => Check::fail(
            KEYS,
            "the pool is empty",
            "add keys with `gemini-balance keys add --stdin`, or set API_KEYS",
        ),
        Ok((total, 0, dead)) => Check::fail(
            KEYS,
            format!("none of {total} keys can be used; Google refuses {dead}"),
            "see `gemini-balance keys list`, and ask Google again with `gemini-balance keys check`",
        ),
        Ok((total, usable, dead)) if dead * 2 > total => Check::warn(
            KEYS,
            format!("Google refuses {dead} of {total} keys; {usable} can be used"),
            "remove dead keys, or ask Google again with `gemini-balance keys check`",
        ),
        Ok((total, usable, dead)) => {
            Check::ok(KEYS, format!("{usable} of {total} can be used; Google refuses {dead}"))
        }
    }
}

/// How many keys there are, how many can be used, and how many Google refuses.
async fn counted(store: &Store) -> Result<(usize, usize, usize), StoreError> {
    let keys = store.list_keys().await?;
    let health: HashMap<KeyId, Health> = store
        .load_learned()
        .await?
        .into_iter()
        .filter_map(|learned| match learned {
            Learned::Key(key) => Some((key.id, key.health)),
            _ => None,
        })
        .collect();
    let is_dead = |id: &KeyId| matches!(health.get(id), Some(Health::Dead { .. }));
    let dead = keys.iter().filter(|key| is_dead(&key.id)).count();
    let usable =
        keys.iter().filter(|key| key.enabled && key.secret.is_some() && !is_dead(&key.id)).count();
    Ok((keys.len(), usable, dead))
}

/// Whether any client gets in.
pub(crate) async fn tokens(store: &Store) -> Check {
    match store.list_tokens().await {
        Err(error) => Check::fail(TOKENS, error.to_string(), "see to the database first"),
        Ok(tokens) => match tokens.iter().filter(|token| token.revoked_at.is_none()).count() {
            0 => Check::warn(
                TOKENS,
                "there is none, so nobody gets in",
                "make one with `gemini-balance tokens create NAME`, or set ALLOWED_TOKENS",
            ),
            count => Check::ok(TOKENS, format!("{count} in use")),
        },
    }
}
