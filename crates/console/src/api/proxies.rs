//! `/api/admin/proxies`: the ways out to Google.

use std::net::IpAddr;

use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::extract::{Path, State};
use http::StatusCode;
use keypool::{EgressCounters, Timestamp};
use serde::{Deserialize, Serialize};
use settings::ProxyState;
use utoipa::ToSchema;

use super::{Begun, ErrorBody};
use crate::State as Console;
use crate::access::Identity;
use crate::changes::proxies as changes;
use crate::error::Error;
use crate::proxies::{self, Fleet};
use crate::work;

/// A way out to Google. Counters are this process's, since its start.
#[derive(Serialize, ToSchema)]
pub(crate) struct Proxy {
    id: String,
    /// The proxy's address without its login, or `direct`.
    address: String,
    /// `http`, `https`, `socks5` or `direct`.
    kind: &'static str,
    /// `up`; `down` while nothing is sent this way but a probe now and then; `new` until the
    /// gateway has taken it up; `draining` while what began earlier still runs, then `drained`, or
    /// `off`: neither takes anything new.
    state: &'static str,
    down_since: Option<Timestamp>,
    /// Since when it works again, if it was down since the process started.
    up_since: Option<Timestamp>,
    /// Attempts that are on their way there.
    running: u64,
    /// How many keys it takes beside the others; 100 unless it was rebalanced.
    weight: u32,
    /// How many keys are at home there; 0 where each attempt takes a way by chance.
    keys: usize,
    counters: EgressCounters,
    /// How it did when it was tested last.
    test: Option<Tested>,
    /// How long the last tests took in milliseconds, oldest first; null where there was no answer.
    test_times: Vec<Option<u64>>,
    /// The address that it was seen with when it was tested, if `EXIT_IP_URL` is set.
    exit: Option<ExitAddress>,
}

/// From which address the world sees what goes this way.
#[derive(Serialize, ToSchema)]
pub(crate) struct ExitAddress {
    #[schema(value_type = String)]
    address: IpAddr,
    /// As the service at `EXIT_IP_URL` says.
    country: Option<String>,
}

/// A test of a way out.
#[derive(Serialize, ToSchema)]
#[schema(as = ProxyTest)]
pub(crate) struct Tested {
    at: Timestamp,
    /// Whether Google answered.
    ok: bool,
    took_ms: Option<u64>,
    error: Option<String>,
    /// Why the address that it is seen with could not be found out.
    exit_error: Option<String>,
}

impl From<&proxies::Proxy> for Proxy {
    fn from(proxy: &proxies::Proxy) -> Self {
        let snapshot = proxy.snapshot;
        let down_since = snapshot.and_then(|snapshot| snapshot.shut_since);
        let test = proxy.tests.last().cloned().map(|test| Tested {
            exit_error: test.exit.and_then(Result::err),
            at: test.at,
            ok: test.result.is_ok(),
            took_ms: test.result.as_ref().ok().copied(),
            error: test.result.err(),
        });
        Self {
            id: proxy.id(),
            address: proxy.way.shown.clone(),
            kind: proxy.way.kind,
            state: proxy.state(),
            down_since,
            up_since: snapshot.and_then(|snapshot| snapshot.up_since),
            running: proxy.running(),
            weight: proxy.weight,
            keys: proxy.keys.len(),
            counters: proxy.counters(),
            test,
            test_times: proxy.tests.times(),
            exit: proxy
                .tests
                .exit()
                .map(|exit| ExitAddress { address: exit.address, country: exit.country.clone() }),
        }
    }
}

/// Lists the ways out, in the order of the setting `PROXIES`; without one, the direct way.
#[utoipa::path(
    get, path = "/api/admin/proxies", tag = "Proxies", operation_id = "listProxies",
    responses((status = 200, description = "All ways out", body = [Proxy], example = json!([{
        "id": "af63dc4c8601ec8c", "address": "http://***@proxy.example:3128", "kind": "http",
        "state": "up", "down_since": null, "up_since": null, "running": 1, "weight": 100,
        "keys": 12, "counters": {
            "attempts": 900, "quota_spent": 12, "busy": 3, "broken": 0, "region_refused": 0,
            "answered": 885, "answered_after": 371_700, "last_used": 1_795_241_400_000_i64
        },
        "test": {"at": 1_795_241_400_000_i64, "ok": true, "took_ms": 180, "error": null,
            "exit_error": null},
        "test_times": [210, null, 180], "exit": {"address": "203.0.113.9", "country": "France"}
    }])))
)]
pub(crate) async fn list(State(console): State<Console>) -> Result<Json<Vec<Proxy>>, Error> {
    let fleet = Fleet::read(&console).await?;
    Ok(Json(fleet.proxies.iter().map(Proxy::from).collect()))
}

/// Shows one way out.
#[utoipa::path(
    get, path = "/api/admin/proxies/{id}", tag = "Proxies", operation_id = "readProxy",
    params(("id" = String, Path, description = "The way's id")),
    responses(
        (status = 200, description = "The way out", body = Proxy),
        (status = 404, description = "There is no such proxy", body = ErrorBody),
    )
)]
pub(crate) async fn read(
    State(console): State<Console>,
    Path(id): Path<String>,
) -> Result<Json<Proxy>, Error> {
    let fleet = Fleet::read(&console).await?;
    let proxy = fleet.find(&id).ok_or(Error::NotFound("There is no such proxy."))?;
    Ok(Json(proxy.into()))
}

/// Proxies that are to be added.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewProxies {
    /// One or several on a line: `http://`, `https://`, `socks5://` or `socks5h://`, with
    /// `user:password@` if needed.
    proxies: String,
}

/// What was added.
#[derive(Serialize, ToSchema)]
#[schema(as = AddedProxies)]
pub(crate) struct Added {
    /// How many are new, or have another password now.
    added: usize,
}

/// Adds proxies to the setting `PROXIES`, all or none.
#[utoipa::path(
    post, path = "/api/admin/proxies", tag = "Proxies", operation_id = "addProxies",
    request_body(
        content = NewProxies,
        example = json!({"proxies": "http://user:password@proxy.example:3128\nsocks5://127.0.0.1:1080"})
    ),
    responses(
        (status = 201, description = "They are added", body = Added, example = json!({"added": 2})),
        (status = 400, description = "One is no proxy; the line is named, nothing was added", body = ErrorBody),
        (status = 409, description = "The environment is final (SETTINGS_READONLY)", body = ErrorBody),
    )
)]
pub(crate) async fn add(
    State(console): State<Console>,
    identity: Identity,
    wanted: Result<Json<NewProxies>, JsonRejection>,
) -> Result<(StatusCode, Json<Added>), Error> {
    let Json(NewProxies { proxies }) = wanted?;
    let added = changes::add(&console, &identity, &proxies).await?;
    Ok((StatusCode::CREATED, Json(Added { added })))
}

/// Removes a proxy from the setting `PROXIES`. Without any, calls go to Google directly.
#[utoipa::path(
    delete, path = "/api/admin/proxies/{id}", tag = "Proxies", operation_id = "removeProxy",
    params(("id" = String, Path, description = "The way's id")),
    responses(
        (status = 204, description = "It is removed"),
        (status = 404, description = "There is no such proxy", body = ErrorBody),
        (status = 409, description = "The environment is final (SETTINGS_READONLY)", body = ErrorBody),
    )
)]
pub(crate) async fn remove(
    State(console): State<Console>,
    identity: Identity,
    Path(id): Path<String>,
) -> Result<StatusCode, Error> {
    changes::remove(&console, &identity, &id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// What is to become of a proxy.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ProxyChange {
    state: WantedState,
}

/// Whether a proxy takes anything new.
#[derive(Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum WantedState {
    /// It does.
    On,
    /// Not for a while: what runs there ends, and its keys take others meanwhile.
    Drain,
    /// Not until it is switched on.
    Off,
}

/// Drains a proxy, switches it off, or on again, by the setting `PROXY_STATES`. What runs there goes
/// on.
#[utoipa::path(
    patch, path = "/api/admin/proxies/{id}", tag = "Proxies", operation_id = "changeProxy",
    params(("id" = String, Path, description = "The way's id")),
    request_body(content = ProxyChange, example = json!({"state": "drain"})),
    responses(
        (status = 200, description = "The way out, as the gateway knows it so far", body = Proxy),
        (status = 404, description = "There is no such proxy", body = ErrorBody),
        (status = 409, description = "It is the last one that takes anything, or the environment is final", body = ErrorBody),
    )
)]
pub(crate) async fn change(
    State(console): State<Console>,
    identity: Identity,
    Path(id): Path<String>,
    wanted: Result<Json<ProxyChange>, JsonRejection>,
) -> Result<Json<Proxy>, Error> {
    let Json(ProxyChange { state }) = wanted?;
    let state = match state {
        WantedState::On => None,
        WantedState::Drain => Some(ProxyState::Draining),
        WantedState::Off => Some(ProxyState::Off),
    };
    changes::set_state(&console, &identity, &id, state).await?;
    read(State(console), Path(id)).await
}

/// Which ways are to be tested.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ProxyTestWanted)]
pub(crate) struct Wanted {
    /// Their ids; without any, all.
    #[serde(default)]
    ids: Vec<String>,
}

/// Tests whether Google is reached, as a job: asks it for its models, without a key.
#[utoipa::path(
    post, path = "/api/admin/proxies/test", tag = "Proxies", operation_id = "testProxies",
    request_body(content = Wanted, example = json!({"ids": []})),
    responses(
        (status = 202, description = "The job that tests them", body = Begun, example = json!({
            "job": "019aa5c1-6f6b-7c6e-9d3a-2b6f0e4f8a11", "total": 2
        })),
        (status = 404, description = "There is no such proxy", body = ErrorBody),
    )
)]
pub(crate) async fn test(
    State(console): State<Console>,
    identity: Identity,
    wanted: Result<Json<Wanted>, JsonRejection>,
) -> Result<(StatusCode, Json<Begun>), Error> {
    let Json(Wanted { ids }) = wanted?;
    let job = work::test_proxies(&console, &ids, &identity.actor).await?;
    Ok(Begun::accepted(&job))
}
