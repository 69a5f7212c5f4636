//! Signs of life in streams that are silent.

use fake_gemini::{FakeGemini, Fault};
use testkit::{Gateway, MODEL, eventually, key};

use crate::house::{fault, google, setup};
use crate::streams::{Spoken, read_until};

async fn silent(silence: &str) -> (FakeGemini, Gateway) {
    let google = google([("one", fault(Fault::HangAfterFirstEvent))]).await;
    let setup = setup().google(&google).keys([key("one")]);
    let gateway = setup.with("STREAM_KEEP_ALIVE_INTERVAL", silence).start().await;
    (google, gateway)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_silent_stream_gives_signs_of_life_until_the_client_leaves() {
    let (google, gateway) = silent("50ms").await;
    let signs =
        [": keep-alive\n\n", "event: ping\ndata: {\"type\":\"ping\"}\n\n", ": keep-alive\n\n"];
    for (spoken, sign) in Spoken::TRANSLATED.into_iter().zip(signs) {
        let mut live = spoken.ask(&gateway.client(), MODEL, "hello there").open().await;
        let before = read_until(&mut live, sign).await;
        assert!(before.contains("data: {"), "the answer begins first: {before}");
        read_until(&mut live, sign).await;
        assert_eq!(google.open_streams(), 1);
        drop(live);
        eventually("Google's stream is closed", || async { google.open_streams() == 0 }).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_silent_stream_may_stay_silent() {
    let (_google, gateway) = silent("0").await;
    let mut live = gateway.client().chat_stream("hello there").open().await;
    let first = live.next_event().await.unwrap();
    assert!(first.contains("assistant"), "{first}");
    let more = tokio::time::timeout(std::time::Duration::from_millis(300), async {
        read_until(&mut live, ": keep-alive").await
    });
    assert!(more.await.is_err(), "a sign of life came");
}
