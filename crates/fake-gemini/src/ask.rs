//! A `GenerateContentRequest` that passed the shape check, read for its meaning.

use serde_json::Value;

use crate::models::Model;
use crate::tokens;

/// The request and the model that it asks.
pub(crate) struct Ask<'a> {
    pub(crate) model: &'a Model,
    body: &'a Value,
}

impl<'a> Ask<'a> {
    pub(crate) fn new(model: &'a Model, body: &'a Value) -> Self {
        Self { model, body }
    }

    pub(crate) fn contents(&self) -> &'a [Value] {
        items(&self.body["contents"])
    }

    pub(crate) fn config(&self, field: &str) -> &'a Value {
        &self.body["generationConfig"][field]
    }

    /// Where an answer is to go on that an earlier call has begun.
    pub(crate) fn continuation_token(&self) -> Option<&'a str> {
        self.body["continuationToken"].as_str()
    }

    pub(crate) fn thinking(&self, field: &str) -> &'a Value {
        &self.config("thinkingConfig")[field]
    }

    pub(crate) fn tools(&self) -> &'a [Value] {
        items(&self.body["tools"])
    }

    pub(crate) fn declarations(&self) -> impl Iterator<Item = &'a Value> + use<'a> {
        self.tools().iter().flat_map(|tool| items(&tool["functionDeclarations"]))
    }

    /// `AUTO`, `ANY`, `NONE` or `VALIDATED`.
    pub(crate) fn mode(&self) -> &'a str {
        let mode = self.body["toolConfig"]["functionCallingConfig"]["mode"].as_str();
        mode.filter(|mode| *mode != "MODE_UNSPECIFIED").unwrap_or("AUTO")
    }

    pub(crate) fn allowed_names(&self) -> Vec<&'a str> {
        let names = &self.body["toolConfig"]["functionCallingConfig"]["allowedFunctionNames"];
        items(names).iter().filter_map(Value::as_str).collect()
    }

    pub(crate) fn has_tool_config(&self) -> bool {
        self.body["toolConfig"]["functionCallingConfig"].is_object()
    }

    pub(crate) fn stop_sequences(&self) -> Vec<&'a str> {
        items(self.config("stopSequences")).iter().filter_map(Value::as_str).collect()
    }

    pub(crate) fn system_parts(&self) -> &'a [Value] {
        parts(&self.body["systemInstruction"])
    }

    pub(crate) fn system_text(&self) -> String {
        joined_texts(self.system_parts())
    }

    /// The parts of the last content that is not the model's.
    pub(crate) fn last_user_parts(&self) -> &'a [Value] {
        let last = self.contents().iter().rev().find(|content| !is_model(content));
        last.map(parts).unwrap_or_default()
    }

    pub(crate) fn last_user_text(&self) -> String {
        joined_texts(self.last_user_parts())
    }

    /// Does the user's last turn hold what functions returned?
    pub(crate) fn has_results(&self) -> bool {
        self.last_user_parts().iter().any(|part| part["functionResponse"].is_object())
    }

    /// About as many tokens as Google would count.
    pub(crate) fn prompt_tokens(&self) -> u64 {
        tokens::of_request(self.body)
    }
}

pub(crate) fn items(value: &Value) -> &[Value] {
    value.as_array().map(Vec::as_slice).unwrap_or_default()
}

pub(crate) fn parts(content: &Value) -> &[Value] {
    items(&content["parts"])
}

pub(crate) fn is_model(content: &Value) -> bool {
    content["role"] == "model"
}

fn joined_texts(parts: &[Value]) -> String {
    let texts = parts.iter().filter(|part| part["thought"] != true);
    texts.filter_map(|part| part["text"].as_str()).collect::<Vec<_>>().join(" ")
}
