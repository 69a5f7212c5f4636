//! A whole answer out of the events of a stream.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::{
    GeminiError,
    counts::{Counts, UsageMetadata},
    error,
    recited::Recited,
};
use crate::json::{Text, number::Integer};

/// Collects the events of a stream into the answer that `generateContent` would have given, for
/// models that give more when they are asked for a stream.
#[derive(Debug, Default)]
pub struct WholeAnswer {
    candidates: Vec<Candidate>,
    counts: Option<Counts>,
    prompt_feedback: Option<Box<RawValue>>,
    model_version: Option<Box<RawValue>>,
    response_id: Option<Box<RawValue>>,
}

/// Why the events are no answer.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum Unusable {
    /// An event is an error object.
    #[error("upstream error {}: {}", .0.code, .0.message)]
    Upstream(GeminiError),
    /// An event is no JSON object.
    #[error("the upstream event is malformed: {0}")]
    Malformed(String),
    /// The stream ended without a finish reason.
    #[error("the upstream stream ended early")]
    Truncated,
}

#[derive(Debug, Default)]
struct Candidate {
    index: i64,
    parts: Vec<Piece>,
    finish_reason: Option<String>,
    logprobs: Logprobs<Box<RawValue>>,
    recited: Recited,
    /// Members of which the last event with them counts.
    last: Vec<(&'static str, Box<RawValue>)>,
}

#[derive(Debug)]
enum Piece {
    Text { text: String, thought: bool },
    Other(Box<RawValue>),
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", bound(deserialize = "'de: 'a"))]
struct Event<'a> {
    candidates: Option<Vec<EventCandidate<'a>>>,
    usage_metadata: Option<UsageMetadata<'a>>,
    #[serde(borrow)]
    prompt_feedback: Option<&'a RawValue>,
    #[serde(borrow)]
    model_version: Option<&'a RawValue>,
    #[serde(borrow)]
    response_id: Option<&'a RawValue>,
    #[serde(borrow)]
    error: Option<&'a RawValue>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", bound(deserialize = "'de: 'a"))]
struct EventCandidate<'a> {
    index: Option<Integer>,
    content: Option<EventContent<'a>>,
    finish_reason: Option<Text<'a>>,
    #[serde(borrow)]
    finish_message: Option<&'a RawValue>,
    #[serde(borrow)]
    grounding_metadata: Option<&'a RawValue>,
    #[serde(borrow)]
    citation_metadata: Option<&'a RawValue>,
    #[serde(borrow)]
    url_context_metadata: Option<&'a RawValue>,
    #[serde(borrow)]
    continuation_token: Option<&'a RawValue>,
    #[serde(borrow)]
    logprobs_result: Option<Logprobs<&'a RawValue>>,
}

/// `logprobsResult`, of which every event brings its own tokens.
#[derive(Debug, Deserialize, Serialize)]
#[serde(rename_all = "camelCase", bound(deserialize = "T: Deserialize<'de>"))]
struct Logprobs<T> {
    #[serde(default = "Vec::new")]
    chosen_candidates: Vec<T>,
    #[serde(default = "Vec::new")]
    top_candidates: Vec<T>,
}

impl<T> Default for Logprobs<T> {
    fn default() -> Self {
        Self { chosen_candidates: Vec::new(), top_candidates: Vec::new() }
    }
}

#[derive(Deserialize)]
struct EventContent<'a> {
    #[serde(borrow)]
    parts: Option<Vec<&'a RawValue>>,
}

/// A part that is text and nothing else.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, bound(deserialize = "'de: 'a"))]
struct PlainText<'a> {
    text: Text<'a>,
    thought: Option<bool>,
}

impl WholeAnswer {
    /// Takes in the data of one event.
    pub fn event(&mut self, data: &[u8]) -> Result<(), Unusable> {
        if data.trim_ascii().is_empty() {
            return Ok(());
        }
        let text = std::str::from_utf8(data).map_err(|why| Unusable::Malformed(why.to_string()))?;
        let event: Event<'_> = match serde_json::from_str(text) {
            Ok(event) => event,
            Err(why) => {
                let error = error::parse(data);
                return Err(error.map_or(Unusable::Malformed(why.to_string()), Unusable::Upstream));
            }
        };
        if let Some(error) = event.error {
            return Err(Unusable::Upstream(error::read(error)));
        }
        if let Some(metadata) = &event.usage_metadata {
            self.counts.get_or_insert_default().merge(metadata);
        }
        first(&mut self.prompt_feedback, event.prompt_feedback);
        first(&mut self.model_version, event.model_version);
        first(&mut self.response_id, event.response_id);
        for (position, candidate) in event.candidates.into_iter().flatten().enumerate() {
            let index = candidate.index.map_or(position as i64, |index| index.0);
            self.candidate(index).take(candidate);
        }
        Ok(())
    }

    /// The body of the answer, once all events are there.
    pub fn finish(&self) -> Result<Vec<u8>, Unusable> {
        let ended = self.candidates.iter().all(|candidate| candidate.finish_reason.is_some());
        if !ended || (self.candidates.is_empty() && self.prompt_feedback.is_none()) {
            return Err(Unusable::Truncated);
        }
        Ok(crate::json::to_vec(&Written {
            candidates: self.candidates.iter().map(Candidate::written).collect(),
            prompt_feedback: self.prompt_feedback.as_deref(),
            usage_metadata: self.counts.as_ref(),
            model_version: self.model_version.as_deref(),
            response_id: self.response_id.as_deref(),
        }))
    }

    fn candidate(&mut self, index: i64) -> &mut Candidate {
        let known = self.candidates.iter().position(|candidate| candidate.index == index);
        let position = known.unwrap_or_else(|| {
            self.candidates.push(Candidate { index, ..Candidate::default() });
            self.candidates.len() - 1
        });
        &mut self.candidates[position]
    }
}

impl Candidate {
    fn take(&mut self, event: EventCandidate<'_>) {
        for part in event.content.and_then(|content| content.parts).into_iter().flatten() {
            self.part(part);
        }
        if let Some(reason) = event.finish_reason.filter(|reason| !reason.is_empty()) {
            self.finish_reason = Some(reason.decode().into_owned());
        }
        self.logprobs.append(event.logprobs_result.unwrap_or_default());
        self.recited.add(event.citation_metadata);
        let members = [
            ("finishMessage", event.finish_message),
            ("groundingMetadata", event.grounding_metadata.filter(|raw| raw.get() != "{}")),
            ("urlContextMetadata", event.url_context_metadata),
            ("continuationToken", event.continuation_token),
        ];
        for (name, value) in members {
            let Some(value) = value else { continue };
            self.last.retain(|(known, _)| *known != name);
            self.last.push((name, value.to_owned()));
        }
    }

    /// Texts in a row become one, as in a whole answer.
    fn part(&mut self, part: &RawValue) {
        let Ok(plain) = serde_json::from_str::<PlainText<'_>>(part.get()) else {
            self.parts.push(Piece::Other(part.to_owned()));
            return;
        };
        let more = plain.text.decode();
        let is_thought = plain.thought == Some(true);
        match self.parts.last_mut() {
            Some(Piece::Text { text, thought }) if *thought == is_thought => text.push_str(&more),
            _ => self.parts.push(Piece::Text { text: more.into_owned(), thought: is_thought }),
        }
    }

    fn written(&self) -> WrittenCandidate<'_> {
        WrittenCandidate {
            content: WrittenContent { role: "model", parts: &self.parts },
            finish_reason: self.finish_reason.as_deref(),
            index: self.index,
            logprobs_result: Some(&self.logprobs)
                .filter(|logprobs| !logprobs.chosen_candidates.is_empty()),
            citation_metadata: Some(&self.recited).filter(|recited| !recited.is_empty()),
            last: self.last.iter().map(|(name, value)| (*name, &**value)).collect(),
        }
    }
}

impl Logprobs<Box<RawValue>> {
    fn append(&mut self, more: Logprobs<&RawValue>) {
        let owned = ToOwned::to_owned;
        self.chosen_candidates.extend(more.chosen_candidates.into_iter().map(owned));
        self.top_candidates.extend(more.top_candidates.into_iter().map(owned));
    }
}

fn first(kept: &mut Option<Box<RawValue>>, value: Option<&RawValue>) {
    if let (None, Some(value)) = (&kept, value) {
        *kept = Some(value.to_owned());
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Written<'a> {
    candidates: Vec<WrittenCandidate<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    prompt_feedback: Option<&'a RawValue>,
    #[serde(skip_serializing_if = "Option::is_none")]
    usage_metadata: Option<&'a Counts>,
    #[serde(skip_serializing_if = "Option::is_none")]
    model_version: Option<&'a RawValue>,
    #[serde(skip_serializing_if = "Option::is_none")]
    response_id: Option<&'a RawValue>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct WrittenCandidate<'a> {
    content: WrittenContent<'a>,
    finish_reason: Option<&'a str>,
    index: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    logprobs_result: Option<&'a Logprobs<Box<RawValue>>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    citation_metadata: Option<&'a Recited>,
    #[serde(flatten)]
    last: std::collections::BTreeMap<&'static str, &'a RawValue>,
}

#[derive(Serialize)]
struct WrittenContent<'a> {
    role: &'static str,
    parts: &'a [Piece],
}

impl Serialize for Piece {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Plain<'a> {
            text: &'a str,
            #[serde(skip_serializing_if = "std::ops::Not::not")]
            thought: bool,
        }
        match self {
            Self::Text { text, thought } => Plain { text, thought: *thought }.serialize(serializer),
            Self::Other(part) => part.serialize(serializer),
        }
    }
}
