//! Mistakes of clients: each names the field.

use dialect::openai::{chat, error};
use serde_json::{Value, json};

fn mistake(body: &str) -> (Option<String>, Option<&'static str>, String) {
    let mistake = chat::request(body.as_bytes()).map(|_| ()).unwrap_err();
    assert_eq!(mistake.status, 400);
    let told: Value = serde_json::from_slice(&error::from_mistake(&mistake)).unwrap();
    assert_eq!(told["error"]["type"], "invalid_request_error");
    (mistake.param, mistake.code, mistake.message)
}

#[track_caller]
fn check(body: &str, param: &str, code: &str) {
    let (found, found_code, message) = mistake(body);
    assert_eq!((found.as_deref(), found_code), (Some(param), Some(code)), "{message}");
}

#[track_caller]
fn check_field(field: &str, param: &str, code: &str) {
    check(
        &format!(
            r#"{{"model":"gemini-3.8-flash","messages":[{{"role":"user","content":"x"}}],{field}}}"#
        ),
        param,
        code,
    );
}

#[track_caller]
fn check_message(message: &str, param: &str, code: &str) {
    check(&format!(r#"{{"model":"m","messages":[{message}]}}"#), param, code);
}

#[test]
fn bodies_that_are_no_json() {
    for body in ["", "{", "{\"model\": \"m\",}", "nonsense", "{\"model\":\"a\u{1}\"}"] {
        let (param, code, message) = mistake(body);
        assert_eq!((param, code), (None, None), "{body}");
        assert!(message.starts_with("We could not parse the JSON body"), "{message}");
    }
    let not_text = chat::request(b"{\"model\":\"\xff\"}").map(|_| ()).unwrap_err();
    assert!(not_text.message.contains("UTF-8"));
    let (param, _, message) = mistake("[]");
    assert_eq!(param, None, "{message}");
}

#[test]
fn what_must_be_there() {
    check("{}", "model", "missing_required_parameter");
    check(r#"{"model":"m"}"#, "messages", "missing_required_parameter");
    check(r#"{"model":null,"messages":[]}"#, "model", "missing_required_parameter");
    check(r#"{"model":"m","messages":[]}"#, "messages", "invalid_value");
    check_message(r#"{"content":"x"}"#, "messages[0].role", "missing_required_parameter");
    check_message(
        r#"{"role":"user","content":[{"type":"image_url"}]}"#,
        "messages[0].content[0].image_url",
        "missing_required_parameter",
    );
    check_field(
        r#""tools":[{"type":"function"}]"#,
        "tools[0].function",
        "missing_required_parameter",
    );
    check_field(
        r#""response_format":{"type":"json_schema"}"#,
        "response_format.json_schema",
        "missing_required_parameter",
    );
}

#[test]
fn wrong_types_and_unknown_words_are_named_by_their_path() {
    check(r#"{"model":3,"messages":[]}"#, "model", "invalid_value");
    check(r#"{"model":"../x","messages":[]}"#, "model", "invalid_value");
    check(r#"{"model":"a?key=b","messages":[]}"#, "model", "invalid_value");
    check(r#"{"model":"m","messages":"hi"}"#, "messages", "invalid_value");
    check_message(r#"{"role":"narrator","content":"x"}"#, "messages[0].role", "invalid_value");
    check_message(r#"{"role":"user","content":7}"#, "messages[0].content", "invalid_value");
    check_message(
        r#"{"role":"user","content":[{"type":"text","text":"a"},{"type":"hologram"}]}"#,
        "messages[0].content[1].type",
        "invalid_value",
    );
    check_message(
        r#"{"role":"user","content":[{"type":"text","text":5}]}"#,
        "messages[0].content[0].text",
        "invalid_value",
    );
    check_message(
        r#"{"role":"user","content":[{"type":"input_audio","input_audio":{"data":"","format":"midi"}}]}"#,
        "messages[0].content[0].input_audio.format",
        "invalid_value",
    );
    check_message(
        r#"{"role":"system","content":[{"type":"image_url","image_url":{"url":"data:image/png;base64,AA"}}]}"#,
        "messages[0].content",
        "invalid_value",
    );
    check_field(r#""temperature":"hot""#, "temperature", "invalid_value");
    check_field(r#""max_tokens":0"#, "max_tokens", "invalid_value");
    check_field(r#""max_tokens":1.5"#, "max_tokens", "invalid_value");
    check_field(r#""stop":["a","b","c","d","e","f"]"#, "stop", "invalid_value");
    check_field(r#""reasoning_effort":"extreme""#, "reasoning_effort", "invalid_value");
    check_field(r#""tools":[{"type":"teleport"}]"#, "tools[0].type", "invalid_value");
    check_field(r#""tools":{}"#, "tools", "invalid_value");
    check_field(r#""response_format":{"type":"yaml"}"#, "response_format.type", "invalid_value");
    check_field(
        r#""tool_choice":{"type":"function","function":{"name":"nope"}}"#,
        "tool_choice.function.name",
        "invalid_value",
    );
    check_field(r#""tool_choice":"maybe""#, "tool_choice", "invalid_value");
}

#[test]
fn what_gemini_cannot_do() {
    check_field(r#""n":2"#, "n", "unsupported_value");
    check_field(r#""n":0"#, "n", "invalid_value");
    check_field(
        r#""modalities":["audio"],"audio":{"format":"mp3","voice":"a"}"#,
        "audio.format",
        "unsupported_value",
    );
    check_field(r#""modalities":["audio"]"#, "modalities", "unsupported_value");
    check_message(
        r#"{"role":"user","content":[{"type":"image_url","image_url":{"url":"https://example.com/a.png"}}]}"#,
        "messages[0].content[0].image_url.url",
        "unsupported_value",
    );
    let mixed = json!({"model": "gemini-2.5-flash", "messages": [{"role": "user", "content": "x"}],
        "tools": [{"type": "function", "function": {"name": "f"}}], "web_search_options": {}});
    check(&mixed.to_string(), "tools", "unsupported_value");
}

#[test]
fn depth_and_size_are_bounded() {
    let deep = format!("{}1{}", "[".repeat(5000), "]".repeat(5000));
    check_field(
        &format!(
            r#""tools":[{{"type":"function","function":{{"name":"f","parameters":{deep}}}}}]"#
        ),
        "tools[0].function.parameters",
        "invalid_value",
    );
    // Arguments are only carried, however deep.
    let arguments = serde_json::to_string(&deep).unwrap();
    let body = format!(
        r#"{{"model":"m","messages":[{{"role":"assistant","tool_calls":[{{"id":"a","function":{{"name":"f","arguments":{arguments}}}}}]}}]}}"#
    );
    assert!(chat::request(body.as_bytes()).is_ok());
    let long = format!(r#"{{"role":"{}"}}"#, "x".repeat(10_000));
    let (_, _, message) = mistake(&format!(r#"{{"model":"m","messages":[{long}]}}"#));
    assert!(message.len() < 500, "{}", message.len());
    let many = vec![r#"{"role":"user"}"#; 50_001].join(",");
    check_message(&many, "messages", "invalid_value");
}
