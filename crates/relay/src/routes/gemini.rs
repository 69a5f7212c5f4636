//! The Gemini API, passed through: any method of a model, and the list of models. Unknown fields,
//! methods and models are Google's to judge; status and body come back as Google sent them.

mod rearranged;

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use dialect::gemini::Observed;
use dialect::models::{self, Offers};
use http::header::CONTENT_TYPE;
use http::request::Parts;
use http::{HeaderMap, Request, Response, StatusCode};
use hyper::body::Incoming;
use keypool::Usage;

use crate::answer::telling;
use crate::attempts::{self, Plan, Repair, Unusable};
use crate::body::Body;
use crate::decode::{Decode, Elements};
use crate::entrance::Size;
use crate::exchange::{Exchange, Served};
use crate::fallbacks::{self, InTurn, Turn};
use crate::patience::Patience;
use crate::renamed::Renamed;
use crate::request_body;
use crate::resources::name::ResourcePath;
use crate::route::GeminiCall;
use crate::routes::resources;
use crate::stream::{self, ArrayEvents, NativeEvents, Translate, pool_usage};

/// Answers a Gemini call.
pub(crate) async fn answer(
    mut exchange: Exchange,
    call: &GeminiCall<'_>,
    request: Request<Incoming>,
) -> Response<Body> {
    let configuration = Arc::clone(&exchange.configuration);
    let offers = &configuration.offering.offers;
    let renamed = match Renamed::new(offers, call, 0) {
        Ok(renamed) => renamed,
        Err(fault) => return exchange.reject(&fault),
    };
    let method = call.model.and_then(|model| model.method);
    let model = renamed.model.as_deref();
    exchange.entry.asks(operation(method), model, streams(method));
    if let Err(fault) = resources::readable(request.headers()) {
        return exchange.reject(&fault);
    }
    let tuned = model.filter(|model| model.starts_with("tunedModels/")).map(str::to_owned);
    if let Some(tuned) = tuned.as_deref().and_then(ResourcePath::parse)
        && let Err(fault) = Box::pin(exchange.bind_to(&tuned)).await
    {
        return exchange.reject(&fault);
    }
    if let Some(fault) = model.and_then(|model| exchange.filtered(model)) {
        return exchange.reject(&fault);
    }
    let (parts, body) = request.into_parts();
    let server = &configuration.settings.server;
    let read =
        Box::pin(request_body::read(body, server.max_body_size, server.body_idle_timeout)).await;
    match read {
        Ok(body) => {
            let asked = Asked { call, offers, first: Some(renamed), parts, body };
            fallbacks::answer(exchange, asked).await
        }
        Err(fault) => exchange.reject(&fault),
    }
}

/// A call that may be put to several models.
struct Asked<'c> {
    call: &'c GeminiCall<'c>,
    offers: &'c Offers,
    /// The call of the model that the client named.
    first: Option<Renamed<'c>>,
    parts: Parts,
    body: Bytes,
}

impl InTurn for Asked<'_> {
    async fn ask(&mut self, mut exchange: Exchange, turn: Turn) -> Served {
        let method = self.call.model.and_then(|model| model.method);
        let renamed = match self.first.take() {
            Some(first) => Ok(first),
            None => Renamed::new(self.offers, self.call, turn.number),
        };
        let renamed = match renamed {
            Ok(renamed) => renamed,
            Err(fault) => return turn.rejects(exchange, fault),
        };
        let model = renamed.model.as_deref();
        if turn.number > 0 {
            exchange.entry.asks(operation(method), model, streams(method));
            if let Some(fault) = model.and_then(|model| exchange.filtered(model)) {
                return turn.rejects(exchange, fault);
            }
        }
        turn.begins(&mut exchange, renamed.more_models);
        let (body, search_dropped) = match renamed.body(&self.body) {
            Ok(body) => body,
            Err(fault) => return turn.rejects(exchange, fault),
        };
        let dropped: &[_] = if search_dropped { &["model"] } else { &[] };
        exchange.dropped = dropped.to_vec();
        // Reading about a model uses nothing of its quota.
        let used = method.and(model);
        if let Some(model) = used
            && let Err(refused) = exchange.enter(model, Size::of(method, &body)).await
        {
            return Ok(exchange.refuse(&refused));
        }
        let query = self.parts.uri.query().unwrap_or_default();
        let target = target(&renamed.path, query);
        let plan = Plan {
            method: &self.parts.method,
            path_and_query: &target,
            headers: upstream::forwardable(&self.parts.headers),
            body: body.into(),
            model: used,
            repeatable: operation(method) != "other",
            kin: None,
            repair: Repair::No,
        };
        let response = pass_on(exchange, &plan, self.call, query).await?;
        Ok(telling(response, dropped))
    }
}

async fn pass_on(
    mut exchange: Exchange,
    plan: &Plan<'_>,
    call: &GeminiCall<'_>,
    query: &str,
) -> Served {
    let method = call.model.and_then(|model| model.method);
    if streams(method) {
        let is_sse = query.split('&').any(|pair| matches!(pair, "alt=sse" | "$alt=sse"));
        return match rearranged::needed(&exchange, plan) {
            Some(how) => Box::pin(rearranged::answer(exchange, plan, how, is_sse)).await,
            None if is_sse => {
                let decoder = sse::Decoder::new;
                stream_on(exchange, plan, decoder, NativeEvents::default()).await
            }
            None => {
                let decoder = |limit| Elements(sse::ArrayDecoder::new(limit));
                stream_on(exchange, plan, decoder, ArrayEvents::default()).await
            }
        };
    }
    let mut patience = Patience::new(&exchange.configuration.settings.pool);
    let judge = |headers: &HeaderMap, bytes: &Bytes| judge(method, headers, bytes, &mut patience);
    match attempts::whole(&mut exchange, plan, judge).await {
        Ok((parts, body)) if call.model.is_none() => {
            let configuration = &exchange.configuration;
            let keep = |id: &str| exchange.lists(id);
            let list = models::extend(&body, &configuration.offering.offers, &keep);
            Ok(Response::from_parts(parts, Body::whole(list.map_or(body, Bytes::from))))
        }
        Ok((parts, body)) => {
            // What begins a batch or a film names it.
            if operation(method) == "other"
                && let Err(fault) = Box::pin(exchange.learn(&body, None)).await
            {
                return Ok(exchange.reject(&fault));
            }
            Ok(Response::from_parts(parts, Body::whole(body)))
        }
        Err(lost) => Err(exchange.unserved(lost)),
    }
}

/// Hands a stream on in the form that Google gives it.
async fn stream_on<D: Decode + 'static, T: Translate + 'static>(
    mut exchange: Exchange,
    plan: &Plan<'_>,
    decoder: impl Fn(usize) -> D,
    events: T,
) -> Served {
    let limit = exchange.configuration.settings.upstream.max_event_size;
    let mut patience = Patience::new(&exchange.configuration.settings.pool);
    let usable = |event: &Observed<'_>| patience.check_event(event);
    match attempts::started(&mut exchange, plan, || decoder(limit), usable).await {
        Err(lost) => Err(exchange.unserved(lost)),
        Ok(mut started) => {
            let headers = std::mem::take(&mut started.headers);
            let status = started.status;
            let body = stream::open(exchange, started, events, Duration::ZERO);
            Ok(respond(status, headers, body))
        }
    }
}

fn streams(method: Option<&str>) -> bool {
    method == Some("streamGenerateContent")
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
        patience.check_observed(&observed)?;
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

/// The upstream target: the client's path and query without the client's credential, and without
/// what would make another call of it (`$httpMethod` and the like, which Google's front end takes).
pub(super) fn target(path: &str, query: &str) -> String {
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
    matches!(name, "key" | "access_token" | "oauth_token" | "$key")
        || ["$http", "$req", "$ct"].iter().any(|start| name.starts_with(start))
        || name.contains('%')
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
        let query = "$httpMethod=GET&$req=%7B%7D&$httpHeaders=a:b&$alt=json";
        assert_eq!(target("/v1beta/files/a", query), "/v1beta/files/a?$alt=json");
    }

    #[test]
    fn a_page_of_html_is_no_answer() {
        let mut patience = Patience(0);
        let page = Bytes::from("<html>");
        let judged = judge(Some("generateContent"), &HeaderMap::new(), &page, &mut patience);
        assert!(matches!(judged, Err(Unusable::Malformed(_))));
    }
}
