//! A client's own mistake never counts against a key, and is told as Google told it.

use fake_gemini::{Fault, KeyPlan};
use serde_json::json;
use testkit::{MODEL, Surface, eventually};

use crate::house::{all_calls, fault, house};

const WRONG: &str =
    r#"{"contents":[{"parts":[{"text":"hi"}]}],"generationConfig":{"temperature":9}}"#;

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_request_is_asked_once_and_leaves_all_keys_ready() {
    let (google, gateway) = house([("one", KeyPlan::Valid), ("two", KeyPlan::Valid)]).await;
    let client = gateway.client();

    let wrong = client.post(&format!("/v1beta/models/{MODEL}:generateContent"), WRONG);
    let answer = wrong.send().await;
    assert_eq!(Surface::Gemini.error(&answer).status, 400, "{}", answer.text());
    assert_eq!(Surface::Gemini.error(&answer).code, "INVALID_ARGUMENT");
    let wrong =
        client.post(&format!("/v1beta/models/{MODEL}:streamGenerateContent?alt=sse"), WRONG);
    assert_eq!(Surface::Gemini.error(&wrong.send().await).status, 400);
    // Well-formed, and yet nothing that Google takes.
    let body = json!({"model": MODEL, "messages": [{"role": "user", "content": "hi"}], "n": 900});
    let answer = client.post("/v1/chat/completions", body.to_string()).send().await;
    assert_eq!(Surface::OpenAi.error(&answer).status, 400, "{}", answer.text());

    assert_eq!(gateway.keys("ready").await, 2);
    assert!(all_calls(&google) <= 3, "no mistake is repeated");
    assert_eq!(client.generate("hello").send().await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_model_is_a_404_of_googles_and_leaves_all_keys_ready() {
    let (google, gateway) = house([("one", KeyPlan::Valid), ("two", KeyPlan::Valid)]).await;
    for surface in Surface::ALL {
        for stream in [false, true] {
            google.forget_received();
            let ask = gateway.client().ask(surface, "gemini-0-nonsense", "hello", stream);
            let answer = ask.send().await;
            let error = surface.error(&answer);
            assert_eq!(error.status, 404, "{}", answer.text());
            assert!(error.message.contains("gemini-0-nonsense"), "{}", error.message);
            assert_eq!(all_calls(&google), 1);
        }
    }
    assert_eq!(gateway.keys("ready").await, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_blocked_prompt_leaves_all_keys_ready() {
    let blocked = || fault(Fault::BlockedPrompt("PROHIBITED_CONTENT".to_owned()));
    let (google, gateway) = house([("one", blocked()), ("two", blocked())]).await;
    for surface in Surface::ALL {
        for stream in [false, true] {
            google.forget_received();
            let answer = gateway.client().ask(surface, MODEL, "hello", stream).send().await;
            assert!([200, 400].contains(&answer.status), "{}", answer.text());
            assert_eq!(all_calls(&google), 1, "{surface:?} {stream}: {}", answer.text());
        }
    }
    let answer = gateway.client().generate("hello").send().await;
    assert_eq!(answer.json()["promptFeedback"]["blockReason"], "PROHIBITED_CONTENT");
    assert_eq!(gateway.keys("ready").await, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn clients_that_leave_blame_no_key() {
    let hang = || fault(Fault::HangAfterFirstEvent);
    let (google, gateway) = house([("one", hang()), ("two", hang())]).await;
    for round in 1..=8 {
        let surface = Surface::ALL[round % 2];
        let mut live = gateway.client().ask(surface, MODEL, "hello there", true).open().await;
        assert!(live.next_event().await.is_some());
        drop(live);
        eventually("Google is told", || async { google.cancelled() == round as u64 }).await;
    }
    assert_eq!(gateway.keys("ready").await, 2);
}
