//! An answer as one JSON document, as events, or as the elements of an array.

use std::time::Duration;

use bytes::Bytes;
use serde_json::{Value, json};

use crate::answer::Answer;
use crate::feed::{Step, Steps};
use crate::picture;
use crate::tokens;

/// More events than this are joined.
const MOST_TEXT_EVENTS: usize = 40;

/// How a stream's elements are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Framing {
    /// `data: {…}` and a blank line (`alt=sse`).
    Events,
    /// `[{…}`, `,{…}`, `]`.
    Array,
}

impl Framing {
    /// The element as it is sent.
    pub(crate) fn element(self, index: usize, element: &Value) -> Bytes {
        match self {
            Self::Events => format!("data: {element}\r\n\r\n").into(),
            Self::Array => {
                let before = if index == 0 { "[" } else { "\n,\n" };
                let element = serde_json::to_string_pretty(element).unwrap_or_default();
                format!("{before}{element}").into()
            }
        }
    }

    /// What follows the last element.
    pub(crate) fn end(self) -> Option<Bytes> {
        (self == Self::Array).then(|| Bytes::from_static(b"\n]\n"))
    }

    /// These elements with a pause after each but the last.
    pub(crate) fn steps(
        self,
        elements: impl Iterator<Item = Value> + Send + 'static,
        pause: Duration,
    ) -> Steps {
        let sent = elements.enumerate().flat_map(move |(index, element)| {
            let before = (index > 0).then_some(Step::Pause(pause));
            before.into_iter().chain([Step::Send(self.element(index, &element))])
        });
        Box::new(sent.chain(self.end().map(Step::Send)))
    }
}

/// The whole answer.
pub(crate) fn whole(answer: &Answer) -> Value {
    let mut parts: Vec<Value> =
        answer.thoughts.iter().map(|thought| thought_part(thought)).collect();
    if !answer.text.is_empty() {
        parts.push(json!({"text": answer.text}));
    }
    parts.extend(answer.draft.clone());
    parts.extend(answer.media.clone());
    parts.extend(answer.pieces.iter().cloned());
    parts.extend(answer.calls.iter().cloned());
    if let (Some(signature), Some(last)) = (&answer.signature, parts.last_mut()) {
        last["thoughtSignature"] = json!(signature);
    }
    let written = tokens::of_text(&answer.text) + answer.usage.spoken;
    chunk(answer, parts, written, true)
}

/// The answer as events: thoughts, words, calls, and a last one with the reason of its end.
pub(crate) fn events(answer: Answer) -> impl Iterator<Item = Value> + Send {
    let mut pieces: Vec<Piece> = answer.thoughts.iter().cloned().map(Piece::Thought).collect();
    pieces.extend(words(&answer.text).into_iter().map(Piece::Text));
    pieces.extend(answer.draft.clone().map(Piece::Part));
    pieces.extend(answer.media.clone().map(Piece::Part));
    pieces.extend(answer.pieces.iter().cloned().map(Piece::Part));
    pieces.extend(answer.calls.iter().cloned().map(Piece::Part));
    pieces.push(Piece::End);
    let mut written = 0;
    pieces.into_iter().map(move |piece| {
        let (parts, is_last) = match piece {
            Piece::Thought(thought) => (thought_part(&thought), false),
            Piece::Text(text) => {
                written += text.len() as u64;
                (json!({"text": text}), false)
            }
            Piece::Part(part) => (part, false),
            Piece::End => (last_part(&answer), true),
        };
        let spoken = if is_last { answer.usage.spoken } else { 0 };
        chunk(&answer, vec![parts], written.div_ceil(4) + spoken, is_last)
    })
}

/// A stream of `count` texts, whatever was asked.
pub(crate) fn paced(answer: Answer, count: usize) -> impl Iterator<Item = Value> + Send {
    let texts = paced_texts(count).enumerate();
    let last = std::iter::once((count, String::new()));
    texts.chain(last).map(move |(index, text)| {
        let written = index.min(count) as u64 * 5;
        chunk(&answer, vec![json!({"text": text})], written, index == count)
    })
}

/// The texts of [`paced`].
pub(crate) fn paced_texts(count: usize) -> impl Iterator<Item = String> + Send {
    (0..count).map(|index| format!("this is piece {index:<5} "))
}

/// A response whose only candidate holds nothing.
pub(crate) fn empty_candidate(answer: &Answer) -> Value {
    let mut response = chunk(answer, Vec::new(), 0, true);
    response["candidates"] =
        json!([{"content": {"role": "model"}, "finishReason": "STOP", "index": 0}]);
    response
}

/// A response that says why the prompt was not answered.
pub(crate) fn blocked(answer: &Answer, reason: &str) -> Value {
    json!({
        "promptFeedback": {
            "blockReason": reason,
            "safetyRatings": [{"category": "HARM_CATEGORY_HATE_SPEECH", "probability": "HIGH"}],
        },
        "usageMetadata": {"promptTokenCount": answer.usage.prompt, "totalTokenCount": answer.usage.prompt},
        "modelVersion": answer.model,
        "responseId": answer.response_id,
    })
}

enum Piece {
    Thought(String),
    Text(String),
    Part(Value),
    End,
}

fn thought_part(thought: &str) -> Value {
    json!({"text": thought, "thought": true})
}

fn last_part(answer: &Answer) -> Value {
    match &answer.signature {
        Some(signature) => json!({"text": "", "thoughtSignature": signature}),
        None => json!({"text": ""}),
    }
}

fn chunk(answer: &Answer, parts: Vec<Value>, written: u64, is_last: bool) -> Value {
    let mut candidate = json!({"content": {"parts": [], "role": "model"}});
    candidate["content"]["parts"] = Value::Array(parts);
    if is_last {
        candidate["finishReason"] = json!(answer.finish);
        if let Some(token) = &answer.continuation {
            candidate["continuationToken"] = json!(token);
        }
    }
    candidate["index"] = json!(0);
    let mut candidates = vec![candidate];
    for index in 1..answer.candidates {
        let mut another = candidates[0].clone();
        another["index"] = json!(index);
        candidates.push(another);
    }
    let mut response = json!({
        "candidates": [],
        "usageMetadata": usage(answer, written * answer.candidates),
        "modelVersion": answer.model,
        "responseId": answer.response_id,
    });
    response["candidates"] = Value::Array(candidates);
    response
}

/// What was used so far; counts of zero are left out.
fn usage(answer: &Answer, written: u64) -> Value {
    let calls: u64 = answer.calls.iter().map(|call| tokens::of_text(&call.to_string())).sum();
    let pictures = if has_picture(answer) { picture::TOKENS } else { 0 };
    let (usage, written) = (&answer.usage, written + calls + pictures);
    let mut out = json!({"promptTokenCount": usage.prompt});
    if written > 0 {
        out["candidatesTokenCount"] = json!(written);
    }
    out["totalTokenCount"] = json!(usage.prompt + written + usage.thoughts);
    out["promptTokensDetails"] = usage.prompt_details.clone();
    if pictures > 0 {
        out["candidatesTokensDetails"] = json!([{"modality": "IMAGE", "tokenCount": pictures}]);
    }
    if usage.thoughts > 0 {
        out["thoughtsTokenCount"] = json!(usage.thoughts);
    }
    out
}

fn has_picture(answer: &Answer) -> bool {
    let mime = answer.media.as_ref().and_then(|part| part["inlineData"]["mimeType"].as_str());
    mime.is_some_and(|mime| mime.starts_with("image/"))
}

/// The text in words with the blanks that follow them, at most [`MOST_TEXT_EVENTS`] pieces.
fn words(text: &str) -> Vec<String> {
    let words: Vec<&str> = text.split_inclusive(' ').collect();
    let each = words.len().div_ceil(MOST_TEXT_EVENTS).max(1);
    words.chunks(each).map(<[&str]>::concat).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_join_to_the_text() {
        let text = "You said: hello  world ";
        assert_eq!(words(text).concat(), text);
        let long = "word ".repeat(1000);
        assert_eq!(words(&long).len(), MOST_TEXT_EVENTS);
        assert_eq!(words(&long).concat(), long);
    }

    #[test]
    fn the_array_form_is_json() {
        let elements = [json!({"a": 1}), json!({"b": 2})];
        let steps = Framing::Array.steps(elements.into_iter(), Duration::ZERO);
        let sent = steps.filter_map(|step| match step {
            Step::Send(bytes) => Some(bytes),
            _ => None,
        });
        let text = sent.collect::<Vec<_>>().concat();
        assert_eq!(serde_json::from_slice::<Value>(&text).unwrap(), json!([{"a": 1}, {"b": 2}]));
    }
}
