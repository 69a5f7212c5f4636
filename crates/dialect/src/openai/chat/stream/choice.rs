//! One choice of a streamed answer.

use bytes::BufMut;
use serde_json::value::RawValue;

use super::{
    super::{
        ChatContext,
        annotations::{self, Told},
        calls::{self, Meaning, OutCall},
        finish::{self, Ending, Held, NothingThere},
        logprobs,
        media_out::{self, Media},
    },
    chunk::Output,
};
use crate::{
    gemini::{
        answer::{AnswerPart, Candidate},
        audio::AudioFormat,
        code,
        recited::Recited,
    },
    json::Text,
    stamp::Ids,
};

/// What is known of a choice between two events.
#[derive(Default)]
pub(super) struct StreamChoice {
    index: u64,
    /// The chunk with the role went out.
    begun: bool,
    finish_reason: Option<String>,
    finish_message: Option<String>,
    calls: u64,
    images: u64,
    has_content: bool,
    /// The model answered by calling the answer tool.
    answered: bool,
    /// Text that only counts if that call does not come, as between quotes.
    held_back: Vec<u8>,
    /// Signature of the last text, as between quotes.
    signature: Vec<u8>,
    grounding: Option<String>,
    recited: Recited,
    /// The text so far, kept if sources may refer to it.
    told: String,
    /// Where each part begins in it.
    starts: Vec<usize>,
    refusal: Option<String>,
}

impl StreamChoice {
    pub(super) fn new(index: u64) -> Self {
        Self { index, ..Self::default() }
    }

    /// The choice that stands for a blocked prompt.
    pub(super) fn refused(refusal: String) -> Self {
        Self { refusal: Some(refusal), ..Self::default() }
    }

    pub(super) fn index(&self) -> u64 {
        self.index
    }

    pub(super) fn has_ended(&self) -> bool {
        self.finish_reason.is_some() || self.refusal.is_some()
    }

    /// Takes in what an event says of this choice.
    pub(super) fn take(
        &mut self,
        candidate: &Candidate<'_>,
        context: &ChatContext,
        ids: &mut Ids,
        output: &mut Output<'_>,
    ) {
        let probabilities = candidate.logprobs_result.map(|raw| logprobs::translate(Some(raw)));
        for part in candidate.parts() {
            self.note(part, context);
            self.part(part, probabilities.as_deref(), context, ids, output);
        }
        self.has_content |= candidate.has_content();
        if let Some(reason) = candidate.reason() {
            self.finish_reason = Some(reason.decode().into_owned());
        }
        if let Some(message) = &candidate.finish_message {
            self.finish_message = Some(message.decode().into_owned());
        }
        keep(&mut self.grounding, candidate.grounding_metadata);
        self.recited.add(candidate.citation_metadata);
    }

    fn note(&mut self, part: &AnswerPart<'_>, context: &ChatContext) {
        if !context.grounded {
            return;
        }
        self.starts.push(self.told.len());
        if let (Some(text), false) = (&part.text, part.is_thought()) {
            self.told.push_str(&text.decode());
        }
        self.told.extend(code::block(part));
    }

    fn part(
        &mut self,
        part: &AnswerPart<'_>,
        probabilities: Option<&[u8]>,
        context: &ChatContext,
        ids: &mut Ids,
        output: &mut Output<'_>,
    ) {
        if let Some(text) = &part.text {
            self.text(text, part, probabilities, context, output);
        }
        if part.is_thought() {
            return;
        }
        if let Some(call) = &part.function_call {
            match calls::read(call, part.thought_signature.as_ref(), context, ids) {
                Meaning::Answer(json) => {
                    self.answered = true;
                    self.content(&Text::from(json), None, output);
                }
                Meaning::Call(call) if self.calls == 0 || !context.single_call => {
                    self.call(&call, context.legacy_functions, output);
                }
                Meaning::Call(_) => {}
            }
        }
        if let Some(block) = code::block(part) {
            self.content(&Text::from(block), None, output);
        }
        if let Some(media) = Media::read(part) {
            self.media(&media, context.audio, output);
        }
    }

    fn text(
        &mut self,
        text: &Text<'_>,
        part: &AnswerPart<'_>,
        probabilities: Option<&[u8]>,
        context: &ChatContext,
        output: &mut Output<'_>,
    ) {
        if part.is_thought() {
            if !text.is_empty() && !context.hide_thoughts {
                self.begin(output);
                output.delta(self.index, None, |delta| {
                    member(delta, br#"{"reasoning_content":"#, text);
                });
            }
            return;
        }
        if let Some(signature) = &part.thought_signature {
            self.signature.clear();
            signature.write_inner(&mut self.signature);
        }
        if context.answer_tool.is_some() {
            text.write_inner(&mut self.held_back);
        } else if !text.is_empty() {
            self.content(text, probabilities, output);
        }
    }

    fn content(&mut self, text: &Text<'_>, probabilities: Option<&[u8]>, output: &mut Output<'_>) {
        self.begin(output);
        output.content(self.index, probabilities, text);
    }

    /// The role comes once, in a chunk of its own.
    fn begin(&mut self, output: &mut Output<'_>) {
        if !std::mem::replace(&mut self.begun, true) {
            output.begin(self.index);
        }
    }

    /// A call takes two chunks: id and name may not be repeated, so arguments come on their own.
    fn call(&mut self, call: &OutCall<'_>, legacy: bool, output: &mut Output<'_>) {
        self.begin(output);
        let number = self.calls;
        self.calls += 1;
        if legacy {
            if number == 0 {
                output.delta(self.index, None, |delta| {
                    delta.put_slice(br#"{"function_call":"#);
                    call.write_legacy(delta);
                    delta.put_u8(b'}');
                });
            }
            return;
        }
        output.delta(self.index, None, |delta| call.write_opening(number, delta));
        output.delta(self.index, None, |delta| call.write_arguments(number, delta));
    }

    fn media(&mut self, media: &Media<'_>, format: AudioFormat, output: &mut Output<'_>) {
        self.begin(output);
        let created = output.chunks.created;
        output.delta(self.index, None, |delta| {
            if media.is_audio() {
                delta.put_slice(br#"{"audio":"#);
                // The header of a file stands before its first piece only.
                let format = if format == AudioFormat::Wav { AudioFormat::AsItIs } else { format };
                media_out::write_audio(&[media], format, created, delta);
                delta.put_u8(b'}');
            } else {
                delta.put_slice(br#"{"images":["#);
                media.write_image(self.images, delta);
                delta.put_slice(b"]}");
                self.images += 1;
            }
        });
    }

    /// How the choice ends.
    pub(super) fn ending(&self, context: &ChatContext) -> Result<Ending, NothingThere> {
        if let Some(refusal) = &self.refusal {
            let refusal = Some(refusal.clone());
            return Ok(Ending { reason: "content_filter", refusal, text: None });
        }
        let held = Held {
            calls: self.calls > 0,
            content: self.has_content,
            legacy: context.legacy_functions,
        };
        let reason = self.finish_reason.as_deref().unwrap_or_default();
        finish::ending(reason, self.finish_message.clone(), held)
    }

    /// Appends what is told last: text held back, refusal, sources, signature, and the end.
    pub(super) fn end(&mut self, ending: Ending, context: &ChatContext, output: &mut Output<'_>) {
        self.begin(output);
        if !self.answered && !self.held_back.is_empty() {
            let held_back = std::mem::take(&mut self.held_back);
            output.delta(self.index, None, |delta| {
                delta.put_slice(br#"{"content":""#);
                delta.put_slice(&held_back);
                delta.put_slice(br#""}"#);
            });
        }
        if let Some(text) = ending.text {
            self.content(&Text::from(text), None, output);
        }
        if let Some(refusal) = ending.refusal {
            output.delta(self.index, None, |delta| {
                member(delta, br#"{"refusal":"#, &Text::from(refusal));
            });
        }
        if let (true, Some(grounding)) = (context.list_sources, self.grounding.as_deref()) {
            let sources = annotations::as_text(grounding);
            if !sources.is_empty() {
                self.content(&Text::from(sources), None, output);
            }
        }
        self.sources(output);
        if !self.signature.is_empty() {
            output.delta(self.index, None, |delta| {
                delta.put_slice(br#"{"extra_content":{"google":{"thought_signature":""#);
                delta.put_slice(&self.signature);
                delta.put_slice(br#""}}}"#);
            });
        }
        output.finish(self.index, ending.reason);
    }

    fn sources(&self, output: &mut Output<'_>) {
        if self.grounding.is_none() && self.recited.is_empty() {
            return;
        }
        let content = (!self.starts.is_empty()).then_some(self.told.as_str());
        let told = Told { content, starts: &self.starts };
        let list = annotations::translate(
            self.grounding.as_deref(),
            self.recited.whole().as_deref(),
            &told,
        );
        if list != b"[]" {
            output.delta(self.index, None, |delta| {
                delta.put_slice(br#"{"annotations":"#);
                delta.put_slice(&list);
                delta.put_u8(b'}');
            });
        }
    }
}

/// Early events bring empty metadata; the last that says something counts.
fn keep(kept: &mut Option<String>, raw: Option<&RawValue>) {
    if let Some(raw) = raw.filter(|raw| raw.get().contains("groundingChunks")) {
        *kept = Some(raw.get().to_owned());
    }
}

fn member(delta: &mut Vec<u8>, open: &[u8], text: &Text<'_>) {
    delta.put_slice(open);
    text.write(delta);
    delta.put_u8(b'}');
}
