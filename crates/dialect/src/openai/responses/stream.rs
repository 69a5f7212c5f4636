//! A streamed answer, translated event by event.

use bytes::BytesMut;

use super::{
    ResponsesContext,
    assembly::Assembly,
    events::Events,
    object::{self, Identity, State},
    response::{blocked, identity, list},
    stored::ThoughtSignatures,
    told::ToldEvent,
};
use crate::{
    Usage,
    gemini::{
        answer::{Answer, Candidate},
        counts::Counts,
        error,
        wording::ContextLength,
    },
    openai,
    outcome::{Seen, StreamError},
    stamp::{Ids, Stamp},
};

/// The first events of a background response.
const QUEUED: [&str; 2] = ["response.created", "response.queued"];

/// The events that come before those of a [`ResponsesStream`] where the response is a
/// [`queued`](super::queued) one, whose object this is.
pub fn told_queued(object: &str) -> Vec<ToldEvent> {
    let events = QUEUED.iter().zip(0..);
    events.filter_map(|(kind, number)| ToldEvent::with_response(kind, number, object)).collect()
}

/// Translates one streamed answer. Feed it every event, then [`ResponsesStream::finish`].
///
/// All methods append whole events to `out`. Nothing is appended before there is something to say,
/// so that a stream which turns out empty can still be tried again elsewhere.
pub struct ResponsesStream {
    context: ResponsesContext,
    ids: Ids,
    stamp: Stamp,
    /// The identity of the stream is that of its first event, and never changes after.
    identity: Option<Identity>,
    /// The first events went out.
    begun: bool,
    sequence: u64,
    assembly: Assembly,
    counts: Counts,
    has_content: bool,
    /// The response object as it was told last.
    object: Vec<u8>,
}

impl ResponsesStream {
    /// Begins an answer.
    pub fn new(context: ResponsesContext, mut stamp: Stamp) -> Self {
        Self {
            ids: Ids::new(&context.call_ids, &mut stamp),
            stamp,
            identity: None,
            begun: false,
            // The first events of a background response were told before it was begun with.
            sequence: if context.background { QUEUED.len() as u64 } else { 0 },
            assembly: Assembly::default(),
            counts: Counts::default(),
            has_content: false,
            object: Vec::new(),
            context,
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
        let now = identity(&answer, &self.context, &self.stamp);
        match &mut self.identity {
            Some(identity) => identity.tier = now.tier,
            none => {
                self.assembly.response.clone_from(&now.id);
                *none = Some(now);
            }
        }
        let Some(candidate) = answer.candidates().first() else {
            return Ok(self.block(&answer));
        };
        if says_something(candidate) {
            self.begin(out);
        }
        let mut events = Events { out: Some(out), sequence: &mut self.sequence };
        self.assembly.take(candidate, &self.context, &mut self.ids, &mut events);
        let seen = Seen { content: candidate.has_content(), finish: candidate.reason().is_some() };
        self.has_content |= seen.content;
        Ok(seen)
    }

    fn block(&mut self, answer: &Answer<'_>) -> Seen {
        if !self.begun && self.assembly.blocked.is_none() {
            self.assembly.blocked = blocked(answer);
        }
        Seen { finish: self.assembly.blocked.is_some(), ..Seen::default() }
    }

    /// The upstream ended: closes all items and appends `response.completed` or
    /// `response.incomplete`. `completed` is the time, in Unix seconds.
    pub fn finish(&mut self, completed: i64, out: &mut BytesMut) -> Result<(), StreamError> {
        if !self.assembly.has_ended() {
            return Err(StreamError::Truncated);
        }
        let ending = self.assembly.ending();
        let ending = ending.map_err(|openai::finish::NothingThere| StreamError::Empty)?;
        self.begin(out);
        let mut events = Events { out: Some(out), sequence: &mut self.sequence };
        let state = self.assembly.end(ending, completed, &self.context, &mut events);
        let kind = match state {
            State::Completed(_) => "response.completed",
            _ => "response.incomplete",
        };
        self.tell(kind, state, out);
        Ok(())
    }

    /// Ends the stream with `response.failed`. For faults of the gateway itself.
    pub fn error(&mut self, message: &str, code: &str, out: &mut BytesMut) {
        self.begin(out);
        // The codes of the API; clients act upon these only.
        let code = match code {
            "rate_limit_exceeded" | "context_length_exceeded" | "invalid_prompt" => code,
            _ => "server_error",
        };
        self.assembly.break_off();
        self.tell("response.failed", State::Failed { code, message }, out);
    }

    /// Ends the stream with what [`ResponsesStream::event`] or [`ResponsesStream::finish`]
    /// complained of.
    pub fn fail(&mut self, error: &StreamError, out: &mut BytesMut) {
        let (message, code) = match error {
            StreamError::Upstream(error) if ContextLength::read(&error.message).is_some() => {
                ("The input is longer than the model's context.", "context_length_exceeded")
            }
            StreamError::Upstream(error) => openai::error::in_stream(error),
            StreamError::Malformed(_) => ("The upstream sent a malformed event.", "server_error"),
            StreamError::Truncated => {
                ("The upstream stream ended before the answer was complete.", "server_error")
            }
            StreamError::Empty => ("The upstream answer is empty.", "server_error"),
            StreamError::Withheld(message) => (message.as_str(), "server_error"),
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

    /// The response object as the last event of the stream told it; empty before.
    pub fn object(&self) -> &[u8] {
        &self.object
    }

    /// Thought signatures so far, to keep beside the response.
    pub fn signatures(&self) -> &ThoughtSignatures {
        &self.assembly.signatures
    }

    fn begin(&mut self, out: &mut BytesMut) {
        if std::mem::replace(&mut self.begun, true) {
            return;
        }
        if !self.context.background {
            self.tell("response.created", State::InProgress, out);
        }
        self.tell("response.in_progress", State::InProgress, out);
    }

    /// Appends an event with the whole response object.
    fn tell(&mut self, kind: &str, state: State<'_>, out: &mut BytesMut) {
        let none = || identity(&Answer::default(), &self.context, &self.stamp);
        let identity = self.identity.get_or_insert_with(none);
        let ended = !matches!(state, State::InProgress);
        let output = if ended { list(&self.assembly.items) } else { b"[]".to_vec() };
        let counts = ended.then_some(&self.counts);
        self.object.clear();
        object::write(&self.context, identity, state, &output, counts, &mut self.object);
        let object = &self.object;
        let mut events = Events { out: Some(out), sequence: &mut self.sequence };
        events.send(kind, |members| {
            members.with("response", |out| out.extend_from_slice(object));
        });
    }
}

/// The candidate brings something that the client is told at once.
fn says_something(candidate: &Candidate<'_>) -> bool {
    let thought = |text: &crate::json::Text<'_>| !text.is_empty();
    candidate.has_content()
        || candidate
            .parts()
            .iter()
            .any(|part| part.is_thought() && part.text.as_ref().is_some_and(thought))
}
