use std::time::Duration;

use serde_json::{Value, json};

use super::harness::{Got, Harness, KEY, MODEL, hello, path, says};
use crate::{KeyPlan, Quota, Script, Tier, VirtualClock};

const SECOND: &str = "AIzaSyTheSecondKey00000000000000000efgh";
/// 2026-12-01T12:00:00Z, four in the morning in Los Angeles.
const MORNING: i64 = 1_796_126_400_000;

async fn limited(quota: Quota) -> Harness {
    let script = Script::new()
        .keys([KEY, SECOND], &KeyPlan::Valid)
        .project("shared", [KEY, SECOND])
        .quota("shared", quota)
        .clock(VirtualClock::frozen_at(MORNING));
    Harness::new(script).await
}

fn detail(got: &Got, kind: &str) -> Value {
    let details = got.json()["error"]["details"].as_array().cloned().unwrap_or_default();
    let named = |detail: &&Value| detail["@type"].as_str().unwrap().ends_with(kind);
    details.iter().find(named).cloned().unwrap_or_else(|| panic!("no {kind} in {}", got.text))
}

fn violation(got: &Got) -> Value {
    detail(got, "QuotaFailure")["violations"][0].clone()
}

#[tokio::test]
async fn keys_of_a_project_share_its_minute_and_models_do_not() {
    let harness = limited(Quota::new().rpm(2)).await;
    let path_of = |model| path(model, "generateContent");
    assert_eq!(harness.generate(&hello()).await.status, 200);
    assert_eq!(harness.post(&path_of(MODEL), SECOND, &hello()).await.status, 200);
    let refused = harness.generate(&hello()).await;
    assert_eq!(refused.status, 429);
    assert_eq!(
        violation(&refused),
        json!({
            "quotaMetric": "generativelanguage.googleapis.com/generate_content_free_tier_requests",
            "quotaId": "GenerateRequestsPerMinutePerProjectPerModel-FreeTier",
            "quotaDimensions": {"location": "global", "model": MODEL},
            "quotaValue": "2",
        })
    );
    assert_eq!(detail(&refused, "RetryInfo")["retryDelay"], "60s");
    assert!(refused.message().ends_with("Please retry in 60s."), "{}", refused.text);
    assert!(refused.message().contains("limit: 2, model: gemini-3.8-flash"), "{}", refused.text);
    assert_eq!(harness.post(&path_of("gemini-2.5-flash"), KEY, &hello()).await.status, 200);
    harness.google.clock().advance(Duration::from_secs(61));
    assert_eq!(harness.generate(&hello()).await.status, 200);
}

#[tokio::test]
async fn the_day_ends_at_midnight_in_los_angeles() {
    let harness = limited(Quota::new().rpd(1)).await;
    assert_eq!(harness.generate(&hello()).await.status, 200);
    harness.google.clock().advance(Duration::from_hours(19));
    let refused = harness.generate(&hello()).await;
    assert_eq!(violation(&refused)["quotaId"], "GenerateRequestsPerDayPerProjectPerModel-FreeTier");
    let delay = detail(&refused, "RetryInfo")["retryDelay"].as_str().unwrap().to_owned();
    assert_eq!(delay, "60s", "short, although the day is not over");
    harness.google.clock().advance(Duration::from_hours(1));
    assert_eq!(harness.generate(&hello()).await.status, 200);
    assert_eq!(harness.generate(&hello()).await.status, 429);
    harness.google.clock().advance_to_pacific_midnight();
    assert_eq!(harness.generate(&hello()).await.status, 200);
}

#[tokio::test]
async fn input_tokens_are_limited_and_the_tier_is_named() {
    let harness = limited(Quota::new().tpm(100).tier(Tier::Paid2)).await;
    let refused = harness.generate(&says(&"word ".repeat(100))).await;
    assert_eq!(refused.status, 429);
    assert_eq!(
        violation(&refused)["quotaId"],
        "GenerateContentPaidTierInputTokensPerModelPerMinute-PaidTier2"
    );
    assert_eq!(harness.generate(&hello()).await.status, 200);
}

#[tokio::test]
async fn a_limit_of_zero_names_no_value() {
    let harness = limited(Quota::new().rpd(0)).await;
    let refused = harness.stream(&hello()).await;
    assert_eq!(refused.status, 429);
    assert_eq!(refused.headers["content-type"], "application/json; charset=UTF-8");
    assert!(refused.message().contains("limit: 0, model: gemini-3.8-flash"), "{}", refused.text);
    let violations = detail(&refused, "QuotaFailure")["violations"].clone();
    assert_eq!(violations.as_array().unwrap().len(), 3);
    assert_eq!(violations[0].get("quotaValue"), None);
}

#[tokio::test]
async fn refused_and_wrong_requests_cost_nothing() {
    let harness = limited(Quota::new().rpm(1)).await;
    assert_eq!(harness.generate(&json!({"contents": []})).await.status, 400);
    let count = path(MODEL, "countTokens");
    assert_eq!(harness.post(&count, KEY, &hello()).await.status, 200);
    assert_eq!(harness.generate(&hello()).await.status, 200);
    assert_eq!(harness.generate(&hello()).await.status, 429);
}
