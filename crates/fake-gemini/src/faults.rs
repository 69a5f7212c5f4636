//! What can go wrong on purpose.

use std::time::Duration;

use bytes::Bytes;
use http::StatusCode;
use serde_json::{Value, json};

use crate::answer::Answer;
use crate::errors;
use crate::feed::{Step, Steps};
use crate::html;
use crate::reply::{Answered, EVENTS, JSON, Reply};
use crate::stream::{self, Framing};

/// How a stream reports an error in its middle.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorForm {
    /// As an event: `data: {"error":{…}}` and a blank line.
    Data,
    /// As pretty-printed JSON glued into the stream, without `data:` (recorded from Google).
    Bare,
}

/// One scripted failure, or one unusual but legal way to answer.
///
/// Faults that speak of events act on streams; on a whole answer they cut its body in half.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Fault {
    /// 500 `INTERNAL`.
    Status500,
    /// 503 `UNAVAILABLE`, "The model is overloaded".
    Status503,
    /// 429 `RESOURCE_EXHAUSTED` without `QuotaFailure` and `RetryInfo`.
    Status429NoDetails,
    /// A right answer whose first byte comes this late.
    SlowFirstByte(Duration),
    /// The request is read and never answered.
    Hang,
    /// The answer's head and first event come, then nothing more, with the connection open.
    HangAfterFirstEvent,
    /// The connection is closed without a single byte of answer.
    CutBeforeFirstByte,
    /// The connection is closed in the middle of an event (of the second, where there are two).
    CutMidEvent,
    /// The connection is closed after so many whole events (0: after the answer's head).
    CutAfterEvents(usize),
    /// The stream ends properly, but its last event, the one with `finishReason`, is missing.
    StreamWithoutFinish,
    /// After the first event comes an error object; the stream then ends properly.
    MidStreamError(ErrorForm),
    /// Bytes that are no HTTP, then the connection is closed.
    Garbage,
    /// 200 `application/json` with HTML in it.
    GarbageJson,
    /// 200 with a candidate that has no parts and `finishReason: STOP`.
    EmptyCandidates,
    /// 200 without candidates and with this `promptFeedback.blockReason`.
    BlockedPrompt(String),
    /// 502 with the front end's HTML page.
    Html502,
    /// 302 with this `Location`.
    Redirect(String),
    /// A captured answer: text that begins with `data:` is sent as an event stream, byte for byte,
    /// anything else as a JSON body (with the status that an `error.code` in it names).
    Replay(String),
    /// The body and status of this entry of `errors.json`.
    ErrorBody(String),
    /// A Live session that is closed in place of `setupComplete`, with this code and reason.
    CloseAtSetup(u16, String),
    /// A Live session that is closed after its first turn, with this code and reason.
    CloseAfterTurn(u16, String),
    /// A stream of so many text events, one each `delay`, whatever was asked. On a whole answer:
    /// one text made of as many pieces, after a single delay.
    Paced {
        /// How many text events; each carries about 20 bytes of text.
        chunks: usize,
        /// The pause before each event but the first; zero sends them as fast as they are taken.
        delay: Duration,
    },
}

/// The answer of a fault that does not need the request's own.
pub(crate) fn instead(fault: &Fault) -> Option<Reply> {
    Some(match fault {
        Fault::Status500 => errors::from_catalogue("internal_500"),
        Fault::Status503 => errors::from_catalogue("overloaded_503"),
        Fault::Status429NoDetails => errors::from_catalogue("q_bare"),
        Fault::ErrorBody(id) => errors::from_catalogue(id),
        Fault::Hang => Reply::Hang,
        Fault::CutBeforeFirstByte => Reply::Cut,
        Fault::Garbage => Reply::Garbage,
        Fault::GarbageJson => html::in_json(),
        Fault::Html502 => html::bad_gateway(),
        Fault::Redirect(location) => redirect(location),
        Fault::Replay(captured) => replay(captured),
        _ => return None,
    })
}

/// A whole answer with this fault in it.
pub(crate) fn whole(mut answer: Answer, fault: &Fault) -> Reply {
    let body = match fault {
        Fault::EmptyCandidates => stream::empty_candidate(&answer),
        Fault::BlockedPrompt(reason) => stream::blocked(&answer, reason),
        Fault::StreamWithoutFinish => without_finish(stream::whole(&answer)),
        Fault::MidStreamError(_) => return errors::from_catalogue("overloaded_503"),
        Fault::Paced { chunks, delay } => {
            answer.text = stream::paced_texts(*chunks).collect();
            return Reply::json(StatusCode::OK, &stream::whole(&answer)).delayed(*delay);
        }
        Fault::CutMidEvent | Fault::CutAfterEvents(_) => return halved(&answer, Step::Cut),
        Fault::HangAfterFirstEvent => return halved(&answer, Step::Hang),
        _ => stream::whole(&answer),
    };
    Reply::json(StatusCode::OK, &body)
}

/// A stream with this fault in it.
pub(crate) fn stream(answer: Answer, fault: &Fault, framing: Framing, pause: Duration) -> Steps {
    let one = |event: Value| framing.steps(std::iter::once(event), pause);
    match fault {
        Fault::EmptyCandidates => one(stream::empty_candidate(&answer)),
        Fault::BlockedPrompt(reason) => one(stream::blocked(&answer, reason)),
        Fault::StreamWithoutFinish => {
            let mut events: Vec<Value> = stream::events(answer).collect();
            events.pop();
            framing.steps(events.into_iter(), pause)
        }
        Fault::Paced { chunks, delay } => framing.steps(stream::paced(answer, *chunks), *delay),
        Fault::CutAfterEvents(count) => {
            let first: Vec<Value> = stream::events(answer).take(*count).collect();
            after(framing, first, [Step::Cut])
        }
        Fault::HangAfterFirstEvent => {
            let first: Vec<Value> = stream::events(answer).take(1).collect();
            after(framing, first, [Step::Hang])
        }
        Fault::CutMidEvent => {
            let mut events: Vec<Value> = stream::events(answer).take(2).collect();
            let cut = events.pop().map(|event| framing.element(events.len(), &event));
            let cut = cut.unwrap_or_default();
            let half = cut.slice(..cut.len() / 2);
            after(framing, events, [Step::Pause(Duration::ZERO), Step::Send(half), Step::Cut])
        }
        Fault::MidStreamError(form) => {
            let first: Vec<Value> = stream::events(answer).take(1).collect();
            let error = mid_stream_error(*form, framing);
            let end = framing.end().map(Step::Send);
            after(framing, first, [Step::Pause(pause), Step::Send(error)].into_iter().chain(end))
        }
        _ => framing.steps(stream::events(answer), pause),
    }
}

/// These events, each in a packet of its own, then the steps. No array is closed.
fn after<I>(framing: Framing, events: Vec<Value>, then: I) -> Steps
where
    I: IntoIterator<Item = Step>,
    I::IntoIter: Send + 'static,
{
    let sent = events.into_iter().enumerate().flat_map(move |(index, event)| {
        [Step::Send(framing.element(index, &event)), Step::Pause(Duration::ZERO)]
    });
    Box::new(sent.chain(then))
}

fn mid_stream_error(form: ErrorForm, framing: Framing) -> Bytes {
    let error = errors::body(
        StatusCode::SERVICE_UNAVAILABLE,
        "UNAVAILABLE",
        "The model is overloaded. Please try again later.",
    );
    match form {
        ErrorForm::Data => framing.element(1, &error),
        ErrorForm::Bare => {
            format!("{}\n", serde_json::to_string_pretty(&error).unwrap_or_default()).into()
        }
    }
}

fn without_finish(mut response: Value) -> Value {
    for candidate in response["candidates"].as_array_mut().into_iter().flatten() {
        if let Some(candidate) = candidate.as_object_mut() {
            candidate.remove("finishReason");
        }
    }
    response
}

/// Half of a whole answer, with the length of all of it.
fn halved(answer: &Answer, then: Step) -> Reply {
    let body = Bytes::from(stream::whole(answer).to_string());
    let half = body.slice(..body.len() / 2);
    let steps: Steps = Box::new([Step::Send(half), then].into_iter());
    match Reply::stream(JSON, steps) {
        Reply::Http(answered) => {
            Reply::Http(Answered { length: Some(body.len() as u64), ..answered })
        }
        other => other,
    }
}

fn redirect(location: &str) -> Reply {
    let body = format!("<HTML><HEAD><TITLE>302 Moved</TITLE></HEAD><A HREF=\"{location}\">");
    match Reply::whole(StatusCode::FOUND, crate::reply::HTML, body) {
        Reply::Http(answered) => {
            Reply::Http(Answered { location: Some(location.to_owned()), ..answered })
        }
        other => other,
    }
}

fn replay(captured: &str) -> Reply {
    if captured.trim_start().starts_with("data:") {
        return Reply::stream(EVENTS, captured_events(captured));
    }
    let parsed: Value = serde_json::from_str(captured).unwrap_or_else(|_| json!({}));
    let code = parsed["error"]["code"].as_u64().and_then(|code| u16::try_from(code).ok());
    let status = code.and_then(|code| StatusCode::from_u16(code).ok()).unwrap_or(StatusCode::OK);
    Reply::whole(status, JSON, captured.to_owned())
}

/// The captured stream cut before each `data:` that begins a line, byte for byte.
fn captured_events(captured: &str) -> Steps {
    let starts = captured.match_indices("data:").map(|(at, _)| at);
    let starts = starts.filter(|at| *at > 0 && captured[..*at].ends_with(['\n', '\r']));
    let mut events = Vec::new();
    let mut from = 0;
    for to in starts.chain([captured.len()]) {
        events.extend([
            Step::Send(Bytes::copy_from_slice(&captured.as_bytes()[from..to])),
            Step::Pause(Duration::ZERO),
        ]);
        from = to;
    }
    events.pop();
    Box::new(events.into_iter())
}
