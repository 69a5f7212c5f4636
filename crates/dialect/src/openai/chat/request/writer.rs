//! The body of Gemini's request, written from its pieces.

use bytes::BufMut;
use serde_json::{Map, Value};

use super::super::{
    extra::{self, Extra},
    messages::Conversation,
};
use crate::{
    DialectError,
    gemini::{
        content::{Content, Part, write_list},
        declarations,
        generation::GenerationConfig,
        plan::Plan,
        tools::Tools,
    },
    models::{Family, Rules},
    written::Draft,
};

/// Writes one request.
pub(super) struct Writer<'r> {
    pub(super) out: Draft<'r>,
    pub(super) rules: &'r Rules,
    pub(super) extra: Extra,
    pub(super) tier: Option<&'static str>,
}

impl<'r> Writer<'r> {
    /// Writes the request. Gives back the ids of the history's calls.
    pub(super) fn write(
        &mut self,
        mut conversation: Conversation<'r>,
        tools: &Tools<'_>,
        plan: &Plan,
        mut generation: GenerationConfig,
        dropped: &mut Vec<&'static str>,
    ) -> Result<Vec<String>, DialectError> {
        if self.rules.family == Family::Gemma {
            plan.format.instruct(&mut conversation.turns.contents);
        } else {
            plan.format.clone().configure(&mut generation);
        }
        self.out.put_slice(br#"{"contents":"#);
        write_list(&conversation.turns.contents, &mut self.out, Content::write);
        if !conversation.turns.system.is_empty() {
            self.out.put_slice(br#","systemInstruction":{"parts":"#);
            write_list(&conversation.turns.system, &mut self.out, Part::write);
            self.out.put_u8(b'}');
        }
        if declarations::write(tools, plan, &self.extra.tools, &mut self.out)? {
            dropped.push("tools.function.parameters");
        }
        let tool_config = to_object(&plan.config);
        let over = std::mem::take(&mut self.extra.tool_config);
        self.object("toolConfig", tool_config, over);
        self.generation(&generation);
        self.rest();
        self.out.put_u8(b'}');
        Ok(conversation.call_ids)
    }

    fn generation(&mut self, generation: &GenerationConfig) {
        if *generation == GenerationConfig::default() && self.extra.generation.is_empty() {
            return;
        }
        let over = std::mem::take(&mut self.extra.generation);
        if over.is_empty() {
            self.out.put_slice(br#","generationConfig":"#);
            self.out.push_json(generation);
            return;
        }
        let mut config = to_object(generation);
        // Level and budget exclude each other; the client's own words count.
        if let (Some(Value::Object(ours)), Some(Value::Object(theirs))) =
            (config.get_mut("thinkingConfig"), over.get("thinkingConfig"))
            && (theirs.contains_key("thinkingLevel") || theirs.contains_key("thinkingBudget"))
        {
            ours.remove("thinkingLevel");
            ours.remove("thinkingBudget");
        }
        self.object("generationConfig", config, over);
    }

    fn object(&mut self, name: &str, mut members: Map<String, Value>, over: Map<String, Value>) {
        extra::merge(&mut members, over);
        if !members.is_empty() {
            self.member(name);
            self.out.push_json(&members);
        }
    }

    fn rest(&mut self) {
        if let Some(tier) = self.tier.filter(|_| !self.extra.request.contains_key("serviceTier")) {
            self.member("serviceTier");
            self.out.push_json(tier);
        }
        for (name, value) in std::mem::take(&mut self.extra.request) {
            self.member(&name);
            self.out.push_json(&value);
        }
    }

    fn member(&mut self, name: &str) {
        self.out.put_slice(b",\"");
        self.out.put_slice(name.as_bytes());
        self.out.put_slice(b"\":");
    }
}

fn to_object<T: serde::Serialize>(value: &T) -> Map<String, Value> {
    match serde_json::to_value(value) {
        Ok(Value::Object(members)) => members,
        _ => Map::new(),
    }
}
