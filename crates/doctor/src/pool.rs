//! Whether there is anything to serve with, and anybody to serve.

use std::collections::HashMap;

use keypool::{Health, KeyId, Learned, Platform};
use settings::PoolSettings;
use store::{Store, StoreError};

use crate::Check;

const KEYS: &str = "keys";
const VERTEX_KEYS: &str = "keys of Vertex AI";
const TOKENS: &str = "client tokens";

/// How many keys there are, how many can be used, and how many Google refuses.
#[derive(Default)]
struct Counted {
    total: usize,
    usable: usize,
    dead: usize,
}

/// Whether there are keys that can be used: a line for each of Google's APIs that has any.
pub(crate) async fn keys(store: &Store) -> Vec<Check> {
    let (gemini, vertex) = match counted(store).await {
        Err(error) => {
            return vec![Check::fail(KEYS, error.to_string(), "see to the database first")];
        }
        Ok(counted) => counted,
    };
    let mut checks = Vec::new();
    if gemini.total > 0 || vertex.total == 0 {
        checks.push(standing(KEYS, &gemini));
    }
    if vertex.total > 0 {
        checks.push(standing(VERTEX_KEYS, &vertex));
    }
    checks
}

/// Whether Vertex AI will be asked for anything.
pub(crate) async fn has_vertex_keys(settings: &PoolSettings, store: &Store) -> bool {
    if !settings.vertex_api_keys.is_empty() {
        return true;
    }
    counted(store).await.is_ok_and(|(_, vertex)| vertex.total > 0)
}

fn standing(name: &str, counted: &Counted) -> Check {
    let Counted { total, usable, dead } = counted;
    match (*total, *usable) {
        (0, _) => Check::fail(
            name,
            "the pool is empty",
            "add keys with `gemini-balance keys add --stdin`, or set API_KEYS",
        ),
        (_, 0) => Check::fail(
            name,
            format!("none of {total} can be used; Google refuses {dead}"),
            "see `gemini-balance keys list`, and ask Google again with `gemini-balance keys check`",
        ),
        _ if dead * 2 > *total => Check::warn(
            name,
            format!("Google refuses {dead} of {total}; {usable} can be used"),
            "remove dead keys, or ask Google again with `gemini-balance keys check`",
        ),
        _ => Check::ok(name, format!("{usable} of {total} can be used; Google refuses {dead}")),
    }
}

/// The keys of the Gemini API, and those of Vertex AI.
async fn counted(store: &Store) -> Result<(Counted, Counted), StoreError> {
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
    let (mut gemini, mut vertex) = (Counted::default(), Counted::default());
    for key in &keys {
        let of_platform = match key.platform {
            Platform::Gemini => &mut gemini,
            Platform::Vertex => &mut vertex,
        };
        let is_dead = matches!(health.get(&key.id), Some(Health::Dead { .. }));
        of_platform.total += 1;
        of_platform.dead += usize::from(is_dead);
        of_platform.usable += usize::from(key.enabled && key.secret.is_some() && !is_dead);
    }
    Ok((gemini, vertex))
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
