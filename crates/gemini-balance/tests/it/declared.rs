//! Limits that the administrator knows: kept without Google having to say them.

use std::time::{Duration, Instant};

use fake_gemini::{FakeGemini, KeyPlan, Quota, Script};
use testkit::{Gateway, MODEL, OTHER_MODEL, Surface, eventually, key};

use crate::house::{all_calls, setup};
use crate::program::Program;

/// Google with two keys that have a quota for one model, and a gateway that was told `limits`.
async fn told(quota: &Quota, limits: &str) -> (FakeGemini, Gateway) {
    let names = ["one", "two"];
    let script = names.into_iter().fold(Script::new(), |script, name| {
        script.key(key(name), KeyPlan::Valid).model_quota(key(name), MODEL, *quota)
    });
    let google = FakeGemini::start(script).await.unwrap();
    let setup = setup().google(&google).keys(names.map(key));
    let gateway = setup.with("QUOTA_LIMITS", limits).with("POOL_WAIT", "0").start().await;
    (google, gateway)
}

/// How many requests are served until one is not, for want of quota.
async fn served(gateway: &Gateway, model: &str) -> usize {
    for count in 0..50 {
        let surface = Surface::ALL[count % 2];
        let answer = gateway.client().ask(surface, model, "hello", false).send().await;
        if answer.status == 429 {
            assert!(answer.header("retry-after").is_some(), "{}", answer.text());
            return count;
        }
        assert_eq!(answer.status, 200, "{}", answer.text());
    }
    50
}

#[tokio::test(flavor = "multi_thread")]
async fn google_never_has_to_say_what_was_declared() {
    let limits = r#"[{"model":"gemini-2.5-flash*","requests_per_minute":4}]"#;
    let (google, gateway) = told(&Quota::new().rpm(4), limits).await;
    assert_eq!(served(&gateway, MODEL).await, 8);
    assert_eq!(all_calls(&google), 8, "no call that Google would have refused");
    assert_eq!(served(&gateway, OTHER_MODEL).await, 50, "another model is not concerned");
    assert_eq!(gateway.keys("cooling").await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn other_limits_are_in_force_within_two_seconds() {
    let (google, gateway) = told(&Quota::new(), r#"[{"requests_per_day":2}]"#).await;
    assert_eq!(served(&gateway, MODEL).await, 4);
    let limits = r#"[{"tier":0,"requests_per_day":3},{"tier":9,"requests_per_day":1000}]"#;
    gateway.run(&["config", "set", "QUOTA_LIMITS", limits]).await.ok();
    let since = Instant::now();
    eventually("one more is served", || async { served(&gateway, MODEL).await > 0 }).await;
    assert!(since.elapsed() < Duration::from_secs(2));
    assert_eq!(all_calls(&google), 6, "one more for each key");
    gateway.run(&["config", "unset", "QUOTA_LIMITS"]).await.ok();
    gateway.run(&["config", "set", "QUOTA_LIMITS", "[]"]).await.ok();
    eventually("nothing is limited", || async { served(&gateway, MODEL).await == 50 }).await;
}

#[test]
fn a_wrong_limit_is_named_by_its_field() {
    let mut program = Program::new();
    for (limits, expected) in [
        (r#"[{"requests_per_minute":"ten"}]"#, "entry 1: requests_per_minute: "),
        (r#"[{"rpm":10}]"#, "entry 1: rpm: is no field"),
        (r#"[{"model":"a"},{}]"#, "entry 1: model limits nothing"),
    ] {
        let error = program.run(&["config", "set", "QUOTA_LIMITS", limits]).fails(2);
        assert!(error.contains("QUOTA_LIMITS: ") && error.contains(expected), "{error}");
    }
    let limits = r#"[{"project": "shop", "tokens_per_day": 5000000, "model": "models/gemini-*"}]"#;
    program.ok(&["config", "set", "QUOTA_LIMITS", limits]);
    let value = program.json(&["config", "get", "QUOTA_LIMITS"])["value"].clone();
    assert_eq!(value, r#"[{"project":"shop","model":"gemini-*","tokens_per_day":5000000}]"#);
    program.set("QUOTA_LIMITS", "7");
    let error = program.run(&["keys", "list"]).fails(2);
    assert!(error.contains("QUOTA_LIMITS: "), "{error}");
}
