//! The ends of items, and of the answer.

use super::{
    super::{
        ResponsesContext,
        events::Events,
        object::State,
        output::{Annotation, Message, OutCall, What},
        tools::Kind,
    },
    Assembly,
};
use crate::{
    json::Text,
    openai::{
        annotations::{self, Told, UrlCitation},
        finish::{self, Ending, Held, NothingThere},
    },
};

impl Assembly {
    /// How the answer ends.
    pub(in super::super) fn ending(&self) -> Result<Ending, NothingThere> {
        if let Some(refusal) = &self.blocked {
            let refusal = Some(refusal.clone());
            return Ok(Ending { reason: "content_filter", refusal, text: None });
        }
        let held = Held { calls: self.calls > 0, content: self.has_content, legacy: false };
        let reason = self.finish_reason.as_deref().unwrap_or_default();
        finish::ending(reason, self.finish_message.clone(), held)
    }

    /// Tells what is told last, and closes everything. Says what the response is then.
    pub(in super::super) fn end(
        &mut self,
        ending: Ending,
        completed: i64,
        context: &ResponsesContext,
        events: &mut Events<'_>,
    ) -> State<'static> {
        if !self.answered && !self.held_back.is_empty() {
            let text = Text::from(std::mem::take(&mut self.held_back));
            self.say(&text, Vec::new(), context, events);
        }
        if let Some(text) = ending.text {
            self.say(&Text::from(text), Vec::new(), context, events);
        }
        self.sources(events);
        let (state, status) = match ending.reason {
            "length" => (State::Incomplete("max_output_tokens"), "incomplete"),
            "content_filter" => (State::Incomplete("content_filter"), "incomplete"),
            _ => (State::Completed(completed), "completed"),
        };
        self.close(status, events);
        self.search(context, events);
        if let Some(refusal) = ending.refusal {
            self.refuse(&refusal, events);
        }
        state
    }

    /// The answer ends within the last item.
    pub(in super::super) fn break_off(&mut self) {
        if let Some(item) = self.items.last_mut().filter(|_| self.open) {
            item.status = "incomplete";
        }
        self.open = false;
    }

    fn refuse(&mut self, refusal: &str, events: &mut Events<'_>) {
        let message = Message { refusal: Some(refusal.to_owned()), ..Message::default() };
        let empty = Message { refusal: Some(String::new()), ..Message::default() };
        self.begin(What::Message(message), events);
        self.send("response.content_part.added", events, |members| {
            members.put("content_index", &0).with("part", |out| out.extend(empty.part()));
        });
        self.send("response.refusal.delta", events, |members| {
            members.put("content_index", &0).put("delta", refusal);
        });
        self.close("incomplete", events);
    }

    /// Closes the last item.
    pub(super) fn close(&mut self, status: &'static str, events: &mut Events<'_>) {
        if !std::mem::take(&mut self.open) {
            return;
        }
        if let Some(item) = self.items.last_mut() {
            item.status = status;
        }
        let Some(item) = self.items.last() else { return };
        match &item.what {
            What::Message(message) => self.close_message(message, events),
            What::Call(call) => self.close_call(call, events),
            What::Search { .. } => self.send("response.web_search_call.completed", events, |_| {}),
            What::Code { .. } => {
                self.send("response.code_interpreter_call.completed", events, |_| {});
            }
            What::Picture { .. } => {
                self.send("response.image_generation_call.completed", events, |_| {});
            }
            What::Reasoning { .. } => {}
        }
        let index = self.items.len() - 1;
        events.send("response.output_item.done", |members| {
            members.put("output_index", &index).with("item", |out| item.write(out));
        });
    }

    fn close_message(&self, message: &Message, events: &mut Events<'_>) {
        match &message.refusal {
            Some(refusal) => self.send("response.refusal.done", events, |members| {
                members.put("content_index", &0).put("refusal", refusal);
            }),
            None => self.send("response.output_text.done", events, |members| {
                members.put("content_index", &0).put("text", &message.text);
                members.put("logprobs", &message.logprobs);
            }),
        }
        self.send("response.content_part.done", events, |members| {
            members.put("content_index", &0).with("part", |out| out.extend(message.part()));
        });
    }

    fn close_call(&self, call: &OutCall, events: &mut Events<'_>) {
        let (delta, done, member) = match call.kind {
            Kind::Function => (
                "response.function_call_arguments.delta",
                "response.function_call_arguments.done",
                "arguments",
            ),
            Kind::Custom => (
                "response.custom_tool_call_input.delta",
                "response.custom_tool_call_input.done",
                "input",
            ),
            // They have no events of their own.
            Kind::LocalShell | Kind::Shell | Kind::ApplyPatch => return,
        };
        self.send(delta, events, |members| {
            members.put("delta", &call.arguments);
        });
        self.send(done, events, |members| {
            if call.kind == Kind::Function {
                members.put("name", &call.name);
            }
            members.put(member, &call.arguments);
        });
    }

    /// Sources, each at the message whose text it supports.
    fn sources(&mut self, events: &mut Events<'_>) {
        if self.grounding.is_none() && self.recited.is_empty() {
            return;
        }
        let mut whole = String::with_capacity(self.told);
        for item in &self.items {
            if let What::Message(message) = &item.what {
                whole.push_str(&message.text);
            }
        }
        let told = Told { content: Some(&whole), starts: &self.starts };
        let mut found =
            annotations::read(self.grounding.as_deref(), self.recited.whole().as_deref(), &told);
        let last = self.items.iter().rposition(|item| matches!(item.what, What::Message(_)));
        let mut begin = 0;
        for (index, item) in self.items.iter_mut().enumerate() {
            let What::Message(message) = &mut item.what else { continue };
            let length = message.text.chars().count();
            let here = |citation: &mut UrlCitation| {
                Some(index) == last || citation.start_index < begin + length
            };
            for mut citation in found.extract_if(.., here) {
                citation.start_index = citation.start_index.saturating_sub(begin).min(length);
                citation.end_index = citation.end_index.saturating_sub(begin).min(length);
                let number = message.annotations.len();
                events.send("response.output_text.annotation.added", |members| {
                    members.put("item_id", &item.id).put("output_index", &index);
                    members.put("content_index", &0).put("annotation_index", &number);
                    members.put("annotation", &Annotation::from(&citation));
                });
                message.annotations.push(citation);
            }
            begin += length;
        }
    }
}
