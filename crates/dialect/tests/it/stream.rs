//! Streamed answers, beyond the golden files.

use bytes::BytesMut;
use dialect::openai::chat::{ChatContext, ChatStream, StreamError};
use serde_json::{Value, json};

use crate::{chunks, context, stamp};

fn run(context: ChatContext, events: &[Value]) -> Result<Vec<Value>, StreamError> {
    let mut stream = ChatStream::new(context, stamp());
    let mut out = BytesMut::new();
    for event in events {
        stream.event(event.to_string().as_bytes(), &mut out)?;
    }
    stream.finish(&mut out)?;
    Ok(chunks(&out))
}

fn event(parts: &Value) -> Value {
    json!({"candidates": [{"content": {"parts": parts}}]})
}

fn last(parts: &Value) -> Value {
    json!({"candidates": [{"content": {"parts": parts}, "finishReason": "STOP"}]})
}

fn deltas(chunks: &[Value]) -> Vec<Value> {
    chunks
        .iter()
        .filter_map(|chunk| chunk["choices"].get(0))
        .map(|choice| choice["delta"].clone())
        .collect()
}

fn plain() -> ChatContext {
    context(&json!({"stream": true}))
}

#[test]
fn nothing_goes_out_before_there_is_something_to_say() {
    let mut stream = ChatStream::new(plain(), stamp());
    let mut out = BytesMut::new();
    let quiet =
        json!({"usageMetadata": {"promptTokenCount": 3}, "responseId": "R", "modelVersion": "m"});
    stream.event(quiet.to_string().as_bytes(), &mut out).unwrap();
    let seen =
        stream.event(event(&json!([{"text": ""}])).to_string().as_bytes(), &mut out).unwrap();
    assert!(out.is_empty() && !seen.content && !stream.has_content());
    let seen =
        stream.event(event(&json!([{"text": "a"}])).to_string().as_bytes(), &mut out).unwrap();
    assert!(seen.content && stream.has_content());
    assert_eq!(chunks(&out)[0]["id"], "chatcmpl-R");
    assert_eq!(chunks(&out)[1]["model"], "m");
    assert_eq!(stream.usage().prompt, 3);
}

#[test]
fn one_event_can_give_several_chunks_and_numbers_go_on() {
    let call = |id: &str| json!({"functionCall": {"id": id, "name": "f", "args": {"a": "\"é"}}});
    let chunks = run(
        plain(),
        &[
            event(&json!([{"text": "hm", "thought": true}, {"text": "a\n"}, call("x")])),
            last(&json!([call("y")])),
        ],
    )
    .unwrap();
    let calls: Vec<Value> =
        deltas(&chunks).iter().filter_map(|delta| delta["tool_calls"].get(0).cloned()).collect();
    assert_eq!(calls.len(), 4);
    assert_eq!((&calls[0]["index"], &calls[0]["id"]), (&json!(0), &json!("x")));
    assert_eq!(calls[1], json!({"index": 0, "function": {"arguments": "{\"a\":\"\\\"é\"}"}}));
    assert_eq!((&calls[2]["index"], &calls[2]["id"]), (&json!(1), &json!("y")));
    assert_eq!(chunks[chunks.len() - 2]["choices"][0]["finish_reason"], "tool_calls");
    assert_eq!(chunks.last().unwrap(), "[DONE]");
    assert!(chunks.iter().all(|chunk| chunk.get("usage").is_none()));
}

#[test]
fn truncated_and_empty_streams_are_errors() {
    let truncated = run(plain(), &[event(&json!([{"text": "a"}]))]);
    assert!(matches!(truncated, Err(StreamError::Truncated)));
    let call = json!([{"functionCall": {"name": "f"}}]);
    assert!(matches!(run(plain(), &[event(&call)]), Err(StreamError::Truncated)));
    assert!(matches!(run(plain(), &[]), Err(StreamError::Truncated)));
    let other = json!({"candidates": [{"finishReason": "OTHER"}]});
    assert!(matches!(run(plain(), &[other]), Err(StreamError::Empty)));
    let error = json!({"error": {"code": 500, "message": "m", "status": "INTERNAL"}});
    assert!(
        matches!(run(plain(), &[error]), Err(StreamError::Upstream(error)) if error.code == 500)
    );
    let mut stream = ChatStream::new(plain(), stamp());
    let mut out = BytesMut::new();
    assert!(matches!(stream.event(b"{\"candidates\":[", &mut out), Err(StreamError::Malformed(_))));
    stream.fail(&StreamError::Truncated, &mut out);
    let told = &chunks(&out)[0]["error"];
    assert_eq!((&told["type"], &told["code"]), (&json!("server_error"), &json!("upstream_error")));
}

#[test]
fn refusals_come_before_the_end() {
    let blocked = json!({"promptFeedback": {"blockReason": "SAFETY", "blockReasonMessage": "No."}});
    let chunks = run(plain(), &[blocked]).unwrap();
    assert_eq!(
        deltas(&chunks),
        [
            json!({"role": "assistant", "content": "", "refusal": null}),
            json!({"refusal": "Prompt blocked by upstream filter: SAFETY: No."}),
            json!({}),
        ]
    );
    assert_eq!(chunks[2]["choices"][0]["finish_reason"], "content_filter");
    let withheld = json!({"candidates": [{"finishReason": "SPII"}]});
    let chunks = run(plain(), &[withheld]).unwrap();
    assert_eq!(deltas(&chunks)[1], json!({"refusal": "Blocked by upstream filter: SPII"}));
    let cut = json!({"candidates": [{"finishReason": "SAFETY"}]});
    let chunks = run(plain(), &[event(&json!([{"text": "a"}])), cut]).unwrap();
    assert!(deltas(&chunks).iter().all(|delta| delta["refusal"].is_null()));
    assert_eq!(chunks[chunks.len() - 2]["choices"][0]["finish_reason"], "content_filter");
}

#[test]
fn several_choices_have_their_own_role_and_end() {
    let both = json!({"candidates": [
        {"content": {"parts": [{"text": "a"}]}, "finishReason": "STOP"},
        {"content": {"parts": [{"text": "b"}]}, "index": 1, "finishReason": "MAX_TOKENS"}]});
    let chunks = run(plain(), &[both]).unwrap();
    let ends: Vec<(&Value, &Value)> = chunks
        .iter()
        .filter_map(|chunk| chunk["choices"].get(0))
        .filter(|choice| !choice["finish_reason"].is_null())
        .map(|choice| (&choice["index"], &choice["finish_reason"]))
        .collect();
    assert_eq!(ends, [(&json!(0), &json!("stop")), (&json!(1), &json!("length"))]);
}

#[test]
fn the_answer_tool_streams_as_content() {
    let format = json!({"type": "json_schema", "json_schema": {"name": "n",
        "schema": {"type": "object", "properties": {"x": {"type": "string"}}}}});
    let tools = json!([{"type": "function", "function": {"name": "f"}}]);
    let asked = || {
        context(
            &json!({"stream": true, "tools": tools, "tool_choice": "required", "response_format": format}),
        )
    };
    let answer = json!([{"functionCall": {"name": "json", "args": {"x": "y"}}}]);
    let chunks = run(asked(), &[event(&json!([{"text": "Let me"}])), last(&answer)]).unwrap();
    assert_eq!(deltas(&chunks)[1], json!({"content": "{\"x\":\"y\"}"}));
    assert_eq!(chunks[2]["choices"][0]["finish_reason"], "stop");
    // Without the call, the text was the answer after all.
    let chunks = run(asked(), &[last(&json!([{"text": "no \"call\""}]))]).unwrap();
    assert_eq!(deltas(&chunks)[1], json!({"content": "no \"call\""}));
}

#[test]
fn sources_come_before_the_end() {
    let context = context(&json!({"stream": true, "web_search_options": {}}));
    let mut end = last(&json!([{"text": "ü mild."}]));
    end["candidates"][0]["groundingMetadata"] = json!({
        "groundingChunks": [{"web": {"uri": "u", "title": "t"}}],
        "groundingSupports": [{"segment": {"endIndex": 9, "text": "ü mild."}, "groundingChunkIndices": [0]}]});
    let mut first = event(&json!([{"text": "Wärme: "}]));
    first["candidates"][0]["groundingMetadata"] = json!({});
    let chunks = run(context, &[first, end]).unwrap();
    let all = deltas(&chunks);
    assert_eq!(
        all[all.len() - 2]["annotations"][0]["url_citation"],
        json!({"start_index": 7, "end_index": 14, "url": "u", "title": "t"})
    );
}

#[test]
fn probabilities_ride_with_their_text() {
    let mut only = last(&json!([{"text": "a"}]));
    only["candidates"][0]["logprobsResult"] =
        json!({"chosenCandidates": [{"token": "a", "logProbability": -1.5}]});
    let chunks = run(plain(), &[only]).unwrap();
    assert_eq!(chunks[0]["choices"][0]["logprobs"], Value::Null);
    assert_eq!(chunks[1]["choices"][0]["logprobs"]["content"][0]["logprob"], -1.5);
}
