//! Many requests at once.

use std::time::Duration;

use fake_gemini::{FakeGemini, KeyPlan, Quota, Script};
use testkit::{Answer, Client, MODEL, Surface, key};
use tokio::task::JoinHandle;

use crate::house::{all_calls, calls, google, house, setup, spent_for};

/// As many requests as asked for, side by side, in both dialects, whole and streamed.
async fn at_once(client: &Client, count: usize) -> Vec<(Surface, Answer)> {
    let asked: Vec<(Surface, JoinHandle<Answer>)> = (0..count)
        .map(|number| {
            let surface = Surface::ALL[number % 2];
            let ask = client.ask(surface, MODEL, &format!("nonce-{number}-"), number % 4 > 1);
            (surface, tokio::spawn(ask.send()))
        })
        .collect();
    let mut answers = Vec::new();
    for (surface, asked) in asked {
        answers.push((surface, asked.await.unwrap()));
    }
    answers
}

#[tokio::test(flavor = "multi_thread")]
async fn everybody_gets_the_answer_to_their_own_question() {
    let names = ["a", "b", "bad", "gone", "c"];
    let (_google, gateway) = house([
        ("a", KeyPlan::Valid),
        ("b", KeyPlan::Valid),
        ("bad", KeyPlan::Invalid),
        ("gone", KeyPlan::Suspended),
        ("c", KeyPlan::Valid),
    ])
    .await;
    assert_eq!(gateway.keys("total").await, names.len() as u64);
    for (number, (_, answer)) in at_once(&gateway.client(), 200).await.into_iter().enumerate() {
        assert_eq!(answer.status, 200, "{}", answer.text());
        // Streams cut the text in pieces, at blanks only.
        let nonces = answer.text().matches("nonce-").count();
        assert!(answer.text().contains(&format!("nonce-{number}-")), "{}", answer.text());
        assert_eq!(nonces, answer.text().matches(&format!("nonce-{number}-")).count());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn all_who_wait_for_a_key_are_served_when_it_frees_and_not_before() {
    let (google, gateway) = house([("one", KeyPlan::Valid), ("two", spent_for(300))]).await;
    google.script().update(|script| script.sequence(key("one"), vec![spent_for(2)]));
    // The first to come learns that the key is spent.
    let client = gateway.client();
    let first = tokio::spawn(client.chat("hello").send());
    testkit::eventually("the key is spent", || async { gateway.keys("cooling").await == 2 }).await;
    for (_, answer) in at_once(&client, 60).await {
        assert_eq!(answer.status, 200, "{}", answer.text());
    }
    assert_eq!(first.await.unwrap().status, 200);
    let received = google.received();
    let one = received.iter().filter(|seen| seen.key.as_deref() == Some(key("one").as_str()));
    let times: Vec<_> = one.map(|seen| seen.at).collect();
    assert_eq!(times.len(), 62);
    assert!(times[1] - times[0] >= 1990, "asked {} ms later", times[1] - times[0]);
    assert_eq!(calls(&google, "two"), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_crowd_meets_a_quota_and_is_told_to_come_back() {
    let quota = Quota::new().rpm(10);
    let script = Script::new().keys([key("a"), key("b")], &KeyPlan::Valid).standard_quota(quota);
    let google = FakeGemini::start(script).await.unwrap();
    let setup = setup().google(&google).keys([key("a"), key("b")]).with("POOL_WAIT", "0");
    let gateway = setup.start().await;
    let answers = at_once(&gateway.client(), 100).await;
    let served = answers.iter().filter(|(_, answer)| answer.status == 200).count();
    assert_eq!(served, 20, "what Google gives is used up");
    for (surface, answer) in answers.iter().filter(|(_, answer)| answer.status != 200) {
        assert_eq!(surface.error(answer).status, 429);
        let seconds: u64 = answer.header("retry-after").unwrap().parse().unwrap();
        // A minute by Google's count, and up to a second by which the pool is careful.
        assert!((1..=61).contains(&seconds), "{seconds}");
    }
    let before = all_calls(&google);
    assert!(at_once(&gateway.client(), 40).await.iter().all(|(_, answer)| answer.status == 429));
    assert_eq!(all_calls(&google), before, "the pool has learned");
    assert_eq!(gateway.keys("dead").await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_region_that_google_does_not_serve_is_no_keys_fault() {
    let google =
        google([("a", KeyPlan::LocationUnsupported), ("b", KeyPlan::LocationUnsupported)]).await;
    let gateway = setup().google(&google).keys([key("a"), key("b")]).start().await;
    for surface in Surface::ALL {
        let answer = gateway.client().ask(surface, MODEL, "hello", false).send().await;
        let error = surface.error(&answer);
        assert!(error.status >= 400 && error.message.contains("location"), "{}", answer.text());
    }
    assert!(all_calls(&google) <= 6);
    assert_eq!(gateway.keys("dead").await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_outage_of_google_is_not_multiplied() {
    let script = ["a", "b", "c", "d", "e", "f"].map(key);
    let script = Script::new().keys(script, &crate::house::fault(fake_gemini::Fault::Status503));
    let google = FakeGemini::start(script).await.unwrap();
    let setup = setup().google(&google).keys(["a", "b", "c", "d", "e", "f"].map(key));
    let gateway = setup.start().await;
    let began = std::time::Instant::now();
    let answers = at_once(&gateway.client(), 150).await;
    assert!(answers.iter().all(|(_, answer)| answer.status == 503 || answer.status == 429));
    // A fifth of the requests, and ten a second beside.
    let seconds = began.elapsed().max(Duration::from_secs(1)).as_secs() + 1;
    let allowed = 150 + 30 + 10 * seconds;
    assert!(all_calls(&google) <= allowed, "{} calls, {allowed} allowed", all_calls(&google));
}
