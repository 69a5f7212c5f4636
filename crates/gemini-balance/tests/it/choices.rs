//! Several choices of one request.

use std::time::Duration;

use fake_gemini::{Fault, KeyPlan};
use serde_json::{Value, json};
use testkit::{Client, Gateway, Live, MODEL, OTHER_MODEL, eventually, key};

use crate::house::{all_calls, fault, google, house, parse, setup};
use crate::streams::{leave, rows};

/// A model that gives several candidates a call.
const CANDIDATES: &str = "gemini-2.5-flash";

fn ask(client: &Client, model: &str, n: u32, stream: bool) -> testkit::Ask {
    let body = json!({"model": model, "n": n, "stream": stream,
        "stream_options": stream.then(|| json!({"include_usage": true})),
        "messages": [{"role": "user", "content": "hello there, world"}]});
    client.post("/v1/chat/completions", body.to_string())
}

/// The text of each choice of a stream, and how often each has ended.
fn choices(events: &[String]) -> (Vec<String>, Vec<usize>) {
    let (mut texts, mut ends) = (Vec::new(), Vec::new());
    for event in events.iter().filter(|event| *event != "[DONE]") {
        for choice in parse(event)["choices"].as_array().into_iter().flatten() {
            let index = usize::try_from(choice["index"].as_u64().unwrap()).unwrap();
            texts.resize(texts.len().max(index + 1), String::new());
            ends.resize(texts.len(), 0);
            texts[index].push_str(choice["delta"]["content"].as_str().unwrap_or_default());
            ends[index] += usize::from(choice["finish_reason"].is_string());
        }
    }
    (texts, ends)
}

#[tokio::test(flavor = "multi_thread")]
async fn choices_come_from_candidates_or_from_as_many_calls() {
    let (google, gateway) = house([("a", KeyPlan::Valid), ("b", KeyPlan::Valid)]).await;
    let client = gateway.client();
    let one = ask(&client, MODEL, 1, false).send().await.json()["usage"].clone();
    for (model, calls) in [(CANDIDATES, 1), ("gemini-3.8-flash", 3)] {
        let before = all_calls(&google);
        let whole = ask(&client, model, 3, false).send().await;
        assert_eq!(whole.status, 200, "{}", whole.text());
        let whole = whole.json();
        let told = |at: usize| {
            let choice = &whole["choices"][at];
            assert_eq!(choice["index"], at);
            choice["message"]["content"].as_str().unwrap().to_owned()
        };
        assert_eq!([0, 1, 2].map(told), [0; 3].map(|_| "You said: hello there, world".to_owned()));
        assert_eq!(all_calls(&google) - before, calls);
        assert_eq!(whole["usage"]["prompt_tokens"], one["prompt_tokens"], "{whole}");

        let stream = ask(&client, model, 3, true).send().await;
        let events = stream.events();
        let (texts, ends) = choices(&events);
        assert_eq!(texts, ["You said: hello there, world"; 3], "{events:?}");
        assert_eq!(ends, [1; 3]);
        assert_eq!(events.last().map(String::as_str), Some("[DONE]"));
        let usage: Vec<Value> =
            events.iter().filter(|event| event.contains("\"usage\":{")).map(|e| parse(e)).collect();
        assert_eq!(usage.len(), 1, "one chunk has the usage");
        assert_eq!(usage[0]["usage"]["prompt_tokens"], one["prompt_tokens"]);
        assert_eq!(usage[0]["usage"], whole["usage"]);
        assert_eq!(all_calls(&google) - before, 2 * calls);
    }
    let rows = rows(&gateway, 5).await;
    let (single, several) = (&rows[1], &rows[3]);
    assert_eq!((single.attempts, several.attempts), (1, 3));
    assert_eq!(several.usage.prompt, 3 * rows[0].usage.prompt, "each call has its prompt");
    assert_eq!((several.outcome.as_str(), several.status), ("served", 200));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_choice_that_fails_is_asked_for_again_or_ends_all() {
    let plans = vec![KeyPlan::Valid, fault(Fault::Status503), KeyPlan::Valid];
    let google = google([("one", KeyPlan::Valid)]).await;
    let gateway = setup().google(&google).keys([key("one")]).start().await;
    for stream in [false, true] {
        google.script().update(|script| script.sequence(key("one"), plans.clone()));
        let answer = ask(&gateway.client(), "gemini-3.8-flash", 2, stream).send().await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        google.script().update(|script| {
            script.sequence(
                key("one"),
                vec![KeyPlan::Valid, fault(Fault::ErrorBody("invalid_argument_generic".into()))],
            )
        });
        let answer = ask(&gateway.client(), "gemini-3.8-flash", 2, stream).send().await;
        assert_eq!(answer.status, 400, "{}", answer.text());
        assert!(answer.json()["error"]["message"].is_string());
    }
    google.script().update(|script| {
        let breaks = fault(Fault::MidStreamError(fake_gemini::ErrorForm::Data));
        script.sequence(key("one"), vec![KeyPlan::Valid, breaks])
    });
    let answer = ask(&gateway.client(), "gemini-3.8-flash", 2, true).send().await;
    let events = answer.events();
    assert!(parse(events.last().unwrap())["error"]["message"].is_string(), "{events:?}");
    eventually("no call is left", || async { google.open_streams() == 0 }).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn several_prompts_are_completed_at_once() {
    let (google, gateway) = house([("one", KeyPlan::Valid)]).await;
    let body = json!({"model": OTHER_MODEL, "prompt": ["first", "second"], "n": 2, "echo": true});
    let answer = gateway.client().post("/v1/completions", body.to_string()).send().await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let answer = answer.json();
    let texts: Vec<_> =
        (0..4).map(|at| answer["choices"][at]["text"].as_str().unwrap().to_owned()).collect();
    let (first, second) = ("firstYou said: first", "secondYou said: second");
    assert_eq!(texts, [first, first, second, second]);
    assert_eq!(all_calls(&google), 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn leaving_ends_all_calls() {
    let mut took = Vec::new();
    for _ in 0..3 {
        let (google, gateway) = house([("one", fault(Fault::HangAfterFirstEvent))]).await;
        let live = opened(&gateway).await;
        assert_eq!(google.open_streams(), 4);
        took.push(leave(live, &google).await);
        assert_eq!(google.cancelled(), 4);
        let row = rows(&gateway, 1).await.remove(0);
        assert_eq!((row.outcome.as_str(), row.status, row.attempts), ("cancelled", 499, 4));
    }
    assert!(took.iter().min() < Some(&Duration::from_millis(100)), "{took:?}");
}

async fn opened(gateway: &Gateway) -> Live {
    let mut live = ask(&gateway.client(), "gemini-3.8-flash", 4, true).open().await;
    live.next_event().await.unwrap();
    live
}
