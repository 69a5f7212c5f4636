//! Keys that work again come back: by a check that a scheduler asks for, and by themselves after
//! they died together.

use fake_gemini::{FakeGemini, Fault, KeyPlan};
use serde_json::{Value, json};
use testkit::{Answer, Ask, Gateway, eventually, key};

use crate::house::{calls, fault, google, house, setup};

const SECRET: &str = "e2e-cron-secret";
const METRICS: &str = "e2e-metrics-token";

fn cron(gateway: &Gateway, method: &str) -> Ask {
    let ask = gateway.client().anonymous(method, "/api/cron/health-check");
    ask.header("authorization", &format!("Bearer {SECRET}"))
}

/// What a check came to, without its note.
async fn check(gateway: &Gateway) -> Value {
    let answer = cron(gateway, "GET").send().await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let mut report = answer.json();
    report.as_object_mut().unwrap().remove("note").unwrap();
    report
}

fn report(checked: usize, alive: usize, dead: usize, revived: usize) -> Value {
    let unclear = checked - alive - dead;
    json!({"checked": checked, "alive": alive, "dead": dead, "unclear": unclear, "revived": revived})
}

/// Google with these keys, and a gateway that has the same and lets schedulers in.
async fn watched<const N: usize>(keys: [(&str, KeyPlan); N]) -> (FakeGemini, Gateway) {
    let names = keys.clone().map(|(name, _)| key(name));
    let google = google(keys).await;
    let setup = setup().google(&google).keys(names).with("CRON_SECRET", SECRET);
    let gateway = setup.with("METRICS_TOKEN", METRICS).start().await;
    (google, gateway)
}

/// How often Google was asked to count tokens with this key.
fn checks(google: &FakeGemini, name: &str) -> usize {
    let received = google.received();
    let of_key = received.iter().filter(|one| one.key.as_deref() == Some(key(name).as_str()));
    of_key.filter(|one| one.operation == "countTokens").count()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_check_is_for_those_who_know_the_secret() {
    let refused = |answer: &Answer| {
        assert_eq!(answer.status, 401, "{}", answer.text());
        assert!(!answer.text().contains("checked"), "{}", answer.text());
    };
    let (google, gateway) = house([("bad", KeyPlan::Invalid)]).await;
    assert_eq!(gateway.client().chat("hello").send().await.status, 503);
    for value in ["Bearer ", "Bearer", "", "Bearer x"] {
        let ask = gateway.client().anonymous("GET", "/api/cron/health-check");
        refused(&ask.header("authorization", value).send().await);
    }
    refused(&cron(&gateway, "GET").send().await);
    gateway.run(&["config", "set", "CRON_SECRET", SECRET]).await.ok();
    eventually("the secret is taken up", || async {
        cron(&gateway, "POST").send().await.status == 200
    })
    .await;
    let asked = checks(&google, "bad");
    assert!(asked >= 1);
    for value in ["Bearer e2e-cron-secreT", "Bearer e2e-cron-secret2", "Basic e2e-cron-secret"] {
        let ask = gateway.client().anonymous("POST", "/api/cron/health-check");
        refused(&ask.header("authorization", value).send().await);
    }
    refused(&gateway.client().get("/api/cron/health-check").send().await);
    let answer = cron(&gateway, "PUT").send().await;
    assert_eq!((answer.status, answer.header("allow")), (405, Some("GET, POST")));
    assert_eq!(checks(&google, "bad"), asked, "nobody else started one");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dead_key_that_works_again_serves_again_and_is_remembered_so() {
    let (google, mut gateway) =
        watched([("bad", KeyPlan::Invalid), ("old", KeyPlan::Expired)]).await;
    assert_eq!(gateway.client().chat("hello").send().await.status, 503);
    assert_eq!(check(&gateway).await, report(2, 0, 2, 0));
    google.script().update(|script| script.key(key("bad"), KeyPlan::Valid));
    assert_eq!(check(&gateway).await, report(2, 1, 1, 1));
    assert_eq!(gateway.client().chat("hello").send().await.status, 200);
    assert_eq!(check(&gateway).await, report(1, 0, 1, 0), "only those that fail");
    eventually("that is written down", || async {
        gateway.standing(&key("bad")).await["state"] == "ready"
            && gateway.standing(&key("old")).await["state"] == "dead"
    })
    .await;
    let ask = gateway.client().anonymous("GET", "/metrics");
    let metrics = ask.header("authorization", &format!("Bearer {METRICS}")).send().await.text();
    for line in [
        "gemini_balance_key_checks_total{result=\"alive\"} 1\n",
        "gemini_balance_key_checks_total{result=\"dead\"} 4\n",
        "gemini_balance_keys_revived_total 1\n",
    ] {
        assert!(metrics.contains(line), "no {line} in {metrics}");
    }
    gateway.kill().await;
    gateway.start_again().await;
    assert_eq!((gateway.keys("ready").await, gateway.keys("dead").await), (1, 1));
    gateway.run(&["keys", "disable", &key("old")]).await.ok();
    eventually("it is disabled", || async { gateway.keys("disabled").await == 1 }).await;
    assert_eq!(check(&gateway).await, report(0, 0, 0, 0), "what a person disabled stays so");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_overloaded_google_tells_nothing_about_a_dead_key() {
    let (google, gateway) = watched([("bad", KeyPlan::Invalid)]).await;
    assert_eq!(gateway.client().chat("hello").send().await.status, 503);
    google.script().update(|script| script.key(key("bad"), fault(Fault::Status503)));
    let answer = cron(&gateway, "POST").send().await.json();
    assert_eq!((&answer["checked"], &answer["unclear"]), (&json!(1), &json!(1)), "{answer}");
    assert!(answer["note"].as_str().unwrap().starts_with("503"), "{answer}");
    assert_eq!(gateway.keys("dead").await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_scheduler_that_leaves_stops_no_check() {
    let (google, gateway) = watched([("bad", KeyPlan::Invalid)]).await;
    assert_eq!(gateway.client().chat("hello").send().await.status, 503);
    let slow = fault(Fault::SlowFirstByte(std::time::Duration::from_millis(700)));
    google.script().update(|script| script.key(key("bad"), slow));
    let leaver = tokio::spawn(cron(&gateway, "GET").send());
    eventually("the check has begun", || async { checks(&google, "bad") == 1 }).await;
    leaver.abort();
    assert_eq!(check(&gateway).await, report(1, 1, 0, 1), "the result of the one that runs");
    assert_eq!((checks(&google, "bad"), gateway.keys("ready").await), (1, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_that_were_all_dead_for_a_while_come_back_by_themselves() {
    let names = ["a", "b", "c", "d", "e"];
    let (google, gateway) = house(names.map(|name| (name, KeyPlan::Valid))).await;
    for _ in names {
        assert_eq!(gateway.client().chat("hello").send().await.status, 200);
    }
    let before = names.map(|name| calls(&google, name));
    google.script().update(|script| script.keys(names.map(key), &KeyPlan::Invalid));
    assert_eq!(gateway.client().chat("hello").send().await.status, 503);
    assert_eq!(gateway.keys("dead").await, 5);
    let met = names.map(|name| calls(&google, name));
    assert!(before.iter().zip(met).all(|(before, met)| met == before + 1), "{before:?} {met:?}");
    eventually("they are asked about", || async { checks(&google, "a") == 1 }).await;
    google.script().update(|script| script.keys(names.map(key), &KeyPlan::Valid));
    eventually("all are back", || async { gateway.keys("ready").await == 5 }).await;
    assert_eq!(gateway.client().chat("hello").send().await.status, 200);
    for name in names {
        eventually("that is written down", || async {
            gateway.standing(&key(name)).await["state"] == "ready"
        })
        .await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_check_takes_out_no_mass_of_keys_that_served() {
    let names = ["a", "b", "c", "d"];
    let (google, mut gateway) = house(names.map(|name| (name, KeyPlan::Valid))).await;
    for _ in names {
        assert_eq!(gateway.client().chat("hello").send().await.status, 200);
    }
    assert_eq!(gateway.stop().await, Some(0));
    google.script().update(|script| script.keys(names.map(key), &KeyPlan::Suspended));
    let checked = gateway.json(&["keys", "check"]).await;
    for item in checked.as_array().unwrap() {
        assert_eq!(item["result"], "unclear", "{checked}");
        assert!(item["message"].as_str().unwrap().contains("4 of 4 keys"), "{checked}");
    }
    let checked = gateway.json(&["keys", "check", &key("a")]).await;
    assert_eq!(
        (&checked[0]["result"], &checked[0]["reason"]),
        (&json!("dead"), &json!("suspended"))
    );
    for (name, state) in [("a", "dead"), ("b", "ready"), ("c", "ready"), ("d", "ready")] {
        assert_eq!(gateway.standing(&key(name)).await["state"], state, "{name}");
    }
}
