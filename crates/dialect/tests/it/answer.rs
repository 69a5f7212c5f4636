//! Whole answers, beyond the golden files.

use dialect::{
    Usage,
    openai::chat::{self, ChatContext, ResponseError, Translated},
};
use serde_json::{Value, json};

use crate::{context, stamp};

fn translate(context: &ChatContext, answer: &Value) -> Result<Translated, ResponseError> {
    // Google answers pretty-printed.
    let body = serde_json::to_vec_pretty(answer).unwrap();
    chat::response(context, &body, &mut stamp())
}

fn choice(context: &ChatContext, candidate: &Value) -> Value {
    let translated = translate(context, &json!({"candidates": [candidate]})).unwrap();
    let body: Value = serde_json::from_slice(&translated.body).unwrap();
    body["choices"][0].clone()
}

fn plain() -> ChatContext {
    context(&json!({}))
}

fn call(name: &str, args: &Value) -> Value {
    json!({"functionCall": {"name": name, "args": args}})
}

fn tools() -> Value {
    let schema = json!({"type": "object", "properties": {"a": {"type": "string"}}});
    json!([{"type": "function", "function": {"name": "2f", "parameters": schema}},
           {"type": "custom", "custom": {"name": "sh"}}])
}

#[test]
fn calls_get_their_names_ids_and_compact_arguments() {
    let context = context(&json!({"tools": tools()}));
    let parts = json!([
        {"text": "hm ", "thought": true}, {"text": "hmm", "thought": true}, {"text": ""},
        {"functionCall": {"id": "same", "name": "_2f", "args": {"b": "x y", "a": [1, {"c": 1.0}]}}, "thoughtSignature": "s"},
        {"functionCall": {"id": "same", "name": "default_api:sh", "args": {"input": "ls\n"}}},
        {"functionCall": {"name": "undeclared"}},
    ]);
    let choice = choice(&context, &json!({"content": {"parts": parts}, "finishReason": "STOP"}));
    assert_eq!(
        choice,
        json!({"index": 0, "logprobs": null, "finish_reason": "tool_calls", "message": {
        "role": "assistant", "content": null, "refusal": null, "annotations": [],
        "reasoning_content": "hm hmm",
        "tool_calls": [
            {"id": "same", "type": "function",
             "function": {"name": "2f", "arguments": "{\"b\":\"x y\",\"a\":[1,{\"c\":1.0}]}"},
             "extra_content": {"google": {"thought_signature": "s"}}},
            {"id": "call_GEN1", "type": "custom", "custom": {"name": "sh", "input": "ls\n"}},
            {"id": "call_GEN2", "type": "function", "function": {"name": "undeclared", "arguments": "{}"}},
        ]}})
    );
}

#[test]
fn ids_of_the_history_are_not_given_again() {
    let body = json!({"model": "gemini-3.8-flash", "messages": [
        {"role": "user", "content": "x"},
        {"role": "assistant", "tool_calls": [{"id": "c1", "function": {"name": "f", "arguments": "{}"}}]},
        {"role": "tool", "tool_call_id": "c1", "content": "y"}]});
    let (context, _) = crate::ask(&body);
    let again = json!({"functionCall": {"id": "c1", "name": "f"}});
    let choice = choice(&context, &json!({"content": {"parts": [again]}, "finishReason": "STOP"}));
    assert_eq!(choice["message"]["tool_calls"][0]["id"], "call_GEN1");
}

#[test]
fn one_call_only_when_parallel_calls_are_off() {
    let context = context(&json!({"parallel_tool_calls": false}));
    let parts = json!([call("f", &json!({"n": 1})), call("f", &json!({"n": 2}))]);
    let choice = choice(&context, &json!({"content": {"parts": parts}, "finishReason": "STOP"}));
    assert_eq!(choice["message"]["tool_calls"].as_array().unwrap().len(), 1);
}

#[test]
fn legacy_functions_get_a_function_call() {
    let context = context(&json!({"functions": [{"name": "f"}]}));
    let parts = json!([call("f", &json!({"n": 1}))]);
    let choice = choice(&context, &json!({"content": {"parts": parts}, "finishReason": "STOP"}));
    assert_eq!(choice["finish_reason"], "function_call");
    assert_eq!(choice["message"]["function_call"], json!({"name": "f", "arguments": "{\"n\":1}"}));
    assert_eq!(choice["message"].get("tool_calls"), None);
}

#[test]
fn the_answer_tool_gives_the_content() {
    let format: Value = json!({"type": "json_schema", "json_schema": {"name": "n",
        "schema": {"type": "object", "properties": {"x": {"type": "string"}}}}});
    let context =
        context(&json!({"tools": tools(), "tool_choice": "required", "response_format": format}));
    let parts = json!([{"text": "Let me"}, call("json", &json!({"x": "y"})), {"text": "!"}]);
    let choice = choice(&context, &json!({"content": {"parts": parts}, "finishReason": "STOP"}));
    assert_eq!(choice["message"]["content"], "{\"x\":\"y\"}");
    assert_eq!(choice["message"].get("tool_calls"), None);
    assert_eq!(choice["finish_reason"], "stop");
}

#[test]
fn ends_of_all_kinds() {
    let end = |candidate: Value| choice(&plain(), &candidate);
    let filtered =
        end(json!({"content": {"parts": [{"text": "so far"}]}, "finishReason": "SAFETY"}));
    assert_eq!(filtered["finish_reason"], "content_filter");
    assert_eq!(filtered["message"]["content"], "so far");
    assert_eq!(filtered["message"]["refusal"], Value::Null);
    let withheld = end(json!({"finishReason": "RECITATION", "finishMessage": "Recited."}));
    assert_eq!(withheld["message"]["content"], Value::Null);
    assert_eq!(withheld["message"]["refusal"], "Recited.");
    let spent = end(json!({"content": {"role": "model"}, "finishReason": "MAX_TOKENS"}));
    assert_eq!(spent["finish_reason"], "length");
    assert_eq!(spent["message"]["content"], "");
    let unknown = end(json!({"content": {"parts": [{"text": "x"}]}, "finishReason": "BRAND_NEW"}));
    assert_eq!(unknown["finish_reason"], "stop");
    let malformed =
        end(json!({"finishReason": "MALFORMED_FUNCTION_CALL", "finishMessage": "bad \"call\""}));
    assert_eq!(malformed["message"]["content"], "bad \"call\"");
    let silent = end(json!({"content": {"parts": [{"text": "x"}]}}));
    assert_eq!(silent["finish_reason"], "stop");
}

#[test]
fn failures_in_disguise_are_told_apart() {
    let usage = json!({"promptTokenCount": 5, "totalTokenCount": 5});
    for answer in [
        json!({"usageMetadata": usage}),
        json!({"candidates": [], "usageMetadata": usage}),
        json!({"candidates": null, "promptFeedback": {"blockReason": "BLOCK_REASON_UNSPECIFIED"}, "usageMetadata": usage}),
        json!({"candidates": [{"finishReason": "OTHER"}], "usageMetadata": usage}),
        json!({"candidates": [{"content": {}}], "usageMetadata": usage}),
    ] {
        match translate(&plain(), &answer) {
            Err(ResponseError::Empty { usage: Usage { prompt: 5, .. } }) => {}
            other => panic!("{answer}: {other:?}"),
        }
    }
    let error =
        chat::response(&plain(), br#"[{"error":{"code":503,"message":"m"}}]"#, &mut stamp());
    assert!(matches!(error, Err(ResponseError::Upstream(error)) if error.code == 503));
    let garbage = chat::response(&plain(), b"<html>", &mut stamp());
    assert!(matches!(garbage, Err(ResponseError::Malformed(_))));
}

#[test]
fn usage_counts_caches_thoughts_and_tools() {
    let answer = json!({"candidates": [{"content": {"parts": [{"text": "x"}]}, "finishReason": "STOP"}],
        "usageMetadata": {"promptTokenCount": 100, "cachedContentTokenCount": 60, "thoughtsTokenCount": 7,
            "candidatesTokenCount": 5, "toolUsePromptTokenCount": 30, "totalTokenCount": 142,
            "promptTokensDetails": [{"modality": "TEXT", "tokenCount": 90}, {"modality": "AUDIO", "tokenCount": 10}],
            "serviceTier": "flex"}});
    let translated = translate(&plain(), &answer).unwrap();
    let expected =
        Usage { prompt: 100, completion: 5, thoughts: 7, cached: 60, tool_prompt: 30, total: 142 };
    assert_eq!(translated.usage, expected);
    let body: Value = serde_json::from_slice(&translated.body).unwrap();
    assert_eq!(
        body["usage"],
        json!({"prompt_tokens": 130, "completion_tokens": 12, "total_tokens": 142,
            "prompt_tokens_details": {"cached_tokens": 60, "audio_tokens": 10},
            "completion_tokens_details": {"reasoning_tokens": 7, "audio_tokens": 0,
                "accepted_prediction_tokens": 0, "rejected_prediction_tokens": 0}})
    );
    assert_eq!(body["service_tier"], "flex");
    assert_eq!(body["id"], "chatcmpl-fallback");
    assert_eq!(body["model"], "gemini-3.8-flash");
}

#[test]
fn pictures_code_and_speech() {
    let parts = json!([
        {"text": "Look:"},
        {"inlineData": {"mimeType": "image/png", "data": "ZHJhZnQ="}, "thought": true},
        {"inlineData": {"mimeType": "image/png", "data": "AAAA"}},
        {"executableCode": {"language": "PYTHON", "code": "print(1)\n"}},
        {"codeExecutionResult": {"outcome": "OUTCOME_OK", "output": "1\n"}},
    ]);
    let shown = choice(&plain(), &json!({"content": {"parts": parts}, "finishReason": "STOP"}));
    assert_eq!(
        shown["message"]["images"],
        json!([{"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}, "index": 0}])
    );
    assert_eq!(shown["message"]["content"], "Look:\n```python\nprint(1)\n```\n\n```\n1\n```\n");
    let parts = json!([{"inlineData": {"mimeType": "audio/L16;rate=24000", "data": "AAAA"}}]);
    let spoken = choice(&plain(), &json!({"content": {"parts": parts}, "finishReason": "STOP"}));
    assert_eq!(spoken["message"]["content"], Value::Null);
    assert_eq!(spoken["message"]["audio"]["data"], "AAAA");
    assert_eq!(spoken["message"]["audio"]["expires_at"], 1_790_003_600);
    let pieces = json!([{"inlineData": {"mimeType": "audio/L16;rate=24000", "data": "AQI="}},
        {"inlineData": {"mimeType": "audio/L16;rate=24000", "data": "AwQ="}}]);
    let said = |format: &str| {
        let context = context(&json!({"model": "gemini-3.8-flash-tts", "modalities": ["audio"],
            "audio": {"format": format, "voice": "Kore"}}));
        let spoken =
            choice(&context, &json!({"content": {"parts": pieces}, "finishReason": "STOP"}));
        spoken["message"]["audio"]["data"].clone()
    };
    assert_eq!(said("pcm16"), "AQIDBA==");
    assert!(said("wav").as_str().unwrap().starts_with("UklGR"));
}

#[test]
fn sources_stand_at_characters_of_the_whole_content() {
    let parts = json!([{"text": "hm", "thought": true}, {"text": "Größe: "}, {"text": "30 °C."}]);
    let grounding = json!({
        "groundingChunks": [{"web": {"uri": "https://a", "title": "A"}}],
        "groundingSupports": [{"segment": {"partIndex": 2, "startIndex": 0, "endIndex": 6, "text": "30 °C"},
                               "groundingChunkIndices": [0]}]});
    let choice = choice(
        &plain(),
        &json!({"content": {"parts": parts}, "finishReason": "STOP", "groundingMetadata": grounding}),
    );
    assert_eq!(
        choice["message"]["annotations"],
        json!([{"type": "url_citation",
            "url_citation": {"start_index": 7, "end_index": 12, "url": "https://a", "title": "A"}}])
    );
}
