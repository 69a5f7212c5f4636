//! `keys enable`, `keys disable`, `keys remove`.

use std::fmt::Write as _;

use anyhow::anyhow;
use store::{Store, StoredKey};

use crate::commands::audited;
use crate::failure::Failure;
use crate::output;

/// Lets keys serve. One that is enabled already is declared alive again.
pub(super) async fn enable(store: &Store, references: &[String]) -> Result<(), Failure> {
    for key in find_all(store, references).await? {
        if key.enabled {
            store.revive_key(&key.id).await?;
        } else {
            store.set_key_enabled(&key.id, true).await?;
        }
        note(store, "keys.enable", &key).await?;
        output::print(&format!("enabled   {}", described(&key)))?;
    }
    Ok(())
}

/// Keeps keys from serving.
pub(super) async fn disable(store: &Store, references: &[String]) -> Result<(), Failure> {
    for key in find_all(store, references).await? {
        store.set_key_enabled(&key.id, false).await?;
        note(store, "keys.disable", &key).await?;
        output::print(&format!("disabled  {}", described(&key)))?;
    }
    Ok(())
}

/// Removes keys for good.
pub(super) async fn remove(store: &Store, references: &[String]) -> Result<(), Failure> {
    for key in find_all(store, references).await? {
        store.remove_key(&key.id).await?;
        note(store, "keys.remove", &key).await?;
        output::print(&format!("removed   {}", described(&key)))?;
    }
    Ok(())
}

/// Writes down what was done to a key.
pub(super) async fn note(store: &Store, action: &str, key: &StoredKey) -> Result<(), Failure> {
    audited::note(store, action, key.id.as_str(), &key.mask).await
}

/// All keys that are meant, before anything is done to one of them.
pub(super) async fn find_all(
    store: &Store,
    references: &[String],
) -> Result<Vec<StoredKey>, Failure> {
    let mut keys: Vec<StoredKey> = Vec::with_capacity(references.len());
    for reference in references {
        let key = find(store, reference).await?;
        if !keys.iter().any(|known| known.id == key.id) {
            keys.push(key);
        }
    }
    Ok(keys)
}

async fn find(store: &Store, reference: &str) -> Result<StoredKey, Failure> {
    let mut found = store.find_keys(reference).await?;
    match (found.pop(), found.is_empty()) {
        (Some(key), true) => Ok(key),
        (None, _) => Err(anyhow!(
            "no key is meant by {}; `gemini-balance keys list` shows all",
            shown(reference)
        )
        .into()),
        (Some(last), false) => {
            let mut text = format!("{} means several keys; say which by id:", shown(reference));
            for key in found.iter().chain([&last]) {
                let _ = write!(text, "\n  {}", described(key));
            }
            Err(anyhow!(text).into())
        }
    }
}

pub(super) fn described(key: &StoredKey) -> String {
    let name = key.name.as_ref().map(|name| format!("  {name}")).unwrap_or_default();
    format!("{}  {}{name}", key.id, key.mask)
}

/// The reference as it may be shown: it may be a whole key.
fn shown(reference: &str) -> String {
    const LONGEST_NAME: usize = 20;
    let harmless = reference.chars().count() <= LONGEST_NAME
        || reference.contains(['…', ' '])
        || uuid::Uuid::try_parse(reference).is_ok();
    if harmless { secret::redact(reference).into_owned() } else { secret::mask(reference) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_whole_key_is_masked_when_it_is_not_found() {
        assert_eq!(shown("laptop"), "laptop");
        assert_eq!(shown("AIzaSyCanaryCanaryCanaryCanaryCanary123"), "AIzaSy…y123");
        assert_eq!(shown("other-format-of-a-key-0123456789"), "other-…6789");
        let id = "01890a5d-ac96-774b-bcce-b302099a8057";
        assert_eq!(shown(id), id);
    }
}
