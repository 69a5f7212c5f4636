//! What the audit log says of changes.

use fake_gemini::{FakeGemini, KeyPlan, Script};
use serde_json::{Value, json};
use testkit::{Client, key};

use crate::house::setup;

const PASSWORD: &str = "an administrator's password";

async fn entries(administrator: &Client, query: &str) -> Vec<Value> {
    let told = administrator.get(&format!("/api/admin/audit?{query}")).send().await.json();
    told.as_array().unwrap().clone()
}

/// What the newest entry of an action says was changed.
async fn changes(administrator: &Client, action: &str) -> Vec<Value> {
    let newest = entries(administrator, &format!("action={action}")).await.remove(0);
    let detail: Value = serde_json::from_str(newest["detail"].as_str().unwrap()).unwrap();
    let changes = if detail.is_array() { &detail } else { &detail["changes"] };
    changes.as_array().unwrap().clone()
}

async fn patch(administrator: &Client, path: &str, body: Value) {
    let ask = administrator.request("PATCH", path).header("content-type", "application/json");
    let answer = ask.body(body.to_string()).send().await;
    assert!(answer.status < 300, "{}", answer.text());
}

#[tokio::test(flavor = "multi_thread")]
async fn every_change_tells_what_was_before_and_after() {
    let google = FakeGemini::start(Script::new().key(key("one"), KeyPlan::Valid)).await.unwrap();
    let setup = setup().google(&google).keys([key("one")]).with("AUTH_TOKEN", PASSWORD);
    let mut gateway = setup.start().await;
    let administrator = gateway.client_with(PASSWORD);

    let keys = administrator.get("/api/admin/keys").send().await.json();
    let id = keys["keys"][0]["id"].as_str().unwrap().to_owned();
    let path = format!("/api/admin/keys/{id}");
    patch(&administrator, &path, json!({"project": "blue", "tags": ["paid", "eu"]})).await;
    let project = json!({"name": "project", "before": null, "after": "blue"});
    let tags = json!({"name": "tags", "before": null, "after": "paid, eu"});
    assert_eq!(changes(&administrator, "keys.edit").await, [project, tags]);

    let made = administrator.post("/api/admin/tokens", json!({"name": "phone"}).to_string());
    let made = made.send().await.json();
    let token = made["token"].as_str().unwrap();
    let path = format!("/api/admin/tokens/{}", made["id"].as_str().unwrap());
    patch(&administrator, &path, json!({"limits": {"requests_per_day": 9}})).await;
    patch(&administrator, &path, json!({"limits": {"requests_per_day": 12}})).await;
    let limit = json!({"name": "requests_per_day", "before": "9", "after": "12"});
    assert_eq!(changes(&administrator, "tokens.edit").await, [limit]);

    let saved = json!({"MAX_RETRIES": "5", "PICGO_API_KEY": "canary-secret"});
    patch(&administrator, "/api/admin/settings", saved).await;
    let saved = changes(&administrator, "settings.save").await;
    let retries = saved.iter().find(|change| change["name"] == "MAX_RETRIES").unwrap();
    assert_eq!((&retries["before"], &retries["after"]), (&json!("3"), &json!("5")));

    let all = entries(&administrator, "").await;
    let text = json!(all).to_string();
    for secret in ["canary-secret", token, &key("one")] {
        assert!(!text.contains(secret), "{text}");
    }
    let newest = all[0]["at"].as_i64().unwrap();
    let later = format!("since={}", newest + 1);
    assert!(entries(&administrator, &later).await.is_empty());
    assert_eq!(entries(&administrator, &format!("until={}", newest + 1)).await.len(), all.len());

    let version = env!("CARGO_PKG_VERSION");
    assert_eq!(gateway.stop().await, Some(0));
    gateway.start_again().await;
    let administrator = gateway.client_with(PASSWORD);
    let began = entries(&administrator, "action=version.").await;
    assert_eq!(began.len(), 1, "{began:?}");
    assert_eq!((&began[0]["object"], &began[0]["actor"]), (&json!(version), &json!("gateway")));
    let traffic = administrator.get("/api/admin/traffic?range=1h").send().await.json();
    let marks = traffic["marks"].as_array().unwrap();
    let marks: Vec<_> = marks.iter().map(|mark| mark["action"].as_str().unwrap()).collect();
    assert_eq!(marks, ["version.start", "settings.save"]);
}
