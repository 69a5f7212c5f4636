//! Changes of the ways out: they are the setting `PROXIES`, with its history.

use std::collections::{BTreeMap, BTreeSet};

use relay::Way;

use super::settings::{self as changes};
use crate::State;
use crate::access::Identity;
use crate::error::Error;
use crate::proxies;

const SETTING: &str = "PROXIES";

/// Adds the proxies in a text. Those that are there already stay as they are, unless the text has
/// another password for them. Returns how many are new or changed.
pub(crate) async fn add(state: &State, identity: &Identity, text: &str) -> Result<usize, Error> {
    let wanted = proxies::addresses(text).map_err(|problem| Error::invalid("proxies", problem))?;
    if wanted.is_empty() {
        return Err(Error::invalid("proxies", "there is no proxy in this text"));
    }
    let before = now(state).await?;
    let mut after = before.clone();
    for address in wanted {
        let way = Way::of_proxy(&address).map(|way| way.id);
        let same = after.iter_mut().find(|one| Way::of_proxy(one).map(|way| way.id) == way);
        match same {
            Some(same) => *same = address,
            None => after.push(address),
        }
    }
    save(state, identity, &after).await?;
    let before: BTreeSet<String> = before.into_iter().collect();
    Ok(after.iter().filter(|address| !before.contains(*address)).count())
}

/// Removes a proxy. Without any, calls go to Google directly.
pub(crate) async fn remove(state: &State, identity: &Identity, id: &str) -> Result<(), Error> {
    let mut after = now(state).await?;
    let count = after.len();
    let has_id = |address: &String| {
        Way::of_proxy(address).is_some_and(|way| format!("{:016x}", way.id.0) == id)
    };
    after.retain(|address| !has_id(address));
    if after.len() == count {
        return Err(Error::NotFound("There is no such proxy."));
    }
    save(state, identity, &after).await
}

async fn now(state: &State) -> Result<Vec<String>, Error> {
    let settings = changes::resolved(state).await?.settings;
    Ok(settings.upstream.proxies.iter().map(|proxy| proxy.expose().to_owned()).collect())
}

async fn save(state: &State, identity: &Identity, addresses: &[String]) -> Result<(), Error> {
    let list = serde_json::to_string(addresses).map_err(|_| Error::Internal)?;
    let wanted = BTreeMap::from([(SETTING.to_owned(), Some(list))]);
    let planned = changes::plan(state, &wanted).await?;
    changes::save(state, identity, &planned).await
}
