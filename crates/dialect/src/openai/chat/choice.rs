//! One choice of a whole answer.

use bytes::BufMut;

use super::{
    ChatContext,
    annotations::{self, Told},
    calls::{self, Meaning, OutCall},
    context::TextCompletion,
    finish::{self, Ending, Held, NothingThere},
    logprobs,
    media_out::{self, Media},
};
use crate::{
    gemini::{
        answer::{AnswerPart, Candidate},
        code,
    },
    json::{self, Text},
    stamp::Ids,
};

/// A choice, collected from the parts of a candidate.
#[derive(Default)]
pub(super) struct Choice<'a> {
    /// Visible text, as it stands between the quotes of a JSON string.
    content: Vec<u8>,
    /// The same for thoughts.
    reasoning: Vec<u8>,
    calls: Vec<OutCall<'a>>,
    /// The model answered by calling the answer tool.
    answered: bool,
    media: Vec<Media<'a>>,
    signature: Option<Text<'a>>,
    annotations: Vec<u8>,
    logprobs: Vec<u8>,
    refusal: Option<String>,
    finish_reason: &'static str,
    legacy: bool,
}

impl<'a> Choice<'a> {
    /// Reads a candidate.
    pub(super) fn read(
        candidate: &Candidate<'a>,
        context: &ChatContext,
        ids: &mut Ids,
    ) -> Result<Self, NothingThere> {
        let mut choice = Self { legacy: context.legacy_functions, ..Self::default() };
        for part in candidate.parts() {
            choice.part(part, context, ids);
        }
        let held = Held {
            calls: !choice.calls.is_empty(),
            content: candidate.has_content(),
            legacy: context.legacy_functions,
        };
        // An answer that just ends, without saying why, ended well if it said something.
        let reason = candidate.finish_reason.as_ref().map(Text::decode).unwrap_or_default();
        let message = candidate.finish_message.as_ref().map(|text| text.decode().into_owned());
        let Ending { reason, refusal, text } = finish::ending(&reason, message, held)?;
        if let Some(text) = text {
            Text::from(text).write_inner(&mut choice.content);
        }
        choice.finish_reason = reason;
        choice.refusal = refusal;
        choice.annotations = annotations(candidate);
        if let (true, Some(grounding)) = (context.list_sources, candidate.grounding_metadata) {
            let sources = annotations::as_text(grounding.get());
            Text::from(sources).write_inner(&mut choice.content);
        }
        choice.logprobs = logprobs::translate(candidate.logprobs_result);
        Ok(choice)
    }

    /// A choice without an answer.
    pub(super) fn refused(refusal: String) -> Self {
        Self {
            refusal: Some(refusal),
            annotations: b"[]".to_vec(),
            logprobs: b"null".to_vec(),
            finish_reason: "content_filter",
            ..Self::default()
        }
    }

    fn part(&mut self, part: &AnswerPart<'a>, context: &ChatContext, ids: &mut Ids) {
        if let Some(text) = &part.text {
            if part.is_thought() {
                if !context.hide_thoughts {
                    text.write_inner(&mut self.reasoning);
                }
                return;
            }
            if !self.answered {
                text.write_inner(&mut self.content);
            }
            self.signature = part.thought_signature.clone().or(self.signature.take());
        }
        if part.is_thought() {
            return;
        }
        if let Some(call) = &part.function_call {
            match calls::read(call, part.thought_signature.as_ref(), context, ids) {
                Meaning::Answer(json) => {
                    self.answered = true;
                    self.content.clear();
                    Text::from(json).write_inner(&mut self.content);
                }
                Meaning::Call(call) if self.calls.is_empty() || !context.single_call => {
                    self.calls.push(call);
                }
                Meaning::Call(_) => {}
            }
        }
        if let Some(block) = code::block(part) {
            Text::from(block).write_inner(&mut self.content);
        }
        self.media.extend(Media::read(part));
    }

    /// Appends the choice.
    pub(super) fn write(&self, index: u64, created: i64, context: &ChatContext, out: &mut Vec<u8>) {
        if let Some(text) = &context.text {
            self.write_text(index, text, out);
            return;
        }
        out.put_slice(br#"{"index":"#);
        json::push_number(out, index);
        out.put_slice(br#","message":{"role":"assistant","content":"#);
        self.write_content(out);
        out.put_slice(br#","refusal":"#);
        json::push(out, &self.refusal);
        out.put_slice(br#","annotations":"#);
        out.put_slice(&self.annotations);
        if !self.reasoning.is_empty() {
            out.put_slice(br#","reasoning_content":""#);
            out.put_slice(&self.reasoning);
            out.put_u8(b'"');
        }
        self.write_calls(out);
        media_out::write_all(&self.media, context.audio, created, out);
        if let Some(signature) = &self.signature {
            calls::write_signature(signature, out);
        }
        out.put_slice(br#"},"logprobs":"#);
        out.put_slice(&self.logprobs);
        out.put_slice(br#","finish_reason":""#);
        out.put_slice(self.finish_reason.as_bytes());
        out.put_slice(br#""}"#);
    }

    /// Appends the choice as `/v1/completions` has it.
    fn write_text(&self, index: u64, text: &TextCompletion, out: &mut Vec<u8>) {
        out.put_slice(br#"{"text":""#);
        Text::from(text.echo(index)).write_inner(out);
        out.put_slice(&self.content);
        out.put_slice(br#"","index":"#);
        json::push_number(out, index);
        out.put_slice(br#","logprobs":null,"finish_reason":""#);
        out.put_slice(finish::of_text(self.finish_reason).as_bytes());
        out.put_slice(br#""}"#);
    }

    fn write_content(&self, out: &mut Vec<u8>) {
        let elsewhere = !self.calls.is_empty()
            || self.refusal.is_some()
            || self.media.iter().any(Media::is_audio);
        if self.content.is_empty() && elsewhere {
            out.put_slice(b"null");
            return;
        }
        out.put_u8(b'"');
        out.put_slice(&self.content);
        out.put_u8(b'"');
    }

    fn write_calls(&self, out: &mut Vec<u8>) {
        let Some(first) = self.calls.first() else { return };
        if self.legacy {
            out.put_slice(br#","function_call":"#);
            first.write_legacy(out);
            return;
        }
        out.put_slice(br#","tool_calls":"#);
        crate::gemini::content::write_list(&self.calls, out, OutCall::write);
    }
}

fn annotations(candidate: &Candidate<'_>) -> Vec<u8> {
    if candidate.grounding_metadata.is_none() && candidate.citation_metadata.is_none() {
        return b"[]".to_vec();
    }
    let mut content = String::new();
    let mut starts = Vec::new();
    for part in candidate.parts() {
        starts.push(content.len());
        if let (Some(text), false) = (&part.text, part.is_thought()) {
            content.push_str(&text.decode());
        }
        content.extend(code::block(part));
    }
    annotations::translate(
        candidate.grounding_metadata.map(serde_json::value::RawValue::get),
        candidate.citation_metadata.map(serde_json::value::RawValue::get),
        &Told { content: Some(&content), starts: &starts },
    )
}
