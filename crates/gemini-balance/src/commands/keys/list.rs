//! `keys list`.

use keypool::{KeySnapshot, KeyState, Policy, Pool};
use serde::Serialize;
use store::{Store, StoredKey};

use crate::failure::Failure;
use crate::output::{self, Table};

/// Shows all keys as a pool that starts now would see them.
pub(super) async fn run(store: &Store, json: bool) -> Result<(), Failure> {
    let keys = store.list_keys().await?;
    let items = standing(store, &keys).await?;
    if json {
        return output::print_json(&items);
    }
    if items.is_empty() {
        return output::print("No keys. `gemini-balance keys add --stdin < FILE` adds some.");
    }
    let headings =
        ["ID", "KEY", "API", "NAME", "PROJECT", "TIER", "WEIGHT", "TAGS", "STATE", "DETAIL"];
    let mut table = Table::new(headings);
    for item in &items {
        table.row([
            item.id.to_owned(),
            item.key.to_owned(),
            item.platform.to_owned(),
            item.name.unwrap_or_default().to_owned(),
            item.project.unwrap_or_default().to_owned(),
            item.tier.to_string(),
            item.weight.to_string(),
            item.tags.join(","),
            item.state.to_owned(),
            item.detail(),
        ]);
    }
    output::print(&table.to_string())
}

async fn standing<'a>(store: &Store, keys: &'a [StoredKey]) -> Result<Vec<Item<'a>>, Failure> {
    let now = output::now();
    let mut pool = Pool::new(Policy::default());
    pool.sync(keys.iter().filter_map(StoredKey::spec).collect(), now);
    pool.restore(store.load_learned().await?, now);
    let snapshot = pool.snapshot(now);
    let items = keys.iter().map(|key| {
        let standing = snapshot.keys.iter().find(|standing| standing.id == key.id);
        Item::new(key, standing)
    });
    Ok(items.collect())
}

/// A key as `--json` shows it.
#[derive(Serialize)]
struct Item<'a> {
    id: &'a str,
    key: &'a str,
    /// `gemini` or `vertex`: which of Google's APIs it is for.
    platform: &'static str,
    name: Option<&'a str>,
    project: Option<&'a str>,
    enabled: bool,
    state: &'static str,
    dead_reason: Option<&'static str>,
    dead_since: Option<String>,
    blocks: Vec<Block>,
    weight: u32,
    tier: u8,
    tags: &'a [String],
    source: &'static str,
    created_at: Option<String>,
}

/// A spent quota as `--json` shows it.
#[derive(Serialize)]
struct Block {
    /// None: all models.
    model: Option<String>,
    window: &'static str,
    until: Option<String>,
    limit: Option<u64>,
}

impl<'a> Item<'a> {
    fn new(key: &'a StoredKey, standing: Option<&KeySnapshot>) -> Self {
        let mut item = Self {
            id: key.id.as_str(),
            key: &key.mask,
            platform: key.platform.as_str(),
            name: key.name.as_deref(),
            project: key.project.as_deref(),
            enabled: key.enabled,
            state: "unreadable",
            dead_reason: None,
            dead_since: None,
            blocks: Vec::new(),
            weight: key.weight,
            tier: key.tier,
            tags: &key.tags,
            source: key.source.as_str(),
            created_at: output::iso(key.created_at),
        };
        let Some(standing) = standing else { return item };
        item.state = standing.state.as_str();
        if let KeyState::Dead { reason, since } = standing.state {
            item.dead_reason = Some(reason.as_str());
            item.dead_since = output::iso(since);
        }
        item.blocks = standing
            .blocks
            .iter()
            .map(|block| Block {
                model: block.model.as_deref().map(str::to_owned),
                window: block.window.as_str(),
                until: output::iso(block.until),
                limit: block.limit,
            })
            .collect();
        item
    }

    /// Why the key is not ready, in a few words.
    fn detail(&self) -> String {
        if self.state == "unreadable" {
            return "its row does not open under the master key; remove it".to_owned();
        }
        if let (Some(reason), Some(since)) = (self.dead_reason, &self.dead_since) {
            return format!("{reason} since {since}");
        }
        let blocks = self.blocks.iter().map(|block| {
            let model = block.model.as_deref().unwrap_or("all models");
            let until = block.until.as_deref().unwrap_or("-");
            format!("{model}: {} until {until}", block.window)
        });
        blocks.collect::<Vec<_>>().join("; ")
    }
}
