//! `doctor`: what is wrong, line by line.

use std::fs;
use std::net::TcpListener;

use fake_gemini::{FakeGemini, KeyPlan, Script};
use serde_json::Value;
use testkit::key;

use crate::house::{google, setup};
use crate::program::Program;

const PASSWORD: &str = "correct horse battery staple";

/// The check of this name.
#[track_caller]
fn check<'c>(checks: &'c Value, name: &str) -> &'c Value {
    let found = checks.as_array().unwrap().iter().find(|check| check["name"] == name);
    found.unwrap_or_else(|| panic!("no {name} in {checks:#}"))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_good_house_is_well_and_keeps_its_secrets() {
    let google = google([("one", KeyPlan::Valid)]).await;
    let setup = setup().google(&google).keys([key("one")]).with("AUTH_TOKEN", PASSWORD);
    let gateway = setup.start().await;
    let run = gateway.run(&["doctor", "--json"]).await;
    assert_eq!(run.code, Some(0), "{}", run.stdout);
    let checks: Value = serde_json::from_str(&run.stdout).unwrap();
    for name in [
        "data folder",
        "database",
        "settings",
        "sealed secrets",
        "administrator's password",
        "keys",
        "client tokens",
        "upstream, direct",
    ] {
        assert_eq!(check(&checks, name)["verdict"], "ok", "{checks:#}");
    }
    let table = gateway.run(&["doctor"]).await.ok();
    assert!(table.lines().any(|line| line.starts_with("ok    keys ")), "{table}");
    for secret in [key("one").as_str(), PASSWORD, testkit::TOKEN] {
        assert!(!table.contains(secret) && !run.stdout.contains(secret), "{table}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_is_named_with_what_to_do() {
    let nobody = TcpListener::bind("127.0.0.1:0").unwrap();
    let dead_end = nobody.local_addr().unwrap();
    drop(nobody);
    let setup = setup()
        .without("ALLOWED_TOKENS")
        .with("AUTH_TOKEN", "sk-123456")
        .with("BASE_URL", format!("http://{dead_end}/v1beta"))
        .with("PROXIES", format!("http://user:secret-of-the-proxy@{dead_end}"))
        .with("REDIS_URL", format!("redis://:secret-of-redis@{dead_end}"));
    // The database is made by any command that works on it.
    setup.run(&["keys", "list"]).await.ok();
    let run = setup.run(&["doctor", "--json"]).await;
    assert_eq!(run.code, Some(1), "{}", run.stdout);
    assert!(!run.stdout.contains("secret-of"), "{}", run.stdout);
    let checks: Value = serde_json::from_str(&run.stdout).unwrap();
    for (name, verdict) in [
        ("keys", "fail"),
        ("client tokens", "warn"),
        ("administrator's password", "warn"),
        ("Redis", "warn"),
        ("clock", "warn"),
    ] {
        let found = check(&checks, name);
        assert_eq!(found["verdict"], verdict, "{checks:#}");
        assert!(found["advice"].is_string(), "{checks:#}");
    }
    let upstream = checks.as_array().unwrap().iter();
    let upstream = upstream.filter(|check| check["name"].as_str().unwrap().starts_with("upstream"));
    assert!(upstream.clone().all(|check| check["verdict"] == "fail"), "{checks:#}");
    assert_eq!(upstream.count(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn vertex_ai_is_looked_at_where_it_has_keys() {
    let script = Script::new()
        .key(key("one"), KeyPlan::Valid)
        .vertex_key(key("v1"), KeyPlan::Suspended)
        .vertex_key(key("v2"), KeyPlan::Valid);
    let google = FakeGemini::start(script).await.unwrap();
    let setup = setup().google(&google).keys([key("one")]);
    let gateway = setup.with("AUTH_TOKEN", PASSWORD).start().await;
    let without = gateway.run(&["doctor"]).await.ok();
    assert!(!without.contains("Vertex"), "{without}");

    gateway.run(&["keys", "add", "--vertex", &key("v1"), &key("v2")]).await.ok();
    let checks: Value =
        serde_json::from_str(&gateway.run(&["doctor", "--json"]).await.ok()).unwrap();
    for name in ["keys", "keys of Vertex AI", "Vertex AI, direct"] {
        assert_eq!(check(&checks, name)["verdict"], "ok", "{checks:#}");
    }
    let says = check(&checks, "Vertex AI, direct")["says"].as_str().unwrap();
    assert!(says.contains("/v1beta1/publishers/google answers in"), "{says}");
    let asked = google.received().pop().unwrap();
    assert!(!asked.key.unwrap_or_default().starts_with("AIza"), "no key is shown to a stranger");

    gateway.run(&["keys", "remove", &key("v2")]).await.ok();
    gateway.run(&["keys", "check", &key("v1")]).await;
    let run = gateway.run(&["doctor", "--json"]).await;
    assert_eq!(run.code, Some(1), "{}", run.stdout);
    let checks: Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!(check(&checks, "keys of Vertex AI")["verdict"], "fail", "{checks:#}");
    assert_eq!(check(&checks, "keys")["verdict"], "ok", "{checks:#}");
}

#[test]
fn it_works_where_nothing_else_does() {
    let mut program = Program::new();
    let run = program.run(&["doctor"]);
    assert!(run.stdout.contains("the first start makes"), "{}", run.stdout);
    assert!(!program.directory().join("data").exists(), "a doctor changes nothing");

    program.set("MASTER_KEY", "one master key for the tests");
    program.ok(&["keys", "add", "AIzaSyDoctor00000000000000000000000one1"]);
    program.set("MASTER_KEY", "another master key for the tests");
    let run = program.run(&["doctor"]);
    assert_eq!(run.code, Some(1));
    assert!(run.stdout.contains("fail  master key"), "{}", run.stdout);

    program.set("MAX_RETRIES", "many");
    let run = program.run(&["doctor"]);
    assert_eq!(run.code, Some(1));
    assert!(run.stdout.contains("fail  settings") && run.stdout.contains("MAX_RETRIES"));
    fs::write(program.directory().join(".env"), "no line of a file").unwrap();
    let run = program.run(&["doctor"]);
    assert_eq!(run.code, Some(1));
    assert!(run.stdout.contains("fail  environment"), "{}", run.stdout);
}
