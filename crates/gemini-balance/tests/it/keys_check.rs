//! `keys check` against a simulated Google.

use fake_gemini::{FakeGemini, Fault, KeyPlan, Script};

use crate::program::Program;

const GOOD: &str = "AIzaSyCanaryGood0000000000000000000goo1";
const BAD: &str = "AIzaSyCanaryBad00000000000000000000bad2";
const SUSPENDED: &str = "AIzaSyCanarySuspended00000000000000sus3";
const BUSY: &str = "AIzaSyCanaryBusy0000000000000000000bus4";

#[tokio::test(flavor = "multi_thread")]
async fn a_check_takes_dead_keys_out_and_brings_healed_ones_back() {
    let script = Script::new()
        .key(GOOD, KeyPlan::Valid)
        .key(BAD, KeyPlan::Invalid)
        .key(SUSPENDED, KeyPlan::Suspended)
        .key(BUSY, KeyPlan::Fault(Fault::Status503));
    let google = FakeGemini::start(script).await.unwrap();
    let mut program = Program::new();
    program.set("BASE_URL", &google.base_url());
    program.ok(&["keys", "add", GOOD, BAD, SUSPENDED, BUSY]);

    let checked = program.json(&["keys", "check"]);
    let result =
        |index: usize| (checked[index]["result"].clone(), checked[index]["reason"].clone());
    assert_eq!(result(0), ("alive".into(), serde_json::Value::Null));
    assert_eq!(result(1), ("dead".into(), "invalid".into()));
    assert_eq!(result(2), ("dead".into(), "suspended".into()));
    assert_eq!(result(3).0, "unclear");
    assert!(!checked.to_string().contains("Canary"), "{checked}");
    let states = || {
        let list = program.json(&["keys", "list"]);
        let states = list.as_array().unwrap().iter().map(|key| key["state"].to_string());
        states.collect::<Vec<_>>().join(" ")
    };
    assert_eq!(states(), r#""ready" "dead" "dead" "ready""#);
    let calls = google.calls_by_key();
    // What is refused is asked a second time.
    for (key, expected) in [(GOOD, 1), (BAD, 2), (SUSPENDED, 2), (BUSY, 1)] {
        assert_eq!(calls[key], expected, "{key}");
    }

    google.script().update(|script| script.key(BAD, KeyPlan::Valid));
    let table = program.ok(&["keys", "check", "AIzaSy...bad2"]);
    assert!(table.contains("alive") && !table.contains("Canary"), "{table}");
    assert_eq!(states(), r#""ready" "ready" "dead" "ready""#);
    program.ok(&["keys", "enable", "AIzaSy...sus3"]);
    assert_eq!(states(), r#""ready" "ready" "ready" "ready""#);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_google_out_of_reach_kills_no_key() {
    let mut program = Program::new();
    program.set("BASE_URL", "http://127.0.0.1:9");
    program.ok(&["keys", "add", GOOD]);
    assert_eq!(program.json(&["keys", "check"])[0]["result"], "unclear");
    assert_eq!(program.json(&["keys", "list"])[0]["state"], "ready");
}
