//! The way out that a key is bound to, or that a request is to take, as people name it.

use keypool::EgressId;
use relay::Way;

use crate::State;
use crate::error::Error;

/// The way out of this id, be it drained or switched off; none of an empty one.
pub(crate) fn way(state: &State, id: &str) -> Result<Option<EgressId>, Error> {
    named(id, |way| ways(state).iter().any(|one| one.id == way))
}

/// The way out of this id that takes something new; none of an empty one.
pub(crate) fn open_way(state: &State, id: &str) -> Result<Option<EgressId>, Error> {
    named(id, |way| state.gateway.configuration().has_way(way))
}

/// The proxies that keys can be bound to, with their ids; none where there is nothing to choose.
pub(crate) fn choices(state: &State) -> Vec<(String, String)> {
    let proxies = ways(state).into_iter().filter(|way| way.id != EgressId::DIRECT);
    proxies.map(|way| (way.name(), way.shown)).collect()
}

/// Those of them that take something new.
pub(crate) fn open_choices(state: &State) -> Vec<(String, String)> {
    let is_open = |(id, _): &(String, String)| matches!(open_way(state, id), Ok(Some(_)));
    choices(state).into_iter().filter(is_open).collect()
}

fn ways(state: &State) -> Vec<Way> {
    Way::all(&state.gateway.configuration().settings.upstream.proxies)
}

fn named(id: &str, is_there: impl Fn(EgressId) -> bool) -> Result<Option<EgressId>, Error> {
    if id.trim().is_empty() {
        return Ok(None);
    }
    let way = id.trim().parse().ok().filter(|way| is_there(*way));
    way.map(Some).ok_or_else(|| Error::invalid("proxy", "there is no such proxy, or it rests"))
}
