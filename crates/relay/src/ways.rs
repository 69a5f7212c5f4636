//! The ways out as an administrator looks at them.

use keypool::{EgressId, KeyId};
use settings::{Hidden, UpstreamSettings};
use upstream::{Client, ProxyUrl, USUAL_WEIGHT, home_among};

use crate::client_options;
use crate::fingerprint::egress_seed;
use crate::gateway::Configuration;

/// A way out that is configured.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Way {
    /// Tells it from others.
    pub id: EgressId,
    /// `direct`, or the proxy's address without its login.
    pub shown: String,
    /// `direct`, `http`, `https` or `socks5`.
    pub kind: &'static str,
}

impl Way {
    /// What it is called in settings and addresses.
    pub fn name(&self) -> String {
        format!("{:016x}", self.id.0)
    }

    /// The proxy at this address; nothing if it is none.
    pub fn of_proxy(address: &str) -> Option<Self> {
        let proxy: ProxyUrl = address.parse().ok()?;
        Some(Self { id: proxy.egress(), shown: proxy.to_string(), kind: proxy.kind() })
    }

    /// Those that `PROXIES` names, in their order, or the direct one; never empty.
    pub fn all(proxies: &[Hidden]) -> Vec<Self> {
        let mut ways: Vec<Self> =
            proxies.iter().filter_map(|proxy| Self::of_proxy(proxy.expose())).collect();
        if ways.is_empty() {
            let shown = "direct".to_owned();
            ways.push(Self { id: EgressId::DIRECT, shown, kind: "direct" });
        }
        ways
    }
}

/// The ways that take something new, with how many keys each takes beside the others.
pub fn weighed_ways(settings: &UpstreamSettings) -> Vec<(EgressId, u32)> {
    let own = client_options::weights(settings);
    let ways = Way::all(&settings.proxies).into_iter();
    let awake = ways.filter(|way| !settings.proxy_states.contains_key(&way.name()));
    awake.map(|way| (way.id, own.get(&way.id).copied().unwrap_or(USUAL_WEIGHT))).collect()
}

/// The way that a key takes among ways of these weights, while every way works.
pub fn home_of(key: &KeyId, ways: &[(EgressId, u32)]) -> Option<EgressId> {
    home_among(ways.iter().copied(), egress_seed(key, 0))
}

impl Configuration {
    /// The way out that a key takes while every way works: the one that it is bound to, if there is
    /// such a way. Nothing where each attempt takes one by chance.
    pub fn home_of(&self, key: &KeyId, bound: Option<EgressId>) -> Option<EgressId> {
        let client = &self.clients.gemini;
        bound.filter(|way| client.has_way(*way)).or_else(|| client.home(egress_seed(key, 0)))
    }

    /// Whether there is such a way out.
    pub fn has_way(&self, way: EgressId) -> bool {
        self.clients.gemini.has_way(way)
    }

    /// Sends calls of the administrator's own, on connections of their own.
    pub fn own_client(&self) -> Client {
        self.clients.gemini.sibling()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ways_are_named_without_their_logins() {
        let [direct] = Way::all(&[]).try_into().unwrap();
        assert_eq!((direct.id, direct.kind), (EgressId::DIRECT, "direct"));
        let proxies = ["http://ann:canary@one:3128", "socks5h://two"].map(Hidden::new);
        let [one, two] = Way::all(&proxies).try_into().unwrap();
        assert_eq!((one.shown.as_str(), one.kind), ("http://***@one:3128", "http"));
        assert_eq!((two.shown.as_str(), two.kind), ("socks5://two:1080", "socks5"));
        assert_ne!(one.id, two.id);
        assert_eq!(Way::of_proxy("http://ann:other@one:3128"), Some(one), "whatever the password");
        assert_eq!(Way::of_proxy("nothing"), None);
    }
}
