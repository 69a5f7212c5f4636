//! What goes wrong on the way is tried again with another key, as long as the client has seen
//! nothing.

use std::time::Duration;

use fake_gemini::{ErrorForm, FakeGemini, Fault, KeyPlan};
use testkit::{Gateway, MODEL, Surface, key};

use crate::house::{all_calls, calls, fault, google, house, parse, setup};

const OVERLOADED: &str =
    r#"{"error":{"code":503,"message":"The model is overloaded.","status":"UNAVAILABLE"}}"#;

/// A key that fails and one that serves, behind small time limits.
async fn two_keys(bad: Fault) -> (FakeGemini, Gateway) {
    let google = google([("bad", fault(bad)), ("ok", KeyPlan::Valid)]).await;
    let setup = setup().google(&google).keys([key("bad"), key("ok")]);
    let gateway = setup.with("FIRST_BYTE_TIMEOUT", "1").with("IDLE_TIMEOUT", "1").start().await;
    (google, gateway)
}

#[tokio::test(flavor = "multi_thread")]
async fn overload_and_broken_connections_are_tried_again_with_another_key() {
    for bad in [
        Fault::Status503,
        Fault::Status500,
        Fault::Html502,
        Fault::CutBeforeFirstByte,
        Fault::Garbage,
    ] {
        let (google, gateway) = two_keys(bad.clone()).await;
        for number in 0..8 {
            let surface = Surface::ALL[number % 2];
            let ask = gateway.client().ask(surface, MODEL, "hello", number / 2 % 2 == 0);
            let answer = ask.send().await;
            assert_eq!(answer.status, 200, "{bad:?} {number}: {}", answer.text());
        }
        assert!(calls(&google, "bad") >= 1, "{bad:?} was never met");
        assert_eq!(gateway.keys("dead").await, 0, "{bad:?} kills no key");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_fails_over_until_its_first_event() {
    for bad in [
        Fault::Hang,
        Fault::CutAfterEvents(0),
        Fault::Replay(format!("data: {OVERLOADED}\r\n\r\n")),
        Fault::EmptyCandidates,
    ] {
        for surface in Surface::ALL {
            // A Gemini client gets Google's empty answer as it is.
            if surface == Surface::Gemini && bad == Fault::EmptyCandidates {
                continue;
            }
            let (google, gateway) = two_keys(bad.clone()).await;
            for _ in 0..2 {
                let answer = gateway.client().ask(surface, MODEL, "hello", true).send().await;
                assert_eq!(answer.status, 200, "{bad:?} {surface:?}: {}", answer.text());
                let events = answer.events();
                let text: String = events.iter().map(|event| surface.event_text(event)).collect();
                assert!(text.contains("hello"), "{bad:?} {surface:?}: {}", answer.text());
                assert!(!answer.text().contains("\"error\""), "{}", answer.text());
            }
            assert!(calls(&google, "bad") >= 1, "{bad:?} was never met");
            assert_eq!(gateway.keys("dead").await, 0);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn half_an_answer_is_never_given_out_as_a_whole_one() {
    for bad in [Fault::CutMidEvent, Fault::GarbageJson, Fault::HangAfterFirstEvent] {
        let (google, gateway) = two_keys(bad.clone()).await;
        for surface in [Surface::Gemini, Surface::OpenAi, Surface::Gemini, Surface::OpenAi] {
            let answer = gateway.client().ask(surface, MODEL, "hello", false).send().await;
            assert_eq!(answer.status, 200, "{bad:?} {surface:?}: {}", answer.text());
            assert!(surface.text(&answer).contains("hello"), "{}", answer.text());
        }
        assert!(calls(&google, "bad") >= 1, "{bad:?} was never met");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_that_breaks_ends_with_an_error_in_its_dialect_and_never_as_if_whole() {
    for bad in [
        Fault::CutAfterEvents(2),
        Fault::CutMidEvent,
        Fault::HangAfterFirstEvent,
        Fault::StreamWithoutFinish,
        Fault::MidStreamError(ErrorForm::Data),
        Fault::MidStreamError(ErrorForm::Bare),
    ] {
        for surface in Surface::ALL {
            let google = google([("bad", fault(bad.clone()))]).await;
            let setup = setup().google(&google).keys([key("bad")]).with("IDLE_TIMEOUT", "1");
            let gateway = setup.start().await;
            let answer = gateway.client().ask(surface, MODEL, "hello there", true).send().await;
            let shown = format!("{bad:?} {surface:?}: {}", answer.text());
            assert_eq!(answer.status, 200, "{shown}");
            let events = answer.events();
            assert!(!events.iter().any(|event| event == "[DONE]"), "{shown}");
            let reasons = events.iter().filter_map(|event| surface.finish_reason(event));
            assert_eq!(reasons.count(), 0, "{shown}");
            let (last, before) = events.split_last().unwrap();
            assert!(surface.event_error(&parse(last)).is_some(), "{shown}");
            assert!(before.iter().any(|event| !surface.event_text(event).is_empty()), "{shown}");
            assert!(before.iter().all(|event| surface.event_error(&parse(event)).is_none()));
            assert_eq!(all_calls(&google), 1, "never replayed: {shown}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_array_that_breaks_is_json_all_the_same_and_ends_with_an_error() {
    let (_google, gateway) = house([("bad", fault(Fault::CutAfterEvents(2)))]).await;
    let path = format!("/v1beta/models/{MODEL}:streamGenerateContent");
    let body = r#"{"contents":[{"parts":[{"text":"hello there"}]}]}"#;
    let answer = gateway.client().post(&path, body).send().await;
    assert_eq!(answer.status, 200);
    let elements = answer.json();
    let last = elements.as_array().unwrap().last().unwrap();
    assert!(Surface::Gemini.event_error(last).is_some(), "{elements}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_overloaded_google_is_asked_no_more_often_than_allowed() {
    for surface in Surface::ALL {
        let busy = || fault(Fault::Status503);
        let (google, gateway) =
            house([("a", busy()), ("b", busy()), ("c", busy()), ("d", busy()), ("e", busy())])
                .await;
        let answer = gateway.client().ask(surface, MODEL, "hello", false).send().await;
        let error = surface.error(&answer);
        assert_eq!(error.status, 503, "{}", answer.text());
        assert!(answer.header("retry-after").is_some(), "coming back later helps");
        assert_eq!(all_calls(&google), 3, "MAX_RETRIES is 3");
        assert!(google.calls_by_key().values().all(|calls| *calls == 1), "each another key");
        assert_eq!(gateway.keys("dead").await, 0);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upstream_out_of_reach_is_told_in_the_dialect() {
    let gateway = setup().with("BASE_URL", "http://127.0.0.1:9/v1beta").keys([key("one")]);
    let gateway = gateway.start().await;
    for surface in Surface::ALL {
        let answer = gateway.client().ask(surface, MODEL, "hello", true).send().await;
        assert_eq!(surface.error(&answer).status, 502, "{}", answer.text());
    }
    assert_eq!(gateway.keys("dead").await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_silent_google_ends_in_a_504_that_names_no_address() {
    let google = google([("one", fault(Fault::Hang))]).await;
    let setup = setup().google(&google).keys([key("one")]).with("FIRST_BYTE_TIMEOUT", "1");
    let gateway = setup.with("MAX_RETRIES", "1").start().await;
    for surface in Surface::ALL {
        let answer = gateway.client().ask(surface, MODEL, "hello", false).send().await;
        assert_eq!(surface.error(&answer).status, 504, "{}", answer.text());
    }
    assert_eq!(all_calls(&google), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn slow_answers_are_waited_for() {
    let slow = fault(Fault::SlowFirstByte(Duration::from_millis(1500)));
    let (google, gateway) = house([("one", slow)]).await;
    let answer = gateway.client().chat("hello").send().await;
    assert_eq!(answer.status, 200);
    assert_eq!(all_calls(&google), 1);
}
