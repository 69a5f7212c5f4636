//! Answers that take several calls, joined and translated as one.

use bytes::BytesMut;
use dialect::{
    gemini::{Continuation, Unusable, WholeAnswer, continuation},
    openai::chat::{self, ChatStream},
};
use serde_json::{Value, json};

use crate::{chunks, context, golden::golden, stamp};

fn event(parts: &Value, more: &Value, usage: &Value) -> Vec<u8> {
    let mut candidate = json!({"content": {"role": "model", "parts": parts}, "index": 0});
    for (name, value) in more.as_object().unwrap() {
        candidate[name] = value.clone();
    }
    let event = json!({"candidates": [candidate], "usageMetadata": usage,
        "modelVersion": "gemini-4-argon", "responseId": "R"});
    event.to_string().into_bytes()
}

#[test]
fn a_whole_answer_of_two_calls() {
    let case = golden("chat-continuation.json");
    let client = case["client_request"]["body"].to_string();
    let (context, first) = chat::request(client.as_bytes()).unwrap();
    let mut joined = Continuation::default();
    let mut whole = WholeAnswer::default();
    let mut body = first.clone();
    for exchange in case["upstream_exchanges"].as_array().unwrap() {
        let sent: Value = serde_json::from_slice(&body).unwrap();
        assert_eq!(sent, exchange["upstream_request"]["body"]);
        for event in exchange["upstream_response"]["sse"].as_array().unwrap() {
            whole.event(&joined.event(event.to_string().as_bytes())).unwrap();
        }
        let Some(token) = joined.next_token() else { break };
        body = continuation::follow_up(&first, &token).unwrap();
    }
    let answer = chat::response(&context, &whole.finish().unwrap(), &mut stamp()).unwrap();
    let answer: Value = serde_json::from_slice(&answer.body).unwrap();
    assert_eq!(answer, case["client_response"]["body"]);
    let billed = joined.billed();
    assert_eq!((billed.prompt, billed.completion, billed.thoughts), (124, 7, 100));
}

#[test]
fn a_stream_of_two_calls() {
    let mut joined = Continuation::default();
    let mut stream = ChatStream::new(
        context(&json!({"stream": true, "stream_options": {"include_usage": true}})),
        stamp(),
    );
    let mut out = BytesMut::new();
    let call = json!({"functionCall": {"name": "f", "args": {}}});
    let usage = json!({"promptTokenCount": 10, "candidatesTokenCount": 4, "totalTokenCount": 14});
    let ends = json!({"finishReason": "CONTINUATION", "continuationToken": "VE9LRU4x"});
    for event in
        [event(&json!([{"text": "a"}]), &json!({}), &usage), event(&json!([call]), &ends, &usage)]
    {
        stream.event(&joined.event(&event), &mut out).unwrap();
    }
    stream.event(&joined.event(&event(&json!([]), &json!({}), &usage)), &mut out).unwrap();
    assert_eq!(joined.next_token().as_deref(), Some("VE9LRU4x"));
    let usage = json!({"promptTokenCount": 14, "candidatesTokenCount": 3, "totalTokenCount": 17});
    let last = event(&json!([call]), &json!({"finishReason": "STOP"}), &usage);
    stream.event(&joined.event(&last), &mut out).unwrap();
    assert_eq!(joined.next_token(), None);
    stream.finish(&mut out).unwrap();
    let chunks = chunks(&out);
    let roles = chunks.iter().filter(|chunk| chunk["choices"][0]["delta"]["role"].is_string());
    assert_eq!(roles.count(), 1);
    let numbers: Vec<&Value> = chunks
        .iter()
        .map(|chunk| &chunk["choices"][0]["delta"]["tool_calls"][0])
        .filter(|call| call["id"].is_string())
        .map(|call| &call["index"])
        .collect();
    assert_eq!(numbers, [0, 1]);
    let usage = &chunks[chunks.len() - 2]["usage"];
    assert_eq!((&usage["prompt_tokens"], &usage["completion_tokens"]), (&json!(10), &json!(7)));
    assert_eq!(chunks[chunks.len() - 3]["choices"][0]["finish_reason"], "tool_calls");
}

#[test]
fn sources_are_numbered_through() {
    let grounding = |uri: &str| {
        json!({"finishReason": "STOP", "groundingMetadata": {
        "groundingChunks": [{"web": {"uri": uri}}],
        "groundingSupports": [{"segment": {"endIndex": 1, "text": "b"}, "groundingChunkIndices": [0]}]}})
    };
    let mut first = grounding("https://a");
    first["finishReason"] = "CONTINUATION".into();
    first["continuationToken"] = "VA==".into();
    let mut joined = Continuation::default();
    joined.event(&event(&json!([{"text": "a"}, {"text": "A"}]), &first, &json!({})));
    assert!(joined.next_token().is_some());
    let last = event(&json!([{"text": "b"}]), &grounding("https://b"), &json!({}));
    let last: Value = serde_json::from_slice(&joined.event(&last)).unwrap();
    insta::assert_snapshot!(last["candidates"][0]["groundingMetadata"], @r#"{"groundingChunks":[{"web":{"uri":"https://a"}},{"web":{"uri":"https://b"}}],"groundingSupports":[{"groundingChunkIndices":[0],"segment":{"endIndex":1,"text":"b","partIndex":0}},{"groundingChunkIndices":[1],"segment":{"endIndex":1,"text":"b","partIndex":2}}]}"#);
}

#[test]
fn single_calls_pass_unchanged_and_spent_budgets_end_the_answer() {
    let mut joined = Continuation::default();
    for more in [
        json!({}),
        json!({"continuationToken": "Q0hFQ0s="}),
        json!({"finishReason": "MAX_TOKENS", "continuationToken": "T1ZFUg=="}),
        json!({"finishReason": "CONTINUATION"}),
    ] {
        let event = event(&json!([{"text": "a"}]), &more, &json!({}));
        assert_eq!(&*joined.event(&event), event);
        assert_eq!(joined.next_token(), None);
    }
    assert_eq!(&*joined.event(b"<html>"), b"<html>");
    assert_eq!(continuation::follow_up(b"[]", "t"), None);
    let replaced = continuation::follow_up(br#"{"continuationToken":"a","contents":[]}"#, "b");
    assert_eq!(replaced.unwrap(), br#"{"contents":[],"continuationToken":"b"}"#);
}

#[test]
fn a_broken_connection_resumes_only_where_nothing_would_come_twice() {
    let mut joined = Continuation::default();
    joined.event(&event(
        &json!([{"text": "a"}]),
        &json!({"continuationToken": "QQ=="}),
        &json!({}),
    ));
    assert_eq!(joined.checkpoint(), Some("QQ=="));
    joined.event(&event(&json!([{"text": "b"}]), &json!({}), &json!({})));
    assert_eq!(joined.checkpoint(), None);
    joined.event(&event(
        &json!([]),
        &json!({"continuationToken": "Qg=="}),
        &json!({"promptTokenCount": 5}),
    ));
    assert_eq!(joined.checkpoint(), Some("Qg=="));
    joined.resume();
    assert_eq!((joined.checkpoint(), joined.billed().prompt), (None, 5));
    joined.event(&event(
        &json!([]),
        &json!({"finishReason": "STOP"}),
        &json!({"promptTokenCount": 7}),
    ));
    assert_eq!(joined.billed().prompt, 12);
}

#[test]
fn whole_answers_out_of_events() {
    let mut whole = WholeAnswer::default();
    whole.event(b" ").unwrap();
    for (parts, more) in [
        (json!([{"text": "h", "thought": true}]), json!({})),
        (
            json!([{"text": "m", "thought": true}, {"text": "a"}]),
            json!({"groundingMetadata": {"groundingChunks": []}}),
        ),
        (
            json!([{"text": "b\n"}, {"functionCall": {"name": "f"}, "thoughtSignature": "s"}]),
            json!({"logprobsResult": {"chosenCandidates": [{"token": "a"}]}}),
        ),
        (
            json!([{"text": "c"}, {"text": "", "thoughtSignature": "t"}]),
            json!({"groundingMetadata": {}}),
        ),
    ] {
        whole.event(&event(&parts, &more, &json!({"promptTokenCount": 3}))).unwrap();
        assert!(matches!(whole.finish(), Err(Unusable::Truncated)));
    }
    whole
        .event(&event(
            &json!([]),
            &json!({"finishReason": "STOP", "finishMessage": "m",
                "logprobsResult": {"chosenCandidates": [{"token": "b"}]}}),
            &json!({"candidatesTokenCount": 2}),
        ))
        .unwrap();
    let body = String::from_utf8(whole.finish().unwrap()).unwrap();
    insta::assert_snapshot!(body, @r#"{"candidates":[{"content":{"role":"model","parts":[{"text":"hm","thought":true},{"text":"ab\n"},{"functionCall":{"name":"f"},"thoughtSignature":"s"},{"text":"c"},{"text":"","thoughtSignature":"t"}]},"finishReason":"STOP","index":0,"logprobsResult":{"chosenCandidates":[{"token":"a"},{"token":"b"}],"topCandidates":[]},"finishMessage":"m","groundingMetadata":{"groundingChunks":[]}}],"usageMetadata":{"promptTokenCount":3,"candidatesTokenCount":2},"modelVersion":"gemini-4-argon","responseId":"R"}"#);
    let error = whole.event(br#"{"error":{"code":503}}"#);
    assert!(matches!(error, Err(Unusable::Upstream(error)) if error.code == 503));
    assert!(matches!(whole.event(b"<html>"), Err(Unusable::Malformed(_))));
    let mut blocked = WholeAnswer::default();
    blocked.event(br#"{"promptFeedback":{"blockReason":"SAFETY"}}"#).unwrap();
    assert!(blocked.finish().is_ok());
}
