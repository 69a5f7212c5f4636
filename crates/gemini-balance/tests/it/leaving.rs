//! A client that leaves ends the call to Google, in whatever state its request was.

use fake_gemini::{Fault, KeyPlan};
use testkit::{Gateway, MODEL, Surface, eventually, in_time, key};

use crate::house::{all_calls, fault, google, house, setup, spent_for};

/// Waits for the only row of the request log.
async fn only_row(gateway: &Gateway) -> (String, u16, u64) {
    let records = gateway.records().await;
    eventually("the request is logged", || async { records.requests().await.len() == 1 }).await;
    let row = records.requests().await.pop().unwrap();
    (row.outcome, row.status, row.usage.prompt)
}

#[tokio::test(flavor = "multi_thread")]
async fn leaving_a_stream_ends_googles_and_is_logged_with_what_was_used() {
    for surface in Surface::ALL {
        let (google, gateway) = house([("one", fault(Fault::HangAfterFirstEvent))]).await;
        let mut live = gateway.client().ask(surface, MODEL, "hello there", true).open().await;
        live.next_event().await.unwrap();
        assert_eq!(google.open_streams(), 1);
        drop(live);
        eventually("Google's stream is closed", || async { google.open_streams() == 0 }).await;
        assert_eq!(google.cancelled(), 1);
        let (outcome, status, prompt) = only_row(&gateway).await;
        assert_eq!((outcome.as_str(), status), ("cancelled", 499));
        assert!(prompt > 0, "Google had told what the prompt costs");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn leaving_while_google_thinks_ends_the_call() {
    for surface in Surface::ALL {
        for stream in [false, true] {
            let (google, gateway) = house([("one", fault(Fault::Hang))]).await;
            let client = gateway.client();
            let waiting = client.ask(surface, MODEL, "hello", stream).send();
            let waiting = tokio::spawn(waiting);
            eventually("Google is asked", || async { google.open_streams() == 1 }).await;
            leave(waiting).await;
            eventually("Google's call is closed", || async { google.open_streams() == 0 }).await;
            assert_eq!(google.cancelled(), 1);
            let (outcome, status, _) = only_row(&gateway).await;
            assert_eq!((outcome.as_str(), status), ("cancelled", 499));
            assert_eq!(gateway.keys("ready").await, 1);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn leaving_in_the_middle_of_a_whole_answer_ends_the_call() {
    let (google, gateway) = house([("one", fault(Fault::HangAfterFirstEvent))]).await;
    let waiting = tokio::spawn(gateway.client().chat("hello").send());
    eventually("Google answers", || async {
        google.received().first().is_some_and(|seen| seen.status == Some(200))
    })
    .await;
    leave(waiting).await;
    eventually("Google's call is closed", || async { google.open_streams() == 0 }).await;
    assert_eq!(only_row(&gateway).await.0, "cancelled");
}

#[tokio::test(flavor = "multi_thread")]
async fn leaving_while_waiting_for_a_key_asks_google_nothing_more() {
    let google = google([("one", spent_for(2))]).await;
    let setup = setup().google(&google).keys([key("one")]).with("POOL_WAIT", "60");
    let gateway = setup.start().await;
    let waiting = tokio::spawn(gateway.client().generate("hello").send());
    eventually("the key is spent", || async { gateway.keys("cooling").await == 1 }).await;
    leave(waiting).await;
    let (outcome, status, _) = only_row(&gateway).await;
    assert_eq!((outcome.as_str(), status), ("cancelled", 499));
    assert_eq!(all_calls(&google), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn leaving_between_two_attempts_asks_google_nothing_more() {
    let names = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j"];
    let google = google(names.map(|name| (name, fault(Fault::Status503)))).await;
    let setup = setup().google(&google).keys(names.map(key)).with("MAX_RETRIES", "10");
    let gateway = setup.start().await;
    let waiting = tokio::spawn(gateway.client().chat("hello").send());
    // The pauses grow: after the fourth there is time enough to leave.
    eventually("some attempts have failed", || async { all_calls(&google) >= 4 }).await;
    leave(waiting).await;
    let (outcome, status, _) = only_row(&gateway).await;
    assert_eq!((outcome.as_str(), status), ("cancelled", 499));
    assert!(all_calls(&google) < 10, "{}", all_calls(&google));
}

#[tokio::test(flavor = "multi_thread")]
async fn leaving_while_uploading_is_told_and_asks_google_nothing() {
    let (google, gateway) = house([("one", KeyPlan::Valid)]).await;
    let mut raw = gateway.client().raw().await;
    raw.send(format!(
        "POST /v1/chat/completions HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {}\r\nContent-Length: 1000\r\n\r\n{{\"model\":",
        testkit::TOKEN
    ))
    .await;
    drop(raw);
    let (_, status, _) = only_row(&gateway).await;
    assert!([400, 499].contains(&status), "{status}");
    assert_eq!(all_calls(&google), 0);
    assert_eq!(gateway.client().chat("hello").send().await.status, 200);
}

/// Closes the connection of a request that has no answer yet.
async fn leave<T: 'static>(waiting: tokio::task::JoinHandle<T>) {
    waiting.abort();
    assert!(in_time("the client leaves", waiting).await.is_err(), "it was answered already");
}
