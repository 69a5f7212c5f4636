//! Keys as the Python project knew them: valid or invalid, and each named by one text.

use std::collections::HashSet;

use axum::Json;
use axum::extract::rejection::JsonRejection;
use keypool::{KeySnapshot, KeyState, Platform};
use serde::Deserialize;
use store::{Store, StoredKey};

use crate::State;
use crate::error::Error;

/// A key under the name that answers give it.
pub(super) struct Known {
    /// Its mask; its id where another key has the same mask.
    pub(super) name: String,
    pub(super) is_valid: bool,
    /// Failures that are counted against it; an invalid key has as many as take a key out.
    pub(super) failures: u64,
    pub(super) snapshot: KeySnapshot,
}

/// All keys for the Gemini API.
pub(super) fn all(state: &State) -> Vec<Known> {
    all_of(state, Platform::Gemini)
}

/// All keys for one of Google's APIs.
pub(super) fn all_of(state: &State, platform: Platform) -> Vec<Known> {
    let limit = u64::from(state.gateway.configuration().settings.pool.max_failures.max(1));
    let keys = state.gateway.pool(platform).snapshot(relay::now()).keys;
    let mut seen = HashSet::new();
    let doubles: HashSet<_> = keys
        .iter()
        .filter(|key| !seen.insert(key.mask.clone()))
        .map(|key| key.mask.clone())
        .collect();
    let known = |snapshot: KeySnapshot| {
        let is_valid = !matches!(snapshot.state, KeyState::Dead { .. });
        let failures = if is_valid { snapshot.counters.failed.min(limit - 1) } else { limit };
        let is_alone = !doubles.contains(&snapshot.mask);
        let name = if is_alone { snapshot.mask.to_string() } else { snapshot.id.to_string() };
        Known { name, is_valid, failures, snapshot }
    };
    keys.into_iter().map(known).collect()
}

impl Known {
    /// Whether a text is part of what is known of it.
    pub(super) fn matches(&self, wanted: &str) -> bool {
        let wanted = wanted.to_lowercase();
        let contains = |text: &str| text.to_lowercase().contains(&wanted);
        contains(&self.name)
            || self.snapshot.name.as_deref().is_some_and(contains)
            || self.snapshot.domain.project().is_some_and(|project| contains(project))
    }
}

/// The stored key that a text means, if it means one.
pub(super) async fn find(store: &Store, text: &str) -> Result<Option<StoredKey>, Error> {
    only(store.find_keys(text).await?)
}

/// The same among the keys for one of Google's APIs.
pub(super) async fn find_of(
    store: &Store,
    platform: Platform,
    text: &str,
) -> Result<Option<StoredKey>, Error> {
    let mut found = store.find_keys(text).await?;
    found.retain(|key| key.platform == platform);
    only(found)
}

fn only(mut found: Vec<StoredKey>) -> Result<Option<StoredKey>, Error> {
    if found.len() > 1 {
        return Err(Error::Conflict("This means several keys: name one by its id.".to_owned()));
    }
    Ok(found.pop())
}

/// The stored key that a text means.
pub(super) async fn the(store: &Store, text: &str) -> Result<StoredKey, Error> {
    find(store, text).await?.ok_or(Error::NotFound(UNKNOWN))
}

/// What is told where a text means no key.
pub(super) const UNKNOWN: &str = "There is no such key.";

/// A body that names keys.
#[derive(Deserialize)]
pub(crate) struct Selected {
    keys: Vec<String>,
}

/// The keys that a body names, as [`find_all`] gives them.
pub(super) async fn selected(
    store: &Store,
    selected: Result<Json<Selected>, JsonRejection>,
) -> Result<(Vec<(String, StoredKey)>, Vec<String>), Error> {
    let Json(Selected { keys }) = selected?;
    if keys.is_empty() {
        return Err(Error::invalid("keys", "is empty"));
    }
    find_all(store, &keys).await
}

/// The stored keys that texts mean, each with its text, and the texts that mean none.
async fn find_all(
    store: &Store,
    texts: &[String],
) -> Result<(Vec<(String, StoredKey)>, Vec<String>), Error> {
    let (mut found, mut unknown) = (Vec::new(), Vec::new());
    for text in texts {
        match find(store, text).await? {
            Some(key) => found.push((shown(text), key)),
            None => unknown.push(shown(text)),
        }
    }
    Ok((found, unknown))
}

/// A text that may be a whole key, as answers may repeat it.
pub(super) fn shown(text: &str) -> String {
    secret::redact(text).into_owned()
}
