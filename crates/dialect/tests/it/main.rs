//! The translations as a whole, from outside.

#![expect(clippy::unwrap_used, reason = "a test that cannot read its files has failed")]

mod answer;
mod anthropic;
mod choices;
mod completions;
mod continuation;
mod conversation;
mod corpus;
mod embeddings;
mod golden;
mod history;
mod images;
mod media;
mod mistakes;
mod offers;
mod options;
mod request;
mod responses;
mod robust;
mod samples;
mod schemas;
mod signatures;
mod sources;
mod speech;
mod stream;
mod transcription;

use dialect::openai::chat::{self, ChatContext, Stamp};
use serde_json::Value;

/// The stamp of the golden files.
fn stamp() -> Stamp {
    let mut number = 0;
    Stamp {
        created: 1_790_000_000,
        fallback_id: "fallback".into(),
        call_ids: Box::new(move || {
            number += 1;
            format!("call_GEN{number}")
        }),
    }
}

/// Parsed `data:` lines of what the client got.
fn chunks(out: &[u8]) -> Vec<Value> {
    let text = std::str::from_utf8(out).unwrap();
    text.split_terminator("\n\n")
        .map(|event| {
            let data = event.strip_prefix("data: ").unwrap();
            if data == "[DONE]" { data.into() } else { serde_json::from_str(data).unwrap() }
        })
        .collect()
}

/// Translates a request.
fn ask(body: &Value) -> (ChatContext, Value) {
    let (context, upstream) = chat::request(body.to_string().as_bytes()).unwrap();
    (context, serde_json::from_slice(&upstream).unwrap())
}

/// The context of a plain request with more fields.
fn context(more: &Value) -> ChatContext {
    let mut body = serde_json::json!({
        "model": "gemini-3.8-flash", "messages": [{"role": "user", "content": "Hi"}]
    });
    for (key, value) in more.as_object().unwrap() {
        body[key] = value.clone();
    }
    ask(&body).0
}
