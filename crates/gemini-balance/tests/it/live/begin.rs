//! What the first message may ask for.

use std::time::Duration;

use fake_gemini::Fault;

use super::*;

#[tokio::test(flavor = "multi_thread")]
async fn a_session_begins_with_a_setup_that_names_a_model() {
    let google = google([("one", KeyPlan::Valid)]).await;
    let setup = setup().google(&google).keys([key("one")]).with("BODY_IDLE_TIMEOUT", "1");
    let gateway = setup.start().await;
    for (first, told) in [
        (json!({"clientContent": {}}), "must be `setup`"),
        (json!({"setup": {}}), "must name a `model`"),
        (json!({"setup": {"model": "models/a b"}}), "no name of a model"),
        (json!({"setup": {"model": 7}}), "setup.model"),
    ] {
        let mut talk = Talk::with_token(&gateway).await;
        talk.say(&first).await;
        let close = talk.closed().await;
        assert_eq!(close.0, 1007, "{close:?}");
        assert!(close.1.contains(told), "{close:?}");
    }
    let mut silent = Talk::with_token(&gateway).await;
    let close = silent.closed().await;
    assert_eq!(close.0, 1008);
    assert!(close.1.contains("BODY_IDLE_TIMEOUT"), "{close:?}");
    assert_eq!(all_calls(&google), 0);
    let rows = rows(&gateway, 5).await;
    assert!(rows.iter().all(|row| row.outcome == "rejected" && row.status == 400), "{rows:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn names_of_models_mean_what_the_administrator_says() {
    let google = google([("one", KeyPlan::Valid)]).await;
    let aliases = json!({"talker": LIVE_MODEL}).to_string();
    let setup = setup().google(&google).keys([key("one")]).with("MODEL_ALIASES", aliases);
    let gateway = setup.with("FILTERED_MODELS", "gemini-2.5-pro").start().await;
    let mut talk = Talk::with_token(&gateway).await;
    talk.begin(setup_of("talker")).await;
    assert_eq!(talk.turn("hello").await, "You said: hello");
    talk.leave().await;
    let mut filtered = Talk::with_token(&gateway).await;
    filtered.say(&setup_of("gemini-2.5-pro")).await;
    let close = filtered.closed().await;
    assert_eq!(close.0, 1008);
    assert!(close.1.contains("FILTERED_MODELS"), "{close:?}");
    // That it cannot talk is Google's to say, and no key's fault.
    let mut mute = Talk::with_token(&gateway).await;
    mute.say(&setup_of(MODEL)).await;
    let close = mute.closed().await;
    assert_eq!(close.0, 1008);
    assert!(close.1.contains("is not found"), "{close:?}");
    assert_eq!((sessions(&google), gateway.keys("ready").await), (2, 1));
    let models: Vec<_> = rows(&gateway, 3).await.into_iter().map(|row| row.model).collect();
    assert_eq!(models[0].as_deref(), Some(LIVE_MODEL));
}

#[tokio::test(flavor = "multi_thread")]
async fn limits_of_client_tokens_hold() {
    let (google, gateway) = house([("one", KeyPlan::Valid)]).await;
    let client = stranger(&gateway, &["--requests-per-minute", "1", "--model", LIVE_MODEL]).await;
    let mut talk = Talk::of(&gateway, &client).await;
    talk.begin(setup_of(LIVE_MODEL)).await;
    talk.turn("hello").await;
    talk.leave().await;
    let mut second = Talk::of(&gateway, &client).await;
    second.say(&setup_of(LIVE_MODEL)).await;
    assert_eq!(second.closed().await.0, 1008);
    let mut other = Talk::of(&gateway, &client).await;
    other.say(&setup_of("gemini-3.5-live-translate-preview")).await;
    let close = other.closed().await;
    assert!(close.1.contains("none of those that this client token may use"), "{close:?}");
    assert_eq!(sessions(&google), 1);
    let outcomes: Vec<_> = rows(&gateway, 3).await.into_iter().map(|row| row.outcome).collect();
    assert!(outcomes.contains(&"client_limit".to_owned()), "{outcomes:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_said_early_is_kept() {
    let slow = fault(Fault::SlowFirstByte(Duration::from_millis(300)));
    let (_google, gateway) = house([("one", slow)]).await;
    let mut talk = Talk::with_token(&gateway).await;
    talk.say(&setup_of(LIVE_MODEL)).await;
    for number in 0..20 {
        let turns = json!([{"role": "user", "parts": [{"text": format!("{number} ")}]}]);
        talk.say(&json!({"clientContent": {"turns": turns}})).await;
    }
    talk.say(&json!({"clientContent": {"turnComplete": true}})).await;
    let all = (0..20).map(|number| format!("{number} ")).collect::<Vec<_>>().concat();
    assert_eq!(talk.answer().await, format!("You said: {all}"));
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_that_are_wrong_are_not_tried_twice_and_busy_models_are() {
    let close = |code, text: &str| fault(Fault::CloseAtSetup(code, text.to_owned()));
    for (plan, attempts, told) in [
        (close(1007, "Request contains an invalid argument."), 1, 1007),
        (close(1011, "Internal error encountered."), 3, 1011),
        (fault(Fault::Status503), 3, 1013),
        (fault(Fault::CutBeforeFirstByte), 3, 1011),
    ] {
        let names = ["a", "b", "c", "d"];
        let google = google(names.map(|name| (name, plan.clone()))).await;
        let setup = setup().google(&google).keys(names.map(key)).with("MAX_RETRIES", "3");
        let gateway = setup.start().await;
        let mut talk = Talk::with_token(&gateway).await;
        talk.say(&setup_of(LIVE_MODEL)).await;
        let close = talk.closed().await;
        assert_eq!((close.0, all_calls(&google)), (told, attempts), "{plan:?}: {}", reason(&close));
        assert_eq!(gateway.keys("dead").await, 0);
        let row = rows(&gateway, 1).await.pop().unwrap();
        assert_eq!(u64::from(row.attempts), attempts, "{plan:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn leaving_before_google_has_answered_ends_the_call() {
    let (google, gateway) = house([("one", fault(Fault::Hang))]).await;
    let mut talk = Talk::with_token(&gateway).await;
    talk.say(&setup_of(LIVE_MODEL)).await;
    eventually("Google is asked", || async { google.open_streams() == 1 }).await;
    drop(talk);
    eventually("Google's call is closed", || async { google.open_streams() == 0 }).await;
    let row = rows(&gateway, 1).await.pop().unwrap();
    assert_eq!((row.outcome.as_str(), row.status), ("cancelled", 499));
}
