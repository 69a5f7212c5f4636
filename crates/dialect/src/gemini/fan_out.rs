//! Several answers to one request, from models that give one answer a call.
//!
//! The same request is sent several times, and the answers become the candidates of one.

use std::borrow::Cow;

use serde_json::{
    json,
    value::{RawValue, to_raw_value},
};

use super::{
    answer::Answer,
    counts::{self, Counts},
};
use crate::{Usage, json::Object};

/// Joins the events of calls that run side by side into those of one answer.
///
/// Feed it every event of every call, translate what it gives as one stream, and finish that stream
/// when all calls have ended.
#[derive(Debug)]
pub struct FanOut {
    calls: Vec<Counts>,
    /// So many calls in a row have the same prompt.
    same_prompt: usize,
}

impl FanOut {
    /// For so many calls of one request.
    pub fn new(calls: usize) -> Self {
        Self::of_prompts(1, calls)
    }

    /// For several requests, each sent so many times in a row.
    pub fn of_prompts(prompts: usize, calls: usize) -> Self {
        let calls = calls.max(1);
        Self { calls: vec![Counts::default(); prompts * calls], same_prompt: calls }
    }

    /// The event to translate in place of this one of call number `call`, counted from 0: its
    /// candidates carry that number, and its counts are those of all calls, the prompt counted once.
    /// Errors and everything that cannot be read are given back as they are.
    pub fn event<'e>(&mut self, call: usize, data: &'e [u8]) -> Cow<'e, [u8]> {
        self.rewrite(call, data).map_or(Cow::Borrowed(data), |event| Cow::Owned(event.to_vec()))
    }

    /// What all calls cost together, each with its own prompt.
    pub fn billed(&self) -> Usage {
        self.calls.iter().fold(Usage::default(), |sum, counts| sum.plus(&counts.usage()))
    }

    /// Every prompt counts once.
    fn counts(&self) -> Counts {
        let prompts: Vec<Counts> =
            self.calls.chunks(self.same_prompt).map(counts::joined).collect();
        counts::summed(&prompts)
    }

    fn rewrite<'e>(&mut self, call: usize, data: &'e [u8]) -> Option<Object<'e>> {
        let answer = Answer::read(data).ok().filter(|answer| answer.error.is_none())?;
        let mut event = Object::read(std::str::from_utf8(data).ok()?)?;
        if let (Some(counts), Some(metadata)) = (self.calls.get_mut(call), &answer.usage_metadata) {
            counts.merge(metadata);
            event.put("usageMetadata", &self.counts());
        }
        if let Some(candidates) = numbered(&answer, &event, call) {
            event.put("candidates", &candidates);
        }
        Some(event)
    }
}

/// The whole answers of calls as one answer, candidates in the order of the calls. `None` if the
/// first of them cannot be read; others that cannot are left out. `prompts` as for
/// [`FanOut::of_prompts`], 1 for several choices of one request.
pub fn merge(prompts: usize, answers: &[&[u8]]) -> Option<Vec<u8>> {
    let mut calls = FanOut::of_prompts(prompts, answers.len() / prompts.max(1));
    let read = answers.iter().enumerate().map(|(call, body)| calls.rewrite(call, body));
    let read: Vec<Option<Object<'_>>> = read.collect();
    let mut candidates: Vec<Box<RawValue>> = Vec::new();
    for answer in read.iter().flatten() {
        let list = answer.get("candidates").map(serde_json::from_str::<Vec<Box<RawValue>>>);
        candidates.extend(list.into_iter().flatten().flatten());
    }
    let mut whole = read.into_iter().next()??;
    whole.put("candidates", &candidates);
    whole.put("usageMetadata", &calls.counts());
    Some(whole.to_vec())
}

/// The candidates with the number of their call. A blocked prompt has none, but must not end the
/// answers of the other calls, so it becomes one.
fn numbered(answer: &Answer<'_>, event: &Object<'_>, call: usize) -> Option<Box<RawValue>> {
    if let (Some(reason), true) = (answer.block_reason(), answer.candidates().is_empty()) {
        let message = format!("Prompt blocked by upstream filter: {reason}");
        let blocked = json!([{"index": call, "finishReason": "SAFETY", "finishMessage": message}]);
        return to_raw_value(&blocked).ok();
    }
    let mut candidates: Vec<Object<'_>> = serde_json::from_str(event.get("candidates")?).ok()?;
    for candidate in &mut candidates {
        candidate.put("index", &call);
    }
    to_raw_value(&candidates).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIRST: &[u8] = br#"{"candidates":[{"content":{"parts":[{"text":"a"}]},"finishReason":"STOP"}],"usageMetadata":{"promptTokenCount":5,"candidatesTokenCount":2,"totalTokenCount":7},"responseId":"R1"}"#;
    const SECOND: &[u8] = br#"{"candidates":[{"content":{"parts":[{"text":"b"}]},"finishReason":"MAX_TOKENS","index":0}],"usageMetadata":{"promptTokenCount":5,"candidatesTokenCount":3,"thoughtsTokenCount":4,"totalTokenCount":12},"responseId":"R2"}"#;
    const BLOCKED: &[u8] = br#"{"promptFeedback":{"blockReason":"OTHER"}}"#;

    #[test]
    fn whole_answers_become_candidates_of_one() {
        let whole = String::from_utf8(merge(1, &[FIRST, SECOND, BLOCKED]).unwrap()).unwrap();
        insta::assert_snapshot!(whole, @r#"{"responseId":"R1","candidates":[{"content":{"parts":[{"text":"a"}]},"finishReason":"STOP","index":0},{"content":{"parts":[{"text":"b"}]},"finishReason":"MAX_TOKENS","index":1},{"index":2,"finishReason":"SAFETY","finishMessage":"Prompt blocked by upstream filter: OTHER"}],"usageMetadata":{"promptTokenCount":5,"candidatesTokenCount":5,"thoughtsTokenCount":4,"totalTokenCount":14}}"#);
        let two = String::from_utf8(merge(2, &[FIRST, SECOND]).unwrap()).unwrap();
        assert!(two.contains(r#"{"promptTokenCount":10,"candidatesTokenCount":5,"#), "{two}");
        assert_eq!(merge(1, &[b"<html>"]), None);
        assert_eq!(merge(1, &[]), None);
    }

    #[test]
    fn events_carry_the_number_of_their_call_and_counts_of_all() {
        let mut calls = FanOut::new(2);
        let event = |calls: &mut FanOut, call, data| {
            String::from_utf8(calls.event(call, data).into_owned()).unwrap()
        };
        insta::assert_snapshot!(event(&mut calls, 1, SECOND), @r#"{"responseId":"R2","usageMetadata":{"promptTokenCount":5,"candidatesTokenCount":3,"thoughtsTokenCount":4,"totalTokenCount":12},"candidates":[{"content":{"parts":[{"text":"b"}]},"finishReason":"MAX_TOKENS","index":1}]}"#);
        insta::assert_snapshot!(event(&mut calls, 0, FIRST), @r#"{"responseId":"R1","usageMetadata":{"promptTokenCount":5,"candidatesTokenCount":5,"thoughtsTokenCount":4,"totalTokenCount":14},"candidates":[{"content":{"parts":[{"text":"a"}]},"finishReason":"STOP","index":0}]}"#);
        insta::assert_snapshot!(event(&mut calls, 1, BLOCKED), @r#"{"promptFeedback":{"blockReason":"OTHER"},"candidates":[{"index":1,"finishReason":"SAFETY","finishMessage":"Prompt blocked by upstream filter: OTHER"}]}"#);
        let error = br#"{"error":{"code":503}}"#;
        assert!(matches!(calls.event(0, error), Cow::Borrowed(_)));
        assert_eq!(calls.billed().total, 19);
    }
}
