use std::collections::BTreeMap;
use std::time::Duration;

use http::HeaderValue;
use http::header::RETRY_AFTER;
use keypool::DeathReason as D;
use serde_json::{Value, json};

use super::*;

/// 2026-11-21 12:00 UTC, which is 04:00 in California.
const NOW: Timestamp = Timestamp::from_millis(1_795_262_400_000);
/// From `NOW` to midnight in California.
const TO_MIDNIGHT: u64 = 20 * 3600;
const DAY: u64 = 24 * 3600;

fn catalogue() -> Vec<(String, u16, Vec<u8>)> {
    let text = include_str!("../../tests/data/errors.json");
    let catalogue: Value = serde_json::from_str(text).unwrap();
    let errors = catalogue["errors"].as_array().unwrap();
    errors
        .iter()
        .map(|error| {
            let body = match &error["body"] {
                Value::String(text) => text.clone().into_bytes(),
                object => serde_json::to_vec_pretty(object).unwrap(),
            };
            let status = u16::try_from(error["http"].as_u64().unwrap()).unwrap();
            (error["id"].as_str().unwrap().to_owned(), status, body)
        })
        .collect()
}

fn spent(
    window: Window,
    scope: Scope,
    seconds: Option<u64>,
    limit: Option<u64>,
    id: &str,
) -> Outcome {
    Outcome::QuotaSpent(QuotaSpent {
        window,
        scope,
        until: seconds.map(|seconds| NOW + Duration::from_secs(seconds)),
        limit,
        quota_id: (!id.is_empty()).then(|| id.to_owned()),
    })
}

fn spent_until(window: Window, millis: u64, limit: u64, id: &str) -> Outcome {
    Outcome::QuotaSpent(QuotaSpent {
        window,
        scope: Scope::Model,
        until: Some(NOW + Duration::from_millis(millis)),
        limit: Some(limit),
        quota_id: Some(id.to_owned()),
    })
}

#[rustfmt::skip]
fn expected() -> BTreeMap<&'static str, (Class, Outcome)> {
    use Class as C;
    use Outcome::{ClientFault, KeyDead, KeyRefused, ModelBusy, RegionRefused};
    use Window as W;
    let model = Scope::Model;
    BTreeMap::from([
        ("invalid_argument_generic", (C::Request, ClientFault)),
        ("invalid_argument_unknown_field", (C::Request, ClientFault)),
        ("context_too_long", (C::ContextLength, ClientFault)),
        ("missing_thought_signature", (C::Repairable, ClientFault)),
        ("last_turn_is_model", (C::Request, ClientFault)),
        ("function_turn_order", (C::Request, ClientFault)),
        ("function_response_count", (C::Request, ClientFault)),
        ("multiple_credentials", (C::Credential, KeyRefused)),
        ("api_key_invalid", (C::KeyDead, KeyDead(D::Invalid))),
        ("api_key_expired", (C::KeyDead, KeyDead(D::Expired))),
        ("location_not_supported", (C::Egress, RegionRefused)),
        ("free_tier_not_available", (C::KeyDead, KeyDead(D::BillingDisabled))),
        ("unauthenticated_token_type", (C::KeyDead, KeyDead(D::Unauthenticated))),
        ("unauthenticated_interactions", (C::KeyDead, KeyDead(D::Unauthenticated))),
        ("no_credentials", (C::Credential, KeyRefused)),
        ("consumer_suspended", (C::KeyDead, KeyDead(D::Suspended))),
        ("key_leaked", (C::KeyDead, KeyDead(D::Leaked))),
        ("project_denied", (C::KeyDead, KeyDead(D::ProjectDenied))),
        ("service_disabled", (C::KeyDead, KeyDead(D::ServiceDisabled))),
        ("api_key_service_blocked", (C::KeyDead, KeyDead(D::ServiceBlocked))),
        ("api_key_ip_blocked", (C::KeyDead, KeyDead(D::Restricted))),
        ("file_of_other_project", (C::ForeignResource, ClientFault)),
        ("model_not_found", (C::UnknownModel, ClientFault)),
        ("model_gone_for_new_users", (C::ModelDenied, spent(W::NotOffered, model, Some(DAY), None, ""))),
        ("html_404", (C::Request, ClientFault)),
        ("q_rpm_free", (C::QuotaMinute, spent_until(W::MinuteRequests, 21_518, 5, "GenerateRequestsPerMinutePerProjectPerModel-FreeTier"))),
        ("q_rpd_free", (C::QuotaDay, spent(W::DayRequests, model, Some(TO_MIDNIGHT), Some(20), "GenerateRequestsPerDayPerProjectPerModel-FreeTier"))),
        ("q_tpm_free", (C::QuotaMinute, spent_until(W::MinuteTokens, 13_800, 250_000, "GenerateContentInputTokensPerModelPerMinute-FreeTier"))),
        ("q_tpd_free", (C::QuotaDay, spent(W::DayTokens, model, Some(TO_MIDNIGHT), None, "GenerateContentInputTokensPerModelPerDay-FreeTier"))),
        // Three violations without a value, and "limit: 0" in words.
        ("q_model_not_on_free_tier", (C::ModelDenied, spent(W::NotOffered, model, Some(DAY), Some(0), "GenerateRequestsPerDayPerProjectPerModel-FreeTier"))),
        ("q_tpm_paid", (C::QuotaMinute, spent_until(W::MinuteTokens, 51_386, 3_000_000, "GenerateContentPaidTierInputTokensPerModelPerMinute-PaidTier2"))),
        ("q_rpd_paid", (C::QuotaDay, spent(W::DayRequests, model, Some(TO_MIDNIGHT), Some(1000), "GenerateRequestsPerDayPerProjectPerModel"))),
        // Its value is "0": by the catalogue's note, the model is not offered.
        ("q_old_style_errorinfo", (C::ModelDenied, spent(W::NotOffered, model, Some(DAY), Some(0), "GenerateContentRequestsPerMinutePerProjectPerRegion"))),
        ("q_bare", (C::QuotaUnknown, spent(W::Unknown, model, None, None, ""))),
        // The words of this one are not known.
        ("spend_rate_limit", (C::QuotaUnknown, spent(W::Unknown, model, None, None, ""))),
        ("prepay_depleted", (C::KeyDead, KeyDead(D::OutOfCredit))),
        ("monthly_cap", (C::KeyDead, KeyDead(D::OutOfCredit))),
        ("cancelled_499", (C::Cancelled, ModelBusy)),
        ("internal_500", (C::Transient, ModelBusy)),
        ("overloaded_503", (C::Overloaded, ModelBusy)),
        ("high_demand_503", (C::Overloaded, ModelBusy)),
        ("deadline_504", (C::Transient, ModelBusy)),
    ])
}

#[test]
fn every_known_body_is_judged_as_the_catalogue_says() {
    let mut expected = expected();
    for (id, status, body) in catalogue() {
        let verdict = classify(status, &HeaderMap::new(), &body, NOW);
        let Some(wanted) = expected.remove(id.as_str()) else { panic!("no expectation for {id}") };
        assert_eq!((verdict.class, verdict.outcome), wanted, "{id}");
        assert_eq!(verdict.status, status, "{id}");
        assert!(verdict.message.len() <= 500 && !verdict.message.is_empty(), "{id}");
    }
    assert!(expected.is_empty(), "not in the catalogue: {:?}", expected.keys());
}

#[test]
fn the_form_of_the_compat_surface_and_of_streams_says_the_same() {
    for (id, status, body) in catalogue() {
        let Ok(object) = serde_json::from_slice::<Value>(&body) else { continue };
        let plain = classify(status, &HeaderMap::new(), &body, NOW);
        let list = serde_json::to_vec(&json!([object])).unwrap();
        assert_eq!(classify(status, &HeaderMap::new(), &list, NOW), plain, "{id}");
        if object["error"]["code"].is_u64() {
            assert_eq!(classify_event_error(&body, NOW), Some(plain), "{id}");
        }
    }
}

fn judged(status: u16, error: &Value) -> Verdict {
    let body = serde_json::to_vec(&json!({ "error": error })).unwrap();
    classify(status, &HeaderMap::new(), &body, NOW)
}

fn quota(error: &Value) -> QuotaSpent {
    match judged(429, error).outcome {
        Outcome::QuotaSpent(spent) => spent,
        other => panic!("{other:?}"),
    }
}

fn after(seconds: f64) -> Timestamp {
    NOW + Duration::from_secs_f64(seconds)
}

fn details(quota_ids: &[&str], delay: &str) -> Value {
    let violations: Vec<_> = quota_ids.iter().map(|id| json!({"quotaId": id})).collect();
    json!([
        {"@type": "type.googleapis.com/google.rpc.QuotaFailure", "violations": violations},
        {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": delay},
    ])
}

#[test]
fn a_client_cannot_have_a_key_taken_out_by_its_own_words() {
    for words in [
        "Invalid JSON payload received. Unknown name \"API key not valid\" at 'contents'",
        "Invalid value: \"Your API key was reported as leaked.\"",
        "* x: Permission denied: Consumer 'api_key:k' has been suspended.",
    ] {
        assert_eq!(judged(400, &json!({"message": words})).outcome, Outcome::ClientFault);
        assert_eq!(judged(403, &json!({"message": words})).outcome, Outcome::KeyRefused);
    }
    // The right words under the wrong status.
    let verdict =
        judged(500, &json!({"message": "API key not valid. Please pass a valid API key."}));
    assert_eq!(verdict.outcome, Outcome::ModelBusy);
}

#[test]
fn another_services_state_is_not_the_keys() {
    let error = |service: &str| {
        json!({"message": "x", "details": [{
            "@type": "type.googleapis.com/google.rpc.ErrorInfo",
            "reason": "SERVICE_DISABLED",
            "metadata": {"service": service},
        }]})
    };
    assert_eq!(judged(403, &error("maps.googleapis.com")).outcome, Outcome::KeyRefused);
    let own = judged(403, &error("generativelanguage.googleapis.com")).outcome;
    assert_eq!(own, Outcome::KeyDead(D::ServiceDisabled));
}

#[test]
fn a_method_without_api_keys_costs_no_key() {
    let verdict = judged(
        401,
        &json!({
            "message": "API keys are not supported by this API. Expected OAuth2 access token or \
                        other authentication credentials that assert a principal.",
            "details": [{"@type": "type.googleapis.com/google.rpc.ErrorInfo",
                         "reason": "CREDENTIALS_MISSING"}],
        }),
    );
    assert_eq!(verdict.outcome, Outcome::ClientFault);
}

#[test]
fn of_several_quotas_the_worst_decides() {
    let minute = "GenerateRequestsPerMinutePerProjectPerModel-FreeTier";
    let tokens = "GenerateContentInputTokensPerModelPerMinute-FreeTier";
    let day = "GenerateRequestsPerDayPerProjectPerModel-FreeTier";
    for order in [[minute, day, tokens], [day, tokens, minute]] {
        let spent = quota(&json!({"details": details(&order, "0s")}));
        assert_eq!((spent.window, spent.scope), (Window::DayRequests, Scope::Model));
        assert_eq!(spent.until, Some(after(TO_MIDNIGHT as f64)));
        assert_eq!(spent.quota_id.as_deref(), Some(day));
    }
}

#[test]
fn minute_windows_last_as_long_as_the_longest_hint_and_a_second_at_least() {
    let minute = "GenerateRequestsPerMinutePerProjectPerModel";
    let until = |delay: &str, words: &str| {
        quota(&json!({"message": words, "details": details(&[minute], delay)})).until.unwrap()
    };
    assert_eq!(until("0s", ""), after(1.0));
    assert_eq!(until("900ms", ""), after(1.0));
    assert_eq!(until("34.07s", ""), after(34.07));
    assert_eq!(until("14s", "x\nPlease retry in 51.5s."), after(51.5));
    assert_eq!(until("14s", "Please retry in 900ms."), after(14.0));
    assert_eq!(until("1m30s", ""), after(90.0));
    assert_eq!(until("nonsense", "Please retry in a while."), after(60.0));
    assert_eq!(until("9999999s", ""), after(DAY as f64));
}

#[test]
fn a_quota_of_the_whole_project_is_one() {
    let spent = quota(&json!({"details": details(&["RequestsPerMinutePerProject"], "5s")}));
    assert_eq!((spent.window, spent.scope), (Window::MinuteRequests, Scope::Project));
    let spent = quota(&json!({"message": "You exceeded the spend rate limit of your project."}));
    assert_eq!((spent.window, spent.scope), (Window::Spend, Scope::Project));
    assert_eq!(spent.until, Some(after(600.0)));
}

#[test]
fn a_retry_after_header_is_believed() {
    let headers = HeaderMap::from_iter([(RETRY_AFTER, HeaderValue::from_static("30"))]);
    let verdict = classify(429, &headers, b"slow down", NOW);
    assert_eq!(verdict.outcome, spent(Window::Unknown, Scope::Model, Some(30), None, ""));
}

#[test]
fn limits_are_zero_only_when_they_are() {
    let denied = |words: &str| quota(&json!({"message": words})).window == Window::NotOffered;
    assert!(denied("x, limit: 0, model: m") && denied("limit:0"));
    assert!(!denied("limit: 0.5") && !denied("limit: 05") && !denied("limit: 100"));
}

#[test]
fn yesterdays_quota_just_after_midnight_does_not_cost_the_new_day() {
    let midnight = next_midnight();
    let body = serde_json::to_vec(
        &json!({"error": {"details": details(&["GenerateRequestsPerDayPerProjectPerModel"], "3s")}}),
    )
    .unwrap();
    let until = |now: Timestamp| match classify(429, &HeaderMap::new(), &body, now).outcome {
        Outcome::QuotaSpent(spent) => spent.until.unwrap(),
        other => panic!("{other:?}"),
    };
    let soon = midnight + Duration::from_mins(1);
    assert_eq!(until(soon), soon + Duration::from_mins(5));
    let later = midnight + Duration::from_mins(11);
    assert_eq!(until(later), midnight + Duration::from_secs(DAY));
    let before = Timestamp::from_millis(midnight.millis() - 1000);
    assert_eq!(until(before), midnight);
}

fn next_midnight() -> Timestamp {
    keypool::next_pacific_midnight(NOW)
}

#[test]
fn bodies_that_are_not_json_are_judged_by_status() {
    let judge = |status| classify(status, &HeaderMap::new(), b"<html>oops</html>", NOW);
    assert_eq!(judge(400).outcome, Outcome::ClientFault);
    assert_eq!(judge(401).outcome, Outcome::KeyRefused);
    assert_eq!(judge(402).outcome, Outcome::KeyRefused);
    assert_eq!(judge(403).outcome, Outcome::KeyRefused);
    assert_eq!(judge(413).outcome, Outcome::ClientFault);
    assert_eq!(judge(429).class, Class::QuotaUnknown);
    assert_eq!(judge(501).outcome, Outcome::ClientFault);
    for status in [408, 500, 502, 503, 504, 520, 529] {
        assert_eq!(judge(status).outcome, Outcome::ModelBusy, "{status}");
    }
    assert_eq!(judge(502).message, "<html>oops</html>");
    let long = classify(500, &HeaderMap::new(), "é".repeat(1000).as_bytes(), NOW);
    assert!(long.message.len() <= 500 && long.message.starts_with("éé"));
}

#[test]
fn an_error_in_a_stream_takes_its_status_from_its_name() {
    let judge = |text: &str| classify_event_error(text.as_bytes(), NOW);
    let verdict = judge(r#"{"error":{"message":"x","status":"UNAVAILABLE"}}"#).unwrap();
    assert_eq!((verdict.status, verdict.class), (503, Class::Overloaded));
    let verdict = judge(r#"{"error":{"message":"x"}}"#).unwrap();
    assert_eq!((verdict.status, verdict.grpc_status), (500, "INTERNAL"));
    assert_eq!(judge(r#"{"candidates":[]}"#), None);
    assert_eq!(judge("[]"), None);
    assert_eq!(judge("data"), None);
}

#[test]
fn messages_come_without_the_key_that_google_repeats() {
    let key = "AIzaSyD-0123456789abcdefghijklmnopqrstu";
    let words = format!("Permission denied: Consumer 'api_key:{key}' has been suspended.");
    let verdict = judged(403, &json!({"message": words}));
    assert_eq!(verdict.outcome, Outcome::KeyDead(D::Suspended));
    assert!(!verdict.message.contains(key), "{}", verdict.message);
}
