//! The parts of an answer, as a sequence of content blocks.
//!
//! Blocks follow each other and never overlap, whole or streamed. So one composer serves both, and
//! tells a [`Sink`] what to write.

use std::borrow::Cow;

use serde_json::value::RawValue;

use super::{
    MessagesContext,
    context::Carrier,
    search::Searches,
    stop::{self, Ending, Held, NothingThere},
    thinking::Thoughts,
};
use crate::{
    gemini::{
        CallSignature,
        answer::{AnswerCall, AnswerPart, Candidate},
        arguments, carrier, code, signatures,
    },
    json::{self, Text},
    stamp::Ids,
};

/// One step in writing the blocks.
pub(super) enum Piece<'p> {
    /// A block begins.
    Open(Kind),
    /// More of the open block.
    More(Kind, &'p Text<'p>),
    /// The open block ends. Only thinking has a signature.
    Close(Kind, &'p str),
    /// A whole call of a tool; `input` is a JSON object.
    ToolUse { id: &'p str, name: &'p str, input: &'p str },
    /// A whole block, as JSON.
    Whole(&'p [u8]),
}

/// Blocks that grow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Thinking,
    Text,
}

/// Where blocks are written.
pub(super) trait Sink {
    fn put(&mut self, piece: Piece<'_>);
}

/// Makes the blocks of one answer.
pub(super) struct Composer {
    ids: Ids,
    open: Option<Kind>,
    calls: usize,
    has_content: bool,
    /// The model answered by calling the answer tool.
    answered: bool,
    /// Text that only counts if that call does not come, as between quotes.
    held_back: Vec<u8>,
    searches: Option<Searches>,
    signatures: Vec<CallSignature>,
}

impl Composer {
    pub(super) fn new(ids: Ids) -> Self {
        Self {
            ids,
            open: None,
            calls: 0,
            has_content: false,
            answered: false,
            held_back: Vec::new(),
            searches: None,
            signatures: Vec::new(),
        }
    }

    /// Something came that a client can use.
    pub(super) fn has_content(&self) -> bool {
        self.has_content
    }

    /// Takes what the model searched for. It stands before the next text, or else at the end.
    pub(super) fn searched(&mut self, searches: Option<Searches>) {
        self.searches = searches;
    }

    /// The signatures since the last time, for whoever can remember them.
    pub(super) fn take_signatures(&mut self) -> Vec<CallSignature> {
        std::mem::take(&mut self.signatures)
    }

    /// Gives back where ids come from.
    pub(super) fn into_ids(self) -> Ids {
        self.ids
    }

    /// Takes in the parts of an answer, or of an event.
    pub(super) fn take(
        &mut self,
        candidate: &Candidate<'_>,
        context: &MessagesContext,
        sink: &mut impl Sink,
    ) {
        for part in candidate.parts() {
            self.part(part, context, sink);
        }
        self.has_content |= candidate.has_content();
    }

    fn part(&mut self, part: &AnswerPart<'_>, context: &MessagesContext, sink: &mut impl Sink) {
        if let Some(text) = part.text.as_ref().filter(|text| !text.is_empty()) {
            match part.is_thought() {
                true if context.thoughts == Thoughts::Shown => {
                    self.grow(Kind::Thinking, text, context, sink);
                }
                true => {}
                false if context.answer_tool.is_some() => text.write_inner(&mut self.held_back),
                false => self.grow(Kind::Text, text, context, sink),
            }
        }
        if part.is_thought() {
            return;
        }
        if let Some(call) = &part.function_call {
            self.call(call, part.thought_signature.as_ref(), context, sink);
        }
        if let Some(block) = code::block(part) {
            self.grow(Kind::Text, &Text::from(block), context, sink);
        }
        if let Some(inline) = &part.inline_data {
            // There is no block in which the model could send it.
            let mime = inline.mime_type.as_ref().map_or(Cow::Borrowed("data"), Text::decode);
            let note = format!("[{mime} left out: this API cannot carry it]");
            self.grow(Kind::Text, &Text::from(note), context, sink);
        }
    }

    fn call(
        &mut self,
        call: &AnswerCall<'_>,
        signature: Option<&Text<'_>>,
        context: &MessagesContext,
        sink: &mut impl Sink,
    ) {
        let sent = call.name.as_ref().map(Text::decode).unwrap_or_default();
        let input = object(call);
        if context.answer_tool.as_deref() == Some(sent.as_ref()) {
            if !std::mem::replace(&mut self.answered, true) {
                self.grow(Kind::Text, &Text::from(input), context, sink);
            }
            return;
        }
        if context.single_call && self.calls > 0 {
            return;
        }
        let given = call.id.as_ref().map(Text::decode).filter(|id| is_id(id));
        let mut id = self.ids.choose(given);
        let signature = signature.filter(|text| !text.is_empty()).map(Text::decode);
        if let Some(signature) = signature.as_deref().filter(|_| context.carrier == Carrier::Ids) {
            id = signatures::in_id(&id, signature).unwrap_or(id);
        }
        let signed = signature.map(|signature| CallSignature {
            call_id: id.clone(),
            generation: context.generation,
            signature: signature.into_owned(),
        });
        self.sign(signed, context, sink);
        self.flush_searches(sink);
        self.calls += 1;
        let name = context.names.original(&sent).name;
        sink.put(Piece::ToolUse { id: &id, name, input: &input });
    }

    /// Puts the signature of a call into the thinking block before it, if the client takes such
    /// blocks.
    fn sign(
        &mut self,
        signed: Option<CallSignature>,
        context: &MessagesContext,
        sink: &mut impl Sink,
    ) {
        let Some(signed) = signed else { return self.close(context, sink) };
        if context.carrier == Carrier::Blocks {
            if self.open != Some(Kind::Thinking) {
                self.close(context, sink);
                sink.put(Piece::Open(Kind::Thinking));
            }
            self.open = None;
            let carrier = carrier::write(context.generation, &[&signed]);
            sink.put(Piece::Close(Kind::Thinking, &carrier));
        }
        self.close(context, sink);
        self.signatures.push(signed);
    }

    /// Adds to a block, which begins if it is not open.
    fn grow(
        &mut self,
        kind: Kind,
        text: &Text<'_>,
        context: &MessagesContext,
        sink: &mut impl Sink,
    ) {
        if self.open != Some(kind) {
            self.close(context, sink);
            if kind == Kind::Text {
                self.flush_searches(sink);
            }
            sink.put(Piece::Open(kind));
            self.open = Some(kind);
        }
        sink.put(Piece::More(kind, text));
    }

    fn close(&mut self, context: &MessagesContext, sink: &mut impl Sink) {
        match self.open.take() {
            None => {}
            Some(Kind::Text) => sink.put(Piece::Close(Kind::Text, "")),
            Some(Kind::Thinking) => {
                // Clients take a thinking block without signature for broken.
                let carrier = carrier::write(context.generation, &[]);
                sink.put(Piece::Close(Kind::Thinking, &carrier));
            }
        }
    }

    fn flush_searches(&mut self, sink: &mut impl Sink) {
        for block in self.searches.take().into_iter().flat_map(|found| found.blocks(&mut self.ids))
        {
            sink.put(Piece::Whole(&block));
        }
    }

    /// How the answer ends, for Gemini's reason and message.
    pub(super) fn ending(
        &self,
        reason: &str,
        message: Option<String>,
    ) -> Result<Ending, NothingThere> {
        let held = Held { calls: self.calls > 0, content: self.has_content };
        stop::ending(reason, message, held)
    }

    /// Writes what comes last.
    pub(super) fn end(&mut self, ending: &Ending, context: &MessagesContext, sink: &mut impl Sink) {
        if !self.answered && !self.held_back.is_empty() {
            let held_back = std::mem::take(&mut self.held_back);
            if let Ok(text) = std::str::from_utf8(&held_back) {
                self.grow(Kind::Text, &Text::Verbatim(text), context, sink);
            }
        }
        if let Some(text) = &ending.text {
            self.grow(Kind::Text, &Text::from(text.as_str()), context, sink);
        }
        self.close(context, sink);
        self.flush_searches(sink);
    }
}

/// The arguments of a call; clients take nothing but an object.
fn object<'a>(call: &AnswerCall<'a>) -> Cow<'a, str> {
    match call.args.map(RawValue::get) {
        Some(object) if object.starts_with('{') => match json::mend(object) {
            Some(mended) => Cow::Owned(json::compact(&mended).into_owned()),
            None => json::compact(object),
        },
        _ => Cow::Owned(json::compact(arguments::read(call.args).get()).into_owned()),
    }
}

/// Anthropic's API takes no other ids back.
fn is_id(id: &str) -> bool {
    id.len() <= 64 && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(&byte))
}
