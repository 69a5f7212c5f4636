//! Messages, as Gemini's contents.
//!
//! Gemini is strict where OpenAI is not: roles alternate, the results of a step stand together in
//! the order of its calls and right after them, nothing is empty. So histories are put in order and
//! repaired here; each repair avoids a 400.

mod arguments;
mod order;
mod step;

use std::borrow::Cow;

use super::{
    Options, Signatures,
    body::{ContentPart, FunctionCall, Message, Role, ToolCall},
    parts::PartReader,
};
use crate::{
    DialectError,
    gemini::{
        content::{Call, Content, Part, Role as Speaker},
        names::Names,
        signatures,
    },
    json::{Text, choice::TextOrList},
    media::{MediaReader, Wanted},
    models::Rules,
};
use order::{complete, prepend, push};
use step::Step;

/// What the messages became.
pub(super) struct Conversation<'a> {
    pub(super) system: Vec<Part<'a>>,
    pub(super) contents: Vec<Content<'a>>,
    /// Must be fetched before the contents are complete.
    pub(super) wanted: Vec<Wanted>,
    /// The history holds calls, so the tools must stay declared.
    pub(super) has_calls: bool,
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
        signatures: options.signatures,
        hoist_system: options.hoist_system,
        reader: PartReader {
            per_part_resolution: rules.is_generation_3(),
            media: MediaReader::new(options.media),
        },
        system: Vec::new(),
        contents: Vec::new(),
        step: Step::default(),
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
    signatures: Signatures,
    hoist_system: bool,
    reader: PartReader<'a>,
    /// One element a leading system message.
    system: Vec<Vec<Part<'a>>>,
    contents: Vec<Content<'a>>,
    /// Calls of the last assistant message, and what came after it.
    step: Step<'a>,
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
                self.say(Speaker::User, parts);
                Ok(())
            }
            Role::Assistant => self.assistant(index, message),
            Role::Tool | Role::Function => {
                let name = message.name.map(|name| self.names.sent(&name.decode()).into_owned());
                let id = message.tool_call_id.map(|id| signatures::split_id(id.decode()).0);
                let parts = self.parts(index, message.content)?;
                self.step.answer(
                    id.as_deref(),
                    name.as_deref(),
                    parts,
                    self.rules.is_generation_3(),
                );
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
        if parts.is_empty() {
            return Ok(());
        }
        if self.hoist_system || (self.contents.is_empty() && self.step.is_empty()) {
            self.system.push(parts);
            return Ok(());
        }
        // Further up it would change the order of the conversation, and spoil the prefix cache.
        let wrapped = parts.into_iter().map(wrap_system).collect();
        self.say(Speaker::User, wrapped);
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
        if self.signatures == Signatures::Renewed {
            parts.iter_mut().for_each(Part::unsign);
            parts.retain(|part| !part.is_empty());
            for call in &mut calls {
                call.signature = None;
            }
        }
        if parts.is_empty() && calls.is_empty() {
            return Ok(());
        }
        self.close_step();
        signatures::put_first(&mut calls);
        self.step = Step::new(&calls);
        parts.extend(calls.into_iter().map(|call| Part::Call(Box::new(call))));
        push(&mut self.contents, Speaker::Model, parts);
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

    /// What is said while results of a step are still coming in stands after all of them.
    fn say(&mut self, speaker: Speaker, parts: Vec<Part<'a>>) {
        if self.step.is_empty() {
            push(&mut self.contents, speaker, parts);
        } else {
            self.step.say(parts);
        }
    }

    fn close_step(&mut self) {
        let parts = std::mem::take(&mut self.step).close();
        push(&mut self.contents, Speaker::User, parts);
    }

    fn finish(mut self) -> Conversation<'a> {
        self.close_step();
        if self.contents.is_empty() {
            // A conversation of instructions only: the last one is what the user says.
            let said = self.system.pop().unwrap_or_else(|| vec![Part::text(" ")]);
            push(&mut self.contents, Speaker::User, said);
        }
        let mut system: Vec<Part<'a>> = self.system.into_iter().flatten().collect();
        if !self.rules.system_instruction {
            prepend(std::mem::take(&mut system), &mut self.contents);
        }
        complete(&mut self.contents, self.rules);
        let calls = |part: &Part<'_>| matches!(part, Part::Call(_));
        let has_calls = self.contents.iter().any(|content| content.parts.iter().any(calls));
        Conversation {
            system,
            contents: self.contents,
            wanted: self.reader.media.wanted(),
            has_calls,
            call_ids: self.call_ids,
            keeps_extra: self.keeps_extra,
        }
    }
}

fn wrap_system(part: Part<'_>) -> Part<'_> {
    match part {
        Part::Text { text, .. } => {
            Part::text(format!("<system_message>\n{}\n</system_message>", text.decode()))
        }
        other => other,
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
