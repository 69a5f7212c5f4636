//! A streamed answer, translated event by event.

mod choice;
mod chunk;

use bytes::BytesMut;

use super::ChatContext;
use crate::{
    Usage,
    gemini::{answer::Answer, counts::Counts, error},
    json::Text,
    openai,
    outcome::{Seen, StreamError},
    stamp::{Ids, Stamp},
};
use choice::StreamChoice;
use chunk::{Chunks, Output};

/// Translates one streamed answer. Feed it every event, then [`ChatStream::finish`].
///
/// All methods append whole `data: …` lines to `out`. Nothing is appended before there is something
/// to say, so that a stream which turns out empty can still be tried again elsewhere.
pub struct ChatStream {
    context: ChatContext,
    ids: Ids,
    /// Time and fallback id, until the first event brings the rest.
    stamp: Stamp,
    chunks: Option<Chunks>,
    choices: Vec<StreamChoice>,
    counts: Counts,
    /// The prompt was blocked: the refusal to tell.
    blocked: bool,
    has_content: bool,
}

impl ChatStream {
    /// Begins an answer.
    pub fn new(context: ChatContext, mut stamp: Stamp) -> Self {
        Self {
            ids: Ids::new(&context.call_ids, &mut stamp),
            context,
            stamp,
            chunks: None,
            choices: Vec::new(),
            counts: Counts::default(),
            blocked: false,
            has_content: false,
        }
    }

    /// Translates the data of one event.
    pub fn event(&mut self, data: &[u8], out: &mut BytesMut) -> Result<Seen, StreamError> {
        if data.trim_ascii().is_empty() {
            return Ok(Seen::default());
        }
        let answer = match Answer::read(data) {
            Ok(answer) => answer,
            Err(why) => {
                let error = error::parse(data);
                return Err(error.map_or(StreamError::Malformed(why), StreamError::Upstream));
            }
        };
        if let Some(error) = answer.error {
            return Err(StreamError::Upstream(error::read(error)));
        }
        if let Some(metadata) = &answer.usage_metadata {
            self.counts.merge(metadata);
        }
        // The identity of the stream is that of its first event, and never changes after.
        let chunks =
            self.chunks.get_or_insert_with(|| Chunks::new(&answer, &self.context, &self.stamp));
        let mut output = Output { chunks, out };
        let mut seen = Seen::default();
        for (position, candidate) in answer.candidates().iter().enumerate() {
            let index = candidate.index.map_or(position as u64, |index| index.0.max(0) as u64);
            let choice = find(&mut self.choices, index);
            choice.take(candidate, &self.context, &mut self.ids, &mut output);
            seen.content |= candidate.has_content();
            seen.finish |= candidate.finish_reason.is_some();
        }
        if answer.candidates().is_empty() && !self.blocked && self.choices.is_empty() {
            seen.finish |= self.block(&answer);
        }
        self.has_content |= seen.content;
        Ok(seen)
    }

    fn block(&mut self, answer: &Answer<'_>) -> bool {
        let Some(reason) = answer.block_reason() else { return false };
        let feedback = answer.prompt_feedback.as_ref();
        let message = feedback.and_then(|feedback| feedback.block_reason_message.as_ref());
        let message = message.map(Text::decode);
        let refusal = super::finish::blocked_prompt(&reason.decode(), message.as_deref());
        self.choices.push(StreamChoice::refused(refusal));
        self.blocked = true;
        true
    }

    /// The upstream ended: appends the finish chunk, the usage chunk if asked for, and `[DONE]`.
    pub fn finish(&mut self, out: &mut BytesMut) -> Result<(), StreamError> {
        if self.choices.is_empty() || !self.choices.iter().all(StreamChoice::has_ended) {
            return Err(StreamError::Truncated);
        }
        let mut endings = Vec::with_capacity(self.choices.len());
        for choice in &self.choices {
            let ending = choice.ending(&self.context);
            endings.push(ending.map_err(|super::finish::NothingThere| StreamError::Empty)?);
        }
        let Some(chunks) = &mut self.chunks else { return Err(StreamError::Truncated) };
        let mut output = Output { chunks, out };
        for (choice, ending) in self.choices.iter_mut().zip(endings) {
            choice.end(ending, &self.context, &mut output);
        }
        if self.context.include_usage {
            output.usage(&self.counts);
        }
        out.extend_from_slice(b"data: [DONE]\n\n");
        Ok(())
    }

    /// Ends the stream with an error object, without `[DONE]`. For faults of the gateway itself.
    pub fn error(&self, message: &str, code: &str, out: &mut BytesMut) {
        out.extend_from_slice(b"data: ");
        let body = openai::error::body(500, message, Some("server_error"), None, Some(code));
        out.extend_from_slice(&body);
        out.extend_from_slice(b"\n\n");
    }

    /// Ends the stream with what [`ChatStream::event`] or [`ChatStream::finish`] complained of.
    pub fn fail(&self, error: &StreamError, out: &mut BytesMut) {
        let (message, code) = match error {
            StreamError::Upstream(error) => openai::error::in_stream(error),
            StreamError::Malformed(_) => ("The upstream sent a malformed event.", "upstream_error"),
            StreamError::Truncated => {
                ("The upstream stream ended before the answer was complete.", "upstream_error")
            }
            StreamError::Empty => ("The upstream answer is empty.", "upstream_empty_response"),
            StreamError::Withheld(message) => (message.as_str(), "content_filter"),
        };
        self.error(message, code, out);
    }

    /// Tokens counted so far.
    pub fn usage(&self) -> Usage {
        self.counts.usage()
    }

    /// Something came that a client can use.
    pub fn has_content(&self) -> bool {
        self.has_content
    }
}

fn find(choices: &mut Vec<StreamChoice>, index: u64) -> &mut StreamChoice {
    let position = choices.iter().position(|choice| choice.index() == index);
    let position = position.unwrap_or_else(|| {
        choices.push(StreamChoice::new(index));
        choices.len() - 1
    });
    &mut choices[position]
}
