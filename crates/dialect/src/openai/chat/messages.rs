//! Messages, as Gemini's contents.

use std::borrow::Cow;

use super::{
    Options,
    body::{ContentPart, FunctionCall, Message, Role, ToolCall},
    parts::PartReader,
};
use crate::{
    DialectError,
    gemini::{
        arguments,
        content::{Call, Part},
        history::{History, Turns},
        names::Names,
        signatures,
        step::Given,
    },
    json::{Text, choice::TextOrList},
    media::{MediaReader, Wanted},
    models::Rules,
};

/// What the messages became.
pub(super) struct Conversation<'a> {
    pub(super) turns: Turns<'a>,
    /// Must be fetched before the turns are complete.
    pub(super) wanted: Vec<Wanted>,
    /// Ids of calls in the history.
    pub(super) call_ids: Vec<String>,
    /// The client gave a signature back in `extra_content`.
    pub(super) keeps_extra: bool,
}

/// Translates all messages.
pub(super) fn translate<'a>(
    messages: Vec<Message<'a>>,
    rules: &Rules,
    names: &Names,
    options: &Options<'a>,
) -> Result<Conversation<'a>, DialectError> {
    let mut builder = Builder {
        rules,
        names,
        reader: PartReader {
            root: "messages",
            per_part_resolution: rules.is_generation_3(),
            media: MediaReader::new(options.media),
        },
        history: History::new(options.hoist_system),
        call_ids: Vec::new(),
        keeps_extra: false,
        legacy_calls: 0,
    };
    for (index, message) in messages.into_iter().enumerate() {
        builder.message(index, message)?;
    }
    Ok(builder.finish())
}

struct Builder<'a, 'r> {
    rules: &'r Rules,
    names: &'r Names,
    reader: PartReader<'a>,
    history: History<'a>,
    call_ids: Vec<String>,
    keeps_extra: bool,
    legacy_calls: usize,
}

impl<'a> Builder<'a, '_> {
    fn message(&mut self, index: usize, message: Message<'a>) -> Result<(), DialectError> {
        match message.role {
            Role::System | Role::Developer => self.system(index, message),
            Role::User => {
                let parts = self.parts(index, message.content)?;
                self.history.say(parts);
                Ok(())
            }
            Role::Assistant => self.assistant(index, message),
            Role::Tool | Role::Function => {
                let name = message.name.map(|name| self.names.sent(&name.decode()).into_owned());
                let id = message.tool_call_id.map(|id| signatures::split_id(id.decode()).0);
                let parts = self.parts(index, message.content)?;
                let (id, name) = (id.as_deref(), name.as_deref());
                let given = Given { id, name, parts, failed: false };
                self.history.answer(given, self.rules);
                Ok(())
            }
        }
    }

    fn parts(
        &mut self,
        index: usize,
        content: Option<TextOrList<'a, ContentPart<'a>>>,
    ) -> Result<Vec<Part<'a>>, DialectError> {
        content.map_or(Ok(Vec::new()), |content| self.reader.read(index, content))
    }

    fn system(&mut self, index: usize, message: Message<'a>) -> Result<(), DialectError> {
        let parts = self.parts(index, message.content)?;
        if !parts.iter().all(|part| matches!(part, Part::Text { .. })) {
            let param = format!("messages[{index}].content");
            let text = format!("Invalid value for '{param}': system messages hold text only.");
            return Err(DialectError::invalid(param, text));
        }
        self.history.instruct(parts);
        Ok(())
    }

    fn assistant(&mut self, index: usize, message: Message<'a>) -> Result<(), DialectError> {
        let mut parts = self.parts(index, message.content)?;
        parts.extend(message.refusal.filter(|text| !text.is_empty()).map(|text| Part::text(*text)));
        if let Some(signature) = message.extra_content.as_ref().and_then(|extra| extra.signature())
        {
            sign_last_text(&mut parts, signature);
        }
        if let Some(images) = message.images {
            parts.extend(self.reader.images(index, images)?);
        }
        let mut calls = Vec::new();
        for (position, call) in message.tool_calls.into_iter().flat_map(|calls| calls.0).enumerate()
        {
            calls.push(self.call(index, position, call)?);
        }
        if let Some(call) = message.function_call {
            self.legacy_calls += 1;
            let id = format!("fc_legacy_{}", self.legacy_calls);
            let signature = call.thought_signature.as_deref().cloned();
            calls.push(self.function_call(id.into(), &call, signature));
        }
        signatures::put_first(&mut calls);
        parts.extend(calls.into_iter().map(|call| Part::Call(Box::new(call))));
        self.history.reply(parts);
        Ok(())
    }

    fn call(
        &mut self,
        index: usize,
        position: usize,
        call: ToolCall<'a>,
    ) -> Result<Call<'a>, DialectError> {
        let signature = call.signature().cloned();
        self.keeps_extra |= call.extra_content.is_some_and(|extra| extra.signature().is_some());
        let id = call.id.map(|id| id.decode()).filter(|id| !id.is_empty());
        let id = id.unwrap_or_else(|| format!("fc_{index}_{position}").into());
        let (id, hidden) = signatures::split_id(id);
        self.call_ids.push(id.clone().into_owned());
        let signature = signature.or(hidden);
        if let Some(function) = call.function {
            return Ok(self.function_call(id, &function, signature));
        }
        let Some(custom) = call.custom else {
            let path = format!("messages[{index}].tool_calls[{position}].function");
            return Err(DialectError::missing(path));
        };
        let input = custom.input.map(|input| input.decode().into_owned()).unwrap_or_default();
        let args = arguments::wrap("input", input);
        Ok(Call { id, name: self.sent_name(&custom.name), args, signature })
    }

    fn function_call(
        &self,
        id: Cow<'a, str>,
        call: &FunctionCall<'a>,
        signature: Option<Text<'a>>,
    ) -> Call<'a> {
        Call {
            id,
            name: self.sent_name(&call.name),
            args: arguments::read(call.arguments),
            signature,
        }
    }

    fn sent_name(&self, name: &Text<'a>) -> Cow<'a, str> {
        match name.decode() {
            Cow::Borrowed(name) => self.names.sent(name),
            Cow::Owned(name) => Cow::Owned(self.names.sent(&name).into_owned()),
        }
    }

    fn finish(self) -> Conversation<'a> {
        Conversation {
            turns: self.history.finish(self.rules, "Continue."),
            wanted: self.reader.media.wanted(),
            call_ids: self.call_ids,
            keeps_extra: self.keeps_extra,
        }
    }
}

/// Gemini puts the signature of a text behind it, if need be on an empty part.
fn sign_last_text<'a>(parts: &mut Vec<Part<'a>>, with: &Text<'a>) {
    if !matches!(parts.last(), Some(Part::Text { .. })) {
        parts.push(Part::text(""));
    }
    if let Some(last) = parts.last_mut() {
        last.sign(with.clone());
    }
}
