//! Gemini's parts become the items of a response, one after the other.
//!
//! Whole and streamed answers take the same way, so they cannot differ; a whole one sends its
//! events nowhere.

mod end;

use serde_json::value::RawValue;

use super::{
    ResponsesContext,
    carrier::{Signature, Signatures},
    events::{Events, Members},
    output::{Message, OutCall, OutputItem, What},
    search,
    stored::ThoughtSignatures,
    tools::Kind,
};
use crate::{
    gemini::{
        answer::{AnswerCall, AnswerPart, Candidate},
        recited::Recited,
        signatures,
    },
    json::Text,
    openai::logprobs::{self, TokenLogprob},
    stamp::Ids,
};

/// Where a thought ends and the next begins.
const THOUGHT_BREAK: &str = "\n\n\n**";

/// The items so far.
#[derive(Default)]
pub(super) struct Assembly {
    /// Behind `resp_`; part of every item's id.
    pub(super) response: String,
    pub(super) items: Vec<OutputItem>,
    /// More can be added to the last item.
    open: bool,
    calls: usize,
    has_content: bool,
    /// The model answered by calling the answer tool.
    answered: bool,
    /// Text that only counts if that call does not come.
    held_back: String,
    /// Told instead of an answer to a blocked prompt.
    pub(super) blocked: Option<String>,
    finish_reason: Option<String>,
    finish_message: Option<String>,
    grounding: Option<String>,
    recited: Recited,
    /// Bytes of all visible text so far, and where each part begins in it.
    told: usize,
    starts: Vec<usize>,
    /// Queries that the client knows of.
    searched: Vec<String>,
    pub(super) signatures: ThoughtSignatures,
}

impl Assembly {
    pub(super) fn new(response: String) -> Self {
        Self { response, ..Self::default() }
    }

    pub(super) fn has_ended(&self) -> bool {
        self.finish_reason.is_some() || self.blocked.is_some()
    }

    /// Takes in what an event, or a whole answer, says.
    pub(super) fn take(
        &mut self,
        candidate: &Candidate<'_>,
        context: &ResponsesContext,
        ids: &mut Ids,
        events: &mut Events<'_>,
    ) {
        keep(&mut self.grounding, candidate.grounding_metadata);
        self.recited.add(candidate.citation_metadata);
        let mut probabilities = logprobs::read(candidate.logprobs_result).unwrap_or_default();
        for part in candidate.parts() {
            self.starts.push(self.told);
            self.part(part, &mut probabilities, context, ids, events);
        }
        self.has_content |= candidate.has_content();
        if let Some(reason) = candidate.reason() {
            self.finish_reason = Some(reason.decode().into_owned());
        }
        if let Some(message) = &candidate.finish_message {
            self.finish_message = Some(message.decode().into_owned());
        }
    }

    fn part(
        &mut self,
        part: &AnswerPart<'_>,
        probabilities: &mut Vec<TokenLogprob>,
        context: &ResponsesContext,
        ids: &mut Ids,
        events: &mut Events<'_>,
    ) {
        if let Some(text) = part.text.as_ref().filter(|text| !text.is_empty()) {
            if part.is_thought() {
                self.think(&text.decode(), events);
            } else if context.answer_tool.is_some() {
                self.held_back.push_str(&text.decode());
            } else {
                self.say(text, std::mem::take(probabilities), context, events);
            }
        }
        if part.is_thought() {
            return;
        }
        if let Some(call) = &part.function_call {
            self.call(call, part.thought_signature.as_ref(), context, ids, events);
        }
        if let Some(code) = &part.executable_code {
            let code = code.code.as_ref().map(Text::decode).unwrap_or_default().into_owned();
            self.run(&code, events);
        }
        if let Some(result) = &part.code_execution_result {
            self.ran(
                result.output.as_ref().map(Text::decode).unwrap_or_default().into_owned(),
                events,
            );
        }
        let data = part.inline_data.as_ref().and_then(|inline| {
            let mime = inline.mime_type.as_ref().map(Text::decode).unwrap_or_default();
            inline.data.as_ref().filter(|data| !data.is_empty() && !mime.starts_with("audio/"))
        });
        if let Some(data) = data {
            self.picture(data.decode().into_owned(), events);
        }
    }

    /// Begins an item.
    fn begin(&mut self, what: What, events: &mut Events<'_>) {
        self.close("completed", events);
        let id = format!("{}_{}_{}", what.prefix(), self.response, self.items.len());
        let item = OutputItem { id, what, status: "completed" };
        let index = self.items.len();
        events.send("response.output_item.added", |members| {
            members.put("output_index", &index).with("item", |out| item.write_begun(out));
        });
        self.items.push(item);
        self.open = true;
    }

    /// Sends an event that concerns the last item.
    fn send(&self, kind: &str, events: &mut Events<'_>, write: impl FnOnce(&mut Members)) {
        let Some(item) = self.items.last() else { return };
        let index = self.items.len() - 1;
        events.send(kind, |members| {
            members.put("item_id", &item.id).put("output_index", &index);
            write(members);
        });
    }

    fn think(&mut self, text: &str, events: &mut Events<'_>) {
        if !matches!(self.opened(), Some(What::Reasoning { .. })) {
            self.begin(What::Reasoning { summary: Vec::new(), encrypted: None }, events);
        }
        for thought in thoughts(text) {
            self.thought(thought, events);
        }
    }

    fn thought(&mut self, text: &str, events: &mut Events<'_>) {
        let Some(What::Reasoning { summary, .. }) = self.opened() else { return };
        let index = summary.len();
        summary.push(text.to_owned());
        let part = |text: &str| serde_json::json!({"type": "summary_text", "text": text});
        self.send("response.reasoning_summary_part.added", events, |members| {
            members.put("summary_index", &index).put("part", &part(""));
        });
        self.send("response.reasoning_summary_text.delta", events, |members| {
            members.put("summary_index", &index).put("delta", text);
        });
        self.send("response.reasoning_summary_text.done", events, |members| {
            members.put("summary_index", &index).put("text", text);
        });
        self.send("response.reasoning_summary_part.done", events, |members| {
            members.put("summary_index", &index).put("part", &part(text));
        });
    }

    fn say(
        &mut self,
        text: &Text<'_>,
        probabilities: Vec<TokenLogprob>,
        context: &ResponsesContext,
        events: &mut Events<'_>,
    ) {
        if !matches!(self.opened(), Some(What::Message(_))) {
            self.search(context, events);
            self.begin(What::Message(Message::default()), events);
            self.send("response.content_part.added", events, |members| {
                members.put("content_index", &0);
                members.with("part", |out| out.extend(Message::default().part()));
            });
        }
        self.send("response.output_text.delta", events, |members| {
            members.put("content_index", &0).with("delta", |out| text.write(out));
            members.put("logprobs", &probabilities);
        });
        if let Some(What::Message(message)) = self.opened() {
            let before = message.text.len();
            message.text.push_str(&text.decode());
            message.logprobs.extend(probabilities);
            self.told += self.last_text().saturating_sub(before);
        }
    }

    fn last_text(&self) -> usize {
        match self.items.last().map(|item| &item.what) {
            Some(What::Message(message)) => message.text.len(),
            _ => 0,
        }
    }

    fn call(
        &mut self,
        call: &AnswerCall<'_>,
        signature: Option<&Text<'_>>,
        context: &ResponsesContext,
        ids: &mut Ids,
        events: &mut Events<'_>,
    ) {
        let sent = call.name.as_ref().map(Text::decode).unwrap_or_default();
        let arguments = call.arguments();
        if context.answer_tool.as_deref() == Some(sent.as_ref()) {
            self.answered = true;
            self.say(&Text::from(arguments), Vec::new(), context, events);
            return;
        }
        if context.single_call && self.calls > 0 {
            return;
        }
        self.calls += 1;
        let mut call_id = ids.choose(call.id.as_ref().map(Text::decode));
        if let Some(signature) = signature.filter(|text| !text.is_empty()).map(Text::decode) {
            self.signatures.family = context.family;
            self.signatures.list.push((call_id.clone(), signature.clone().into_owned()));
            if context.signs_reasoning() {
                self.sign(&call_id, signature.into_owned(), context, events);
            } else {
                call_id = signatures::in_id(&call_id, &signature).unwrap_or(call_id);
            }
        }
        let meaning = context.meaning(&sent);
        let arguments = match meaning.kind {
            Kind::Custom => input_of(&arguments),
            _ => arguments.into_owned(),
        };
        let call = OutCall {
            kind: meaning.kind,
            call_id,
            namespace: meaning.namespace.map(str::to_owned),
            name: meaning.name.to_owned(),
            arguments,
        };
        self.begin(What::Call(call), events);
        self.close("completed", events);
    }

    /// Puts a signature before its call, in a reasoning item.
    fn sign(
        &mut self,
        call_id: &str,
        signature: String,
        context: &ResponsesContext,
        events: &mut Events<'_>,
    ) {
        let list = vec![Signature { call_id: call_id.to_owned(), signature }];
        let carried = Signatures { family: context.family.to_owned(), list }.encode();
        if !matches!(self.opened(), Some(What::Reasoning { .. })) {
            self.begin(What::Reasoning { summary: Vec::new(), encrypted: None }, events);
        }
        if let Some(What::Reasoning { encrypted, .. }) = self.opened() {
            *encrypted = Some(carried);
        }
        self.close("completed", events);
    }

    fn run(&mut self, code: &str, events: &mut Events<'_>) {
        self.begin(What::Code { code: code.to_owned(), logs: None }, events);
        self.send("response.code_interpreter_call.in_progress", events, |_| {});
        self.send("response.code_interpreter_call_code.delta", events, |members| {
            members.put("delta", code);
        });
        self.send("response.code_interpreter_call_code.done", events, |members| {
            members.put("code", code);
        });
        self.send("response.code_interpreter_call.interpreting", events, |_| {});
    }

    fn ran(&mut self, output: String, events: &mut Events<'_>) {
        if !matches!(self.opened(), Some(What::Code { logs: None, .. })) {
            self.run("", events);
        }
        if let Some(What::Code { logs, .. }) = self.opened() {
            *logs = Some(output);
        }
        self.close("completed", events);
    }

    fn picture(&mut self, data: String, events: &mut Events<'_>) {
        self.begin(What::Picture { data }, events);
        self.send("response.image_generation_call.in_progress", events, |_| {});
        self.send("response.image_generation_call.generating", events, |_| {});
        self.close("completed", events);
    }

    /// Tells of searches that were not told yet.
    fn search(&mut self, context: &ResponsesContext, events: &mut Events<'_>) {
        let Some(grounding) = &self.grounding else { return };
        let (mut queries, found) = search::read(grounding);
        queries.retain(|query| !self.searched.contains(query));
        if queries.is_empty() {
            return;
        }
        self.searched.extend(queries.iter().cloned());
        let sources = context.wants_sources.then_some(found);
        self.begin(What::Search { queries, sources }, events);
        for step in ["in_progress", "searching"] {
            self.send(&format!("response.web_search_call.{step}"), events, |_| {});
        }
        self.close("completed", events);
    }

    /// The last item, if more can be added to it.
    fn opened(&mut self) -> Option<&mut What> {
        self.items.last_mut().filter(|_| self.open).map(|item| &mut item.what)
    }
}

/// Early events bring empty metadata; the last that says something counts.
fn keep(kept: &mut Option<String>, raw: Option<&RawValue>) {
    let marks = ["groundingChunks", "webSearchQueries"];
    if let Some(raw) = raw.filter(|raw| marks.iter().any(|mark| raw.get().contains(mark))) {
        *kept = Some(raw.get().to_owned());
    }
}

/// The thoughts of a text, which together are the text.
fn thoughts(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let end = rest.find(THOUGHT_BREAK).map_or(rest.len(), |at| at + 3);
        let (thought, behind) = rest.split_at(end);
        rest = behind;
        Some(thought)
    })
}

/// The free text, which travelled as the only argument.
fn input_of(arguments: &str) -> String {
    #[derive(serde::Deserialize)]
    struct Input {
        input: String,
    }
    let read: Result<Input, _> = serde_json::from_str(arguments);
    read.map_or_else(|_| arguments.to_owned(), |read| read.input)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_thought_is_one_part() {
        let split = |text| thoughts(text).collect::<Vec<_>>();
        assert_eq!(
            split("**A**\n\na\n\n\n**B**\n\nb\n\n\n"),
            ["**A**\n\na\n\n\n", "**B**\n\nb\n\n\n"]
        );
        assert_eq!(split("plain"), ["plain"]);
        assert!(split("").is_empty());
    }
}
