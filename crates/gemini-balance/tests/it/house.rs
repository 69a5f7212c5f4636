//! A gateway with a simulated Google behind it.

use fake_gemini::{FakeGemini, Fault, KeyPlan, Script};
use serde_json::{Value, json};
use store::LoggedRequest;
use testkit::{Gateway, Setup, eventually};

/// How the built program is run.
pub(crate) fn setup() -> Setup {
    Setup::new(env!("CARGO_BIN_EXE_gemini-balance"))
}

/// Google with these keys.
pub(crate) async fn google<'a>(keys: impl IntoIterator<Item = (&'a str, KeyPlan)>) -> FakeGemini {
    let script = keys
        .into_iter()
        .fold(Script::new(), |script, (name, plan)| script.key(testkit::key(name), plan));
    FakeGemini::start(script).await.unwrap()
}

/// Google with these keys, and a gateway that has the same.
pub(crate) async fn house<const N: usize>(keys: [(&str, KeyPlan); N]) -> (FakeGemini, Gateway) {
    let names = keys.clone().map(|(name, _)| testkit::key(name));
    let google = google(keys).await;
    let gateway = setup().google(&google).keys(names).start().await;
    (google, gateway)
}

/// A fault as a key's plan.
pub(crate) fn fault(fault: Fault) -> KeyPlan {
    KeyPlan::Fault(fault)
}

/// Google's answer to a request beyond the quota of a minute, which names the way to wait.
pub(crate) fn spent_for(seconds: u32) -> KeyPlan {
    let body = json!({"error": {
        "code": 429,
        "message": "You exceeded your current quota, please check your plan and billing details.",
        "status": "RESOURCE_EXHAUSTED",
        "details": [
            {"@type": "type.googleapis.com/google.rpc.QuotaFailure", "violations": [{
                "quotaMetric": "generativelanguage.googleapis.com/generate_content_free_tier_requests",
                "quotaId": "GenerateRequestsPerMinutePerProjectPerModel-FreeTier",
                "quotaDimensions": {"location": "global", "model": testkit::MODEL},
                "quotaValue": "1000",
            }]},
            {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": format!("{seconds}s")},
        ],
    }});
    fault(Fault::Replay(body.to_string()))
}

/// How often Google was asked with this key.
pub(crate) fn calls(google: &FakeGemini, key: &str) -> u64 {
    google.calls_by_key().get(&testkit::key(key)).copied().unwrap_or_default()
}

/// How often Google was asked at all.
pub(crate) fn all_calls(google: &FakeGemini) -> u64 {
    google.calls_by_key().values().sum()
}

/// The rows of the request log, once there are so many: they are written behind the answers' backs.
pub(crate) async fn rows(gateway: &Gateway, count: usize) -> Vec<LoggedRequest> {
    let records = gateway.records().await;
    eventually("the requests are in the log", || async { records.requests().await.len() >= count })
        .await;
    records.requests().await
}

/// Parses JSON that a test itself wrote or received.
#[track_caller]
pub(crate) fn parse(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"))
}
