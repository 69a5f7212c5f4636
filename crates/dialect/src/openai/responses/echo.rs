//! The members of a response object that repeat the request.

use bytes::BufMut;
use serde_json::value::RawValue;

use super::body::{Body, Reasoning, TextOptions};
use crate::json::{self, Text, compact};

/// Writes them, each followed by a comma.
pub(super) fn write(body: &Body<'_>, input_bytes: usize) -> Vec<u8> {
    let mut echo = Echo(Vec::with_capacity(512 + input_bytes.min(1 << 16)));
    echo.value("background", &(body.background == Some(true)));
    echo.text("instructions", body.instructions.as_ref());
    echo.value("max_output_tokens", &body.max_output_tokens.map(|number| number.0));
    echo.value("max_tool_calls", &body.max_tool_calls.map(|number| number.0));
    echo.value("parallel_tool_calls", &body.parallel_tool_calls.unwrap_or(true));
    echo.text("previous_response_id", body.previous_response_id.as_ref());
    echo.reasoning(body.reasoning.as_ref());
    echo.value("temperature", &body.temperature.unwrap_or(1.0));
    echo.format(body.text.as_ref());
    echo.raw("tool_choice", body.tool_choice, r#""auto""#);
    echo.raw("tools", body.tools, "[]");
    echo.value("top_logprobs", &body.top_logprobs.map_or(0, |number| number.0));
    echo.value("top_p", &body.top_p.unwrap_or(1.0));
    match &body.truncation {
        Some(truncation) => echo.text("truncation", Some(truncation)),
        None => echo.value("truncation", "disabled"),
    }
    if let Some(user) = &body.user {
        echo.text("user", Some(user));
    }
    echo.raw("metadata", body.metadata, "{}");
    echo.0
}

struct Echo(Vec<u8>);

impl Echo {
    fn value<T: serde::Serialize + ?Sized>(&mut self, name: &str, value: &T) {
        self.open(name);
        json::push(&mut self.0, value);
        self.0.put_u8(b',');
    }

    fn text(&mut self, name: &str, text: Option<&Text<'_>>) {
        self.open(name);
        write_text(&mut self.0, text);
        self.0.put_u8(b',');
    }

    fn raw(&mut self, name: &str, raw: Option<&RawValue>, absent: &str) {
        let told = raw.map(RawValue::get).filter(|raw| *raw != "null");
        self.open(name);
        // Line breaks would end the line of an event.
        self.0.put_slice(told.map_or(absent.into(), compact).as_bytes());
        self.0.put_u8(b',');
    }

    fn reasoning(&mut self, reasoning: Option<&Reasoning<'_>>) {
        let summary = reasoning.and_then(|reasoning| {
            reasoning.summary.as_ref().or(reasoning.generate_summary.as_ref())
        });
        self.0.put_slice(br#""reasoning":{"effort":"#);
        write_text(&mut self.0, reasoning.and_then(|reasoning| reasoning.effort.as_ref()));
        self.0.put_slice(br#","summary":"#);
        write_text(&mut self.0, summary);
        self.0.put_slice(b"},");
    }

    fn format(&mut self, text: Option<&TextOptions<'_>>) {
        self.0.put_slice(br#""text":{"#);
        self.raw("format", text.and_then(|text| text.format), r#"{"type":"text"}"#);
        self.0.pop();
        if let Some(verbosity) = text.and_then(|text| text.verbosity.as_ref()) {
            self.0.put_slice(br#","verbosity":"#);
            verbosity.write(&mut self.0);
        }
        self.0.put_slice(b"},");
    }

    fn open(&mut self, name: &str) {
        json::push(&mut self.0, name);
        self.0.put_u8(b':');
    }
}

fn write_text(out: &mut Vec<u8>, text: Option<&Text<'_>>) {
    match text {
        Some(text) => text.write(out),
        None => out.put_slice(b"null"),
    }
}
