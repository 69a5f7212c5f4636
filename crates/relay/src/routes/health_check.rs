//! `/api/cron/health-check`: a machine with a clock asks for a check of the keys that fail.

use http::{Method, Request, Response, StatusCode};
use hyper::body::Incoming;

use super::operations::carries;
use crate::answer::{self, Fault};
use crate::body::Body;
use crate::gateway::Gateway;
use crate::route::Dialect;

/// Answers what the check came to, once it is over.
pub(crate) async fn answer(gateway: &Gateway, request: &Request<Incoming>) -> Response<Body> {
    if !is_allowed(gateway, request) {
        let message = "A health check is for Authorization: Bearer <CRON_SECRET>.";
        let fault = Fault::new(StatusCode::UNAUTHORIZED, "invalid_api_key", message);
        return fault.response(Dialect::OpenAi);
    }
    if !matches!(*request.method(), Method::GET | Method::POST) {
        return answer::method_not_allowed(Dialect::OpenAi, "GET, POST");
    }
    let report = tokio::select! {
        report = gateway.checks.ask() => serde_json::to_string(&report).ok(),
        () = gateway.stop.cancelled() => None,
    };
    report.map_or_else(stopping, |report| answer::json(StatusCode::OK, report))
}

fn is_allowed(gateway: &Gateway, request: &Request<Incoming>) -> bool {
    let configuration = gateway.configuration();
    let secret = &configuration.settings.security.cron_secret;
    secret.as_ref().is_some_and(|secret| carries(request, secret))
}

fn stopping() -> Response<Body> {
    let message = "The gateway is stopping; the check was given up.";
    Fault::new(StatusCode::SERVICE_UNAVAILABLE, "stopping", message).response(Dialect::OpenAi)
}
