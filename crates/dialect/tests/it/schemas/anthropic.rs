//! Anthropic's document.

use bytes::BytesMut;
use dialect::anthropic::{
    Aliases, count_tokens, error,
    messages::{self, MessagesContext, MessagesStream, Options, PING},
    models::{self, Window},
};
use openapi::Document;
use serde_json::json;

use super::{answers, errors, read};
use crate::{
    anthropic::{context, events as events_of, stamp},
    corpus::through::{message_out, messages_context},
};

fn contexts() -> Vec<MessagesContext> {
    let tools = json!([{"name": "f", "input_schema": {"type": "object"}},
        {"name": "g", "input_schema": {"type": "object"}}]);
    vec![
        messages_context(),
        context(&json!({})),
        context(&json!({"tools": tools, "stream": true,
            "tool_choice": {"type": "any", "disable_parallel_tool_use": true}})),
    ]
}

#[test]
fn messages() {
    let Some(document) = Document::anthropic() else { return };
    let (whole, event) = (document.validator("Message"), document.validator("MessageStreamEvent"));
    let told = document.validator("ErrorResponse");
    for context in contexts() {
        for (name, events) in answers() {
            for event in &events {
                if let Ok(answer) = messages::response(&context, event, &mut stamp()) {
                    whole.check(&name, &read(&answer.body));
                }
            }
            let (out, _) = message_out(context.clone(), &events);
            for told_event in events_of(&out) {
                if told_event["type"] == "error" {
                    told.check(&name, &told_event);
                } else {
                    event.check(&name, &told_event);
                }
            }
        }
        let mut out = BytesMut::new();
        let mut stream = MessagesStream::new(context, stamp());
        stream.begin(&mut out);
        for told in events_of(&out) {
            event.check("begun", &told);
        }
    }
    assert_eq!(events_of(PING), [json!({"type": "ping"})]);
}

#[test]
fn token_counts_models_and_errors() {
    let Some(document) = Document::anthropic() else { return };
    let counted = count_tokens::response(br#"{"totalTokens":7}"#).unwrap();
    document.validator("CountMessageTokensResponse").check("tokens", &read(&counted));
    let page = json!({"models": [{"name": "models/gemini-3.8-flash", "displayName": "Flash"},
        {"name": "models/new"}]});
    let page = page.to_string();
    let list = models::list([page.as_bytes()], &|_| true, Window::default());
    document.validator("ListResponse_ModelInfo_").check("models", &read(&list));
    document.validator("ModelInfo").check("model", &read(&models::one("new", b"{}")));
    let told = document.validator("ErrorResponse");
    for (status, body) in errors() {
        let answer = error::from_gemini(status, &body, Some("req_1"));
        told.check("an error", &read(&answer.body));
    }
    let mistake = messages::request(b"{}", &Options::new(&Aliases::default())).unwrap_err();
    told.check("a mistake", &read(&error::from_mistake(&mistake, Some("req_1"))));
    for status in [400, 401, 403, 404, 413, 429, 500, 503, 504, 529] {
        told.check("our own", &read(&error::body(status, "m", None, Some("req_1"))));
    }
}
