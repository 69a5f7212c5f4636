use std::time::Duration;

use http::{Method, StatusCode};
use serde_json::{Value, json};

use super::harness::{Got, Harness, MODEL, finished};
use crate::{KeyPlan, Script};

const MINE: &str = "AIzaMine";
const SIBLING: &str = "AIzaSibling";
const OTHER: &str = "AIzaOther";

async fn harness() -> Harness {
    let script = Script::new().project("a", [MINE, SIBLING]).key(OTHER, KeyPlan::Valid);
    Harness::new(script.ready_after(1)).await
}

async fn send(
    harness: &Harness,
    method: Method,
    path: &str,
    headers: &[(&str, &str)],
    body: impl Into<String>,
) -> Got {
    finished(harness.open(method, path, headers, body.into()).await.unwrap()).await
}

async fn ask(
    harness: &Harness,
    method: Method,
    path: &str,
    key: &str,
    body: &Value,
) -> (u16, Value) {
    let headers = [("x-goog-api-key", key)];
    let body = if body.is_null() { String::new() } else { body.to_string() };
    let got = send(harness, method, path, &headers, body).await;
    (got.status.as_u16(), serde_json::from_str(&got.text).unwrap_or_default())
}

async fn upload(harness: &Harness, pieces: &[&str]) -> Value {
    let headers = [
        ("x-goog-api-key", MINE),
        ("host", "localhost"),
        ("x-goog-upload-command", "start"),
        ("x-goog-upload-header-content-type", "text/plain"),
    ];
    let metadata = json!({"file": {"display_name": "notes"}}).to_string();
    let begun = send(harness, Method::POST, "/upload/v1beta/files", &headers, metadata).await;
    let url = begun.headers["x-goog-upload-url"].to_str().unwrap().to_owned();
    let path = url.strip_prefix("http://localhost").unwrap();
    let mut offset = 0;
    let mut last = Value::Null;
    for (number, piece) in pieces.iter().enumerate() {
        let is_last = number + 1 == pieces.len();
        let command = if is_last { "upload, finalize" } else { "upload" };
        let at = offset.to_string();
        let headers = [
            ("x-goog-api-key", MINE),
            ("x-goog-upload-command", command),
            ("x-goog-upload-offset", &at),
        ];
        let got = send(harness, Method::POST, path, &headers, *piece).await;
        let status = if is_last { "final" } else { "active" };
        assert_eq!(got.headers["x-goog-upload-status"], status, "{}", got.text);
        offset += piece.len();
        last = serde_json::from_str(&got.text).unwrap_or_default();
    }
    last["file"].clone()
}

#[tokio::test]
async fn a_file_is_seen_by_its_project_only_and_for_two_days() {
    let harness = harness().await;
    let file = upload(&harness, &["some ", "bytes"]).await;
    let path = format!("/v1beta/{}", file["name"].as_str().unwrap());
    assert_eq!((&file["sizeBytes"], &file["displayName"]), (&json!("10"), &json!("notes")));
    assert_eq!(file["state"], "PROCESSING");
    let nothing = Value::Null;
    let (_, seen) = ask(&harness, Method::GET, &path, SIBLING, &nothing).await;
    assert_eq!(seen["state"], "ACTIVE");
    let (status, error) = ask(&harness, Method::GET, &path, OTHER, &nothing).await;
    assert_eq!(status, 403);
    let message = error["error"]["message"].as_str().unwrap();
    assert!(message.starts_with("You do not have permission to access the File"), "{message}");
    let body =
        json!({"contents": [{"parts": [{"fileData": {"fileUri": file["uri"]}}, {"text": "?"}]}]});
    let generate = format!("/v1beta/models/{MODEL}:generateContent");
    assert_eq!(ask(&harness, Method::POST, &generate, MINE, &body).await.0, 200);
    assert_eq!(ask(&harness, Method::POST, &generate, OTHER, &body).await.0, 403);
    assert_eq!(harness.google.strays(), 2);
    assert_eq!(ask(&harness, Method::GET, "/v1beta/files", OTHER, &nothing).await.1, json!({}));
    harness.google.clock().advance(Duration::from_hours(48));
    assert_eq!(ask(&harness, Method::GET, &path, MINE, &nothing).await.0, 403);
}

#[tokio::test]
async fn work_is_done_after_some_looks() {
    let harness = harness().await;
    let nothing = Value::Null;
    let path = format!("/v1beta/models/{MODEL}:batchGenerateContent");
    let (_, batch) = ask(&harness, Method::POST, &path, MINE, &json!({"batch": {}})).await;
    let path = format!("/v1beta/{}", batch["name"].as_str().unwrap());
    assert_eq!(ask(&harness, Method::GET, &path, MINE, &nothing).await.1["done"], nothing);
    let (_, done) = ask(&harness, Method::GET, &path, MINE, &nothing).await;
    assert_eq!(done["metadata"]["state"], "BATCH_STATE_SUCCEEDED");
    let output = done["response"]["responsesFile"].as_str().unwrap();
    let content = send(
        &harness,
        Method::GET,
        &format!("/v1beta/{output}:download?alt=media"),
        &[("x-goog-api-key", MINE)],
        "",
    )
    .await;
    assert!(content.text.starts_with("{\"key\""));
    assert_eq!(ask(&harness, Method::DELETE, &path, OTHER, &nothing).await.0, 403);
    assert_eq!(ask(&harness, Method::DELETE, &path, MINE, &nothing).await, (200, json!({})));
}

#[tokio::test]
async fn an_upload_is_cut_where_the_script_says() {
    let script = Script::new().key(MINE, KeyPlan::Valid).cut_uploads([1 << 20, 3]);
    let harness = Harness::new(script).await;
    let start = [("x-goog-api-key", MINE), ("x-goog-upload-command", "start"), ("host", "h")];
    let begun = send(&harness, Method::POST, "/upload/v1beta/files", &start, String::new()).await;
    assert_eq!(begun.status, StatusCode::OK, "its body is shorter");
    let url = begun.headers["x-goog-upload-url"].to_str().unwrap().to_owned();
    let path = url.strip_prefix("http://h").unwrap();
    let end = [
        ("x-goog-api-key", MINE),
        ("x-goog-upload-command", "upload, finalize"),
        ("x-goog-upload-offset", "0"),
    ];
    assert!(harness.open(Method::POST, path, &end, "some bytes".to_owned()).await.is_err());
    let query = [("x-goog-api-key", MINE), ("x-goog-upload-command", "query")];
    let stands = send(&harness, Method::POST, path, &query, String::new()).await;
    assert_eq!(stands.headers["x-goog-upload-size-received"], "3");
}

#[tokio::test]
async fn a_tuned_model_answers_its_project_only() {
    let harness = harness().await;
    let (_, begun) = ask(&harness, Method::POST, "/v1beta/tunedModels", MINE, &json!({})).await;
    let name = begun["metadata"]["tunedModel"].as_str().unwrap();
    assert_eq!(begun["name"], format!("{name}/operations/tune"));
    let body = json!({"contents": [{"parts": [{"text": "hello"}]}]});
    for method in ["generateContent", "generateText"] {
        let path = format!("/v1beta/{name}:{method}");
        let status = ask(&harness, Method::POST, &path, SIBLING, &body).await.0;
        assert_eq!(status, 200, "{method}");
    }
    for method in ["generateContent", "batchGenerateContent"] {
        let path = format!("/v1beta/{name}:{method}");
        assert_eq!(ask(&harness, Method::POST, &path, OTHER, &body).await.0, 403, "{method}");
    }
    assert_eq!(harness.google.strays(), 2);
    let path = "/v1beta/dynamic/d:generateContent";
    assert_eq!(ask(&harness, Method::POST, path, OTHER, &body).await.0, 200);
}

#[tokio::test]
async fn older_methods_and_registered_files_are_answered_in_their_shape() {
    let harness = harness().await;
    let path = "/v1beta/models/text-bison-001:countTextTokens";
    let (status, counted) = ask(&harness, Method::POST, path, MINE, &json!({})).await;
    assert_eq!((status, &counted["tokenCount"]), (200, &json!(3)));
    let uris = json!({"uris": ["gs://b/o"]});
    let (_, made) = ask(&harness, Method::POST, "/v1beta/files:register", MINE, &uris).await;
    let path = format!("/v1beta/{}", made["files"][0]["name"].as_str().unwrap());
    let (_, file) = ask(&harness, Method::GET, &path, SIBLING, &Value::Null).await;
    assert_eq!(file["uri"], "gs://b/o");
    assert_eq!(ask(&harness, Method::GET, &path, OTHER, &Value::Null).await.0, 403);
}
