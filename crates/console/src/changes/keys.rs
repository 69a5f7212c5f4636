//! Changes of keys: one by one, or many as a job.

use std::sync::Arc;

use keypool::{KeyId, Platform};
use store::KeyUpdate;

use crate::State;
use crate::access::Identity;
use crate::error::Error;
use crate::files::{Losses, losses};
use crate::pool::Filter;
use crate::work::{self, Action, Job};

/// Which keys are meant.
#[derive(Debug)]
pub(crate) enum Meant {
    These(Vec<KeyId>),
    /// All that it finds now, whatever the page.
    Matching(Filter),
}

impl Meant {
    fn ids(&self, state: &State) -> Vec<KeyId> {
        match self {
            Self::These(ids) => ids.clone(),
            Self::Matching(filter) => {
                let snapshot = state.gateway.snapshot(relay::now());
                filter.all(snapshot).into_iter().map(|key| key.snapshot.id).collect()
            }
        }
    }
}

/// What goes out of reach if these keys are removed.
pub(crate) async fn at_stake(state: &State, meant: &Meant) -> Result<Losses, Error> {
    losses(state, &meant.ids(state)).await
}

/// Does something to keys, as a job.
pub(crate) async fn act(
    state: &State,
    identity: &Identity,
    action: Action,
    meant: Meant,
) -> Result<Arc<Job>, Error> {
    let ids = meant.ids(state);
    if ids.is_empty() {
        return Err(Error::invalid("ids", "no key is meant"));
    }
    work::run(state, action, ids, &identity.actor).await
}

/// Adds the keys in a text, as a job.
pub(crate) async fn add(
    state: &State,
    identity: &Identity,
    text: &str,
    platform: Platform,
    tags: &[String],
) -> Result<Arc<Job>, Error> {
    let pasted = work::find_keys(text, platform, tags);
    if pasted.keys.is_empty() {
        return Err(Error::invalid("keys", "there is no key in this text"));
    }
    work::add(state, pasted.keys, &identity.actor, "add").await
}

/// Changes what is known of a key; an empty name or project is taken away.
pub(crate) async fn edit(
    state: &State,
    identity: &Identity,
    id: &str,
    mut update: KeyUpdate,
    enabled: Option<bool>,
) -> Result<(), Error> {
    let key = KeyId::from(id.to_owned());
    for text in [&mut update.name, &mut update.project].into_iter().flatten() {
        *text = text.take().map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
    }
    let mut found = state.store.update_key(&key, update).await?;
    if let Some(enabled) = enabled {
        found = state.store.set_key_enabled(&key, enabled).await?;
    }
    if !found {
        return Err(Error::NotFound("There is no such key."));
    }
    Ok(state.store.note(&identity.actor, "keys.edit", id, "").await?)
}

/// Removes a key for good. Returns how much of what it made at Google is out of reach now.
pub(crate) async fn remove(state: &State, identity: &Identity, id: &str) -> Result<u64, Error> {
    let key = KeyId::from(id.to_owned());
    let lost = losses(state, std::slice::from_ref(&key)).await?.total();
    if !state.store.remove_key(&key).await? {
        return Err(Error::NotFound("There is no such key."));
    }
    state.store.note(&identity.actor, "keys.remove", id, "").await?;
    Ok(lost)
}
