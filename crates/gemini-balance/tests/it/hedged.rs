//! Second attempts beside ones that take long.

use std::time::{Duration, Instant};

use fake_gemini::{FakeGemini, Fault, KeyPlan, Script};
use testkit::{Gateway, MODEL, Surface, eventually, key};

use crate::house::{calls, fault, setup};

const SLOW: Duration = Duration::from_secs(20);

/// Two quick keys teach the gateway what is usual; then one of them becomes slow.
async fn accustomed(surface: Surface, stream: bool, percent: &str) -> (FakeGemini, Gateway) {
    let script = Script::new().keys([key("one"), key("two")], &KeyPlan::Valid);
    let google = FakeGemini::start(script).await.unwrap();
    let setup = setup().google(&google).keys([key("one"), key("two")]);
    let gateway = setup.with("HEDGE_PERCENT", percent).start().await;
    for _ in 0..30 {
        let answer = gateway.client().ask(surface, MODEL, "hello", stream).send().await;
        assert_eq!(answer.status, 200, "{}", answer.text());
    }
    google.script().update(|script| script.key(key("one"), fault(Fault::SlowFirstByte(SLOW))));
    (google, gateway)
}

/// Asks until the slow key had its turn.
async fn meet_the_slow_key(google: &FakeGemini, gateway: &Gateway, surface: Surface, stream: bool) {
    let before = calls(google, "one");
    while calls(google, "one") == before {
        let answer = gateway.client().ask(surface, MODEL, "hello", stream).send().await;
        assert_eq!(answer.status, 200, "{}", answer.text());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slow_attempt_is_overtaken_by_one_with_another_key() {
    for surface in Surface::ALL {
        for stream in [false, true] {
            let (google, gateway) = accustomed(surface, stream, "100").await;
            let began = Instant::now();
            meet_the_slow_key(&google, &gateway, surface, stream).await;
            assert!(began.elapsed() < SLOW / 2, "{surface:?} {stream}: {:?}", began.elapsed());
            // The one that was overtaken is cancelled, and nobody is to blame.
            eventually("Google sees that nobody waits", || async { google.open_streams() == 0 })
                .await;
            assert_eq!(gateway.keys("ready").await, 2);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn both_attempts_are_written_down_and_the_one_that_answered_is_named() {
    let (google, gateway) = accustomed(Surface::OpenAi, false, "100").await;
    meet_the_slow_key(&google, &gateway, Surface::OpenAi, false).await;
    let mut hedged = Vec::new();
    eventually("it is in the log", || async {
        let records = gateway.records().await;
        records.requests().await.iter().any(|request| request.attempts == 2)
    })
    .await;
    let records = gateway.records().await;
    hedged.extend(records.requests().await.into_iter().filter(|one| one.attempts == 2));
    assert_eq!(hedged[0].key_mask.as_deref(), Some(secret::mask(&key("two")).as_str()));
    assert_eq!(hedged[0].outcome, "served");
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_sent_twice_unless_it_is_switched_on() {
    let (google, gateway) = accustomed(Surface::Gemini, false, "0").await;
    let slow = Duration::from_millis(700);
    google.script().update(|script| script.key(key("one"), fault(Fault::SlowFirstByte(slow))));
    let before = google.received().len();
    for _ in 0..4 {
        assert_eq!(gateway.client().generate("hello").send().await.status, 200);
    }
    assert_eq!(google.received().len() - before, 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_attempt_that_fails_beside_another_costs_nothing() {
    let (google, gateway) = accustomed(Surface::Gemini, false, "100").await;
    // The slow one answers after all, the quick one fails.
    let slow = Duration::from_millis(1500);
    google.script().update(|script| {
        script
            .key(key("one"), fault(Fault::SlowFirstByte(slow)))
            .key(key("two"), fault(Fault::Status503))
    });
    let before = calls(&google, "one");
    while calls(&google, "one") == before {
        assert_eq!(gateway.client().generate("hello").send().await.status, 200);
    }
}
