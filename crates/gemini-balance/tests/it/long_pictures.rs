//! Pictures that are long: they are lent from the client's body rather than copied, and arrive whole.

use fake_gemini::{FakeGemini, Fault, KeyPlan};
use serde_json::{Value, json};
use testkit::{MODEL, key};

use crate::house::{all_calls, fault, google, setup};

/// A picture in base64 of so many kilobytes, which no other is like.
fn picture(seed: usize, kilobytes: usize) -> String {
    let begin = "iVBORw0KGgoAAAANSUhEUgAA";
    let letters = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let rest = (0..kilobytes * 1024).map(|at| char::from(letters[(at * 7 + at / 64 + seed) % 64]));
    begin.chars().chain(rest).collect()
}

fn chat(parts: &[(&str, &str)]) -> (&'static str, Value) {
    let parts: Vec<Value> = parts
        .iter()
        .flat_map(|(text, data)| {
            let url = format!("data:image/png;base64,{data}");
            [
                json!({"type": "text", "text": text}),
                json!({"type": "image_url", "image_url": {"url": url}}),
            ]
        })
        .collect();
    (
        "/v1/chat/completions",
        json!({"model": MODEL, "messages": [{"role": "user", "content": parts}]}),
    )
}

fn responses(parts: &[(&str, &str)]) -> (&'static str, Value) {
    let parts: Vec<Value> = parts
        .iter()
        .flat_map(|(text, data)| {
            let url = format!("data:image/png;base64,{data}");
            [
                json!({"type": "input_text", "text": text}),
                json!({"type": "input_image", "image_url": url}),
            ]
        })
        .collect();
    ("/v1/responses", json!({"model": MODEL, "input": [{"role": "user", "content": parts}]}))
}

fn messages(parts: &[(&str, &str)]) -> (&'static str, Value) {
    let parts: Vec<Value> = parts
        .iter()
        .flat_map(|(text, data)| {
            let source = json!({"type": "base64", "media_type": "image/png", "data": data});
            [json!({"type": "text", "text": text}), json!({"type": "image", "source": source})]
        })
        .collect();
    let messages = json!([{"role": "user", "content": parts}]);
    ("/v1/messages", json!({"model": MODEL, "max_tokens": 9, "messages": messages}))
}

/// Texts and pictures of a call, as Google got them.
fn said(google: &FakeGemini, call: usize) -> Vec<(String, String)> {
    let body: Value = serde_json::from_slice(&google.received()[call].body).unwrap();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let parts = body["contents"][0]["parts"].as_array().unwrap();
    parts
        .chunks(2)
        .map(|two| (text(&two[0]["text"]), text(&two[1]["inlineData"]["data"])))
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn they_arrive_whole_from_every_dialect() {
    let google = google([("one", KeyPlan::Valid)]).await;
    let setup = setup().google(&google).keys([key("one")]);
    // Safety settings come behind everything else.
    let safety = r#"[{"category":"HARM_CATEGORY_HARASSMENT","threshold":"BLOCK_NONE"}]"#;
    let gateway = setup.with("SAFETY_SETTINGS", safety).start().await;
    let (first, second, short) = (picture(1, 200), picture(2, 40), picture(3, 1));
    let parts =
        [("what is \"this\"?", &*first), ("é and this?", &*short), ("and\nthis?", &*second)];
    let expected = parts.map(|(text, data)| (text.to_owned(), data.to_owned()));
    for (call, (path, body)) in
        [chat(&parts), responses(&parts), messages(&parts)].into_iter().enumerate()
    {
        let answer = gateway.client().post(path, body.to_string()).send().await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.text());
        assert_eq!(said(&google, call), expected, "{path}");
        let sent: Value = serde_json::from_slice(&google.received()[call].body).unwrap();
        assert_eq!(sent["safetySettings"][0]["threshold"], "BLOCK_NONE", "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn they_arrive_with_every_try_of_a_request() {
    let data = picture(4, 100);
    let (path, mut body) = chat(&[("what is it?", &data)]);
    body["presence_penalty"] = json!(1.5);
    body["model"] = json!("gemini-3.8-flash");
    let message = "Penalty is not enabled for models/gemini-3.8-flash";
    let error = json!({"code": 400, "message": message, "status": "INVALID_ARGUMENT"});
    let refusal = Fault::Replay(json!({"error": error}).to_string());
    for first in [Fault::Status503, refusal] {
        let google = google([("one", KeyPlan::Valid)]).await;
        let gateway = setup().google(&google).keys([key("one")]).start().await;
        let sequence = vec![fault(first)];
        google.script().update(|script| script.sequence(key("one"), sequence));
        let answer = gateway.client().post(path, body.to_string()).send().await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        assert_eq!(all_calls(&google), 2);
        for call in [0, 1] {
            assert_eq!(said(&google, call), [("what is it?".to_owned(), data.clone())], "{call}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn they_arrive_with_every_call_for_several_answers_and_where_the_body_is_changed() {
    let google = google([("one", KeyPlan::Valid)]).await;
    let setup = setup().google(&google).keys([key("one")]);
    let gateway = setup.with("SEARCH_MODELS", r#"["gemini-3.8-flash"]"#).start().await;
    let data = picture(5, 100);
    let (path, mut body) = chat(&[("what is it?", &data)]);
    body["n"] = json!(2);
    body["model"] = json!("gemini-3.8-flash-search");
    let answer = gateway.client().post(path, body.to_string()).send().await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!(answer.json()["choices"].as_array().unwrap().len(), 2);
    for call in 0..all_calls(&google) as usize {
        assert_eq!(said(&google, call), [("what is it?".to_owned(), data.clone())], "call {call}");
        let sent: Value = serde_json::from_slice(&google.received()[call].body).unwrap();
        assert!(sent["tools"].to_string().contains("googleSearch"), "{}", sent["tools"]);
    }
}
