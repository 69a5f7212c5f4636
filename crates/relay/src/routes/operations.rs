//! What operators and their machines ask: is it alive, can it serve, what does it count.

use http::header::AUTHORIZATION;
use http::{HeaderValue, Request, Response, StatusCode};
use hyper::body::Incoming;
use secret::TokenDigest;
use settings::Hidden;

use crate::answer::{self, Fault};
use crate::body::Body;
use crate::clock;
use crate::gateway::Gateway;
use crate::route::{Dialect, Route};

const OPEN_METRICS: HeaderValue =
    HeaderValue::from_static("application/openmetrics-text; version=1.0.0; charset=utf-8");

/// Answers an operational request.
pub(crate) fn answer(
    gateway: &Gateway,
    route: &Route<'_>,
    request: &Request<Incoming>,
) -> Response<Body> {
    match route {
        Route::Health => answer::json(StatusCode::OK, r#"{"status":"ok"}"#),
        Route::Ready => ready(gateway),
        Route::Metrics => metrics(gateway, request),
        Route::Version => {
            let version = env!("CARGO_PKG_VERSION");
            answer::json(StatusCode::OK, format!(r#"{{"version":"{version}"}}"#))
        }
        _ => answer::text(
            StatusCode::OK,
            "gemini-balance is running. Point an OpenAI client at /v1 or a Gemini client at this address, with a client token.\n",
        ),
    }
}

/// Not ready while stopping. Trouble with the database is told but does not stop the traffic:
/// the request path works from memory.
fn ready(gateway: &Gateway) -> Response<Body> {
    let (status, word) = if gateway.stop.is_cancelled() {
        (StatusCode::SERVICE_UNAVAILABLE, "stopping")
    } else if gateway.store_works() {
        (StatusCode::OK, "ready")
    } else {
        (StatusCode::OK, "degraded")
    };
    let totals = gateway.totals(clock::now());
    let body = format!(
        r#"{{"status":"{word}","keys":{{"total":{},"ready":{},"cooling":{},"dead":{},"disabled":{}}}}}"#,
        totals.total, totals.ready, totals.cooling, totals.dead, totals.disabled
    );
    answer::json(status, body)
}

fn metrics(gateway: &Gateway, request: &Request<Incoming>) -> Response<Body> {
    let configuration = gateway.configuration();
    let security = &configuration.settings.security;
    let allowed = [&security.metrics_token, &security.auth_token];
    if !allowed.into_iter().flatten().any(|secret| carries(request, secret)) {
        let message = "Metrics are for Authorization: Bearer <METRICS_TOKEN or AUTH_TOKEN>.";
        let fault = Fault::new(StatusCode::UNAUTHORIZED, "invalid_api_key", message);
        return fault.response(Dialect::OpenAi);
    }
    let totals = gateway.totals(clock::now());
    gateway.metrics.set_pool(&telemetry::PoolGauges {
        ready: totals.ready,
        cooling: totals.cooling,
        dead: totals.dead,
        disabled: totals.disabled,
    });
    let shared = gateway.shared.as_ref().filter(|shared| shared.is_connected());
    gateway.metrics.set_replicas(shared.map_or(0, shared::Shared::replicas));
    gateway.metrics.set_log_queue(gateway.log.depth(), gateway.log.dropped());
    answer::with_type(StatusCode::OK, OPEN_METRICS, gateway.metrics.encode())
}

/// Compares digests, so that the time taken tells nothing about the secret.
pub(super) fn carries(request: &Request<Incoming>, secret: &Hidden) -> bool {
    let Some(value) = request.headers().get(AUTHORIZATION) else { return false };
    let presented = value.as_bytes().strip_prefix(b"Bearer ").unwrap_or_default();
    !secret.expose().is_empty()
        && TokenDigest::of(presented) == TokenDigest::of(secret.expose().as_bytes())
}
