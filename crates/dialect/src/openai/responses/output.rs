//! Items of an answer.

use bytes::BufMut;
use serde::Serialize;
use serde_json::{Value, json};

use super::{tools::Kind, typed_call};
use crate::{
    json,
    openai::{annotations::UrlCitation, logprobs::TokenLogprob},
};

/// One item. Its id is made of its kind, the response and its place.
#[derive(Debug)]
pub(super) struct OutputItem {
    pub(super) id: String,
    pub(super) what: What,
    pub(super) status: &'static str,
}

/// What an item holds.
#[derive(Debug)]
pub(super) enum What {
    Reasoning { summary: Vec<String>, encrypted: Option<String> },
    Message(Message),
    Call(OutCall),
    Search { queries: Vec<String>, sources: Option<Vec<String>> },
    Code { code: String, logs: Option<String> },
    Picture { data: String },
}

/// What the model said.
#[derive(Debug, Default)]
pub(super) struct Message {
    pub(super) text: String,
    /// Told instead of the text.
    pub(super) refusal: Option<String>,
    pub(super) annotations: Vec<UrlCitation>,
    pub(super) logprobs: Vec<TokenLogprob>,
}

/// A call of a tool of the client.
#[derive(Debug)]
pub(super) struct OutCall {
    pub(super) kind: Kind,
    pub(super) call_id: String,
    pub(super) namespace: Option<String>,
    pub(super) name: String,
    /// JSON text; for tools with free text, the text.
    pub(super) arguments: String,
}

/// An annotation as it stands in an item.
#[derive(Serialize)]
pub(super) struct Annotation<'a> {
    r#type: &'static str,
    #[serde(flatten)]
    citation: &'a UrlCitation,
}

impl<'a> From<&'a UrlCitation> for Annotation<'a> {
    fn from(citation: &'a UrlCitation) -> Self {
        Self { r#type: "url_citation", citation }
    }
}

#[derive(Serialize)]
struct TextPart<'a> {
    r#type: &'static str,
    text: &'a str,
    annotations: Vec<Annotation<'a>>,
    logprobs: &'a [TokenLogprob],
}

impl Message {
    /// The only part of the message.
    pub(super) fn part(&self) -> Vec<u8> {
        match &self.refusal {
            Some(refusal) => json::to_vec(&json!({"type": "refusal", "refusal": refusal})),
            None => json::to_vec(&TextPart {
                r#type: "output_text",
                text: &self.text,
                annotations: self.annotations.iter().map(Annotation::from).collect(),
                logprobs: &self.logprobs,
            }),
        }
    }
}

impl What {
    /// What stands before the id of an item.
    pub(super) fn prefix(&self) -> &'static str {
        match self {
            Self::Reasoning { .. } => "rs",
            Self::Message(_) => "msg",
            Self::Search { .. } => "ws",
            Self::Code { .. } => "ci",
            Self::Picture { .. } => "ig",
            Self::Call(call) => match call.kind {
                Kind::Function => "fc",
                Kind::Custom => "ctc",
                Kind::LocalShell => "lsh",
                Kind::Shell => "sh",
                Kind::ApplyPatch => "apc",
            },
        }
    }
}

impl OutputItem {
    /// Appends the whole item.
    pub(super) fn write(&self, out: &mut Vec<u8>) {
        if let What::Message(message) = &self.what {
            self.write_message(Some(message), out);
            return;
        }
        json::push(out, &self.value(true));
    }

    /// Appends the item as it begins, empty.
    pub(super) fn write_begun(&self, out: &mut Vec<u8>) {
        match &self.what {
            What::Message(_) => self.write_message(None, out),
            _ => json::push(out, &self.value(false)),
        }
    }

    fn write_message(&self, message: Option<&Message>, out: &mut Vec<u8>) {
        out.put_slice(br#"{"type":"message","id":"#);
        json::push(out, &self.id);
        out.put_slice(br#","status":"#);
        json::push(out, self.status(message.is_some()));
        out.put_slice(br#","role":"assistant","content":["#);
        if let Some(message) = message {
            out.put_slice(&message.part());
        }
        out.put_slice(b"]}");
    }

    fn status(&self, whole: bool) -> &'static str {
        if whole { self.status } else { "in_progress" }
    }

    fn value(&self, whole: bool) -> Value {
        let mut value = match &self.what {
            What::Message(_) => Value::Null,
            What::Reasoning { summary, encrypted } => {
                let parts = summary.iter().filter(|_| whole);
                let parts = parts.map(|text| json!({"type": "summary_text", "text": text}));
                let mut item = json!({"type": "reasoning", "summary": parts.collect::<Vec<_>>()});
                if let (Some(encrypted), true) = (encrypted, whole) {
                    item["encrypted_content"] = encrypted.as_str().into();
                }
                item
            }
            What::Call(call) => call.value(whole),
            What::Search { queries, sources } => {
                let first = queries.first().map(String::as_str).unwrap_or_default();
                let mut action = json!({"type": "search", "query": first, "queries": queries});
                if let Some(sources) = sources {
                    let source = |url: &String| json!({"type": "url", "url": url});
                    action["sources"] = sources.iter().map(source).collect();
                }
                json!({"type": "web_search_call", "action": action})
            }
            What::Code { code, logs } => {
                let logs = logs.iter().filter(|_| whole);
                let outputs: Vec<Value> =
                    logs.map(|logs| json!({"type": "logs", "logs": logs})).collect();
                json!({"type": "code_interpreter_call", "container_id": "google",
                    "code": if whole { code } else { "" }, "outputs": outputs})
            }
            What::Picture { data } => {
                let data = whole.then_some(data);
                json!({"type": "image_generation_call", "result": data})
            }
        };
        value["id"] = self.id.as_str().into();
        value["status"] = self.status(whole).into();
        value
    }
}

impl OutCall {
    fn value(&self, whole: bool) -> Value {
        let arguments = if whole { self.arguments.as_str() } else { "" };
        let Self { call_id, name, .. } = self;
        let mut item = match self.kind {
            Kind::Function => json!({"type": "function_call", "call_id": call_id, "name": name,
                "arguments": arguments}),
            Kind::Custom => json!({"type": "custom_tool_call", "call_id": call_id, "name": name,
                "input": arguments}),
            Kind::LocalShell => json!({"type": "local_shell_call", "call_id": call_id,
                "action": typed_call::local_shell(&self.arguments)}),
            Kind::Shell => json!({"type": "shell_call", "call_id": call_id,
                "action": typed_call::shell(&self.arguments), "environment": null}),
            Kind::ApplyPatch => json!({"type": "apply_patch_call", "call_id": call_id,
                "operation": typed_call::patch(&self.arguments)}),
        };
        if let Some(namespace) = &self.namespace {
            item["namespace"] = namespace.as_str().into();
        }
        item
    }
}
