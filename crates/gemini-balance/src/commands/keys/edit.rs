//! `keys edit`.

use store::{KeyUpdate, Store};

use super::change;
use crate::cli::EditKeys;
use crate::failure::Failure;
use crate::output;

/// Changes what people say about keys, all that are meant alike.
pub(super) async fn run(store: &Store, arguments: EditKeys) -> Result<(), Failure> {
    let references = arguments.keys.clone();
    let changes = changes(arguments)?;
    let keys = change::find_all(store, &references).await?;
    if keys.len() > 1 && matches!(changes.name, Some(Some(_))) {
        return Err(Failure::configuration("--name: is for one key, several are meant"));
    }
    for key in keys {
        store.update_key(&key.id, changes.clone()).await.map_err(super::refused)?;
        change::note(store, "keys.edit", &key).await?;
        output::print(&format!("changed   {}", change::described(&key)))?;
    }
    Ok(())
}

fn changes(arguments: EditKeys) -> Result<KeyUpdate, Failure> {
    let EditKeys { name, no_name, project, no_project, attributes, no_tags, .. } = arguments;
    let text = |given: Option<String>, taken_away: bool| match given {
        Some(text) => Some(Some(text)),
        None => taken_away.then_some(None),
    };
    let tags = (no_tags || !attributes.tags.is_empty()).then_some(attributes.tags);
    let changes = KeyUpdate {
        name: text(name, no_name),
        project: text(project, no_project),
        weight: attributes.weight,
        tier: attributes.tier,
        tags,
        note: None,
        egress: None,
    };
    let KeyUpdate { name: None, project: None, weight: None, tier: None, tags: None, .. } = changes
    else {
        return Ok(changes);
    };
    Err(Failure::configuration("nothing to change was named; `keys edit --help` shows what can be"))
}
