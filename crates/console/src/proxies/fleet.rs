//! All ways out at one moment.

use std::collections::HashMap;

use keypool::{EgressCounters, EgressId, EgressSnapshot, KeyId, KeyState, Platform};
use relay::Way;
use settings::{ProxyState, UpstreamSettings};

use super::tested::Seen;
use crate::State;
use crate::changes::settings as changes;
use crate::error::Error;
use crate::pool::each;

/// So many attempts say something about a way out.
const TELLING: u64 = 20;

/// The ways out, in the order of the setting.
pub(crate) struct Fleet {
    pub(crate) proxies: Vec<Proxy>,
    /// Whether a key keeps to its proxy.
    pub(crate) is_sticky: bool,
    /// Whether the environment is final.
    pub(crate) is_readonly: bool,
}

/// A way out.
#[derive(Debug, Clone)]
pub(crate) struct Proxy {
    pub(crate) way: Way,
    /// How it stands; nothing while the gateway has not taken it up.
    pub(crate) snapshot: Option<EgressSnapshot>,
    /// The keys that are at home there; none where each attempt takes a way by chance.
    pub(crate) keys: Vec<KeyId>,
    pub(crate) tests: Seen,
    /// How many keys it takes beside the others.
    pub(crate) weight: u32,
    /// Why it takes nothing new, if it does not.
    pub(crate) rests: Option<ProxyState>,
}

/// What part of the attempts went wrong, in ten-thousandths.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Shares {
    pub(crate) quota_spent: u64,
    pub(crate) busy: u64,
    pub(crate) broken: u64,
}

impl Fleet {
    pub(crate) async fn read(state: &State) -> Result<Self, Error> {
        let settings = changes::resolved(state).await?.settings;
        let now = relay::now();
        let egresses = state.gateway.pool(Platform::Gemini).egresses(now);
        let configuration = state.gateway.configuration();
        let mut at_home: HashMap<EgressId, Vec<KeyId>> = HashMap::new();
        each(&state.gateway, now, |key| {
            let is_used = key.platform == Platform::Gemini && key.state != KeyState::Disabled;
            let home = if is_used { configuration.home_of(key.id, key.egress) } else { None };
            if let Some(home) = home {
                at_home.entry(home).or_default().push(key.id.clone());
            }
        })
        .await;
        let egresses: HashMap<EgressId, EgressSnapshot> =
            egresses.into_iter().map(|egress| (egress.id, egress)).collect();
        let proxies = Way::all(&settings.upstream.proxies).into_iter().map(|way| Proxy {
            snapshot: egresses.get(&way.id).copied(),
            keys: at_home.remove(&way.id).unwrap_or_default(),
            tests: state.proxy_tests.of(way.id),
            weight: weight(&settings.upstream, &way),
            rests: settings.upstream.proxy_states.get(&way.name()).copied(),
            way,
        });
        Ok(Self {
            proxies: proxies.collect(),
            is_sticky: settings.upstream.proxies_sticky,
            is_readonly: settings.security.settings_readonly,
        })
    }

    /// How many proxies take something new.
    pub(crate) fn awake(&self) -> usize {
        self.proxies.iter().filter(|proxy| proxy.rests.is_none()).count()
    }

    /// Whether nothing goes through a proxy.
    pub(crate) fn is_direct(&self) -> bool {
        self.proxies.iter().all(|proxy| proxy.way.id == EgressId::DIRECT)
    }

    pub(crate) fn find(&self, id: &str) -> Option<&Proxy> {
        self.proxies.iter().find(|proxy| proxy.id() == id)
    }

    /// What part of the attempts of all ways went wrong.
    pub(crate) fn average(&self) -> Shares {
        Shares::of_all(self.proxies.iter().map(Proxy::counters))
    }

    /// Whether a way does so much worse than all together that somebody should look.
    pub(crate) fn is_worse(&self, proxy: &Proxy, part: fn(Shares) -> u64) -> bool {
        self.proxies.len() > 1
            && proxy.counters().attempts >= TELLING
            && stands_out(part(proxy.shares()), part(self.average()))
    }
}

fn weight(settings: &UpstreamSettings, way: &Way) -> u32 {
    let own = settings.proxy_weights.get(&way.name()).copied();
    own.and_then(|own| u32::try_from(own).ok()).unwrap_or(relay::USUAL_WEIGHT)
}

impl Proxy {
    /// As it stands in addresses.
    pub(crate) fn id(&self) -> String {
        self.way.name()
    }

    /// How it stands, in a word for scripts: `up`, `down`, `new`, `draining`, `drained` or `off`.
    pub(crate) fn state(&self) -> &'static str {
        match (self.snapshot, self.rests) {
            (_, Some(ProxyState::Off)) => "off",
            (Some(snapshot), Some(ProxyState::Draining)) if snapshot.running > 0 => "draining",
            (_, Some(ProxyState::Draining)) => "drained",
            (None, None) => "new",
            (Some(snapshot), None) if snapshot.shut_since.is_some() => "down",
            (Some(_), None) => "up",
        }
    }

    /// How many attempts are on their way there.
    pub(crate) fn running(&self) -> u64 {
        self.snapshot.map_or(0, |snapshot| snapshot.running)
    }

    pub(crate) fn counters(&self) -> EgressCounters {
        self.snapshot.map(|snapshot| snapshot.counters).unwrap_or_default()
    }

    pub(crate) fn shares(&self) -> Shares {
        Shares::of(&self.counters())
    }

    /// How long answers took to begin on average, in milliseconds.
    pub(crate) fn first_byte(&self) -> Option<u64> {
        let counters = self.counters();
        counters.answered_after.checked_div(counters.answered)
    }
}

/// How many ways do so much worse than all together that somebody should look.
pub(crate) fn worse(ways: &[EgressSnapshot]) -> usize {
    let all = Shares::of_all(ways.iter().map(|way| way.counters));
    let is_worse = |way: &&EgressSnapshot| {
        let own = Shares::of(&way.counters);
        let pairs =
            [(own.quota_spent, all.quota_spent), (own.busy, all.busy), (own.broken, all.broken)];
        way.counters.attempts >= TELLING && pairs.iter().any(|(own, all)| stands_out(*own, *all))
    };
    if ways.len() > 1 { ways.iter().filter(is_worse).count() } else { 0 }
}

/// Often, and twice as often as all together.
fn stands_out(own: u64, all: u64) -> bool {
    own >= 500 && own >= 2 * all
}

impl Shares {
    fn of_all(counters: impl Iterator<Item = EgressCounters>) -> Self {
        let mut sum = EgressCounters::default();
        for counters in counters {
            sum.attempts += counters.attempts;
            sum.quota_spent += counters.quota_spent;
            sum.busy += counters.busy;
            sum.broken += counters.broken;
        }
        Self::of(&sum)
    }

    fn of(counters: &EgressCounters) -> Self {
        let part = |number: u64| (number * 10_000).checked_div(counters.attempts).unwrap_or(0);
        Self {
            quota_spent: part(counters.quota_spent),
            busy: part(counters.busy),
            broken: part(counters.broken),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn proxy(host: &str, attempts: u64, quota_spent: u64) -> Proxy {
        let way = Way::of_proxy(&format!("http://{host}:3128")).unwrap();
        let counters = EgressCounters {
            attempts,
            quota_spent,
            answered: attempts,
            answered_after: attempts * 300,
            ..EgressCounters::default()
        };
        let snapshot = EgressSnapshot {
            id: way.id,
            counters,
            shut_since: None,
            probed_at: None,
            up_since: None,
            running: 0,
        };
        let (keys, tests) = (Vec::new(), Seen::default());
        Proxy { way, snapshot: Some(snapshot), keys, tests, weight: 100, rests: None }
    }

    fn fleet_of(proxies: Vec<Proxy>) -> Fleet {
        Fleet { proxies, is_sticky: true, is_readonly: false }
    }

    #[test]
    fn a_way_is_held_against_all_together() {
        let fleet = fleet_of(vec![proxy("a", 100, 1), proxy("b", 100, 40), proxy("c", 10, 9)]);
        assert_eq!(fleet.average().quota_spent, 2380);
        let worse = |index: usize| fleet.is_worse(&fleet.proxies[index], |part| part.quota_spent);
        assert!(!worse(0));
        assert!(!worse(1), "not twice as bad");
        assert!(!worse(2), "ten attempts tell nothing");
        let fleet = fleet_of(vec![proxy("a", 900, 9), proxy("b", 100, 40)]);
        assert!(fleet.is_worse(&fleet.proxies[1], |part| part.quota_spent));
        let ways: Vec<_> = fleet.proxies.iter().filter_map(|proxy| proxy.snapshot).collect();
        assert_eq!((super::worse(&ways), super::worse(&ways[1..])), (1, 0));
        assert_eq!(fleet.proxies[1].first_byte(), Some(300));
        assert_eq!(fleet.find(&fleet.proxies[1].id()).unwrap().way.shown, "http://b:3128");
        assert!(fleet.find("0").is_none());
        let alone = fleet_of(vec![proxy("a", 100, 90)]);
        assert!(!alone.is_worse(&alone.proxies[0], |part| part.quota_spent));
    }

    #[test]
    fn a_way_that_rests_is_drained_once_nothing_runs_there() {
        let mut way = proxy("d", 1, 0);
        assert_eq!(way.state(), "up");
        way.rests = Some(ProxyState::Draining);
        assert_eq!(way.state(), "drained");
        way.snapshot.as_mut().unwrap().running = 1;
        assert_eq!((way.state(), way.running()), ("draining", 1));
        way.rests = Some(ProxyState::Off);
        assert_eq!(way.state(), "off");
        assert_eq!(fleet_of(vec![way, proxy("e", 1, 0)]).awake(), 1);
    }
}
