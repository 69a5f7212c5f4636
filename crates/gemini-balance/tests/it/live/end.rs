//! How sessions end.

use std::time::{Duration, Instant};

use fake_gemini::Fault;
use futures_util::SinkExt as _;
use tokio_tungstenite::tungstenite::Message;

use super::*;

async fn talking(gateway: &Gateway) -> Talk {
    let mut talk = Talk::with_token(gateway).await;
    talk.begin(setup_of(LIVE_MODEL)).await;
    talk
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_vanishes_ends_googles_session() {
    let (google, gateway) = house([("one", KeyPlan::Valid)]).await;
    let mut talk = talking(&gateway).await;
    talk.turn("hello").await;
    drop(talk);
    let left = Instant::now();
    eventually("Google's session is closed", || async { google.open_streams() == 0 }).await;
    assert!(left.elapsed() < Duration::from_secs(1), "{:?}", left.elapsed());
    let row = rows(&gateway, 1).await.pop().unwrap();
    assert_eq!((row.outcome.as_str(), row.status), ("cancelled", 499));
    assert!(row.usage.total > 0, "Google had counted");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_google_says_at_the_end_is_passed_on_and_learned() {
    let key_in_words =
        format!("Permission denied: Consumer 'api_key:{}' has been suspended.", key("one"));
    for (code, words, dead) in [
        (1008, "Your project has been denied access. Please contact support.", 1),
        (1008, key_in_words.as_str(), 1),
        (1011, "Internal error encountered.", 0),
        (1000, "", 0),
        (1007, "Request contains an invalid argument.", 0),
    ] {
        let plan = fault(Fault::CloseAfterTurn(code, words.to_owned()));
        let (google, gateway) = house([("one", plan)]).await;
        let mut talk = talking(&gateway).await;
        talk.turn("hello").await;
        let close = talk.closed().await;
        assert_eq!(close.0, code, "{close:?}");
        assert!(!close.1.contains("CANARY"), "{close:?}");
        assert_eq!((sessions(&google), gateway.keys("dead").await), (1, dead), "{words}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_to_google_that_breaks_is_told_at_once() {
    let (google, gateway) = house([("one", fault(Fault::CutAfterEvents(1)))]).await;
    let mut talk = talking(&gateway).await;
    talk.say(&json!({"realtimeInput": {"text": "hello"}})).await;
    let close = talk.closed().await;
    assert_eq!((close.0, close.1.as_str()), (1011, "The connection to Google broke."));
    assert_eq!(sessions(&google), 1);
    let row = rows(&gateway, 1).await.pop().unwrap();
    assert_eq!((row.status, row.outcome.as_str()), (502, "link_broken"));
}

#[tokio::test(flavor = "multi_thread")]
async fn messages_have_a_size_and_frames_have_rules() {
    let google = google([("one", KeyPlan::Valid)]).await;
    let setup = setup().google(&google).keys([key("one")]).with("MAX_EVENT_SIZE", "65536");
    let gateway = setup.start().await;
    let mut talk = talking(&gateway).await;
    let large = "x".repeat(60 << 10);
    assert_eq!(talk.turn(&large).await.len(), large.len() + "You said: ".len());
    // Whoever is told to stop may not be able to say all.
    let _ = talk.0.send(Message::text("x".repeat(65 << 10))).await;
    let close = talk.closed().await;
    assert_eq!(close.0, 1009, "{close:?}");
    eventually("Google's session is closed", || async { google.open_streams() == 0 }).await;
    let mut raw = gateway.client().raw().await;
    let head = format!(
        "GET {PATH} HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
         x-goog-api-key: {TOKEN}\r\n\r\n"
    );
    raw.send(head).await;
    // A text frame without a mask.
    raw.send(b"\x81\x05hello".to_vec()).await;
    let answered = raw.until_closed().await;
    assert!(answered.starts_with("HTTP/1.1 101 "), "{answered}");
    assert!(answered.contains("The frame breaks the rules of WebSocket."), "{answered}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_is_revoked_ends_its_sessions() {
    let (google, gateway) = house([("one", KeyPlan::Valid)]).await;
    let client = stranger(&gateway, &[]).await;
    let mut talk = Talk::of(&gateway, &client).await;
    talk.begin(setup_of(LIVE_MODEL)).await;
    gateway.run(&["tokens", "revoke", "stranger"]).await.ok();
    let close = talk.closed().await;
    assert_eq!((close.0, close.1.as_str()), (1008, "The client token is not valid any more."));
    eventually("Google's session is closed", || async { google.open_streams() == 0 }).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_gateway_that_stops_tells_its_sessions_in_time() {
    let google = google([("one", KeyPlan::Valid)]).await;
    let setup = setup().google(&google).keys([key("one")]).with("SHUTDOWN_GRACE", "2");
    let mut gateway = setup.start().await;
    let mut leaves = talking(&gateway).await;
    let mut stays = talking(&gateway).await;
    gateway.terminate();
    for talk in [&mut leaves, &mut stays] {
        assert_eq!(talk.hear().await, json!({"goAway": {"timeLeft": "2s"}}));
        assert_eq!(talk.turn("hello").await, "You said: hello", "it goes on for a while");
    }
    leaves.leave().await;
    assert_eq!(stays.closed().await, (1001, "The gateway stops.".to_owned()));
    assert_eq!(gateway.exit_code().await, Some(0));
    assert_eq!(google.open_streams(), 0);
    let rows = rows(&gateway, 2).await;
    assert!(rows.iter().all(|row| row.outcome == "served"), "{rows:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_answers_no_ping_is_gone() {
    let google = google([("one", KeyPlan::Valid)]).await;
    let setup = setup().google(&google).keys([key("one")]).with("IDLE_TIMEOUT", "1");
    let gateway = setup.start().await;
    let _mute = talking(&gateway).await;
    eventually("Google's session is closed", || async { google.open_streams() == 0 }).await;
    let row = rows(&gateway, 1).await.pop().unwrap();
    assert_eq!((row.outcome.as_str(), row.status), ("cancelled", 499));
}
