//! Changes of keys: one by one, or many as a job.

use std::sync::Arc;

use keypool::{KeyId, Platform};
use serde_json::{Value, json};
use store::{KeyUpdate, StoredKey};

use super::difference::{Difference, detail};
use crate::State;
use crate::access::Identity;
use crate::error::Error;
use crate::files::{Losses, losses};
use crate::pool::Filter;
use crate::proxies;
use crate::work::{self, Action, Job};

/// Which keys are meant.
#[derive(Debug)]
pub(crate) enum Meant {
    These(Vec<KeyId>),
    /// All that it finds now, whatever the page.
    Matching(Box<Filter>),
}

impl Meant {
    /// The keys as they are now; at least one.
    pub(crate) async fn ids(&self, state: &State) -> Result<Vec<KeyId>, Error> {
        let ids = match self {
            Self::These(ids) => ids.clone(),
            Self::Matching(filter) => filter.all(&state.gateway).await,
        };
        if ids.is_empty() {
            return Err(Error::invalid("ids", "no key is meant"));
        }
        Ok(ids)
    }
}

/// What goes out of reach if these keys are removed.
pub(crate) async fn at_stake(state: &State, meant: &Meant) -> Result<Losses, Error> {
    losses(state, &meant.ids(state).await?).await
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
    /// Which of Google's APIs they are for.
    pub(crate) platform: Platform,
    /// Labels for all of them.
    pub(crate) tags: &'t [String],
    /// Whether only those come to serve that Google accepts when it is asked.
    pub(crate) verify: bool,
    /// The id of the proxy that they are bound to; nothing for none.
    pub(crate) proxy: &'t str,
}

/// Adds the keys in a text, as a job.
pub(crate) async fn add(
    state: &State,
    identity: &Identity,
    adding: Adding<'_>,
) -> Result<Arc<Job>, Error> {
    let egress = proxies::way(state, adding.proxy)?;
    let mut pasted = work::find_keys(adding.text, adding.platform, adding.tags);
    for key in &mut pasted.keys {
        key.egress = egress;
    }
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
    let nobody = || Error::NotFound("There is no such key.");
    let before = state.store.key(&key).await?.ok_or_else(nobody)?;
    let mut found = state.store.update_key(&key, update).await?;
    if let Some(enabled) = enabled {
        found = state.store.set_key_enabled(&key, enabled).await?;
    }
    let after = state.store.key(&key).await?.filter(|_| found).ok_or_else(nobody)?;
    let changes = Difference::between(&told(&before), &told(&after));
    Ok(state.store.note(&identity.actor, "keys.edit", id, &detail(&after.mask, &changes)).await?)
}

/// What the audit log may say of a key.
fn told(key: &StoredKey) -> Value {
    json!({
        "name": key.name, "project": key.project, "weight": key.weight, "tier": key.tier,
        "tags": key.tags, "note": key.note, "enabled": key.enabled
    })
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
