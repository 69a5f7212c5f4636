//! What is changed on the command line is in force within two seconds, and no request fails of it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use fake_gemini::KeyPlan;
use testkit::{Gateway, MODEL, Surface, eventually, key};

use crate::house::{calls, google, house, setup, spent_for};

const PROMISED: Duration = Duration::from_secs(2);

/// Waits until `condition` holds and checks that the promise was kept, `since` the command ended.
macro_rules! within_two_seconds {
    ($since:expr, $what:expr, $condition:expr) => {
        eventually($what, || async { $condition }).await;
        assert!($since.elapsed() < PROMISED, "{} took {:?}", $what, $since.elapsed());
    };
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_are_added_disabled_enabled_and_removed_while_serving() {
    let google = google([("one", KeyPlan::Valid), ("two", KeyPlan::Valid)]).await;
    let gateway = setup().google(&google).start().await;
    let client = gateway.client();
    let status = || async { client.chat("hello").send().await.status };
    assert_eq!(status().await, 503);

    gateway.run(&["keys", "add", &key("one"), "--name", "first"]).await.ok();
    let since = Instant::now();
    within_two_seconds!(since, "the first key serves", status().await == 200);
    gateway.run(&["keys", "disable", "first"]).await.ok();
    let since = Instant::now();
    within_two_seconds!(since, "a disabled key serves no more", status().await == 503);
    gateway.run(&["keys", "enable", "first"]).await.ok();
    let since = Instant::now();
    within_two_seconds!(since, "an enabled key serves again", status().await == 200);
    gateway.run(&["keys", "add", &key("two")]).await.ok();
    let since = Instant::now();
    within_two_seconds!(since, "the second key serves too", {
        status().await;
        calls(&google, "two") > 0
    });
    gateway.run(&["keys", "remove", "first"]).await.ok();
    let since = Instant::now();
    within_two_seconds!(since, "the first key is gone", gateway.keys("total").await == 1);
    let before = calls(&google, "one");
    for _ in 0..4 {
        assert_eq!(status().await, 200);
    }
    assert_eq!(calls(&google, "one"), before);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dead_key_that_a_person_enables_is_asked_again() {
    let (google, gateway) = house([("one", KeyPlan::Invalid)]).await;
    let client = gateway.client();
    assert_eq!(client.chat("hello").send().await.status, 503);
    eventually("the death is written down", || async {
        gateway.standing(&key("one")).await["state"] == "dead"
    })
    .await;
    google.script().update(|script| script.key(key("one"), KeyPlan::Valid));
    assert_eq!(client.chat("hello").send().await.status, 503, "dead is dead until then");
    gateway.run(&["keys", "enable", &key("one")]).await.ok();
    let since = Instant::now();
    within_two_seconds!(since, "it lives", client.chat("hello").send().await.status == 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dead_key_that_a_check_finds_alive_is_asked_again() {
    let (google, gateway) = house([("one", KeyPlan::Leaked)]).await;
    let client = gateway.client();
    assert_eq!(client.chat("hello").send().await.status, 503);
    eventually("the death is written down", || async {
        gateway.standing(&key("one")).await["state"] == "dead"
    })
    .await;
    google.script().update(|script| script.key(key("one"), KeyPlan::Valid));
    gateway.run(&["keys", "check"]).await.ok();
    let since = Instant::now();
    within_two_seconds!(since, "it lives", client.chat("hello").send().await.status == 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn tokens_are_made_and_revoked_while_serving() {
    let (_google, gateway) = house([("one", KeyPlan::Valid)]).await;
    let token = gateway.run(&["tokens", "create", "laptop"]).await.ok();
    let client = gateway.client_with(token.trim());
    let since = Instant::now();
    let status = || async { client.chat("hello").send().await.status };
    within_two_seconds!(since, "a new token is let in", status().await == 200);
    gateway.run(&["tokens", "revoke", "laptop"]).await.ok();
    let since = Instant::now();
    within_two_seconds!(since, "a revoked one is not", status().await == 401);
    assert_eq!(gateway.client().chat("hello").send().await.status, 200, "others are");
}

#[tokio::test(flavor = "multi_thread")]
async fn settings_are_changed_and_taken_back_while_serving() {
    let google = google([("one", spent_for(3))]).await;
    let setup = setup().google(&google).keys([key("one")]).with("POOL_WAIT", "0");
    let gateway = setup.start().await;
    assert_eq!(gateway.client().chat("hello").send().await.status, 429);
    gateway.run(&["config", "set", "MAX_BODY_SIZE", "1KB"]).await.ok();
    let since = Instant::now();
    let large = "x".repeat(2000);
    let status = || async { gateway.client().generate(&large).send().await.status };
    within_two_seconds!(since, "the new limit holds", status().await == 413);
    gateway.run(&["config", "unset", "MAX_BODY_SIZE"]).await.ok();
    let since = Instant::now();
    within_two_seconds!(since, "the old limit holds again", status().await != 413);

    google.script().update(|script| {
        script.key(key("one"), KeyPlan::Valid).sequence(key("one"), vec![spent_for(2)])
    });
    gateway.run(&["config", "set", "POOL_WAIT", "20"]).await.ok();
    eventually("requests wait for the key", || async {
        gateway.client().chat("hello").send().await.status == 200
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_setting_that_makes_no_sense_is_refused_and_changes_nothing() {
    let (_google, gateway) = house([("one", KeyPlan::Valid)]).await;
    for (name, value) in [("POOL_WAIT", "soon"), ("MAX_RETRIES", "99"), ("PROXIES", "ftp://x")] {
        let error = gateway.run(&["config", "set", name, value]).await.fails(2);
        assert!(error.contains(name), "{error}");
    }
    assert_eq!(gateway.client().chat("hello").send().await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn under_load_no_change_costs_a_request() {
    let names = ["a", "b", "c", "d"];
    let google = google(names.map(|name| (name, KeyPlan::Valid))).await;
    let gateway = setup().google(&google).keys([key("a"), key("b")]).start().await;
    let stop = Arc::new(AtomicBool::new(false));
    let clients = (0..4).map(|number: usize| {
        let (client, stop) = (gateway.client(), Arc::clone(&stop));
        tokio::spawn(async move {
            let mut served = 0;
            while !stop.load(Ordering::Relaxed) {
                let ask = client.ask(Surface::ALL[number % 2], MODEL, "hello", number >= 2);
                let answer = ask.send().await;
                assert!(answer.status == 200 && answer.ended_well, "{}", answer.text());
                served += 1;
            }
            served
        })
    });
    let clients: Vec<_> = clients.collect();
    changes(&gateway).await;
    stop.store(true, Ordering::Relaxed);
    for client in clients {
        assert!(client.await.unwrap() > 10);
    }
    assert!(calls(&google, "c") > 0 && calls(&google, "d") > 0, "the changes were in force");
}

/// Changes of every kind, one after the other, each taken up before the next.
async fn changes(gateway: &Gateway) {
    let total = |count| {
        eventually(
            "the keys are taken up",
            move || async move { gateway.keys("total").await == count },
        )
    };
    gateway.run(&["keys", "add", &key("c")]).await.ok();
    total(3).await;
    gateway.run(&["keys", "remove", &key("a")]).await.ok();
    total(2).await;
    gateway.run(&["config", "set", "CUSTOM_HEADERS", r#"{"x-team":"blue"}"#]).await.ok();
    gateway.run(&["config", "set", "LOG_LEVEL", "warn"]).await.ok();
    gateway.run(&["tokens", "create", "other"]).await.ok();
    gateway.run(&["keys", "add", &key("d")]).await.ok();
    total(3).await;
    gateway.run(&["keys", "disable", &key("b")]).await.ok();
    eventually("a key is disabled", || async { gateway.keys("disabled").await == 1 }).await;
    gateway.run(&["tokens", "revoke", "other"]).await.ok();
    gateway.run(&["config", "unset", "CUSTOM_HEADERS"]).await.ok();
    gateway.run(&["keys", "add", &key("a")]).await.ok();
    total(4).await;
}
