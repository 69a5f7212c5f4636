use http::Method;
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::harness::{Harness, KEY, MODEL, finished, hello, path};
use crate::{KeyPlan, Script};

#[tokio::test]
async fn each_plan_has_its_true_body() {
    for (plan, status, says, reason) in [
        (KeyPlan::Invalid, 400, "API key not valid", "API_KEY_INVALID"),
        (KeyPlan::Expired, 400, "API key expired", "API_KEY_INVALID"),
        (KeyPlan::Suspended, 403, "has been suspended", "CONSUMER_SUSPENDED"),
        (KeyPlan::Leaked, 403, "reported as leaked", ""),
        (KeyPlan::ServiceDisabled, 403, "has not been used in project", "SERVICE_DISABLED"),
        (KeyPlan::LocationUnsupported, 400, "User location is not supported", ""),
    ] {
        let harness = Harness::with(plan.clone()).await;
        let got = harness.generate(&hello()).await;
        assert_eq!(got.status, status, "{plan:?}");
        assert!(got.message().contains(says), "{plan:?}: {}", got.text);
        assert!(got.text.contains(reason), "{plan:?}: {}", got.text);
        assert_eq!(harness.get("/v1beta/models").await.status, status, "{plan:?} lists too");
    }
}

#[tokio::test]
async fn the_message_of_a_suspended_key_holds_the_key() {
    let harness = Harness::with(KeyPlan::Suspended).await;
    let got = harness.generate(&hello()).await;
    assert!(got.message().contains(&format!("api_key:{KEY}")), "{}", got.text);
}

#[tokio::test]
async fn unknown_keys_are_invalid_unless_told_otherwise() {
    let harness = Harness::new(Script::new()).await;
    assert_eq!(harness.generate(&hello()).await.status, 400);
    harness.google.script().update(|script| script.unknown_keys(KeyPlan::Valid));
    assert_eq!(harness.generate(&hello()).await.status, 200);
}

#[tokio::test]
async fn plans_change_while_running_and_sequences_end() {
    let harness = Harness::with(KeyPlan::Valid).await;
    let then = vec![KeyPlan::Leaked, KeyPlan::Fault(crate::Fault::Status503)];
    harness.google.script().update(|script| script.sequence(KEY, then));
    let mut statuses = Vec::new();
    for _ in 0..3 {
        statuses.push(harness.generate(&hello()).await.status.as_u16());
    }
    assert_eq!(statuses, [403, 503, 200]);
}

#[tokio::test]
async fn a_key_may_be_bad_for_one_model_only() {
    let script = Script::new().key(KEY, KeyPlan::Valid).key_on_model(KEY, MODEL, KeyPlan::Leaked);
    let harness = Harness::new(script).await;
    assert_eq!(harness.generate(&hello()).await.status, 403);
    let other = path("gemini-2.5-flash", "generateContent");
    assert_eq!(harness.post(&other, KEY, &hello()).await.status, 200);
    let pair = |model: &str| (KEY.to_owned(), model.to_owned());
    let calls = harness.google.calls_by_key_and_model();
    assert_eq!((calls[&pair(MODEL)], calls[&pair("gemini-2.5-flash")]), (1, 1));
    assert_eq!(harness.google.calls_by_key()[KEY], 2);
}

#[tokio::test]
async fn exactly_one_credential_is_taken() {
    let harness = Harness::with(KeyPlan::Valid).await;
    let plain = path(MODEL, "generateContent");
    let with_query = format!("{plain}?key={KEY}");
    let header = ("x-goog-api-key", KEY);
    let bearer = ("authorization", "Bearer x");
    for (target, headers, status, says) in [
        (&plain, vec![header], 200, ""),
        (&with_query, vec![], 200, ""),
        (&with_query, vec![header], 400, "Multiple authentication credentials received"),
        (&plain, vec![header, bearer], 400, "Multiple authentication credentials received"),
        (&plain, vec![bearer], 401, "invalid authentication credentials"),
        (&plain, vec![], 403, "unregistered callers"),
    ] {
        let response = harness.open(Method::POST, target, &headers, hello().to_string()).await;
        let got = finished(response.unwrap()).await;
        assert_eq!(got.status, status, "{headers:?} {}", got.text);
        assert!(got.text.contains(says), "{headers:?} {}", got.text);
    }
}

#[tokio::test]
async fn what_arrived_is_kept() {
    let harness = Harness::with(KeyPlan::Valid).await;
    harness.generate(&hello()).await;
    harness.get("/v1/models/none?a=b").await;
    let received = harness.google.received();
    assert_eq!(received.len(), 2);
    assert_eq!(
        (received[0].operation.as_str(), received[0].status),
        ("generateContent", Some(200))
    );
    assert_eq!(received[0].key.as_deref(), Some(KEY));
    assert_eq!(received[0].body, hello().to_string());
    assert_eq!((received[1].method.as_str(), received[1].status), ("GET", Some(404)));
    assert_eq!(received[1].query.as_deref(), Some("a=b"));
    assert_eq!(received[1].model.as_deref(), Some("none"));
    let seen = harness.get("/_fake/calls").await.json();
    assert_eq!(seen["byKey"], json!({KEY: 2}), "the question itself does not count");
}

#[tokio::test]
async fn only_the_newest_requests_are_kept() {
    let script = Script::new().key(KEY, KeyPlan::Valid).keep_received(1);
    let harness = Harness::new(script).await;
    harness.generate(&hello()).await;
    harness.get("/v1beta/models").await;
    let received = harness.google.received();
    assert_eq!(received.len(), 1);
    assert_eq!((received[0].operation.as_str(), received[0].status), ("models.list", Some(200)));
    assert_eq!(harness.google.calls_by_key()[KEY], 2);
}

#[tokio::test]
async fn whoever_meant_somebody_else_or_left_in_the_middle_does_not_count() {
    let harness = Harness::with(KeyPlan::Valid).await;
    let lost = harness.open(Method::GET, "/readyz", &[], String::new()).await.unwrap();
    assert_eq!(lost.status(), 404);
    let mut wire = TcpStream::connect(harness.google.address()).await.unwrap();
    let head = format!(
        "POST /v1beta/models/{MODEL}:generateContent HTTP/1.1\r\nhost: h\r\n\
         x-goog-api-key: {KEY}\r\ncontent-length: 100\r\n\r\n{{"
    );
    wire.write_all(head.as_bytes()).await.unwrap();
    wire.shutdown().await.unwrap();
    let mut heard = Vec::new();
    wire.read_to_end(&mut heard).await.unwrap();
    assert!(harness.google.received().is_empty(), "{:?}", harness.google.received());
    assert!(harness.google.calls_by_key().is_empty());
}
