//! Vertex AI in express mode: Gemini calls with keys of their own pool. What the Gemini API does not
//! know is passed through all the same.

use bytes::Bytes;
use http::{HeaderMap, Method, Request, Response};
use hyper::body::Incoming;
use keypool::Usage;

use super::gemini::{self, target};
use super::resources::readable;
use crate::attempts::{self, Plan, Repair, Unusable};
use crate::body::Body;
use crate::exchange::Exchange;
use crate::request_body;
use crate::route::express::ExpressCall;

/// Answers a call of Vertex AI in express mode.
pub(crate) async fn answer(
    mut exchange: Exchange,
    call: &ExpressCall<'_>,
    request: Request<Incoming>,
) -> Response<Body> {
    exchange.entry.is_of("vertex");
    match call {
        ExpressCall::Models(call) | ExpressCall::Model(call) => {
            gemini::answer(exchange, call, request).await
        }
        ExpressCall::Other(path) => pass_on(exchange, path, request).await,
    }
}

async fn pass_on(mut exchange: Exchange, path: &str, request: Request<Incoming>) -> Response<Body> {
    exchange.entry.asks("other", None, false);
    if let Err(fault) = readable(request.headers()) {
        return exchange.reject(&fault);
    }
    let (parts, body) = request.into_parts();
    let server = &exchange.configuration.settings.server;
    let read = request_body::read(body, server.max_body_size, server.body_idle_timeout).await;
    let body = match read {
        Ok(body) => body,
        Err(fault) => return exchange.reject(&fault),
    };
    let target = target(path, parts.uri.query().unwrap_or_default());
    let plan = Plan {
        method: &parts.method,
        path_and_query: &target,
        headers: upstream::forwardable(&parts.headers),
        body: body.into(),
        model: None,
        repeatable: matches!(parts.method, Method::GET | Method::HEAD | Method::DELETE),
        kin: None,
        repair: Repair::No,
    };
    let judge = |_: &HeaderMap, body: &Bytes| Ok::<_, Unusable>((body.clone(), Usage::default()));
    match attempts::whole(&mut exchange, &plan, judge).await {
        Ok((parts, body)) => Response::from_parts(parts, Body::whole(body)),
        Err(lost) => exchange.lose(lost),
    }
}
