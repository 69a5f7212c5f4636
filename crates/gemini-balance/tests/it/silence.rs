//! Signs of life in streams that are silent.

use fake_gemini::{FakeGemini, Fault};
use serde_json::json;
use testkit::{Ask, Client, Gateway, Live, MODEL, eventually, key};

use crate::house::{fault, google, setup};

/// A request for a stream in each dialect that is translated.
pub(crate) fn translated(client: &Client, text: &str) -> [Ask; 3] {
    let messages = json!([{"role": "user", "content": text}]);
    let chat = json!({"model": MODEL, "stream": true, "messages": messages});
    let claude = json!({"model": MODEL, "stream": true, "max_tokens": 100, "messages": messages});
    let response = json!({"model": MODEL, "stream": true, "input": text});
    [
        client.post("/v1/chat/completions", chat.to_string()),
        client.post("/v1/messages", claude.to_string()),
        client.post("/v1/responses", response.to_string()),
    ]
}

/// Reads on until `sign` has come; gives everything that came before it.
pub(crate) async fn read_until(live: &mut Live, sign: &str) -> String {
    let mut text = String::new();
    loop {
        if let Some(at) = text.find(sign) {
            text.truncate(at);
            return text;
        }
        let Some(chunk) = live.chunk().await else { panic!("ended before {sign:?}: {text}") };
        text.push_str(&String::from_utf8_lossy(&chunk));
    }
}

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
    for (ask, sign) in translated(&gateway.client(), "hello there").into_iter().zip(signs) {
        let mut live = ask.open().await;
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
    let [chat, ..] = translated(&gateway.client(), "hello there");
    let mut live = chat.open().await;
    let first = live.next_event().await.unwrap();
    assert!(first.contains("assistant"), "{first}");
    let more = tokio::time::timeout(std::time::Duration::from_millis(300), async {
        read_until(&mut live, ": keep-alive").await
    });
    assert!(more.await.is_err(), "a sign of life came");
}
