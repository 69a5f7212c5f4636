//! Streamed answers, beyond the golden files.

use bytes::BytesMut;
use dialect::anthropic::messages::{MessagesContext, MessagesStream, PING, StreamError};
use serde_json::{Value, json};

use super::{assemble, context, events, run, stamp};

fn event(parts: &Value) -> Value {
    json!({"candidates": [{"content": {"parts": parts}}]})
}

fn last(parts: &Value) -> Value {
    json!({"candidates": [{"content": {"parts": parts}, "finishReason": "STOP"}]})
}

fn quiet() -> MessagesContext {
    context(&json!({"stream": true}))
}

fn thinking() -> MessagesContext {
    context(&json!({"stream": true, "thinking": {"type": "adaptive"}}))
}

#[test]
fn nothing_goes_out_before_there_is_something_to_say() {
    let mut stream = MessagesStream::new(quiet(), stamp());
    let mut out = BytesMut::new();
    let first =
        json!({"usageMetadata": {"promptTokenCount": 3}, "responseId": "R", "modelVersion": "m"});
    stream.event(first.to_string().as_bytes(), &mut out).unwrap();
    let hidden = event(&json!([{"text": ""}, {"text": "hm", "thought": true}]));
    let seen = stream.event(hidden.to_string().as_bytes(), &mut out).unwrap();
    assert!(out.is_empty() && !seen.content && !stream.has_content() && !stream.has_begun());
    let text = event(&json!([{"text": "a"}]));
    let seen = stream.event(text.to_string().as_bytes(), &mut out).unwrap();
    assert!(seen.content && stream.has_content() && stream.has_begun());
    let start = &events(&out)[0]["message"];
    assert_eq!((&start["id"], &start["model"]), (&json!("msg_R"), &json!("gemini-3.8-flash")));
    assert_eq!(start["usage"]["input_tokens"], 3);
    assert_eq!(stream.usage().prompt, 3);
}

#[test]
fn a_message_can_begin_before_anything_came() {
    let mut stream = MessagesStream::new(quiet(), stamp());
    let mut out = BytesMut::new();
    stream.begin(&mut out);
    stream.begin(&mut out);
    out.extend_from_slice(PING);
    stream.event(last(&json!([{"text": "a"}])).to_string().as_bytes(), &mut out).unwrap();
    stream.finish(&mut out).unwrap();
    let mut events = events(&out);
    assert_eq!(events.remove(1), json!({"type": "ping"}));
    let message = assemble(&events);
    assert_eq!(
        (&message["id"], &message["content"][0]["text"]),
        (&json!("msg_fallback"), &json!("a"))
    );
}

#[test]
fn every_event_in_order() {
    let call = |id: &str| json!({"functionCall": {"id": id, "name": "f", "args": {"a": "\"é"}}});
    let mut signed = call("x");
    signed["thoughtSignature"] = "s".into();
    let events = run(
        thinking(),
        &[
            event(&json!([{"text": "hm", "thought": true}, {"text": "a\n"}])),
            event(&json!([{"text": "b"}, signed])),
            last(&json!([call("y"), {"text": "c"}])),
        ],
    )
    .unwrap();
    insta::assert_json_snapshot!(events);
    let message = assemble(&events);
    let types: Vec<&Value> =
        message["content"].as_array().unwrap().iter().map(|block| &block["type"]).collect();
    assert_eq!(types, ["thinking", "text", "thinking", "tool_use", "tool_use", "text"]);
}

#[test]
fn thoughts_alone_are_closed_with_a_signature() {
    let events = run(thinking(), &[last(&json!([{"text": "hm", "thought": true}]))]).unwrap();
    let message = assemble(&events);
    assert!(message["content"][0]["signature"].as_str().unwrap().starts_with("gw1."));
    assert_eq!(message["stop_reason"], "end_turn");
}

#[test]
fn truncated_and_empty_streams_are_errors() {
    let truncated = run(quiet(), &[event(&json!([{"text": "a"}]))]);
    assert!(matches!(truncated, Err(StreamError::Truncated)));
    let call = json!([{"functionCall": {"name": "f"}}]);
    assert!(matches!(run(quiet(), &[event(&call)]), Err(StreamError::Truncated)));
    assert!(matches!(run(quiet(), &[]), Err(StreamError::Truncated)));
    let other = json!({"candidates": [{"finishReason": "OTHER"}]});
    assert!(matches!(run(quiet(), &[other]), Err(StreamError::Empty)));
    let mut stream = MessagesStream::new(quiet(), stamp());
    let mut out = BytesMut::new();
    assert!(matches!(stream.event(b"{\"candidates\":[", &mut out), Err(StreamError::Malformed(_))));
    stream.fail(&StreamError::Truncated, None, &mut out);
    assert_eq!(events(&out)[0]["error"]["type"], "api_error");
}

#[test]
fn failures_never_look_like_an_end() {
    for (code, kind) in [
        (429, "rate_limit_error"),
        (500, "api_error"),
        (503, "overloaded_error"),
        (504, "timeout_error"),
    ] {
        let mut stream = MessagesStream::new(quiet(), stamp());
        let mut out = BytesMut::new();
        stream.event(event(&json!([{"text": "a"}])).to_string().as_bytes(), &mut out).unwrap();
        let error = json!({"error": {"code": code, "message": "key AIzaSecret", "status": "X"}});
        let error = stream.event(error.to_string().as_bytes(), &mut out).unwrap_err();
        stream.fail(&error, Some("req_1"), &mut out);
        let events = events(&out);
        let end = events.last().unwrap();
        assert_eq!((&end["type"], &end["error"]["type"]), (&json!("error"), &json!(kind)));
        assert_eq!(end["request_id"], "req_1");
        assert!(events.iter().all(|event| event["type"] != "message_stop"));
        assert!(!end.to_string().contains("AIza"));
    }
}

#[test]
fn refusals_say_why() {
    let blocked = json!({"promptFeedback": {"blockReason": "PROHIBITED_CONTENT"}, "usageMetadata": {"promptTokenCount": 9}});
    let message = assemble(&run(quiet(), &[blocked]).unwrap());
    assert_eq!((&message["stop_reason"], &message["content"]), (&json!("refusal"), &json!([])));
    assert_eq!(message["stop_details"]["explanation"], "PROHIBITED_CONTENT");
    assert_eq!(message["usage"]["input_tokens"], 9);
    let cut = json!({"candidates": [{"finishReason": "SAFETY"}]});
    let message = assemble(&run(quiet(), &[event(&json!([{"text": "a"}])), cut]).unwrap());
    assert_eq!(
        (&message["stop_reason"], &message["content"][0]["text"]),
        (&json!("refusal"), &json!("a"))
    );
}

#[test]
fn searches_come_after_the_text() {
    let search = json!({"type": "web_search_20250305", "name": "web_search"});
    let mut end = last(&json!([{"text": " and mild."}]));
    end["candidates"][0]["groundingMetadata"] = json!({
        "webSearchQueries": ["weather"], "groundingChunks": [{"web": {"uri": "u", "title": "t"}}]});
    let mut first = event(&json!([{"text": "Sunny"}]));
    first["candidates"][0]["groundingMetadata"] = json!({});
    let events = run(context(&json!({"tools": [search], "stream": true})), &[first, end]).unwrap();
    let message = assemble(&events);
    let types: Vec<&Value> =
        message["content"].as_array().unwrap().iter().map(|block| &block["type"]).collect();
    assert_eq!(types, ["text", "server_tool_use", "web_search_tool_result"]);
    assert_eq!(message["content"][1]["id"], "srvtoolu_GEN1");
    assert_eq!(message["content"][2]["content"][0]["url"], "u");
    assert_eq!(message["usage"]["server_tool_use"]["web_search_requests"], 1);
}

#[test]
fn signatures_are_there_to_be_remembered() {
    let mut stream = MessagesStream::new(quiet(), stamp());
    let mut out = BytesMut::new();
    let call = json!([{"functionCall": {"name": "f"}, "thoughtSignature": "s"}]);
    stream.event(last(&call).to_string().as_bytes(), &mut out).unwrap();
    let signatures = stream.take_signatures();
    assert_eq!((signatures.len(), signatures[0].call_id.as_str()), (1, "toolu_GEN1"));
    assert!(stream.take_signatures().is_empty());
    stream.finish(&mut out).unwrap();
    assert_eq!(assemble(&events(&out))["content"][0]["id"], "toolu_GEN1");
}
