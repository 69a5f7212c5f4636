//! The pool's promises: dead keys, spent quotas, and what is said when nothing is left.

use std::time::Duration;

use fake_gemini::{FakeGemini, Fault, KeyPlan, Quota, Script, VirtualClock};
use testkit::{Gateway, MODEL, OTHER_MODEL, Surface, eventually, key};

use crate::house::{all_calls, calls, fault, house, setup, spent_for};

#[tokio::test(flavor = "multi_thread")]
async fn ten_keys_of_which_seven_are_useless_serve_every_request() {
    let names = ["inv1", "inv2", "inv3", "sus1", "sus2", "spent1", "spent2", "ok1", "ok2", "ok3"];
    let mut script = Script::new();
    for name in names {
        let plan = match &name[..3] {
            "inv" => KeyPlan::Invalid,
            "sus" => KeyPlan::Suspended,
            "spe" => fault(Fault::ErrorBody("q_rpd_free".to_owned())),
            _ => KeyPlan::Valid,
        };
        script = script.key(key(name), plan);
    }
    let google = FakeGemini::start(script).await.unwrap();
    let gateway = setup().google(&google).keys(names.map(key)).start().await;
    let client = gateway.client();

    for number in 0..200 {
        let surface = Surface::ALL[number % 2];
        let model = [MODEL, OTHER_MODEL][number / 2 % 2];
        let answer = client.ask(surface, model, "hello", number % 5 == 0).send().await;
        assert_eq!(answer.status, 200, "request {number}: {}", answer.text());
    }
    let by_key = google.calls_by_key();
    let by_model = google.calls_by_key_and_model();
    for name in names {
        let (key, served) = (key(name), by_key[&key(name)]);
        match &name[..3] {
            "inv" | "sus" => assert_eq!(served, 1, "{name}"),
            "spe" => {
                for model in [MODEL, OTHER_MODEL] {
                    assert_eq!(by_model[&(key.clone(), model.to_owned())], 1, "{name} {model}");
                }
            }
            _ => assert!((60..75).contains(&served), "{name} served {served}"),
        }
    }
    assert_eq!(gateway.keys("dead").await, 5);
    assert_eq!(gateway.keys("cooling").await, 2);
    assert_eq!(gateway.keys("ready").await, 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dead_key_is_kept_with_its_reason_and_survives_a_kill() {
    let (google, mut gateway) = house([
        ("bad", KeyPlan::Invalid),
        ("old", KeyPlan::Expired),
        ("leaked", KeyPlan::Leaked),
        ("off", KeyPlan::ServiceDisabled),
        ("ok", KeyPlan::Valid),
    ])
    .await;
    assert_eq!(gateway.client().generate("hello").send().await.status, 200);
    for _ in 0..4 {
        assert_eq!(gateway.client().generate("hello").send().await.status, 200);
    }
    let reasons =
        [("bad", "invalid"), ("old", "expired"), ("leaked", "leaked"), ("off", "service_disabled")];
    for (name, reason) in reasons {
        eventually("the death is written down", || async {
            gateway.standing(&key(name)).await["state"] == "dead"
        })
        .await;
        let standing = gateway.standing(&key(name)).await;
        assert_eq!(standing["dead_reason"], reason, "{standing}");
        assert!(standing["dead_since"].is_string(), "{standing}");
    }
    gateway.kill().await;
    gateway.start_again().await;
    assert_eq!(gateway.keys("dead").await, 4);
    for _ in 0..5 {
        assert_eq!(gateway.client().chat("hello").send().await.status, 200);
    }
    for (name, _) in reasons {
        assert_eq!(calls(&google, name), 1, "{name}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_out_of_quota_for_one_model_still_serves_another() {
    let script = Script::new().key(key("one"), KeyPlan::Valid).model_quota(
        key("one"),
        MODEL,
        Quota::new().rpm(1),
    );
    let google = FakeGemini::start(script).await.unwrap();
    let gateway = setup().google(&google).keys([key("one")]).start().await;
    let client = gateway.client();
    for surface in Surface::ALL {
        client.ask(surface, MODEL, "hello", false).send().await;
        assert_eq!(client.ask(surface, MODEL, "hello", false).send().await.status, 429);
        assert_eq!(client.ask(surface, OTHER_MODEL, "hello", false).send().await.status, 200);
        // What is about no model's quota goes on, too.
        let known = client.get(&format!("/v1beta/models/{MODEL}")).send().await;
        assert_eq!(known.status, 200, "{}", known.text());
    }
    let of_model = google.calls_by_key_and_model()[&(key("one"), MODEL.to_owned())];
    // Served once, refused once, asked about twice.
    assert_eq!(of_model, 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_exhausted_pool_says_truly_when_to_come_back_and_asks_google_nothing() {
    let (google, gateway) = house([("one", spent_for(40)), ("two", spent_for(33))]).await;
    let client = gateway.client();
    assert_eq!(client.generate("hello").send().await.status, 429);
    assert_eq!((calls(&google, "one"), calls(&google, "two")), (1, 1));
    for surface in Surface::ALL {
        for stream in [false, true] {
            let answer = client.ask(surface, MODEL, "hello", stream).send().await;
            let error = surface.error(&answer);
            assert_eq!(error.status, 429, "{surface:?} {}", answer.text());
            let seconds: u64 = answer.header("retry-after").unwrap().parse().unwrap();
            assert!((20..=33).contains(&seconds), "the nearest release is 33 s away: {seconds}");
            let (from, to) = known_release(&gateway, "two").await;
            assert!((from..=to).contains(&(seconds as i64)), "{seconds} is not {from} to {to}");
            assert!(error.message.contains("2 out of quota"), "{}", error.message);
        }
    }
    assert_eq!(all_calls(&google), 2, "the pool knew the answer");
}

/// Seconds until the pool releases a key, give or take one.
async fn known_release(gateway: &Gateway, name: &str) -> (i64, i64) {
    eventually("the block is written down", || async {
        gateway.standing(&key(name)).await["state"] == "cooling"
    })
    .await;
    let standing = gateway.standing(&key(name)).await;
    let until = standing["blocks"][0]["until"].as_str().unwrap_or_else(|| panic!("{standing}"));
    let until = until.parse::<jiff::Timestamp>().unwrap();
    let seconds = until.duration_since(jiff::Timestamp::now()).as_secs();
    (seconds - 1, seconds + 2)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_daily_quota_ends_at_midnight_in_california() {
    let (google, gateway) =
        house([("one", fault(Fault::ErrorBody("q_rpd_free".to_owned())))]).await;
    let clock = VirtualClock::new();
    let now = clock.now_millis();
    clock.advance_to_pacific_midnight();
    let left = (clock.now_millis() - now) / 1000;
    for surface in Surface::ALL {
        let answer = gateway.client().ask(surface, MODEL, "hello", false).send().await;
        assert_eq!(surface.error(&answer).status, 429, "{}", answer.text());
        let seconds: i64 = answer.header("retry-after").unwrap().parse().unwrap();
        // Google is late with its counters at times; ten minutes are no lie.
        assert!((left - 15..left + 600).contains(&seconds), "{seconds} s, midnight in {left} s");
    }
    assert_eq!(all_calls(&google), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_spent_quota_is_known_after_a_restart() {
    let (google, mut gateway) = house([("one", spent_for(300)), ("ok", KeyPlan::Valid)]).await;
    for _ in 0..3 {
        assert_eq!(gateway.client().chat("hello").send().await.status, 200);
    }
    eventually("the block is written down", || async {
        gateway.standing(&key("one")).await["state"] == "cooling"
    })
    .await;
    gateway.kill().await;
    gateway.start_again().await;
    for _ in 0..3 {
        assert_eq!(gateway.client().chat("hello").send().await.status, 200);
    }
    assert_eq!(calls(&google, "one"), 1);
    assert_eq!(gateway.stop().await, Some(0));
    gateway.start_again().await;
    assert_eq!(gateway.client().chat("hello").send().await.status, 200);
    assert_eq!(calls(&google, "one"), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pool_without_a_living_key_says_503_and_what_to_do() {
    let (google, gateway) = house([("bad", KeyPlan::Invalid), ("gone", KeyPlan::Suspended)]).await;
    for surface in Surface::ALL {
        let answer = gateway.client().ask(surface, MODEL, "hello", true).send().await;
        let error = surface.error(&answer);
        assert_eq!(error.status, 503, "{}", answer.text());
        assert!(answer.header("retry-after").is_none(), "waiting does not help");
        assert!(error.message.contains("2 dead"), "{}", error.message);
    }
    assert_eq!(all_calls(&google), 2);

    let empty = setup().google(&google).start().await;
    for surface in Surface::ALL {
        let answer = empty.client().ask(surface, MODEL, "hello", false).send().await;
        let error = surface.error(&answer);
        assert_eq!(error.status, 503);
        assert!(error.message.contains("gemini-balance keys add"), "{}", error.message);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_frees_within_the_wait_serves_the_request() {
    for surface in Surface::ALL {
        let (google, gateway) = house([("one", KeyPlan::Valid)]).await;
        google.script().update(|script| script.sequence(key("one"), vec![spent_for(1)]));
        let answer = gateway.client().ask(surface, MODEL, "hello", false).send().await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        let received = google.received();
        assert_eq!(received.len(), 2);
        let pause = received[1].at - received[0].at;
        assert!(pause >= 990, "Google asked for 1 s, the key came back after {pause} ms");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_waits_where_waiting_is_turned_off_or_would_be_too_long() {
    for (wait, spent) in [("0", 1), ("2", 30)] {
        let google = crate::house::google([("one", spent_for(spent))]).await;
        let setup = setup().google(&google).keys([key("one")]).with("POOL_WAIT", wait);
        let gateway = setup.start().await;
        let asked = std::time::Instant::now();
        let answer = gateway.client().chat("hello").send().await;
        assert_eq!(Surface::OpenAi.error(&answer).status, 429);
        assert_eq!(answer.header("retry-after").unwrap(), spent.to_string());
        assert!(asked.elapsed() < Duration::from_millis(900), "it waited although it must not");
        assert_eq!(all_calls(&google), 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_that_worked_and_die_together_are_each_asked_once_more() {
    let names = ["a", "b", "c", "d", "e"];
    let (google, gateway) = house(names.map(|name| (name, KeyPlan::Valid))).await;
    for _ in names {
        assert_eq!(gateway.client().chat("hello").send().await.status, 200);
    }
    google.script().update(|script| script.keys(names.map(key), &KeyPlan::Suspended));
    // Checks that follow are no traffic.
    let attempts = || {
        let received = google.received();
        received.iter().filter(|one| one.operation == "generateContent").count()
    };
    let before = attempts();
    for _ in 0..10 {
        assert_eq!(gateway.client().chat("hello").send().await.status, 503);
    }
    assert_eq!(attempts() - before, names.len());
    assert_eq!(gateway.keys("dead").await, names.len() as u64);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_that_meets_too_many_spent_keys_is_told_to_come_again() {
    let names: Vec<_> = (0..70).map(|number| key(&format!("spent{number}"))).collect();
    let script = Script::new().keys(names.clone(), &spent_for(40));
    let google = FakeGemini::start(script).await.unwrap();
    let gateway = setup().google(&google).keys(names).start().await;
    let answer = gateway.client().chat("hello").send().await;
    assert_eq!(answer.status, 429, "{}", answer.text());
    // Those that were asked said 40 s, a moment ago.
    let told: u64 = answer.header("retry-after").unwrap().parse().unwrap();
    assert!((39..=40).contains(&told), "{told} s");
    assert_eq!(Surface::OpenAi.error(&answer).code, "pool_exhausted");
    assert_eq!(all_calls(&google), 64);
}
