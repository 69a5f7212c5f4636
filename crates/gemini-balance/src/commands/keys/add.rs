//! `keys add`.

use std::path::Path;
use std::sync::Arc;

use keypool::Platform;
use secret::PoolKey;
use serde::Serialize;
use store::{AddKey, NewKey, Source, Store};

use crate::cli::AddKeys;
use crate::commands::audited;
use crate::failure::Failure;
use crate::output;

/// What became of one key, as `--json` shows it.
#[derive(Serialize)]
struct Report {
    id: String,
    key: String,
    added: bool,
}

/// Adds keys, also those that were removed earlier.
pub(super) async fn run(store: &Store, arguments: AddKeys) -> Result<(), Failure> {
    let keys = given(&arguments)?;
    if keys.len() > 1 && arguments.name.is_some() {
        return Err(Failure::configuration("--name: is for one key, several were given"));
    }
    let mut added = Vec::with_capacity(keys.len());
    for secret in keys {
        let key = secret.mask();
        let new = new_key(secret, &arguments);
        added.push(match store.add_key(new, Source::Admin).await.map_err(super::refused)? {
            AddKey::Added(id) => Report { id: id.to_string(), key, added: true },
            AddKey::Exists(id) => Report { id: id.to_string(), key, added: false },
        });
    }
    let detail = serde_json::json!({"count": new_ones(&added)}).to_string();
    audited::note(store, "keys.add", "", &detail).await?;
    if arguments.json { output::print_json(&added) } else { output::print(&summary(&added)) }
}

fn new_key(secret: Arc<PoolKey>, arguments: &AddKeys) -> NewKey {
    let platform = if arguments.vertex { Platform::Vertex } else { Platform::Gemini };
    let plain = NewKey::new(secret).of(platform);
    NewKey {
        name: arguments.name.clone(),
        project: arguments.project.clone(),
        enabled: !arguments.disabled,
        weight: arguments.attributes.weight.unwrap_or(plain.weight),
        tier: arguments.attributes.tier.unwrap_or(plain.tier),
        tags: arguments.attributes.tags.clone(),
        ..plain
    }
}

/// Keys from the command line, a file and standard input, each once.
fn given(arguments: &AddKeys) -> Result<Vec<Arc<PoolKey>>, Failure> {
    let mut keys = super::parse(&arguments.keys.join("\n"))?;
    if let Some(path) = &arguments.file {
        keys.extend(super::parse(&super::read(path)?)?);
    }
    if arguments.stdin {
        keys.extend(super::parse(&super::read(Path::new("-"))?)?);
    }
    if keys.is_empty() {
        return Err(Failure::configuration("no keys were given; `keys add --help` shows how"));
    }
    Ok(keys)
}

fn new_ones(added: &[Report]) -> usize {
    added.iter().filter(|key| key.added).count()
}

fn summary(added: &[Report]) -> String {
    let lines = added.iter().map(|key| {
        let word = if key.added { "added  " } else { "exists " };
        format!("{word}  {}  {}\n", key.key, key.id)
    });
    let new = new_ones(added);
    let known = added.len() - new;
    let mut text: String = lines.collect();
    text.push_str(&output::count(new as u64, "key"));
    text.push_str(" added");
    if known > 0 {
        text.push_str(", ");
        text.push_str(&output::count(known as u64, "key"));
        text.push_str(" there already");
    }
    text
}
