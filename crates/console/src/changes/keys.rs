//! Changes of keys: one by one, or many as a job.

use std::sync::Arc;

use keypool::KeyId;
use store::KeyUpdate;

use crate::State;
use crate::access::Identity;
use crate::error::Error;
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
    /// The keys as they are now; at least one.
    pub(crate) async fn ids(self, state: &State) -> Result<Vec<KeyId>, Error> {
        let ids = match self {
            Self::These(ids) => ids,
            Self::Matching(filter) => filter.all(&state.gateway).await,
        };
        if ids.is_empty() {
            return Err(Error::invalid("ids", "no key is meant"));
        }
        Ok(ids)
    }
}

/// Does something to keys, as a job.
pub(crate) async fn act(
    state: &State,
    identity: &Identity,
    action: Action,
    meant: Meant,
) -> Result<Arc<Job>, Error> {
    let ids = meant.ids(state).await?;
    work::run(state, action, ids, &identity.actor).await
}

/// Keys that are to be added.
#[derive(Debug)]
pub(crate) struct Adding<'t> {
    /// What holds them.
    pub(crate) text: &'t str,
    /// Labels for all of them.
    pub(crate) tags: &'t [String],
    /// Whether only those come to serve that Google accepts when it is asked.
    pub(crate) verify: bool,
}

/// Adds the keys in a text, as a job.
pub(crate) async fn add(
    state: &State,
    identity: &Identity,
    adding: Adding<'_>,
) -> Result<Arc<Job>, Error> {
    let pasted = work::find_keys(adding.text, adding.tags);
    if pasted.keys.is_empty() {
        return Err(Error::invalid("keys", "there is no key in this text"));
    }
    work::add(state, pasted.keys, adding.verify, &identity.actor).await
}

/// Changes what is known of a key; an empty name, project or note is taken away.
pub(crate) async fn edit(
    state: &State,
    identity: &Identity,
    id: &str,
    mut update: KeyUpdate,
    enabled: Option<bool>,
) -> Result<(), Error> {
    let key = KeyId::from(id.to_owned());
    let texts = [&mut update.name, &mut update.project, &mut update.note];
    for text in texts.into_iter().flatten() {
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

/// Removes a key for good.
pub(crate) async fn remove(state: &State, identity: &Identity, id: &str) -> Result<(), Error> {
    if !state.store.remove_key(&KeyId::from(id.to_owned())).await? {
        return Err(Error::NotFound("There is no such key."));
    }
    Ok(state.store.note(&identity.actor, "keys.remove", id, "").await?)
}
