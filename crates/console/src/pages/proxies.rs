//! `/admin/proxies`: the ways out to Google, and how each does.

use askama::Template;
use axum::Form;
use axum::extract::rejection::FormRejection;
use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Redirect, Response};
use http::{HeaderMap, StatusCode};
use serde::Deserialize;
use settings::ProxyState;

use crate::State as Console;
use crate::access::Identity;
use crate::changes::proxies as changes;
use crate::error::Error;
use crate::page::Page;
use crate::proxies::{Fleet, Proxy, Rebalance, Shares};
use crate::shell::Shell;
use crate::words::proxies::ProxiesWords;
use crate::work;

#[derive(Template)]
#[template(path = "proxies.html")]
pub(crate) struct ProxiesPage {
    shell: Shell,
    w: &'static ProxiesWords,
    fleet: Fleet,
    average: Shares,
    /// Why what was pasted is not accepted. It is not shown again: there may be passwords in it.
    problem: String,
}

pub(crate) async fn show(
    State(console): State<Console>,
    shell: Shell,
) -> Result<Page<ProxiesPage>, Error> {
    ProxiesPage::new(&console, shell, String::new()).await.map(Page)
}

#[derive(Deserialize)]
pub(crate) struct Added {
    proxies: String,
}

/// `POST /admin/proxies/add`: adds what was pasted. Scripts put the name of a mistake beside the text,
/// which stays in the browser.
pub(crate) async fn add(
    State(console): State<Console>,
    shell: Shell,
    identity: Identity,
    headers: HeaderMap,
    added: Result<Form<Added>, FormRejection>,
) -> Result<Response, Error> {
    let Form(Added { proxies }) = added?;
    match changes::add(&console, &identity, &proxies).await {
        Ok(_) if headers.contains_key("hx-request") => {
            Ok([("hx-redirect", "/admin/proxies")].into_response())
        }
        Ok(_) => Ok(Redirect::to("/admin/proxies").into_response()),
        Err(Error::Invalid { problem, .. }) => {
            let page = ProxiesPage::new(&console, shell, problem).await?;
            Ok((StatusCode::BAD_REQUEST, Page(page)).into_response())
        }
        Err(error) => Err(error),
    }
}

#[derive(Deserialize)]
pub(crate) struct Tested {
    /// One of them; all if it is empty.
    #[serde(default)]
    id: String,
}

/// `POST /admin/proxies/test`: tests one or all, as a job.
pub(crate) async fn test(
    State(console): State<Console>,
    identity: Identity,
    tested: Result<Form<Tested>, FormRejection>,
) -> Result<Redirect, Error> {
    let Form(Tested { id }) = tested?;
    let ids: Vec<String> = Some(id).filter(|id| !id.is_empty()).into_iter().collect();
    let job = work::test_proxies(&console, &ids, &identity.actor).await?;
    Ok(Redirect::to(&format!("/admin/jobs/{}", job.id)))
}

/// `POST /admin/proxies/{id}/remove`: takes one out of the setting.
pub(crate) async fn remove(
    State(console): State<Console>,
    identity: Identity,
    Path(id): Path<String>,
) -> Result<Redirect, Error> {
    changes::remove(&console, &identity, &id).await?;
    Ok(Redirect::to("/admin/proxies"))
}

#[derive(Deserialize)]
pub(crate) struct Wanted {
    /// `on`, `drain` or `off`.
    state: String,
}

/// `POST /admin/proxies/{id}/state`: drains a proxy, switches it off, or on again.
pub(crate) async fn set_state(
    State(console): State<Console>,
    identity: Identity,
    Path(id): Path<String>,
    wanted: Result<Form<Wanted>, FormRejection>,
) -> Result<Redirect, Error> {
    let Form(Wanted { state }) = wanted?;
    let state = match state.as_str() {
        "on" => None,
        "drain" => Some(ProxyState::Draining),
        "off" => Some(ProxyState::Off),
        _ => return Err(Error::invalid("state", "is on, drain or off")),
    };
    changes::set_state(&console, &identity, &id, state).await?;
    Ok(Redirect::to(&format!("/admin/proxies/{id}")))
}

#[derive(Template)]
#[template(path = "proxies_balance.html")]
pub(crate) struct BalancePage {
    shell: Shell,
    w: &'static ProxiesWords,
    found: Rebalance,
    /// What each of the ways is called.
    names: Vec<String>,
}

/// `/admin/proxies/rebalance`: which keys would move.
pub(crate) async fn preview_rebalance(
    State(console): State<Console>,
    shell: Shell,
) -> Result<Page<BalancePage>, Error> {
    let found = changes::plan_rebalance(&console).await?;
    let fleet = Fleet::read(&console).await?;
    let name = |id| fleet.proxies.iter().find(|proxy| proxy.way.id == id);
    let names = found.ways.iter().map(|share| name(share.id));
    let names = names.map(|proxy| proxy.map_or_else(String::new, |one| one.way.shown.clone()));
    let (w, names) = (ProxiesWords::of(shell.language), names.collect());
    Ok(Page(BalancePage { shell, w, found, names }))
}

/// `POST /admin/proxies/rebalance`.
pub(crate) async fn rebalance(
    State(console): State<Console>,
    identity: Identity,
) -> Result<Redirect, Error> {
    changes::rebalance(&console, &identity).await?;
    Ok(Redirect::to("/admin/proxies"))
}

/// What went wrong in one way, of all attempts.
type Part = fn(Shares) -> u64;

impl ProxiesPage {
    async fn new(console: &Console, shell: Shell, problem: String) -> Result<Self, Error> {
        let fleet = Fleet::read(console).await?;
        let (w, average) = (ProxiesWords::of(shell.language), fleet.average());
        Ok(Self { shell, w, fleet, average, problem })
    }

    /// The shares of what went wrong, each with whether it is worth a look.
    fn shares(&self, proxy: &Proxy) -> [(&'static str, String, bool); 3] {
        let shares = proxy.shares();
        let parts: [(_, Part); 3] = [
            (self.w.quota_spent, |shares| shares.quota_spent),
            (self.w.busy, |shares| shares.busy),
            (self.w.broken, |shares| shares.broken),
        ];
        let is_used = proxy.counters().attempts > 0;
        parts.map(|(label, part)| {
            let says = if is_used { percent(part(shares)) } else { "–".to_owned() };
            (label, says, self.fleet.is_worse(proxy, part))
        })
    }

    fn averages(&self) -> [String; 3] {
        [self.average.quota_spent, self.average.busy, self.average.broken].map(percent)
    }
}

/// Ten-thousandths, as people read them.
pub(super) fn percent(share: u64) -> String {
    crate::format::percent(share, 10_000_u64)
}

impl ProxiesWords {
    /// How a way stands: its colour, its icon and its name.
    pub(crate) fn state(&self, proxy: &Proxy) -> (&'static str, &'static str, &'static str) {
        match proxy.state() {
            "off" => ("disabled", "ban", self.off),
            "draining" => ("cooling", "clock", self.draining),
            "drained" => ("disabled", "clock", self.drained),
            "new" => ("disabled", "clock", self.new),
            "down" => ("invalid", "circle-x", self.down),
            _ => ("ready", "circle-check", self.up),
        }
    }
}
