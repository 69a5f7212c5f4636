//! Whole answers.

use dialect::openai::responses::{self, ResponseError};
use insta::assert_json_snapshot;
use serde_json::{Value, json};

use super::{context, parts, whole};
use crate::stamp;

fn output(more: &Value, answer: &Value) -> Value {
    whole(&context(more), answer).0["output"].clone()
}

fn tools() -> Value {
    json!([{"type": "function", "name": "2f"}, {"type": "custom", "name": "sh"}, {"type": "local_shell"},
        {"type": "shell"}, {"type": "apply_patch"},
        {"type": "namespace", "name": "ns", "tools": [{"type": "function", "name": "g"}]}])
}

#[test]
fn calls_of_every_kind() {
    let call = |name: &str, args: Value| json!({"functionCall": {"name": name, "args": args}});
    let answer = parts(&json!([
        {"text": "hm", "thought": true}, {"text": "First."},
        {"functionCall": {"id": "a", "name": "_2f", "args": {"b": "x y"}}, "thoughtSignature": "s1"},
        call("default_api:sh", json!({"input": "ls\n"})),
        call("local_shell", json!({"command": ["ls", 3], "workdir": "/", "env": {"A": "b", "C": 1}})),
        call("shell", json!({"commands": ["ls"], "timeout_ms": 5})),
        call("apply_patch", json!({"type": "update_file", "path": "a", "diff": "+b"})),
        call("ns__g", json!({})), call("undeclared", Value::Null)]));
    assert_json_snapshot!(output(&json!({"tools": tools(), "store": false}), &answer));
}

#[test]
fn signatures_travel_in_ids_or_in_reasoning() {
    let answer = parts(&json!([
        {"functionCall": {"id": "a", "name": "f", "args": {}}, "thoughtSignature": "s1+="}]));
    let (body, translated) = whole(&context(&json!({})), &answer);
    assert_eq!(body["output"].as_array().unwrap().len(), 1);
    assert_eq!(body["output"][0]["call_id"], "a__thought__s1-");
    assert_eq!(translated.signatures.iter().collect::<Vec<_>>(), [("a", "s1+=")]);
    let (body, _) = whole(&context(&json!({})).without_store(), &answer);
    assert_eq!(body["store"], false);
    assert_eq!(body["output"][0]["type"], "reasoning");
}

#[test]
fn searches_sources_code_and_pictures() {
    let mut answer = parts(&json!([
        {"text": "hm", "thought": true}, {"text": "Größe: "}, {"text": "30 °C."},
        {"executableCode": {"language": "PYTHON", "code": "print(1)"}},
        {"codeExecutionResult": {"outcome": "OUTCOME_OK", "output": "1\n"}},
        {"inlineData": {"mimeType": "image/png", "data": "ZHJhZnQ="}, "thought": true},
        {"inlineData": {"mimeType": "image/png", "data": "AAAA"}}, {"text": "End"}]));
    answer["candidates"][0]["groundingMetadata"] = json!({
        "webSearchQueries": ["q0", "q1"],
        "groundingChunks": [{"web": {"uri": "https://a", "title": "A"}}],
        "groundingSupports": [
            {"segment": {"partIndex": 2, "startIndex": 0, "endIndex": 6, "text": "30 °C"}, "groundingChunkIndices": [0]},
            {"segment": {"partIndex": 7, "startIndex": 0, "endIndex": 3, "text": "End"}, "groundingChunkIndices": [0]}]});
    assert_json_snapshot!(output(&json!({"include": ["web_search_call.action.sources"]}), &answer));
}

#[test]
fn one_call_only_when_parallel_calls_are_off() {
    let answer = parts(&json!([{"functionCall": {"name": "f"}}, {"functionCall": {"name": "f"}}]));
    assert_eq!(
        output(&json!({"parallel_tool_calls": false}), &answer).as_array().unwrap().len(),
        1
    );
}

#[test]
fn the_answer_tool_gives_the_text() {
    let format = json!({"format": {"type": "json_schema", "name": "n", "schema": {"type": "object",
        "properties": {"x": {"type": "string"}}}}});
    let more = json!({"tools": tools(), "tool_choice": "required", "text": format});
    let answer =
        parts(&json!([{"text": "Let me"}, {"functionCall": {"name": "json", "args": {"x": "y"}}}]));
    assert_eq!(output(&more, &answer)[0]["content"][0]["text"], "{\"x\":\"y\"}");
    let silent = parts(&json!([{"text": "no call"}]));
    assert_eq!(output(&more, &silent)[0]["content"][0]["text"], "no call");
}

#[test]
fn ends_of_all_kinds() {
    let end = |candidate: Value| {
        let (body, _) = whole(&context(&json!({})), &json!({"candidates": [candidate]}));
        let items = body["output"].as_array().unwrap().clone();
        (body["status"].clone(), body["incomplete_details"]["reason"].clone(), items)
    };
    let text = json!({"parts": [{"text": "so far"}]});
    let (status, why, items) = end(json!({"content": text, "finishReason": "MAX_TOKENS"}));
    assert_eq!((status, why), (json!("incomplete"), json!("max_output_tokens")));
    assert_eq!(items[0]["status"], "incomplete");
    let (status, why, items) = end(json!({"content": text, "finishReason": "SAFETY"}));
    assert_eq!((status, why), (json!("incomplete"), json!("content_filter")));
    assert_eq!(items[0]["content"][0]["text"], "so far");
    let (_, _, items) = end(json!({"finishReason": "RECITATION", "finishMessage": "Recited."}));
    assert_eq!(items[0]["content"], json!([{"type": "refusal", "refusal": "Recited."}]));
    let (status, _, items) =
        end(json!({"finishReason": "MALFORMED_FUNCTION_CALL", "finishMessage": "bad"}));
    assert_eq!((status, &items[0]["content"][0]["text"]), (json!("completed"), &json!("bad")));
    let (status, why, _) = end(json!({"content": text, "finishReason": "CONTINUATION"}));
    assert_eq!((status, why), (json!("incomplete"), json!("max_output_tokens")));
    let blocked = json!({"promptFeedback": {"blockReason": "SAFETY", "blockReasonMessage": "No."}});
    let (body, _) = whole(&context(&json!({})), &blocked);
    assert_eq!(body["incomplete_details"]["reason"], "content_filter");
    assert_eq!(
        body["output"][0]["content"][0]["refusal"],
        "Prompt blocked by upstream filter: SAFETY: No."
    );
}

#[test]
fn failures_in_disguise_are_told_apart() {
    let response = |answer: &[u8]| {
        responses::response(&context(&json!({})), answer, &mut stamp(), 0).unwrap_err()
    };
    for answer in [
        r"{}",
        r#"{"candidates":[{"finishReason":"OTHER"}]}"#,
        r#"{"candidates":[{"content":{}}]}"#,
    ] {
        assert!(matches!(response(answer.as_bytes()), ResponseError::Empty { .. }), "{answer}");
    }
    let error = response(br#"{"error":{"code":503,"message":"m"}}"#);
    assert!(matches!(error, ResponseError::Upstream(error) if error.code == 503));
    assert!(matches!(response(b"<html>"), ResponseError::Malformed(_)));
}

#[test]
fn what_was_asked_is_repeated() {
    let more = json!({"instructions": "a\"b", "temperature": 0.5, "top_p": 0.25, "max_tool_calls": 3,
        "metadata": {"k": "v"}, "user": "u", "truncation": "auto", "top_logprobs": 2, "parallel_tool_calls": false,
        "text": {"format": {"type": "json_object"}, "verbosity": "low"}, "reasoning": {"effort": "low", "summary": "auto"},
        "tools": [{"type": "function", "name": "f"}], "tool_choice": "required", "max_output_tokens": 50});
    let (mut body, _) = whole(&context(&more), &parts(&json!([{"text": "x"}])));
    body["output"].take();
    assert_json_snapshot!(body);
}

#[test]
fn usage_counts_caches_thoughts_and_tools() {
    let mut answer = parts(&json!([{"text": "x"}]));
    answer["usageMetadata"] = json!({"promptTokenCount": 100, "cachedContentTokenCount": 60, "thoughtsTokenCount": 7,
        "candidatesTokenCount": 5, "toolUsePromptTokenCount": 30, "serviceTier": "flex"});
    let (body, translated) = whole(&context(&json!({})), &answer);
    assert_eq!(
        body["usage"],
        json!({"input_tokens": 130, "input_tokens_details": {"cached_tokens": 60, "cache_write_tokens": 0},
            "output_tokens": 12, "output_tokens_details": {"reasoning_tokens": 7}, "total_tokens": 142})
    );
    assert_eq!((&body["service_tier"], translated.usage.prompt), (&json!("flex"), 100));
}
