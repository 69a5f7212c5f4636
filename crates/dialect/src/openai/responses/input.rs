//! Items of a conversation, as Gemini's contents.

use std::{borrow::Cow, collections::HashMap};

use serde_json::value::{RawValue, to_raw_value};

use super::{
    carrier::{self, Signatures},
    compaction,
    content::ContentReader,
    item::{Item, Part as ItemPart},
    stored::StoredResponse,
};
use crate::{
    DialectError,
    gemini::{
        arguments,
        content::{Call, Inline, Part},
        history::{History, Turns},
        names::Names,
        signatures,
        step::Given,
    },
    json::{self, Text, choice::TextOrList},
    media::{self, FetchedMedia, MediaReader, Wanted},
    models::Rules,
};

/// Larger actions of a shell are carried as they are.
const MAX_ACTION_BYTES: usize = 512 * 1024;

/// Reads items in order.
pub(super) struct InputReader<'a, 'r> {
    rules: &'r Rules,
    names: &'r Names,
    content: ContentReader<'a>,
    history: History<'a>,
    /// Thought signatures by the call that they belong to.
    signatures: HashMap<String, String>,
    /// Responses whose items may be named.
    referenced: &'a [StoredResponse],
    call_ids: Vec<String>,
    /// There were items of an unknown kind.
    unknown: bool,
}

/// What the items became.
pub(super) struct Conversation<'a> {
    pub(super) turns: Turns<'a>,
    /// Must be fetched before the turns are complete.
    pub(super) wanted: Vec<Wanted>,
    pub(super) call_ids: Vec<String>,
    pub(super) unknown: bool,
}

impl<'a, 'r> InputReader<'a, 'r> {
    pub(super) fn new(
        rules: &'r Rules,
        names: &'r Names,
        referenced: &'a [StoredResponse],
        fetched: Option<&'a FetchedMedia>,
    ) -> Self {
        let per_part_resolution = rules.is_generation_3();
        Self {
            rules,
            names,
            content: ContentReader { per_part_resolution, media: MediaReader::new(fetched) },
            history: History::default(),
            signatures: HashMap::new(),
            referenced,
            call_ids: Vec::new(),
            unknown: false,
        }
    }

    pub(super) fn instruct(&mut self, text: Text<'a>) {
        if !text.is_empty() {
            self.history.instruct(vec![Part::text(text)]);
        }
    }

    /// Everything that was said in an earlier response, its input first.
    pub(super) fn stored(&mut self, response: &'a StoredResponse) -> Result<(), DialectError> {
        self.remember(response.signatures());
        for item in response.items() {
            self.item("previous_response_id", item)?;
        }
        Ok(())
    }

    /// The client's own input.
    pub(super) fn input(&mut self, input: TextOrList<'a, Item<'a>>) -> Result<(), DialectError> {
        match input {
            TextOrList::Text(text) => self.history.say(vec![Part::text(text)]),
            TextOrList::List(items) => {
                for (index, item) in items.into_iter().enumerate() {
                    self.item(&format!("input[{index}]"), item)?;
                }
            }
        }
        Ok(())
    }

    pub(super) fn finish(self) -> Conversation<'a> {
        Conversation {
            turns: self.history.finish(self.rules, "Continue."),
            wanted: self.content.media.wanted(),
            call_ids: self.call_ids,
            unknown: self.unknown,
        }
    }

    fn item(&mut self, path: &str, item: Item<'a>) -> Result<(), DialectError> {
        let kind = item.kind.as_ref().map(Text::decode);
        match kind.as_deref() {
            Some("message") => self.message(path, item),
            None if item.role.is_some() => self.message(path, item),
            None | Some("item_reference") => self.reference(path, &item),
            Some("function_call") => {
                let args = arguments::read(item.arguments);
                self.named_call(path, &item, args)
            }
            Some("custom_tool_call") => {
                let input = item.input.map(text_of).unwrap_or_default();
                self.named_call(path, &item, arguments::wrap("input", input))
            }
            Some("local_shell_call") => self.call(path, &item, "local_shell", doing(item.action)),
            Some("shell_call") => self.call(path, &item, "shell", doing(item.action)),
            Some("apply_patch_call") => {
                let args = arguments::read(item.operation);
                self.call(path, &item, "apply_patch", args)
            }
            Some(
                "function_call_output"
                | "custom_tool_call_output"
                | "local_shell_call_output"
                | "shell_call_output"
                | "apply_patch_call_output",
            ) => self.output(path, &item),
            Some("reasoning") => {
                let carried = item.encrypted_content.as_ref().map(Text::decode);
                self.remember(carried.and_then(|text| Signatures::decode(&text)).as_ref());
                Ok(())
            }
            Some("image_generation_call") => {
                let data = item.result.map(text_of).filter(|data| !data.is_empty());
                self.history.go_on(data.map(picture).into_iter().collect());
                Ok(())
            }
            Some("compaction") => {
                let summary = item.encrypted_content.and_then(|text| summary_of(&text.decode()));
                self.history.say(summary.map(Part::text).into_iter().collect());
                Ok(())
            }
            // What servers of OpenAI did, which says nothing to the model.
            Some(
                "web_search_call"
                | "file_search_call"
                | "code_interpreter_call"
                | "computer_call"
                | "computer_call_output"
                | "mcp_call"
                | "mcp_list_tools"
                | "mcp_approval_request"
                | "mcp_approval_response"
                | "tool_search_call"
                | "tool_search_output",
            ) => Ok(()),
            Some(_) => {
                self.unknown = true;
                Ok(())
            }
        }
    }

    fn message(&mut self, path: &str, item: Item<'a>) -> Result<(), DialectError> {
        let role = item.role.ok_or_else(|| missing(path, "role"))?.decode();
        let parts = match item.content {
            Some(content) => self.content.read(&format!("{path}.content"), content)?,
            None => Vec::new(),
        };
        match role.as_ref() {
            "user" => self.history.say(parts),
            "assistant" | "model" => self.history.go_on(parts),
            "system" | "developer" => {
                if !parts.iter().all(|part| matches!(part, Part::Text { .. })) {
                    let param = format!("{path}.content");
                    let text =
                        format!("Invalid value for '{param}': system messages hold text only.");
                    return Err(DialectError::invalid(param, text));
                }
                self.history.instruct(parts);
            }
            other => {
                let param = format!("{path}.role");
                let names = "user, assistant, system, developer";
                let text = format!("Invalid value for '{param}': '{other}' is none of {names}.");
                return Err(DialectError::invalid(param, text));
            }
        }
        Ok(())
    }

    fn named_call(
        &mut self,
        path: &str,
        item: &Item<'a>,
        args: Box<RawValue>,
    ) -> Result<(), DialectError> {
        let name = item.name.as_ref().ok_or_else(|| missing(path, "name"))?.decode();
        match &item.namespace {
            None => self.call(path, item, &name, args),
            Some(namespace) => {
                self.call(path, item, &format!("{}__{name}", namespace.decode()), args)
            }
        }
    }

    fn call(
        &mut self,
        path: &str,
        item: &Item<'a>,
        name: &str,
        args: Box<RawValue>,
    ) -> Result<(), DialectError> {
        let id = item.call_id.as_ref().or(item.id.as_ref()).map(Text::decode);
        let id = id.filter(|id| !id.is_empty()).ok_or_else(|| missing(path, "call_id"))?;
        let (id, hidden) = signatures::split_id(id);
        let signature = self.signatures.get(id.as_ref()).cloned().map(Text::from).or(hidden);
        self.call_ids.push(id.clone().into_owned());
        let name = Cow::Owned(self.names.sent(name).into_owned());
        self.history.go_on(vec![Part::Call(Box::new(Call { id, name, args, signature }))]);
        Ok(())
    }

    fn output(&mut self, path: &str, item: &Item<'a>) -> Result<(), DialectError> {
        let id = item.call_id.as_ref().or(item.id.as_ref());
        let id = id.map(|id| signatures::split_id(id.decode()).0);
        let parts = match item.output {
            Some(raw) if raw.get().starts_with(['"', '[']) => self.given(path, raw)?,
            Some(raw) if raw.get() != "null" => vec![Part::text(raw.get())],
            _ => Vec::new(),
        };
        let name = item.name.as_ref().map(Text::decode);
        let given = Given { id: id.as_deref(), name: name.as_deref(), parts, failed: false };
        self.history.answer(given, self.rules);
        Ok(())
    }

    /// A text, or a list of parts; other lists are told as they are.
    fn given(&mut self, path: &str, raw: &'a RawValue) -> Result<Vec<Part<'a>>, DialectError> {
        match serde_json::from_str::<TextOrList<'a, ItemPart<'a>>>(raw.get()) {
            Ok(content) => self.content.read(&format!("{path}.output"), content),
            Err(_) => Ok(vec![Part::text(raw.get())]),
        }
    }

    fn reference(&mut self, path: &str, item: &Item<'a>) -> Result<(), DialectError> {
        let id = item.id.as_ref().ok_or_else(|| missing(path, "type"))?.decode();
        let found =
            self.referenced.iter().find_map(|response| Some((response, response.item(&id)?)));
        let Some((response, found)) = found else {
            let message = format!("Item with id '{id}' not found.");
            return Err(DialectError::invalid(format!("{path}.id"), message));
        };
        self.remember(response.signatures());
        // Stored items hold no references.
        if found.kind.as_ref().is_none_or(|kind| kind.decode() == "item_reference") {
            return Ok(());
        }
        self.item(path, found)
    }

    fn remember(&mut self, found: Option<&Signatures>) {
        let ours = carrier::family(self.rules.family);
        for one in found.filter(|found| found.family == ours).iter().flat_map(|found| &found.list) {
            self.signatures.insert(one.call_id.clone(), one.signature.clone());
        }
    }
}

fn missing(path: &str, member: &str) -> DialectError {
    DialectError::missing(format!("{path}.{member}"))
}

/// A string; anything else as it stands.
fn text_of(raw: &RawValue) -> String {
    let text = serde_json::from_str::<Option<Text<'_>>>(raw.get());
    match text {
        Ok(text) => text.map(|text| text.decode().into_owned()).unwrap_or_default(),
        Err(_) => raw.get().to_owned(),
    }
}

/// What a shell shall do, without the member that only names the kind of action.
fn doing(action: Option<&RawValue>) -> Box<RawValue> {
    let small = action.and_then(|raw| json::small_value(raw, MAX_ACTION_BYTES));
    let Some(serde_json::Value::Object(mut members)) = small else {
        return arguments::read(action);
    };
    members.shift_remove("type");
    to_raw_value(&members).unwrap_or_else(|_| arguments::read(action))
}

/// A picture that the model made.
fn picture<'a>(data: String) -> Part<'a> {
    let data = Text::from(data);
    let mime = media::mime_of_bytes(&data).unwrap_or("image/png").into();
    Part::Inline(Box::new(Inline { mime, data, resolution: None, signature: None }))
}

fn summary_of(content: &str) -> Option<String> {
    let summary = compaction::decode(content)?;
    Some(format!("Summary of the earlier conversation:\n{summary}"))
}
