//! The response object.

use bytes::BufMut;
use serde::Serialize;

use super::{ResponsesContext, context::Known};
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
    Failed {
        code: &'s str,
        message: &'s str,
    },
}

/// Why a response has come to nothing.
#[derive(Serialize)]
pub(super) struct Fault<'a> {
    pub(super) code: &'a str,
    pub(super) message: &'a str,
}

#[derive(Serialize)]
struct Incomplete {
    reason: &'static str,
}

#[derive(Serialize)]
pub(super) struct Usage {
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
        State::Queued | State::InProgress => {}
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
pub(super) fn usage(counts: &Counts) -> Usage {
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

/// The object of a background response that nobody works on yet, and that is
/// [known](ResponsesContext::known_as).
pub fn queued(context: &ResponsesContext) -> Vec<u8> {
    let Known { id, created } = context.known.clone().unwrap_or_default();
    let (model, tier) = (context.model.clone(), "default".to_owned());
    let identity = Identity { id, created, model, tier };
    let mut out = Vec::with_capacity(context.echo.len() + 512);
    write(context, &identity, State::Queued, b"[]", None, &mut out);
    out
}
