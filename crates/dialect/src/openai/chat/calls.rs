//! Calls that the model makes, as tool calls of the client.

use std::{borrow::Cow, collections::HashMap};

use bytes::BufMut;

use super::ChatContext;
use crate::{
    gemini::{answer::AnswerCall, signatures},
    json::{self, Text},
    stamp::Ids,
};

/// One call, in the client's words.
pub(super) struct OutCall<'a> {
    pub(super) id: String,
    pub(super) name: String,
    /// JSON text.
    pub(super) arguments: Cow<'a, str>,
    /// A tool with free text.
    custom: bool,
    pub(super) signature: Option<Text<'a>>,
}

/// What a function call of Gemini means to the client.
pub(super) enum Meaning<'a> {
    /// A call of a tool.
    Call(OutCall<'a>),
    /// The answer itself, as JSON text.
    Answer(Cow<'a, str>),
}

/// Reads a call of the model.
pub(super) fn read<'a>(
    call: &AnswerCall<'a>,
    signature: Option<&Text<'a>>,
    context: &ChatContext,
    ids: &mut Ids,
) -> Meaning<'a> {
    let sent = call.name.as_ref().map(Text::decode).unwrap_or_default();
    let arguments = call.arguments();
    if context.answer_tool.as_deref() == Some(sent.as_ref()) {
        return Meaning::Answer(arguments);
    }
    let original = context.names.original(&sent);
    let signature = signature.filter(|text| !text.is_empty());
    let mut id = ids.choose(call.id.as_ref().map(Text::decode));
    if let Some(signature) = signature.filter(|_| context.signatures_in_ids) {
        id = signatures::in_id(&id, &signature.decode()).unwrap_or(id);
    }
    Meaning::Call(OutCall {
        id,
        name: original.name.to_owned(),
        arguments,
        custom: original.custom,
        signature: signature.cloned(),
    })
}

impl OutCall<'_> {
    /// Appends an element of `message.tool_calls`.
    pub(super) fn write(&self, out: &mut impl BufMut) {
        out.put_slice(br#"{"id":"#);
        json::push(out, &self.id);
        if self.custom {
            out.put_slice(br#","type":"custom","custom":{"name":"#);
            json::push(out, &self.name);
            out.put_slice(br#","input":"#);
            json::push(out, &self.input());
        } else {
            out.put_slice(br#","type":"function","function":{"name":"#);
            json::push(out, &self.name);
            out.put_slice(br#","arguments":"#);
            json::push(out, &self.arguments);
        }
        out.put_u8(b'}');
        if let Some(signature) = &self.signature {
            write_signature(signature, out);
        }
        out.put_u8(b'}');
    }

    /// Appends the value of `message.function_call`, which has no id to carry a signature.
    pub(super) fn write_legacy(&self, out: &mut impl BufMut) {
        out.put_slice(br#"{"name":"#);
        json::push(out, &self.name);
        out.put_slice(br#","arguments":"#);
        json::push(out, &self.arguments);
        if let Some(signature) = &self.signature {
            out.put_slice(br#","thought_signature":"#);
            signature.write(out);
        }
        out.put_u8(b'}');
    }

    /// Appends the delta that begins the call; its id and name come nowhere else.
    pub(super) fn write_opening(&self, number: u64, delta: &mut Vec<u8>) {
        open(number, delta);
        delta.put_slice(br#""id":"#);
        json::push(delta, &self.id);
        delta.put_slice(br#","type":"function","function":{"name":"#);
        json::push(delta, &self.name);
        delta.put_slice(br#","arguments":""}"#);
        if let Some(signature) = &self.signature {
            write_signature(signature, delta);
        }
        delta.put_slice(b"}]}");
    }

    /// Appends the delta with the arguments, which Gemini sends whole.
    pub(super) fn write_arguments(&self, number: u64, delta: &mut Vec<u8>) {
        open(number, delta);
        delta.put_slice(br#""function":{"arguments":"#);
        json::push(delta, &self.arguments);
        delta.put_slice(b"}}]}");
    }

    /// The free text, which travelled as the only argument.
    fn input(&self) -> String {
        let members = serde_json::from_str::<HashMap<String, String>>(&self.arguments);
        let input = members.ok().and_then(|mut members| members.remove("input"));
        input.unwrap_or_else(|| self.arguments.clone().into_owned())
    }
}

/// Appends `,"extra_content":…` that carries a thought signature.
pub(super) fn write_signature(signature: &Text<'_>, out: &mut impl BufMut) {
    out.put_slice(br#","extra_content":{"google":{"thought_signature":"#);
    signature.write(out);
    out.put_slice(b"}}");
}

fn open(number: u64, delta: &mut Vec<u8>) {
    delta.put_slice(br#"{"tool_calls":[{"index":"#);
    json::push_number(delta, number);
    delta.put_u8(b',');
}
