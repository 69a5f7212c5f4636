//! `/api/config/proxy`: whether Google is reached through a proxy. Each is asked anew: nothing is
//! cached.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::State;
use axum::extract::rejection::JsonRejection;
use futures_util::stream::{self, StreamExt as _};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use settings::{Hidden, UpstreamSettings};

use super::stats::moment;
use crate::State as Console;
use crate::error::Error;

/// Proxies that are asked at a time.
const TOGETHER: usize = 5;
const MOST_TOGETHER: usize = 10;

#[derive(Deserialize)]
pub(crate) struct One {
    proxy: String,
}

#[derive(Deserialize)]
pub(crate) struct Several {
    proxies: Vec<String>,
    max_concurrent: Option<usize>,
}

/// How a proxy is.
#[derive(Serialize)]
pub(crate) struct Found {
    /// Without its login.
    proxy: String,
    is_available: bool,
    /// In seconds.
    response_time: Option<f64>,
    error_message: Option<String>,
    checked_at: String,
}

/// `POST /api/config/proxy/check`.
pub(crate) async fn check(
    State(console): State<Console>,
    wanted: Result<Json<One>, JsonRejection>,
) -> Result<Json<Found>, Error> {
    let Json(One { proxy }) = wanted?;
    Ok(Json(ask(console, proxy).await))
}

/// `POST /api/config/proxy/check-all`.
pub(crate) async fn check_all(
    State(console): State<Console>,
    wanted: Result<Json<Several>, JsonRejection>,
) -> Result<Json<Vec<Found>>, Error> {
    let Json(Several { proxies, max_concurrent }) = wanted?;
    let together = max_concurrent.unwrap_or(TOGETHER).clamp(1, MOST_TOGETHER);
    let asked = proxies.into_iter().map(|proxy| ask(console.clone(), proxy));
    Ok(Json(stream::iter(asked).buffered(together).collect().await))
}

/// `GET /api/config/proxy/cache-stats`.
pub(crate) async fn cache_stats() -> Json<Value> {
    Json(json!({"total_cached": 0, "valid_cached": 0, "expired_cached": 0}))
}

/// `POST /api/config/proxy/clear-cache`.
pub(crate) async fn clear_cache() -> Json<Value> {
    Json(json!({"success": true, "message": "Nothing is cached."}))
}

async fn ask(console: Console, proxy: String) -> Found {
    let configuration = console.gateway.configuration();
    let settings = UpstreamSettings {
        proxies: vec![Hidden::new(proxy.trim())],
        proxy_states: BTreeMap::new(),
        ..configuration.settings.upstream.clone()
    };
    let path = format!("/{}/models?pageSize=1", settings.default_version);
    let (shown, reached) = match relay::build_clients(&settings).map(|clients| clients.gemini) {
        Err(error) => ("not a proxy".to_owned(), Err(error.to_string())),
        Ok(client) => match client.only_egress() {
            None => (String::new(), Err("there is no way out".to_owned())),
            Some(way) => (client.egress_name(way), doctor::reach(&client, way, &path).await),
        },
    };
    Found {
        proxy: shown,
        is_available: reached.is_ok(),
        response_time: reached.as_ref().ok().map(|reached| reached.took.as_secs_f64()),
        error_message: reached.err(),
        checked_at: moment(relay::now(), &configuration.settings.logging.timezone),
    }
}
