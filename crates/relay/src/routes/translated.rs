//! Requests in a dialect that is translated to Gemini's: read, translated, attempted, and answered
//! in the client's dialect.

use std::fmt::Write as _;
use std::marker::PhantomData;

use bytes::Bytes;
use dialect::gemini::Observed;
use http::header::{CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Response, StatusCode};
use hyper::body::Incoming;
use upstream::Payload;

use super::joined::Joined;
use crate::answer::{self, Fault, telling};
use crate::attempts::{self, Plan, Repair};
use crate::body::Body;
use crate::entrance::Size;
use crate::exchange::{Exchange, Served};
use crate::fallbacks::{self, InTurn, Turn};
use crate::fetching::{Reader, Translate};
use crate::path::is_plain_name;
use crate::patience::Patience;
use crate::request_body;
use crate::stream;
use crate::translation::{Asks, Told, Translation};

/// What every request to Google says of its body.
pub(super) const JSON_BODY: (HeaderName, HeaderValue) =
    (CONTENT_TYPE, HeaderValue::from_static("application/json"));

/// Answers a request that `translate` understands; `told` says how its answer is told.
pub(crate) async fn answer<C, T: Translation>(
    mut exchange: Exchange,
    request: Request<Incoming>,
    operation: &'static str,
    translate: impl Translate<C>,
    told: impl Fn(C) -> T,
) -> Response<Body> {
    exchange.entry.asks(operation, None, false);
    match read(&mut exchange, request).await {
        Ok(body) => {
            let plain = Plain { reader: Reader::new(body), translate, told, context: PhantomData };
            serve(exchange, operation, plain).await
        }
        Err(instead) => *instead,
    }
}

/// A request that can be read for each of the models that may answer it.
pub(crate) trait Reads {
    type Translation: Translation;

    async fn read(
        &mut self,
        exchange: &Exchange,
        turn: usize,
    ) -> Result<(Self::Translation, Payload), Fault>;
}

/// A request that is all in its body.
struct Plain<C, R, F> {
    reader: Reader,
    translate: R,
    told: F,
    context: PhantomData<fn() -> C>,
}

impl<C, T: Translation, R: Translate<C>, F: Fn(C) -> T> Reads for Plain<C, R, F> {
    type Translation = T;

    async fn read(&mut self, exchange: &Exchange, turn: usize) -> Result<(T, Payload), Fault> {
        let (context, body) = self.reader.read(exchange, turn, &self.translate).await?;
        let translation = (self.told)(context);
        if turn == 0 && translation.more_models() == 0 {
            // Megabytes of pictures are there twice otherwise, for as long as Google thinks.
            self.reader.forget();
        }
        Ok((translation, body))
    }
}

/// The body of a POST, or what the client is answered instead.
pub(crate) async fn read(
    exchange: &mut Exchange,
    request: Request<Incoming>,
) -> Result<Bytes, Box<Response<Body>>> {
    is_plain_post(exchange, &request)?;
    let server = &exchange.configuration.settings.server;
    let read =
        request_body::read(request.into_body(), server.max_body_size, server.body_idle_timeout);
    Box::pin(read).await.map_err(|fault| Box::new(exchange.reject(&fault)))
}

/// Whether it is a POST whose body can be read, or what the client is answered instead.
pub(crate) fn is_plain_post(
    exchange: &mut Exchange,
    request: &Request<Incoming>,
) -> Result<(), Box<Response<Body>>> {
    if *request.method() != Method::POST {
        return Err(Box::new(answer::method_not_allowed(exchange.dialect, "POST")));
    }
    if request.headers().get(CONTENT_ENCODING).is_some_and(|coding| coding != "identity") {
        return Err(Box::new(exchange.reject(&compressed())));
    }
    Ok(())
}

/// Attempts a request with one of its models after another, and answers it.
pub(crate) async fn serve(
    exchange: Exchange,
    operation: &'static str,
    reads: impl Reads,
) -> Response<Body> {
    fallbacks::answer(exchange, Asked { operation, reads }).await
}

struct Asked<R> {
    operation: &'static str,
    reads: R,
}

impl<R: Reads> InTurn for Asked<R> {
    async fn ask(&mut self, mut exchange: Exchange, turn: Turn) -> Served {
        let read = self.reads.read(&exchange, turn.number).await;
        let checked = read.and_then(|(translation, body)| Ok((checked(translation)?, body)));
        let (mut translation, body) = match checked {
            Ok(translated) => translated,
            Err(fault) => return turn.rejects(exchange, fault),
        };
        let model = translation.model().to_owned();
        exchange.entry.asks(self.operation, Some(&model), translation.is_streamed());
        if let Some(fault) = exchange.filtered(&model) {
            return turn.rejects(exchange, fault);
        }
        turn.begins(&mut exchange, translation.more_models());
        exchange.dropped = translation.dropped().to_vec();
        let asks = translation.asks(body);
        if let Err(refused) = exchange.enter(&model, Size::Calls(&asks.bodies)).await {
            return Ok(exchange.refuse(&refused));
        }
        let Some(joined) = Joined::needed(&exchange, &translation, &asks) else {
            return answer_one(exchange, &model, translation, asks).await;
        };
        let dropped = exchange.dropped.clone();
        let response = Box::pin(joined.answer(exchange, translation, asks)).await?;
        Ok(telling(response, &dropped))
    }
}

/// Answers a request by handing on what one call gives.
async fn answer_one<T: Translation>(
    exchange: Exchange,
    model: &str,
    translation: T,
    asks: Asks,
) -> Served {
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
        streamed(exchange, &plan, translation).await
    } else {
        whole(exchange, &plan, &translation).await
    }
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

async fn whole<T: Translation>(mut exchange: Exchange, plan: &Plan<'_>, translation: &T) -> Served {
    let request_id = exchange.entry.request_id().to_owned();
    let mut patience = patience(&exchange, translation);
    let judge = |_: &HeaderMap, bytes: &Bytes| {
        let Told { body, usage, is_empty } = translation.whole(bytes, &request_id)?;
        patience.check(is_empty, usage)?;
        Ok((body, usage))
    };
    match attempts::whole(&mut exchange, plan, judge).await {
        Ok((_, body)) => {
            translation.answered().await;
            let response = answer::with_type(StatusCode::OK, translation.content_type(), body);
            Ok(telling(response, &exchange.dropped))
        }
        Err(lost) => Err(exchange.unserved(lost)),
    }
}

fn patience<T: Translation>(exchange: &Exchange, translation: &T) -> Patience {
    if translation.may_be_empty() {
        return Patience(0);
    }
    Patience::new(&exchange.configuration.settings.pool)
}

async fn streamed<T: Translation>(
    mut exchange: Exchange,
    plan: &Plan<'_>,
    translation: T,
) -> Served {
    let limit = exchange.configuration.settings.upstream.max_event_size;
    let decoder = || sse::Decoder::new(limit);
    let mut patience = patience(&exchange, &translation);
    let usable = |event: &Observed<'_>| patience.check_event(event);
    let started = match attempts::started(&mut exchange, plan, decoder, usable).await {
        Ok(started) => started,
        Err(lost) => return Err(exchange.unserved(lost)),
    };
    let dropped = std::mem::take(&mut exchange.dropped);
    let events = translation.events(exchange.entry.request_id());
    let silence = exchange.configuration.settings.stream.keep_alive;
    Ok(telling(event_stream(stream::open(exchange, started, events, silence)), &dropped))
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
