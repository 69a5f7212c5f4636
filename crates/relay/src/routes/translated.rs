//! Requests in a dialect that is translated to Gemini's: read, translated, attempted, and answered
//! in the client's dialect.

use std::fmt::Write as _;

use bytes::Bytes;
use dialect::gemini::Observed;
use http::header::{CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Response, StatusCode};
use hyper::body::Incoming;

use super::joined::Joined;
use crate::answer::{self, Fault};
use crate::attempts::{self, Plan, Repair};
use crate::body::Body;
use crate::entrance::Size;
use crate::exchange::Exchange;
use crate::fetching::{self, Translate};
use crate::path::is_plain_name;
use crate::patience::Patience;
use crate::request_body;
use crate::stream;
use crate::translation::{Asks, Translation};

/// What every request to Google says of its body.
pub(super) const JSON_BODY: (HeaderName, HeaderValue) =
    (CONTENT_TYPE, HeaderValue::from_static("application/json"));

pub(crate) const DROPPED: HeaderName = HeaderName::from_static("x-gemini-balance-dropped");

/// Answers a request that `translate` understands; `told` says how its answer is told.
pub(crate) async fn answer<C, T: Translation>(
    mut exchange: Exchange,
    request: Request<Incoming>,
    operation: &'static str,
    translate: impl Translate<C>,
    told: impl FnOnce(C) -> T,
) -> Response<Body> {
    exchange.entry.asks(operation, None, false);
    let body = match read(&mut exchange, request).await {
        Ok(body) => body,
        Err(instead) => return *instead,
    };
    let translated = fetching::translated(&exchange, &body, &translate).await;
    // Megabytes of pictures are there twice otherwise, for as long as Google thinks.
    drop(body);
    match translated.and_then(|(context, body)| Ok((checked(told(context))?, body))) {
        Ok((translation, body)) => serve(exchange, operation, translation, body).await,
        Err(fault) => exchange.reject(&fault),
    }
}

/// The body of a POST, or what the client is answered instead.
pub(crate) async fn read(
    exchange: &mut Exchange,
    request: Request<Incoming>,
) -> Result<Bytes, Box<Response<Body>>> {
    if *request.method() != Method::POST {
        return Err(Box::new(answer::method_not_allowed(exchange.dialect, "POST")));
    }
    if request.headers().get(CONTENT_ENCODING).is_some_and(|coding| coding != "identity") {
        return Err(Box::new(exchange.reject(&compressed())));
    }
    let server = &exchange.configuration.settings.server;
    let read =
        request_body::read(request.into_body(), server.max_body_size, server.body_idle_timeout);
    Box::pin(read).await.map_err(|fault| Box::new(exchange.reject(&fault)))
}

/// Attempts a translated request and answers it.
pub(crate) async fn serve<T: Translation>(
    mut exchange: Exchange,
    operation: &'static str,
    mut translation: T,
    body: Vec<u8>,
) -> Response<Body> {
    let model = translation.model().to_owned();
    exchange.entry.asks(operation, Some(&model), translation.is_streamed());
    if let Some(fault) = exchange.filtered(&model) {
        return exchange.reject(&fault);
    }
    exchange.dropped.extend_from_slice(translation.dropped());
    let asks = translation.asks(body.into());
    let size = Size::Calls(&asks.bodies);
    if let Err(fault) = exchange.enter(&model, size).await {
        return exchange.refuse(&fault);
    }
    let Some(joined) = Joined::needed(&exchange, &translation, &asks) else {
        return answer_one(exchange, &model, translation, asks).await;
    };
    let dropped = std::mem::take(&mut exchange.dropped);
    let response = Box::pin(joined.answer(exchange, translation, asks)).await;
    telling(response, &dropped)
}

/// Answers a request by handing on what one call gives.
async fn answer_one<T: Translation>(
    mut exchange: Exchange,
    model: &str,
    translation: T,
    asks: Asks,
) -> Response<Body> {
    let version = &exchange.configuration.settings.upstream.default_version;
    let target = target(version, model, translation.is_streamed());
    let plan = Plan {
        method: &Method::POST,
        path_and_query: &target,
        headers: HeaderMap::from_iter([JSON_BODY]),
        body: asks.bodies.into_iter().next().unwrap_or_default(),
        model: Some(model),
        repeatable: true,
        kin: None,
        repair: Repair::Everything,
    };
    if translation.is_streamed() {
        return streamed(exchange, &plan, translation).await;
    }
    let response = whole(&mut exchange, &plan, &translation).await;
    telling(response, &exchange.dropped)
}

fn compressed() -> Fault {
    Fault::new(
        StatusCode::UNSUPPORTED_MEDIA_TYPE,
        "unsupported_content_encoding",
        "Send the request's body uncompressed.",
    )
}

/// A translation whose model may be asked for.
pub(crate) fn checked<T: Translation>(translation: T) -> Result<T, Fault> {
    check_name(translation.model())?;
    Ok(translation)
}

/// The model's name becomes part of a path.
pub(crate) fn check_name(model: &str) -> Result<(), Fault> {
    if model.split('/').all(is_plain_name) {
        return Ok(());
    }
    let message = "The model's name may hold letters, digits, '.', '_' and '-' only.";
    let mut fault = Fault::new(StatusCode::BAD_REQUEST, "invalid_value", message);
    fault.param = Some("model".to_owned());
    Err(fault)
}

async fn whole<T: Translation>(
    exchange: &mut Exchange,
    plan: &Plan<'_>,
    translation: &T,
) -> Response<Body> {
    let request_id = exchange.entry.request_id().to_owned();
    let mut patience = Patience::new(&exchange.configuration.settings.pool);
    let judge = |_: &HeaderMap, bytes: &Bytes| {
        patience.check(&dialect::gemini::observe(bytes))?;
        translation.whole(bytes, &request_id)
    };
    match attempts::whole(exchange, plan, judge).await {
        Ok((_, body)) => {
            translation.answered().await;
            answer::json(StatusCode::OK, body)
        }
        Err(lost) => exchange.lose(lost),
    }
}

async fn streamed<T: Translation>(
    mut exchange: Exchange,
    plan: &Plan<'_>,
    translation: T,
) -> Response<Body> {
    let limit = exchange.configuration.settings.upstream.max_event_size;
    let decoder = || sse::Decoder::new(limit);
    let mut patience = Patience::new(&exchange.configuration.settings.pool);
    let usable = |event: &Observed<'_>| patience.check_event(event);
    let started = attempts::started(&mut exchange, plan, decoder, usable).await;
    let dropped = std::mem::take(&mut exchange.dropped);
    let started = match started {
        Ok(started) => started,
        Err(lost) => return telling(exchange.lose(lost), &dropped),
    };
    let events = translation.events(exchange.entry.request_id());
    let silence = exchange.configuration.settings.stream.keep_alive;
    telling(event_stream(stream::open(exchange, started, events, silence)), &dropped)
}

/// An answer whose body is a stream of events.
pub(super) fn event_stream(body: Body) -> Response<Body> {
    let mut response = Response::new(body);
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/event-stream; charset=utf-8"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    headers.insert("x-accel-buffering", HeaderValue::from_static("no"));
    response
}

pub(super) fn target(version: &str, model: &str, is_streamed: bool) -> String {
    let collection = if model.contains('/') { "" } else { "models/" };
    let method = if is_streamed { "streamGenerateContent?alt=sse" } else { "generateContent" };
    let mut target = String::with_capacity(64);
    // Writing into a String cannot fail.
    let _ = write!(target, "/{version}/{collection}{model}:{method}");
    target
}

/// The response, with the names of the fields that were left out.
pub(super) fn telling(mut response: Response<Body>, dropped: &[&str]) -> Response<Body> {
    if !dropped.is_empty()
        && let Ok(names) = HeaderValue::from_str(&dropped.join(","))
    {
        response.headers_mut().insert(DROPPED, names);
    }
    response
}
