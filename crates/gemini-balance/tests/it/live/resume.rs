//! Sessions that go on over another connection.

use super::*;

fn resumable(handle: Option<&str>) -> Value {
    let mut setup = setup_of(LIVE_MODEL);
    setup["setup"]["sessionResumption"] = json!({"handle": handle});
    setup
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_goes_on_with_its_own_key() {
    let names = ["a", "b", "c", "d", "e"];
    let google = google(names.map(|name| (name, KeyPlan::Valid))).await;
    let gateway = setup().google(&google).keys(names.map(key)).start().await;
    let mut talk = Talk::with_token(&gateway).await;
    talk.begin(resumable(None)).await;
    talk.turn("hello").await;
    let mut handle = talk.handle().await;
    drop(talk);
    for _ in 0..6 {
        let mut talk = Talk::with_token(&gateway).await;
        talk.begin(resumable(Some(&handle))).await;
        assert_eq!(talk.turn("more").await, "You said: more (the session goes on)");
        handle = talk.handle().await;
        talk.leave().await;
    }
    let keys = google.calls_by_key();
    assert_eq!((keys.len(), keys.values().sum::<u64>()), (1, 7), "{keys:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_goes_on_after_a_restart() {
    let names = ["a", "b", "c", "d", "e"];
    let google = google(names.map(|name| (name, KeyPlan::Valid))).await;
    let mut gateway = setup().google(&google).keys(names.map(key)).start().await;
    let mut talk = Talk::with_token(&gateway).await;
    talk.begin(resumable(None)).await;
    talk.turn("hello").await;
    let handle = talk.handle().await;
    talk.leave().await;
    // Known at the next start, however that came about soon after.
    assert_eq!(gateway.stop().await, Some(0));
    gateway.start_again().await;
    for _ in 0..3 {
        let mut talk = Talk::with_token(&gateway).await;
        talk.begin(resumable(Some(&handle))).await;
        assert_eq!(talk.turn("more").await, "You said: more (the session goes on)");
        talk.leave().await;
    }
    let keys = google.calls_by_key();
    assert_eq!((keys.len(), keys.values().sum::<u64>()), (1, 4), "{keys:?}");
    let stranger = stranger(&gateway, &[]).await;
    let mut thief = Talk::of(&gateway, &stranger).await;
    thief.say(&resumable(Some(&handle))).await;
    assert_eq!(thief.closed().await.0, 1008);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_goes_on_at_another_gateway() {
    let names = ["a", "b", "c", "d", "e"];
    let google = google(names.map(|name| (name, KeyPlan::Valid))).await;
    let first = setup().google(&google).keys(names.map(key)).start().await;
    let database = format!("sqlite://{}", first.setup().database().display());
    let second = setup().google(&google).with("DATABASE_URL", database).start().await;
    let mut talk = Talk::with_token(&first).await;
    talk.begin(resumable(None)).await;
    talk.turn("hello").await;
    let handle = talk.handle().await;
    let digest = secret::TokenDigest::of(handle.as_bytes());
    let records = first.records().await;
    eventually("the handle is kept", || async { records.keeps_session(digest).await }).await;
    let mut talk = Talk::with_token(&second).await;
    talk.begin(resumable(Some(&handle))).await;
    assert_eq!(talk.turn("more").await, "You said: more (the session goes on)");
    assert_eq!(google.calls_by_key().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_of_somebody_else_is_as_unknown_as_none() {
    let (google, gateway) = house([("one", KeyPlan::Valid)]).await;
    let mut talk = Talk::with_token(&gateway).await;
    talk.begin(resumable(None)).await;
    let handle = talk.handle().await;
    let client = stranger(&gateway, &[]).await;
    let mut told = Vec::new();
    for handle in [handle.as_str(), "session-99-0000000000000000"] {
        let mut thief = Talk::of(&gateway, &client).await;
        thief.say(&resumable(Some(handle))).await;
        told.push(thief.closed().await);
    }
    assert_eq!(told[0], told[1]);
    assert_eq!(told[0].0, 1008);
    assert_eq!(sessions(&google), 1);
    talk.turn("still here").await;
}
