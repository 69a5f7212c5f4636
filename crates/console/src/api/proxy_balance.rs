//! `/api/admin/proxies/rebalance`: spreading the keys evenly over the proxies.

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

use super::ErrorBody;
use crate::State as Console;
use crate::access::Identity;
use crate::changes::proxies as changes;
use crate::error::Error;
use crate::proxies::{Moves, Rebalance};

/// Other weights for the proxies, and what they do.
#[derive(Serialize, ToSchema)]
pub(crate) struct ProxyBalance {
    /// Those that take something new.
    proxies: Vec<ProxyShare>,
    /// How many keys take another proxy, of how many.
    moves: Moves,
}

/// What a proxy has, and would have.
#[derive(Serialize, ToSchema)]
struct ProxyShare {
    id: String,
    /// Its keys with the weights that are in force.
    before: usize,
    /// Its keys with the other weights.
    after: usize,
    /// What `PROXY_WEIGHTS` would say.
    weight: u32,
}

impl From<Rebalance> for ProxyBalance {
    fn from(found: Rebalance) -> Self {
        let shares = found.ways.iter().map(|share| ProxyShare {
            id: format!("{:016x}", share.id.0),
            before: share.before,
            after: share.after,
            weight: share.weight,
        });
        Self { proxies: shares.collect(), moves: found.moves }
    }
}

/// Shows what rebalancing would do, and changes nothing.
#[utoipa::path(
    get, path = "/api/admin/proxies/rebalance", tag = "Proxies", operation_id = "previewRebalance",
    responses(
        (status = 200, description = "What would change", body = ProxyBalance, example = json!({
            "proxies": [{"id": "af63dc4c8601ec8c", "before": 12, "after": 10, "weight": 84}],
            "moves": {"moved": 2, "of": 20}
        })),
        (status = 409, description = "No key keeps to a proxy", body = ErrorBody),
    )
)]
pub(crate) async fn preview(State(console): State<Console>) -> Result<Json<ProxyBalance>, Error> {
    Ok(Json(changes::plan_rebalance(&console).await?.into()))
}

/// Spreads the keys evenly over the proxies by the setting `PROXY_WEIGHTS`; few of them move.
#[utoipa::path(
    post, path = "/api/admin/proxies/rebalance", tag = "Proxies", operation_id = "rebalanceProxies",
    responses(
        (status = 200, description = "What has changed", body = ProxyBalance),
        (status = 409, description = "No key keeps to a proxy, or the environment is final", body = ErrorBody),
    )
)]
pub(crate) async fn rebalance(
    State(console): State<Console>,
    identity: Identity,
) -> Result<Json<ProxyBalance>, Error> {
    Ok(Json(changes::rebalance(&console, &identity).await?.into()))
}
