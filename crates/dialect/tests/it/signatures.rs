//! Thought signatures, there and back through clients of all kinds.

use bytes::BytesMut;
use dialect::openai::chat::{self, ChatContext, ChatStream, Options, Signatures};
use serde_json::{Value, json};

use crate::{chunks, context, stamp};

const SIGNATURE: &str = "CiIBVKhc7vB+vaaq6rA/KC79Ts7iXagIOA4EBOyBFDpl+pxPCmc=";

fn call(name: &str, signature: Option<&str>) -> Value {
    let mut part = json!({"functionCall": {"name": name, "args": {"x": 1}}});
    if let Some(signature) = signature {
        part["thoughtSignature"] = signature.into();
    }
    part
}

fn message(context: &ChatContext, parts: &Value) -> Value {
    let answer = json!({"candidates": [{"content": {"parts": parts}, "finishReason": "STOP"}]});
    let body = answer.to_string();
    let translated = chat::response(context, body.as_bytes(), &mut stamp()).unwrap();
    serde_json::from_slice::<Value>(&translated.body).unwrap()["choices"][0]["message"].take()
}

fn history(assistant: &Value) -> Value {
    let calls = assistant["tool_calls"].as_array().cloned().unwrap_or_default();
    let results = calls
        .iter()
        .map(|call| json!({"role": "tool", "tool_call_id": call["id"], "content": "r"}));
    let mut messages = vec![json!({"role": "user", "content": "x"}), assistant.clone()];
    messages.extend(results);
    messages.push(json!({"role": "user", "content": "y"}));
    json!({"model": "gemini-3.8-flash", "messages": messages})
}

fn ask(body: &Value, signatures: Signatures) -> (ChatContext, Value) {
    let options = Options { signatures, ..Options::default() };
    let body = body.to_string();
    let (context, upstream) = chat::translate(body.as_bytes(), &options)
        .unwrap()
        .without_fetching(body.as_bytes())
        .unwrap();
    (context, serde_json::from_slice(&upstream).unwrap())
}

/// What most clients keep of a message.
fn kept_by_most(message: &Value) -> Value {
    let calls: Vec<Value> = message["tool_calls"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|call| json!({"id": call["id"], "type": "function", "function": call["function"]}))
        .collect();
    json!({"role": "assistant", "content": message["content"], "tool_calls": calls})
}

#[test]
fn a_client_that_drops_unknown_fields_gives_the_signature_back() {
    let parts = json!([{"text": "Look."}, call("f", Some(SIGNATURE)), call("g", None)]);
    let answer = message(&context(&json!({})), &parts);
    let (context, upstream) = ask(&history(&kept_by_most(&answer)), Signatures::InIds);
    insta::assert_snapshot!(upstream["contents"], @r#"[{"role":"user","parts":[{"text":"x"}]},{"role":"model","parts":[{"text":"Look."},{"functionCall":{"id":"call_GEN1","name":"f","args":{"x":1}},"thoughtSignature":"CiIBVKhc7vB+vaaq6rA/KC79Ts7iXagIOA4EBOyBFDpl+pxPCmc="},{"functionCall":{"id":"call_GEN2","name":"g","args":{"x":1}}}]},{"role":"user","parts":[{"functionResponse":{"id":"call_GEN1","name":"f","response":{"output":"r"}}},{"functionResponse":{"id":"call_GEN2","name":"g","response":{"output":"r"}}},{"text":"y"}]}]"#);
    // This client keeps ids only, so the next call carries its signature there again.
    let next = message(&context, &json!([call("f", Some(SIGNATURE))]));
    assert!(next["tool_calls"][0]["id"].as_str().unwrap().contains("__thought__"));
}

#[test]
fn a_client_that_keeps_extra_content_gets_short_ids_from_then_on() {
    let answer = message(&context(&json!({})), &json!([call("f", Some(SIGNATURE))]));
    let (context, upstream) = ask(&history(&answer), Signatures::InIds);
    assert_eq!(upstream["contents"][1]["parts"][0]["thoughtSignature"], SIGNATURE);
    let next = message(&context, &json!([call("f", Some(SIGNATURE))]));
    assert_eq!(next["tool_calls"][0]["id"], "call_GEN1");
    assert_eq!(next["tool_calls"][0]["extra_content"]["google"]["thought_signature"], SIGNATURE);
}

#[test]
fn streams_carry_it_the_same_way() {
    let mut stream = ChatStream::new(context(&json!({"stream": true})), stamp());
    let mut out = BytesMut::new();
    let event = json!({"candidates": [{"content": {"parts": [call("f", Some(SIGNATURE))]}}]});
    stream.event(event.to_string().as_bytes(), &mut out).unwrap();
    let delta = &chunks(&out)[1]["choices"][0]["delta"]["tool_calls"][0];
    let call = json!({"id": delta["id"], "function": {"name": "f", "arguments": "{}"}});
    let (_, upstream) =
        ask(&history(&json!({"role": "assistant", "tool_calls": [call]})), Signatures::InIds);
    assert_eq!(upstream["contents"][1]["parts"][0]["thoughtSignature"], SIGNATURE);
}

#[test]
fn the_signed_call_stands_first_again() {
    let answer = message(
        &context(&json!({})),
        &json!([call("f", Some(SIGNATURE)), call("g", None), call("h", None)]),
    );
    let mut kept = kept_by_most(&answer);
    kept["tool_calls"].as_array_mut().unwrap().rotate_left(1);
    let (_, upstream) = ask(&history(&kept), Signatures::InIds);
    let names = |content: usize, kind: &str| -> Vec<String> {
        let parts = upstream["contents"][content]["parts"].as_array().unwrap();
        parts.iter().filter_map(|part| Some(part[kind]["name"].as_str()?.to_owned())).collect()
    };
    assert_eq!(names(1, "functionCall"), ["f", "g", "h"]);
    assert_eq!(names(2, "functionResponse"), ["f", "g", "h"]);
    assert!(!upstream.to_string().contains("skip_thought_signature_validator"));
}

#[test]
fn ids_stay_short_for_models_that_do_without() {
    let context = context(&json!({"model": "gemini-2.5-flash"}));
    let answer = message(&context, &json!([call("f", Some(SIGNATURE))]));
    assert_eq!(answer["tool_calls"][0]["id"], "call_GEN1");
    assert_eq!(answer["tool_calls"][0]["extra_content"]["google"]["thought_signature"], SIGNATURE);
}

#[test]
fn ids_hold_none_where_the_operator_says_so() {
    let (context, _) =
        ask(&history(&json!({"role": "assistant", "content": "a"})), Signatures::InExtraContent);
    let answer = message(&context, &json!([call("f", Some(SIGNATURE))]));
    assert_eq!(answer["tool_calls"][0]["id"], "call_GEN1");
}

#[test]
fn the_signature_of_a_text_returns_to_a_text() {
    let parts = json!([{"text": "Hello"}, {"text": "", "thoughtSignature": "QUJD"}]);
    let answer = message(&context(&json!({})), &parts);
    let (_, upstream) = ask(&history(&answer), Signatures::InIds);
    assert_eq!(
        upstream["contents"][1]["parts"],
        json!([{"text": "Hello", "thoughtSignature": "QUJD"}])
    );
    let parts = json!([{"text": "", "thoughtSignature": "QUJD"}, call("f", Some(SIGNATURE))]);
    let answer = message(&context(&json!({})), &parts);
    let (_, upstream) = ask(&history(&answer), Signatures::InIds);
    assert_eq!(
        upstream["contents"][1]["parts"][0],
        json!({"text": "", "thoughtSignature": "QUJD"})
    );
}

#[test]
fn pictures_of_the_model_return_with_their_signatures() {
    let picture = json!({"inlineData": {"mimeType": "image/png", "data": "AAAA"}, "thoughtSignature": "QUJD"});
    let answer = message(&context(&json!({})), &json!([{"text": "Here."}, picture]));
    let (_, upstream) = ask(&history(&answer), Signatures::InIds);
    assert_eq!(upstream["contents"][1]["parts"], json!([{"text": "Here."}, picture]));
    let other = json!({"role": "assistant", "content": "a", "images": ["iVBORw0KGgo="]});
    let (_, upstream) = ask(&history(&other), Signatures::InIds);
    assert_eq!(upstream["contents"][1]["parts"], json!([{"text": "a"}]));
}

#[test]
fn legacy_calls_keep_it_where_the_client_does() {
    let context = context(&json!({"functions": [{"name": "f"}]}));
    let answer = message(&context, &json!([call("f", Some(SIGNATURE))]));
    let body = json!({"model": "gemini-3.8-flash", "messages": [
        {"role": "user", "content": "x"}, answer, {"role": "function", "name": "f", "content": "r"}]});
    let (_, upstream) = ask(&body, Signatures::InIds);
    assert_eq!(upstream["contents"][1]["parts"][0]["thoughtSignature"], SIGNATURE);
}
