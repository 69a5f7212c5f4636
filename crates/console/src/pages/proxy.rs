//! `/admin/proxies/{id}`: one way out.

use askama::Template;
use axum::extract::{Path, State};

use super::proxies::percent;
use crate::State as Console;
use crate::error::Error;
use crate::page::Page;
use crate::pool::{Key, find};
use crate::proxies::{Fleet, Proxy};
use crate::shell::Shell;
use crate::words::proxies::ProxiesWords;

/// Keys that are shown.
const SHOWN: usize = 100;

#[derive(Template)]
#[template(path = "proxy.html")]
pub(crate) struct ProxyPage {
    shell: Shell,
    w: &'static ProxiesWords,
    fleet: Fleet,
    proxy: Proxy,
    /// The first of those that are at home there.
    keys: Vec<Key>,
}

pub(crate) async fn show(
    State(console): State<Console>,
    shell: Shell,
    Path(id): Path<String>,
) -> Result<Page<ProxyPage>, Error> {
    let fleet = Fleet::read(&console).await?;
    let proxy = fleet.find(&id).ok_or(Error::NotFound("There is no such proxy."))?.clone();
    let w = ProxiesWords::of(shell.language);
    let now = relay::now();
    let keys = proxy.keys.iter().take(SHOWN);
    let keys = keys.filter_map(|id| find(&console.gateway, id, now)).map(Key::new).collect();
    Ok(Page(ProxyPage { shell, w, fleet, proxy, keys }))
}

impl ProxyPage {
    /// What went wrong: how often, which part of all attempts, and which part of those of all ways.
    fn wrongs(&self) -> [(&'static str, u64, String, String); 3] {
        let counters = self.proxy.counters();
        let (own, all) = (self.proxy.shares(), self.fleet.average());
        let wrong = |label, number, own, all| (label, number, percent(own), percent(all));
        let w = self.w;
        [
            wrong(w.quota_spent, counters.quota_spent, own.quota_spent, all.quota_spent),
            wrong(w.busy, counters.busy, own.busy, all.busy),
            wrong(w.broken, counters.broken, own.broken, all.broken),
        ]
    }

    /// Whether calls go directly once this one is gone.
    fn is_last(&self) -> bool {
        self.fleet.proxies.len() == 1
    }
}
