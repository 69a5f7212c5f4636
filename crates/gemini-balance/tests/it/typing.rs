//! Text that seems to be typed.

use std::time::Duration;

use fake_gemini::{FakeGemini, Fault, KeyPlan};
use testkit::{Gateway, MODEL, key};

use crate::house::{fault, google, setup};
use crate::streams::{Spoken, leave, rows};

async fn typing(plan: KeyPlan, delay: &str) -> (FakeGemini, Gateway) {
    let google = google([("one", plan)]).await;
    let setup = setup().google(&google).keys([key("one")]);
    let setup = setup
        .with("STREAM_OPTIMIZER_ENABLED", "true")
        .with("STREAM_MIN_DELAY", delay)
        .with("STREAM_MAX_DELAY", delay);
    (google, setup.start().await)
}

#[tokio::test(flavor = "multi_thread")]
async fn words_come_character_by_character_in_every_dialect() {
    let (_google, gateway) = typing(KeyPlan::Valid, "0.001").await;
    for spoken in Spoken::ALL {
        let answer = spoken.ask(&gateway.client(), MODEL, "good old world").send().await;
        let events = answer.events();
        assert_eq!(spoken.text(&events), "You said: good old world", "{spoken:?}");
        assert!(events.len() >= 24, "{spoken:?}: {} events", events.len());
        assert!(spoken.has_ended_well(&events), "{spoken:?}: {events:?}");
    }
    let rows = rows(&gateway, 4).await;
    assert!(rows.iter().all(|row| row.outcome == "served" && row.usage.completion > 0), "{rows:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn arrays_are_typed_too() {
    let (_google, gateway) = typing(KeyPlan::Valid, "0.001").await;
    let path = format!("/v1beta/models/{MODEL}:streamGenerateContent");
    let body = r#"{"contents":[{"role":"user","parts":[{"text":"good old world"}]}]}"#;
    let answer = gateway.client().post(&path, body).send().await;
    assert!(answer.header("content-type").unwrap().starts_with("application/json"));
    let elements = answer.json().as_array().unwrap().clone();
    let events: Vec<_> = elements.iter().map(ToString::to_string).collect();
    assert_eq!(Spoken::Gemini.text(&events), "You said: good old world");
    assert!(events.len() >= 24 && Spoken::Gemini.has_ended_well(&events), "{events:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_pauses_are_kept() {
    let (_google, gateway) = typing(KeyPlan::Valid, "0.02").await;
    let began = std::time::Instant::now();
    gateway.client().chat_stream("world").send().await;
    assert!(began.elapsed() > Duration::from_millis(15 * 20), "{:?}", began.elapsed());
}

#[tokio::test(flavor = "multi_thread")]
async fn leaving_in_a_pause_ends_the_call() {
    let endless = Fault::Paced { chunks: 100_000, delay: Duration::from_millis(1) };
    let (google, gateway) = typing(fault(endless), "1").await;
    let mut took = Vec::new();
    for spoken in Spoken::ALL {
        let mut live = spoken.ask(&gateway.client(), MODEL, "hello").open().await;
        while spoken.text(&[live.next_event().await.unwrap()]).is_empty() {}
        took.push(leave(live, &google).await);
    }
    assert!(took.iter().min() < Some(&Duration::from_millis(100)), "{took:?}");
}
