//! Answers that take several calls (Gemini 4 and later, `finishReason: "CONTINUATION"`).
//!
//! One call gives a limited number of tokens. Where more are to come, the last event brings a token,
//! and the same request with that token gives the rest. [`Continuation`] makes one answer of all
//! calls: its events are Gemini's own, so every dialect translates them as those of a single call.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use serde_json::value::{RawValue, to_raw_value};

use super::{
    answer::{Answer, Candidate},
    counts::{self, Counts},
};
use crate::{
    Usage,
    json::{Object, Text, number::Integer},
};

/// A million tokens, the most that a model gives, take half as many.
const MAX_CALLS: usize = 64;

/// Joins the events of several calls into one answer. Feed it the events of each call in turn, then
/// ask [`Continuation::next_token`] whether another call must follow.
#[derive(Debug)]
pub struct Continuation {
    /// Counts of each call, the running one last.
    calls: Vec<Counts>,
    /// The token that asks for more, once the running call has ended that way.
    token: Option<String>,
    /// The token of the latest event, if nothing came after it.
    checkpoint: Option<String>,
    /// Parts of the calls that have ended.
    parts_before: usize,
    parts: usize,
    /// Sources of the calls that have ended.
    before: Sources,
    /// Sources of the running call.
    sources: Sources,
}

impl Default for Continuation {
    fn default() -> Self {
        Self {
            calls: vec![Counts::default()],
            token: None,
            checkpoint: None,
            parts_before: 0,
            parts: 0,
            before: Sources::default(),
            sources: Sources::default(),
        }
    }
}

impl Continuation {
    /// The event to translate in place of this one: without the end that is none, with the counts
    /// of all calls and with sources numbered through. Events that need no change, and everything
    /// that cannot be read, are given back as they are.
    pub fn event<'e>(&mut self, data: &'e [u8]) -> Cow<'e, [u8]> {
        let Ok(answer) = Answer::read(data) else { return Cow::Borrowed(data) };
        if answer.error.is_some() {
            return Cow::Borrowed(data);
        }
        if let (Some(counts), Some(metadata)) = (self.calls.last_mut(), &answer.usage_metadata) {
            counts.merge(metadata);
        }
        let first = answer.candidates().first();
        let goes_on = first.is_some_and(|first| self.note(first, answer.prompt_feedback.is_some()));
        if !goes_on && self.calls.len() == 1 {
            return Cow::Borrowed(data);
        }
        self.rewrite(data, goes_on).map_or(Cow::Borrowed(data), Cow::Owned)
    }

    /// The call has ended: the token to ask for more with, or `None` if the answer is whole. The
    /// events that follow are those of the next call.
    pub fn next_token(&mut self) -> Option<String> {
        let token = self.token.take()?;
        self.checkpoint = None;
        self.calls.push(Counts::default());
        self.parts_before += std::mem::take(&mut self.parts);
        self.before.append(std::mem::take(&mut self.sources));
        Some(token)
    }

    /// The token to resume with after the connection broke: only there while nothing has come since,
    /// so that nothing can come twice.
    pub fn checkpoint(&self) -> Option<&str> {
        self.checkpoint.as_deref()
    }

    /// The connection broke, and the request will be sent again with that token.
    pub fn resume(&mut self) {
        self.token = self.checkpoint.take();
        self.next_token();
    }

    /// What all calls cost together, each with its own prompt. Clients are told the first prompt
    /// only, which is what events say.
    pub fn billed(&self) -> Usage {
        self.calls.iter().fold(Usage::default(), |sum, counts| sum.plus(&counts.usage()))
    }

    /// Notes what a candidate brings. Says whether the call ends here and the answer does not.
    fn note(&mut self, candidate: &Candidate<'_>, blocked: bool) -> bool {
        self.parts += candidate.parts().len();
        if let Some(raw) = candidate.grounding_metadata {
            self.sources.replace(raw, &self.before, self.parts_before);
        }
        let reason = candidate.finish_reason.as_ref().map(Text::decode);
        let reason = reason.filter(|reason| !reason.is_empty());
        let token = candidate.continuation_token.as_ref().filter(|token| !token.is_empty());
        let token = token.filter(|_| !blocked).map(|token| token.decode().into_owned());
        if token.is_some() || !candidate.parts().is_empty() {
            self.checkpoint = token.clone().filter(|_| reason.is_none());
        }
        let goes_on = reason.as_deref() == Some("CONTINUATION")
            && token.is_some()
            && self.calls.len() < MAX_CALLS;
        // Counts may follow in an event of their own.
        if reason.is_some() {
            self.token = token.filter(|_| goes_on);
        }
        goes_on
    }

    fn rewrite(&self, data: &[u8], goes_on: bool) -> Option<Vec<u8>> {
        let mut event = Object::read(std::str::from_utf8(data).ok()?)?;
        if self.calls.len() > 1 && event.get("usageMetadata").is_some() {
            event.put("usageMetadata", &counts::joined(&self.calls));
        }
        if let Some(candidates) = self.candidates(&event, goes_on) {
            event.put("candidates", &candidates);
        }
        Some(event.to_vec())
    }

    fn candidates(&self, event: &Object<'_>, goes_on: bool) -> Option<Box<RawValue>> {
        let mut candidates: Vec<Object<'_>> =
            serde_json::from_str(event.get("candidates")?).ok()?;
        let first = candidates.first_mut()?;
        if goes_on {
            for name in ["finishReason", "finishMessage", "continuationToken"] {
                first.remove(name);
            }
        }
        if first.get("groundingMetadata").is_some() && !self.before.chunks.is_empty() {
            let mut all = self.before.clone();
            all.append(self.sources.clone());
            first.put("groundingMetadata", &all);
        }
        to_raw_value(&candidates).ok()
    }
}

/// The request that asks for more: `body` as it was sent at first, with the token. `None` if it is
/// no JSON object.
pub fn follow_up(body: &[u8], token: &str) -> Option<Vec<u8>> {
    let mut request = Object::read(std::str::from_utf8(body).ok()?)?;
    request.put("continuationToken", token);
    Some(request.to_vec())
}

/// `groundingMetadata`, as far as it is numbered.
#[derive(Debug, Clone, Default, Serialize)]
struct Sources {
    #[serde(rename = "groundingChunks")]
    chunks: Vec<Box<RawValue>>,
    #[serde(rename = "groundingSupports")]
    supports: Vec<Box<RawValue>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ReadSources<'a> {
    #[serde(borrow)]
    grounding_chunks: Option<Vec<&'a RawValue>>,
    grounding_supports: Option<Vec<Object<'a>>>,
}

impl Sources {
    /// Takes what the running call says now; a later event says all of it again. Numbers are counted
    /// on from what the calls `before` had.
    fn replace(&mut self, raw: &RawValue, before: &Self, parts_before: usize) {
        let Ok(read) = serde_json::from_str::<ReadSources<'_>>(raw.get()) else { return };
        let Some(chunks) = read.grounding_chunks else { return };
        self.chunks = chunks.into_iter().map(ToOwned::to_owned).collect();
        let supports = read.grounding_supports.unwrap_or_default().into_iter();
        let shifted = supports.map(|support| shift(support, before.chunks.len(), parts_before));
        self.supports = shifted.filter_map(|support| to_raw_value(&support).ok()).collect();
    }

    fn append(&mut self, later: Self) {
        self.chunks.extend(later.chunks);
        self.supports.extend(later.supports);
    }
}

fn shift(mut support: Object<'_>, chunks: usize, parts: usize) -> Object<'_> {
    let indices = support.get("groundingChunkIndices").map(serde_json::from_str::<Vec<Integer>>);
    if let Some(Ok(indices)) = indices {
        let shifted: Vec<i64> =
            indices.iter().map(|index| index.0.saturating_add(chunks as i64)).collect();
        support.put("groundingChunkIndices", &shifted);
    }
    let segment = support.get("segment").map(str::to_owned);
    if let Some(mut segment) = segment.as_deref().and_then(Object::read) {
        let index = segment.get("partIndex").and_then(|index| index.parse::<i64>().ok());
        segment.put("partIndex", &index.unwrap_or(0).saturating_add(parts as i64));
        support.put("segment", &segment);
    }
    support
}
