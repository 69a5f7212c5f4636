//! Two gateways on one database: what one has learned, the other knows.

use std::time::{Duration, Instant};

use fake_gemini::{FakeGemini, KeyPlan};
use keypool::Learned;
use testkit::{Gateway, Setup, Surface, eventually, key};

use crate::house::{all_calls, calls, google, setup, spent_for};

const PROMISED: Duration = Duration::from_secs(2);

/// Two gateways that share a database; the second is started after the first.
async fn pair(first: Setup, second: Setup) -> [Gateway; 2] {
    let first = first.start().await;
    let database = format!("sqlite://{}", first.setup().database().display());
    let second = second.with("DATABASE_URL", database).start().await;
    [first, second]
}

fn common(google: &FakeGemini, names: &[&str]) -> Setup {
    setup().google(google).keys(names.iter().map(|name| key(name))).with("POOL_WAIT", "0")
}

async fn ask(gateway: &Gateway, number: usize) -> u16 {
    let client = gateway.client();
    client.ask(Surface::ALL[number % 2], testkit::MODEL, "hello", false).send().await.status
}

/// Waits until a gateway shows so many keys in a state, within two seconds.
async fn shows(gateway: &Gateway, state: &str, count: u64) {
    let since = Instant::now();
    eventually(&format!("{count} keys are {state}"), || async {
        gateway.keys(state).await == count
    })
    .await;
    assert!(since.elapsed() < PROMISED, "{state} took {:?}", since.elapsed());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_dies_in_one_is_not_asked_by_the_other_until_it_is_revived() {
    let google = google([("bad", KeyPlan::Leaked), ("ok", KeyPlan::Valid)]).await;
    let names = ["bad", "ok"];
    let gateways = pair(common(&google, &names), common(&google, &names)).await;
    let [one, two] = &gateways;
    for number in 0..4 {
        assert_eq!(ask(one, number).await, 200);
    }
    assert_eq!((one.keys("dead").await, calls(&google, "bad")), (1, 1));
    shows(two, "dead", 1).await;
    for number in 0..4 {
        assert_eq!(ask(two, number).await, 200);
    }
    assert_eq!(calls(&google, "bad"), 1);

    google.script().update(|script| script.key(key("bad"), KeyPlan::Valid));
    two.run(&["keys", "check"]).await.ok();
    for gateway in &gateways {
        shows(gateway, "ready", 2).await;
    }
    // And the other way round.
    google.script().update(|script| script.key(key("bad"), KeyPlan::Suspended));
    let before = calls(&google, "bad");
    for number in 0..4 {
        assert_eq!(ask(two, number).await, 200);
    }
    shows(one, "dead", 1).await;
    for number in 0..4 {
        assert_eq!(ask(one, number).await, 200);
    }
    assert_eq!(calls(&google, "bad") - before, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_quota_that_one_has_met_is_left_alone_by_the_other_until_it_is_released() {
    let google = google([("spent", spent_for(6)), ("ok", KeyPlan::Valid)]).await;
    let names = ["spent", "ok"];
    let [one, two] = &pair(common(&google, &names), common(&google, &names)).await;
    for number in 0..4 {
        assert_eq!(ask(one, number).await, 200);
    }
    shows(two, "cooling", 1).await;
    for number in 0..4 {
        assert_eq!(ask(two, number).await, 200);
    }
    assert_eq!(calls(&google, "spent"), 1);
    google.script().update(|script| script.key(key("spent"), KeyPlan::Valid));
    for gateway in [two, one] {
        eventually("it is released", || async { gateway.keys("cooling").await == 0 }).await;
    }
    for number in 0..4 {
        assert_eq!(ask(two, number).await, 200);
    }
    assert!(calls(&google, "spent") > 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_one_uses_the_other_does_not_use_again_nor_after_a_restart() {
    let google = google([("one", KeyPlan::Valid)]).await;
    let limits = r#"[{"requests_per_day":6}]"#;
    let common = || common(&google, &["one"]).with("QUOTA_LIMITS", limits);
    let [mut first, mut second] = pair(common(), common()).await;
    for number in 0..4 {
        assert_eq!(ask(&first, number).await, 200);
    }
    counted(&first, 4).await;
    heard(&google, &second, "bad").await;
    let mut served = 0;
    while ask(&second, served).await == 200 {
        served += 1;
    }
    assert_eq!((served, calls(&google, "one")), (2, 6));
    counted(&first, 6).await;
    heard(&google, &first, "worse").await;
    assert_eq!(ask(&first, 0).await, 429);

    first.kill().await;
    assert_eq!(second.stop().await, Some(0));
    for gateway in [&mut first, &mut second] {
        gateway.start_again().await;
        assert_eq!(ask(gateway, 0).await, 429);
    }
    assert_eq!(calls(&google, "one"), 6);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_limit_that_one_was_told_the_other_keeps() {
    let google = google([("one", KeyPlan::Valid)]).await;
    google.script().update(|script| script.sequence(key("one"), vec![spent_for(1)]));
    let [first, second] = &pair(common(&google, &["one"]), common(&google, &["one"])).await;
    assert_eq!(ask(first, 0).await, 429);
    shows(second, "cooling", 1).await;
    let learned = first.records().await.learned().await;
    assert!(
        learned.iter().any(|entry| matches!(entry, Learned::Limit(limit) if limit.limit == 1_000))
    );
    assert_eq!(all_calls(&google), 1);
}

/// Waits until it is written down that so many requests were served.
async fn counted(gateway: &Gateway, requests: u64) {
    eventually("what was used is written down", || async {
        let learned = gateway.records().await.learned().await;
        let used = learned.iter().map(|entry| match entry {
            Learned::Usage(usage) => usage.day.requests,
            _ => 0,
        });
        used.sum::<u64>() == requests
    })
    .await;
}

/// Waits until a gateway has heard all that was written down so far: it has if it knows of a death
/// that was written down after that.
async fn heard(google: &FakeGemini, gateway: &Gateway, name: &str) {
    google.script().update(|script| script.key(key(name), KeyPlan::Leaked));
    let dead = gateway.keys("dead").await;
    gateway.run(&["keys", "add", &key(name), "--name", name]).await.ok();
    gateway.run(&["keys", "check", name]).await.ok();
    shows(gateway, "dead", dead + 1).await;
}
