use http::Method;
use serde_json::json;

use super::harness::{Harness, KEY, finished, hello, path};
use crate::{FakeGemini, KeyPlan, Script};

#[tokio::test]
async fn models_come_page_by_page() {
    let harness = Harness::with(KeyPlan::Valid).await;
    let all = harness.get("/v1beta/models?pageSize=1000").await.json();
    let all = all["models"].as_array().cloned().unwrap();
    let (mut names, mut query) = (Vec::new(), String::new());
    let mut pages = 0;
    loop {
        let page = harness.get(&format!("/v1beta/models?pageSize=7{query}")).await.json();
        names.extend(page["models"].as_array().unwrap().clone());
        pages += 1;
        match page["nextPageToken"].as_str() {
            Some(token) => query = format!("&pageToken={token}"),
            None => break,
        }
    }
    assert_eq!(names, all);
    assert_eq!(pages, all.len().div_ceil(7));
    assert_eq!(all[0]["name"], "models/gemini-4-argon");
    let methods = all[0]["supportedGenerationMethods"].as_array().unwrap();
    assert!(methods.contains(&json!("generateContent")));
    assert_eq!(harness.get("/v1beta/models?pageToken=nonsense").await.status, 400);
}

#[tokio::test]
async fn one_model_can_be_looked_up_in_all_versions() {
    let harness = Harness::with(KeyPlan::Valid).await;
    for version in ["v1beta", "v1", "v1alpha"] {
        let got = harness.get(&format!("/{version}/models/gemini-2.5-pro")).await.json();
        assert_eq!(got["name"], "models/gemini-2.5-pro");
        assert_eq!(got["inputTokenLimit"], 1_048_576);
    }
}

#[tokio::test]
async fn what_does_not_exist_is_404() {
    let harness = Harness::with(KeyPlan::Valid).await;
    let got = harness.post("/v1/models/gemini-none:generateContent", KEY, &hello()).await;
    assert_eq!(got.status, 404);
    assert_eq!(got.json()["error"]["status"], "NOT_FOUND");
    assert!(got.message().starts_with(
        "models/gemini-none is not found for API version v1, or is not supported for \
         generateContent."
    ));
    let wrong_family = path("gemini-embedding-001", "generateContent");
    assert_eq!(harness.post(&wrong_family, KEY, &hello()).await.status, 404);
    for nowhere in ["/v1beta/models/gemini-2.5-pro:dance", "/v1beta/nothing", "/"] {
        let got = harness.post(nowhere, KEY, &hello()).await;
        assert_eq!(got.status, 404, "{nowhere}");
        assert!(got.text.contains("<b>404.</b>"), "{nowhere}: {}", got.text);
    }
}

#[tokio::test]
async fn the_clock_can_be_moved_from_outside() {
    let harness = Harness::with(KeyPlan::Valid).await;
    let before = harness.google.clock().now_millis();
    let response = harness
        .open(Method::POST, "/_fake/advance?seconds=3600", &[], String::new())
        .await
        .unwrap();
    assert_eq!(finished(response).await.status, 200);
    assert!(harness.google.clock().now_millis() >= before + 3_600_000);
}

#[tokio::test]
async fn a_stopped_server_takes_no_more_connections() {
    let google = FakeGemini::start(Script::new()).await.unwrap();
    let address = google.address();
    google.stop().await;
    assert!(tokio::net::TcpStream::connect(address).await.is_err());
    let google = FakeGemini::start(Script::new()).await.unwrap();
    let address = google.address();
    drop(google);
    tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    assert!(tokio::net::TcpStream::connect(address).await.is_err());
}
