//! The Gemini API, passed through: any method of a model, and the list of models. Unknown fields,
//! methods and models are Google's to judge; status and body come back as Google sent them.

mod rearranged;

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use dialect::gemini::Observed;
use dialect::models;
use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderValue, Request, Response, StatusCode};
use hyper::body::Incoming;
use keypool::Usage;

use super::translated::DROPPED;
use crate::attempts::{self, Plan, Repair, Unusable};
use crate::body::Body;
use crate::decode::Elements;
use crate::entrance::Size;
use crate::exchange::Exchange;
use crate::patience::Patience;
use crate::renamed::Renamed;
use crate::request_body;
use crate::route::GeminiCall;
use crate::stream::{self, ArrayEvents, NativeEvents, pool_usage};

/// Answers a Gemini call.
pub(crate) async fn answer(
    mut exchange: Exchange,
    call: &GeminiCall<'_>,
    request: Request<Incoming>,
) -> Response<Body> {
    let method = call.model.and_then(|model| model.method);
    let configuration = Arc::clone(&exchange.configuration);
    let renamed = match Renamed::new(&configuration.offering.offers, call) {
        Ok(renamed) => renamed,
        Err(fault) => return exchange.reject(&fault),
    };
    let model = renamed.model.as_deref();
    let streams = matches!(method, Some("streamGenerateContent"));
    exchange.entry.asks(operation(method), model, streams);
    if let Some(fault) = model.and_then(|model| exchange.filtered(model)) {
        return exchange.reject(&fault);
    }
    let (parts, body) = request.into_parts();
    let server = &configuration.settings.server;
    let read =
        Box::pin(request_body::read(body, server.max_body_size, server.body_idle_timeout)).await;
    let (body, search_dropped) = match read.and_then(|body| renamed.body(method, body)) {
        Ok(body) => body,
        Err(fault) => return exchange.reject(&fault),
    };
    // Reading about a model uses nothing of its quota.
    let used = method.and(model);
    if let Some(model) = used
        && let Err(fault) = exchange.enter(model, Size::of(method, &body)).await
    {
        return exchange.refuse(&fault);
    }
    let query = parts.uri.query().unwrap_or_default();
    let target = target(&renamed.path, query);
    let plan = Plan {
        method: &parts.method,
        path_and_query: &target,
        headers: upstream::forwardable(&parts.headers),
        body,
        model: used,
        repeatable: operation(method) != "other",
        kin: None,
        repair: Repair::No,
    };
    let mut response = pass_on(exchange, &plan, call, query).await;
    if search_dropped {
        response.headers_mut().insert(DROPPED, HeaderValue::from_static("model"));
    }
    response
}

async fn pass_on(
    mut exchange: Exchange,
    plan: &Plan<'_>,
    call: &GeminiCall<'_>,
    query: &str,
) -> Response<Body> {
    let method = call.model.and_then(|model| model.method);
    if method == Some("streamGenerateContent") {
        return if query.split('&').any(|pair| matches!(pair, "alt=sse" | "$alt=sse")) {
            match rearranged::needed(&exchange, plan) {
                Some(how) => Box::pin(rearranged::answer(exchange, plan, how)).await,
                None => stream_events(exchange, plan).await,
            }
        } else {
            stream_array(exchange, plan).await
        };
    }
    let mut patience = Patience::new(&exchange.configuration.settings.pool);
    let judge = |headers: &HeaderMap, bytes: &Bytes| judge(method, headers, bytes, &mut patience);
    match attempts::whole(&mut exchange, plan, judge).await {
        Ok((parts, body)) if call.model.is_none() => {
            let configuration = &exchange.configuration;
            let keep = |id: &str| exchange.lists(id);
            let list = models::extend(&body, &configuration.offering.offers, &keep);
            Response::from_parts(parts, Body::whole(list.map_or(body, Bytes::from)))
        }
        Ok((parts, body)) => Response::from_parts(parts, Body::whole(body)),
        Err(lost) => exchange.lose(lost),
    }
}

async fn stream_events(mut exchange: Exchange, plan: &Plan<'_>) -> Response<Body> {
    let limit = exchange.configuration.settings.upstream.max_event_size;
    let decoder = || sse::Decoder::new(limit);
    let mut patience = Patience::new(&exchange.configuration.settings.pool);
    let usable = |event: &Observed<'_>| patience.check_event(event);
    match attempts::started(&mut exchange, plan, decoder, usable).await {
        Err(lost) => exchange.lose(lost),
        Ok(mut started) => {
            let headers = std::mem::take(&mut started.headers);
            let status = started.status;
            let body = stream::open(exchange, started, NativeEvents::default(), Duration::ZERO);
            respond(status, headers, body)
        }
    }
}

async fn stream_array(mut exchange: Exchange, plan: &Plan<'_>) -> Response<Body> {
    let limit = exchange.configuration.settings.upstream.max_event_size;
    let decoder = || Elements(sse::ArrayDecoder::new(limit));
    let mut patience = Patience::new(&exchange.configuration.settings.pool);
    let usable = |event: &Observed<'_>| patience.check_event(event);
    match attempts::started(&mut exchange, plan, decoder, usable).await {
        Err(lost) => exchange.lose(lost),
        Ok(mut started) => {
            let headers = std::mem::take(&mut started.headers);
            let status = started.status;
            let body = stream::open(exchange, started, ArrayEvents::default(), Duration::ZERO);
            respond(status, headers, body)
        }
    }
}

fn respond(status: StatusCode, headers: HeaderMap, body: Body) -> Response<Body> {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    *response.headers_mut() = headers;
    response
}

/// A success must be what it claims to be; beyond that nothing is judged.
fn judge(
    method: Option<&str>,
    headers: &HeaderMap,
    bytes: &Bytes,
    patience: &mut Patience,
) -> Result<(Bytes, Usage), Unusable> {
    let json = headers
        .get(CONTENT_TYPE)
        .is_some_and(|value| value.as_bytes().starts_with(b"application/json"));
    let must_be_json = matches!(
        method,
        None | Some("generateContent" | "countTokens" | "embedContent" | "batchEmbedContents")
    );
    if !json && !must_be_json {
        return Ok((bytes.clone(), Usage::default()));
    }
    let observed = dialect::gemini::observe(bytes);
    if observed.malformed && must_be_json {
        return Err(Unusable::Malformed("is not JSON.".to_owned()));
    }
    // An operation that has failed is an answer with an error in it, and a good one.
    if observed.error.is_some() && method.is_some() && must_be_json {
        return Err(Unusable::Error(bytes.clone()));
    }
    if method == Some("generateContent") {
        patience.check(&observed)?;
    }
    Ok((bytes.clone(), observed.usage.map(pool_usage).unwrap_or_default()))
}

/// The label of a method in the request log. Methods are the caller's words; only known ones count.
fn operation(method: Option<&str>) -> &'static str {
    match method {
        Some("generateContent") => "generate",
        Some("streamGenerateContent") => "stream",
        Some("countTokens") => "count_tokens",
        Some("embedContent" | "batchEmbedContents") => "embed",
        Some(_) => "other",
        None => "models",
    }
}

/// The upstream target: the client's path and query without the client's credential.
fn target(path: &str, query: &str) -> String {
    let mut target = String::with_capacity(path.len() + query.len() + 1);
    target.push_str(path);
    let mut separator = '?';
    for pair in query.split('&').filter(|pair| !pair.is_empty() && !is_credential(pair)) {
        target.push(separator);
        target.push_str(pair);
        separator = '&';
    }
    target
}

fn is_credential(pair: &str) -> bool {
    let name = pair.split('=').next().unwrap_or(pair);
    matches!(name, "key" | "access_token" | "oauth_token" | "$key") || name.contains('%')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_clients_credential_does_not_travel_on() {
        assert_eq!(target("/v1beta/models", "key=t"), "/v1beta/models");
        assert_eq!(
            target("/v1beta/models/m:streamGenerateContent", "alt=sse&key=t&fields=a"),
            "/v1beta/models/m:streamGenerateContent?alt=sse&fields=a"
        );
        assert_eq!(target("/v1beta/models", "%6bey=t&pageSize=2"), "/v1beta/models?pageSize=2");
    }

    #[test]
    fn a_page_of_html_is_no_answer() {
        let mut patience = Patience(0);
        let page = Bytes::from("<html>");
        let judged = judge(Some("generateContent"), &HeaderMap::new(), &page, &mut patience);
        assert!(matches!(judged, Err(Unusable::Malformed(_))));
    }
}
