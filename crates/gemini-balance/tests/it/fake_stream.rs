//! Streams that are made of whole answers.

use std::time::Duration;

use fake_gemini::{FakeGemini, Fault, KeyPlan};
use testkit::{Gateway, MODEL, OTHER_MODEL, key};

use crate::house::{fault, google, setup};
use crate::streams::{Spoken, leave, read_until, rows};

/// The sign of life that comes first in a dialect.
fn sign(spoken: Spoken) -> &'static str {
    if spoken == Spoken::Messages {
        "event: ping\ndata: {\"type\":\"ping\"}\n\n"
    } else {
        ": keep-alive\n\n"
    }
}

async fn faking(plan: KeyPlan, more: &[(&str, &str)]) -> (FakeGemini, Gateway) {
    let google = google([("one", plan)]).await;
    let setup = setup().google(&google).keys([key("one")]);
    let setup = setup
        .with("FAKE_STREAM_ENABLED", "true")
        .with("FAKE_STREAM_EMPTY_DATA_INTERVAL_SECONDS", "1");
    let setup = more.iter().fold(setup, |setup, (name, value)| setup.with(name, *value));
    (google, setup.start().await)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_whole_answer_is_waited_for_with_signs_of_life() {
    let slow = Fault::SlowFirstByte(Duration::from_millis(1500));
    let (google, gateway) = faking(fault(slow), &[]).await;
    for spoken in Spoken::ALL {
        let mut live = spoken.ask(&gateway.client(), MODEL, "hello there, world").open().await;
        assert_eq!(live.status, 200);
        let before = read_until(&mut live, sign(spoken)).await;
        assert!(!before.contains("hello"), "{spoken:?}: {before}");
        let events = live.rest().await;
        assert!(spoken.text(&events).ends_with("You said: hello there, world"), "{events:?}");
        assert!(spoken.has_ended_well(&events), "{spoken:?}: {events:?}");
        let asked = google.received().last().unwrap().path.clone();
        assert!(asked.ends_with(":generateContent"), "{asked}");
    }
    let rows = rows(&gateway, 4).await;
    for row in rows {
        assert_eq!((row.status, row.outcome.as_str(), row.attempts), (200, "served", 1));
        assert!(row.stream && row.usage.prompt > 0 && row.key_mask.is_some(), "{row:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failure_before_the_first_sign_has_a_status() {
    let (_google, gateway) = faking(fault(Fault::ErrorBody("key_leaked".into())), &[]).await;
    for spoken in Spoken::ALL {
        let answer = spoken.ask(&gateway.client(), MODEL, "hello").send().await;
        assert_eq!(answer.status, 503, "{spoken:?}: {}", answer.text());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failure_after_the_first_sign_is_told_in_the_dialect() {
    let limits = [("FIRST_BYTE_TIMEOUT", "2"), ("MAX_RETRIES", "1")];
    let (_google, gateway) = faking(fault(Fault::Hang), &limits).await;
    for spoken in Spoken::ALL {
        let answer = spoken.ask(&gateway.client(), MODEL, "hello").send().await;
        assert_eq!(answer.status, 200);
        let events = answer.events();
        let error = spoken.error(&events);
        assert!(error.is_some_and(|error| !error.is_empty()), "{spoken:?}: {events:?}");
        assert!(!answer.text().contains("[DONE]"));
    }
    let rows = rows(&gateway, 4).await;
    assert!(rows.iter().all(|row| row.outcome == "link_broken" && row.error.is_some()), "{rows:?}");
}

/// A 400 that comes after the first sign of life, from a model behind a slow proxy.
#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_after_the_first_sign_is_told_as_it_would_be_without() {
    let (google, gateway) = faking(fault(Fault::Hang), &[("FIRST_BYTE_TIMEOUT", "2")]).await;
    let refused = fault(Fault::ErrorBody("context_too_long".to_owned()));
    google.script().update(|script| script.sequence(key("one"), vec![fault(Fault::Hang), refused]));
    let events = gateway.client().chat_stream("hello").send().await.events();
    let error = crate::house::parse(events.last().unwrap())["error"].clone();
    assert_eq!(error["type"], "invalid_request_error", "{error}");
    assert_eq!(error["code"], "context_length_exceeded");
    assert_eq!(error["param"], "messages");
}

#[tokio::test(flavor = "multi_thread")]
async fn arrays_are_faked_too() {
    let slow = Fault::SlowFirstByte(Duration::from_millis(1500));
    let (google, gateway) = faking(fault(slow), &[]).await;
    let path = format!("/v1beta/models/{MODEL}:streamGenerateContent");
    let body = r#"{"contents":[{"role":"user","parts":[{"text":"hello"}]}]}"#;
    let answer = gateway.client().post(&path, body).send().await;
    assert!(answer.header("content-type").unwrap().starts_with("application/json"));
    assert!(answer.text().starts_with('\n'), "a sign of life: {}", answer.text());
    let elements = answer.json();
    assert_eq!(elements[0]["candidates"][0]["finishReason"], "STOP", "{elements}");
    assert!(google.received()[0].path.ends_with(":generateContent"));

    google.script().update(|script| script.key(key("one"), fault(Fault::Status503)));
    assert_eq!(gateway.client().post(&path, body).send().await.status, 503);
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_named_models_are_faked() {
    let models = [("FAKE_STREAM_MODELS", OTHER_MODEL)];
    let (google, gateway) = faking(KeyPlan::Valid, &models).await;
    for (model, method) in [(MODEL, ":streamGenerateContent"), (OTHER_MODEL, ":generateContent")] {
        for spoken in Spoken::ALL {
            let answer = spoken.ask(&gateway.client(), model, "hello").send().await;
            assert!(spoken.has_ended_well(&answer.events()), "{}", answer.text());
            assert!(google.received().last().unwrap().path.ends_with(method));
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn leaving_ends_the_call_behind() {
    let (google, gateway) = faking(fault(Fault::Hang), &[]).await;
    let mut took = Vec::new();
    for spoken in Spoken::ALL {
        let mut live = spoken.ask(&gateway.client(), MODEL, "hello").open().await;
        read_until(&mut live, sign(spoken)).await;
        assert_eq!(google.open_streams(), 1);
        took.push(leave(live, &google).await);
    }
    assert!(took.iter().min() < Some(&Duration::from_millis(100)), "{took:?}");
}
