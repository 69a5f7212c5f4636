use std::path::PathBuf;
use std::time::{Duration, Instant};

use http_body_util::BodyExt;

use super::harness::{Harness, as_far_as_it_comes, hello, joined};
use crate::{ErrorForm, Fault, KeyPlan, catalogue};

async fn with(fault: Fault) -> Harness {
    Harness::with(KeyPlan::Fault(fault)).await
}

/// Waits until the server has noticed how its requests ended.
async fn settled(harness: &Harness) {
    for _ in 0..200 {
        if harness.google.open_streams() == 0 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("a request is still open");
}

#[tokio::test]
async fn answers_that_replace_the_models() {
    for (fault, status, says) in [
        (Fault::Status500, 500, "INTERNAL"),
        (Fault::Status503, 503, "The model is overloaded"),
        (Fault::Status429NoDetails, 429, "Resource has been exhausted"),
        (Fault::Html502, 502, "<b>502.</b>"),
        (Fault::GarbageJson, 200, "<!DOCTYPE html>"),
        (Fault::Redirect("http://example.com/elsewhere".into()), 302, "Moved"),
        (Fault::ErrorBody("prepay_depleted".into()), 429, "prepayment credits are depleted"),
    ] {
        let harness = with(fault.clone()).await;
        for got in [harness.generate(&hello()).await, harness.stream(&hello()).await] {
            assert_eq!(got.status, status, "{fault:?}");
            assert!(got.text.contains(says), "{fault:?}: {}", got.text);
        }
    }
    let harness = with(Fault::Redirect("http://example.com/elsewhere".into())).await;
    assert_eq!(
        harness.generate(&hello()).await.headers["location"],
        "http://example.com/elsewhere"
    );
}

#[tokio::test]
async fn every_recorded_error_can_be_had() {
    for id in catalogue::ids() {
        let harness = with(Fault::ErrorBody(id.clone())).await;
        let got = harness.generate(&hello()).await;
        assert_eq!(got.status.as_u16(), catalogue::recorded(&id).unwrap().http, "{id}");
        if id != "html_404" {
            assert_eq!(got.json(), catalogue::recorded(&id).unwrap().body, "{id}");
        }
    }
}

#[tokio::test]
async fn a_slow_first_byte_is_late_and_right() {
    let harness = with(Fault::SlowFirstByte(Duration::from_millis(300))).await;
    let begin = Instant::now();
    assert_eq!(harness.generate(&hello()).await.status, 200);
    assert!(begin.elapsed() >= Duration::from_millis(300));
}

#[tokio::test]
async fn a_hanging_request_is_open_until_its_client_leaves() {
    let harness = with(Fault::Hang).await;
    let ask = hello();
    let waiting = tokio::time::timeout(Duration::from_millis(200), harness.generate(&ask));
    assert!(waiting.await.is_err());
    settled(&harness).await;
    assert_eq!(harness.google.cancelled(), 1);
    assert_eq!(harness.google.received()[0].status, None);
}

#[tokio::test]
async fn a_stream_may_fall_silent_after_its_first_event() {
    let harness = with(Fault::HangAfterFirstEvent).await;
    let mut body = harness.open_stream().await.unwrap().into_body();
    assert!(body.frame().await.unwrap().unwrap().data_ref().unwrap().starts_with(b"data: {"));
    let next = tokio::time::timeout(Duration::from_millis(200), body.frame());
    assert!(next.await.is_err());
    assert_eq!(harness.google.open_streams(), 1);
    drop(body);
    settled(&harness).await;
    assert_eq!(harness.google.cancelled(), 1);
}

#[tokio::test]
async fn connections_end_before_the_first_byte() {
    for fault in [Fault::CutBeforeFirstByte, Fault::Garbage] {
        let harness = with(fault.clone()).await;
        assert!(harness.open_stream().await.is_err(), "{fault:?}");
        settled(&harness).await;
        assert_eq!(harness.google.cancelled(), 0, "{fault:?} is no client's doing");
    }
}

#[tokio::test]
async fn streams_are_cut_where_the_script_says() {
    for (fault, events, is_whole) in [
        (Fault::CutAfterEvents(0), 0, true),
        (Fault::CutAfterEvents(2), 2, true),
        (Fault::CutMidEvent, 1, false),
    ] {
        let harness = with(fault.clone()).await;
        let response = harness.open_stream().await.unwrap();
        assert_eq!(response.status(), 200, "{fault:?}");
        let (text, ended) = as_far_as_it_comes(response).await;
        assert!(!ended, "{fault:?}");
        assert_eq!(text.matches("\r\n\r\n").count(), events, "{fault:?}: {text}");
        assert_eq!(text.is_empty() || text.ends_with("\r\n\r\n"), is_whole, "{fault:?}: {text}");
        settled(&harness).await;
        assert_eq!(harness.google.cancelled(), 0, "{fault:?}");
    }
}

#[tokio::test]
async fn whole_answers_are_cut_in_half() {
    let harness = with(Fault::CutMidEvent).await;
    let headers = [("x-goog-api-key", super::harness::KEY)];
    let path = super::harness::path(super::harness::MODEL, "generateContent");
    let response =
        harness.open(http::Method::POST, &path, &headers, hello().to_string()).await.unwrap();
    let (text, ended) = as_far_as_it_comes(response).await;
    assert!(!ended && text.starts_with("{\"candidates\""), "{text}");
}

#[tokio::test]
async fn a_stream_without_finish_ends_properly() {
    let harness = with(Fault::StreamWithoutFinish).await;
    let got = harness.stream(&hello()).await;
    assert!(!got.text.contains("finishReason"));
    assert_eq!(joined(&got.events()), "You said: Hello there, good old world");
    assert!(!harness.generate(&hello()).await.text.contains("finishReason"));
}

#[tokio::test]
async fn errors_come_in_the_middle_in_both_forms() {
    let got = with(Fault::MidStreamError(ErrorForm::Data)).await.stream(&hello()).await;
    let events = got.events();
    assert_eq!(events.len(), 2);
    assert_eq!(events[1]["error"]["status"], "UNAVAILABLE");
    let got = with(Fault::MidStreamError(ErrorForm::Bare)).await.stream(&hello()).await;
    let (event, error) = got.text.split_once("\r\n\r\n").unwrap();
    assert!(event.starts_with("data: "));
    assert!(error.starts_with("{\n  \"error\": {\n"), "{error}");
}

#[tokio::test]
async fn empty_and_blocked_answers_are_200() {
    let harness = with(Fault::EmptyCandidates).await;
    let got = harness.generate(&hello()).await.json();
    assert_eq!(got["candidates"][0]["content"].get("parts"), None);
    assert_eq!(got["candidates"][0]["finishReason"], "STOP");
    assert_eq!(harness.stream(&hello()).await.events().len(), 1);
    let harness = with(Fault::BlockedPrompt("PROHIBITED_CONTENT".into())).await;
    let got = harness.stream(&hello()).await;
    assert_eq!(got.events()[0]["promptFeedback"]["blockReason"], "PROHIBITED_CONTENT");
    assert_eq!(got.events()[0].get("candidates"), None);
}

#[tokio::test]
async fn paced_streams_keep_their_pace_and_every_event_is_a_packet() {
    let delay = Duration::from_millis(30);
    let harness = with(Fault::Paced { chunks: 5, delay }).await;
    let mut body = harness.open_stream().await.unwrap().into_body();
    let (begin, mut frames) = (Instant::now(), 0);
    while let Some(frame) = body.frame().await {
        let data = frame.unwrap().into_data().unwrap();
        assert!(data.starts_with(b"data: {") && data.ends_with(b"}\r\n\r\n"));
        frames += 1;
    }
    assert_eq!(frames, 6, "five texts and the end");
    assert!(begin.elapsed() >= delay * 5);
}

#[tokio::test]
async fn a_client_that_leaves_is_noticed() {
    let harness = with(Fault::Paced { chunks: 1000, delay: Duration::from_millis(10) }).await;
    let mut body = harness.open_stream().await.unwrap().into_body();
    body.frame().await.unwrap().unwrap();
    assert_eq!(harness.google.open_streams(), 1);
    drop(body);
    settled(&harness).await;
    assert_eq!(harness.google.cancelled(), 1);
}

#[tokio::test]
async fn captured_answers_are_replayed_byte_for_byte() {
    let samples =
        PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/samples/googleai");
    let Ok(files) = std::fs::read_dir(&samples) else {
        println!("skipped: no captured answers at {}", samples.display());
        return;
    };
    for file in files {
        let file = file.unwrap().path();
        let captured = std::fs::read_to_string(&file).unwrap();
        let harness = with(Fault::Replay(captured.clone())).await;
        let got = harness.stream(&hello()).await;
        assert_eq!(got.text, captured, "{}", file.display());
        let is_stream = captured.starts_with("data:");
        let kind = if is_stream { "text/event-stream" } else { "application/json; charset=UTF-8" };
        assert_eq!(got.headers["content-type"], kind, "{}", file.display());
        assert_eq!(got.status.is_success(), !captured.contains("\"error\""), "{}", file.display());
    }
}
