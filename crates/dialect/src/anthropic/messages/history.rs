//! System prompt and messages, as Gemini's contents.

use std::{borrow::Cow, collections::HashMap};

use super::{
    blocks::{self, BlockReader},
    body::{Block, Kind, Message, Role},
    context::Recall,
    place::Place,
};
use crate::{
    DialectError,
    gemini::{
        arguments, carrier,
        content::{Call, Part},
        history::{History, Turns},
        names::Names,
        signatures,
        step::Given,
    },
    json::{Text, choice::TextOrList},
    media::{FetchedMedia, MediaReader, Wanted},
    models::Rules,
};

/// Said for the user where the model spoke last and may not: clients let it go on that way.
const RESUME: &str = "Continue exactly where your last message stopped. Do not repeat it.";

/// Claude Code's first system block. It changes with every version, and would spoil the prefix
/// cache.
const ATTRIBUTION: &str = "x-anthropic-billing-header";

/// What system prompt and messages became.
pub(super) struct Conversation<'a> {
    pub(super) turns: Turns<'a>,
    /// Must be fetched before the turns are complete.
    pub(super) wanted: Vec<Wanted>,
    /// Ids of calls in the history.
    pub(super) call_ids: Vec<String>,
    pub(super) dropped: Vec<&'static str>,
}

/// What the translation of a history depends on.
pub(super) struct Reading<'a, 'r> {
    pub(super) rules: &'r Rules,
    pub(super) names: &'r Names,
    /// Generation of the model, as signatures name it.
    pub(super) generation: &'static str,
    pub(super) recall: Option<&'r Recall<'r>>,
    pub(super) media: Option<&'a FetchedMedia>,
}

/// Translates system prompt and messages.
pub(super) fn translate<'a>(
    system: Option<TextOrList<'a, Block<'a>>>,
    messages: Vec<Message<'a>>,
    reading: &Reading<'a, '_>,
) -> Result<Conversation<'a>, DialectError> {
    let mut builder = Builder {
        reading,
        reader: BlockReader { media: MediaReader::new(reading.media) },
        history: History::default(),
        reply: Vec::new(),
        signatures: HashMap::new(),
        call_ids: Vec::new(),
        dropped: Vec::new(),
    };
    builder.system(system)?;
    for (index, message) in messages.into_iter().enumerate() {
        builder.message(index, message)?;
    }
    builder.end_reply();
    Ok(Conversation {
        turns: builder.history.finish(reading.rules, RESUME),
        wanted: builder.reader.media.wanted(),
        call_ids: builder.call_ids,
        dropped: builder.dropped,
    })
}

struct Builder<'a, 'r> {
    reading: &'r Reading<'a, 'r>,
    reader: BlockReader<'a>,
    history: History<'a>,
    /// What the model said in the last messages: several in a row are one reply.
    reply: Vec<Part<'a>>,
    /// Signatures that thinking blocks carried, by the id of the call.
    signatures: HashMap<String, String>,
    call_ids: Vec<String>,
    dropped: Vec<&'static str>,
}

impl<'a> Builder<'a, '_> {
    fn system(&mut self, system: Option<TextOrList<'a, Block<'a>>>) -> Result<(), DialectError> {
        let blocks = match system {
            None => return Ok(()),
            Some(TextOrList::Text(text)) => {
                self.history.instruct(text_parts(text));
                return Ok(());
            }
            Some(TextOrList::List(blocks)) => blocks,
        };
        for (position, block) in blocks.into_iter().enumerate() {
            let text = instruction(Place::System { block: position }, block)?;
            if position > 0 || !text.decode().starts_with(ATTRIBUTION) {
                self.history.instruct(text_parts(text));
            }
        }
        Ok(())
    }

    fn message(&mut self, index: usize, message: Message<'a>) -> Result<(), DialectError> {
        if message.role != Role::Assistant {
            self.end_reply();
        }
        let blocks = match (message.role, message.content) {
            (role, TextOrList::Text(text)) => {
                let parts = text_parts(text);
                match role {
                    Role::User => self.history.say(parts),
                    Role::Assistant => self.reply.extend(parts),
                    Role::System => self.history.instruct(parts),
                }
                return Ok(());
            }
            (_, TextOrList::List(blocks)) => blocks,
        };
        let at = |block| Place::Message { message: index, block };
        match message.role {
            Role::User => self.user(at, blocks),
            Role::Assistant => self.assistant(at, blocks),
            Role::System => {
                let mut parts = Vec::with_capacity(blocks.len());
                for (position, block) in blocks.into_iter().enumerate() {
                    parts.extend(text_parts(instruction(at(position), block)?));
                }
                self.history.instruct(parts);
                Ok(())
            }
        }
    }

    fn user(
        &mut self,
        at: impl Fn(usize) -> Place,
        blocks: Vec<Block<'a>>,
    ) -> Result<(), DialectError> {
        let mut parts = Vec::with_capacity(blocks.len());
        for (position, mut block) in blocks.into_iter().enumerate() {
            let place = at(position);
            match block.kind() {
                Kind::ToolResult => {
                    let id =
                        block.tool_use_id.take().ok_or_else(|| place.missing("tool_use_id"))?;
                    let failed = block.is_error == Some(true);
                    let content = block.content.take().map(|content| *content);
                    let result = self.reader.result(place, content)?;
                    let (id, _) = signatures::split_id(id.decode());
                    let given = Given { id: Some(&id), name: None, parts: result, failed };
                    self.history.answer(given, self.reading.rules);
                }
                Kind::Foreign(name) => self.dropped.push(name),
                kind => {
                    let said = self.reader.said(place, block)?;
                    parts.extend(said.ok_or_else(|| misplaced(place, kind, "user"))?);
                }
            }
        }
        self.history.say(parts);
        Ok(())
    }

    fn assistant(
        &mut self,
        at: impl Fn(usize) -> Place,
        blocks: Vec<Block<'a>>,
    ) -> Result<(), DialectError> {
        for carried in blocks.iter().filter_map(|block| block.signature.as_deref()) {
            self.signatures.extend(carrier::read(&carried.decode(), self.reading.generation));
        }
        for (position, block) in blocks.into_iter().enumerate() {
            let place = at(position);
            match block.kind() {
                Kind::ToolUse => {
                    let call = self.call(place, block)?;
                    self.reply.push(Part::Call(Box::new(call)));
                }
                Kind::Thinking | Kind::RedactedThinking | Kind::ServerToolUse => {}
                Kind::WebSearchToolResult => self.reply.extend(blocks::found_earlier(&block)),
                Kind::Foreign(name) => self.dropped.push(name),
                Kind::Unknown => self.dropped.push("messages.content"),
                kind => {
                    let said = self.reader.said(place, block)?;
                    let said = said.ok_or_else(|| misplaced(place, kind, "assistant"))?;
                    self.reply.extend(said);
                }
            }
        }
        Ok(())
    }

    fn end_reply(&mut self) {
        self.history.reply(std::mem::take(&mut self.reply));
    }

    fn call(&mut self, place: Place, block: Block<'a>) -> Result<Call<'a>, DialectError> {
        let id = block.id.map(|id| id.decode()).filter(|id| !id.is_empty());
        let id = id.ok_or_else(|| place.missing("id"))?;
        let name = block.name.ok_or_else(|| place.missing("name"))?;
        let carried = self.signatures.remove(id.as_ref());
        let recalled = || self.reading.recall?(&id, self.reading.generation);
        let known = carried.or_else(recalled).filter(|signature| !signature.is_empty());
        let (id, hidden) = signatures::split_id(id);
        self.call_ids.push(id.clone().into_owned());
        Ok(Call {
            name: self.sent_name(&name),
            args: arguments::read(block.input),
            signature: known.map(Text::from).or(hidden),
            id,
        })
    }

    fn sent_name(&self, name: &Text<'a>) -> Cow<'a, str> {
        match name.decode() {
            Cow::Borrowed(name) => self.reading.names.sent(name),
            Cow::Owned(name) => Cow::Owned(self.reading.names.sent(&name).into_owned()),
        }
    }
}

fn text_parts(text: Text<'_>) -> Vec<Part<'_>> {
    if text.is_empty() { Vec::new() } else { vec![Part::text(text)] }
}

fn instruction(place: Place, block: Block<'_>) -> Result<Text<'_>, DialectError> {
    if block.kind() != Kind::Text {
        return Err(place.invalid("type", "system prompts hold text only"));
    }
    block.text.ok_or_else(|| place.missing("text"))
}

fn misplaced(place: Place, kind: Kind, role: &str) -> DialectError {
    match kind {
        Kind::Unknown => place.invalid("type", "unknown content block type"),
        _ => place.invalid("type", &format!("no block of a message with the role '{role}'")),
    }
}
