//! `keys import` and `keys export`.

use std::path::Path;
use std::sync::Arc;

use keypool::Platform;
use secret::PoolKey;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use store::{NewKey, Source, Store, StoredKey};

use crate::commands::audited;
use crate::failure::Failure;
use crate::output;

/// A key in an exported file.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Exported {
    key: String,
    #[serde(default)]
    platform: Platform,
    #[serde(default)]
    name: Option<String>,
    #[serde(default)]
    project: Option<String>,
    #[serde(default = "yes")]
    enabled: bool,
    #[serde(default = "one")]
    weight: u32,
    #[serde(default)]
    tier: u8,
    #[serde(default)]
    tags: Vec<String>,
    /// The way out that it is bound to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    proxy: Option<String>,
}

fn yes() -> bool {
    true
}

fn one() -> u32 {
    1
}

/// Adds the keys of a file: an exported one, or a list in any form.
pub(super) async fn import(store: &Store, file: &Path, json: bool) -> Result<(), Failure> {
    #[derive(Serialize)]
    struct Imported {
        added: u64,
        existing: u64,
        removed_earlier: u64,
    }
    let keys = parse(&super::read(file)?)?;
    let counts = store.import_keys(keys, Source::Import).await.map_err(super::refused)?;
    let detail = serde_json::json!({"count": counts.added}).to_string();
    audited::note(store, "keys.add", "", &detail).await?;
    if json {
        return output::print_json(&Imported {
            added: counts.added,
            existing: counts.existing,
            removed_earlier: counts.removed,
        });
    }
    let mut text = format!("{} added", output::count(counts.added, "key"));
    if counts.existing > 0 {
        text = format!("{text}, {} there already", counts.existing);
    }
    if counts.removed > 0 {
        text = format!(
            "{text}, {} left out because an administrator removed it earlier (`keys add` brings \
             it back)",
            counts.removed
        );
    }
    output::print(&text)
}

fn parse(text: &str) -> Result<Vec<NewKey>, Failure> {
    match serde_json::from_str::<Vec<Value>>(text) {
        Ok(exported) if exported.iter().any(Value::is_object) => {
            exported.into_iter().enumerate().map(|(index, key)| read(index, key)).collect()
        }
        _ => Ok(super::parse(text)?.into_iter().map(NewKey::new).collect()),
    }
}

fn read(index: usize, key: Value) -> Result<NewKey, Failure> {
    serde_path_to_error::deserialize::<_, Exported>(key)
        .map_err(|error| {
            let (field, problem) = (error.path().to_string(), error.into_inner().to_string());
            // Whatever was mistaken for something else may be the key itself.
            let problem = secret::redact(&problem).into_owned();
            Failure::configuration(format!("key number {}: {field}: {problem}", index + 1))
        })?
        .parse(index)
}

/// Prints all keys in clear.
pub(super) async fn export(store: &Store, reveal: bool, json: bool) -> Result<(), Failure> {
    if !reveal {
        return Err(Failure::configuration(
            "--reveal: is needed, because this prints all keys in clear",
        ));
    }
    let keys = store.list_keys().await?;
    let exported: Vec<Exported> = keys.iter().filter_map(Exported::new).collect();
    let lost = keys.len() - exported.len();
    if lost > 0 {
        let keys = output::count(lost as u64, "key");
        output::hint(&format!("warning: {keys} left out that the master key does not open"));
    }
    if json {
        return output::print_json(&exported);
    }
    let lines: Vec<_> = exported.iter().map(|key| key.key.as_str()).collect();
    output::print(&lines.join("\n"))
}

impl Exported {
    fn new(stored: &StoredKey) -> Option<Self> {
        Some(Self {
            key: stored.secret.as_ref()?.expose().to_owned(),
            platform: stored.platform,
            name: stored.name.clone(),
            project: stored.project.clone(),
            enabled: stored.enabled,
            weight: stored.weight,
            tier: stored.tier,
            tags: stored.tags.clone(),
            proxy: stored.egress.map(|egress| egress.to_string()),
        })
    }

    fn parse(self, index: usize) -> Result<NewKey, Failure> {
        let secret = PoolKey::parse(&self.key).map_err(|error| {
            Failure::configuration(format!("key number {}: {error}", index + 1))
        })?;
        Ok(NewKey {
            secret: Arc::new(secret),
            platform: self.platform,
            name: self.name,
            project: self.project,
            enabled: self.enabled,
            weight: self.weight,
            tier: self.tier,
            tags: self.tags,
            egress: self.proxy.and_then(|proxy| proxy.parse().ok()),
            batch: None,
        })
    }
}
