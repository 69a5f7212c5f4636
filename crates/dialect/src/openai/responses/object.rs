//! The response object.

use bytes::BufMut;
use serde::Serialize;

use super::ResponsesContext;
use crate::{gemini::counts::Counts, json};

/// What all objects of one response share.
#[derive(Debug, Clone)]
pub(super) struct Identity {
    /// Behind `resp_`.
    pub(super) id: String,
    /// Unix seconds.
    pub(super) created: i64,
    pub(super) model: String,
    pub(super) tier: String,
}

/// How far a response is.
#[derive(Debug, Clone, Copy)]
pub(super) enum State<'s> {
    Queued,
    InProgress,
    /// At this time, in Unix seconds.
    Completed(i64),
    Incomplete(&'static str),
    Cancelled,
    Failed {
        code: &'s str,
        message: &'s str,
    },
}

#[derive(Serialize)]
struct Fault<'a> {
    code: &'a str,
    message: &'a str,
}

#[derive(Serialize)]
struct Incomplete {
    reason: &'static str,
}

#[derive(Serialize)]
struct Usage {
    input_tokens: u64,
    input_tokens_details: InputDetails,
    output_tokens: u64,
    output_tokens_details: OutputDetails,
    total_tokens: u64,
}

#[derive(Serialize)]
struct InputDetails {
    cached_tokens: u64,
    cache_write_tokens: u64,
}

#[derive(Serialize)]
struct OutputDetails {
    reasoning_tokens: u64,
}

impl State<'_> {
    fn name(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::InProgress => "in_progress",
            Self::Completed(_) => "completed",
            Self::Incomplete(_) => "incomplete",
            Self::Cancelled => "cancelled",
            Self::Failed { .. } => "failed",
        }
    }
}

/// Appends the object; `output` is a JSON list.
pub(super) fn write(
    context: &ResponsesContext,
    identity: &Identity,
    state: State<'_>,
    output: &[u8],
    counts: Option<&Counts>,
    out: &mut Vec<u8>,
) {
    let (mut completed, mut fault, mut incomplete) = (None, None, None);
    match state {
        State::Completed(at) => completed = Some(at),
        State::Incomplete(reason) => incomplete = Some(Incomplete { reason }),
        State::Failed { code, message } => fault = Some(Fault { code, message }),
        State::Queued | State::InProgress | State::Cancelled => {}
    }
    out.put_slice(br#"{"id":"#);
    json::push(out, &format!("resp_{}", identity.id));
    member(out, "object", "response");
    member(out, "created_at", &identity.created);
    member(out, "status", state.name());
    member(out, "completed_at", &completed);
    member(out, "error", &fault);
    member(out, "incomplete_details", &incomplete);
    member(out, "model", &identity.model);
    member(out, "service_tier", &identity.tier);
    member(out, "store", &context.store);
    out.put_u8(b',');
    out.put_slice(&context.echo);
    out.put_slice(br#""output":"#);
    out.put_slice(output);
    member(out, "usage", &counts.map(usage));
    out.put_u8(b'}');
}

fn member<T: Serialize + ?Sized>(out: &mut Vec<u8>, name: &str, value: &T) {
    out.put_u8(b',');
    json::push(out, name);
    out.put_u8(b':');
    json::push(out, value);
}

/// Thoughts are part of the output, results of Google's tools part of the input, as they are billed.
fn usage(counts: &Counts) -> Usage {
    let usage = counts.usage();
    let input_tokens = usage.prompt + usage.tool_prompt;
    let output_tokens = usage.completion + usage.thoughts;
    Usage {
        input_tokens,
        input_tokens_details: InputDetails { cached_tokens: usage.cached, cache_write_tokens: 0 },
        output_tokens,
        output_tokens_details: OutputDetails { reasoning_tokens: usage.thoughts },
        total_tokens: input_tokens + output_tokens,
    }
}

/// What a background response is while there is no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Unfinished {
    /// Nobody works on it yet.
    Queued,
    /// The model works on it.
    InProgress,
    /// The client gave it up.
    Cancelled,
}

/// The object of a background response without an answer, created at `created` (Unix seconds) and
/// known as `resp_` and [`id`](ResponsesContext::known_as).
pub fn unfinished(context: &ResponsesContext, created: i64, state: Unfinished) -> Vec<u8> {
    let state = match state {
        Unfinished::Queued => State::Queued,
        Unfinished::InProgress => State::InProgress,
        Unfinished::Cancelled => State::Cancelled,
    };
    without_answer(context, created, state)
}

/// The object of a background response that failed.
pub fn failed(context: &ResponsesContext, created: i64, code: &str, message: &str) -> Vec<u8> {
    without_answer(context, created, State::Failed { code, message })
}

fn without_answer(context: &ResponsesContext, created: i64, state: State<'_>) -> Vec<u8> {
    let identity = Identity {
        id: context.id.clone().unwrap_or_default(),
        created,
        model: context.model.clone(),
        tier: "default".to_owned(),
    };
    let mut out = Vec::with_capacity(context.echo.len() + 512);
    write(context, &identity, state, b"[]", None, &mut out);
    out
}
