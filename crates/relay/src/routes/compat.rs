//! Google's own OpenAI-compatible layer below `/v1beta/openai`, passed through with the pool's keys,
//! its retries and its log. Bodies stay as they are; errors are OpenAI's.

use bytes::Bytes;
use http::request::Parts;
use http::{HeaderMap, Method, Request, Response, StatusCode};
use hyper::body::Incoming;
use keypool::Usage;
use serde::Deserialize;
use serde_json::json;
use serde_json::value::RawValue;

use super::gemini::target;
use super::resources::{readable, used};
use crate::answer;
use crate::attempts::{self, Plan, Repair, Unusable};
use crate::body::Body;
use crate::entrance::Size;
use crate::exchange::Exchange;
use crate::request_body;
use crate::resources::name::ResourcePath;
use crate::stream;

/// How many members a list shows.
const MOST_LISTED: u64 = 1000;

/// A call of the layer.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct CompatCall<'a> {
    /// The path below the host as Google knows it: `/v1beta/openai/chat/completions`.
    pub(crate) upstream_path: &'a str,
    /// Below the layer: `chat/completions`.
    pub(crate) rest: &'a str,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Asked {
    model: Option<String>,
    stream: Option<bool>,
}

/// Answers a call of the layer.
pub(crate) async fn answer(
    mut exchange: Exchange,
    call: &CompatCall<'_>,
    request: Request<Incoming>,
) -> Response<Body> {
    exchange.entry.asks("compat", None, false);
    // What it begins stays in a project, too.
    let made = ResourcePath::parse(call.rest);
    let is_list = made.as_ref().is_some_and(|path| path.root.is_none());
    if is_list && *request.method() == Method::GET {
        return list(exchange, call.rest).await;
    }
    let bound = match (&made, readable(request.headers())) {
        (_, Err(fault)) => Err(fault),
        (Some(path), Ok(())) => exchange.bind_to(path).await,
        (None, Ok(())) => Ok(()),
    };
    if let Err(fault) = bound {
        return exchange.reject(&fault);
    }
    let (parts, body) = request.into_parts();
    let server = &exchange.configuration.settings.server;
    let read =
        Box::pin(request_body::read(body, server.max_body_size, server.body_idle_timeout)).await;
    let body = match read {
        Ok(body) => body,
        Err(fault) => return exchange.reject(&fault),
    };
    pass_on(exchange, call, made.as_ref(), &parts, body).await
}

async fn pass_on(
    mut exchange: Exchange,
    call: &CompatCall<'_>,
    made: Option<&ResourcePath<'_>>,
    parts: &Parts,
    body: Bytes,
) -> Response<Body> {
    let Asked { model, stream } = serde_json::from_slice(&body).unwrap_or_default();
    let model = model.map(|model| model.strip_prefix("models/").unwrap_or(&model).to_owned());
    let is_streamed = stream.unwrap_or_default();
    exchange.entry.asks("compat", model.as_deref(), is_streamed);
    if let Some(model) = model.as_deref() {
        if let Some(fault) = exchange.filtered(model) {
            return exchange.reject(&fault);
        }
        let size = Size::Call(&body);
        if let Err(refused) = exchange.enter(model, size).await {
            return exchange.refuse(&refused);
        }
    }
    let target = target(call.upstream_path, parts.uri.query().unwrap_or_default());
    let plan = Plan {
        method: &parts.method,
        path_and_query: &target,
        headers: upstream::forwardable(&parts.headers),
        body: body.into(),
        model: model.as_deref(),
        repeatable: made.is_none() || parts.method != Method::POST,
        kin: None,
        repair: Repair::No,
    };
    if is_streamed {
        return match attempts::opened(&mut exchange, &plan).await {
            Ok((held, answer)) => stream::pass(exchange, held, answer, Bytes::new()),
            Err(lost) => exchange.lose(lost),
        };
    }
    let judge = |_: &HeaderMap, body: &Bytes| Ok::<_, Unusable>((body.clone(), usage(body)));
    let (answered, body) = match attempts::whole(&mut exchange, &plan, judge).await {
        Ok(answered) => answered,
        Err(lost) => return exchange.lose(lost),
    };
    let kind = made.map(|path| path.kind);
    if kind.is_some()
        && let Err(fault) = exchange.learn(&body, kind).await
    {
        return exchange.reject(&fault);
    }
    Response::from_parts(answered, Body::whole(body))
}

/// What the client has begun itself, whatever the project.
async fn list(mut exchange: Exchange, kind: &str) -> Response<Body> {
    let owner = exchange.entry.token_id();
    let found = exchange.gateway.resources.list(kind, Some(&owner), None, MOST_LISTED).await;
    let found = match found {
        Ok(found) => found,
        Err(fault) => return exchange.reject(&fault),
    };
    let data = found.into_iter().filter_map(|one| RawValue::from_string(one.body).ok());
    let data: Vec<Box<RawValue>> = data.collect();
    let list = json!({"object": "list", "data": data, "has_more": false});
    exchange.entry.ends(StatusCode::OK, "served");
    answer::json(StatusCode::OK, list.to_string())
}

/// What an answer of the layer says of tokens.
fn usage(body: &Bytes) -> Usage {
    let of = used(body);
    Usage {
        prompt: of("prompt_tokens"),
        completion: of("completion_tokens"),
        total: of("total_tokens"),
        ..Usage::default()
    }
}
