//! Mistakes of clients: each names the field.

use dialect::anthropic::{
    Aliases, error,
    messages::{self, Options},
};
use serde_json::{Value, json};

use super::plain;

fn mistake(body: &str) -> (Option<String>, Option<&'static str>, String) {
    let aliases = Aliases::default();
    let mistake =
        messages::request(body.as_bytes(), &Options::new(&aliases)).map(drop).unwrap_err();
    assert_eq!(mistake.status, 400);
    let told: Value = serde_json::from_slice(&error::from_mistake(&mistake, None)).unwrap();
    assert_eq!(told["error"]["type"], "invalid_request_error");
    (mistake.param, mistake.code, mistake.message)
}

#[track_caller]
fn check(more: &Value, param: &str, code: &str) {
    let (found, found_code, message) = mistake(&plain(more).to_string());
    assert_eq!((found.as_deref(), found_code), (Some(param), Some(code)), "{message}");
}

#[track_caller]
fn check_block(role: &str, block: &Value, param: &str, code: &str) {
    check(&json!({"messages": [{"role": role, "content": [block]}]}), param, code);
}

const INVALID: &str = "invalid_value";
const MISSING: &str = "missing_required_parameter";

#[test]
fn what_must_be_there() {
    for body in ["", "{", "nonsense", "[]"] {
        assert_eq!(mistake(body).0, None, "{body}");
    }
    assert_eq!(mistake("{}").0.as_deref(), Some("model"));
    check(&json!({"messages": null}), "messages", MISSING);
    check(&json!({"messages": []}), "messages", INVALID);
    check(&json!({"max_tokens": null}), "max_tokens", MISSING);
    check(&json!({"messages": [{"role": "user"}]}), "messages[0].content", MISSING);
    check(&json!({"messages": [{"content": "x"}]}), "messages[0].role", MISSING);
    check_block("user", &json!({"text": "x"}), "messages[0].content[0].type", MISSING);
    check_block("user", &json!({"type": "text"}), "messages[0].content[0].text", MISSING);
    check_block("user", &json!({"type": "image"}), "messages[0].content[0].source", MISSING);
    let result = json!({"type": "tool_result", "content": "x"});
    check_block("user", &result, "messages[0].content[0].tool_use_id", MISSING);
    let call = json!({"type": "tool_use", "name": "f", "input": {}});
    check_block("assistant", &call, "messages[0].content[0].id", MISSING);
    check(&json!({"tools": [{"input_schema": {}}]}), "tools[0].name", MISSING);
    check(&json!({"tool_choice": {"type": "tool"}}), "tool_choice.name", MISSING);
    check(&json!({"thinking": {"type": "enabled"}}), "thinking.budget_tokens", MISSING);
    let format = json!({"output_config": {"format": {"type": "json_schema"}}});
    check(&format, "output_config.format.schema", MISSING);
}

#[test]
fn wrong_types_and_unknown_words_are_named_by_their_path() {
    check(&json!({"model": "../x"}), "model", INVALID);
    check(&json!({"model": 3}), "model", INVALID);
    check(&json!({"max_tokens": 0}), "max_tokens", INVALID);
    check(&json!({"max_tokens": "many"}), "max_tokens", INVALID);
    check(&json!({"messages": [{"role": "tool", "content": "x"}]}), "messages[0].role", INVALID);
    check(&json!({"messages": [{"role": "user", "content": 7}]}), "messages[0].content", INVALID);
    check_block("user", &json!({"type": "hologram"}), "messages[0].content[0].type", INVALID);
    let call = json!({"type": "tool_use", "id": "a", "name": "f", "input": {}});
    check_block("user", &call, "messages[0].content[0].type", INVALID);
    let result = json!({"type": "tool_result", "tool_use_id": "a"});
    check_block("assistant", &result, "messages[0].content[0].type", INVALID);
    let image = json!({"type": "image", "source": {"type": "carrier pigeon"}});
    check_block("user", &image, "messages[0].content[0].source.type", INVALID);
    let bytes = json!({"type": "image", "source": {"type": "base64", "data": "AAAA"}});
    check_block("user", &bytes, "messages[0].content[0].source.media_type", INVALID);
    let nested = json!({"type": "tool_result", "tool_use_id": "a", "content": [{"type": "text", "text": 5}]});
    check_block("user", &nested, "messages[0].content[0].content[0].text", INVALID);
    let (_, _, message) =
        mistake(&plain(&json!({"messages": [{"role": "user", "content": [nested]}]})).to_string());
    assert!(
        message.starts_with("Invalid value for 'messages[0].content[0].content[0].text'"),
        "{message}"
    );
    let missing = json!({"type": "tool_result", "tool_use_id": "a", "content": [{"type": "text"}]});
    check_block("user", &missing, "messages[0].content[0].content[0].text", MISSING);
    check(&json!({"system": [{"type": "image"}]}), "system[0].type", INVALID);
    check(&json!({"thinking": {"type": "hard"}}), "thinking.type", INVALID);
    check(&json!({"output_config": {"effort": "extreme"}}), "output_config.effort", INVALID);
    check(&json!({"tool_choice": {"type": "maybe"}}), "tool_choice.type", INVALID);
    check(&json!({"tool_choice": {"type": "tool", "name": "nope"}}), "tool_choice.name", INVALID);
    check(&json!({"temperature": "hot"}), "temperature", INVALID);
    check(&json!({"tools": [{"name": "f"}, {"name": "f"}]}), "tools[1].name", INVALID);
}

#[test]
fn what_gemini_cannot_do() {
    let unsupported = "unsupported_value";
    let image =
        json!({"type": "image", "source": {"type": "url", "url": "https://example.com/a.png"}});
    check_block("user", &image, "messages[0].content[0].source.url", unsupported);
    let file = json!({"type": "document", "source": {"type": "file", "file_id": "file_1"}});
    check_block("user", &file, "messages[0].content[0].source.file_id", unsupported);
}

#[test]
fn threads_are_told_to_send_everything() {
    let aliases = Aliases::default();
    let body = plain(&json!({"thread": {"type": "create"}})).to_string();
    let mistake =
        messages::request(body.as_bytes(), &Options::new(&aliases)).map(drop).unwrap_err();
    let told: Value =
        serde_json::from_slice(&error::from_mistake(&mistake, Some("req_1"))).unwrap();
    assert_eq!(
        told,
        json!({"type": "error", "request_id": "req_1", "error": {"type": "invalid_request_error",
            "message": "Unsupported parameter: 'thread'. Send the full conversation without it.",
            "details": {"error_code": "thread_unsupported_request"}}})
    );
}

#[test]
fn depth_and_size_are_bounded() {
    let deep = format!("{}1{}", "[".repeat(5000), "]".repeat(5000));
    let schema = format!(
        r#"{{"model":"m","max_tokens":1,"messages":[{{"role":"user","content":"x"}}],"tools":[{{"name":"f","input_schema":{deep}}}]}}"#
    );
    assert_eq!(mistake(&schema).0.as_deref(), Some("tools[0].input_schema"));
    let mut nested = r#""x""#.to_owned();
    for _ in 0..5000 {
        nested =
            format!(r#"[{{"type":"document","source":{{"type":"content","content":{nested}}}}}]"#);
    }
    let body = format!(
        r#"{{"model":"m","max_tokens":1,"messages":[{{"role":"user","content":{nested}}}]}}"#
    );
    assert!(mistake(&body).2.len() < 1000);
    let many = vec![r#"{"role":"user","content":"x"}"#; 50_001].join(",");
    let body = format!(r#"{{"model":"m","max_tokens":1,"messages":[{many}]}}"#);
    assert_eq!(mistake(&body).0.as_deref(), Some("messages"));
}
