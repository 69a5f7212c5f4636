//! The Live API through the gateway.

mod begin;
mod end;
mod resume;
mod talk;
mod tokens;

use fake_gemini::{FakeGemini, KeyPlan};
use serde_json::{Value, json};
use testkit::{Client, Gateway, MODEL, TOKEN, eventually, key};

use crate::house::{all_calls, calls, fault, google, house, setup};
use talk::{LIVE_MODEL, PATH, Talk, refusal, setup_of};

/// Waits for the rows of the request log that are sessions.
async fn rows(gateway: &Gateway, count: usize) -> Vec<store::LoggedRequest> {
    let records = gateway.records().await;
    let sessions = || async {
        let rows = records.requests().await.into_iter();
        rows.filter(|row| row.operation == "live").collect::<Vec<_>>()
    };
    eventually("the sessions are logged", || async { sessions().await.len() >= count }).await;
    sessions().await
}

/// A client with a token of its own that the gateway knows already.
async fn stranger(gateway: &Gateway, options: &[&str]) -> Client {
    let command = [&["tokens", "create", "stranger"], options].concat();
    let token = gateway.run(&command).await.ok();
    let client = gateway.client_with(token.trim());
    eventually("the token is known", || async {
        client.get("/v1/responses/none").send().await.status == 404
    })
    .await;
    client
}

#[tokio::test(flavor = "multi_thread")]
async fn a_turn_goes_through_and_is_counted() {
    let (google, gateway) = house([("one", KeyPlan::Valid)]).await;
    let mut talk = Talk::open(&gateway, PATH, &[("x-goog-api-key", TOKEN)]).await.unwrap();
    assert_eq!(talk.begin(setup_of(LIVE_MODEL)).await, json!({"setupComplete": {}}));
    assert_eq!(talk.turn("hello there").await, "You said: hello there");
    assert_eq!(talk.turn("once more").await, "You said: once more");
    talk.leave().await;
    eventually("Google's session is closed", || async { google.open_streams() == 0 }).await;
    assert_eq!(google.cancelled(), 0, "it was told that the client leaves");
    let row = rows(&gateway, 1).await.pop().unwrap();
    assert_eq!((row.operation.as_str(), row.dialect.as_str()), ("live", "gemini"));
    assert_eq!((row.status, row.outcome.as_str(), row.attempts), (101, "served", 1));
    assert_eq!(row.model.as_deref(), Some(LIVE_MODEL));
    // 11 and 9 bytes in, 21 and 19 out, four bytes a token.
    assert_eq!((row.usage.prompt, row.usage.completion, row.usage.total), (6, 11, 17));
    assert!(row.key_id.is_some() && row.first_byte_ms.is_some() && row.stream);
    assert_eq!(gateway.keys("ready").await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_key_goes_in_a_header_and_the_token_nowhere() {
    let (google, gateway) = house([("one", KeyPlan::Valid)]).await;
    let query = |name: &str, method: &str| {
        let service = "google.ai.generativelanguage.v1alpha.GenerativeService";
        format!("/ws/{service}.{method}?{name}={TOKEN}&more=1")
    };
    let bearer = format!("Bearer {TOKEN}");
    for (path, headers) in [
        (query("key", "BidiGenerateContent"), vec![]),
        (query("access_token", "BidiGenerateContentConstrained"), vec![]),
        (format!("/gemini{PATH}"), vec![("authorization", bearer.as_str())]),
        (PATH.to_owned(), vec![("x-goog-api-key", TOKEN), ("origin", "https://other.example")]),
    ] {
        google.forget_received();
        let mut talk = Talk::open(&gateway, &path, &headers).await.unwrap();
        talk.begin(setup_of(LIVE_MODEL)).await;
        assert_eq!(talk.turn("hello").await, "You said: hello", "{path}");
        talk.leave().await;
        let seen = google.received().pop().unwrap();
        assert_eq!(seen.headers["x-goog-api-key"], key("one").as_str());
        assert!(seen.path.ends_with(".BidiGenerateContent"), "{}", seen.path);
        let query = seen.query.unwrap_or_default();
        assert!(query.is_empty() || query == "more=1", "{query}");
        for (name, value) in &seen.headers {
            assert!(!value.to_str().unwrap().contains(TOKEN), "{name}");
            assert!(!["origin", "authorization"].contains(&name.as_str()), "{name}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_may_not_come_in_is_told_in_plain_http() {
    let (google, gateway) = house([("one", KeyPlan::Valid)]).await;
    for headers in [&[][..], &[("x-goog-api-key", "wrong")], &[("authorization", "Basic x")]] {
        let (status, body) = refusal(Talk::open(&gateway, PATH, headers).await);
        assert_eq!((status, &body["error"]["code"]), (401, &json!(401)), "{headers:?}");
        assert_eq!(body["error"]["status"], "UNAUTHENTICATED");
    }
    // Only the method for tokens of sessions reads this.
    let path = format!("{PATH}?access_token={TOKEN}");
    assert_eq!(refusal(Talk::open(&gateway, &path, &[]).await).0, 401);
    let token = [("x-goog-api-key", TOKEN)];
    let (status, body) = refusal(Talk::open(&gateway, "/ws/a/b", &token).await);
    assert_eq!((status, &body["error"]["status"]), (404, &json!("NOT_FOUND")));
    let client = gateway.client();
    let plain = client.get(PATH).send().await;
    assert_eq!((plain.status, plain.header("upgrade")), (426, Some("websocket")));
    assert_eq!(plain.json()["error"]["code"], 426);
    let posted = client.post(PATH, "{}").send().await;
    assert_eq!((posted.status, posted.header("allow")), (405, Some("GET")));
    assert_eq!(all_calls(&google), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn dead_and_spent_keys_are_passed_over_and_remembered() {
    let close = |code, reason: &str| fault(fake_gemini::Fault::CloseAtSetup(code, reason.into()));
    let bad = [
        ("invalid", KeyPlan::Invalid),
        ("suspended", KeyPlan::Suspended),
        ("closed", close(1007, "API key not valid. Please pass a valid API key.")),
        ("denied", close(1008, "Your project has been denied access. Please contact support.")),
        ("spent", close(1011, "You exceeded your current quota, please check your plan.")),
    ];
    let names = bad.clone().map(|(name, _)| key(name));
    let google = google(bad.into_iter().chain([("good", KeyPlan::Valid)])).await;
    let keys = names.into_iter().chain([key("good")]);
    let gateway = setup().google(&google).keys(keys).with("MAX_RETRIES", "1").start().await;
    let bad = ["invalid", "suspended", "closed", "denied", "spent"];
    let mut served = 0;
    while bad.iter().any(|name| calls(&google, name) == 0) {
        served += 1;
        assert!(served < 40, "some keys are never asked");
        let mut talk = Talk::with_token(&gateway).await;
        talk.begin(setup_of(LIVE_MODEL)).await;
        assert_eq!(talk.turn("hello").await, "You said: hello");
        talk.leave().await;
    }
    assert_eq!((gateway.keys("dead").await, calls(&google, "good")), (4, served));
    assert!(bad.iter().all(|name| calls(&google, name) == 1), "{:?}", google.calls_by_key());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_session_takes_the_keys_way_out() {
    let proxy = testkit::Passage::http().await;
    let google = google([("one", KeyPlan::Valid)]).await;
    let address = format!("http://{}", proxy.address());
    let setup = setup().google(&google).keys([key("one")]).with("PROXIES", address);
    let gateway = setup.start().await;
    let mut talk = Talk::with_token(&gateway).await;
    talk.begin(setup_of(LIVE_MODEL)).await;
    assert_eq!(talk.turn("hello").await, "You said: hello");
    assert_eq!(proxy.journal(), [google.address().to_string()]);
}

#[tokio::test(flavor = "multi_thread")]
async fn sessions_live_beside_the_timers_of_http() {
    let slow = std::time::Duration::from_millis(1500);
    let paced = fault(fake_gemini::Fault::Paced { chunks: 0, delay: slow });
    let google = google([("one", paced)]).await;
    let setup = setup().google(&google).keys([key("one")]);
    let timers = ["HEADER_TIMEOUT", "KEEP_ALIVE_TIMEOUT", "BODY_IDLE_TIMEOUT"];
    let setup = timers.into_iter().fold(setup, |setup, name| setup.with(name, "1"));
    let gateway = setup.start().await;
    let mut talk = Talk::with_token(&gateway).await;
    talk.begin(setup_of(LIVE_MODEL)).await;
    assert_eq!(talk.turn("hello").await, "You said: hello");
    assert_eq!(gateway.client().get("/healthz").send().await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn silence_is_no_end_while_both_sides_answer_pings() {
    let google = google([("one", KeyPlan::Valid)]).await;
    let setup = setup().google(&google).keys([key("one")]).with("IDLE_TIMEOUT", "1");
    let gateway = setup.start().await;
    let mut talk = Talk::with_token(&gateway).await;
    talk.begin(setup_of(LIVE_MODEL)).await;
    // Some come in each second.
    talk.pings(10).await;
    assert_eq!(talk.turn("hello").await, "You said: hello");
}

/// What Google has seen of sessions.
fn sessions(google: &FakeGemini) -> usize {
    google.received().iter().filter(|seen| seen.operation == "live").count()
}

/// The text of a close that was expected.
fn reason(close: &(u16, String)) -> Value {
    json!(close.1)
}
