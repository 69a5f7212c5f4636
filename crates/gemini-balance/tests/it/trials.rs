//! A message to try a client token with: it goes through the public API, in each protocol.

use fake_gemini::KeyPlan;
use serde_json::{Value, json};
use testkit::{Gateway, MODEL, key};

use crate::house::{google, rows, setup};

const PASSWORD: &str = "correct horse battery staple";

async fn tried(gateway: &Gateway, token: &str, protocol: &str, model: &str) -> Value {
    let body = json!({"protocol": protocol, "model": model}).to_string();
    let path = format!("/api/admin/tokens/{token}/try");
    gateway.client_with(PASSWORD).post(&path, body).send().await.json()
}

async fn created(gateway: &Gateway, name: &str) -> String {
    let made = gateway.client_with(PASSWORD);
    let made = made.post("/api/admin/tokens", json!({"name": name}).to_string()).send().await;
    made.json()["id"].as_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn each_protocol_is_answered_and_logged_as_the_token() {
    let google = google([("good", KeyPlan::Valid)]).await;
    let gateway =
        setup().with("AUTH_TOKEN", PASSWORD).google(&google).keys([key("good")]).start().await;
    let token = created(&gateway, "laptop").await;
    for protocol in ["chat", "responses", "anthropic", "gemini"] {
        let told = tried(&gateway, &token, protocol, MODEL).await;
        assert_eq!(told["status"], 200, "{protocol}: {told}");
        assert!(!told["words"].as_str().unwrap().is_empty(), "{protocol}: {told}");
        assert_eq!(told["request_id"].as_str().unwrap().len(), 36);
    }
    let logged = rows(&gateway, 4).await;
    assert!(logged.iter().all(|row| row.token_name.as_deref() == Some("laptop")));

    let wrong = tried(&gateway, &token, "chat", "no-such-model").await;
    assert_eq!(wrong["status"], 404, "{wrong}");
    assert!(!wrong["words"].as_str().unwrap().is_empty());
    let odd = tried(&gateway, &token, "telnet", MODEL).await;
    assert!(odd["error"]["message"].as_str().unwrap().starts_with("protocol: "), "{odd}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_limits_of_the_token_hold_and_a_revoked_one_is_refused() {
    let google = google([("good", KeyPlan::Valid)]).await;
    let gateway =
        setup().with("AUTH_TOKEN", PASSWORD).google(&google).keys([key("good")]).start().await;
    let token = created(&gateway, "phone").await;
    let limit = json!({"limits": {"requests_per_minute": 1}}).to_string();
    let client = gateway.client_with(PASSWORD);
    let path = format!("/api/admin/tokens/{token}");
    let change = client.request("PATCH", &path).header("content-type", "application/json");
    assert_eq!(change.body(limit).send().await.status, 204);
    testkit::eventually("the limit holds", || async {
        tried(&gateway, &token, "chat", MODEL).await["status"] == 429
    })
    .await;
    assert_eq!(client.request("DELETE", &path).send().await.status, 204);
    testkit::eventually("it lets nobody in", || async {
        let told = tried(&gateway, &token, "gemini", MODEL).await;
        told["status"] == 401 && told["words"].as_str().unwrap().contains("nobody in")
    })
    .await;
}
