//! OpenAI's `POST /v1/chat/completions`.

use std::fmt::Write as _;

use bytes::Bytes;
use dialect::gemini::Observed;
use dialect::openai::chat::{self, ChatContext, ChatStream, ResponseError, Stamp};
use http::header::{CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Response, StatusCode};
use hyper::body::Incoming;
use keypool::Usage;
use rand::RngExt;

use crate::answer::{self, Fault};
use crate::attempts::{self, Plan, Unusable};
use crate::body::Body;
use crate::clock;
use crate::exchange::Exchange;
use crate::path::is_plain_name;
use crate::patience::Patience;
use crate::request_body;
use crate::stream::{self, ChatEvents, pool_usage};

const DROPPED: HeaderName = HeaderName::from_static("x-gemini-balance-dropped");

/// Answers a chat request.
pub(crate) async fn answer(mut exchange: Exchange, request: Request<Incoming>) -> Response<Body> {
    exchange.entry.asks("chat", None, false);
    if *request.method() != Method::POST {
        return answer::method_not_allowed(exchange.dialect, "POST");
    }
    if request.headers().get(CONTENT_ENCODING).is_some_and(|coding| coding != "identity") {
        return exchange.reject(&compressed());
    }
    let server = &exchange.configuration.settings.server;
    let read =
        request_body::read(request.into_body(), server.max_body_size, server.body_idle_timeout);
    let translated = match Box::pin(read).await {
        Ok(body) => translate(&body),
        Err(fault) => Err(fault),
    };
    let (context, body) = match translated {
        Ok(translated) => translated,
        Err(fault) => return exchange.reject(&fault),
    };
    exchange.entry.asks("chat", Some(context.model()), context.stream());
    if let Some(fault) = exchange.filtered(context.model()) {
        return exchange.reject(&fault);
    }
    let target = target(&exchange.configuration.settings.upstream.default_version, &context);
    let mut headers = HeaderMap::new();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    let model = context.model().to_owned();
    let plan = Plan {
        method: &Method::POST,
        path_and_query: &target,
        headers,
        body: body.into(),
        model: Some(&model),
        repeatable: true,
    };
    let dropped = dropped(&context);
    let mut response = if context.stream() {
        streamed(exchange, &plan, context).await
    } else {
        whole(exchange, &plan, &context).await
    };
    if let Some(dropped) = dropped {
        response.headers_mut().insert(DROPPED, dropped);
    }
    response
}

fn compressed() -> Fault {
    Fault::new(
        StatusCode::UNSUPPORTED_MEDIA_TYPE,
        "unsupported_content_encoding",
        "Send the request's body uncompressed.",
    )
}

fn translate(body: &Bytes) -> Result<(ChatContext, Vec<u8>), Fault> {
    let (context, body) = chat::request(body)?;
    if context.model().split('/').all(is_plain_name) {
        return Ok((context, body));
    }
    let message = "The model's name may hold letters, digits, '.', '_' and '-' only.";
    let mut fault = Fault::new(StatusCode::BAD_REQUEST, "invalid_value", message);
    fault.param = Some("model".to_owned());
    Err(fault)
}

async fn whole(mut exchange: Exchange, plan: &Plan<'_>, context: &ChatContext) -> Response<Body> {
    let fallback_id = exchange.entry.request_id().replace('-', "");
    let mut patience = Patience::new(&exchange.configuration.settings.pool);
    let judge = |_: &HeaderMap, bytes: &Bytes| {
        patience.check(&dialect::gemini::observe(bytes))?;
        translated(context, bytes, &fallback_id)
    };
    match attempts::whole(&mut exchange, plan, judge).await {
        Ok((_, body)) => answer::json(StatusCode::OK, body),
        Err(lost) => exchange.lose(lost),
    }
}

fn translated(
    context: &ChatContext,
    bytes: &Bytes,
    fallback_id: &str,
) -> Result<(Vec<u8>, Usage), Unusable> {
    match chat::response(context, bytes, &mut stamp(fallback_id.to_owned())) {
        Ok(translated) => Ok((translated.body, pool_usage(translated.usage))),
        Err(ResponseError::Empty { usage }) => Err(Unusable::Empty(pool_usage(usage))),
        Err(ResponseError::Upstream(_)) => Err(Unusable::Error(bytes.clone())),
        Err(error) => Err(Unusable::Malformed(error.to_string())),
    }
}

async fn streamed(mut exchange: Exchange, plan: &Plan<'_>, context: ChatContext) -> Response<Body> {
    let limit = exchange.configuration.settings.upstream.max_event_size;
    let decoder = || sse::Decoder::new(limit);
    let mut patience = Patience::new(&exchange.configuration.settings.pool);
    let usable = |event: &Observed<'_>| patience.check_event(event);
    let started = match attempts::started(&mut exchange, plan, decoder, usable).await {
        Ok(started) => started,
        Err(lost) => return exchange.lose(lost),
    };
    let stamp = stamp(exchange.entry.request_id().replace('-', ""));
    let events = ChatEvents(ChatStream::new(context, stamp));
    let mut response = Response::new(stream::open(exchange, started, events));
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/event-stream; charset=utf-8"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    headers.insert("x-accel-buffering", HeaderValue::from_static("no"));
    response
}

fn stamp(fallback_id: String) -> Stamp {
    Stamp {
        created: clock::now().millis() / 1000,
        fallback_id,
        call_ids: Box::new(|| {
            let letters = rand::rng().sample_iter(rand::distr::Alphanumeric);
            std::iter::once("call_".to_owned())
                .chain(letters.take(24).map(|letter| char::from(letter).to_string()))
                .collect()
        }),
    }
}

fn target(version: &str, context: &ChatContext) -> String {
    let model = context.model();
    let collection = if model.contains('/') { "" } else { "models/" };
    let method = if context.stream() { "streamGenerateContent?alt=sse" } else { "generateContent" };
    let mut target = String::with_capacity(64);
    // Writing into a String cannot fail.
    let _ = write!(target, "/{version}/{collection}{model}:{method}");
    target
}

fn dropped(context: &ChatContext) -> Option<HeaderValue> {
    let dropped = context.dropped();
    if dropped.is_empty() { None } else { HeaderValue::from_str(&dropped.join(",")).ok() }
}
