//! Requests that Google takes in another form than the first.

use fake_gemini::{Fault, KeyPlan};
use serde_json::{Value, json};
use testkit::{MODEL, key};

use crate::house::{all_calls, fault, google, setup};
use crate::streams::{Spoken, rows};

const PLACEHOLDER: &str = "skip_thought_signature_validator";

fn body(google: &fake_gemini::FakeGemini, call: usize) -> Value {
    serde_json::from_slice(&google.received()[call].body).unwrap()
}

fn refusal(message: &str) -> KeyPlan {
    let error = json!({"code": 400, "message": message, "status": "INVALID_ARGUMENT"});
    fault(Fault::Replay(json!({"error": error}).to_string()))
}

#[tokio::test(flavor = "multi_thread")]
async fn signatures_that_google_does_not_take_are_replaced_once() {
    for stream in [false, true] {
        let google = google([("one", KeyPlan::Valid)]).await;
        let gateway = setup().google(&google).keys([key("one")]).start().await;
        let sequence = vec![refusal("Corrupted thought signature.")];
        google.script().update(|script| script.sequence(key("one"), sequence));
        let call = json!({"id": "call_1", "type": "function",
            "function": {"name": "f", "arguments": "{}"},
            "extra_content": {"google": {"thought_signature": "QUJDRA=="}}});
        let request = json!({"model": "gemini-3.8-flash", "stream": stream, "messages": [
            {"role": "user", "content": "call f"},
            {"role": "assistant", "content": null, "tool_calls": [call]},
            {"role": "tool", "tool_call_id": "call_1", "content": "done"}],
            "tools": [{"type": "function", "function": {"name": "f", "parameters": {"type": "object"}}}]});
        let client = gateway.client();
        let answer = client.post("/v1/chat/completions", request.to_string()).send().await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        assert_eq!(all_calls(&google), 2);
        let sent = |at| body(&google, at)["contents"][1]["parts"][0]["thoughtSignature"].clone();
        assert_eq!((sent(0), sent(1)), (json!("QUJDRA=="), json!(PLACEHOLDER)));
        let row = rows(&gateway, 1).await.remove(0);
        assert_eq!((row.outcome.as_str(), row.attempts), ("served", 2));
        assert_eq!(gateway.keys("ready").await, 1);
    }
}

/// An answer that ends for want of signatures before it says anything, whole or as a stream.
fn unsigned(stream: bool) -> KeyPlan {
    let answer = json!({"candidates": [{"content": {"role": "model"}, "index": 0,
        "finishReason": "MISSING_THOUGHT_SIGNATURE"}], "usageMetadata": {"promptTokenCount": 7}});
    fault(Fault::Replay(if stream { format!("data: {answer}\n\n") } else { answer.to_string() }))
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_misses_signatures_is_asked_for_once_more() {
    for (stream, choices) in [(false, 1), (true, 1), (false, 2)] {
        let google = google([("one", KeyPlan::Valid)]).await;
        let gateway = setup().google(&google).keys([key("one")]).start().await;
        let sequence = vec![unsigned(stream)];
        google.script().update(|script| script.sequence(key("one"), sequence));
        let call = json!({"id": "call_1", "type": "function",
            "function": {"name": "f", "arguments": "{}"},
            "extra_content": {"google": {"thought_signature": "QUJDRA=="}}});
        let request = json!({"model": "gemini-3.8-flash", "stream": stream, "n": choices,
            "messages": [
                {"role": "user", "content": "call f"},
                {"role": "assistant", "content": null, "tool_calls": [call]},
                {"role": "tool", "tool_call_id": "call_1", "content": "done"}],
            "tools": [{"type": "function",
                "function": {"name": "f", "parameters": {"type": "object"}}}]});
        let client = gateway.client();
        let answer = client.post("/v1/chat/completions", request.to_string()).send().await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        assert_eq!(all_calls(&google), choices + 1);
        let sent = |at| body(&google, at)["contents"][1]["parts"][0]["thoughtSignature"].clone();
        let last = usize::try_from(choices).unwrap();
        assert_eq!((sent(0), sent(last)), (json!("QUJDRA=="), json!(PLACEHOLDER)));
        assert_eq!(gateway.keys("ready").await, 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_misses_signatures_for_good_is_given_out() {
    for stream in [false, true] {
        let google = google([("one", unsigned(stream))]).await;
        let gateway = setup().google(&google).keys([key("one")]).start().await;
        for spoken in Spoken::ALL {
            let ask = spoken.request(&gateway.client(), MODEL, "hello", stream);
            let answer = ask.send().await;
            assert_eq!(answer.status, 200, "{spoken:?}: {}", answer.text());
        }
        assert_eq!(all_calls(&google), 4, "there was no signature to replace");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn penalties_that_a_model_does_not_take_are_left_out_and_named() {
    for stream in [false, true] {
        let google = google([("one", KeyPlan::Valid)]).await;
        let gateway = setup().google(&google).keys([key("one")]).start().await;
        let sequence = vec![refusal("Penalty is not enabled for models/gemini-3.8-flash")];
        google.script().update(|script| script.sequence(key("one"), sequence));
        let request = json!({"model": "gemini-3.8-flash", "stream": stream, "presence_penalty": 1,
            "messages": [{"role": "user", "content": "hello"}]});
        let client = gateway.client();
        let answer = client.post("/v1/chat/completions", request.to_string()).send().await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        assert_eq!(answer.header("x-gemini-balance-dropped"), Some("presence_penalty"));
        assert_eq!(body(&google, 0)["generationConfig"]["presencePenalty"], 1.0);
        assert_eq!(body(&google, 1)["generationConfig"]["presencePenalty"], Value::Null);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_mended_is_told_at_once() {
    let google = google([("one", refusal("Corrupted thought signature."))]).await;
    let gateway = setup().google(&google).keys([key("one")]).start().await;
    for spoken in Spoken::ALL {
        let answer = spoken.ask(&gateway.client(), MODEL, "hello").send().await;
        assert_eq!(answer.status, 400, "{}", answer.text());
    }
    assert_eq!(all_calls(&google), 4, "there was no signature to replace");
}
