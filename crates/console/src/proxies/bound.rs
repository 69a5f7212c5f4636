//! The way out that a key is bound to, or that a request is to take, as people name it.

use keypool::EgressId;

use crate::State;
use crate::error::Error;

/// The way out of this id; none of an empty one.
pub(crate) fn way(state: &State, id: &str) -> Result<Option<EgressId>, Error> {
    if id.trim().is_empty() {
        return Ok(None);
    }
    let way = id.trim().parse().ok().filter(|way| state.gateway.configuration().has_way(*way));
    way.map(Some).ok_or_else(|| Error::invalid("proxy", "there is no proxy of this id"))
}

/// The proxies that keys can be bound to, with their ids; none where there is nothing to choose.
pub(crate) fn choices(state: &State) -> Vec<(String, String)> {
    let configuration = state.gateway.configuration();
    let ways = relay::Way::all(&configuration.settings.upstream.proxies);
    let proxies = ways.into_iter().filter(|way| way.id != EgressId::DIRECT);
    proxies.map(|way| (way.id.to_string(), way.shown)).collect()
}
