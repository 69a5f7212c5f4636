//! Answers that take several calls in a row (Gemini 4).

use std::time::Duration;

use fake_gemini::{FakeGemini, Fault, KeyPlan, Script};
use serde_json::{Value, json};
use testkit::{Answer, Gateway, Surface, eventually, key};

use crate::house::{all_calls, calls, fault, parse, setup};
use crate::streams::{Spoken, leave, rows};

const ARGON: &str = "gemini-4-argon";
const WORDS: &str = "one two three four five six seven";
const SAID: &str = "You said: one two three four five six seven";

async fn house(script: Script, keys: &[&str], retries: &str) -> (FakeGemini, Gateway) {
    let google = FakeGemini::start(script.long_answers(3)).await.unwrap();
    let setup = setup().google(&google).keys(keys.iter().map(|name| key(name)));
    (google, setup.with("MAX_RETRIES", retries).start().await)
}

/// The text of a whole answer, and what it cost.
fn told(spoken: Spoken, answer: &Answer) -> (String, Value) {
    let body = answer.json();
    let text = match spoken {
        Spoken::Chat => &body["choices"][0]["message"]["content"],
        Spoken::Messages => &body["content"][0]["text"],
        _ => {
            let output = body["output"].as_array().unwrap();
            let message = output.iter().find(|item| item["type"] == "message").unwrap();
            return (message["content"][0]["text"].as_str().unwrap().into(), body["usage"].clone());
        }
    };
    (text.as_str().unwrap_or_else(|| panic!("{body}")).to_owned(), body["usage"].clone())
}

fn tokens(google: &FakeGemini) -> Vec<Option<String>> {
    let token = |body: &[u8]| {
        let body: Value = serde_json::from_slice(body).unwrap();
        body["continuationToken"].as_str().map(str::to_owned)
    };
    google.received().iter().map(|received| token(&received.body)).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_answer_is_followed_to_its_end_in_every_dialect() {
    let script = Script::new().key(key("a"), KeyPlan::Valid).key(key("b"), KeyPlan::Valid);
    let (google, gateway) = house(script, &["a", "b"], "3").await;
    let client = gateway.client();
    // The pool remembers nothing of a model before its first answer.
    client.ask(Surface::Gemini, ARGON, "hello", false).send().await;
    for spoken in Spoken::TRANSLATED {
        let whole = spoken.request(&client, ARGON, WORDS, false).send().await;
        assert_eq!(whole.status, 200, "{}", whole.text());
        let (text, usage) = told(spoken, &whole);
        assert_eq!(text, SAID);
        assert!(usage.is_object(), "{usage}");
        let stream = spoken.request(&client, ARGON, WORDS, true).send().await;
        let events = stream.events();
        assert_eq!(spoken.text(&events), SAID, "{events:?}");
        assert!(spoken.has_ended_well(&events), "{events:?}");
    }
    let asked = tokens(&google).split_off(1);
    assert_eq!(asked.len(), 6 * 3);
    for answer in asked.chunks(3) {
        assert!(answer[0].is_none() && answer[1].is_some() && answer[2].is_some(), "{answer:?}");
        assert_ne!(answer[1], answer[2]);
    }
    for answer in google.received()[1..].chunks(3) {
        let used: Vec<_> = answer.iter().map(|call| call.key.clone()).collect();
        assert!(used.iter().all(|key| *key == used[0]), "one key has the beginning: {used:?}");
        assert!(answer.iter().all(|call| call.path.ends_with(":streamGenerateContent")));
    }
    for row in rows(&gateway, 7).await.split_off(1) {
        assert_eq!((row.outcome.as_str(), row.attempts), ("served", 3), "{row:?}");
        assert!(row.key_mask.is_some() && row.first_byte_ms.is_some(), "{row:?}");
    }
    assert_eq!(calls(&google, "a") + calls(&google, "b"), 19);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_client_is_told_the_first_prompt_and_the_log_has_all() {
    let (_google, gateway) = house(Script::new().key(key("a"), KeyPlan::Valid), &["a"], "3").await;
    let client = gateway.client();
    let whole = Spoken::Chat.request(&client, ARGON, WORDS, false).send().await;
    let stream = Spoken::Chat.request(&client, ARGON, WORDS, true).send().await;
    let (_, usage) = told(Spoken::Chat, &whole);
    let streamed = stream.events();
    let streamed = &parse(&streamed[streamed.len() - 2])["usage"];
    for field in ["prompt_tokens", "completion_tokens", "total_tokens"] {
        assert_eq!(usage[field], streamed[field], "{field}");
    }
    for row in rows(&gateway, 2).await {
        let billed = row.usage;
        assert!(billed.prompt > 2 * usage["prompt_tokens"].as_u64().unwrap(), "{billed:?}");
        let told = usage["completion_tokens"].as_u64().unwrap();
        assert_eq!(billed.completion + billed.thoughts, told, "{billed:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_that_fails_on_the_way_is_made_again_with_another_key() {
    let busy = vec![KeyPlan::Valid, fault(Fault::Status503), KeyPlan::Valid, KeyPlan::Valid];
    for stream in [false, true] {
        let script = Script::new().key(key("a"), KeyPlan::Valid).sequence(key("a"), busy.clone());
        let (google, gateway) = house(script, &["a"], "3").await;
        let answer = Spoken::Chat.request(&gateway.client(), ARGON, WORDS, stream).send().await;
        let text = if stream {
            Spoken::Chat.text(&answer.events())
        } else {
            told(Spoken::Chat, &answer).0
        };
        assert_eq!(text, SAID, "{}", answer.text());
        assert_eq!(all_calls(&google), 4);
        assert_eq!(rows(&gateway, 1).await[0].attempts, 4);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_cannot_go_on_never_ends_well() {
    for spoken in Spoken::TRANSLATED {
        let plans = vec![KeyPlan::Valid, fault(Fault::Status503)];
        let script = Script::new().key(key("a"), KeyPlan::Valid).cycle(key("a"), plans);
        let (_google, gateway) = house(script, &["a"], "1").await;
        let stream = spoken.request(&gateway.client(), ARGON, WORDS, true).send().await;
        let events = stream.events();
        assert!(!spoken.text(&events).is_empty(), "{events:?}");
        assert!(spoken.error(&events).is_some_and(|error| error.contains("overloaded")));
        assert!(!stream.text().contains("[DONE]") && !spoken.has_ended_well(&events));
        let whole = spoken.request(&gateway.client(), ARGON, WORDS, false).send().await;
        assert_ne!(whole.status, 200, "{}", whole.text());
        let rows = rows(&gateway, 2).await;
        assert!(rows.iter().all(|row| row.outcome == "model_busy"), "{rows:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_that_breaks_at_a_checkpoint_goes_on_from_there() {
    let event = json!({
        "candidates": [{
            "content": {"role": "model", "parts": [{"text": "You said: one two "}]},
            "continuationToken": "dGhlIHNpbXVsYXRlZCBHb29nbGUgZ29lcyBvbiB3aXRoIHBhcnQgMQ==",
            "index": 0,
        }],
        "usageMetadata": {"promptTokenCount": 9, "totalTokenCount": 9},
    });
    let broken = fault(Fault::Replay(format!("data: {event}\n\n")));
    let script = Script::new().key(key("a"), KeyPlan::Valid).sequence(key("a"), vec![broken]);
    let (google, gateway) = house(script, &["a"], "1").await;
    let stream = Spoken::Chat.request(&gateway.client(), ARGON, WORDS, true).send().await;
    let events = stream.events();
    assert!(Spoken::Chat.has_ended_well(&events), "{events:?}");
    let text = Spoken::Chat.text(&events);
    assert!(text.starts_with("You said: one two ") && text.ends_with("six seven"), "{text}");
    assert_eq!(tokens(&google).iter().flatten().count(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_gemini_client_sees_where_an_answer_goes_on() {
    let (google, gateway) = house(Script::new().key(key("a"), KeyPlan::Valid), &["a"], "3").await;
    let body = json!({"contents": [{"role": "user", "parts": [{"text": WORDS}]}],
        "generationConfig": {"maxOutputTokens": 1000}});
    let path = format!("/v1beta/models/{ARGON}:generateContent");
    let answer = gateway.client().post(&path, body.to_string()).send().await.json();
    assert_eq!(answer["candidates"][0]["finishReason"], "CONTINUATION");
    assert!(answer["candidates"][0]["continuationToken"].is_string());
    assert_eq!(all_calls(&google), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn leaving_ends_the_call_that_goes_on() {
    let mut took = Vec::new();
    for spoken in Spoken::TRANSLATED {
        let plans = vec![KeyPlan::Valid, fault(Fault::HangAfterFirstEvent)];
        let script = Script::new().key(key("a"), KeyPlan::Valid).sequence(key("a"), plans);
        let (google, gateway) = house(script, &["a"], "1").await;
        let mut live = spoken.request(&gateway.client(), ARGON, WORDS, true).open().await;
        live.next_event().await.unwrap();
        eventually("the second call is made", || async { all_calls(&google) == 2 }).await;
        took.push(leave(live, &google).await);
        let row = rows(&gateway, 1).await.remove(0);
        assert_eq!((row.outcome.as_str(), row.status), ("cancelled", 499));
        assert!(row.usage.prompt > 0 && row.attempts == 2, "{row:?}");
    }
    assert!(took.iter().min() < Some(&Duration::from_millis(100)), "{took:?}");
}
