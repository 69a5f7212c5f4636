//! Whole answers, beyond the golden files.

use dialect::{
    Usage,
    anthropic::{
        Aliases,
        messages::{self, MessagesContext, Options, ResponseError, Translated},
    },
};
use serde_json::{Value, json};

use super::{ask, context, plain, stamp};

fn translate(context: &MessagesContext, answer: &Value) -> Result<Translated, ResponseError> {
    // Google answers pretty-printed.
    let body = serde_json::to_vec_pretty(answer).unwrap();
    messages::response(context, &body, &mut stamp())
}

fn message(context: &MessagesContext, candidate: &Value) -> Value {
    let translated = translate(context, &json!({"candidates": [candidate]})).unwrap();
    serde_json::from_slice(&translated.body).unwrap()
}

fn stop(parts: &Value) -> Value {
    json!({"content": {"parts": parts}, "finishReason": "STOP"})
}

fn call(id: &str, n: u32) -> Value {
    json!({"functionCall": {"id": id, "name": "f", "args": {"n": n, "s": "a b"}}})
}

fn signed(id: &str, n: u32, signature: &str) -> Value {
    let mut call = call(id, n);
    call["thoughtSignature"] = signature.into();
    call
}

fn thinking() -> MessagesContext {
    context(&json!({"thinking": {"type": "adaptive"}}))
}

#[test]
fn blocks_follow_the_parts() {
    let parts = json!([
        {"text": "hm ", "thought": true}, {"text": "hmm", "thought": true},
        {"text": "Let "}, {"text": "me see."}, {"text": ""},
        signed("toolu_a", 1, "s1"), call("toolu_b", 2), signed("not an id!", 3, "s3"),
        {"text": "Done."},
    ]);
    insta::assert_json_snapshot!(message(&thinking(), &stop(&parts)));
}

#[test]
fn thoughts_stay_inside_unless_asked_for() {
    let parts = json!([{"text": "hm", "thought": true}, signed("toolu_a", 1, "s1")]);
    let quiet = context(&json!({}));
    let blocks = message(&quiet, &stop(&parts))["content"].clone();
    assert_eq!(
        blocks,
        json!([{"type": "tool_use", "id": "toolu_a", "name": "f", "input": {"n": 1, "s": "a b"}}])
    );
    // Whoever remembers signatures gets them.
    let translated = translate(&quiet, &json!({"candidates": [stop(&parts)]})).unwrap();
    let [remembered] = translated.signatures.as_slice() else { panic!() };
    assert_eq!((remembered.call_id.as_str(), remembered.generation), ("toolu_a", "gemini-3"));
    assert_eq!(remembered.signature, "s1");
    let omitted = context(&json!({"thinking": {"type": "adaptive", "display": "omitted"}}));
    let blocks = message(&omitted, &stop(&parts))["content"].clone();
    assert_eq!((&blocks[0]["type"], &blocks[0]["thinking"]), (&json!("thinking"), &json!("")));
    assert!(blocks[0]["signature"].as_str().unwrap().starts_with("gw1."));
}

#[test]
fn a_signature_survives_the_way_through_a_client() {
    let parts = json!([
        {"text": "hm", "thought": true}, {"text": "First."},
        signed("toolu_a", 1, "s/1+="), call("toolu_b", 2), signed("toolu_c", 3, "s3"),
    ]);
    let answer = message(&thinking(), &stop(&parts));
    // The client sends the blocks back as they came.
    let results: Vec<Value> = ["toolu_a", "toolu_b", "toolu_c"]
        .map(|id| json!({"type": "tool_result", "tool_use_id": id, "content": "ok"}))
        .into();
    let (_, upstream) = ask(&plain(&json!({"messages": [
        {"role": "user", "content": "x"},
        {"role": "assistant", "content": answer["content"]},
        {"role": "user", "content": results}]})));
    assert_eq!(
        upstream["contents"][1]["parts"],
        json!([{"text": "First."}, signed("toolu_a", 1, "s/1+="), call("toolu_b", 2), signed("toolu_c", 3, "s3")])
    );
}

#[test]
fn a_signature_survives_without_thinking_blocks_too() {
    let parts = json!([signed("toolu_a", 1, "CiIBVKhc7v+/"), call("toolu_b", 2)]);
    let answer = message(&context(&json!({})), &stop(&parts));
    let id = |at: usize| answer["content"][at]["id"].as_str().unwrap();
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"_-".contains(&byte);
    assert!(id(0).starts_with("toolu_a__thought__") && id(0).bytes().all(allowed), "{}", id(0));
    let results: Vec<Value> = [0, 1]
        .map(|at| json!({"type": "tool_result", "tool_use_id": id(at), "content": "ok"}))
        .into();
    let history = plain(&json!({"messages": [
        {"role": "user", "content": "x"},
        {"role": "assistant", "content": answer["content"]},
        {"role": "user", "content": results}]}));
    let (_, upstream) = ask(&history);
    assert_eq!(upstream["contents"][1]["parts"], parts);
    let given = |at: usize| upstream["contents"][2]["parts"][at]["functionResponse"].clone();
    assert_eq!((&given(0)["id"], &given(1)["id"]), (&json!("toolu_a"), &json!("toolu_b")));
    assert_eq!(given(0)["response"], json!({"output": "ok"}));
}

#[test]
fn whoever_remembers_signatures_keeps_ids_short() {
    let (aliases, nothing) = (Aliases::default(), |_: &str, _: &str| None);
    let options = Options { recall: Some(&nothing), ..Options::new(&aliases) };
    let body = plain(&json!({})).to_string();
    let (context, _) = messages::request(body.as_bytes(), &options).unwrap();
    let answer = stop(&json!([signed("toolu_a", 1, "CiIBVKhc7v+/")]));
    let translated = translate(&context, &json!({"candidates": [answer]})).unwrap();
    let message: Value = serde_json::from_slice(&translated.body).unwrap();
    assert_eq!(message["content"][0]["id"], "toolu_a");
    assert_eq!(translated.signatures[0].signature, "CiIBVKhc7v+/");
}

#[test]
fn ids_of_the_history_are_not_given_again() {
    let (context, _) = ask(&plain(&json!({"messages": [
        {"role": "user", "content": "x"},
        {"role": "assistant", "content": [{"type": "tool_use", "id": "c1", "name": "f", "input": {}}]},
        {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "c1", "content": "y"}]}]})));
    let answer = message(&context, &stop(&json!([call("c1", 1)])));
    assert_eq!(answer["content"][0]["id"], "toolu_GEN1");
}

#[test]
fn one_call_only_when_parallel_calls_are_off() {
    let context =
        context(&json!({"tool_choice": {"type": "auto", "disable_parallel_tool_use": true}}));
    let answer = message(&context, &stop(&json!([call("a", 1), call("b", 2)])));
    assert_eq!(answer["content"].as_array().unwrap().len(), 1);
    assert_eq!(answer["stop_reason"], "tool_use");
}

#[test]
fn names_come_back_and_input_is_always_an_object() {
    let context = context(&json!({"tools": [{"name": "2f", "input_schema": {"type": "object"}}]}));
    let parts = json!([
        {"functionCall": {"name": "_2f"}},
        {"functionCall": {"name": "default_api:_2f", "args": "{\"a\":1}"}},
        {"functionCall": {"name": "other", "args": [1]}}]);
    let blocks = message(&context, &stop(&parts))["content"].clone();
    let calls: Vec<(&Value, &Value)> =
        blocks.as_array().unwrap().iter().map(|block| (&block["name"], &block["input"])).collect();
    assert_eq!(
        calls,
        [
            (&json!("2f"), &json!({})),
            (&json!("2f"), &json!({"a": 1})),
            (&json!("other"), &json!({"value": [1]}))
        ]
    );
}

#[test]
fn halves_of_characters_do_not_spoil_the_input() {
    let body = br#"{"candidates":[{"content":{"parts":[{"functionCall":{"name":"f","args":{"a":"\ud83d!"}}}]},"finishReason":"STOP"}]}"#;
    let translated = messages::response(&context(&json!({})), body, &mut stamp()).unwrap();
    let message: Value = serde_json::from_slice(&translated.body).unwrap();
    assert_eq!(message["content"][0]["input"], json!({"a": "\u{fffd}!"}));
}

#[test]
fn the_answer_tool_gives_the_text() {
    let schema = json!({"type": "object", "properties": {"x": {"type": "string"}}});
    let context = context(&json!({
        "tools": [{"name": "f", "input_schema": schema}], "tool_choice": {"type": "any"},
        "output_config": {"format": {"type": "json_schema", "schema": schema}}}));
    let parts = json!([{"text": "Let me"}, {"functionCall": {"name": "json", "args": {"x": "y"}}},
        {"text": "!"}, {"functionCall": {"name": "json", "args": {"x": "z"}}}]);
    let answer = message(&context, &stop(&parts));
    assert_eq!(
        answer["content"],
        json!([{"type": "text", "text": "{\"x\":\"y\"}", "citations": null}])
    );
    assert_eq!(answer["stop_reason"], "end_turn");
    // Without the call, the text was the answer after all.
    let answer = message(&context, &stop(&json!([{"text": "no \"call\""}])));
    assert_eq!(answer["content"][0]["text"], "no \"call\"");
}

#[test]
fn ends_of_all_kinds() {
    let end = |candidate: Value| message(&context(&json!({})), &candidate);
    let filtered =
        end(json!({"content": {"parts": [{"text": "so far"}]}, "finishReason": "SAFETY"}));
    assert_eq!(filtered["stop_reason"], "refusal");
    assert_eq!(filtered["content"][0]["text"], "so far");
    let withheld = end(json!({"finishReason": "RECITATION"}));
    assert_eq!(withheld["content"], json!([]));
    assert_eq!(
        withheld["stop_details"],
        json!({"type": "refusal", "category": null, "explanation": "RECITATION"})
    );
    let spent = end(json!({"content": {"role": "model"}, "finishReason": "MAX_TOKENS"}));
    assert_eq!((&spent["stop_reason"], &spent["content"]), (&json!("max_tokens"), &json!([])));
    let silent = end(json!({"finishReason": "STOP"}));
    assert_eq!((&silent["stop_reason"], &silent["content"]), (&json!("end_turn"), &json!([])));
    let malformed =
        end(json!({"finishReason": "MALFORMED_FUNCTION_CALL", "finishMessage": "bad \"call\""}));
    assert_eq!(malformed["content"][0]["text"], "bad \"call\"");
    let long = end(
        json!({"content": {"parts": [{"text": "x"}]}, "finishReason": "CONTINUATION", "continuationToken": "t"}),
    );
    assert_eq!(long["stop_reason"], "max_tokens");
    let blocked = translate(
        &context(&json!({})),
        &json!({"promptFeedback": {"blockReason": "SAFETY", "blockReasonMessage": "No."},
            "usageMetadata": {"promptTokenCount": 3}}),
    )
    .unwrap();
    let blocked: Value = serde_json::from_slice(&blocked.body).unwrap();
    assert_eq!(blocked["stop_details"]["explanation"], "SAFETY: No.");
    assert_eq!(blocked["usage"]["input_tokens"], 3);
}

#[test]
fn failures_in_disguise_are_told_apart() {
    let quiet = context(&json!({}));
    let usage = json!({"promptTokenCount": 5, "totalTokenCount": 5});
    for answer in [
        json!({"usageMetadata": usage}),
        json!({"candidates": [], "usageMetadata": usage}),
        json!({"candidates": [{"finishReason": "OTHER"}], "usageMetadata": usage}),
        json!({"candidates": [{"content": {}}], "usageMetadata": usage}),
    ] {
        match translate(&quiet, &answer) {
            Err(ResponseError::Empty { usage: Usage { prompt: 5, .. } }) => {}
            other => panic!("{answer}: {other:?}"),
        }
    }
    let error =
        messages::response(&quiet, br#"[{"error":{"code":503,"message":"m"}}]"#, &mut stamp());
    assert!(matches!(error, Err(ResponseError::Upstream(error)) if error.code == 503));
    let garbage = messages::response(&quiet, b"<html>", &mut stamp());
    assert!(matches!(garbage, Err(ResponseError::Malformed(_))));
}

#[test]
fn usage_leaves_the_cache_out_of_the_input() {
    let answer = json!({"candidates": [stop(&json!([{"text": "x"}]))],
        "usageMetadata": {"promptTokenCount": 100, "cachedContentTokenCount": 60, "thoughtsTokenCount": 7,
            "candidatesTokenCount": 5, "toolUsePromptTokenCount": 30, "serviceTier": "priority"}});
    let translated = translate(&context(&json!({})), &answer).unwrap();
    assert_eq!((translated.usage.prompt, translated.usage.cached), (100, 60));
    let body: Value = serde_json::from_slice(&translated.body).unwrap();
    insta::assert_json_snapshot!(body["usage"]);
    assert_eq!(body["id"], "msg_fallback");
}

#[test]
fn searches_stand_before_the_text() {
    let search = json!({"type": "web_search_20250305", "name": "web_search"});
    let searching = context(&json!({"tools": [search], "thinking": {"type": "adaptive"}}));
    let mut candidate = stop(&json!([{"text": "hm", "thought": true}, {"text": "Mild."}]));
    candidate["groundingMetadata"] = json!({
        "webSearchQueries": ["weather", "london"],
        "groundingChunks": [{"web": {"uri": "https://a", "title": "A"}}, {"maps": {"uri": "https://b"}}]});
    let answer = message(&searching, &candidate);
    insta::assert_json_snapshot!(answer["content"]);
    assert_eq!(
        answer["usage"]["server_tool_use"],
        json!({"web_search_requests": 2, "web_fetch_requests": 0})
    );
    // Nobody asked for a search.
    let unasked = message(&context(&json!({})), &candidate);
    assert_eq!(unasked["content"].as_array().unwrap().len(), 1);
    assert_eq!(unasked["usage"]["server_tool_use"], Value::Null);
}

#[test]
fn code_is_fenced_and_pictures_are_named() {
    let parts = json!([
        {"text": "Look:"},
        {"executableCode": {"language": "PYTHON", "code": "print(1)\n"}},
        {"codeExecutionResult": {"outcome": "OUTCOME_OK", "output": "1\n"}},
        {"inlineData": {"mimeType": "image/png", "data": "AAAA"}}]);
    let answer = message(&context(&json!({})), &stop(&parts));
    assert_eq!(
        answer["content"],
        json!([{"type": "text", "citations": null,
            "text": "Look:\n```python\nprint(1)\n```\n\n```\n1\n```\n[image/png left out: this API cannot carry it]"}])
    );
}
