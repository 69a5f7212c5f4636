//! OpenAI's `POST /v1/audio/speech`.

use std::sync::Arc;
use std::time::Duration;

use audio::{EncodeError, Encoder};
use bytes::{Bytes, BytesMut};
use dialect::gemini::Observed;
use dialect::openai::speech::{self, Speech, SpeechContext, SpeechRequest, Unspoken, delta, done};
use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode};
use hyper::body::Incoming;
use keypool::Usage;

use super::translated::{self, JSON_BODY, event_stream};
use crate::answer::{self, Fault, telling};
use crate::attempts::{self, Beginning, Plan, Repair, Started, Unusable};
use crate::body::Body;
use crate::entrance::Size;
use crate::exchange::{Exchange, Served};
use crate::fallbacks::{self, InTurn, Turn};
use crate::stream::{self, Encoded, Ending, SpeechEvents, encoded, pool_usage};

const OPERATION: &str = "speech";

/// Answers with a text, spoken.
pub(crate) async fn answer(mut exchange: Exchange, request: Request<Incoming>) -> Response<Body> {
    exchange.entry.asks(OPERATION, None, false);
    match translated::read(&mut exchange, request).await {
        Ok(body) => fallbacks::answer(exchange, Asked(body)).await,
        Err(instead) => *instead,
    }
}

/// The client's body.
struct Asked(Bytes);

impl InTurn for Asked {
    async fn ask(&mut self, mut exchange: Exchange, turn: Turn) -> Served {
        let configuration = Arc::clone(&exchange.configuration);
        let (context, spoken) = match read(&self.0, &exchange, turn) {
            Ok(translated) => translated,
            Err(fault) => return turn.rejects(exchange, fault),
        };
        let model = context.model();
        exchange.entry.asks(OPERATION, Some(model), context.is_streamed());
        if let Some(fault) = exchange.filtered(model) {
            return turn.rejects(exchange, fault);
        }
        turn.begins(&mut exchange, context.more_models());
        exchange.dropped = context.dropped().to_vec();
        let body = Bytes::from(spoken.body);
        let size = Size::Call(&body);
        if let Err(refused) = exchange.enter(model, size).await {
            return Ok(exchange.refuse(&refused));
        }
        let version = &configuration.settings.upstream.default_version;
        let target = translated::target(version, model, context.is_streamed());
        let urged = spoken.urged.map(Bytes::from);
        let plan = Plan {
            method: &Method::POST,
            path_and_query: &target,
            headers: HeaderMap::from_iter([JSON_BODY]),
            body: body.into(),
            model: Some(model),
            repeatable: true,
            kin: None,
            repair: urged.as_ref().map_or(Repair::No, Repair::Urge),
        };
        if context.is_streamed() {
            streamed(exchange, &plan, &context).await
        } else {
            whole(exchange, &plan, &context).await
        }
    }
}

fn read(
    body: &Bytes,
    exchange: &Exchange,
    turn: Turn,
) -> Result<(SpeechContext, SpeechRequest), Fault> {
    let options = exchange.configuration.offering.speech_options(turn.number);
    let (context, spoken) = speech::translate(body, &options)?;
    translated::check_name(context.model())?;
    Ok((context, spoken))
}

/// Of a model that gives its speech all at once.
async fn whole(mut exchange: Exchange, plan: &Plan<'_>, context: &SpeechContext) -> Served {
    let judge = |_: &HeaderMap, bytes: &Bytes| judged(bytes);
    let (speech, samples) = match attempts::whole(&mut exchange, plan, judge).await {
        Ok((_, spoken)) => spoken,
        Err(lost) => return Err(exchange.unserved(lost)),
    };
    let file = match encoded(context.format(), speech.rate(), samples).await {
        Ok(file) => file,
        Err(error) => return Ok(exchange.reject(&unencodable(&error))),
    };
    let response = if context.wants_events() {
        let mut events = BytesMut::new();
        delta(&file, &mut events);
        done(&speech.usage(), &mut events);
        event_stream(Body::whole(events.freeze()))
    } else {
        let content_type = HeaderValue::from_static(context.format().content_type());
        answer::with_type(StatusCode::OK, content_type, file)
    };
    Ok(telling(response, &exchange.dropped))
}

/// The samples of a whole answer.
fn judged(answer: &Bytes) -> Result<((Speech, Vec<u8>), Usage), Unusable> {
    let (mut speech, mut samples) = (Speech::default(), Vec::new());
    let read = speech.read(answer, &mut samples);
    read.map_err(|error| unusable(&error, answer))?;
    let usage = pool_usage(speech.usage());
    match speech.finish() {
        Ok(()) => Ok(((speech, samples), usage)),
        // What is whole in HTTP is whole, whether it says why it ended or not.
        Err(Unspoken::Truncated) if speech.has_sound() => Ok(((speech, samples), usage)),
        Err(Unspoken::Refused(message)) => Err(Unusable::Withheld { message, usage }),
        Err(Unspoken::Silent | Unspoken::Truncated) => Err(Unusable::Empty(usage)),
    }
}

fn unusable(error: &dialect::StreamError, answer: &Bytes) -> Unusable {
    match error {
        dialect::StreamError::Upstream(_) => Unusable::Error(answer.clone()),
        other => Unusable::Malformed(format!("{other}.")),
    }
}

/// Of a model that gives its speech piece by piece.
async fn streamed(mut exchange: Exchange, plan: &Plan<'_>, context: &SpeechContext) -> Served {
    let limit = exchange.configuration.settings.upstream.max_event_size;
    let decoder = || sse::Decoder::new(limit);
    let mut started = match attempts::started(&mut exchange, plan, decoder, begins).await {
        Ok(started) => started,
        Err(lost) => return Err(exchange.unserved(lost)),
    };
    let (speech, samples) = match first(&mut started) {
        Ok(begun) => begun,
        Err(unusable) => return Err(exchange.unserved(unusable.lost())),
    };
    let encoder = match Encoder::new(context.format(), speech.rate()) {
        Ok(encoder) => encoder,
        Err(error) => return Ok(exchange.reject(&unencodable(&error))),
    };
    let dropped = std::mem::take(&mut exchange.dropped);
    let ending = Ending::default();
    let events = SpeechEvents::new(speech, ending.clone());
    let rest = stream::open(exchange, started, events, Duration::ZERO);
    let whole = Encoded::new(encoder, samples, rest, ending, context.wants_events());
    let body = Body::frames(Box::pin(whole));
    let response = if context.wants_events() {
        event_stream(body)
    } else {
        file(body, context.format().content_type())
    };
    Ok(telling(response, &dropped))
}

/// A speech begins with its first sound.
fn begins(event: &Observed<'_>) -> Result<Beginning, Unusable> {
    if event.has_data {
        return Ok(Beginning::Now);
    }
    let usage = event.usage.map(pool_usage).unwrap_or_default();
    let message = match event.finish_reason.as_deref() {
        _ if event.blocked => "Prompt blocked by upstream filter.".to_owned(),
        Some(reason) if !event.has_content && !event.is_empty() && reason != "MAX_TOKENS" => {
            format!("Blocked by upstream filter: {reason}")
        }
        None if !event.has_content => return Ok(Beginning::NotYet),
        _ => return Err(Unusable::Empty(usage)),
    };
    Err(Unusable::Withheld { message, usage })
}

/// The samples of the events that have come already.
fn first(started: &mut Started<sse::Decoder>) -> Result<(Speech, Vec<u8>), Unusable> {
    let (mut speech, mut samples) = (Speech::default(), Vec::new());
    for event in std::mem::take(&mut started.first) {
        let read = speech.read(&event.data, &mut samples);
        read.map_err(|error| unusable(&error, &event.data))?;
    }
    Ok((speech, samples))
}

fn file(body: Body, content_type: &'static str) -> Response<Body> {
    let mut response = Response::new(body);
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    headers.insert("x-accel-buffering", HeaderValue::from_static("no"));
    response
}

/// Google speaks otherwise than the format can hold.
fn unencodable(error: &EncodeError) -> Fault {
    let message = format!("The speech cannot be handed out in this format: {error}.");
    let fault = Fault::new(StatusCode::BAD_GATEWAY, "unencodable_speech", message);
    Fault { param: Some("response_format".to_owned()), ..fault }
}

#[cfg(test)]
mod tests {
    use dialect::gemini::observe;

    use super::*;

    fn begin(event: &str) -> Result<Beginning, Unusable> {
        begins(&observe(event.as_bytes()))
    }

    #[test]
    fn a_speech_begins_with_a_sound() {
        let sound = r#"{"candidates":[{"content":{"parts":[{"inlineData":{"mimeType":"audio/L16","data":"AAA="}}]}}]}"#;
        assert_eq!(begin(sound).ok(), Some(Beginning::Now));
        assert_eq!(begin(r#"{"candidates":[{"content":{}}]}"#).ok(), Some(Beginning::NotYet));
    }

    #[test]
    fn what_is_no_speech_is_tried_again_unless_a_filter_keeps_it_back() {
        for again in [
            r#"{"candidates":[{"finishReason":"STOP"}]}"#,
            r#"{"candidates":[{"finishReason":"OTHER"}]}"#,
            r#"{"candidates":[{"finishReason":"MAX_TOKENS"}]}"#,
            r#"{"candidates":[{"content":{"parts":[{"text":"Hi"}]}}]}"#,
            r#"{"candidates":[{"content":{"parts":[{"text":"Hi"}]},"finishReason":"STOP"}]}"#,
        ] {
            assert!(matches!(begin(again), Err(Unusable::Empty(_))), "{again}");
        }
        for end in [
            r#"{"promptFeedback":{"blockReason":"SAFETY"}}"#,
            r#"{"candidates":[{"finishReason":"PROHIBITED_CONTENT"}]}"#,
        ] {
            assert!(matches!(begin(end), Err(Unusable::Withheld { .. })), "{end}");
        }
    }

    #[test]
    fn a_whole_answer_is_judged_the_same() {
        let judge = |answer: &'static str| judged(&Bytes::from_static(answer.as_bytes()));
        let sound = r#"{"candidates":[{"content":{"parts":[{"inlineData":{"mimeType":"audio/L16","data":"AAA="}}]}}]}"#;
        assert!(judge(sound).is_ok());
        assert!(matches!(
            judge(r#"{"candidates":[{"finishReason":"OTHER"}]}"#),
            Err(Unusable::Empty(_))
        ));
        assert!(matches!(
            judge(r#"{"promptFeedback":{"blockReason":"SAFETY"}}"#),
            Err(Unusable::Withheld { .. })
        ));
        assert!(matches!(judge(r#"{"error":{"code":500}}"#), Err(Unusable::Error(_))));
        assert!(matches!(judge("<html>"), Err(Unusable::Malformed(_))));
    }
}
