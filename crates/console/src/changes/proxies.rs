//! Changes of the ways out: they are the setting `PROXIES`, with its history.

use std::collections::{BTreeMap, BTreeSet};

use relay::Way;
use serde::Serialize;
use settings::ProxyState;

use super::settings::{self as changes};
use crate::State;
use crate::access::Identity;
use crate::error::Error;
use crate::proxies::{self, Rebalance, keys_at_home};

const SETTING: &str = "PROXIES";
const STATES: &str = "PROXY_STATES";
const WEIGHTS: &str = "PROXY_WEIGHTS";

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
    let has_id = |address: &String| Way::of_proxy(address).is_some_and(|way| way.name() == id);
    after.retain(|address| !has_id(address));
    if after.len() == count {
        return Err(Error::NotFound("There is no such proxy."));
    }
    let settings = changes::resolved(state).await?.settings.upstream;
    let (mut states, mut weights) = (settings.proxy_states, settings.proxy_weights);
    states.remove(id);
    weights.remove(id);
    let remaining = after.iter().filter_map(|address| Way::of_proxy(address));
    if !after.is_empty() && remaining.clone().all(|way| states.contains_key(&way.name())) {
        return Err(the_last());
    }
    let list = serde_json::to_string(&after).map_err(|_| Error::Internal)?;
    save_all(
        state,
        identity,
        [(SETTING, Some(list)), (STATES, states_text(&states)?), (WEIGHTS, text_of(&weights)?)],
    )
    .await
}

/// Lets a proxy rest, or take up work again. What runs there goes on.
pub(crate) async fn set_state(
    state: &State,
    identity: &Identity,
    id: &str,
    wanted: Option<ProxyState>,
) -> Result<(), Error> {
    let settings = changes::resolved(state).await?.settings.upstream;
    let ways = Way::all(&settings.proxies);
    if settings.proxies.is_empty() || !ways.iter().any(|way| way.name() == id) {
        return Err(Error::NotFound("There is no such proxy."));
    }
    let mut states = settings.proxy_states;
    match wanted {
        Some(wanted) => drop(states.insert(id.to_owned(), wanted)),
        None => drop(states.remove(id)),
    }
    if ways.iter().all(|way| states.contains_key(&way.name())) {
        return Err(the_last());
    }
    save_all(state, identity, [(STATES, states_text(&states)?)]).await
}

/// Weights that would spread the keys evenly.
pub(crate) async fn plan_rebalance(state: &State) -> Result<Rebalance, Error> {
    let settings = changes::resolved(state).await?.settings.upstream;
    if settings.proxies.is_empty() || !settings.proxies_sticky {
        return Err(Error::Conflict(
            "No key keeps to a proxy, so there is nothing to rebalance.".to_owned(),
        ));
    }
    let keys = keys_at_home(state).await;
    let ways = relay::weighed_ways(&settings);
    let found = tokio::task::spawn_blocking(move || Rebalance::find(&keys, &ways)).await;
    found.map_err(|_| Error::Internal)
}

/// Saves such weights. Returns how many keys move.
pub(crate) async fn rebalance(state: &State, identity: &Identity) -> Result<Rebalance, Error> {
    let found = plan_rebalance(state).await?;
    let settings = changes::resolved(state).await?.settings.upstream;
    let mut weights = settings.proxy_weights;
    for share in &found.ways {
        let weight = i32::try_from(share.weight).unwrap_or(i32::MAX);
        weights.insert(format!("{:016x}", share.id.0), weight);
    }
    save_all(state, identity, [(WEIGHTS, text_of(&weights)?)]).await?;
    Ok(found)
}

fn the_last() -> Error {
    Error::Conflict(
        "It is the last proxy that takes anything: let another one take up work first.".to_owned(),
    )
}

fn states_text(states: &BTreeMap<String, ProxyState>) -> Result<Option<String>, Error> {
    let word = |state: &ProxyState| match state {
        ProxyState::Draining => "drain",
        ProxyState::Off => "off",
    };
    text_of(&states.iter().map(|(id, state)| (id, word(state))).collect::<BTreeMap<_, _>>())
}

fn text_of(map: &impl Serialize) -> Result<Option<String>, Error> {
    serde_json::to_string(map).map(Some).map_err(|_| Error::Internal)
}

async fn now(state: &State) -> Result<Vec<String>, Error> {
    let settings = changes::resolved(state).await?.settings;
    Ok(settings.upstream.proxies.iter().map(|proxy| proxy.expose().to_owned()).collect())
}

async fn save(state: &State, identity: &Identity, addresses: &[String]) -> Result<(), Error> {
    save_all(state, identity, [(SETTING, text_of(&addresses)?)]).await
}

async fn save_all(
    state: &State,
    identity: &Identity,
    wanted: impl IntoIterator<Item = (&'static str, Option<String>)>,
) -> Result<(), Error> {
    let wanted: BTreeMap<_, _> =
        wanted.into_iter().map(|(name, text)| (name.to_owned(), text)).collect();
    let planned = changes::plan(state, &wanted).await?;
    changes::save(state, identity, &planned).await
}
